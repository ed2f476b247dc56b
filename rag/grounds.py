"""A piece of evidence as ground for what prose says: who speaks in it, and its words, names, figures and dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from rag.entailment.premise import Premise
from rag.names import name_words
from rag.people import is_named
from rag.text import Span, fold, quoted
from rag.types import Citation, Quotation
from rag.vocabulary import vocabulary
from rag.words import stopwords, words

MANY = 3
"""Orders from which on nothing in an article is believed."""

NEAR = 300
"""Characters between a sentence and an order beside it, at most."""


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
    def premise(self) -> Premise:
        """It as something to conclude from; read once."""
        return Premise(self)

    @cached_property
    def folded(self) -> str:
        """Its text as words are looked for in it."""
        return " ".join(fold(self.text).split())

    @cached_property
    def is_order(self) -> bool:
        """Whether it speaks to a model, or stands in a paragraph or an article that does, and so is ground for nothing.

        Who plants an order writes what stands around it too.
        """
        if _hidden().search(self.text):
            return True
        text = self.citation.excerpt.article.text
        orders = _orders(text)
        return len(orders) >= MANY or any(_is_beside(text, self.span, order) for order in orders)

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


def _telling_words(text: str) -> frozenset[str]:
    return frozenset(words(text)) - stopwords()


def _same(asked: frozenset[str], speaker: frozenset[str]) -> bool:
    return bool(asked and speaker) and (asked <= speaker or speaker <= asked)


@lru_cache(maxsize=512)
def _marked(text: str) -> tuple[Span, ...]:
    return tuple(quoted(text))


@lru_cache(maxsize=512)
def _orders(text: str) -> tuple[Span, ...]:
    """The places in an article at which it speaks to a model."""
    return tuple(Span(*match.span()) for match in _hidden().finditer(text))


def _is_beside(text: str, sentence: Span, order: Span) -> bool:
    """Whether a sentence holds an order, is of its paragraph, or is next to it."""
    if sentence.overlaps(order):
        return True
    between = text[min(sentence.end, order.end) : max(sentence.start, order.start)]
    return "\n" not in between.strip("\n ") if len(between) <= NEAR else False


@cache
def _hidden() -> re.Pattern[str]:
    return re.compile(vocabulary()["orders"]["hidden"], re.IGNORECASE)
