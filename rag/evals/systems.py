"""What is measured: the product through its own service, and the plain rankers it must beat.

All rank the same places of the same articles with the same embedding model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.embeddings import Embedder
from rag.errors import NotFoundError
from rag.evals.task import Place, Ranked, Task, Unit
from rag.passages import embedded, split
from rag.service import Pullquote
from rag.text import sentences
from rag.types import Article, Citation, Filters, Vectors

DEEP = 100
"""Results of each ranking that plain fusion takes in."""

RRF_K = 60
"""As in `rag.retrieve`: both fusions are the same."""


class System(Protocol):
    """Something that finds places for a question."""

    name: str

    def rank(self, question: str, limit: int, within: str = "") -> list[Ranked]:
        """The `limit` places likeliest to answer, best first; of the article `within`, if one is named."""
        ...


class Product:
    """Pullquote, asked as a door would ask it. Everything it returns is checked on the way."""

    def __init__(self, pullquote: Pullquote, task: Task) -> None:
        self.name = "Pullquote"
        self.pullquote = pullquote
        self.unit = task.unit
        self.threshold = pullquote.settings.threshold
        self.quotations = self.not_slices = self.unresolved = 0
        self._texts = task.texts

    def rank(self, question: str, limit: int, within: str = "") -> list[Ranked]:
        filters = Filters(articles=(within,)) if within else Filters()
        if self.unit == "passage":
            found: Sequence[Citation] = self.pullquote.search(question, limit, filters)
        else:
            found = self.pullquote.ask(question, limit, filters).evidence
        for citation in found:
            self._check(citation)
        return [Ranked(Place(c.excerpt.article.external_id, c.excerpt.span), c.score or 0.0) for c in found]

    def _check(self, citation: Citation) -> None:
        """Against the data set's own text, and by looking the citation up again."""
        start, end = citation.excerpt.span
        self.quotations += 1
        self.not_slices += citation.quote != self._texts[citation.excerpt.article.external_id][start:end]
        try:
            self.unresolved += self.pullquote.cite(citation.id).quote != citation.quote
        except NotFoundError:
            self.unresolved += 1


class Places:
    """All that plain rankers rank: every sentence, or every passage with its title, of the articles."""

    def __init__(self, articles: Sequence[Article], unit: Unit) -> None:
        self.places: list[Place] = []
        self.texts: list[str] = []
        self.of: dict[str, NDArray[np.int64]] = {}
        for article in articles:
            first = len(self.places)
            passages = split(article) if unit == "passage" else []
            spans = [p.excerpt.span for p in passages] or sentences(article.text)
            self.places += [Place(article.external_id, span) for span in spans]
            self.texts += [embedded(p) for p in passages] or [article.excerpt(span).text for span in spans]
            self.of[article.external_id] = np.arange(first, len(self.places))

    def best(self, scores: NDArray[Any], limit: int, within: str) -> list[Ranked]:
        """The places with the highest scores."""
        rows = self.of[within] if within else np.arange(len(self.places))
        held = scores[rows]
        top = np.argsort(-held, kind="stable")[:limit]
        return [Ranked(self.places[rows[i]], float(held[i])) for i in top]


class WordRanker:
    """bm25s as its documentation uses it: Lucene's BM25, English stop words, Snowball stems."""

    def __init__(self, places: Places) -> None:
        import bm25s
        from Stemmer import Stemmer

        self.name = "BM25 (bm25s)"
        self.places = places
        self._tokenize: Callable[[Any], Any] = lambda texts: bm25s.tokenize(
            texts, stopwords="en", stemmer=stemmer, show_progress=False
        )
        stemmer = Stemmer("english")
        self._index = bm25s.BM25()
        self._index.index(self._tokenize(places.texts), show_progress=False)

    def scores(self, question: str) -> NDArray[Any]:
        tokens = self._tokenize([question])
        words = [word for word in tokens.vocab if word in self._index.vocab_dict]
        if not words:
            return np.zeros(len(self.places.texts), np.float32)
        scores: NDArray[Any] = self._index.get_scores(words)
        return scores

    def rank(self, question: str, limit: int, within: str = "") -> list[Ranked]:
        return self.places.best(self.scores(question), limit, within)


class MeaningRanker:
    """The embedding model alone: cosine of the question to each place."""

    def __init__(self, places: Places, embedder: Embedder) -> None:
        self.name = "MiniLM alone"
        self.places = places
        self._embed = embedder.question
        self._vectors: Vectors = embedder.documents(places.texts)

    def scores(self, question: str) -> NDArray[Any]:
        cosines: NDArray[Any] = self._vectors @ self._embed(question)
        return cosines

    def rank(self, question: str, limit: int, within: str = "") -> list[Ranked]:
        return self.places.best(self.scores(question), limit, within)


class PlainFusion:
    """Both, by reciprocal rank."""

    def __init__(self, words: WordRanker, meaning: MeaningRanker) -> None:
        self.name = "both, plain RRF"
        self.rankers = (words, meaning)

    def rank(self, question: str, limit: int, within: str = "") -> list[Ranked]:
        scores: dict[Place, float] = {}
        for ranker in self.rankers:
            for rank, found in enumerate(ranker.rank(question, DEEP, within), start=1):
                scores[found.place] = scores.get(found.place, 0.0) + 1.0 / (RRF_K + rank)
        best = sorted(scores.items(), key=lambda item: -item[1])[:limit]
        return [Ranked(place, score) for place, score in best]


def plain(task: Task, embedder: Embedder) -> list[System]:
    """The rivals that are part of any search engineer's first hour."""
    places = Places(task.articles, task.unit)
    words, meaning = WordRanker(places), MeaningRanker(places, embedder)
    return [words, meaning, PlainFusion(words, meaning)]


def first_of_each(found: Sequence[Ranked]) -> list[str]:
    """The articles of ranked places, each once, in order."""
    return list(dict.fromkeys(ranked.place.article for ranked in found))
