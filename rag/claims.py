"""The sentences of a pasted text that stand outside quotation marks, each judged by the sentences of the articles.

sentence ──> sentences alike by meaning ──┐
         ──> sentences with its rare words ┴── the best of both ──> each judged by itself ──> the kindest verdict

It is a check of words and relations, not of the world: "follows" says that an article has it so, and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import log
from typing import NamedTuple

from rag import drafts, grounds, stopping
from rag.attribution import speaker_of
from rag.entailment.inference import Inference, infer
from rag.errors import InputError
from rag.grounds import Source
from rag.library import Library
from rag.retrieve import Retriever, fuse
from rag.text import Span
from rag.types import Article, CheckedClaim, Citation, ClaimVerdict, Filters, StoredPassage
from rag.words import stem, stopwords, words

MOST = 100
"""Sentences of a text that are checked at once: a long article."""

CITED = 5
"""Sentences that a verdict is shown with, at most."""

CANDIDATES, RANKED = 12, 100
"""Sentences that one is judged by, each worded otherwise, and so many are ranked for these: outlets print the same."""

FEW = 400
"""Sentences of the articles to look in up to which all of them are looked at, so that no search can miss one."""

PASSAGES, NOMINATED, RAREST = 20, 10, 6
"""Of more articles, the passages that are found by meaning, and by so many of the rarest words, to be cut up."""

TOGETHER = 3
"""Sentences of one article that are judged as one where none of them says it alone."""

VERDICTS: Mapping[ClaimVerdict, str] = {
    "follows": "your articles say so",
    "contradicted": "your articles say otherwise",
    "attributed": "your articles have this as what somebody says, not as a fact",
    "not_found": "nothing in your articles says so",
}
"""What a verdict says, to whoever checks."""

WHAT_IT_IS = "A check of words and relations, not of the world."


class _Place(NamedTuple):
    """A sentence of an article that may bear on a claim."""

    article: Article
    span: Span


def sentences(text: str) -> list[drafts.Sentence]:
    """The sentences of `text` that are checked. Raises InputError where there are too many."""
    found = drafts.claims(text)
    if len(found) > MOST:
        raise InputError(
            f"The text to check has {len(found):,} sentences outside quotation marks, and {MOST:,} are checked at "
            "once. Check it in parts."
        )
    return found


def check(
    text: str, found: Sequence[drafts.Sentence], retriever: Retriever, filters: Filters
) -> tuple[CheckedClaim, ...]:
    """What the articles say of the sentences `found` in `text`; `filters` say in which to look."""
    evidence = _Evidence(retriever, filters)
    known: dict[tuple[str, str], CheckedClaim] = {}
    checked: list[CheckedClaim] = []
    for sentence in found:
        stopping.step()
        claim, shown = text[slice(*sentence.span)], text[slice(*sentence.before)]
        if (claim, shown) not in known:  # a draft may repeat itself
            with retriever.library.database.snapshot():
                known[claim, shown] = _judged(claim, sentence.span, shown, evidence)
        checked.append(replace(known[claim, shown], span=sentence.span))
    return tuple(checked)


# --- what a sentence is judged by -------------------------------------------------------------


@dataclass
class _Evidence:
    """Where the sentences to judge by come from; what holds for a whole draft is looked up once."""

    retriever: Retriever
    filters: Filters

    @property
    def library(self) -> Library:
        return self.retriever.library

    @cached_property
    def within(self) -> list[str] | None:
        return self.library.selected(self.filters) if self.filters else None

    @cached_property
    def all(self) -> list[_Place] | None:
        """All sentences there are to look at, or None where these are many."""
        if self.within is not None:
            ids = self.library.passage_ids_of(self.within, FEW + 1)
        elif self.library.passages_stamp()[1] <= FEW:
            ids = self.library.passage_ids()
        else:
            return None
        if len(ids) > FEW:
            return None
        places = self._cut(self.library.passages(ids).values())
        return places if len(places) <= FEW else None

    def of(self, claim: str) -> list[list[_Place]]:
        """The sentences that may say something of `claim`, the likeliest first; those of the same words together.

        None that has no word of it: nothing follows from that.
        """
        found = self.retriever.passages(claim, PASSAGES, self.filters)
        own = {
            _Place(found.articles[passage.article_id], span): cosine
            for passage in found.passages
            for span, cosine in zip(passage.sentences, found.own[passage.id], strict=True)
            if passage.article_id in found.articles
        }
        rarity = self._rarity(claim)
        others = self.all if self.all is not None else self._with_rarest(claim, rarity)
        shared = {place: held for place in [*own, *others] if (held := _shared(place, rarity))}
        by_words = sorted(shared, key=lambda place: -shared[place])
        by_meaning = sorted(filter(shared.get, own), key=lambda place: -own[place])
        worded: dict[str, list[_Place]] = {}
        for place in fuse([by_words[:RANKED], by_meaning[:RANKED]]):
            text = place.article.excerpt(place.span).text
            if text in worded or len(worded) < CANDIDATES:
                worded.setdefault(text, []).append(place)
        return list(worded.values())

    def _rarity(self, claim: str) -> dict[str, float]:
        """What each telling stem of a claim weighs: more, the fewer passages have it."""
        frequency = self.library.document_frequency(sorted(_telling(claim)))
        count = self.library.passages_stamp()[1]
        return {stemmed: log(1 + (count + 1) / (1 + there)) for stemmed, there in frequency.items() if there}

    def _with_rarest(self, claim: str, rarity: Mapping[str, float]) -> list[_Place]:
        """The sentences of the passages with most of a claim's rarest words."""
        worded = {stem(word): word for word in words(claim)}  # of some words, the stem has a stem of its own
        rarest = sorted(rarity, key=lambda stemmed: -rarity[stemmed])[:RAREST]
        ids = self.library.concordance.likest([worded[stemmed] for stemmed in rarest], NOMINATED, self.within)
        return self._cut(self.library.passages(ids).values())

    def _cut(self, passages: Iterable[StoredPassage]) -> list[_Place]:
        kept = list(passages)
        articles = self.library.articles(list(dict.fromkeys(passage.article_id for passage in kept)))
        return [
            _Place(articles[passage.article_id], span)
            for passage in kept
            if passage.article_id in articles
            for span in passage.sentences
        ]

    def sources(self, places: Sequence[_Place]) -> list[Source]:
        """Sentences to judge by, numbered, with the speech in their articles."""
        said = self.library.quotations.of(list({place.article.id: place.article for place in places}.values()))
        citations = [
            Citation(
                n,
                place.article.excerpt(place.span),
                speaker_of([q for q in said[place.article.id] if q.excerpt.span.overlaps(place.span)]),
            )
            for n, place in enumerate(places, start=1)
        ]
        return grounds.sources(citations, said)


