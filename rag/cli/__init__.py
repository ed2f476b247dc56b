"""The command line. With `--json`, one JSON object on stdout and nothing else there.

Exit codes: 0 done; 1 done in part, or the answer is no; 2 bad usage or input.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from typing import NoReturn

import typer

from rag.cli import (  # noqa: F401 - each adds its commands
    articles,
    assistant,
    checking,
    health,
    measuring,
    questions,
    quotations,
    tokens,
    web,
)
from rag.cli.session import BAD, NO, app
from rag.errors import NotFoundError, PullquoteError
from rag.redaction import keep_secrets_out_of_logs, redacted


def main() -> None:
    """The `pullquote` command: `app`, with whatever a person can mend as one clear line."""
    # What UTF-8 cannot hold (a lone surrogate of an argument) is written as the escape that JSON has for it.
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    keep_secrets_out_of_logs()
    try:
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as exc:
        _refuse_usage(exc)
    except PullquoteError as exc:
        _refuse(str(exc), NO if isinstance(exc, NotFoundError) else BAD)
    except sqlite3.IntegrityError:
        raise  # a defect of ours, not of the file
    except sqlite3.DatabaseError as exc:
        _refuse(f"The library file failed ({exc}). Restore a copy of it, or choose another --home.", BAD)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(NO)


def _refuse_usage(error: typer.TyperException) -> NoReturn:
    if len(sys.argv) == 1:  # a bare `pullquote`: what typer says is the whole help
        typer.echo(error.format_message(), err=True)
        sys.exit(BAD)
    context: typer.Context | None = getattr(error, "ctx", None)
    command = f"pullquote {context.info_name}" if context is not None and context.parent else "pullquote"
    reason = error.format_message().replace("Value error, ", "").removesuffix(".")  # pydantic's words, not ours
    _refuse(f"{reason}. Run `{command} --help`.", BAD)


def _refuse(reason: str, code: int) -> NoReturn:
    line = redacted(" ".join(reason.split()))
    typer.echo(f"pullquote: {line}", err=True)
    if "--json" in sys.argv:
        typer.echo(json.dumps({"error": line}, ensure_ascii=False))
    sys.exit(code)
