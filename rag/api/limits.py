"""How much one caller may ask for: requests a second, and bytes in one request."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.api.problems import TOO_LARGE, TOO_MANY, Problem, busy
from rag.tokens import caller_of

BURST = 4
"""Seconds' worth of requests that may come at once."""

REMEMBERED = 10_000
"""Callers whose requests are counted; the one that was silent longest is forgotten for a new one."""

SMALL = 1_000_000
"""Bytes of a request that brings no articles."""


class Rate:
    """A bucket of requests for each caller, which fills again at `rate` a second; 0 lets all through."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._size, self._clock = rate, max(1.0, rate * BURST), clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str) -> float:
        """Seconds until `caller` may ask again; 0 where it may now."""
        if not self._rate:
            return 0.0
        with self._lock:
            now = self._clock()
            left, at = self._buckets.pop(caller, (self._size, now))
            left = min(self._size, left + (now - at) * self._rate)
            wait = 0.0 if left >= 1 else (1 - left) / self._rate
            self._buckets[caller] = (left if wait else left - 1, now)
            while len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
            return wait


class Limited:
    """Refuses a caller that asks too often, and a request that is too large, before anything of it is read."""

    def __init__(self, app: ASGIApp, rate: Rate, largest: Callable[[str], int]) -> None:
        self._app, self._rate, self._largest = app, rate, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = self._largest(scope["path"])
        if problem := self._objection(scope, largest):
            await problem.response(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > largest:
                raise HTTPException(413, _too_large(largest).detail)
            return message

        await self._app(scope, counted, send)

    def _objection(self, scope: Scope, largest: int) -> Problem | None:
        caller = caller_of(scope)
        if caller is not None and (wait := self._rate.take(caller.name)):
            return busy(TOO_MANY, "This caller asks too often; PULLQUOTE_RATE says how often one may.", wait)
        stated = Headers(scope=scope).get("content-length", "")
        return _too_large(largest) if stated.isdecimal() and int(stated) > largest else None


def _too_large(largest: int) -> Problem:
    return Problem(TOO_LARGE, f"A request here has {largest:,} bytes at most. Send less at a time.")
