"""The words by which a language reports speech, and by which a sentence shows who speaks.

A language is one file of the form of `rag/data/speech.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

MASK = "\x01"
"""What stands in place of every character in quotation marks, so that words in there are nobody's cue."""

_WORD = r"[^\W\d_][\w’'\-]*\.?"
_UPPER = "[A-ZÀ-ÖØ-ÞŁŚŠŽČĆĐА-Я]"


@dataclass(frozen=True)
class Speech:
    """Lists of one language, and the patterns that are made of them."""

    groups: Mapping[str, str]
    """Every reporting word, in every form, with the group of its meaning."""
    wordings: Mapping[str, tuple[str, ...]]
    asked: Mapping[str, str]
    pronouns: frozenset[str]
    genders: Mapping[str, str]
    """By given name or "Mr", the pronoun that goes with it."""
    persons: frozenset[str]
    organisations: frozenset[str]
    titles: frozenset[str]
    courtesies: frozenset[str]
    """Titles that say nothing about an office, in lower case."""
    suffixes: frozenset[str]
    """What comes after a surname, in lower case."""
    not_names: frozenset[str]
    determiners: frozenset[str]
    definite: str
    relatives: frozenset[str]
    weak: frozenset[str]
    inverting: frozenset[str]
    small_in_titles: frozenset[str]
    irregular: Mapping[str, str]
    """Forms of reporting words that their base form does not show."""
    inflections: tuple[str, ...]
    participle: str
    according: str
    patterns: Patterns


@dataclass(frozen=True)
class Patterns:
    """Regular expressions over an article whose quotations are masked."""

    cue: re.Pattern[str]
    """A word that may report speech."""
    name: re.Pattern[str]
    person: re.Pattern[str]
    """A name, or a pronoun that stands for somebody."""
    before_cue: re.Pattern[str]
    """Who speaks, right before the cue: group 1, or group 2 where it is several without an article ("officials")."""
    after_cue: re.Pattern[str]
    """Who speaks, right after it."""
    subject: re.Pattern[str]
    """Group 1: who a clause begins with, after an opening phrase or not."""
    noun: re.Pattern[str]
    """What stands before a cue that is a noun: "the charge"."""
    unreal: re.Pattern[str]
    """What stands between who speaks and a verb that reports nothing: "did not say", "may admit"."""
    unreal_subject: re.Pattern[str]
    """Whom nothing is reported of: "nobody"."""
    being: re.Pattern[str]
    """What stands before one in the passive, or before a participle: "was criticised", "is calling"."""
    takes_base_form: re.Pattern[str]
    """What stands before a base form that reports: "did not comment", "officials insist"."""
    joined: re.Pattern[str]
    """What joins a second report to whoever made the first: ", adding", "and warned"."""
    beside: re.Pattern[str]
    """What separates a report from one that stands beside it, not in its words."""
    clause: re.Pattern[str]
    """What begins reported words after a cue."""
    study: re.Pattern[str]
    """A subject that shows and finds by saying so."""
    leading: re.Pattern[str]
    """What comes between a cue and the words it reports, and is not of them."""


@cache
def speech() -> Speech:
    """English, the one language so far."""
    data = tomllib.loads(files("rag").joinpath("data/speech.toml").read_text("utf-8"))
    groups = _by_word(data["cues"])
    names, grammar = data["names"], data["grammar"]
    return Speech(
        groups=groups,
        wordings={group: tuple(words) for group, words in data["wordings"].items()},
        asked=data["asked"],
        pronouns=frozenset(word for words in data["pronouns"].values() for word in words),
        genders=_by_word(data["given_names"]) | _by_word(names["genders"]),
        persons=frozenset(names["persons"]),
        organisations=frozenset(names["organisations"]),
        titles=frozenset(names["titles"]),
        courtesies=frozenset(word.lower() for word in names["courtesies"]),
        suffixes=frozenset(names["suffixes"]),
        not_names=frozenset(names["not_names"]),
        determiners=frozenset(grammar["determiners"]),
        definite=grammar["definite"],
        relatives=frozenset(grammar["relatives"]),
        weak=frozenset(grammar["weak"]),
        inverting=frozenset(grammar["inverting"]),
        small_in_titles=frozenset(grammar["small_in_titles"]),
        irregular=grammar["irregular"],
        inflections=tuple(grammar["inflections"]),
        participle=grammar["participle"],
        according=grammar["according"],
        patterns=_patterns(groups, data),
    )


