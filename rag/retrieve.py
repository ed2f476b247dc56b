"""Question to evidence: passages by meaning, by words and by speaker, fused; then their best sentences.

question ──> dense ────┐
         ──> words ────┼── reciprocal rank fusion ──> passages ──> sentences, each scored
         ──> speaker ──┘
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.index import Index
from rag.library import Library, StoredPassage
from rag.text import Span
from rag.types import Article, Evidence, Filters, Quotation
from rag.words import Question, stem, stems, understand, words

T = TypeVar("T")

DEPTH = 50
"""Passages taken from each ranking before they are fused."""

POSTINGS = 4_000
"""Entries of the full-text index that one question may rank, some 2 microseconds each."""

RRF_K = 60
"""Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet", SIGIR 2009."""

PASSAGES = 12
"""Fused passages that are cut to sentences."""


PRIOR = 2_000
PRIOR_FREQUENCY = 1 / 500
"""Passages of other news that are imagined beside the library, and the share of them that holds a
word of a question: a middling word's in the polnear and realtimeqa articles."""


SYNONYM = 0.7
"""How much of the question's verb is there where another verb of its meaning is."""


class Signals(NamedTuple):
    """What speaks for a sentence, each 0 to 1. The weights of `Scorer` are in this order."""

    cosine: float
    """Of its passage's vector to the question's."""
    coverage: float
    """The share of the question's words, weighted by rarity, that the sentence holds."""
    context: float
    """The same for its passage and title."""
    cue: float
    """1 if its reporting verb means what the question's does, 0.5 if its words themselves do so
    ("unacceptable" objects); only in speech by whom the question names, if it names a speaker."""


@dataclass(frozen=True)
class Scorer:
    """Logistic regression over `Signals`, fitted by `tests/bench/calibrate.py` on real questions."""

    weights: Signals
    intercept: float

    def score(self, signals: Signals) -> float:
        total = self.intercept + sum(w * s for w, s in zip(self.weights, signals, strict=True))
        return 1.0 / (1.0 + math.exp(-total))


RANKING = Scorer(Signals(cosine=5.20, coverage=2.82, context=3.61, cue=1.31), intercept=-9.92)
"""Which sentence of those found answers: the order of the evidence."""

CONFIDENCE = Scorer(Signals(cosine=4.09, coverage=0.71, context=3.43, cue=1.27), intercept=-5.74)
"""Whether the question is answered at all, judged by a sentence: the score that is shown, and what
abstaining goes by. Fitted on questions with their articles there and with them taken away."""


class Candidate(NamedTuple):
    """A sentence that might answer, before it is scored."""

    article: Article
    sentence: Span
    passage: int
    signals: Signals
    speaker: str
    why: tuple[str, ...]


@dataclass
class Found:
    """The passages for a question, best first, with what is needed to cut them to sentences."""

    question: Question
    speakers: frozenset[str]
    passages: list[StoredPassage]
    cosines: Mapping[int, float]
    articles: Mapping[str, Article]
    why: Mapping[int, tuple[str, ...]]
    timings_ms: dict[str, float] = field(default_factory=dict)


