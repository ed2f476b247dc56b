"""Fit the two scorers of `rag.retrieve`: which sentence answers best, and whether anything answers at all.

    python tests/bench/calibrate.py DATA [--questions N]

DATA holds polnear/, squad2/ and clapnq/ as `docs/SCORECARD.md` describes them. Their texts are ingested into a
throw-away library. For the ranking every candidate sentence of every question is an example,
positive where it overlaps the marked answer. For the confidence the best-ranked sentence of every
question is one, negative where the question has no answer: squad2's and clapnq's unanswerable
ones, and every question once more with the articles that answer it taken away. Prints the weights
and, on the half of the questions that was not fitted, hits, AUROC and rates at thresholds.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rag import Settings, open_pullquote
from rag.retrieve import PASSAGES, Signals
from rag.service import Pullquote
from rag.text import Span, normalise
from rag.types import Article, Filters

THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


class Asked(NamedTuple):
    """A question with the stretches of articles (by external id) that answer it; none if nothing does."""

    text: str
    answers: tuple[tuple[str, Span], ...]


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def polnear(data: Path) -> tuple[list[Article], list[Asked]]:
    articles = [
        Article(normalise(r["text"]), r["title"], r["author"] or "", r["publisher"], r["date"], external_id=r["id"])
        for r in rows(data / "polnear/articles.jsonl")
    ]
    asked = [
        Asked(
            r["question"],
            tuple(
                (g["doc"], Span(g["content_start"], g["content_end"]))
                for g in [*r["gold"], *r["other_gold_same_speaker_verb"]]
                if "content_start" in g
            ),
        )
        for r in rows(data / "polnear/questions.jsonl")
        if r["unique_in_split"]
    ]
    return articles, asked


def squad2(data: Path) -> tuple[list[Article], list[Asked]]:
    contexts: dict[str, str] = {}
    asked = []
    for r in rows(data / "squad2/qa.jsonl"):
        name = contexts.setdefault(r["context"], f"squad-{len(contexts)}")
        answers = () if r["is_impossible"] else r["answers"]
        asked.append(
            Asked(r["question"], tuple((name, Span(a["start"], a["start"] + len(a["text"]))) for a in answers))
        )
    return [Article(normalise(text), external_id=name) for text, name in contexts.items()], asked


def clapnq(data: Path) -> tuple[list[Article], list[Asked]]:
    articles, asked = [], []
    for i, r in enumerate(rows(data / "clapnq/qa.jsonl")):
        text = normalise(r["text"])
        articles.append(Article(text, r["title"], external_id=f"clapnq-{i}"))
        selected = (
            {s for output in r["outputs"] for s in output.get("selected_sentences") or []} if r["answerable"] else set()
        )
        spans = [(f"clapnq-{i}", span) for s in selected if (span := _found(s, r["sentences"], text))]
        asked.append(Asked(r["question"], tuple(spans)))
    return articles, asked


def _found(selected: object, sentences: list[str], text: str) -> Span | None:
    sentence = sentences[selected] if isinstance(selected, int) else str(selected)
    at = text.find(normalise(sentence).strip())
    return Span(at, at + len(sentence.strip())) if at >= 0 else None


class Example(NamedTuple):
    """A candidate sentence of a question: whether it answers, and whether anything does."""

    question: int
    signals: Signals
    hit: bool
    answerable: bool
    article: str


def examples(pullquote: Pullquote, asked: list[Asked]) -> Iterator[Example]:
    retriever = pullquote._retriever
    for n, question in enumerate(asked):
        found = retriever.passages(question.text, PASSAGES, Filters())
        for c in retriever.candidates(found, Filters()):
            name = c.article.external_id
            hit = any(name == gold and c.sentence.overlaps(span) for gold, span in question.answers)
            yield Example(n, c.signals, hit, bool(question.answers), name)


def bereft(found: list[Example]) -> list[Example]:
    """The same questions with every article that answers them taken away: now nothing does."""
    answering = {(e.question, e.article) for e in found if e.hit}
    return [e._replace(answerable=False) for e in found if (e.question, e.article) not in answering and not e.hit]


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray, rounds: int = 60) -> np.ndarray:
    """Logistic regression by Newton's method, with a little ridge; the last entry is the intercept."""
    x = np.hstack([x, np.ones((len(x), 1))])
    beta = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        gradient = x.T @ (weight * (y - p)) - 1e-3 * beta
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(x.shape[1])
        beta += np.linalg.solve(hessian, gradient)
    return beta


