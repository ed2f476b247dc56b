"""What readers say of answers, on the command line: listed, and written out for whoever mends the program."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from command import run
from helpers import HEARING, article, open_with

MUD = "Who said that mud does not read a licence?"


@pytest.fixture
def rated(home: Path) -> list[str]:
    """A library with two answers in a conversation, one of them rated; the ids of what that one cites."""
    with open_with(home) as opened:
        opened.ingest_articles([article(HEARING)])
        answer = opened.ask(MUD)
        opened.conversations.add("talk", answer)
        opened.conversations.add("talk", opened.ask("=What did Ilse Varga object to?"))
        opened.conversations.rate("talk", 1, "helpful")
        return [citation.id for citation in answer.citations]


def test_an_answer_that_was_rated_is_written_out_with_what_it_cites(rated: list[str], home: Path) -> None:
    (record,) = run("feedback", "--json", home=home).json["feedback"]
    assert record["citations"] == rated != []
    assert (record["question"], record["searched"], record["feedback"]) == (MUD, MUD, "helpful")
    assert (record["mode"], record["model"]) == ("composed", None)
    assert "Mud does not read a licence" in record["answer"] and record["date"].endswith("+00:00")
    assert run("feedback", "--format", "jsonl", home=home).json_lines == [record]
    listed = run("feedback", home=home)
    assert (listed.code, listed.out) == (0, f"helpful  {record['date'][:10]}  {MUD}\n")


def test_a_table_of_feedback_holds_the_same_and_no_formula(rated: list[str], home: Path) -> None:
    with open_with(home) as opened:
        opened.conversations.rate("talk", 2, "wrong")
    (first, second) = csv.DictReader(io.StringIO(run("feedback", "--format", "csv", home=home).out.lstrip("\ufeff")))
    assert (first["feedback"], first["citations"].split()) == ("helpful", rated)
    assert second["question"].startswith("'=What")


def test_where_nobody_said_anything_the_answer_is_no(home: Path) -> None:
    assert run("feedback", "--format", "jsonl", home=home) == (1, "", "")
    assert json.loads(run("feedback", "--json", home=home).out) == {"feedback": []}
    assert run("feedback", "--json", "--format", "csv", home=home).code == 2
