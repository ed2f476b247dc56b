"""What a question takes for granted and no article says is told, and nothing where an article may say it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import article, open_with

from rag import Pullquote
from rag.types import Answer


@pytest.fixture
def opened(home: Path) -> Iterator[Pullquote]:
    with open_with(home) as pullquote:
        yield pullquote


def asked(pullquote: Pullquote, text: str, question: str) -> Answer:
    pullquote.ingest_articles([article(text, publisher="Courier", published="2026-09-08")])
    return pullquote.ask(question)


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("Why did Ilse Varga resign?", "Ilse Varga resigned"),
        ("When did Corriden Terminals cancel the harbour plan?", "Corriden Terminals cancelled the harbour plan"),
        ("When was the seabed survey finished?", "the seabed survey was finished"),
    ],
)
def test_what_no_article_says_is_told_with_what_is_nearest(
    real_pullquote: Pullquote, question: str, statement: str
) -> None:
    answer = real_pullquote.ask(question)
    assert answer.text.startswith(f"None of your articles says that {statement}. Nearest: ")
    assert answer.abstained and answer.citations and answer.claims
    assert {n for claim in answer.claims for n in claim.citations} <= {c.n for c in answer.citations}
    assert real_pullquote.write(answer) is None
    assert "None of" not in "".join(claim.text for claim in answer.claims)


@pytest.mark.parametrize(
    "text",
    [
        "Ilse Varga resigned on Tuesday over the quay.",
        "Ilse Varga stepped down on Tuesday over the quay.",
        "The resignation of Ilse Varga came on Tuesday, over the quay.",
        "Ilse Varga left office on Tuesday over the quay.",
        "Ilse Varga said that she resigned over the quay.",
        "Ilse Varga may resign over the quay.",
    ],
)
def test_where_it_may_be_so_in_other_words_nothing_is_told(opened: Pullquote, text: str) -> None:
    answer = asked(opened, text, "Why did Ilse Varga resign?")
    assert "None of your articles" not in answer.text


def test_what_is_denied_is_told_as_denied(opened: Pullquote) -> None:
    answer = asked(opened, "Ilse Varga denied that she resigned over the quay.", "When did Ilse Varga resign?")
    assert "None of your articles" not in answer.text


def test_the_opposite_is_told_as_such(opened: Pullquote) -> None:
    answer = asked(opened, "Ilse Varga did not resign.", "When did Ilse Varga resign?")
    assert answer.lead == "Your articles say the opposite:" and "did not resign" in answer.claims[0].text


def test_of_somebody_who_is_in_no_article_nothing_is_told_but_that(opened: Pullquote) -> None:
    answer = asked(opened, "Ilse Varga objected to the quay.", "Why did Nora Quill resign?")
    assert "None of your articles says" not in answer.text


def test_verbs_of_many_senses_tell_nothing_by_their_absence(opened: Pullquote) -> None:
    answer = asked(opened, "Ilse Varga objected to the quay.", "Why did Ilse Varga take a boat?")
    assert "None of your articles says" not in answer.text


@pytest.mark.skipif("PULLQUOTE_DATA" not in os.environ, reason="PULLQUOTE_DATA names no folder of data sets")
def test_of_real_questions_that_have_answers_few_are_told_so(home: Path) -> None:
    path = Path(os.environ["PULLQUOTE_DATA"]) / "squad2" / "qa.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()][:200]
    asked_of = [row for row in rows if not row["is_impossible"]]
    with open_with(home) as pullquote:
        pullquote.ingest_articles([article(text) for text in dict.fromkeys(row["context"] for row in asked_of)])
        told = [row["question"] for row in asked_of if "None of your" in pullquote.ask(row["question"]).text]
    print(f"\n{len(told)} of {len(asked_of)}: {told}")
    assert len(told) <= 0.05 * len(asked_of)
