"""A piece of evidence as something to conclude from: its reading, who its words are, and who "she" is in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rag.cast import Cast
from rag.entailment.antecedents import is_person, meant
from rag.entailment.lexicon import listed
from rag.entailment.parser import parse
from rag.entailment.reading import Reading
from rag.entailment.trees import is_report, objects_of_prepositions
from rag.people import is_named
from rag.reports import Mention
from rag.speech import MASK, speech
from rag.text import Span, quoted, sentences
from rag.types import Article, Citation, Quotation
from rag.words import words

if TYPE_CHECKING:
    from spacy.tokens import Token

_OF = re.compile(r"\b(?:of|for|at|in|to|from|with|on)\b")
_DATELINE = re.compile(r"^[A-Z][A-Z .,'’-]{2,40}(?:,[^—–-]{0,30})?(?:\([^)]{2,40}\))?\s*(?:—|–|--|-)\s+")
_MARKS = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "\xa0": " ", "\u2028": " "}
)


class Cited(Protocol):
    """A numbered sentence of evidence, and the speech that the library found in its article."""

    @property
    def citation(self) -> Citation: ...
    @property
    def text(self) -> str: ...
    @property
    def span(self) -> Span: ...
    @property
    def quotations(self) -> tuple[Quotation, ...]: ...
    @property
    def premise(self) -> Premise: ...


class Report(NamedTuple):
    """Somebody's words in a sentence: whose, by which verb, and the clauses that are told so."""

    speakers: tuple[Token, ...]
    """Where the sentence names whoever speaks; empty where only the article does."""
    names: frozenset[str]
    lemma: str
    cue: Token | None
    content: tuple[Token, ...]


def legible(text: str) -> str:
    """`text` as the parser knows it, character for character: straight marks, plain spaces."""
    return text.translate(_MARKS).replace("''", '" ').replace("``", '" ')


class Passage(Reading):
    """A stretch of evidence that is read by itself, with where it stands in its article."""

    def __init__(self, text: str, start: int) -> None:
        super().__init__(legible(text))
        self.start = start


