"""RealTimeQA: this week's news questions over 5,415 articles. Whole articles are found, by their passages."""

from __future__ import annotations

from pathlib import Path

from rag.evals.metrics import hit, mean, reciprocal_rank
from rag.evals.systems import System, first_of_each
from rag.evals.task import Asked, Task, rows
from rag.sources.dates import iso_day
from rag.sources.fields import canonical_url
from rag.text import normalise
from rag.types import Article

PASSAGES = 60
"""Ranked passages in which ten different articles are looked for."""


def load(folder: Path) -> Task:
    """`articles.jsonl` and `questions.jsonl`."""
    articles = [
        Article(
            text=normalise(row["text"]),
            title=row["title"] or "",
            author=", ".join(row["authors"] or []),
            published=iso_day(row["date"]),
            url=canonical_url(row["url"] or ""),
            external_id=row["id"],
        )
        for row in rows(folder / "articles.jsonl")
        if row["text"].strip()
    ]
    asked = [
        Asked(row["question"], relevant=frozenset(row["gold_docs"]), answers=tuple(row["answer"]))
        for row in rows(folder / "questions.jsonl")
    ]
    return Task("realtimeqa", "passage", articles, asked)


def measure(system: System, task: Task) -> dict[str, float]:
    right = [
        [article in asked.relevant for article in first_of_each(system.rank(asked.text, PASSAGES))]
        for asked in task.asked
    ]
    return {
        "hit@1": mean([hit(found, 1) for found in right]),
        "hit@10": mean([hit(found, 10) for found in right]),
        "MRR@10": mean([reciprocal_rank(found, 10) for found in right]),
    }
