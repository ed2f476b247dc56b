"""Chips: topics to choose from, and what is chosen, to take away again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.topics import Topic
from rag.ui.components.assets import component
from rag.ui.lookup import Lookup

KEY = "topics"


def topic_chips(topics: Sequence[Topic], lookup: Lookup, on_go: Callable[[], None]) -> None:
    """Draw the topic that is chosen, and others; a followed link stands in the session state, under `KEY`, as "go"."""
    chosen = [{"label": lookup.topic, "link": lookup.but(topic="").link, "chosen": True}] if lookup.topic else []
    others = [
        {"label": topic.label, "link": lookup.but(topic=topic.label).link, "chosen": False}
        for topic in topics
        if topic.label.casefold() != lookup.topic.casefold()
    ]
    component("chips")(key=KEY, data={"title": "Topics", "chips": [*chosen, *others]}, on_go_change=on_go)
