"""The load test's own eyes: a wrong citation would be found, a failure counted, a slow answer seen."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "bench"))

import pytest
from helpers import HEARING, article
from serving import (
    Call,
    Heard,
    Reader,
    citations,
    failed,
    family,
    percentile,
    report,
    report_memory,
    resident,
    worked,
    wrong,
)

from rag.references import record
from rag.text import Span
from rag.types import Citation

WHOLE = article(HEARING, external_id="hearing")
RIGHT = record(Citation(1, WHOLE.excerpt(Span(0, 10))))


def heard(body: object, status: int = 200, seconds: float = 0.01) -> Heard:
    return Heard("cite", status, json.dumps(body).encode(), seconds)


def test_citations_are_found_wherever_they_stand() -> None:
    body = {"hits": [RIGHT], "more": {"deep": [RIGHT | {"n": 2}], "none": [1, "x", None]}}
    assert [one["n"] for one in citations(body)] == [1, 2]


@pytest.mark.parametrize("bent", [{"quote": "Ilse Vargo"}, {"end": 11}, {"id": "0" * 20 + "-0-10"}])
def test_a_bent_citation_is_found(bent: dict[str, object]) -> None:
    answers = [heard(RIGHT), heard(RIGHT), heard(RIGHT | bent)]
    count, wrong_ones = wrong(answers, lambda *_: WHOLE.text)
    assert count == 2 and len(wrong_ones) == 1
    assert wrong(answers[:2], lambda *_: WHOLE.text) == (1, [])


def test_what_failed_is_counted_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    answers = [heard(RIGHT), heard({"detail": "too many"}, 429), Heard("cite", 0, b"TimeoutError", 60.0)]
    assert [one.status for one in failed(answers)] == [429, 0]
    report({"cite": [0.001] * 20}, answers, 10)
    printed = capsys.readouterr().out
    assert "FAILED cite 429" in printed and "FAILED cite 0" in printed and "**over**" in printed


def test_percentiles_are_milliseconds_of_the_slowest_few() -> None:
    assert percentile([n / 1000 for n in range(1, 101)], 0.95) == pytest.approx(96)
    assert percentile([0.2], 0.99) == pytest.approx(200)


def test_memory_is_that_of_a_process_and_its_children() -> None:
    assert os.getpid() in family(os.getpid())
    before, ballast = resident(os.getpid()), bytearray(os.urandom(1)) * (64 << 20)
    assert resident(os.getpid()) > before + 32 and ballast
    assert resident(2**22 + 1) == 0


def test_memory_that_grows_is_told_with_its_slope(capsys: pytest.CaptureFixture[str]) -> None:
    report_memory([100.0 + second for second in range(101)])
    assert "100, 125, 150, 175, 200; most 200; +60.0 a minute" in capsys.readouterr().out


def test_what_a_process_and_its_children_hold_and_work_is_added_up() -> None:
    command = [sys.executable, "-c", "print(sum(range(10**7)), flush=True); input()"]
    with ThreadPoolExecutor(1) as thread:  # as the server starts its own
        child = thread.submit(subprocess.Popen, command, stdin=subprocess.PIPE, stdout=subprocess.PIPE).result()
        _assert_counted(child)


def _assert_counted(child: subprocess.Popen[bytes]) -> None:
    assert child.stdout is not None and child.stdin is not None
    child.stdout.readline()
    assert {os.getpid(), child.pid} <= set(family(os.getpid()))
    assert resident(child.pid) > 1 and worked(child.pid) > 0
    child.communicate(b"\n")
    assert resident(child.pid) == worked(child.pid) == 0, "it has ended"


@contextmanager
def replying(*replies: bytes) -> Iterator[tuple[str, int]]:
    """A server that sends these bodies one after the other, then closes the connection in the middle of one."""
    left = list(replies)

    class Reply(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = left.pop(0) if left else None
            self.send_response(200)
            self.send_header("content-length", str(len(body) if body is not None else 100))
            self.end_headers()
            self.wfile.write(body if body is not None else b"half")
            self.close_connection = body is None

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Reply) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield ("127.0.0.1", server.server_port)
        server.shutdown()
        thread.join()


def test_an_answer_that_breaks_off_is_an_error_and_no_answer() -> None:
    async def run(where: tuple[str, int]) -> list[Any]:
        reader = Reader(*where)
        found = [await reader.ask(Call("cite", "GET", "/citations/x")) for _ in range(3)]
        await reader.close()
        return found

    with replying(b"{}", b'{"n": 1}') as where:
        first, second, broken = asyncio.run(run(where))
    assert (first.status, first.body) == (200, b"{}") and second.body == b'{"n": 1}'
    assert broken.status == 0 and b"IncompleteRead" in broken.body
