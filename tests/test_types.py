"""The nouns: an excerpt holds no words of its own, and an id says what it was made from."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from helpers import HEARING, any_article, article, assert_exact
from hypothesis import given
from hypothesis import strategies as st

from rag.text import Span
from rag.types import Article, Citation, Excerpt, Filters, Fingerprint


@given(any_article(), st.data())
def test_an_excerpt_is_the_slice_that_it_names(whole: Article, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(whole.text) - 1))
    end = data.draw(st.integers(start + 1, len(whole.text)))
    excerpt = whole.excerpt(Span(start, end))
    assert_exact(excerpt)
    assert excerpt.id == f"{whole.revision}-{start}-{end}"


@pytest.mark.parametrize("span", [(3, 3), (5, 2), (-1, 4), (-4, -1), (0, 10_000), (len(HEARING), len(HEARING) + 1)])
def test_a_span_that_is_empty_or_outside_the_text_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is not a stretch of"):
        article().excerpt(Span(*span))


def test_an_excerpt_has_no_text_that_could_be_set() -> None:
    excerpt = article().excerpt(Span(0, 10))
    assert "text" not in {field.name for field in dataclasses.fields(Excerpt)}
    with pytest.raises(dataclasses.FrozenInstanceError):
        excerpt.text = "Words nobody wrote"  # type: ignore[misc]


def test_articles_are_equal_when_their_content_is() -> None:
    assert article(title="A") == article(title="A")
    assert article(title="A") != article(title="B")


def test_the_id_stays_when_the_text_is_corrected_and_the_revision_does_not() -> None:
    old, new = article(external_id="7"), article("Another text.", external_id="7")
    assert old.id == new.id
    assert old.revision != new.revision


@pytest.mark.parametrize("field", ["text", "title", "author", "publisher", "published", "url"])
def test_a_change_of_anything_a_reader_sees_is_a_revision(field: str) -> None:
    base = article(external_id="7", published="2026-01-01")
    changed = dataclasses.replace(base, **{field: "2026-01-02"})
    assert changed.id == base.id
    assert changed.revision != base.revision


def test_where_it_was_read_is_not_part_of_the_revision() -> None:
    assert article(external_id="7", origin="a.txt").revision == article(external_id="7", origin="b.txt").revision


def test_the_id_comes_from_the_external_id_else_the_url_else_the_content() -> None:
    assert article(external_id="7", url="http://x").id == article(external_id="7", url="http://y").id
    assert article(url="http://x").id == article("Another text.", url="http://x").id
    assert article().id == article().id != article("Another text.").id


def test_an_id_and_a_url_of_the_same_letters_are_two_articles() -> None:
    assert article(external_id="http://x").id != article(url="http://x").id


def test_fields_cannot_flow_into_each_other() -> None:
    assert article(title="ab", author="c").content_hash != article(title="a", author="bc").content_hash


def test_a_stored_article_keeps_the_ids_it_was_given() -> None:
    stored = dataclasses.replace(article(external_id="7"), stored_id="a" * 20, stored_revision="b" * 20)
    assert (stored.id, stored.revision) == ("a" * 20, "b" * 20)
    assert stored.excerpt(Span(0, 4)).id == "b" * 20 + "-0-4"
    assert stored.stored_as("c" * 20).id == "c" * 20
    assert stored.stored_as("c" * 20).revision not in {"b" * 20, article(external_id="7").revision}


def test_keys_name_an_article_strongest_first() -> None:
    assert article(external_id="7", url="http://x", origin="a.txt").keys == ["id:7", "url:http://x", "origin:a.txt"]
    assert article().keys == []


def test_a_day_is_a_number_and_an_unknown_day_is_nought() -> None:
    assert article(published="2026-09-08").day == 20260908
    assert article().day == 0


def test_a_citation_shows_its_excerpt() -> None:
    excerpt = article().excerpt(Span(0, 10))
    citation = Citation(1, excerpt)
    assert (citation.id, citation.quote) == (excerpt.id, HEARING[:10])


def test_only_empty_filters_are_false() -> None:
    assert not Filters()
    assert Filters(since=date(2026, 1, 1)) and Filters(speakers=("Lavrov",))


def test_a_fingerprint_names_the_model_and_its_dimensions() -> None:
    assert str(Fingerprint("minilm", 384)) == "minilm (384 dimensions)"
