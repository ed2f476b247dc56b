"""PolNeAR questions: "What did Weaver reject?" over 840 political news articles. The product's main job."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.evals.metrics import hit, mean
from rag.evals.systems import System
from rag.evals.task import Asked, Place, Ranked, Task, moved, rows
from rag.text import Span, normalise
from rag.types import Article

DEPTHS = (1, 5, 10)


def load(folder: Path) -> Task:
    """`articles.jsonl` and `questions.jsonl`. Other speech by the same speaker with the same verb is right too."""
    records = rows(folder / "articles.jsonl")
    raw = {row["id"]: row["text"] for row in records}
    contents = {
        (row["id"], attribution["id"]): [tuple(span) for part in attribution["content"] for span in part["spans"]]
        for row in records
        for attribution in row["annotations"][0]["attributions"]
    }
    asked = []
    for row in rows(folder / "questions.jsonl"):
        marked = [(gold["doc"], (gold["content_start"], gold["content_end"])) for gold in row["gold"]]
        others = [
            (o["doc"], span)
            for o in row["other_gold_same_speaker_verb"]
            for span in contents[o["doc"], o["attribution"]]
        ]
        places = tuple(Place(doc, moved(raw[doc], Span(*span))) for doc, span in [*marked, *others])
        asked.append(Asked(row["question"], gold=places, unique=row["unique_in_split"]))
    return Task("polnear", "sentence", [article(row) for row in records], asked)


def article(row: Mapping[str, Any]) -> Article:
    """An article of a record of `articles.jsonl`."""
    return Article(
        text=normalise(row["text"]),
        title=row.get("title") or "",
        author=row.get("author") or "",
        publisher=row.get("publisher") or "",
        published=row.get("date") or "",
        external_id=row["id"],
    )


def measure(system: System, task: Task) -> dict[str, float]:
    """hit@k: a returned sentence overlaps the content that was marked; over unique questions, and over all."""
    right = {asked: _right(system.rank(asked.text, max(DEPTHS)), asked) for asked in task.asked}
    unique = [asked for asked in right if asked.unique]
    return {f"hit@{k}": mean([hit(right[asked], k) for asked in unique]) for k in DEPTHS} | {
        f"all hit@{k}": mean([hit(found, k) for found in right.values()]) for k in DEPTHS
    }


def _right(found: list[Ranked], asked: Asked) -> list[bool]:
    return [any(ranked.place.overlaps(gold) for gold in asked.gold) for ranked in found]
