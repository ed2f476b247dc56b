"""Fit the scorers of `rag.signals`: which sentence answers best, and whether anything answers at all.

    python tests/bench/calibrate.py DATA [--questions N]

DATA holds the folders of polnear, squad2, clapnq and wice. Even questions are fitted, odd ones held out, and
every way of asking weighs the same:

- the order of sentences (`RANKING`) and of passages (`PASSAGE`) by conditional logistic regression:
  the probability that a sentence is the one that answers, among those of its question (McFadden, 1974);
- the confidence by logistic regression over the first sentence of each question, negative where the question
  has no answer: as marked by the set, and every question once more with the articles that answer it taken away.

Prints the weights, and figures on the held-out half: hits, AUROC, and rates at thresholds.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rag import Settings, open_pullquote
from rag.evals.metrics import auroc
from rag.evals.run import RANKINGS
from rag.evals.task import Asked, Place, Task
from rag.retrieve import PASSAGES, SEARCHED
from rag.service import Pullquote
from rag.signals import Scorer, Signals
from rag.types import Filters

SETS = ("polnear", "squad2", "clapnq", "wice")
THRESHOLDS = (0.2, 0.3, 0.35, 0.4, 0.5, 0.6)
ALL = tuple(range(len(Signals._fields)))
VOICE = Signals._fields.index("voice")
OF_SENTENCE = [*map(Signals._fields.index, ("cosine", "own", "coverage", "context", "cue", "voice", "met", "kind"))]
OF_PASSAGE = [*map(Signals._fields.index, ("cosine", "context", "fused"))]
OF_CONFIDENCE = np.array([name != "fused" for name in Signals._fields])
"""A rank says nothing of whether anything answers; and the articles that are taken away leave theirs free."""

RIDGE = 1e-3


class Example(NamedTuple):
    """A candidate sentence of a question: whether it answers, and whether anything does."""

    question: int
    signals: np.ndarray
    hit: bool
    answerable: bool
    article: str
    passage: int
    near: bool
    """Whether its passage is one that `ask` would cut to sentences; the others are there for `search`."""


Found = dict[str, list[Example]]


# --- what is fitted on ------------------------------------------------------------------------


def collected(data: Path, count: int, home: Path) -> Found:
    """Examples of each way of asking: over the whole library, and within the article that is asked."""
    draw = random.Random(7)
    tasks = {name: RANKINGS[name].load(data / name) for name in SETS}
    found: Found = {}
    with open_pullquote(Settings(home=home)) as pullquote:
        for task in tasks.values():
            pullquote.ingest_articles(task.articles)
        found["polnear, topics"] = list(examples(pullquote, topics(tasks["polnear"], draw, count)))
        for name, task in tasks.items():
            asked = [a for a in task.asked if a.unique]
            picked = draw.sample(asked, min(count, len(asked)))
            if name != "wice":  # a claim of Wikipedia is about its own page only
                found[name] = list(examples(pullquote, [replace(a, within="") for a in picked]))
            if picked[0].within:
                found[f"{name}, its own article"] = list(examples(pullquote, picked))
            print(f"{name}: {len(picked)} questions", flush=True)
    return found


def topics(task: Task, draw: random.Random, count: int) -> list[Asked]:
    """Questions such as "What did Weaver say about delegates?": half with a word of what that speaker says
    there, half with a word of what another says in another article, which is nowhere in the speaker's.
    """
    texts = task.texts
    asked = [a for a in task.asked if a.unique and a.gold and _SPEAKER.fullmatch(a.text)]
    told = {a: _telling(texts[a.gold[0].article][slice(*a.gold[0].span)]) for a in asked}
    made = []
    for own in draw.sample(asked, min(count, len(asked))):
        other = draw.choice(asked)
        right = len(made) % 4 < 2  # two of each, so that the fitted half and the other have both
        word = told[own] if right else told[other]
        if word and (right or word.lower() not in texts[own.gold[0].article].lower()):
            name = _SPEAKER.sub(r"\1", own.text)
            made.append(Asked(f"What did {name} say about {word}?", gold=own.gold if right else (), answerable=right))
    return made


_SPEAKER = re.compile(r"What did (.+) \w+\?")


def _telling(words: str) -> str:
    """The longest plain word, which is mostly what is talked about."""
    return max(re.findall(r"\b[a-z]{6,}\b", words), key=len, default="")


def examples(pullquote: Pullquote, asked: Sequence[Asked]) -> Iterator[Example]:
    retriever = pullquote._retriever
    for n, question in enumerate(asked):
        filters = Filters(articles=(question.within,)) if question.within else Filters()
        found = retriever.passages(question.text, SEARCHED, filters)
        near = {passage.id for passage in found.passages[:PASSAGES]}
        gold = {place for places in (question.gold, *question.alternatives) for place in places}
        for candidate in retriever.candidates(found, filters):
            place = Place(candidate.article.external_id, candidate.sentence)
            hit = any(place.overlaps(other) for other in gold)
            yield Example(
                n,
                np.array(candidate.signals),
                hit,
                bool(gold),
                place.article,
                candidate.passage,
                candidate.passage in near,
            )


def of_passages(found: list[Example], order: np.ndarray) -> list[Example]:
    """One example a passage, its best sentence as in a search, which answers if a sentence of it does."""
    passages: dict[tuple[int, int], list[Example]] = {}
    for e in found:
        passages.setdefault((e.question, e.passage), []).append(e)
    return [first(group, order)._replace(hit=any(e.hit for e in group)) for group in passages.values()]


def bereft(found: list[Example]) -> list[Example]:
    """The same questions with every article taken away that answers them, or in which whoever they
    name speaks at all: there too may stand what answers, unmarked. Now nothing does.
    """
    answering = {(e.question, e.article) for e in found if e.hit or e.signals[VOICE]}
    return [e._replace(answerable=False) for e in found if (e.question, e.article) not in answering]


def by_question(found: Sequence[Example]) -> dict[tuple[int, bool], list[Example]]:
    grouped: dict[tuple[int, bool], list[Example]] = {}
    for e in found:
        grouped.setdefault((e.question, e.answerable), []).append(e)
    return grouped


# --- fitting ----------------------------------------------------------------------------------


def fit_order(found: Found, columns: Sequence[int]) -> np.ndarray:
    """Weights over all signals, by Newton's method on standardised columns; those not named are 0."""
    groups = []
    for examples in found.values():
        lists = [g for (n, _), g in by_question(examples).items() if n % 2 == 0]
        useful = [g for g in lists if 0 < sum(e.hit for e in g) < len(g)]
        groups += [
            (np.array([e.signals for e in g]), np.array([e.hit for e in g], float), 1 / len(useful)) for g in useful
        ]
    scale = np.vstack([x for x, _, _ in groups]).std(0) + 1e-9
    groups = [((x / scale)[:, columns], hit / hit.sum(), share) for x, hit, share in groups]
    weights = np.zeros(len(columns))
    value, gradient, hessian = _likelihood(weights, groups)
    for _ in range(50):
        change, step = np.linalg.solve(hessian, gradient), 1.0
        while step > 1e-4 and _likelihood(weights + step * change, groups)[0] < value:
            step /= 2
        weights = weights + step * change
        value, gradient, hessian = _likelihood(weights, groups)
        if np.abs(step * change).max() < 1e-5:
            break
    full = np.zeros(len(ALL))
    full[list(columns)] = weights / scale[list(columns)]
    return full


