"""The command line is the contract: keys, streams, exit codes and errors, to the letter."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command import Outcome, run
from helpers import CITATION_KEYS, HEARING, LEAK, ROOT, assert_exact_record, generated, open_with, write_jsonl

from rag import Settings, __version__, models, open_pullquote
from rag.lock import HomeLock

QUESTION = "What did Ilse Varga object to?"
NOWHERE = "Which zebra won the Kentucky Derby?"
RIVER = "Zoë Ångström sagte: „Der Fluß gehört uns allen.“ 中文也可以。 👩‍👩‍👧 waved at the river.\u2028Then it rained."

RECORDS = [
    {"id": "hearing", "text": HEARING, "title": "Quay hearing", "publisher": "Harbour Gazette",
     "author": "Perran Dunmore", "published": "2026-09-18", "url": "https://gazette.example/hearing"},
    {"id": "leak", "text": LEAK, "title": "Transit leak", "publisher": "The Courier",
     "author": "Wynn Abelard", "published": "2026-09-14"},
    {"id": "fluß", "text": RIVER, "title": "Der Fluß", "publisher": "Café Świat", "author": "Zoë Ångström"},
]  # fmt: skip

ASK_KEYS = {
    "question", "answer", "abstained", "mode", "model", "claims", "citations", "evidence", "timings_ms",
}  # fmt: skip
SPAN_KEYS = {"mention", "mention_start", "mention_end", "cue_start", "cue_end"}
SAID_KEYS = {"cue", "kind", "person", "office"} | SPAN_KEYS
INGEST_KEYS = {
    "added", "updated", "unchanged", "duplicates", "failed", "articles", "passages", "quotations", "seconds",
}  # fmt: skip
ARTICLE_KEYS = {
    "id", "revision", "external_id", "title", "author", "publisher", "published", "url", "origin", "characters",
    "added_at", "read_at",
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with three articles in it, which tests only read."""
    home = tmp_path_factory.mktemp("cli") / "home"
    assert run("ingest", str(write_jsonl(home.parent / "wire.jsonl", RECORDS)), home=home).code == 0
    return home


@pytest.fixture
def copied(filled: Path, home: Path) -> Path:
    """The same, to change."""
    return Path(shutil.copytree(filled, home, ignore=shutil.ignore_patterns("owner.*")))


@pytest.fixture(scope="module")
def cited(filled: Path) -> dict[str, Any]:
    """A citation of the hearing."""
    hit: dict[str, Any] = run("search", "eelgrass", "-k", "1", "--json", home=filled).json["hits"][0]
    return hit


def assert_refused(outcome: Outcome, code: int, *named: str) -> None:
    """One clear line on stderr that names the input and the next step; stdout stays empty."""
    assert (outcome.code, outcome.out) == (code, ""), outcome
    (line,) = outcome.err.splitlines()
    assert line.startswith("pullquote: ")
    for part in named:
        assert part in line, (part, line)


def assert_all_exact(citations: list[dict[str, Any]], home: Path) -> None:
    with open_with(home) as opened:
        for citation in citations:
            assert_exact_record(citation, opened)


# --- one object, wherever --json stands -------------------------------------------------------

READING = [
    ["ask", QUESTION],
    ["search", "harbour timetable"],
    ["quotes"],
    ["articles"],
    ["article", "hearing"],
    ["models"],
    ["doctor"],
    ["rebuild"],
]


@pytest.mark.parametrize("command", READING, ids=lambda command: str(command[0]))
def test_json_may_stand_before_or_after_the_command_and_is_all_of_stdout(filled: Path, command: list[str]) -> None:
    after, before = run(*command, "--json", home=filled), run("--json", *command, home=filled)
    assert (after.code, before.code, after.err, before.err) == (0, 0, "", "")
    assert after.json.keys() == before.json.keys() != set()
    with pytest.raises(ValueError, match=r"Expecting value|Extra data"):
        json.loads(run(*command, home=filled).out)


def test_the_keys_of_an_answer(filled: Path) -> None:
    answer = run("ask", QUESTION, "--json", home=filled).json
    assert answer.keys() == ASK_KEYS
    assert (answer["question"], answer["abstained"]) == (QUESTION, False)
    assert (answer["mode"], answer["model"]) == ("composed", None)
    assert answer["claims"] and answer["citations"] and answer["evidence"]
    for claim in answer["claims"]:
        assert claim.keys() == {"text", "citations", "supported"}
    assert all(isinstance(milliseconds, float) for milliseconds in answer["timings_ms"].values())
    assert_all_exact([*answer["citations"], *answer["evidence"]], filled)


def test_claims_stand_on_citations_by_their_numbers(filled: Path) -> None:
    answer = run("ask", QUESTION, "--json", home=filled).json
    quotes = {citation["n"]: citation["quote"] for citation in answer["citations"]}
    assert list(quotes) == list(range(1, len(quotes) + 1))
    for claim in answer["claims"]:
        assert claim["supported"]
        assert all(quotes[n] in claim["text"] for n in claim["citations"]) and claim["citations"]
    assert {citation["n"] for citation in answer["evidence"]} >= set(quotes)


def test_the_keys_of_quotations_each_with_its_verb_and_kind(filled: Path) -> None:
    found = run("quotes", "--json", home=filled).json
    assert found.keys() == {"quotations"}
    said = found["quotations"]
    assert [each["n"] for each in said] == list(range(1, len(said) + 1))
    assert {each["kind"] for each in said} >= {"direct", "indirect"}
    assert all(each.keys() >= SAID_KEYS and each["score"] is None for each in said)
    assert_all_exact([{key: each[key] for key in each.keys() - SAID_KEYS} for each in said], filled)


