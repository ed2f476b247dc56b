"""Scores that several sets share: which sentences were right, whether the answer was shown, whether refusing was."""

from __future__ import annotations

from collections.abc import Sequence

from rag.evals.metrics import auroc, contains_answer, hit, mean, overlap
from rag.evals.systems import System
from rag.evals.task import Asked, Place, Ranked, Task
from rag.text import Span

SHOWN = 3
"""Sentences that are compared with the gold ones."""


def spans_of(text: str, sentences: Sequence[str]) -> list[Span]:
    """Where a data set's own sentences stand, in order. An absent one is empty, at where it should be."""
    spans: list[Span] = []
    position = 0
    for sentence in sentences:
        words = sentence.strip()
        at = text.find(words, position)
        spans.append(Span(at, at + len(words)) if at >= 0 and words else Span(position, position))
        position = spans[-1].end
    return spans


def evidence_scores(system: System, task: Task) -> dict[str, float]:
    """Precision, recall and F1 of the sentences in the first three places, and hit@1.

    Over questions with gold sentences; where several sets of these would each do, the best counts.
    A place counts as every sentence of the data set of which it holds the greater part.
    """
    overlaps, hits = [], []
    for asked in task.asked:
        golds = asked.alternatives or ((asked.gold,) if asked.gold else ())
        if not golds:
            continue
        ranked = system.rank(asked.text, SHOWN, asked.within)
        returned = [_sentences(found, task.sentences[asked.within]) for found in ranked]
        overlaps.append(max((overlap(set().union(*returned), gold) for gold in golds), key=lambda o: o.f1))
        hits.append(max(hit([bool(held & set(gold)) for held in returned], 1) for gold in golds))
    return {
        "P@3": mean([score.precision for score in overlaps]),
        "R@3": mean([score.recall for score in overlaps]),
        "F1@3": mean([score.f1 for score in overlaps]),
        "hit@1": mean(hits),
    }


def _sentences(found: Ranked, own: Sequence[Place]) -> set[Place]:
    """The data set's sentences that a returned place stands for."""
    return {place for place in own if _shared(found.place.span, place.span) * 2 > place.span.end - place.span.start}


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def contained_scores(system: System, task: Task) -> dict[str, float]:
    """Whether the marked answer stands, word for word, in the first, or the first three, returned."""
    texts = task.texts
    shown = [
        (asked, [_words(found, texts) for found in system.rank(asked.text, SHOWN, asked.within)])
        for asked in task.asked
        if asked.answers
    ]
    return {f"answer in first {n}": mean([_contained(said[:n], asked) for asked, said in shown]) for n in (1, SHOWN)}


def _contained(said: Sequence[str], asked: Asked) -> float:
    """Whether one of the returned texts holds an answer; one that only their seam makes was never said."""
    return float(any(contains_answer(words, asked.answers) for words in said))


def _words(found: Ranked, texts: dict[str, str]) -> str:
    start, end = found.place.span
    return texts[found.place.article][start:end]


def refusal_scores(system: System, task: Task) -> dict[str, float]:
    """AUROC of the best score, answerable questions against the others; and, where the system has a
    threshold, the share of each that it answers there.
    """
    scores: dict[bool, list[float]] = {True: [], False: []}
    for asked in task.asked:
        scores[asked.answerable].append(_confidence(system, asked))
    found = {"abstention AUROC": auroc(scores[True], scores[False])}
    threshold = getattr(system, "threshold", None)
    if threshold is not None:
        found["answered, answerable"] = mean([float(score >= threshold) for score in scores[True]])
        found["answered, unanswerable"] = mean([float(score >= threshold) for score in scores[False]])
    return found


def _confidence(system: System, asked: Asked) -> float:
    return max((found.score for found in system.rank(asked.text, SHOWN, asked.within)), default=float("-inf"))
