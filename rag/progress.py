"""A progress bar on stderr: how many articles, how fast, how long still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rag.ingest import IngestReport


@contextmanager
def bar(total: int) -> Iterator[Callable[[IngestReport], None]]:
    """Shows itself on a terminal only; elsewhere one line in every few seconds would be noise."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("Ingesting", total=total or None, rate="")

        def update(report: IngestReport) -> None:
            rate = f"{report.done / report.seconds:.1f} articles/s" if report.seconds > 0.5 else ""
            shown.update(task, completed=report.done, total=max(total, report.done) or None, rate=rate)

        yield update
