"""Citations written out as other programs want them.

Each format by its own document: CSL-JSON by the schema of Citation Style Language 1.0.2, BibTeX with biblatex's fields,
RIS by Reference Manager's specification, annotations by the W3C's Web Annotation Data Model.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote as percent_encoded

from rag.bylines import Name, names
from rag.cite import context, link, source
from rag.fragments import fragment_url
from rag.types import Article, Citation, Format

SELECTOR_CONTEXT = 64
"""Characters on each side by which an annotation tells words from others like them."""

ANNOTATION_CONTEXT = "http://www.w3.org/ns/anno.jsonld"
GENERATOR = {"type": "Software", "name": "Pullquote"}


@dataclass(frozen=True)
class FileType:
    """What a format is called by people, by file systems and on the web."""

    label: str
    suffix: str
    media_type: str


FILE_TYPES: Mapping[Format, FileType] = {
    "markdown": FileType("Markdown", "md", "text/markdown"),
    "text": FileType("Plain text", "txt", "text/plain"),
    "csl-json": FileType("CSL-JSON", "csl.json", "application/vnd.citationstyles.csl+json"),
    "bibtex": FileType("BibTeX", "bib", "application/x-bibtex"),
    "ris": FileType("RIS", "ris", "application/x-research-info-systems"),
    "web-annotation": FileType("Web Annotation", "jsonld", f'application/ld+json;profile="{ANNOTATION_CONTEXT}"'),
    "json": FileType("JSON", "json", "application/json"),
}


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
        **about(article),
        "link": link(citation.excerpt, public_url),
        "speaker": citation.speaker or None,
        "score": round(citation.score, 4) if citation.score is not None else None,
    }
    return fields | {"fragment_url": fragment_url(citation.excerpt)} if article.url else fields


def about(article: Article) -> dict[str, Any]:
    """What is known of an article, as records have it."""
    return {
        "external_id": article.external_id or None,
        "title": article.title,
        "author": article.author,
        "publisher": article.publisher,
        "published": article.published or None,
        "url": article.url or None,
    }


def export(citation: Citation, form: Format, public_url: str = "") -> str:
    """The citation as text: to paste, for a reference manager, or for a program."""
    if form == "json":
        return json.dumps(record(citation, public_url), ensure_ascii=False)
    if form == "web-annotation":
        return _json({"@context": ANNOTATION_CONTEXT} | annotation(citation, public_url))
    writers: Mapping[Format, Callable[[], str]] = {
        "markdown": partial(markdown, citation, public_url),
        "text": partial(plain, citation, public_url),
    }
    return writers[form]() if form in writers else bibliography([citation], form)


def bibliography(citations: Sequence[Citation], form: Format) -> str:
    """What a reference manager reads, of several citations: `csl-json`, `bibtex` or `ris`.

    One that is there again, under another number, is left out.
    """
    entries = list({citation.id: citation for citation in citations}.values())
    if form == "csl-json":
        return _json([_csl(citation) for citation in entries])
    if form == "ris":
        return "".join(map(_ris, entries))
    if form == "bibtex":
        return "\n\n".join(map(_bibtex, entries))
    raise ValueError(f"{form} is no format of bibliographies")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _in_one_line(text: str) -> str:
    """`text` where a format ends a value at the line's end: every run of white space is a space."""
    return " ".join(text.split())


# --- to read ----------------------------------------------------------------------------------


def markdown(citation: Citation, public_url: str = "") -> str:
    """The words as a block quote, line for line and shown as they are, and under them who says them and where."""
    quoted = "\n".join(f"> {_shown(line)}" if line.strip() else ">" for line in citation.quote.split("\n"))
    speaker = f"{escaped(citation.speaker)}, in " if citation.speaker else ""
    address = _address(citation, public_url).replace("<", "%3C").replace(">", "%3E")
    return f"{quoted}\n>\n> — {speaker}[{escaped(source(citation.excerpt.article))}](<{address}>)"


def escaped(text: str) -> str:
    """`text` in one line that Markdown shows as it is, wherever in a line it stands."""
    return _shown(_in_one_line(text))


