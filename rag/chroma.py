"""How Chroma is opened here: a folder of our own, no telemetry, no embedding function of its own."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chromadb.api.client import Client


_M_MMAP_THRESHOLD, _M_PERTURB = -3, -6
"""Of `mallopt`, in glibc's malloc.h."""

LARGE = 32 * 1024
"""Bytes of a block that comes fresh from the system. Chroma's are of 100 vectors, and larger."""

EMPTY = 0xFF
"""What fills memory that is let go. What is handed out is filled with its complement, which is 0."""


def open_client(folder: str) -> Client:
    """A client on `folder`, which this process must own."""
    from chromadb import PersistentClient
    from chromadb.config import Settings

    _keep_memory_to_ourselves()
    client: Client = PersistentClient(folder, settings=Settings(anonymized_telemetry=False))  # type: ignore[assignment]
    return client


def _keep_memory_to_ourselves() -> None:
    """Have memory emptied when it is let go, and handed out empty; large blocks come from the system, which does so.

    Chroma writes the unused rest of its blocks to disk as it is: whatever this process had there before, a key in an
    answer of a provider too. A large block comes from the system only where nothing that was let go is large enough:
    many small ones side by side are, which is what is left of whatever was read piece by piece, such as a model.
    Elsewhere than with glibc this is not known, and nothing is done.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            libc = ctypes.CDLL(None)
            libc.mallopt(_M_MMAP_THRESHOLD, LARGE)
            libc.mallopt(_M_PERTURB, EMPTY)
