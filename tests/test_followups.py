"""Questions that lean on the ones before them, put so that they stand alone."""

from __future__ import annotations

import pytest

from rag.followups import accepted, by_rule, leans, prompt

QUAY = "What did Ilse Varga object to?"


@pytest.mark.parametrize(
    "question",
    [
        "And Edda Maskell?",
        "what about Edda Maskell",
        "Why did she say so?",
        "and what did Maskell answer?",
        "What came of it?",
        "Why?",
        "What did his ministry say?",
        "Who else said that?",
        "What did Maskell tell her?",
        "Did Maskell say that Varga owned it?",
        "What did Varga say of that plan?",
        "Did Maskell say that she was there?",
    ],
)
def test_a_question_that_needs_the_one_before_leans_on_it(question: str) -> None:
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [
        QUAY,
        "Did Corriden order cranes?",
        "How many riders were affected?",
        "Who wrote the play?",
        "Who said that the quay was late?",
        "Did Edda Maskell say that Varga would wait?",
        "What did Edda Maskell say of her survey?",
        "Why does Varga think that she was right to object?",
        "Is there a plan for the quay?",
    ],
)
def test_a_question_that_stands_alone_does_not(question: str) -> None:
    assert not leans(question)


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("And Edda Maskell?", "What did Edda Maskell object to?"),
        ("What about Edda Maskell?", "What did Edda Maskell object to?"),
        ("and what about Maskell", "What did Maskell object to?"),
        ("Why did she say no to the fish?", "Why did Ilse Varga say no to the fish?"),
        ("And what did she tell the council?", "What did Ilse Varga tell the council?"),
        ("What was her plan?", "What was Ilse Varga’s plan?"),
        ("Who asked her to wait?", "Who asked Ilse Varga to wait?"),
        ("What did Maskell tell her?", ""),  # two people: whom "her" means is for a reader
        ("What came of it?", ""),
        ("And why?", ""),
    ],
)
def test_a_gap_is_filled_by_rule_where_one_name_fills_it(question: str, alone: str) -> None:
    assert by_rule(question, ["Who spoke?", QUAY]) == alone


@pytest.mark.parametrize("before", [[], ["Who objected to the quay?"], ["What did Ilse Varga tell Edda Maskell?"]])
def test_no_gap_is_filled_by_rule_where_no_name_or_two_could(before: list[str]) -> None:
    assert by_rule("Why did she say no?", before) == ""


def test_a_model_is_shown_the_last_questions_and_the_one_to_put() -> None:
    told, shown = prompt("And why?", ["One?", "Two?", "Three?", QUAY])
    assert "last question" in told.lower()
    assert shown.splitlines() == ["Two?", "Three?", QUAY, "", "Last question: And why?"]


@pytest.mark.parametrize(
    ("rewritten", "fits"),
    [
        ("Why did Ilse Varga object to the fish?", True),
        (" Why did Ilse Varga\nobject to the fish?\n", True),
        ("Why did Edda Maskell object to the fish?", False),  # a name from elsewhere
        ("Why did Ilse Varga object to the boats?", False),  # another matter
        ("Why did Ilse Varga object?", False),  # the fish is gone
        ("Ilse Varga objected to the fish because of the tide.", False),  # no question
        ("Why the fish? Why did Ilse Varga object to it?", False),
        ("", False),
    ],
)
def test_what_a_model_puts_is_taken_only_if_it_keeps_to_the_words(rewritten: str, fits: bool) -> None:
    taken = accepted(rewritten, "And why did she object to the fish?", [QUAY])
    assert taken == (" ".join(rewritten.split()) if fits else "")
