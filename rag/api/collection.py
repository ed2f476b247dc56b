"""What is in the library: articles, quotations, who speaks, citations; and whether all is well."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response

from rag import __version__, contract
from rag import schemas
from rag.api.desk import Desk
from rag.records import article_record
from rag.service import Pullquote
from rag.text import normalise
from rag.types import QuoteSearch

ARTICLE = "norvane-2026-09-17-orrisport-hearing"
CITATION = "0" * 20 + "-0-1"
"""Of the sample articles, for the examples."""

_TYPES = {
    "markdown": "text/markdown",
    "csl-json": "application/vnd.citationstyles.csl+json",
    "bibtex": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "web-annotation": "application/ld+json",
}
"""Media types of the formats of a citation; plain text is that of any other."""

Form = Literal[contract.FORMATS]  # type: ignore[valid-type]
ArticleId = Annotated[str, Path(max_length=2_000, description="An article's id or external id.", examples=[ARTICLE])]


def router(desk: Desk) -> APIRouter:
    """The routes of this file."""
    routes = APIRouter()

    @routes.get("/health", response_model=schemas.Health, tags=["health"])
    async def health() -> dict[str, Any]:
        """Whether the library answers, and what it holds."""
        return await desk.read(_health)

    @routes.get("/articles", response_model=schemas.Articles, tags=["articles"])
    async def articles(
        request: Request, response: Response, query: Annotated[schemas.PageQuery, Query()]
    ) -> dict[str, Any]:
        """The articles, newest first, a page of them."""

        def found(service: Pullquote) -> dict[str, Any]:
            total, entries = service.article_page(query.filters, query.limit, query.start)
            return {"articles": [article_record(entry) for entry in entries], "total": total}

        return _paged(await desk.read(found), "articles", query, request, response)

    @routes.get("/articles/{article_id}", response_model=schemas.WholeArticle, tags=["articles"])
    async def article(
        article_id: ArticleId,
        revision: Annotated[str, Query(max_length=100, description="An earlier revision.")] = "",
    ) -> dict[str, Any]:
        """One article with its text and its revisions."""
        return await desk.read(lambda service: contract.article(service, normalise(article_id), normalise(revision)))

    @routes.delete("/articles/{article_id}", response_model=schemas.Removed, tags=["articles"])
    async def remove(article_id: Annotated[str, Path(max_length=2_000)]) -> dict[str, Any]:
        """Take an article out for good, with all its revisions. Its citations no longer resolve."""
        gone = await desk.read(lambda service: service.remove(normalise(article_id)))
        return {"removed": gone.id, "title": gone.title}

    @routes.get("/quotes", response_model=schemas.Quotations, response_model_exclude_unset=True, tags=["quotations"])
    async def quotes(
        request: Request, response: Response, query: Annotated[schemas.QuotesQuery, Query()]
    ) -> dict[str, Any]:
        """Who says what: about something, the likeliest first; else all that fits, newest first."""
        wanted = QuoteSearch(
            about=query.about.strip(),
            words=query.words.strip(),
            topic=query.topic.strip(),
            kinds=tuple(query.kind),
            filters=query.filters,
        )
        found = await desk.read(lambda service: contract.quotes(service, wanted, query.limit, query.start))
        return _paged(found, "quotations", query, request, response)

    @routes.get("/speakers", response_model=schemas.Speakers, tags=["quotations"])
    async def speakers(
        request: Request, response: Response, query: Annotated[schemas.SpeakersQuery, Query()]
    ) -> dict[str, Any]:
        """Who speaks in the articles, most quoted first."""
        found = await desk.read(lambda service: contract.speakers(service, query.filters, query.unnamed))
        part = found[query.start : query.start + query.limit]
        return _paged({"speakers": part, "total": len(found)}, "speakers", query, request, response)

    @routes.get(
        "/citations/{citation_id}",
        response_model=schemas.CitationInContext,
        response_model_exclude_unset=True,
        responses={
            200: {"content": {kind: {"schema": {"type": "string"}} for kind in [*_TYPES.values(), "text/plain"]}}
        },
        tags=["quotations"],
    )
    async def cite(
        citation_id: Annotated[str, Path(max_length=200, description="A citation's id.", examples=[CITATION])],
        form: Annotated[Form, Query(alias="format", description="How to write it.")] = "json",
    ) -> Any:
        """A citation by its id, with the text around it; or written out for a page or a reference manager."""
        if form == "json":
            return await desk.read(lambda service: contract.cite(service, citation_id))
        cited = await desk.read(lambda service: contract.cite(service, citation_id, form))
        return Response(cited["text"], media_type=_TYPES.get(form, "text/plain"))

    return routes


def _health(service: Pullquote) -> dict[str, Any]:
    standing = service.writer.standing
    return {
        "status": "ok",
        "version": __version__,
        **service.counts()._asdict(),
        "index": service.index.state,
        "model": standing.name or None,
    }


def _paged(
    found: dict[str, Any], name: str, query: schemas.PageQuery, request: Request, response: Response
) -> dict[str, Any]:
    """A page with where the next begins, and a link to that (RFC 8288)."""
    beyond = query.start + len(found[name])
    more = bool(found[name]) and beyond < found["total"]
    if more:
        asked = [(key, value) for key, value in request.query_params.multi_items() if key != "start"]
        response.headers["link"] = f'<{request.url.path}?{urlencode([*asked, ("start", str(beyond))])}>; rel="next"'
    return found | {"next": beyond if more else None}
