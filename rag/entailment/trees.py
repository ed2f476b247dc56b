"""What can be asked of one word of a parsed sentence: what kind of word it is, and what hangs on it."""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cache
from typing import TYPE_CHECKING

from rag.entailment.lexicon import listed, reports
from rag.vocabulary import vocabulary

if TYPE_CHECKING:
    from spacy.tokens import Token

_TELLING = {"NOUN", "PROPN", "VERB", "ADJ", "ADV", "NUM", "PRON", "AUX"}
_UNTOLD = {"det", "aux", "auxpass", "case", "mark", "cc", "punct", "expl", "neg", "prep", "agent", "preconj", "prt"}
_YEAR = re.compile(r"^(?:1[89]|20)\d\d$")
_GRAMMATICAL = {"WDT", "WP", "WRB", "WP$", "EX", "TO", "MD"}


def is_predicate(token: Token) -> bool:
    """Whether a word says what somebody does or is."""
    return token.pos_ in {"VERB", "AUX"}


def is_report(token: Token) -> bool:
    """Whether a verb tells that something was said or thought."""
    return token.pos_ == "VERB" and reports(token.lemma_.lower())


def is_noun(token: Token) -> bool:
    """Whether a word is a noun or a name."""
    return token.pos_ in {"NOUN", "PROPN"}


def is_plural(token: Token) -> bool:
    """Whether a noun is of several."""
    return token.tag_ in {"NNS", "NNPS"}


def is_infinitive(token: Token) -> bool:
    """Whether a "to" stands before a verb."""
    return any(child.tag_ == "TO" for child in token.children)


def is_passive(token: Token) -> bool:
    """Whether a verb has what it is done to as its subject."""
    return any(child.dep_ in {"auxpass", "nsubjpass"} for child in token.children)


def is_time(token: Token) -> bool:
    """Whether a word by itself says when: "Thursday", "year", "Sept.", "1984"."""
    word = token.lower_
    times = listed("times", "words")
    if word in times or token.lemma_.lower() in times or _YEAR.match(word) or word.startswith(_weekdays()):
        return True
    return word.removesuffix(".") in _months() and token.text[0].isupper()


@cache
def _weekdays() -> tuple[str, ...]:
    return tuple(name.lower() for name in vocabulary()["dates"]["weekdays"])


@cache
def _months() -> frozenset[str]:
    return listed("times", "months") | {name.lower() for name in vocabulary()["dates"]["months"]}


def is_disjunction(token: Token) -> bool:
    """Whether an "or" joins another word to this one, so that neither is told as so."""
    return any(child.dep_ == "cc" and child.lower_ in listed("clauses", "disjunctions") for child in token.children)


def is_nobody(token: Token) -> bool:
    """Whether a noun phrase is of nobody and nothing: "nobody", "no ship", "few ships"; "a few ships" are some."""
    if token.lower_ in listed("polarity", "nobody") and token.pos_ in {"PRON", "NOUN", "DET"}:
        return True
    if token.lower_ == "one" and any(child.lower_ == "no" for child in token.children):
        return True
    return any(_empties(child) for child in token.children)


def _empties(child: Token) -> bool:
    if child.dep_ not in {"det", "neg", "amod"} or child.lower_ not in listed("polarity", "empties"):
        return False
    return not any(c.lower_ == "a" for c in child.children)


def is_conditional(token: Token) -> bool:
    """Whether a predicate holds under a condition only: an "if" or an "until" hangs on it."""
    conditions = listed("clauses", "conditions")
    return any(child.dep_ == "advcl" and openings(child) & conditions for child in token.children)


def openings(clause: Token) -> frozenset[str]:
    """The words that may open a clause and say how it hangs on another: "because", "when"."""
    return frozenset(child.lower_ for child in clause.children if child.dep_ in {"mark", "advmod"})


def has_child(token: Token, relations: Set[str]) -> bool:
    """Whether something hangs on a word by one of these relations of the parser's."""
    return any(child.dep_ in relations for child in token.children)


def says_according(token: Token) -> Token | None:
    """The "according" that hangs on a predicate: "according to the mayor, …"."""
    return next((child for child in token.children if child.lower_ == "according"), None)


def objects_of_prepositions(token: Token) -> list[Token]:
    """What stands after the prepositions that hang on a word: "the mayor" of "according to the mayor"."""
    return [grand for child in token.children for grand in child.children if grand.dep_ == "pobj"]


def joined(token: Token) -> list[Token]:
    """The predicates that an "and" or an "or" joins to one."""
    found = []
    for child in token.children:
        if child.dep_ == "conj" and is_predicate(child):
            found += [child, *joined(child)]
    return found


def tells(token: Token) -> bool:
    """Whether a word carries meaning, so that the evidence has to account for it."""
    if token.pos_ == "INTJ" or token.dep_ == "intj":
        return True  # "Yes" and "No" are the program's alone
    if token.is_punct or token.is_space or token.dep_ in _UNTOLD or token.pos_ not in _TELLING:
        return False
    return token.tag_ not in _GRAMMATICAL
