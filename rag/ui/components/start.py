"""How an empty conversation begins: what this is, and questions to try."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.library import Counts
from rag.ui.components.assets import component

KEY = "start"


def start(questions: Sequence[str], counts: Counts, on_ask: Callable[[], None]) -> None:
    """`on_ask` is called when a question is chosen; it stands in the session state, under `KEY`, as "ask"."""
    holdings = f"{counts.articles:,} articles and {counts.quotations:,} attributed quotations in your library"
    component("start")(key=KEY, data={"questions": list(questions), "holdings": holdings}, on_ask_change=on_ask)
