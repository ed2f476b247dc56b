"""Lines of information, success or error. Streamlit's own boxes would read them as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rag.ui.components.assets import component

Kind = Literal["info", "success", "error"]


def notice(kind: Kind, lines: Sequence[str], title: str = "", key: str | None = None) -> None:
    component("notice")(key=key, data={"kind": kind, "title": title, "lines": list(lines)})
