"""Text fragments: one address, that a browser finds the words by."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from excerpts import URL, whole_of
from helpers import any_article
from hypothesis import given
from hypothesis import strategies as st

from rag.fragments import fragment_url
from rag.text import Span
from rag.types import Article, Excerpt


def directive(excerpt: Excerpt) -> str:
    address, found, text = fragment_url(excerpt).partition("#:~:text=")
    assert (address, found) == (excerpt.article.url, "#:~:text=")
    return text


@pytest.mark.parametrize(
    ("words", "encoded"),
    [
        ("Nothing was decided.", "Nothing%20was%20decided."),
        ("two-thirds, so far", "two%2Dthirds%2C%20so%20far"),
        ("Pell & Underhay", "Pell%20%26%20Underhay"),
        ("-", "%2D"),
        ("100% of #1 + ?", "100%25%20of%20%231%20%2B%20%3F"),
        ("“Ja”", "%E2%80%9CJa%E2%80%9D"),
        ("well\u2013no", "well%E2%80%93no"),
        ("tabs\tand  spaces", "tabs%20and%20spaces"),
    ],
)
def test_what_is_syntax_in_a_text_fragment_is_encoded(words: str, encoded: str) -> None:
    assert directive(whole_of(words, url=URL)) == encoded


def test_a_long_text_fragment_names_its_first_and_last_words() -> None:
    words = [f"word{n}" for n in range(40)]
    assert directive(whole_of(" ".join(words), url=URL)) == (
        "word0%20word1%20word2%20word3%20word4,word35%20word36%20word37%20word38%20word39"
    )


def test_the_two_ends_of_a_text_fragment_never_overlap() -> None:
    few = " ".join("x" * 40 for _ in range(8))
    assert unquote(directive(whole_of(few, url=URL))) == few
    many = " ".join(f"{n}" * 30 for n in range(11, 22))
    start, end = unquote(directive(whole_of(many, url=URL))).split(",")
    assert many.startswith(start) and many.endswith(end)
    assert len(start.split()) + len(end.split()) <= len(many.split())


@pytest.mark.parametrize(
    "text", ["One.\n\nTwo.", "A first, short paragraph.\nThen a second one that goes on a little."]
)
def test_a_text_fragment_over_paragraphs_is_a_range_with_its_ends_inside_one_each(text: str) -> None:
    start, end = map(unquote, directive(whole_of(text, url=URL)).split(","))
    first, last = text.splitlines()[0], text.splitlines()[-1]
    assert first.startswith(start) and last.endswith(end)


@given(any_article(), st.data())
def test_whatever_the_words_a_fragment_url_is_one_address(whole: Article, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(whole.text) - 1))
    end = data.draw(st.integers(start + 1, len(whole.text)))
    excerpt = Article(whole.text, url=URL).excerpt(Span(start, end))
    text = directive(excerpt)
    assert text.isascii() and not re.search(r"[\s&#-]", text) and text.count(",") <= 1
    folded = " ".join(excerpt.text.split())
    first, *last = [unquote(side) for side in text.split(",")]
    assert folded.startswith(first) and folded.endswith("".join(last))


def test_a_text_fragment_joins_the_fragment_that_is_there() -> None:
    anchored = whole_of("Nothing was decided.", url=f"{URL}#part-2")
    assert fragment_url(anchored) == f"{URL}#part-2:~:text=Nothing%20was%20decided."
