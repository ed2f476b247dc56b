"""Whom "she" or "the company" means, where only one can be meant: the one person, or the one body, just spoken of."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rag.entailment.parser import parse
from rag.names import name_words
from rag.speech import speech
from rag.text import Span, sentences
from rag.types import Article

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

BACK = 3
"""Sentences that are looked back at. A pronoun whose name stands further back is left alone."""

_HE, _SHE, _IT = {"he", "him", "his"}, {"she", "her", "hers"}, {"it", "its"}
BODIES = frozenset(
    [
        "company",
        "firm",
        "group",
        "agency",
        "bank",
        "carrier",
        "airline",
        "automaker",
        "carmaker",
        "maker",
        "retailer",
        "chain",
        "organisation",
        "organization",
        "party",
        "union",
        "team",
        "club",
        "panel",
        "committee",
        "council",
        "commission",
        "department",
        "ministry",
        "campaign",
        "network",
        "newspaper",
        "magazine",
        "university",
        "school",
        "hospital",
        "court",
        "authority",
        "nonprofit",
        "charity",
        "service",
        "manufacturer",
        "startup",
        "brand",
        "league",
        "board",
        "body",
        "outlet",
    ]
)


class Named(NamedTuple):
    """A name in a sentence: how it is written, of what kind, and whether somebody does something by it."""

    name: str
    kind: str
    is_subject: bool


def meant(article: Article, sentence: Span, doc: Doc, token: Token) -> set[str]:
    """The name that a pronoun, or a description with "the", stands for; nothing where more than one could be meant."""
    word = token.lower_
    here = [named for named in _names(doc) if _starts(doc, named) < token.i]
    people = word in _HE | _SHE or (_is_described(token) and _is_person(token))
    bodies = word in _IT or (_is_described(token) and token.lemma_.lower() in BODIES)
    if not people and not bodies:
        return set()
    kinds = {"PERSON"} if people else {"ORG"}
    gender = "he" if word in _HE else "she" if word in _SHE else ""
    found: list[list[Named]] = [here, *before(article, sentence.start)]
    for names in found:
        of_kind = [named for named in names if named.kind in kinds and _may_be(named.name, gender)]
        distinct = _distinct([named.name for named in of_kind])
        if len(distinct) == 1:
            return distinct
        subjects = _distinct([named.name for named in of_kind if named.is_subject])
        if len(subjects) == 1 and names is not here and gender and len(distinct) < 3:
            return subjects
        if distinct:
            return set()
    return set()


def before(article: Article, start: int) -> list[list[Named]]:
    """The names in the sentences before a place, the nearest first."""
    earlier = [span for span in _sentences(article.text) if span.end <= start][-BACK:]
    return [list(_named(article.text[span.start : span.end])) for span in reversed(earlier)]


@lru_cache(maxsize=4_096)
def _named(text: str) -> tuple[Named, ...]:
    return tuple(_names(parse(" ".join(text.split()))))


def _names(doc: Doc) -> list[Named]:
    found = []
    for entity in doc.ents:
        if entity.label_ in {"PERSON", "ORG"}:
            words_of = [
                t.text for t in entity if t.text not in {"'s", "’s", "the", "The"} and t.text not in speech().titles
            ]
            is_subject = entity.root.dep_ in {"nsubj", "nsubjpass"} or (
                entity.root.head.dep_ in {"nsubj"} and entity.root.dep_ == "compound"
            )
            if words_of:
                found.append(Named(" ".join(words_of), entity.label_, is_subject))
    return found


def _starts(doc: Doc, named: Named) -> int:
    first = named.name.split()[0]
    return next((t.i for t in doc if t.text == first), len(doc))


def _distinct(names: list[str]) -> set[str]:
    """The different names, each at its fullest: "Ilse Varga" and "Varga" are one."""
    kept: list[str] = []
    for name in sorted(set(names), key=len, reverse=True):
        if not any(name_words(name) <= name_words(other) for other in kept):
            kept.append(name)
    return set(kept)


def _may_be(name: str, gender: str) -> bool:
    parts = name.split()
    known = next((speech().genders[part] for part in parts[:-1] if part in speech().genders), "")
    return not gender or not known or known == gender


def _is_described(token: Token) -> bool:
    return (
        token.pos_ == "NOUN"
        and any(c.dep_ == "det" and c.lower_ == "the" for c in token.children)
        and token.tag_ == "NN"
    )


def _is_person(token: Token) -> bool:
    return (
        token.lower_ in speech().persons
        or token.lower_ in speech().roles
        or token.lower_ in {"businessman", "businesswoman", "woman", "man"}
    )


@lru_cache(maxsize=64)
def _sentences(text: str) -> tuple[Span, ...]:
    return tuple(sentences(text))
