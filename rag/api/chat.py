"""The library behind OpenAI's protocol, so that any program that speaks it can ask: answers carry their citations.

The last message of the user is the question; those before it are what it may lean on. All else of a conversation,
instructions too, is passed over: what may be said is what the articles say.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request
from fastapi.responses import Response

from rag import contract, types
from rag.api.bodies import Route
from rag.api.desk import Desk
from rag.api.events import EVENT, EVENTS, Pieces, line, streamed
from rag.api.problems import INVALID, NOT_FOUND, Problem
from rag.api.protocol import (
    EXAMPLES,
    MODELS,
    NO_TOKENS,
    WHOLE,
    Completion,
    CompletionBody,
    MessageBody,
    Model,
    Models,
)
from rag.api.telling import tell, telling
from rag.records import answer_record
from rag.schemas import LONGEST_QUESTION
from rag.writing import Writing

MARKER = re.compile(r"\[(\d+)\]")
REMEMBERED = 20
"""Questions before the last that are looked at."""


def router(desk: Desk) -> APIRouter:
    """The routes of this file."""
    routes = APIRouter(tags=["OpenAI's protocol"], route_class=Route)

    @routes.get("/models", response_model=Models)
    async def models() -> dict[str, Any]:
        """The ways in which this library answers, as models."""
        return {"object": "list", "data": [_model(name) for name in MODELS]}

    @routes.get("/models/{model}", response_model=Model)
    async def model(model: Annotated[str, Path(max_length=200, examples=[WHOLE])]) -> dict[str, Any]:
        """One of them."""
        return _model(_known(model))

    @routes.post(
        "/chat/completions",
        response_model=Completion,
        responses={200: {"content": {EVENTS: {"schema": EVENT}}}},
    )
    async def chat_completions(
        request: Request, body: Annotated[CompletionBody, Body(openapi_examples=EXAMPLES)]
    ) -> Response:
        """Answer the last message of the user; `annotations` and `pullquote` hold the citations."""
        name, (*before, question) = _known(body.model), _asked(body.messages)
        asked = tuple(before[-REMEMBERED:])
        answer = await desk.read(
            lambda service: contract.answered(service, question, body.k, body.filters.filters, asked)
        )
        writing = await desk.read(lambda service: service.write(answer)) if name == WHOLE else None
        door = Door(desk, name, str(request.base_url))
        if body.stream:
            usage = body.stream_options is not None and bool(body.stream_options.include_usage)
            return streamed(
                door.chunks(answer, writing, usage), lambda problem: line(told(problem, "/chat/completions").record)
            )
        if writing is not None:
            await tell(writing, desk.writers, desk.settings.request_seconds, request)
            answer = writing.answer
        return await desk.answer(lambda _: door.completion(answer))

    return routes


class Door:
    """One completion: its id, and how its parts are written."""

    def __init__(self, desk: Desk, model: str, base_url: str) -> None:
        self._desk, self._model = desk, model
        # What a program in another place can follow, where no public address is set.
        self._public_url = desk.settings.public_url or base_url.removesuffix("/").removesuffix("/api")
        self._id, self._created = f"chatcmpl-{secrets.token_hex(12)}", int(time.time())

    def completion(self, answer: types.Answer) -> dict[str, Any]:
        """The answer at once."""
        record = answer_record(answer, self._public_url)
        message = {
            "role": "assistant",
            "content": answer.text,
            "refusal": None,
            "annotations": _annotations(answer, record),
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return self._head("chat.completion") | {
            "choices": [choice],
            "usage": NO_TOKENS,
            "pullquote": record,
        }

    async def chunks(self, answer: types.Answer, writing: Writing | None, usage: bool) -> Pieces:
        """The same in pieces: a sentence each; the last has the citations."""
        yield self._chunk({"role": "assistant", "content": ""})
        said = 0
        if writing is not None:
            seconds = self._desk.settings.request_seconds
            async with aclosing(telling(writing, self._desk.writers, seconds)) as sentences:  # type: ignore[type-var]
                async for gated in sentences:
                    if gated.is_shown:
                        so_far = writing.answer
                        claim = so_far.claims[so_far.composed + said]
                        before = so_far.text[: so_far.text.index(claim.text)] if not said else " "
                        yield self._chunk({"content": f"{before}{claim.text}"})
                        said += 1
            answer = writing.answer
        if not said:
            yield self._chunk({"content": answer.text})
        record = await self._desk.read(lambda _: answer_record(answer, self._public_url))
        yield self._chunk({"annotations": _annotations(answer, record)}, "stop", pullquote=record)
        if usage:
            yield line(self._head("chat.completion.chunk") | {"choices": [], "usage": NO_TOKENS})
        yield "data: [DONE]\n\n"

    def _chunk(self, delta: dict[str, Any], finish: str | None = None, **members: Any) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return line(self._head("chat.completion.chunk") | {"choices": [choice]} | members)

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self._id, "object": kind, "created": self._created, "model": self._model}


def _annotations(answer: types.Answer, record: dict[str, Any]) -> list[dict[str, Any]]:
    """OpenAI's own form of a citation, for each marker of the text; the whole record beside it."""
    records = {citation["n"]: citation for citation in record["citations"]}
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": marker.start(),
                "end_index": marker.end(),
                "title": records[n]["title"],
                "url": records[n].get("fragment_url") or records[n]["link"],
            },
            "citation": records[n],
        }
        for marker in _markers(answer)
        if (n := int(marker[1])) in records
    ]


def _markers(answer: types.Answer) -> Iterator[re.Match[str]]:
    """The markers of an answer's text: those at the ends of its claims, and no "[1]" that an article has."""
    begin = 0
    for claim in answer.claims:
        at = answer.text.find(claim.text, begin)
        if at >= 0:
            begin = at + len(claim.text)
            yield from MARKER.finditer(answer.text, at + len(claim.words), begin)


def told(problem: Problem, path: str) -> Problem:
    """On this door's paths with the `error` that OpenAI's clients look for."""
    if path.endswith("/chat/completions") or "/v1/models" in path:
        error = {
            "message": problem.record["detail"],
            "type": problem.kind.name,
            "code": problem.kind.name,
            "param": None,
        }
        problem.members = {"error": error} | problem.members
    return problem


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "pullquote"}


def _known(name: str) -> str:
    if name not in MODELS:
        raise Problem(NOT_FOUND, f"There is no such model here. There are {' and '.join(MODELS)}.")
    return name


def _asked(messages: Sequence[MessageBody]) -> list[str]:
    """What the user asked, the last of it last."""
    asked = [message.words for message in messages if message.role == "user"]
    if not asked or not asked[-1].strip():
        raise Problem(INVALID, "The last message of the user is the question, and there is none.")
    if len(asked[-1]) > LONGEST_QUESTION:
        raise Problem(INVALID, f"A question has {LONGEST_QUESTION:,} characters at most.")
    return [words for words in asked if words.strip() and len(words) <= LONGEST_QUESTION]