def _by_word(lists: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Under each word the name of the list it is in."""
    return {word: name for name, words in lists.items() for word in words}


def _patterns(cues: Iterable[str], data: Mapping[str, Any]) -> Patterns:
    g = {key: _any_of(words) for key, words in data["grammar"].items() if isinstance(words, list)}
    pronouns = _any_of(form for words in data["pronouns"].values() for word in words for form in (word, word.title()))
    function_words = _any_of(form for word in data["grammar"]["function_words"] for form in (word, word.title()))
    name = _name(data["names"])
    word = rf"(?!{function_words}\b){_WORD}"
    run = rf"(?:{word}\s+){{0,4}}{word}"
    determined = rf"(?i:{g['determiners']})\s+{run}"
    described = rf"{determined}(?:\s+{g['linking']}\s+(?:(?i:{g['determiners']})\s+)?{run}){{0,2}}"
    possessed = rf"{name}(?:['’]s|s['’])\s+{run}"
    somebody = rf"(?:{pronouns}\b|{described}|{possessed}|{name})"
    several = rf"(?:{word}\s+){{0,3}}(?!{function_words}\b)(?:[\w’'-]*[a-z]s|{g['plurals']})"
    bracket = r"(?:\s*\([^()\n]{1,40}\))?"
    aside = rf"{bracket}(?P<aside>,[^\n{MASK}]{{2,160}},|,)?{bracket}"
    when = rf"(?:\s+(?:on\s+)?{g['days']}(?:\s+{g['times']})?)?"
    filler = rf"{when}(?:\s+(?:{g['auxiliaries']}|{g['unreal']}|{g['adverbs']}))*"
    not_within = "".join(rf"(?<!\b{form}\s)" for word in data["grammar"]["within"] for form in (word, word.title()))
    clause_starts = rf"(?:^|(?<=[,;:—–{MASK}(]\s)|(?<=\band\s)|(?<=\bbut\s)|(?<=\bthat\s))"
    opening = rf"(?:{g['openings']}\b[^,\n{MASK}]{{0,120}},\s+|(?:But|And)\s+)?"
    adverb = r"(?:\w+ly\s+)?"
    according = data["grammar"]["according"]
    return Patterns(
        cue=re.compile(rf"(?<![\w-])(?=[a-zA-Z])(?:{_any_of(cues)}|(?i:{according}))\b"),
        name=re.compile(rf"\b{name}"),
        person=re.compile(rf"\b{name}|\b(?:[Hh]e|[Ss]he)\b"),
        before_cue=re.compile(
            rf"(?:(?:^|(?<=[\s,;:—–{MASK}(])){not_within}({somebody})|{clause_starts}((?i:{several}))){aside}{filler}\s*$"
        ),
        after_cue=re.compile(
            rf"(?:{g['determiners']}\s+)?(?:(?!{function_words}\b)[a-z\-]+\s+){{0,4}}{name}"
            rf"|{determined}|{pronouns}\b"
        ),
        subject=re.compile(rf"\s*{opening}({somebody})"),
        noun=re.compile(rf"\b{g['before_nouns']}\s+{adverb}$", re.IGNORECASE),
        unreal=re.compile(rf"(?<![\w’'])(?:{g['unreal']})(?![\w’'])", re.IGNORECASE),
        unreal_subject=re.compile(rf"{g['unreal_subjects']}\b", re.IGNORECASE),
        being=re.compile(rf"\b{g['being']}(?:n['’]t)?\s+(?:(?:not|also|now)\s+)?{adverb}$", re.IGNORECASE),
        takes_base_form=re.compile(
            rf"\b(?:{g['auxiliaries']}|{g['unreal']}|{g['takes_base_form']}|[\w’'-]*[a-rt-z]s|{g['plurals']})\s+(?:{g['adverbs']}\s+)*$",
            re.IGNORECASE,
        ),
        joined=re.compile(rf"(?:[,{MASK}—–]\s*|\b{g['joining']}\s+){adverb}$"),
        beside=re.compile(rf"[,;]|\s[—–-]\s|\s{g['beside']}\b"),
        clause=re.compile(rf"\s+{g['clauses']}\b"),
        study=re.compile(rf"\b{g['studies']}\b", re.IGNORECASE),
        leading=re.compile(rf"[\s,:;]*(?:{data['grammar']['leading']}\b)?\s*"),
    )


def _name(names: Mapping[str, Any]) -> str:
    """One capital word after another, particles between, or initials and short titles with their stop."""
    particles = _any_of(names["particles"])
    abbreviated = "|".join(title for title in names["titles"] if len(title) <= 4)
    capital = rf"(?:(?:{_UPPER}|{abbreviated})\.|{_UPPER}[\w’'\-]*)"
    return rf"{capital}(?:[^\S\n]+(?:{particles}[^\S\n]+)*{capital})*"


def _any_of(words: Iterable[str]) -> str:
    """A pattern for one of `words`, the longest that fits."""
    return rf"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


def is_inflected(cue: str) -> bool:
    """Whether it can report speech as it is: a base form ("charge", "comment") is more often a noun."""
    return cue in speech().irregular or (cue.endswith(speech().inflections) and cue + "es" not in speech().groups)


def split_title(mention: str) -> tuple[str, str]:
    """A mention as (name, title): "Foreign Minister Sergey Lavrov" is ("Sergey Lavrov", "Foreign Minister")."""
    words = re.sub(r"[’']s$", "", mention).split()
    first = next((i for i, word in enumerate(words) if not _is_no_name(word.rstrip("."))), len(words))
    words = words[first:]
    last = max((i for i, word in enumerate(words) if word.rstrip(".") in speech().titles), default=-1)
    return " ".join(words[last + 1 :]).rstrip("."), " ".join(words[: last + 1])


def _is_no_name(word: str) -> bool:
    """Whether a word that begins a mention is no part of the name: "But", "the"; "WHO" is one, "who" is not."""
    return (word.capitalize() if word.islower() else word) in speech().not_names


def question_for(speaker: str, cue: str) -> str:
    """A question that a report with `cue` answers, or nothing where it would read badly."""
    asked = speech().asked.get(speech().groups.get(cue, ""))
    return f"What did {speaker} {asked}?" if asked else ""
