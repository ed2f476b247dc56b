"""The opener for embedding models: the embedded one, or any of LangChain's."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from rag import models
from rag.errors import ModelError, SettingsError
from rag.settings import Settings
from rag.text import normalise
from rag.types import Fingerprint, Vectors

log = logging.getLogger(__name__)


class Embedder:
    """An embedding model with the fingerprint of what it makes; its vectors have length 1."""

    def __init__(self, embeddings: Embeddings, model: str, dimension: int) -> None:
        self.embeddings = embeddings
        self.fingerprint = Fingerprint(model, dimension)

    def documents(self, texts: Sequence[str]) -> Vectors:
        """One row a text."""
        if not texts:
            return np.empty((0, self.fingerprint.dimension), np.float32)
        return self._unit(self.embeddings.embed_documents(list(texts)))

    def question(self, text: str) -> NDArray[np.float32]:
        """One vector. The text is normalised first, as the passages were when they came in."""
        vector: NDArray[np.float32] = self._unit([self.embeddings.embed_query(normalise(text))])[0]
        return vector

    def _unit(self, rows: list[list[float]]) -> Vectors:
        vectors = np.asarray(rows, np.float32)
        if vectors.ndim != 2 or vectors.shape[1] != self.fingerprint.dimension:
            raise ModelError(
                f"{self.fingerprint} gave vectors of shape {vectors.shape}; the model has changed. "
                "Check PULLQUOTE_EMBEDDINGS, then run `pullquote rebuild --embed`."
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(lengths, 1e-12)
        return unit


def open_embedder(settings: Settings) -> Embedder:
    """The model that `settings.embeddings` names; the embedded one is fetched if it isn't there."""
    if settings.embeddings == "embedded":
        return _embedded(settings)
    return _provider(settings.embeddings)


def _embedded(settings: Settings) -> Embedder:
    from rag.minilm import DIMENSION, MiniLM

    model = models.find("minilm")
    if not models.is_here(model, settings.models_folder):
        models.pull(model, settings.models_folder, progress=log.warning)
    return Embedder(MiniLM(settings.models_folder / model.file), f"minilm-int8-{model.sha256[:8]}", DIMENSION)


def _provider(name: str) -> Embedder:
    if ":" not in name:
        raise SettingsError(f"PULLQUOTE_EMBEDDINGS is {name!r}; write `embedded` or `provider:model`.")
    from langchain.embeddings import init_embeddings

    try:
        embeddings = init_embeddings(name)
        dimension = len(embeddings.embed_query("dimension"))
    except ImportError as exc:
        raise SettingsError(f"PULLQUOTE_EMBEDDINGS is {name!r}: {exc}") from exc
    except Exception as exc:  # each provider raises its own; what the user can do is the same
        raise SettingsError(f"The embedding model {name!r} does not answer ({type(exc).__name__}: {exc}).") from exc
    return Embedder(embeddings, name, dimension)
