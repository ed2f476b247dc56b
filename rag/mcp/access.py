"""How an assistant's questions reach the library: by opening it, or through the app that has it open."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from pydantic import BaseModel, ValidationError

from rag import __version__, composition
from rag.errors import LibraryError, LockedError, NotFoundError, PullquoteError
from rag.lock import owner_url
from rag.service import Pullquote, open_pullquote
from rag.settings import Settings

IDLE = 60.0
"""Seconds after which the library is let go of: assistants keep their servers running all day."""

_LOOK = 0.2
"""Seconds between two looks, while idle, at whether somebody else waits for the library."""

_GRACE = 5.0
"""Seconds more than a request may take, that its answer is waited for."""


class Asked(NamedTuple):
    """The same look-up as a request to the API; `body` is of a POST, without it `query` is of a GET.

    `answer` says what comes back.
    """

    path: str
    answer: type[BaseModel]
    body: Mapping[str, Any] | None = None
    query: Mapping[str, Any] = {}


def _open(settings: Settings) -> Pullquote:
    return open_pullquote(settings, lends=True)


class Access:
    """Opens the library when it is asked something, and lets go of it when it has not been for a while.

    Sooner, where somebody else waits for it: the app, a command, or the server of another assistant.
    """

    def __init__(self, settings: Settings, opener: Callable[[Settings], Pullquote] = _open, idle: float = IDLE) -> None:
        self._settings, self._opener, self._idle = settings, opener, idle
        self._lock = threading.Lock()
        self._opened: Pullquote | None = None
        self._timer: threading.Timer | None = None
        self._busy, self._since = 0, 0.0

    def look_up(self, own: Callable[[Pullquote], dict[str, Any]], asked: Asked) -> dict[str, Any]:
        """What `own` makes of the library, or what the app that has it answers to the same.

        Raises PullquoteError.
        """
        try:
            return self._here(own)
        except LockedError as error:
            url = owner_url(self._settings.home)
            if not url:
                raise LockedError(f"{error} The app, `pullquote serve`, would answer beside this.") from error
        try:
            return self._ask(url, asked)
        except _Unanswered as unanswered:
            try:
                return self._here(own)  # the app may have ended just now
            except LockedError:
                raise unanswered from None

    def close(self) -> None:
        with self._lock:
            self._busy = 0
            self._let_go()

    # --- the library itself -------------------------------------------------------------------

    def _here(self, own: Callable[[Pullquote], dict[str, Any]]) -> dict[str, Any]:
        pullquote = self._enter()
        try:
            return own(pullquote)
        finally:
            self._leave()

    def _enter(self) -> Pullquote:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._opened is None:
                composition.begin(self._settings.models_folder)
                self._opened = self._opener(self._settings)
            self._busy += 1
            return self._opened

    def _leave(self) -> None:
        with self._lock:
            self._busy -= 1
            self._since = time.monotonic()
            if self._busy == 0:
                self._rest()

    def _rest(self) -> None:
        """Let go where that is due, else look again in a moment."""
        due = self._opened is not None and (
            self._opened.wanted or time.monotonic() - self._since >= self._idle - _LOOK / 2
        )
        if due:
            self._let_go()
            return
        self._timer = threading.Timer(min(_LOOK, self._idle), self._look)
        self._timer.daemon = True
        self._timer.start()

    def _look(self) -> None:
        with self._lock:
            if self._timer is threading.current_thread() and self._busy == 0:
                self._rest()

    def _let_go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        opened, self._opened, self._timer = self._opened, None, None
        if opened is not None:
            opened.close()

    # --- through the app ----------------------------------------------------------------------

    def _ask(self, url: str, asked: Asked) -> dict[str, Any]:
        """Raises _Unanswered where nobody is there, NotFoundError or LibraryError for what the app says."""
        query = f"?{urlencode({k: v for k, v in asked.query.items() if v}, doseq=True)}" if asked.query else ""
        request = urllib.request.Request(  # noqa: S310 - our own note's address, which is http
            f"{_reachable(url)}/api/v1{quote(asked.path)}{query}",
            # Not in escapes: a text that may be asked for alone would be too large a request.
            data=None if asked.body is None else json.dumps(asked.body, ensure_ascii=False).encode(),
            headers={"content-type": "application/json", "accept": "application/json"} | self._token(),
        )
        # No proxy: what runs here is asked, whatever the environment says of the world, and nobody else.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NowhereElse())
        try:
            with opener.open(request, timeout=self._settings.request_seconds + _GRACE) as answer:
                record: dict[str, Any] = json.load(answer)
            asked.answer.model_validate(record)
            return record
        except urllib.error.HTTPError as error:
            raise _refused(error, url) from None
        except ValidationError:
            raise _stranger(url) from None
        except (OSError, HTTPException) as error:
            raise _Unanswered(
                f"The Pullquote at {url} has the library and does not answer ({type(error).__name__}). Start it anew."
            ) from None
        except ValueError:  # no JSON
            raise _stranger(url) from None

    def _token(self) -> dict[str, str]:
        token = self._settings.token
        return {"authorization": f"Bearer {token.get_secret_value()}"} if token is not None else {}


class _Unanswered(LibraryError):
    """Nobody answers where the owner of the library should."""


class _NowhereElse(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: a token is for the app that has the library."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _reachable(url: str) -> str:
    """The address of an app on this machine, also where it listens on all of them."""
    if urlsplit(url).hostname in {"0.0.0.0", "::"}:  # noqa: S104 - is asked, not listened on
        return f"http://127.0.0.1:{urlsplit(url).port}"
    return url


def _refused(error: urllib.error.HTTPError, url: str) -> PullquoteError:
    try:
        detail = str(json.load(error)["detail"])
    except (OSError, ValueError, KeyError, TypeError):
        return _stranger(url)
    if error.code == 401:
        return LibraryError(f"The Pullquote at {url} wants a token: set PULLQUOTE_TOKEN to one that it knows.")
    return NotFoundError(detail) if error.code == 404 else LibraryError(detail)


def _stranger(url: str) -> LibraryError:
    return LibraryError(
        f"What answers at {url} is no Pullquote {__version__}. Stop it, then start `pullquote serve` of this version, "
        "or ask again without it."
    )