def test_quotations_of_one_speaker_and_about_one_thing(filled: Path) -> None:
    everything = run("quotes", "-k", "1000", "--json", home=filled).json["quotations"]
    varga = run("quotes", "--speaker", "Varga", "-k", "1000", "--json", home=filled).json["quotations"]
    assert varga and {said["speaker"] for said in varga} == {"Ilse Varga"}
    assert [said["id"] for said in varga] == [said["id"] for said in everything if said["speaker"] == "Ilse Varga"]
    about = run("quotes", "--about", "eelgrass", "--json", home=filled).json["quotations"]
    assert "eelgrass" in about[0]["quote"] and about[0]["score"] > 0
    assert {said["id"] for said in about} <= {said["id"] for said in everything}
    both = run("quotes", "--about", "timetable", "--speaker", "Varga", "--json", home=filled).json["quotations"]
    assert {said["speaker"] for said in both} == {"Ilse Varga"}
    assert len(run("quotes", "-k", "2", "--json", home=filled).json["quotations"]) == 2


def test_where_nobody_says_anything_the_answer_is_no(filled: Path) -> None:
    outcome = run("quotes", "--speaker", "Nobody Atall", "--json", home=filled)
    assert (outcome.code, outcome.json) == (1, {"quotations": []})


def test_the_keys_of_hits(filled: Path) -> None:
    found = run("search", "the timetable of the quay", "--json", home=filled).json
    assert found.keys() == {"hits"}
    assert [hit["n"] for hit in found["hits"]] == list(range(1, len(found["hits"]) + 1))
    assert found["hits"][0]["external_id"] == "hearing"
    assert_all_exact(found["hits"], filled)


def test_a_date_or_a_url_that_an_article_lacks_is_null(filled: Path) -> None:
    (hit,) = run("search", "Fluß", "--article", "fluß", "--json", home=filled).json["hits"]
    assert (hit["url"], hit["published"]) == (None, None)
    assert "fragment_url" not in hit
    assert hit["title"] == "Der Fluß"


def test_the_keys_of_articles(filled: Path) -> None:
    listed = run("articles", "--json", home=filled).json
    assert listed.keys() == {"articles"}
    assert [record["external_id"] for record in listed["articles"]] == ["hearing", "leak", "fluß"]
    for record in listed["articles"]:
        assert record.keys() == ARTICLE_KEYS
    assert listed["articles"][0]["characters"] == len(HEARING)
    river = listed["articles"][2]
    assert (river["published"], river["url"], river["author"]) == (None, None, "Zoë Ångström")


@pytest.mark.parametrize("name", ["hearing", "https://gazette.example/hearing"])
def test_an_article_comes_with_its_text_and_revisions_by_any_of_its_names(filled: Path, name: str) -> None:
    record = run("article", name, "--json", home=filled).json
    assert record.keys() == ARTICLE_KEYS | {"text", "revisions"}
    assert record["text"] == HEARING
    assert [revision["revision"] for revision in record["revisions"]] == [record["revision"]]
    assert run("article", record["id"], home=filled).out == HEARING + "\n"


