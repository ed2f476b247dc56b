"""What the attribution of speech costs at ingest: articles per second with it and without, in the same run.

    python tests/bench/attributing.py DATA [--articles 150] [--rounds 5]

Each round takes the same articles into a fresh folder once each way, the order swapped from round to round. Without
it, neither speech nor people are looked for. Prints each round, then medians and their ratio.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from rag import Settings, ingest, open_pullquote
from rag.evals import news
from rag.types import Article

WITH, WITHOUT = "with attribution", "without"


def rate(articles: Sequence[Article], home: Path) -> float:
    """Articles per second, from when the library is ready."""
    with open_pullquote(Settings(home=home)) as pullquote:
        pullquote.index.wait()
        pullquote._embedder.question("Is the model loaded?")
        started = time.perf_counter()
        pullquote.ingest_articles(articles)
        return len(articles) / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    articles = list(news.articles(options.data, options.articles))
    rates: dict[str, list[float]] = {WITH: [], WITHOUT: []}
    for n in range(options.rounds):
        for way in (WITH, WITHOUT) if n % 2 else (WITHOUT, WITH):
            with tempfile.TemporaryDirectory() as scratch:
                if way == WITH:
                    rates[way].append(rate(articles, Path(scratch)))
                else:
                    with patch.object(ingest, "attribute", return_value=[]):
                        rates[way].append(rate(articles, Path(scratch)))
            print(f"round {n + 1} {way:16} {rates[way][-1]:6.2f} articles/s", flush=True)
    ratios = [ours / bare for ours, bare in zip(rates[WITH], rates[WITHOUT], strict=True)]
    print(f"median of {options.rounds}: {statistics.median(rates[WITH]):.2f} articles/s with attribution, "
          f"{statistics.median(rates[WITHOUT]):.2f} without; ratio {statistics.median(ratios):.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
