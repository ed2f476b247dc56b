"""One changed byte of the library file is never printed: not as a quotation, nor as a name under one."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from command import run
from helpers import HEARING, LEAK, article, made, open_with

from rag import Pullquote, contract
from rag.errors import ArticleDamagedError, LibraryError, NotFoundError, PullquoteError
from rag.records import feedback_record, versions_record
from rag.transcripts import transcript_record, written
from rag.types import Article, Filters, QuoteSearch

FLIPS = 200
FEWEST_IN_TEXT, FEWEST_FOUND = 60, 60
"""Of the flips, those that must hit the text of an article; those that the library must name."""

TWIN = "The council met. Marcus Tolleray proposed that trip records be erased after 30 days, and left early."
QUESTION = "What did Ilse Varga say about work?"
KNOWN = {"external_id": "hearing", "title": "Quay hearing", "author": "Ann Lee", "publisher": "Harbour Gazette",
         "published": "2026-09-08", "url": "https://gazette.example/quay"}  # fmt: skip
SHOWN_OF_AN_ARTICLE = ("title", "author", "publisher", "published", "url")


@dataclass
class Original:
    """A library as it was stored, and all that may be shown of it."""

    home: Path
    articles: Mapping[str, Article]
    spans: Mapping[str, set[tuple[int, int]]]
    said: Mapping[str, set[tuple[str, str, str, str]]]
    names: set[str]
    cited: list[str]
    prose: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    home = tmp_path_factory.mktemp("stored") / "home"
    with open_with(home) as opened:
        opened.ingest_articles([article(HEARING, **KNOWN), article(LEAK, external_id="leak", title="Leak"), *made(10)])
        opened.ingest_articles([article(TWIN, external_id="twin", publisher="Courier", published="2026-09-09")])
        opened.merge("Ed Frost", "Di Ekman")
        for n, question in enumerate((QUESTION, "What is not ours to sell?"), start=1):
            opened.conversations.add("talk", opened.ask(question))
            opened.conversations.rate("talk", n, "helpful")
        articles = {record.article.id: record.article for record in opened.articles()}
        quotations = opened.library.quotations.of(list(articles.values()))
        stored = opened.library.passages(opened.library.passage_ids()).values()
        spans = {id_: {tuple(q.excerpt.span) for q in said} for id_, said in quotations.items()}
        for passage in stored:
            spans[passage.article_id] |= {tuple(passage.span), *map(tuple, passage.sentences)}
        said = {
            id_: {(q.speaker, q.cue, q.office, q.person) for q in found} | {("", "", "", "")}
            for id_, found in quotations.items()
        }
        names = {name for person in opened.people(named=False) for name in (person.name, *person.names)}
        cited = [quoted.citation.id for quoted in opened.quotes(QuoteSearch(), 500).found]
    assert sqlite3.connect(home / "library.sqlite3").execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return Original(home, articles, spans, said, names, cited)


# --- two hundred bytes ------------------------------------------------------------------------


def test_one_changed_byte_anywhere_is_never_shown(original: Original, tmp_path: Path) -> None:
    in_text = named = shown = 0
    for n, (at, byte) in enumerate(_flips(original)):
        home = _copied(original, tmp_path / str(n))
        _write(home, at, bytes([byte]))
        in_text += _text_is_changed(original, home)
        try:
            with open_with(home) as opened:
                shown += _assert_true(original, opened, f"byte {at} made {byte}")
                named += bool(opened.doctor()["library"]["faults"])
        except LibraryError as error:  # the file as a whole, which says what to do
            _assert_helps(error)
            named += 1
        shutil.rmtree(home)
    assert in_text >= FEWEST_IN_TEXT
    assert named >= FEWEST_FOUND
    assert shown >= FLIPS  # or nothing was looked at


def _flips(original: Original) -> Iterator[tuple[int, int]]:
    """Half of them anywhere in the file, half within what stands there of articles and speakers."""
    dice = random.Random(41)
    content = (original.home / "library.sqlite3").read_bytes()
    texts = [line.encode() for one in original.articles.values() for line in one.text.split("\n\n") if line]
    texts += [name.encode() for name in original.names if name]
    for n in range(FLIPS):
        at = dice.randrange(len(content))
        if n % 2:
            wanted = dice.choice(texts)
            places = list(_places(content, wanted))
            at = dice.choice(places) + dice.randrange(len(wanted)) if places else at
        byte = dice.choice(b"abcdefghijklmnopqrstuvwxyzABC0123456789 ") if dice.random() < 0.6 else dice.randrange(256)
        yield at, byte if byte != content[at] else byte ^ 1


def _places(content: bytes, wanted: bytes) -> Iterator[int]:
    at = content.find(wanted)
    while at >= 0:
        yield at
        at = content.find(wanted, at + 1)


def _text_is_changed(original: Original, home: Path) -> bool:
    """Whether SQLite gives out another text than was stored, and without a word."""
    connection = sqlite3.connect(home / "library.sqlite3")
    connection.text_factory = bytes
    try:
        found = {row[0] for row in connection.execute("SELECT text FROM revisions")}
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    return not found <= {one.text.encode() for one in original.articles.values()}


def _assert_true(original: Original, opened: Pullquote, what: str) -> int:
    """Look at all that can be shown, and return how many quotations there were."""
    seen = 0
    for name, look in _looks(original, opened).items():
        try:
            found = look()
        except PullquoteError as error:
            _assert_helps(error)
            continue
        seen += sum(_assert_citation(original, record, (what, name)) for record in _records(found))
    return seen


def _assert_helps(error: PullquoteError) -> None:
    """An error says what to do, and is not one of Python's or of SQLite's."""
    said = str(error)
    assert said.endswith(".")
    assert any(step in said for step in ("--home", "rebuild", "Ingest", "pullquote", "may have been removed")), said


def _looks(original: Original, opened: Pullquote) -> dict[str, Callable[[], Any]]:
    """Everything that commands and doors show, as their JSON."""
    one = original.articles[next(iter(original.articles))]
    drafts = [HEARING, "“I have now come here to say no to work,” said Ilse Varga.", one.text[:200]]
    looks: dict[str, Callable[[], Any]] = {
        "ask": lambda: contract.ask(opened, QUESTION),
        "ask of many": lambda: contract.ask(opened, "What is not ours to sell?", 20),
        "search": lambda: contract.search(opened, "the harbour and the quay", 50),
        "search with filters": lambda: contract.search(opened, "work", 50, Filters(speakers=("Varga",))),
        "quotes": lambda: contract.quotes(opened, QuoteSearch(), 500),
        "quotes by words": lambda: contract.quotes(opened, QuoteSearch(words="sell"), 500),
        "quotes about": lambda: contract.quotes(opened, QuoteSearch(about="the ferry"), 500),
        "speakers": lambda: contract.speakers(opened, unnamed=True, limit=500),
        "articles": lambda: contract.articles(opened, limit=500),
        "suggestions": lambda: {"suggested": opened.suggestions(50)},
        "decisions": lambda: {"decided": [one.name for one in opened.all_decisions()]},
        "conversation": lambda: transcript_record(opened.transcript("talk")),
        "conversation as text": lambda: {"written": written(opened.transcript("talk"), "markdown")},
        "feedback": lambda: [feedback_record(*rated) for rated in opened.feedback()],
    }
    for n, draft in enumerate(drafts):
        looks[f"verify {n}"] = lambda draft=draft: contract.verify(opened, draft)
    for article_id in original.articles:
        looks[f"article {article_id}"] = lambda id_=article_id: contract.article(opened, id_)
        looks[f"summarise {article_id}"] = lambda id_=article_id: contract.summarise(opened, id_)
    for citation_id in original.cited[::7]:
        looks[f"cite {citation_id}"] = lambda id_=citation_id: contract.cite(opened, id_)
        looks[f"versions {citation_id}"] = lambda id_=citation_id: versions_record(opened.versions(id_), "")
    return looks


def _records(found: Any) -> Iterator[Mapping[str, Any]]:
    """All objects in a JSON value."""
    if isinstance(found, Mapping):
        yield found
        found = list(found.values())
    if isinstance(found, list):
        for inner in found:
            yield from _records(inner)


def _assert_citation(original: Original, record: Mapping[str, Any], what: object) -> bool:
    """What a record shows was stored so; whether it is a quotation."""
    if "names" in record:
        assert {record["name"], *record["names"]} <= original.names, what
    for name in record.get("decided", ()):
        assert name in original.names | {known.casefold() for known in original.names}, what  # a key, if need be
    for question in record.get("suggested", ()):
        assert any(name in question for name in original.names if " " in name), what
    if "characters" in record or ("quote" in record and "article_id" in record):
        stored = original.articles[record.get("article_id") or record["id"]]
        assert [record[name] or "" for name in SHOWN_OF_AN_ARTICLE] == [
            getattr(stored, name) for name in SHOWN_OF_AN_ARTICLE
        ], what
        assert record.get("text", stored.text) == stored.text, what
    if "quote" not in record or "article_id" not in record:
        return False
    stored, at = original.articles[record["article_id"]], (record["start"], record["end"])
    assert record["quote"] == stored.text[slice(*at)] != "", what
    if "verdict" not in record:
        assert at in original.spans[stored.id], what
    assert record["revision"] == stored.revision, what
    voices = original.said[stored.id]
    assert (record["speaker"] or "") in {voice[0] for voice in voices}, what
    if "person" in record:
        told = tuple(record[name] or "" for name in ("speaker", "cue", "office", "person"))
        assert any(told[:2] == voice[:2] and told[2:] in {voice[2:], ("", "")} for voice in voices), what
    return True


# --- one word ---------------------------------------------------------------------------------


@contextmanager
def _damaged(
    original: Original, home: Path, was: str = "I have not come", becomes: str = "I have now come"
) -> Iterator[Pullquote]:
    """The library with `was` changed, in all places where the file has it."""
    copied = _copied(original, home)
    content = (copied / "library.sqlite3").read_bytes()
    assert was.encode() in content
    for at in _places(content, was.encode()):
        _write(copied, at, becomes.encode())
    with open_with(copied) as opened:
        yield opened


def test_a_word_that_became_another_is_not_shown(
    original: Original, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with _damaged(original, tmp_path) as opened:
        assert _assert_true(original, opened, "not became now")
        looks = [look for name, look in _looks(original, opened).items() if not name.startswith("verify")]
        assert "now come" not in json.dumps([look() for look in looks if _is_quiet(look)])
        hearing = next(one for one in original.articles.values() if one.title == "Quay hearing")
        for failing in (
            lambda: opened.cite(f"{hearing.revision}-0-20"), lambda: opened.article("hearing"),
            lambda: opened.summarise("hearing"), lambda: opened.article(hearing.id, hearing.revision),
        ):  # fmt: skip
            with pytest.raises(ArticleDamagedError, match=r"Quay hearing.*Ingest its source again"):
                failing()
        assert opened.verify("I have now come here to say no to work").verdict != "verbatim"
        assert opened.ask("What is not ours to sell?").citations  # the others answer
        assert hearing.id not in {record.article.id for record in opened.articles()}
        assert any("Quay hearing" in line for line in opened.notices())
    assert sum("Quay hearing" in record.message for record in caplog.records) == 1


def _is_quiet(look: Callable[[], Any]) -> bool:
    try:
        look()
    except PullquoteError:
        return False
    return True


def test_without_the_check_the_changed_word_would_be_shown(
    original: Original, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.library.is_genuine", lambda *row: True)
    with _damaged(original, tmp_path) as opened:
        assert "now come" in json.dumps(contract.search(opened, QUESTION, 50))
        with pytest.raises(AssertionError):
            _assert_true(original, opened, "not became now")


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("Quay hearing", "Quay bearing"), ("Ann Lee", "Ann Lea"), ("Harbour Gazette", "Harbour Gazebos"),
     ("2026-09-08", "2026-09-09"), ("gazette.example/quay", "gazette.example/quad")],
)  # fmt: skip
def test_whatever_else_is_known_of_an_article_is_checked_too(
    original: Original, tmp_path: Path, was: str, becomes: str
) -> None:
    with _damaged(original, tmp_path, was, becomes) as opened:
        with pytest.raises((ArticleDamagedError, NotFoundError)):
            opened.article("hearing")
        _assert_true(original, opened, was)


def test_a_speaker_whose_name_changed_is_nobody(original: Original, tmp_path: Path) -> None:
    home = _copied(original, tmp_path)
    with sqlite3.connect(home / "library.sqlite3") as connection:
        connection.execute("UPDATE quotations SET speaker = 'Ilse Vargo' WHERE speaker = 'Ilse Varga'")
        connection.execute("UPDATE voices SET speaker = 'Ilse Vargo' WHERE speaker = 'Ilse Varga'")
    connection.close()
    with open_with(home) as opened:
        assert _assert_true(original, opened, "Varga became Vargo")
        assert "Vargo" not in json.dumps([look() for look in _looks(original, opened).values() if _is_quiet(look)])
        assert any("speaker or place is damaged" in line for line in opened.doctor()["library"]["faults"])
        opened.rebuild()
        assert opened.doctor()["ok"]
        assert {"Ilse Varga"} == {person.name for person in opened.people() if "Varg" in person.name}


@pytest.mark.parametrize(
    "change",
    ["passages SET start = start + 3", 'passages SET "end" = "end" - 3', "passages SET sentences = zeroblob(8)",
     "passages SET article_id = (SELECT max(id) FROM articles)", "quotations SET start = start + 3",
     "quotations SET cue = 'denied'", "quotations SET mention_start = 0, mention_end = 4",
     "voices SET office = 'thief'", "voices SET person = 'bo carr'",
     "voices SET speaker = 'Bo Carr' WHERE speaker = 'Ilse Varga'",
     "people SET name = 'Di Ekmax'", "aliases SET person = 'ada bell'", "revisions SET external_id = 'other'",
     "revisions SET day = 20200101", "articles SET id = 'other'", "turns SET answer = replace(answer, '-', '-1')"],
)  # fmt: skip
def test_a_changed_place_or_person_is_named_and_not_shown(original: Original, tmp_path: Path, change: str) -> None:
    home = _copied(original, tmp_path)
    with sqlite3.connect(home / "library.sqlite3") as connection:
        connection.execute(f"UPDATE OR REPLACE {change}")
    connection.close()
    with open_with(home) as opened:
        _assert_true(original, opened, change)
        assert opened.doctor()["library"]["faults"]


# --- what mends it ----------------------------------------------------------------------------


def test_doctor_names_what_is_damaged_and_rebuilding_reads_nothing_out_of_it(
    original: Original, tmp_path: Path
) -> None:
    with _damaged(original, tmp_path) as opened:
        (line,) = opened.doctor()["library"]["faults"]
        hearing = next(one for one in original.articles.values() if one.title == "Quay hearing")
        assert "Quay hearing" in line and hearing.id in line and hearing.revision in line
        before = opened.library.database.read().execute("SELECT start, cue FROM quotations ORDER BY id").fetchall()
        opened.rebuild()
        assert not opened.doctor()["ok"]
        assert _assert_true(original, opened, "rebuilt")
        kept = opened.library.database.read().execute("SELECT count(*) FROM quotations").fetchone()[0]
        assert kept == len(before)
    doctor = run("doctor", "--json", home=tmp_path)
    assert doctor.code == 1 and not doctor.json["ok"]
    assert "Quay hearing" in run("doctor", home=tmp_path).out


def test_ingesting_the_source_again_mends_it(original: Original, tmp_path: Path) -> None:
    with _damaged(original, tmp_path) as opened:
        report = opened.ingest_articles([article(HEARING, **KNOWN)])
        assert (report.updated, report.unchanged) == (1, 0)
        assert opened.doctor()["ok"] and not opened.notices()
        assert [quoted.citation.id for quoted in opened.quotes(QuoteSearch(), 500).found] == original.cited
        assert opened.ingest_articles([article(HEARING, **KNOWN)]).unchanged == 1
        assert opened.cite(original.cited[0]).quote


def test_a_corrected_source_takes_the_place_of_a_damaged_one(original: Original, tmp_path: Path) -> None:
    with _damaged(original, tmp_path) as opened:
        opened.ingest_articles([article(HEARING.replace("Thursday", "Friday"), **KNOWN)])
        assert "Friday" in opened.article("hearing").article.text
        assert "not come here" in opened.search("come here to say no to work", 1)[0].quote
        assert len(opened.doctor()["library"]["faults"]) == 1  # the earlier revision, still
        opened.ingest_articles([article(HEARING, **KNOWN)])
        assert opened.doctor()["ok"]


def test_the_same_text_from_elsewhere_is_no_duplicate_of_a_damaged_one(original: Original, tmp_path: Path) -> None:
    with _damaged(original, tmp_path, "open to the internet", "open to the interned") as opened:
        report = opened.ingest_articles([article(LEAK, external_id="another", title="Leak")])
        assert report.added == 1
        assert opened.article("another").article.text == article(LEAK).text


def test_a_damaged_article_can_be_removed(original: Original, tmp_path: Path) -> None:
    with _damaged(original, tmp_path) as opened:
        opened.remove("hearing")
        assert opened.doctor()["ok"] and not opened.notices()


def test_full_text_that_is_damaged_is_made_again(original: Original, tmp_path: Path) -> None:
    home = _copied(original, tmp_path)
    with sqlite3.connect(home / "library.sqlite3") as connection:
        connection.execute("UPDATE passage_words_data SET block = zeroblob(length(block)) WHERE id > 10")
    connection.close()
    with open_with(home) as opened:
        _assert_true(original, opened, "no full text")
        opened.rebuild()
        assert opened.verify("Mud does not read a licence").verdict == "verbatim"
        assert opened.doctor()["ok"]


def test_a_change_under_a_running_process_is_seen(original: Original, tmp_path: Path) -> None:
    home = _copied(original, tmp_path)
    with open_with(home) as opened:
        assert opened.article("hearing").article.text == HEARING
        with sqlite3.connect(home / "library.sqlite3") as other:
            other.execute("UPDATE revisions SET text = replace(text, 'have not come', 'have now come')")
        other.close()
        with pytest.raises(ArticleDamagedError):
            opened.article("hearing")


def test_what_is_damaged_in_a_conversation_is_left_out(original: Original, tmp_path: Path) -> None:
    home = _copied(original, tmp_path)
    with sqlite3.connect(home / "library.sqlite3") as connection:
        connection.execute("UPDATE turns SET answer = replace(answer, 'Ilse Varga', 'Ilse Vargo') WHERE n = 1")
    connection.close()
    with open_with(home) as opened:
        text = written(opened.transcript("talk"), "markdown")
        assert "Vargo" not in text and "damaged in the library file" in text
        assert opened.recall(opened.conversations.turns("talk")[1]).citations
        opened.conversations.rate("talk", 1, "wrong")
        assert opened.conversations.turns("talk")[0].damaged
        assert any("conversations that are damaged" in line for line in opened.doctor()["library"]["faults"])


def _copied(original: Original, home: Path) -> Path:
    """A copy whose index is trusted as the original's is."""
    shutil.copytree(original.home, home, dirs_exist_ok=True)
    return home


def _write(home: Path, at: int, data: bytes) -> None:
    with (home / "library.sqlite3").open("r+b") as file:
        file.seek(at)
        file.write(data)
