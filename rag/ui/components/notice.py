"""Lines of information, success or error. Streamlit's own boxes would read them as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rag.redaction import redacted
from rag.ui.components.assets import component

Kind = Literal["info", "success", "error"]


def notice(kind: Kind, lines: Sequence[str], title: str = "", key: str | None = None) -> None:
    """Lines that may repeat what somebody else's program said, so without any secret."""
    component("notice")(key=key, data={"kind": kind, "title": title, "lines": [redacted(line) for line in lines]})
