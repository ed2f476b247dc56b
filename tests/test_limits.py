"""How much one caller gets: requests a second, bytes in a request, seconds of an answer, places in the line."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browser import serving
from doors import site
from helpers import open_with
from starlette.types import Message
from wire import connected, reply, told

from rag import Pullquote, Settings
from rag.api.bodies import MOST_PARTS, is_in_too_many_parts
from rag.api.ingest import largest
from rag.api.limits import BURST, REMEMBERED, SMALL, Limited, Rate
from rag.api.problems import Problem
from rag.api.workers import Workers
from rag.schemas import MOST_AT_ONCE, ArticleBody
from rag.stopping import step
from rag.tokens import Caller, admit

# --- how often --------------------------------------------------------------------------------


class Clock:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def taken(rate: Rate, caller: str, times: int) -> int:
    """How many of so many requests are let through."""
    return sum(rate.take(caller) == 0 for _ in range(times))


def test_a_caller_gets_a_burst_and_then_its_rate() -> None:
    clock = Clock()
    rate = Rate(10, clock)
    assert taken(rate, "a", 100) == 10 * BURST
    assert rate.take("a") == pytest.approx(0.1)
    clock.now += 0.5
    assert taken(rate, "a", 100) == 5
    clock.now += 3_600
    assert taken(rate, "a", 100) == 10 * BURST


def test_callers_do_not_take_from_each_other() -> None:
    rate = Rate(1, Clock())
    assert taken(rate, "a", 100) == BURST
    assert taken(rate, "b", 100) == BURST


def test_waiting_as_long_as_it_says_is_enough() -> None:
    clock = Clock()
    rate = Rate(0.25, clock)
    assert rate.take("a") == 0
    clock.now += rate.take("a")
    assert rate.take("a") == 0


def test_a_clock_that_stands_still_lets_nobody_through_for_ever() -> None:
    assert taken(Rate(0.1, Clock()), "a", 50) == 1


def test_no_rate_is_no_limit() -> None:
    assert taken(Rate(0, Clock()), "a", 10_000) == 10_000


def test_only_so_many_callers_are_remembered_and_the_silent_go_first() -> None:
    rate = Rate(1, Clock())
    for n in range(REMEMBERED):
        rate.take(f"n{n}")
    assert taken(rate, "n0", 100) == BURST - 1  # has spoken last now
    rate.take("new")
    assert taken(rate, "n1", 100) == BURST  # forgotten, so it begins anew
    assert taken(rate, "n0", 100) == 0
    assert len(rate._buckets) == REMEMBERED


def test_threads_that_ask_at_once_get_no_more() -> None:
    rate = Rate(25, Clock())
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: taken(rate, "a", 50), range(8))) == 25 * BURST


def test_the_api_says_when_to_come_back(pullquote: Pullquote) -> None:
    with site(pullquote, pullquote.settings.model_copy(update={"rate": 0.02})) as client:
        answers = [client.get("/api/v1/health") for _ in range(2)]
    assert answers[0].status_code == 200
    last = answers[-1]
    assert (last.status_code, last.json()["type"]) == (429, "urn:pullquote:too-many")
    assert int(last.headers["retry-after"]) >= 1
    assert "PULLQUOTE_RATE" in last.json()["detail"]


# --- how large --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "brings_articles"),
    [
        ("/api/v1/ingest", True),
        ("/api/v1/ingest/lines", True),
        ("/v1/ingest/files", True),
        ("/api/v1/articles/x/ingest", False),
        ("/api/v1/articles/v1/ingest", False),
        ("/api/v1/ingested", False),
        ("/api/v1/ask", False),
    ],
)
def test_only_what_takes_articles_in_may_be_large(path: str, brings_articles: bool) -> None:
    assert largest(path, 5_000, 10) == (5_010 if brings_articles else 10)


def passed(pieces: list[bytes], largest: int, **headers: str) -> tuple[int, int]:
    """The status of a request whose body comes in `pieces`, and how many bytes of it the app has seen."""
    seen = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal seen
        more = True
        while more:
            message = await receive()
            seen, more = seen + len(message["body"]), message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})

    coming = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    coming.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/search", "headers": raw}
    admit(scope, Caller("somebody"))
    from starlette.exceptions import HTTPException

    try:
        asyncio.run(Limited(app, Rate(0), lambda path: largest)(scope, receive, send))
    except HTTPException as refused:  # FastAPI makes a problem of it
        return refused.status_code, seen
    return sent[0]["status"], seen


@pytest.mark.parametrize(
    ("pieces", "headers", "expected"),
    [
        ([b"x" * 10], {"content_length": "10"}, (200, 10)),
        ([b"x" * 11], {"content_length": "11"}, (413, 0)),
        ([b"x" * 11], {"content_length": "3"}, (413, 0)),  # says less than it brings
        ([b"x" * 5] * 3, {"transfer_encoding": "chunked"}, (413, 10)),
        ([b"x" * 5] * 2, {"transfer_encoding": "chunked"}, (200, 10)),
        ([b"x" * 11], {"content_length": "-1"}, (413, 0)),
        ([b"x" * 11], {"content_length": "ten"}, (413, 0)),
        ([b"x" * 11], {"content_length": "\u0661"}, (413, 0)),
        ([], {}, (200, 0)),
    ],
)
def test_a_request_is_as_large_as_it_may_be_whatever_it_says(
    pieces: list[bytes], headers: dict[str, str], expected: tuple[int, int]
) -> None:
    assert passed(pieces, 10, **headers) == expected


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole app, which takes articles of 100,000 bytes."""
    folder = tmp_path_factory.mktemp("limits")
    with serving(folder / "home", folder / "log", PULLQUOTE_MAX_BYTES="100000") as url:
        yield url


