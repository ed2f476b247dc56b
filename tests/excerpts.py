"""Excerpts to cite: words of an article with all its fields known, or a whole text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helpers import article

from rag.text import Span, locate
from rag.types import Article, Excerpt

URL = "https://gazette.example/2026/hearing"
FIELDS = {
    "title": "The hearing", "author": "Perran Dunmore", "publisher": "Harbour Gazette", "published": "2026-09-08",
    "url": URL, "external_id": "hearing",
}  # fmt: skip
MUD = "“Mud does not read a licence,”"


def cut(words: str, whole: Article | None = None) -> Excerpt:
    whole = whole or article(**FIELDS)
    span = locate(words, whole.text)
    assert span is not None
    return whole.excerpt(span)


def whole_of(text: str, **fields: str) -> Excerpt:
    found = article(text, **fields)
    return found.excerpt(Span(0, len(found.text)))


def citations(found: Any) -> Iterator[dict[str, Any]]:
    """Every citation in an answer, wherever it stands."""
    if isinstance(found, dict):
        if {"quote", "start", "end", "article_id"} <= found.keys():
            yield found
        found = list(found.values())
    for part in found if isinstance(found, list) else ():
        yield from citations(part)
