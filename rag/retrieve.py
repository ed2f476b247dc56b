"""Question to evidence: passages by meaning, by words and by speaker, fused; then their best sentences.

question ──> dense ────┐
         ──> words ────┼── reciprocal rank fusion ──> passages ──> sentences, each scored
         ──> speaker ──┘
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.attribution import speaker_of
from rag.index import Hit, Index
from rag.library import Library
from rag.people import folded, is_named, name_words
from rag.signals import CONFIDENCE, PASSAGE, RANKING, Cosines, Signals, Weigher
from rag.text import Span
from rag.types import Article, Evidence, Filters, Quotation, StoredPassage
from rag.words import Question, stem, stems, understand, words

T = TypeVar("T")
Item = TypeVar("Item", bound=Hashable)

DEPTH = 100
"""Passages taken from each ranking before they are fused."""

POSTINGS = 4_000
"""Entries of the full-text index that the rare words of a question may have: of each such passage the
BM25 is summed, some 2 microseconds."""

RRF_K = 60
"""Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet", SIGIR 2009."""

FOREMOST = 5
"""Of each ranking, the passages that are looked at whatever the other rankings say: words that stand in one place only
are found there, though nothing else speaks for it."""

PASSAGES = 12
"""Fused passages that are cut to sentences for an answer."""

HALVING = 10
"""Ranks after which a fused place counts half: the eleventh passage half as much as the first."""

SEARCHED = 50
"""Fused passages that a search puts in order."""


class Candidate(NamedTuple):
    """A sentence that might answer, before it is scored."""

    article: Article
    sentence: Span
    passage: int
    signals: Signals
    spoken: tuple[Quotation, ...]
    why: tuple[str, ...]


@dataclass
class Found:
    """The passages for a question, best first, with what is needed to cut them to sentences."""

    question: Question
    people: frozenset[str]
    passages: list[StoredPassage]
    cosines: Mapping[int, float]
    own: Mapping[int, Sequence[float]]
    """By passage, the cosine of each of its sentences."""
    articles: Mapping[str, Article]
    why: Mapping[int, tuple[str, ...]]
    timings_ms: dict[str, float] = field(default_factory=dict)


