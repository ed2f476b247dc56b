"""The page to read on: an article, at the words that a citation names."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from rag.errors import ArticleDamagedError, NotFoundError
from rag.service import Pullquote
from rag.summary import Summarising
from rag.types import Article, Citation, Summary
from rag.ui import writings
from rag.ui.components.notice import notice
from rag.ui.components.reader import article_link, reader
from rag.ui.writings import EVERY, Running


def page(service: Pullquote, origin: str) -> None:
    article_id, citation_id = st.query_params.get("article", ""), st.query_params.get("at", "")
    try:
        citation = _citation(service, citation_id)
        article = citation.excerpt.article if citation else _article(service, article_id)
    except ArticleDamagedError as error:
        _refuse(error)
        return
    if article is None:
        _miss(article_id or citation_id)
        return
    st.set_page_config(page_title=f"{article.title or 'Untitled article'} · Pullquote")
    if citation_id and citation is None:
        notice("info", ["The words that this link points at are not in this version of the article."], key="lost")
    # One fragment throughout, since Streamlit draws anew what moves into one, and marks and selections with it.
    live = _goes_on(article)
    st.fragment(_show, run_every=EVERY if live else None)(service, article, citation, origin, live)


def _show(service: Pullquote, article: Article, citation: Citation | None, origin: str, live: bool) -> None:
    """The article and its summary: its own best sentences, then a model's as they pass, looked for if `live`."""
    if live != _goes_on(article):
        st.rerun()
    found = _summaries().get(article.revision)
    reader(
        article,
        citation,
        _current(service, article),
        origin,
        found.writing.summary if isinstance(found, Running) else found,
        writing=live,
        summarise=lambda: _summarise(service, article),
        stop=lambda: writings.stop(found if isinstance(found, Running) else None),
    )


def _goes_on(article: Article) -> bool:
    found = _summaries().get(article.revision)
    return isinstance(found, Running) and found.goes_on


def _summarise(service: Pullquote, article: Article) -> None:
    with suppress(NotFoundError, ArticleDamagedError):  # removed since it was drawn, which the page says
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
    try:
        current = service.article(shown.id).article
    except ArticleDamagedError:
        return ""
    return article_link(current) if current.revision != shown.revision else ""


def _refuse(error: ArticleDamagedError) -> None:
    st.set_page_config(page_title="Damaged · Pullquote")
    st.html("<h1>This article is damaged</h1>")
    notice("error", [str(error)], key="damaged")


def _miss(named: str) -> None:
    st.set_page_config(page_title="Not found · Pullquote")
    st.html("<h1>This article is not in your library</h1>")
    reason = "It may have been removed, or the link may have lost a part on its way."
    notice("info", [reason, f"The link names {named}."] if named else [reason], key="missing")