@dataclass(frozen=True)
class Premise:
    """One cited sentence."""

    source: Cited

    @property
    def n(self) -> int:
        """Its number in the answer."""
        return self.source.citation.n

    @property
    def article(self) -> Article:
        """The article that it is a sentence of."""
        return self.source.citation.excerpt.article

    @cached_property
    def whole(self) -> Passage:
        """The sentence, without the "RIGA, March 3 —" before it."""
        text, start = self.source.text, self.source.span.start
        dateline = _DATELINE.match(text)
        cut = dateline.end() if dateline else 0
        return Passage(text[cut:], start + cut)

    @cached_property
    def spoken(self) -> tuple[tuple[Passage, Quotation], ...]:
        """Each person's words in the sentence by themselves, without the "she said" that may stand among them."""
        found = []
        for q in self.source.quotations:
            if self.is_misread(q):
                continue
            start = max(q.excerpt.span.start, self.source.span.start)
            end = min(q.excerpt.span.end, self.source.span.end)
            text = _spoken(self.article, q, start, end) if start < end else ""
            if text.strip():
                lead = len(text) - len(text.lstrip())
                found.append((Passage(text.strip(), start + lead), q))
        return tuple(found)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The sentence, and the words in each pair of marks in it by themselves, where these are a clause."""
        found = [self.whole]
        for span in quoted(self.source.text):
            inner = Span(span.start + 1, span.end - 1)
            text = self.source.text[inner.start : inner.end]
            if len(text.split()) > 3 and inner != Span(0, len(self.source.text)):
                found.append(Passage(text, self.source.span.start + inner.start))
        return tuple(found)

    def voices(self, passage: Passage, token: Token) -> list[Quotation]:
        """The speech that a word is a part of."""
        at = passage.start + token.idx
        return [q for q in self.source.quotations if q.excerpt.span.start <= at < q.excerpt.span.end]

    def reports(self, passage: Passage) -> list[Report]:
        """What is somebody's in a passage: as its grammar says, and as the attribution index does."""
        return [*self._by_grammar(passage), *self._by_index(passage)]

    def _by_grammar(self, passage: Passage) -> Iterator[Report]:
        for token in passage.doc:
            if is_report(token):
                who, content = passage.the(token, "subj"), _content(passage, token)
                if content and who:
                    yield Report(tuple(who), frozenset(), token.lemma_.lower(), token, tuple(content))
            elif token.lower_ == "according":
                who = objects_of_prepositions(token)
                if who:
                    yield Report(tuple(who), frozenset(), "say", token, (token.head,))

    def _by_index(self, passage: Passage) -> Iterator[Report]:
        for q in self.source.quotations:
            if q.speaker and q.excerpt.span.overlaps(self.source.span) and not self.is_misread(q):
                tops = _tops(passage, q.excerpt.span)
                if tops:
                    yield Report((), frozenset({q.speaker}), self.lemma(q.cue), self.at(passage, q.cue_span), tops)

    @staticmethod
    def lemma(cue: str) -> str:
        """The lemma of a reporting verb: "joke" of "joked"; "say" where the article has none."""
        return parse(f"They {cue} it.")[1].lemma_.lower() if cue.isalpha() else "say"

    def called(self, passage: Passage, token: Token) -> frozenset[str]:
        """The names that a word stands for: of whoever speaks there, of a pronoun, in full of a surname."""
        at = passage.start + token.idx
        found = {
            q.speaker for q in self.source.quotations
            if q.speaker and q.mention is not None and q.mention.start <= at < q.mention.end and self._names(q)
        }  # fmt: skip
        if not found and token.pos_ == "PROPN":
            named = _resolved(self.article, self.source.quotations, self.source.span, at, token.text)
            found |= {named} if named and is_named(named) else set()
        elif not any(is_named(name) for name in found) and not self._is_spoken(passage, token):
            found |= meant(self.article, self.source.span, passage.doc, token)
        return frozenset(found)

    @staticmethod
    def at(passage: Passage, span: Span | None) -> Token | None:
        """The word of a passage at a place of the article; None where the passage has not got it."""
        if span is None:
            return None
        return next((t for t in passage.doc if span.start <= passage.start + t.idx < span.end), None)

    def has_office(self, names: frozenset[str], noun: str, telling: Collection[str]) -> bool:
        """Whether words describe one of these people: the `noun` of an office, and nothing that makes it another."""
        told, guarded = set(telling), listed("guarded", "adjectives")
        offices = [q.office for q in self.source.quotations if q.office and q.speaker in names]
        of_noun = [set(words(office)) for office in offices if self.noun(office) == noun]
        return bool(told) and any(told <= office and not office & guarded - told for office in of_noun)

    @staticmethod
    def noun(description: str) -> str:
        """The noun of a description: "director" of "the director of the museum"."""
        return (words(_OF.split(description)[0]) or [""])[-1]

    def is_own(self, names: frozenset[str]) -> bool:
        """Whether these people's words in the sentence are told by the article, and not by somebody else in it."""
        theirs = [q for q in self.source.quotations if q.speaker in names and q.excerpt.span.overlaps(self.source.span)]
        return any(not self.is_nested(q) for q in theirs)

    def is_misread(self, quotation: Quotation) -> bool:
        """Whether the index gives words to another than who says them by the grammar: to Obama, of his adviser."""
        if quotation.mention is None or not self._fits(quotation):
            return True  # the article does not say who, or the index takes "he said" for a broadcaster's
        cue = self.at(self.whole, quotation.cue_span)
        if cue is None:
            return False
        subjects = [token for token in self.whole.the(cue, "subj") if token.pos_ != "PRON"]
        start, end = (edge - self.whole.start for edge in quotation.mention)
        return bool(subjects) and not any(start <= token.idx < end for token in subjects)

    def _is_spoken(self, passage: Passage, token: Token) -> bool:
        """Whether a word is in somebody's own words, where "she" is whom they speak of."""
        return any(q.kind != "indirect" for q in self.voices(passage, token))

    def _names(self, quotation: Quotation) -> bool:
        """Whether a mention is of the speaker and nothing of theirs: "NFL Network" is not "an NFL Network report"."""
        assert quotation.mention is not None
        mention, name = words(self.article.excerpt(quotation.mention).text), words(quotation.speaker)
        return not (name and name[-1] in mention and mention[-1] != name[-1])

    def _fits(self, quotation: Quotation) -> bool:
        """Whether a "he" or "she" that says something can be whom the index takes for it: somebody, of that kind."""
        assert quotation.mention is not None
        pronoun = self.article.excerpt(quotation.mention).text.lower()
        if pronoun not in {"he", "she"}:
            return True
        gender = next((speech().genders[w] for w in quotation.speaker.split()[:-1] if w in speech().genders), "")
        return gender == pronoun if gender else is_person(self.article, quotation.speaker)

    def is_nested(self, quotation: Quotation) -> bool:
        """Whether it is somebody else's word that somebody said this."""
        said_at = quotation.cue_span or quotation.mention or quotation.excerpt.span
        return any(
            other is not quotation and other.speaker != quotation.speaker and other.excerpt.span.covers(said_at)
            for other in self.source.quotations
        )

    def offices(self, names: frozenset[str]) -> list[frozenset[str]]:
        """What the article calls these people: the words of each office."""
        return [
            frozenset(words(q.office)) for q in self.source.quotations if q.office and q.speaker and q.speaker in names
        ]


