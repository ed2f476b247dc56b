"""Names in a sentence: how far one reaches, and whether two may be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.entailment.lexicon import listed
from rag.names import name_words
from rag.speech import speech
from rag.words import words

if TYPE_CHECKING:
    from spacy.tokens import Token


def fits(written: str, name: str) -> bool:
    """Whether a name, as it is written in a sentence, is a part of a fuller one that ends the same.

    "Varga" is a part of "Ilse Varga"; "Clinton" is none of "supporters of Clinton", who are somebody else.
    """
    ours, full = name_words(written), name_words(name)
    if not ours or not full:
        return False
    if not (is_plain_name(written) and is_plain_name(name)):
        return _all_words(written) == _all_words(name)
    return ours <= full and last(written) == last(name)


def _all_words(name: str) -> set[str]:
    return set(words(name)) - listed("names", "articles")


def alike(one: str, other: str) -> bool:
    """Whether two names may be one person's, one of them in full."""
    return fits(one, other) or fits(other, one)


def is_plain_name(name: str) -> bool:
    """Whether a name is one from its first word to its last: nobody's aide, and nobody of somewhere."""
    parts = name.split()
    parts = parts[1:] if parts and parts[0].lower() in speech().determiners else parts
    particles = listed("names", "particles") - {"of"}
    plain = all(part[:1].isupper() or part.lower() in particles for part in parts)
    return plain and not any(part.endswith(("'s", "’s", "s'", "s’")) for part in parts) and parts[:1] != ["Only"]


def last(name: str) -> str:
    """The last word of a name, which is somebody's surname, without a "Jr."."""
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
    while last + 1 < len(doc) and doc[last + 1].lower_.strip(".") in listed("names", "suffixes"):
        last += 1
    return " ".join(doc[i].text for i in range(first, last + 1)), set(range(first, last + 1))


def _is_of_name(before: Token, head: Token) -> bool:
    if before.text in speech().titles or before.lower_ in listed("names", "before"):
        return False
    if before.pos_ not in {"PROPN", "ADJ", "NOUN"} or not before.text[:1].isupper() or before.dep_ == "poss":
        return before.lower_ in listed("names", "particles") and before.dep_ in {"compound", "nmod"}
    return before.head.i == head.i or before.head.head.i == head.i


def is_title(token: Token) -> bool:
    """Whether what stands before a name says what somebody is: "mayor", "Senator", "spokeswoman"."""
    if token.pos_ == "NOUN" and token.text.islower():
        return True
    return (
        token.text in speech().titles
        or token.lower_ in speech().persons
        or token.lower_ in speech().roles
        or token.lower_ in listed("names", "roles")
    )
