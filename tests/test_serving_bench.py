"""The load test's own machinery: that it would see a wrong citation, an error, and what is held. No timings."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any

import pytest
from helpers import HEARING, ROOT, article

from rag import Pullquote, contract


@pytest.fixture(scope="module")
def serving() -> ModuleType:
    spec = importlib.util.spec_from_file_location("serving_bench", ROOT / "tests" / "bench" / "serving.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def answer(pullquote: Pullquote) -> dict[str, Any]:
    """An answer with citations in several of its lists."""
    pullquote.ingest_articles([article(HEARING)])
    return contract.ask(pullquote, "What did Varga object to?", llm=False)


def heard(serving: ModuleType, body: Any, status: int = 200, kind: str = "ask", seconds: float = 0.01) -> Any:
    return serving.Heard(kind, status, json.dumps(body).encode(), seconds)


def test_every_citation_of_an_answer_is_looked_at(serving: ModuleType, answer: dict[str, Any]) -> None:
    found = list(serving.citations(answer))
    assert len(found) == len(answer["citations"]) + len(answer["evidence"]) > 2
    count, bent = serving.wrong([heard(serving, answer)] * 2, lambda *_: HEARING)
    assert count >= len({citation["id"] for citation in found}) and not bent


@pytest.mark.parametrize("field", ["quote", "start", "id"])
def test_a_citation_that_is_not_the_stored_words_is_found(
    serving: ModuleType, answer: dict[str, Any], field: str
) -> None:
    last = answer["evidence"][-1]
    last[field] = last[field] + 1 if field == "start" else last[field].replace("t", "l").replace("0", "1")
    _, bent = serving.wrong([heard(serving, answer)], lambda *_: HEARING)
    assert len(bent) == 1 and last["id"] in bent[0]


def test_an_error_is_counted_and_told(serving: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    refused, gone = heard(serving, {"detail": "too busy"}, 503), heard(serving, "ConnectionResetError", 0, "cite")
    all_heard = [heard(serving, {}), refused, gone]
    assert serving.failed(all_heard) == [refused, gone]
    serving.report({kind: [0.01] for kind in serving.WEIGHTS}, all_heard, 1)
    said = capsys.readouterr().out
    assert "statuses {200: 1, 503: 1, 0: 1}" in said and "FAILED ask 503" in said and "FAILED cite 0" in said


def test_a_look_up_that_got_too_slow_is_marked(serving: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    idle = {kind: [0.01] * 20 for kind in serving.WEIGHTS}
    quick, slow = heard(serving, {}, kind="search", seconds=0.029), heard(serving, {}, kind="cite", seconds=0.031)
    serving.report(idle, [quick] * 20 + [slow] * 20, 1)
    said = {line.split()[1]: line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")}
    assert "**over**" in said["cite"] and "**over**" not in said["search"]


def test_memory_that_grows_is_told_with_its_slope(serving: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    serving.report_memory([100.0 + second for second in range(101)])
    assert "100, 125, 150, 175, 200; most 200; +60.0 a minute" in capsys.readouterr().out


def test_what_a_process_and_its_children_hold_and_work_is_added_up(serving: ModuleType) -> None:
    command = [sys.executable, "-c", "print(sum(range(10**7)), flush=True); input()"]
    with ThreadPoolExecutor(1) as thread:  # as the server starts its own
        child = thread.submit(subprocess.Popen, command, stdin=subprocess.PIPE, stdout=subprocess.PIPE).result()
        _assert_counted(serving, child)


def _assert_counted(serving: ModuleType, child: subprocess.Popen[bytes]) -> None:
    assert child.stdout is not None and child.stdin is not None
    child.stdout.readline()
    assert {os.getpid(), child.pid} <= set(serving.family(os.getpid()))
    assert serving.resident(child.pid) > 1 and serving.worked(child.pid) > 0
    child.communicate(b"\n")
    assert serving.resident(child.pid) == serving.worked(child.pid) == 0, "it has ended"


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


def test_an_answer_that_breaks_off_is_an_error_and_no_answer(serving: ModuleType) -> None:
    async def run(where: tuple[str, int]) -> list[Any]:
        reader = serving.Reader(*where)
        found = [await reader.ask(serving.Call("cite", "GET", "/citations/x")) for _ in range(3)]
        await reader.close()
        return found

    with replying(b"{}", b'{"n": 1}') as where:
        first, second, broken = asyncio.run(run(where))
    assert (first.status, first.body) == (200, b"{}") and second.body == b'{"n": 1}'
    assert broken.status == 0 and b"IncompleteRead" in broken.body
