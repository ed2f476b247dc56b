"""A piece of evidence as ground for what prose says: who speaks in it, and its words, names, figures and dates."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import pairwise

from rag.figures import Day, Figure, days, figures, published, weekdays
from rag.names import is_description, name_words
from rag.people import is_named
from rag.polarity import Polarity, polarity
from rag.speech import speech
from rag.text import Span, fold, quoted
from rag.types import Citation, Quotation
from rag.vocabulary import vocabulary
from rag.words import stem, stopwords, words

_DATELINE = re.compile(r"^([A-Z][A-Z .]{2,40})(?:,| —| --)", re.MULTILINE)
"""Where a piece of wire copy comes from."""

NEAR = 4
"""Telling words on either side of a figure among which is what it counts."""


@dataclass(frozen=True)
class Source:
    """A numbered sentence that a model may cite, and the speech that the library found in its article."""

    citation: Citation
    quotations: tuple[Quotation, ...] = ()

    @cached_property
    def text(self) -> str:
        return self.citation.quote

    @property
    def span(self) -> Span:
        return self.citation.excerpt.span

    @cached_property
    def spoken(self) -> tuple[Quotation, ...]:
        """The quotations that this sentence has words of."""
        return tuple(q for q in self.quotations if q.excerpt.span.overlaps(self.span))

    @cached_property
    def speakers(self) -> frozenset[str]:
        """Who speaks in it; beside a description of somebody, whoever has that office in the article."""
        found = {q.speaker for q in self.spoken if q.speaker}
        found |= {self.citation.speaker} if self.citation.speaker else set()
        offices = {q.speaker: _telling_words(q.office) for q in self.quotations if q.office and is_named(q.speaker)}
        described = {_telling_words(name) for name in found if not is_named(name)}
        return frozenset(found | {speaker for speaker, office in offices.items() if office and office in described})

    @cached_property
    def callings(self) -> tuple[frozenset[str], ...]:
        """What else its speakers are called: offices, and the words by which the article points at them."""
        article = self.citation.excerpt.article
        mentions = [article.excerpt(q.mention).text for q in self.spoken if q.mention is not None]
        return tuple(frozenset(words(called)) for called in [*(q.office for q in self.spoken), *mentions] if called)

    @cached_property
    def fields(self) -> tuple[list[str], ...]:
        """The words of everything a name may be taken from, each field apart."""
        article = self.citation.excerpt.article
        offices = [q.office for q in self.spoken]
        dateline = _DATELINE.search(article.text)
        place = dateline[1] if dateline else ""
        every = (self.text, *self.speakers, *offices, article.title, article.publisher, article.author, place)
        return tuple(words(field) for field in every if field)

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(word for field in self.fields for word in field)

    @cached_property
    def name_pairs(self) -> frozenset[tuple[str, str]]:
        return frozenset(pair for field in self.fields for pair in pairwise(word for word in field if word != "s"))

    @cached_property
    def stems(self) -> frozenset[str]:
        """Stems that its content is compared by; its title's too, since that says what it is about."""
        return frozenset(telling(self.text)) | frozenset(telling(self.citation.excerpt.article.title))

    @cached_property
    def folded(self) -> str:
        """Its text as words are looked for in it."""
        return " ".join(fold(self.text).split())

    def words_of(self, name: str) -> str:
        """What whoever may be meant by `name` says in this sentence, as far as its article is known to report it."""
        asked = name_words(name)
        return " ".join(q.excerpt.text for q in self.spoken if _same(asked, name_words(q.speaker)))

    def stems_of(self, name: str) -> frozenset[str]:
        """As `stems`, without what only somebody else than `name` says in it."""
        asked = name_words(name)
        own = [q.excerpt.span for q in self.spoken if _same(asked, name_words(q.speaker))]
        others = [q.excerpt.span for q in self.spoken if q.speaker and q.excerpt.span not in own]
        if not own or not others:
            return self.stems
        kept = [
            character
            if any(at in range(*span) for span in own) or not any(at in range(*span) for span in others)
            else " "
            for at, character in enumerate(self.text, start=self.span.start)
        ]
        return frozenset(telling("".join(kept))) | frozenset(telling(self.citation.excerpt.article.title))

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        return figures(self.text)

    @cached_property
    def days(self) -> tuple[Day, ...]:
        day, _ = published(self.citation.excerpt.article.published)
        return (*days(self.text), *([day] if day else []))

    @property
    def year(self) -> int:
        return self.citation.excerpt.article.day // 10_000

    @cached_property
    def weekdays(self) -> frozenset[str]:
        _, weekday = published(self.citation.excerpt.article.published)
        return weekdays(self.text) | {weekday}

    @property
    def polarity(self) -> Polarity:
        return polarity(self.text)

    @cached_property
    def cues(self) -> frozenset[str]:
        """The groups of the reporting verbs in it, by word, by noun ("my objection is") and by wording."""
        lower = fold(self.text).lower()
        groups = {_groups_by_stem()[stemmed] for stemmed in map(stem, words(self.text)) if stemmed in _groups_by_stem()}
        worded = {g for g, wordings in speech().wordings.items() if any(w in lower for w in wordings)}
        return frozenset(groups | worded | {speech().groups.get(q.cue, "") for q in self.spoken})

    @cached_property
    def is_order(self) -> bool:
        """Whether it speaks to a model, and so is ground for nothing."""
        return _hidden().search(self.text) is not None

    def says_of(self, figure: Figure) -> bool:
        return any(figure.agrees(other) for other in self.figures)

    def spoken_by(self, name: str) -> bool:
        """Whether somebody speaks here who may be meant by `name`: the same, a part of it, an office.

        Where nobody is known to speak, the name must stand in the sentence.
        """
        asked = name_words(name)
        if not asked:
            return False
        outlet = name_words(self.citation.excerpt.article.publisher or "-")
        if any(_same(asked, name_words(speaker)) for speaker in self.speakers) or asked == outlet:
            return True
        if not is_named(name) and any(asked <= called for called in self.callings):
            return True
        if not is_named(name) and any(self.introduces(speaker, asked) for speaker in self.speakers):
            return True
        return not any(is_named(speaker) for speaker in self.speakers) and asked <= frozenset(words(self.text))

    def introduces(self, speaker: str, asked: frozenset[str]) -> bool:
        """Whether the sentence gives its speaker a description: "Edda Maskell, an ecologist, warned"."""
        last = re.escape(speaker.split()[-1])
        after = re.search(rf"{last},([^,“”\"]*),", self.text)
        before = re.search(rf"([^,“”\".]*?)\b{re.escape(speaker)}\b", self.text)
        return any(match is not None and asked <= frozenset(words(match[1])) for match in (after, before))

    def in_marks(self, span: Span) -> bool:
        """Whether the article itself has the words at `span` in quotation marks."""
        return any(marked.covers(span) for marked in _marked(self.citation.excerpt.article.text))


