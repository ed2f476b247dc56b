"""The list of articles, each with its link and a button to remove it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag import cite
from rag.library import Record
from rag.ui.components.assets import component
from rag.ui.components.reader import article_link

KEY = "shelf"


def shelf(records: Sequence[Record], on_remove: Callable[[], None]) -> None:
    """`on_remove` is called when removal is asked for; the id stands in the session state, under `KEY`, as "remove"."""
    rows = [
        {
            "id": article.id,
            "title": article.title or "Untitled article",
            "publisher": article.publisher,
            "author": article.author,
            "date": cite.spelled(article.published),
            "link": article_link(article),
        }
        for article, _, _ in records
    ]
    component("shelf")(key=KEY, data={"records": rows}, on_remove_change=on_remove)
