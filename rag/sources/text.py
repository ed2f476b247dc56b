"""Plain text: kept whole, character for character."""

from __future__ import annotations

from rag.sources.document import Document, Limits, body, decode
from rag.sources.fields import one_line
from rag.types import Article

_LONGEST_TITLE = 200
"""Characters; a longer first line is a paragraph."""


def article(document: Document, limits: Limits) -> Article:
    """The file as one article. Raises SourceError."""
    text = body(document.name, decode(document))
    title = _headline(text) or one_line(document.stem)
    return Article(text=text, title=title, origin=document.origin)


def _headline(text: str) -> str:
    """The first line with something on it, if it is short and more follows; it stays in the text."""
    first, _, rest = text.strip().partition("\n")
    return one_line(first) if rest and len(first.strip()) <= _LONGEST_TITLE else ""
