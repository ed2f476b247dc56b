"""The page to ask on: a conversation of questions and quotations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from rag.conversations import Exchange, Turn, new_id
from rag.errors import PullquoteError
from rag.service import Pullquote
from rag.ui import exports, intake, past, writings
from rag.ui.components import start
from rag.ui.components.notice import notice
from rag.ui.components.turn import turn

LONGEST = 2_000
"""Characters of a question."""

_ASKED, _TIMINGS, _TOLD = "asked", "timings", "told"


def page(service: Pullquote, origin: str, library: StreamlitPage) -> None:
    st.set_page_config(page_title="Ask · Pullquote")
    _tell(service)
    if not service.counts().articles:
        intake.offer(service, library)
        return
    _converse(service, origin)


def _converse(service: Pullquote, origin: str) -> None:
    conversation = past.current()
    typed = st.chat_input("Ask what somebody said …", max_chars=LONGEST, submit_mode="stop", key="ask")
    asked = (typed or st.session_state.pop(_ASKED, "") or "").strip()
    turns = service.conversations.turns(conversation) if conversation else []
    if turns or asked:
        _list(service, conversation, turns, origin)
    else:
        start.start(service.suggestions(), service.counts(), _ask_suggested)
    if asked:
        conversation = conversation or new_id()
        _answer(service, conversation, turns, asked, origin)
    elif turns:
        past.keep_open(conversation)
    if turns or asked:
        exports.menu(service, conversation, origin)


def _list(service: Pullquote, conversation: str, turns: list[Turn], origin: str) -> None:
    st.html('<h1 class="pq-unseen">Conversation</h1>')
    for n, saved in enumerate(turns):
        key = _key(conversation, n)
        if writings.of(conversation, n + 1) is not None:
            _live(service, conversation, n, origin)
            continue
        answer = replace(service.recall(saved), timings_ms=_timings().get(key, {}))
        gone = Exchange(saved, answer).gone
        turn(
            answer,
            service.counts().articles,
            origin,
            key,
            gone=gone,
            fresh=key in _timings(),
            feedback=saved.feedback,
            rate=partial(service.conversations.rate, conversation, n + 1),
        )


def _answer(service: Pullquote, conversation: str, turns: list[Turn], question: str, origin: str) -> None:
    n = len(turns)
    try:
        with st.spinner("Searching your articles …"):
            alone = service.stand_alone(question, [saved.searched or saved.question for saved in turns])
            answer = replace(service.ask(alone), question=question, searched=alone if alone != question else "")
            service.conversations.add(conversation, answer)
            running = writings.begin(service, conversation, n + 1, answer)
    except PullquoteError as error:
        notice("error", [str(error)], key="failed")
        return
    key = _key(conversation, n)
    _timings()[key] = answer.timings_ms
    if running is None:
        rate = partial(service.conversations.rate, conversation, n + 1)
        turn(answer, service.counts().articles, origin, key, fresh=True, rate=rate)
    else:
        _live(service, conversation, n, origin)
    past.keep_open(conversation)


@st.fragment(run_every=writings.EVERY)
def _live(service: Pullquote, conversation: str, n: int, origin: str) -> None:
    """A turn while a model writes it: the quotations at once, its sentences as they pass."""
    key = _key(conversation, n)
    running = writings.of(conversation, n + 1)
    if running is None:  # to its end: drawn from what is saved, without coming back
        st.rerun()
    answer = replace(running.writing.answer, timings_ms=_timings().get(key, {}))
    turn(
        answer,
        service.counts().articles,
        origin,
        key,
        fresh=True,
        writing=running.goes_on,
        stop=lambda: writings.stop(running),
    )


def _ask_suggested() -> None:
    st.session_state[_ASKED] = st.session_state[start.KEY]["ask"]


def _timings() -> dict[str, Mapping[str, float]]:
    """How long the answers of this browser session took, which is not saved with them."""
    found: dict[str, Mapping[str, float]] = st.session_state.setdefault(_TIMINGS, {})
    return found


def _key(conversation: str, n: int) -> str:
    """The name of a turn's component; Streamlit keeps double underscores, which an id may hold, to itself."""
    return f"turn-{conversation.replace('_', '.')}-{n}"


def _tell(service: Pullquote) -> None:
    """What the library and the index have to say, each line once a browser session."""
    told: set[str] = st.session_state.setdefault(_TOLD, set())
    lines = [line for line in service.notices() if line not in told]
    told.update(lines)
    if service.index.state == "rebuilding":
        lines.append("The search index is being rebuilt. Answers are complete meanwhile, but take a little longer.")
    if lines:
        notice("info", lines, key="told")
