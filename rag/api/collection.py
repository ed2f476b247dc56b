"""What is in the library: articles, quotations, who speaks, citations; and whether all is well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response

from rag import __version__, contract, schemas
from rag.api.bodies import Route
from rag.api.desk import Desk, Headers
from rag.references import FILE_TYPES
from rag.service import Pullquote
from rag.text import normalise
from rag.types import Format, QuoteSearch

ARTICLE = "norvane-2026-09-17-orrisport-hearing"
CITATION = "530c9fb26808fdcef48c-787-814"
"""Of the sample articles, for the examples."""

ArticleId = Annotated[str, Path(max_length=2_000, description="An article's id or external id.", examples=[ARTICLE])]
ARTICLES = "/articles/{article_id:path}"
"""With the rest of the path for an id: those of others may have a "/" in them."""


_NO_WEIGHT = frozenset({"q=0", "q=0.0", "q=0.00", "q=0.000"})


def router(desk: Desk) -> APIRouter:
    """The routes of this file."""
    routes = APIRouter(route_class=Route)

    @routes.get("/health", response_model=schemas.Health, tags=["health"])
    async def health() -> Response:
        """Whether the library answers, and what it holds."""
        return await desk.fetched(_health)

    @routes.get("/articles", response_model=schemas.Articles, tags=["articles"])
    async def articles(request: Request, query: Annotated[schemas.PageQuery, Query()]) -> Response:
        """The articles, newest first, a page of them."""
        return await desk.answer(
            lambda service: contract.articles(service, query.filters, query.limit, query.start), _next(request)
        )

    @routes.get(ARTICLES, response_model=schemas.WholeArticle, tags=["articles"])
    async def article(
        article_id: ArticleId,
        revision: Annotated[str, Query(max_length=100, description="An earlier revision.")] = "",
    ) -> Response:
        """One article with its text and its revisions."""
        return await desk.fetched(lambda service: contract.article(service, normalise(article_id), normalise(revision)))

    @routes.delete(ARTICLES, response_model=schemas.Removed, tags=["articles"])
    async def remove(article_id: Annotated[str, Path(max_length=2_000)]) -> dict[str, Any]:
        """Take an article out for good, with all its revisions. Its citations no longer resolve."""
        gone = await desk.read(lambda service: service.remove(normalise(article_id)))
        return {"removed": gone.id, "title": gone.title}

    @routes.get("/quotes", response_model=schemas.Quotations, tags=["quotations"])
    async def quotes(request: Request, query: Annotated[schemas.QuotesQuery, Query()]) -> Response:
        """Who says what: about something, the likeliest first; else all that fits, newest first."""
        wanted = QuoteSearch(
            about=query.about.strip(),
            words=query.words.strip(),
            topic=query.topic.strip(),
            kinds=tuple(query.kind),
            filters=query.filters,
        )
        return await desk.answer(
            lambda service: contract.quotes(service, wanted, query.limit, query.start), _next(request)
        )

    @routes.get("/speakers", response_model=schemas.Speakers, tags=["quotations"])
    async def speakers(request: Request, query: Annotated[schemas.SpeakersQuery, Query()]) -> Response:
        """Who speaks in the articles, most quoted first."""
        return await desk.answer(
            lambda service: contract.speakers(service, query.filters, query.unnamed, query.limit, query.start),
            _next(request),
        )

    @routes.get(
        "/citations/{citation_id}",
        response_model=schemas.CitationAs,
        responses={
            200: {
                "content": {
                    kind.media_type: {"schema": {} if "json" in kind.media_type else {"type": "string"}}
                    for form, kind in FILE_TYPES.items()
                    if form != "json"
                }
            }
        },
        tags=["quotations"],
    )
    async def cite(
        request: Request,
        citation_id: Annotated[str, Path(max_length=200, description="A citation's id.", examples=[CITATION])],
        form: Annotated[Format, Query(alias="format", description="How to write it.")] = "json",
    ) -> Response:
        """A citation by its id, with the text around it.

        In another format than JSON it's a file for a page or a reference manager; whoever accepts `application/json`
        gets this as the record's `text`.
        """
        if form == "json":
            return await desk.fetched(lambda service: contract.cite(service, citation_id))
        if _names_json(request.headers.get("accept", "")):
            answer = await desk.fetched(lambda service: contract.cite(service, citation_id, form))
        else:
            cited = await desk.read(lambda service: contract.cite(service, citation_id, form))
            answer = Response(cited["text"], media_type=FILE_TYPES[form].media_type)
        answer.headers["vary"] = "accept"
        return answer

    return routes


def _names_json(accept: str) -> bool:
    """Whether an Accept header names JSON itself, and not with a weight of nothing; `*/*` takes the file."""
    kinds = [[part.strip().lower() for part in kind.split(";")] for kind in accept.split(",")]
    return any(name == "application/json" and not _NO_WEIGHT & {*rest} for name, *rest in kinds)


def _health(service: Pullquote) -> dict[str, Any]:
    standing = service.writer.standing
    return {
        "status": "ok",
        "version": __version__,
        **service.counts()._asdict(),
        "index": service.index.state,
        "model": standing.name or None,
    }


def _next(request: Request) -> Headers:
    """The header that links a page to the next one (RFC 8288)."""

    def link(page: Mapping[str, Any]) -> Mapping[str, str]:
        if page["next"] is None:
            return {}
        asked = [(key, value) for key, value in request.query_params.multi_items() if key != "start"]
        address = f"{request.url.path}?{urlencode([*asked, ('start', str(page['next']))])}"
        return {"link": f'<{address}>; rel="next"'}

    return link
