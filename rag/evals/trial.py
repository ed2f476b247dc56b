"""One measurement of one system, in a process of its own: the memory it takes, and its first moments, are its own.

The settings' home is the folder that the system fills, asks or opens.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rag.settings import Settings

if TYPE_CHECKING:
    from rag.service import Pullquote
    from rag.types import Article

Figures = dict[str, Any]

WARM_UP = 10
"""Questions that are asked before any is timed."""


class Run(Protocol):
    """How a trial is run: `apart`, or `here`."""

    def __call__(self, trial: str, settings: Settings, **arguments: Any) -> Figures: ...


# --- taking articles in -----------------------------------------------------------------------


def ingest(settings: Settings, articles: str, first: int, last: int) -> Figures:
    """Articles `first` to `last` of a file of `news.write`: seconds, passages, memory, and the folder's bytes."""
    from rag.evals import news
    from rag.service import open_pullquote

    with open_pullquote(settings) as pullquote:
        pullquote.index.wait()
        figures = _fed(
            lambda block: pullquote.ingest_articles(block).added,
            lambda: pullquote.counts().passages,
            news.read(Path(articles), first, last),
        )
    return figures | {"bytes": size(settings.home)}


def stock_ingest(settings: Settings, articles: str, first: int, last: int, own: bool = True) -> Figures:
    """The same of the stock pipeline; if not by its `own` embedding, then by Pullquote's, which is quicker."""
    from rag.embeddings import open_embedder
    from rag.evals import news
    from rag.evals.stock import Stock, open_embeddings

    embeddings = open_embeddings(settings) if own else open_embedder(settings).embeddings
    with Stock(settings.home, embeddings) as stock:
        figures = _fed(stock.ingest, stock.count, news.read(Path(articles), first, last))
    return figures | {"bytes": size(settings.home)}


def words_ingest(settings: Settings, articles: str, first: int, last: int) -> Figures:
    """The same of full text alone, which has to take in all articles up to `last` again, whatever `first` is."""
    from rag.evals import news
    from rag.evals.full_text import FullText

    rival = FullText(settings.home)
    everything = [article for block in news.read(Path(articles), 0, last) for article in block]
    return _fed(rival.ingest, rival.count, iter([everything])) | {"bytes": size(settings.home)}


def _fed(
    take: Callable[[Sequence[Article]], int], passages: Callable[[], int], blocks: Iterator[Sequence[Article]]
) -> Figures:
    """What taking in the blocks came to. The seconds are those of `take`, without reading the file."""
    before, start, seconds, taken = passages(), peak(), 0.0, 0
    for block in blocks:
        started = time.perf_counter()
        taken += take(block)
        seconds += time.perf_counter() - started
    return {
        "seconds": seconds,
        "articles": taken,
        "passages": passages() - before,
        "start_mib": start,
        "peak_mib": peak(),
    }


# --- asking -----------------------------------------------------------------------------------


def ask(settings: Settings, questions: Sequence[str]) -> Figures:
    """Milliseconds of `ask`, whole and by stage, and of the bare cost, in turn; p50 and p95 of each."""
    from rag.service import open_pullquote

    with open_pullquote(settings) as pullquote:
        pullquote.index.wait()
        return asked(pullquote, questions)


def asked(pullquote: Pullquote, questions: Sequence[str]) -> Figures:
    """As `ask`, of a service that is open."""
    for question in questions[:WARM_UP]:
        bare(pullquote, question), pullquote.ask(question)
    wholes, bares = [], []
    stages: dict[str, list[float]] = {}
    for n, question in enumerate(questions):
        bares += [bare(pullquote, question)] if n % 2 else []
        started = time.perf_counter()
        answer = pullquote.ask(question)
        wholes.append(_since(started))
        bares += [] if n % 2 else [bare(pullquote, question)]
        for stage, ms in answer.timings_ms.items():
            stages.setdefault(stage, []).append(ms)
    stages["total"] = wholes
    return {"ask": spread(wholes), "bare": spread(bares), "stages": {name: spread(ms) for name, ms in stages.items()}}


def bare(pullquote: Pullquote, question: str) -> float:
    """Milliseconds of the least that any dense search does: the question embedded, one Chroma query."""
    collection = pullquote.index._ready()
    started = time.perf_counter()
    vector = pullquote._embedder.question(question)
    collection.query(query_embeddings=vector[None, :], n_results=10, include=["distances"])
    return _since(started)


