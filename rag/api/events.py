"""Responses that come as they are made: server-sent events, the last of which tells what went wrong."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

from starlette.responses import StreamingResponse

from rag.api.problems import Problem, of_defect

EVENTS = "text/event-stream"
EVENT = {"type": "object", "properties": {"event": {"type": "string"}, "data": {"type": "string"}}}
"""One of them, as OpenAPI describes it; `data` is JSON."""

Pieces = AsyncGenerator[str, None]


def streamed(pieces: Pieces, fault: Callable[[Problem], str]) -> StreamingResponse:
    """A response of `pieces`, and `fault` of what went wrong in them.

    Whatever can fail before the first piece belongs before this: a status that says so is better than an event.
    """
    return StreamingResponse(_to_the_end(pieces, fault), media_type=EVENTS, headers={"cache-control": "no-store"})


async def _to_the_end(pieces: Pieces, fault: Callable[[Problem], str]) -> Pieces:
    try:
        async with aclosing(pieces):  # whoever leaves closes this, and what it is made from
            async for piece in pieces:
                yield piece
    except Problem as problem:
        yield fault(problem)
    except Exception as error:  # the response has begun: what went wrong can only be told in it
        yield fault(of_defect(error))


def event(name: str, data: Mapping[str, Any]) -> str:
    """A server-sent event; JSON has no line end that could break it in two."""
    return f"event: {name}\n{line(data)}"


def line(data: Mapping[str, Any]) -> str:
    """One that has no name, as OpenAI's protocol has them."""
    return f"data: {json.dumps(data)}\n\n"
