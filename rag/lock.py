"""One owning process for each home: two that write one Chroma folder lose vectors silently."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rag.errors import LibraryError, LockedError

_NOTE = "owner.json"
"""Where the owner of a home says who it is."""

_WANTED = "owner.wanted"
"""What another process touches, again and again, while it waits for a home that is lent."""

PATIENCE = 10.0
"""Seconds that a lent home is waited for: whoever has it may be in the middle of a look-up."""

_CHANGING_HANDS = 0.5
"""Seconds in which an owner that comes or goes may have left no note."""

_PAUSE = 0.05
_STALE = 2.0
"""Seconds after which nobody waits any more who has not touched the file again."""


def owner_url(home: Path) -> str:
    """Where the process that owns `home` answers; empty where it answers nowhere, or nobody owns it."""
    return str(_note(home).get("url", ""))


class HomeLock:
    """Held from `open_pullquote` to `close`; the system lets go of it when the process dies.

    With `lends` the owner promises to look at `wanted` whenever it is idle, and to let go when somebody waits: whoever
    comes second then waits a while instead of being refused.
    """

    def __init__(self, home: Path, lends: bool = False) -> None:
        self._home, self._lends = home, lends
        self._lock = FileLock(home / "owner.lock", thread_local=False)  # whichever thread closes lets go
        try:
            home.mkdir(parents=True, exist_ok=True)
            self._acquire()
            self.announce("")
        except Timeout:
            raise LockedError(f"{home} is in use by {self._held_by()}") from None
        except OSError as exc:
            raise LibraryError(
                f"{home} cannot hold a library ({exc.strerror or exc}). Choose another --home, or make it writable."
            ) from exc

    @property
    def wanted(self) -> bool:
        """Whether another process waits for this home."""
        try:
            return time.time() - (self._home / _WANTED).stat().st_mtime < _STALE
        except OSError:
            return False

    def announce(self, url: str) -> None:
        """Leave a note of who this is, and where its app answers, for those who come second."""
        note = {"pid": os.getpid(), "url": url, "lends": self._lends}
        (self._home / _NOTE).write_text(json.dumps(note), "utf-8")

    def release(self) -> None:
        (self._home / _NOTE).unlink(missing_ok=True)
        self._lock.release()

    def _acquire(self) -> None:
        """Raises Timeout where the owner does not lend, or not in time."""
        started = time.monotonic()
        wanted = self._home / _WANTED
        try:
            while True:
                with suppress(Timeout):
                    self._lock.acquire(timeout=0)
                    return
                note = _note(self._home)
                patience = PATIENCE if note.get("lends") else 0.0 if note else _CHANGING_HANDS
                if time.monotonic() - started >= patience:
                    raise Timeout(self._lock.lock_file)
                if note:
                    wanted.touch()
                time.sleep(_PAUSE)
        finally:
            wanted.unlink(missing_ok=True)

    def _held_by(self) -> str:
        note = _note(self._home)
        if note.get("lends"):
            return f"an assistant's Pullquote (process {note['pid']}), which is busy. Try again in a moment."
        told = f" (process {note['pid']}){' at ' if note.get('url') else ''}{note.get('url', '')}" if note else ""
        return f"another Pullquote{told}. Stop it first, or choose another --home."


def _note(home: Path) -> dict[str, Any]:
    """What the owner says of itself; empty where there is none, or none that can be read."""
    try:
        note = json.loads((home / _NOTE).read_text("utf-8"))
        return note if isinstance(note, dict) and {"pid", "url"} <= note.keys() else {}
    except (OSError, ValueError):
        return {}