def _shared(place: _Place, rarity: Mapping[str, float]) -> float:
    """How much of a claim's words a sentence has."""
    there = _telling(place.article.excerpt(place.span).text)
    return sum(weight for stemmed, weight in rarity.items() if stemmed in there)


@lru_cache(maxsize=16_384)
def _telling(text: str) -> frozenset[str]:
    """The stems of the words that a text is told by."""
    return frozenset(stem(word) for word in words(text) if word not in stopwords())


# --- the verdict ------------------------------------------------------------------------------


def _judged(claim: str, span: Span, shown: str, evidence: _Evidence) -> CheckedClaim:
    """The kindest of what the articles say of a sentence, as one that says it is enough; what is against it, beside.

    A contradiction by the very article that says it is none: what it says goes before how another sentence reads.
    """
    said = _said(claim, shown, evidence)
    verdict = next((verdict for verdict in said if said[verdict]), None)
    if verdict is None:
        return CheckedClaim(claim, span, "not_found")
    own = {citation.excerpt.article.id for citation in said[verdict]}
    against = [c for c in said["contradicted"] if c.excerpt.article.id not in own] if verdict == "follows" else []
    return CheckedClaim(claim, span, verdict, _numbered(said[verdict]), _numbered(against))


def _said(claim: str, shown: str, evidence: _Evidence) -> dict[ClaimVerdict, list[Citation]]:
    """What each verdict stands on, kindest first: each sentence by itself, then those of an article together."""
    said: dict[ClaimVerdict, list[Citation]] = {"follows": [], "contradicted": [], "attributed": []}
    candidates = evidence.of(claim)
    sources = evidence.sources([copies[0] for copies in candidates])
    for source, (_, *copies) in zip(sources, candidates, strict=True):
        if _note(infer(claim, [source], shown), [source], said):
            for copy in evidence.sources(copies[: CITED - 1]):
                _note(infer(claim, [copy], shown), [copy], said)
    if not any(said.values()):
        by_article: dict[str, list[Source]] = {}
        for source in sources:
            by_article.setdefault(source.citation.excerpt.article.id, []).append(source)
        for group in by_article.values():
            if len(group) > 1:
                _note(infer(claim, group[:TOGETHER], shown), group[:TOGETHER], said)
    return said


def _note(found: Inference, judged: Sequence[Source], said: dict[ClaimVerdict, list[Citation]]) -> bool:
    """Add what was concluded to what was `said`. Returns whether that is anything."""
    if found.verdict == "not_found":
        return False
    known = {citation.excerpt.article.id for citation in said[found.verdict]}
    cited = [s.citation for s in judged if s.citation.n in found.numbers] or [s.citation for s in judged]
    said[found.verdict] += [citation for citation in cited if citation.excerpt.article.id not in known]
    return True


def _numbered(citations: Sequence[Citation]) -> tuple[Citation, ...]:
    return tuple(replace(citation, n=n) for n, citation in enumerate(citations[:CITED], start=1))
