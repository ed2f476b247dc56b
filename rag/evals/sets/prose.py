"""Can a false sentence pass for a true one? What a model might write over real articles, put to the guard."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.attribution import attribute, speaker_of
from rag.evals.falsehoods import Falsehood, Part, falsehoods
from rag.evals.sets import polnear, realtimeqa
from rag.evals.task import moved, rows
from rag.grounds import Source, sources
from rag.guard import judge
from rag.prose import Sentence
from rag.text import Span, normalise
from rag.types import Article, Citation, Excerpt, Quotation

SEED = 11
PART: Part = "open"
COUNT = 1_600
"""Falsehoods, each of which is told with some seven markers."""

PARAPHRASES = "true paraphrases"
_TRUTHS = Path(__file__).parents[1] / "data"
"""True sentences over articles of the same data, by offsets into its files: `id`, `set`, `article`, `evidence`,
`question`, `text`. Optional."""


@dataclass(frozen=True)
class Told:
    """A sentence as a model would have written it, its evidence, and what the guard made of it."""

    kind: str
    question: str
    text: str
    numbers: tuple[int, ...]
    evidence: tuple[Excerpt, ...]
    is_shown: bool
    reason: str


def load(data: Path, part: Part = PART, count: int = COUNT, seed: int = SEED) -> list[Falsehood]:
    """Falsehoods over the articles of `polnear`, `realtimeqa`, `squad2` and `clapnq` in `data`."""
    return falsehoods(data, part, count, seed)


def judged(lies: Sequence[Falsehood]) -> Iterator[Told]:
    """Each falsehood with each of its markers, put to the guard."""
    for lie in lies:
        for numbers in lie.markers:
            yield _judged(lie.kind, lie.question, lie.text, numbers, lie.evidence)


def truths(part: Part = PART) -> Path:
    """The file of the true sentences over the articles of a part, which were written by hand."""
    return _TRUTHS / f"truths_{part}.jsonl"


def judged_truths(data: Path, path: Path) -> Iterator[Told]:
    """The true sentences in a file, each with all of its evidence; none where there is no file."""
    if not path.is_file():
        return
    texts = _texts(data)
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        article, raw = texts[row["set"], row["article"]]
        evidence = tuple(article.excerpt(_place(raw, Span(*span))) for span in row["evidence"])
        numbers = tuple(range(1, len(evidence) + 1))
        yield _judged(PARAPHRASES, row["question"], row["text"], numbers, evidence)


def measure(told: Sequence[Told]) -> dict[str, dict[str, float]]:
    """For each kind: how many sentences were told, and how many of them a reader would be shown; then of all lies."""
    kinds: dict[str, list[Told]] = {}
    for one in told:
        kinds.setdefault(one.kind, []).append(one)
    truths = kinds.pop(PARAPHRASES, [])
    rows = {kind: _counted(ones) for kind, ones in kinds.items()}
    rows["all falsehoods"] = _counted([one for one in told if one.kind != PARAPHRASES])
    return rows | ({PARAPHRASES: _counted(truths)} if truths else {})


def _counted(told: Sequence[Told]) -> dict[str, float]:
    return {"told": len(told), "shown": sum(one.is_shown for one in told)}


def _judged(kind: str, question: str, text: str, numbers: tuple[int, ...], evidence: tuple[Excerpt, ...]) -> Told:
    gated = judge(Sentence(text, numbers), _sources(evidence))
    return Told(kind, question, text, numbers, evidence, gated.is_shown, gated.reason)


@lru_cache(maxsize=64)
def _sources(evidence: tuple[Excerpt, ...]) -> list[Source]:
    """The evidence as the product numbers it, with whoever speaks there."""
    said = {excerpt.article.id: _quotations(excerpt.article) for excerpt in evidence}
    citations = [
        Citation(n, excerpt, speaker_of([q for q in said[excerpt.article.id] if q.excerpt.span.overlaps(excerpt.span)]))
        for n, excerpt in enumerate(evidence, start=1)
    ]
    return sources(citations, said)


@lru_cache(maxsize=256)
def _quotations(article: Article) -> list[Quotation]:
    return attribute(article)


def _texts(data: Path) -> Mapping[tuple[str, str], tuple[Article, str]]:
    """Each article by its set and id, with its text as the file has it."""
    found: dict[tuple[str, str], tuple[Article, str]] = {}
    for name, module in (("polnear", polnear), ("realtimeqa", realtimeqa)):
        raw: dict[str, Any] = {row["id"]: row["text"] for row in rows(data / name / "articles.jsonl")}
        for article in module.load(data / name).articles:
            found[name, article.external_id] = (article, raw[article.external_id])
    return found


def _place(raw: str, span: Span) -> Span:
    return span if normalise(raw) == raw else moved(raw, span)
