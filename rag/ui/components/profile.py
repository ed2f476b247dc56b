"""The person whose words are listed: name, office, the names that articles use, and what can be decided about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rag import cite
from rag.types import Person
from rag.ui.components.assets import component
from rag.ui.lookup import Lookup

KEY = "profile"
NAMES = 8
"""Other names that are shown."""


def profile(person: Person, decisions: int, lookup: Lookup, callbacks: Mapping[str, Callable[[], None]]) -> None:
    """Draw `person`, about whom the user has made so many `decisions`.

    `callbacks` are called for "go" (with a link in the session state, under `KEY`), "merge",
    "split" and "reset".
    """
    on: dict[str, Any] = {f"on_{name}_change": callback for name, callback in callbacks.items()}
    component("profile")(key=KEY, data=profile_data(person, decisions, lookup), **on)


def profile_data(person: Person, decisions: int, lookup: Lookup) -> dict[str, Any]:
    others = [name for name in person.names if name != person.name]
    span = [cite.spelled(day) for day in dict.fromkeys((person.first, person.last)) if day]
    return {
        "name": person.name,
        "office": person.office,
        "names": others[:NAMES],
        "more": max(0, len(others) - NAMES),
        "quotations": person.quotations,
        "articles": person.articles,
        "span": " – ".join(span),
        "apart": person.apart,
        "decisions": decisions,
        "all": lookup.but(speaker="").link,
    }
