"""A language model's sentences as they pass, without holding up the server; whoever leaves stops the model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

from starlette.requests import ClientDisconnect, Request

from rag.api.workers import Workers
from rag.draft import Draft
from rag.trial import Gated

TOO_SLOW = "The language model took too long."


async def telling(draft: Draft, writers: Workers, seconds: float) -> AsyncIterator[Gated]:
    """Each sentence as it is judged, those that are withheld too. Closing this stops the model at its next word.

    A model that takes longer is stopped; the draft's `notice` says so, and what passed until then stands. Raises
    Problem where too many models write already.
    """
    loop = asyncio.get_running_loop()
    heard: asyncio.Queue[Gated | BaseException | None] = asyncio.Queue()

    def say(item: Gated | BaseException | None) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody listens
            loop.call_soon_threadsafe(heard.put_nowait, item)

    def write() -> None:
        try:
            for gated in draft:
                say(gated)
            say(None)
        except BaseException as error:  # is raised to whoever listens
            say(error)

    future = writers.submit(write)
    until = loop.time() + seconds
    try:
        while True:
            try:
                item = await asyncio.wait_for(heard.get(), max(0, until - loop.time()))
            except TimeoutError:
                draft.notice = draft.notice or TOO_SLOW
                return
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        draft.stop()
        future.cancel()


async def tell(draft: Draft, writers: Workers, seconds: float, request: Request) -> None:
    """Have it written to its end. Raises ClientDisconnect, and stops the model, where the client leaves before."""

    async def to_its_end() -> None:
        async with aclosing(telling(draft, writers, seconds)) as sentences:  # type: ignore[type-var]
            async for _ in sentences:
                pass

    writing, leaving = asyncio.create_task(to_its_end()), asyncio.create_task(_left(request))
    try:
        done, _ = await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if writing not in done:
            raise ClientDisconnect
        writing.result()
    finally:
        for task in (writing, leaving):
            task.cancel()
        await asyncio.gather(writing, leaving, return_exceptions=True)


async def _left(request: Request) -> None:
    """Until the client leaves; its request must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
