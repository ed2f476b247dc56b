"""A model that points by itself: its citations count where they hold; its sentences are judged like any other's."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from helpers import article, open_with

from rag import Pullquote
from rag.providers import ProviderChat, known, open_provider
from rag.writing import Writing

QUAY = (
    "Ilse Varga objected to the timetable of the quay on Tuesday. “It is back to front,” she said.\n\n"
    "Edda Maskell warned that silt could reach the eelgrass within two tides."
)
TRUE = "Ilse Varga objected to the timetable of the quay."
Block = tuple[str, list[tuple[str, str]]]
"""Words, and what they cite: a word by which a document is known, and what it is said to say (empty: its words)."""


class Anthropic(BaseHTTPRequestHandler):
    """A server that speaks Anthropic's protocol, and says its `blocks`."""

    blocks: list[Block]
    cites_first: bool
    seen: list[dict[str, Any]]

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append(request)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        usage = {"input_tokens": 1, "output_tokens": 1}
        message = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
        self.tell("message_start", message=message | {"stop_reason": None, "stop_sequence": None})
        for index, (words, cited) in enumerate(self.blocks):
            self.tell("content_block_start", index=index, content_block={"type": "text", "text": ""})
            said = [{"type": "text_delta", "text": piece} for piece in (words[:7], words[7:])]
            pointed = [{"type": "citations_delta", "citation": self.citation(request, *one)} for one in cited]
            for delta in pointed + said if self.cites_first else said + pointed:
                self.tell("content_block_delta", index=index, delta=delta)
            self.tell("content_block_stop", index=index)
        self.tell("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage=usage)
        self.tell("message_stop")

    def citation(self, request: dict[str, Any], known_by: str, words: str) -> dict[str, Any]:
        found = documents(request)
        place = next((i for i, text in enumerate(found) if known_by in text), 77)
        return {
            "type": "content_block_location",
            "cited_text": words or found[place],
            "document_index": place,
            "document_title": None,
            "start_block_index": 0,
            "end_block_index": 1,
        }

    def tell(self, event: str, **fields: Any) -> None:
        self.wfile.write(f"event: {event}\ndata: {json.dumps({'type': event} | fields)}\n\n".encode())

    def log_message(self, *_: object) -> None:
        pass


def documents(request: dict[str, Any]) -> list[str]:
    parts = request["messages"][-1]["content"]
    return [part["source"]["content"][0]["text"] for part in parts if part["type"] == "document"]


@pytest.fixture
def server() -> Iterator[type[Anthropic]]:
    kind = type("Once", (Anthropic,), {"blocks": [], "cites_first": False, "seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        kind.port = listening.server_port  # type: ignore[attr-defined]
        yield kind
        listening.shutdown()
        thread.join()


@pytest.fixture
def chat(server: type[Anthropic], monkeypatch: pytest.MonkeyPatch) -> ProviderChat:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-somebody")
    monkeypatch.setenv("ANTHROPIC_API_URL", f"http://127.0.0.1:{server.port}")  # type: ignore[attr-defined]
    return open_provider("anthropic:some-model", patience=5)


@pytest.fixture
def pullquote(home: Path) -> Iterator[Pullquote]:
    with open_with(home) as opened:
        opened.ingest_articles([article(QUAY, title="Quay vote", publisher="Courier", published="2026-09-18")])
        yield opened


def written(pullquote: Pullquote, chat: ProviderChat) -> Writing:
    pullquote.writer._chat = chat
    writing = pullquote.write(pullquote.ask("What did Ilse Varga object to?"))
    assert writing is not None
    list(writing)
    return writing


@pytest.mark.parametrize("cites_first", [False, True])
def test_what_it_points_at_is_cited(
    pullquote: Pullquote, chat: ProviderChat, server: type[Anthropic], cites_first: bool
) -> None:
    silt = "Edda Maskell warned that silt could reach the eelgrass."
    server.blocks = [(TRUE, [("timetable", "")]), (" ", []), (silt, [("eelgrass", "")])]
    server.cites_first = cites_first
    answer = written(pullquote, chat).answer
    assert (answer.mode, answer.notice, answer.withheld) == ("llm", "", 0)
    assert [claim.words for claim in answer.claims] == [TRUE, silt]
    cited = [answer.citations[claim.citations[0] - 1].quote for claim in answer.claims]
    assert "timetable" in cited[0] and "eelgrass" in cited[1]


def test_a_sentence_in_several_blocks_has_the_citations_of_all(
    pullquote: Pullquote, chat: ProviderChat, server: type[Anthropic]
) -> None:
    server.blocks = [
        ("Ilse Varga objected to ", []),
        ("the timetable of the quay", [("timetable", "")]),
        (" and said that it is ", []),
        ("“back to front”", [("back to front", ""), ("back to front", "")]),
        (".", []),
    ]
    writing = written(pullquote, chat)
    assert [(len(gated.numbers), gated.verdict) for gated in writing.judged] == [(2, "supported")], writing.judged


@pytest.mark.parametrize(
    "cited",
    [
        [("timetable", "Ilse Varga agreed with the timetable of the quay.")],  # words that are not there
        [("timetable", "timetable")],
        [("no document has this", "words")],
        [],
    ],
)
def test_a_citation_that_does_not_hold_is_none(
    pullquote: Pullquote, chat: ProviderChat, server: type[Anthropic], cited: list[tuple[str, str]]
) -> None:
    server.blocks = [(TRUE, cited)]
    writing = written(pullquote, chat)
    assert [gated.reason for gated in writing.judged] == ["no marker"]
    assert writing.answer.mode == "composed"


def test_a_lie_with_a_true_citation_is_withheld(
    pullquote: Pullquote, chat: ProviderChat, server: type[Anthropic]
) -> None:
    server.blocks = [("Ilse Varga agreed with the timetable of the quay.", [("timetable", "")])]
    writing = written(pullquote, chat)
    assert [gated.verdict for gated in writing.judged] == ["withheld"]


def test_it_gets_the_evidence_as_documents_and_nothing_to_type_numbers_by(
    pullquote: Pullquote, chat: ProviderChat, server: type[Anthropic]
) -> None:
    server.blocks = [(TRUE, [("timetable", "")])]
    writing = written(pullquote, chat)
    (request,) = server.seen
    assert documents(request) == [source.text for source in writing.sources]
    parts = request["messages"][0]["content"]
    assert all(part["citations"] == {"enabled": True} for part in parts[:-1])
    assert parts[-1] == {"type": "text", "text": "What did Ilse Varga object to?"}
    assert "[1]" not in json.dumps(request["system"])


def test_only_who_cites_gets_documents() -> None:
    assert [name for name, provider in known().items() if provider.cites] == ["anthropic"]
