"""What a question asks to be confirmed, or takes for granted: "Why did Varga resign?" has "Varga resigned" in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rag.entailment.lexicon import cue_group, lists
from rag.entailment.premise import legible
from rag.entailment.reading import Reading
from rag.entailment.trees import is_predicate
from rag.speech import speech
from rag.text import normalise
from rag.words import stem, stems

if TYPE_CHECKING:
    from spacy.tokens import Token

FRONT = 8
"""Words before which the auxiliary of a question stands."""

TRIED = 10
"""Places at which a verb is looked for."""

_SUBJECTS = {"nsubj", "nsubjpass", "csubj"}
_AUXILIARIES = {"aux", "auxpass"}
_ASKING = {"WRB", "WP", "WDT", "WP$"}


@dataclass(frozen=True)
class Assertion:
    """A statement without a full stop; `is_asked` where the question is whether it is so, and does not take that for
    granted.
    """

    text: str
    is_asked: bool


@lru_cache(maxsize=256)
def assertion(question: str) -> Assertion | None:
    """The statement in `question`; None where there is none, or it cannot be told."""
    reading = Reading(legible(" ".join(normalise(question).split())))
    if not reading.is_question():
        return None
    first = next((token for token in reading.doc if token.lower_ in _lists()["openings"]["auxiliaries"]), None)
    if first is None or first.i > FRONT:
        return None
    before = [token for token in reading.doc[: first.i] if not token.is_punct and not token.is_space]
    asking = [token for token in before if token.tag_ in _ASKING]
    plain = len(before) == 1 and before[0].lower_ in _lists()["openings"]["presupposing"]
    timed = len(before) > 1 and before[0].pos_ == "ADP" and len(asking) == 1
    if before and not (plain or timed):
        return None
    if any(token.lower_ in _lists()["openings"]["unfit"] for token in reading.doc):
        return None
    text = _stated(reading, first) or _restated(reading, first)
    return Assertion(text, is_asked=not before) if text else None


def _stated(reading: Reading, first: Token) -> str:
    """The question's words in the order of a statement; empty where its tree has no such order."""
    roots = [token for token in reading.roots if not token.is_punct]
    if len(roots) != 1 or not (is_predicate(roots[0]) or any(c.i == first.i for c in roots[0].children)):
        return ""
    root = roots[0]
    below = [root, *(child for child in root.children if child.dep_ in {"acomp", "attr"})]
    subject = next((child for token in below for child in token.children if child.dep_ in _SUBJECTS), None)
    if subject is None or subject.i < first.i or first.i not in {root.i, *(child.i for child in root.children)}:
        return ""
    if any(token.dep_ == "neg" for token in root.children) or (root.i == first.i and root.lemma_ != "be"):
        return ""
    if root.i > subject.i:
        last = max(token.i for token in subject.subtree if token.i < root.i)
    else:
        of = [token.i for child in subject.children if child.lower_ == "of" for token in child.subtree]
        last = max([subject.i, *of])
    return _reordered(reading, first, last + 1, root if first.lemma_ == "do" else None)


def _restated(reading: Reading, first: Token) -> str:
    """The same where the question's tree is wrong: with its verb where a statement of it has one."""
    doc = reading.doc
    rest = [token for token in doc[first.i + 1 :] if not token.is_punct]
    for token in rest[1:TRIED]:
        if doc[token.i - 1].pos_ in {"AUX", "ADV", "VERB", "PART"}:
            return ""
        said = doc[first.i + 1 : token.i].text_with_ws
        tail = doc[token.i :].text.rstrip("? ")
        tried = Reading(f"{said[:1].upper()}{said[1:]}{first.lower_} {tail}.")
        root = next((t for t in tried.roots if not t.is_punct), None)
        if root is None or root.text != token.text or root.tag_ not in {"VB", "VBN"}:
            continue
        helps = any(t.dep_ in _AUXILIARIES and t.lower_ == first.lower_ for t in root.children)
        if helps and any(t.dep_ in _SUBJECTS and t.i < root.i for t in root.children):
            return _reordered(reading, first, token.i, token if first.lemma_ == "do" else None)
    return ""


