"""Which engine embeds fastest: the same model file and passages, interleaved rounds, medians.

    python tests/bench/engines.py DATA [--passages 600] [--rounds 3]

Prints passages a second, the ratio to the stock way (onnxruntime at its defaults, batches of 32 as they arrive),
and the cosines between its vectors and the stock way's.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from rag import Settings, minilm, models
from rag.evals import news
from rag.evals.stock import OnnxEmbeddings
from rag.passages import embedded, split

Embed = Callable[[Sequence[str]], np.ndarray]


def onnx(path: Path, batch: int, *, sort: bool = False, threads: int = 0) -> Embed:
    """onnxruntime in batches of `batch` texts, as they come or sorted by length."""
    model = OnnxEmbeddings(path, batch, threads=threads)

    def embed(texts: Sequence[str]) -> np.ndarray:
        order = np.argsort([len(text) for text in texts]) if sort else np.arange(len(texts))
        vectors = np.empty((len(texts), minilm.DIMENSION), np.float32)
        vectors[order] = model.embed_documents([texts[i] for i in order])
        return vectors

    return embed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--passages", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    settings = Settings()
    path = models.pull(models.find("minilm"), settings.models_folder)
    texts = [embedded(p) for article in news.articles(options.data, 100) for p in split(article)][: options.passages]
    cores = os.cpu_count() or 1
    engines: dict[str, Embed] = {
        "onnxruntime, defaults, batches of 32 as they arrive": onnx(path, 32),
        "onnxruntime, batches of 32 sorted by length": onnx(path, 32, sort=True),
        "onnxruntime, batches of 8 sorted by length": onnx(path, 8, sort=True),
        "onnxruntime, one thread, batches of 8 sorted": onnx(path, 8, sort=True, threads=1),
        "OpenVINO, one stream, 1,024 word pieces": minilm.MiniLM(path, streams=1).embed,
        f"OpenVINO, {cores} streams, 1,024 word pieces (ours)": minilm.MiniLM(path).embed,
        f"OpenVINO, {cores} streams, 2,048 word pieces": minilm.MiniLM(path, batch=2_048).embed,
        f"OpenVINO, {cores} streams, 4,096 word pieces": minilm.MiniLM(path, batch=4_096).embed,
    }
    for embed in engines.values():
        embed(texts[:32])
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    vectors: dict[str, np.ndarray] = {}
    for _ in range(options.rounds):
        for name, embed in engines.items():
            started = time.perf_counter()
            vectors[name] = embed(texts)
            seconds[name].append(time.perf_counter() - started)
    stock = next(iter(engines))
    for name in engines:
        took, cosines = statistics.median(seconds[name]), (vectors[name] * vectors[stock]).sum(1)
        print(f"{name}: {len(texts) / took:.0f} passages/s, {statistics.median(seconds[stock]) / took:.2f} times, "
              f"cosine min {cosines.min():.4f}, mean {cosines.mean():.4f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
