"""Articles in: a request begins a job, and the job is asked how far it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, File, Header, Path, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool

from rag import schemas
from rag.api.bodies import Route
from rag.api.desk import Desk
from rag.api.jobs import Upload
from rag.api.problems import INVALID, UNKNOWN, Problem, of_faults
from rag.tokens import caller_of

PATH = "/ingest"
JSON_LINES = "application/x-ndjson"
MOST_FILES = 100
"""Files of one request."""

_ARTICLES = {
    "one article": {
        "value": {
            "articles": [
                {
                    "id": "example-1",
                    "title": "Ferry fares",
                    "publisher": "Harbour Gazette",
                    "published": "2026-10-05",
                    "text": "“The fares stay as they are,” Mayor Ilse Varga told the council on Monday.",
                }
            ]
        }
    }
}
_LINES = {"two lines": {"value": '{"id": "example-2", "text": "One."}\n{"id": "example-3", "text": "Two."}\n'}}

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=255,
        description="The same key with the same articles again is the same job, and not another one.",
        examples=["4f1c2a"],
    ),
]
JobId = Annotated[str, Path(max_length=100, description="A job's id.")]


def router(desk: Desk) -> APIRouter:
    """The routes of this file."""
    routes = APIRouter(tags=["ingest"], route_class=Route)

    async def begin(
        uploads: Callable[[], list[Upload]], key: str, request: Request, response: Response
    ) -> dict[str, Any]:
        caller = caller_of(request.scope)
        name = caller.name if caller else ""
        # In a thread: the articles may be many megabytes, and all of it is looked at.
        job = await run_in_threadpool(lambda: desk.jobs.begin(uploads(), name, key))
        response.headers["location"] = f"{request.scope.get('root_path', '')}/v1{PATH}/{job.id}"
        return job.record

    @routes.post(PATH, status_code=202, response_model=schemas.Job)
    async def ingest(
        request: Request,
        response: Response,
        body: Annotated[schemas.IngestBody, Body(openapi_examples=_ARTICLES)],
        key: Key = "",
    ) -> dict[str, Any]:
        """Take articles in. What is here already is left alone; a changed text is a new revision."""
        return await begin(lambda: [Upload("articles.jsonl", _lines(body.articles))], key, request, response)

    @routes.post(
        f"{PATH}/lines",
        status_code=202,
        response_model=schemas.Job,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {JSON_LINES: {"schema": {"type": "string", "pattern": r"\S"}, "examples": _LINES}},
            }
        },
    )
    async def ingest_lines(request: Request, response: Response, key: Key = "") -> dict[str, Any]:
        """Take in JSON Lines, an article a line. A line that cannot be read is told of, and the rest goes on."""
        body = await request.body()
        if not body.strip():
            raise Problem(INVALID, "The request has no lines. Send an article a line.")
        return await begin(lambda: [Upload("articles.jsonl", body)], key, request, response)

    @routes.post(f"{PATH}/files", status_code=202, response_model=schemas.Job)
    async def ingest_files(
        request: Request,
        response: Response,
        files: Annotated[
            list[UploadFile],
            File(min_length=1, max_length=MOST_FILES, description="Text, Markdown, HTML or JSON Lines."),
        ],
        key: Key = "",
    ) -> dict[str, Any]:
        """Take in files, each read as its name says."""
        if others := [name for name in await request.form() if name != "files"]:
            raise of_faults([{"loc": ("body", name), "msg": UNKNOWN} for name in others])
        uploads = [Upload(file.filename or "", await file.read()) for file in files]
        return await begin(lambda: uploads, key, request, response)

    @routes.get(PATH, response_model=schemas.Jobs)
    async def jobs() -> Response:
        """The jobs since Pullquote was started, the newest first."""
        return await desk.noted(lambda: {"jobs": [job.record for job in desk.jobs.all()]})

    @routes.get(f"{PATH}/{{job_id}}", response_model=schemas.Job)
    async def job(job_id: JobId) -> Response:
        """How far a job is."""
        return await desk.noted(lambda: desk.jobs.find(job_id).record)

    @routes.delete(f"{PATH}/{{job_id}}", response_model=schemas.Job)
    async def cancel(job_id: JobId) -> Response:
        """Let a job end after the article that it is at; what came in before stays."""
        return await desk.noted(lambda: desk.jobs.cancel(job_id).record)

    return routes


def _lines(articles: Sequence[schemas.ArticleBody]) -> bytes:
    """Articles as JSON Lines."""
    return "".join(json.dumps(article.model_dump(exclude_none=True)) + "\n" for article in articles).encode()


def largest(path: str, max_bytes: int, small: int) -> int:
    """Bytes of a request to `path`: of one that brings articles, as many as a file has, and room for its wrapping."""
    _, _, below = path.partition("/v1")
    return max_bytes + small if f"{below}/".startswith(f"{PATH}/") else small
