"""An article to read, with the cited words marked and brought to the middle of the window."""

from __future__ import annotations

import re
from typing import Any

from rag import cite
from rag.text import Span
from rag.types import Article, Citation
from rag.ui.components.assets import component

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def reader(article: Article, citation: Citation | None, current: str, origin: str) -> None:
    """Draw `article`; `current` is the link to its current version where this is an earlier one."""
    component("reader")(key="reader", data=reader_data(article, citation, current, origin))


def reader_data(article: Article, citation: Citation | None, current: str, origin: str) -> dict[str, Any]:
    return {
        "title": article.title or "Untitled article",
        "author": article.author,
        "publisher": article.publisher,
        "date": cite.spelled(article.published),
        "url": article.url,
        "current": current,
        "link": cite.link(citation.excerpt, origin) if citation else f"{origin}{article_link(article)}",
        "markdown": cite.export(citation, "markdown", origin) if citation else "",
        "paragraphs": paragraphs(article.text, citation.excerpt.span if citation else Span(0, 0)),
    }


def article_link(article: Article) -> str:
    """Opens the reader on the current version of an article."""
    return f"/?article={article.id}"


def paragraphs(text: str, marked: Span) -> list[list[tuple[str, bool]]]:
    """The lines of `text`, line ends included, in pieces that are marked or not. Joined, they are `text`."""
    return [_pieces(text, Span(*match.span()), marked) for match in _LINE.finditer(text)]


def _pieces(text: str, line: Span, marked: Span) -> list[tuple[str, bool]]:
    start = min(max(marked.start, line.start), line.end)
    end = max(min(marked.end, line.end), start)
    pieces = [(text[line.start : start], False), (text[start:end], True), (text[end : line.end], False)]
    return [piece for piece in pieces if piece[0]]
