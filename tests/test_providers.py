"""Models of providers: whatever a server does, the user gets words or one clear line, and never the key."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import tomllib
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from helpers import ROOT
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage

from rag import providers
from rag.errors import ChatError, PullquoteError, SettingsError
from rag.providers import ProviderChat, _until, open_provider

KEY = "sk-a-key-of-somebody-0123456789"
QUESTION = [HumanMessage("Who said it?")]

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """What a provider's server does with a request: the behaviours in their order, the last of them for ever."""

    behaviours: list[Behaviour]
    seen: list[dict[str, Any]]
    released: threading.Event

    def do_POST(self) -> None:
        self.seen.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.behaviours[min(len(self.seen), len(self.behaviours)) - 1](self)

    def log_message(self, *_: object) -> None:
        pass

    def fail(self, status: int, message: str, code: str = "") -> None:
        body = json.dumps({"error": {"message": message, "type": "error", "code": code}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()

    def say(self, text: str, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()


def answers(handler: Handler) -> None:
    handler.begin()
    for word in ("It was ", "Varga", ", not", " Stone."):
        handler.say(word)
    handler.say("", "stop")
    handler.wfile.write(b"data: [DONE]\n\n")


def failing(status: int, message: str, code: str = "") -> Behaviour:
    return lambda handler: handler.fail(status, message, code)


def stalls(handler: Handler) -> None:
    handler.begin()
    handler.say("It was ")
    handler.released.wait(20)


def says_nothing(handler: Handler) -> None:
    handler.released.wait(20)


def breaks_off(handler: Handler) -> None:
    handler.begin()
    handler.say("It was ")


def says_one_long_line(handler: Handler) -> None:
    handler.begin()
    handler.say("x" * 1_000_000, "stop")


def says_what_is_no_protocol(handler: Handler) -> None:
    handler.begin()
    handler.wfile.write(b"data: " + b"x" * 1_000_000 + b"\n\n")


@pytest.fixture
def server() -> Iterator[type[Handler]]:
    kind = type("Once", (Handler,), {"behaviours": [answers], "seen": [], "released": threading.Event()})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        kind.port = listening.server_port  # type: ignore[attr-defined]
        yield kind
        kind.released.set()
        listening.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _quick_and_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "_BACK_OFF", 0.01)
    for provider in providers.known().values():
        for key in provider.keys:
            monkeypatch.delenv(key, raising=False)


@pytest.fixture
def chat(server: type[Handler], monkeypatch: pytest.MonkeyPatch) -> ProviderChat:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.port}/v1")  # type: ignore[attr-defined]
    return open_provider("openai:some-model", patience=1.0)


def told(chat: ProviderChat) -> tuple[list[str], ChatError]:
    """The words that came, and the error after them, in which the key is nowhere: not in its causes either."""
    words: list[str] = []
    with pytest.raises(ChatError) as refused:
        words.extend(chat.stream(QUESTION))  # keeps what came before the error
    error = refused.value
    assert "\n" not in str(error) and str(error).startswith(("openai:some-model", "The "))
    assert KEY not in "".join(traceback.format_exception(error)) and KEY[-10:] not in str(error)
    assert (error.__cause__, error.__context__) == (None, None)
    return words, error


# --- answers ----------------------------------------------------------------------------------


def test_the_words_come_as_they_are_said(chat: ProviderChat, server: type[Handler]) -> None:
    assert "".join(chat.stream(QUESTION)) == "It was Varga, not Stone."
    (request,) = server.seen
    assert (request["model"], request["stream"]) == ("some-model", True)
    assert request["messages"] == [{"role": "user", "content": "Who said it?"}]
    assert chat.ready and chat.wait() and chat.name == "openai:some-model"
    assert not {"stop", "max_tokens", "max_completion_tokens", "temperature"} & request.keys()  # which some refuse


def test_it_stops_at_a_stop_sequence_that_comes_in_pieces(chat: ProviderChat) -> None:
    assert "".join(chat.stream(QUESTION, stop=["a, n", "zzz"])) == "It was Varg"


@pytest.mark.parametrize(
    ("words", "stop", "said"),
    [(["a", "b"], [], "ab"), (["ab"], ["b"], "a"), (["a<", "b", "<", "/e>c"], ["</e>"], "a<b"),
     (["a<", "/"], ["</e>"], "a</"), (["one two"], ["two", "one"], "")],
)  # fmt: skip
def test_what_may_begin_a_stop_sequence_is_held_back(words: list[str], stop: list[str], said: str) -> None:
    assert "".join(_until(iter(words), stop)) == said


def test_who_leaves_early_closes_the_connection(chat: ProviderChat, server: type[Handler]) -> None:
    gone = threading.Event()

    def talks(handler: Handler) -> None:
        handler.begin()
        try:
            for _ in range(200):
                handler.say("word ")
                time.sleep(0.02)
        except OSError:
            gone.set()

    server.behaviours = [talks]
    stream = chat.stream(QUESTION)
    assert next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert gone.wait(3)


# --- faults -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_told_without_the_key_and_not_tried_again(
    chat: ProviderChat, server: type[Handler], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.behaviours = [failing(status, f"Incorrect API key provided: {KEY[:6]}***{KEY[-4:]}. Or {KEY}.")]
    words, error = told(chat)
    assert words == []
    assert str(error) == f"openai:some-model does not take the key (HTTP {status}). Check OPENAI_API_KEY."
    assert len(server.seen) == 1
    assert KEY not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("rag"))


