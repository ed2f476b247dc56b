"""Citations: made from evidence, found again by id, and where their words stand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from urllib.parse import urlencode

from rag.attribution import attribute, speaker_of
from rag.errors import NotFoundError
from rag.library import Library
from rag.text import Span
from rag.types import Article, Citation, Evidence, Excerpt

CONTEXT = 300
"""Characters of context before and after."""

_ID = re.compile(r"[0-9a-f]{20}-[0-9]{1,12}-[0-9]{1,12}")


def numbered(evidence: Iterable[Evidence]) -> list[Citation]:
    """Evidence as citations 1, 2, …"""
    return [Citation(n, e.excerpt, e.speaker, e.score) for n, e in enumerate(evidence, start=1)]


def is_id(text: str) -> bool:
    """Whether `text` is a citation id, be it of an article that is here or not."""
    return _ID.fullmatch(text.strip()) is not None


def checked_id(citation_id: str) -> str:
    """A citation id without the space around it. Raises NotFoundError for what is none."""
    if not is_id(citation_id):
        raise NotFoundError(f"{citation_id!r} is not a citation id; one looks like 3f2a…-1024-1100.")
    return citation_id.strip()


def resolve(citation_id: str, library: Library) -> Excerpt:
    """The words that a citation id names. Raises NotFoundError that says what is wrong with the id, and
    ArticleDamagedError where its article is not what was stored.
    """
    revision, start, end = checked_id(citation_id).split("-")
    article = library.revision(revision)
    try:
        return article.excerpt(Span(int(start), int(end)))
    except ValueError as exc:
        raise NotFoundError(f"{citation_id!r} points outside its article, {article.title or article.id}.") from exc


def find(citation_id: str, library: Library) -> Citation:
    """As `resolve`, with the speaker that retrieval shows for the same words; of an earlier revision too."""
    excerpt = resolve(citation_id, library)
    article = excerpt.article
    if library.is_current(article):
        said = library.quotations.overlapping(excerpt)
    else:
        said = [q for q in attribute(article) if q.excerpt.span.overlaps(excerpt.span)]
    return Citation(1, excerpt, speaker_of(said))


def context(excerpt: Excerpt, most: int = CONTEXT) -> tuple[str, str]:
    """The text right before and right after, up to `most` characters each, cut at a word."""
    text, (start, end) = excerpt.article.text, excerpt.span
    first, last = max(0, start - most), min(len(text), end + most)
    # Where no word ends (Chinese is written without spaces), the cut stays where it fell.
    first = next((at for at in range(first, start) if at == 0 or text[at - 1].isspace()), first)
    last = next((at for at in range(last, end, -1) if at == len(text) or text[at].isspace()), last)
    return text[first:start], text[end:last]


def link(excerpt: Excerpt, public_url: str = "") -> str:
    """Opens the reader on the passage; relative to the app unless `public_url` is set."""
    return f"{public_url.rstrip('/')}/?{urlencode({'article': excerpt.article.id, 'at': excerpt.id})}"


def source(article: Article) -> str:
    """Where words stand, for a reader: title, publisher and date, as far as they are known."""
    place = ", ".join(part for part in (article.publisher, spelled(article.published)) if part)
    title = article.title or "an untitled article"
    return f"{title} ({place})" if place else title


def spelled(published: str) -> str:
    """An ISO date as it is printed, "8 September 2026"; empty stays empty."""
    if not published:
        return ""
    day = date.fromisoformat(published)
    return f"{day.day} {day:%B} {day.year}"
