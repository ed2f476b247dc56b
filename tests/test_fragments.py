"""Text fragments: one address, that a browser finds the words by."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from excerpts import URL, cut, whole_of
from fragment_finder import Page, bases, blocks_of, mark
from helpers import SAMPLES, any_article, article
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag import fragments, sources
from rag.attribution import attribute
from rag.fragments import fragment_url
from rag.text import Span, quoted, sentences
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
    address = fragment_url(Article(whole.text, url=URL).excerpt(Span(start, end)))
    assert address.isascii() and not re.search(r"\s", address)
    assert re.fullmatch(rf"{re.escape(URL)}(#:~:text=([^&,-]+-,)?[^&,-]+(,[^&,-]+)?(,-[^&,-]+)?)?", address)


# --- what a browser finds by it ---------------------------------------------------------------


def solid(text: str) -> int:
    """How many characters of `text` are to be seen on every page."""
    return sum(bool(bases(c).strip()) for c in text)


def assert_found(excerpt: Excerpt, wrapped: bool = False) -> bool:
    """That a browser marks `excerpt` and nothing else, where there is a directive at all: whether there is."""
    found = fragments.directive(excerpt)
    if found is None:
        return False
    text, span = excerpt.article.text, excerpt.span
    heading = "" if text.startswith(excerpt.article.title) else excerpt.article.title
    page = Page([*blocks_of(heading), *blocks_of(text, wrapped)])
    marked = mark(page, str(found))
    assert marked is not None, found
    title = solid(heading)
    expected = (title + solid(text[: span.start]), title + solid(text[: span.end]))
    assert (solid(page.text[: marked[0]]), solid(page.text[: marked[1]])) == expected, found
    return True


SAMPLE_ARTICLES = [
    found for found in sources.read([str(SAMPLES)], sources.Limits(max_bytes=1_000_000, parse_seconds=20))
    if isinstance(found, Article)
]  # fmt: skip


@pytest.mark.parametrize("whole", SAMPLE_ARTICLES, ids=lambda whole: whole.title[:30])
def test_every_sentence_and_quotation_of_a_sample_is_what_a_browser_finds(whole: Article) -> None:
    said = [quotation.excerpt for quotation in attribute(whole)]
    for excerpt in [*said, *map(whole.excerpt, sentences(whole.text)), *map(whole.excerpt, quoted(whole.text))]:
        assert assert_found(excerpt), excerpt.text
        assert assert_found(excerpt, wrapped=True), excerpt.text


@given(st.sampled_from(SAMPLE_ARTICLES), st.data())
def test_any_stretch_of_a_sample_is_what_a_browser_finds(whole: Article, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(whole.text) - 1))
    end = data.draw(st.integers(start + 1, min(len(whole.text), start + 400)))
    assert_found(whole.excerpt(Span(start, end)))


REPEATING = [
    "no ", "No. ", "the mayor ", "THE MAYOR ", "said ", "mud", " ", "“No,” ", "naïve ", "naive ", "it's ", "its ",
    "3.5 ", "3,500 ", "two-thirds ", "Straße ", "strasse ", "a&b, ", "中文。", "مرحبا ", "\u200f", "👩\u200d👩 ",
    "\u00ad", "\n", "\n\n", "x\u00a0y ",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(REPEATING), min_size=1, max_size=40).map("".join), st.sampled_from(["", "No."]), st.data()
)
@example("no no no", "", None)
@settings(max_examples=500)
def test_where_words_repeat_a_browser_finds_the_right_ones_or_none_are_asked_for(
    text: str, title: str, data: st.DataObject | None
) -> None:
    whole = article(text, title=title, url=URL)
    if not whole.text.strip():
        return
    if data is None:
        spans = [Span(a, b) for a in range(len(whole.text)) for b in range(a + 1, len(whole.text) + 1)]
    else:
        start = data.draw(st.integers(0, len(whole.text) - 1))
        spans = [Span(start, data.draw(st.integers(start + 1, len(whole.text))))]
    for span in spans:
        assert_found(whole.excerpt(span))


@pytest.mark.parametrize(
    ("before", "words", "after", "expected"),
    [
        ("No. ", "Yes.", " No.", "Yes."),
        ("Yes, Ada said. ", "Yes,", " Bo said.", "Yes%2C,-Bo"),
        ("He said yes. She said ", "yes.", "", "She%20said-,yes."),
        ("The mayor agreed. Then ", "the mayor", " left.", "Then-,the%20mayor"),
        ("A house. ", "A hou", "se too.", "A%20hou,-se%20too."),
        ("He went in. Un", "used", " it lay.", "Un-,used"),
        ("It is naive. ", "It is naïve", " too.", "It%20is%20na%C3%AFve,-too."),
        ("Two words.\n\n", "No.", "\n\nOne. No.", "No.,-One."),
        ("No. Two.\n\n", "No.", "\n\nOne.", "No.,-One."),
    ],
)
def test_context_is_the_shortest_that_tells_the_words_from_others(
    before: str, words: str, after: str, expected: str
) -> None:
    whole = article(before + words + after, url=URL)
    excerpt = whole.excerpt(Span(len(before), len(before) + len(words)))
    assert directive(excerpt) == expected
    assert assert_found(excerpt)


def test_words_of_the_title_are_told_from_those_of_the_text() -> None:
    whole = article("The mayor spoke. Mud does not read, she said.", title="Mud does not read", url=URL)
    assert directive(cut("Mud does not read", whole)) == "Mud%20does%20not%20read,-%2C%20she"


def test_the_ends_of_a_long_quotation_grow_where_they_repeat() -> None:
    start, rest = "We will not agree to", " ".join(f"word{n}" for n in range(30))
    whole = article(f"{start} that. {start} this {rest} {start} this.", url=URL)
    excerpt = cut(f"{start} this {rest} {start} this.", whole)
    assert directive(excerpt) == "We%20will%20not%20agree%20to%20this%20word0,will%20not%20agree%20to%20this."
    assert assert_found(excerpt)


def test_where_nothing_tells_words_apart_the_address_has_no_fragment() -> None:
    whole = article("Echo.\n\nEcho.\n\nEcho.\n\nEcho.\n\nEcho.", url=URL)
    last = whole.excerpt(Span(len(whole.text) - 5, len(whole.text)))
    assert fragment_url(last) == URL
    assert fragment_url(article(" x ", url=URL).excerpt(Span(0, 1))) == URL


def test_an_address_does_not_grow_with_a_text_that_has_no_words_to_cut_at() -> None:
    whole = article("a" * 5_000, url=URL)
    assert fragment_url(whole.excerpt(Span(2_000, 2_002))) == URL
    repeated = article("no " * 2_000, url=URL)
    assert len(fragment_url(repeated.excerpt(Span(0, 5_999)))) < 500


def test_a_directive_that_an_address_has_already_gives_way() -> None:
    assert fragment_url(whole_of("Words.", url=f"{URL}#:~:text=other")) == f"{URL}#:~:text=Words."
    assert fragment_url(whole_of("Words.", url=f"{URL}#")) == f"{URL}#:~:text=Words."
    assert fragment_url(whole_of("Words.", url=f"{URL}#a:~:text=b")) == f"{URL}#a:~:text=Words."


def test_a_text_fragment_joins_the_fragment_that_is_there() -> None:
    anchored = whole_of("Nothing was decided.", url=f"{URL}#part-2")
    assert fragment_url(anchored) == f"{URL}#part-2:~:text=Nothing%20was%20decided."
