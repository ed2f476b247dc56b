"""Run as a child process: open an index folder, look at it closely, say whether it can be trusted.

A damaged Chroma folder may crash its reader or keep it busy for ever, so this happens where a
crash costs nothing. Prints one JSON object: {"fault": str or null}.
"""

from __future__ import annotations

import json
import sys

SAMPLE = 40
"""Vectors that are looked up by themselves; each must find itself."""

MEMORY = 8 << 30
"""Bytes of address space beyond which a reader is being misled (a sparse file of 393 GB was seen)."""


def main(folder: str, collection_name: str) -> str | None:
    """What is wrong with the index in `folder`, or None."""
    _limit_memory()
    from rag.chroma import open_client

    client = open_client(folder)
    collection = client.get_collection(collection_name, embedding_function=None)
    total = collection.count()
    if not total:
        return None
    ids = collection.get(include=[])["ids"]
    if len(ids) != total:
        return f"it counts {total} vectors and lists {len(ids)}"
    sample = collection.get(ids=ids[:: max(1, total // SAMPLE)][:SAMPLE], include=["embeddings"])
    found = collection.query(query_embeddings=sample["embeddings"], n_results=min(3, total), include=["distances"])
    for own, distances in zip(sample["ids"], found["distances"] or [], strict=True):
        if not distances or distances[0] > 1e-3:
            return f"vector {own} does not find itself"
    return None


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the time limit of the parent still holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    try:
        fault = main(*sys.argv[1:])
    except BaseException as exc:  # Chroma's Rust core panics with exceptions of its own
        fault = f"{type(exc).__name__}: {exc}"
    print(json.dumps({"fault": fault}))
