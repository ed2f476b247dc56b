"""What a question asks to be confirmed, or takes for granted, as a statement."""

from __future__ import annotations

import pytest

from rag.assertions import assertion


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("Did Mayor Ilse Varga approve the harbour plan?", "Mayor Ilse Varga approved the harbour plan"),
        ("Is Ilse Varga dead?", "Ilse Varga is dead"),
        ("Has Corriden withdrawn its plan?", "Corriden has withdrawn its plan"),
        ("Will the quay be built?", "the quay will be built"),
        ("Does Corriden own the harbour?", "Corriden owns the harbour"),
        ("Did the transport minister order a new survey?", "the transport minister ordered a new survey"),
    ],
)
def test_a_yes_or_no_question_asks_about_its_statement(question: str, statement: str) -> None:
    found = assertion(question)
    assert found is not None and (found.text, found.is_asked) == (statement, True)


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("Why did Ilse Varga resign?", "Ilse Varga resigned"),
        ("When did Corriden Terminals cancel the harbour plan?", "Corriden Terminals cancelled the harbour plan"),
        ("When was the seabed survey finished?", "the seabed survey was finished"),
        ("In what year did the Normans invade England?", "the Normans invaded England"),
        ("How did the ferry sink?", "the ferry sank"),
        ("Why did the mayor of Orrisport step down?", "the mayor of Orrisport stepped down"),
    ],
)
def test_a_question_of_when_or_why_takes_its_statement_for_granted(question: str, statement: str) -> None:
    found = assertion(question)
    assert found is not None and (found.text, found.is_asked) == (statement, False)


@pytest.mark.parametrize(
    "question",
    [
        "What did Ilse Varga object to?",
        "Who founded Corriden Terminals, and in what year?",
        "Didn't Varga object?",
        "When did you resign?",
        "Why was this act passed?",
        "Ilse Varga resigned.",
        "?",
        "",
    ],
)
def test_what_has_no_plain_statement_has_none(question: str) -> None:
    assert assertion(question) is None
