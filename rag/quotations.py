"""The attribution index: what is said in the articles, by whom, and by which verb, in the library's SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rag.database import Database
from rag.text import Span
from rag.types import Article, Quotation, QuotationKind, StoredPassage


class Saying(NamedTuple):
    """A quotation as it is stored: where it is, not its words."""

    article_id: str
    start: int
    end: int
    speaker: str
    cue: str
    kind: QuotationKind

    def of(self, article: Article) -> Quotation:
        """The quotation itself; `article` is the current revision."""
        return Quotation(article.excerpt(Span(self.start, self.end)), self.speaker, self.cue, self.kind)


class Quotations:
    """The speech of the current revisions. What is written goes through `Library`, in its transactions."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # --- in -----------------------------------------------------------------------------------

    def put(self, connection: sqlite3.Connection, article: Article, quotations: Sequence[Quotation]) -> None:
        """Add what is said in the revision `article`, inside a transaction of the library's."""
        connection.executemany(
            'INSERT INTO quotations (article_id, revision_id, start, "end", speaker, cue, kind) '
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(article.id, article.revision, *q.excerpt.span, q.speaker, q.cue, q.kind) for q in quotations],
        )

    def drop(self, connection: sqlite3.Connection, article_id: str) -> None:
        """Take out what is said in an article, inside a transaction of the library's."""
        connection.execute("DELETE FROM quotations WHERE article_id = ?", (article_id,))

    # --- out ----------------------------------------------------------------------------------

    def of(self, articles: Sequence[Article]) -> dict[str, list[Quotation]]:
        """The speech in `articles`, by article id, in the order of the text; none where a newer revision is current."""
        by_id = {article.id: article for article in articles}
        found: dict[str, list[Quotation]] = {article_id: [] for article_id in by_id}
        for row in self.database.read().execute(
            'SELECT article_id, start, "end", speaker, cue, kind FROM quotations '
            "WHERE article_id IN (SELECT value FROM json_each(?)) "
            "AND revision_id IN (SELECT value FROM json_each(?)) ORDER BY start",
            (json.dumps(list(by_id)), json.dumps([article.revision for article in articles])),
        ):
            found[row["article_id"]].append(_quotation(by_id[row["article_id"]], row))
        return found

    def said(self, speakers: Sequence[str] | None, within: Sequence[str] | None, limit: int) -> list[Saying]:
        """What `speakers` say (anybody, where None) in the articles `within` (all, where None): the newest first,
        each in its order.
        """
        kept = {"q.article_id": within, "q.speaker": speakers}
        only = [
            f"AND {column} IN (SELECT value FROM json_each(?)) " for column, names in kept.items() if names is not None
        ]
        values = [json.dumps(list(names)) for names in kept.values() if names is not None]
        rows = self.database.read().execute(
            'SELECT q.article_id, q.start, q."end", q.speaker, q.cue, q.kind '
            "FROM quotations q JOIN revisions r ON r.id = q.revision_id "
            f"WHERE 1 {''.join(only)}"
            'ORDER BY r.day DESC, q.article_id, q.start, q."end" LIMIT ?',
            (*values, limit),
        )
        return [Saying(*row) for row in rows]

    def in_passages(
        self, passages: Sequence[StoredPassage], articles: Mapping[str, Article]
    ) -> dict[int, list[Quotation]]:
        """The speech in each of `passages`, by passage id; `articles` are their current revisions, by id."""
        connection = self.database.read()
        found: dict[int, list[Quotation]] = {}
        for passage in passages:
            article = articles.get(passage.article_id)
            rows = connection.execute(
                'SELECT start, "end", speaker, cue, kind FROM quotations '
                'WHERE article_id = ? AND start < ? AND "end" > ? ORDER BY start',
                (passage.article_id, passage.span.end, passage.span.start),
            )
            found[passage.id] = [_quotation(article, row) for row in rows] if article else []
        return found

    def speakers(self, limit: int = 50) -> list[tuple[str, int]]:
        """Who speaks most, with the number of quotations; those the articles do not name are left out."""
        rows = self.database.read().execute(
            "SELECT speaker, count(*) AS n FROM quotations WHERE speaker <> '' GROUP BY speaker "
            "ORDER BY n DESC, speaker LIMIT ?",
            (limit,),
        )
        return [(row["speaker"], row["n"]) for row in rows]

    def telling_reports(self, limit: int) -> list[tuple[str, str]]:
        """Speakers by their full name with a cue more particular than "said", a pair each, most quoted first."""
        rows = self.database.read().execute(
            "SELECT speaker, cue FROM quotations WHERE speaker LIKE '% %' AND speaker NOT LIKE 'The %' "
            "AND cue NOT IN ('', 'said', 'says', 'added', 'according to') "
            "GROUP BY speaker, cue ORDER BY count(*) DESC, max(id) DESC LIMIT ?",
            (limit,),
        )
        return [(row["speaker"], row["cue"]) for row in rows]

    def spoken(
        self, speakers: Sequence[str], cues: Sequence[str], limit: int, within: Sequence[str] | None = None
    ) -> list[int]:
        """Ids of the passages in which one of `speakers` is reported with one of `cues`, newest article first.

        `within` keeps to these article ids.
        """
        only = "" if within is None else "AND q.article_id IN (SELECT value FROM json_each(?)) "
        values = () if within is None else (json.dumps(list(within)),)
        rows = self.database.read().execute(
            "SELECT DISTINCT p.id FROM quotations q JOIN revisions r ON r.id = q.revision_id "
            'JOIN passages p ON p.article_id = q.article_id AND p.start <= q.start AND q."end" <= p."end" '
            "WHERE q.speaker IN (SELECT value FROM json_each(?)) AND q.cue IN (SELECT value FROM json_each(?)) "
            f"{only}ORDER BY r.day DESC, q.id LIMIT ?",
            (json.dumps(list(speakers)), json.dumps(list(cues)), *values, limit),
        )
        return [row[0] for row in rows]

    def passages_with(self, speakers: Sequence[str], within: Sequence[str]) -> list[int]:
        """Ids of the passages of the articles `within` that hold speech by one of `speakers`."""
        rows = self.database.read().execute(
            "SELECT DISTINCT p.id FROM quotations q JOIN passages p "
            'ON p.article_id = q.article_id AND p.start < q."end" AND q.start < p."end" '
            "WHERE q.speaker IN (SELECT value FROM json_each(?)) AND q.article_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(speakers)), json.dumps(list(within))),
        )
        return [row[0] for row in rows]

    def speakers_named(self, names: Sequence[str]) -> list[str]:
        """The stored speakers whose words include all words of one of `names`, case aside."""
        rows = self.database.read().execute("SELECT DISTINCT speaker FROM quotations WHERE speaker <> ''")
        wanted = [set(name.casefold().split()) for name in names if name.strip()]
        return [row[0] for row in rows if any(w <= set(row[0].casefold().split()) for w in wanted)]


def _quotation(article: Article, row: sqlite3.Row) -> Quotation:
    return Saying(article.id, row["start"], row["end"], row["speaker"], row["cue"], row["kind"]).of(article)
