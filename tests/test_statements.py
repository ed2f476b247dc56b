"""The same statement in several outlets: found again, and what changed on the way marked to the letter."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers import any_text, article
from hypothesis import given
from hypothesis import strategies as st

from rag.statements import Piece, differences, states_the_same, versions
from rag.text import Span
from rag.types import Quotation, QuotationKind


def said(text: str, speaker: str = "Ilse Varga", kind: QuotationKind = "direct", **fields: str) -> Quotation:
    """An article that is one quotation."""
    whole = article(text, **fields)
    return Quotation(whole.excerpt(Span(0, len(whole.text))), speaker, "said", kind)


def same(one: str, other: str, speaker: str = "Ilse Varga", another: str = "Varga") -> bool:
    """Whether they state the same, which may not depend on the order."""
    first, second = said(one, speaker), said(other, another)
    assert states_the_same(first, second) == states_the_same(second, first)
    return states_the_same(first, second)


# --- the same statement -----------------------------------------------------------------------

TIMETABLE = "“The council has given the harbour eleven weeks to dredge a channel that took our parents nine years.”"


@pytest.mark.parametrize(
    "printed",
    [
        TIMETABLE,
        '"The council has given the harbour eleven weeks to dredge a channel that took our parents nine years,"',
        "the council had given the harbour eleven weeks to dredge a channel that took their parents nine years",
        "“given the harbour eleven weeks to dredge a channel”",
        "“Nobody asked the fishermen. I want that written down, and read out in the town hall too. "
        + TIMETABLE.strip("“"),
        TIMETABLE.replace("eleven", "seven"),
        TIMETABLE.replace("has given", "has not given"),
        TIMETABLE.replace("harbour", "port"),
        TIMETABLE.replace(" ", "\u00a0"),
    ],
)
def test_a_statement_is_found_again_in_another_setting_cut_or_changed(printed: str) -> None:
    assert same(TIMETABLE, printed)


@pytest.mark.parametrize(
    "changed",
    [
        ("The survey found 480,000 eels in the estuary", "The survey found 48,000 eels in the estuary"),
        ("The quay will be finished by March", "The quay won’t be finished by March"),
    ],
)
def test_a_figure_and_a_denial_hold_no_two_versions_apart(changed: tuple[str, str]) -> None:
    assert same(*changed)


def test_i_will_is_he_would_in_indirect_speech() -> None:
    assert same("“I will resign,”", "she would resign")
    assert same("“We’ve closed our door,”", "they had closed their door")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("They burnt it, he said", "They sold it, he said"),
        ("They burnt the bridge on Friday night", "Rebels sold the ferry on Friday night"),
        ("I will resign", "I will return"),
        ("The quay is a gift to the town", "The quay is a burden on its fishermen"),
    ],
)
def test_other_telling_words_are_another_statement(one: str, other: str) -> None:
    assert not same(one, other)


def test_few_words_must_be_the_same_speaker_s() -> None:
    assert same("I will resign", "he will resign", "Bo Carr", "Mr Carr")
    assert not same("I will resign", "he will resign", "Bo Carr", "Cy Dunn")
    assert not same("I will resign", "he will resign", "Bo Carr", "")
    assert not same("I will resign", "he will resign", "the company", "the company")


def test_many_words_may_be_given_to_another_speaker() -> None:
    assert same(TIMETABLE, TIMETABLE, "Ilse Varga", "Edda Maskell")


@pytest.mark.parametrize("nothing", ["to comment", "about Mayor Ilse Varga of Orrisport Harbour Council", "…", "it is"])
def test_names_and_reporting_verbs_alone_state_nothing(nothing: str) -> None:
    assert not same(nothing, nothing)


def test_words_of_a_long_speech_here_and_there_are_no_cut_of_it() -> None:
    speech = (
        "“The harbour was deep when my mother was a child. Weeks went by without a ship. A channel of eelgrass ran to "
        "the town, and the council did not know how to dredge it.”"
    )
    assert not same("the council gave the harbour weeks to dredge a channel", speech, "Ilse Varga", "Edda Maskell")


def test_a_report_in_the_same_form_with_later_figures_is_another() -> None:
    one, other = (
        "Herring rose to 7 crowns a crate at the quay market",
        "Herring rose to 9 crowns a crate at the quay market",
    )
    first = said(one, "Fish Board", published="2026-03-01")
    assert states_the_same(first, said(other, "Fish Board", published="2026-03-02"))
    assert not states_the_same(first, said(other, "Fish Board", published="2026-05-01"))
    assert states_the_same(first, said(one, "Fish Board", published="2026-05-01"))


def test_accents_do_not_part_two_spellings_of_a_name() -> None:
    assert same("“Åsa Lindén mended the old ferry alone,”", "“Asa Linden mended the old ferry alone”")


# --- differences ------------------------------------------------------------------------------


def changes(one: str, other: str) -> list[tuple[str, str]]:
    """What is marked, without the space around."""
    return [(piece.change, piece.text.strip()) for piece in differences(one, other) if piece.change != "same"]


@given(any_text(8), any_text(8))
def test_the_pieces_make_up_both_versions_exactly(one: str, other: str) -> None:
    pieces = differences(one, other)
    assert "".join(piece.text for piece in pieces if piece.change != "left out") == other
    assert "".join(piece.was for piece in pieces) == one
    assert all(piece.was == {"added": "", "left out": piece.text}.get(piece.change, piece.was) for piece in pieces)


@given(
    st.lists(st.sampled_from(["the", "quay", "is", "not", "7", "1.5", "“", "”", "’", " ", "\n", ",", "?", "-"])),
    any_text(4),
)
def test_the_pieces_make_up_versions_that_share_much(shared: list[str], tail: str) -> None:
    one, other = "".join(shared), " ".join(shared) + tail
    pieces = differences(one, other)
    assert "".join(piece.text for piece in pieces if piece.change != "left out") == other
    assert "".join(piece.was for piece in pieces) == one


@given(any_text(8))
def test_nothing_differs_from_itself(text: str) -> None:
    assert differences(text, text) == ([Piece(text, "same", text)] if text else [])


def test_a_dropped_not_is_marked() -> None:
    assert differences("We will not dredge the harbour.", "We will dredge the harbour.") == [
        Piece("We will ", "same", "We will "),
        Piece("not ", "left out", "not "),
        Piece("dredge the harbour.", "same", "dredge the harbour."),
    ]


@pytest.mark.parametrize(
    ("one", "other", "marked"),
    [
        ("480,000 riders", "48,000 riders", [("left out", "480,000"), ("added", "48,000")]),
        ("It cost 1.5 crowns", "It cost 15 crowns", [("left out", "1.5"), ("added", "15")]),
        ("It was -5 outside", "It was 5 outside", [("left out", "-")]),
        ("£5", "$5", [("left out", "£"), ("added", "$")]),
        ("by 5%", "by 5", [("left out", "%")]),
        ("You will pay?", "You will pay.", [("left out", "?")]),
        ("We can accept it", "We can’t accept it", [("left out", "can"), ("added", "can’t")]),
        ("the old red boat", "the new grey boat", [("left out", "old red"), ("added", "new grey")]),
    ],
)
def test_what_changes_the_sense_is_marked(one: str, other: str, marked: list[tuple[str, str]]) -> None:
    assert changes(one, other) == marked


@pytest.mark.parametrize(
    "other",
    [
        '"We don\'t sell - not now," she said',
        "We don’t sell — not now, she said",
        "“we\u00a0don’t\nsell – not now”, she said…",
    ],
)
def test_how_words_are_set_is_no_change(other: str) -> None:
    one = "“We don’t sell — not now,” she said"
    assert differences(one, other) == [Piece(other, "same", one)]


# --- versions ---------------------------------------------------------------------------------


def test_versions_come_earliest_first_and_without_a_date_last() -> None:
    days = ["", "2026-03-02", "2026-03-01", "2026-03-02", "2026-03-01", ""]
    given_out = [said(f"The quay is number {n}", published=day) for n, day in enumerate(days)]
    found = versions(given_out)
    assert [given_out.index(version.quotation) for version in found] == [2, 4, 1, 3, 0, 5]
    assert [version.first for version in found] == [True, True, False, False, False, False]


def test_each_version_is_set_beside_the_first() -> None:
    late = said("“We will dredge the harbour”", published="2026-03-02")
    early = said("“We will not dredge the harbour”", published="2026-03-01")
    first, second = versions([late, early])
    assert {piece.change for piece in first.pieces} == {"same"}
    assert second.pieces == tuple(differences(early.excerpt.text, late.excerpt.text))
    assert [piece.text for piece in second.pieces if piece.change == "left out"] == ["not "]


def test_where_no_day_is_known_none_is_first() -> None:
    quotation = said("We will dredge the harbour")
    assert [version.first for version in versions([quotation, replace(quotation, kind="mixed")])] == [False, False]
    assert versions([]) == []
