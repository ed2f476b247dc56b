"""When the quotations were published: a bar for each day, month, year or decade, each a link to that time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from rag import cite
from rag.ui.components.assets import component
from rag.ui.lookup import Lookup

KEY = "timeline"

DAYS, MONTHS, YEARS = 62, 60, 60
"""The longest stretch that is drawn by days, by months and by years; what is longer is drawn by decades."""


class Period(NamedTuple):
    """A stretch of time with its first and last day, and how many quotations were published in it."""

    label: str
    first: date
    last: date
    quotations: int


def timeline(days: Mapping[str, int], lookup: Lookup, on_go: Callable[[], None]) -> None:
    """Draw `days`, the number of quotations of each (ISO); nothing where no day is known.

    `on_go` is called when a bar is followed; its link stands in the session state, under `KEY`, as "go".
    """
    found = periods(days)
    if not found:
        return
    bars = [
        {
            "label": period.label,
            "count": period.quotations,
            "link": lookup.but(since=period.first.isoformat(), until=period.last.isoformat()).link,
        }
        for period in found
    ]
    data: dict[str, Any] = {
        "bars": bars,
        "from": found[0].label,
        "to": found[-1].label,
        "undated": days.get("", 0),
        "whole": lookup.but(since="", until="").link if lookup.since or lookup.until else "",
    }
    component("timeline")(key=KEY, data=data, on_go_change=on_go)


def periods(days: Mapping[str, int]) -> list[Period]:
    """Stretches of one length from the first known day to the last, those with nothing in them too."""
    known = {date.fromisoformat(day): count for day, count in days.items() if day}
    if not known:
        return []
    first, last = min(known), max(known)
    following = _step(first, last)
    found: list[Period] = []
    start, label, end = following(first)
    while True:
        count = sum(n for day, n in known.items() if start <= day < end)
        found.append(Period(label, start, end - timedelta(days=1), count))
        if end > last:
            return found
        start, label, end = following(end)


Step = Callable[[date], tuple[date, str, date]]
"""From a day to the start of its stretch, the stretch's name, and the start of the next."""


def _step(first: date, last: date) -> Step:
    months = (last.year - first.year) * 12 + last.month - first.month
    if (last - first).days < DAYS:
        return lambda day: (day, cite.spelled(day.isoformat()), day + timedelta(days=1))
    if months < MONTHS:
        return _month
    return _year if last.year - first.year < YEARS else _decade


def _month(day: date) -> tuple[date, str, date]:
    start = day.replace(day=1)
    return start, f"{start:%B} {start.year}", (start + timedelta(days=31)).replace(day=1)


def _year(day: date) -> tuple[date, str, date]:
    return date(day.year, 1, 1), str(day.year), date(day.year + 1, 1, 1)


def _decade(day: date) -> tuple[date, str, date]:
    start = day.year // 10 * 10
    return date(start, 1, 1), f"{start}s", date(start + 10, 1, 1)
