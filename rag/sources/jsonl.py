"""JSON Lines: one article a line, however long the file; a bad line fails alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from rag.errors import SourceError
from rag.sources.dates import iso_day
from rag.sources.document import Limits, body, check_magic, encoding_mark, too_large, undecodable
from rag.sources.fields import canonical_url, one_line
from rag.types import Article

_CHUNK = 1 << 20
_UTF8_MARK = b"\xef\xbb\xbf"


def articles(handle: BinaryIO, name: str, limits: Limits) -> Iterator[Article | SourceError]:
    """Each record of the file, or what is wrong with it under the name `name:line`.

    Raises SourceError where the file as a whole is of another kind, OSError where it cannot be read.
    """
    head = handle.read(16)
    check_magic(name, head)
    if b"\0" in head or encoding_mark(head) not in ("", "utf-8-sig"):
        raise SourceError(name, "JSON Lines must be UTF-8, and this is not. Convert it and ingest it again")
    handle.seek(len(_UTF8_MARK) if head.startswith(_UTF8_MARK) else 0)
    for number, line in _lines(handle, limits):
        place = f"{name}:{number}"
        if isinstance(line, int):
            yield SourceError(place, too_large(line, limits))
        elif line.strip():
            yield _article_or_error(place, line)


def _lines(handle: BinaryIO, limits: Limits) -> Iterator[tuple[int, bytes | int]]:
    """Each line with its number; of a line above the limit only how long it is, never its bytes."""
    number = 0
    while line := handle.readline(limits.max_bytes + 2):  # room for the line end
        number += 1
        beyond = 0 if line.endswith(b"\n") else _skip_line(handle)
        size = len(line.rstrip(b"\r\n")) + beyond
        yield number, size if size > limits.max_bytes else line


def _skip_line(handle: BinaryIO) -> int:
    """Reads on to the next line, and says how many bytes that took."""
    size = 0
    while piece := handle.readline(_CHUNK):
        size += len(piece)
        if piece.endswith(b"\n"):
            break
    return size


def _article_or_error(place: str, line: bytes) -> Article | SourceError:
    try:
        return _article(place, _record(place, line))
    except SourceError as error:
        return error


def _record(place: str, line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as exc:
        raise SourceError(place, undecodable(exc)) from exc
    except json.JSONDecodeError as exc:
        raise SourceError(place, f"not JSON: {exc.msg} at column {exc.colno}. Mend the line") from exc
    except (ValueError, RecursionError) as exc:  # a number of 5,000 digits; 5,000 brackets
        raise SourceError(place, "JSON that no reader takes: too deep, or a number too long") from exc
    if not isinstance(record, dict):
        raise SourceError(place, 'a line must be one JSON object with at least "text" in it')
    return record


def _article(place: str, record: dict[str, Any]) -> Article:
    text = _string(place, record, "text")
    if not text.strip():
        raise SourceError(place, '"text" is missing or empty. Give every record the text of its article')
    return Article(
        text=body(place, text),
        title=one_line(_string(place, record, "title")),
        author=_names(place, record),
        publisher=one_line(_string(place, record, "publisher")),
        published=iso_day(_string(place, record, "published") or _string(place, record, "date")),
        url=canonical_url(_string(place, record, "url")),
        external_id=_identifier(place, record),
    )


def _string(place: str, record: dict[str, Any], key: str) -> str:
    """The string under `key`; nothing where it is absent or null. Raises SourceError for another type."""
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong_type(place, key, "a string", value)
    return value


def _names(place: str, record: dict[str, Any]) -> str:
    key = "author" if record.get("author") is not None else "authors"
    value = record.get(key)
    if not isinstance(value, list):
        return one_line(_string(place, record, key))
    if not all(isinstance(name, str) for name in value):
        raise _wrong_type(place, key, "a string or a list of strings", value)
    return ", ".join(line for line in map(one_line, value) if line)


def _identifier(place: str, record: dict[str, Any]) -> str:
    value = record.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return one_line(_string(place, record, "id"))


def _wrong_type(place: str, key: str, wanted: str, value: object) -> SourceError:
    return SourceError(place, f'"{key}" must be {wanted}, and it is {json.dumps(value)[:60]}')
