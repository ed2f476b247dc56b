"""A part of the sentence and a part of the evidence: whether they can be one, and by what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.entailment.frames import Found, Frame
from rag.entailment.lexicon import lists, same_lemma, same_preposition
from rag.entailment.pairs import Pair
from rag.entailment.reading import Part
from rag.entailment.trees import is_infinitive, is_predicate

if TYPE_CHECKING:
    from spacy.tokens import Token

_CLAUSES = {"inf", "advcl", "comp", "clause"}
_WHEN = {"time", "prep:on", "prep:in", "prep:at", "prep:during", "prep:by"}
_ALIKE = [
    {"poss", "of", "mod"},
    {"adv", "time", "measure", "mod"},
    {"num", "bound", "quant", "mod"},
    {"iobj", "prep:to"},
    {"iobj", "obj"},
    {"pred", "obj"},
    {"pred", "inf"},
    {"obj", "prep:to", "prep:against"},
]
"""Parts that are one in two ways of saying a thing: "the mayor's plan", "the plan of the mayor"."""


def may_be(pair: Pair, part: Part, other: Part) -> bool:
    """Whether a part of the sentence can be one of the evidence, by what each is of its predicate."""
    kinds = {part.rel, other.rel}
    if len(kinds) == 1:
        return True
    if part.is_prepositional and other.is_prepositional:
        return same_preposition(part.rel[5:], other.rel[5:])
    if kinds <= _CLAUSES:
        return is_infinitive(part.token) == is_infinitive(other.token)
    if kinds <= _WHEN:
        return pair.said.is_time(part.token) and pair.passage.is_time(other.token)
    return any(kinds <= alike for alike in _ALIKE)


def may_be_of_noun(pair: Pair, part: Part, other: Part) -> bool:
    """Whether parts of noun phrases can be one: also "the Riga airport" and "the airport in Riga"."""
    kinds = {part.rel, other.rel}
    if may_be(pair, part, other):
        return True
    if (part.rel, other.rel) == ("poss", "appos"):
        return False
    if part.rel in {"mod", "poss"} and other.is_prepositional:
        return other.rel in {"prep:for", "prep:in", "prep:at"}
    return kinds <= {"mod", "poss", "of", "appos"} or kinds <= {"prep:in", "poss", "mod"}


def ways(
    pair: Pair,
    part: Part,
    others: Iterable[Part],
    frame: Frame,
    fits: Callable[[Pair, Part, Part], bool] = may_be,
) -> list[Found]:
    """All ways in which a part of the sentence is one of `others`, of those that it can be."""
    return [way for other in others if fits(pair, part, other) for way in _as(pair, part, other, frame)]


def is_circumstance(part: Part) -> bool:
    """Whether a part says when, where or how, and may hang on a neighbouring word in another sentence."""
    return part.rel in {"time", "adv", "measure"} or part.is_prepositional


def hung(head: Token, found: Found) -> Found:
    """A circumstance that the evidence hangs on `head`, which the sentence then has to have too."""
    return found.add(Found(owed=frozenset({head.i})))


def _as(pair: Pair, part: Part, other: Part, frame: Frame) -> Iterator[Found]:
    token, there = part.token, other.token
    if part.rel in _CLAUSES or (is_predicate(token) and is_predicate(there)):
        yield from _as_clause(pair, part, there, frame)
        return
    if part.rel in {"adv", "prt"}:
        found = pair.adverb(token, there, frame) if same_lemma(token.lower_, there.lower_) else None
    else:
        found = pair.noun(token, there, frame)
    if found is not None:
        yield found


def _as_clause(pair: Pair, part: Part, there: Token, frame: Frame) -> Iterator[Found]:
    if part.rel == "advcl" and not _opens_alike(part.token, there):
        return
    is_said = part.rel == "comp"
    inner = replace(frame, shifted=True, inside=frame.inside or bool(frame.cues)) if is_said else frame
    for told in pair.passage.stated(there) if is_said else [there]:
        for joined in _chain(part.token):
            found = pair.clause(joined, told, inner)
            if found is not None:
                yield found.but("tense") if part.rel in {"inf", "advcl"} else found


def _opens_alike(token: Token, there: Token) -> bool:
    """Whether two clauses open with one word, or with two that say the same of it: "because", "since"."""
    ours, theirs = _openings(token), _openings(there)
    if ours == theirs:
        return True
    return bool(ours and theirs) and any(ours | theirs <= set(line) for line in lists()["same"]["marks"])


def _openings(clause: Token) -> set[str]:
    before = (c for c in clause.children if c.i < clause.i)
    return {c.lower_ for c in before if c.dep_ == "mark" or (c.dep_ == "advmod" and c.tag_ == "WRB")}


def _chain(token: Token) -> list[Token]:
    """A predicate and what is joined to it."""
    return [token, *(other for child in token.children if child.dep_ == "conj" for other in _chain(child))]
