"""The TIME collection of 1963: 423 articles, 83 queries, every relevant article known. A control for retrieval."""

from __future__ import annotations

from pathlib import Path

from rag.evals.metrics import average_precision, mean, ndcg
from rag.evals.systems import System, first_of_each
from rag.evals.task import Asked, Task, rows
from rag.text import normalise
from rag.types import Article

PASSAGES = 1_000
"""More than the passages of a hundred articles."""


def load(folder: Path) -> Task:
    """`docs.jsonl` and `queries.jsonl`. Two of the relevant articles are not in the collection; they are left out."""
    articles = [
        Article(normalise(row["text"]), published=row["date"] or "", external_id=row["id"])
        for row in rows(folder / "docs.jsonl")
    ]
    here = {article.external_id for article in articles}
    relevant = [(row["query"], here & set(row["relevant"])) for row in rows(folder / "queries.jsonl")]
    asked = [Asked(query, relevant=frozenset(found)) for query, found in relevant if found]
    return Task("time", "passage", articles, asked)


def measure(system: System, task: Task) -> dict[str, float]:
    ranked = [(first_of_each(system.rank(asked.text, PASSAGES)), asked.relevant) for asked in task.asked]
    return {
        "nDCG@10": mean([ndcg(found, relevant, 10) for found, relevant in ranked]),
        "MAP": mean([average_precision(found, relevant) for found, relevant in ranked]),
    }
