"""The API as programs reach it: behind the same guards as in the app, over one opened library, without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient

from rag import Pullquote, Settings
from rag.api.door import Api
from rag.web.entrance import Entrance
from rag.web.guard import LOOPBACK, HostGuard, SecurityHeaders

HERE = ("127.0.0.1", 50_000)
"""Whoever asks from this machine."""


@contextmanager
def site(
    pullquote: Any,
    settings: Settings | None = None,
    client: tuple[str, int] = HERE,
    base_url: str = "http://127.0.0.1:8501",
) -> Iterator[TestClient]:
    """A client of the API at `base_url`, seen by it as coming from the address `client`."""
    settings = settings or pullquote.settings
    api = Api(lambda: pullquote, lambda: settings)
    guards = [
        Middleware(SecurityHeaders),
        Middleware(HostGuard, hosts=lambda: LOOPBACK | {"quotes.example"}),
        Middleware(Entrance, settings=lambda: settings),
    ]
    app = Starlette(routes=[Mount("/api", app=api)], middleware=guards)
    with TestClient(app, base_url=base_url, client=client, follow_redirects=False) as opened:
        yield opened
    api.close()


def fill(pullquote: Pullquote, records: list[dict[str, Any]]) -> None:
    """Take in records as lines of JSON."""
    import json

    data = "".join(json.dumps(record) + "\n" for record in records).encode()
    assert not pullquote.ingest_upload("articles.jsonl", data).failed
