"""Browsers that have shown a token, for as long as this process runs."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from rag.tokens import Token

LASTS = 14 * 24 * 3600
"""Seconds of a session, of which there are so many at most, kept in memory: a new start asks everybody again."""

MOST = 10_000


class Sessions:
    """A random key for each session, of which the hash is kept; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._found: OrderedDict[str, tuple[Token, float]] = OrderedDict()

    def begin(self, token: Token) -> str:
        """The key of a new session. The oldest ends where there are too many."""
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._found[_digest(key)] = (token, self._clock() + LASTS)
            while len(self._found) > MOST:
                self._found.popitem(last=False)
        return key

    def find(self, key: str) -> Token | None:
        """The token that began the session of this key; None where there is none, or no more."""
        with self._lock:
            token, until = self._found.get(_digest(key), (None, 0.0))
        return token if self._clock() < until else None

    def end(self, key: str) -> None:
        """End it, if there is one."""
        with self._lock:
            self._found.pop(_digest(key), None)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
