"""The words by which a language reports speech, and by which a sentence shows who speaks.

A language is one file of the form of `rag/data/speech.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

MASK = "\x01"
"""What stands in place of every character in quotation marks, so that words in there are nobody's cue."""

_WORD = r"[^\W_][\w’'\-]*\.?"
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
    kin: Mapping[str, str]
    """By "wife" or "spokesman", the pronoun that goes with a name after it."""
    persons: frozenset[str]
    offices: frozenset[str]
    """Those of `persons` that are offices, which several people of a text may hold."""
    roles: frozenset[str]
    """Further words for people, by which no pronoun is told."""
    organisations: frozenset[str]
    titles: frozenset[str]
    courtesies: frozenset[str]
    """Titles that say nothing about an office, in lower case."""
    suffixes: frozenset[str]
    """What comes after a surname, in lower case."""
    portfolios: frozenset[str]
    """Ends of titles that a name follows: "Secretary of State Ann Bell"."""
    not_names: frozenset[str]
    determiners: frozenset[str]
    definite: str
    relatives: frozenset[str]
    frames: Mapping[str, re.Pattern[str]]
    """By verb with a second meaning, what has to follow it where it reports speech."""
    unmarked: frozenset[str]
    """Verbs with a frame that words in quotation marks are not the words of."""
    idioms: Mapping[str, re.Pattern[str]]
    """By verb, what follows it where it reports nothing."""
    inverting: frozenset[str]
    addressing: frozenset[str]
    small_in_titles: frozenset[str]
    several: frozenset[str]
    naming: frozenset[str]
    days: frozenset[str]
    shown_by_studies: frozenset[str]
    documents: frozenset[str]
    adverbial_nouns: frozenset[str]
    """Nouns that end as an adverb does."""
    possessives: Mapping[str, str]
    """By "his" the pronoun that it is of."""
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
    before_places: re.Pattern[str]
    """What stands before a name that is no person's: "in El Paso"."""
    office_after: re.Pattern[str]
    """Group 1: what somebody is, right after the name: ", the transport minister"."""
    office_before: re.Pattern[str]
    """The same right before it: "the transport minister, "."""
    kin: re.Pattern[str]
    """A word that tells he or she, and the name after it: "his wife, Ann Bell"."""
    before_cue: re.Pattern[str]
    """Who speaks, right before the cue: group 1, or group 2 where it is several without an article ("officials")."""
    after_cue: re.Pattern[str]
    """Who speaks, right after it."""
    adverbs: re.Pattern[str]
    """Those right before a cue."""
    dateline: re.Pattern[str]
    """Where a paragraph of wire copy comes from: "ORRISPORT, Sept. 17 (Norvane) — "."""
    one_comma: re.Pattern[str]
    """A comma and adverbs, which open an aside that the cue is in: "the hall, also called the barn"."""
    source: re.Pattern[str]
    """Who or what is meant after "according to"."""
    ends_inverted: re.Pattern[str]
    """What follows who speaks in "…, said Ann Bell"; otherwise those words begin what is said."""
    ends_clause: re.Pattern[str]
    """The same after "…, said the mayor"; "…, said the mayor of the town had left" goes on with what is said."""
    named_behind: re.Pattern[str]
    """Group 1: the name of whom another name describes: "Christiana endocrinologist Ann Bell"."""
    adjective_to: re.Pattern[str]
    """What follows a name that is no name: "a Republican operative"."""
    only_says: re.Pattern[str]
    """The beginning of a sentence that says who said the words before it: "Bell said after the game."."""
    named_after: re.Pattern[str]
    """Group 1: the name that comes after a description: "another author, Ann Bell, "."""
    subject: re.Pattern[str]
    """Group 1: who a clause begins with, after an opening phrase or not."""
    noun: re.Pattern[str]
    """What stands before a cue that is a noun: "the charge"."""
    owner: re.Pattern[str]
    """Whose a noun is that looks like a cue: "the president's orders"; "he's said" is no owner."""
    shunning: re.Pattern[str]
    """A verb before a participle, which can mean that it was not said: "avoided saying", "denies calling"."""
    noun_cue: re.Pattern[str]
    """A noun of speech before what it says: "claim that"."""
    whose: re.Pattern[str]
    """Whose a noun is, right before it: group 1 a name or description, or group 2 "his"."""
    giving_up: re.Pattern[str]
    """A verb before whose words they were: "withdrew her support"."""
    verb: re.Pattern[str]
    """What a description does, where it runs into it."""
    unreal: re.Pattern[str]
    """What stands between who speaks and a verb that reports nothing: "did not say", "may admit"."""
    unreal_subject: re.Pattern[str]
    """Whom nothing is reported of: "nobody"."""
    conditional: re.Pattern[str]
    """What stands right before whoever may speak, or does not: "if she says", "nor did he say"."""
    being: re.Pattern[str]
    """What stands before one in the passive, or before a participle: "was criticised", "is calling"."""
    takes_base_form: re.Pattern[str]
    """What stands before a base form that reports: "did not comment", "officials insist"."""
    joined: re.Pattern[str]
    """What joins a second report to whoever made the first: ", adding", "and warned"."""
    beside: re.Pattern[str]
    """What separates a report from one that stands beside it, not in its words."""
    stop: re.Pattern[str]
    """What the words that a noun reports end before."""
    closes: re.Pattern[str]
    """What ends a report that stands between two commas: "he said on Friday, "."""
    introduces: re.Pattern[str]
    """What begins reported words after a cue."""
    circumstance: re.Pattern[str]
    """What comes after a cue that says when, where or to whom: "on Monday"."""
    told_when: re.Pattern[str]
    """What stands between a cue and its words and says when or where: "in a statement that"."""
    told_whom: re.Pattern[str]
    """The same, where it says to whom: "the council on Monday that"."""
    finite: re.Pattern[str]
    """A verb after a cue, which is a noun then: "the orders are fair"."""
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
        kin=_by_word(names["kin"]),
        persons=frozenset(names["persons"]),
        offices=frozenset(names["offices"]),
        roles=frozenset(names["roles"]),
        organisations=frozenset(names["organisations"]),
        portfolios=frozenset(names["portfolios"]),
        titles=frozenset(names["titles"]),
        courtesies=frozenset(word.lower() for word in names["courtesies"]),
        suffixes=frozenset(names["suffixes"]),
        not_names=frozenset(names["not_names"]),
        determiners=frozenset(grammar["determiners"]),
        definite=grammar["definite"],
        relatives=frozenset(grammar["relatives"]),
        frames=_followed(data["frames"], grammar["clauses"]),
        unmarked=frozenset(verb for table in data["frames"] for verb in table["verbs"] if not table.get("marks", True)),
        idioms=_followed(data["idioms"], grammar["clauses"]),
        inverting=frozenset(grammar["inverting"]),
        addressing=frozenset(grammar["addressing"]),
        small_in_titles=frozenset(grammar["small_in_titles"]),
        days=frozenset(grammar["days"]),
        shown_by_studies=frozenset(grammar["shown_by_studies"]),
        documents=frozenset(grammar["documents"]),
        adverbial_nouns=frozenset(grammar["adverbial_nouns"]),
        naming=frozenset(grammar["naming"]),
        several=frozenset(grammar["several"]),
        possessives=grammar["possessives"],
        irregular=grammar["irregular"],
        inflections=tuple(grammar["inflections"]),
        participle=grammar["participle"],
        according=grammar["according"],
        patterns=_patterns(groups, data),
    )


