"""Seconds until the app answers after `pullquote serve`, and what importing `rag` takes.

    python tests/bench/start.py [--rounds 5]

Ready means: the start page of a library with the samples in it stands in a real browser. The time
until the server answers plain HTTP is given beside it.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

from browser import chromium, window  # noqa: E402 - the tests' own browser

PULLQUOTE = [sys.executable, "-m", "rag"]
IMPORT = "import time; t = time.perf_counter(); import rag; print(time.perf_counter() - t)"


def imported() -> float:
    """Seconds of `import rag` in a fresh interpreter."""
    return float(subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True).stdout)


@contextmanager
def served(home: Path) -> Iterator[tuple[str, float]]:
    """A server's address and how long it took to print it."""
    started = time.perf_counter()
    command = [*PULLQUOTE, "--home", str(home), "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "answers at" in line)
        yield line.split(" at ")[1].split()[0], started
        process.send_signal(signal.SIGTERM)


def ready(browser: Browser, home: Path) -> tuple[float, float]:
    """Seconds from the command to an answer over HTTP, and to the start page in a browser."""
    with served(home) as (url, started), window(browser) as page:
        with urllib.request.urlopen(url, timeout=30):
            answered = time.perf_counter() - started
        page.goto(url)
        page.get_by_role("heading", name="What did they say?").wait_for()
        return answered, time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(f"import rag: {statistics.median(imported() for _ in range(rounds)):.3f} s, median of {rounds}")
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        home = Path(scratch) / "home"
        samples = str(TESTS.parent / "samples")
        subprocess.run([*PULLQUOTE, "--home", str(home), "ingest", samples], capture_output=True, check=True)
        times = [ready(browser, home) for _ in range(rounds)]
    answered, shown = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"serve: answers after {answered:.2f} s, start page shown after {shown:.2f} s, medians of {rounds}")


if __name__ == "__main__":
    main()
