"""How Chroma is opened here: a folder of our own, no telemetry, no embedding function of its own."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chromadb.api.client import Client


_M_MMAP_THRESHOLD = -3
"""Of `mallopt`, in glibc's malloc.h."""

LARGE = 32 * 1024
"""Bytes of a block that comes fresh from the system. Chroma's are of 100 vectors, and larger."""


def open_client(folder: str) -> Client:
    """A client on `folder`, which this process must own."""
    from chromadb import PersistentClient
    from chromadb.config import Settings

    _keep_memory_to_ourselves()
    client: Client = PersistentClient(folder, settings=Settings(anonymized_telemetry=False))  # type: ignore[assignment]
    return client


def _keep_memory_to_ourselves() -> None:
    """Have large blocks of memory come from the system, which empties them.

    Chroma writes the unused rest of its blocks to disk as it is: whatever this process had there before, a key in an
    answer of a provider too. glibc would use such memory again. Elsewhere this is not known, and nothing is done.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE)
