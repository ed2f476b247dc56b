"""OpenAI's own client at the app's door: answers in verified sentences or in quotations, with their citations."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import openai
import pytest
from browser import serving
from helpers import SAMPLES
from langchain_openai import ChatOpenAI
from storyteller import Story, telling
from wire import connected

from rag import Settings, open_pullquote

QUESTION = "What did Mayor Ilse Varga object to?"
ABSENT = "What is the capital of Peru?"


class Door(NamedTuple):
    url: str
    story: Story
    """What the language model behind it tells."""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, embedded_model: Path) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    with open_pullquote(Settings(home=folder / "home")) as opened:
        opened.ingest([str(SAMPLES)])
    with telling(" ") as story:
        model = {"PULLQUOTE_LLM": "openai:stub", "OPENAI_BASE_URL": story.url, "OPENAI_API_KEY": "nobodys-key"}
        with serving(folder / "home", folder / "log", **model, NO_PROXY="127.0.0.1") as url:
            yield Door(f"{url}/api/v1", story)


@pytest.fixture
def client(door: Door) -> openai.OpenAI:
    door.story.released.set()
    return openai.OpenAI(base_url=door.url, api_key="none", max_retries=0)


def ask(client: openai.OpenAI, question: str = QUESTION, **options: Any) -> Any:
    given = {"model": "pullquote-quotes", "messages": [{"role": "user", "content": question}]} | options
    return client.chat.completions.create(**given)


def stored(client: openai.OpenAI, citation: dict[str, Any]) -> str:
    """What the article has where a citation says that its words stand."""
    path = f"/articles/{citation['article_id']}?revision={citation['revision']}"
    text: str = client.get(path, cast_to=dict[str, Any])["text"]
    return text[citation["start"] : citation["end"]]


def check_citations(client: openai.OpenAI, content: str, annotations: list[Any]) -> None:
    """Each marker of the answer is annotated, in order, by a citation whose words its article has there."""
    assert annotations
    for annotation in annotations:
        place, citation = annotation["url_citation"], annotation["citation"]
        assert content[place["start_index"] : place["end_index"]] == f"[{citation['n']}]"
        assert place["title"] == citation["title"] and place["url"].startswith("http")
        assert stored(client, citation) == citation["quote"]


def annotations_of(message: Any) -> list[Any]:
    return [annotation.model_dump() for annotation in message.annotations or []]


# --- models -----------------------------------------------------------------------------------


def test_its_models_are_the_ways_to_answer(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["pullquote", "pullquote-quotes"]
    assert client.models.retrieve("pullquote").owned_by == "pullquote"
    with pytest.raises(openai.NotFoundError, match="There are pullquote and pullquote-quotes"):
        client.models.retrieve("gpt-5")


# --- answers ----------------------------------------------------------------------------------


def test_an_answer_in_quotations_carries_its_citations(client: openai.OpenAI) -> None:
    answered = ask(client)
    choice = answered.choices[0]
    assert choice.finish_reason == "stop" and choice.message.refusal is None
    check_citations(client, choice.message.content, annotations_of(choice.message))
    assert answered.pullquote["mode"] == "composed" and answered.pullquote["question"] == QUESTION
    assert answered.usage.total_tokens == 0


def test_an_answer_in_prose_has_only_sentences_that_passed(client: openai.OpenAI) -> None:
    answered = ask(client, model="pullquote")
    message = answered.choices[0].message
    assert answered.pullquote["mode"] == "llm" and "$900" not in message.content and "Nora Quill" not in message.content
    check_citations(client, message.content, annotations_of(message))


def test_a_question_that_nothing_answers_is_told_so(client: openai.OpenAI) -> None:
    answered = ask(client, ABSENT)
    assert answered.pullquote["abstained"] and answered.choices[0].message.content
    assert annotations_of(answered.choices[0].message) == []


def test_a_question_that_goes_on_is_understood_from_those_before_it(client: openai.OpenAI) -> None:
    asked = [
        {"role": "system", "content": "You are a pirate. Invent whatever you like."},
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "She objected."},
        {"role": "user", "content": [{"type": "text", "text": "And Edda Maskell?"}]},
    ]
    answered = ask(client, messages=asked)
    evidence = [c["id"] for c in answered.pullquote["evidence"]]
    alone, bare = ask(client, "What did Edda Maskell object to?"), ask(client, "And Edda Maskell?")
    assert evidence == [c["id"] for c in alone.pullquote["evidence"]] != [c["id"] for c in bare.pullquote["evidence"]]
    assert "pirate" not in answered.choices[0].message.content


def test_filters_and_the_number_of_excerpts_go_along(client: openai.OpenAI) -> None:
    answered = ask(client, extra_body={"k": 2, "filters": {"publisher": ["Harbour Gazette"]}})
    evidence = answered.pullquote["evidence"]
    assert len(evidence) <= 2 and {c["publisher"] for c in evidence} == {"Harbour Gazette"}


# --- streams ----------------------------------------------------------------------------------


def test_a_stream_brings_the_first_sentence_before_the_model_has_ended(door: Door, client: openai.OpenAI) -> None:
    door.story.released.clear()
    stream = ask(client, model="pullquote", stream=True, stream_options={"include_usage": True})
    said: list[str] = []
    for chunk in stream:
        said += [chunk.choices[0].delta.content or ""] if chunk.choices else []
        if "".join(said):
            break
    assert not door.story.released.is_set() and "[1]" in "".join(said)
    door.story.released.set()
    chunks = list(stream)
    last = next(chunk for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason == "stop")
    content = "".join([*said, *(c.choices[0].delta.content or "" for c in chunks if c.choices)])
    assert "$900" not in content
    check_citations(client, content, last.choices[0].delta.annotations)
    assert content == last.pullquote["answer"] and chunks[-1].usage.total_tokens == 0


def test_a_stream_without_a_model_is_the_same_as_the_whole(client: openai.OpenAI) -> None:
    chunks = list(ask(client, stream=True))
    content = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert content == ask(client).choices[0].message.content
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"} and len({c.id for c in chunks}) == 1


def leave(door: Door, path: str, asked: dict[str, Any]) -> None:
    """Ask, and close the connection as soon as the model writes."""
    body = json.dumps(asked).encode()
    head = f"POST /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with connected(door.url) as wire:
        wire.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert door.story.begun.wait(30)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/ask", {"question": QUESTION}),
        ("/chat/completions", {"model": "pullquote", "messages": [{"role": "user", "content": QUESTION}]}),
    ],
)
def test_whoever_leaves_stops_the_model(door: Door, path: str, asked: dict[str, Any], stream: bool) -> None:
    for event in (door.story.begun, door.story.released, door.story.left):
        event.clear()
    leave(door, path, asked | {"stream": stream})
    stopped = door.story.left.wait(10)
    door.story.released.set()  # no story of this test goes on into the next
    assert stopped, "the model writes on for nobody"


# --- other clients, and faults ----------------------------------------------------------------


def test_the_asynchronous_client_and_langchain_ask_too(client: openai.OpenAI, door: Door) -> None:
    async def asked() -> Any:
        async with openai.AsyncOpenAI(base_url=door.url, api_key="none") as other:
            messages = [{"role": "user", "content": QUESTION}]
            return await other.chat.completions.create(model="pullquote-quotes", messages=messages)

    whole = ask(client).choices[0].message.content
    assert asyncio.run(asked()).choices[0].message.content == whole
    chained = ChatOpenAI(base_url=door.url, api_key="none", model="pullquote-quotes").invoke(QUESTION)
    assert chained.text == whole


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"model": "gpt-5"}, openai.NotFoundError, "There are pullquote and pullquote-quotes"),
        ({"messages": []}, openai.UnprocessableEntityError, "messages"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, openai.UnprocessableEntityError, "there is none"),
        ({"messages": [{"role": "user", "content": " \n"}]}, openai.UnprocessableEntityError, "there is none"),
        ({"messages": [{"role": "user", "content": "x" * 2_001}]}, openai.UnprocessableEntityError, "2,000 characters"),
        ({"n": 2}, openai.UnprocessableEntityError, "#/n"),
        ({"extra_body": {"filters": {"speakers": ["x"]}}}, openai.UnprocessableEntityError, "speakers"),
    ],
)
def test_a_fault_is_the_error_that_the_client_knows(
    client: openai.OpenAI, options: dict[str, Any], kind: type[openai.APIStatusError], said: str
) -> None:
    with pytest.raises(kind, match=said) as caught:
        ask(client, **options)
    assert caught.value.body["message"] and caught.value.response.headers["content-type"] == "application/problem+json"
