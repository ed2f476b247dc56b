"""Public data sets and benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from rag.cli.options import AsJson
from rag.cli.session import app, put, session

DataPath = Annotated[Path, typer.Argument(metavar="PATH", help="The folder with the set's files, or with all sets.")]


@app.command(name="eval")
def evaluate(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="SET", help="A set's name, or all.")],
    path: DataPath,
    rivals: Annotated[bool, typer.Option(help="Measure the rivals too.")] = True,
    as_json: AsJson = False,
) -> None:
    """Run a public data set through Pullquote, and through its rivals beside it."""
    from rag.evals.run import evaluate as run

    _print_tables(context, as_json, list(run(name, path, session(context).settings, _tell, rivals)))


@app.command()
def bench(
    context: typer.Context,
    path: DataPath,
    sizes: Annotated[list[int] | None, typer.Option("--size", min=1, help="Articles; may be given repeatedly.")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often the smallest size is measured.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Measure speed, memory and disk as a collection grows, beside the stock pipeline."""
    from rag.evals.bench import SIZES
    from rag.evals.bench import bench as run

    tables = run(path, session(context).settings, _tell, tuple(sizes or SIZES), rounds)
    _print_tables(context, as_json, tables)


def _tell(line: str) -> None:
    typer.echo(line, err=True)


def _print_tables(context: typer.Context, as_json: bool, tables: Sequence[Any]) -> None:
    text = "\n\n".join(f"{table.name}\n{table.text()}" for table in tables)
    put(context, as_json, {"tables": [table.record() for table in tables]}, text)
