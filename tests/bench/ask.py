"""Milliseconds of `ask` beside the bare cost of embedding the question and one Chroma query, same run.

    python tests/bench/ask.py DATA [--articles 5000] [--questions 200] [--home DIR]

With --home the library made there is kept and used again.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from data import articles, questions

from rag import Settings, open_pullquote
from rag.service import Pullquote


def bare(pullquote: Pullquote, question: str) -> float:
    """Milliseconds of the least that any dense search does."""
    collection = pullquote.index._ready()
    started = time.perf_counter()
    vector = pullquote._embedder.question(question)
    collection.query(query_embeddings=vector[None, :], n_results=10, include=["distances"])
    return (time.perf_counter() - started) * 1000


def whole(pullquote: Pullquote, question: str) -> tuple[float, dict[str, float]]:
    started = time.perf_counter()
    answer = pullquote.ask(question)
    return (time.perf_counter() - started) * 1000, dict(answer.timings_ms)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, default=5000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_pullquote(Settings(home=options.home or Path(scratch))) as pullquote,
    ):
        report = pullquote.ingest_articles(articles(options.data, options.articles))
        print(f"{pullquote.counts()}, {report.added} added in {report.seconds:.0f} s", flush=True)
        measure(pullquote, questions(options.data, options.questions))


def measure(pullquote: Pullquote, asked: list[str]) -> None:
    for question in asked[:10]:
        bare(pullquote, question), whole(pullquote, question)
    bares, wholes, stages = [], [], {}
    for n, question in enumerate(asked):
        if n % 2:
            bares.append(bare(pullquote, question))
        took, timings = whole(pullquote, question)
        wholes.append(took)
        if not n % 2:
            bares.append(bare(pullquote, question))
        for stage, ms in timings.items():
            stages.setdefault(stage, []).append(ms)
    ask, least = statistics.median(wholes), statistics.median(bares)
    print("median ms by stage: " + ", ".join(f"{stage} {statistics.median(ms):.1f}" for stage, ms in stages.items()))
    print(f"{len(asked)} questions: ask p50 {ask:.1f} ms, p95 {statistics.quantiles(wholes, n=20)[-1]:.1f} ms; "
          f"bare p50 {least:.1f} ms; {ask / least:.2f} times")  # fmt: skip


if __name__ == "__main__":
    main()
