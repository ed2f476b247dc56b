"""Who is who over articles: the speakers as each article names them, grouped into people.

voices ──> full names ──> by given name, surname and suffix
       ──> surnames ────> the one person of that surname whose office agrees; else apart, by article

Where it is not clear, people stay apart: two that are one can be merged by hand, while the words of
one under the name of another get printed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from rag.offices import agree
from rag.speech import speech, split_title
from rag.words import words

FAMOUS = 20
"""So many times as often as all others of a surname together, and a bare surname means the one: there are a
hundred articles about Donald Trump to one about another Trump, and these say which."""

APART = "@"
"""Between a name and the article that it is kept to, in the key of somebody who may be another elsewhere."""


_APOSTROPHES = re.compile("['’‘ʼʻ′`´]")


class Voice(NamedTuple):
    """A speaker in one article: as the article names them at their fullest, and what it calls them."""

    article_id: str
    speaker: str
    office: str = ""


Key = tuple[str, str]
"""Article id and speaker."""


@dataclass(frozen=True)
class Aliases:
    """What the user decided: the person that a speaker is, in one article or, under "", in all of them."""

    people: Mapping[Key, str]

    def of(self, voice: Voice) -> str:
        """Whom the user says `voice` is, or nothing; other spellings are whom a name in all articles is."""
        exact = self.people.get((voice.article_id, voice.speaker)) or self.people.get(("", voice.speaker), "")
        if exact or not self._by_spelling or not is_named(voice.speaker):
            return exact
        return self._by_spelling.get(spelled(voice.speaker), "")

    def bound(self, voice: Voice) -> bool:
        """Whether what is decided about `voice` is decided for its article alone."""
        return (voice.article_id, voice.speaker) in self.people

    @cached_property
    def _by_spelling(self) -> Mapping[str, str]:
        """The person by the key of a name that is decided in all articles, where its spellings are of one."""
        found: dict[str, set[str]] = {}
        for (article_id, speaker), person in self.people.items():
            if not article_id and is_named(speaker):
                found.setdefault(spelled(speaker), set()).add(person)
        return {key: next(iter(people)) for key, people in found.items() if len(people) == 1}


NO_ALIASES = Aliases({})


@lru_cache(maxsize=65_536)
def folded(name: str) -> tuple[str, ...]:
    """The words of a name as they are compared: lower case, without accents, and "O’Brien" one word, "obrien"."""
    return tuple(words(_APOSTROPHES.sub("", name)))


def surname(speaker: str) -> str:
    """The folded last word of a name, but for "Jr": speakers that may be one person share it."""
    name = _words(speaker)
    while len(name) > 1 and name[-1] in speech().suffixes:
        name = name[:-1]
    return name[-1] if name else ""


@lru_cache(maxsize=65_536)
def key_of(name: str) -> str:
    """The key of whoever has a name: folded, without titles and middle initials."""
    found = _words(name)
    kept = [word for n, word in enumerate(found) if n in {0, len(found) - 1} or len(word) > 1]
    return " ".join(kept)


def spelled(speaker: str) -> str:
    """What all spellings of a speaker share: "John Q. Bell" is "John Bell"; whoever has no name is as written."""
    return key_of(speaker) if is_named(speaker) else speaker


def name_words(key: str) -> list[str]:
    """The words of a person's name, of its key."""
    return list(folded(key.partition(APART)[0]))


def renewed(key: str, name: str) -> str:
    """The key that whoever is called `name` has today, if `key` is what it was while an apostrophe parted words."""
    parted = _APOSTROPHES.sub(" ", name)
    _, apart, article_id = key.partition(APART)
    if apart:
        was = " ".join(words(parted))
        return f"{' '.join(folded(name))}{APART}{article_id}" if key == f"{was}{APART}{article_id}" else key
    return key_of(name) if key == key_of(parted) else key


