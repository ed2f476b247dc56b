"""A conversation as a file, in the format that the reader chooses."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from rag.references import FILE_TYPES
from rag.service import Pullquote
from rag.transcripts import written
from rag.types import Format


def menu(service: Pullquote, conversation: str, origin: str) -> None:
    """Draw a small menu of formats; a file is made when it is asked for."""
    with (
        st.container(horizontal=True, horizontal_alignment="right"),
        st.popover("Export conversation", icon=":material/download:", type="tertiary"),
        st.container(gap=None),
    ):
        for form, kind in FILE_TYPES.items():
            st.download_button(
                kind.label,
                _maker(service, conversation, form, origin),
                file_name=f"conversation.{kind.suffix}",
                mime=kind.media_type,
                on_click="ignore",
                type="tertiary",
                key=f"export-{form}",
            )


def _maker(service: Pullquote, conversation: str, form: Format, origin: str) -> Callable[[], bytes]:
    # A question may hold what UTF-8 cannot.
    return lambda: written(service.transcript(conversation), form, origin).encode("utf-8", "backslashreplace")
