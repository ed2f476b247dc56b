"""Words that may be cut out of a text, and words that may not."""

from __future__ import annotations

import pytest
from helpers import article

from rag.edges import is_clipped, is_inside_word, unclipped
from rag.text import Span
from rag.verify import verify


@pytest.mark.parametrize(
    "cut",
    [
        "suppor|t", "We can|’t support", "We can’|t support", "I don|‘t think", "we donʼ|t trust",  # a contraction
        "non|-violent", "non-|violent", "a G|-7 summit", "the mid‑|1990s", "Quill|’s plan",
        "3|,000 families", "3,|000 families", "by 3|.75 percent", "by 3.|75 percent", "10|:30", "5|–3", "1/|2",
        "$|1,250", "€|9", "3.5|%", "at -|5 degrees", "at −|5 degrees", "-|$5 million", "–|£4", "नही|ं",
        "n’|avons pas",
    ],
)  # fmt: skip
def test_no_word_and_no_figure_is_cut_in_two(cut: str) -> None:
    assert is_inside_word(cut.replace("|", ""), cut.index("|"))


@pytest.mark.parametrize(
    "cut",
    [
        "the plan|.", "(|3)", "in 2019.| It", "in 2019|. It", "a |– b", "word|—5", "word—|5", "word–|which",
        "word-|-word", "word|--word", "said ‘|yes’ and", "l’|accord", "|$5", "5|, 6", "the quay|’ and", "“|a”",
    ],
)  # fmt: skip
def test_words_end_where_they_end(cut: str) -> None:
    assert not is_inside_word(cut.replace("|", ""), cut.index("|"))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("It is barely [able to pay the bills] now.", "It is barely able to pay the bills"),
        ("Olsen denied that [he took the money].", "Olsen denied that he took the money"),
        ("They refused to [support the new law].", "They refused to support the new law"),
        ("It is false that [the mayor stole it].", "It is false that the mayor stole it"),
        ("We did not tell Mr. Quill that [the plan holds].", "We did not tell Mr. Quill that the plan holds"),
        ("We will not pay 3.5 [percent of it].", "We will not pay 3.5 percent of it"),
        ("I don‘t [think it will work], he said.", "I don‘t think it will work"),
        ("[We will] never sell.", "We will never"),
    ],
)
def test_words_are_not_cut_from_what_turns_them_round(text: str, whole: str) -> None:
    start, end = text.index("["), text.index("]") - 1
    plain = text.replace("[", "").replace("]", "")
    assert is_clipped(plain, Span(start, end))
    found = unclipped(plain, Span(start, end))
    assert plain[slice(*found)] == whole
    assert verify(plain[start:end], article(plain)).verdict == "clipped"


@pytest.mark.parametrize(
    "text",
    [
        "The mayor denied it, saying [the money was a loan].",
        "Sales declined and [he took the money].",
        "He will not come. [The plan holds].",
        "He said “[we will not sell]”.",
        "She failed [the test of the quay].",
    ],
)
def test_what_turns_other_words_round_leaves_these_alone(text: str) -> None:
    plain = text.replace("[", "").replace("]", "")
    assert not is_clipped(plain, Span(text.index("["), text.index("]") - 1))
