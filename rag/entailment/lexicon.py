"""Words that say the same, and words that must not be lost: `rag/data/entailment.toml`, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from rag.speech import speech
from rag.words import stem


@cache
def lists() -> dict[str, Any]:
    """The language file, a table a heading."""
    data: dict[str, Any] = tomllib.loads(files("rag").joinpath("data/entailment.toml").read_text("utf-8"))
    return data


@cache
def listed(heading: str, name: str) -> frozenset[str]:
    """The words of one list of the file."""
    return frozenset(lists()[heading][name])


@cache
def _meanings() -> Mapping[str, frozenset[int]]:
    """By word, the numbers of the lines of synonyms that it stands in."""
    found: dict[str, set[int]] = {}
    for number, line in enumerate(lists()["same"]["words"]):
        for word in line:
            found.setdefault(word, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in found.items()}


@lru_cache(maxsize=65_536)
def same_lemma(one: str, other: str) -> bool:
    """Whether two lemmas, in lower case, are one, are spelled in two ways, or say the same."""
    if one == other or _is_inflected(one, other) or _is_inflected(other, one):
        return True
    return not _meanings().get(one, frozenset()).isdisjoint(_meanings().get(other, frozenset()))


_ENDINGS = frozenset({"s", "es", "d", "ed", "ing", "'s", "ly"})


def _is_inflected(one: str, other: str) -> bool:
    """Whether a word that was taken for a lemma is an ending away from another: "tweets" and "tweet"."""
    if len(other) < 3 or stem(one) != stem(other):
        return False
    bare = other[:-1] if other.endswith(("e", "y")) else other
    return one.startswith(bare) and one[len(bare) :].lstrip("ie") in _ENDINGS | {""} and one[len(other) :] != "ly"


@lru_cache(maxsize=4_096)
def same_preposition(one: str, other: str) -> bool:
    """Whether one preposition may stand for another."""
    return one == other or any(one in line and other in line for line in lists()["same"]["prepositions"])


@lru_cache(maxsize=16_384)
def cue_group(lemma: str) -> str:
    """The group of meaning of a reporting verb by its lemma; empty for another word."""
    groups = speech().groups
    return next((groups[form] for form in (lemma, f"{lemma}s", f"{lemma}ed", f"{lemma}d") if form in groups), "")


def reports(lemma: str) -> bool:
    """Whether a verb tells that what stands after it was said or thought, and no more."""
    return cue_group(lemma) != ""


def is_plain(lemma: str) -> bool:
    """Whether a verb says just that something was said."""
    return lemma in listed("reports", "plain")


def asserts(lemma: str) -> bool:
    """Whether whoever says something by this verb says that it is so."""
    return cue_group(lemma) in listed("reports", "asserting") and lemma not in listed("reports", "not_asserting")


@lru_cache(maxsize=16_384)
def may_report(said: str, there: str) -> bool:
    """Whether the reporting verb `said` may stand where the evidence has `there`: no more than that is told."""
    if said == there or same_lemma(said, there):
        return True
    if is_plain(said):
        return asserts(there) or is_plain(there)
    return False
