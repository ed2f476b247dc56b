"""Progress on stderr: how many articles, how fast, how long still."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from rag.ingest import IngestReport, Progress

EVERY = 5.0
"""Seconds between two lines where there is no terminal to draw a bar on."""


@contextmanager
def bar(total: int) -> Iterator[Progress]:
    """A bar on a terminal; elsewhere (a log, a pipe) a line every few seconds."""
    if sys.stderr.isatty():
        with _drawn(total) as update:
            yield update
    else:
        yield _lines(total, lambda line: print(line, file=sys.stderr))  # noqa: T201 - progress is for stderr


@contextmanager
def _drawn(total: int) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Drawing

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Drawing(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("Ingesting", total=total or None, rate="")

        def update(report: IngestReport) -> None:
            shown.update(task, completed=report.done, total=max(total, report.done) or None, rate=_rate(report))

        yield update


def _lines(total: int, say: Callable[[str], None]) -> Progress:
    said = time.monotonic()

    def update(report: IngestReport) -> None:
        nonlocal said
        if time.monotonic() - said >= EVERY:
            said = time.monotonic()
            say(line(report, total))

    return update


def line(report: IngestReport, total: int) -> str:
    """As in "Ingesting: 120 of about 1,000 articles, 25.1 articles/s, 0:00:35 left"."""
    known = f" of about {total:,}" if total > report.done else ""
    left = timedelta(seconds=round((total - report.done) * report.seconds / report.done)) if report.done else None
    parts = [f"{report.done:,}{known} articles", _rate(report), f"{left} left" if left is not None and known else ""]
    return "Ingesting: " + ", ".join(part for part in parts if part)


def _rate(report: IngestReport) -> str:
    return f"{report.done / report.seconds:.1f} articles/s" if report.seconds > 0.5 else ""
