"""How Chroma is opened here: a folder of our own, no telemetry, no embedding function of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chromadb.api.client import Client


def open_client(folder: str) -> Client:
    """A client on `folder`, which this process must own."""
    from chromadb import PersistentClient
    from chromadb.config import Settings

    client: Client = PersistentClient(folder, settings=Settings(anonymized_telemetry=False))  # type: ignore[assignment]
    return client
