"""XQuAD, the English part: an answer is to be found among all paragraphs together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rag.evals.evidence import contained_scores
from rag.evals.metrics import hit, mean
from rag.evals.sets.squad2 import questions
from rag.evals.systems import System
from rag.evals.task import Task, rows


def load(folder: Path) -> Task:
    """`qa.jsonl`; the question's own paragraph is not given away."""
    task = questions("xquad", rows(folder / "qa.jsonl"))
    return replace(task, asked=[replace(asked, within="") for asked in task.asked])


def measure(system: System, task: Task) -> dict[str, float]:
    paragraph = [
        hit([found.place.article == asked.gold[0].article for found in system.rank(asked.text, 1)], 1)
        for asked in task.asked
    ]
    return contained_scores(system, task) | {"paragraph hit@1": mean(paragraph)}
