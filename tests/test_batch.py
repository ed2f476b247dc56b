"""Many questions in one process: one JSON line each, in order, and a bad line fails alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command import Outcome, run
from helpers import HEARING, LEAK, assert_exact_record, open_with, write_jsonl

RECORDS = [
    {"id": "hearing", "text": HEARING, "title": "Quay hearing", "publisher": "Harbour Gazette",
     "author": "Perran Dunmore", "published": "2026-09-18", "url": "https://gazette.example/hearing"},
    {"id": "leak", "text": LEAK, "title": "Transit leak", "publisher": "Café Świat",
     "author": "Wynn Abelard", "published": "2026-09-14"},
]  # fmt: skip

FIELDS = {"ask": "question", "search": "query"}
FOUND = {"ask": "evidence", "search": "hits"}
EVERYTHING = "What of the timetable, the eelgrass, the riders and the trip records?"

each_command = pytest.mark.parametrize("command", ["ask", "search"])


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("batch") / "home"
    assert run("ingest", str(write_jsonl(home.parent / "wire.jsonl", RECORDS)), home=home).code == 0
    return home


def batch(command: str, home: Path, lines: list[Any], *options: str) -> Outcome:
    """What comes of `lines` (a string as it stands, anything else as JSON) in a file, and the same from stdin."""
    file = home.parent / "batch.jsonl"
    file.write_text("".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines), "utf-8")
    outcome = run(command, "--batch", str(file), *options, home=home)
    piped = run(command, "--batch", "-", *options, home=home, stdin=file.read_bytes())
    assert (outcome.err, piped.err) == ("", "")
    assert piped.code == outcome.code
    assert len(piped.json_lines) == len(outcome.json_lines)
    for one, other in zip(outcome.json_lines, piped.json_lines, strict=True):
        assert _timeless(other) == _timeless(one) | (
            {"error": one["error"].replace(str(file), "-")} if "error" in one else {}
        )
    return outcome


def _timeless(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != "timings_ms"}


def found_in(command: str, record: dict[str, Any]) -> set[str]:
    return {citation["external_id"] for citation in record[FOUND[command]]}


# --- one line each ----------------------------------------------------------------------------


@each_command
def test_each_line_gives_what_the_command_alone_gives_in_order_with_its_id(filled: Path, command: str) -> None:
    texts = [
        "What did Ilse Varga object to?",
        "Which zebra won the Kentucky Derby?",
        "What did Marcus Tolleray propose?",
    ]
    ids = ["a", 7, {"deep": [None, "ü"]}]
    lines = [{"id": name, FIELDS[command]: text} for name, text in zip(ids, texts, strict=True)]
    outcome = batch(command, filled, lines)
    assert outcome.code == 0
    assert [record["id"] for record in outcome.json_lines] == ids
    for text, record in zip(texts, outcome.json_lines, strict=True):
        alone = run(command, text, "--json", home=filled).json
        assert _timeless(record) == _timeless(alone) | {"id": record["id"]}
        assert record.keys() == alone.keys() | {"id"}


@each_command
def test_every_citation_of_a_batch_is_exact(filled: Path, command: str) -> None:
    field = FIELDS[command]
    outcome = batch(command, filled, [{field: "What did Edda Maskell warn?"}, {field: EVERYTHING}])
    with open_with(filled) as opened:
        for record in outcome.json_lines:
            assert record[FOUND[command]]
            for citation in [*record.get("citations", []), *record[FOUND[command]]]:
                assert_exact_record(citation, opened)


@each_command
def test_a_line_without_id_gets_none_and_one_with_null_keeps_it(filled: Path, command: str) -> None:
    field = FIELDS[command]
    without, null = batch(command, filled, [{field: "quay"}, {field: "quay", "id": None}]).json_lines
    assert "id" not in without
    assert null["id"] is None


@each_command
def test_a_line_may_be_just_the_text(filled: Path, command: str) -> None:
    bare, whole = batch(command, filled, ['"the quay"', {FIELDS[command]: "the quay"}]).json_lines
    assert _timeless(bare) == _timeless(whole)


def test_an_answer_that_is_no_is_no_failure_of_the_batch(filled: Path) -> None:
    outcome = batch("ask", filled, [{"question": "Which zebra won the Kentucky Derby?"}])
    assert (outcome.code, outcome.json["abstained"]) == (0, True)


@each_command
def test_blank_lines_are_skipped_and_still_counted(filled: Path, command: str) -> None:
    outcome = batch(command, filled, ["", {FIELDS[command]: "quay"}, "  \t", "\r", "nonsense"])
    assert len(outcome.json_lines) == 2
    assert "batch.jsonl:5: " in outcome.json_lines[1]["error"]


@each_command
def test_an_empty_batch_gives_nothing_and_is_done(filled: Path, command: str) -> None:
    assert batch(command, filled, []) == (0, "", "")


@each_command
def test_json_may_be_asked_for_too_and_changes_nothing(filled: Path, command: str) -> None:
    lines = [{FIELDS[command]: "quay", "id": n} for n in range(3)]
    plain, spoken = batch(command, filled, lines), batch(command, filled, lines, "--json")
    assert list(map(_timeless, spoken.json_lines)) == list(map(_timeless, plain.json_lines))


def test_any_text_comes_back_as_it_was_asked(filled: Path) -> None:
    texts = ["Fluß 中文 👩‍👩‍👧", "line\u2028separator\x85next\nnewline", "lone \ud800 surrogate \udfff", "\0nul"]
    outcome = batch("ask", filled, [{"question": text, "id": text} for text in texts])
    assert outcome.code == 0
    assert [(record["question"], record["id"]) for record in outcome.json_lines] == [(text, text) for text in texts]
    assert "Fluß 中文 👩‍👩‍👧" in outcome.out


def test_a_byte_order_mark_and_bytes_that_are_no_utf8_are_read_over(filled: Path, tmp_path: Path) -> None:
    content = (
        '\ufeff{"query": "quay"}\n'.encode() + b'{"query": "quay \xff"}\n{"query": "quay"}'
    )  # and no last line end
    (tmp_path / "batch.jsonl").write_bytes(content)
    for outcome in (
        run("search", "--batch", str(tmp_path / "batch.jsonl"), home=filled),
        run("search", "--batch", "-", home=filled, stdin=content),
    ):
        assert outcome.code == 0
        assert [bool(record["hits"]) for record in outcome.json_lines] == [True] * 3


# --- k and filters ----------------------------------------------------------------------------


@each_command
def test_a_line_has_its_own_k_or_that_of_the_command(filled: Path, command: str) -> None:
    field = FIELDS[command]
    lines = [{field: EVERYTHING}, {field: EVERYTHING, "k": 1}, {field: EVERYTHING, "k": 1000}]
    default, one, many = [len(record[FOUND[command]]) for record in batch(command, filled, lines, "-k", "2").json_lines]
    assert (default, one) == (2, 1)
    assert many >= 2


@each_command
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, {"hearing", "leak"}),
        ({"publisher": "harbour gazette"}, {"hearing"}),
        ({"publisher": ["Harbour Gazette", "Café Świat"]}, {"hearing", "leak"}),
        ({"publisher": "Cafe\u0301 S\u0301wiat"}, {"leak"}),
        ({"author": ["Wynn Abelard"]}, {"leak"}),
        ({"article": "https://gazette.example/hearing"}, {"hearing"}),
        ({"speaker": "Maskell"}, {"hearing"}),
        ({"since": "2026-09-15"}, {"hearing"}),
        ({"until": "2026-09-14"}, {"leak"}),
        ({"since": "2026-09-14", "until": "2026-09-18"}, {"hearing", "leak"}),
        ({"publisher": None, "since": None}, {"hearing", "leak"}),
        ({"publisher": "Nobody's"}, set()),
        ({"article": []}, {"hearing", "leak"}),
        ({"speaker": "\ud800"}, set()),
    ],
)
def test_a_line_has_its_own_filters(filled: Path, command: str, filters: dict[str, Any], expected: set[str]) -> None:
    outcome = batch(command, filled, [{FIELDS[command]: EVERYTHING} | filters])
    assert outcome.code == 0
    assert found_in(command, outcome.json) == expected


@each_command
def test_filters_of_a_line_stand_in_for_those_of_the_command(filled: Path, command: str) -> None:
    field = FIELDS[command]
    lines = [
        {field: EVERYTHING},
        {field: EVERYTHING, "publisher": "Café Świat"},
        {field: EVERYTHING, "until": "2026-09-14"},
        {field: EVERYTHING},
    ]
    outcome = batch(command, filled, lines, "--publisher", "Harbour Gazette")
    assert [found_in(command, record) for record in outcome.json_lines] == [{"hearing"}, {"leak"}, set(), {"hearing"}]


# --- bad lines --------------------------------------------------------------------------------

TEXT = "FIELD"
"""Stands for the name of the field, which is the command's."""

