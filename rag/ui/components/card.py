"""A quotation as a card: the words, who says them, where, and what can be done with them."""

from __future__ import annotations

from typing import Any

from rag import cite, references
from rag.text import quoted
from rag.types import Citation, Excerpt
from rag.ui.lookup import speaker_link


def card(citation: Citation, origin: str) -> dict[str, Any]:
    """The data of a card; `origin` is put before the links in copied citations."""
    article = citation.excerpt.article
    return {
        "id": citation.id,
        "n": citation.n,
        "parts": parts(citation.excerpt),
        "speaker": citation.speaker,
        "speaker_link": speaker_link(citation.speaker) if citation.speaker else "",
        "title": article.title or "Untitled article",
        "publisher": article.publisher,
        "date": cite.spelled(article.published),
        "link": cite.link(citation.excerpt),
        "markdown": references.export(citation, "markdown", origin),
    }


def parts(excerpt: Excerpt) -> list[tuple[str, bool]]:
    """The excerpt's text in pieces, each with whether it stands in quotation marks. Joined, they are the text.

    The marks are paired in the whole article: an excerpt may end before its quotation does.
    """
    text, (start, end) = excerpt.article.text, excerpt.span
    pieces: list[tuple[str, bool]] = []
    at = start
    for span in quoted(text):
        if span.overlaps(excerpt.span):
            first, last = max(span.start, start), min(span.end, end)
            pieces += [(text[at:first], False), (text[first:last], True)]
            at = last
    pieces.append((text[at:end], False))
    return [piece for piece in pieces if piece[0]]
