"""Markdown: the words as a reader would see them, without the marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rag.sources.dates import iso_day
from rag.sources.document import Document, Limits, body, decode
from rag.sources.fields import canonical_url, one_line
from rag.text import normalise
from rag.types import Article

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.{0,65536}?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
"""A block of metadata before the text, no longer than any that was written by hand."""

_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)

_DEEPEST = 100
"""Nested quotes and lists that are followed; markdown-it leaves out what lies deeper."""


def article(document: Document, limits: Limits) -> Article:
    """The file as one article. Raises SourceError."""
    # Normalised before parsing: markdown-it turns NUL into U+FFFD, where we drop it.
    known, source = _split_front_matter(normalise(decode(document)))
    heading, text = _readable(source)
    return Article(
        text=body(document.name, text),
        title=_line(known, "title") or one_line(heading) or one_line(document.stem),
        author=_line(known, "author", "authors"),
        publisher=_line(known, "publisher"),
        published=iso_day(_line(known, "published", "date")),
        url=canonical_url(_line(known, "url")),
        external_id=_line(known, "id"),
        origin=document.origin,
    )


# --- front matter -----------------------------------------------------------------------------


def _split_front_matter(source: str) -> tuple[dict[str, Any], str]:
    """The YAML mapping at the top and the rest; what is no mapping is part of the text."""
    import yaml

    match = _FRONT_MATTER.match(source)
    if match is None:
        return {}, source
    try:
        # BaseLoader builds strings, lists and mappings only: no code, and "No" stays a word.
        known = yaml.load(match[1], Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, source
    return (known, source[match.end() :]) if isinstance(known, dict) else ({}, source)


def _line(known: dict[str, Any], *keys: str) -> str:
    """The first of `keys` that says something; a list of names is joined."""
    for key in keys:
        value = known.get(key)
        names = value if isinstance(value, list) else [value]
        line = ", ".join(one_line(name) for name in names if isinstance(name, str) and name.strip())
        if line and line not in ("~", "null"):
            return line
    return ""


# --- the text ---------------------------------------------------------------------------------


def _readable(source: str) -> tuple[str, str]:
    """The first heading, and all blocks as paragraphs with one blank line between them."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).parse(source)
    headings = (inline for opening, inline in pairwise(tokens) if opening.type == "heading_open")
    heading = next((_words(inline.children or ()) for inline in headings), "")
    return heading, "\n\n".join(block for block in map(_block, tokens) if block.strip())


def _block(token: Token) -> str:
    if token.type == "inline":
        return _words(token.children or ()).strip()
    if token.type in ("fence", "code_block"):
        return token.content.rstrip("\n")
    return _without_tags(token.content) if token.type == "html_block" else ""


def _words(children: Sequence[Token]) -> str:
    return "".join(_pieces(children))


def _pieces(children: Sequence[Token]) -> Iterator[str]:
    """The text of an inline run: links by their words, images and tags not at all."""
    for token in children:
        if token.type in ("text", "text_special", "code_inline"):
            yield token.content
        elif token.type == "softbreak":
            yield " "
        elif token.type == "hardbreak" or (token.type == "html_inline" and _LINE_BREAK.match(token.content)):
            yield "\n"


_HIDDEN = re.compile(r"<(!--|script\b|style\b)", re.IGNORECASE)
_NEW_LINE = re.compile(r"</?(?:br|p|div|li|tr)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z!?][^<>]*>", re.IGNORECASE)


def _without_tags(markup: str) -> str:
    """The words of a block of raw HTML, a line for each line that has any.

    Not by `html.parser`, which takes quadratic time over comments that never end.
    """
    shown = "".join(_shown(markup))
    lines = unescape(_TAG.sub("", _NEW_LINE.sub("\n", shown))).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())


def _shown(markup: str) -> Iterator[str]:
    """`markup` without comments, scripts and styles, up to the first that never ends."""
    position = 0
    while opening := _HIDDEN.search(markup, position):
        closer = "-->" if opening[1] == "!--" else f"</{opening[1]}"
        closing = re.compile(closer, re.IGNORECASE).search(markup, opening.end())
        if closing is None:
            break
        yield markup[position : opening.start()]
        position = closing.end() if closer == "-->" else closing.start()
    yield markup[position:]