def _shown(line: str) -> str:
    """A line that Markdown shows as it is: space at its ends, which would go or mean something, as references."""
    plain = re.sub(r"([\\`*_\[\]<>&#|~])", r"\\\1", line.strip())
    plain = re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", plain)
    before, after = line[: len(line) - len(line.lstrip())], line[len(line.rstrip()) :]
    return f"{_references(before)}{plain}{_references(after)}"


def _references(text: str) -> str:
    return "".join(f"&#{ord(character)};" for character in text)


def plain(citation: Citation, public_url: str = "") -> str:
    """The words, then who says them and where, for a letter or a form."""
    speaker = f"{_in_one_line(citation.speaker)}, in " if citation.speaker else ""
    where = _in_one_line(source(citation.excerpt.article))
    return f"{citation.quote}\n\n— {speaker}{where}\n{_address(citation, public_url)}\nCitation {citation.id}"


def _address(citation: Citation, public_url: str) -> str:
    """Where the words are marked: on the original page where there is one, else in the reader."""
    excerpt = citation.excerpt
    return fragment_url(excerpt) if excerpt.article.url else link(excerpt, public_url)


# --- for reference managers -------------------------------------------------------------------


def _csl(citation: Citation) -> dict[str, Any]:
    article = citation.excerpt.article
    item: dict[str, Any] = {"id": citation.id, "type": "article-newspaper"}
    if article.title:
        item["title"] = article.title
    if article.author:
        item["author"] = [_csl_name(name) for name in names(article.author, article.publisher)]
    if article.publisher:
        item["container-title"] = article.publisher
    if article.published:
        item["issued"] = {"date-parts": [[int(part) for part in article.published.split("-")]]}
    if article.url:
        item["URL"] = article.url
    return item | {"note": citation.quote}


def _csl_name(name: Name) -> dict[str, str]:
    """By its parts, from which styles sort and shorten; what has none is `literal`."""
    if not name.given:
        return {"literal": name.family}
    parts = {"non-dropping-particle": name.particle, "suffix": name.suffix}
    return {"family": name.family, "given": name.given} | {part: value for part, value in parts.items() if value}