def _content(passage: Passage, token: Token) -> list[Token]:
    """What is said by a verb of saying; where that stands in passing, what it stands in: "the plan, she said, …"."""
    found = passage.the(token, "comp")
    if token.dep_ == "parataxis" or (token.dep_ == "advcl" and not found):
        found.append(token.head)
    return found


def _tops(passage: Passage, span: Span) -> tuple[Token, ...]:
    """The words of a stretch of the article that hang on no other of the stretch."""
    inside = [t for t in passage.doc if span.start <= passage.start + t.idx < span.end]
    inside = [t for t in inside if not t.is_punct and not t.is_space]
    within = {t.i for t in inside}
    return tuple(t for t in inside if t.head.i == t.i or t.head.i not in within)


def _spoken(article: Article, q: Quotation, start: int, end: int) -> str:
    """Somebody's words between two places of an article, with spaces for what is not said: "she said", the marks."""
    text = article.text[start:end]
    spans = [span for span in (q.mention, q.cue_span) if span is not None and start <= span.start and span.end <= end]
    if spans:
        text = blanked(text, min(s.start for s in spans) - start, max(s.end for s in spans) - start)
    text = re.sub(r'^["“”‘’\'«»\s]', " ", text)
    return re.sub(r'["“”’»]$', " ", text)


def blanked(text: str, first: int, last: int) -> str:
    """`text` with spaces for a "she said" at these places, and for the commas around it."""
    before, after = text[:first], text[last:]
    before = re.sub(r",(\s*)$", r" \1", before)
    after = re.sub(r"^(\s*),", r"\1 ", after)
    return before + " " * (last - first) + after


@lru_cache(maxsize=512)
def _cast(article: Article, quotations: tuple[Quotation, ...], before: int) -> Cast:
    """The people of an article as they are known where the sentence at `before` begins."""
    masked = article.text
    for span in quoted(masked):
        masked = masked[: span.start] + MASK * (span.end - span.start) + masked[span.end :]
    cast = Cast(masked)
    for sentence in _sentences(article.text):
        if sentence.end > before:
            break
        speakers = [q.speaker for q in quotations if q.mention is not None and sentence.covers(q.mention) and q.speaker]
        cast.hear(sentence, speakers)
    return cast


@lru_cache(maxsize=64)
def _sentences(text: str) -> tuple[Span, ...]:
    return tuple(sentences(text))


def _resolved(article: Article, quotations: tuple[Quotation, ...], sentence: Span, at: int, text: str) -> str:
    word = {"his": "he", "him": "he", "her": "she", "hers": "she"}.get(text.lower(), text)
    cast = _cast(article, quotations, sentence.start)
    return cast.resolve(Mention(word, Span(at, at + len(text)))) if word else ""
