"""all-MiniLM-L6-v2 on this machine's processor: text to unit vectors of 384 dimensions.

The engine is OpenVINO, by measurement (`docs/SCORECARD.md`): the same file gives six times the
passages per second of onnxruntime at its defaults, and the same vectors to four digits.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from rag.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Encoding

DIMENSION = 384
LONGEST = 256
"""Word pieces; the model was trained on no more, and the rest of a longer text is not looked at."""

BATCH = 1_024
"""Word pieces in a batch, padding included: the best of 1,024 to 4,096."""

STEP = 16
"""A text is padded to the next multiple of this, whatever else is in its batch. The engine rounds
by padded length, so a text has the same vector, to the bit, alone and among others."""

_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})
_MEND = "Run `pullquote models pull`."


class MiniLM(Embeddings):
    """A LangChain `Embeddings` over the ONNX file at `path`. Safe to call from several threads.

    `streams` (one a core) and `batch` (word pieces) decide how fast it is, not what comes out.
    Raises ModelError if the file is no such model.
    """

    def __init__(self, path: Path, streams: int = 0, batch: int = BATCH) -> None:
        import openvino
        from tokenizers import BertWordPieceTokenizer

        with as_file(files("rag").joinpath("data/bert-base-uncased-vocab.txt")) as vocabulary:
            self._tokenizer = BertWordPieceTokenizer(str(vocabulary), lowercase=True)
        self._tokenizer.enable_truncation(LONGEST)
        cores = os.cpu_count() or 1
        streams = streams or cores
        self._batch = batch
        # One stream a core and small batches: two small matrices at once beat one over both cores.
        options = {"NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": cores}
        try:
            compiled = openvino.Core().compile_model(path, "CPU", options)
        except RuntimeError as exc:
            raise ModelError(f"{path} is not a model that OpenVINO can run. {_MEND}") from exc
        self._inputs = [port.get_any_name() for port in compiled.inputs]
        if not _INPUTS.issuperset(self._inputs) or compiled.output(0).partial_shape[-1] != DIMENSION:
            raise ModelError(f"{path} is another model than all-MiniLM-L6-v2. {_MEND}")
        self._queue = openvino.AsyncInferQueue(compiled, streams + 1)
        self._single = compiled.create_infer_request()
        self._queue_lock, self._single_lock = threading.Lock(), threading.Lock()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self.embed(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        encoding = self._tokenizer.encode(text)
        with self._single_lock:
            hidden = self._single.infer(self._feed([encoding]))[0]
            vector: list[float] = _pool(hidden, _mask([encoding]))[0].tolist()
        return vector

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit vector a row, in the order of `texts`, which are batched by length."""
        encodings = self._tokenizer.encode_batch(list(texts))
        vectors = np.empty((len(texts), DIMENSION), np.float32)

        def collect(request: Any, batch: Sequence[int]) -> None:
            hidden = request.get_output_tensor(0).data
            vectors[batch] = _pool(hidden, _mask([encodings[i] for i in batch]))

        with self._queue_lock:
            self._queue.set_callback(collect)
            for batch in _batches([len(encoding.ids) for encoding in encodings], self._batch):
                self._queue.start_async(self._feed([encodings[i] for i in batch]), batch)
            self._queue.wait_all()
        return vectors

    def _feed(self, encodings: Sequence[Encoding]) -> dict[str, NDArray[np.int64]]:
        mask = _mask(encodings)
        ids = np.zeros_like(mask)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return {name: known[name] for name in self._inputs}


def _padded(length: int) -> int:
    return -(-length // STEP) * STEP


def _mask(encodings: Sequence[Encoding]) -> NDArray[np.int64]:
    lengths = np.array([len(encoding.ids) for encoding in encodings])
    return (np.arange(_padded(lengths.max())) < lengths[:, None]).astype(np.int64)


def _batches(lengths: Sequence[int], pieces: int) -> Iterator[list[int]]:
    """Row numbers in batches of one padded length and at most so many word `pieces`, longest first."""
    buckets: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        buckets.setdefault(_padded(length), []).append(row)
    for length, rows in sorted(buckets.items(), reverse=True):
        size = max(1, pieces // length)
        yield from (rows[start : start + size] for start in range(0, len(rows), size))


def _pool(hidden: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    """The mean of the word pieces' vectors, of length 1 (as sentence-transformers does for this model)."""
    weights = mask[:, None, :].astype(np.float32)
    mean = (weights @ hidden)[:, 0, :]
    unit: NDArray[np.float32] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return unit
