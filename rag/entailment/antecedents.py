"""Whom "she" or "the company" means, where only one can be meant: the one person, or the one body, just spoken of."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rag.entailment.lexicon import listed
from rag.entailment.parser import parse
from rag.names import name_words
from rag.speech import speech
from rag.text import Span, sentences
from rag.types import Article

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

BACK = 3
"""Sentences that are looked back at. A pronoun whose name stands further back is left alone."""


class Named(NamedTuple):
    """A name in a sentence: how it is written, of what kind, and whether somebody does something by it."""

    name: str
    kind: str
    is_subject: bool


def meant(article: Article, sentence: Span, doc: Doc, token: Token) -> set[str]:
    """The name that a pronoun, or a description with "the", stands for; nothing where more than one could be meant."""
    kind, gender = _sought(token)
    if not kind:
        return set()
    if rivals(doc, token) > 1:
        return set()  # two who fit: a wrong guess would be told as so
    here = [named for named in _names(doc) if _starts(doc, named) < token.i]
    for names in [here, *before(article, sentence.start)]:
        of_kind = [named for named in names if named.kind == kind and _may_be(named.name, gender)]
        distinct = _distinct([named.name for named in of_kind])
        if len(distinct) == 1:
            return distinct
        subjects = _distinct([named.name for named in of_kind if named.is_subject])
        if len(subjects) == 1 and names is not here and gender and len(distinct) < 3:
            return subjects
        if distinct:
            return set()
    return set()


def _sought(token: Token) -> tuple[str, str]:
    """The kind of name that a word can stand for, and whether of a "he" or a "she"; empty where it stands for none."""
    word = token.lower_
    gender = next((g for g in ("he", "she") if word in listed("pronouns", g)), "")
    described = _is_described(token)
    if gender or (described and _is_person(token)):
        return "PERSON", gender
    is_body = word in listed("pronouns", "it") or (described and token.lemma_.lower() in listed("names", "bodies"))
    return ("ORG" if is_body else ""), ""


def rivals(doc: Doc, token: Token) -> int:
    """How many a pronoun may mean of those named before it in its sentence; places and days are none."""
    return len(named_before(doc, token))


def named_before(doc: Doc, token: Token) -> set[str]:
    """The names before a word of its sentence, the last word of each."""
    return {t.lower_ for t in doc[: token.i] if _names_somebody(t)}


def _names_somebody(token: Token) -> bool:
    """Whether a word may be somebody whom a pronoun means later: a name, or "the man"; where something is, is none."""
    if token.pos_ == "NOUN":
        return token.tag_ == "NN" and _is_person(token) and token.dep_ not in {"compound", "appos", "attr"}
    if token.pos_ != "PROPN" or (token.dep_ in {"compound", "nmod"} and token.head.pos_ == "PROPN"):
        return False
    placed = token.ent_type_ in {"GPE", "LOC", "FAC"} and token.dep_ in {"pobj", "poss", "compound", "nmod", "appos"}
    return not placed and token.ent_type_ not in {"DATE", "TIME", "NORP", "EVENT"}


def before(article: Article, start: int) -> list[list[Named]]:
    """The names in the sentences before a place, the nearest first."""
    earlier = [span for span in _sentences(article.text) if span.end <= start][-BACK:]
    return [list(_named(article.text[span.start : span.end])) for span in reversed(earlier)]


def is_person(article: Article, name: str) -> bool:
    """Whether a name is somebody's, where the article has it first."""
    first = next((s for s in _sentences(article.text) if name in article.text[s.start : s.end]), None)
    found = _named(article.text[first.start : first.end]) if first is not None else ()
    return any(named.kind == "PERSON" and name_words(named.name) >= name_words(name) for named in found)


@lru_cache(maxsize=4_096)
def _named(text: str) -> tuple[Named, ...]:
    return tuple(_names(parse(" ".join(text.split()))))


def _names(doc: Doc) -> list[Named]:
    found = []
    for entity in doc.ents:
        if entity.label_ in {"PERSON", "ORG"}:
            around, titles = listed("names", "around"), speech().titles
            name = " ".join(t.text for t in entity if t.text not in around and t.text not in titles)
            if name:
                found.append(Named(name, entity.label_, _is_subject(entity.root)))
    return found


def _is_subject(token: Token) -> bool:
    """Whether a name, or what it stands before, does something: "Varga", "the Varga family"."""
    subject = {"nsubj", "nsubjpass"}
    return token.dep_ in subject or (token.head.dep_ == "nsubj" and token.dep_ == "compound")


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
    """Whether nobody knows better of a given name than that "he", or "she", stands for it."""
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
        token.lower_ in speech().persons or token.lower_ in speech().roles or token.lower_ in listed("names", "people")
    )


@lru_cache(maxsize=64)
def _sentences(text: str) -> tuple[Span, ...]:
    return tuple(sentences(text))
