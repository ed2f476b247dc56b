"""The words of English by which prose is read: `rag/data/prose.toml`, read once."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def vocabulary() -> dict[str, Any]:
    data: dict[str, Any] = tomllib.loads(files("rag").joinpath("data/prose.toml").read_text("utf-8"))
    return data


@cache
def abbreviations() -> frozenset[str]:
    """What a full stop stands after without ending a sentence, in lower case."""
    return frozenset(vocabulary()["abbreviations"])


def is_negation(word: str) -> bool:
    """Whether a word, folded, is a "not" or of that sense."""
    return word.lower() in _negations() or _CONTRACTED.fullmatch(word) is not None


_CONTRACTED = re.compile(r"\w+n't", re.IGNORECASE)


@cache
def _negations() -> frozenset[str]:
    return frozenset(vocabulary()["polarity"]["negations"])
