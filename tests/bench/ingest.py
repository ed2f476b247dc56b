"""Articles per second and peak memory: Pullquote beside the stock pipeline, same articles, same run.

    python tests/bench/ingest.py DATA [--articles 400] [--rounds 3]

Each round ingests the same articles once each way, in a fresh process with a fresh folder, the
order swapped from round to round. Prints each round, then medians and their ratio. `pullquote bench`
has this and the rest.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from rag import Settings
from rag.evals import news
from rag.evals.bench import PULLQUOTE, STOCK, Contestant, Course, in_turn
from rag.evals.trial import Figures, apart


def told(n: int, contestant: Contestant, found: Figures) -> None:
    print(f"round {n + 1} {contestant.name:24} {rate(found):6.2f} articles/s, {found['passages']} pieces, "
          f"peak {found['peak_mib']:.0f} MiB", flush=True)  # fmt: skip


def rate(found: Figures) -> float:
    return found["articles"] / found["seconds"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        course = Course(Settings(), Path(scratch), options.rounds, stock_articles=options.articles, run=apart)
        count = news.write(course.articles, news.articles(options.data, options.articles))
        found = in_turn((PULLQUOTE, STOCK), options.rounds, lambda one: course.ingest(one, 0, count), told)
    ours, stock = found[PULLQUOTE.name], found[STOCK.name]
    print(f"median of {options.rounds}: pullquote {rate(ours):.2f}, stock {rate(stock):.2f} articles/s: "
          f"{rate(ours) / rate(stock):.2f} times; "
          f"peak memory {ours['peak_mib']:.0f} and {stock['peak_mib']:.0f} MiB")  # fmt: skip


if __name__ == "__main__":
    main()
