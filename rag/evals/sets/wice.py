"""WiCE: which sentences of a cited web page support a claim of Wikipedia."""

from __future__ import annotations

from pathlib import Path

from rag.evals.evidence import evidence_scores
from rag.evals.systems import System
from rag.evals.task import Asked, Place, Task, rows
from rag.text import Span, normalise
from rag.types import Article


def load(folder: Path) -> Task:
    """`claims.jsonl`: a page is its sentences, a line each; claims that nothing supports are left out."""
    articles, asked, sentences = [], [], {}
    for row in rows(folder / "claims.jsonl"):
        lines = [" ".join(normalise(line).split()) for line in row["evidence"]]
        starts = [sum(len(line) + 1 for line in lines[:n]) for n in range(len(lines))]
        spans = [Span(start, start + len(line)) for start, line in zip(starts, lines, strict=True)]
        articles.append(Article("\n".join(lines), external_id=row["id"]))
        sentences[row["id"]] = places = [Place(row["id"], span) for span in spans]
        golds = [tuple(places[n] for n in gold) for gold in row["supporting_sentences"] if gold]
        if golds:
            asked.append(Asked(row["claim"], within=row["id"], alternatives=tuple(golds)))
    return Task("wice", "sentence", articles, asked, sentences)


def measure(system: System, task: Task) -> dict[str, float]:
    return evidence_scores(system, task)
