"""The attribution index: what is said in the articles, by whom, and by which verb, in the library's SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rag.database import Database
from rag.seals import SEALED, genuine, seal
from rag.text import Span
from rag.types import Article, Excerpt, Quotation, QuotationKind, StoredPassage


class Saying(NamedTuple):
    """A quotation as it is stored: where it is, not its words."""

    article_id: str
    start: int
    end: int
    speaker: str
    cue: str
    kind: QuotationKind
    office: str
    person: str
    mention: Span | None
    cue_span: Span | None

    @classmethod
    def read(cls, row: Sequence[Any]) -> Saying | None:
        """A row of `_COLUMNS`; None where it is not what was put in. A damaged voice gives nobody's office or key."""
        own, (sealed, office, surname, person, often, voice_sealed) = row[:_OWN], row[_OWN:]
        if sealed != seal(*own):
            return None
        article_id, _, start, end, speaker, cue, kind, *spans = own
        if voice_sealed is None or voice_sealed != seal(article_id, speaker, office, surname, person, often):
            office = person = ""
        return cls(article_id, start, end, speaker, cue, kind, office, person, _span(*spans[:2]), _span(*spans[2:]))

    def of(self, article: Article) -> Quotation:
        """The quotation itself; `article` is the current revision."""
        excerpt = article.excerpt(Span(self.start, self.end))
        return Quotation(excerpt, *self[3:])


def _span(start: int | None, end: int | None) -> Span | None:
    return None if start is None or end is None else Span(start, end)


def _row(article: Article, quotation: Quotation) -> tuple[str | int | None, ...]:
    """A quotation as it is stored, but for its seal."""
    return (
        *(article.id, article.revision, *quotation.excerpt.span, quotation.speaker, quotation.cue, quotation.kind),
        *(quotation.mention or (None, None)),
        *(quotation.cue_span or (None, None)),
    )


_OWN = len(SEALED["quotations"])
_COLUMNS = f"""{", ".join(f'q."{column}"' for column in SEALED["quotations"])}, q.seal,
    v.office, v.surname, v.person, v.quotations, v.seal"""
_VOICED = "quotations q LEFT JOIN voices v ON v.article_id = q.article_id AND v.speaker = q.speaker"


@dataclass(frozen=True)
class Wanted:
    """Which quotations to list; None lets all through."""

    people: Sequence[str] | None = None
    """Keys; "" is whoever no article names."""
    within: Sequence[str] | None = None
    """Article ids."""
    kinds: Sequence[QuotationKind] | None = None
    passages: Sequence[int] | None = None
    """Ids of passages: only quotations that lie in one of them."""
    oldest_first: bool = False

    def where(self) -> tuple[str, list[str]]:
        """As SQL over `_VOICED`, with its values."""
        nobody = self.people is not None and "" in self.people  # who stands in no row of `voices`
        kept = {
            "coalesce(v.person, '')" if nobody else "v.person": self.people,
            "q.article_id": self.within,
            "q.kind": self.kinds,
        }
        clauses = [f"{column} IN (SELECT value FROM json_each(?))" for column, ok in kept.items() if ok is not None]
        values = [json.dumps(list(ok)) for ok in kept.values() if ok is not None]
        if self.passages is not None:
            clauses.append(  # from passages to what lies in them: the other way takes seconds in 5,000 articles
                "q.id IN (SELECT w.id FROM json_each(?) CROSS JOIN passages p ON p.id = json_each.value "
                'CROSS JOIN quotations w ON w.article_id = p.article_id AND w.start >= p.start AND w."end" <= p."end")'
            )
            values.append(json.dumps(list(self.passages)))
        return " AND ".join(clauses) or "1", values