class Retriever:
    """Finds evidence. Holds nothing of its own but who speaks in the library, kept until that changes."""

    def __init__(
        self,
        library: Library,
        index: Index,
        embed: Callable[[str], NDArray[np.float32]],
    ) -> None:
        self.library = library
        self.index = index
        self.embed = embed
        self._speakers: tuple[int, dict[str, set[str]]] = (-1, {})

    def evidence(self, text: str, limit: int, filters: Filters) -> tuple[list[Evidence], dict[str, float]]:
        """The `limit` sentences likeliest to answer, likeliest first, and the milliseconds of each stage."""
        with self.library.database.snapshot():
            found = self.passages(text, PASSAGES, filters)
            started = time.perf_counter()
            ranked = sorted(self.candidates(found, filters), key=lambda c: -RANKING.score(c.signals))
        evidence = [_evidence(c, c.sentence) for c in ranked[:limit]]
        found.timings_ms["sentences"] = _since(started)
        return evidence, found.timings_ms

    def search(self, text: str, limit: int, filters: Filters) -> list[Evidence]:
        """The `limit` best passages, best first; each scored by its best sentence."""
        with self.library.database.snapshot():
            found = self.passages(text, max(limit, PASSAGES), filters)
            candidates = self.candidates(found, filters)
        best: dict[int, Candidate] = {}
        for candidate in candidates:
            held = best.get(candidate.passage)
            if held is None or RANKING.score(candidate.signals) > RANKING.score(held.signals):
                best[candidate.passage] = candidate
        return [_evidence(c, p.span) for p in found.passages if (c := best.get(p.id)) is not None][:limit]

    # --- passages -----------------------------------------------------------------------------

    def passages(self, text: str, limit: int, filters: Filters) -> Found:
        """The `limit` passages that rank best by meaning, by words and by speaker together."""
        timings: dict[str, float] = {}
        question = understand(text)
        within = self.library.selected(filters) if filters else None
        speakers = self._named(question)
        vector = _timed(timings, "embed", lambda: self.embed(text))
        hits = _timed(timings, "dense", lambda: self.index.search(vector, DEPTH, filters, within))
        matched = _timed(timings, "words", lambda: self.library.match(self._telling(question), DEPTH, within))
        spoken = _timed(timings, "speaker", lambda: self._spoken(question, speakers, within))
        started = time.perf_counter()
        rankings = {"meaning": [hit.passage for hit in hits], "words": matched, "speaker": spoken}
        ranked = fuse(list(rankings.values()))[:limit]
        stored = self.library.passages(ranked)
        passages = [stored[i] for i in ranked if i in stored]
        cosines = {hit.passage: hit.cosine for hit in hits}
        cosines |= self._cosines([p.id for p in passages if p.id not in cosines], vector)
        why = {p.id: tuple(name for name, ids in rankings.items() if p.id in set(ids)) for p in passages}
        articles = self.library.articles(list({p.article_id for p in passages}))
        timings["fuse"] = _since(started)
        return Found(question, speakers, passages, cosines, articles, why, timings)

    def _telling(self, question: Question) -> list[str]:
        """The question's words, rarest first, as far as full text can rank them quickly.

        A word that stands in a tenth of all passages tells next to nothing where rarer ones are
        asked for, and costs as much as ten of these.
        """
        stemmed = {word: stem(word) for word in question.words}
        frequency = self.library.document_frequency(list(set(stemmed.values())))
        kept: list[str] = []
        postings = 0
        for word in sorted(stemmed, key=lambda word: frequency[stemmed[word]]):
            postings += frequency[stemmed[word]]
            if postings > POSTINGS and len(kept) >= 2:
                break
            kept.append(word)
        return kept

    def _spoken(self, question: Question, speakers: frozenset[str], within: Sequence[str] | None) -> list[int]:
        if not (speakers and question.cue):
            return []
        found = self.library.spoken(sorted(speakers), sorted(question.cues), DEPTH)
        if within is None:
            return found
        allowed = set(within)
        return [i for i, p in self.library.passages(found).items() if p.article_id in allowed]

    def _cosines(self, ids: Sequence[int], vector: NDArray[np.float32]) -> dict[int, float]:
        found, vectors = self.library.vectors(ids)
        return dict(zip(found.tolist(), (vectors @ vector).tolist(), strict=True)) if len(found) else {}

    def _named(self, question: Question) -> frozenset[str]:
        """The speakers of the library that the question names, by their last word or more."""
        known = self._speakers_by_word()
        asked = set(question.words)
        candidates = {speaker for word in asked for speaker in known.get(word, ())}
        return frozenset(s for s in candidates if words(s)[-1] in asked)

    def _speakers_by_word(self) -> dict[str, set[str]]:
        changes, known = self._speakers
        if changes != self.library.changes:
            changes, known = self.library.changes, {}
            for speaker, _ in self.library.speakers(limit=-1):
                for word in words(speaker)[-1:]:
                    known.setdefault(word, set()).add(speaker)
            self._speakers = (changes, known)
        return known

    # --- sentences ----------------------------------------------------------------------------

    def candidates(self, found: Found, filters: Filters) -> list[Candidate]:
        """The sentences of the found passages, each once, with what speaks for them."""
        quotations = self.library.quotations_in(found.passages, found.articles)
        rarity = self._rarity(found)
        only = frozenset(self.library.speakers_named(filters.speakers)) if filters.speakers else None
        seen: set[tuple[str, Span]] = set()
        candidates: list[Candidate] = []
        for passage in found.passages:
            article = found.articles.get(passage.article_id)
            if article is None:
                continue
            around = set(stems(article.title + " " + article.excerpt(passage.span).text))
            for sentence in passage.sentences:
                if (article.id, sentence) in seen:
                    continue
                seen.add((article.id, sentence))
                spoken = [q for q in quotations[passage.id] if q.excerpt.span.overlaps(sentence)]
                if only is not None and not any(q.speaker in only for q in spoken):
                    continue
                signals = self._signals(found, passage, article, sentence, spoken, rarity, around)
                candidates.append(
                    Candidate(article, sentence, passage.id, signals, _speaker(spoken), found.why[passage.id])
                )
        return candidates

    def _signals(
        self,
        found: Found,
        passage: StoredPassage,
        article: Article,
        sentence: Span,
        spoken: Sequence[Quotation],
        rarity: Mapping[str, float],
        around: set[str],
    ) -> Signals:
        text = article.excerpt(sentence).text
        cue = _cue(found, spoken, text)
        # Whoever speaks counts as named: "he explained" is about Lavrov where he is Lavrov. And a
        # verb counts as there, if less so, where another says the same.
        held = {*stems(text), *(s for q in spoken for s in stems(q.speaker))}
        synonym = {found.question.verb: SYNONYM * cue}
        return Signals(
            cosine=max(0.0, found.cosines.get(passage.id, 0.0)),
            coverage=_coverage(held, rarity, synonym),
            context=_coverage(around, rarity),
            cue=cue,
        )

    def _rarity(self, found: Found) -> dict[str, float]:
        """How much each word of the question tells: its inverse document frequency.

        Counted as if `PRIOR` passages of other news stood beside the library's, or in a library of
        one article its own subject would count for nothing.
        """
        total = self.library.counts().passages + PRIOR
        frequencies = self.library.document_frequency(found.question.stems)
        return {s: math.log(total / (n + PRIOR * PRIOR_FREQUENCY)) for s, n in frequencies.items()}


