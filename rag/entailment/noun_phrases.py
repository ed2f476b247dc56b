"""Noun phrases: whether one of the sentence means what one of the evidence does, and says no more of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.entailment.amounts import amount
from rag.entailment.descriptions import aliases, is_called
from rag.entailment.details import Same, alternatives, details
from rag.entailment.frames import Found, Frame, pair_of
from rag.entailment.lexicon import listed, same_lemma
from rag.entailment.naming import fits, last, phrase
from rag.entailment.pairs import Pair
from rag.entailment.pronouns import meant_by, pronoun
from rag.entailment.trees import is_noun, is_plural
from rag.names import name_words
from rag.speech import speech

if TYPE_CHECKING:
    from spacy.tokens import Token

_DEGREES = {"JJR", "JJS", "RBR", "RBS"}


def noun(pair: Pair, token: Token, there: Token, frame: Frame) -> Found | None:
    """A noun phrase of the sentence as one of the evidence; None where it is another, or says more of it."""
    if pair.quotes.get(token.i) == there.i:
        found = Found(seen=pair.quote_of(token) | {token.i}, there=frozenset({there.i}))
        return details(pair, Same(token, there, found, by_quote=True), frame)
    if bool(alternatives(token)) != bool(alternatives(there)):
        return None
    if token.pos_ == "PRON" or token.tag_ in {"PRP", "PRP$"}:
        return pronoun(pair, token, there, frame)
    named = _named(pair, token, there, frame) if token.pos_ == "PROPN" else None
    return named if named is not None else _called_otherwise(pair, token, there, frame)


def _called_otherwise(pair: Pair, token: Token, there: Token, frame: Frame) -> Found | None:
    """A noun phrase that is no name, or a name for something that the evidence does not name there."""
    measured = amount(pair, token, there)
    if measured is not None:
        return details(pair, Same(token, there, measured), frame) if measured.seen else None
    if _is_same_noun(token, there):
        return details(pair, Same(token, there, pair_of(token, there)), frame)
    meant = meant_by(pair, token, there, frame)
    return meant if meant is not None else _alias(pair, token, there, frame)


def _is_same_noun(token: Token, there: Token) -> bool:
    """Whether two nouns are one word, or say the same; several of a thing are not one of it."""
    alike = token.lower_ == there.lower_
    if is_noun(token) and is_noun(there) and is_plural(token) != is_plural(there) and not alike:
        return False
    if not alike and (token.tag_ in _DEGREES or there.tag_ in _DEGREES):
        return False
    if alike or same_lemma(token.lemma_.lower(), there.lemma_.lower()):
        return True
    return token.lower_.strip(".") == there.lower_.strip(".")


# --- names ------------------------------------------------------------------------------------


def _named(pair: Pair, token: Token, there: Token, frame: Frame) -> Found | None:
    """A name of the sentence: as the evidence writes it, as somebody whom it means there, as an apposition to it."""
    written, covered = phrase(token)
    if there.pos_ == "PROPN":
        if len(name_words(written)) == 1 and _is_shared(there):
            return None
        if _is_part_of_name(written, there) and _may_shorten(pair, there, written):
            return _by_name(pair, token, there, frame)
    names = pair.called(there)
    if frame.inside and there.lower_ in listed("pronouns", "first"):
        names |= frame.speakers
    if any(fits(written, name) for name in names):
        return _by_name(pair, token, there, frame)
    for alias in aliases(there):
        if alias.pos_ == "PROPN" and alias.i != there.i and _is_part_of_name(written, alias):
            found = Found(seen=frozenset(covered), there=frozenset(phrase(alias)[1] | {there.i}))
            return details(pair, Same(token, alias, found, by_name=True), frame)
    return None


def _by_name(pair: Pair, token: Token, there: Token, frame: Frame) -> Found | None:
    found = Found(seen=frozenset(phrase(token)[1]), there=frozenset(phrase(there)[1]))
    return details(pair, Same(token, there, found, by_name=True), frame)


def _is_part_of_name(written: str, there: Token) -> bool:
    """Whether the words of a name are all in the name that ends in `there`, and both end in one surname."""
    ours, name = name_words(written), phrase(there)[0]
    return bool(ours) and ours <= name_words(name) and last(written) == last(name)


def _is_shared(there: Token) -> bool:
    """Whether somebody else of the same surname is in the evidence: "Elliott's father, Charles Elliott"."""
    return any(t.lower_ == there.lower_ and t.i != there.i and t.dep_ == "poss" for t in there.doc)


def _may_shorten(pair: Pair, there: Token, written: str) -> bool:
    """Whether a name may go without some of its words: a person's may, another where the article does so too."""
    dropped = name_words(phrase(there)[0]) - name_words(written)
    if not dropped:
        return True
    if there.ent_type_ == "PERSON":
        return len(_given_names(pair.premise.article.text, last(written), there.text)) < 2
    if dropped & listed("names", "compass"):
        return False
    alone = rf"(?<![A-Z]\w)(?:^|[^\w ]\s*|\b[a-z]+\s+){re.escape(written)}\b(?!\s[A-Z])"
    return re.search(alone, pair.premise.article.text) is not None


def _given_names(text: str, surname: str, written: str) -> set[str]:
    """What stands before a surname in an article, where it is a name: two are two people."""
    found = set(re.findall(rf"\b([A-Z][a-z]+) {re.escape(written)}\b", text))
    return {name for name in found if name not in speech().titles and name.lower() != surname}


def _alias(pair: Pair, token: Token, there: Token, frame: Frame) -> Found | None:
    """A description of whom the evidence names there: "the mayor" of "Mayor Ilse Varga"."""
    for alias in aliases(there):
        if token.lower_ == alias.lower_ or same_lemma(token.lemma_.lower(), alias.lemma_.lower()):
            found = Found(seen=frozenset({token.i}), there=frozenset({there.i, alias.i}))
            detailed = details(pair, Same(token, alias, found), frame)
            if detailed is not None:
                return detailed
    names = pair.called(there)
    return is_called(pair, token, names) if names and there.pos_ in {"PROPN", "PRON"} else None
