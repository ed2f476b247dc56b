"""Citations: an id resolves for as long as its article is here, whatever else becomes of the library."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from excerpts import FIELDS, MUD, cut, whole_of
from helpers import HEARING, LEAK, any_article, article, assert_exact, assert_exact_record, open_with
from hypothesis import given
from hypothesis import strategies as st

from rag import Pullquote, cite, references
from rag.errors import NotFoundError
from rag.text import Span
from rag.types import Article, Citation, Evidence


@pytest.fixture
def filled(pullquote: Pullquote) -> Pullquote:
    pullquote.ingest_articles([article(**FIELDS), article(LEAK, external_id="leak")])
    return pullquote


# --- ids --------------------------------------------------------------------------------------


def test_an_id_gives_its_words_back(filled: Pullquote) -> None:
    for citation in (*filled.ask("Who said that mud does not read a licence?").evidence, *filled.search("riders")):
        found = cite.resolve(citation.id, filled.library)
        assert_exact(found)
        assert (found, found.text) == (citation.excerpt, citation.quote)


@given(any_article(), st.data())
def test_any_excerpt_has_an_id_of_the_one_form(whole: Article, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(whole.text) - 1))
    end = data.draw(st.integers(start + 1, len(whole.text)))
    revision, first, last = whole.excerpt(Span(start, end)).id.split("-")
    assert (revision, int(first), int(last)) == (whole.revision, start, end)


def test_an_id_gives_the_old_words_after_a_correction(filled: Pullquote) -> None:
    cited = filled.search("eelgrass", 1)[0]
    corrected = HEARING.replace("eelgrass", "seagrass").replace("Thursday", "Wednesday the 9th")
    filled.ingest_articles([article(corrected, **FIELDS)])
    assert filled.article("hearing").article.text == corrected
    found = filled.cite(cited.id)
    assert (found.quote, found.id) == (cited.quote, cited.id)
    assert "eelgrass" in found.quote
    assert_exact_record(references.record(found), filled)


@pytest.fixture
def cited(filled: Pullquote) -> list[Citation]:
    """What was cited before anything became of the library."""
    return [*filled.search("eelgrass", 3), *filled.ask("Who said that mud does not read a licence?").evidence]


def assert_resolve(pullquote: Pullquote, cited: Iterable[Citation]) -> None:
    for citation in cited:
        found = pullquote.cite(citation.id)
        assert (found.id, found.quote) == (citation.id, citation.quote)
        assert_exact_record(references.record(found), pullquote)


def test_ids_resolve_when_the_same_articles_come_again(filled: Pullquote, cited: list[Citation]) -> None:
    filled.ingest_articles([article(**FIELDS), article(LEAK, external_id="leak")])
    assert_resolve(filled, cited)


def test_ids_resolve_through_many_corrections_and_back(filled: Pullquote, cited: list[Citation]) -> None:
    for text in (HEARING.upper(), HEARING[:40], HEARING + "\n\nA correction.", HEARING):
        filled.ingest_articles([article(text, **FIELDS)])
        assert_resolve(filled, cited)


def test_ids_resolve_after_a_rebuild(filled: Pullquote, cited: list[Citation]) -> None:
    filled.rebuild()
    assert_resolve(filled, cited)


def test_ids_resolve_in_a_copy_of_the_library_at_another_home(
    filled: Pullquote, cited: list[Citation], tmp_path: Path
) -> None:
    filled.ingest_articles([article(HEARING.replace("eelgrass", "seagrass"), **FIELDS)])
    other = tmp_path / "other"
    other.mkdir()
    copy = sqlite3.connect(other / "library.sqlite3")
    filled.library.database.read().backup(copy)
    copy.close()
    with open_with(other) as restored:
        assert_resolve(restored, cited)


def test_an_article_that_was_removed_and_comes_again_has_its_ids_again(
    filled: Pullquote, cited: list[Citation]
) -> None:
    filled.remove("hearing")
    filled.ingest_articles([article(**FIELDS)])
    assert_resolve(filled, cited)


def test_an_id_comes_with_white_space_from_the_clipboard(filled: Pullquote) -> None:
    cited = filled.search("eelgrass", 1)[0]
    assert filled.cite(f"  {cited.id}\n").id == cited.id


STRANGE = [
    "", " ", "x", "-", "--", "1-2", "3f2a9c81d0b4e6a75511", "3f2a9c81d0b4e6a75511-1", "3f2a9c81d0b4e6a75511--1-4",
    "3F2A9C81D0B4E6A75511-1-4", "3f2a9c81d0b4e6a75511-1-4-5", "3f2a9c81d0b4e6a7551-1-4", "g" * 20 + "-1-4",
    "3f2a9c81d0b4e6a75511-1.0-4", "3f2a9c81d0b4e6a75511-+1-4", "3f2a9c81d0b4e6a75511-1_0-40", "../../etc/passwd",
    "3f2a9c81d0b4e6a75511-1-" + "9" * 5_000, "'; DROP TABLE revisions; --", "\0", "\ud800", "3f2a9c81d0b4e6a75511-١-٤",
    "3f2a9c81d0b4e6a75511-1-4\n3f2a9c81d0b4e6a75511-1-4", "x" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("strange", STRANGE, ids=lambda strange: ascii(strange[:24]))
def test_what_is_no_id_is_refused_with_what_one_looks_like(filled: Pullquote, strange: str) -> None:
    with pytest.raises(NotFoundError, match=r"is not a citation id; one looks like \S+-1024-1100"):
        filled.cite(strange)


def test_an_id_of_another_library_is_refused_by_its_revision(filled: Pullquote) -> None:
    foreign = article("In another library.").excerpt(Span(0, 5))
    with pytest.raises(NotFoundError, match=f"{foreign.article.revision}.*may have been removed"):
        filled.cite(foreign.id)


@pytest.mark.parametrize("span", ["0-0", "5-5", "9-3", f"0-{len(HEARING) + 1}", f"{len(HEARING)}-{len(HEARING) + 5}"])
def test_an_id_that_points_outside_its_article_is_refused_by_the_title(filled: Pullquote, span: str) -> None:
    revision = filled.article("hearing").article.revision
    with pytest.raises(NotFoundError, match="points outside its article, The hearing"):
        filled.cite(f"{revision}-{span}")


def test_an_id_may_name_any_stretch_of_its_article(filled: Pullquote) -> None:
    stored = filled.article("hearing").article
    assert filled.cite(f"{stored.revision}-0-{len(stored.text)}").quote == stored.text
    assert filled.cite(f"{stored.revision}-{len(stored.text) - 1}-{len(stored.text)}").quote == stored.text[-1]


# --- whose words ------------------------------------------------------------------------------


def test_a_citation_found_by_id_names_who_speaks(filled: Pullquote) -> None:
    assert filled.cite(cut(MUD, filled.article("hearing").article).id).speaker == "Edda Maskell"


def test_it_names_whom_the_answer_named_for_the_same_words(filled: Pullquote) -> None:
    evidence = [
        c for question in ("What about mud?", "Who objected?", "Any riders?") for c in filled.ask(question).evidence
    ]
    assert {"Ilse Varga", "Edda Maskell", "Marcus Tolleray", ""} <= {citation.speaker for citation in evidence}
    for citation in evidence:
        assert filled.cite(citation.id).speaker == citation.speaker, citation.quote


def test_where_two_speak_or_nobody_does_no_name_is_given(filled: Pullquote) -> None:
    stored = filled.article("hearing").article
    assert filled.cite(f"{stored.revision}-0-{len(stored.text)}").speaker == ""
    assert filled.cite(cut("Nothing was decided.", stored).id).speaker == ""


def test_the_words_of_an_old_revision_are_whose_that_revision_says(filled: Pullquote) -> None:
    cited = cut(MUD, filled.article("hearing").article)
    filled.ingest_articles([article(HEARING.replace("Edda", "Joren"), **FIELDS)])
    assert filled.cite(cited.id).quote == MUD
    assert filled.cite(cited.id).speaker == "Edda Maskell"


# --- around the words -------------------------------------------------------------------------


@given(any_article(60), st.data())
def test_context_touches_the_words_on_both_sides(whole: Article, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(whole.text) - 1))
    end = data.draw(st.integers(start + 1, len(whole.text)))
    before, after = cite.context(whole.excerpt(Span(start, end)))
    assert whole.text[:start].endswith(before) and whole.text[end:].startswith(after)
    assert len(before) <= cite.CONTEXT and len(after) <= cite.CONTEXT


def test_context_starts_and_ends_at_a_word() -> None:
    text = "start " + "harbour " * 200 + "HERE " + "harbour " * 200 + "end"
    before, after = cite.context(cut("HERE", article(text)))
    assert re.fullmatch(r"(harbour ){37}", before)
    assert re.fullmatch(r"( harbour){37}", after)


def test_context_reaches_to_the_edges_of_a_short_article() -> None:
    assert cite.context(cut("two", article("one two three"))) == ("one ", " three")
    assert cite.context(whole_of("one two three")) == ("", "")


def test_context_of_a_text_without_spaces_is_cut_where_it_must_be() -> None:
    before, after = cite.context(cut("引", article("字" * 500 + "引" + "文" * 500)))
    assert (before, after) == ("字" * cite.CONTEXT, "文" * cite.CONTEXT)


# --- links ------------------------------------------------------------------------------------


def test_a_link_opens_the_reader_on_the_words() -> None:
    excerpt = cut(MUD)
    parts = urlsplit(cite.link(excerpt))
    assert (parts.scheme, parts.netloc, parts.path) == ("", "", "/")
    assert parse_qs(parts.query) == {"article": [excerpt.article.id], "at": [excerpt.id]}


def test_evidence_is_numbered_from_one_in_its_order() -> None:
    evidence = [Evidence(cut(MUD), 0.5, "Edda Maskell"), Evidence(cut("Nothing was decided."), 0.4)]
    assert [(c.n, c.speaker, c.score) for c in cite.numbered(evidence)] == [(1, "Edda Maskell", 0.5), (2, "", 0.4)]


# --- where words stand, for a reader ----------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": "T", "publisher": "P", "published": "2026-09-08"}, "T (P, 8 September 2026)"),
        ({"title": "T", "published": "2026-12-31"}, "T (31 December 2026)"),
        ({"title": "T", "publisher": "P"}, "T (P)"),
        ({"title": "T"}, "T"),
        ({"publisher": "P"}, "an untitled article (P)"),
        ({}, "an untitled article"),
    ],
)
def test_a_source_is_told_as_far_as_it_is_known(fields: dict[str, str], expected: str) -> None:
    assert cite.source(article(**fields)) == expected


def test_a_citation_keeps_its_speaker_after_a_correction(pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article("“It is late,” said Ada Bell.", external_id="1")])
    (before,) = pullquote.ask("Who said that it is late?").evidence
    assert pullquote.cite(before.id).speaker == "Ada Bell"
    pullquote.ingest_articles([article("“It is not late,” said Ada Bell.", external_id="1")])
    assert pullquote.cite(before.id).speaker == "Ada Bell"
