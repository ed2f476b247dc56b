"""Words in a row, as the tables of this package have them."""

from __future__ import annotations


def listed(words: str) -> frozenset[str]:
    """Words with space between them."""
    return frozenset(words.split())


def paired(pairs: str) -> dict[str, str]:
    """Pairs with space between them, each with a colon in it."""
    return dict(pair.split(":") for pair in pairs.split())