def test_a_key_that_a_server_repeats_is_taken_out(chat: ProviderChat, server: type[Handler]) -> None:
    server.behaviours = [failing(418, f"you sent {KEY}")]
    assert "[secret]" in str(told(chat)[1])


def test_a_model_that_is_not_there_is_told_by_its_name(chat: ProviderChat, server: type[Handler]) -> None:
    server.behaviours = [failing(404, "The model does not exist", "model_not_found")]
    assert str(told(chat)[1]).startswith("openai:some-model is not there (HTTP 404). Check the model's name")


def test_a_prompt_that_is_too_long_is_told_as_that(chat: ProviderChat, server: type[Handler]) -> None:
    server.behaviours = [failing(400, "This model's maximum context length is 8192 tokens", "context_length_exceeded")]
    assert "The prompt is too long for openai:some-model" in str(told(chat)[1])
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_that_fails_is_asked_three_times(chat: ProviderChat, server: type[Handler], status: int) -> None:
    server.behaviours = [failing(status, "no")]
    assert f"openai:some-model fails (HTTP {status}" in str(told(chat)[1])
    assert len(server.seen) == 3


def test_a_server_that_comes_back_answers(chat: ProviderChat, server: type[Handler]) -> None:
    server.behaviours = [failing(500, "no"), failing(429, "slow down"), answers]
    assert "".join(chat.stream(QUESTION)) == "It was Varga, not Stone."


@pytest.mark.parametrize(("behaviour", "words"), [(stalls, ["It was "]), (says_nothing, [])])
def test_silence_ends(chat: ProviderChat, server: type[Handler], behaviour: Behaviour, words: list[str]) -> None:
    server.behaviours = [behaviour]
    started = time.monotonic()
    came, error = told(chat)
    assert came == words
    assert str(error) == "openai:some-model has said nothing for 1 seconds. Ask again."
    assert time.monotonic() - started < 4
    assert len(server.seen) == 1


def test_an_answer_that_breaks_off_is_told_as_that(chat: ProviderChat, server: type[Handler]) -> None:
    server.behaviours = [breaks_off]
    words, error = told(chat)
    assert words == ["It was "]
    assert str(error) == "The answer of openai:some-model broke off. Ask again."
    assert len(server.seen) == 1  # half an answer is not followed by another


@pytest.mark.parametrize("behaviour", [says_one_long_line, says_what_is_no_protocol])
def test_a_line_without_end_is_no_answer(chat: ProviderChat, server: type[Handler], behaviour: Behaviour) -> None:
    server.behaviours = [behaviour]
    words, error = told(chat)
    assert words == [] and len(str(error)) < 400


def test_a_server_that_is_not_there_is_told_as_that(chat: ProviderChat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert "cannot be reached" in str(told(open_provider("openai:some-model"))[1])


def test_what_any_model_raises_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", KEY)

    class Broken(GenericFakeChatModel):
        def _stream(self, *_: Any, **__: Any) -> Iterator[Any]:
            raise RuntimeError(f"line one\nline two {KEY}")

    chat = ProviderChat("other:model", Broken(messages=iter([AIMessage("")])))
    with pytest.raises(ChatError, match=r"does not answer as it should \(RuntimeError: line one line two \[secret\]\)"):
        list(chat.stream(QUESTION))


# --- opening ----------------------------------------------------------------------------------


def test_a_missing_package_is_told_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "find_spec", lambda name: None)
    for provider in providers.known().values():
        with pytest.raises(SettingsError) as refused:
            open_provider(f"{provider.name}:x")
        assert f"pip install 'pullquote[{provider.extra}]'" in str(refused.value)


def test_each_provider_has_its_extra() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for provider in providers.known().values():
        (requirement,) = extras[provider.extra]
        assert requirement.startswith(provider.package.replace("_", "-"))


def test_a_missing_key_is_told_with_its_variable() -> None:
    with pytest.raises(SettingsError, match=r"no key is set\. Set OPENAI_API_KEY\."):
        open_provider("openai:x")


@pytest.mark.parametrize("name", ["nobody:x", "cohere:x"])
def test_a_provider_that_cannot_be_opened_is_one_line(name: str) -> None:
    with pytest.raises(PullquoteError, match=name) as refused:
        open_provider(name)
    assert "\n" not in str(refused.value)


# --- Ollama -----------------------------------------------------------------------------------


def test_an_ollama_on_this_machine_is_found_with_the_model_it_used_last(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tags(BaseHTTPRequestHandler):
        listed: object = {"models": [{"name": "nomic-embed-text:latest"}, {"name": "qwen3:4b"}, {"name": "other"}]}

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(self.listed).encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Tags) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        monkeypatch.setattr(providers, "_OLLAMA", ("127.0.0.1", listening.server_port))
        monkeypatch.setitem(os.environ, "HTTP_PROXY", "http://127.0.0.1:9")
        found = [providers.ollama_model()]
        for other in ({"models": []}, {}, [], {"models": [{}]}, {"models": 3}):
            Tags.listed = other
            found.append(providers.ollama_model())
        listening.shutdown()
        thread.join()
    assert found == ["ollama:qwen3:4b", None, None, None, None, None]
    assert providers.ollama_model() is None
