"""The same statement in several outlets: whether two quotations print it, and where their words differ.

What a reader wants to see marked is what changed on the way: a word, a figure, a "not", a cut. So a figure and a
"not" are no reasons here to hold two quotations apart, as they are where an answer must not lose a correction
(`rag.answer`); other telling words are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from rag.speech import speech
from rag.text import fold
from rag.types import Quotation
from rag.words import denies, stems, stopwords

VERY_SHORT, LONG = 4, 10
"""Telling words. Fewer than the first must all agree, and be said by the same person in one week, since many "will
resign"; the second are too many for chance."""

STILL_NEWS = 7
"""Days within which two articles report one event. Later, the same words with another figure are the next report
("prices rose to …"), not a variant."""

FEWEST_PLAIN = 2
"""Words in common that are no names, in any statement that is not very short."""

COMPARABLE = 0.75
"""Share of the length of the longer quotation from which the shorter one is not a cut of it."""


class _Likeness(NamedTuple):
    """How much of the shorter of two statements is in the longer."""

    words: float
    """Of its telling words."""
    pairs: float
    """Of the pairs of telling words that follow each other: a long speech has most words of a short one by
    chance, but not side by side."""

    def reaches(self, other: _Likeness) -> bool:
        return self.words >= other.words and self.pairs >= other.pairs


_NEARLY, _CLOSELY, _WHOLLY = _Likeness(0.75, 0.5), _Likeness(0.85, 0.75), _Likeness(1, 1)
_NEVER = _Likeness(2, 2)


def states_the_same(one: Quotation, other: Quotation) -> bool:
    """Whether two quotations, of different articles, print one statement: in nearly the same words, or cut.

    Quotation marks, case and all stop words are passed over, so that “I will resign” and "he would resign" are one
    statement. Figures and denials are passed over too: their difference is to be seen. A stretch that tells
    nothing but names and reporting verbs ("to comment", "about Mayor Ilse Varga") states nothing.

    The limits were set by reading pairs from the articles of RealTime QA. Takes a few microseconds where both texts
    have been seen before, and about a tenth of a millisecond for each that has not.
    """
    shorter, longer = sorted((_told(one.excerpt.text), _told(other.excerpt.text)), key=lambda told: len(told.stems))
    size, common = len(shorter.stems), len(shorter.plain & longer.plain)
    if not common:
        return False
    named = _same_speaker(one.speaker, other.speaker)
    together = _days_apart(one, other) <= STILL_NEWS
    if size < VERY_SHORT:
        return named and together and shorter.stems == longer.stems and shorter.figures == longer.figures
    if common < FEWEST_PLAIN or (_other_figures(shorter, longer) and not together):
        return False
    comparable = size >= COMPARABLE * len(longer.stems)
    return _likeness(shorter, longer).reaches(_needed(size, named=named, together=together, comparable=comparable))


def _needed(size: int, *, named: bool, together: bool, comparable: bool) -> _Likeness:
    """How alike two statements must be: the more else speaks for it, the less."""
    if size >= LONG or (named and together and comparable):
        return _NEARLY
    if not (named or together):
        return _NEVER
    return _CLOSELY if (named and together) or comparable else _WHOLLY


@dataclass(frozen=True)
class _Told:
    """What statements are compared by: stems of telling words, figures apart."""

    stems: frozenset[str]
    plain: frozenset[str]
    """Those of no names and no reporting verbs."""
    pairs: frozenset[tuple[str, str]]
    """Those that follow each other, all else left out."""
    figures: frozenset[str]


@lru_cache(maxsize=8_192)
def _told(text: str) -> _Told:
    found = list(_telling(text))
    told = [(word, stem) for word in found if not word[0].isdigit() for stem in stems(word)]
    in_order = [stem for _, stem in told]
    return _Told(
        stems=frozenset(in_order),
        plain=frozenset(stem for word, stem in told if _is_plain(word)),
        pairs=frozenset(pairwise(in_order)),
        figures=frozenset(word for word in found if word[0].isdigit()),
    )


_TELLING = re.compile(r"\d+(?:[.,]\d+)*|\w+(?:'\w+)*")
_SUFFIX = 2
"""Letters, at most, of a part before or after an apostrophe that tells nothing: "we've", "Varga's", "O'Hara"."""


def _telling(text: str) -> Iterator[str]:
    """The words of `text` that are no stop words and deny nothing, and its figures."""
    for match in _TELLING.finditer(fold(text)):
        word = match.group()
        parts = word.split("'")
        if not denies(word):
            kept = parts if len(parts) == 1 else [part for part in parts if len(part) > _SUFFIX]
            yield from (part for part in kept if part.lower() not in stopwords())


def _is_plain(word: str) -> bool:
    return word.islower() and len(word) > 1 and word not in speech().groups


