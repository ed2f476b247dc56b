"""SQuAD 2.0: questions that a paragraph answers, and others, written to look alike, that it does not."""

from __future__ import annotations

from pathlib import Path

from rag.evals.evidence import contained_scores, refusal_scores
from rag.evals.systems import System
from rag.evals.task import Asked, Place, Task, moved, rows
from rag.text import Span, normalise
from rag.types import Article


def load(folder: Path) -> Task:
    """`qa.jsonl`: each question asks its own paragraph."""
    return questions("squad2", rows(folder / "qa.jsonl"))


def questions(name: str, records: list[dict[str, object]]) -> Task:
    """Records of SQuAD's form: context, question, answers, is_impossible."""
    articles: dict[str, Article] = {}
    asked = []
    for row in records:
        context = str(row["context"])
        article = articles.setdefault(context, Article(normalise(context), external_id=f"{name}-{len(articles)}"))
        answers: list[dict[str, object]] = [] if row.get("is_impossible") else list(row["answers"])  # type: ignore[call-overload]
        places = (Place(article.external_id, moved(context, _span(answer))) for answer in answers)
        asked.append(
            Asked(
                str(row["question"]),
                gold=tuple(places),
                within=article.external_id,
                answers=tuple(str(answer["text"]) for answer in answers),
                answerable=bool(answers),
            )
        )
    return Task(name, "sentence", list(articles.values()), asked)


def _span(answer: dict[str, object]) -> Span:
    start, text = int(str(answer["start"])), str(answer["text"])
    return Span(start, start + len(text))


def measure(system: System, task: Task) -> dict[str, float]:
    return contained_scores(system, task) | refusal_scores(system, task)
