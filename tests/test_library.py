"""The truth: revisions are only added, changes are whole or not at all, and full text follows."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import HEARING, LEAK, WordVectors, article, assert_exact, embedder, generated, open_with, without_seals

from rag import Pullquote, Settings, cite, open_pullquote
from rag.attribution import attribute
from rag.database import Database
from rag.errors import LibraryError, MismatchError, NotFoundError
from rag.faults import faults
from rag.library import Library, Put
from rag.passages import split
from rag.service import embed_anew
from rag.text import Span
from rag.types import Article, Filters, Fingerprint, Passage, Quotation, StoredPassage
from rag.words import stems


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    database = Database(tmp_path / "library.sqlite3")
    yield Library(database)
    assert faults(database) == []
    database.close()


def put(library: Library, new: Article) -> Put:
    passages = split(new)
    return library.put(new, passages, embedder().passages(passages), attribute(new))


def texts_matching(library: Library, *terms: str) -> list[str]:
    stored = library.passages(library.match(terms, 50))
    articles = library.articles([passage.article_id for passage in stored.values()])
    return [articles[p.article_id].excerpt(p.span).text for p in stored.values()]


# --- the same thing again ---------------------------------------------------------------------


def test_the_same_article_again_is_unchanged(library: Library) -> None:
    first, again = put(library, article(external_id="1")), put(library, article(external_id="1"))
    assert (first.fate.outcome, again.fate.outcome) == ("added", "unchanged")
    assert (again.added, again.dropped) == ([], [])
    assert library.counts().articles == 1


@pytest.mark.parametrize("key", [{"external_id": "1"}, {"url": "http://x.example/1"}, {"origin": "a.txt"}])
def test_another_text_under_the_same_key_is_a_new_revision_and_old_citations_keep_their_words(
    library: Library, key: dict[str, str]
) -> None:
    old = article(HEARING, **key)
    put(library, old)
    cited = library.record(old.id).article.excerpt(Span(0, 20))
    assert put(library, article(LEAK, **key)).fate == (old.id, "updated")
    assert library.record(old.id).article.text == LEAK
    assert cite.resolve(cited.id, library).text == HEARING[:20]
    assert [name for name, _ in library.revisions(old.id)] == [
        cited.article.revision, library.record(old.id).article.revision,
    ]  # fmt: skip


def test_an_article_keeps_its_id_when_it_comes_back_under_a_weaker_key(library: Library) -> None:
    put(library, article(external_id="1", url="http://x.example/1"))
    again = put(library, article(LEAK, url="http://x.example/1"))
    assert again.fate == (article(external_id="1").id, "updated")


def test_two_records_with_different_ids_are_two_articles_though_they_share_a_url(library: Library) -> None:
    front_page = "http://feed.example/"
    fates = [put(library, article(text, external_id=text[:5], url=front_page)).fate for text in (HEARING, LEAK)]
    assert [fate.outcome for fate in fates] == ["added", "added"]
    assert library.counts().articles == 2
    assert library.record(HEARING[:5]).article.text == HEARING
    assert put(library, article(LEAK, external_id=LEAK[:5], url=front_page)).fate.outcome == "unchanged"


def test_the_same_content_under_another_key_is_a_duplicate(library: Library) -> None:
    first = put(library, article(external_id="1"))
    assert put(library, article(external_id="2")).fate == (first.fate.article_id, "duplicates")
    assert put(library, article()).fate == (first.fate.article_id, "duplicates")
    assert library.counts().articles == 1


def test_a_text_without_any_key_is_known_by_its_content(library: Library) -> None:
    put(library, article())
    assert put(library, article()).fate.outcome == "unchanged"
    assert put(library, article(HEARING + " And more.")).fate.outcome == "added"


def test_a_corrected_article_is_not_mistaken_for_another_that_says_what_it_once_said(pullquote: Pullquote) -> None:
    one, two = article("It rained all day.", origin="a.txt"), article("It rained all day.", origin="b.txt")
    corrected = article("It rained all night.", origin="a.txt")
    pullquote.ingest_articles([one, two])
    pullquote.ingest_articles([corrected])
    assert pullquote.ingest_articles([corrected, two]).added == 1
    for _ in range(2):
        report = pullquote.ingest_articles([corrected, two])
        assert (report.unchanged, report.updated) == (2, 0)
    assert {record.article.text for record in pullquote.articles()} == {two.text, corrected.text}


def test_the_last_of_several_records_of_one_article_counts_however_often_they_come(pullquote: Pullquote) -> None:
    old, new = article("It rained all day.", external_id="1"), article("It rained all night.", external_id="1")
    for _ in range(3):
        pullquote.ingest_articles([old, new])
        assert [record.article.text for record in pullquote.articles()] == [new.text]


def test_an_author_is_found_among_several(pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article("It rained.", author="Ann Bell, Bo Carr and Cy Dunn")])
    for name in ("Ann Bell", "bo carr", "Cy Dunn", "Ann Bell, Bo Carr and Cy Dunn"):
        assert pullquote.library.selected(Filters(authors=(name,))), name
    assert not pullquote.library.selected(Filters(authors=("Ann",)))


def test_an_author_is_found_by_name_where_the_family_name_comes_first(pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article("It rained.", author="Mallory, Eve; Brown, Bob, Jr.")])
    for name in ("Eve Mallory", "bob brown jr."):
        assert pullquote.library.selected(Filters(authors=(name,))), name
    assert not pullquote.library.selected(Filters(authors=("Mallory",)))


def test_from_a_to_b_and_back_to_a_is_the_first_revision_again(library: Library) -> None:
    outcomes = [put(library, article(text, external_id="1")).fate.outcome for text in (HEARING, LEAK, HEARING, HEARING)]
    assert outcomes == ["added", "updated", "updated", "unchanged"]
    current = library.record("1").article
    assert current.text == HEARING
    assert next(name for name, _ in library.revisions(current.id)) == current.revision
    assert len(library.revisions(current.id)) == 2
    assert texts_matching(library, "eelgrass") and not texts_matching(library, "authority")


def test_a_change_of_the_title_alone_is_a_revision_and_is_found_by_the_new_title(library: Library) -> None:
    put(library, article(external_id="1", title="Quayside"))
    put(library, article(external_id="1", title="Waterfront"))
    assert library.match(["waterfront"], 5) and not library.match(["quayside"], 5)


def test_the_index_is_told_what_came_and_what_went(library: Library) -> None:
    first = put(library, article(external_id="1"))
    second = put(library, article(LEAK, external_id="1"))
    assert first.added == second.dropped
    assert set(first.added).isdisjoint(second.added)
    assert library.passage_ids() == second.added
    assert library.remove(second.fate.article_id) == second.added


def test_a_passage_number_is_never_used_again(library: Library) -> None:
    first = put(library, article(external_id="1"))
    library.remove(first.fate.article_id)
    assert min(put(library, article(LEAK)).added) > max(first.added)


# --- removing ---------------------------------------------------------------------------------


def test_a_removed_article_leaves_nothing_behind(library: Library) -> None:
    put(library, article(LEAK, external_id="2"))
    for text in (HEARING, HEARING + " Corrected."):
        put(library, article(text, external_id="1"))
    cited = library.record("1").article.excerpt(Span(0, 20))
    library.remove(cited.article.id)
    assert library.counts().articles == 1
    assert not texts_matching(library, "eelgrass")
    for lookup in (library.record, library.remove):
        with pytest.raises(NotFoundError, match="pullquote articles"):
            lookup(cited.article.id)
    with pytest.raises(NotFoundError, match="may have been removed"):
        cite.resolve(cited.id, library)
    left = library.database.read()
    for table in ("revisions", "keys", "passages", "quotations"):
        rows = left.execute(f"SELECT * FROM {table} WHERE article_id = ?", (cited.article.id,))
        assert rows.fetchall() == [], table


def test_a_removed_article_can_come_in_again_and_its_citations_resolve_again(library: Library) -> None:
    put(library, article(external_id="1"))
    cited = library.record("1").article.excerpt(Span(0, 20))
    library.remove(cited.article.id)
    assert put(library, article(external_id="1")).fate.outcome == "added"
    assert cite.resolve(cited.id, library).text == HEARING[:20]


# --- all or nothing ---------------------------------------------------------------------------


def test_a_failure_while_an_article_goes_in_leaves_nothing_of_it(library: Library) -> None:
    new = article(external_id="1")
    passages, quotations = split(new), attribute(new)
    wrong = [*quotations, Quotation(new.excerpt(Span(0, 5)), "", "", "sung")]  # type: ignore[arg-type]
    vectors = embedder().passages(passages)
    with pytest.raises(sqlite3.IntegrityError):
        library.put(new, passages, vectors, wrong)
    assert library.counts() == (0, 0, 0)
    assert library.match(["eelgrass"], 5) == []
    assert put(library, new).fate.outcome == "added"


def test_a_failure_while_an_article_is_replaced_leaves_the_old_one(library: Library) -> None:
    put(library, article(external_id="1"))
    before = library.counts(), library.passage_ids(), library.match(["eelgrass"], 5)
    new = article(LEAK, external_id="1")
    with pytest.raises(ValueError, match="zip"):
        library.put(new, split(new), [], attribute(new))
    assert (library.counts(), library.passage_ids(), library.match(["eelgrass"], 5)) == before
    assert library.record("1").article.text == HEARING


def test_a_commit_that_fails_is_rolled_back_and_the_next_write_works(library: Library) -> None:
    with pytest.raises(sqlite3.IntegrityError), library.database.write() as connection:
        connection.execute("INSERT INTO articles VALUES ('lost', 'no such revision', '')")  # checked at the commit
    assert library.counts().articles == 0
    assert put(library, article()).fate.outcome == "added"


def test_the_library_follows_along_in_another_thread_while_something_is_written(library: Library) -> None:
    from concurrent.futures import ThreadPoolExecutor

    put(library, article())
    with ThreadPoolExecutor(1) as other, library.database.write() as connection:
        for table in ("quotations", "voices"):
            connection.execute(f"DELETE FROM {table}")
        assert other.submit(lambda: library.counts().quotations).result() > 0


# --- full text --------------------------------------------------------------------------------


def test_full_text_finds_inflected_words_without_accents(library: Library) -> None:
    put(library, article("The délégués objected to the licences."))
    for word in ("delegue", "objects", "licence"):
        assert library.match([word], 5), word


def test_full_text_follows_updates(library: Library) -> None:
    put(library, article(external_id="1"))
    put(library, article(LEAK, external_id="1"))
    assert not library.match(["eelgrass"], 5)
    assert texts_matching(library, "riders") == [library.record("1").article.text]
    (stem,) = stems("eelgrass")
    assert library.document_frequency([stem]) == {stem: 0}


def test_titles_count_more_than_texts(library: Library) -> None:
    put(library, article("Something about the ferry is said here.", title="Weather"))
    titled = put(library, article("Something about the weather is said here.", title="Ferry"))
    assert library.match(["ferry"], 1) == titled.added


@pytest.mark.parametrize(
    "term", ['"', '"NEAR(', "*", "AND", "NOT", "OR", "a b", "body:", "^x", "___", "{x}", "-", "", "😀", "x" * 10_000]
)
def test_a_term_is_never_read_as_query_syntax(library: Library, term: str) -> None:
    put(library, article())
    assert library.match([term, "eelgrass"], 5)
    library.match([term], 5)


def test_document_frequency_counts_passages(library: Library) -> None:
    for text in (HEARING, LEAK, "The riders ride to the hearing."):
        put(library, article(text))
    assert library.document_frequency(["rider", "hear", "nowher"]) == {"rider": 2, "hear": 2, "nowher": 0}


# --- filters ----------------------------------------------------------------------------------


@pytest.fixture
def filled(library: Library) -> Library:
    put(library, article(HEARING, external_id="hearing", publisher="Harbour Gazette", author="Perran Dunmore",
                         published="2026-09-18", url="https://gazette.example/hearing"))  # fmt: skip
    put(library, article(LEAK, external_id="leak", publisher="The Courier", author="Wynn Abelard",
                         published="2026-09-14"))  # fmt: skip
    put(library, article("No date and no publisher.", external_id="undated"))
    return library


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, {"hearing", "leak", "undated"}),
        ({"publishers": ("HARBOUR gazette",)}, {"hearing"}),
        ({"publishers": ("Harbour",)}, set()),
        ({"publishers": ("The Courier", "Harbour Gazette")}, {"hearing", "leak"}),
        ({"authors": ("wynn abelard",)}, {"leak"}),
        ({"articles": ("leak",)}, {"leak"}),
        ({"articles": ("https://gazette.example/hearing",)}, {"hearing"}),
        ({"articles": (article(external_id="hearing").id, "undated")}, {"hearing", "undated"}),
        ({"articles": ("nobody's",)}, set()),
        ({"speakers": ("varga",)}, {"hearing"}),
        ({"speakers": ("Marcus Tolleray",)}, {"leak"}),
        ({"speakers": ("var",)}, set()),
        ({"speakers": (" ",)}, set()),
        ({"since": date(2026, 9, 18)}, {"hearing"}),
        ({"since": date(2026, 9, 14)}, {"hearing", "leak"}),
        ({"until": date(2026, 9, 14)}, {"leak"}),
        ({"since": date(2026, 9, 15), "until": date(2026, 9, 17)}, set()),
        ({"publishers": ("The Courier",), "until": date(2026, 9, 18)}, {"leak"}),
    ],
)
def test_filters_let_through_what_they_say(filled: Library, filters: dict[str, Any], expected: set[str]) -> None:
    chosen = Filters(**filters)
    assert {record.article.external_id for record in filled.records(chosen)} == expected
    assert set(filled.selected(chosen)) == {article(external_id=name).id for name in expected}


def test_articles_are_listed_newest_first(filled: Library) -> None:
    assert [record.article.external_id for record in filled.records()] == ["hearing", "leak", "undated"]


def test_the_words_of_a_filtered_search_come_from_the_articles_within(filled: Library) -> None:
    within = filled.selected(Filters(articles=("leak",)))
    assert filled.match(["hearing", "riders"], 5, within) == filled.passage_ids_of(within)
    assert filled.match(["eelgrass"], 5, within) == []


# --- looking up -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hearing", "https://gazette.example/hearing", article(external_id="hearing").id])
def test_an_article_is_found_by_any_name_it_has(filled: Library, name: str) -> None:
    assert filled.record(name).article.text == HEARING


def test_an_unknown_revision_is_named(filled: Library) -> None:
    with pytest.raises(NotFoundError, match="with a revision 'nope'"):
        filled.record("hearing", "nope")


def test_quotations_come_back_as_they_were_found(filled: Library) -> None:
    stored = filled.record("hearing").article
    expected = [(q.excerpt.span, q.speaker, q.cue, q.kind) for q in attribute(stored)]
    found = filled.quotations.of([stored])[stored.id]
    for quotation in found:
        assert_exact(quotation.excerpt)
    assert sorted((q.excerpt.span, q.speaker, q.cue, q.kind) for q in found) == sorted(expected)


def test_vectors_come_back_row_for_row(filled: Library) -> None:
    ids, vectors = filled.vectors()
    assert vectors.shape == (len(ids), WordVectors.DIMENSION)
    stored = filled.passages(ids.tolist())
    texts = [filled.articles([stored[i].article_id])[stored[i].article_id].excerpt(stored[i].span).text for i in ids]
    assert np.array_equal(vectors, embedder().documents(texts))
    some, rows = filled.vectors([int(ids[1])])
    assert np.array_equal(rows[0], vectors[1]) and some.tolist() == [ids[1]]


def test_an_empty_library_has_nothing_and_breaks_nothing(library: Library) -> None:
    ids, vectors = library.vectors()
    assert (len(ids), len(vectors), library.match(["x"], 5), library.match([], 5)) == (0, 0, [], [])
    assert (library.passages([]), library.quotations.of([]), library.voices.people()) == ({}, {}, [])
    assert library.counts() == (0, 0, 0)


def test_who_speaks_most_is_named_first_and_nobody_is_left_out_of_the_count(filled: Library) -> None:
    people = filled.voices.people()
    speakers = {person.name: person.quotations for person in people}
    assert speakers["Ilse Varga"] >= 2
    assert "" not in speakers
    assert list(speakers.values()) == sorted(speakers.values(), reverse=True)


def test_the_passages_of_a_speaker_and_a_verb_are_found(filled: Library) -> None:
    found = filled.passages(filled.quotations.spoken(["edda maskell"], ["warned"], 5))
    assert [passage.article_id for passage in found.values()] == [article(external_id="hearing").id]
    assert filled.quotations.spoken(["edda maskell"], ["denied"], 5) == []


# --- one model, one schema, one whole file ----------------------------------------------------


def test_an_empty_library_takes_any_model(library: Library) -> None:
    library.settle(Fingerprint("a", 3))
    library.settle(Fingerprint("b", 4))


@pytest.mark.parametrize(("name", "words"), [("other", WordVectors()), ("fake-words", WordVectors(48))])
def test_another_model_is_refused_by_name_with_what_to_do(home: Path, name: str, words: WordVectors) -> None:
    with open_with(home) as opened:
        opened.ingest_articles([article()])
    asked = embedder(words, name).fingerprint
    with pytest.raises(MismatchError) as refused:
        open_with(home, words, name)
    for part in ("fake-words (96 dimensions)", str(asked), "pullquote rebuild --embed"):
        assert part in str(refused.value)
    open_with(home).close()  # nothing is locked or spoilt


def test_embedding_anew_mends_a_change_of_model(home: Path, embedded_model: Path) -> None:
    with open_with(home) as opened:
        opened.ingest_articles([article(record["text"]) for record in generated(5)])
        before = opened.counts()
        cited = opened.search("harbour", 1)[0]
    settings = Settings(home=home)
    with pytest.raises(MismatchError):
        open_pullquote(settings)
    assert embed_anew(settings) == before
    with open_pullquote(settings) as opened:
        assert opened.doctor()["ok"]
        assert opened.library.vectors()[1].shape == (before.passages, 384)
        assert opened.cite(cited.id).quote == cited.quote
        assert opened.search("Who sells the harbour?", 3)


@pytest.mark.parametrize("content", [b"this is no database at all" * 500, os.urandom(20_000)])
def test_a_file_that_is_no_database_is_refused_with_what_to_do(home: Path, content: bytes) -> None:
    home.mkdir()
    (home / "library.sqlite3").write_bytes(content)
    with pytest.raises(LibraryError, match=r"library\.sqlite3 cannot be read.*Restore a copy.*--home"):
        open_with(home)
    assert (home / "library.sqlite3").read_bytes() == content


def test_a_database_with_ruined_pages_is_refused_or_reported(home: Path) -> None:
    with open_with(home) as opened:
        opened.ingest_articles([article(record["text"]) for record in generated(40)])
    file = home / "library.sqlite3"
    content = bytearray(file.read_bytes())
    for page in range(4096, len(content), 4096):
        content[page : page + 4000] = b"\xa5" * 4000
    file.write_bytes(content)
    with pytest.raises(LibraryError, match="cannot be read as a library"):
        open_with(home)


def test_a_file_of_another_schema_is_refused_with_its_number(home: Path) -> None:
    open_with(home).close()
    with sqlite3.connect(home / "library.sqlite3") as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(MismatchError, match="has schema 99"):
        open_with(home)


def test_a_library_of_the_first_schema_is_brought_up_to_date_and_loses_nothing(home: Path) -> None:
    with open_with(home) as opened:
        opened.ingest_articles([article(HEARING, external_id="hearing"), article(LEAK, external_id="leak")])
        before = opened.counts()
        answered = opened.ask("What did Varga object to?")
    with sqlite3.connect(home / "library.sqlite3") as connection:
        without_seals(connection, 1)
        connection.execute("ALTER TABLE passages DROP COLUMN sentence_vectors")
        for table in ("voices", "aliases", "people"):
            connection.execute(f"DROP TABLE {table}")
        for column in ("mention_start", "mention_end", "cue_start", "cue_end"):
            connection.execute(f"ALTER TABLE quotations DROP COLUMN {column}")
        connection.execute("CREATE INDEX quotations_by_speaker ON quotations(speaker)")
        for index in ("articles_by_revision", "passages_by_revision", "quotations_by_revision", "passages_by_article"):
            connection.execute(f"DROP INDEX {index}")
        connection.execute("CREATE INDEX passages_by_article ON passages(article_id)")
    connection.close()
    with open_with(home) as opened:
        assert opened.counts() == before
        upgraded = schema(opened)
        assert [person.key for person in opened.people()][:1] == ["ilse varga"]
        ids = opened.library.passage_ids()
        assert [len(v) for v in opened.library.sentence_vectors(ids, WordVectors.DIMENSION).values()] == [0] * len(ids)
        assert opened.ask("What did Varga object to?").evidence[0].quote == answered.evidence[0].quote
        opened.library.replace_vectors(
            embedder().fingerprint,
            [(p.id, embedder().passages([whole(opened, p)])[0]) for p in opened.library.passages(ids).values()],
        )
        assert all(map(len, opened.library.sentence_vectors(ids, WordVectors.DIMENSION).values()))
    with open_with(home.with_name("fresh")) as opened:
        assert upgraded == schema(opened)


def schema(opened: Pullquote) -> set[tuple[str, ...]]:
    """Every column of every table and of every index."""
    connection = opened.library.database.read()
    names = connection.execute("SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").fetchall()
    told = {"table": "table_info", "index": "index_info"}
    columns = [
        (name, *map(str, tuple(row)[1:]))
        for kind, name in map(tuple, names)
        if kind in told
        for row in connection.execute(f"PRAGMA {told[kind]}({name})")
    ]
    return {*map(tuple, names), *columns}


def whole(opened: Pullquote, stored: StoredPassage) -> Passage:
    return Passage(opened.article(stored.article_id).article.excerpt(stored.span), stored.sentences)


def test_quotations_of_a_revision_that_is_no_longer_current_are_not_put_in(library: Library) -> None:
    old = article(external_id="1")
    put(library, old)
    new = article(LEAK, external_id="1")
    put(library, new)
    before = [q for found in library.quotations.of([library.record("1").article]).values() for q in found]
    library.replace_quotations(old.stored_as(library.record("1").article.id), attribute(old))
    after = [q for found in library.quotations.of([library.record("1").article]).values() for q in found]
    assert before and after == before
    gone = article("“Nothing to see here at all,” said Bo Carr.", external_id="2")
    library.replace_quotations(gone, attribute(gone))
    assert library.quotations.of([gone]) == {gone.id: []}


def test_a_word_that_is_not_telling_ranks_but_does_not_find(library: Library) -> None:
    both, telling, plain = (
        put(library, article(text, external_id=text)).added[0]
        for text in ("Eelgrass by the harbour wall.", "Eelgrass by the old sea wall.", "The harbour.")
    )
    for n in range(20):
        put(library, article(f"Mud, {n} times.", external_id=str(n)))
    assert set(library.match(["eelgrass", "harbour"], 5)) == {both, telling, plain}
    found = library.match(["eelgrass", "harbour"], 5, telling=["eelgrass"])
    assert found == [both, telling]
    assert library.match(["eelgrass", "harbour"], 5, telling=["eelgrass", "harbour"]) != found


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("UPDATE passages SET revision_id = 'gone'", "passages of a revision that is not current"),
        ("DELETE FROM passages", "articles without passages"),
        ('UPDATE passages SET "end" = 100000', "passages outside their text"),
        ('UPDATE quotations SET "end" = 100000', "quotations outside their text"),
        ("INSERT INTO passage_words (rowid, title, body) VALUES (999, '', 'x')", "without a passage"),
        ("UPDATE articles SET revision_id = 'gone'", "articles without a current revision"),
    ],
)
def test_whatever_is_not_whole_is_named(pullquote: Pullquote, damage: str, fault: str) -> None:
    pullquote.ingest_articles([article()])
    assert pullquote.doctor()["ok"]
    connection = pullquote.library.database.read()
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute(damage)
    found = pullquote.doctor()
    assert not found["ok"]
    assert any(fault in line for line in found["library"]["faults"])
