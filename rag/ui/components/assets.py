"""The stylesheets, scripts and pictures beside the components, and how a component is made of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_FOLDER = Path(__file__).resolve().parent.parent / "assets"


def asset_path(name: str) -> Path:
    return _FOLDER / name


@cache
def asset(name: str) -> str:
    return asset_path(name).read_text("utf-8")


@cache
def component(name: str, *shared: str) -> ComponentRenderer:
    """The component of `assets/<name>.js` and `.css`, after those that it shares, in a shadow root of its own.

    Its data must be JSON; its script turns them into text nodes and attributes, never into markup.
    """
    return st.components.v2.component(
        f"pullquote_{name}",
        html='<div class="pq"></div>',
        css="".join(asset(f"{part}.css") for part in ("base", *shared, name)),
        js="".join(asset(f"{part}.js") for part in ("dom", *shared, name)),
    )
