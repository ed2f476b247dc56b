"""Quotations looked up: by who, words, topic, meaning, kind and day; and one statement in several articles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from helpers import HEARING, LEAK, article, assert_exact, open_with

from rag.errors import NotFoundError
from rag.service import Pullquote
from rag.types import Article, Filters, Quotes, QuoteSearch

TWIN = (
    "“I have come to say no to a rushed timetable,” Ilse Varga, the mayor, said at the quay hearing.\n\n"
    "Edda Maskell warned that silt could reach the eelgrass within three tides."
)


def news() -> list[Article]:
    return [
        article(HEARING, external_id="hearing", publisher="Gazette", published="2026-09-18", title="Quay hearing"),
        article(LEAK, external_id="leak", publisher="Courier", published="2026-09-14", title="Transit leak"),
        article(TWIN, external_id="twin", publisher="Courier", published="2026-09-17", title="Mayor on the quay"),
    ]


@pytest.fixture
def pullquote(home: Path) -> Iterator[Pullquote]:
    with open_with(home) as opened:
        opened.ingest_articles(news())
        yield opened


def look(pullquote: Pullquote, limit: int = 50, start: int = 0, **search: object) -> Quotes:
    found = pullquote.quotes(QuoteSearch(**search), limit, start)  # type: ignore[arg-type]
    for quoted in found.found:
        assert_exact(quoted.citation.excerpt)
    return found


def texts(found: Quotes) -> list[str]:
    return [quoted.citation.quote for quoted in found.found]


def test_without_a_search_all_are_listed_newest_first_with_their_days(pullquote: Pullquote) -> None:
    found = look(pullquote)
    days = [quoted.citation.excerpt.article.published for quoted in found.found]
    assert days == sorted(days, reverse=True)
    assert found.total == len(days) == sum(found.days.values()) == pullquote.counts().quotations
    assert set(found.days) == {"2026-09-14", "2026-09-17", "2026-09-18"}
    earliest = look(pullquote, oldest_first=True).found[0]
    assert earliest.citation.excerpt.article.published == "2026-09-14"


def test_pages_make_up_the_whole_and_are_numbered_on(pullquote: Pullquote) -> None:
    whole = look(pullquote)
    pages = [look(pullquote, 3, start) for start in range(0, whole.total, 3)]
    assert [q for page in pages for q in page.found] == list(whole.found)
    assert {page.total for page in pages} == {whole.total}


def test_all_words_must_stand_in_the_quotation_in_whatever_form(pullquote: Pullquote) -> None:
    found = look(pullquote, words="timetables say")
    assert set(texts(found)) == {
        "“I have come to say no to a timetable.”",
        "“I have come to say no to a rushed timetable,”",
    }
    assert found.total == 2
    assert not look(pullquote, words="timetable eelgrass").found


def test_a_word_whose_stem_has_another_stem_is_found(pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article("“The lighthouse will stay dark,” Ilse Varga said.", external_id="light")])
    for search in ({"words": "lighthouse"}, {"topic": "lighthouses"}):
        assert texts(look(pullquote, **search)) == ["“The lighthouse will stay dark,”"], search


def test_nobodys_words_can_be_asked_for(pullquote: Pullquote) -> None:
    for words in ("", "door"):
        found = look(pullquote, people=("",), words=words)
        assert texts(found) == ['"We have closed the door,"']
        assert found.total == pullquote.speaking(QuoteSearch(words=words))[""] == 1


def test_words_in_double_quotes_stand_side_by_side(pullquote: Pullquote) -> None:
    assert texts(look(pullquote, words='"to a timetable"')) == ["“I have come to say no to a timetable.”"]


def test_a_topic_may_stand_in_the_title_or_the_paragraph(pullquote: Pullquote) -> None:
    by_title = look(pullquote, topic="leak")
    assert {quoted.citation.excerpt.article.external_id for quoted in by_title.found} == {"leak"}
    assert "“Mud does not read a licence,”" in texts(look(pullquote, topic="eelgrass"))
    assert not look(pullquote, words="eelgrass licence").found


def test_meaning_ranks_and_gives_scores(pullquote: Pullquote) -> None:
    found = look(pullquote, about="What did Varga say about the timetable?")
    assert "timetable" in texts(found)[0]
    assert all(quoted.citation.score is not None for quoted in found.found)


def test_person_kind_outlet_and_day_narrow_every_search(pullquote: Pullquote) -> None:
    for about in ("", "the timetable of the quay"):
        by_varga = look(pullquote, about=about, people=("ilse varga",))
        assert by_varga.found and {quoted.person for quoted in by_varga.found} == {"ilse varga"}
        direct = look(pullquote, about=about, kinds=("direct",))
        assert direct.found and {quoted.kind for quoted in direct.found} == {"direct"}
        filters = Filters(publishers=("courier",), since=date(2026, 9, 15))
        assert {
            q.citation.excerpt.article.external_id for q in look(pullquote, about=about, filters=filters).found
        } == {"twin"}
    assert not look(pullquote, people=("ilse varga",), filters=Filters(speakers=("Maskell",))).found


@pytest.mark.parametrize("search", [{"words": "!?"}, {"topic": "…"}, {"words": '"'}, {"words": '" OR x'}])
def test_a_search_of_marks_alone_breaks_nothing(pullquote: Pullquote, search: dict[str, str]) -> None:
    look(pullquote, **search)


def test_one_statement_in_two_outlets_is_shown_with_what_differs_and_who_had_it_first(pullquote: Pullquote) -> None:
    words = "We will {}let the harbour close before the herring fleet has sold its boats"
    printed = [("Gazette", "2026-09-20", words.format("")), ("Courier", "2026-09-19", words.format("not "))]
    pullquote.ingest_articles(
        [
            article(f"“{said},” Ilse Varga told the council.", external_id=outlet, publisher=outlet, published=day)
            for outlet, day, said in printed
        ]
    )
    (later,) = look(pullquote, words="herring", filters=Filters(publishers=("Gazette",))).found
    first, second = pullquote.versions(later.citation.id)
    assert (first.quotation.excerpt.article.publisher, first.first) == ("Courier", True)
    assert (second.quotation.excerpt.article.publisher, second.first) == ("Gazette", False)
    assert [piece.text for piece in second.pieces if piece.change != "same"] == ["not "]
    assert "".join(p.text for p in second.pieces if p.change != "left out") == second.quotation.excerpt.text


def test_a_changed_figure_in_reported_speech_is_another_version(pullquote: Pullquote) -> None:
    (two,) = look(pullquote, words="silt two").found
    changed = {piece.text.strip() for version in pullquote.versions(two.citation.id) for piece in version.pieces
               if piece.change != "same"}  # fmt: skip
    assert changed == {"two", "three"}


def test_what_one_article_alone_has_has_no_versions(pullquote: Pullquote) -> None:
    (alone,) = look(pullquote, words="mud licence").found
    assert pullquote.versions(alone.citation.id) == []
    with pytest.raises(NotFoundError, match="No quotation has just the words"):
        pullquote.versions(pullquote.search("eelgrass")[0].id)


def test_topics_are_what_is_talked_about(pullquote: Pullquote) -> None:
    labels = {topic.label for topic in pullquote.topics(QuoteSearch())}
    assert "timetable" in labels