def test_the_keys_of_models_and_what_they_say(filled: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULLQUOTE_MODELS", str(tmp_path))
    record, *others = run("models", "--json", home=filled).json["models"]
    assert [(other["name"], other["purpose"], other["path"]) for other in others] == [
        ("parser", models.find("parser").purpose, None), ("qwen", "language model", None),
    ]  # fmt: skip
    known = models.find("minilm")
    assert record == {
        "name": "minilm", "purpose": "embeddings", "title": known.title, "bytes": known.bytes,
        "sha256": known.sha256, "licence": "Apache-2.0", "path": None,
    }  # fmt: skip
    (tmp_path / known.file).touch()
    os.truncate(tmp_path / known.file, known.bytes)
    assert run("models", "--json", home=filled).json["models"][0]["path"] == str(tmp_path / known.file)


def test_the_keys_of_doctor(filled: Path) -> None:
    found = run("doctor", "--json", home=filled).json
    assert found.keys() == {"ok", "home", "library", "index", "embeddings", "models", "mended"}
    assert found["ok"] is True
    assert found["home"] == str(filled)
    assert found["library"] | {"passages": 0, "quotations": 0} == {
        "faults": [], "articles": 3, "passages": 0, "quotations": 0, "unembedded": 0,
    }  # fmt: skip


def test_doctor_says_which_passages_came_in_before_sentences_had_vectors(copied: Path) -> None:
    connection = sqlite3.connect(copied / "library.sqlite3")
    with connection:
        connection.execute("UPDATE passages SET sentence_vectors = x'' WHERE id = 1")
    connection.close()
    assert run("doctor", "--json", home=copied).json["library"]["unembedded"] == 1
    assert "sentences of 1 passages have no vectors" in run("doctor", home=copied).out
    assert run("ask", QUESTION, home=copied).code == 0
    run("rebuild", "--embed", home=copied)
    assert run("doctor", "--json", home=copied).json["library"]["unembedded"] == 0


def test_sentence_vectors_that_do_not_fit_are_a_fault_and_no_obstacle(copied: Path) -> None:
    connection = sqlite3.connect(copied / "library.sqlite3")
    with connection:
        connection.execute("UPDATE passages SET sentence_vectors = x'0102' WHERE id = 1")
    connection.close()
    assert "1 passages whose sentences have other vectors than one each" in run("doctor", home=copied).out
    assert run("ask", QUESTION, home=copied).code == 0


def test_the_version_is_the_packages() -> None:
    assert run("--version") == (0, f"pullquote {__version__}\n", "")


def test_a_bare_command_shows_the_help_as_bad_usage() -> None:
    outcome = run()
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("Usage: ") and "\n  ingest " in outcome.err


# --- ingest -----------------------------------------------------------------------------------


def test_the_keys_of_an_ingest_and_the_same_again_is_unchanged(home: Path, tmp_path: Path) -> None:
    file = str(write_jsonl(tmp_path / "wire.jsonl", RECORDS))
    first, again = run("ingest", file, "--json", home=home), run("ingest", file, "--json", home=home)
    assert (first.code, again.code) == (0, 0)
    assert first.json.keys() == INGEST_KEYS
    counts = ("added", "updated", "unchanged", "duplicates", "articles", "failed")
    assert [first.json[key] for key in counts] == [3, 0, 0, 0, 3, []]
    assert [again.json[key] for key in counts] == [0, 0, 3, 0, 3, []]
    assert again.json["passages"] == first.json["passages"] >= 3
    assert again.json["quotations"] == first.json["quotations"] >= 3
    assert run("ingest", file, home=home).out.startswith("0 added, 0 updated, 3 unchanged, 0 duplicates, 0 failed")


def test_a_changed_text_is_updated_and_the_old_citation_still_resolves(
    copied: Path, cited: dict[str, Any], tmp_path: Path
) -> None:
    changed = RECORDS[0] | {"text": "A correction. " + LEAK}
    report = run("ingest", str(write_jsonl(tmp_path / "new.jsonl", [changed])), "--json", home=copied).json
    assert (report["updated"], report["added"], report["articles"]) == (1, 0, 3)
    found = run("cite", cited["id"], home=copied).json
    assert (found["quote"], found["revision"]) == (cited["quote"], cited["revision"])
    assert len(run("article", "hearing", "--json", home=copied).json["revisions"]) == 2
    assert run("article", "hearing", "--revision", cited["revision"], home=copied).out == HEARING + "\n"
    hits = run("search", "eelgrass", "--json", home=copied).json["hits"]
    assert cited["revision"] not in {hit["revision"] for hit in hits}


def test_the_same_content_under_another_id_is_a_duplicate(copied: Path, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "copy.jsonl", [RECORDS[1] | {"id": "copy"}])
    report = run("ingest", str(file), "--json", home=copied).json
    assert (report["duplicates"], report["articles"]) == (1, 3)


def test_bad_files_are_named_in_one_line_each_and_the_rest_goes_in(home: Path, tmp_path: Path) -> None:
    good = write_jsonl(tmp_path / "good.jsonl", RECORDS[:1])
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"text": "Fine here."}\n{"text": \n{"title": "no text"}\n', "utf-8")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    (tmp_path / "empty.txt").touch()
    missing = tmp_path / "missing.txt"
    outcome = run(
        "ingest", str(bad), str(missing), str(tmp_path / "picture.txt"), str(tmp_path / "empty.txt"), str(good),
        "https://gazette.example/page", "--json", home=home,
    )  # fmt: skip
    failed = outcome.json["failed"]
    assert outcome.code == 1
    assert outcome.json["added"] == 2
    assert [failure["source"] for failure in failed] == [
        f"{bad}:2", f"{bad}:3", str(missing), str(tmp_path / "picture.txt"), str(tmp_path / "empty.txt"),
        "https://gazette.example/page",
    ]  # fmt: skip
    for failure in failed:
        assert failure.keys() == {"source", "error"}
        assert outcome.err.splitlines().count(f"{failure['source']}: {failure['error']}") == 1
    assert "Traceback" not in outcome.err


def test_an_ingest_in_which_nothing_went_well_is_bad_input(home: Path, tmp_path: Path) -> None:
    outcome = run("ingest", str(tmp_path / "missing.txt"), home=home)
    assert outcome.code == 2
    assert f"{tmp_path / 'missing.txt'}: there is no such file or folder. Check the path" in outcome.err.splitlines()
    assert outcome.out.startswith("0 added, 0 updated, 0 unchanged, 0 duplicates, 1 failed")


def test_progress_and_notices_go_to_stderr(home: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(HEARING, "utf-8")
    (tmp_path / "in" / "table.csv").write_text("a,b", "utf-8")
    outcome = run("ingest", str(tmp_path / "in"), "--json", home=home)
    assert outcome.json["added"] == 1
    assert "skipped 1 files (.csv)" in outcome.err


# --- questions --------------------------------------------------------------------------------


def test_without_json_an_answer_is_its_text_and_the_numbered_quotations(filled: Path) -> None:
    outcome = run("ask", QUESTION, "--no-llm", home=filled)
    assert (outcome.code, outcome.err) == (0, "")
    answer = run("ask", QUESTION, "--json", home=filled).json
    assert outcome.out.startswith(answer["answer"] + "\n\n[1] ")
    for citation in answer["citations"]:
        assert f"[{citation['n']}] {citation['quote']}\n" in outcome.out and citation["id"] in outcome.out
    assert "objected to the timetable of the new quay" in outcome.out


def test_an_answer_that_is_no_ends_with_1_and_offers_the_nearest_passages(filled: Path) -> None:
    outcome = run("ask", NOWHERE, "--json", home=filled)
    answer = outcome.json
    assert (outcome.code, answer["abstained"], answer["claims"], answer["citations"]) == (1, True, [], [])
    assert answer["evidence"]
    assert_all_exact(answer["evidence"], filled)
    assert run("ask", NOWHERE, home=filled) == (1, answer["answer"] + "\n", "")


def test_an_empty_library_answers_no_to_everything(home: Path) -> None:
    asked, searched = run("ask", QUESTION, "--json", home=home), run("search", "quay", "--json", home=home)
    assert (asked.code, asked.json["abstained"], asked.json["evidence"]) == (1, True, [])
    assert (searched.code, searched.json) == (1, {"hits": []})
    assert run("search", "quay", home=home) == (1, "Nothing found.\n", "")
    assert run("articles", home=home) == (0, "No articles.\n", "")
    assert run("articles", "--json", home=home).json == {"articles": []}


def test_k_is_how_many(filled: Path) -> None:
    assert len(run("search", "the hearing", "-k", "2", "--json", home=filled).json["hits"]) == 2
    assert len(run("ask", QUESTION, "-k", "1", "--json", home=filled).json["evidence"]) == 1


FILTERS = [
    (["--publisher", "harbour gazette"], {"hearing"}),
    (["--publisher", "The Courier", "--publisher", "Café Świat"], {"leak", "fluß"}),
    (["--publisher", "Cafe\u0301 S\u0301wiat"], {"fluß"}),  # as macOS writes it
    (["--author", "Wynn Abelard"], {"leak"}),
    (["--author", "Zoe\u0308 A\u030angstro\u0308m"], {"fluß"}),
    (["--article", "hearing"], {"hearing"}),
    (["--article", "https://gazette.example/hearing", "--article", "leak"], {"hearing", "leak"}),
    (["--speaker", "Varga"], {"hearing"}),
    (["--since", "2026-09-15"], {"hearing"}),
    (["--until", "2026-09-14"], {"leak"}),
    (["--since", "2026-09-14", "--until", "2026-09-18"], {"hearing", "leak"}),
    (["--publisher", "Nobody's"], set()),
]


@pytest.mark.parametrize(("options", "expected"), FILTERS, ids=lambda value: " ".join(value))
def test_filters_let_the_same_articles_through_everywhere(filled: Path, options: list[str], expected: set[str]) -> None:
    listed = run("articles", *options, "--json", home=filled).json["articles"]
    found = run("search", "the river, the riders and Varga", *options, "--json", home=filled)
    asked = run("ask", "What about the river, the riders and Varga?", *options, "--json", home=filled)
    assert {record["external_id"] for record in listed} == expected
    assert {hit["external_id"] for hit in found.json["hits"]} == expected
    assert {hit["external_id"] for hit in asked.json["evidence"]} == expected
    assert found.code == (0 if expected else 1)


def test_what_is_not_ascii_comes_out_as_it_is(filled: Path) -> None:
    question = "Wem gehört der Fluß? 👩‍👩‍👧"
    outcome = run("ask", question, "--json", home=filled)
    assert outcome.json["question"] == question
    assert "Fluß" in outcome.out and "👩‍👩‍👧" in outcome.out
    assert run("article", "fluß", home=filled).out == RIVER + "\n"


@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_lone_surrogate_in_a_question_harms_nothing(filled: Path, command: str) -> None:
    outcome = run(command, "What did Varga \udcff object \ud800 to?", "--json", home=filled)
    assert outcome.code == 0
    assert outcome.json.get("question", "What did Varga \udcff object \ud800 to?").count("\udcff") == 1
    assert run(command, "What did Varga \udcff object to?", home=filled).code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["article", "\udcff"], 1),
        (["article", "hearing", "--revision", "\udcff"], 1),
        (["remove", "\udcff"], 1),
        (["cite", "\udcff-1-2"], 1),
        (["models", "pull", "\udcff"], 2),
        (["ask", "--batch", "/nowhere/\udcff"], 2),
    ],
)
def test_a_lone_surrogate_in_a_name_is_an_unknown_name(filled: Path, arguments: list[str], code: int) -> None:
    assert_refused(run(*arguments, home=filled), code)