def _likelihood(weights: np.ndarray, groups: list) -> tuple[float, np.ndarray, np.ndarray]:
    """The penalised log-likelihood of the right sentences, its gradient, and its negated second derivative."""
    value = -RIDGE / 2 * float(weights @ weights)
    gradient, hessian = -RIDGE * weights, RIDGE * np.eye(len(weights))
    for z, target, share in groups:
        scores = z @ weights
        logs = scores - scores.max() - np.log(np.exp(scores - scores.max()).sum())
        p = np.exp(logs)
        mean = p @ z
        value += share * float(target @ logs)
        gradient += share * (z.T @ (target - p))
        hessian += share * ((z * p[:, None]).T @ z - np.outer(mean, mean))
    return value, gradient, hessian


def fit_confidence(found: Found, order: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's method, with a little ridge; the last entry is the intercept."""
    x, y, share = [], [], []
    for name, examples in found.items():
        for no in negatives(name, examples).values():
            best = [first(g, order) for (n, _), g in by_question(no).items() if n % 2 == 0]
            x += [e.signals * OF_CONFIDENCE for e in best]
            y += [e.answerable for e in best]
            share += [1 / len(best)] * len(best)
    a = np.hstack([np.array(x), np.ones((len(x), 1))])
    label, weight = np.array(y, float), np.array(share) * len(x) / sum(share)
    beta = np.zeros(a.shape[1])
    ridge = np.eye(a.shape[1]) * 2.0
    ridge[-1, -1] = 0
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(a @ beta, -30, 30)))
        gradient = a.T @ (weight * (label - p)) - ridge @ beta
        beta += np.linalg.solve((a * (weight * p * (1 - p))[:, None]).T @ a + ridge, gradient)
    return beta


