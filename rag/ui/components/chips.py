"""Chips: topics to choose from, and what is chosen, to take away again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.topics import Topic
from rag.ui.components.assets import component
from rag.ui.lookup import Lookup

KEY = "chips"


def chips(topics: Sequence[Topic], speaker: str, lookup: Lookup, on_go: Callable[[], None]) -> None:
    """Draw the topic that is chosen, and others; and `speaker`, where one is asked for who is not one known person.

    A followed link stands in the session state, under `KEY`, as "go".
    """
    chosen = [("Speaker", speaker, lookup.but(speaker=""))] if speaker else []
    chosen += [("Topic", lookup.topic, lookup.but(topic=""))] if lookup.topic else []
    others = [topic.label for topic in topics if topic.label.casefold() != lookup.topic.casefold()]
    data = {
        "chosen": [{"kind": kind, "label": label, "link": other.link} for kind, label, other in chosen],
        "topics": [{"label": label, "link": lookup.but(topic=label).link} for label in others],
    }
    component("chips")(key=KEY, data=data, on_go_change=on_go)
