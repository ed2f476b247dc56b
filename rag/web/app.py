"""The web app as an ASGI application: the Streamlit pages and the API behind the same guards, over one service."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.api.door import Api
from rag.redaction import keep_secrets_out_of_logs
from rag.ui import state
from rag.web.entrance import Entrance
from rag.web.guard import API, LOOPBACK, HostGuard, ReaderAddress, SecurityHeaders, is_api, is_wildcard, origin_of

TURN = 0.0001
"""Seconds that a busy thread keeps the interpreter while others wait: a short look-up has to get it several times."""

PATIENCE = 20.0
"""Seconds that a start which is still under way is waited for at the end."""

LARGE, COMPRESSION = 1_000, 5
"""Bytes from which on the API's answers are compressed where that is asked for, and how hard, as Streamlit's are."""

api = Api(state.service, state.settings)


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Open the service beside the server's start, so that neither waits for the other; close it at the end."""
    keep_secrets_out_of_logs()
    sys.setswitchinterval(TURN)
    warming = threading.Thread(target=_warm_up, name="warm-up", daemon=True)
    warming.start()
    try:
        yield
    finally:
        warming.join(PATIENCE)  # what it has opened must not be closed under its hands
        api.close()
        state.close()


def _warm_up() -> None:
    state.warm_up()
    api.open()
    # What is there now stays: looking through it for garbage, again and again, would hold everybody up for 100 ms.
    gc.collect()
    gc.freeze()


def hosts() -> frozenset[str]:
    """The names by which a browser may reach this app; the address that it connects to is one too."""
    settings = state.settings()
    public = origin_of(settings.public_url)
    own = {settings.host.lower()} if not is_wildcard(settings.host) else set()
    return LOOPBACK | own | ({public.host} if public else set())


def public() -> str:
    """The address that others reach this app by, through a proxy; empty where there is none."""
    return state.settings().public_url


class Apart:
    """Hands the API what is its own before Streamlit looks at it.

    Streamlit takes every path for a file's, and refuses what would lead out of a folder in words that no program reads;
    to the API an article may well be called "..".
    """

    def __init__(self, app: ASGIApp, api: ASGIApp) -> None:
        self._app = app
        self._api = GZipMiddleware(api, LARGE, COMPRESSION)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and is_api(scope):
            root = scope.get("root_path", "")
            scope = {**scope, "root_path": root + API.rstrip("/"), "app_root_path": scope.get("app_root_path", root)}
            await self._api(scope, receive, send)
        else:
            await self._app(scope, receive, send)


SCRIPT = Path(state.__file__).with_name("main.py")
MIDDLEWARE = (
    Middleware(SecurityHeaders),
    Middleware(HostGuard, hosts=hosts, public=public),
    Middleware(Entrance, settings=state.settings),
    Middleware(ReaderAddress),
    Middleware(Apart, api=api),
)


def new_app() -> st.App:
    """The whole web app. A process serves one."""
    return st.App(SCRIPT, middleware=MIDDLEWARE, lifespan=lifespan)
