"""Conversations: kept in order through restarts, as pointers; the words are sliced anew each time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import HEARING, LEAK, article, assert_exact, open_with

from rag import Pullquote, prompts
from rag.answer import compose
from rag.conversations import Conversations, new_id
from rag.database import Database
from rag.seals import seal
from rag.types import Answer

MUD = "Who said that mud does not read a licence?"
RECORDS = "What did Marcus Tolleray propose about trip records?"


@pytest.fixture
def filled(pullquote: Pullquote) -> Pullquote:
    pullquote.ingest_articles(
        [article(HEARING, external_id="hearing", title="The hearing"), article(LEAK, external_id="leak")]
    )
    return pullquote


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Conversations]:
    """The store alone, on a library without articles."""
    database = Database(tmp_path / "library.sqlite3")
    yield Conversations(database)
    database.close()


def no(question: str) -> Answer:
    """An answer that cites nothing."""
    return compose(question, [], [])


def ask(pullquote: Pullquote, conversation: str, *questions: str) -> list[Answer]:
    answers = [pullquote.ask(question) for question in questions]
    for answer in answers:
        pullquote.conversations.add(conversation, answer)
    return answers


def recalled(pullquote: Pullquote, conversation: str) -> list[Answer]:
    answers = [pullquote.recall(turn) for turn in pullquote.conversations.turns(conversation)]
    for answer in answers:
        for citation in (*answer.citations, *answer.evidence):
            assert_exact(citation.excerpt)
    return answers


# --- kept -------------------------------------------------------------------------------------


def test_turns_come_back_in_the_order_they_were_asked(filled: Pullquote) -> None:
    questions = [MUD, RECORDS, MUD, *(f"What about question {n}?" for n in range(12))]
    ask(filled, "c", *questions)
    assert [turn.question for turn in filled.conversations.turns("c")] == questions


def test_an_answer_comes_back_as_it_was(filled: Pullquote) -> None:
    given = ask(filled, "c", MUD, RECORDS)
    assert all(answer.citations for answer in given)
    assert recalled(filled, "c") == given


def test_an_answer_that_was_no_comes_back_as_no_with_the_nearest(filled: Pullquote) -> None:
    nearest = replace(filled.ask(MUD), abstained=True, text=prompts.render("abstain"), claims=(), citations=())
    filled.conversations.add("c", nearest)
    (answer,) = recalled(filled, "c")
    assert (answer.abstained, answer.claims, answer.citations) == (True, (), ())
    assert answer.text == prompts.render("abstain")
    assert [c.id for c in answer.evidence] == [c.id for c in nearest.evidence]


def test_conversations_survive_a_restart(home: Path) -> None:
    with open_with(home) as opened:
        opened.ingest_articles([article(external_id="hearing")])
        given = ask(opened, "c", MUD)
    with open_with(home) as opened:
        assert recalled(opened, "c") == given
        ask(opened, "c", RECORDS)
        assert [turn.question for turn in opened.conversations.turns("c")] == [MUD, RECORDS]
        assert [(c.id, c.title) for c in opened.conversations.recent()] == [("c", MUD)]


def test_conversations_do_not_mix(filled: Pullquote) -> None:
    ask(filled, "a", MUD)
    ask(filled, "b", RECORDS)
    ask(filled, "a", "And then?")
    assert [turn.question for turn in filled.conversations.turns("a")] == [MUD, "And then?"]
    assert [turn.question for turn in filled.conversations.turns("b")] == [RECORDS]


def test_turns_that_are_saved_at_once_are_all_kept(store: Conversations) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.add("c", no(f"Question {n}")), range(40)))
    assert {turn.question for turn in store.turns("c")} == {f"Question {n}" for n in range(40)}
    assert len(store.recent()) == 1


# --- pointers, not words ----------------------------------------------------------------------


def test_the_store_holds_no_quoted_words(filled: Pullquote) -> None:
    given = ask(filled, "c", MUD, RECORDS)
    rows = filled.library.database.read()
    stored = [json.loads(row[0]) for row in rows.execute("SELECT answer FROM turns ORDER BY n")]
    for answer, turn in zip(given, stored, strict=True):
        assert turn["question"] == answer.question
        assert turn["cited"] == [[c.id, c.speaker, c.score] for c in answer.citations]
        assert turn["evidence"] == [[c.id, c.speaker, c.score] for c in answer.evidence]
        assert (turn["claims"], turn["notice"], turn["searched"], turn["withheld"]) == ([], "", "", 0)
        kept = json.dumps(turn | {"question": ""}, ensure_ascii=False)
        words = {word for citation in answer.evidence for word in re.findall(r"[^\W\d_]{4,}", citation.quote)}
        names = {word for citation in answer.evidence for word in citation.speaker.split()}
        assert words - names
        assert not [word for word in words - names if word in kept.replace("extractive", "")]


def test_after_a_correction_the_words_that_were_cited_come_back(filled: Pullquote) -> None:
    given = ask(filled, "c", MUD)
    filled.ingest_articles([article(HEARING.replace("Mud does", "Silt does"), external_id="hearing")])
    (answer,) = recalled(filled, "c")
    assert [c.quote for c in answer.citations] == [c.quote for c in given[0].citations]
    assert any("Mud does not read" in c.quote for c in answer.citations)
    assert not any("Mud does not read" in c.quote for c in filled.ask(MUD).evidence)


def test_the_citations_of_a_removed_article_are_left_out(filled: Pullquote) -> None:
    both = replace(filled.ask(MUD), citations=filled.search("mud", 1)[:1] + filled.search("riders", 1)[:1])  # type: ignore[arg-type]
    filled.conversations.add("c", both)
    filled.remove("hearing")
    (answer,) = recalled(filled, "c")
    assert [c.excerpt.article.external_id for c in answer.citations] == ["leak"]
    assert [c.n for c in answer.citations] == [1]
    assert {c.excerpt.article.external_id for c in answer.evidence} <= {"leak"}


def test_when_all_that_was_cited_is_gone_the_answer_is_no(filled: Pullquote) -> None:
    ask(filled, "c", MUD)
    for name in ("hearing", "leak"):
        filled.remove(name)
    (answer,) = recalled(filled, "c")
    assert (answer.question, answer.abstained, answer.citations, answer.evidence) == (MUD, True, (), ())


def test_an_article_that_comes_back_brings_its_citations_back(filled: Pullquote) -> None:
    given = ask(filled, "c", MUD)
    removed = filled.remove("hearing")
    filled.ingest_articles([article(removed.text, external_id="hearing", title="The hearing")])
    assert [c.quote for c in recalled(filled, "c")[0].citations] == [c.quote for c in given[0].citations]


# --- removing and listing ---------------------------------------------------------------------


def test_a_removed_conversation_is_gone_with_its_turns_and_the_others_stay(store: Conversations) -> None:
    for name in ("a", "b"):
        store.add(name, no(f"Question of {name}"))
    store.remove("a")
    assert store.turns("a") == []
    assert [c.id for c in store.recent()] == ["b"]
    count = store.database.read().execute("SELECT count(*) FROM turns").fetchone()[0]
    assert count == 1
    store.remove("a")
    store.remove("never there")
    assert [turn.question for turn in store.turns("b")] == ["Question of b"]


def test_a_conversation_may_begin_anew_under_a_removed_id(store: Conversations) -> None:
    store.add("a", no("Before"))
    store.remove("a")
    store.add("a", no("After"))
    assert [turn.question for turn in store.turns("a")] == ["After"]
    assert store.recent()[0].title == "After"


def test_the_newest_conversation_comes_first_whatever_was_said_in_it_later(store: Conversations) -> None:
    for name in ("a", "b", "c"):
        store.add(name, no(f"First of {name}"))
    store.add("a", no("Later"))
    assert [c.id for c in store.recent()] == ["c", "b", "a"]
    assert [c.id for c in store.recent(2)] == ["c", "b"]


def test_what_began_earlier_comes_later_though_it_was_stored_last(store: Conversations) -> None:
    for name, day in (("new", "2026-10-02"), ("old", "2026-09-01")):
        store.add(name, no(name))
        with store.database.write() as connection:
            connection.execute("UPDATE conversations SET started_at = ? WHERE id = ?", (day, name))
    assert [(c.id, c.started_at) for c in store.recent()] == [("new", "2026-10-02"), ("old", "2026-09-01")]


def test_the_title_is_the_first_question_cut_short(store: Conversations) -> None:
    question = "Why? " * 100
    store.add("a", no(question))
    store.add("a", no("Another?"))
    assert store.recent()[0].title == question[:120]
    assert store.turns("a")[0].question == question


def test_nothing_asked_is_nothing_kept(store: Conversations) -> None:
    assert (store.recent(), store.turns("")) == ([], [])


# --- whatever is asked or named ---------------------------------------------------------------


IDS = [
    "", "'; DROP TABLE turns; --", '"', "%", "_", "a' OR '1'='1", "../../x", "\0", "\u00e9", "e\u0301", "👩‍👩‍👧",
    "NULL", "0", "x" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("name", IDS, ids=lambda name: ascii(name[:12]))
def test_an_id_is_never_more_than_an_id(store: Conversations, name: str) -> None:
    store.add("other", no("Untouched"))
    assert store.turns(name) == []
    store.add(name, no("Asked"))
    assert [turn.question for turn in store.turns(name)] == ["Asked"]
    assert {c.id for c in store.recent()} == {"other", name}
    store.remove(name)
    assert store.turns(name) == []
    assert [turn.question for turn in store.turns("other")] == ["Untouched"]


@pytest.mark.parametrize(
    "question", ["", "{}", "\0", "\ud800 harbour", "'; DROP TABLE turns; --", "שלום", "\n", "x" * 100_000, '"]}'],
    ids=lambda question: ascii(question[:12]),
)  # fmt: skip
def test_any_question_is_kept_as_it_was_asked(pullquote: Pullquote, question: str) -> None:
    ask(pullquote, "c", question)
    assert [turn.question for turn in pullquote.conversations.turns("c")] == [question]
    assert recalled(pullquote, "c")[0].question == question
    assert len(pullquote.conversations.recent()) == 1


def test_ids_cannot_be_guessed_and_fit_into_an_address() -> None:
    made = {new_id() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(re.fullmatch(r"[\w-]{12}", name, re.ASCII) for name in made)


# --- what readers say -------------------------------------------------------------------------


def test_what_a_reader_says_of_an_answer_is_kept_with_it(filled: Pullquote) -> None:
    first, second = ask(filled, "talk", MUD, RECORDS)
    store = filled.conversations
    store.rate("talk", 2, "wrong")
    store.rate("talk", 1, "helpful")
    store.rate("talk", 1, "missing")
    assert [turn.feedback for turn in store.turns("talk")] == ["missing", "wrong"]
    store.replace("talk", 2, replace(second, notice="It broke off."))
    assert [turn.feedback for turn in store.turns("talk")] == ["missing", "wrong"]
    assert store.turns("talk")[1].notice == "It broke off."
    store.rate("talk", 1, None)
    assert [(turn.question, turn.feedback) for turn in store.rated()] == [(RECORDS, "wrong")]
    assert recalled(filled, "talk")[0].text == first.text
    store.rate("talk", 9, "helpful")
    store.remove("talk")
    assert store.rated() == []


def test_a_turn_knows_when_it_was_asked_and_one_of_an_earlier_version_when_its_conversation_began(
    filled: Pullquote,
) -> None:
    ask(filled, "talk", MUD, RECORDS)
    store = filled.conversations
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\+00:00", turn.asked_at) for turn in store.turns("talk"))
    with store.database.write() as connection:
        (saved,) = connection.execute("SELECT answer FROM turns WHERE n = 1").fetchone()
        kept = {name: json.loads(saved)[name] for name in ("question", "mode", "model", "cited", "evidence")}
        sealed = (json.dumps(kept), seal("talk", 1, json.dumps(kept)))
        connection.execute("UPDATE turns SET answer = ?, seal = ? WHERE n = 1", sealed)
    assert (store.turns("talk")[0].asked_at, store.turns("talk")[0].feedback) == ("", None)
    store.rate("talk", 1, "helpful")
    (turn,) = store.rated()
    assert turn.asked_at == store.recent()[0].started_at
    assert recalled(filled, "talk")[0].question == MUD


def test_a_question_that_utf_8_cannot_hold_can_be_rated(filled: Pullquote) -> None:
    ask(filled, "talk", "Who said \ud800?")
    filled.conversations.rate("talk", 1, "wrong")
    assert [turn.question for turn in filled.conversations.rated()] == ["Who said \ud800?"]