def _reordered(reading: Reading, first: Token, at: int, verb: Token | None) -> str:
    """The words after the auxiliary `first`, with that put at `at`, or made one with the `verb`; without an "according
    to" at the end.
    """
    doc = reading.doc
    if verb is not None and (verb.i < at or verb.lower_ in _lists()["past"].values() or verb.lower_.endswith("ed")):
        return ""
    end = next((t.i for t in doc if t.lower_ == "according" and t.i > at), len(doc))
    while end and doc[end - 1].is_punct:
        end -= 1
    named = "".join(t.text_with_ws for t in doc[first.i + 1 : at]).strip()
    if verb is None:
        tail = f"{first.lower_} {''.join(t.text_with_ws for t in doc[at:end])}"
    else:
        said = _inflected(verb.lower_, first.lower_)
        tail = "".join(said + t.whitespace_ if t.i == verb.i else t.text_with_ws for t in doc[at:end])
    return f"{named} {tail.strip()}" if named and tail.strip() else ""


def _inflected(verb: str, auxiliary: str) -> str:
    """A verb as it stands without its "did", "does" or "do"."""
    if auxiliary == "did":
        return _past(verb)
    if auxiliary == "does":
        return _third(verb)
    return verb


def _past(verb: str) -> str:
    lists = _lists()
    if verb in lists["past"]:
        return str(lists["past"][verb])
    if verb.endswith("e"):
        return f"{verb}d"
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ied"
    short = re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb) is not None
    return f"{verb}{verb[-1]}ed" if short or verb in lists["forms"]["doubled"] else f"{verb}ed"


def _third(verb: str) -> str:
    if verb == "have":
        return str(_lists()["forms"]["have"])
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else f"{verb}s"


@cache
def _lists() -> dict[str, Any]:
    data: dict[str, Any] = tomllib.loads(files("rag").joinpath("data/questions.toml").read_text("utf-8"))
    return data


# --- what does what it says -------------------------------------------------------------------

SHARED = 5
"""Letters, at least, with which a verb and its noun begin: "approve" and "approval"."""


def read(statement: str) -> Reading:
    """A statement without its full stop, read as a sentence."""
    return Reading(legible(f"{statement[:1].upper()}{statement[1:]}."))


def predicate(reading: Reading) -> Token | None:
    """The word of a statement that says what is done or is so; None where many others say the same."""
    root = next((token for token in reading.roots if not token.is_punct), None)
    if root is None or not is_predicate(root):
        return None
    if root.lemma_.lower() not in _lists()["predicates"]["light"]:
        return root
    told = next((child for child in root.children if child.dep_ in {"acomp", "attr"}), None)
    return told if told is not None and told.pos_ in {"ADJ", "NOUN", "VERB"} else None


def subject_stems(reading: Reading) -> frozenset[str]:
    """The stems of what a statement is about."""
    subject = next((token for token in reading.doc if token.dep_ in _SUBJECTS), None)
    told = [token for token in subject.subtree if token.pos_ in {"NOUN", "PROPN"}] if subject is not None else []
    return frozenset(one for token in told for one in stems(token.text))


def own_stems(token: Token) -> frozenset[str]:
    """The stems of a predicate, and of those that say just the same."""
    lemma = token.lemma_.lower()
    found = {lemma, token.lower_}
    for line in lists()["same"]["words"]:
        if lemma in line:
            found.update(line)
    return frozenset(stem(word) for word in found)


def own_phrases(token: Token) -> list[frozenset[str]]:
    """The stems of each phrase that says the same as a predicate: "call off"."""
    lemma = token.lemma_.lower()
    return [frozenset(stems(phrase)) for phrase, other in lists()["same"]["phrases"].items() if other == lemma]


def near_stems(token: Token) -> frozenset[str]:
    """The stems of words that may tell that something was done in other words."""
    lemma = token.lemma_.lower()
    found = {word for line in _lists()["predicates"]["senses"] if lemma in line for word in line}
    if group := cue_group(lemma):
        found |= {cue for cue, of in speech().groups.items() if of == group}
    return frozenset(stem(word) for word in found)


def holds(senses: Collection[str], said: Collection[str]) -> bool:
    """Whether one of the stems `senses`, or its noun, is among those `said`."""
    return any(_same(one, word) for one in senses for word in said)


@lru_cache(maxsize=65_536)
def _same(sense: str, word: str) -> bool:
    """Whether two stems are one, or a verb and its noun."""
    if sense == word:
        return True
    shared = max(SHARED, min(len(sense), len(word)) - 1)
    return sense[:shared] == word[:shared] and min(len(sense), len(word)) >= shared