def _likeness(shorter: _Told, longer: _Told) -> _Likeness:
    pairs = len(shorter.pairs & longer.pairs) / len(shorter.pairs) if shorter.pairs else 1
    return _Likeness(len(shorter.stems & longer.stems) / len(shorter.stems), pairs)


def _other_figures(one: _Told, other: _Told) -> bool:
    """Whether each has a figure that the other has not."""
    return not (one.figures <= other.figures or other.figures <= one.figures)


def _days_apart(one: Quotation, other: Quotation) -> int:
    """Between the days on which the two were published; 0 where one is not known."""
    first, second = one.excerpt.article.published, other.excerpt.article.published
    if not first or not second:
        return 0
    return abs((date.fromisoformat(first) - date.fromisoformat(second)).days)


def _same_speaker(one: str, other: str) -> bool:
    """Whether two articles name the same speaker: "Varga" is "Ilse Varga"; "the company" is nobody known."""
    return not _names(one).isdisjoint(_names(other))


@lru_cache(maxsize=8_192)
def _names(speaker: str) -> frozenset[str]:
    """What names somebody in `speaker`, without titles."""
    return frozenset(
        word
        for word in re.findall(r"\w+", speaker)
        if not word[0].islower() and word.lower() not in stopwords() and word not in speech().titles
    )


# --- differences ------------------------------------------------------------------------------

Change = Literal["same", "added", "left out"]


class Piece(NamedTuple):
    """A stretch of a statement beside another version of it.

    `text` is what to show. `was` is what stands in the other version: nothing for what is added; and where the
    words are the same it may differ in how they are set, in case, marks and spaces.
    """

    text: str
    change: Change
    was: str


_UNIT = re.compile(r"\d+(?:[.,]\d+)*|\w+(?:['’]\w+)*|[^\w\s]")
"""A word, a figure with its points, or one mark."""

_MINUS = re.compile(r"(?<!\S)[-−–](?=\d)")

_SET = frozenset(",;.:…\"'()[]-` ")
"""Marks, folded, whose coming or going changes no word. Not "?", "%" or "£", which change the sense."""


def differences(one: str, other: str) -> list[Piece]:
    """How the statement `one` was changed into `other`, word by word.

    What is not "left out" makes up `other` exactly: "".join(p.text for p in pieces if p.change != "left out").
    All that `was` makes up `one` exactly: "".join(p.was for p in pieces). How words are set is no change: case,
    white space, marks that differ as in `rag.text.fold`, and commas, stops, quotation marks, brackets and dashes
    that one has and the other has not; a "same" piece then has `other`'s setting in `text` and `one`'s in `was`.
    """
    before, after = _units(one), _units(other)
    matcher = SequenceMatcher(None, [unit.key for unit in before], [unit.key for unit in after], autojunk=False)
    pieces: list[Piece] = []
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        was = "".join(unit.text for unit in before[i:i_end])
        text = "".join(unit.text for unit in after[j:j_end])
        if tag == "equal":
            pieces.append(Piece(text, "same", was))
            continue
        if was:
            pieces.append(Piece(was, "left out", was))
        if text:
            pieces.append(Piece(text, "added", ""))
    return [piece for piece in pieces if piece.text or piece.was]


class _Unit(NamedTuple):
    """A word with the marks and spaces after it, and what it is compared by."""

    key: str
    text: str


def _units(text: str) -> list[_Unit]:
    """`text` in units, whole: the first has no word, only what stands before the first word."""
    words = [match for match in _UNIT.finditer(text) if _is_word(text, match)]
    starts = [0, *(match.start() for match in words), len(text)]
    keys = ["", *(fold(match.group()).lower() for match in words)]
    return [_Unit(key, text[start:end]) for key, (start, end) in zip(keys, pairwise(starts), strict=True)]


def _is_word(text: str, match: re.Match[str]) -> bool:
    mark = fold(match.group())
    return mark not in _SET or (mark == "-" and _MINUS.match(text, match.start()) is not None)


# --- versions ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Version:
    """A statement as one article prints it, beside the first version of it.

    `first` is true of all that were published on the earliest day that is known, as which of them was first that
    day cannot be told.
    """

    quotation: Quotation
    pieces: tuple[Piece, ...]
    first: bool


def versions(quotations: Sequence[Quotation]) -> list[Version]:
    """The quotations, of one statement, as versions: the earliest first, those without a date last, else as given.

    Each is compared with the first in this list.
    """
    ordered = sorted(
        quotations, key=lambda quotation: (not quotation.excerpt.article.day, quotation.excerpt.article.day)
    )
    if not ordered:
        return []
    earliest, original = ordered[0].excerpt.article.day, ordered[0].excerpt.text
    return [
        Version(
            quotation,
            tuple(differences(original, quotation.excerpt.text)),
            first=bool(earliest) and quotation.excerpt.article.day == earliest,
        )
        for quotation in ordered
    ]
