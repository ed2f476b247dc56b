"""Who says how many of the quotations, each a link, with a field to find somebody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rag.people import is_named
from rag.types import Person
from rag.ui.components.assets import component
from rag.ui.lookup import NOBODY, Lookup

KEY = "speakers"
SHOWN = 24
"""Speakers that are listed at once; the others can be found by name."""


def speakers(
    counts: Mapping[str, int],
    people: Mapping[str, Person],
    chosen: str,
    lookup: Lookup,
    sought: str,
    callbacks: tuple[Callable[[], None], Callable[[], None]],
) -> None:
    """Draw those who say `counts` quotations by key, of whom `chosen` is looked at and `sought` is looked for.

    The first of `callbacks` is called when a speaker is followed, the second when one is looked
    for; link and words stand in the session state, under `KEY`, as "go" and "find".
    """
    on_go, on_find = callbacks
    data = speakers_data(counts, people, chosen, lookup, sought)
    component("speakers")(key=KEY, data=data, on_go_change=on_go, on_find_change=on_find)


def speakers_data(
    counts: Mapping[str, int], people: Mapping[str, Person], chosen: str, lookup: Lookup, sought: str
) -> dict[str, Any]:
    heard = [people[key] for key in counts if key in people]
    named = [person for person in heard if is_named(person.name)]
    described = sum(counts[person.key] for person in heard if not is_named(person.name))
    found = sorted(
        [person for person in heard if _is_sought(person, sought)] if sought else named,
        key=lambda person: (-counts[person.key], person.name),
    )
    shown = found[:SHOWN]
    if not sought and chosen in counts and chosen in people and people[chosen] not in shown:
        shown = [people[chosen], *shown[: SHOWN - 1]]
    nobody = counts.get("", 0)
    return {
        "rows": [
            {
                "name": person.name,
                "office": person.office,
                "count": counts[person.key],
                "chosen": person.key == chosen,
                "link": lookup.but(speaker="" if person.key == chosen else person.key).link,
            }
            for person in shown
        ],
        "named": len(named),
        "others": len(found) - len(shown),
        "sought": sought,
        "described": described,
        "nobody": nobody,
        "nobody_chosen": chosen == NOBODY,
        "nobody_link": lookup.but(speaker="" if chosen == NOBODY else NOBODY).link,
    }


def _is_sought(person: Person, sought: str) -> bool:
    known = f"{' '.join(person.names)} {person.name} {person.office}".casefold()
    return all(word in known for word in sought.casefold().split())
