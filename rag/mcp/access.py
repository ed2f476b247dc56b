"""How an assistant's questions reach the library: by opening it, or through the app that has it open."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from rag.errors import LibraryError, LockedError, NotFoundError, PullquoteError
from rag.lock import owner_url
from rag.service import Pullquote, open_pullquote
from rag.settings import Settings

IDLE = 60.0
"""Seconds after which the library is let go of: assistants keep their servers running all day, and the app would be
refused it for as long."""

_GRACE = 5.0
"""Seconds more than a request may take, that its answer is waited for."""


class Asked(NamedTuple):
    """The same look-up as a request to the API; `body` is of a POST, without it `query` is of a GET."""

    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, Any] = {}


class Access:
    """Opens the library when it is asked something, and lets go of it when it has not been for a while."""

    def __init__(
        self,
        settings: Settings,
        opener: Callable[[Settings], Pullquote] = open_pullquote,
        idle: float = IDLE,
    ) -> None:
        self._settings, self._opener, self._idle = settings, opener, idle
        self._lock = threading.Lock()
        self._opened: Pullquote | None = None
        self._timer: threading.Timer | None = None
        self._busy = 0

    def look_up(self, own: Callable[[Pullquote], dict[str, Any]], asked: Asked) -> dict[str, Any]:
        """What `own` makes of the library, or what the app that has it answers to the same.

        Raises PullquoteError.
        """
        try:
            pullquote = self._enter()
        except LockedError as error:
            url = owner_url(self._settings.home)
            if not url:
                raise LockedError(f"{error} The app, `pullquote serve`, would answer beside this.") from error
            return self._ask(url, asked)
        try:
            return own(pullquote)
        finally:
            self._leave()

    def close(self) -> None:
        with self._lock:
            self._busy = 0
            self._let_go()

    def _enter(self) -> Pullquote:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._opened is None:
                self._opened = self._opener(self._settings)
            self._busy += 1
            return self._opened

    def _leave(self) -> None:
        with self._lock:
            self._busy -= 1
            if self._busy == 0:
                self._timer = threading.Timer(self._idle, self._rest)
                self._timer.daemon = True
                self._timer.start()

    def _rest(self) -> None:
        with self._lock:
            if self._timer is threading.current_thread() and self._busy == 0:
                self._let_go()

    def _let_go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        opened, self._opened, self._timer = self._opened, None, None
        if opened is not None:
            opened.close()

    def _ask(self, url: str, asked: Asked) -> dict[str, Any]:
        query = f"?{urlencode({k: v for k, v in asked.query.items() if v}, doseq=True)}" if asked.query else ""
        request = urllib.request.Request(  # noqa: S310 - our own note's address, which is http
            f"{_reachable(url)}/api/v1{quote(asked.path)}{query}",
            data=None if asked.body is None else json.dumps(asked.body).encode(),
            headers={"content-type": "application/json", "accept": "application/json"} | self._token(),
        )
        # No proxy: what runs here is asked, whatever the environment says of the world.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=self._settings.request_seconds + _GRACE) as answer:
                record: dict[str, Any] = json.load(answer)
                return record
        except urllib.error.HTTPError as error:
            raise _refused(error, url) from None
        except (OSError, ValueError) as error:
            raise LibraryError(
                f"The Pullquote at {url} has the library and does not answer ({type(error).__name__}). Start it anew."
            ) from None

    def _token(self) -> dict[str, str]:
        token = self._settings.token
        return {"authorization": f"Bearer {token.get_secret_value()}"} if token is not None else {}


def _reachable(url: str) -> str:
    """The address of an app on this machine, also where it listens on all of them."""
    if urlsplit(url).hostname in {"0.0.0.0", "::"}:  # noqa: S104 - is asked, not listened on
        return f"http://127.0.0.1:{urlsplit(url).port}"
    return url


def _refused(error: urllib.error.HTTPError, url: str) -> PullquoteError:
    try:
        detail = str(json.load(error)["detail"])
    except (OSError, ValueError, KeyError, TypeError):
        detail = f"the status {error.code}"
    if error.code == 401:
        return LibraryError(f"The Pullquote at {url} wants a token: set PULLQUOTE_TOKEN to one that it knows.")
    return NotFoundError(detail) if error.code == 404 else LibraryError(detail)
