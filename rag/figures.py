"""The numbers and the dates in a text, as values: "£310m" is "310 million-pound", "Sept. 26" is "26 September"."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple

from rag.text import Span
from rag.vocabulary import vocabulary

_NO_DAY = 99
"""What "Sept. 0" names: a day that is none, and is not left open either."""


class Figure(NamedTuple):
    """A number where it stands, with its currency, "%" or "th" as `unit`, else empty."""

    value: Fraction
    unit: str
    span: Span
    bound: str = ""
    """What sets a bound right before it: "more than"."""

    def agrees(self, other: Figure) -> bool:
        """Whether this says no more than `other`: the same value, no other unit, no bound of its own."""
        return (
            self.value == other.value
            and self.unit in {"", other.unit}
            and (not self.bound or self.bound == other.bound)
        )


class Day(NamedTuple):
    """A date as far as it is given; 0 is what is not."""

    day: int
    month: int
    year: int
    span: Span

    def agrees(self, other: Day, year: int = 0) -> bool:
        """Whether all that is given here is so there; where that gives no year, it is of `year`."""
        return (
            self.month == other.month
            and self.day in {0, other.day}
            and (self.year == 0 or self.year == (other.year or year))
        )


@lru_cache(maxsize=16_384)
def figures(text: str) -> tuple[Figure, ...]:
    """The numbers of `text` that are no part of a date, in digits and in words, in order."""
    taken = [day.span for day in days(text)]
    found = [_figure(match, text) for match in _number().finditer(text)]
    return tuple(figure for figure in found if not any(figure.span.overlaps(span) for span in taken))


@lru_cache(maxsize=16_384)
def days(text: str) -> tuple[Day, ...]:
    """The dates of `text` that name a month, and ISO dates, in order."""
    found = []
    for match in _date().finditer(text):
        if match["iso"]:
            year, month, day = map(int, match["iso"].split("-"))
        else:
            name = match["month1"] or match["month2"] or match["month3"] or match["month4"] or match["month5"]
            month = _months()[name.rstrip(".").lower()]
            given = match["day1"] or match["day2"]
            day = (int(given) or _NO_DAY) if given else 0
            year = int(match["year1"] or match["year2"] or match["year3"] or 0)
        found.append(Day(day, month, year, Span(*match.span())))
    return tuple(found)


@lru_cache(maxsize=16_384)
def weekdays(text: str) -> frozenset[str]:
    return frozenset(_weekday().findall(text))


@lru_cache(maxsize=1_024)
def published(iso: str) -> tuple[Day | None, str]:
    """An ISO date of publication as a day, and its weekday; None and "" where there is none."""
    if not iso:
        return None, ""
    day = date.fromisoformat(iso)
    return Day(day.day, day.month, day.year, Span(0, 0)), vocabulary()["dates"]["weekdays"][day.weekday()]


# --- patterns ---------------------------------------------------------------------------------


def _any(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def _words() -> dict[str, tuple[Fraction, bool]]:
    """By number word its value, and whether it multiplies what stands before it."""
    lists = vocabulary()["figures"]
    values = {word: (Fraction(n), False) for n, word in enumerate(lists["small"])}
    values |= {word: (Fraction(10 * n), False) for n, word in enumerate(lists["tens"], start=2)}
    values |= {word: (Fraction(scale), True) for word, scale in lists["scales"].items() if len(word) > 2}
    return values | {"half": (Fraction(1, 2), False)}


@cache
def _units() -> dict[str, str]:
    return {word: unit for unit, words in vocabulary()["figures"]["units"].items() for word in words} | {"%": "%"}


@cache
def _number() -> re.Pattern[str]:
    lists = vocabulary()["figures"]
    word = rf"(?:{_any(list(_words()))})"
    long_scales = _any([scale for scale in lists["scales"] if len(scale) > 2])
    short_scales = _any([scale for scale in lists["scales"] if len(scale) <= 2])
    return re.compile(
        rf"(?P<bound>\b(?:{_any(lists['bounds'])})\s+(?:an?\s+|the\s+)?)?"
        rf"(?:(?P<sign>[£$€])\s?)?(?:"
        rf"(?<![\w.])(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)"
        rf"(?:[\s-]?(?P<scale>{long_scales})s?\b|(?P<short>{short_scales})\b|(?P<th>st|nd|rd|th)\b)?"
        rf"|\b(?P<words>{word}(?:(?:[\s-]|\sand\s){word})*)s?\b"
        rf"|\b(?P<ordinal>{_any(lists['ordinals'])})\b)"
        rf"(?:[\s-]?(?P<unit>%|(?:{_any([u for u in _units() if u != '%'])})\b))?",
        re.IGNORECASE,
    )


def _figure(match: re.Match[str], text: str) -> Figure:
    unit = match["sign"] or _units().get((match["unit"] or "").lower(), "")
    if match["digits"]:
        value = Fraction(match["digits"].replace(",", ""))
        scale = match["scale"] or match["short"]
        value *= vocabulary()["figures"]["scales"][scale.lower()] if scale else 1
        unit = "th" if match["th"] else unit
    elif match["words"]:
        value = _spelled(match["words"].lower())
    else:
        value, unit = Fraction(vocabulary()["figures"]["ordinals"].index(match["ordinal"].lower()) + 1), "th"
    bound = re.sub(r"\s+(?:an?|the)?\s*$", "", match["bound"] or "").lower()
    start = match.start() + len(match["bound"] or "")
    return Figure(value, unit, Span(start, match.end()), bound)


def _spelled(words: str) -> Fraction:
    """240,000 for "two hundred and forty thousand"."""
    total, part = Fraction(0), Fraction(0)
    for word in re.split(r"[\s-]+", words):
        value, multiplies = _words().get(word, (Fraction(0), False))
        if not multiplies:
            part += value
        elif value >= 1000:
            total, part = total + (part or 1) * value, Fraction(0)
        else:
            part = (part or 1) * value
    return total + part


@cache
def _months() -> dict[str, int]:
    names = [name.lower() for name in vocabulary()["dates"]["months"]]
    return {short: n for n, name in enumerate(names, start=1) for short in (name, name[:3], name[:4])}


@cache
def _date() -> re.Pattern[str]:
    names = vocabulary()["dates"]["months"]
    clear = _any([name for name in names if name not in {"May", "March"}])
    month = rf"(?:{_any(names)}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?)"
    year = r"\d{4}"
    before = "|".join(
        rf"(?<=\b{form}\s)" for word in vocabulary()["dates"]["before"] for form in (word, word.capitalize())
    )
    return re.compile(
        rf"\b(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})\b"
        rf"|\b(?P<day1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month1>{month})(?!\w)(?:,?\s+(?P<year1>{year})\b)?"
        rf"|\b(?P<month2>{month})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!,\d)(?:,?\s+(?P<year2>{year})\b)?"
        rf"|\b(?P<month3>{month})\s+(?P<year3>{year})\b"
        rf"|\b(?P<month4>{clear})\b|(?:{before})(?P<month5>May|March)\b"
    )


@cache
def _weekday() -> re.Pattern[str]:
    return re.compile(rf"\b({_any(vocabulary()['dates']['weekdays'])})s?\b")
