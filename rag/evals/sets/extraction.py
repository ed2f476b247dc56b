"""Zyte's article extraction benchmark: 181 pages as browsers save them, with the article's text marked."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from rag.errors import SourceError
from rag.evals.metrics import shingle_scores, shingled
from rag.evals.task import rows
from rag.settings import Settings
from rag.sources import Limits, close, read_upload

Extract = Callable[[str, bytes], str]


class Page(NamedTuple):
    """A page's file name and bytes, and the text that was marked in it."""

    name: str
    data: bytes
    marked: str


def load(folder: Path) -> list[Page]:
    """`ground_truth.jsonl` and the pages it names. Raises SourceError."""
    try:
        return [
            Page(row["file"], (folder / row["file"]).read_bytes(), row["article_body"])
            for row in rows(folder / "ground_truth.jsonl")
        ]
    except OSError as exc:
        raise SourceError(str(folder), f"{exc}. Give the folder that holds this set's files") from exc


def extractors(settings: Settings) -> Mapping[str, Extract]:
    """The product's own way in, and trafilatura as it comes."""
    limits = Limits(settings.max_bytes, settings.parse_seconds)

    def pullquote(name: str, data: bytes) -> str:
        (found,) = read_upload(name, data, limits)
        return "" if isinstance(found, SourceError) else found.text

    def trafilatura(name: str, data: bytes) -> str:
        from trafilatura import extract

        return extract(data) or ""

    return {"Pullquote": pullquote, "trafilatura, defaults": trafilatura}


def measure(extract: Extract, pages: list[Page]) -> dict[str, float]:
    """Precision, recall and F1 of 4-word shingles, and the median time a page takes."""
    scores, seconds = [], []
    for page in pages:
        started = time.perf_counter()
        text = extract(page.name, page.data)
        seconds.append(time.perf_counter() - started)
        scores.append(shingled(text, page.marked))
    close()
    precision, recall, f1 = shingle_scores(scores)
    return {"precision": precision, "recall": recall, "F1": f1, "ms a page": statistics.median(seconds) * 1000}
