"""Passages: whole sentences, all of them, in exact slices of about the length the model reads."""

from __future__ import annotations

from itertools import pairwise

from helpers import any_article, article, assert_exact, generated
from hypothesis import given
from hypothesis import strategies as st

from rag.passages import LONGEST_OVERLAP, TARGET_LENGTH, embedded, split
from rag.text import Span, sentences
from rag.types import Article

LONG = article("\n\n".join(record["text"] for record in generated(12)))


@given(any_article(), st.integers(1, 1_200))
def test_passages_are_exact_and_hold_every_sentence_whole(whole: Article, target: int) -> None:
    passages = split(whole, target)
    for passage in passages:
        assert_exact(passage.excerpt)
        assert passage.excerpt.span == (passage.sentences[0].start, passage.sentences[-1].end)
    found = [sentence for passage in passages for sentence in passage.sentences]
    assert list(dict.fromkeys(found)) == sentences(whole.text)


@given(any_article(), st.integers(1, 1_200))
def test_a_passage_is_over_length_only_where_one_sentence_is(whole: Article, target: int) -> None:
    for passage in split(whole, target):
        assert len(passage.excerpt.text) <= target or len(passage.sentences) == 1


@given(any_article(), st.integers(1, 1_200))
def test_two_passages_share_one_short_sentence_at_most(whole: Article, target: int) -> None:
    passages = split(whole, target)
    for one, following in pairwise(passages):
        shared = [span for span in one.sentences if span in following.sentences]
        assert len(shared) <= 1
        assert all(span.end - span.start <= LONGEST_OVERLAP for span in shared)
        assert one.sentences[-1] < following.sentences[-1]


def test_neighbours_overlap_where_sentences_are_short() -> None:
    passages = split(LONG)
    assert len(passages) > 3
    assert all(one.sentences[-1] == two.sentences[0] for one, two in pairwise(passages))
    assert all(len(passage.excerpt.text) <= TARGET_LENGTH for passage in passages)


def test_a_short_article_is_one_passage() -> None:
    (passage,) = split(article("One sentence. Another one."))
    assert passage.excerpt.span == Span(0, 26)


def test_white_space_has_no_passage() -> None:
    assert split(Article(" \n\n\t ")) == []


def test_what_is_embedded_begins_with_the_title_once() -> None:
    (passage,) = split(article("Wait a year.\n\nThe mayor said no.", title="Mayor says no"))
    assert embedded(passage) == "Mayor says no\nWait a year.\n\nThe mayor said no."
    (passage,) = split(article("Wait a year.\n\nThe mayor said no.", title="Wait a year."))
    assert embedded(passage) == passage.excerpt.text
    (passage,) = split(article("The mayor said no."))
    assert embedded(passage) == "The mayor said no."
