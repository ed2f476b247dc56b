"""What speaks for a sentence as the answer to a question, in numbers, and what these are worth.

The weights are fitted by `tests/bench/calibrate.py` on real questions; no single one is set by hand.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import mul
from types import MappingProxyType
from typing import NamedTuple

from rag.people import folded, name_words
from rag.types import Quotation
from rag.words import Question, denies, kind_asked, stem, stems, words

PRIOR = 2_000
PRIOR_FREQUENCY = 1 / 500
"""Passages of other news that are imagined beside the library, and the share of them that holds a
word of a question: a middling word's in the polnear and realtimeqa articles."""

SYNONYM = 0.7
"""How much of the question's verb is there where another verb of its meaning is, or where the words
themselves do what it says: "unacceptable" objects."""


class Signals(NamedTuple):
    """Each is 0 to 1, but for `kind`. The weights of `Scorer` are in this order."""

    cosine: float = 0.0
    """Of its passage's vector to the question's."""
    own: float = 0.0
    """Of its own vector to the question's."""
    coverage: float = 0.0
    """The share of the question's words, weighted by rarity, that the sentence holds."""
    context: float = 0.0
    """The same for its passage and title."""
    cue: float = 0.0
    """1 if its reporting verb is the question's, `SYNONYM` if it means the same; only in speech by whom the
    question names, if it names a speaker."""
    voice: float = 0.0
    """1 if it holds speech by whom the question names, or by anybody where it asks who, if it asks for speech at all
    (has a reporting verb)."""
    met: float = 0.0
    """As `cue`, where the question asks for nothing else than that: "What did Lavrov object to?" """
    kind: float = 0.0
    """1 if it holds what the question word asks for (a date for "when"), -1 if not, 0 if nothing is."""
    missing: float = 0.0
    """The rarity of the rarest word of the question that it lacks."""
    unnamed: float = 0.0
    """The share of the names and numbers in the question that its passage lacks."""
    denied: float = 0.0
    """1 if the question has a "not" in it and the sentence has none."""
    fused: float = 0.0
    """1 for the passage that comes first in the fused rankings, 1/2 for the eleventh, 1/3 for the 21st."""


@dataclass(frozen=True)
class Scorer:
    """A weighted sum of `Signals`."""

    weights: Signals
    intercept: float = 0.0

    def sum(self, signals: Signals) -> float:
        total: float = self.intercept + sum(map(mul, self.weights, signals))
        return total

    def probability(self, signals: Signals) -> float:
        """The sum as a logistic regression reads it."""
        return 1.0 / (1.0 + math.exp(-self.sum(signals)))


RANKING = Scorer(
    Signals(cosine=5.44, own=2.54, coverage=3.23, context=7.11, cue=0.72, voice=1.03, met=3.73, kind=0.55),
)
"""Which sentence of those found answers: the order of the evidence."""

PASSAGE = Scorer(Signals(cosine=5.14, context=11.85, fused=4.42))
"""Which passage answers, by what its best sentence has from it: the order of a search."""

CONFIDENCE = Scorer(
    Signals(
        cosine=4.14, own=2.39, coverage=0.75, context=2.36, cue=0.36, voice=-0.07, met=2.34,
        kind=0.13, missing=-0.33, unnamed=-1.39, denied=-1.80,
    ),
    intercept=-5.50,
)  # fmt: skip
"""Whether the question is answered at all, judged by a sentence: the score that is shown, and what
abstaining goes by. Fitted on questions with their articles there and with them taken away."""


class Cosines(NamedTuple):
    """How near a sentence is to the question by vectors: its passage with its title, and itself."""

    passage: float
    sentence: float


