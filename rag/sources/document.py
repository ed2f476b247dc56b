"""A file's bytes on the way to an article: how many may be read, and what characters they are.

Never a guess: a quotation is verbatim only if its characters are the ones that were written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rag.errors import SourceError
from rag.text import normalise


@dataclass(frozen=True)
class Limits:
    """What one article may cost: bytes of a file or JSON Lines record, seconds for an HTML page."""

    max_bytes: int
    parse_seconds: float


@dataclass(frozen=True)
class Document:
    """Bytes and what they are called, before anything has been made of them.

    `name` is what errors say; `stem` is the title where the content has none; `origin` is the
    path on this machine, empty for uploads and pasted text.
    """

    name: str
    data: bytes
    stem: str = ""
    origin: str = ""


def load(path: Path, limits: Limits) -> Document:
    """The file at `path`. Raises SourceError where it is too large, OSError where it cannot be read."""
    name = printable(path)
    check_size(name, path.stat().st_size, limits)
    with path.open("rb") as handle:
        data = handle.read(limits.max_bytes + 1)
    check_size(name, len(data), limits)
    return Document(name, data, stem=path.stem, origin=printable(path.resolve()))


def check_size(name: str, size: int, limits: Limits) -> None:
    """Raises SourceError above the limit."""
    if size > limits.max_bytes:
        raise SourceError(name, too_large(size, limits))


def too_large(size: int, limits: Limits) -> str:
    return (
        f"{size:,} bytes, and the limit is {limits.max_bytes:,}. Split it, or raise PULLQUOTE_MAX_BYTES if you trust it"
    )


def printable(path: Path) -> str:
    """The path as text that UTF-8 can hold, also where the file system's bytes are not UTF-8."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


# --- bytes to characters ----------------------------------------------------------------------

_MAGIC = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a zip archive or an Office document",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"{\\rtf": "an RTF document",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF87a": "a GIF image",
    b"GIF89a": "a GIF image",
    b"\x1f\x8b": "a gzip archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x7fELF": "a program",
    b"SQLite format 3": "a database",
}

_BOMS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
"""Byte order marks, longest first where one begins another."""

_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")

_STRAY = 8
"""Control characters that any text may have, however short: a stray NUL does not make it binary."""


def decode(document: Document, declared: str = "") -> str:
    """The document's characters: by byte order mark, else as UTF-8, else as it declares itself.

    UTF-8 before the declaration, because text that is valid UTF-8 by accident hardly exists, and
    pages saved as UTF-8 that still declare something else do. Raises SourceError for anything
    binary or undecodable.
    """
    check_magic(document.name, document.data)
    marked = encoding_mark(document.data)
    # ISO-2022 hides other alphabets behind escapes in plain ASCII, which is valid UTF-8 too.
    in_escapes = declared.startswith("iso2022") and b"\x1b" in document.data
    encodings = [marked] if marked else [declared] if in_escapes else ["utf-8", declared]
    text = _decode_as(document, [encoding for encoding in encodings if encoding])
    controls = len(text) - len(_NOT_IN_TEXT.sub("", text))
    if controls > _STRAY and controls * 100 > len(text):
        raise SourceError(document.name, "this is not text. Save it as text, Markdown, HTML or JSON Lines")
    return text


def check_magic(name: str, head: bytes) -> None:
    """Raises SourceError where the first bytes are those of a known binary format."""
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            raise SourceError(name, f"this is {kind}. Save its text as plain text, Markdown or HTML first")


def encoding_mark(data: bytes) -> str:
    """The encoding that a byte order mark at the start says, or nothing."""
    return next((encoding for mark, encoding in _BOMS.items() if data.startswith(mark)), "")


def _decode_as(document: Document, encodings: list[str]) -> str:
    first: UnicodeDecodeError | None = None
    for encoding in encodings:
        try:
            return document.data.decode(encoding)
        except UnicodeDecodeError as exc:
            first = first or exc
    assert first is not None
    raise SourceError(document.name, undecodable(first)) from first


def undecodable(error: UnicodeDecodeError) -> str:
    byte = error.object[error.start] if error.start < len(error.object) else 0
    return (
        f"byte 0x{byte:02X} at offset {error.start:,} is not {error.encoding.upper()}. "
        "Convert the file to UTF-8 and ingest it again"
    )


def body(name: str, raw: str) -> str:
    """An article's text as it is stored. Raises SourceError where there is nothing in it."""
    text = normalise(raw)
    if not text.strip():
        raise SourceError(name, "there is no text in it. Check the file, or leave it out")
    return text
