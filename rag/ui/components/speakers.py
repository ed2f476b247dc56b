"""Who says how many of the quotations, each a link, with a field to find somebody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from rag.types import Person
from rag.ui.components.assets import component
from rag.ui.lookup import NOBODY, Lookup

KEY = "speakers"
SHOWN = 24
"""Speakers that are listed at once; the others can be found by name."""


class Speakers(NamedTuple):
    """Who is listed, each with the number of quotations."""

    shown: Sequence[tuple[Person, int]]
    more: bool
    """Whether there are others."""
    nobody: int
    """Quotations whose speaker is not given."""
    sought: str
    """What was looked for by name."""


def speakers(
    found: Speakers, chosen: str, lookup: Lookup, on_go: Callable[[], None], on_find: Callable[[], None]
) -> None:
    """Draw those who are `found`, of whom `chosen` (a key, or `NOBODY`) is looked at.

    `on_go` is called when a speaker is followed, `on_find` when one is looked for; link and words
    stand in the session state, under `KEY`, as "go" and "find".
    """
    data = speakers_data(found, chosen, lookup)
    component("speakers")(key=KEY, data=data, on_go_change=on_go, on_find_change=on_find)


def speakers_data(found: Speakers, chosen: str, lookup: Lookup) -> dict[str, Any]:
    """A link to somebody who is chosen already takes the choice back."""
    return {
        "rows": [
            {
                "name": person.name,
                "office": person.office,
                "count": count,
                "chosen": person.key == chosen,
                "link": lookup.but(speaker="" if person.key == chosen else person.key).link,
            }
            for person, count in found.shown
        ],
        "more": found.more,
        "sought": found.sought,
        "nobody": found.nobody,
        "nobody_chosen": chosen == NOBODY,
        "nobody_link": lookup.but(speaker="" if chosen == NOBODY else NOBODY).link,
    }
