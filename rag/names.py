"""Names as they are compared: without titles, case and accents; and descriptions, which are none."""

from __future__ import annotations

from functools import lru_cache

from rag.speech import speech, split_title
from rag.words import words


@lru_cache(maxsize=16_384)
def name_words(name: str) -> frozenset[str]:
    """The folded words of a name, without titles and "the"; of a description, all but its article."""
    parts = [part for part in name.split() if part.lower() not in speech().determiners]
    capital = [part for part in parts if not part[0].islower()]
    if capital and not is_description(name):
        parts = capital
    bare, _ = split_title(" ".join(parts))
    return frozenset(words(bare or " ".join(parts))) - {"s"}


def is_description(name: str) -> bool:
    """Whether somebody is called by what they are: "the mayor", "an official"."""
    return name.split()[0].lower() in speech().determiners and name.split()[-1].islower()