def stock_ask(settings: Settings, questions: Sequence[str]) -> Figures:
    """Milliseconds of the stock pipeline's search, which embeds the question its own way."""
    from rag.evals.stock import Stock, open_embeddings

    with Stock(settings.home, open_embeddings(settings)) as stock:
        return {"ask": spread(_searched(stock.search, questions))}


def _searched(search: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    """Milliseconds of each search, after some that are not timed."""
    for question in questions[:WARM_UP]:
        search(question)
    took = []
    for question in questions:
        started = time.perf_counter()
        search(question)
        took.append(_since(started))
    return took


def words_ask(settings: Settings, questions: Sequence[str]) -> Figures:
    """Milliseconds of full text alone."""
    from rag.evals.full_text import FullText

    return {"ask": spread(_searched(FullText(settings.home).search, questions))}


# --- starting ---------------------------------------------------------------------------------


def start(settings: Settings, question: str, since: float | None = None) -> Figures:
    """Seconds from the process's first line to the first answer from a filled home."""
    started = time.perf_counter() if since is None else since
    from rag.service import open_pullquote

    with open_pullquote(settings) as pullquote:
        pullquote.ask(question)
        return {"seconds": time.perf_counter() - started}


def stock_start(settings: Settings, question: str, since: float | None = None) -> Figures:
    """The same of the stock pipeline."""
    started = time.perf_counter() if since is None else since
    from rag.evals.stock import Stock, open_embeddings

    with Stock(settings.home, open_embeddings(settings)) as stock:
        stock.search(question)
        return {"seconds": time.perf_counter() - started}


def words_start(settings: Settings, question: str, since: float | None = None) -> Figures:
    """The same of full text alone."""
    started = time.perf_counter() if since is None else since
    from rag.evals.full_text import FullText

    FullText(settings.home).search(question)
    return {"seconds": time.perf_counter() - started}


def serve(settings: Settings) -> Figures:
    from rag.evals.starts import answering

    return {"seconds": answering(settings)}


def imports(settings: Settings, module: str) -> Figures:
    from rag.evals.starts import imported

    return {"seconds": imported(module)}


# --- running a trial --------------------------------------------------------------------------

TRIALS: Mapping[str, Callable[..., Figures]] = {
    trial.__name__: trial
    for trial in (
        *(ingest, stock_ingest, words_ingest),
        *(ask, stock_ask, words_ask),
        *(start, stock_start, words_start),
        *(serve, imports),
    )
}
FROM_THE_START = frozenset({"start", "stock_start", "words_start"})
"""Trials that count from the process's first line."""

_FIRST_LINE = "import time; since = time.perf_counter(); from rag.evals.trial import main; main(since)"


def here(trial: str, settings: Settings, **arguments: Any) -> Figures:
    """Run a trial in this process."""
    return TRIALS[trial](settings, **arguments)


def apart(trial: str, settings: Settings, **arguments: Any) -> Figures:
    """Run a trial in a fresh process. Raises NoFiguresError."""
    from rag.evals.starts import NoFiguresError, environment

    given = json.dumps({"trial": trial, "arguments": arguments})
    command = [sys.executable, "-c", _FIRST_LINE]
    done = subprocess.run(command, input=given, capture_output=True, text=True, env=environment(settings), check=False)
    try:
        figures: Figures = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError) as exc:
        said = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        raise NoFiguresError(f"The trial {trial} ended without figures: {said}") from exc
    return figures


def main(since: float) -> None:
    """What a fresh process does: the trial that stdin names, its figures as the last line of stdout."""
    given = json.load(sys.stdin)
    arguments = given["arguments"] | ({"since": since} if given["trial"] in FROM_THE_START else {})
    sys.stdout.write(json.dumps(here(given["trial"], Settings(), **arguments)) + "\n")


# --- figures ----------------------------------------------------------------------------------


def peak() -> float:
    """The most memory that this process has held, in MiB.

    From /proc where there is one: `getrusage` counts what the parent held when it started this process.
    """
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def size(folder: Path) -> int:
    """Bytes of the files in it."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def spread(ms: Sequence[float]) -> dict[str, float]:
    import numpy as np

    return {"p50": float(np.percentile(ms, 50)), "p95": float(np.percentile(ms, 95))}


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
