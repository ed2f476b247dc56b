"""Pullquote: ask your articles, and get answers made of quotations that you can click.

    from rag import Settings, open_pullquote

    with open_pullquote(Settings(home="my-articles")) as pullquote:
        pullquote.ingest(["articles/"])
        answer = pullquote.ask("What did Lavrov object to?")

Importing this package opens nothing and loads nothing heavy; names are resolved on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.service import Pullquote, open_pullquote
    from rag.settings import Settings

__version__ = "0.1.0"
__all__ = ["Pullquote", "Settings", "__version__", "open_pullquote"]

_HOMES = {"Pullquote": "rag.service", "open_pullquote": "rag.service", "Settings": "rag.settings"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
