"""The day an article was published: read, never filled in."""

from __future__ import annotations

import re
from datetime import date, datetime

_YEARS = range(1400, 2201)
"""Printed news and some room; anything outside is a number that looks like a year."""

_LONGEST = 100
"""Characters of the longest date looked at; dates are short, and the parser is slow on long input."""

_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?=$|[T\s]|\d{6}$)")
_ABBREVIATED_NOON = re.compile(r"\b([ap])\.\s?m\.", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def iso_day(raw: object) -> str:
    """`raw` as "YYYY-MM-DD", or nothing where it does not name a full day for certain.

    The day is the one written, whatever the time zone. "May 2020" names no day; "05/06/2020" is
    May in one country and June in another, so it names none either.
    """
    if isinstance(raw, date):
        return _known(raw.year, raw.month, raw.day)
    if not isinstance(raw, str) or not raw.strip() or len(raw) > _LONGEST:
        return ""
    written = raw.strip()
    year_first = _YEAR_FIRST.match(written)
    if year_first and (year_first[2] or len(year_first[3] + year_first[4]) == 4):
        return _known(int(year_first[1]), int(year_first[3]), int(year_first[4]))
    # A number alone may be a time stamp; two digits alone may be any century.
    if written.isdecimal() or not re.search(r"(?<!\d)\d{4}(?!\d)", written):
        return ""
    return _parsed(_ABBREVIATED_NOON.sub(r"\1m", written))


def _known(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat() if year in _YEARS else ""
    except ValueError:
        return ""


def _parsed(written: str) -> str:
    """What dateutil reads, if it reads the same whatever it is told to fill gaps and ties with.

    It takes missing parts from `default`, so two defaults without a part in common show them.
    """
    from dateutil import parser

    readings = set()
    for default, day_first in ((datetime(2000, 1, 1), False), (datetime(2007, 8, 9), True)):
        try:
            found = parser.parse(written, default=default, dayfirst=day_first, ignoretz=True)
        except (ValueError, TypeError, ArithmeticError):
            return ""
        readings.add(_known(found.year, found.month, found.day))
    return readings.pop() if len(readings) == 1 else ""


def stated(day: str, page: str) -> bool:
    """Whether `page` writes the ISO `day` out in some usual form.

    For dates that a library found: htmldate turns "2020-05" into today's day of that May.
    """
    year, month, number = (int(part) for part in day.split("-"))
    named = rf"{_MONTHS[month - 1]}[a-z]*\.?"
    nth = rf"0?{number}(?:st|nd|rd|th|\.)?"
    forms = (
        rf"{year}[-/._]0?{month}[-/._]0?{number}",
        rf"{year}{month:02}{number:02}",
        rf"0?{number}[-/. ]\s?0?{month}[-/. ]\s?{year}",
        rf"0?{month}/0?{number}/{year}",
        rf"{nth}[\s-](?:of\s)?{named}[,\s-]\s?{year}",
        rf"{named}\s{nth},?\s{year}",
    )
    return re.search(rf"(?<!\d)(?:{'|'.join(forms)})(?!\d)", page, re.IGNORECASE) is not None
