"""The command line as a shell sees it: what goes in, the exit code, and the two streams that come out."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from helpers import embedder

from rag import cli


class Outcome(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Stdout as the contract has it: one JSON object on one line, and nothing else."""
        (record,) = self.json_lines
        return record

    @property
    def json_lines(self) -> list[dict[str, Any]]:
        assert self.out == "" or self.out.endswith("\n"), self
        records = [json.loads(line, parse_constant=_no_json) for line in self.out.split("\n")[:-1]]
        assert all(isinstance(record, dict) for record in records), self
        return records


def run(*arguments: str, home: Path | None = None, stdin: bytes = b"", model: str | None = "fake-words") -> Outcome:
    """`pullquote ARGUMENTS` in this process, around a fake model; with None, around the one that is set.

    Stdout starts as Latin-1, as in an old console, so that the program has to see to its own encoding.
    """
    out = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
    at = ["--home", str(home)] if home is not None else []
    fake = mock.patch("rag.service.open_embedder", return_value=embedder(name=model)) if model else nullcontext()
    with (
        mock.patch.object(sys, "argv", ["pullquote", *at, *arguments]),
        mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="ascii")),
        redirect_stdout(out),
        redirect_stderr(err),
        _own_logging(),
        fake,
    ):
        code = _exit_code()
    out.flush()
    err.flush()
    return Outcome(code, out.buffer.getvalue().decode("utf-8"), err.buffer.getvalue().decode("utf-8"))  # type: ignore[attr-defined]


def _exit_code() -> int:
    try:
        cli.main()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    raise AssertionError("the command came back instead of exiting")


@contextmanager
def _own_logging() -> Iterator[None]:
    """The command sets logging and the telling of errors up for its process; those of the tests come back after it."""
    root = logging.getLogger()
    handlers, level, factory = root.handlers[:], root.level, logging.getLogRecordFactory()
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.setLogRecordFactory(factory)
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


def _no_json(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")
