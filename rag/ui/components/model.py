"""Who writes the answers: a name and how it stands, with a fetch to begin, watch and stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rag.ui.components.assets import component


def model(data: Mapping[str, Any], on_fetch: Callable[[], None], on_stop: Callable[[], None]) -> None:
    """`data` has "name", "line", "state", "fault"; an "offer" of a model with its terms, or a "pull" with its share."""
    component("model")(key="model", data=dict(data), on_fetch_change=on_fetch, on_stop_change=on_stop)