def _by_word(lists: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Under each word the name of the list it is in."""
    return {word: name for name, words in lists.items() for word in words}


def _followed(tables: Iterable[Mapping[str, Any]], clauses: Sequence[str]) -> dict[str, re.Pattern[str]]:
    """By verb, the pattern of what its table says stands after it."""
    patterns = {}
    for table in tables:
        words = [word for word in table["before"] if word != "clauses"]
        words += clauses if "clauses" in table["before"] else []
        pattern = re.compile(rf"\s+{_any_of(words)}(?!\w)")
        patterns.update(dict.fromkeys(table["verbs"], pattern))
    return patterns


def _patterns(cues: Iterable[str], data: Mapping[str, Any]) -> Patterns:
    g = {key: _any_of(words) for key, words in data["grammar"].items() if isinstance(words, list)}
    pronouns = _any_of(form for words in data["pronouns"].values() for form in _both_cases(words))
    function_words = _any_of(_both_cases(data["grammar"]["function_words"]))
    name = _name(data["names"])
    word = rf"(?!{function_words}\b){_WORD}"
    run = rf"(?:{word}\s+){{0,4}}{word}"
    determined = rf"(?i:{g['determiners']})\s+{run}"
    further = rf"{g['linking']}\s+(?:(?i:{g['determiners']})\s+)?{run}|on\s+(?i:{g['determiners']})\s+{run}"
    described = rf"{determined}(?:\s+(?:{further})){{0,2}}"
    possessed = rf"{name}(?:['’]s|s['’])\s+{run}"
    number = rf"(?i:{g['numbers']})(?:-(?i:{g['numbers']}))?"
    owner = rf"{g['determiners']}\s+(?:[a-z-]+\s+){{0,3}}[a-z-]+"
    share = rf"(?:\d[\d.,]*|{number})(?:\s?{g['shares']})(?:\s+of\s+(?:(?i:{g['determiners']})\s+)?{run})?"
    team = rf"(?!{function_words}\b){name}\s+{word}"
    somebody = rf"(?:{pronouns}\b|{described}|{possessed}|{share}|{name}|{team})"
    plural = rf"(?:(?!{g['singulars']}\b)[\w’'-]*[a-hj-rtv-z]s|{g['plurals']})"
    several = rf"(?:{word}\s+){{0,3}}(?!{function_words}\b){plural}"
    pair = rf"{g['joins_names']}(?:\s+(?-i:{_UPPER})[\w’'.-]+){{1,3}}"
    bracket = r"(?:\s*\([^()\n]{1,40}\))?"
    dash = r"(?:--?|[—–])"
    aside = rf"{bracket}(?P<aside>,[^\n{MASK}]{{2,160}},|\s?{dash}\s?[^\n{MASK}]{{2,160}}\s?{dash}|,)?{bracket}"
    day = rf"(?:(?:on\s+)?{g['days']}(?:\s+{g['times']})?|(?:earlier\s+|later\s+)?(?:this|last|that)\s+{g['spells']})"
    filler = rf"(?:['’]{g['contractions']})?(?:\s+{day})?(?:\s+(?:{g['auxiliaries']}|{g['unreal']}|{g['adverbs']}))*"
    outside = "".join(rf"(?<!\b{form}\s)" for form in _both_cases(data["grammar"]["within"]))
    conjoined = "|".join(rf"(?<=\b{form}\s)" for form in _both_cases(data["grammar"]["conjunctions"]))
    not_within = rf"(?:{outside}|(?:{conjoined})(?=[^,]*$))"
    openers = "|".join(rf"(?<=\b{form}\s)" for form in _both_cases(data["grammar"]["clause_openers"]))
    clause_starts = rf"(?:^|(?<=[,;:—–{MASK}(]\s)|{openers})"
    opening = rf"(?:{g['openings']}\b[^,\n{MASK}]{{0,120}},\s+|(?:But|And)\s+)?"
    office = r"((?:[a-z’'-]+\s+){0,3}[a-z-]+)"
    adverb = r"(?:[a-z]+ly\s+)?"
    aside_words = rf"(?:\s+[^\s,;:.{MASK}]+){{0,8}}?"
    listener = rf"(?:\s+(?!{g['clauses']}\b)[^\s,;:.{MASK}]+){{1,14}}?"
    according = data["grammar"]["according"]
    return Patterns(
        cue=re.compile(rf"(?<![\w-])(?=[a-zA-Z])(?:{_any_of(cues)}|(?i:{according}))\b(?!-)"),
        name=re.compile(rf"\b{name}"),
        person=re.compile(rf"\b{name}|\b(?:[Hh]e|[Ss]he)\b"),
        before_places=re.compile(rf"(?:\b(?i:{g['before_places']})\s+|['’]s?\s+)$"),
        office_after=re.compile(rf",\s+(?:the|an?)\s+{office}(?=[,.]|\s+{g['linking']}\b)"),
        office_before=re.compile(rf"\b(?:[Tt]he|[Aa]n?)\s+{office}(?:\s+{g['linking']}\s+[^,.\n]{{1,40}})?,\s+$"),
        kin=re.compile(rf"\b({_any_of(_by_word(data['names']['kin']))}),?\s+({name})"),
        before_cue=re.compile(
            rf"(?:(?:^|(?<=[\s,;:—–{MASK}(])){not_within}({somebody})|{clause_starts}((?i:{several})))"
            rf"{aside}{filler}\s*$"
        ),
        after_cue=re.compile(
            rf"(?:{g['determiners']}\s+)?(?:(?!{function_words}\b)[a-z\-]+\s+(?:and\s+)?){{0,4}}{name}"
            rf"|{determined}|{pronouns}\b"
        ),
        adverbs=re.compile(rf"(?:\s+{g['adverbs']})*\s*$"),
        dateline=re.compile(
            rf"^{_UPPER}{{2}}[^\na-z(—–]{{0,40}}(?:,[^\n(—–]{{1,40}})?(?:\([^()\n]{{1,30}}\))?\s?{dash}\s", re.MULTILINE
        ),
        one_comma=re.compile(rf"\s*,\s+(?:{g['adverbs']}\s+)*"),
        source=re.compile(
            rf"(?:(?i:{g['determiners']})\s+)?(?:(?!{function_words}\b)[a-z0-9’'\-]+\s+){{0,4}}{name}"
            rf"|{determined}|{run}"
        ),
        ends_inverted=re.compile(
            rf"\s*(?:[^\w\s]|$)|\s+(?:{g['circumstances']}|{g['days']}|{g['joining']}|{g['relatives']})\b"
        ),
        ends_clause=re.compile(r"\s*(?:[^\w\s]|$)"),
        named_behind=re.compile(rf"(?:['’]s)?(?:\s+(?!{function_words}\b)[a-z][a-z-]*){{1,3}}\s+({name})"),
        adjective_to=re.compile(
            rf"\s+(?!(?:{function_words}|{g['circumstances']}|{g['days']}|{g['relatives']}|{g['joining']})\b|[a-z]+ed\b)"
            r"[a-z][a-z-]+"
        ),
        only_says=re.compile(
            rf"(?:{somebody}\s+{g['inverting']}|{g['inverting']}\s+(?:{g['determiners']}\s+)?(?:[a-z-]+\s+){{0,4}}{name})"
            rf"(?:[.,;:]|\s+(?:{g['circumstances']}|{g['days']})\b)"
        ),
        named_after=re.compile(
            rf"(?:\s+{g['linking']}\s+[^,\n{MASK}]{{1,60}})?,\s+((?!{function_words}\b){name})(?=[,.]|$)"
        ),
        subject=re.compile(rf"\s*{opening}({somebody})"),
        noun=re.compile(rf"\b{g['before_nouns']}\s+{adverb}$", re.IGNORECASE),
        owner=re.compile(rf"(?<![\w’'])(?!{pronouns}\b|{g['contracted']}\b)[\w-]+(?:['’]s|s['’])\s+{adverb}$"),
        shunning=re.compile(rf"\b(?:\w+ed|{g['shunning']})\s+{adverb}$"),
        noun_cue=re.compile(rf"(?<=\s){g['nouns']}(?=\s+{g['after_nouns']}\b)"),
        whose=re.compile(
            rf"(?<=[a-z]\s)(?:({name}|{owner})(?:['’]s|(?<=s)['’])|({_any_of(data['grammar']['possessives'])}))"
            rf"\s+(?:(?!{function_words}\b)[a-z-]+\s+){{0,2}}$"
        ),
        giving_up=re.compile(rf"\b{g['giving_up']}\s+$"),
        verb=re.compile(rf"\s(?:[a-z]+ly\s+)?(?:[a-z]+ed|{g['past']})\b"),
        unreal=re.compile(rf"(?<![\w’'])(?:{g['unreal']})(?![\w’'])", re.IGNORECASE),
        unreal_subject=re.compile(rf"{g['unreal_subjects']}\b", re.IGNORECASE),
        conditional=re.compile(rf"\b{g['conditional']}\s+$", re.IGNORECASE),
        being=re.compile(
            rf"(?:\b{g['being']}(?:n['’]t)?|['’]{g['contracted_being']})\s+(?:(?:{g['adverbs']}|{g['unreal']})\s+)*$",
            re.IGNORECASE,
        ),
        takes_base_form=re.compile(
            rf"\b(?:{g['before_base_forms']}|{g['unreal']}|{g['takes_base_form']}|{plural}|{pair})"
            rf"\s+(?:{g['adverbs']}\s+)*$",
            re.IGNORECASE,
        ),
        joined=re.compile(rf"(?:[,{MASK}—–]\s*|\b(?i:{g['joining']})\s+)(?:{day}\s+)?{adverb}$"),
        beside=re.compile(rf"[,;](?!\d)|\s[—–-]\s|\s{g['beside']}\b"),
        closes=re.compile(rf"(?:\s+{g['adverbs']})*(?:\s+{day})?,"),
        stop=re.compile(r"[,;](?!\d)|\s[—–-]+\s"),
        introduces=re.compile(rf"\s+(?:{g['clauses']}|{g['infinitive']})\b"),
        circumstance=re.compile(rf"\s+(?:{g['circumstances']}|{g['days']})\b"),
        told_when=re.compile(
            rf"\s+(?:{g['circumstances']}|{g['days']}|{g['completions']})\b{aside_words}\s+that\b|\s+{day}(?=\s+to\b)"
        ),
        told_whom=re.compile(rf"{listener}\s+(?:that\b|(?={g['clause_pronouns']}\b|it\s+{g['finite']}\b))"),
        finite=re.compile(rf"\s+(?:{g['leading']}\s+)?{g['finite']}\b"),
        study=re.compile(rf"\b{g['studies']}\b", re.IGNORECASE),
        leading=re.compile(rf"[\s,:;]*(?:{g['leading']}\b)?[\s,]*"),
    )


def _name(names: Mapping[str, Any]) -> str:
    """One capital word after another, particles between, or initials and short titles with their stop.

    A body's name goes on: "Department of Health".
    """
    particles = _any_of(names["particles"])
    abbreviated = "|".join(title for title in names["titles"] if len(title) <= 4)
    capital = rf"(?:(?:{_UPPER}\.)+|(?:{abbreviated})\.|{_UPPER}[\w’'\-]*)"
    several = rf"{capital}(?:[^\S\n]+(?:{particles}[^\S\n]+)*{capital})*"
    body = "|".join(rf"(?<=\b{body})" for body in names["bodies"])
    return rf"{several}(?:(?:{body})[^\S\n]+(?:of|for)[^\S\n]+(?:the[^\S\n]+)?{several})?"


def _both_cases(words: Iterable[str]) -> Iterator[str]:
    """Each word as it is and as a sentence begins with it."""
    return (form for word in words for form in (word, word.title()))


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
    portfolio = next((n for n, word in enumerate(words[:2], start=1) if word in speech().portfolios), 0)
    if len(words) > portfolio + 1 and words[-1] not in speech().organisations:
        words = words[portfolio:]
    if len(words) > 1 and words[-1] in speech().days:
        words = words[:-1]  # "Bell Wednesday said"
    last = max((i for i, word in enumerate(words) if word.rstrip(".") in speech().titles), default=-1)
    return " ".join(words[last + 1 :]).rstrip("."), " ".join(words[: last + 1])


def _is_no_name(word: str) -> bool:
    """Whether a word that begins a mention is no part of the name: "But", "the"; "WHO" is one, "who" is not."""
    return (word.capitalize() if word.islower() else word) in speech().not_names


def question_for(speaker: str, cue: str) -> str:
    """A question that a report with `cue` answers, or nothing where it would read badly."""
    asked = speech().asked.get(speech().groups.get(cue, ""))
    return f"What did {speaker} {asked}?" if asked else ""
