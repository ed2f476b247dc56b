"""Requests put on a socket byte by byte: what no well-behaved client would send."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import Headers

STREAM = "/_stcore/stream"
"""The web socket of Streamlit's pages."""

HANDSHAKE = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)


class Reply(NamedTuple):
    status: int
    headers: Headers
    body: bytes


CUT_OFF = Reply(0, Headers(), b"")
"""Nothing: the connection was closed before anything came back."""


def connected(url: str, timeout: float = 10) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((address.hostname, address.port), timeout)


def told(
    url: str, method: str, path: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b"", version: str = "1.1"
) -> Reply:
    """One request and what comes back; `headers` are sent as they are, and only these, but for length and close."""
    lines = [f"{method} {path} HTTP/{version}", *(f"{name}: {value}" for name, value in headers)]
    if not any(name == "Connection" for name, _ in headers):
        lines.append("Connection: close")
    if body:
        lines.append(f"Content-Length: {len(body)}")
    with connected(url) as wire:
        try:
            wire.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
            return reply(wire)
        except ConnectionError:
            return CUT_OFF


def handshake(url: str, headers: Iterable[tuple[str, str]] = (), path: str = STREAM) -> Reply:
    """An attempt to open the web socket; 101 is success."""
    return told(url, "GET", path, [*HANDSHAKE, *headers])


def reply(wire: socket.socket) -> Reply:
    """The next response; its body ends with its length, or with the connection."""
    data = b""
    while b"\r\n\r\n" not in data and (piece := wire.recv(65_536)):
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    if not head:
        return CUT_OFF
    status, *lines = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(":")[::2] for line in lines]
    headers = Headers(raw=[(name.strip().lower().encode(), value.strip().encode("latin-1")) for name, value in pairs])
    code = int(status.split()[1])
    length = headers.get("content-length")
    while code != 101 and (length is None or len(body) < int(length)) and (piece := wire.recv(65_536)):
        body += piece
    return Reply(code, headers, body)
