"""The web app as an ASGI application: the Streamlit pages behind a host check and a content policy."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st
from starlette.middleware import Middleware

from rag.ui import state
from rag.ui.guard import LOOPBACK, HostGuard, ReaderAddress, SecurityHeaders


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Open the service beside the server's start, so that neither waits for the other; close it at the end."""
    threading.Thread(target=state.warm_up, name="warm-up", daemon=True).start()
    try:
        yield
    finally:
        state.close()


def hosts() -> frozenset[str]:
    """The names by which a browser may reach this app."""
    settings = state.settings()
    public = urlsplit(settings.public_url).hostname
    return LOOPBACK | {settings.host.lower()} | ({public} if public else set())


SCRIPT = Path(__file__).with_name("main.py")
MIDDLEWARE = (Middleware(SecurityHeaders), Middleware(HostGuard, hosts=hosts), Middleware(ReaderAddress))


def new_app() -> st.App:
    """The whole web app. A process serves one."""
    return st.App(SCRIPT, middleware=MIDDLEWARE, lifespan=lifespan)
