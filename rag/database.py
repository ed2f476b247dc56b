"""One SQLite file for all that Pullquote must not lose: its schema, and connections to it."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from rag.errors import LibraryError, MismatchError
from rag.seals import sql_seal

SCHEMA_VERSION = 7
"""Of `data/schema.sql`. `data/upgrades/N.sql` makes N of the version before, without loss."""


_AT_ONCE = 64
"""Rows that are fetched together when all are gone through."""


class _Cursor(sqlite3.Cursor):
    """One that says of a damaged file what to do."""

    def execute(self, *args: Any) -> _Cursor:
        return cast("_Cursor", _told(super().execute, *args))

    def executemany(self, *args: Any) -> _Cursor:
        return cast("_Cursor", _told(super().executemany, *args))

    def fetchone(self) -> Any:
        return _told(super().fetchone)

    def fetchall(self) -> list[Any]:
        return cast("list[Any]", _told(super().fetchall))

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]  # quicker than a call for each row
        while rows := _told(super().fetchmany, _AT_ONCE):
            yield from rows


class _Connection(sqlite3.Connection):
    """One that can be referred to weakly: a thread that ends takes its own along."""

    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def execute(self, *args: Any) -> Any:
        return self.cursor().execute(*args)

    def executemany(self, *args: Any) -> Any:
        return self.cursor().executemany(*args)


def _told(call: Callable[..., Any], *args: Any) -> Any:
    try:
        return call(*args)
    except sqlite3.DatabaseError as exc:
        if type(exc) is not sqlite3.DatabaseError and not str(exc).startswith("no such "):
            raise  # a full disk, a lock, a broken constraint; what has no table or column any more is damaged too
        raise LibraryError(
            f"The library file is damaged ({exc}). Run `pullquote rebuild`; if that fails too, restore a copy of the "
            "file, or ingest its articles into another --home."
        ) from exc


class Database:
    """Connections to one file: one a thread to read with, one writer at a time.

    WAL lets readers go on while an article is written. `synchronous=NORMAL` keeps every
    committed transaction through a killed process; `flush` makes them outlive a power cut too.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._writing = threading.RLock()
        self._all: weakref.WeakSet[sqlite3.Connection] = weakref.WeakSet()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._prepare()
        except MismatchError:
            self.close()
            raise
        except (sqlite3.DatabaseError, LibraryError) as exc:
            self.close()
            raise LibraryError(
                f"{path} cannot be read as a library ({exc.__cause__ or exc}). Restore a copy of it, or choose another "
                "--home."
            ) from exc

    def read(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self.path, check_same_thread=False, isolation_level=None, timeout=30, factory=_Connection
            )
            connection.row_factory = sqlite3.Row
            connection.text_factory = partial(str, encoding="utf-8", errors="replace")  # damage is found, not raised
            connection.create_function("seal", -1, sql_seal, deterministic=True)
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-65536"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute(f"PRAGMA mmap_size={1 << 30}")
            self._local.connection = connection
            self._all.add(connection)
        return connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it or, on any error, nothing."""
        with self._writing:
            connection = self.read()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite has rolled back by itself where the disk is full
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What this thread reads inside is of one moment, whatever is written meanwhile.

        Without it a passage's place may be of one revision and the text that it is cut from of the next.
        """
        connection = self.read()
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.execute("COMMIT")

    def flush(self) -> None:
        """Bring everything committed into the file itself, on the disk."""
        with self._writing:
            self.read().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        for connection in list(self._all):
            connection.close()
        self._all.clear()
        self._local = threading.local()

    def _prepare(self) -> None:
        connection = self.read()
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if not 0 <= version <= SCHEMA_VERSION:
            raise MismatchError(
                f"{self.path} has schema {version}; this version of Pullquote reads {SCHEMA_VERSION}. "
                "Use the version that wrote it, or ingest into another --home."
            )
        if version == 0:
            _run(connection, "schema.sql", SCHEMA_VERSION)
        else:
            for step in range(version + 1, SCHEMA_VERSION + 1):
                _run(connection, f"upgrades/{step}.sql", step)


def _run(connection: sqlite3.Connection, script: str, version: int) -> None:
    """Run a script of `data/` and note the version it leads to, or neither."""
    statements = files("rag").joinpath("data", script).read_text("utf-8")
    connection.executescript(f"BEGIN;\n{statements}\nPRAGMA user_version={version};\nCOMMIT;")
