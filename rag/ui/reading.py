"""The page to read on: an article, at the words that a citation names."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from rag.errors import NotFoundError
from rag.service import Pullquote
from rag.summary import Summarising
from rag.types import Article, Citation, Summary
from rag.ui import writings
from rag.ui.components.notice import notice
from rag.ui.components.reader import article_link, reader
from rag.ui.writings import EVERY, Running


def page(service: Pullquote, origin: str) -> None:
    article_id, citation_id = st.query_params.get("article", ""), st.query_params.get("at", "")
    citation = _citation(service, citation_id)
    article = citation.excerpt.article if citation else _article(service, article_id)
    if article is None:
        _miss(article_id or citation_id)
        return
    st.set_page_config(page_title=f"{article.title or 'Untitled article'} · Pullquote")
    if citation_id and citation is None:
        notice("info", ["The words that this link points at are not in this version of the article."], key="lost")
    current = _current(service, article)
    summary = _summaries().get(article.revision)
    if isinstance(summary, Running) and summary.goes_on:
        _live(article, citation, origin, summary)
        return
    told = summary.writing.summary if isinstance(summary, Running) else summary
    reader(article, citation, current, origin, told, summarise=lambda: _summarise(service, article))


@st.fragment(run_every=EVERY)
def _live(article: Article, citation: Citation | None, origin: str, running: Running[Summarising]) -> None:
    """The article while a model sums it up: its own best sentences at once, the model's as they pass."""
    if not running.goes_on:
        st.rerun()
    stop = lambda: writings.stop(running)  # noqa: E731
    reader(article, citation, "", origin, running.writing.summary, writing=True, stop=stop)


def _summarise(service: Pullquote, article: Article) -> None:
    with suppress(NotFoundError):  # removed since it was drawn, which the page says
        running = writings.begin_summary(service, article)
        _summaries()[article.revision] = running or service.summarise(article.id)


def _summaries() -> dict[str, Running[Summarising] | Summary]:
    """The summaries of this browser session by the article's revision; nobody else keeps them."""
    found: dict[str, Running[Summarising] | Summary] = st.session_state.setdefault("summaries", {})
    return found


def _citation(service: Pullquote, citation_id: str) -> Citation | None:
    try:
        return service.cite(citation_id) if citation_id else None
    except NotFoundError:
        return None


def _article(service: Pullquote, article_id: str) -> Article | None:
    try:
        return service.article(article_id).article if article_id else None
    except NotFoundError:
        return None


def _current(service: Pullquote, shown: Article) -> str:
    """The link to the current version, where `shown` is an earlier one."""
    current = service.article(shown.id).article
    return article_link(current) if current.revision != shown.revision else ""


def _miss(named: str) -> None:
    st.set_page_config(page_title="Not found · Pullquote")
    st.html("<h1>This article is not in your library</h1>")
    reason = "It may have been removed, or the link may have lost a part on its way."
    notice("info", [reason, f"The link names {named}."] if named else [reason], key="missing")
