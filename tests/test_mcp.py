"""The door for assistants, asked by the official client: in memory, as a command, and beside an app that runs."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TextIO

import jsonschema
import pytest
from browser import ROOT, serving
from excerpts import citations
from helpers import SAMPLES
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from rag import Pullquote, Settings, open_pullquote
from rag.errors import LockedError
from rag.mcp.access import Access
from rag.mcp.server import new_server
from rag.schemas import LONGEST_TEXT
from rag.tokens import Tokens

QUESTION = "What did Mayor Ilse Varga object to?"
WORDS = "My objection is to the order of events"
TOOLS = {"ask", "search", "quotes", "verify", "cite"}

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("ask", {"question": QUESTION, "k": 3}),
    ("ask", {"question": "What is the capital of Peru?"}),
    ("search", {"query": "dredging licence", "k": 4, "publisher": "Harbour Gazette", "since": "2026-09-01"}),
    ("quotes", {"speaker": "Edda Maskell", "words": "mud", "k": 5}),
    ("quotes", {"about": "the quay", "start": 2, "k": 3}),
    ("verify", {"text": f"“{WORDS},” she said.", "speaker": "Ilse Varga"}),
    ("verify", {"text": "My objection is not to the order of events"}),
    ("verify", {"text": f"The mayor spoke for eleven minutes without notes. “{WORDS},” she said.", "claims": True}),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, embedded_model: Path, parser_model: Path) -> Path:
    """A home with the samples, that nobody holds open."""
    folder = tmp_path_factory.mktemp("mcp") / "home"
    with open_pullquote(Settings(home=folder)) as pullquote:
        pullquote.ingest([str(SAMPLES)])
    return folder


@pytest.fixture
def access(home: Path) -> Iterator[Access]:
    opened = Access(Settings(home=home))
    yield opened
    opened.close()


def asked(access: Access, ask: Callable[[Client], Coroutine[Any, Any, Any]]) -> Any:
    """What comes of asking a server in this process."""

    async def run() -> Any:
        async with Client(new_server(access)) as client:
            return await ask(client)

    return asyncio.run(run())


def call(access: Access, tool: str, **arguments: Any) -> Any:
    return asked(access, lambda client: client.call_tool(tool, arguments))


def record(result: Any) -> dict[str, Any]:
    """The JSON of a result, which is the same as text and as structure."""
    assert not result.is_error, result.content
    structured: dict[str, Any] = result.structured_content
    assert json.loads(result.content[0].text) == structured
    return structured


def fault(result: Any) -> str:
    assert result.is_error
    text: str = result.content[0].text
    return text


# --- what it offers ---------------------------------------------------------------------------


def test_five_tools_look_up_and_say_what_they_take_and_give(access: Access) -> None:
    tools = {tool.name: tool for tool in asked(access, lambda client: client.list_tools()).tools}
    assert tools.keys() == TOOLS
    for tool in tools.values():
        assert tool.title and tool.description
        assert tool.annotations.read_only_hint and not tool.annotations.destructive_hint
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        jsonschema.Draft202012Validator.check_schema(tool.output_schema)
    assert tools["ask"].input_schema["required"] == ["question"]


def test_it_says_how_to_quote(access: Access) -> None:
    instructions = asked(access, lambda client: _of(client.instructions))
    assert "verbatim" in instructions and "verify" in instructions


async def _of(value: Any) -> Any:
    return value


def test_the_tools_are_listed_before_the_library_is_opened(home: Path) -> None:
    def never(_: Settings) -> Pullquote:
        raise AssertionError("nobody has asked anything yet")

    closed = Access(Settings(home=home), opener=never)
    assert len(asked(closed, lambda client: client.list_tools()).tools) == len(TOOLS)


# --- what it answers --------------------------------------------------------------------------


@pytest.mark.parametrize(("tool", "arguments"), CALLS)
def test_a_result_is_as_its_schema_says_and_its_quotations_are_the_stored_words(
    access: Access, home: Path, tool: str, arguments: dict[str, Any]
) -> None:
    async def ask(client: Client) -> Any:
        tools = {one.name: one for one in (await client.list_tools()).tools}
        return await client.call_tool(tool, arguments), tools[tool].output_schema

    result, schema = asked(access, ask)
    found = record(result)
    jsonschema.validate(found, schema)
    access.close()
    with open_pullquote(Settings(home=home)) as pullquote:
        for citation in citations(found):
            text = pullquote.article(citation["article_id"], citation["revision"]).article.text
            assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_what_is_answered_is_what_the_articles_say(access: Access) -> None:
    assert not record(call(access, "ask", question=QUESTION))["abstained"]
    assert record(call(access, "ask", question="What is the capital of Peru?"))["abstained"]
    assert record(call(access, "verify", text=WORDS, speaker="Ilse Varga"))["verdict"] == "verbatim"
    assert record(call(access, "verify", text=WORDS, speaker="Edda Maskell"))["verdict"] == "misattributed"
    said = record(call(access, "quotes", speaker="Edda Maskell", k=6))
    assert said["total"] > len(said["quotations"]) == said["next"] == 6
    assert {quotation["speaker"] for quotation in said["quotations"]} == {"Edda Maskell"}


def test_other_sentences_are_checked_where_that_is_asked_for(access: Access) -> None:
    draft = f"The mayor spoke for eleven minutes without notes. “{WORDS},” she said."
    assert "claims" not in record(call(access, "verify", text=draft))
    (claim,) = record(call(access, "verify", text=draft, claims=True))["claims"]
    assert (claim["verdict"], claim["citations"][0]["n"]) == ("follows", 1)


def test_a_citation_is_resolved_in_every_format(access: Access) -> None:
    (match, *_) = record(call(access, "verify", text=WORDS))["matches"]
    found = record(call(access, "cite", id=match["id"]))
    assert found["quote"] == WORDS and found["before"] and found["after"]
    assert "@" in record(call(access, "cite", id=match["id"], format="bibtex"))["text"]


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("ask", {"question": " \n"}, "blank"),
        ("ask", {"question": "x" * 2_001}, "2000 characters"),
        ("ask", {"question": QUESTION, "k": 0}, "greater than or equal to 1"),
        ("ask", {"question": QUESTION, "since": "last week"}, "write it as 2026-09-30"),
        ("ask", {}, "question"),
        ("search", {"query": ["x"]}, "valid string"),
        ("cite", {"id": "nonsense"}, "is not a citation id"),
        ("cite", {"id": "0" * 20 + "-0-1"}, "may have been removed"),
        ("cite", {"id": "x", "format": "word"}, "'csl-json'"),
        ("verify", {"text": "x" * (LONGEST_TEXT + 1)}, "characters"),
    ],
)
def test_a_fault_is_told_in_one_result_and_the_server_lives_on(
    access: Access, tool: str, arguments: dict[str, Any], said: str
) -> None:
    async def ask(client: Client) -> Any:
        wrong = await client.call_tool(tool, arguments)
        return wrong, await client.call_tool("verify", {"text": WORDS})

    wrong, after = asked(access, ask)
    assert said in fault(wrong)
    assert record(after)["verdict"] == "verbatim"


def test_an_unknown_tool_is_refused_with_those_there_are(access: Access) -> None:
    said = fault(call(access, "delete_everything"))
    assert said == "There is no tool 'delete_everything'. Use one of ask, search, quotes, verify, cite."


@pytest.mark.parametrize(
    ("tool", "arguments"), [("ask", {"question": "x" * 2_001}), ("cite", {"id": ["secret-words"]})]
)
def test_a_fault_names_the_tool_and_the_argument_and_says_nothing_of_what_was_sent(
    access: Access, tool: str, arguments: dict[str, Any]
) -> None:
    said = fault(call(access, tool, **arguments))
    assert said.startswith(f"`{tool}` cannot use '{next(iter(arguments))}': ") and said.endswith("put right.")
    assert "xxx" not in said and "secret-words" not in said and "pydantic" not in said and "\n" not in said


def test_an_argument_that_nobody_reads_is_refused_and_not_passed_over(access: Access) -> None:
    said = fault(call(access, "search", query="dredging", publishers=["Harbour Gazette"]))
    assert said.startswith("`search` takes no 'publishers'. It takes query, k, article, publisher,")
    tools = asked(access, lambda client: client.list_tools()).tools
    assert all(tool.input_schema["additionalProperties"] is False for tool in tools)


def test_a_defect_tells_an_assistant_nothing_of_what_went_wrong(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: Settings) -> Pullquote:
        raise RuntimeError("/secret/path")

    said = fault(call(Access(Settings(), opener=broken), "verify", text=WORDS))
    assert said == "`verify` met a defect of Pullquote (RuntimeError); its log says where. Report it."
    assert "RuntimeError: /secret/path" in caplog.text


# --- over stdin and stdout --------------------------------------------------------------------


def started(home: Path, errors: TextIO, **variables: str) -> Any:
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "rag", "--home", str(home), "mcp"],
        env={"PYTHONPATH": str(ROOT), "PULLQUOTE_LLM": "none"} | variables,
    )
    return stdio_client(server, errlog=errors)


@asynccontextmanager
async def assistant(home: Path, folder: Path, **variables: str) -> AsyncIterator[Client]:
    with (folder / "stderr").open("w") as errors:
        async with Client(started(home, errors, **variables)) as client:
            yield client


def answers(home: Path, folder: Path, **variables: str) -> list[dict[str, Any]]:
    """What all `CALLS`, and a citation of theirs, give an assistant, but for how long they took."""

    async def run() -> list[dict[str, Any]]:
        async with assistant(home, folder, **variables) as client:
            found = [record(await client.call_tool(tool, arguments)) for tool, arguments in CALLS]
            cited = [{"id": next(citations(found))["id"], "format": form} for form in ("json", "bibtex")]
            return found + [record(await client.call_tool("cite", arguments)) for arguments in cited]

    return [{name: value for name, value in one.items() if name != "timings_ms"} for one in asyncio.run(run())]


def test_an_assistant_starts_it_as_a_command(home: Path, tmp_path: Path) -> None:
    async def run() -> tuple[set[str], dict[str, Any]]:
        async with assistant(home, tmp_path) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            return tools, record(await client.call_tool("verify", {"text": WORDS}))

    tools, found = asyncio.run(run())
    assert tools == TOOLS and found["verdict"] == "verbatim"
    assert "Traceback" not in (tmp_path / "stderr").read_text()


def test_it_ends_with_its_input_and_prints_nothing_but_the_protocol(home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "rag", "--home", str(home), "mcp"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(protocol(verifying(2, WORDS)))
    process.stdin.flush()
    said = [json.loads(process.stdout.readline()) for _ in range(2)]
    rest, errors = process.communicate(timeout=30)
    assert [one["id"] for one in said] == [1, 2] and not rest
    assert process.returncode == 0 and "Traceback" not in errors


def protocol(*messages: dict[str, Any] | str) -> str:
    """Lines for its stdin: the greeting, and then these, numbered from 2; strings as they are."""
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    lines: list[dict[str, Any] | str] = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        *messages,
    ]
    return "".join(f"{line if isinstance(line, str) else json.dumps({'jsonrpc': '2.0'} | line)}\n" for line in lines)


def verifying(number: int, text: str) -> dict[str, Any]:
    return {"id": number, "method": "tools/call", "params": {"name": "verify", "arguments": {"text": text}}}


def test_what_is_no_protocol_ends_nothing(home: Path) -> None:
    broken = ["no JSON", "[]", '{"jsonrpc": "2.0"}', '{"jsonrpc": "2.0", "id": 7, "method": "no/method"}']
    alone = json.dumps({"jsonrpc": "2.0"} | verifying(8, "x")).replace('"x"', '"\\ud800 a lone surrogate"')
    process = subprocess.Popen(
        [sys.executable, "-m", "rag", "--home", str(home), "mcp"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(protocol(*broken, alone, verifying(9, WORDS)))
    process.stdin.flush()
    by_id: dict[Any, Any] = {}
    while not {7, 9} <= by_id.keys():  # the end of its input may come before the answers, and then ends it
        said = json.loads(process.stdout.readline())
        assert said["jsonrpc"] == "2.0"
        by_id[said.get("id")] = said
    _, errors = process.communicate(timeout=30)
    assert by_id[7]["error"]["code"] == -32601 and "verbatim" in json.dumps(by_id[9]["result"])
    assert process.returncode == 0 and "Traceback" not in errors
    with open_pullquote(Settings(home=home)) as pullquote:  # nobody holds it any more
        assert pullquote.counts().articles


# --- several at once --------------------------------------------------------------------------


def test_two_assistants_at_once_are_both_answered(home: Path, tmp_path: Path) -> None:
    async def run() -> list[str]:
        (tmp_path / "other").mkdir()
        async with assistant(home, tmp_path) as one, assistant(home, tmp_path / "other") as other:
            turns = [await client.call_tool("verify", {"text": WORDS}) for client in (one, other, one, other)]
            turns += await asyncio.gather(*(client.call_tool("verify", {"text": WORDS}) for client in (one, other)))
            return [record(turn)["verdict"] for turn in turns]

    assert asyncio.run(run()) == ["verbatim"] * 6


def test_an_idle_assistant_lends_the_library_to_whoever_comes(home: Path, access: Access) -> None:
    assert record(call(access, "verify", text=WORDS))["verdict"] == "verbatim"
    with open_pullquote(Settings(home=home)) as pullquote:  # the command line, say
        assert pullquote.verify(WORDS).verdict == "verbatim"
    assert record(call(access, "verify", text=WORDS))["verdict"] == "verbatim"


def test_whoever_waits_for_a_busy_assistant_is_told_what_holds_the_library(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.lock.PATIENCE", 0.3)
    with open_pullquote(Settings(home=home), lends=True) as lent:
        with pytest.raises(LockedError, match=r"an assistant's Pullquote \(process \d+\), which is busy\. Try again"):
            open_pullquote(Settings(home=home))
        assert not lent.wanted, "nobody waits any more"


# --- beside an app that has the library -------------------------------------------------------


def test_beside_an_app_the_same_is_answered_through_it(home: Path, tmp_path: Path) -> None:
    alone = answers(home, tmp_path)
    with serving(home, tmp_path / "log"):
        assert answers(home, tmp_path) == alone
    assert answers(home, tmp_path) == alone


def said_to(home: Path, calls: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """What each call is told."""
    access = Access(Settings(home=home))
    try:
        return [call(access, tool, **arguments).content[0].text for tool, arguments in calls]
    finally:
        access.close()


def test_beside_an_app_odd_ids_and_long_texts_get_the_same_as_alone(home: Path, tmp_path: Path) -> None:
    odd = ["..", ".", "../articles", "x/../../health", "\x00", "news/2026/1", "a?b#c", "%2e%2e", " "]
    calls = [("cite", {"id": one}) for one in odd] + [("verify", {"text": "😀" * 90_000})]
    alone = said_to(home, calls)
    assert all("is not a citation id" in said for said in alone[:-1]) and "not_found" in alone[-1]
    with serving(home, tmp_path / "log"):
        assert said_to(home, calls) == alone


def test_an_app_that_wants_a_token_is_shown_one(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Tokens(home).add("assistant", read_only=True)
    try:
        with serving(home, tmp_path / "log", PULLQUOTE_REQUIRE_TOKEN="true"):
            assert answers(home, tmp_path, PULLQUOTE_TOKEN=secret)
            access = Access(Settings(home=home))
            assert "set PULLQUOTE_TOKEN" in fault(call(access, "ask", question=QUESTION))
    finally:
        Tokens(home).remove("assistant")


def test_a_library_that_a_command_holds_is_told_of(home: Path, access: Access) -> None:
    with open_pullquote(Settings(home=home)):
        assert "`pullquote serve`, would answer beside this" in fault(call(access, "ask", question=QUESTION))
    assert record(call(access, "verify", text=WORDS))["verdict"] == "verbatim"


def test_an_app_that_ends_leaves_the_library_to_the_assistant(home: Path, tmp_path: Path, access: Access) -> None:
    with serving(home, tmp_path / "log"):
        assert record(call(access, "verify", text=WORDS))["verdict"] == "verbatim"
        with pytest.raises(LockedError):
            open_pullquote(Settings(home=home))
    assert record(call(access, "verify", text=WORDS))["verdict"] == "verbatim"


def test_an_app_that_went_away_during_the_question_does_not_matter(home: Path) -> None:
    def late(settings: Settings) -> Pullquote:
        if not opened:
            opened.append(settings)
            (home / "owner.json").write_text(json.dumps({"pid": 1, "url": "http://127.0.0.1:9"}))
            raise LockedError("the app has it")
        return open_pullquote(settings)

    opened: list[Settings] = []
    access = Access(Settings(home=home), opener=late)
    assert record(call(access, "verify", text=WORDS))["verdict"] == "verbatim"
    access.close()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b"<html>another program</html>", "is no Pullquote"),
        (200, b'{"verdict": "of a version to come"}', "is no Pullquote"),
        (200, b"[]", "is no Pullquote"),
        (404, b'{"error": "not here"}', "is no Pullquote"),
        (302, b"", "is no Pullquote"),
        (401, b'{"detail": "a token"}', "set PULLQUOTE_TOKEN"),
        (429, b'{"detail": "This caller asks too often. Wait."}', "This caller asks too often. Wait."),
    ],
)
def test_whatever_else_answers_in_the_place_of_the_app_is_told_of(
    home: Path, access: Access, status: int, body: bytes, said: str
) -> None:
    asked: list[str] = []
    with standing_in(status, body, asked) as url, open_pullquote(Settings(home=home)) as pullquote:
        pullquote.announce(url)
        assert said in fault(call(access, "verify", text=WORDS))
    assert asked == ["/api/v1/verify"]  # and nowhere else, wherever it was sent


@contextmanager
def standing_in(status: int, body: bytes, asked: list[str]) -> Iterator[str]:
    """The address of a server that says this to everything, and notes what it was `asked`."""

    class Always(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Always) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_owner_that_does_not_answer_is_told_of(home: Path, access: Access) -> None:
    with open_pullquote(Settings(home=home)) as pullquote:
        pullquote.announce("http://127.0.0.1:9")
        assert "does not answer" in fault(call(access, "ask", question=QUESTION))


def test_it_lets_go_of_the_library_when_it_is_idle(home: Path) -> None:
    access = Access(Settings(home=home), idle=0.2)
    assert record(call(access, "verify", text=WORDS))["verdict"] == "verbatim"
    deadline = time.monotonic() + 20
    while True:
        try:
            with open_pullquote(Settings(home=home)):
                break
        except Exception:
            assert time.monotonic() < deadline, "it holds the library still"
            time.sleep(0.1)
    assert record(call(access, "verify", text=WORDS))["verdict"] == "verbatim"
    access.close()
