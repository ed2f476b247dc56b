"""Access tokens: who may come in from elsewhere, kept as hashes in a file of the home.

A file of its own, so that a token can be made and taken back while another process owns the library.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rag.errors import InputError, LibraryError, LockedError, NotFoundError

PREFIX = "pq_"
"""What a token begins with, so that scanners of code and logs know one."""

LONGEST_NAME = 60

SESSION = "pullquote_session"
"""The cookie of a browser that has shown a token; `__Host-` stands before it where the way to it is encrypted."""

_DIGEST = re.compile(r"[0-9a-f]{64}")

_SETTLED = 1_000_000_000
"""Nanoseconds after which a change of the file would show in its time."""


@dataclass(frozen=True)
class Token:
    """What is kept of a token: never itself. `digest` is the SHA-256 of 256 random bits, which nobody can guess."""

    name: str
    digest: str
    read_only: bool
    created_at: str


class Tokens:
    """The tokens of a home. Safe to call from several threads and processes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._file = home / "tokens.json"
        self._lock = threading.Lock()
        self._stamp: tuple[int, ...] | None = None
        self._read: tuple[Token, ...] = ()

    def all(self) -> Sequence[Token]:
        """In the order in which they were made; what another process changed is seen at once."""
        with self._lock:
            return self._current()

    def add(self, name: str, read_only: bool = False) -> str:
        """A new token, which is told this once. Raises InputError for a name that is taken or cannot be one."""
        name = " ".join(name.split())
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise InputError(f"A token's name is 1 to {LONGEST_NAME} characters that can be printed, not {name!r}.")
        secret = PREFIX + secrets.token_urlsafe(32)
        made = Token(name, _digest(secret), read_only, datetime.now(UTC).isoformat(timespec="seconds"))
        with self._changing():
            there = self._current()
            if any(token.name == name for token in there):
                raise InputError(
                    f"There is a token {name!r} already. Choose another name, or `pullquote tokens remove` it."
                )
            self._write([*there, made])
        return secret

    def remove(self, name: str) -> Token:
        """Take a token back, at once. Raises NotFoundError."""
        with self._changing():
            there = self._current()
            gone = next((token for token in there if token.name == name), None)
            if gone is None:
                raise NotFoundError(f"There is no token {name!r}. `pullquote tokens` lists them.")
            self._write([token for token in there if token is not gone])
            return gone

    def find(self, secret: str) -> Token | None:
        """The token that `secret` is. Every one is compared, each in constant time."""
        asked, found = _digest(secret), None
        for token in self.all():
            if hmac.compare_digest(token.digest, asked):
                found = token
        return found

    def holds(self, token: Token) -> bool:
        """Whether it has not been taken back meanwhile."""
        return token in self.all()

    def _current(self) -> tuple[Token, ...]:
        try:
            status = self._file.stat()
            stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
            if stamp != self._stamp:
                saved = json.loads(self._file.read_text("utf-8"))
                self._read = tuple(_token(**token) for token in saved["tokens"])
                # Two changes within a tick of the clock look alike: it's read again until it has been still.
                self._stamp = stamp if time.time_ns() - status.st_mtime_ns > _SETTLED else None
        except FileNotFoundError:
            self._read, self._stamp = (), None
        except (OSError, ValueError, KeyError, TypeError) as exc:
            self._stamp = None
            raise LibraryError(
                f"{self._file} cannot be read as a list of tokens ({type(exc).__name__}). Remove it, and make new ones."
            ) from exc
        return self._read

    @contextmanager
    def _changing(self) -> Iterator[None]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._file.with_suffix(".lock"), timeout=10):
                yield
        except Timeout:
            raise LockedError(f"Another process has been changing {self._file} for long. Try again.") from None
        except OSError as exc:
            raise LibraryError(f"{self._file} cannot be written ({exc.strerror}). Choose another --home.") from exc

    def _write(self, tokens: Sequence[Token]) -> None:
        """The whole file at once, readable by its owner only."""
        scratch = self._file.with_suffix(".new")
        scratch.unlink(missing_ok=True)
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump({"tokens": [asdict(token) for token in tokens]}, file)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(self._file)


def _token(name: str, digest: str, read_only: bool, created_at: str) -> Token:
    """A token as the file has it. Raises TypeError or ValueError for what is none: it must let nobody in."""
    if type(read_only) is not bool or not all(isinstance(field, str) for field in (name, created_at)):
        raise TypeError("a token's fields are of other types")
    if not _DIGEST.fullmatch(digest):
        raise ValueError("a token's hash is none")
    return Token(name, digest, read_only, created_at)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request: a token's name or an address, and whether they may change anything."""

    name: str
    may_write: bool = True
    token: Token | None = None


_CALLER = "pullquote.caller"


def admit(scope: MutableMapping[str, Any], caller: Caller) -> None:
    """Note in an ASGI scope who has been let in."""
    scope[_CALLER] = caller


def caller_of(scope: Mapping[str, Any]) -> Caller | None:
    """Who was let in with this request; None where nobody has looked."""
    found: Caller | None = scope.get(_CALLER)
    return found
