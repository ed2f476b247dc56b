"""Names in a sentence: how far one reaches, and whether two may be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.names import name_words
from rag.speech import speech
from rag.words import words

if TYPE_CHECKING:
    from spacy.tokens import Token

_PARTICLES = {"van", "von", "de", "al", "bin", "la", "le", "el", "of"}
_ROLES = {"spokesman", "spokeswoman", "spokesperson"}


def fits(written: str, name: str) -> bool:
    """Whether a name, as it is written in a sentence, is a part of a fuller one that ends the same."""
    ours, full = name_words(written), name_words(name)
    if not ours or not full:
        return False
    return ours <= full and last(written) == last(name)


def alike(one: str, other: str) -> bool:
    return (
        one == other
        or fits(one, other)
        or bool(
            name_words(one) & name_words(other)
            and (name_words(one) <= name_words(other) or name_words(other) <= name_words(one))
        )
    )


def last(name: str) -> str:
    found = [w for w in words(name) if w != "s"]
    while len(found) > 1 and found[-1] in speech().suffixes:
        found.pop()
    return found[-1] if found else ""


def phrase(token: Token) -> tuple[str, set[int]]:
    """The run of capitalised words that ends in `token`, and where they stand."""
    doc = token.doc
    first = token.i
    while first > 0 and _is_of_name(doc[first - 1], token):
        first -= 1
    last = token.i
    while last + 1 < len(doc) and doc[last + 1].lower_.strip(".") in {"jr", "sr", "ii", "iii"}:
        last += 1
    return " ".join(doc[i].text for i in range(first, last + 1)), set(range(first, last + 1))


def _is_of_name(before: Token, head: Token) -> bool:
    if before.pos_ not in {"PROPN", "ADJ", "NOUN"} or not before.text[:1].isupper() or before.dep_ in {"poss"}:
        return before.lower_ in _PARTICLES and before.dep_ in {"compound", "nmod"}
    return before.head.i == head.i or before.head.head.i == head.i


def is_title(token: Token) -> bool:
    if token.pos_ == "NOUN" and token.text.islower():
        return True
    return (
        token.text in speech().titles
        or token.lower_ in speech().persons
        or token.lower_ in speech().roles
        or token.lower_ in _ROLES
    )
