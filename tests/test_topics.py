"""What quotations talk about: names and words that stand in these and in little else, each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from helpers import any_article, article
from hypothesis import given
from hypothesis import strategies as st

from rag.speech import speech
from rag.text import Span
from rag.topics import Topic, topics
from rag.types import Article, Quotation
from rag.words import stems, stopwords

PASSAGES = 1_000


def said(text: str | Article, speaker: str = "") -> Quotation:
    whole = article(text) if isinstance(text, str) else text
    return Quotation(whole.excerpt(Span(0, len(whole.text))), speaker, "said", "direct")


def found(quotations: Sequence[Quotation], known: Mapping[str, int] | None = None, limit: int = 12) -> list[Topic]:
    """Topics in a library of `PASSAGES`, in which a stem stands twice if it is not in `known`."""
    return topics(quotations, lambda asked: {stem: (known or {}).get(stem, 2) for stem in asked}, PASSAGES, limit)


def labels(*texts: str, speaker: str = "", known: Mapping[str, int] | None = None) -> list[str]:
    return [topic.label for topic in found([said(text, speaker) for text in texts], known)]


def test_what_stands_in_most_quotations_comes_first() -> None:
    quotations = [
        said("“The eelgrass will drown,” and so will the herring."),
        said("Silt on eelgrass kills it, and herring."),
        said("Nobody planted that eelgrass."),
    ]
    assert found(quotations) == [Topic("eelgrass", ("eelgrass",), 3), Topic("herring", ("her",), 2)]


def test_what_is_rare_in_the_library_comes_before_what_is_everywhere() -> None:
    texts = ["a bridge, a quay", "a bridge, a quay"]
    assert labels(*texts, known={"bridg": 3, "quai": 300}) == ["bridge", "quay"]
    assert labels(*texts, known={"bridg": 300, "quai": 3}) == ["quay", "bridge"]
    assert labels(*texts, known={"bridg": PASSAGES, "quai": PASSAGES}) == []


def test_a_name_of_several_words_is_one_topic() -> None:
    assert labels("We opened Orrisport Quay.", "They sold Orrisport Quay’s cranes.") == ["Orrisport Quay"]


def test_a_name_gives_way_to_a_word_that_is_mostly_used_otherwise() -> None:
    others = ["The quay leaks.", "Mend a quay!", "No quay, no ferry.", "Quays rot."]
    assert labels("on Orrisport Quay", "at Orrisport Quay", *others) == ["quay", "Orrisport"]


def test_a_capital_that_begins_a_sentence_makes_no_name() -> None:
    assert labels("“Silt Marsh eats it.”", "It rains. Silt Marsh grew") == ["Marsh", "Silt"]
    assert labels("we saw Silt Marsh", "at Silt Marsh") == ["Silt Marsh"]


def test_a_label_is_the_commonest_form_and_one_at_a_sentence_s_start_counts_last() -> None:
    assert labels("Ferries sank.", "Ferries float.", "Ferries rust. A ferry") == ["ferry"]
    assert labels("two ferries", "the ferries", "a ferry") == ["ferries"]


def test_no_stopword_reporting_verb_title_or_denial_is_a_topic() -> None:
    text = "A mayor could not say what they announced; they warned, and didn’t object, on Thursday, about Mayor Varga."
    assert labels(text, text) == ["Varga"]


def test_a_speaker_is_no_topic_of_what_they_say() -> None:
    text = "“Ilse Varga keeps her word to Edda Maskell”"
    assert "Varga" not in " ".join(labels(text, text, speaker="Ilse Varga"))
    assert "Edda Maskell" in labels(text, text, speaker="Ilse Varga")
    assert "Ilse Varga" in " ".join(labels(f"to {text}", f"that {text}", "for Ilse Varga", "by Ilse Varga"))


def test_what_is_said_once_is_no_topic() -> None:
    assert labels("The eelgrass drowned, eelgrass!", "The quay leaks.") == []
    assert found([]) == []


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_there_are_at_most_as_many_as_asked_for(limit: int) -> None:
    text = "ferry bridge orchard quarry lighthouse"
    assert len(found([said(text), said(text)], limit=limit)) == limit


@given(st.lists(any_article(6), max_size=4))
def test_any_text_has_topics_that_stand_in_it_each_once_and_in_one_order(articles: list[Article]) -> None:
    quotations = [said(whole, "John Smith") for whole in articles * 2]
    chosen = found(quotations)
    assert chosen == found(quotations)
    for n, topic in enumerate(chosen):
        assert any(topic.label in whole.text for whole in articles)
        assert topic.label.lower() not in stopwords() | speech().groups.keys() | set(stems("John Smith"))
        assert all(not set(topic.stems) <= set(other.stems) for m, other in enumerate(chosen) if m != n)
