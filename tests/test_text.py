"""Positions in text: nothing is lost in normalising, cut by a sentence, or guessed by `locate`."""

from __future__ import annotations

import unicodedata

import pytest
from helpers import any_text
from hypothesis import example, given
from hypothesis import strategies as st

from rag.text import (
    LONGEST_SENTENCE,
    LONGEST_WHOLE_QUOTATION,
    Span,
    fold,
    locate,
    normalise,
    quoted,
    sentences,
    trimmed,
)

REPORT = "The figure is 4.2 million cubic metres. She did object to it on 19 October, “with regret”, and left."


def sentence_texts(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


def quoted_texts(text: str) -> list[str]:
    return [text[span.start : span.end] for span in quoted(text)]


def found(quote: str, text: str) -> str | None:
    span = locate(quote, text)
    return text[span.start : span.end] if span else None


# --- normalising ------------------------------------------------------------------------------


@given(any_text())
def test_normalising_twice_changes_nothing_more(raw: str) -> None:
    once = normalise(raw)
    assert normalise(once) == once


@given(any_text())
def test_normal_text_is_nfc_without_control_characters_and_can_be_stored_as_utf8(raw: str) -> None:
    text = normalise(raw)
    assert unicodedata.is_normalized("NFC", text)
    assert not [c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"]
    assert text.encode("utf-8").decode("utf-8") == text


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\r\x00\nb", "a\nb"),
        ("e\u0301", "é"),
        ("e\x00\u0301", "é"),
        ("tab\tstays", "tab\tstays"),
        ("a\x00b\x07c\x85d", "abcd"),
        ("\ud83d alone", "\ufffd alone"),
        ("“Curly” — it’s  kept\u00a0as is", "“Curly” — it’s  kept\u00a0as is"),
        ("", ""),
    ],
)
def test_only_what_cannot_be_stored_or_compared_is_changed(raw: str, stored: str) -> None:
    assert normalise(raw) == stored


# --- quotation marks --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        ("He said “no” and “never”.", ["“no”", "“never”"]),
        ("“She said ‘no’ to “me” once,” he said.", ["“She said ‘no’ to “me” once,”"]),
        ('He said "no" and "never".', ['"no"', '"never"']),
        ("Er sagte „nein“ und ging.", ["„nein“"]),
        ("Il a dit « non » hier.", ["« non »"]),
        ("彼は「いいえ」と言った。", ["「いいえ」"]),
        ('A pipe of 6" and one of 8" wide.', []),
        ("An “unclosed mark opens nothing.", []),
        ("A closed” mark closes nothing.", []),
        ("“First paragraph.\n\n“Second paragraph.”", ["“First paragraph.", "“Second paragraph.”"]),
        ("“Never closed.\n\nA paragraph without a mark.", []),
    ],
)
def test_marks_pair_up_as_printers_mean_them(text: str, stretches: list[str]) -> None:
    assert quoted_texts(text) == stretches


@given(any_text())
def test_quoted_stretches_are_ordered_and_apart(raw: str) -> None:
    text, end = normalise(raw), 0
    for span in quoted(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end


# --- sentences --------------------------------------------------------------------------------


@given(any_text())
@example("X\u00a0. Y\u3000. Z\u2028.")  # sentencex panics on these as they are
def test_sentences_hold_everything_but_the_space_between_them_in_order(raw: str) -> None:
    text, end = normalise(raw), 0
    for span in sentences(text):
        assert end <= span.start < span.end <= len(text)
        assert not text[end : span.start].strip()
        assert trimmed(text, span) == span
        end = span.end
    assert not text[end:].strip()


@given(any_text())
def test_no_sentence_ends_inside_a_quotation(raw: str) -> None:
    text = normalise(raw)
    found = sentences(text)
    for quotation in quoted(text):
        if quotation.end - quotation.start <= LONGEST_WHOLE_QUOTATION:
            assert any(sentence.covers(quotation) for sentence in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained. It stopped.", ["It rained.", "It stopped."]),
        ("Dr. Maskell met Mr. Creedy on Sept. 4 in the U.S. capital.", None),
        ("It cost $1.9 million. Nobody paid.", ["It cost $1.9 million.", "Nobody paid."]),
        ("“We object. We always did. We will,” she said. He left.", [
            "“We object. We always did. We will,” she said.", "He left.",
        ]),
        ("A title\n\nThe text", ["A title", "The text"]),
        ("One line\nanother line", ["One line", "another line"]),
        (" \n\t ", []),
        ("", []),
    ],
)  # fmt: skip
def test_sentences_are_those_a_reader_sees(text: str, expected: list[str] | None) -> None:
    assert sentence_texts(text) == ([text] if expected is None else expected)


def test_a_line_without_an_end_is_cut_at_spaces() -> None:
    text = "word " * 2_000
    pieces = sentence_texts(text)
    assert len(pieces) > 1
    assert all(len(piece) <= LONGEST_SENTENCE for piece in pieces)
    assert set(" ".join(pieces).split()) == {"word"}


def test_a_line_without_even_a_space_is_cut_all_the_same() -> None:
    text = "x" * 100_000
    assert "".join(sentence_texts(text)) == text
    assert max(map(len, sentence_texts(text))) <= LONGEST_SENTENCE


def test_thousands_of_short_quotations_on_one_line_is_read_whole() -> None:
    text = "“We do it now” and " * 20_000
    assert len(quoted(text)) == 20_000
    assert sentences(text)[-1].end == len(text.rstrip())


# --- spans ------------------------------------------------------------------------------------


