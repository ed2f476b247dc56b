"""A sentence and the passage that it is put beside: what all comparisons of their words need to know."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

from rag.entailment.frames import WHOLE, Found, Frame, Scope
from rag.entailment.naming import phrase
from rag.entailment.premise import Passage, Premise, Report
from rag.entailment.reading import Reading
from rag.text import Span, fold, quoted

if TYPE_CHECKING:
    from spacy.tokens import Token


class Pair(ABC):
    """The sentence `said` beside `passage` of `premise`; `subject` is whom the sentence before it is about.

    A clause has noun phrases, and a noun phrase has relative clauses: each compares the other through this class, so
    that neither module has to know the other.
    """

    def __init__(self, said: Reading, premise: Premise, passage: Passage, subject: str = "") -> None:
        self.said, self.premise, self.passage, self.subject = said, premise, passage, subject
        self.quotes = _in_marks(said, passage)
        """The words in marks in the sentence that stand just so in the passage: word by word."""

    @abstractmethod
    def clause(self, token: Token, there: Token, frame: Frame, scope: Scope = WHOLE) -> Found | None:
        """A predicate of the sentence as one of the evidence: the same verb, meant the same way, with parts of its."""

    @abstractmethod
    def noun(self, token: Token, there: Token, frame: Frame) -> Found | None:
        """A noun phrase of the sentence as one of the evidence: the same thing, said no more of."""

    @abstractmethod
    def adverb(self, token: Token, there: Token, frame: Frame) -> Found | None:
        """An adverb of the sentence as the same word of the evidence: "more sharply" only as "more sharply"."""

    @cached_property
    def reports(self) -> list[Report]:
        """What is somebody's in the passage."""
        return self.premise.reports(self.passage)

    @cached_property
    def meant(self) -> frozenset[str]:
        """The names that a pronoun of the sentence may stand for: the first that does something, and `subject`."""
        said = self.said
        main = (one for root in said.roots for one in said.the(root, "subj", "obj") if one.pos_ == "PROPN")
        first = next(main, None)
        return frozenset({self.subject, phrase(first)[0] if first is not None else ""}) - {""}

    def told(self) -> list[Token]:
        """The predicates that the passage tells as so, by itself."""
        if self.passage.is_question():
            return []
        told = [token for root in self.passage.roots for token in self.passage.told(root)]
        others = {token.i for report in self.reports if _is_aside(report) for token in report.content}
        return [token for token in told if token.i not in others]

    def called(self, there: Token) -> frozenset[str]:
        """The names that a word of the passage stands for."""
        return self.premise.called(self.passage, there)

    def quote_of(self, token: Token) -> frozenset[int]:
        """The words in marks at a word of the sentence, and below it."""
        return frozenset(t.i for t in token.subtree if t.i in self.quotes)


def _is_aside(report: Report) -> bool:
    """Whether it is said in passing whose word a clause is: "…, according to Bell", "…, Bell said, …"."""
    return report.cue is not None and (report.cue.lower_ == "according" or report.cue.dep_ == "parataxis")


def _in_marks(said: Reading, passage: Passage) -> dict[int, int]:
    found: dict[int, int] = {}
    there = fold(passage.text).casefold()
    places = {token.idx: token.i for token in passage.doc}
    for span in quoted(said.text):
        inner = fold(said.text[span.start + 1 : span.end - 1]).casefold().rstrip(",.;:!? ")
        at = there.find(inner) if inner.strip() else -1
        if at >= 0:
            found |= _placed(said, span, at, places)
    return found


def _placed(said: Reading, span: Span, at: int, places: dict[int, int]) -> dict[int, int]:
    """By word in the marks at `span`, the word of the passage at the same distance from `at`."""
    inside = [t for t in said.doc if span.start < t.idx < span.end and not t.is_punct]
    placed = {t.i: places.get(at + t.idx - span.start - 1) for t in inside}
    return {ours: theirs for ours, theirs in placed.items() if theirs is not None}
