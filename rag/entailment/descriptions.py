"""Somebody by name, by office or by what is said beside a name: whether the article calls them so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.entailment.frames import Found, seen
from rag.entailment.lexicon import listed
from rag.entailment.naming import fits, is_title, phrase
from rag.entailment.pairs import Pair
from rag.entailment.reading import Part
from rag.people import is_named
from rag.speech import speech
from rag.words import words

if TYPE_CHECKING:
    from spacy.tokens import Token

_GRAMMATICAL = {"DET", "ADP", "PART"}


def is_called(pair: Pair, token: Token, names: frozenset[str]) -> Found | None:
    """A noun phrase of the sentence as a name, an office or a pronoun of whoever has these names; None where not."""
    if token.pos_ == "PRON" and token.lower_ in listed("pronouns", "third"):
        known = any(fits(meant, name) for meant in pair.meant for name in names)
        return seen({token.i}) if known else None
    written, covered = phrase(token)
    if written and any(fits(written, name) for name in names):
        beside = _beside_name(pair, token, covered, names)
        return seen(covered | beside) if beside is not None else None
    return _by_office(pair, token, names)


def _by_office(pair: Pair, token: Token, names: frozenset[str]) -> Found | None:
    """A description in which every word is of an office that the article gives them: "the mayor"."""
    described = [t for t in token.subtree if not t.is_punct]
    telling = {t.lower_ for t in described if t.pos_ not in _GRAMMATICAL} - _words_of(names)
    if not telling:
        return None
    unnamed = [set(words(name)) - listed("names", "articles") for name in names if not is_named(name)]
    if telling in unnamed or pair.premise.has_office(names, token.lower_, telling):
        return seen(t.i for t in described)
    return None


def _beside_name(pair: Pair, token: Token, covered: set[int], names: frozenset[str]) -> set[int] | None:
    """The words beside a name that say what somebody is, where the article says so; None where it does not."""
    known = _offices(pair, names)
    found: set[int] = set()
    for part in pair.said.parts(token):
        inner = [t for t in part.token.subtree if not t.is_punct and t.i not in covered]
        telling = [t for t in inner if t.pos_ not in {*_GRAMMATICAL, "CCONJ"} and not t.is_stop]
        if not all(word in known for t in telling for word in words(t.text)):
            return None
        found |= {t.i for t in inner}
    return found


def known_beside(pair: Pair, part: Part, names: frozenset[str]) -> Found | None:
    """A title beside a name, or a given name, that the article has elsewhere."""
    known = _words_of(names) | _offices(pair, names) | speech().courtesies
    inner = [t for t in part.token.subtree if not t.is_punct]
    told = [word for t in inner if not t.is_stop for word in words(t.text)]
    if part.rel in {"mod", "poss"} and told and all(word in known for word in told):
        return seen(t.i for t in inner)
    return None


def aliases(there: Token) -> list[Token]:
    """Other words of the evidence for the same thing: its apposition, its title, what it is said to be."""
    found = [child for child in there.children if child.dep_ == "appos"]
    if there.dep_ == "appos":
        found.append(there.head)
    titles = [child for child in there.children if child.dep_ == "compound" and is_title(child)]
    return found + (titles if there.pos_ == "PROPN" else [])


def _offices(pair: Pair, names: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*pair.premise.offices(names))


def _words_of(names: frozenset[str]) -> frozenset[str]:
    return frozenset(word for name in names for word in words(name))
