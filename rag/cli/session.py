"""What all commands share: the options before them, the opened service, and how they print."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from pydantic import ValidationError

from rag import __version__
from rag.cli.options import AsJson
from rag.errors import SettingsError
from rag.settings import Settings

NO, BAD = 1, 2
"""Exit codes: done in part, or the answer is no; bad usage or input."""

ListFormat = Literal["text", "csv", "jsonl"]
"""How a command writes a list."""

app = typer.Typer(
    name="pullquote",
    help="Ask your articles, and get answers made of quotations that you can click.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


@dataclass
class Session:
    """What the options before the command say."""

    settings: Settings
    as_json: bool


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pullquote {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option("--home", help="The folder of the library (PULLQUOTE_HOME).")] = None,
    as_json: AsJson = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Ask your articles, and get answers made of quotations that you can click."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr, force=True)
    try:
        settings = Settings(home=home) if home is not None else Settings()
    except ValidationError as exc:
        faults = "; ".join(
            f"PULLQUOTE_{'_'.join(map(str, e['loc'])).upper()} is {e['input']!r}: {e['msg']}" for e in exc.errors()
        )
        raise SettingsError(f"{faults}. See docs/SETTINGS.md.") from exc
    context.obj = Session(settings, as_json)


def session(context: typer.Context) -> Session:
    found: Session = context.obj
    return found


@contextmanager
def opened(context: typer.Context) -> Iterator[Any]:
    """The service on the home of this session."""
    from rag.service import open_pullquote

    with open_pullquote(session(context).settings) as pullquote:
        yield pullquote


def put(context: typer.Context, as_json: bool, record: dict[str, Any], text: str) -> None:
    """Print the record with `--json`, else the text."""
    wanted = as_json or session(context).as_json
    typer.echo(json.dumps(record, ensure_ascii=False) if wanted else text)


def put_file(context: typer.Context, as_json: bool, record: dict[str, Any], text: str) -> None:
    """As `put`, of a text whose line ends no stream may translate; it ends with one."""
    if as_json or session(context).as_json:
        put(context, True, record, "")
        return
    ended = text if text.endswith("\n") else f"{text}\n"
    sys.stdout.buffer.write(ended.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()
