"""The stock pipeline that speed is measured against: LangChain's splitter and Chroma, onnxruntime's defaults."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings

from rag import models

if TYPE_CHECKING:
    from rag.settings import Settings
    from rag.types import Article

CHUNK, OVERLAP = 1_000, 200
"""Characters of LangChain's tutorials for retrieval."""

PACKAGES = ("langchain-chroma", "langchain-text-splitters", "onnxruntime")

FOUND = 10
"""Chunks that a question returns."""


class OnnxEmbeddings(Embeddings):
    """The same model file through onnxruntime as it comes: batches of 32 as they arrive, padded to the longest."""

    def __init__(self, path: Path, batch: int = 32, threads: int = 0) -> None:
        import onnxruntime
        from tokenizers import BertWordPieceTokenizer

        with as_file(files("rag").joinpath("data/bert-base-uncased-vocab.txt")) as vocabulary:
            self._tokenizer = BertWordPieceTokenizer(str(vocabulary), lowercase=True)
        self._tokenizer.enable_truncation(256)
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads  # 0: as many as there are cores, its default
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._names = [port.name for port in self._session.get_inputs()]
        self._batch = batch

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [
            vector
            for start in range(0, len(texts), self._batch)
            for vector in self._embed(texts[start : start + self._batch])
        ]

    def embed_query(self, text: str) -> list[float]:
        return self._embed([text])[0]

    def _embed(self, texts: list[str]) -> list[list[float]]:
        encodings = self._tokenizer.encode_batch(texts)
        ids = np.array([encoding.ids for encoding in encodings])
        mask = np.array([encoding.attention_mask for encoding in encodings])
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, {name: known[name] for name in self._names})[0]
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        vectors: list[list[float]] = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).tolist()
        return vectors


class Stock:
    """A Chroma folder filled and asked as the tutorials do: split 1000/200, embed, add; the nearest ten."""

    def __init__(self, folder: Path, embeddings: Embeddings) -> None:
        from langchain_chroma import Chroma
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        from rag.chroma import open_client

        folder.mkdir(parents=True, exist_ok=True)
        self._splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
        self._client = open_client(str(folder))
        self._store = Chroma("stock", embeddings, client=self._client)

    def __enter__(self) -> Stock:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def ingest(self, articles: Sequence[Article]) -> int:
        """Take all of them in; returns how many, as nothing is known again."""
        from langchain_core.documents import Document

        documents = [Document(article.text, metadata={"title": article.title}) for article in articles]
        chunks = self._splitter.split_documents(documents)
        for start in range(0, len(chunks), 1_000):
            self._store.add_documents(chunks[start : start + 1_000])
        return len(articles)

    def count(self) -> int:
        """The chunks it holds."""
        return self._store._collection.count()

    def search(self, question: str) -> list[str]:
        return [document.page_content for document in self._store.similarity_search(question, k=FOUND)]


def open_embeddings(settings: Settings) -> Embeddings:
    """Its own embedding of Pullquote's model file, which is fetched if it isn't there."""
    return OnnxEmbeddings(models.pull(models.find("minilm"), settings.models_folder))


def obstacle(settings: Settings) -> str:
    """Why it cannot be measured here, empty where it can."""
    for package in PACKAGES:
        try:
            importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return f"{package} is not installed"
    if settings.embeddings != "embedded":
        return f"it is measured with the embedded model, and PULLQUOTE_EMBEDDINGS is {settings.embeddings}"
    return ""
