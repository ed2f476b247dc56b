"""Articles into the library and the index, many at a time: read, split, attribute, embed, store.

An article is acknowledged (counted, reported) only once its transaction is committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from rag.errors import SourceError
from rag.index import Index
from rag.library import Library
from rag.preparation import Preparation, Prepared
from rag.types import Article

BATCH_PASSAGES = 256
"""Passages embedded at once, with their sentences: enough to batch by length, and a crash costs seconds."""


@dataclass
class IngestReport:
    """What an ingest did so far. `failed` are (source, reason), and `unlisted` how many more there were; counts are of
    articles.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    unlisted: int = 0
    changed: list[str] = field(default_factory=list)
    """Ids of the articles that were added or updated."""
    seconds: float = 0.0

    @property
    def done(self) -> int:
        return self.added + self.updated + self.unchanged + self.duplicates + len(self.failed) + self.unlisted

    def count(self, outcome: str) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)

    def shorten(self, most: int) -> None:
        """Keep the first `most` failures and only count the rest: a file may have millions of bad lines."""
        self.unlisted += len(self.failed[most:])
        del self.failed[most:]


Progress = Callable[[IngestReport], None]


def ingest(
    readings: Iterable[Article | SourceError],
    library: Library,
    index: Index,
    preparation: Preparation,
    progress: Progress = lambda report: None,
) -> IngestReport:
    """Take in what `readings` yields. One bad reading is one line in `failed`; the rest goes on."""
    report = IngestReport()
    started = time.perf_counter()
    batch: list[Prepared] = []
    waiting: set[str] = set()
    for reading in readings:
        if isinstance(reading, SourceError):
            report.failed.append((reading.source, reading.reason))
        else:
            if waiting.intersection(reading.keys):  # it changes what is still on its way in
                _store(batch, library, index, preparation, report)
                batch = []
                waiting.clear()
            article, fate = library.recognise(reading)
            if fate.outcome in {"added", "updated"}:
                batch.append(preparation.prepare(article))
                waiting.update(article.keys)
            else:
                report.count(fate.outcome)
        if sum(len(prepared.passages) for prepared in batch) >= BATCH_PASSAGES:
            _store(batch, library, index, preparation, report)
            batch = []
            waiting.clear()
        report.seconds = time.perf_counter() - started
        progress(report)
    _store(batch, library, index, preparation, report)
    library.database.flush()
    index.settle()
    report.seconds = time.perf_counter() - started
    progress(report)
    return report


def _store(
    batch: Sequence[Prepared], library: Library, index: Index, preparation: Preparation, report: IngestReport
) -> None:
    vectors = preparation.vectors([p for prepared in batch for p in prepared.passages])
    added: list[int] = []
    dropped: list[int] = []
    row = 0
    for article, passages, quotations in batch:
        put = library.put(article, passages, vectors[row : row + len(passages)], quotations)
        row += len(passages)
        added += put.added
        dropped += put.dropped
        report.count(put.fate.outcome)
        if put.added:
            report.changed.append(put.fate.article_id)
    if added or dropped:
        library.settle_people()
        index.follow(added, dropped)