def is_named(speaker: str) -> bool:
    """Whether a speaker has a name: "Ilse Varga" and "the White House" do, "the mayor" and "officials" do not."""
    parts = speaker.split()
    if parts and parts[0].lower() in speech().determiners:
        parts = parts[1:]
    return bool(parts) and not parts[-1].islower() and bool(_words(speaker))


def grouped(voices: Collection[Voice], aliases: Aliases = NO_ALIASES) -> dict[Key, str]:
    """The key of the person behind each of `voices`, which are all those of one surname in the library.

    Each voice that the user has named is who the user says; then full names; then the rest, beside these. What is
    decided about one article says nothing of a surname in others.
    """
    found = {voice[:2]: person for voice in voices if (person := aliases.of(voice))}
    left = [voice for voice in voices if voice[:2] not in found]
    for voice in left:
        if not is_named(voice.speaker):
            found[voice[:2]] = _apart(voice)
        elif _is_full(voice.speaker):
            found[voice[:2]] = key_of(voice.speaker)
    full = [voice for voice in voices if is_named(voice.speaker) and _is_full(voice.speaker)]
    known = _known([voice for voice in full if not aliases.bound(voice)], found)
    bare = [voice for voice in left if voice[:2] not in found]
    found |= {voice[:2]: _among(voice, known) for voice in bare} if known else _alone(bare)
    return found


class _Known(NamedTuple):
    """A person found by full name: in how many articles, and under which offices."""

    articles: int
    offices: frozenset[str]


def _known(voices: Sequence[Voice], found: Mapping[Key, str]) -> dict[str, _Known]:
    counts = Counter(found[voice[:2]] for voice in voices)
    offices: dict[str, set[str]] = {}
    for voice in voices:
        if voice.office:
            offices.setdefault(found[voice[:2]], set()).add(voice.office)
    return {person: _Known(n, frozenset(offices.get(person, ()))) for person, n in counts.items()}


def _among(voice: Voice, known: Mapping[str, _Known]) -> str:
    """Which of the known people a bare surname, or one with an initial, means; itself, apart, where that is open."""
    initial = _initial(voice.speaker)
    fitting = {
        person: of
        for person, of in known.items()
        if (not initial or person.startswith(initial))
        and (not of.offices or any(agree(voice.office, office) for office in of.offices))
    }
    sure = [person for person, of in fitting.items() if voice.office and of.offices]
    if len(sure) == 1:
        return sure[0]
    if len(fitting) == 1:
        return next(iter(fitting))
    total = sum(of.articles for of in fitting.values())
    famous = [person for person, of in fitting.items() if of.articles >= FAMOUS * max(1, total - of.articles)]
    return famous[0] if famous and not initial else _apart(voice)


def _alone(bare: Sequence[Voice]) -> dict[Key, str]:
    """Surnames, firms and papers with no full name beside them: one, unless two offices contradict each other."""
    offices = {voice.office for voice in bare if voice.office}
    one = all(agree(a, b) for a in offices for b in offices)
    return {voice[:2]: key_of(voice.speaker) if one else _apart(voice) for voice in bare}


def _apart(voice: Voice) -> str:
    return f"{' '.join(folded(voice.speaker))}{APART}{voice.article_id}"


def _is_full(speaker: str) -> bool:
    """Whether a name has a given name or more before the surname: "Ann Bell", not "Bell" or "A. Bell"."""
    found = key_of(speaker).split()
    return len(found) > 1 and len(found[0]) > 1


def _initial(speaker: str) -> str:
    found = key_of(speaker).split()
    return found[0] if len(found) > 1 and len(found[0]) == 1 else ""


def _words(speaker: str) -> list[str]:
    """The folded words of a name without titles and a leading article; none where it is a title alone."""
    parts = speaker.split()
    if parts and parts[0].lower() in speech().determiners:
        parts = parts[1:]
    name, _ = split_title(" ".join(parts))
    found = list(folded(name))
    return ["".join(found)] if found and all(len(word) == 1 for word in found) else found  # "U.N."