def negatives(name: str, found: list[Example]) -> dict[str, list[Example]]:
    """A set's questions together with those that nothing answers: as marked, and bereft of their article."""
    pools = {}
    if any(not e.answerable for e in found):
        pools["as marked"] = found
    if "own article" not in name and "topics" not in name:
        pools["bereft"] = [*(e for e in found if e.answerable), *bereft([e for e in found if e.answerable])]
    return pools


def first(group: list[Example], order: np.ndarray) -> Example:
    return max(group, key=lambda e: float(e.signals @ order))


# --- what came of it --------------------------------------------------------------------------


def show(name: str, weights: np.ndarray, intercept: float | None = None) -> None:
    told = ", ".join(f"{s}={w:.2f}" for s, w in zip(Signals._fields, weights, strict=True) if abs(w) >= 0.005)
    print(f"{name} = Scorer(Signals({told})" + (f", intercept={intercept:.2f})" if intercept is not None else ")"))


def report(name: str, found: list[Example], order: np.ndarray, beta: np.ndarray) -> None:
    """Figures over the questions that were not fitted."""
    held = [e for e in found if e.question % 2]
    report_hits(name, held, order)
    scorer = Scorer(Signals(*beta[:-1]), beta[-1])
    for kind, pool in negatives(name, held).items():
        best = [first(g, order) for g in by_question(pool).values()]
        yes, no = ([scorer.probability(Signals(*e.signals)) for e in best if e.answerable is t] for t in (True, False))
        rates = "; ".join(
            f"{t}: {np.mean(np.array(yes) >= t):.2f}/{np.mean(np.array(no) >= t):.2f}" for t in THRESHOLDS
        )
        print(f"  {len(no)} {kind}: AUROC {auroc(yes, no):.3f}; answered of yes/no at {rates}")


def report_hits(name: str, found: list[Example], order: np.ndarray) -> None:
    ranked = [
        [e.hit for e in sorted(g, key=lambda e: -float(e.signals @ order))]
        for (_, answerable), g in by_question(found).items()
        if answerable
    ]
    hits = ", ".join(f"hit@{k} {np.mean([any(r[:k]) for r in ranked]):.3f}" for k in (1, 3, 5))
    print(f"{name}: {len(ranked)} answerable, {hits}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=500, help="questions taken from each set")
    parser.add_argument("--home", type=Path, help="keep the library here, to fit again sooner")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = collected(options.data, options.questions, options.home or Path(scratch))
    near = {name: [e for e in examples if e.near] for name, examples in found.items()}
    order = fit_order(near, OF_SENTENCE)
    passages = {name: of_passages(examples, order) for name, examples in found.items() if "own article" not in name}
    found = near
    of_passage = fit_order(passages, OF_PASSAGE)
    beta = fit_confidence(found, order)
    show("RANKING", order)
    show("PASSAGE", of_passage)
    show("CONFIDENCE", beta[:-1], beta[-1])
    for name, examples in found.items():
        report(name, examples, order, beta)
    for name, examples in passages.items():
        report_hits(f"{name}, passages", [e for e in examples if e.question % 2], of_passage)


if __name__ == "__main__":
    main()
