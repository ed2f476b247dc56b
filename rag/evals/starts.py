"""How soon the program is there: seconds of imports, and until `pullquote serve` answers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import PullquoteError
from rag.settings import Settings

PULLQUOTE = (sys.executable, "-m", "rag")


class NoFiguresError(PullquoteError):
    """A process that was started to be measured ended without a figure. The message has its last words."""


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment, in which a Pullquote that is started finds just `settings`."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("PULLQUOTE_")}
    given = settings.model_dump(mode="json", exclude_none=True)
    return others | {f"PULLQUOTE_{name.upper()}": str(value) for name, value in given.items()}


def imported(module: str) -> float:
    """Seconds of importing `module` in a fresh interpreter."""
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


@contextmanager
def served(settings: Settings) -> Iterator[tuple[str, float]]:
    """A server's address, and the moment (`time.perf_counter`) at which its command was given."""
    started = time.perf_counter()
    command = [*PULLQUOTE, "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment(settings)) as process:
        assert process.stderr is not None
        said: list[str] = []
        try:
            for line in process.stderr:
                said.append(line.strip())
                if "answers at" in line:
                    yield line.split(" at ")[1].split()[0], started
                    return
        finally:
            process.terminate()
    raise NoFiguresError(f"`pullquote serve` did not answer: {' '.join(said[-1:])}")


def answering(settings: Settings) -> float:
    """Seconds from the command until `pullquote serve` answers over HTTP."""
    with served(settings) as (url, started), urllib.request.urlopen(url, timeout=60):  # noqa: S310 - our own server
        return time.perf_counter() - started