def _evidence(candidate: Candidate, span: Span) -> Evidence:
    excerpt, signals = candidate.article.excerpt(span), candidate.signals
    return Evidence(excerpt, CONFIDENCE.score(signals), candidate.speaker, candidate.why, RANKING.score(signals))


def fuse(rankings: Sequence[Sequence[int]]) -> list[int]:
    """One ranking of several, by reciprocal rank; ties keep the order of the first ranking."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1.0 / (RRF_K + rank)
    return sorted(scores, key=lambda item: -scores[item])


def _cue(found: Found, spoken: Sequence[Quotation], text: str) -> float:
    """See `Signals.cue`."""
    question = found.question
    asked = [q for q in spoken if q.speaker in found.speakers or not found.speakers]
    if any(q.cue in question.cues for q in asked):
        return 1.0
    lowered = text.lower()
    return 0.5 if asked and any(wording in lowered for wording in question.wordings) else 0.0


def _coverage(held: set[str], rarity: Mapping[str, float], partly: Mapping[str, float] = MappingProxyType({})) -> float:
    """The share of the rarity that is in `held`; what is not may count `partly`."""
    total = sum(rarity.values())
    there = sum(weight if s in held else weight * partly.get(s, 0.0) for s, weight in rarity.items())
    return there / total if total else 0.0


def _speaker(spoken: Sequence[Quotation]) -> str:
    """Whose words a sentence holds, where it is one person's: the words in marks count first."""
    direct = [q for q in spoken if q.kind != "indirect" and q.speaker] or [q for q in spoken if q.speaker]
    names = {q.speaker for q in direct}
    return names.pop() if len(names) == 1 else ""


def _timed(timings: dict[str, float], stage: str, work: Callable[[], T]) -> T:
    started = time.perf_counter()
    try:
        return work()
    finally:
        timings[stage] = _since(started)


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
