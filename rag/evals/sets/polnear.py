"""PolNeAR questions: "What did Weaver reject?" over 840 political news articles. The product's main job."""

from __future__ import annotations

from pathlib import Path

from rag.evals.metrics import hit, mean
from rag.evals.systems import System
from rag.evals.task import Asked, Place, Ranked, Task, rows
from rag.text import Span, normalise
from rag.types import Article

DEPTHS = (1, 5, 10)


def load(folder: Path) -> Task:
    """`articles.jsonl` and `questions.jsonl`. Other speech by the same speaker with the same verb is right too."""
    articles = [
        Article(
            text=normalise(row["text"]),
            title=row["title"] or "",
            author=row["author"] or "",
            publisher=row["publisher"] or "",
            published=row["date"] or "",
            external_id=row["id"],
        )
        for row in rows(folder / "articles.jsonl")
    ]
    asked = [
        Asked(
            row["question"],
            gold=tuple(
                Place(gold["doc"], Span(gold["content_start"], gold["content_end"]))
                for gold in [*row["gold"], *row["other_gold_same_speaker_verb"]]
                if "content_start" in gold
            ),
            unique=row["unique_in_split"],
        )
        for row in rows(folder / "questions.jsonl")
    ]
    return Task("polnear", "sentence", articles, asked)


def measure(system: System, task: Task) -> dict[str, float]:
    """hit@k: a returned sentence overlaps the content that was marked; over unique questions, and over all."""
    right = {asked: _right(system.rank(asked.text, max(DEPTHS)), asked) for asked in task.asked}
    unique = [asked for asked in right if asked.unique]
    return {f"hit@{k}": mean([hit(right[asked], k) for asked in unique]) for k in DEPTHS} | {
        f"all hit@{k}": mean([hit(found, k) for found in right.values()]) for k in DEPTHS
    }


def _right(found: list[Ranked], asked: Asked) -> list[bool]:
    return [any(ranked.place.overlaps(gold) for gold in asked.gold) for ranked in found]
