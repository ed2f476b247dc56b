"""What all routes share: the opened service, the threads that work for them, and the jobs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from starlette.responses import Response

from rag.api.jobs import Jobs
from rag.api.workers import Workers
from rag.service import Pullquote
from rag.settings import Settings

R = TypeVar("R")
Headers = Callable[[Mapping[str, Any]], Mapping[str, str]]
"""The headers of a response, by what it says."""

READERS, READERS_WAITING = 2, 400
"""Threads that look up; more gain nothing on few cores, and each holds a connection with its own memory."""

CLERKS, CLERKS_WAITING = 1, 400
"""Threads for what takes a millisecond or two, which must not wait behind a search."""

CHECKERS, CHECKERS_WAITING = 1, 100
"""Threads that check texts: one may have a thousand quotations, and whoever searches must not wait behind these."""

WRITERS, WRITERS_WAITING = 4, 16
"""Answers that models write at once, and that wait for it."""


def written(record: Mapping[str, Any]) -> bytes:
    """A record as JSON. A lone surrogate is written as JSON's escape."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _none(_: Mapping[str, Any]) -> Mapping[str, str]:
    return {}


class Desk:
    """Made once for the API of a process. `service` opens the service or gives the one that is open."""

    def __init__(self, service: Callable[[], Pullquote], settings: Settings) -> None:
        self.service, self.settings = service, settings
        self.readers = Workers("reader", READERS, READERS_WAITING)
        self.clerks = Workers("clerk", CLERKS, CLERKS_WAITING)
        self.checkers = Workers("checker", CHECKERS, CHECKERS_WAITING)
        self.writers = Workers("writer", WRITERS, WRITERS_WAITING)
        self.jobs = Jobs(service)

    async def read(self, call: Callable[[Pullquote], R]) -> R:
        """What `call` makes of the service, in a thread. Raises Problem where there is no room or no time."""
        return await self.readers.run(lambda: call(self.service()), self.settings.request_seconds)

    async def answer(self, call: Callable[[Pullquote], Mapping[str, Any]], headers: Headers = _none) -> Response:
        """As `read`, as the JSON of a response, which is written in the same thread: the event loop is everybody's."""
        return await self.read(lambda service: _answered(call(service), headers))

    async def checked(self, call: Callable[[Pullquote], Mapping[str, Any]]) -> Response:
        """As `answer`, for what may take as long as a request may."""
        seconds = self.settings.request_seconds
        return await self.checkers.run(lambda: _answered(call(self.service())), seconds)

    async def fetched(self, call: Callable[[Pullquote], Mapping[str, Any]]) -> Response:
        """As `answer`, for what takes a millisecond or two: by number, and not by search."""
        seconds = self.settings.request_seconds
        return await self.clerks.run(lambda: _answered(call(self.service())), seconds)

    async def noted(self, call: Callable[[], Mapping[str, Any]]) -> Response:
        """As `fetched`, for what this process knows by itself."""
        return await self.clerks.run(lambda: _answered(call()), self.settings.request_seconds)

    def close(self) -> None:
        """Begin nothing more, and wait for the job that is under way."""
        self.readers.close()
        self.clerks.close()
        self.checkers.close()
        self.writers.close()
        self.jobs.close()


def _answered(record: Mapping[str, Any], headers: Headers = _none) -> Response:
    return Response(written(record), headers=dict(headers(record)), media_type="application/json")
