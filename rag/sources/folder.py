"""What a folder holds that looks like articles, in an order that does not change between runs."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from rag.errors import SourceError
from rag.sources.document import printable

_ABOUT_THE_FOLDER = re.compile(r"README|LICENSE|CHANGELOG|(?i:readme|license|changelog)(?:\.|$)")
"""Files about a collection, not of it. "License-plate readers.html" may well be news."""


def walk(folder: Path) -> Iterator[Path | SourceError]:
    """Every visible file below `folder`, sorted by path, each folder once whatever links lead to it.

    A folder that may not be read is an error among the files. Not recursive, so that no depth is
    too deep.
    """
    seen: set[tuple[int, int]] = set()
    waiting: list[Path] = [folder]
    while waiting:
        path = waiting.pop()
        if not path.is_dir():
            yield path
            continue
        try:
            known = path.stat()
            if (known.st_dev, known.st_ino) not in seen:
                seen.add((known.st_dev, known.st_ino))
                waiting.extend(reversed(_visible(path)))
        except OSError as exc:
            yield SourceError(printable(path), f"{exc.strerror}. Allow reading it, or leave it out")


def _visible(folder: Path) -> list[Path]:
    """Names in the folder but for hidden ones, notes about it, and what browsers save beside a page."""
    names = sorted(os.listdir(folder))  # noqa: PTH208 - names, and bytes-safe
    beside_pages = {Path(name).stem + "_files" for name in names if name.lower().endswith((".html", ".htm"))}
    return [
        folder / name
        for name in names
        if not name.startswith(".") and not _ABOUT_THE_FOLDER.match(name) and name not in beside_pages
    ]


def kinds(paths: Collection[Path]) -> str:
    """The suffixes among `paths` as a reader would list them."""
    return ", ".join(sorted({path.suffix.lower() or "no suffix" for path in paths}))