def auroc(positive: np.ndarray, negative: np.ndarray) -> float:
    order = np.argsort(np.concatenate([positive, negative]), kind="stable")
    ranks = np.empty(len(order))
    ranks[order] = np.arange(1, len(order) + 1)
    return float(
        (ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2) / (len(positive) * len(negative))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--questions", type=int, default=400, help="questions taken from each set")
    parser.add_argument("--home", type=Path, help="keep the library here, to fit again sooner")
    options = parser.parse_args()
    draw = random.Random(7)
    sets = {"polnear": polnear(options.data), "squad2": squad2(options.data), "clapnq": clapnq(options.data)}
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_pullquote(Settings(home=options.home or Path(scratch))) as pullquote,
    ):
        for articles, _ in sets.values():
            pullquote.ingest_articles(articles)
        collected = {}
        for name, (_, asked) in sets.items():
            picked = draw.sample(asked, min(options.questions, len(asked)))
            collected[name] = list(examples(pullquote, picked))
            print(f"{name}: {len(picked)} questions, {len(collected[name])} sentences, "
                  f"{sum(e.hit for e in collected[name])} that answer", flush=True)  # fmt: skip
    report(collected)


def report(collected: dict[str, list[Example]]) -> None:
    """Even questions are fitted, odd ones held out. Every set weighs the same."""
    ranking = weighted(collected, lambda found: [e for e in found if e.question % 2 == 0], lambda e: e.hit)
    show("ranking", ranking)
    everything = {name: [*found, *bereft(found)] for name, found in collected.items()}
    confidence = weighted(everything, lambda found: firsts(found, ranking, 0), lambda e: e.answerable)
    show("confidence", confidence)
    for name, found in collected.items():
        held(name, found, ranking, confidence)


def weighted(sets: dict[str, list[Example]], pick: Callable, label: Callable[[Example], bool]) -> np.ndarray:
    picked = [(e, 1.0 / len(chosen)) for found in sets.values() for chosen in [pick(found)] for e in chosen]
    x = np.array([e.signals for e, _ in picked], float)
    y = np.array([label(e) for e, _ in picked], float)
    weight = np.array([w for _, w in picked])
    return fit(x, y, weight * len(x) / weight.sum())


def firsts(found: list[Example], ranking: np.ndarray, half: int) -> list[Example]:
    """The best sentence of each question of a half, answerable and bereft apart."""
    best: dict[tuple[int, bool], Example] = {}
    for e in found:
        key = (e.question, e.answerable)
        if e.question % 2 == half and (key not in best or apply(ranking, e) > apply(ranking, best[key])):
            best[key] = e
    return list(best.values())


def apply(beta: np.ndarray, e: Example) -> float:
    return float(1 / (1 + np.exp(-(np.dot(beta[:-1], e.signals) + beta[-1]))))


def show(name: str, beta: np.ndarray) -> None:
    weights = ", ".join(f"{signal}={w:.2f}" for signal, w in zip(Signals._fields, beta[:-1], strict=True))
    print(f"{name}: Scorer(Signals({weights}), intercept={beta[-1]:.2f})")


def held(name: str, found: list[Example], ranking: np.ndarray, confidence: np.ndarray) -> None:
    """Figures over the questions that were not fitted: hits, and how surely yes is told from no."""
    by_question: dict[int, list[tuple[float, bool]]] = {}
    for e in found:
        if e.question % 2 and e.answerable:
            by_question.setdefault(e.question, []).append((apply(ranking, e), e.hit))
    ordered = [sorted(scored, reverse=True) for scored in by_question.values()]
    line = ", ".join(f"hit@{k} {np.mean([any(h for _, h in o[:k]) for o in ordered]):.3f}" for k in (1, 5, 10))
    print(f"{name}: {len(ordered)} questions, {line}")
    kinds = {
        "unanswerable as marked": found,
        "bereft of their article": [*(e for e in found if e.answerable), *bereft(found)],
    }
    for kind, pool in kinds.items():
        best = firsts(pool, ranking, 1)
        yes, no = (np.array([apply(confidence, e) for e in best if e.answerable is truth]) for truth in (True, False))
        if len(no):
            rates = "; ".join(f"{t}: {np.mean(yes >= t):.2f}/{np.mean(no >= t):.2f}" for t in THRESHOLDS)
            print(f"  {len(no)} {kind}: AUROC {auroc(yes, no):.3f}; answered of yes/no at {rates}")


if __name__ == "__main__":
    main()
