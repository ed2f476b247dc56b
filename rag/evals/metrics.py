"""Figures of merit, as the field defines them. Averages are over questions; all are 0 to 1."""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def hit(right: Sequence[bool], depth: int) -> float:
    """1 if any of the first `depth` results is right."""
    return float(any(right[:depth]))


def reciprocal_rank(right: Sequence[bool], depth: int) -> float:
    """1 over the rank of the first right result, 0 beyond `depth`."""
    return next((1.0 / rank for rank, is_right in enumerate(right[:depth], start=1) if is_right), 0.0)


def ndcg(ranked: Sequence[str], relevant: Collection[str], depth: int) -> float:
    """Binary gain, log2 discount (Järvelin and Kekäläinen, TOIS 2002), over the best ranking there is."""
    gained = sum(1.0 / math.log2(rank + 1) for rank, name in enumerate(ranked[:depth], start=1) if name in relevant)
    ideal = sum(1.0 / math.log2(rank + 1) for rank in range(1, min(depth, len(relevant)) + 1))
    return gained / ideal if ideal else 0.0


def average_precision(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """Mean of the precision at each relevant result; those never returned count 0."""
    found, total = 0, 0.0
    for rank, name in enumerate(ranked, start=1):
        if name in relevant:
            found += 1
            total += found / rank
    return total / len(relevant) if relevant else 0.0


class Overlap(NamedTuple):
    precision: float
    recall: float
    f1: float


def overlap(returned: Collection[object], gold: Collection[object]) -> Overlap:
    """Of two sets. Nothing returned where nothing is to be found is perfect."""
    if not returned and not gold:
        return Overlap(1.0, 1.0, 1.0)
    common = len(set(returned) & set(gold))
    precision = common / len(set(returned)) if returned else 0.0
    recall = common / len(set(gold)) if gold else 0.0
    return Overlap(precision, recall, _harmonic(precision, recall))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The probability that a positive scores above a negative, ties counted half (Mann-Whitney U)."""
    if not positive or not negative:
        return 0.5
    below = np.sort(np.asarray(negative, float))
    scores = np.asarray(positive, float)
    under = np.searchsorted(below, scores, "left")
    tied = np.searchsorted(below, scores, "right") - under
    return float((under + tied / 2).mean() / len(below))


_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’—–")


def answer_words(text: str) -> list[str]:
    """The words of an answer as SQuAD's script compares them: lower case, no punctuation, no articles."""
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def contains_answer(text: str, answers: Collection[str]) -> bool:
    """Whether one of `answers` stands in `text`, word for word."""
    held = f" {' '.join(answer_words(text))} "
    return any(f" {' '.join(words)} " in held for answer in answers if (words := answer_words(answer)))


def token_f1(text: str, answers: Collection[str]) -> float:
    """SQuAD's F1 over words, the best of `answers`."""
    return max((_token_f1(answer_words(text), answer_words(answer)) for answer in answers), default=0.0)


def _token_f1(given: Sequence[str], gold: Sequence[str]) -> float:
    common = (Counter(given) & Counter(gold)).total()
    return _harmonic(common / len(given), common / len(gold)) if common else float(list(given) == list(gold))


_SHINGLE_WORD = re.compile(r"\w+")


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Runs of `size` words, counted; a shorter text is one run. As the article extraction benchmark has it."""
    words = _SHINGLE_WORD.findall(text)
    runs = [tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))] if words else []
    return Counter(runs)


class Shingled(NamedTuple):
    """Shares of one page's shingles: right, too much, missing. Together 1, or all 0 for two empty texts."""

    right: float
    extra: float
    missing: float


def shingled(given: str, gold: str) -> Shingled:
    """How the shingles of an extracted text fit the marked one's."""
    g, w = shingles(given), shingles(gold)
    right, extra, missing = (g & w).total(), (g - w).total(), (w - g).total()
    total = max(1, right + extra + missing)
    return Shingled(right / total, extra / total, missing / total)


def shingle_scores(pages: Sequence[Shingled]) -> Overlap:
    """Over pages, each weighing the same, as Zyte's article-extraction-benchmark sums them."""
    right, extra, missing = (sum(page[i] for page in pages) for i in range(3))
    precision = right / (right + extra) if right + extra else 0.0
    recall = right / (right + missing) if right + missing else 0.0
    return Overlap(precision, recall, _harmonic(precision, recall))


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
