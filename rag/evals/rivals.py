"""The rivals that come as frameworks: LangChain with Chroma, LlamaIndex, txtai. Installed with `pullquote[rivals]`.

Each is set up as its own documentation does, with the same embedding model. What one cannot do
raises `CannotError`, and is written down as that.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rag.embeddings import Embedder
from rag.evals.stock import CHUNK, OVERLAP
from rag.evals.systems import CannotError, System
from rag.evals.task import Place, Ranked, Task
from rag.text import Span

TOKENS = 256
"""Of LlamaIndex's chunks: what the embedding model reads of a text. Its defaults are two and four times that."""


class StockChain:
    """LangChain's splitter and Chroma, as in its tutorials. It returns chunks, which hold some seven sentences."""

    name = "stock LangChain + Chroma"

    def __init__(self, task: Task, embedder: Embedder, folder: Path) -> None:
        from langchain_chroma import Chroma
        from langchain_core.documents import Document
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP, add_start_index=True)
        documents = [Document(a.text, metadata={"article": a.external_id, "title": a.title}) for a in task.articles]
        chunks = splitter.split_documents(documents)
        self._store = Chroma("stock", embedder.embeddings, str(folder / "stock"))
        for start in range(0, len(chunks), 1_000):
            self._store.add_documents(chunks[start : start + 1_000])

    def rank(self, question: str, limit: int, within: str = "") -> list[Ranked]:
        only = {"article": within} if within else None
        found = self._store.similarity_search_with_score(question, k=limit, filter=only)
        return [
            Ranked(_place(d.metadata["article"], d.metadata["start_index"], d.page_content), -distance)
            for d, distance in found
        ]


class LlamaCitations:
    """LlamaIndex's `CitationQueryEngine`: its retriever, and the citation chunks it cuts the nodes into."""

    name = "LlamaIndex CitationQueryEngine"

    def __init__(self, task: Task, embedder: Embedder, folder: Path) -> None:
        from llama_index.core import Document, VectorStoreIndex
        from llama_index.core.embeddings import BaseEmbedding
        from llama_index.core.llms import MockLLM
        from llama_index.core.node_parser import SentenceSplitter

        class Same(BaseEmbedding):  # type: ignore[misc]  # it has no types
            """The embedding model that all share."""

            def _get_query_embedding(self, query: str) -> list[float]:
                return embedder.embeddings.embed_query(query)

            def _get_text_embedding(self, text: str) -> list[float]:
                return embedder.embeddings.embed_documents([text])[0]

            def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
                return embedder.embeddings.embed_documents(texts)

            async def _aget_query_embedding(self, query: str) -> list[float]:
                return self._get_query_embedding(query)

        documents = [
            Document(text=a.text, metadata={"article": a.external_id, "title": a.title}) for a in task.articles
        ]
        for document in documents:  # titles are embedded, as its documentation has it; ids would only be noise
            document.excluded_embed_metadata_keys = ["article"]
            document.excluded_llm_metadata_keys = ["article", "title"]
        self._texts = task.texts
        self._llm = MockLLM()
        self._index = VectorStoreIndex.from_documents(
            documents,
            embed_model=Same(embed_batch_size=256),
            transformations=[SentenceSplitter(chunk_size=TOKENS, chunk_overlap=20)],
        )

    def rank(self, question: str, limit: int, within: str = "") -> list[Ranked]:
        from llama_index.core.query_engine import CitationQueryEngine
        from llama_index.core.vector_stores import MetadataFilter, MetadataFilters

        only = MetadataFilters(filters=[MetadataFilter(key="article", value=within)]) if within else None
        engine = CitationQueryEngine.from_args(
            self._index, llm=self._llm, similarity_top_k=limit, filters=only, citation_chunk_size=TOKENS
        )
        nodes = engine._create_citation_nodes(engine.retrieve(_bundle(question)))
        return [ranked for node in nodes[:limit] if (ranked := self._ranked(node)) is not None]

    def _ranked(self, node: Any) -> Ranked | None:
        """Where a citation chunk stands: its own text without the "Source n:" that the engine puts before it."""
        article = node.node.metadata["article"]
        words = node.node.get_content().split("\n", 1)[-1].strip()
        at = self._texts[article].find(words)
        return Ranked(_place(article, at, words), float(node.score or 0.0)) if at >= 0 and words else None


class TxtaiHybrid:
    """txtai's hybrid search (its BM25 and vectors, half and half) over the same sentences or passages."""

    name = "txtai hybrid"

    def __init__(self, task: Task, embedder: Embedder, folder: Path) -> None:
        from txtai import Embeddings

        from rag.evals.systems import Places

        self._places = Places(task.articles, task.unit)

        def transform(texts: list[str]) -> Any:
            return np.asarray(embedder.embeddings.embed_documents(list(texts)), np.float32)

        self._index = Embeddings(method="external", transform=transform, hybrid=True)
        self._index.index(enumerate(self._places.texts))

    def rank(self, question: str, limit: int, within: str = "") -> list[Ranked]:
        if within:
            raise CannotError("set up without stored content, it cannot be asked about one article")
        return [
            Ranked(self._places.places[int(row)], float(score)) for row, score in self._index.search(question, limit)
        ]


class Framework(NamedTuple):
    """How a rival is built, and the package it comes in."""

    make: Callable[[Task, Embedder, Path], System]
    package: str


FRAMEWORKS: Mapping[str, Framework] = {
    StockChain.name: Framework(StockChain, "langchain-chroma"),
    LlamaCitations.name: Framework(LlamaCitations, "llama-index-core"),
    TxtaiHybrid.name: Framework(TxtaiHybrid, "txtai"),
}


def build(framework: Framework, task: Task, embedder: Embedder, folder: Path) -> System:
    """The rival over the task's articles. Raises CannotError where its package is not installed."""
    try:
        importlib.metadata.version(framework.package)
    except importlib.metadata.PackageNotFoundError as exc:
        raise CannotError(f"{framework.package} is not installed") from exc
    return framework.make(task, embedder, folder)


def _bundle(question: str) -> Any:
    from llama_index.core.schema import QueryBundle

    return QueryBundle(question)


def _place(article: str, start: int, words: str) -> Place:
    return Place(article, Span(start, start + len(words)))
