"""Whether a figure in prose counts the same as in its evidence, and whether a date ends or begins the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.figures import Day, Figure, days
from rag.grounds import NEAR, Source, covered, month_stems, telling
from rag.speech import speech
from rag.text import Span
from rag.words import stem, words

HALF = 0.5
"""Share of the words around a figure or a name that the evidence with this figure or name must have: another piece of
the evidence may have the words, and this one the figure."""

_YEARS = range(1900, 2101)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_EDGES = dict.fromkeys(("to", "until", "by", "before"), "end") | dict.fromkeys(("from", "since", "after"), "start")
"""What makes a date the end of something, or its start."""


def has_figure(figure: Figure, text: str, sources: Iterable[Source]) -> bool:
    """Whether one of the sources has this figure, and of the same thing."""
    after, before = _around(text, figure.span)
    clause = [s for s in (*before, *after) if s not in month_stems()]
    for source in sources:
        if covered(clause, [source]) < HALF:
            continue
        if figure.value == 1 and not figure.unit and _has_one(after, source):
            return True
        for other in source.figures:
            if not figure.agrees(other):
                continue
            their_after, their_before = _around(source.text, other.span)
            counts, they_count = _counts(text, figure), _counts(source.text, other)
            if counts != they_count and (after or _before(text, figure) != _before(source.text, other)):
                continue
            if not counts and figure.value in _YEARS:
                return True
            if after and their_after:
                if after[0] in their_after[:NEAR]:
                    return True
            elif not before or {*before[-NEAR:]} & {*their_before[-NEAR:], *their_after[:NEAR]}:
                return True
        if figure.value == source.year and not figure.unit and not _YEAR.search(source.text):
            return True  # "in 2026", of an article that names no year
    return False


def stands_alike(day: Day, text: str, sources: Sequence[Source]) -> bool:
    """Whether "to", "by" or "until" before a date is not what stands before another one in the evidence only."""
    word = _preposition(text, day)
    if word not in _EDGES:
        return True
    theirs = [(_preposition(source.text, other), other) for source in sources for other in days(source.text)]
    same = [place for place, other in theirs if day.agrees(other, other.year)]
    if same and all(place == "on" or _EDGES.get(place, _EDGES[word]) != _EDGES[word] for place in same):
        return False
    under = [other for place, other in theirs if place == word]
    return not under or any(day.agrees(other, other.year) for other in under)


def _preposition(text: str, day: Day) -> str:
    """The word right before a date: "to" or "by"."""
    found = words(text[: day.span.start])[-1:]
    return found[0] if found else ""


def _has_one(after: Sequence[str], source: Source) -> bool:
    """Whether "one survey" is "a survey" there."""
    found = words(source.text)
    for place, word in enumerate(found):
        if word in {"one", "a", "an", "single", "1"} and (
            not after or after[0] in map(stem, found[place + 1 : place + 4])
        ):
            return True
    return False


def _counts(text: str, figure: Figure) -> bool:
    """Whether the very next word is of what the figure counts: "900 jobs", not "by 2031, the"; money counts nothing."""
    following = re.match(r"[\s-]*([^\W\d_]+)", text[figure.span.end :])
    return figure.unit in {"", "th"} and following is not None and bool(telling(following[1]))


def _before(text: str, figure: Figure) -> str:
    """The word before a figure, but for "the" and the like."""
    return next((word for word in reversed(words(text[: figure.span.start])) if word not in speech().determiners), "")


def _around(text: str, span: Span) -> tuple[list[str], list[str]]:
    """The telling stems after a figure and before it, in its clause."""
    after = re.split(r"[,;:.!?—()“”\"]", text[span.end :])[0]
    before = re.split(r"[,;:.!?—()“”\"]", text[: span.start])[-1]
    return [s for s in telling(after) if not s[0].isdigit()], [s for s in telling(before) if not s[0].isdigit()]
