"""No secret in any log, error or page: canaries everywhere, and more than 500 failures by every door.

What comes back, what is logged at every level, and what lies in the home is looked through for each canary in each
spelling, down to its first twelve characters.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote, quote_plus

import httpx
import pytest
from browser import _address
from command import _own_logging, run
from helpers import ROOT, embedder
from leaky import fail
from mcp import Client

from rag import Settings, contract
from rag.mcp.access import Access
from rag.mcp.server import new_server
from rag.redaction import keep_secrets_out_of_logs
from rag.tokens import Tokens
from rag.web.guard import API

ENVIRONMENT = {
    "OPENAI_API_KEY": "sk-Canary1/openai+KEY=0123456789abcdef",
    "ANTHROPIC_API_KEY": "sk-ant-Canary2_anthropic-0123456789",
    "GOOGLE_API_KEY": "AIzaCanary3&google?0123456789abcd",
    "MISTRAL_API_KEY": "Canary4\"mistral'\\0123456789abcdef",
    "LANGSMITH_API_KEY": "lsv2_Canary5 langsmith%200123456789",
    "PULLQUOTE_TOKEN": "pq_Canary6-of-another-Pullquote-0123456789abcd",
    "DATABASE_PASSWORD": "Canary7:pass;word,0123456789",
}
FORCED = 500


def spellings(secret: str) -> set[str]:
    """What must be nowhere."""
    shifted = {base64.b64encode(b"x" * n + secret.encode())[4 * ((n + 2) // 3) : -6].decode() for n in range(3)}
    plain = {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
    }
    return {text for text in plain | shifted if len(text) >= 10} | {secret[:12]}


class Doors:
    """What was forced by each door, and all that came back."""

    def __init__(self) -> None:
        self.forced: Counter[str] = Counter()
        self.heard: list[tuple[str, str]] = []

    def http(self, door: str, answer: httpx.Response, least: int = 400) -> httpx.Response:
        """Note a response; one that is a failure counts as one."""
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.heard.append((f"{door} {answer.request.method} {answer.status_code}", f"{head}\n\n{answer.text}"))
        self.forced[door] += answer.status_code >= least
        return answer

    def said(self, door: str, what: str, failed: bool = True) -> None:
        self.heard.append((door, what))
        self.forced[door] += failed


# --- a provider that repeats the key ----------------------------------------------------------


class Telltale(BaseHTTPRequestHandler):
    """A model's server, which answers each question in another wrong way, always with the key in it."""

    asked = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        key = self.headers.get("authorization", "").removeprefix("Bearer ")
        Telltale.asked += 1
        way = Telltale.asked % 6
        if "/again" in self.path or way == 0:
            self.tell(401, {"error": {"message": f"Incorrect API key provided: {key}", "code": key, "param": key}})
        elif way == 1:
            self.tell(302, {}, location=f"/v1/again?key={quote(key, safe='')}&raw={quote(key)}")
        elif way == 2:
            self.tell(418, {"error": {"message": f"Incorrect API key provided: {key[:14]}*****{key[-4:]}."}})
        elif way == 3:
            basic = base64.b64encode(f"user:{key}".encode()).decode()
            self.tell(422, f"<html>{key} {quote(key)} {json.dumps(key)} Basic {basic}</html>", **{"x-key": key})
        elif way == 4:
            self.tell(200, f'data: {{"error": {{"message": "{key}"}}}}\n\ndata: {key}\n\n')
        else:
            self.tell(400, {"error": {"message": f"context length exceeded by {key}", "type": key}})

    def do_GET(self) -> None:
        self.do_POST()

    def tell(self, status: int, body: Any, **headers: str) -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        kind = "application/json" if isinstance(body, dict) else "text/event-stream" if status == 200 else "text/html"
        for name, value in {"content-type": kind, "content-length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Telltale)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@contextmanager
def leaking(home: Path, logs: Path, provider: str, **more: str) -> Iterator[str]:
    """`leaky.py` over `home`, with the canaries in its environment; what it says goes to `logs`."""
    environment = os.environ | ENVIRONMENT | more | {
        "PULLQUOTE_HOME": str(home),
        "PULLQUOTE_PORT": "0",
        "PULLQUOTE_RATE": "0",
        "PULLQUOTE_LLM": "openai:telltale",
        "OPENAI_BASE_URL": provider,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        "PYTHONASYNCIODEBUG": "1",
    }  # fmt: skip
    command = [sys.executable, str(ROOT / "tests" / "leaky.py")]
    with logs.open("w") as said:
        process = subprocess.Popen(command, cwd=home.parent, env=environment, stdout=said, stderr=said)
    try:
        yield _address(process, logs)
    finally:
        process.terminate()
        process.wait(20)


# --- the failures -----------------------------------------------------------------------------


def by_the_api(doors: Doors, api: httpx.Client, canary: str) -> None:
    """Everything that is wrong about a request, with the canary in it."""
    path, door = quote(canary, safe=""), "API"

    def fail(method: str, where: str, **said: Any) -> httpx.Response:
        return doors.http(door, api.request(method, f"/api/v1{where}", **said))

    for where in ("/articles/", "/citations/", "/ingest/", "/models/", "/", "/ask/"):
        fail("GET", where + path)
    fail("DELETE", f"/articles/{path}")
    fail("DELETE", f"/ingest/{path}")
    fail("PATCH", f"/articles/{path}")
    for query in ({"limit": canary}, {"start": canary}, {"since": canary}, {canary: canary, "limit": "0"}):
        fail("GET", "/articles", params=query)
        fail("GET", "/quotes", params=query)
    fail("GET", "/quotes", params={"kind": canary})
    fail("GET", f"/citations/{'0' * 20}-0-1", params={"format": canary})
    wrong: list[Any] = [
        {"query": {"x": canary}}, {"query": [canary]}, {"query": "x", "k": canary}, {"query": "", canary: canary},
        {"query": "x", "filters": {"since": canary}}, {"query": "x", "filters": canary}, {canary: {canary: [canary]}},
        canary, [canary], {"query": canary * 2_000}, {"query": "x", "filters": {"article": {"x": canary}}},
    ]  # fmt: skip
    for body in wrong:
        fail("POST", "/search", json=body)
    for data in (f'{{"query": "{canary}', f"{canary}", f'{{"query": {canary}}}', f'{{"{canary}": \\x}}'):
        fail("POST", "/search", content=data.encode(), headers={"content-type": "application/json"})
    fail("POST", "/search", content=b"x", headers={"content-type": f"text/{path}; charset={path}"})
    fail("POST", "/ask", json={"question": canary, "before": canary})
    fail("POST", "/verify", json={"text": 5, "speaker": canary})
    fail("POST", "/summarise", json={"article": canary, "llm": False})
    fail("POST", "/ingest", json={"articles": [{"text": 5, "title": canary}]})
    fail("POST", "/ingest", json={"articles": [{"text": canary, "published": {canary: canary}}]})
    fail("POST", "/ingest/lines", content=b"", headers={"idempotency-key": path})
    fail("POST", "/ingest/files", files={canary: ("x.txt", b"x")})
    fail(
        "POST",
        "/ingest/files",
        content=canary.encode(),
        headers={"content-type": f"multipart/form-data; boundary={path}"},
    )
    for asked in ("defect", f"defect {canary}"):
        fail("POST", "/search", json={"query": asked})
        fail("POST", "/verify", json={"text": asked})
        fail("GET", "/quotes", params={"about": asked})
        fail("POST", "/ask", json={"question": asked, "stream": True})


def by_jobs(doors: Doors, api: httpx.Client, canary: str) -> None:
    """Articles that cannot be read, of files with the canary for a name; and a defect in the middle of it."""
    named = {"files": (f"{canary}.pdf", b"%PDF-1.7 " + canary.encode())}
    begun = [
        api.post("/api/v1/ingest/files", files=named),
        api.post("/api/v1/ingest/files", files={"files": ("defect.txt", canary.encode())}),
        api.post(
            "/api/v1/ingest/lines", content=json.dumps({"text": 7, "title": canary}).encode() + b"\n{" + canary.encode()
        ),
    ]
    for answer in begun:
        doors.http("jobs", answer)
        job = answer.json()["id"]
        deadline = time.monotonic() + 20
        while (record := api.get(f"/api/v1/ingest/{job}")).json()[
            "finished_at"
        ] is None and time.monotonic() < deadline:
            time.sleep(0.02)
        told = record.json()
        doors.said("jobs", record.text, bool(told["error"] or told["report"]["failed"]))


def by_openai_s_door(doors: Doors, api: httpx.Client, canary: str) -> None:
    path = "/api/v1/chat/completions"
    message = {"role": "user", "content": "x"}
    for body in (
        {"model": canary, "messages": [message]},
        {"messages": canary},
        {"messages": [{"role": canary, "content": canary}]},
        {"messages": [{"role": "assistant", "content": canary}]},
        {"messages": [message], "n": canary},
        {"messages": [message], "k": canary},
        {"messages": [{"role": "user", "content": f"defect {canary}"}]},
        {"messages": [{"role": "user", "content": f"defect {canary}"}], "stream": True},
        {"messages": [message], "filters": {"until": canary}},
    ):
        doors.http("OpenAI's protocol", api.post(path, json=body))
    doors.http("OpenAI's protocol", api.get(f"/api/v1/models/{quote(canary, safe='')}"))


def by_the_model(doors: Doors, api: httpx.Client, times: int) -> None:
    """Questions whose model fails; there is an answer all the same, with a word about that."""
    question = "What did Mayor Ilse Varga object to?"
    for n in range(times):
        if n % 3 == 2:
            body: dict[str, Any] = {"model": "pullquote", "messages": [{"role": "user", "content": question}]}
            answer = api.post("/api/v1/chat/completions", json=body)
        else:
            answer = api.post("/api/v1/ask", json={"question": question, "stream": n % 3 == 1})
        assert answer.status_code == 200, answer.text
        doors.http("a model that fails", answer, 200)


def by_the_entrance(doors: Doors, strange: httpx.Client, canary: str) -> None:
    """Whoever has no token, by the API and by the pages."""
    path = quote(canary, safe="")
    basic = base64.b64encode(f"user:{canary}".encode()).decode()
    for headers in (
        {"authorization": f"Bearer {canary}x"}, {"authorization": f"Basic {basic}"}, {"authorization": f"{canary}"},
        {"host": f"{path}.example"}, {"origin": f"https://{path}"}, {"cookie": f"pullquote_session={path}"},
        {"x-forwarded-for": canary}, {"referer": f"https://x.example/?{path}"},
    ):  # fmt: skip
        doors.http("the entrance", strange.get("/api/v1/health", headers=headers))
        doors.http("the entrance", strange.post("/", headers=headers))
    for where in (f"/{path}", f"/library?token={path}", f"/{path}?{path}={path}", f"/sign-in/{path}"):
        doors.http("the entrance", strange.get(where), 300)
    doors.http("the entrance", strange.post(f"/sign-in?to=/{path}", data={"token": f"{canary}x"}))
    doors.http("the entrance", strange.post("/sign-in", data={canary: canary}))
    doors.http("the entrance", strange.post("/sign-in", content=canary.encode()))
    doors.http("the entrance", strange.post("/sign-out", headers={"origin": f"https://{path}"}))
    upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-key": "x", "sec-websocket-version": path}
    doors.http("the entrance", strange.get(f"/_stcore/stream?{path}", headers=upgrade))


def by_the_pages(doors: Doors, pages: httpx.Client, canary: str) -> None:
    """What Streamlit serves, for somebody who may come in."""
    path = quote(canary, safe="")
    for where in (
        f"/media/{path}",
        f"/component/{path}/x",
        f"/_stcore/bidi-components/{path}/x",
        f"/app/static/{path}",
    ):
        doors.http("the pages", pages.get(where))
    doors.http("the pages", pages.put(f"/_stcore/upload_file/{path}/{path}", files={"x": (canary, canary.encode())}))
    doors.http("the pages", pages.delete(f"/_stcore/upload_file/{path}/{path}"))
    doors.http("the pages", pages.post("/_stcore/agent/interact", json={canary: canary}))
    doors.http("the pages", pages.post(f"/?{path}", content=canary.encode()))


def by_the_command_line(doors: Doors, home: Path, canary: str) -> None:
    damaged = home.parent / "damaged"
    damaged.mkdir(exist_ok=True)
    (damaged / "library.sqlite3").write_bytes(b"no database " + canary.encode() * 50)
    spoken = canary.replace("/", "_")
    for words in (
        ["article", canary], ["cite", canary], ["remove", canary], ["ingest", canary],
        ["ingest", f"https://x.example/{canary}"],
        ["search", "x", "-k", canary], ["search", "x", "--since", canary], ["ask", "x", "--until", canary],
        [f"--{canary}"], [canary], ["quotes", "--kind", canary], ["tokens", "remove", canary],
        ["models", "pull", canary],
        ["--home", str(damaged), "articles"], ["--home", str(damaged / "library.sqlite3" / spoken), "articles"],
        ["ask", "--batch", f"{canary}.jsonl"], ["summarise", "--article", canary], ["serve", "--host", canary],
        ["serve", "--port", canary],
    ):  # fmt: skip
        outcome = run(*([] if "--home" in words else ["--home", str(home)]), *words, "--json")
        doors.said("the command line", f"{outcome.out}\n{outcome.err}", outcome.code != 0)


def asked_wrongly(canary: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("cite", {"id": canary}),
        ("cite", {"id": "x", "format": canary}),
        ("search", {"query": "x", "since": canary}),
        ("search", {"query": 5, "k": canary}),
        ("ask", {"question": "x", "until": canary}),
        ("quotes", {"k": canary}),
        ("verify", {"text": "", "speaker": canary}),
        ("verify", {"text": f"defect {canary}"}),
        (canary, {}),
    ]


async def by_an_assistant(doors: Doors, home: Path, canaries: Sequence[str]) -> None:
    access = Access(Settings(home=home))
    try:
        async with Client(new_server(access)) as client:
            for tool, said in [call for canary in canaries for call in asked_wrongly(canary)]:
                answer = await client.call_tool(tool, said)
                doors.said("an assistant", answer.model_dump_json(), bool(answer.is_error))
    finally:
        access.close()


# --- the test ---------------------------------------------------------------------------------


def test_more_than_500_failures_tell_no_secret(
    tmp_path: Path,
    provider: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    tokens, doors = Tokens(home), Doors()
    writes, gone = tokens.add("desk"), tokens.add("gone")
    tokens.remove("gone")
    canaries = [*ENVIRONMENT.values(), gone]

    with (
        leaking(home, tmp_path / "log", provider, FILLED="1", PULLQUOTE_REQUIRE_TOKEN="1") as url,
        httpx.Client(base_url=url, headers={"authorization": f"Bearer {writes}"}, timeout=60) as api,
        httpx.Client(base_url=url, timeout=60) as strange,
    ):
        for canary in canaries:
            by_the_api(doors, api, canary)
            by_jobs(doors, api, canary)
            by_openai_s_door(doors, api, canary)
            by_the_pages(doors, api, canary)
            by_the_entrance(doors, strange, canary)
        by_the_model(doors, api, 12)

    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "library.sqlite3").write_bytes(b"no database: " + "".join(canaries).encode() * 20)
    with leaking(broken, tmp_path / "log of broken", provider) as url, httpx.Client(base_url=url, timeout=60) as api:
        for canary in canaries:
            for where in (f"{API}v1/health", f"{API}v1/articles/{quote(canary, safe='')}"):
                doors.http("a damaged library", api.get(where))

    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    caplog.set_level("DEBUG")
    for canary in canaries:
        by_the_command_line(doors, other, canary)
    defect = mock.patch.object(contract, "verify", side_effect=lambda *asked, **_: fail(repr(asked)))
    with mock.patch("rag.service.open_embedder", return_value=embedder()), defect, _own_logging():
        keep_secrets_out_of_logs()  # as the command does
        asyncio.run(by_an_assistant(doors, other, canaries))

    with capfd.disabled():
        print(f"\n{doors.forced.total()} failures forced: {dict(doors.forced)}")
    assert doors.forced.total() >= FORCED
    assert all(doors.forced[door] >= 10 for door in doors.forced), doors.forced

    out, err = capfd.readouterr()
    heard = [*doors.heard, ("the tests' own output", out + err), ("the tests' own log", caplog.text)]
    heard += [(path.name, path.read_text("utf-8", "replace")) for path in tmp_path.glob("log*")]
    assert "DEBUG" in heard[-1][1] and "a defect of ours" in heard[-2][1] + heard[-1][1]
    # A library that cannot be read is left as it was found.
    heard += [(str(path), path.read_bytes().decode("latin-1")) for path in home.rglob("*") if path.is_file()]
    heard += [(str(path), path.read_bytes().decode("latin-1")) for path in other.rglob("*") if path.is_file()]
    leaks = {
        f"{where} has {spelled!r}: {what[max(0, at - 150) : at + 60]!r}"
        for canary in [*canaries, writes]
        for spelled in spellings(canary)
        for where, what in heard
        if (at := what.find(spelled)) >= 0
    }
    assert not leaks, "\n".join(sorted(leaks)[:20])


def test_what_is_looked_for_would_be_found() -> None:
    for canary in ENVIRONMENT.values():
        for text in (
            f"x{canary}y", quote(canary), json.dumps({"a": canary}), repr([canary]), f"{canary[:12]}***",
            base64.b64encode(f"user:{canary}@host".encode()).decode(),
            base64.b64encode(canary.encode()).decode(),
        ):  # fmt: skip
            assert any(spelled in text for spelled in spellings(canary)), (canary, text)