def _bibtex(citation: Citation) -> str:
    """Biblatex's `@article` of a newspaper, where that is known, else `@misc`."""
    article = citation.excerpt.article
    fields = {
        "title": _cased(_bibtex_escaped(article.title)),
        "author": " and ".join(_bibtex_name(name) for name in names(article.author, article.publisher)),
        "journaltitle": _bibtex_escaped(article.publisher),
        "entrysubtype": "newspaper" if article.publisher else "",
        "date": article.published,
        "note": _bibtex_escaped(citation.quote),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    if article.url:  # is read as it stands, so it is not escaped
        lines.append(f"  url = {{{percent_encoded(article.url, safe=_URL)}}},")
    kind = "article" if article.publisher else "misc"
    return "\n".join([f"@{kind}{{pullquote-{citation.id},", *lines, "}"])


def _bibtex_name(name: Name) -> str:
    """As BibTeX takes names apart, "van Dyke, Jr., Jane"; braces keep one that has no parts from being taken apart."""
    if not name.given:
        return f"{{{_bibtex_escaped(name.family)}}}"
    return _bibtex_escaped(", ".join(filter(None, (name.sorted_by, name.suffix, name.given))))


def _cased(title: str) -> str:
    """`title` with braces about each word that a style must not put in lower case: names and abbreviations.

    Not about the whole, which would take the choice of case from the style (the TeX FAQ, "Capitalisation in
    BibTeX"). A headline does not say which of its capitals are names', so each word with one counts, but for the
    first's first letter, which styles keep.
    """
    return re.sub(r"\S+", lambda word: word[0] if _is_plain(word) else f"{{{word[0]}}}", title)


def _is_plain(word: re.Match[str]) -> bool:
    return not any(character.isupper() for character in word[0][0 if word.start() else 1 :])


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
    return _in_one_line("".join(escapes.get(character, character) for character in value))


def _ris(citation: Citation) -> str:
    """A record of lines that end in CR LF, a value in one line each, so that no quotation can end the record."""
    article = citation.excerpt.article
    year, _, day = article.published.replace("-", "/").partition("/")
    fields = [
        ("TY", "NEWS"),
        ("AN", citation.id),  # an ID may have capitals and digits only
        ("TI", article.title),
        *(("AU", _without_asterisk(_ris_name(name))) for name in names(article.author, article.publisher)),
        ("T2", _without_asterisk(article.publisher)),
        ("PY", year),
        ("DA", f"{year}/{day}" if day else ""),
        ("UR", article.url),
        ("N1", citation.quote),
    ]
    lines = [f"{tag}  - {line}" for tag, value in fields if (line := _in_one_line(value))]
    return "".join(f"{line}\r\n" for line in [*lines, "ER  - "])


def _ris_name(name: Name) -> str:
    """As the specification has it: "Dyke, Jane, Jr."."""
    return ", ".join(filter(None, (name.sorted_by, name.given, name.suffix)))


def _without_asterisk(name: str) -> str:
    """The specification allows none in names of authors and periodicals."""
    return name.replace("*", "")


# --- for programs -----------------------------------------------------------------------------


def annotation(citation: Citation, public_url: str = "", created: str = "") -> dict[str, Any]:
    """The citation as a W3C Web Annotation, without its JSON-LD context.

    Its target is the article's URL, or the reader's address, with the words as a selector; the reader's also with their
    place in the stored text, which is no place in the page at the URL. Its bodies say who speaks and where. `created`
    is a time with its zone, empty where it is not known.
    """
    excerpt, article = citation.excerpt, citation.excerpt.article
    before, after = context(excerpt, SELECTOR_CONTEXT)
    selectors: list[dict[str, Any]] = [
        {"type": "TextQuoteSelector", "exact": citation.quote, "prefix": before, "suffix": after}
    ]
    if not article.url:
        selectors.append({"type": "TextPositionSelector", "start": excerpt.span.start, "end": excerpt.span.end})
    bodies = [{"type": "TextualBody", "purpose": "describing", "format": "text/plain", "value": _described(article)}]
    if citation.speaker:
        bodies.append({"type": "TextualBody", "purpose": "tagging", "format": "text/plain", "value": citation.speaker})
    return {
        "id": uuid.uuid5(uuid.NAMESPACE_URL, f"pullquote:{citation.id}").urn,
        "type": "Annotation",
        "motivation": "highlighting",
        **({"created": _in_utc(created)} if created else {}),
        "generator": GENERATOR,
        "dcterms:identifier": citation.id,
        "body": bodies,
        "target": {
            "type": "SpecificResource",
            "source": article.url or link(excerpt, public_url),
            "selector": selectors,
        },
    }


def collection(
    citations: Sequence[tuple[Citation, str]], name: str, label: str, created: str, public_url: str = ""
) -> dict[str, Any]:
    """Citations, each with when it was made, as an AnnotationCollection of one page; one that comes again only once.

    `name` is what the collection is known by, `label` what it is called.
    """
    first = {citation.id: (citation, made) for citation, made in reversed(citations)}
    ordered = dict.fromkeys(citation.id for citation, _ in citations)
    items = [annotation(first[id_][0], public_url, first[id_][1]) for id_ in ordered]
    own = uuid.uuid5(uuid.NAMESPACE_URL, f"pullquote:{name}").urn
    page = uuid.uuid5(uuid.NAMESPACE_URL, f"pullquote:{name}:1").urn
    return {
        "@context": ANNOTATION_CONTEXT,
        "id": own,
        "type": "AnnotationCollection",
        "label": label,
        **({"created": _in_utc(created)} if created else {}),
        "generator": GENERATOR,
        "total": len(items),
        "first": {"id": page, "type": "AnnotationPage", "startIndex": 0, "items": items},
    }


def _described(article: Article) -> str:
    return f"{source(article)}{f', by {article.author}' if article.author else ''}"


def _in_utc(time: str) -> str:
    return datetime.fromisoformat(time).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
