"""CLAP NQ: which sentences of a Wikipedia passage answer, and whether any does."""

from __future__ import annotations

from pathlib import Path

from rag.evals.evidence import evidence_scores, refusal_scores, spans_of
from rag.evals.systems import System
from rag.evals.task import Asked, Place, Task, rows
from rag.text import normalise
from rag.types import Article


def load(folder: Path) -> Task:
    """`qa.jsonl`: each question asks its own passage; a sentence that any annotator selected is gold."""
    articles: dict[str, Article] = {}
    asked, sentences = [], {}
    for row in rows(folder / "qa.jsonl"):
        text = normalise(row["text"])
        article = articles.setdefault(
            text, Article(text, title=row["title"], external_id=row["id"])
        )  # two ask the same
        name = article.external_id
        spans = spans_of(text, [normalise(sentence) for sentence in row["sentences"]])
        sentences[name] = places = [Place(name, span) for span in spans]
        selected = {s for output in row["outputs"] for s in output.get("selected_sentences") or []}
        gold = {_number(choice, row["sentences"]) for choice in selected} if row["answerable"] else set()
        asked.append(
            Asked(
                row["question"],
                gold=tuple(places[n] for n in sorted(gold) if 0 <= n < len(places)),
                within=name,
                answerable=row["answerable"],
            )
        )
    return Task("clapnq", "sentence", list(articles.values()), asked, sentences)


def _number(choice: object, sentences: list[str]) -> int:
    if isinstance(choice, int):
        return choice
    wanted = str(choice).strip()
    return next((n for n, sentence in enumerate(sentences) if sentence.strip() == wanted), -1)


def measure(system: System, task: Task) -> dict[str, float]:
    return evidence_scores(system, task) | refusal_scores(system, task)
