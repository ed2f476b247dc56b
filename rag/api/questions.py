"""Questions, searches, summaries, and whether words are somebody's."""

from __future__ import annotations

from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response

from rag import contract, schemas, types
from rag.api.bodies import Route
from rag.api.desk import Desk
from rag.api.events import EVENT, EVENTS, Pieces, event, streamed
from rag.api.telling import tell, telling
from rag.records import answer_record, summary_record
from rag.references import record
from rag.writing import Writing

_ASK = {
    "in quotations": {"value": {"question": "What did Mayor Ilse Varga object to?", "k": 4}},
    "as a stream": {"value": {"question": "What did Mayor Ilse Varga object to?", "stream": True}},
    "going on": {
        "value": {
            "question": "And Edda Maskell?",
            "before": ["What did Mayor Ilse Varga object to?"],
            "filters": {"publisher": ["Harbour Gazette"], "since": "2026-09-01"},
        }
    },
}
_SEARCH = {"words": {"value": {"query": "dredging licence", "k": 3}}}
_VERIFY = {
    "a quotation": {
        "value": {"text": "approve the cure before anyone has examined the patient", "speaker": "Ilse Varga"}
    },
    "a draft, all of it": {
        "value": {
            "text": "Ilse Varga is the mayor of Orrisport. “Mud does not read a licence,” she said.",
            "claims": True,
        }
    },
}
_SUMMARISE = {"one article": {"value": {"article": "norvane-2026-09-17-orrisport-hearing", "llm": False}}}

_STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            EVENTS: {
                "schema": EVENT,
                "example": 'event: evidence\ndata: {"evidence": []}\n\nevent: sentence\ndata: {"text": "…"}\n\n',
            }
        }
    }
}


def router(desk: Desk) -> APIRouter:
    """The routes of this file."""
    routes = APIRouter(tags=["questions"], route_class=Route)

    @routes.post("/ask", response_model=schemas.Answer, responses=_STREAMED)
    async def ask(request: Request, body: Annotated[schemas.AskBody, Body(openapi_examples=_ASK)]) -> Response:
        """Answer a question in verified quotations.

        With `stream`, server-sent events: `evidence` first (what comes without a language model), then a `sentence`
        for each of the language model's that passed (text, its citations, the CITATIONs that these numbers are) or a
        `withheld` (how many did not), and at the end `answer`, which is what comes without `stream`. After a fault
        there is a `problem` in its place.
        """
        filters, before = body.filters.filters, tuple(body.before)
        answer = await desk.read(lambda service: contract.answered(service, body.question, body.k, filters, before))
        writing = await desk.read(lambda service: service.write(answer)) if body.llm else None
        if body.stream:
            quoted = await desk.read(lambda _: answer_record(answer, desk.settings.public_url))
            return streamed(_events(desk, answer, quoted, writing), lambda problem: event("problem", problem.record))
        if writing is not None:
            await tell(writing, desk.writers, desk.settings.request_seconds, request)
            answer = writing.answer
        return await desk.answer(lambda _: answer_record(answer, desk.settings.public_url))

    @routes.post("/search", response_model=schemas.Hits)
    async def search(body: Annotated[schemas.SearchBody, Body(openapi_examples=_SEARCH)]) -> Response:
        """The passages that fit a query best, best first."""
        return await desk.answer(lambda service: contract.search(service, body.query, body.k, body.filters.filters))

    @routes.post("/verify", response_model=schemas.Verification)
    async def verify(body: Annotated[schemas.VerifyBody, Body(openapi_examples=_VERIFY)]) -> Response:
        """Whether words stand in the articles as they are given, and as whose.

        With `claims` also of each sentence outside of quotation marks whether it follows from the articles, is
        contradicted by them, stands there as somebody's words only, or is not found.
        """
        return await desk.checked(
            lambda service: contract.verify(service, body.text, body.speaker, body.filters.filters, body.claims)
        )

    @routes.post("/summarise", response_model=schemas.Summary)
    async def summarise(
        request: Request, body: Annotated[schemas.SummariseBody, Body(openapi_examples=_SUMMARISE)]
    ) -> Response:
        """An article in three to six sentences, each with what it stands on."""
        writing = await desk.read(lambda service: service.write_summary(body.article)) if body.llm else None
        if writing is None:
            return await desk.answer(lambda service: contract.summarise(service, body.article))
        await tell(writing, desk.writers, desk.settings.request_seconds, request)
        return await desk.answer(lambda _: summary_record(writing.summary, desk.settings.public_url))

    return routes


async def _events(desk: Desk, answer: types.Answer, quoted: dict[str, Any], writing: Writing | None) -> Pieces:
    """The answer as events; `quoted` is the record of what it is in quotations."""
    public_url = desk.settings.public_url
    yield event(
        "evidence",
        {"searched": answer.searched or answer.question}
        | {
            name: quoted[name]
            for name in ("question", "answer", "abstained", "mode", "claims", "citations", "evidence")
        },
    )
    if writing is None:
        yield event("answer", quoted)
        return
    told = 0
    async with aclosing(telling(writing, desk.writers, desk.settings.request_seconds)) as sentences:  # type: ignore[type-var]
        async for gated in sentences:
            answer = writing.answer
            if gated.is_shown:
                yield event("sentence", _sentence(answer, answer.claims[answer.composed + told], public_url))
                told += 1
            else:
                yield event("withheld", {"withheld": answer.withheld})
    whole = writing.answer
    yield event("answer", await desk.read(lambda _: answer_record(whole, public_url)))


def _sentence(answer: types.Answer, claim: types.Claim, public_url: str) -> dict[str, Any]:
    cited = [record(citation, public_url) for citation in answer.citations if citation.n in claim.citations]
    return {"text": claim.text, "citations": list(claim.citations), "supported": claim.supported, "cited": cited}
