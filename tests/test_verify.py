"""A check of quotations that no altered one passes, and no true one fails."""

from __future__ import annotations

import pytest
from helpers import article, assert_exact
from hypothesis import given
from hypothesis import strategies as st

from rag.attribution import attribute
from rag.text import sentences
from rag.verify import verify

SPEECH = article(
    "“We did not object to the 14 new berths,” Nora Quill said on 3 May. “We will accept none of the cranes.”\n\n"
    "Piet Aalto told the council that he never agreed to the plan. He was, he said, “open to a survey in the spring”."
)
QUOTATIONS = attribute(SPEECH)


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("We did not object to the 14 new berths", "verbatim"),
        ("“We did not object to the 14 new berths,”", "verbatim"),
        ('"We did not object to the 14 new berths,"', "folded"),
        ("We did  not object\nto the 14 new berths", "folded"),
        ("open to a survey in the spring", "verbatim"),
        ("he never agreed to the plan", "verbatim"),
        ("We did object to the 14 new berths", "not_found"),
        ("We did not object to the 15 new berths", "not_found"),
        ("We did not оbject to the 14 new berths", "not_found"),  # a Cyrillic o
        ("object to the 14 new berths", "clipped"),
        ("We did", "clipped"),
        ("We will accept", "clipped"),
        ("agreed to the plan", "clipped"),
        ("e did not object to the 14 new berth", "clipped"),
        ("", "not_found"),
    ],
)
def test_only_the_whole_words_are_verbatim(words: str, verdict: str) -> None:
    found = verify(words, SPEECH)
    assert found.verdict == verdict
    assert (found.excerpt is None) == (verdict == "not_found")
    if found.excerpt is not None:
        assert_exact(found.excerpt)


@pytest.mark.parametrize(
    ("speaker", "verdict"), [("Quill", "verbatim"), ("nora quill", "verbatim"), ("Aalto", "misattributed")]
)
def test_words_are_only_somebodys_who_said_them(speaker: str, verdict: str) -> None:
    assert verify("We did not object to the 14 new berths", SPEECH, QUOTATIONS, speaker).verdict == verdict


def test_words_that_nobody_is_known_to_have_said_are_nobodys() -> None:
    assert verify("We did not object to the 14 new berths", SPEECH, (), "Quill").verdict == "misattributed"


def test_words_that_stand_whole_anywhere_are_verbatim() -> None:
    twice = article("He did not agree to the plan. “I agree to the plan,” she said.")
    found = verify("agree to the plan", twice)
    assert (found.verdict, found.excerpt and found.excerpt.span.start) == ("verbatim", 33)


@given(st.data())
def test_every_sentence_of_an_article_is_verbatim(data: st.DataObject) -> None:
    span = data.draw(st.sampled_from(sentences(SPEECH.text)))
    assert verify(SPEECH.excerpt(span).text, SPEECH).verdict == "verbatim"