HOST = ("Host", "127.0.0.1")
JSON = ("Content-Type", "application/json")


def test_a_length_that_is_too_large_is_refused_before_the_body_comes(app: str) -> None:
    with connected(app) as wire:
        wire.sendall(b"POST /api/v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999999999999\r\n\r\n")
        answer = reply(wire)
    assert answer.status == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert f"{SMALL:,} bytes" in json.loads(answer.body)["detail"]


def test_chunks_are_counted_as_they_come(app: str) -> None:
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    with connected(app) as wire:
        wire.sendall(b"POST /api/v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n")
        wire.sendall(b"Transfer-Encoding: chunked\r\n\r\n" + chunk * (SMALL // 65_536 + 1))
        assert reply(wire).status == 413


@pytest.mark.parametrize("path", ["/api/v1/ingest", "/api/v1/ingest/lines", "/api/v1/ingest/files"])
def test_articles_may_be_larger_but_not_without_end(app: str, path: str) -> None:
    assert told(app, "POST", path, [HOST, JSON], b" " * (SMALL + 50_000)).status in {415, 422}
    assert told(app, "POST", path, [HOST, JSON], b" " * (SMALL + 100_001)).status == 413


@pytest.mark.parametrize(
    "body",
    [
        b'{"query": ' + b"[" * 100_000,
        b'{"query": "x", "k": ' + b"9" * 5_000 + b"}",
        b'{"query": "' + b"\\ud800" * 50_000 + b'"}',
        b'{"query": "x", "filters": {"article": [' + b'"x",' * 100_000 + b'"x"]}}',
        b'{"query": "' + b"a " * 400_000 + b'"}',
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    ],
)
def test_a_body_made_to_cost_much_is_refused_soon(app: str, body: bytes) -> None:
    began = time.monotonic()
    answer = told(app, "POST", "/api/v1/search", [HOST, JSON], body)
    assert answer.status in {413, 422}, answer
    assert time.monotonic() - began < 10
    assert len(answer.body) < 200_000


TOLD_OF_ALL = {
    "unknown fields": ("search", {f"f{n}": 1 for n in range(15_000)}),
    "parts of a message": ("chat/completions", {"messages": [{"role": "user", "content": [{}] * 15_000}]}),
    "very many parts": ("chat/completions", {"messages": [{"role": "user", "content": [{}] * 240_000}]}),
    "articles with unknown fields": ("ingest", {"articles": [{f"f{n}": 1 for n in range(18)}] * 1_000}),
    "more of them": ("ingest", {"articles": [{f"f{n}": 1 for n in range(20)}] * 3_000}),
    "a long name": ("search", {"query": "x", "n" * 900_000: 1}),
    "a long value": ("search", {"query": "x", "filters": {"since": "5" * 900_000}}),
    "names and values that are long": ("search", {f"{n}{'n' * 9_000}": 1 for n in range(100)}),
}


@pytest.mark.parametrize("made", TOLD_OF_ALL)
def test_a_body_of_many_faults_is_answered_soon_and_so_is_everybody_else(app: str, made: str) -> None:
    path, body = TOLD_OF_ALL[made]
    sent = json.dumps(body).encode()
    with ThreadPoolExecutor(1) as pool, connected(app) as wire:
        wire.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert reply(wire).status == 200
        answer = pool.submit(told, app, "POST", f"/api/v1/{path}", [HOST, JSON], sent)
        slowest = 0.0
        while not answer.done():
            began = time.monotonic()
            wire.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert reply(wire).status == 200
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.05)
    assert slowest < 2
    problem = json.loads(answer.result().body)
    assert answer.result().status in {413, 422} and len(answer.result().body) < 20_000
    assert len(problem.get("errors", [])) + problem.get("unlisted", 0) in {0, 1, 101, 15_000, 15_001, 19_000}, problem


def test_json_is_counted_before_it_is_built() -> None:
    assert not is_in_too_many_parts(json.dumps({"text": 'a, [b] {c} "d" \\' * MOST_PARTS}))
    articles = [dict.fromkeys(ArticleBody.model_fields, "x")] * MOST_AT_ONCE
    assert not is_in_too_many_parts(json.dumps({"articles": articles}))
    for many in ("[", "{", ",", '""', '"\\\\"', '"\\""'):
        assert is_in_too_many_parts(many * (MOST_PARTS + 1))
    assert not is_in_too_many_parts('"' + '\\"' * 2 * MOST_PARTS)


def test_a_form_of_ten_thousand_parts_is_refused(app: str) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n\r\n'
    kind = ("Content-Type", "multipart/form-data; boundary=x")
    began = time.monotonic()
    answer = told(app, "POST", "/api/v1/ingest/files", [HOST, kind], part * 10_000 + b"--x--\r\n")
    assert answer.status in {400, 422} and time.monotonic() - began < 10


# --- how long, and how many -------------------------------------------------------------------


class Slow:
    """A library whose look-ups last until they are let go."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.go = threading.Event()

    def __getattr__(self, name: str) -> Any:
        self.go.wait(10)
        raise AttributeError(name)


@contextmanager
def slow(tmp_path: Path, **settings: Any) -> Iterator[Any]:
    library = Slow(Settings(home=tmp_path, **settings))
    with site(library) as client:
        try:
            yield client
        finally:
            library.go.set()


def test_a_look_up_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    with slow(tmp_path, request_seconds=0.3) as client:
        began = time.monotonic()
        answer = client.post("/api/v1/search", json={"query": "quay"})
        assert time.monotonic() - began < 5
    assert (answer.status_code, answer.json()["type"]) == (504, "urn:pullquote:out-of-time")
    assert "0.3 seconds" in answer.json()["detail"]


def test_a_line_that_is_full_is_told_to_come_again() -> None:
    workers = Workers("test", threads=2, waiting=3)
    go = threading.Event()
    inside = [workers.submit(lambda: go.wait(10)) for _ in range(5)]
    with pytest.raises(Problem) as refused:
        workers.submit(lambda: True)
    assert refused.value.kind.status == 503 and int(refused.value.headers["retry-after"]) >= 1
    go.set()
    assert all(future.result(10) for future in inside)
    assert workers.submit(lambda: True).result(10)
    workers.close()


def test_whoever_waited_in_vain_leaves_the_line() -> None:
    async def wait() -> None:
        workers = Workers("test", threads=1, waiting=1)
        go = threading.Event()
        first = workers.submit(lambda: go.wait(10))
        begun: list[int] = []
        with pytest.raises(Problem) as late:
            await workers.run(lambda: begun.append(1), 0.05)
        assert late.value.kind.status == 504
        go.set()
        assert first.result(10)
        assert await workers.run(lambda: 7, 10) == 7
        assert begun == []
        workers.close()

    asyncio.run(wait())


def test_work_that_nobody_waits_for_ends_at_its_next_step_and_frees_its_thread() -> None:
    async def wait() -> None:
        workers = Workers("test", threads=1, waiting=0)

        def work() -> None:
            while True:
                step()
                time.sleep(0.01)

        with pytest.raises(Problem) as late:
            await workers.run(work, 0.05)
        assert late.value.kind.status == 504
        deadline = time.monotonic() + 10
        while workers._inside and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        assert await workers.run(lambda: 7, 10) == 7
        going = asyncio.create_task(workers.run(work, 60))
        await asyncio.sleep(0.05)
        workers.close()
        with pytest.raises(Problem, match="closing") as closed:
            await asyncio.wait_for(going, 10)
        assert closed.value.kind.status == 503

    asyncio.run(wait())


def test_checks_of_long_drafts_do_not_hold_up_whoever_searches(
    pullquote: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    verify = pullquote.verify
    monkeypatch.setattr(pullquote, "verify", lambda *given: (go.wait(20), verify(*given))[1])
    with site(pullquote) as client, ThreadPoolExecutor(3) as crowd:
        checks = [crowd.submit(client.post, "/api/v1/verify", json={"text": "quay"}) for _ in range(3)]
        time.sleep(0.3)
        assert client.post("/api/v1/search", json={"query": "quay"}).status_code == 200
        assert not go.is_set() and not any(check.done() for check in checks)
        go.set()
        assert [check.result(20).status_code for check in checks] == [200] * 3


def test_a_crowd_gets_answers_or_is_told_to_come_again(tmp_path: Path) -> None:
    with open_with(tmp_path / "home", rate=0) as pullquote, site(pullquote) as client:

        def ask(_: int) -> int:
            return client.get("/api/v1/health").status_code

        with ThreadPoolExecutor(32) as crowd:
            assert set(crowd.map(ask, range(200))) == {200}
