"""Exact words over all articles: in which passages they stand, by the library's full-text index."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from math import log
from typing import NamedTuple

from rag.database import Database
from rag.seals import genuine
from rag.text import Span

FEW = 24
"""Passages that are not worth narrowing down further: their text is looked at instead."""


class Place(NamedTuple):
    """A passage as the concordance gives it: where it is."""

    article_id: str
    span: Span


class Concordance:
    """Where words stand, whole, in the texts of current revisions (not in titles). Reads only.

    Words are as `rag.text.fold` leaves them. Full text folds case, accents and endings on top of that, so that what is
    found here is a superset of where the words stand, and is to be looked at.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._stamp: int | None = None
        self._frequencies: dict[str, int] = {}

    def frequency(self, stem: str) -> int:
        """In how many passages a stem stands, or stood when it was first asked for, until articles come in."""
        stamp = self.database.read().execute("SELECT max(id) FROM passages").fetchone()[0]
        if stamp != self._stamp:
            self._stamp, self._frequencies = stamp, {}
        known = self._frequencies
        if stem not in known:
            row = self.database.read().execute("SELECT doc FROM passage_terms WHERE term = ?", (stem,)).fetchone()
            known[stem] = row[0] if row else 0
        return known[stem]

    def near(self, words: Sequence[str], reach: int, within: Sequence[str] | None = None) -> list[int]:
        """The passages with the first of `words` that have all others too, in themselves or within `reach` passages.

        Passages of an article have numbers that follow each other, so no words that stand together are missed
        wherever passages are parted. Rare words first is quickest. The newest passages come first.
        """
        found = self._with(_quoted(words[0]), within)
        for word in words[1:]:
            if len(found) <= FEW:
                break
            there = self._with(_quoted(word), within)
            found = [n for n in found if _holds(there, n - reach, n + reach)]
        return sorted(found, reverse=True)

    def side_by_side(self, phrase: str, within: Sequence[str] | None = None) -> list[int]:
        """The passages in which the words of `phrase` follow each other, newest first."""
        return sorted(self._with(_quoted(phrase), within), reverse=True)

    def across(self, words: Sequence[str], reach: int, within: Sequence[str] | None = None) -> list[int]:
        """The passages that end with the first of `words`, where the others go on in one of the next `reach`."""
        found: set[int] = set()
        for cut in range(1, len(words)):
            begun = self._with(_quoted(" ".join(words[:cut])), within)
            if not begun:
                break
            ended = self._with(_quoted(" ".join(words[cut:])), within)
            found.update(n for n in begun if _holds(ended, n + 1, n + reach))
        return sorted(found, reverse=True)

    def likest(self, phrases: Sequence[str], limit: int, within: Sequence[str] | None = None) -> list[int]:
        """Up to `limit` passages that hold most of `phrases`, rare ones counting more, best first."""
        votes: Counter[int] = Counter()
        for phrase in phrases:
            found = self._with(_quoted(phrase), within)
            weight = 1 / (1 + log(1 + len(found)))
            for number in found:
                votes[number] += weight  # type: ignore[assignment]  # a Counter counts in any number
        return [number for number, _ in votes.most_common(limit)]

    def containing(self, characters: str, within: Sequence[str] | None = None) -> list[Place]:
        """The texts with these `characters` in a row, in or across words. Reads every text: some 50 ms for 40 MB."""
        only = "" if within is None else "AND a.id IN (SELECT value FROM json_each(?))"
        rows = self.database.read().execute(
            "SELECT a.id, length(r.text) FROM articles a JOIN revisions r ON r.id = a.revision_id "
            f"WHERE instr(r.text, ?) {only}",
            (characters, *(() if within is None else (json.dumps(list(within)),))),
        )
        return [Place(row[0], Span(0, row[1])) for row in rows]

    def places(self, ids: Sequence[int]) -> list[Place]:
        """The passages with these numbers, in their order; without those whose place is damaged."""
        rows = self.database.read().execute(
            'SELECT id, article_id, start, "end" FROM passages WHERE id IN (SELECT value FROM json_each(?)) '
            f"AND {genuine('passages')}",
            (json.dumps(list(ids)),),
        )
        found = {row[0]: Place(row[1], Span(row[2], row[3])) for row in rows}
        return [found[n] for n in ids if n in found]

    def articles_of(self, people: Sequence[str]) -> list[str]:
        """The ids of the articles in which one of these people (keys) speaks."""
        rows = self.database.read().execute(
            "SELECT DISTINCT article_id FROM voices WHERE person IN (SELECT value FROM json_each(?))",
            (json.dumps(list(people)),),
        )
        return [row[0] for row in rows]

    def _with(self, query: str, within: Sequence[str] | None) -> list[int]:
        """The passages that fit a query, in the order of their numbers."""
        only, values = _only(within)
        rows = self.database.read().execute(
            f"SELECT rowid FROM passage_words WHERE passage_words MATCH ? {only}ORDER BY rowid", (query, *values)
        )
        return [row[0] for row in rows]


def _holds(numbers: Sequence[int], low: int, high: int) -> bool:
    """Whether one of `numbers`, which are in order, is from `low` to `high`."""
    at = bisect_left(numbers, low)
    return at < len(numbers) and numbers[at] <= high


def _quoted(words: str) -> str:
    """As a full-text query: these words side by side, in the text."""
    return 'body : "' + words.replace('"', '""') + '"'


def _only(within: Sequence[str] | None) -> tuple[str, list[str]]:
    if within is None:
        return "", []
    inner = "SELECT id FROM passages WHERE article_id IN (SELECT value FROM json_each(?))"
    return f"AND rowid IN ({inner}) ", [json.dumps(list(within))]
