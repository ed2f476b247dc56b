"""The API as FastAPI has it: all routes, and all that goes wrong in them as problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag import __version__
from rag.api import chat, collection, ingest, problems, questions
from rag.api.desk import Desk
from rag.api.problems import READ_ONLY, UNKNOWN_CALLER, Problem
from rag.errors import PullquoteError
from rag.schemas import ProblemRecord
from rag.tokens import caller_of

ABOUT = """Ask your articles, and get answers made of verbatim quotations.

On this machine no token is needed; from elsewhere send `Authorization: Bearer TOKEN`, of `pullquote tokens add NAME`.
What goes wrong is `application/problem+json` (RFC 9457)."""

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""What routes are looked through for; HEAD is answered wherever GET is."""

READING = frozenset({"/ask", "/search", "/verify", "/summarise", "/chat/completions"})
"""What a token that may only read may POST to. Whatever else changes something, a route of tomorrow too."""


def fastapi_app(desk: Desk) -> FastAPI:
    """The routes, with all that goes wrong in them as problems."""
    app = FastAPI(
        title="Pullquote",
        version=__version__,
        description=ABOUT,
        servers=[{"url": "/api"}],
        root_path_in_servers=False,
        openapi_url="/v1/openapi.json",
        docs_url=None,  # its page would fetch scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # by it a token would go out again, and behind a proxy without TLS
        dependencies=[Depends(_permit)],
        responses=_problem_responses(),
        generate_unique_id_function=lambda route: route.name,
    )
    for routes in (questions, collection, ingest, chat):
        app.include_router(routes.router(desk), prefix="/v1")

    handlers: dict[type[Exception], Callable[[Any, Request], problems.Problem]] = {
        problems.Problem: lambda error, _: error,
        RequestValidationError: lambda error, _: problems.of_faults(error.errors()),
        PullquoteError: lambda error, _: problems.of_error(error),
        HTTPException: _of_framework,
    }
    for kind, told in handlers.items():
        app.add_exception_handler(kind, _handler(told))
    app.add_middleware(Defects)
    app.add_middleware(Heads)
    _describe(app)
    return app


def _handler(told: Callable[[Any, Request], Problem]) -> Callable[[Request, Exception], Any]:
    async def handle(request: Request, error: Exception) -> Response:
        return chat.told(told(error, request), request.url.path).response

    return handle


def _of_framework(error: HTTPException, request: Request) -> Problem:
    """What the framework refuses by itself, with what could be asked instead."""
    detail = str(error.detail)
    if error.status_code == 404:
        detail = f"There is no {request.url.path!r} here. /api/v1/openapi.json lists what there is."
    if error.status_code == 405:
        allowed = _allowed(request)
        return problems.of_status(405, f"{request.url.path!r} takes {allowed}.", {"allow": allowed})
    return problems.of_status(error.status_code, detail, error.headers)


def _allowed(request: Request) -> str:
    """The methods of all routes of this path, as of `Allow`; the framework names those of one of them."""
    asked = {"type": "http", "path": request.scope["path"], "root_path": request.scope.get("root_path", "")}
    routes = request.app.router.routes

    def takes(method: str) -> bool:
        return any(route.matches(asked | {"method": method})[0] is Match.FULL for route in routes)

    found = [method for method in METHODS if takes(method)]
    return ", ".join(["HEAD", *found] if "GET" in found else found)


class Heads:
    """Answers HEAD where GET is, as monitors ask, with all of the answer but its body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, bodiless)


class Defects:
    """Answers what nobody expected with a problem, and raises nothing: servers log what an exception says."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except ClientDisconnect:
            pass
        except Exception as error:  # the last resort
            problem = chat.told(problems.of_defect(error), scope.get("path", ""))
            if not begun:
                await problem.response(scope, receive, send)


async def _permit(request: Request) -> None:
    """Raises Problem for whoever was not let in, and for a change by whoever may only read."""
    caller = caller_of(request.scope)
    if caller is None:
        raise Problem(UNKNOWN_CALLER, "Nobody has looked who asks.")
    path = request.scope["route"].path.removeprefix("/v1")
    if not caller.may_write and request.method not in {"GET", "HEAD"} and path not in READING:
        raise Problem(READ_ONLY, f"The {caller.name} may only read. Use one that may write.")


def _problem_responses() -> dict[int | str, dict[str, Any]]:
    described = {
        400: "It cannot be read.",
        401: "A token is needed.",
        403: "This token may only read.",
        404: "There is no such thing here.",
        405: "This cannot be done here; `Allow` says what can.",
        409: "It contradicts what went before.",
        413: "It is too large.",
        415: "It is of another kind than is read here.",
        421: "The request is for another host.",
        422: "It cannot be used as it is.",
        429: "Too many requests; `Retry-After` says when to come back.",
        500: "A defect of Pullquote.",
        503: "The library cannot answer now, or too much is going on.",
        504: "It took too long.",
    }
    schema = {"$ref": "#/components/schemas/ProblemRecord"}
    responses: dict[int | str, dict[str, Any]] = {
        status: {"description": said, "content": {"application/problem+json": {"schema": schema}}}
        for status, said in described.items()
    }
    # Of what is not HTTP, or has a first line without end, the server itself says so, before anything of ours reads it.
    responses[400]["content"]["text/plain"] = {"schema": {"type": "string"}}
    return responses


def _describe(app: FastAPI) -> None:
    """Adds to the OpenAPI document what FastAPI does not say of itself: the problem's schema, and the token."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            components = document.setdefault("components", {})
            schemas = components.setdefault("schemas", {})
            of_problem = ProblemRecord.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(of_problem.pop("$defs", {}) | {"ProblemRecord": of_problem})
            for form in [schema for name, schema in schemas.items() if name.startswith("Body_")]:
                form["additionalProperties"] = False  # as of all bodies: what nobody reads is refused
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            document["security"] = [{}, {"token": []}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
