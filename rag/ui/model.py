"""Who writes the answers, in the sidebar: which model, how it stands with it, and its file to be fetched."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rag.models import Model
from rag.service import Pullquote
from rag.ui import pulling
from rag.ui.components.model import model
from rag.writer import Standing

EVERY = 0.7
"""Seconds between two looks at a model that loads or is fetched."""

_WATCHED = "model_watched"


def panel(service: Pullquote) -> None:
    """Draw it, again and again while it changes by itself."""
    st.session_state[_WATCHED] = watched = _changes(service)
    with st.sidebar:
        st.fragment(_draw, run_every=EVERY if watched else None)(service)


def _draw(service: Pullquote) -> None:
    lacking = service.writer.lacking
    model(
        shown(service.writer.standing, pulling.current(), lacking, pulling.fault()),
        on_fetch=lambda: pulling.begin(service, lacking) if lacking is not None else None,
        on_stop=pulling.stop,
    )
    if _changes(service) != st.session_state.get(_WATCHED):
        st.rerun()  # to begin to look, or to end it


def _changes(service: Pullquote) -> bool:
    return pulling.current() is not None or service.writer.standing.state in ("opening", "loading")


def shown(standing: Standing, pull: pulling.Pull | None, lacking: Model | None, fault: str) -> dict[str, Any]:
    """What the component draws: a name, a line under it, and a fetch that is offered or goes on."""
    name, line = _told(standing)
    name = _short(name)
    drawn: dict[str, Any] = {"name": name, "line": line, "state": standing.state, "fault": fault}
    if pull is not None:
        what = f"Fetching {_short(pull.model.title)}"
        return drawn | {"fault": "", "pull": {"what": what, "share": round(pull.share, 3), "line": pull.line}}
    if lacking is not None:
        terms = f"{lacking.bytes / 1e9:.1f} GB, {lacking.licence}"
        offer = {"title": _short(lacking.title), "terms": terms}
        damaged = "The model’s file is damaged. Fetch it again." if standing.is_damaged else ""
        return drawn | {"line": "", "state": "none", "fault": fault or damaged, "offer": offer}
    return drawn | ({"fault": standing.fault} if standing.state == "failed" else {})


def _short(title: str) -> str:
    """A model's name without the form of its file, as in "Qwen2.5, Q4_K_M GGUF"."""
    return title.partition(", ")[0]


def _told(standing: Standing) -> tuple[str, str]:
    match standing.state:
        case "ready" if standing.is_here:
            return standing.name, "Runs on this machine. Every sentence is checked."
        case "ready":
            return standing.name, "Is sent the question and the sentences found. Every sentence is checked."
        case "loading":
            return standing.name, "Loading …"
        case "opening":
            return "Looking for a language model …", ""
        case "failed":
            return "Quotations only", ""
        case _:
            return "Quotations only", "No language model is set."
