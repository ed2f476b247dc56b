"""The conversations of the past, in the sidebar, and which of them is open.

The address says which one is open (`?chat=…`); the browser session remembers it while another page is read.
"""

from __future__ import annotations

import re

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from rag.service import Pullquote
from rag.ui.components.history import KEY, history

_ID = re.compile(r"[\w-]{1,64}")
_OPEN, _GO, _DOOMED = "chat", "go_to_chat", "doomed_chat"


def current() -> str:
    """The id of the open conversation, empty for a new one."""
    named = st.query_params.get("chat", "")
    if _ID.fullmatch(named):
        st.session_state[_OPEN] = named
    return str(st.session_state.get(_OPEN, ""))


def keep_open(conversation_id: str) -> None:
    """Put the conversation into the address, so that a reload finds it."""
    st.session_state[_OPEN] = conversation_id
    if st.query_params.get("chat") != conversation_id:
        st.query_params["chat"] = conversation_id


def go_where_asked(asking: StreamlitPage) -> None:
    """Turn to the conversation that was clicked in the sidebar, from whichever page."""
    if (wanted := st.session_state.pop(_GO, None)) is not None:
        st.session_state[_OPEN] = wanted
        st.switch_page(asking, query_params={"chat": wanted} if wanted else {})


def begin_anew() -> None:
    """Draw the sidebar's button for a new conversation."""
    st.sidebar.button("New conversation", icon=":material/add:", on_click=_go_to, args=("",), width="stretch")


def conversations(service: Pullquote, asking: bool) -> None:
    """Draw the list of them in the sidebar; `asking` when the conversation is on the page."""
    with st.sidebar:
        recent = service.conversations.recent()
        if recent:
            open_now = current() if asking else ""
            history(recent, open_now, lambda: _go_to(_chosen("open")), lambda: _doom(_chosen("remove")))
    doomed = st.session_state.pop(_DOOMED, "")
    if doomed:
        _confirm(service, doomed)


@st.dialog("Delete this conversation?")
def _confirm(service: Pullquote, conversation_id: str) -> None:
    st.text("The questions and answers go for good. Your articles stay.")
    with st.container(horizontal=True):
        if st.button("Delete", type="primary"):
            service.conversations.remove(conversation_id)
            if conversation_id == current():
                _go_to("")
            st.rerun()
        if st.button("Keep"):
            st.rerun()


def _chosen(trigger: str) -> str:
    return str(st.session_state[KEY][trigger])


def _go_to(conversation_id: str) -> None:
    st.session_state[_GO] = conversation_id


def _doom(conversation_id: str) -> None:
    st.session_state[_DOOMED] = conversation_id
