"""Transcripts: a conversation as a file, in which only verified words stand as quotations."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from excerpts import FIELDS, MUD, cut, whole_of
from helpers import HEARING, article
from markdown_it import MarkdownIt
from test_references import bibtex_fields, ris_records

from rag import Pullquote
from rag.answer import compose
from rag.conversations import Conversation, Exchange, Transcript, Turn
from rag.errors import NotFoundError
from rag.transcripts import transcript_record, written
from rag.types import Answer, Citation, Claim, Evidence, Format

FORMS: list[Format] = ["json", "markdown", "text", "csl-json", "bibtex", "ris", "web-annotation"]
PROSE = "The ecologist warned of silt & “mud”."
SILT = "Edda Maskell, an ecologist, warned that silt could reach the eelgrass within two tides."
QUOTED = [Citation(1, cut(SILT), "Edda Maskell"), Citation(2, cut(MUD), "Edda Maskell")]
TOLD = Answer(
    "What did *she*\nwarn of?", f"{PROSE} [1]", False, "llm", "tiny_model", (Claim(f"{PROSE} [1]", (1,), True),),
    tuple(QUOTED), tuple(QUOTED), withheld=2, searched="What did Edda Maskell warn of?",
)  # fmt: skip
PLAIN = compose("Who spoke of mud?", [Evidence(cut(MUD), 0.9, "Edda Maskell")], [])
NO = compose("What of Peru?", [], [Evidence(cut(SILT), 0.1)])


def exchange(answer: Answer, asked_at: str = "2026-09-09T10:00:00+00:00", lost: int = 0) -> Exchange:
    cited = tuple((c.id, c.speaker, 0.0) for c in answer.citations) + (("gone", "", 0.0),) * lost
    return Exchange(Turn(answer.question, cited, (), asked_at=asked_at), answer)


TALK = Transcript(
    Conversation("talk-1", "What did *she* warn of?", "2026-09-09T09:59:59+00:00", 4),
    (exchange(TOLD), exchange(PLAIN, ""), exchange(NO), exchange(replace(NO, question="And then?"), lost=1)),
)


def quoted_in(markdown: str) -> list[str]:
    """The block quotes, without the line that says where they stand."""
    blocks = re.findall(r"(?:^>.*\n?)+", markdown, re.MULTILINE)
    return ["\n".join(re.sub("^> ?", "", line) for line in block.splitlines()[:-2]) for block in blocks]


def test_in_markdown_only_verified_words_are_quoted() -> None:
    text = written(TALK, "markdown")
    assert quoted_in(text) == [SILT, MUD, MUD]
    assert all(words in HEARING for words in quoted_in(text))


def test_what_is_quoted_runs_nothing_and_is_shown_as_it_is() -> None:
    hostile = "“*Stars*, <script>alert(1)</script> and [a link](http://evil.example),” she said."
    answer = compose("What of stars?", [Evidence(whole_of(hostile), 0.9)], [])
    tokens = MarkdownIt("commonmark").parse(written(TALK._replace(exchanges=(exchange(answer),)), "markdown"))
    shown = ["".join(child.content for child in token.children or []) for token in tokens if token.type == "inline"]
    (quoted,) = [token for token in tokens if "Stars" in token.content]
    assert {child.type for child in quoted.children or []} == {"text"}
    assert hostile in shown


def test_a_models_prose_is_said_to_be_a_models() -> None:
    for form in ("markdown", "text"):
        text = written(TALK, form).replace("\\", "")
        said = text.index("Written by tiny_model from the quotations below, and not a quotation:")
        assert said < text.index(f"{PROSE} [1]") < text.index(SILT)
        assert text.count("Written by") == text.count(PROSE) == 1
        assert "2 sentences withheld" in text
        assert "Searched for: What did Edda Maskell warn of?" in text


def test_markdown_has_a_heading_for_each_question_and_runs_nothing_of_it() -> None:
    tokens = MarkdownIt().parse(written(TALK, "markdown"))
    headings = [tokens[i + 1] for i, token in enumerate(tokens) if token.type == "heading_open"]
    shown = ["".join(child.content for child in heading.children or []) for heading in headings]
    assert shown == [
        "What did *she* warn of?",
        "What did *she* warn of?",
        "Who spoke of mud?",
        "What of Peru?",
        "And then?",
    ]
    assert not [child for heading in headings for child in heading.children or [] if child.type == "em_open"]


def test_plain_text_says_what_was_asked_when_and_what_was_found() -> None:
    text = written(TALK, "text")
    assert text.startswith("What did *she* warn of?\n\n9 September 2026\n")
    assert f"[2] {MUD}\n\n— Edda Maskell, in The hearing (Harbour Gazette, 8 September 2026)\n" in text
    peru, then = text.index("What of Peru?"), text.index("And then?")
    assert NO.text in text[peru:then] and NO.text not in text[then:]
    assert "1 quotation is left out" in text[then:]


def test_each_citation_is_there_once_in_bibliographies_and_annotations() -> None:
    ids = [citation.id for citation in QUOTED]
    assert [item["id"] for item in json.loads(written(TALK, "csl-json"))] == ids
    assert [dict(fields)["AN"] for fields in ris_records(written(TALK, "ris"))] == ids
    assert [bibtex_fields(entry)["key"] for entry in written(TALK, "bibtex").split("\n\n")] == [
        f"pullquote-{i}" for i in ids
    ]
    page = json.loads(written(TALK, "web-annotation"))
    assert (page["label"], page["created"], page["total"]) == ("What did *she* warn of?", "2026-09-09T09:59:59Z", 2)
    assert [item["dcterms:identifier"] for item in page["first"]["items"]] == ids
    assert {item["created"] for item in page["first"]["items"]} == {"2026-09-09T10:00:00Z"}
    for form in FORMS[3:]:
        assert "warned of silt" not in written(TALK, form)  # the model's words


def test_json_has_the_answers_as_ask_gives_them() -> None:
    found = transcript_record(TALK, "https://quotes.example")
    assert json.loads(written(TALK, "json", "https://quotes.example")) == found
    told, plain, no, gone = found["turns"]
    assert (told["mode"], told["model"], told["withheld"], told["asked_at"]) == (
        "llm", "tiny_model", 2, "2026-09-09T10:00:00+00:00",
    )  # fmt: skip
    assert [c["quote"] for c in told["citations"]] == [SILT, MUD]
    assert (plain["asked_at"], no["abstained"], no["gone"], gone["gone"]) == (None, True, 0, 1)


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_conversation_can_be_written(form: Format) -> None:
    assert isinstance(written(Transcript(TALK.conversation, ()), form), str)


def test_the_service_recalls_a_whole_conversation(pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article(**FIELDS)])
    given = [pullquote.ask(question) for question in ("What did Edda Maskell warn of?", "Who said mud does not read?")]
    for answer in given:
        pullquote.conversations.add("talk", answer)
    found = pullquote.transcript("talk")
    assert (found.conversation.id, found.conversation.turns) == ("talk", 2)
    assert [one.answer for one in found.exchanges] == given
    pullquote.remove("hearing")
    assert [one.gone for one in pullquote.transcript("talk").exchanges] == [len(a.citations) for a in given]
    with pytest.raises(NotFoundError, match="no conversation 'other'"):
        pullquote.transcript("other")
