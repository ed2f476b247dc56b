"""The child that prepares articles: `python -m rag.preparation_worker [MODEL FILE]`. See `preparation.py`."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

from rag.preparation import Here, prepare

PRIORITY = 10
"""How far behind all others for the processor it stands, of 19: far enough, and yet never without a share."""


def main(model: str) -> None:
    """Answers (what, given) with (made, fault) until the parent closes the pipe."""
    answers = _own_the_pipe()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this
    if hasattr(os, "nice"):  # on Windows the parent has seen to it
        os.nice(PRIORITY)
    here = _here(model) if model else None
    while True:
        try:
            what, given = pickle.load(sys.stdin.buffer)  # noqa: S301 - the other end is our own code
        except EOFError:
            return
        pickle.dump(_made(here, what, given), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _made(here: Here | None, what: str, given: Any) -> tuple[object, str]:
    try:
        if what == "prepare":
            return prepare(given), ""
        assert here is not None
        return here.vectors(given), ""
    except Exception as exc:  # the parent does it itself, and gets the error in its own way
        return None, type(exc).__name__


def _here(model: str) -> Here:
    from rag.embeddings import local

    return Here(local(Path(model)))


def _own_the_pipe() -> BinaryIO:
    """The pipe to the parent; whatever else is printed goes to stderr from now on."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


if __name__ == "__main__":
    main(sys.argv[1])
