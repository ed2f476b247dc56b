"""Conversations, kept through reloads and restarts: questions, and which words answered them.

Quotations are saved as citation ids and sliced anew when a conversation is opened.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, get_args

from rag.database import Database
from rag.errors import NotFoundError
from rag.seals import seal
from rag.text import normalise
from rag.types import Answer, Citation, Feedback, Mode

Saved = tuple[str, str, float]
"""A citation as it is kept: its id, speaker and score."""


@dataclass(frozen=True)
class Turn:
    """A question and what was cited in answer; no citations where the answer was no, or where the turn is `damaged`.

    `claims` are the sentences of a `model`, each with the numbers of what it cites; none where there was no model.
    What the program composed is composed anew: no words of articles are kept here.
    `asked_at` is in UTC, empty where an earlier version saved it.
    """

    question: str
    cited: tuple[Saved, ...]
    evidence: tuple[Saved, ...]
    searched: str = ""
    model: str = ""
    claims: tuple[tuple[str, tuple[int, ...]], ...] = ()
    withheld: int = 0
    notice: str = ""
    asked_at: str = ""
    feedback: Feedback | None = None
    damaged: bool = False
    mode: Mode = "extractive"


DAMAGED = "This question and its answer are damaged in the library file, and are left out."
"""What stands for a turn that is not as it was saved."""


class Conversation(NamedTuple):
    """`started_at` is in UTC; `turns` counts the questions."""

    id: str
    title: str
    started_at: str
    turns: int


class Exchange(NamedTuple):
    """A turn as it was saved, and its answer as it is recalled."""

    turn: Turn
    answer: Answer

    @property
    def gone(self) -> int:
        """How many quotations are no longer in the answer, since their articles were removed."""
        return max(0, len(self.turn.cited) - len(self.answer.citations))


class Transcript(NamedTuple):
    """A whole conversation."""

    conversation: Conversation
    exchanges: tuple[Exchange, ...]


class Conversations:
    """The store of conversations, in the library's file."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, conversation_id: str, answer: Answer) -> None:
        """Save an answer as the conversation's next turn; its first question is the title."""
        title = normalise(answer.question)[:120]  # a question may hold what UTF-8 cannot; JSON keeps it as asked
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self.database.write() as connection:
            connection.execute("INSERT OR IGNORE INTO conversations VALUES (?, ?, ?)", (conversation_id, title, now))
            connection.execute(
                "INSERT INTO turns (conversation_id, n, answer) SELECT ?, coalesce(max(n), 0) + 1, '' FROM turns "
                "WHERE conversation_id = ?",
                (conversation_id, conversation_id),
            )
            last = "SELECT max(n) FROM turns WHERE conversation_id = ?"
            n = connection.execute(last, (conversation_id,)).fetchone()[0]
            _save(connection, (conversation_id, n), _turned(answer) | {"asked_at": now})

    def replace(self, conversation_id: str, n: int, answer: Answer) -> None:
        """Put an answer, written to its end, in place of the `n`th turn (from 1); nothing where that is gone.

        What a reader said of the turn meanwhile stays. A damaged turn stays damaged.
        """
        self._change(conversation_id, n, _turned(answer))

    def rate(self, conversation_id: str, n: int, feedback: Feedback | None) -> None:
        """Save what a reader says of the `n`th turn (from 1); None takes it back. Nothing where that is gone."""
        self._change(conversation_id, n, {"feedback": feedback})

    def _change(self, conversation_id: str, n: int, changes: dict[str, object]) -> None:
        which = (conversation_id, n)
        with self.database.write() as connection:
            row = connection.execute(
                "SELECT conversation_id, n, answer, seal FROM turns WHERE conversation_id = ? AND n = ?", which
            ).fetchone()
            if row is not None and not (saved := _saved_turn(row)).get("damaged"):
                _save(connection, which, saved | changes)

    def turns(self, conversation_id: str) -> list[Turn]:
        """In order; none for an unknown id."""
        rows = self.database.read().execute(
            "SELECT conversation_id, n, answer, seal FROM turns WHERE conversation_id = ? ORDER BY n",
            (conversation_id,),
        )
        return [_turn(_saved_turn(row)) for row in rows]

    def rated(self) -> list[Turn]:
        """All turns of which a reader has said something, the oldest conversation first."""
        rows = self.database.read().execute(
            "SELECT conversation_id, n, answer, turns.seal, started_at "
            "FROM turns JOIN conversations ON id = conversation_id "
            "WHERE answer LIKE '%\"feedback\"%' ORDER BY started_at, conversations.rowid, n"
        )
        turns = (_turn({"asked_at": row["started_at"]} | _saved_turn(row)) for row in rows)
        return [turn for turn in turns if turn.feedback is not None]

    def recent(self, limit: int = 30) -> list[Conversation]:
        """Newest first."""
        return self._listed("ORDER BY started_at DESC, rowid DESC LIMIT ?", limit)

    def find(self, conversation_id: str) -> Conversation:
        """Raises NotFoundError."""
        found = self._listed("WHERE id = ?", conversation_id)
        if not found:
            raise NotFoundError(f"There is no conversation {conversation_id!r}. `pullquote conversations` lists them.")
        return found[0]

    def _listed(self, clause: str, value: int | str) -> list[Conversation]:
        counted = "(SELECT count(*) FROM turns WHERE conversation_id = conversations.id)"
        rows = self.database.read().execute(
            f"SELECT id, title, started_at, {counted} FROM conversations {clause}", (value,)
        )
        return [Conversation(*row) for row in rows]

    def remove(self, conversation_id: str) -> None:
        with self.database.write() as connection:
            connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))


