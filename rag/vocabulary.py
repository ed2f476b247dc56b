"""The words of English by which prose is read: `rag/data/prose.toml`, read once."""

from __future__ import annotations

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