class Retriever:
    """Finds evidence. Holds nothing of its own."""

    def __init__(self, library: Library, index: Index, embed: Callable[[str], NDArray[np.float32]]) -> None:
        self.library = library
        self.index = index
        self.embed = embed

    def evidence(self, text: str, limit: int, filters: Filters) -> tuple[list[Evidence], dict[str, float]]:
        """The `limit` sentences likeliest to answer, likeliest first, and the milliseconds of each stage."""
        with self.library.database.snapshot():
            found = self.passages(text, PASSAGES, filters)
            ranked = _timed(found.timings_ms, "sentences", lambda: self.ranked(found, filters))
        return [_evidence(c, c.sentence, relevance) for c, relevance in ranked[:limit]], found.timings_ms

    def search(self, text: str, limit: int, filters: Filters) -> list[Evidence]:
        """The `limit` best passages, best first; each scored by its best sentence.

        Fused ranks only say which passages to look at: their order is by what `PASSAGE` gives for
        the passage itself. Of real news questions 8 in 100 more then find their article first.
        """
        with self.library.database.snapshot():
            found = self.passages(text, max(limit, SEARCHED), filters)
            ranked = self.ranked(found, filters)
        best: dict[int, tuple[Candidate, float]] = {}
        for candidate, relevance in ranked:
            best.setdefault(candidate.passage, (candidate, relevance))
        passages = [p for p in found.passages if p.id in best]
        passages.sort(key=lambda p: -PASSAGE.sum(best[p.id][0].signals))
        return [_evidence(best[p.id][0], p.span, best[p.id][1]) for p in passages[:limit]]

    def quotations(self, about: str, limit: int, filters: Filters) -> list[tuple[Quotation, float]]:
        """The `limit` quotations that are likeliest about something, likeliest first, each with its score."""
        with self.library.database.snapshot():
            found = self.passages(about, max(limit, SEARCHED), filters)
            ranked = self.ranked(found, filters)
            only = self._only(filters)
        said: dict[tuple[str, Span, str], tuple[Quotation, float]] = {}
        for candidate, _ in ranked:
            for quotation in candidate.spoken:
                if only is None or quotation.person in only:
                    key = (candidate.article.id, quotation.excerpt.span, quotation.kind)
                    said.setdefault(key, (quotation, CONFIDENCE.probability(candidate.signals)))
        return list(said.values())[:limit]

    def ranked(self, found: Found, filters: Filters) -> list[tuple[Candidate, float]]:
        """The sentences of the found passages with their relevance, best first.

        Relevance is how likely a sentence is to be the answer beside the likeliest one, which has 1.
        """
        sums = [(c, RANKING.sum(c.signals)) for c in self.candidates(found, filters)]
        sums.sort(key=lambda scored: -scored[1])
        return [(c, math.exp(total - sums[0][1])) for c, total in sums]

    # --- passages -----------------------------------------------------------------------------

    def passages(self, text: str, limit: int, filters: Filters) -> Found:
        """The `limit` passages that rank best by meaning, by words and by speaker, and the foremost of each."""
        timings: dict[str, float] = {}
        question = understand(text)
        within = self.library.selected(filters) if filters else None
        only = self._spoken_by(filters, within)
        people = self._named(question)
        vector = _timed(timings, "embed", lambda: self.embed(text))
        hits = _timed(timings, "dense", lambda: self._near(vector, filters, within, only))
        matched = _timed(timings, "words", lambda: self._matching(question, within, only))
        spoken = _timed(timings, "speaker", lambda: self._spoken(question, people, within))
        started = time.perf_counter()
        rankings = {"meaning": [hit.passage for hit in hits], "words": matched, "speaker": spoken}
        ranked = fuse(list(rankings.values()))[:limit]
        foremost = [passage for ranking in rankings.values() for passage in ranking[:FOREMOST]]
        ranked = list(dict.fromkeys([*ranked, *foremost]))
        stored = self.library.passages(ranked)
        passages = [stored[i] for i in ranked if i in stored]
        cosines = {hit.passage: hit.cosine for hit in hits}
        cosines |= self._cosines([p.id for p in passages if p.id not in cosines], vector)
        own = self._own_cosines(passages, cosines, vector)
        why = {p.id: tuple(name for name, ids in rankings.items() if p.id in set(ids)) for p in passages}
        articles = self.library.articles(list({p.article_id for p in passages}))
        timings["fuse"] = _since(started)
        return Found(question, people, passages, cosines, own, articles, why, timings)

    def _matching(self, question: Question, within: Sequence[str] | None, only: Sequence[int] | None) -> list[int]:
        """The passages with a rare word of the question, best first by all its words.

        A word that stands in a tenth of all passages finds nothing, and costs as much as ten rarer
        ones; but among what these find it tells: with it, of long questions about real news 11 in
        100 more find their article first by words.
        """
        stemmed = {word: stem(word) for word in question.words}
        frequency = self.library.document_frequency(list(set(stemmed.values())))
        there = (word for word in stemmed if frequency[stemmed[word]])
        rarest = sorted(there, key=lambda word: frequency[stemmed[word]])
        postings = itertools.accumulate(frequency[stemmed[word]] for word in rarest)
        count = max(1, sum(so_far <= POSTINGS for so_far in postings))
        telling = rarest[:count]
        return self.library.match(question.words, DEPTH, within, only, telling)

    def _spoken_by(self, filters: Filters, within: Sequence[str] | None) -> list[int] | None:
        """The passages with speech by whom `filters` name; None where they name nobody."""
        if not filters.speakers or within is None:
            return None
        return self.library.quotations.passages_with(self.library.voices.named(filters.speakers), within)

    def _near(
        self, vector: NDArray[np.float32], filters: Filters, within: Sequence[str] | None, only: Sequence[int] | None
    ) -> list[Hit]:
        if only is not None:
            return self.index.search_among(vector, DEPTH, only)
        return self.index.search(vector, DEPTH, filters, within)

    def _spoken(self, question: Question, people: frozenset[str], within: Sequence[str] | None) -> list[int]:
        if not (people and question.cue):
            return []
        found = self.library.quotations.spoken(sorted(people), sorted(question.own_cues), DEPTH, within)
        others = question.cues - question.own_cues
        if others and len(found) < DEPTH:
            found += self.library.quotations.spoken(sorted(people), sorted(others), DEPTH, within)
        return list(dict.fromkeys(found))[:DEPTH]

    def _cosines(self, ids: Sequence[int], vector: NDArray[np.float32]) -> dict[int, float]:
        found, vectors = self.library.vectors(ids)
        return dict(zip(found.tolist(), (vectors @ vector).tolist(), strict=True)) if len(found) else {}

    def _own_cosines(
        self, passages: Sequence[StoredPassage], cosines: Mapping[int, float], vector: NDArray[np.float32]
    ) -> dict[int, Sequence[float]]:
        """The cosines of each passage's sentences; the passage's own, where theirs are still to be embedded."""
        vectors = self.library.sentence_vectors([p.id for p in passages], len(vector))
        return {
            p.id: (vectors[p.id] @ vector).tolist()
            if len(vectors[p.id]) == len(p.sentences)
            else [cosines[p.id]] * len(p.sentences)
            for p in passages
        }

    def _named(self, question: Question) -> frozenset[str]:
        """The people that the question names, by the last word of a name of theirs or more.

        Where it says whose speech it asks for, only who is named there; where it asks who said
        something, nobody: whom it names is spoken about. With a given name in the question, of those
        with that surname whoever has it, or has none.
        """
        if question.of_anybody:
            return frozenset()
        who = self._called(set(words(question.who)), question.who)
        return who or self._called(set(question.words), question.text)

    def _called(self, asked: set[str], text: str) -> frozenset[str]:
        """The people whose surname is one of the words `asked`, and whose given name stands in `text`."""
        given = asked.union(folded(text))  # "D'Angelo" too
        people: set[str] = set()
        for voices in self.library.voices.ending_in(asked).values():
            called = [voice for voice in voices if _given(voice) in given]
            people |= {person for speaker, person in called or voices}
            people |= {voice[1] for voice in voices if not _given(voice)}
        return frozenset(people)

    # --- sentences ----------------------------------------------------------------------------

    def candidates(self, found: Found, filters: Filters) -> list[Candidate]:
        """The sentences of the found passages, each once, with what speaks for them."""
        quotations = self.library.quotations.in_passages(found.passages, found.articles)
        weigher = self._weigher(found)
        only = self._only(filters)
        seen: set[tuple[str, Span]] = set()
        candidates: list[Candidate] = []
        for rank, passage in enumerate(found.passages):
            article = found.articles.get(passage.article_id)
            if article is None:
                continue
            around = set(stems(article.title + " " + article.excerpt(passage.span).text))
            cosine = found.cosines.get(passage.id, 0.0)
            for sentence, own in zip(passage.sentences, found.own[passage.id], strict=True):
                if (article.id, sentence) in seen:
                    continue
                seen.add((article.id, sentence))
                spoken = [q for q in quotations[passage.id] if q.excerpt.span.overlaps(sentence)]
                if only is not None and not any(q.person in only for q in spoken):
                    continue
                signals = weigher.weigh(article.excerpt(sentence).text, around, Cosines(cosine, own), spoken)
                signals = signals._replace(fused=1 / (1 + rank / HALVING))
                candidates.append(
                    Candidate(article, sentence, passage.id, signals, tuple(spoken), found.why[passage.id])
                )
        return candidates

    def _only(self, filters: Filters) -> frozenset[str] | None:
        """The people that `filters` keep to; None where they keep to nobody."""
        return frozenset(self.library.voices.named(filters.speakers)) if filters.speakers else None

    def _weigher(self, found: Found) -> Weigher:
        frequencies = self.library.document_frequency(found.question.stems)
        return Weigher(found.question, found.people, frequencies, self.library.passages_stamp()[1])


def _given(voice: tuple[str, str]) -> str:
    """The given name of a (speaker, person), empty where there is none."""
    name = name_words(voice[1])
    return name[0] if len(name) > 1 and is_named(voice[0]) else ""


def _evidence(candidate: Candidate, span: Span, relevance: float) -> Evidence:
    confidence = CONFIDENCE.probability(candidate.signals)
    return Evidence(candidate.article.excerpt(span), confidence, speaker_of(candidate.spoken), candidate.why, relevance)


def fuse(rankings: Sequence[Sequence[Item]]) -> list[Item]:
    """One ranking of several, by reciprocal rank; ties keep the order of the first ranking."""
    scores: dict[Item, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1.0 / (RRF_K + rank)
    return sorted(scores, key=lambda item: -scores[item])


def _timed(timings: dict[str, float], stage: str, work: Callable[[], T]) -> T:
    started = time.perf_counter()
    try:
        return work()
    finally:
        timings[stage] = _since(started)


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
