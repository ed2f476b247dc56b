"""The page to check on: pasted text comes back with each quotation marked by what was found of it."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from rag import cite
from rag.claims import WHAT_IT_IS
from rag.errors import NotFoundError, PullquoteError
from rag.service import Pullquote
from rag.types import Citation, Verification
from rag.ui import intake
from rag.ui.components import checked
from rag.ui.components.assets import asset
from rag.ui.components.notice import notice

PATH = "check"
_TEXT, _SPEAKER, _CLAIMS = "check_text", "check_speaker", "check_claims"
_CHECKED, _FOUND = "check_last", "check_found"
_LONGEST_NAME = 200


class Asked(NamedTuple):
    """What was last checked in this browser session."""

    text: str
    speaker: str
    claims: bool
    """Whether the sentences outside quotation marks are checked too."""


class _Kept(NamedTuple):
    """What came of it, with the stamp of the library that it holds for."""

    asked: Asked
    stamp: tuple[object, ...]
    found: Verification | Citation | str
    """A string is why nothing could be checked."""


def page(service: Pullquote, origin: str, library: StreamlitPage) -> None:
    st.set_page_config(page_title="Check · Pullquote")
    counts = service.counts()
    if not counts.articles:
        intake.offer(service, library)
        return
    among = "your article" if counts.articles == 1 else f"your {counts.articles:,} articles"
    done = " pq-done" if _CHECKED in st.session_state else ""  # makes room on a phone
    st.html(
        f"<style>{asset('check.css')}</style><h1>Check</h1>"
        f'<p class="pq-intro{done}">Paste a quotation or a whole draft. Each quotation in it is looked up, word for '
        f"word, in {among}.</p>"
    )
    asked = _ask_for()
    if asked is not None:
        _show(_found(service, asked), asked, origin)


def _ask_for() -> Asked | None:
    """The field to paste into; what was last checked, also after a visit to another page."""
    last: Asked | None = st.session_state.get(_CHECKED)
    before = last or Asked("", "", claims=False)
    for key, value in ((_TEXT, before.text), (_SPEAKER, before.speaker), (_CLAIMS, before.claims)):
        st.session_state.setdefault(key, value)
    with st.form("check", border=False):
        st.text_area(
            "Text to check",
            key=_TEXT,
            height=180,
            placeholder="“We did not object to the plan,” the minister said. Or a citation id.",
        )
        st.toggle(
            "Check the other sentences too",
            key=_CLAIMS,
            help="Says of each sentence outside quotation marks whether your articles say so, say otherwise, have it "
            f"only as somebody’s words, or do not have it. {WHAT_IT_IS}",
        )
        with st.container(horizontal=True, vertical_alignment="bottom", key="check-go"):
            st.text_input(
                "Said by",
                key=_SPEAKER,
                max_chars=_LONGEST_NAME,
                placeholder="Whoever the text names",
                help="Leave this empty to check each quotation as the words of whom the text itself gives them to.",
            )
            st.form_submit_button("Check", type="primary", on_click=_take)
    asked: Asked | None = st.session_state.get(_CHECKED)
    return asked


def _take() -> None:
    state = st.session_state
    state[_CHECKED] = Asked(state[_TEXT] or "", (state[_SPEAKER] or "").strip(), bool(state[_CLAIMS]))


def _found(service: Pullquote, asked: Asked) -> Verification | Citation | str:
    """What comes of checking; made anew only for another text, or when the library has changed."""
    kept: _Kept | None = st.session_state.get(_FOUND)
    stamp = service.stamp()
    if kept is None or (kept.asked, kept.stamp) != (asked, stamp):
        with st.spinner("Checking each sentence …" if asked.claims else "Looking the quotations up …"):
            kept = _Kept(asked, stamp, _look_up(service, asked))
        st.session_state[_FOUND] = kept
    return kept.found


def _look_up(service: Pullquote, asked: Asked) -> Verification | Citation | str:
    try:
        if cite.is_id(asked.text):
            return service.cite(asked.text)
        return service.verify(asked.text, asked.speaker, claims=asked.claims)
    except NotFoundError:
        return "This citation id is of no article in this library: the article may have been removed."
    except PullquoteError as error:
        return str(error)


def _show(found: Verification | Citation | str, asked: Asked, origin: str) -> None:
    if isinstance(found, str):
        notice("error", [found], key="check-refused")
    elif isinstance(found, Citation):
        checked.cited(found, origin)
    else:
        checked.checked(asked.text, found, origin)
