"""One owning process for each home: two that write one Chroma folder lose vectors silently."""

from __future__ import annotations

import json
import os
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import LibraryError, LockedError

_NOTE = "owner.json"
"""Where the owner of a home says who it is."""


def owner_url(home: Path) -> str:
    """Where the process that owns `home` answers; empty where it answers nowhere, or nobody owns it."""
    try:
        return str(json.loads((home / _NOTE).read_text("utf-8"))["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


class HomeLock:
    """Held from `open_pullquote` to `close`; the system lets go of it when the process dies."""

    def __init__(self, home: Path) -> None:
        self._owner = home / _NOTE
        self._lock = FileLock(home / "owner.lock", thread_local=False)  # whichever thread closes lets go
        try:
            home.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            self.announce("")
        except Timeout:
            raise LockedError(
                f"{home} is in use by {self._held_by()}. Stop it first, or choose another --home."
            ) from None
        except OSError as exc:
            raise LibraryError(
                f"{home} cannot hold a library ({exc.strerror or exc}). Choose another --home, or make it writable."
            ) from exc

    def announce(self, url: str) -> None:
        """Leave a note of who this is, and where its app answers, for those who come second."""
        self._owner.write_text(json.dumps({"pid": os.getpid(), "url": url}), "utf-8")

    def release(self) -> None:
        self._owner.unlink(missing_ok=True)
        self._lock.release()

    def _held_by(self) -> str:
        try:
            owner = json.loads(self._owner.read_text("utf-8"))
            at = f" at {owner['url']}" if owner["url"] else ""
            return f"another Pullquote (process {owner['pid']}){at}"
        except (OSError, ValueError, KeyError, TypeError):
            return "another Pullquote"
