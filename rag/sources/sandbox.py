"""A child process for parsers that a hostile file may send round in circles.

Started on first use, kept for the next file, killed when one takes too long. Parent and child
exchange JSON objects over pipes, each after its length in eight bytes; no pickle, so that a
child taken over by a file cannot run code in the parent.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

_START_SECONDS = 60.0
"""For the child's imports, on a slow disk with a virus scanner; a second is usual."""

_ROOT = Path(__file__).resolve().parents[2]
"""Where `rag` lies. The child starts there, so that it finds `rag`, and no module that a folder of
articles happens to hold."""


class SandboxError(Exception):
    """The child gave no answer; the message says why."""


class OutOfTime(SandboxError):
    """The child took longer than it was given, and was killed."""


class Sandbox:
    """One child process running `module`, asked one thing at a time. Safe between threads."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._asking = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def ask(self, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The child's answer. Raises OutOfTime, or SandboxError where the child died."""
        with self._asking:
            try:
                child = self._running()
                with _deadline(child, seconds):
                    answer = _exchange(child, question)
            except BaseException:  # also Ctrl-C: a half-read answer must not meet the next question
                self._discard()
                raise
            return answer

    def close(self) -> None:
        """Ends the child, at once even while it is working; the next question starts another."""
        if (child := self._child) is not None:
            child.kill()
        with self._asking:
            self._discard()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._discard()
        self._child = child = _start(self._module)
        atexit.unregister(self.close)
        atexit.register(self.close)
        with _deadline(child, _START_SECONDS):
            greeting = _read(child)
        if "error" in greeting:
            raise SandboxError(greeting["error"])
        return child

    def _discard(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            end(child)


def end(child: subprocess.Popen[bytes]) -> None:
    """Kills a child, and closes the pipes to it."""
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was left to write has no reader any more
                pipe.close()


def _start(module: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


@contextmanager
def _deadline(child: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Kills `child` after `seconds`, which ends any waiting on its pipes on every platform.

    Raises OutOfTime then, also where the answer came in the last moment.
    """
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        child.kill()

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        yield
    except SandboxError:
        if not expired.is_set():
            raise
    finally:
        timer.cancel()
        timer.join()  # it may be killing: the child must not look alive to the next question
    if expired.is_set():
        raise OutOfTime(f"it took longer than {seconds:g} seconds")


def _exchange(child: subprocess.Popen[bytes], question: dict[str, Any]) -> dict[str, Any]:
    assert child.stdin is not None
    try:
        send(child.stdin, question)
    except OSError as exc:
        raise SandboxError("the parser ended without an answer") from exc
    return _read(child)


def _read(child: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert child.stdout is not None
    answer = receive(child.stdout)
    if answer is None:
        raise SandboxError("the parser ended without an answer")
    return answer


# --- the protocol, for both ends --------------------------------------------------------------


def send(stream: IO[bytes], message: dict[str, Any]) -> None:
    """Writes `message` in one frame."""
    payload = json.dumps(message).encode("ascii")
    stream.write(len(payload).to_bytes(8, "big") + payload)
    stream.flush()


def receive(stream: IO[bytes]) -> dict[str, Any] | None:
    """The next message, or None where the other end is gone."""
    header = stream.read(8)
    size = int.from_bytes(header, "big")
    payload = stream.read(size) if len(header) == 8 else b""
    if len(header) < 8 or len(payload) < size:
        return None
    message: dict[str, Any] = json.loads(payload)
    return message
