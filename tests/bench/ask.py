"""Milliseconds of `ask` beside the bare cost of embedding the question and one Chroma query, same run.

    python tests/bench/ask.py DATA [--articles 5000] [--questions 200] [--home DIR]

With --home the library made there is kept and used again. `pullquote bench` has this and the rest.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from rag import Settings, open_pullquote
from rag.evals import news, trial


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
        report = pullquote.ingest_articles(list(news.articles(options.data, options.articles)))
        print(f"{pullquote.counts()}, {report.added} added in {report.seconds:.0f} s", flush=True)
        found = trial.asked(pullquote, news.questions(options.data, options.questions))
    ask, bare = found["ask"], found["bare"]
    print("median ms by stage: " + ", ".join(f"{stage} {ms['p50']:.1f}" for stage, ms in found["stages"].items()))
    print(f"{options.questions} questions: ask p50 {ask['p50']:.1f} ms, p95 {ask['p95']:.1f} ms; "
          f"bare p50 {bare['p50']:.1f} ms; {ask['p50'] / bare['p50']:.2f} times")  # fmt: skip


if __name__ == "__main__":
    main()
