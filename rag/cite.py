"""Citations: made from evidence, found again by id, written out as other programs want them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Literal
from urllib.parse import quote as percent_encoded
from urllib.parse import urlencode

from rag.attribution import attribute, speaker_of
from rag.errors import NotFoundError
from rag.library import Library
from rag.text import Span
from rag.types import Article, Citation, Evidence, Excerpt, people

Format = Literal["json", "markdown", "csl-json", "bibtex"]

CONTEXT = 300
"""Characters of context before and after, cut at a word."""

_ID = re.compile(r"([0-9a-f]{20})-([0-9]{1,12})-([0-9]{1,12})")
_LONG_FRAGMENT = 120
"""Characters from which a text fragment names its first and last words only, as browsers advise."""


def numbered(evidence: Iterable[Evidence]) -> list[Citation]:
    """Evidence as citations 1, 2, …"""
    return [Citation(n, e.excerpt, e.speaker, e.score) for n, e in enumerate(evidence, start=1)]


def is_id(text: str) -> bool:
    """Whether `text` is a citation id, be it of an article that is here or not."""
    return _ID.fullmatch(text.strip()) is not None


def resolve(citation_id: str, library: Library) -> Excerpt:
    """The words that a citation id names. Raises NotFoundError that says what is wrong with the id."""
    match = _ID.fullmatch(citation_id.strip())
    if match is None:
        raise NotFoundError(f"{citation_id!r} is not a citation id; one looks like 3f2a…-1024-1100.")
    article = library.revision(match[1])
    try:
        return article.excerpt(Span(int(match[2]), int(match[3])))
    except ValueError as exc:
        raise NotFoundError(f"{citation_id!r} points outside its article, {article.title or article.id}.") from exc


def find(citation_id: str, library: Library) -> Citation:
    """As `resolve`, with the speaker that retrieval shows for the same words; of an earlier revision too."""
    excerpt = resolve(citation_id, library)
    article = excerpt.article
    current = library.articles([article.id])[article.id].revision == article.revision
    quotations = library.quotations.of([article])[article.id] if current else attribute(article)
    return Citation(1, excerpt, speaker_of([q for q in quotations if q.excerpt.span.overlaps(excerpt.span)]))


def context(excerpt: Excerpt) -> tuple[str, str]:
    """The text right before and right after, up to `CONTEXT` characters each."""
    text, (start, end) = excerpt.article.text, excerpt.span
    first, last = max(0, start - CONTEXT), min(len(text), end + CONTEXT)
    # Where no word ends (Chinese is written without spaces), the cut stays where it fell.
    first = next((at for at in range(first, start) if at == 0 or text[at - 1].isspace()), first)
    last = next((at for at in range(last, end, -1) if at == len(text) or text[at].isspace()), last)
    return text[first:start], text[end:last]


def link(excerpt: Excerpt, public_url: str = "") -> str:
    """Opens the reader on the passage; relative to the app unless `public_url` is set."""
    return f"{public_url.rstrip('/')}/?{urlencode({'article': excerpt.article.id, 'at': excerpt.id})}"


def fragment_url(excerpt: Excerpt) -> str:
    """The article's own URL with a text fragment, so that a browser marks the words there.

    Browsers find an uninterrupted fragment, or either end of a range, within one paragraph only.
    """
    lines = [words for line in excerpt.text.split("\n") if (words := line.split())]
    first, last = (lines[0], lines[-1]) if lines else ([], [])
    short = len(excerpt.text) <= _LONG_FRAGMENT or len(first) <= 10  # the two ends must not overlap
    if len(lines) <= 1 and short:
        directive = _fragment(" ".join(first))
    else:
        directive = f"{_fragment(' '.join(first[:5]))},{_fragment(' '.join(last[-5:]))}"
    joint = "" if "#" in excerpt.article.url else "#"
    return f"{excerpt.article.url}{joint}:~:text={directive}"


def _fragment(text: str) -> str:
    return percent_encoded(text, safe="").replace("-", "%2D")  # a bare dash is syntax there


def record(citation: Citation, public_url: str = "") -> dict[str, Any]:
    """A CITATION of the command-line contract."""
    article, span = citation.excerpt.article, citation.excerpt.span
    fields = {
        "id": citation.id,
        "n": citation.n,
        "quote": citation.quote,
        "start": span.start,
        "end": span.end,
        "article_id": article.id,
        "revision": article.revision,
        "external_id": article.external_id or None,
        "title": article.title,
        "author": article.author,
        "publisher": article.publisher,
        "published": article.published or None,
        "url": article.url or None,
        "link": link(citation.excerpt, public_url),
        "speaker": citation.speaker or None,
        "score": round(citation.score, 4) if citation.score is not None else None,
    }
    return fields | {"fragment_url": fragment_url(citation.excerpt)} if article.url else fields


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


def export(citation: Citation, form: Format, public_url: str = "") -> str:
    """The citation as text: Markdown to paste, CSL-JSON or BibTeX for a reference manager."""
    if form == "json":
        return json.dumps(record(citation, public_url), ensure_ascii=False)
    if form == "csl-json":
        return json.dumps([_csl(citation)], ensure_ascii=False, indent=2)
    return _markdown(citation, public_url) if form == "markdown" else _bibtex(citation)


def _markdown(citation: Citation, public_url: str) -> str:
    article = citation.excerpt.article
    quoted = "\n".join(f"> {line}" if line.strip() else ">" for line in citation.quote.split("\n"))
    target = article.url or link(citation.excerpt, public_url)
    speaker = f"{citation.speaker}, in " if citation.speaker else ""
    label = re.sub(r"([\[\]\\`*_<>])", r"\\\1", source(article))
    address = target.replace("<", "%3C").replace(">", "%3E")
    return f"{quoted}\n>\n> — {speaker}[{label}](<{address}>)"


def _csl(citation: Citation) -> dict[str, Any]:
    article = citation.excerpt.article
    item: dict[str, Any] = {
        "id": citation.id,
        "type": "article-newspaper",
        "title": article.title,
        "note": citation.quote,
    }
    if article.author:
        item["author"] = [{"literal": name} for name in people(article.author)]
    if article.publisher:
        item["container-title"] = article.publisher
    if article.published:
        item["issued"] = {"date-parts": [[int(part) for part in article.published.split("-")]]}
    if article.url:
        item["URL"] = article.url
    return item


def _bibtex(citation: Citation) -> str:
    article = citation.excerpt.article
    fields = {
        "title": article.title,
        "author": " and ".join(people(article.author)),
        "howpublished": article.publisher,
        "date": article.published,
        "note": citation.quote,
    }
    lines = [f"  {name} = {{{_bibtex_escaped(value)}}}," for name, value in fields.items() if value]
    if article.url:  # is read as it stands, so it is not escaped
        lines.append(f"  url = {{{percent_encoded(article.url, safe=_URL)}}},")
    return "\n".join([f"@misc{{pullquote-{citation.id},", *lines, "}"])


_URL = "!#$%&'()*+,-./:;=?@[]_~"
"""What may stand in an address; a brace would end BibTeX's field."""


def _bibtex_escaped(value: str) -> str:
    escapes = {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",  # BibTeX counts the brace of \{ too
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "$": r"\$",
        "_": r"\_",
    }
    return " ".join("".join(escapes.get(character, character) for character in value).split())
