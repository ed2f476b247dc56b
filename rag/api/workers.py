"""Threads that do what blocks, few and counted, so that a crowd waits in a line and not in the memory."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from rag.api.problems import BUSY, OUT_OF_TIME, Problem, busy
from rag.stopping import Stopped, stoppable

R = TypeVar("R")


class Workers:
    """`threads` that work, and room for so many more calls that wait.

    The threads stay, and with them their connections to the library and what these have read.
    """

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self.name = name
        self._room = threads + waiting
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=f"api-{name}")
        self._lock = threading.Lock()
        self._inside = 0
        self._closed = False

    def submit(self, call: Callable[[], R]) -> Future[R]:
        """Do it when a thread is free. Raises Problem where too many wait already."""
        with self._lock:
            if self._inside >= self._room:
                raise busy(BUSY, f"{self._inside} requests are under way or waiting. Try again in a moment.", 1)
            self._inside += 1
        try:
            future = self._pool.submit(call)
        except RuntimeError as exc:  # the server is about to end
            self._leave()
            raise _closing() from exc
        future.add_done_callback(lambda _: self._leave())
        return future

    async def run(self, call: Callable[[], R], seconds: float) -> R:
        """What `call` returns. Raises Problem where there is no room, or no answer in time.

        A call that has not begun by then never does; one that has keeps its thread up to its next step (`stopping`).
        """
        given_up = threading.Event()
        future = self.submit(lambda: stoppable(call, lambda: given_up.is_set() or self._closed))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), seconds)
        except Stopped as exc:
            raise _closing() from exc
        except TimeoutError as exc:
            if future.done() and not future.cancelled():  # it is the call's own
                raise
            raise Problem(OUT_OF_TIME, f"There was no answer within {seconds:g} seconds. Ask for less.") from exc
        finally:
            given_up.set()

    def close(self) -> None:
        """Let those that have begun end at their next step; the rest never begins."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _leave(self) -> None:
        with self._lock:
            self._inside -= 1


def _closing() -> Problem:
    return busy(BUSY, "Pullquote is closing.", 5)
