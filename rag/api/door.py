"""The API of a process, which is imported and made when it is first needed: the app must not start slower for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from rag.service import Pullquote
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.api.desk import Desk


class Api:
    """The API of one process: an ASGI application that imports and makes itself with the first request, or `open`."""

    def __init__(self, service: Callable[[], Pullquote], settings: Callable[[], Settings]) -> None:
        self._service, self._settings = service, settings
        self._lock = threading.Lock()
        self._app: ASGIApp | None = None
        self._desk: Desk | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            from anyio.to_thread import run_sync

            await run_sync(self.open)
        assert self._app is not None
        await self._app(scope, receive, send)

    def open(self) -> None:
        """Make the application now, before anybody asks."""
        with self._lock:
            if self._app is None:
                self._app, self._desk = _made(self._service, self._settings())

    def close(self) -> None:
        """Before the service closes: begin nothing more."""
        with self._lock:
            desk, self._app, self._desk = self._desk, None, None
        if desk is not None:
            desk.close()


def _made(service: Callable[[], Pullquote], settings: Settings) -> tuple[ASGIApp, Desk]:
    from rag.api.app import fastapi_app
    from rag.api.desk import Desk
    from rag.api.ingest import largest
    from rag.api.limits import SMALL, Limited, Rate

    desk = Desk(service, settings)
    app = fastapi_app(desk)
    return Limited(app, Rate(settings.rate), lambda path: largest(path, settings.max_bytes, SMALL)), desk