def new_id() -> str:
    """An id that nobody can guess: a conversation is reached by its address."""
    return secrets.token_urlsafe(9)


def _turned(answer: Answer) -> dict[str, object]:
    told = answer.claims[answer.composed :] if answer.mode == "llm" else ()
    return {
        "question": answer.question,
        "searched": answer.searched,
        "mode": answer.mode,
        "model": answer.model,
        "cited": [_saved(c) for c in answer.citations],
        "evidence": [_saved(c) for c in answer.evidence],
        "claims": [(claim.words, claim.citations) for claim in told],
        "withheld": answer.withheld,
        "notice": answer.notice,
    }


def _save(connection: sqlite3.Connection, which: tuple[str, int], saved: dict[str, object]) -> None:
    answer = json.dumps(saved)
    connection.execute(
        "UPDATE turns SET answer = ?, seal = ? WHERE conversation_id = ? AND n = ?",
        (answer, seal(*which, answer), *which),
    )


def _saved_turn(row: sqlite3.Row) -> dict[str, Any]:
    """A turn as it was saved; one that says so where it is not."""
    if row["seal"] != seal(row["conversation_id"], row["n"], row["answer"]):
        return {"question": DAMAGED, "cited": (), "evidence": (), "damaged": True}
    saved: dict[str, Any] = json.loads(row["answer"])
    return saved


def _saved(citation: Citation) -> Saved:
    return (citation.id, citation.speaker, citation.score or 0.0)


def _turn(saved: dict[str, Any]) -> Turn:
    cited, evidence = (
        tuple((str(i), str(speaker), float(score)) for i, speaker, score in saved[key]) for key in ("cited", "evidence")
    )
    return Turn(
        str(saved["question"]),
        cited,
        evidence,
        saved.get("searched", ""),
        saved.get("model") or "",
        tuple((str(words), tuple(numbers)) for words, numbers in saved.get("claims", ())),
        saved.get("withheld", 0),
        saved.get("notice", ""),
        saved.get("asked_at", ""),
        saved.get("feedback") if saved.get("feedback") in get_args(Feedback) else None,
        saved.get("damaged", False),
        "extractive" if saved.get("mode") not in get_args(Mode) else saved["mode"],
    )