@dataclass(frozen=True)
class Weigher:
    """Weighs sentences for one question. `people` are those of the library that it names; `frequencies`
    says in how many of the library's `total` passages each of its stems stands.
    """

    question: Question
    people: Collection[str]
    frequencies: Mapping[str, int]
    total: int

    def weigh(self, sentence: str, around: Collection[str], cosines: Cosines, spoken: Sequence[Quotation]) -> Signals:
        """The signals of a sentence. `around` are the stems of its passage and title."""
        question = self.question
        own = stems(sentence)
        cue = self._cue(spoken, sentence, own)
        # Whoever speaks counts as named: "he explained" is about Lavrov where he is Lavrov. And a
        # verb counts as there, if less so, where another says the same.
        speakers = {s for q in spoken for s in stems(q.speaker)}
        held, near = {*own, *speakers}, {*around, *speakers}
        synonym = {question.verb: SYNONYM * cue}
        voice = float(bool(question.cue) and any(self._is_asked(q) for q in spoken))
        lacking = (r for s, r in self.rarity.items() if s not in held and not (s == question.verb and cue))
        return Signals(
            cosine=max(0.0, cosines.passage),
            own=max(0.0, cosines.sentence),
            coverage=self._coverage(held, synonym),
            context=self._coverage(near),
            cue=cue,
            voice=voice,
            met=cue * voice * self._only_speech,
            kind=self._kind(sentence),
            missing=max(lacking, default=0.0) / self._rarest,
            unnamed=self._unnamed(near),
            denied=float(question.denies and not denies(sentence)),
        )

    @cached_property
    def rarity(self) -> dict[str, float]:
        """How much each word of the question tells: its inverse document frequency.

        Counted as if `PRIOR` passages of other news stood beside the library's, or in a library of
        one article its own subject would count for nothing.
        """
        total = self.total + PRIOR
        return {s: math.log(total / (self.frequencies[s] + PRIOR * PRIOR_FREQUENCY)) for s in self.question.stems}

    @cached_property
    def _only_speech(self) -> bool:
        """Whether the question is about a speaker's words and no matter besides."""
        names = {word for person in self.people for word in name_words(person)}
        written = (part for part in self.question.text.split() if names.issuperset(folded(part)))  # "O'Brien" too
        named = {stem(word) for word in {*names, *words(" ".join(written))}}
        return bool(self.people) and set(self.question.stems) <= {*named, self.question.verb}

    @property
    def _rarest(self) -> float:
        """The rarity of a word that stands nowhere."""
        return math.log((self.total + PRIOR) / (PRIOR * PRIOR_FREQUENCY))

    def _coverage(self, held: Collection[str], partly: Mapping[str, float] = MappingProxyType({})) -> float:
        """The share of the rarity that is in `held`; what is not may count `partly`."""
        there = sum(weight if s in held else weight * partly.get(s, 0.0) for s, weight in self.rarity.items())
        return there / self._total_rarity if self._total_rarity else 0.0

    @cached_property
    def _total_rarity(self) -> float:
        return sum(self.rarity.values())

    def _is_asked(self, quotation: Quotation) -> bool:
        """Whether it is by whom the question names; by anybody with a name, where it asks who."""
        return quotation.person in self.people or (self.question.of_anybody and bool(quotation.speaker))

    def _cue(self, spoken: Sequence[Quotation], sentence: str, held: Sequence[str]) -> float:
        """See `Signals.cue`. `held` are the stems of the sentence: "my objection is" says that one objects."""
        asked = [q for q in spoken if q.person in self.people or not self.people]
        if any(q.cue in self.question.own_cues for q in asked):
            return 1.0
        if any(q.cue in self.question.cues for q in asked) or (asked and self.question.verb in held):
            return SYNONYM
        lowered = sentence.lower()
        return SYNONYM if asked and any(wording in lowered for wording in self.question.wordings) else 0.0

    def _kind(self, sentence: str) -> float:
        asked = kind_asked(self.question.text)
        if asked is None:
            return 0.0
        told = set(self.question.stems)
        return 1.0 if any(not set(stems(found)) <= told for found in asked.findall(sentence)) else -1.0

    def _unnamed(self, near: Collection[str]) -> float:
        names = self.question.names
        return sum(not set(stems(name)) <= set(near) for name in names) / len(names) if names else 0.0