BAD_LINES: list[tuple[Any, str]] = [
    ("{", "not JSON"),
    ('{"FIELD": "quay"} {"FIELD": "quay"}', "not JSON"),
    ("quay", "not JSON"),
    ('{"FIELD": "quay", "id": NaN}', "NaN"),
    ('{"FIELD": "quay", "k": Infinity}', "Infinity"),
    ('{"FIELD": "quay", "k": ' + "9" * 5000 + "}", "digits"),
    ("[" * 100_000, "too deep"),
    ("[]", "'FIELD'"),
    ("17", "'FIELD'"),
    ("null", "'FIELD'"),
    ('""', "'FIELD'"),
    ({}, "'FIELD'"),
    ({"text": "quay"}, "'FIELD'"),
    ({TEXT: ""}, "'FIELD'"),
    ({TEXT: " \u2003\n"}, "'FIELD'"),
    ({TEXT: None}, "'FIELD'"),
    ({TEXT: 5}, "'FIELD'"),
    ({TEXT: ["quay"]}, "'FIELD'"),
    *[({TEXT: "quay", "k": k}, f"k is {k!r}") for k in (True, False, 0, -1, 1001, 2.0, "2", None, [])],
    *[({TEXT: "quay", key: value}, f"{key} is {value!r}")
      for key in ("article", "publisher", "author", "speaker") for value in (5, True, {"a": "b"}, ["ok", 5], [None])],
    *[({TEXT: "quay", key: value}, "is not a day; write it as 2026-09-30")
      for key in ("since", "until")
      for value in ("soon", "2026-13-01", "2026-02-30", "20260901", "2026-W36-1", "", 20260901, True, ["2026-09-01"])],
]  # fmt: skip