class Quotations:
    """The speech of the current revisions. What is written goes through `Library`, in its transactions."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # --- in -----------------------------------------------------------------------------------

    def put(self, connection: sqlite3.Connection, article: Article, quotations: Sequence[Quotation]) -> None:
        """Add what is said in the revision `article`, inside a transaction of the library's."""
        connection.executemany(
            'INSERT INTO quotations (article_id, revision_id, start, "end", speaker, cue, kind, '
            "mention_start, mention_end, cue_start, cue_end, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*row, seal(*row)) for row in (_row(article, quotation) for quotation in quotations)],
        )

    def drop(self, connection: sqlite3.Connection, article_id: str) -> None:
        """Take out what is said in an article, inside a transaction of the library's."""
        connection.execute("DELETE FROM quotations WHERE article_id = ?", (article_id,))

    # --- out ----------------------------------------------------------------------------------

    def of(self, articles: Sequence[Article]) -> dict[str, list[Quotation]]:
        """The speech in `articles`, by article id, in the order of the text; none where a newer revision is current.

        None either where some of it is damaged: what is left might give somebody what another said.
        """
        by_id = {article.id: article for article in articles}
        found: dict[str, list[Quotation]] = {article_id: [] for article_id in by_id}
        damaged: set[str] = set()
        for row in self.database.read().execute(
            f"SELECT {_COLUMNS} FROM {_VOICED} WHERE q.article_id IN (SELECT value FROM json_each(?)) "
            "AND q.revision_id IN (SELECT value FROM json_each(?)) ORDER BY q.start",
            (json.dumps(list(by_id)), json.dumps([article.revision for article in articles])),
        ):
            if saying := Saying.read(row):
                found[saying.article_id].append(saying.of(by_id[saying.article_id]))
            else:
                damaged.add(row[0])
        return {article_id: [] if article_id in damaged else said for article_id, said in found.items()}

    def said(self, wanted: Wanted, limit: int = -1, start: int = 0) -> list[Saying]:
        """The quotations that are `wanted`, by day, each article's in its order."""
        where, values = wanted.where()
        order = "r.day = 0, r.day" if wanted.oldest_first else "r.day DESC"
        rows = self.database.read().execute(
            f"SELECT {_COLUMNS} FROM {_VOICED} JOIN revisions r ON r.id = q.revision_id WHERE {where} "
            f'ORDER BY {order}, q.article_id, q.start, q."end" LIMIT ? OFFSET ?',
            (*values, limit, start),
        )
        return [saying for row in rows if (saying := Saying.read(row))]

    def per_day(self, wanted: Wanted) -> dict[int, int]:
        """How many of the `wanted` were published on each day (yyyymmdd; 0 where it is not known)."""
        where, values = wanted.where()
        rows = self.database.read().execute(
            f"SELECT r.day, count(*) FROM {_VOICED} JOIN revisions r ON r.id = q.revision_id WHERE {where} "
            "GROUP BY r.day ORDER BY r.day",
            values,
        )
        return {row[0]: row[1] for row in rows}

    def per_person(self, wanted: Wanted) -> dict[str, int]:
        """How many of the `wanted` each person says, by key; "" has those that are nobody's."""
        where, values = wanted.where()
        rows = self.database.read().execute(
            f"SELECT coalesce(v.person, ''), count(*) FROM {_VOICED} WHERE {where} GROUP BY 1", values
        )
        return {row[0]: row[1] for row in rows}

    def in_passages(
        self, passages: Sequence[StoredPassage], articles: Mapping[str, Article]
    ) -> dict[int, list[Quotation]]:
        """The speech in each of `passages`, by passage id; `articles` are their current revisions, by id."""
        found: dict[int, list[Quotation]] = {}
        for passage in passages:
            article = articles.get(passage.article_id)
            found[passage.id] = self.overlapping(article.excerpt(passage.span)) if article else []
        return found

    def overlapping(self, excerpt: Excerpt) -> list[Quotation]:
        """The speech that has words in an excerpt of a current revision, in the order of the text.

        None where some of it is damaged: what is left might give all of the excerpt to somebody else.
        """
        article, span = excerpt.article, excerpt.span
        rows = self.database.read().execute(
            f'SELECT {_COLUMNS} FROM {_VOICED} WHERE q.article_id = ? AND q.start < ? AND q."end" > ? ORDER BY q.start',
            (article.id, span.end, span.start),
        )
        said = [Saying.read(row) for row in rows]
        return [saying.of(article) for saying in said if saying] if all(said) else []

    def telling_reports(self, limit: int) -> list[tuple[str, str]]:
        """Speakers by their full name with a cue more particular than "said", a pair each, most quoted first."""
        rows = self.database.read().execute(
            "SELECT q.speaker, q.cue FROM (SELECT max(id) AS last, count(*) AS often FROM quotations "
            "WHERE speaker LIKE '% %' AND speaker NOT LIKE 'The %' "
            "AND cue NOT IN ('', 'said', 'says', 'added', 'according to') "
            "GROUP BY speaker, cue ORDER BY often DESC, last DESC LIMIT ?) "
            f"JOIN quotations q ON q.id = last WHERE {genuine('quotations', 'q')} ORDER BY often DESC, last DESC",
            (limit,),
        )
        return [(row["speaker"], row["cue"]) for row in rows]

    def spoken(
        self, people: Sequence[str], cues: Sequence[str], limit: int, within: Sequence[str] | None = None
    ) -> list[int]:
        """Ids of the passages in which one of `people` is reported with one of `cues`, newest article first.

        `within` keeps to these article ids.
        """
        only = "" if within is None else "AND q.article_id IN (SELECT value FROM json_each(?)) "
        values = () if within is None else (json.dumps(list(within)),)
        rows = self.database.read().execute(
            "SELECT DISTINCT p.id FROM voices v "
            "JOIN quotations q ON q.article_id = v.article_id AND q.speaker = v.speaker "
            "JOIN revisions r ON r.id = q.revision_id "
            'JOIN passages p ON p.article_id = q.article_id AND p.start <= q.start AND q."end" <= p."end" '
            "WHERE v.person IN (SELECT value FROM json_each(?)) AND +q.cue IN (SELECT value FROM json_each(?)) "
            f"{only}ORDER BY r.day DESC, q.id LIMIT ?",
            (json.dumps(list(people)), json.dumps(list(cues)), *values, limit),
        )
        return [row[0] for row in rows]

    def passages_with(self, people: Sequence[str], within: Sequence[str]) -> list[int]:
        """Ids of the passages of the articles `within` that hold speech by one of `people`."""
        rows = self.database.read().execute(
            "SELECT DISTINCT p.id FROM voices v "
            "JOIN quotations q ON q.article_id = v.article_id AND q.speaker = v.speaker JOIN passages p "
            'ON p.article_id = q.article_id AND p.start < q."end" AND q.start < p."end" '
            "WHERE v.person IN (SELECT value FROM json_each(?)) AND v.article_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(people)), json.dumps(list(within))),
        )
        return [row[0] for row in rows]
