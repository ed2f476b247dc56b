"""Seconds until the app answers after `pullquote serve`, and what importing `rag` takes.

    python tests/bench/start.py [--rounds 5]

Ready means: the start page of a library with the samples in it stands in a real browser. The time
until the server answers plain HTTP is given beside it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser

from rag import Settings, open_pullquote
from rag.evals.starts import imported, served

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

from browser import chromium, window  # noqa: E402 - the tests' own browser


def ready(browser: Browser, settings: Settings) -> tuple[float, float]:
    """Seconds from the command to an answer over HTTP, and to the start page in a browser."""
    with served(settings) as (url, started), window(browser) as page:
        with urllib.request.urlopen(url, timeout=30):
            answered = time.perf_counter() - started
        page.goto(url)
        page.get_by_role("heading", name="What did they say?").wait_for()
        return answered, time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(f"import rag: {statistics.median(imported('rag') for _ in range(rounds)):.3f} s, median of {rounds}")
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        settings = Settings(home=Path(scratch) / "home")
        with open_pullquote(settings) as pullquote:
            pullquote.ingest([str(TESTS.parent / "samples")])
        times = [ready(browser, settings) for _ in range(rounds)]
    answered, shown = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"serve: answers after {answered:.2f} s, start page shown after {shown:.2f} s, medians of {rounds}")


if __name__ == "__main__":
    main()