def test_a_lone_surrogate_in_a_filter_lets_nothing_through(filled: Path) -> None:
    for option in ("--publisher", "--author", "--speaker", "--article"):
        assert run("search", "Varga", option, "\udcff", "--json", home=filled).json == {"hits": []}


# --- citations --------------------------------------------------------------------------------


def test_a_citation_comes_with_what_stands_around_it(filled: Path) -> None:
    cited = run("ask", "What did Edda Maskell warn?", "--json", home=filled).json["citations"][0]
    outcome = run("cite", cited["id"], home=filled)
    found = outcome.json
    assert (outcome.code, found["id"]) == (0, cited["id"])
    before, after = found.pop("before"), found.pop("after")
    assert_all_exact([found], filled)
    assert HEARING[: found["start"]].endswith(before)
    assert HEARING[found["end"] :].startswith(after)
    assert before and after


@pytest.mark.parametrize("form", ["json", "markdown", "csl-json", "bibtex"])
def test_each_form_of_a_citation_holds_its_words(filled: Path, cited: dict[str, Any], form: str) -> None:
    written = run("cite", cited["id"], "--format", form, home=filled)
    assert (written.code, written.err) == (0, "")
    quote = cited["quote"]
    if form == "json":
        assert written.json["quote"] == quote
    elif form == "markdown":
        lines = [re.sub("^> ?", "", line) for line in written.out.splitlines()]
        assert "\n".join(lines).startswith(quote + "\n\n— ")
    elif form == "csl-json":
        (item,) = json.loads(written.out)
        assert (item["note"], item["id"], item["type"]) == (quote, cited["id"], "article-newspaper")
    else:
        assert written.out.startswith(f"@article{{pullquote-{cited['id']},\n") and written.out.endswith("\n}\n")
        assert f"  note = {{{' '.join(quote.split())}}},\n" in written.out


@pytest.mark.parametrize("form", ["text", "ris", "web-annotation"])
def test_a_citation_is_written_for_other_programs_too(filled: Path, cited: dict[str, Any], form: str) -> None:
    written = run("cite", cited["id"], "--format", form, home=filled)
    assert (written.code, written.err) == (0, "")
    if form == "text":
        assert written.out.startswith(cited["quote"] + "\n\n— ")
    elif form == "ris":
        assert written.out.startswith("TY  - NEWS\r\n") and written.out.endswith("\r\nER  - \r\n")
    else:
        (quote,) = json.loads(written.out)["target"]["selector"]
        assert quote["exact"] == cited["quote"]