def test_a_span_covers_what_lies_within_it_and_overlaps_what_it_shares_a_character_with() -> None:
    assert Span(2, 8).covers(Span(2, 8)) and not Span(2, 8).covers(Span(1, 8))
    assert Span(2, 8).overlaps(Span(7, 9)) and not Span(2, 8).overlaps(Span(8, 9))
    assert Span(2, 8).shifted(3) == (5, 11)


@given(any_text(8))
def test_trimming_takes_away_space_only(raw: str) -> None:
    span = trimmed(raw, Span(0, len(raw)))
    assert raw[span.start : span.end] == raw.strip()


# --- fold and locate --------------------------------------------------------------------------


@given(any_text())
def test_folding_keeps_every_offset_and_every_letter_and_digit(raw: str) -> None:
    text = normalise(raw)
    folded = fold(text)
    assert len(folded) == len(text)
    assert all(a == b for a, b in zip(text, folded, strict=True) if a.isalnum() and a not in "ʼ")


@given(any_text(), st.data())
def test_every_piece_of_a_text_is_found_in_it(raw: str, data: st.DataObject) -> None:
    text = normalise(raw)
    start = data.draw(st.integers(0, len(text)))
    piece = text[start : data.draw(st.integers(start, len(text)))]
    assert found(piece, text) == (piece.strip() or None)


@given(any_text(), any_text(4))
@example("abc", "\0")  # nothing is left of it once it is normalised
def test_whatever_is_found_reads_the_same(raw: str, quote: str) -> None:
    text = normalise(raw)
    place = found(quote, text)
    if place is not None:
        assert fold(normalise(quote)).split() == fold(place).split() != []


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\0", "\x01 \x02", "\u00a0\u3000"])
def test_a_blank_quote_stands_nowhere(blank: str) -> None:
    assert locate(blank, "Some text.\0 \x01") is None


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        ("did object to it", "did object to it"),
        ("  did object to it\n", "did object to it"),
        ("did\nobject   to\tit", "did object to it"),
        ('"with regret", and', "“with regret”, and"),
        ("4.2\u00a0million", "4.2 million"),
        ("did\0 object", "did object"),
    ],
)
def test_a_quote_is_found_through_the_typesetters_changes(quote: str, place: str) -> None:
    assert found(quote, REPORT) == place


@pytest.mark.parametrize(
    ("quote", "text", "place"),
    [
        ("a metre–no more", "It is a metre-no more.", "a metre-no more"),
        ("it’s ours", "They say it's ours.", "it's ours"),
        ("two lines of it", "There are two\n lines\u2028of\u3000it.", "two\n lines\u2028of\u3000it"),
        ("the cafe\u0301", "In the café.", "the café"),
        ("a metre — no more", "It is a metre—no more.", None),
    ],
)
def test_dashes_apostrophes_and_kinds_of_space_may_differ_but_not_whether_there_is_any(
    quote: str, text: str, place: str | None
) -> None:
    assert found(quote, text) == place


@pytest.mark.parametrize(
    "altered",
    [
        "She did not object to it",
        "She didn't object to it",
        "She objects to it",
        "She did Object to it",
        "He did object to it",
        "The figure is 4.3 million",
        "The figure is 42 million",
        "The figure is 4,2 million",
        "on 18 October",
        "on October 19",
        "with regrets",
        "withregret",
        "did object it to",
        "The figure is … million",
        "The figure is [4.2] million",
        "the figure is",
        ".*",
        "4.2 m.llion",
    ],
)
def test_a_changed_quote_is_not_found(altered: str) -> None:
    assert locate(altered, REPORT) is None


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=30, unique=True), st.data())
def test_one_changed_word_or_number_is_one_too_many(numbers: list[int], data: st.DataObject) -> None:
    words = [f"w{n:05}" for n in numbers]
    at = data.draw(st.integers(0, len(words) - 1))
    changed = data.draw(st.sampled_from(["not", "W" + words[at][1:], f"w{99999 - numbers[at]:05}", words[at - 1]]))
    text = " ".join(words)
    assert locate(" ".join([*words[:at], changed, *words[at + 1 :]]), text) is None
    assert locate(" ".join([*words[:at], "not", *words[at:]]), text) is None


def test_the_first_place_wins() -> None:
    assert locate("again", "again and again") == (0, 5)


def test_a_quote_of_a_hundred_thousand_characters_is_compared_like_any_other() -> None:
    text = " ".join(f"word{n}" for n in range(15_000))
    assert found(text.replace(" ", "\n"), text) == text
    assert locate(text.replace("word14999", "word15000"), text) is None


WRAPPED = """The mayor of Orrisport spoke to a full hall on Thursday and told the
developer that she was "not opposed to being told about plans. I am
opposed to being told about both on the same afternoon," she said at
the harbour. Nobody answered her.

Harbour Gazette
Page 4

A line of verse
and another one
"""


def test_lines_broken_to_fit_a_page_are_one_paragraph() -> None:
    found = [WRAPPED[start:end] for start, end in sentences(WRAPPED)]
    assert found[0].startswith("The mayor") and found[0].endswith("she said at\nthe harbour.")
    assert found[1:] == ["Nobody answered her.", "Harbour Gazette", "Page 4", "A line of verse", "and another one"]
    assert [WRAPPED[start:end] for start, end in quoted(WRAPPED)] == [
        found[0][found[0].index('"') : -len(" she said at\nthe harbour.")]
    ]


def test_a_very_long_line_is_cut_at_its_sentences_in_time_that_grows_with_its_length() -> None:
    line = "“ „ « It is so, said she. " * 4_000
    found = sentences(line)
    assert "".join(line[a:b] for a, b in found).replace(" ", "") == line.replace(" ", "")
    prose = "Nobody came to the harbour today. " * 1_000
    assert {prose[a:b] for a, b in sentences(prose)} == {"Nobody came to the harbour today."}
