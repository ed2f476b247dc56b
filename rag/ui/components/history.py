"""The past conversations, to open or delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.conversations import Conversation
from rag.ui.components.assets import component

KEY = "history"


def history(
    conversations: Sequence[Conversation], current: str, on_open: Callable[[], None], on_remove: Callable[[], None]
) -> None:
    """The callbacks find the conversation's id in the session state, under `KEY`, as "open" or "remove"."""
    rows = [{"id": c.id, "title": c.title, "open": c.id == current, "link": f"/?chat={c.id}"} for c in conversations]
    component("history")(key=KEY, data={"conversations": rows}, on_open_change=on_open, on_remove_change=on_remove)
