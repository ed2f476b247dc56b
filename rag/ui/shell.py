"""What is the same on every page: the look, the navigation, the past conversations, and the refusal to open."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from rag.errors import PullquoteError
from rag.service import Pullquote
from rag.tokens import SESSION
from rag.ui import ask, checking, collection, model, past, quotes, reading, state
from rag.ui.components.assets import asset, asset_path
from rag.ui.components.notice import notice
from rag.ui.lookup import PATH


def run() -> None:
    """Draw the page that the address names."""
    st.set_page_config(page_title="Pullquote", page_icon=asset_path("icon.svg"))
    st.html(f"<style>{asset('app.css')}</style>")
    try:
        service = state.service()
    except PullquoteError as error:
        _refuse(error)
        return
    _navigate(service)


def _refuse(error: PullquoteError) -> None:
    """The whole page where the library cannot be opened."""
    st.html("<h1>Pullquote cannot open your library</h1>")
    notice("error", [str(error)], key="refusal")


def _navigate(service: Pullquote) -> None:
    theme = st.context.theme.type or "light"
    st.logo(asset_path(f"wordmark-{theme}.svg"), size="large")
    here = _origin()
    asking = st.Page(lambda: ask.page(service, here, library), title="Ask", url_path="ask", default=True)
    said = st.Page(lambda: quotes.page(service, here, library), title="Quotes", url_path=PATH)
    checks = st.Page(lambda: checking.page(service, here, library), title="Check", url_path=checking.PATH)
    library = st.Page(lambda: collection.page(service), title="Library", url_path="library")
    article = st.Page(lambda: reading.page(service, here), title="Article", url_path="article", visibility="hidden")
    chosen = st.navigation([asking, said, checks, library, article])
    past.go_where_asked(asking)
    chosen.run()
    past.begin_anew()
    model.panel(service)
    past.conversations(service, asking=chosen == asking)
    _leaving()


def _leaving() -> None:
    """The way out, for a browser that came in with a token."""
    if any(name.removeprefix("__Host-") == SESSION for name in st.context.cookies):
        with st.sidebar:
            st.html('<p class="pq-leave"><a href="/sign-out" target="_self">Sign out</a></p>')


def _origin() -> str:
    """What the reader's browser calls this app, for links that leave it."""
    public = state.settings().public_url.rstrip("/")
    if public or not st.context.url:
        return public
    address = urlsplit(st.context.url)
    return f"{address.scheme}://{address.netloc}"