def talk(home: Path, *questions: str) -> str:
    """The id of a conversation of these questions, as the app saves one."""
    with open_with(home) as opened:
        for question in questions:
            opened.conversations.add("talk-1", opened.ask(question))
    return "talk-1"


def test_conversations_are_listed_and_written_out(copied: Path) -> None:
    none = run("conversations", home=copied)
    assert (none.code, none.out) == (1, "No conversations.\n")
    assert run("conversations", "--json", home=copied).json == {"conversations": []}
    name = talk(copied, "What did Edda Maskell warn?", "What did Ilse Varga object to?")
    (listed,) = run("conversations", "--json", home=copied).json["conversations"]
    assert (listed["id"], listed["title"], listed["turns"]) == (name, "What did Edda Maskell warn?", 2)
    assert run("conversations", home=copied).out == f"{name}  {listed['started_at'][:10]}    2  {listed['title']}\n"
    asked = run("ask", "What did Edda Maskell warn?", "--json", home=copied).json
    found = run("conversations", name, "--json", home=copied).json
    assert found["turns"][0]["citations"] == asked["citations"]
    assert (
        run("conversations", name, home=copied).out
        == run("conversations", name, "--format", "markdown", home=copied).out
    )
    written = run("conversations", name, "--format", "ris", home=copied)
    assert written.out.count("TY  - NEWS\r\n") == len({c["id"] for turn in found["turns"] for c in turn["citations"]})
    both = run("--json", "conversations", name, "--format", "ris", home=copied).json
    assert (both["text"], both["format"]) == (written.out, "ris")


def test_a_conversation_that_is_not_there_is_a_no(filled: Path) -> None:
    assert_refused(run("conversations", "talk-9", home=filled), 1, "talk-9", "`pullquote conversations`")
    assert_refused(run("conversations", "--format", "ris", home=filled), 2, "ID")


@pytest.mark.parametrize("form", ["json", "markdown", "csl-json", "bibtex"])
def test_every_form_is_one_object_where_json_is_asked_for(filled: Path, cited: dict[str, Any], form: str) -> None:
    found = run("--json", "cite", cited["id"], "--format", form, home=filled).json
    extra = set() if form == "json" else {"format", "text"}
    assert found.keys() == CITATION_KEYS | {"fragment_url", "before", "after"} | extra
    if extra:
        assert found["format"] == form
        assert found["text"] + "\n" == run("cite", cited["id"], "--format", form, home=filled).out


def test_the_public_url_stands_before_links(
    filled: Path, cited: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cited["link"].startswith("/?article=")
    monkeypatch.setenv("PULLQUOTE_PUBLIC_URL", "https://quotes.example/")
    assert run("cite", cited["id"], home=filled).json["link"] == "https://quotes.example" + cited["link"]


# --- what is not there ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["article", "nobody's"], ["nobody's", "`pullquote articles`"]),
        (["article", "hearing", "--revision", "nope"], ["hearing", "nope"]),
        (["article", ""], ["''"]),
        (["remove", "nobody's"], ["nobody's", "`pullquote articles`"]),
        (["cite", "nonsense"], ["nonsense", "3f2a…-1024-1100"]),
        (["cite", "0" * 20 + "-0-5"], ["0" * 20, "may have been removed"]),
    ],
)
def test_an_unknown_id_is_a_no_that_names_it(filled: Path, arguments: list[str], named: list[str]) -> None:
    outcome = run(*arguments, home=filled)
    assert_refused(outcome, 1, *named)
    spoken = run("--json", *arguments, home=filled)
    assert (spoken.code, spoken.err) == (1, outcome.err)
    assert spoken.json == {"error": outcome.err.removeprefix("pullquote: ").strip()}


def test_a_citation_outside_its_article_is_a_no(filled: Path, cited: dict[str, Any]) -> None:
    assert_refused(run("cite", f"{cited['revision']}-5-999999", home=filled), 1, "999999", "Quay hearing")


def test_a_removed_article_is_gone_with_its_citations(copied: Path, cited: dict[str, Any]) -> None:
    outcome = run("remove", "hearing", "--json", home=copied)
    assert outcome.json == {"removed": cited["article_id"], "title": "Quay hearing"}
    assert len(run("articles", "--json", home=copied).json["articles"]) == 2
    assert_refused(run("cite", cited["id"], home=copied), 1, cited["revision"])
    assert_refused(run("remove", "hearing", home=copied), 1, "hearing")
    assert run("remove", "leak", home=copied) == (0, "Removed Transit leak.\n", "")


# --- bad usage --------------------------------------------------------------------------------

