"""From the world to `Article`: files, folders and uploads, one module a kind.

Errors come out beside the articles, as values, so that one bad file never stops the rest.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PureWindowsPath
from typing import TypeAlias

from rag.errors import SourceError
from rag.sources import folder, html, jsonl, markdown, text
from rag.sources.document import Document, Limits, check_size, load, printable
from rag.sources.html import close
from rag.types import Article

__all__ = ["KNOWN_SUFFIXES", "Limits", "close", "estimate", "read", "read_upload"]

logger = logging.getLogger(__name__)

Outcome: TypeAlias = Article | SourceError
_Reader: TypeAlias = Callable[[Document, Limits], Article]

_READERS: dict[str, _Reader] = {
    ".txt": text.article,
    ".text": text.article,
    ".md": markdown.article,
    ".markdown": markdown.article,
    ".html": html.article,
    ".htm": html.article,
    ".xhtml": html.article,
}
_JSON_LINES = (".jsonl", ".ndjson")
KNOWN_SUFFIXES: tuple[str, ...] = (*_READERS, *_JSON_LINES)

_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_CHUNK = 1 << 20


def read(sources: Sequence[str], limits: Limits) -> Iterator[Outcome]:
    """The articles in files and folders as they come, and an error for each that could not be read.

    Never raises for what it reads.
    """
    for source in sources:
        yield from _read_source(source, limits)


def read_upload(name: str, data: bytes, limits: Limits) -> Iterator[Outcome]:
    """As `read`, for bytes from a browser; a blank name is pasted text.

    `origin` stays empty: two uploads called notes.txt are two articles.
    """
    shown = name or "pasted text"
    path = PureWindowsPath(name)  # knows both kinds of slash
    if path.suffix.lower() in _JSON_LINES:
        yield from _guarded(shown, lambda: jsonl.articles(io.BytesIO(data), shown, limits))
    else:
        document = Document(shown, data, stem=path.stem)
        yield from _guarded(shown, lambda: _one(path.suffix, document, limits))


def estimate(sources: Sequence[str]) -> int:
    """How many articles there may be, for a progress bar: files, and lines of JSON Lines files."""
    return sum(_estimate(Path(source)) for source in sources if source.strip())


# --- files and folders ------------------------------------------------------------------------


def _read_source(source: str, limits: Limits) -> Iterator[Outcome]:
    if _WEB_ADDRESS.match(source.strip()):
        reason = "Pullquote does not fetch web pages yet: save the page as HTML and ingest the file"
        yield SourceError(source, reason)
    elif not source.strip():
        yield SourceError("(blank)", "a source must be the path of a file or a folder")
    elif _is_dir(path := Path(source)):
        yield from _read_folder(path, limits)
    else:
        yield from _read_file(path, limits)


def _read_folder(path: Path, limits: Limits) -> Iterator[Outcome]:
    found = 0
    skipped: list[Path] = []
    for entry in folder.walk(path):
        if isinstance(entry, SourceError):
            yield entry
        elif not _is_known(entry):
            skipped.append(entry)
            continue
        else:
            yield from _read_file(entry, limits)
        found += 1
    if not found:
        yield SourceError(printable(path), _nothing_here(skipped))
    elif skipped:
        logger.warning("%s: skipped %d files (%s)", path, len(skipped), folder.kinds(skipped))


def _nothing_here(skipped: list[Path]) -> str:
    others = f" ({len(skipped)} of other kinds: {folder.kinds(skipped)})" if skipped else ""
    return f"no articles in this folder{others}. Pullquote reads {', '.join(KNOWN_SUFFIXES)}"


def _read_file(path: Path, limits: Limits) -> Iterator[Outcome]:
    name = printable(path)
    if path.suffix.lower() in _JSON_LINES:
        return _guarded(name, lambda: _read_json_lines(path, limits))
    return _guarded(name, lambda: _one(path.suffix, load(_regular(path), limits), limits))


def _read_json_lines(path: Path, limits: Limits) -> Iterator[Outcome]:
    with _regular(path).open("rb") as handle:
        yield from jsonl.articles(handle, printable(path), limits)


def _one(suffix: str, document: Document, limits: Limits) -> Iterator[Outcome]:
    check_size(document.name, len(document.data), limits)
    yield _READERS.get(suffix.lower(), text.article)(document, limits)


def _regular(path: Path) -> Path:
    """`path`, if it is a file and not a pipe or a device, which might never end."""
    if not path.exists():
        raise SourceError(printable(path), "there is no such file or folder. Check the path")
    if not path.is_file():
        raise SourceError(printable(path), "this is no ordinary file. Copy its content into one")
    return path


def _guarded(name: str, reading: Callable[[], Iterator[Outcome]]) -> Iterator[Outcome]:
    """What `reading` yields, and what it raises as an error value. The one place where that happens."""
    try:
        yield from reading()
    except SourceError as error:
        yield error
    except OSError as exc:
        yield SourceError(name, f"{exc.strerror or exc}. Check that the file is there and may be read")
    except Exception as exc:  # a parser's defect costs one file, not the ten thousand after it
        logger.exception("%s: could not be read", name)
        yield SourceError(name, f"it could not be read ({type(exc).__name__}). Please report this")


def _is_known(path: Path) -> bool:
    return path.suffix.lower() in KNOWN_SUFFIXES


def _is_dir(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # such as a name too long; reading it says so again
        return False


# --- counting ---------------------------------------------------------------------------------


def _estimate(path: Path) -> int:
    if not _is_dir(path):
        return _records(path)
    found = (entry for entry in folder.walk(path) if isinstance(entry, Path) and _is_known(entry))
    return sum(map(_records, found))


def _records(path: Path) -> int:
    """Lines in a JSON Lines file; one for any other, readable or not, since errors are progress too."""
    if path.suffix.lower() not in _JSON_LINES:
        return 1
    try:
        with _regular(path).open("rb") as handle:
            return _lines(handle)
    except (OSError, ValueError, SourceError):
        return 1


def _lines(handle: io.BufferedReader) -> int:
    count, last = 0, b"\n"
    while chunk := handle.read(_CHUNK):
        count, last = count + chunk.count(b"\n"), chunk[-1:]
    return count + (last != b"\n")
