"""Articles per second and peak memory: Pullquote beside the stock pipeline, same articles, same run.

    python tests/bench/ingest.py DATA [--articles 400] [--rounds 3]

Each round ingests the same articles once each way, in a fresh process with a fresh folder, the
order swapped from round to round. Prints each round, then medians and their ratio.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def once(kind: str, data: Path, count: int) -> dict[str, float]:
    """One ingest, in this process."""
    import resource

    from data import articles

    from rag import Settings, models

    given = articles(data, count)
    settings = Settings()
    model = models.pull(models.find("minilm"), settings.models_folder)
    with tempfile.TemporaryDirectory() as folder:
        if kind == "stock":
            import stock

            started = time.perf_counter()
            pieces = stock.ingest(given, model, Path(folder))
            seconds = time.perf_counter() - started
        else:
            from rag import open_pullquote

            with open_pullquote(settings.model_copy(update={"home": Path(folder)})) as pullquote:
                pullquote.index.wait()
                started = time.perf_counter()
                pullquote.ingest_articles(given)
                seconds = time.perf_counter() - started
                pieces = pullquote.counts().passages
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "articles_per_s": count / seconds, "pieces": pieces, "peak_mib": peak}


def apart(kind: str, data: Path, count: int) -> dict[str, float]:
    """`once` in a process of its own, so that memory is its own too."""
    command = [sys.executable, __file__, str(data), "--articles", str(count), "--only", kind]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("pullquote", "stock"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(once(options.only, options.data, options.articles)))
        return
    kinds = ["pullquote", "stock"]
    results: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    for n in range(options.rounds):
        for kind in kinds if n % 2 == 0 else reversed(kinds):
            found = apart(kind, options.data, options.articles)
            results[kind].append(found)
            print(f"round {n + 1} {kind:9} {found['articles_per_s']:6.2f} articles/s, {found['pieces']:.0f} pieces, "
                  f"peak {found['peak_mib']:.0f} MiB", flush=True)  # fmt: skip
    rates = {kind: statistics.median(found["articles_per_s"] for found in results[kind]) for kind in kinds}
    peaks = {kind: statistics.median(found["peak_mib"] for found in results[kind]) for kind in kinds}
    print(f"median of {options.rounds}: pullquote {rates['pullquote']:.2f}, stock {rates['stock']:.2f} articles/s: "
          f"{rates['pullquote'] / rates['stock']:.2f} times; "
          f"peak memory {peaks['pullquote']:.0f} and {peaks['stock']:.0f} MiB")  # fmt: skip


if __name__ == "__main__":
    main()