BAD_USAGE = [
    (["ask"], ["QUESTION", "--batch", "`pullquote ask --help`"]),
    (["ask", "a", "--batch", "b"], ["QUESTION", "--batch"]),
    (["ask", ""], ["QUESTION is blank"]),
    (["ask", " \n\u2003"], ["QUESTION is blank"]),
    (["search"], ["QUERY", "--batch", "`pullquote search --help`"]),
    (["search", "  "], ["QUERY is blank"]),
    (["ask", "a", "b"], ["(b)"]),
    (["search", "a", "--since", "2026-13-01"], ["--since", "2026-13-01", "2026-09-30", "`pullquote search --help`"]),
    (["search", "a", "--until", "yesterday"], ["--until", "yesterday", "2026-09-30"]),
    (["articles", "--since", "20260901"], ["--since", "20260901"]),
    (["search", "a", "-k", "0"], ["-k", "1"]),
    (["search", "a", "-k", "1001"], ["-k", "1000"]),
    (["search", "a", "-k", "ten"], ["-k"]),
    (["ask", "--batch"], ["--batch", "requires an argument"]),
    (["cite", "a", "--format", "docx"], ["docx", "bibtex", "`pullquote cite --help`"]),
    (["cite"], ["ID"]),
    (["ingest"], ["SOURCE", "`pullquote ingest --help`"]),
    (["search", "a", "--colour", "red"], ["--colour"]),
    (["serch", "a"], ["serch", "search", "`pullquote --help`"]),
    (["models", "push"], ["push", "`pullquote models"]),
    (["models", "pull", "gpt"], ["gpt", "minilm"]),
    (["serve", "--port", "70000"], ["--port", "65535"]),
    (["serve", "--host", "0.0.0.0"], ["0.0.0.0", "127.0.0.1"]),
]


@pytest.mark.parametrize(("arguments", "named"), BAD_USAGE, ids=lambda value: " ".join(value)[:40])
def test_bad_usage_is_one_line_and_2(home: Path, arguments: list[str], named: list[str]) -> None:
    outcome = run(*arguments, home=home)
    assert_refused(outcome, 2, *named)
    assert not home.exists()  # told before anything is opened
    spoken = run("--json", *arguments, home=home)
    assert (spoken.code, spoken.err) == (2, outcome.err)
    assert spoken.json == {"error": outcome.err.removeprefix("pullquote: ").strip()}


def test_a_name_of_two_lines_is_still_refused_in_one(filled: Path, tmp_path: Path) -> None:
    outcome = run("ask", "--json", "--batch", str(tmp_path / "two\nlines"), home=filled)
    assert outcome.err.count("\n") == 1 and "two lines cannot be read" in outcome.err
    assert outcome.json["error"] in outcome.err


