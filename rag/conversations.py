"""Conversations, kept through reloads and restarts: questions, and which words answered them.

Quotations are saved as citation ids and sliced anew when a conversation is opened.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from rag.database import Database
from rag.text import normalise
from rag.types import Answer, Citation

Saved = tuple[str, str, float]
"""A citation as it is kept: its id, speaker and score."""


@dataclass(frozen=True)
class Turn:
    """A question and what was cited in answer; no citations where the answer was no."""

    question: str
    cited: tuple[Saved, ...]
    evidence: tuple[Saved, ...]


class Conversation(NamedTuple):
    id: str
    title: str
    started_at: str


class Conversations:
    """The store of conversations, in the library's file."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, conversation_id: str, answer: Answer) -> None:
        """Save an answer as the conversation's next turn; its first question is the title."""
        title = normalise(answer.question)[:120]  # a question may hold what UTF-8 cannot; JSON keeps it as asked
        turn = {
            "question": answer.question,
            "mode": answer.mode,
            "model": answer.model,
            "cited": [_saved(c) for c in answer.citations],
            "evidence": [_saved(c) for c in answer.evidence],
        }
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self.database.write() as connection:
            connection.execute("INSERT OR IGNORE INTO conversations VALUES (?, ?, ?)", (conversation_id, title, now))
            connection.execute(
                "INSERT INTO turns SELECT ?, coalesce(max(n), 0) + 1, ? FROM turns WHERE conversation_id = ?",
                (conversation_id, json.dumps(turn), conversation_id),
            )

    def turns(self, conversation_id: str) -> list[Turn]:
        """In order; none for an unknown id."""
        rows = self.database.read().execute(
            "SELECT answer FROM turns WHERE conversation_id = ? ORDER BY n", (conversation_id,)
        )
        return [_turn(json.loads(row[0])) for row in rows]

    def recent(self, limit: int = 30) -> list[Conversation]:
        """Newest first."""
        rows = self.database.read().execute(
            "SELECT id, title, started_at FROM conversations ORDER BY started_at DESC, rowid DESC LIMIT ?", (limit,)
        )
        return [Conversation(*row) for row in rows]

    def remove(self, conversation_id: str) -> None:
        with self.database.write() as connection:
            connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))


def new_id() -> str:
    """An id that nobody can guess: a conversation is reached by its address."""
    return secrets.token_urlsafe(9)


def _saved(citation: Citation) -> Saved:
    return (citation.id, citation.speaker, citation.score or 0.0)


def _turn(saved: dict[str, list[list[str]]]) -> Turn:
    cited, evidence = (
        tuple((str(i), str(speaker), float(score)) for i, speaker, score in saved[key]) for key in ("cited", "evidence")
    )
    return Turn(str(saved["question"]), cited, evidence)
