"""The stock pipeline that Pullquote is measured against: LangChain's splitter and Chroma, onnxruntime's defaults."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.types import Article


class OnnxEmbeddings(Embeddings):
    """The same model file through onnxruntime as it comes: batches of 32 as they arrive, padded to the longest."""

    def __init__(self, path: Path, batch: int = 32) -> None:
        import onnxruntime
        from tokenizers import BertWordPieceTokenizer

        self._tokenizer = BertWordPieceTokenizer(
            str(files("rag").joinpath("data/bert-base-uncased-vocab.txt")), lowercase=True
        )
        self._tokenizer.enable_truncation(256)
        self._tokenizer.enable_padding()
        self._session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
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
        return (mean / np.linalg.norm(mean, axis=1, keepdims=True)).tolist()


def ingest(articles: Sequence[Article], model: Path, folder: Path) -> int:
    """Split 1000/200, embed, add to Chroma, as the tutorials do; returns the number of chunks."""
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    store = Chroma("stock", OnnxEmbeddings(model), str(folder))
    documents = [Document(article.text, metadata={"title": article.title}) for article in articles]
    chunks = splitter.split_documents(documents)
    for start in range(0, len(chunks), 1000):
        store.add_documents(chunks[start : start + 1000])
    return len(chunks)
