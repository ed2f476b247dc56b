"""What to say where nothing fits: which part of the search to take away, and what there would be then."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.ui.components.assets import component

KEY = "loosen"


def loosen(ways: Sequence[tuple[str, int, str]], everything: str, on_go: Callable[[], None]) -> None:
    """`ways` are what to leave out, how many quotations there are then, and the link to them.

    A followed link stands in the session state, under `KEY`, as "go".
    """
    data = {"ways": [{"label": label, "count": n, "link": link} for label, n, link in ways], "everything": everything}
    component("loosen")(key=KEY, data=data, on_go_change=on_go)