def sources(citations: Iterable[Citation], quotations: Mapping[str, Sequence[Quotation]]) -> list[Source]:
    """Citations with the speech of their articles, by article id (`library.quotations.of`)."""
    return [Source(c, tuple(quotations.get(c.excerpt.article.id, ()))) for c in citations]


@lru_cache(maxsize=16_384)
def telling(text: str) -> tuple[str, ...]:
    """The stems of the words that carry what is said: no stop words, no reporting verbs that say no more than that."""
    return tuple(stem(word) for word in words(text) if word not in _says_nothing())


def covered(said: Collection[str], by: Iterable[Source]) -> float:
    """The share of the stems `said` that stand in the sources; 1 where nothing is said."""
    there = frozenset().union(*(source.stems for source in by))
    return sum(stemmed in there for stemmed in said) / len(said) if said else 1.0


def _telling_words(text: str) -> frozenset[str]:
    return frozenset(words(text)) - stopwords()


def _same(asked: frozenset[str], speaker: frozenset[str]) -> bool:
    return bool(asked and speaker) and (asked <= speaker or speaker <= asked)


@cache
def _groups_by_stem() -> Mapping[str, str]:
    return {stem(word): group for word, group in speech().groups.items()}


@lru_cache(maxsize=512)
def _marked(text: str) -> tuple[Span, ...]:
    return tuple(quoted(text))


@cache
def month_stems() -> frozenset[str]:
    """Months, in full and short: what they say is compared as dates."""
    names = [name.lower() for name in vocabulary()["dates"]["months"]]
    return frozenset(stem(form) for name in names for form in (name, name[:3], name[:4]) if form not in {"may", "marc"})


@cache
def _says_nothing() -> frozenset[str]:
    plain = {word for word, group in speech().groups.items() if group == "say"}
    return stopwords() | plain | frozenset(vocabulary()["polarity"]["calling"])


@cache
def _hidden() -> re.Pattern[str]:
    return re.compile(vocabulary()["orders"]["hidden"], re.IGNORECASE)
