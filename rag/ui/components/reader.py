"""An article to read, with the cited words marked and brought to the middle of the window."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from rag import cite, references
from rag.text import Span
from rag.types import Article, Citation, Summary
from rag.ui.components.assets import component

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def reader(
    article: Article,
    citation: Citation | None,
    current: str,
    origin: str,
    summary: Summary | None = None,
    writing: bool = False,
    summarise: Callable[[], None] = lambda: None,
    stop: Callable[[], None] = lambda: None,
) -> None:
    """Draw `article`; `current` is the link to its current version where this is an earlier one.

    `summarise` is what a button does while there is no `summary`; `stop` is one while a model is `writing` it.
    """
    data = reader_data(article, citation, current, origin)
    data |= {"summary": summary_data(summary) | {"writing": writing} if summary is not None else None}
    component("reader", "numbers", "formats")(
        key="reader", data=data, on_summarise_change=summarise, on_stop_change=stop
    )


def reader_data(article: Article, citation: Citation | None, current: str, origin: str) -> dict[str, Any]:
    return {
        "title": article.title or "Untitled article",
        "author": article.author,
        "publisher": article.publisher,
        "date": cite.spelled(article.published),
        "url": article.url,
        "current": current,
        "link": cite.link(citation.excerpt, origin) if citation else f"{origin}{article_link(article)}",
        "markdown": references.export(citation, "markdown", origin) if citation else "",
        "formats": files(citation, origin) if citation else [],
        "paragraphs": paragraphs(article.text, citation.excerpt.span if citation else Span(0, 0)),
    }


def files(citation: Citation, origin: str) -> list[dict[str, str]]:
    """The citation in every format but Markdown, which has a button of its own, each with a name to save it under."""
    return [
        {
            "label": kind.label,
            "name": f"citation-{citation.id}.{kind.suffix}",
            "type": kind.media_type,
            "text": references.export(citation, form, origin),
        }
        for form, kind in references.FILE_TYPES.items()
        if form != "markdown"
    ]


def summary_data(summary: Summary) -> dict[str, Any]:
    """The sentences, and where in the text, as JavaScript counts it, each number stands."""
    quotes = {citation.n: citation.quote for citation in summary.citations}
    return {
        "sentences": [
            {"words": claim.text, "numbers": list(claim.citations), "own": claim.text == quotes[claim.citations[0]]}
            for claim in summary.sentences
        ],
        "places": {str(citation.n): _utf16(citation) for citation in summary.citations},
        "model": summary.model or "",
        "withheld": summary.withheld,
        "notice": summary.notice,
    }


def _utf16(citation: Citation) -> list[int]:
    """Start and end in UTF-16 code units."""
    text = citation.excerpt.article.text
    return [len(text[:at].encode("utf-16-le")) // 2 for at in citation.excerpt.span]


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
