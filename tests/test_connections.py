"""Whoever dawdles is let go of: in the head of a request, in its body, and after an answer."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from wire import connected, reply, told

from rag import Settings
from rag.web import connections
from rag.web.connections import Timed
from rag.web.serve import _uvicorn_config

HOST = ("Host", "127.0.0.1")
SLOW = 5.0
"""Seconds after which nothing that was cut off in time would still be there."""


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads all of it, and says how much that was; at /early before it has read anything; at /late after a while."""
    if scope["type"] != "http":
        return
    size, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message.get("more_body", False)
        if scope["path"] == "/late":
            await asyncio.sleep(1)
    said = b"x" * 50_000_000 if scope["path"] == "/large" else str(size).encode()
    length = (b"content-length", str(len(said)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": said})


@contextmanager
def server(**options: Any) -> Iterator[str]:
    """uvicorn as `serve` sets it up, around the small app."""
    config = _uvicorn_config(app, Settings(), 0)
    config.lifespan = "off"
    for name, value in options.items():
        setattr(config, name, value)
    listener = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server with half a second of patience."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.5)
    with server() as url:
        yield url


def ends(wire: socket.socket) -> tuple[float, bytes]:
    """Seconds until the server closes it, and what it said until then."""
    began, data = time.monotonic(), b""
    wire.settimeout(SLOW)
    while piece := wire.recv(65_536):
        data += piece
    return time.monotonic() - began, data


def drips(wire: socket.socket, seconds: float = SLOW) -> float:
    """Seconds of a byte now and then until the connection breaks."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            wire.sendall(b"X")
        except OSError:
            break
        time.sleep(0.1)
    return time.monotonic() - began


def test_the_app_is_served_with_these_limits() -> None:
    config = _uvicorn_config(app, Settings(), 0)
    assert config.http is Timed
    assert config.limit_concurrency == connections.MOST_CONNECTIONS
    assert config.h11_max_incomplete_event_size == connections.LARGEST_HEAD
    assert config.timeout_keep_alive == 5
    assert not config.proxy_headers


@pytest.mark.parametrize("begun", [b"", b"G", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"POST / HTTP/1.1\r\nX: "])
def test_a_head_that_does_not_come_is_not_waited_for(hasty: str, begun: bytes) -> None:
    with connected(hasty) as wire:
        wire.sendall(begun)
        seconds, said = ends(wire)
    assert 0.3 < seconds < SLOW and said.startswith(b"HTTP/1.1 408")


def test_a_head_that_drips_is_not_waited_for_either(hasty: str) -> None:
    """Slowloris: a byte now and then keeps nothing open."""
    with connected(hasty) as wire:
        assert drips(wire) < SLOW / 2


def test_a_second_head_that_drips_is_not_waited_for(hasty: str) -> None:
    with connected(hasty) as wire:
        wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert reply(wire).status == 200
        wire.sendall(b"GET / HT")
        seconds, said = ends(wire)
    assert 0.3 < seconds < SLOW and said.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("framing", [b"Content-Length: 100", b"Transfer-Encoding: chunked"])
def test_a_body_that_does_not_come_is_not_waited_for(hasty: str, framing: bytes) -> None:
    with connected(hasty) as wire:
        wire.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n")
        seconds, said = ends(wire)
    assert 0.3 < seconds < SLOW and said.startswith(b"HTTP/1.1 408")


def test_a_body_that_drips_is_not_waited_for(hasty: str) -> None:
    with connected(hasty) as wire:
        wire.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        assert drips(wire) < SLOW / 2


def test_a_large_body_over_a_slow_line_gets_through(hasty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the time that a body has, as long as enough of it comes."""
    monkeypatch.setattr(connections, "BODY_BYTES_A_SECOND", 10_000)
    with connected(hasty) as wire:
        wire.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\nConnection: close\r\n\r\n")
        for _ in range(6):
            wire.sendall(b"x" * 10_000)
            time.sleep(0.2)
        answer = reply(wire)
    assert (answer.status, answer.body) == (200, b"60000")


def test_an_app_that_takes_its_time_is_waited_for(hasty: str) -> None:
    answer = told(hasty, "POST", "/late", [HOST], b"x" * 300_000)
    assert (answer.status, answer.body) == (200, b"300000")
    assert told(hasty, "GET", "/late", [HOST]).status == 200


def test_a_body_that_nobody_wants_to_read_keeps_nothing_open(hasty: str) -> None:
    with connected(hasty) as wire:
        wire.sendall(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        assert reply(wire).status == 200
        seconds, _ = ends(wire)
    assert seconds < 2 * SLOW


def test_an_answer_that_nobody_reads_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "UNREAD_SECONDS", 0.5)
    with server() as url, connected(url) as wire:
        wire.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1.5)
        size = 0
        while piece := wire.recv(1 << 20):
            size += len(piece)
    assert size < 20_000_000  # what lay in the system's own buffers


def test_an_answer_that_is_read_slowly_comes_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "UNREAD_SECONDS", 0.5)
    with server() as url, connected(url) as wire:
        wire.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        size = 0
        for _ in range(8):
            time.sleep(0.2)
            size += len(wire.recv(4 << 20, socket.MSG_WAITALL))
        while piece := wire.recv(1 << 20):
            size += len(piece)
    assert size > 50_000_000


def test_requests_on_one_connection_are_each_given_their_time(hasty: str) -> None:
    with connected(hasty) as wire:
        for size in (3, 5_000, 0):
            wire.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
            answer = reply(wire)
            assert (answer.status, answer.body) == (200, str(size).encode())
            time.sleep(0.7)


def test_beyond_so_many_connections_one_is_told_to_come_again() -> None:
    with server(limit_concurrency=5) as url:
        held = [connected(url) for _ in range(5)]
        for wire in held:
            wire.sendall(b"GET /")
        time.sleep(0.3)
        assert told(url, "GET", "/", [HOST]).status == 503
        for wire in held:
            wire.close()
        time.sleep(0.3)
        assert told(url, "GET", "/", [HOST]).status == 200
