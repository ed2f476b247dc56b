"""Repairs to Streamlit's own markup, for those who listen to a page."""

from __future__ import annotations

from rag.ui.components.assets import component


def mend() -> None:
    component("mend")(key="mend")
