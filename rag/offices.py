"""What an article calls a speaker: "Russian Foreign Minister" before the name, "the mayor of Orrisport" after it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import cache

from rag.speech import speech

MOST_PLACES = 8
"""Places of a name that are looked at: articles introduce people early."""

MOST_BEFORE = 6
"""Words of an office before a name."""

LONGEST_AFTER = 80
"""Characters of one after it."""

LONGEST_ABBREVIATION = 5
"""Characters of "Capt." and its like; a longer word with a stop ends its sentence."""

_AFTER = re.compile(rf",\s+([^,.;:()\n]{{3,{LONGEST_AFTER}}})(?=[,.;\n])")


def office(text: str, name: str) -> str:
    """The office or profession under which `text` introduces `name`, without its article; empty where it has none.

    Only what names an office by a word that the language file knows counts: "Ann Bell, on the other
    hand," says nothing about her.
    """
    for start in itertools.islice(_places(text, name), MOST_PLACES):
        found = max(_before(text[max(0, start - 120) : start]), _after(text, start + len(name)), key=len)
        if found:
            return found
    return ""


def telling(office: str) -> frozenset[str]:
    """The words of an office by which it is compared with another: "mayor", "orrisport"."""
    return frozenset(word.lower() for word in re.findall(r"\w+", office) if word.lower() not in _small())


def agree(one: str, other: str) -> bool:
    """Whether two offices may be one person's: they share a telling word, or one is not known."""
    return not one or not other or bool(telling(one) & telling(other))


def _places(text: str, name: str) -> Iterator[int]:
    """Where `name` begins in `text`, in whole words."""
    start = text.find(name)
    while start >= 0:
        around = text[max(0, start - 1) : start] + " " + text[start + len(name) : start + len(name) + 1]
        if not any(character.isalnum() for character in around):
            yield start
        start = text.find(name, start + len(name))


def _before(text: str) -> str:
    """The office that ends right before a name: words with capitals, and the lower-case ones of offices."""
    words = text.rpartition("\n")[2].split()
    taken = list(_run(words))[::-1]
    while taken and _plain(taken[0]) in _not_names():
        del taken[0]
    if not taken or _plain(taken[-1]) not in _offices():
        return ""
    return " ".join(taken) if any(_plain(word) not in speech().courtesies for word in taken) else ""


def _run(words: Sequence[str]) -> Iterator[str]:
    """The words at the end of `words` that can be of one office, last first."""
    for n, word in enumerate(reversed(words)):
        fits = word[0].isupper() or _plain(word) in _offices()
        ends = word[-1] in ',;:!?”"' or (word[-1] == "." and len(word) > LONGEST_ABBREVIATION)
        if n >= MOST_BEFORE or not fits or ends:
            return
        yield word


def _after(text: str, position: int) -> str:
    match = _AFTER.match(text, position)
    if match is None:
        return ""
    words = match.group(1).split()
    if words[0].lower() in speech().determiners:
        words = words[1:]
    return " ".join(words) if any(_plain(word) in _offices() for word in words) else ""


def _plain(word: str) -> str:
    return word.strip(".’'").lower()


@cache
def _offices() -> frozenset[str]:
    return frozenset(word.lower() for word in {*speech().persons, *speech().titles})


@cache
def _not_names() -> frozenset[str]:
    return frozenset(word.lower() for word in speech().not_names)


@cache
def _small() -> frozenset[str]:
    return frozenset({*speech().small_in_titles, *speech().determiners})
