"""The opener for embedding models: the embedded one, or any of LangChain's."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from rag import models
from rag.errors import ModelError, PullquoteError, SettingsError
from rag.passages import embedded
from rag.redaction import redacted
from rag.settings import Settings
from rag.text import normalise
from rag.types import Fingerprint, Passage, PassageVectors, Vectors

log = logging.getLogger(__name__)


class Embedder:
    """An embedding model with the fingerprint of what it makes; its vectors have length 1."""

    def __init__(self, embeddings: Embeddings, model: str, dimension: int, local_file: Path | None = None) -> None:
        self.embeddings = embeddings
        self.fingerprint = Fingerprint(model, dimension)
        self.local_file = local_file
        """The file of a model that runs in this process."""

    def documents(self, texts: Sequence[str]) -> Vectors:
        """One row a text. Raises ModelError when the model fails or gives something else."""
        if not texts:
            return np.empty((0, self.fingerprint.dimension), np.float32)
        with self._asked():
            rows = self.embeddings.embed_documents(list(texts))
        return self._unit(rows, len(texts))

    def passages(self, passages: Sequence[Passage]) -> list[PassageVectors]:
        """The vectors of each passage and its sentences. A sentence that stands in several is embedded once."""
        spoken = [[p.excerpt.article.excerpt(s).text for s in p.sentences] for p in passages]
        rows = {text: row for row, text in enumerate(dict.fromkeys(t for texts in spoken for t in texts))}
        vectors = self.documents([*map(embedded, passages), *rows])
        wholes, sentences = vectors[: len(passages)], vectors[len(passages) :]
        return [
            PassageVectors(whole, sentences[[rows[text] for text in texts]])
            for whole, texts in zip(wholes, spoken, strict=True)
        ]

    def question(self, text: str) -> NDArray[np.float32]:
        """One vector. The text is normalised first, as the passages were when they came in. Raises ModelError."""
        with self._asked():
            row = self.embeddings.embed_query(normalise(text))
        vector: NDArray[np.float32] = self._unit([row], 1)[0]
        return vector

    @contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            yield
        except PullquoteError:
            raise
        except Exception as exc:  # each provider raises its own; what the user can do is the same
            raise ModelError(f"{self.fingerprint} does not answer ({_told(exc)}). Try again later.") from exc

    def _unit(self, rows: list[list[float]], count: int) -> Vectors:
        lengths_of_rows = {len(row) for row in rows}
        if len(rows) != count or lengths_of_rows != {self.fingerprint.dimension}:
            given = ", ".join(map(str, sorted(lengths_of_rows)))
            raise ModelError(
                f"{self.fingerprint} gave {len(rows)} vectors of {given} dimensions for {count} texts; the model "
                "has changed. Check PULLQUOTE_EMBEDDINGS, then run `pullquote rebuild --embed`."
            )
        vectors = np.asarray(rows, np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(lengths, 1e-12)
        return unit


def open_embedder(settings: Settings) -> Embedder:
    """The model that `settings.embeddings` names; the embedded one is fetched if it isn't there."""
    if settings.embeddings == "embedded":
        return _embedded(settings)
    return _provider(settings.embeddings)


def _embedded(settings: Settings) -> Embedder:
    model = models.find("minilm")
    if not models.is_here(model, settings.models_folder):
        models.pull(model, settings.models_folder, progress=lambda step: log.warning(step.line))
    file = models.checked(model, settings.models_folder)  # 15 ms; a damaged file gives wrong vectors, and no error
    return local(file)


def local(file: Path) -> Embedder:
    """The embedded model from its file. Raises ModelError for a file that is no such model."""
    from rag.minilm import DIMENSION, MiniLM

    return Embedder(MiniLM(file), f"minilm-int8-{models.find('minilm').sha256[:8]}", DIMENSION, file)


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
        raise SettingsError(
            f"The embedding model {name!r} does not answer ({_told(exc)}). Check PULLQUOTE_EMBEDDINGS, the "
            "provider's key and the network."
        ) from exc
    return Embedder(embeddings, name, dimension)


def _told(error: Exception) -> str:
    """What a library's error says, in one line, and no secret."""
    return redacted(f"{type(error).__name__}: {' '.join(str(error).split())}")
