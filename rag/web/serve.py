"""How `pullquote serve` runs the web app: in this process, on this machine, until it is told to stop."""

from __future__ import annotations

import contextlib
import math
import signal
import socket
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from rag.errors import SettingsError
from rag.project import project_path
from rag.redaction import keep_secrets_out_of_logs
from rag.settings import Settings
from rag.tokens import Tokens
from rag.ui import state
from rag.web.connections import LARGEST_HEAD, MOST_CONNECTIONS, Timed
from rag.web.guard import is_loopback, is_wildcard, means_everywhere, origin_of

LAST_WORDS = 3
"""Seconds that open connections get to finish after a signal to stop."""

_MB = 1024 * 1024
"""Bytes of what Streamlit calls a megabyte."""


def serve(settings: Settings, on_ready: Callable[[str], None] | None = None) -> None:
    """Serve the app on the host and port of `settings` until SIGINT or SIGTERM; port 0 takes a free one.

    `on_ready` is called with the address once it answers; without it, the address goes to stderr.
    Raises SettingsError for a host that others can reach where there is no token, or a port that is taken.
    """
    from rag.web.app import new_app

    keep_secrets_out_of_logs()
    with _listener(settings) as listener:
        port = listener.getsockname()[1]
        url = f"http://{_bracketed(_reached(settings.host))}:{port}"
        state.configure(settings)
        app = new_app()  # before the settings: Streamlit looks for more of them beside its app's script
        _configure_streamlit(settings, port)
        server = _Server(_uvicorn_config(app, settings, port), lambda: _announce(url, settings, on_ready))
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it answers, and treats a signal to stop as the ordinary end that it is."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, without raising the signal once more at the end (a traceback, or a death by signal)."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        stops = (signal.SIGINT, signal.SIGTERM)
        before = {stop: signal.signal(stop, self.handle_exit) for stop in stops}
        try:
            yield
        finally:
            for stop, handler in before.items():
                signal.signal(stop, handler)


def _check_host(settings: Settings, address: str) -> None:
    """Raises SettingsError where others could reach the app and no token is there to hold them off.

    By the `address` that the host means, since a name or "0" may mean any.
    """
    if is_loopback(address):
        return
    host = settings.host
    if means_everywhere(address) and not is_wildcard(host):
        raise SettingsError(
            f"PULLQUOTE_HOST is {host!r}, which means every address of this machine. "
            "Write 0.0.0.0 or :: if that is what you want, else 127.0.0.1."
        )
    if not Tokens(settings.home).all():
        raise SettingsError(
            f"PULLQUOTE_HOST is {host!r}, where others could read and change this library, and there is no access "
            "token. Make one with `pullquote tokens add NAME`, or use 127.0.0.1."
        )


def _listener(settings: Settings) -> socket.socket:
    try:
        # Without a flag an empty host would mean loopback here, and every address below.
        (family, _, _, _, address), *_ = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        _check_host(settings, str(address[0]))
        return socket.create_server(address, family=family, backlog=2_048)
    except socket.gaierror as exc:
        raise SettingsError(
            f"PULLQUOTE_HOST is {settings.host!r}, which means no address here ({exc.strerror}). Use 127.0.0.1."
        ) from exc
    except OSError as exc:
        raise SettingsError(
            f"Port {settings.port} of {settings.host} cannot be used ({exc.strerror}). "
            "Stop what runs there, or choose another with --port."
        ) from exc


def _announce(url: str, settings: Settings, on_ready: Callable[[str], None] | None) -> None:
    state.announce(url)
    if on_ready is not None:
        on_ready(url)
    else:
        others = " and on every address of this machine" if is_wildcard(settings.host) else ""
        sys.stderr.write(f"Pullquote answers at {url}{others} (Ctrl+C stops it)\n")
        sys.stderr.flush()


def _configure_streamlit(settings: Settings, port: int) -> None:
    """Set Streamlit up from whichever folder this was started."""
    from streamlit.web import bootstrap

    bootstrap.load_config_options(_streamlit_options(settings, port))


def _streamlit_options(settings: Settings, port: int) -> dict[str, Any]:
    """What `.streamlit/config.toml` says, and over it what follows from `settings` and what is always so."""
    file = project_path(".streamlit") / "config.toml"
    options = _flattened(tomllib.loads(file.read_text("utf-8"))) if file.exists() else {}
    public = origin_of(settings.public_url)
    if public is not None:  # else Streamlit asks a site of the internet which address this machine has
        options["browser.serverAddress"] = public.host
    return options | {
        "server.address": settings.host,
        "server.port": port,
        "server.headless": True,
        "server.maxUploadSize": math.ceil(settings.max_bytes / _MB),
        "server.fileWatcherType": "none",
        "server.enableAgentApi": False,  # it could change the library with no page in between
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
    }


def _flattened(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """`{"theme": {"light": {"textColor": …}}}` as `{"theme.light.textColor": …}`."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        flat |= _flattened(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def _uvicorn_config(app: ASGIApp, settings: Settings, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=port,
        lifespan="on",
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # who asks is who connects, and not who somebody says it is
        server_header=False,
        http=Timed,
        h11_max_incomplete_event_size=LARGEST_HEAD,
        limit_concurrency=MOST_CONNECTIONS,
        ws_max_size=64 * 1024 * 1024,
        timeout_graceful_shutdown=LAST_WORDS,
    )


def _reached(host: str) -> str:
    """Where this machine itself reaches what listens at `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - what was asked for


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
