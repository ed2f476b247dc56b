"""The web app's script, run without a browser: what each page is given to draw."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding
from streamlit.testing.v1 import AppTest
from streamlit.web.server.app_discovery import discover_asgi_app
from test_writing import Scripted

from rag.embeddings import Embedder
from rag.library import Record
from rag.lock import HomeLock
from rag.project import project_path
from rag.service import Pullquote, open_pullquote
from rag.settings import Settings
from rag.text import Span
from rag.types import Article, QuoteSearch
from rag.ui import intake, state, writings
from rag.ui.collection import Wish, pasted_article, select
from rag.ui.components.card import parts
from rag.ui.components.quotelist import A_PAGE, called
from rag.ui.components.reader import paragraphs
from rag.ui.components.timeline import periods
from rag.ui.components.turn import timing, voices
from rag.ui.lookup import Lookup

SCRIPT = str(Path(__file__).resolve().parent.parent / "rag" / "ui" / "main.py")
QUESTION = "What did Mayor Ilse Varga object to?"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def service(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pullquote]:
    """An opened, empty home; with fake vectors where there is no embedding model."""
    if not (settings.models_folder / "all-MiniLM-L6-v2-int8.onnx").exists():
        fake = Embedder(DeterministicFakeEmbedding(size=384), "fake", 384)
        monkeypatch.setattr("rag.service.open_embedder", lambda _: fake)
    with open_pullquote(settings) as opened:
        state.set_service(opened)
        yield opened
        state.set_service(None)


@pytest.fixture
def samples(service: Pullquote) -> Pullquote:
    service.ingest([str(project_path("samples"))])
    return service


def _app(**query: str) -> AppTest:
    app = AppTest.from_file(SCRIPT, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def _reader(**query: str) -> AppTest:
    """The article's page alone: what leads to it is the server's, which an AppTest goes without."""

    def script() -> None:
        from rag.ui import reading, state

        reading.page(state.service(), "")

    app = AppTest.from_function(script, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def _drawn(app: AppTest, name: str) -> list[dict[str, Any]]:
    """The data of the components called `name`, in order."""
    assert not app.exception, app.exception
    found = [element.proto for element in app.get("bidi_component")]
    return [json.loads(proto.json) for proto in found if proto.component_name == f"pullquote_{name}"]


# --- pages ------------------------------------------------------------------------------------


def test_empty_library_offers_the_samples(service: Pullquote) -> None:
    app = _app()
    assert [button.label for button in app.main.button] == ["Load the sample articles", "Add your own"]
    app.main.button[0].click().run()
    assert service.counts().articles > 0
    assert _drawn(app, "start")


def test_as_many_samples_are_awaited_as_come(service: Pullquote, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[intake.Load] = []
    monkeypatch.setattr(intake, "begin", loads.extend)
    intake.begin_samples(service)
    (load,) = loads
    load.ingest(lambda _: None)
    assert load.articles == service.counts().articles > 0


def test_start_suggests_questions_that_the_library_answers(samples: Pullquote) -> None:
    (start,) = _drawn(_app(), "start")
    assert start["questions"] == samples.suggestions()
    assert len(start["questions"]) == 6


def test_answer_is_drawn_as_whole_quotations(samples: Pullquote) -> None:
    app = _app()
    app.chat_input[0].set_value(QUESTION).run()
    (turn,) = _drawn(app, "turn")
    answer = samples.ask(QUESTION)
    assert not turn["abstained"]
    assert turn["timing"].startswith("Searched ")
    assert ["".join(text for text, _ in card["parts"]) for card in turn["cards"]] == [c.quote for c in answer.citations]
    assert [card["link"] for card in turn["cards"]] == [
        f"/?article={c.excerpt.article.id}&at={c.id}" for c in answer.citations
    ]


def test_no_answer_is_drawn_as_such_with_the_nearest_passages(samples: Pullquote) -> None:
    samples.settings = samples.settings.model_copy(update={"threshold": 1.0})
    app = _app()
    app.chat_input[0].set_value("Who won the football cup of 1974?").run()
    (turn,) = _drawn(app, "turn")
    assert turn["abstained"]
    assert turn["cards"] == []
    assert turn["near"]


def test_conversation_is_there_in_another_session(samples: Pullquote) -> None:
    app = _app()
    app.chat_input[0].set_value(QUESTION).run()
    (conversation,) = samples.conversations.recent()
    (first,) = _drawn(app, "turn")
    (again,) = _drawn(_app(chat=conversation.id), "turn")
    assert again["question"] == QUESTION
    assert [card["id"] for card in again["cards"]] == [card["id"] for card in first["cards"]]
    assert again["timing"] == ""
    (history,) = _drawn(_app(), "history")
    assert [row["id"] for row in history["conversations"]] == [conversation.id]


def test_any_conversation_id_can_be_drawn(samples: Pullquote) -> None:
    samples.conversations.add("a__b--c_", samples.ask(QUESTION))
    assert len(_drawn(_app(chat="a__b--c_"), "turn")) == 1


def test_quotations_of_a_removed_article_are_counted_as_gone(samples: Pullquote) -> None:
    answer = samples.ask(QUESTION)
    samples.conversations.add("kept", answer)
    for article_id in {c.excerpt.article.id for c in answer.citations}:
        samples.remove(article_id)
    (turn,) = _drawn(_app(chat="kept"), "turn")
    assert turn["cards"] == []
    assert turn["gone"] == len(answer.citations)


def test_reader_marks_the_words_of_the_citation(samples: Pullquote) -> None:
    citation = samples.ask(QUESTION).citations[0]
    app = _reader(article=citation.excerpt.article.id, at=citation.id)
    (reader,) = _drawn(app, "reader")
    pieces = [piece for paragraph in reader["paragraphs"] for piece in paragraph]
    assert "".join(text for text, _ in pieces) == citation.excerpt.article.text
    assert "".join(text for text, marked in pieces if marked) == citation.quote
    assert reader["current"] == ""


def test_a_summary_stands_above_the_text_with_the_places_of_its_sentences(service: Pullquote) -> None:
    text = "👩‍👩‍👧 Fog again.\n\nThe council put off its vote on the quay until the spring on Tuesday."
    service.ingest_articles([Article(text=text, title="Fog")])
    (entry,) = service.articles()
    service.writer.settings = Settings(home=service.settings.home, llm="none")
    app = _reader(article=entry.article.id)
    assert _drawn(app, "reader")[0]["summary"] is None
    app.session_state["summaries"] = {entry.article.revision: service.summarise(entry.article.id)}
    (reader,) = _drawn(app.run(), "reader")
    (sentence,) = reader["summary"]["sentences"]
    assert (sentence["own"], sentence["numbers"], reader["summary"]["writing"]) == (True, [1], False)
    start, end = reader["summary"]["places"]["1"]
    units = text.encode("utf-16-le")
    assert units[2 * start : 2 * end].decode("utf-16-le") == sentence["words"] == text.partition("\n\n")[2]


def test_a_summary_is_written_in_the_background_once(samples: Pullquote) -> None:
    article = samples.articles()[0].article
    samples.writer._chat = Scripted("Nothing of this is in the article.")
    running = writings.begin_summary(samples, article)
    assert running is not None
    again = writings.begin_summary(samples, article)
    assert again is running or running.done.is_set()
    assert running.done.wait(10)
    app = _reader(article=article.id)
    app.session_state["summaries"] = {article.revision: running}
    (reader,) = _drawn(app.run(), "reader")
    assert (reader["summary"]["writing"], reader["summary"]["withheld"]) == (False, 1)
    assert reader["summary"]["sentences"][0]["words"] == samples.summarise(article.id).sentences[0].text


def test_the_script_leaves_the_way_to_the_reader_to_the_server(samples: Pullquote) -> None:
    app = _app(article=samples.articles()[0].article.id)
    assert not _drawn(app, "reader")
    assert app.chat_input


def test_earlier_version_is_shown_with_a_link_to_the_current_one(service: Pullquote) -> None:
    article = Article(text="“We will build it,” said Ada Brook.", title="Plan", url="https://tide.example/plan")
    service.ingest_articles([article])
    at = f"{article.revision}-0-19"
    service.ingest_articles([replace(article, text="“We may build it,” said Ada Brook.")])
    (reader,) = _drawn(_reader(article=article.id, at=at), "reader")
    assert reader["current"] == f"/?article={article.id}"
    assert reader["paragraphs"][0][0] == ["“We will build it,”", True]


def test_unknown_article_is_named(samples: Pullquote) -> None:
    (notice,) = _drawn(_reader(article="nowhere"), "notice")
    assert "nowhere" in notice["lines"][1]


def test_locked_home_shows_why_and_nothing_else(settings: Settings) -> None:
    lock = HomeLock(settings.home)
    state.set_service(None, settings)
    try:
        app = _app()
        (notice,) = _drawn(app, "notice")
        assert "is in use by another Pullquote" in notice["lines"][0]
        assert not app.chat_input
        assert not app.button
    finally:
        lock.release()
        state.close()
        state.set_service(None)


# --- quotations -------------------------------------------------------------------------------


def _quotes(**query: str) -> AppTest:
    """The page of quotations alone: AppTest goes to no page by its address."""

    def script() -> None:
        import streamlit as st

        from rag.ui import quotes, state

        quotes.page(state.service(), "https://quotes.example", st.Page(lambda: None, title="Library"))

    app = AppTest.from_function(script, default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_without_articles_the_page_of_quotations_offers_some(service: Pullquote) -> None:
    app = _quotes()
    assert [button.label for button in app.button] == ["Load the sample articles", "Add your own"]


def test_a_page_of_quotations_is_what_the_service_finds(samples: Pullquote) -> None:
    (drawn,) = _drawn(_quotes(kind="reported", page="2"), "quotelist")
    found = samples.quotes(QuoteSearch(kinds=("indirect",)), A_PAGE, A_PAGE)
    assert [card["id"] for card in drawn["cards"]] == [quoted.citation.id for quoted in found.found] != []
    (drawn,) = _drawn(_quotes(words="timetable", page="9"), "quotelist")
    for card, quoted in zip(drawn["cards"], samples.quotes(QuoteSearch(words="timetable")).found, strict=True):
        assert "".join(text for text, _ in card["parts"]) == quoted.citation.quote
        assert card["link"] == f"/?article={quoted.citation.excerpt.article.id}&at={quoted.citation.id}"


def test_the_fields_of_the_search_and_the_address_say_the_same(samples: Pullquote) -> None:
    app = _quotes(words="timetable", outlet="Harbour Gazette", since="2026-09-18", kind="direct")
    assert app.text_input(key="quotes_text").value == "timetable"
    assert app.selectbox(key="quotes_outlet").value == "Harbour Gazette"
    assert app.date_input(key="quotes_since").value == date(2026, 9, 18)
    app.text_input(key="quotes_text").set_value("silt").run()
    assert app.query_params["words"] == "silt"
    app.selectbox(key="quotes_outlet").set_value("All outlets").run()
    assert "outlet" not in app.query_params


def test_what_makes_no_sense_in_an_address_is_passed_over() -> None:
    odd = {"since": "yesterday", "until": "0001-01-01", "kind": "loud", "page": "-1", "order": "x", "other": "y"}
    assert Lookup.read(odd) == Lookup()
    assert Lookup.read({"page": "²", "words": " a\r\nb "}) == Lookup(words="a\nb")
    full = Lookup(about="a & b", speaker="x@y", since="2026-01-02", page="3", versions="r-0-9")
    assert Lookup.read(dict(parse_qsl(urlsplit(full.link).query))) == full
    assert full.but(topic="quay") == replace(full, topic="quay", page="", versions="")


def test_a_name_that_several_people_share_means_all_of_them(samples: Pullquote) -> None:
    assert Lookup(speaker="Ilse Varga").search(samples).people == ("ilse varga",)
    search = Lookup(speaker="Maskell").search(samples)
    assert {quoted.citation.speaker for quoted in samples.quotes(search).found} >= {"Edda Maskell", "Joren Maskell"}
    (drawn,) = _drawn(_quotes(speaker="Maskell"), "chips")
    assert [(chip["label"], chip["link"]) for chip in drawn["chosen"]] == [("Maskell", "/quotes")]


def test_periods_are_as_long_as_the_time_asks_for_and_leave_nothing_out() -> None:
    cases = [
        (["2026-09-18", "2026-09-20"], ["18 September 2026", "19 September 2026", "20 September 2026"]),
        (["2025-12-31", "2026-03-01"], ["31 December 2025", "1 January 2026"]),
        (["2025-11-30", "2026-02-28"], ["November 2025", "December 2025", "January 2026", "February 2026"]),
        (["2019-05-05", "2026-01-01"], [str(year) for year in range(2019, 2027)]),
        (["1931-01-01", "1999-12-31"], [f"{year}s" for year in range(1930, 2000, 10)]),
    ]
    for days, labels in cases:
        found = periods(dict.fromkeys(days, 2) | {"": 5})
        assert [period.label for period in found][: len(labels)] == labels
        assert sum(period.quotations for period in found) == 2 * len(days)
        assert all((b.first - a.last).days == 1 for a, b in pairwise(found))
    assert periods({"": 3}) == []


def test_how_an_article_calls_a_speaker_is_shown_where_it_is_not_the_name(samples: Pullquote) -> None:
    found = samples.quotes(QuoteSearch(people=("ilse varga",)), 100).found
    shown = {called(quoted, "Ilse Varga") for quoted in found}
    assert "she" in shown
    assert not {text for text in shown if "Varga" in text}


# --- what is drawn ----------------------------------------------------------------------------


def test_marked_paragraphs_join_to_the_text() -> None:
    text = "\n\nOne.\n  Two “three\nfour” five.\n\n\nSix"
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            pieces = [piece for line in paragraphs(text, Span(start, end)) for piece in line]
            assert "".join(piece for piece, _ in pieces) == text
            assert "".join(piece for piece, marked in pieces if marked) == text[start:end]


def test_spoken_words_are_strong_even_when_the_excerpt_ends_before_the_quotation_does() -> None:
    article = Article(text="She said: “It is late. We go home.” He nodded.")
    assert parts(article.excerpt(Span(0, 22))) == [("She said: ", False), ("“It is late.", True)]
    assert parts(article.excerpt(Span(23, 46))) == [("We go home.”", True), (" He nodded.", False)]


def test_voices_are_named_once_with_their_numbers(samples: Pullquote) -> None:
    citations = samples.ask(QUESTION).citations
    assert sorted(n for voice in voices(citations) for n in voice["numbers"]) == [c.n for c in citations]
    assert len({(voice["name"], voice["speaks"]) for voice in voices(citations)}) == len(voices(citations))


def test_timing_is_one_short_line() -> None:
    assert timing({"total": 14.4}, 13) == "Searched 13 articles in 14 ms"
    assert timing({}, 13) == ""


def test_pasted_text_is_normalised() -> None:
    article = pasted_article("\r\nOne\r\nTwo\r\n", " A \n title ", "", date(2026, 3, 4))
    assert (article.text, article.title, article.published) == ("One\nTwo", "A title", "2026-03-04")


def test_articles_are_found_by_words_publisher_and_dates_and_sorted() -> None:
    records = [
        Record(Article("x", title="Harbour", publisher="Tide", published="2026-03-04"), "2026-11-01", ""),
        Record(Article("x", title="airport", publisher="Gazette", author="Nora Quill"), "2026-11-02", ""),
    ]
    assert [r.article.title for r in select(records, Wish())] == ["Harbour", "airport"]
    assert [r.article.title for r in select(records, Wish(order="Title"))] == ["airport", "Harbour"]
    assert [r.article.title for r in select(records, Wish(order="Recently added"))] == ["airport", "Harbour"]
    assert [r.article.title for r in select(records, Wish(words="QUILL air"))] == ["airport"]
    assert [r.article.title for r in select(records, Wish(publisher="Tide"))] == ["Harbour"]
    assert [r.article.title for r in select(records, Wish(since=date(2026, 1, 1)))] == ["Harbour"]
    assert [r.article.title for r in select(records, Wish(until=date(2026, 1, 1)))] == []


# --- the door ---------------------------------------------------------------------------------


def test_streamlit_finds_the_app_in_its_file() -> None:
    found = discover_asgi_app(Path(__file__).resolve().parent.parent / "app.py")
    assert (found.is_asgi_app, found.app_name) == (True, "app")


def test_components_never_write_markup() -> None:
    for script in (Path(SCRIPT).parent / "assets").glob("*.js"):
        code = script.read_text("utf-8")
        for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert forbidden not in code, script


def test_web_fonts_and_pictures_come_from_here() -> None:
    for style in (Path(SCRIPT).parent / "assets").glob("*.css"):
        assert "http" not in style.read_text("utf-8"), style
