"""Citations written out as other programs want them."""

from __future__ import annotations

import json
import re
from typing import Any, Literal
from urllib.parse import quote as percent_encoded

from rag.cite import link, source
from rag.fragments import fragment_url
from rag.types import Citation, people

Format = Literal["json", "markdown", "csl-json", "bibtex"]


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