def test_a_port_that_is_taken_is_refused_by_its_number(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert_refused(run("serve", "--port", port, home=home), 2, port, "127.0.0.1", "--port")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PULLQUOTE_PORT", "eighty"),
        ("PULLQUOTE_THRESHOLD", "1.5"),
        ("PULLQUOTE_MAX_BYTES", "-1"),
        ("PULLQUOTE_PARSE_SECONDS", "soon"),
    ],
)
def test_a_bad_setting_is_refused_by_name_and_value(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert_refused(run("articles", home=home), 2, name, value, "docs/SETTINGS.md")


@pytest.mark.parametrize("value", ["word2vec", "nobody:word2vec"])
def test_an_embedding_model_that_is_not_there_is_refused_by_name(
    home: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("PULLQUOTE_EMBEDDINGS", value)
    assert_refused(run("articles", home=home, model=None), 2, value)
    assert run("articles", home=home).code == 0  # nothing stays locked


# --- the home ---------------------------------------------------------------------------------


def test_a_home_in_use_is_refused_with_who_has_it(filled: Path) -> None:
    lock = HomeLock(filled)
    try:
        lock.announce("http://127.0.0.1:8501")
        refused = run("ask", QUESTION, home=filled)
        assert_refused(refused, 2, str(filled), str(os.getpid()), "http://127.0.0.1:8501", "--home")
        assert run("models", home=filled).code == 0  # needs no library
    finally:
        lock.release()
    assert run("ask", QUESTION, home=filled).code == 0


def test_the_home_may_come_from_the_environment_and_the_option_wins(
    filled: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULLQUOTE_HOME", str(filled))
    assert len(run("articles", "--json").json["articles"]) == 3
    assert run("articles", "--json", home=home).json == {"articles": []}


def test_a_home_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert_refused(run("articles", home=tmp_path / "file"), 2, str(tmp_path / "file"), "--home")


def test_a_library_of_another_model_is_refused_until_it_is_embedded_anew(copied: Path, cited: dict[str, Any]) -> None:
    for command in (["articles"], ["rebuild"]):
        refused = run(*command, home=copied, model="other-words")
        assert_refused(refused, 2, "fake-words", "other-words", "`pullquote rebuild --embed`")
    counts = run("doctor", "--json", home=copied).json["library"]
    mended = run("rebuild", "--embed", "--json", home=copied, model="other-words")
    assert mended.json == {"rebuilt": counts["passages"], "embedded": True}
    assert run("cite", cited["id"], home=copied, model="other-words").json["quote"] == cited["quote"]
    assert run("search", "eelgrass", "-k", "1", "--json", home=copied, model="other-words").json["hits"] == [cited]


def test_rebuilding_leaves_citations_and_answers_as_they_were(copied: Path) -> None:
    before = run("search", "the hearing", "--json", home=copied).json
    outcome = run("rebuild", "--json", home=copied)
    assert outcome.json == {"rebuilt": run("doctor", "--json", home=copied).json["library"]["passages"],
                            "embedded": False}  # fmt: skip
    assert run("search", "the hearing", "--json", home=copied).json == before


def test_rebuilding_reads_again_who_says_what(copied: Path) -> None:
    connection = sqlite3.connect(copied / "library.sqlite3")
    with connection:
        before = connection.execute(
            "SELECT article_id, start, speaker, cue, kind FROM quotations ORDER BY 1, 2"
        ).fetchall()
        connection.execute("UPDATE quotations SET speaker = 'Nobody'")
    run("rebuild", home=copied)
    found = connection.execute("SELECT article_id, start, speaker, cue, kind FROM quotations ORDER BY 1, 2").fetchall()
    connection.close()
    assert sorted(found) == sorted(before)


def test_doctor_says_what_was_mended(copied: Path) -> None:
    shutil.rmtree(copied / "index")
    outcome = run("doctor", "--json", home=copied)
    assert (outcome.code, outcome.json["ok"]) == (0, True)
    assert outcome.json["mended"]
    assert "All is well." in run("doctor", home=copied).out


def test_doctor_says_no_where_the_library_is_not_whole(copied: Path) -> None:
    connection = sqlite3.connect(copied / "library.sqlite3")
    with connection:
        connection.execute('UPDATE passages SET "end" = 100000')
    connection.close()
    outcome = run("doctor", "--json", home=copied)
    assert (outcome.code, outcome.json["ok"]) == (1, False)
    assert outcome.json["library"]["faults"]
    assert "Fault: " in run("doctor", home=copied).out


def test_a_library_file_that_is_no_database_is_refused(home: Path) -> None:
    home.mkdir()
    (home / "library.sqlite3").write_bytes(b"no database at all, " * 400)
    assert_refused(run("articles", home=home), 2, "library.sqlite3", "--home")


# --- a process of its own ---------------------------------------------------------------------


def in_a_process(*arguments: str | bytes, stdin: bytes = b"", **environment: str) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-m", "rag", *arguments], input=stdin, capture_output=True, cwd=ROOT, timeout=120,
        env=os.environ | environment, check=False,
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def test_the_whole_way_in_processes_of_their_own(embedded_model: Path, home: Path, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "wire.jsonl", [*RECORDS, *generated(3)])
    c_locale = {"PULLQUOTE_HOME": str(home), "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    report = in_a_process("ingest", str(file), "--json", **c_locale)
    assert (report.code, report.json["added"], report.json["failed"]) == (0, 6, [])
    asked = in_a_process("ask", "What did Ilse Varga \udcff object to?".encode("utf-8", "surrogateescape"), "--json",
                         **c_locale)  # fmt: skip
    assert (asked.code, asked.err) == (0, "")
    assert asked.json["citations"][0]["external_id"] == "hearing"
    assert asked.json["question"] == "What did Ilse Varga \udcff object to?"
    questions = "\n".join(json.dumps({"query": text}, ensure_ascii=False) for text in ("Fluß", "riders"))
    found = in_a_process("search", "--batch", "-", "-k", "1", stdin=questions.encode(), **c_locale)
    assert [line["hits"][0]["external_id"] for line in found.json_lines] == ["fluß", "leak"]
    with open_pullquote(Settings(home=home)) as opened:
        for citation in [*asked.json["citations"], *asked.json["evidence"], *found.json_lines[0]["hits"]]:
            assert_exact_record(citation, opened)


def test_a_refusal_in_a_process_of_its_own_is_one_line_too(home: Path) -> None:
    assert_refused(in_a_process("--home", str(home), "ask", "x", "--since", "soon"), 2, "soon")


def test_a_reader_that_goes_away_ends_it_without_a_traceback(home: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "rag", "--home", str(home), "models", "--json"],
        stdout=writing, stderr=subprocess.PIPE, cwd=ROOT, timeout=60, check=False,
    )  # fmt: skip
    os.close(writing)
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr and b"Exception" not in done.stderr


def test_quotations_as_csv_and_json_lines_are_those_of_the_list(filled: Path) -> None:
    listed = run("quotes", "--kind", "direct", "--json", home=filled).json["quotations"]
    lines = run("quotes", "--kind", "direct", "--format", "jsonl", home=filled).out.splitlines()
    assert [json.loads(line) for line in lines] == listed
    table = run("quotes", "--kind", "direct", "--format", "csv", home=filled).out
    assert table.count("\n") > len(listed) and '"quote","speaker"' in table


def test_speakers_are_listed_merged_and_split_and_the_decision_can_be_taken_back(copied: Path) -> None:
    listed = run("speakers", "--json", home=copied).json["speakers"]
    assert listed[0].keys() >= {"key", "name", "office", "names", "quotations", "articles"}
    assert {"ilse varga", "edda maskell"} <= {person["key"] for person in listed}
    merged = run("speakers", "merge", "Edda Maskell", "Ilse Varga", "--json", home=copied).json
    assert set(merged["names"]) == {"Ilse Varga", "Edda Maskell"}
    said = run("quotes", "--speaker", "Maskell", "--json", home=copied).json["quotations"]
    assert {each["speaker"] for each in said} == {"Ilse Varga", "Edda Maskell"}
    assert run("speakers", "reset", "Ilse Varga", "--json", home=copied).json["voices"] == 1
    split = run("speakers", "split", "Ilse Varga", "--article", "hearing", "--as", "Nora Varga", "--json", home=copied)
    assert split.json["key"] == "nora varga"
    missing = run("speakers", "merge", "Bo Carr", "Ilse Varga", home=copied)
    assert missing.code == 1 and "Nobody speaks as 'Bo Carr'" in missing.err


def test_a_split_of_speakers_under_no_name_is_bad_input(copied: Path) -> None:
    outcome = run("speakers", "split", "Ilse Varga", "--article", "hearing", "--as", "", home=copied)
    assert_refused(outcome, 2, "A split needs a name")


def test_what_was_decided_about_speakers_is_listed_and_taken_back_when_their_articles_are_gone(copied: Path) -> None:
    assert run("speakers", "--decisions", "--json", home=copied)[:2] == (1, '{"decisions": []}\n')
    run("speakers", "merge", "Edda Maskell", "Ilse Varga", home=copied)
    held = run("speakers", "--decisions", home=copied)
    assert (held.code, held.out) == (0, "Edda Maskell in all articles is Ilse Varga\n")
    assert run("remove", "hearing", home=copied).code == 0
    assert "is Ilse Varga (waits: " in run("speakers", "--decisions", home=copied).out
    assert run("speakers", "reset", "Ilse Varga", "--json", home=copied).json == {"speaker": "Ilse Varga", "voices": 1}
    assert run("speakers", "--decisions", home=copied).code == 1


def test_no_speakers_is_a_clear_line_and_the_answer_is_no(home: Path) -> None:
    assert run("speakers", home=home)[:2] == run("quotes", home=home)[:2] == (1, "Nobody says anything.\n")
    assert run("speakers", "--json", home=home)[:2] == (1, '{"speakers": []}\n')


def test_json_before_a_command_of_speakers_holds_and_filters_there_are_refused(copied: Path) -> None:
    merged = run("speakers", "--json", "merge", "Edda Maskell", "Ilse Varga", home=copied)
    assert merged.json["key"] == "ilse varga"
    for option in (["--speaker", "Varga"], ["--since", "2026-01-01"], ["--unnamed"], ["--decisions"]):
        assert_refused(run("speakers", *option, "reset", "Ilse Varga", home=copied), 2, "Before 'reset'", "--json")
    assert_refused(run("speakers", "--decisions", "--unnamed", home=copied), 2, "With --decisions")
    assert run("speakers", "reset", "Ilse Varga", "--json", home=copied).json["voices"] == 1


def test_a_name_of_speakers_without_end_is_cut_in_a_line_and_whole_in_json(copied: Path) -> None:
    name = " ".join(["Ilse", *["Maria"] * 20, "Varga"])
    run("speakers", "split", "Ilse Varga", "--article", "hearing", "--as", name, home=copied)
    lines = run("speakers", home=copied).out.splitlines()
    (line,) = [line for line in lines if "Ilse Maria" in line]
    assert "…" in line and len(line.split("…")[0].lstrip(" 0123456789")) < 60
    assert name in {person["name"] for person in run("speakers", "--json", home=copied).json["speakers"]}


def test_versions_of_what_one_article_alone_has_are_none_and_the_answer_is_no(filled: Path) -> None:
    said = run("quotes", "--kind", "direct", "--json", home=filled).json["quotations"][0]
    outcome = run("versions", said["id"], "--json", home=filled)
    assert (outcome.code, outcome.json) == (1, {"versions": []})


def test_an_export_has_all_that_fits_and_a_list_says_what_it_leaves_out(tmp_path: Path) -> None:
    text = "\n\n".join(f"Ann Bell said that the quay of day {n} was shut." for n in range(60))
    source, home = tmp_path / "quay.txt", tmp_path / "home"
    source.write_text(text, "utf-8")
    run("ingest", str(source), home=home)
    listed = run("quotes", "--json", home=home)
    assert len(listed.json["quotations"]) == 50
    assert "50 of 60 quotations" in listed.err
    exported = run("quotes", "--format", "jsonl", home=home)
    assert (len(exported.out.splitlines()), exported.err) == (60, "")
    assert "10 of 60" in run("quotes", "--format", "csv", "-k", "10", home=home).err
    both = run("quotes", "--format", "csv", "--json", home=home)
    assert (both.code, "--json and --format csv exclude each other" in both.err) == (2, True)


def test_marks_alone_are_the_words_of_nobody(filled: Path) -> None:
    for option in ("--words", "--topic"):
        assert run("quotes", option, '"', "--json", home=filled).json == {"quotations": []}


# --- summarise --------------------------------------------------------------------------------


def test_summarise_is_the_contract_s_json(filled: Path) -> None:
    outcome = run("summarise", "--article", "hearing", "--no-llm", "--json", home=filled)
    record = outcome.json
    assert (outcome.code, outcome.err) == (0, "")
    assert list(record) == ["kind", "sentences", "citations", "mode", "model"]
    assert (record["kind"], record["mode"], record["model"]) == ("brief", "extractive", None)
    assert [sentence.keys() for sentence in record["sentences"]] == [{"text", "citations"}] * 3
    assert [s["text"] for s in record["sentences"]] == [c["quote"] for c in record["citations"]]
    with open_with(filled) as pullquote:
        for citation in record["citations"]:
            assert_exact_record(citation, pullquote)


def test_summarise_prints_its_sentences_with_their_numbers(filled: Path) -> None:
    outcome = run("summarise", "--article", "https://gazette.example/hearing", "--no-llm", home=filled)
    assert outcome.out.startswith("Ilse Varga, the mayor of Orrisport, objected to")
    assert " [1]\n\n" in outcome.out and outcome.out.endswith(" [3]\n")


def test_summarise_without_its_model_says_so_and_goes_on(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_LLM", "llamacpp:/nowhere/model.gguf")
    outcome = run("summarise", "--article", "hearing", "--json", home=filled)
    assert (outcome.code, outcome.json["mode"]) == (0, "extractive")
    assert "/nowhere/model.gguf" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--article", "nobody"], 1, "nobody"),
        ([], 2, "give --article ID"),
        (["--article", " "], 2, "give --article ID"),
        (["--article", "hearing", "--article", "leak"], 2, "not there yet"),
        (["--query", "the quay"], 2, "--query is not there yet"),
        (["--article", "hearing", "--kind", "timeline"], 2, "not there yet"),
        (["--article", "hearing", "--kind", "positions"], 2, "not there yet"),
        (["--article", "hearing", "--kind", "poem"], 2, "'poem'"),
    ],
)
def test_what_cannot_be_summed_up_is_refused_in_a_line(
    filled: Path, arguments: list[str], code: int, says: str
) -> None:
    outcome = run("summarise", *arguments, "--no-llm", "--json", home=filled)
    assert outcome.code == code
    assert says in outcome.err and outcome.err.count("\n") == 1
    assert outcome.json.keys() == {"error"}
