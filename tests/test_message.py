"""Answers and prompts for LangChain programs, and nothing traced that nobody asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from helpers import HEARING, ROOT, article
from langchain_core.messages import AIMessage, messages_from_dict, messages_to_dict
from test_writing import QUESTION, Scripted, number_of, pullquote, written

from rag import Pullquote, writing
from rag.answer import compose
from rag.message import as_message
from rag.types import Answer, Evidence

__all__ = ["pullquote"]  # the fixture

WORDS = "Ilse Varga objected to the timetable of the quay"


def annotations(message: AIMessage) -> list[dict[str, Any]]:
    (block,) = message.content_blocks
    assert block["type"] == "text" and block["text"] == message.text
    return [dict(annotation) for annotation in block["annotations"]]


def assert_annotated(answer: Answer, pullquote: Pullquote, message: AIMessage) -> None:
    """Each citation of each claim, once: its words those of the article, its place that of the claim."""
    found = annotations(message)
    assert message.text == answer.text
    assert [(message.text[a["start_index"] : a["end_index"]], a["extras"]["n"]) for a in found] == [
        (claim.text, n) for claim in answer.claims for n in claim.citations
    ]
    for annotation in found:
        extras = annotation["extras"]
        text = pullquote.article(extras["article_id"], extras["revision"]).article.text
        assert annotation["cited_text"] == text[extras["start"] : extras["end"]]
        assert pullquote.cite(extras["id"]).quote == annotation["cited_text"]


def test_quotations_are_annotations_of_the_claims_they_stand_in(pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article(HEARING, title="The {hearing}", url="https://gazette.example/hearing")])
    composed = pullquote.ask(QUESTION)
    assert_annotated(composed, pullquote, told := as_message(composed))
    assert told.response_metadata["mode"] == "composed"
    evidence = [Evidence(c.excerpt, c.score or 0, c.speaker) for c in composed.citations]
    answer = compose(QUESTION, evidence, evidence)
    message = as_message(answer, "https://quotes.example/")
    assert_annotated(answer, pullquote, message)
    assert message.response_metadata["mode"] == "extractive"
    by_title = {annotation["title"]: annotation for annotation in annotations(message)}
    assert by_title["The {hearing}"]["url"].startswith("https://gazette.example/hearing#:~:text=")
    assert by_title["The {hearing}"]["extras"]["speaker"] == "Ilse Varga"
    assert by_title["Quay vote"]["url"].startswith("https://quotes.example/?article=")


def test_sentences_of_a_model_are_annotated_with_the_quotations_they_stand_on(pullquote: Pullquote) -> None:
    n = number_of(pullquote, "timetable")
    answer = written(pullquote, Scripted(f"{WORDS} [{n}]. {WORDS} on Tuesday [{n}].")).answer
    message = as_message(answer)
    assert answer.mode == "llm"
    assert_annotated(answer, pullquote, message)
    assert message.response_metadata["model_name"] == "Scripted"


def test_where_there_is_no_answer_nothing_is_cited(pullquote: Pullquote) -> None:
    message = as_message(pullquote.ask("What is the capital of Peru?"))
    assert message.response_metadata["abstained"] and annotations(message) == []


def test_a_message_is_the_same_after_it_was_written_down(pullquote: Pullquote) -> None:
    message = as_message(pullquote.ask(QUESTION))
    assert messages_from_dict(json.loads(json.dumps(messages_to_dict([message])))) == [message]


def test_the_prompt_is_langchain_s_with_the_articles_as_a_variable(pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article("Ilse Varga objected to {evidence} and {{x}} of the quay {question}.")])
    evidence = pullquote._sources(pullquote.ask(QUESTION).evidence)
    prompt = writing.chat_prompt()
    assert set(prompt.input_variables) == {"evidence", "question"}
    filled = prompt.invoke(writing.variables(QUESTION, evidence)).to_messages()
    assert filled == writing.messages(QUESTION, evidence)
    assert "{{x}} of the quay {question}" in filled[1].text


# --- tracing ----------------------------------------------------------------------------------

TRACED = """
import json, socket, sys
def refuse(*_): raise AssertionError("it calls somebody")
socket.socket.connect = refuse
from langchain_core.callbacks import CallbackManager
from langchain_core.language_models import FakeListChatModel
from rag import Settings, open_pullquote
from rag.chat import LocalChat
import rag.ui.shell
from langsmith.utils import tracing_is_enabled
words = "".join(chunk.text for chunk in FakeListChatModel(responses=["yes"]).stream("?"))
handlers = [type(handler).__name__ for handler in CallbackManager.configure().handlers]
print(json.dumps([words, tracing_is_enabled(), handlers]))
"""


def run_with(tmp_path: Path, script: str, **variables: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LANGSMITH_", "LANGCHAIN_"))}
    environment = kept | {"PYTHONPATH": str(ROOT), "PULLQUOTE_HOME": str(tmp_path / "home")} | variables
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def traced(tmp_path: Path, **variables: str) -> list[Any]:
    found: list[Any] = json.loads(run_with(tmp_path, TRACED, **variables).splitlines()[-1])
    return found


@pytest.mark.parametrize("variables", [{}, {"LANGSMITH_API_KEY": "somebodys"}, {"LANGSMITH_OTEL_ENABLED": "true"}])
def test_nothing_is_traced_unless_the_user_says_so(tmp_path: Path, variables: dict[str, str]) -> None:
    assert traced(tmp_path, **variables) == ["yes", False, []]


ASKED = """
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import HumanMessage
from langchain_core.tracers.langchain import wait_for_all_tracers
from rag.chat import LocalChat
list(LocalChat("stub", FakeListChatModel(responses=["yes"])).stream([HumanMessage("Who objected to the quay?")]))
wait_for_all_tracers()
"""


def test_a_user_who_switches_tracing_on_gets_the_calls_of_the_model_where_they_said(tmp_path: Path) -> None:
    told: list[tuple[str | None, bytes]] = []

    class Smith(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"{}")

        def do_POST(self) -> None:
            told.append((self.headers["x-api-key"], self.rfile.read(int(self.headers["content-length"]))))
            self._answer(b"{}")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Smith)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        run_with(tmp_path, ASKED, LANGSMITH_TRACING="true", LANGSMITH_API_KEY="somebodys", LANGSMITH_ENDPOINT=endpoint)
    finally:
        server.shutdown()
        server.server_close()
    assert {key for key, _ in told} == {"somebodys"}
    assert any(b"Who objected to the quay?" in body for _, body in told)
