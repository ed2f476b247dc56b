"""What a request brings, before anything looks into it: JSON, and in no more parts than anybody needs.

The event loop is everybody's. What takes it longer than a moment, a large body or one with a hundred thousand faults,
would keep every other caller waiting.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from rag.api.problems import INVALID, TOO_LARGE, UNKNOWN, WRONG_TYPE, Problem, of_faults

MOST_PARTS = 40_000
"""Strings, commas and opening brackets of a request's JSON: 1,000 articles with all their fields have 22,000."""

AT_ONCE = 50_000
"""Bytes that are read on the event loop itself, in less than a millisecond; more are read in a thread."""


_JSON, _FORM = "application/json", "multipart/form-data"


class Route(APIRoute):
    """A route that looks at what it is sent before FastAPI does."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        kind, names = _kind(self), _query_names(self)

        async def looked_at(request: Request) -> Response:
            if names is not None and (unknown := [name for name in request.query_params if name not in names]):
                raise of_faults([{"loc": ("query", name), "msg": UNKNOWN} for name in unknown])
            if kind and _has_body(request) and not _is(kind, request):
                raise Problem(
                    WRONG_TYPE, f"What was sent is not of the kind that is read. Send `Content-Type: {kind}`."
                )
            return await handle(await _read(request) if kind == _JSON else request)

        return looked_at


class Read(Request):
    """A request whose JSON has been read."""

    found: Any = None

    async def json(self) -> Any:
        return self.found


def _kind(route: APIRoute) -> str:
    """Of what kind a route reads a body; empty where it reads none, or all kinds."""
    if route.body_field is None:
        return ""
    return _FORM if isinstance(route.body_field.field_info, Form) else _JSON


def _query_names(route: APIRoute) -> frozenset[str] | None:
    """What may stand in the query; None where a model says so, which refuses all else by itself."""
    fields = route.dependant.query_params
    by_model = any(_is_model(field.field_info.annotation) for field in fields)
    return None if by_model else frozenset(field.alias for field in fields)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


async def _read(request: Request) -> Request:
    """Raises Problem for what is no JSON, and for JSON in too many parts."""
    read = Read(request.scope, request.receive)
    body = await read.body()
    if body:
        read.found = parsed(body) if len(body) <= AT_ONCE else await run_in_threadpool(parsed, body)
    return read


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _is(kind: str, request: Request) -> bool:
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return sent == kind or (kind == _JSON and sent.startswith("application/") and sent.endswith("+json"))


def parsed(body: bytes) -> Any:
    """What JSON says. Raises Problem where it is none, or has more than `MOST_PARTS`."""
    try:
        text = body.decode(json.detect_encoding(body))
    except UnicodeDecodeError as exc:
        raise _unreadable(f"not JSON: byte {exc.start} is no UTF-8") from exc
    if is_in_too_many_parts(text):
        raise Problem(TOO_LARGE, f"The JSON has more than {MOST_PARTS:,} names and values. Send less at a time.")
    try:
        return json.loads(text)
    except json.JSONDecodeError as exc:
        raise _unreadable(f"not JSON at character {exc.pos}: {exc.msg}") from exc
    except RecursionError as exc:
        raise _unreadable("its brackets are too deep in each other; send it flatter") from exc
    except ValueError as exc:  # Python reads no number of more than 4,300 digits
        raise _unreadable("it has a number that is too long; send a shorter one") from exc


def is_in_too_many_parts(text: str) -> bool:
    """Whether JSON has more than `MOST_PARTS`, by what stands between its strings: nothing that it says is built."""
    plain = text.replace("\\\\", "").replace('\\"', "") if "\\" in text else text
    pieces = plain.split('"', 2 * MOST_PARTS + 2)
    return len(pieces) // 2 + sum(sum(map(piece.count, ",[{")) for piece in pieces[::2]) > MOST_PARTS


def _unreadable(detail: str) -> Problem:
    return Problem(INVALID, f"#: {detail}.", errors=[{"pointer": "#", "detail": detail}])
