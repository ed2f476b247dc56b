"""The page of the library: articles in, articles found, articles out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

import streamlit as st

from rag.errors import NotFoundError
from rag.library import Record
from rag.service import Pullquote
from rag.sources.fields import one_line
from rag.text import normalise
from rag.types import Article
from rag.ui import intake
from rag.ui.components import shelf
from rag.ui.components.mend import mend
from rag.ui.components.notice import notice

A_PAGE = 50
KINDS = ["txt", "md", "html", "htm", "jsonl"]
ALL = "All publishers"

_DOOMED, _PAGE, _REMOVED = "doomed_article", "library_page", "removed"
_NARROW = 170
"""Pixels of a filter: two beside each other on a phone, four on a desk."""
_EARLIEST, _LATEST = date(1600, 1, 1), date(2199, 12, 31)

_ORDERS: dict[str, tuple[Callable[[Record], Any], bool]] = {
    "Newest": (lambda record: record.article.published, True),
    "Title": (lambda record: record.article.title.casefold(), False),
    "Publisher": (lambda record: (record.article.publisher.casefold(), record.article.title.casefold()), False),
    "Recently added": (lambda record: record.added_at, True),
}


class Wish(NamedTuple):
    """Which articles to list, and in which order."""

    words: str = ""
    publisher: str = ALL
    since: date | None = None
    until: date | None = None
    order: str = "Newest"


def page(service: Pullquote) -> None:
    st.set_page_config(page_title="Library · Pullquote")
    st.html("<h1>Library</h1>")
    records = service.articles()
    with st.expander("Add articles", expanded=not records, icon=":material/add:", key="add"):
        _add(service)
    if intake.running() is not None:
        intake.watch()
    intake.summary()
    _report_removal()
    if records:
        _browse(records)
    else:
        _nothing_yet(service)
    mend()
    if doomed := st.session_state.pop(_DOOMED, ""):
        _confirm(service, doomed)


# --- in ---------------------------------------------------------------------------------------


def _add(service: Pullquote) -> None:
    files, pasted = st.tabs(["Upload files", "Paste text"])
    with files, st.form("upload", clear_on_submit=True, border=False):
        chosen = st.file_uploader(
            "Articles as text, Markdown, HTML or JSON Lines", type=KINDS, accept_multiple_files=True, key="files"
        )
        if st.form_submit_button("Add to library", type="primary") and chosen:
            intake.begin_uploads(service, [(file.name, file.getvalue()) for file in chosen])
            st.rerun()
    with pasted, st.form("paste", clear_on_submit=False, border=False):
        _paste(service)


def _paste(service: Pullquote) -> None:
    title = st.text_input("Title", max_chars=300)
    left, right = st.columns(2)
    publisher = left.text_input("Publisher (optional)", max_chars=200)
    published = right.date_input("Date (optional)", value=None, min_value=_EARLIEST, max_value=_LATEST)
    text = st.text_area("Text", height=220)
    if not st.form_submit_button("Add to library", type="primary"):
        return
    if not text.strip():
        notice("error", ["There is no text yet. Paste the article, then add it."], key="no-text")
        return
    intake.begin_pasted(service, pasted_article(text, title, publisher, published))
    st.rerun()


def pasted_article(text: str, title: str, publisher: str, published: date | None) -> Article:
    """An article from a form's fields."""
    return Article(
        text=normalise(text).strip("\n"),
        title=one_line(title),
        publisher=one_line(publisher),
        published=published.isoformat() if published else "",
    )


def _nothing_yet(service: Pullquote) -> None:
    st.html('<p class="pq-intro">No articles yet. Add your own above, or look around with the samples.</p>')
    if intake.running() is None and st.button("Load the sample articles", icon=":material/newspaper:"):
        intake.begin_samples(service)
        st.rerun()


# --- found ------------------------------------------------------------------------------------


def _browse(records: Sequence[Record]) -> None:
    st.html(f"<h2>{len(records):,} {'article' if len(records) == 1 else 'articles'}</h2>")
    wish = _wish(sorted({r.article.publisher for r in records if r.article.publisher}, key=str.casefold))
    found = select(records, wish)
    if not found:
        notice("info", ["No article fits. Take a filter away to see more."], key="none-fit")
        return
    start = _turn_pages(len(found), wish)
    shelf.shelf(found[start : start + A_PAGE], _doom)


def _wish(publishers: list[str]) -> Wish:
    words = st.text_input("Search", placeholder="Title, publisher or author", icon=":material/search:")
    with st.container(horizontal=True):
        return Wish(
            words=words,
            publisher=st.selectbox("Publisher", [ALL, *publishers], width=_NARROW) or ALL,
            since=st.date_input("From", value=None, min_value=_EARLIEST, max_value=_LATEST, width=_NARROW),
            until=st.date_input("To", value=None, min_value=_EARLIEST, max_value=_LATEST, width=_NARROW),
            order=st.selectbox("Sort by", list(_ORDERS), width=_NARROW) or "Newest",
        )


def select(records: Sequence[Record], wish: Wish) -> list[Record]:
    """The records that fit, in order. Every word must stand in title, publisher or author."""
    key, backwards = _ORDERS[wish.order]
    return sorted((record for record in records if _fits(record.article, wish)), key=key, reverse=backwards)


def _fits(article: Article, wish: Wish) -> bool:
    known = f"{article.title} {article.publisher} {article.author}".casefold()
    if not all(word in known for word in wish.words.casefold().split()):
        return False
    if wish.publisher not in {ALL, article.publisher}:
        return False
    if wish.since and article.published < wish.since.isoformat():
        return False
    return not wish.until or "" < article.published <= wish.until.isoformat()


def _turn_pages(found: int, wish: Wish) -> int:
    """Where the page of the list begins; with the buttons to turn it where there is more than one."""
    seen, start = st.session_state.get(_PAGE, (wish, 0))
    start = start if seen == wish and start < found else 0
    if found > A_PAGE:
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Previous", disabled=start == 0):
                start -= A_PAGE
            if st.button("Next", disabled=start + A_PAGE >= found):
                start += A_PAGE
            st.text(f"{start + 1:,}–{min(start + A_PAGE, found):,} of {found:,}")
    st.session_state[_PAGE] = (wish, start)
    return int(start)


# --- out --------------------------------------------------------------------------------------


def _doom() -> None:
    st.session_state[_DOOMED] = st.session_state[shelf.KEY]["remove"]


@st.dialog("Remove this article?")
def _confirm(service: Pullquote, article_id: str) -> None:
    try:
        article = service.article(article_id).article
    except NotFoundError:
        st.text("It has been removed already.")
        return
    st.text(article.title or "Untitled article")
    st.text("It goes for good, with its earlier versions. Links to its quotations will no longer open.")
    with st.container(horizontal=True):
        if st.button("Remove", type="primary"):
            service.remove(article_id)
            intake.forget()
            st.session_state[_REMOVED] = article.title or "Untitled article"
            st.rerun()
        if st.button("Keep"):
            st.rerun()


def _report_removal() -> None:
    if removed := st.session_state.pop(_REMOVED, ""):
        notice("success", [f"Removed: {removed}"], key="removed-article")
