"""The other plain rival that speed is measured against: bm25s over the passages, as its documentation uses it."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.evals.stock import FOUND
from rag.passages import embedded, split

if TYPE_CHECKING:
    from rag.types import Article


class FullText:
    """An index in a folder. It cannot grow: more articles mean making it again of all of them."""

    def __init__(self, folder: Path) -> None:
        import bm25s
        from Stemmer import Stemmer

        self._bm25s = bm25s
        self._stemmer = Stemmer("english")
        self._folder = folder / "bm25s"
        self._index: Any = None

    def ingest(self, articles: Sequence[Article]) -> int:
        """Index these, and nothing else; returns how many."""
        passages = [embedded(passage) for article in articles for passage in split(article)]
        self._index = self._bm25s.BM25()
        self._index.index(self._tokens(passages), show_progress=False)
        self._index.save(self._folder)
        return len(articles)

    def count(self) -> int:
        """The passages of the index at hand: none before one is made or searched."""
        return int(self._index.scores["num_docs"]) if self._index is not None else 0

    def search(self, question: str) -> list[int]:
        """The numbers of the best passages, of the index in the folder."""
        if self._index is None:
            self._index = self._bm25s.BM25.load(self._folder)
        found, _ = self._index.retrieve(self._tokens([question]), k=min(FOUND, self.count()), show_progress=False)
        numbers: list[int] = found[0].tolist()
        return numbers

    def _tokens(self, texts: Sequence[str]) -> Any:
        return self._bm25s.tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False)


def obstacle() -> str:
    """Why it cannot be measured here, empty where it can."""
    try:
        importlib.metadata.version("bm25s")
    except importlib.metadata.PackageNotFoundError:
        return "bm25s is not installed"
    return ""
