"""What is measured: the product through its own service, and the plain rankers it must beat.

All rank the same places of the same articles with the same embedding model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from rag.embeddings import Embedder
from rag.errors import NotFoundError
from rag.evals.task import Place, Ranked, Task, Unit
from rag.passages import embedded, split
from rag.retrieve import fuse
from rag.service import Pullquote
from rag.text import Span, sentences
from rag.types import Article, Citation, Filters, Vectors

DEEP = 100
"""Results of each ranking that plain fusion takes in."""


class System(Protocol):
    """Something that finds places for a question."""

    name: str

    def rank(self, question: str, limit: int, within: str = "") -> list[Ranked]:
        """The `limit` places likeliest to answer, best first; of the article `within`, if one is named."""
        ...


class Remembering(Embeddings):
    """An embedding model that embeds a text once, whoever asks: rivals rank the same sentences and passages."""

    def __init__(self, embeddings: Embeddings) -> None:
        self.embeddings = embeddings
        self._known: dict[str, NDArray[np.float32]] = {}

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        vectors = self.embeddings.embed_documents(new) if new else []
        self._known |= {text: np.array(vector, np.float32) for text, vector in zip(new, vectors, strict=True)}
        return [self._known[text].tolist() for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embeddings.embed_query(text)


class Once:
    """A system that is asked each thing once: several figures come from one answer."""

    def __init__(self, system: System) -> None:
        self.name = system.name
        self.threshold: float | None = getattr(system, "threshold", None)
        self._system = system
        self._answers: dict[tuple[str, int, str], list[Ranked]] = {}

    def rank(self, question: str, limit: int, within: str = "") -> list[Ranked]:
        key = (question, limit, within)
        if key not in self._answers:
            self._answers[key] = self._system.rank(question, limit, within)
        return self._answers[key]


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
            for span, text in _cut(article, unit):
                self.places.append(Place(article.external_id, span))
                self.texts.append(text)
            self.of[article.external_id] = np.arange(first, len(self.places))

    def best(self, scores: NDArray[Any], limit: int, within: str) -> list[Ranked]:
        """The places with the highest scores."""
        rows = self.of[within] if within else np.arange(len(self.places))
        held = scores[rows]
        top = np.argsort(-held, kind="stable")[:limit]
        return [Ranked(self.places[rows[i]], float(held[i])) for i in top]


def _cut(article: Article, unit: Unit) -> list[tuple[Span, str]]:
    """The stretches of an article that are ranked, and the text by which each is known."""
    if unit == "passage":
        return [(passage.excerpt.span, embedded(passage)) for passage in split(article)]
    whole = Span(0, len(article.text))
    if unit == "article":
        return [(whole, f"{article.title}\n{article.text}")]
    return [(span, article.excerpt(span).text) for span in sentences(article.text)]


class CannotError(Exception):
    """A rival is not installed, or has no way to do what a set asks. The message says which."""


class WordRanker:
    """bm25s as its documentation uses it: Lucene's BM25, English stop words, Snowball stems."""

    def __init__(self, places: Places) -> None:
        try:
            import bm25s
        except ImportError as exc:
            raise CannotError("bm25s is not installed") from exc
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
    """Both, by reciprocal rank, as `rag.retrieve` fuses too. Its score is a rank, and no confidence."""

    def __init__(self, words: WordRanker, meaning: MeaningRanker) -> None:
        self.name = "both, plain RRF"
        self.rankers = (words, meaning)

    def rank(self, question: str, limit: int, within: str = "") -> list[Ranked]:
        rankings = [[found.place for found in ranker.rank(question, DEEP, within)] for ranker in self.rankers]
        return [Ranked(place, 1.0 / rank) for rank, place in enumerate(fuse(rankings)[:limit], start=1)]


def plain(task: Task, embedder: Embedder) -> dict[str, Callable[[], System]]:
    """The rivals that are part of any search engineer's first hour, by name; built when they are called."""
    places = cache(lambda: Places(task.articles, task.unit))
    words = cache(lambda: WordRanker(places()))
    meaning = cache(lambda: MeaningRanker(places(), embedder))
    found: dict[str, Callable[[], System]] = {"BM25 (bm25s)": words, "MiniLM alone": meaning}
    found["both, plain RRF"] = lambda: PlainFusion(words(), meaning())
    if not any(asked.within for asked in task.asked):
        found["BM25, whole articles"] = lambda: WordRanker(Places(task.articles, "article"))
    return found


def first_of_each(found: Sequence[Ranked]) -> list[str]:
    """The articles of ranked places, each once, in order."""
    return list(dict.fromkeys(ranked.place.article for ranked in found))