@each_command
def test_a_bad_line_gives_one_error_and_the_rest_goes_on(filled: Path, command: str) -> None:
    good = {FIELDS[command]: "quay", "k": 1}
    bad = [(x if isinstance(x, str) else json.dumps(x)).replace(TEXT, FIELDS[command]) for x, _ in BAD_LINES]
    outcome = batch(command, filled, [good, *(line for one in bad for line in (one, good))])
    first, *others = outcome.json_lines
    assert outcome.code == 1
    assert first[FOUND[command]]
    assert all(_timeless(record) == _timeless(first) for record in others[1::2])
    assert len(others[::2]) == len(BAD_LINES)
    for number, (record, (line, named)) in enumerate(zip(others[::2], BAD_LINES, strict=True)):
        assert record.keys() == {"error"}, line
        assert record["error"].startswith(f"{filled.parent / 'batch.jsonl'}:{2 + 2 * number}: "), line
        assert named.replace(TEXT, FIELDS[command]) in record["error"], line
        assert "\n" not in record["error"], line


@each_command
@pytest.mark.parametrize("fault", [{}, {"k": 0}, {"since": "soon"}, {"speaker": 5}])
def test_an_error_comes_with_the_id_of_its_line(filled: Path, command: str, fault: dict[str, Any]) -> None:
    text = {FIELDS[command]: "quay"} if fault else {}
    outcome = batch(command, filled, [{"id": "seventh"} | text | fault])
    assert outcome.json.keys() == {"id", "error"}
    assert outcome.json["id"] == "seventh"
    assert outcome.code == 1


# --- the file ---------------------------------------------------------------------------------


@each_command
def test_a_file_that_is_not_there_is_refused_in_one_line(filled: Path, tmp_path: Path, command: str) -> None:
    for path, reason in ((tmp_path / "none.jsonl", "No such file"), (tmp_path, "directory")):
        outcome = run(command, "--batch", str(path), home=filled)
        (line,) = outcome.err.splitlines()
        assert (outcome.code, outcome.out) == (2, "")
        assert line.startswith(f"pullquote: {path} cannot be read ({reason}") or reason in line
        assert "JSON Lines" in line


@each_command
def test_a_bad_option_is_bad_usage_before_any_line_is_read(filled: Path, command: str) -> None:
    for options in (["--since", "soon"], ["-k", "0"], ["a text too"]):
        outcome = run(command, "--batch", "-", *options, home=filled, stdin=b'"quay"\n')
        assert (outcome.code, outcome.out) == (2, "")
