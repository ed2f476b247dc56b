"""HTML pages, as a browser saves them: the article without the furniture around it.

Which text is the article is trafilatura's judgement. It runs in a child process, because some
pages take it minutes and hostile ones for ever.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

from rag.errors import SourceError
from rag.sources.dates import iso_day, stated
from rag.sources.document import Document, Limits, body, decode
from rag.sources.fields import canonical_url, names_a_site, one_line
from rag.sources.sandbox import OutOfTime, Sandbox, SandboxError
from rag.types import Article

_reader = Sandbox("rag.sources.html_worker")


def article(document: Document, limits: Limits) -> Article:
    """The page as one article. Raises SourceError."""
    page = decode(document, declared_encoding(document.data))
    found = _found(document.name, page, limits)
    url = canonical_url(found.get("url", ""))
    day = iso_day(found.get("date", ""))
    return Article(
        text=body(document.name, found["text"]),
        title=one_line(found.get("title", "")) or one_line(document.stem),
        author=one_line(found.get("author", "")).replace("; ", ", "),
        publisher=one_line(found.get("sitename", "")),
        published=day if day and stated(day, page) else "",
        url="" if names_a_site(url) else url,
        origin=document.origin,
    )


def close() -> None:
    """Ends the child process, if there is one; the next page starts another."""
    _reader.close()


def _found(name: str, page: str, limits: Limits) -> dict[str, Any]:
    """What the child makes of the page. Raises SourceError where it finds no article."""
    try:
        found = _reader.ask({"page": page}, limits.parse_seconds)
    except OutOfTime as exc:
        advice = "Save only the article, or raise PULLQUOTE_PARSE_SECONDS if you trust it"
        raise SourceError(name, f"{exc}. {advice}") from exc
    except SandboxError as exc:
        raise SourceError(name, f"{exc}. Save the article as text and ingest that") from exc
    if "error" in found:
        raise SourceError(name, f"{found['error']}. Save the article as text and ingest that")
    if not found.get("text", "").strip():
        raise SourceError(name, "no article text found in this page; if you can see it in a browser, save it as text")
    return found


# --- the encoding a page declares -------------------------------------------------------------

_PRESCAN = 8192
"""Bytes in which a declaration counts. The standard says 1,024; pages are later than that."""

_DECLARED = re.compile(rb"""<(?:meta|\?xml)\b[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.I)

_AS_BROWSERS_READ = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""Names that stand for a larger set. Source: WHATWG Encoding Standard, section 4.2."""

_FOR_PAGES = re.compile(r"utf-8|cp125\d|cp8[67]4|cp932|cp949|iso8859|iso2022|koi8|big5|gb|euc|mac|johab|hz$")
"""Python knows further encodings, such as `unicode_escape`, that no page is written in."""


def declared_encoding(data: bytes) -> str:
    """Python's name for the encoding that the page says it is in, or nothing.

    trafilatura does not look at the declaration: it guesses from letter frequencies.
    """
    match = _DECLARED.search(data[:_PRESCAN])
    if match is None:
        return ""
    try:
        name = codecs.lookup(match[1].decode("ascii", "replace")).name
    except LookupError:
        return ""
    name = _AS_BROWSERS_READ.get(name, name)
    return name if _FOR_PAGES.match(name) else ""
