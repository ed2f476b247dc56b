"""Yes and no are said by the program alone, and only where evidence says so with its parties."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import article, assert_exact, open_with
from test_writing import Scripted

from rag import Pullquote
from rag.types import Answer

ASKED = "Did the council approve the quay?"


@pytest.fixture
def opened(home: Path) -> Iterator[Pullquote]:
    with open_with(home) as pullquote:
        yield pullquote


def asked(pullquote: Pullquote, *texts: tuple[str, str, str], question: str = ASKED) -> Answer:
    """What comes of `question` with articles of (text, publisher, day)."""
    pullquote.ingest_articles(
        [article(text, publisher=by, published=day, title=f"{by} {day}") for text, by, day in texts]
    )
    answer = pullquote.ask(question)
    for citation in (*answer.citations, *answer.evidence):
        assert_exact(citation.excerpt)
    return answer


def test_what_follows_is_a_yes_with_its_outlet_and_day(opened: Pullquote) -> None:
    answer = asked(opened, ("The council approved the quay on Tuesday.", "Courier", "2026-09-08"))
    assert answer.text == "Yes: Courier reported on 8 September 2026: “The council approved the quay on Tuesday.” [1]"
    assert (answer.lead, answer.mode, answer.abstained) == ("Yes:", "composed", False)


def test_the_opposite_is_a_no(opened: Pullquote) -> None:
    answer = asked(opened, ("The council did not approve the quay.", "Courier", "2026-09-08"))
    assert answer.text == "No: Courier reported on 8 September 2026: “The council did not approve the quay.” [1]"


def test_outlets_that_contradict_each_other_are_both_shown_the_newest_first(opened: Pullquote) -> None:
    answer = asked(
        opened,
        ("The council approved the quay.", "Gazette", "2026-09-18"),
        ("The council did not approve the quay.", "Courier", "2026-09-20"),
    )
    assert answer.lead not in {"Yes:", "No:"}
    first, second = answer.claims
    assert first.text.startswith("Courier reported on 20 September 2026") and "did not approve" in first.text
    assert second.text.startswith("Gazette reported on 18 September 2026")


def test_a_later_day_in_another_article_is_shown_beside_the_one_asked_for(opened: Pullquote) -> None:
    answer = asked(
        opened,
        ("The closing date is 19 October.", "Gazette", "2026-09-18"),
        ("The closing date moves to 29 January.", "Courier", "2026-10-06"),
        question="Is the closing date 19 October?",
    )
    assert answer.lead == "" and "29 January" in answer.claims[0].text and "19 October" in answer.claims[1].text


def test_what_somebody_says_is_said_to_be_theirs(opened: Pullquote) -> None:
    answer = asked(opened, ("Ilse Varga said that the council approved the quay.", "Courier", "2026-09-08"))
    assert not answer.text.startswith(("Yes", "No"))
    assert answer.text == "Ilse Varga says so: Ilse Varga said that the council approved the quay. [1]"


def test_what_somebody_denies_is_said_to_be_denied(opened: Pullquote) -> None:
    answer = asked(opened, ("Ilse Varga denied that the council approved the quay.", "Courier", "2026-09-08"))
    assert answer.lead == "Ilse Varga denies it:"


@pytest.mark.parametrize(
    "text",
    [
        "The council may approve the quay on Tuesday.",
        "The mayor approved the quay that the council discussed.",
        "The council was asked to approve the quay.",
        "If the council approved the quay, the town would lose its beach.",
        "The council approved the survey of the quay.",
        "Will the council approve the quay?",
    ],
)
def test_nothing_else_is_a_yes_or_a_no(opened: Pullquote, text: str) -> None:
    assert asked(opened, (text, "Courier", "2026-09-08")).lead == ""


def test_a_model_writes_on_behind_the_programs_own_no(opened: Pullquote) -> None:
    answer = asked(
        opened, ("The council did not approve the quay. Ilse Varga objected to the quay.", "Courier", "2026-09-08")
    )
    number = next(c.n for c in answer.evidence if "objected" in c.quote)
    opened.writer._chat = Scripted(f"Ilse Varga objected to the quay [{number}].")
    writing = opened.write(answer)
    assert writing is not None
    list(writing)
    written = writing.answer
    assert written.mode == "llm" and written.text.startswith(answer.text)
    assert [claim.citations for claim in written.claims] == [(1,), (2,)]
    assert "objected" in next(c.quote for c in written.citations if c.n == 2)
    opened.conversations.add("talk", written)
    (turn,) = opened.conversations.turns("talk")
    assert opened.recall(turn).text == written.text
