"""What a benchmark found at each size of the collection, and the tables that say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rag.evals.table import Table, circumstances
from rag.evals.trial import Figures
from rag.settings import Settings

PULLQUOTE = "Pullquote"
STOCK = "stock LangChain + Chroma"
WORDS = "BM25 (bm25s)"
BARE = "embedding and one Chroma query"

Row = Mapping[str, float] | str


@dataclass
class Mark:
    """What was measured at one size, by system; each figure is a median over the rounds."""

    articles: int
    ingest: Mapping[str, Figures] = field(default_factory=dict)
    ask: Mapping[str, Figures] = field(default_factory=dict)
    start: Mapping[str, Figures] = field(default_factory=dict)

    def label(self, system: str) -> str:
        return f"{system}, {self.articles:,} articles"


def tables(
    marks: Sequence[Mark],
    settings: Settings,
    obstacles: Mapping[str, str],
    stock_articles: int,
    counts: Mapping[str, int],
) -> list[Table]:
    """What the marks say, a table for each question that a reader has. `obstacles` say why a rival has no mark."""
    rows: dict[str, dict[str, Row]] = {
        "ingest": ingest_rows(marks, stock_articles),
        "disk": disk_rows(marks),
        "ask": ask_rows(marks),
        "stages": stage_rows(marks),
        "start": start_rows(marks),
    }
    for name in ("ingest", "disk", "ask", "start"):
        rows[name] |= obstacles
    about = circumstances(settings, sizes=[mark.articles for mark in marks], **counts)
    notes = {
        "ingest": "A rate is of the articles since the row before; the first is a median of the rounds, the systems "
        "in turn. bm25s makes no vectors; it indexes all articles again at every size. Peak memory is of all "
        "processes so far; a thousand articles' share is what it rose by since the program was ready, over the "
        "articles.",
        "disk": f"Beyond {stock_articles:,} articles the stock pipeline's vectors were made by Pullquote's engine.",
        "ask": "Medians of the rounds' percentiles. The rivals find chunks or passages; Pullquote answers. The "
        "stock pipeline embeds the question itself at every size; bm25s holds its index in memory.",
        "stages": "Of `ask`, p50 and p95 milliseconds at each size.",
        "start": "Fresh processes over warm disks: importing the package (`rag` loads what it needs on first use); "
        "from the first line of a program to its first answer; from `pullquote serve` to an answer over HTTP, while "
        "the library opens beside it.",
    }
    return [Table(f"bench {name}", found, about | {"note": notes[name]}) for name, found in rows.items()]


def ingest_rows(marks: Sequence[Mark], stock_articles: int) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    highest: dict[str, float] = {}
    for mark in marks:
        for system, found in mark.ingest.items():
            if system == STOCK and mark.articles > stock_articles:
                rows[mark.label(system)] = _untried(mark, stock_articles, _rates(marks[0].ingest[system])[0])
                continue
            highest[system] = max(highest.get(system, 0.0), found["peak_mib"])
            more = highest[system] - marks[0].ingest[system]["start_mib"]
            articles_per_s, passages_per_s = _rates(found)
            rows[mark.label(system)] = {
                "articles/s": articles_per_s,
                "passages/s": passages_per_s,
                "passages": found["passages"],
                "peak MiB": highest[system],
                "MiB per 1,000": more / mark.articles * 1_000,
            }
    return rows


def _rates(found: Figures) -> tuple[float, float]:
    """Articles and passages a second."""
    return found["articles"] / found["seconds"], found["passages"] / found["seconds"]


def _untried(mark: Mark, stock_articles: int, rate: float) -> str:
    minutes = mark.articles / rate / 60
    return (
        f"not measured beyond {stock_articles:,} articles: at {rate:.1f} articles/s, "
        f"{mark.articles:,} would take {minutes:.0f} minutes"
    )


def disk_rows(marks: Sequence[Mark]) -> dict[str, Row]:
    return {
        mark.label(system): {
            "MB": found["bytes"] / 1e6,
            "MB per 1,000": found["bytes"] / 1e6 / mark.articles * 1_000,
        }
        for mark in marks
        for system, found in mark.ingest.items()
    }


def ask_rows(marks: Sequence[Mark]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for mark in marks:
        least = mark.ask[PULLQUOTE]["bare"]
        timed = {system: found["ask"] for system, found in mark.ask.items()} | {BARE: least}
        for system, ms in timed.items():
            rows[mark.label(system)] = {
                "p50 ms": ms["p50"],
                "p95 ms": ms["p95"],
                "times bare": ms["p50"] / least["p50"],
            }
    return rows


def stage_rows(marks: Sequence[Mark]) -> dict[str, Row]:
    rows: dict[str, dict[str, float]] = {}
    for mark in marks:
        for stage, ms in mark.ask[PULLQUOTE]["stages"].items():
            row = rows.setdefault(stage, {})
            row |= {f"{share}, {mark.articles:,}": ms[share] for share in ("p50", "p95")}
    return dict(rows)


def start_rows(marks: Sequence[Mark]) -> dict[str, Row]:
    return {mark.label(system): found for mark in marks for system, found in mark.start.items()}
