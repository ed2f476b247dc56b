"""The truth: articles, their revisions, passages, vectors, quotations and full text, in SQLite."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from rag.bylines import people
from rag.concordance import Concordance
from rag.database import Database
from rag.errors import ArticleDamagedError, MismatchError, NotFoundError
from rag.quotations import Quotations
from rag.seals import genuine, hexadecimal, is_genuine, seal
from rag.text import Span
from rag.types import (
    Article,
    Fate,
    Filters,
    Fingerprint,
    Passage,
    PassageVectors,
    Quotation,
    StoredPassage,
    Vectors,
)
from rag.vectors import full, read_full, read_short, short
from rag.voices import Voices

log = logging.getLogger(__name__)

_ARTICLE_COLUMNS = """a.id AS article_id, r.id AS revision_id, r.text, r.title, r.author, r.publisher,
    r.published, r.url, r.external_id, r.origin, r.read_at, a.added_at, r.content_hash, r.day, r.seal"""
_CURRENT = "articles a JOIN revisions r ON r.id = a.revision_id"


class Put(NamedTuple):
    """What one `Library.put` did: the article's fate, and passage ids that came and went."""

    fate: Fate
    added: list[int]
    dropped: list[int]


class Counts(NamedTuple):
    articles: int
    passages: int
    quotations: int


class Record(NamedTuple):
    """An article with what the library knows about it."""

    article: Article
    added_at: str
    read_at: str


class Library:
    """Articles in and out. Every change is one transaction, so nothing is ever half there.

    No article leaves it that is not what was put in (`rag.seals`): `damaged` are those that were met so far and left
    out, by revision, each as a line for the user.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.damaged: dict[str, str] = {}
        self.quotations = Quotations(database)
        self.voices = Voices(database)
        self.concordance = Concordance(database)

    # --- in -----------------------------------------------------------------------------------

    def recognise(self, article: Article) -> tuple[Article, Fate]:
        """`article` under the id it has here, and what putting it in would do."""
        connection = self.database.read()
        known = self._known_as(connection, article)
        if known is None:
            twin = self._twin(connection, article)
            if twin is not None:
                return article, Fate(twin, "duplicates")
            article = self._under_a_free_id(connection, article)
            return article, Fate(article.id, "added")
        stored = article.stored_as(known)
        current = connection.execute("SELECT revision_id FROM articles WHERE id = ?", (known,)).fetchone()[0]
        same = current == stored.revision and self._is_whole(connection, known)
        return stored, Fate(known, "unchanged" if same else "updated")

    def put(
        self,
        article: Article,
        passages: Sequence[Passage],
        vectors: Sequence[PassageVectors],
        quotations: Sequence[Quotation],
    ) -> Put:
        """Store a new article or a new revision, with all that hangs on it, in one transaction.

        `passages` and `quotations` are of `article`, `vectors` of `passages`, in their order. An
        article that turns out to be here already is left as it is, unless it is damaged there.
        """
        with self.database.write() as connection:
            article, fate = self.recognise(article)
            if fate.outcome in {"unchanged", "duplicates"}:
                return Put(fate, [], [])
            now = datetime.now(UTC).isoformat(timespec="seconds")
            whole = self._is_whole(connection, fate.article_id)
            dropped = self._drop_derived(connection, fate.article_id, whole)
            self._put_revision(connection, article, now)
            added = self._put_passages(connection, article, passages, vectors)
            self._put_quotations(connection, article, quotations)
            if not whole:
                self._put_words(connection)
            self.damaged.pop(article.revision, None)
            return Put(fate, added, dropped)

    def remove(self, article_id: str) -> list[int]:
        """Take an article out, all its revisions with it; returns the passage ids that went."""
        with self.database.write() as connection:
            if connection.execute("SELECT 1 FROM articles WHERE id = ?", (article_id,)).fetchone() is None:
                raise NotFoundError(f"No article has the id {article_id!r}. `pullquote articles` lists them.")
            gone = [revision for revision, _ in self.revisions(article_id)]
            whole = self._is_whole(connection, article_id)
            dropped = self._drop_derived(connection, article_id, whole)
            connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))
            if not whole:
                self._put_words(connection)
            for revision in gone:
                self.damaged.pop(revision, None)
            return dropped

    # --- out ----------------------------------------------------------------------------------

    def record(self, article_id: str, revision: str = "") -> Record:
        """An article by its id, its external id or its URL; its current revision unless one is named.

        Raises NotFoundError, and ArticleDamagedError where it is not what was put in.
        """
        return self._checked(self.found(article_id, revision))

    def found(self, article_id: str, revision: str = "") -> sqlite3.Row:
        """The row of an article, be it damaged or not: to take it out, never to show it. Raises NotFoundError."""
        connection = self.database.read()
        known = next(iter(self._ids_named(connection, article_id)), article_id)
        row = connection.execute(
            f"SELECT {_ARTICLE_COLUMNS} FROM articles a JOIN revisions r ON r.article_id = a.id "
            "WHERE a.id = ? AND r.id = iif(? = '', a.revision_id, ?)",
            (known, revision, revision),
        ).fetchone()
        if row is None:
            at = f" with a revision {revision!r}" if revision else ""
            raise NotFoundError(f"No article has the id {article_id!r}{at}. `pullquote articles` lists them.")
        return cast("sqlite3.Row", row)

    def revision(self, revision: str) -> Article:
        """The article as it stood in `revision`. Raises NotFoundError, and ArticleDamagedError as `record` does."""
        row = (
            self.database.read()
            .execute(
                f"SELECT {_ARTICLE_COLUMNS} FROM revisions r JOIN articles a ON a.id = r.article_id WHERE r.id = ?",
                (revision,),
            )
            .fetchone()
        )
        if row is None:
            raise NotFoundError(f"No article revision {revision!r} is in this library; it may have been removed.")
        return self._checked(row).article

    def is_current(self, article: Article) -> bool:
        """Whether no later revision has taken its place."""
        row = self.database.read().execute("SELECT revision_id FROM articles WHERE id = ?", (article.id,)).fetchone()
        return row is not None and row[0] == article.revision

    def revisions(self, article_id: str) -> list[tuple[str, str]]:
        """The revisions of an article, oldest first, as (revision, when it was read)."""
        rows = self.database.read().execute(
            "SELECT id, read_at FROM revisions WHERE article_id = ? ORDER BY rowid", (article_id,)
        )
        return [(row["id"], row["read_at"]) for row in rows]

    def records(
        self,
        filters: Filters = Filters(),  # noqa: B008 - frozen, empty
        limit: int = -1,
        start: int = 0,
    ) -> Iterator[Record]:
        """The articles that `filters` let through, newest first: all, or `limit` of them after the first `start`."""
        where, values = self._where(filters)
        for row in self.database.read().execute(
            f"SELECT {_ARTICLE_COLUMNS} FROM {_CURRENT} WHERE {where} "
            "ORDER BY r.day DESC, a.rowid DESC LIMIT ? OFFSET ?",
            (*values, limit, start),
        ):
            if record := self._kept(row):
                yield record

    def articles(self, ids: Sequence[str]) -> dict[str, Article]:
        """The current revisions of `ids`, by id; without those that are damaged."""
        rows = self.database.read().execute(
            f"SELECT {_ARTICLE_COLUMNS} FROM {_CURRENT} WHERE a.id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return {record.article.id: record.article for row in rows if (record := self._kept(row))}

    def selected(self, filters: Filters) -> list[str]:
        """The ids of the articles that `filters` let through."""
        where, values = self._where(filters)
        rows = self.database.read().execute(f"SELECT a.id FROM {_CURRENT} WHERE {where}", values)
        return [row[0] for row in rows]

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """The passages of these numbers; without those whose place is damaged."""
        rows = self.database.read().execute(
            'SELECT id, article_id, revision_id, start, "end", sentences, seal FROM passages '
            "WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return {row["id"]: _passage(row) for row in rows if row["seal"] == _place_seal(*tuple(row)[1:-1])}

    def names(self, column: str) -> list[str]:
        """The different publishers or authors there are."""
        if column not in {"publisher", "author"}:
            raise ValueError(column)
        rows = self.database.read().execute(
            f"SELECT DISTINCT r.{column} FROM {_CURRENT} WHERE r.{column} <> '' ORDER BY 1"
        )
        return [row[0] for row in rows]

    def names_fitting(self, column: str, wanted: Sequence[str]) -> list[str]:
        """The publishers or authors that are one of `wanted`, or a list of people with one of them in it."""
        folded = {name.casefold() for name in wanted}
        return [
            name
            for name in self.names(column)
            if folded & {name.casefold(), *(people(name.casefold()) if column == "author" else ())}
        ]

    def match(
        self,
        terms: Sequence[str],
        limit: int,
        within: Sequence[str] | None = None,
        passages: Sequence[int] | None = None,
        telling: Sequence[str] = (),
    ) -> list[int]:
        """Ids of the passages that hold any of `terms` (stemmed), best BM25 first; titles count double.

        `within` keeps to these article ids, `passages` to these. Of the `telling` terms, if there are
        any, a passage must hold one: then the others only add to its rank, and the telling ones count double.
        """
        if not terms:
            return []
        query = _any_of(terms)
        if telling and set(telling) != set(terms):
            query = f"({_any_of(telling)}) AND ({query})"
        only, values = "", [query]
        if within is not None:
            only = "AND rowid IN (SELECT id FROM passages WHERE article_id IN (SELECT value FROM json_each(?)))"
            values.append(json.dumps(list(within)))
        if passages is not None:
            only += " AND rowid IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(list(passages)))
        rows = self.database.read().execute(
            f"SELECT rowid FROM passage_words WHERE passage_words MATCH ? {only} "
            "ORDER BY bm25(passage_words, 2.0, 1.0) LIMIT ?",
            (*values, limit),
        )
        return [row[0] for row in rows]

    def holding(self, terms: Sequence[str], limit: int) -> list[int]:
        """Ids of up to `limit` passages that, with their title, hold every one of `terms` in whatever form.

        The terms are words, not stems: full text stems them itself, and a stem has another stem ("lighthous").
        """
        query = " AND ".join('"' + term.replace('"', '""') + '"' for term in dict.fromkeys(terms))
        rows = self.database.read().execute(
            "SELECT rowid FROM passage_words WHERE passage_words MATCH ? LIMIT ?", (query, limit)
        )
        return [row[0] for row in rows]

    def vectors(self, ids: Sequence[int] | None = None) -> tuple[NDArray[np.int64], Vectors]:
        """Passage ids and their vectors, row for row: all of them, or those of `ids`."""
        where, values = (
            ("", ()) if ids is None else ("WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))
        )
        rows = self.database.read().execute(f"SELECT id, vector FROM passages {where} ORDER BY id", values).fetchall()
        return np.array([row["id"] for row in rows], np.int64), read_full([row["vector"] for row in rows])

    def unembedded(self) -> int:
        """How many passages came in before sentences had vectors."""
        row = self.database.read().execute("SELECT count(*) FROM passages WHERE sentence_vectors = x''").fetchone()
        return int(row[0])

    def sentence_vectors(self, ids: Sequence[int], dimension: int) -> dict[int, Vectors]:
        """The vectors of the sentences of each passage, by passage id; no rows where they are still to be made."""
        rows = self.database.read().execute(
            "SELECT id, sentence_vectors FROM passages WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return {row["id"]: read_short(row["sentence_vectors"], dimension) for row in rows}

    def replace_quotations(self, article: Article, quotations: Sequence[Quotation]) -> None:
        """Put other quotations under a revision in place of what an earlier version read from it; none where the
        article has been corrected or removed meanwhile.
        """
        with self.database.write() as connection:
            current = "SELECT 1 FROM articles WHERE id = ? AND revision_id = ?"
            if connection.execute(current, (article.id, article.revision)).fetchone() is None:
                return
            self._drop_quotations(connection, article.id)
            self._put_quotations(connection, article, quotations)

    # --- people -------------------------------------------------------------------------------

    def settle_people(self) -> None:
        """Find who is who among the speakers that have come or gone since this was last done."""
        if self.voices.unsettled():
            with self.database.write() as connection:
                self.voices.settle(connection)

    def alias(self, voices: Sequence[tuple[str, str]], person: str, name: str = "") -> None:
        """From now on these (speaker, article id or "" for all) are `person`, called `name` if there is one."""
        with self.database.write() as connection:
            self.voices.alias(connection, voices, person)
            if name:
                self.voices.call(connection, person, name)
            self.voices.settle(connection)

    def forget_alias(self, voices: Sequence[tuple[str, str]]) -> None:
        """Take back what the user decided about these (speaker, article id or "")."""
        with self.database.write() as connection:
            self.voices.forget(connection, voices)
            self.voices.settle(connection)

    # --- passages, for the index --------------------------------------------------------------

    def index_rows(self, ids: Sequence[int]) -> list[sqlite3.Row]:
        """What the index needs of these passages: id, vector and the fields it filters by."""
        return (
            self.database.read()
            .execute(
                "SELECT p.id, p.vector, p.article_id, r.publisher, r.author, r.day FROM passages p "
                "JOIN revisions r ON r.id = p.revision_id WHERE p.id IN (SELECT value FROM json_each(?)) ORDER BY p.id",
                (json.dumps(list(ids)),),
            )
            .fetchall()
        )

    def passage_ids_of(self, articles: Sequence[str], limit: int = -1) -> list[int]:
        """The passages of these articles, at most `limit` of them."""
        rows = self.database.read().execute(
            "SELECT id FROM passages WHERE article_id IN (SELECT value FROM json_each(?)) LIMIT ?",
            (json.dumps(list(articles)), limit),
        )
        return [row[0] for row in rows]

    def passage_ids(self) -> list[int]:
        return [row[0] for row in self.database.read().execute("SELECT id FROM passages ORDER BY id")]

    def passages_stamp(self) -> tuple[int, int]:
        """Another one whenever other passages are there: numbers are never used again."""
        row = self.database.read().execute("SELECT coalesce(max(id), 0), count(*) FROM passages").fetchone()
        return row[0], row[1]

    def counts(self) -> Counts:
        row = (
            self.database.read()
            .execute(
                "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages), "
                "(SELECT count(*) FROM quotations)"
            )
            .fetchone()
        )
        return Counts(*row)

    def document_frequency(self, stems: Sequence[str]) -> dict[str, int]:
        """In how many passages each stem stands. `stems` as FTS5 stores them (see `stem`)."""
        connection = self.database.read()
        found: dict[str, int] = {}
        for stem in stems:
            row = connection.execute("SELECT doc FROM passage_terms WHERE term = ?", (stem,)).fetchone()
            found[stem] = row[0] if row else 0
        return found

    # --- health -------------------------------------------------------------------------------

    def settle(self, fingerprint: Fingerprint) -> None:
        """Note what this library's vectors are made with; MismatchError if they were made otherwise."""
        wanted = {"model": fingerprint.model, "dimension": str(fingerprint.dimension)}
        with self.database.write() as connection:
            stored = dict(
                connection.execute("SELECT key, value FROM meta WHERE key IN ('model', 'dimension')").fetchall()
            )
            empty = connection.execute("SELECT 1 FROM passages LIMIT 1").fetchone() is None
            if stored and stored != wanted and not empty:
                built = f"{stored.get('model')} ({stored.get('dimension')} dimensions)"
                raise MismatchError(
                    f"This library was built with {built}; the settings ask for {fingerprint}. Set "
                    f"PULLQUOTE_EMBEDDINGS back, or run `pullquote rebuild --embed` to embed it anew."
                )
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", wanted.items())

    def replace_vectors(self, fingerprint: Fingerprint, vectors: Iterable[tuple[int, PassageVectors]]) -> None:
        """Put other vectors under the same passages, after a change of model. All or nothing."""
        with self.database.write() as connection:
            connection.executemany(
                "UPDATE passages SET vector = ?, sentence_vectors = ? WHERE id = ?",
                ((*_blobs(made), passage) for passage, made in vectors),
            )
            connection.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                [("model", fingerprint.model), ("dimension", str(fingerprint.dimension))],
            )

    def put_right(self) -> None:
        """Make again what is made from the tables: their indexes, full text, and the names to find people by."""
        with self.database.write() as connection:
            connection.execute("REINDEX")
            for table in ("quotations", "voices"):
                connection.execute(f"DELETE FROM {table} WHERE article_id NOT IN (SELECT id FROM articles)")
            connection.execute("DELETE FROM names")
            connection.execute("DELETE FROM name_words")
            self._put_words(connection)
            self.voices.settle(connection)

    # --- what is damaged ----------------------------------------------------------------------

    def damages(self) -> list[str]:
        """Every revision that is not what was put in, earlier ones too, a line each. Reads all texts."""
        rows = self.database.read().execute(
            f"SELECT {_ARTICLE_COLUMNS} FROM revisions r JOIN articles a ON a.id = r.article_id ORDER BY r.rowid"
        )
        return [damage(row) for row in rows if not _is_intact(as_record(row).article, row)]

    def _kept(self, row: sqlite3.Row) -> Record | None:
        """The record in a row; None where that is not what was put in."""
        try:
            return self._checked(row)
        except ArticleDamagedError:
            return None

    def _checked(self, row: sqlite3.Row) -> Record:
        """The record in a row. Every article leaves the library here. Raises ArticleDamagedError."""
        record = as_record(row)
        if _is_intact(record.article, row):
            return record
        line = damage(row)
        if row["revision_id"] not in self.damaged:
            self.damaged[row["revision_id"]] = line
            log.warning(line)
        raise ArticleDamagedError(line)

    def _is_whole(self, connection: sqlite3.Connection, article_id: str) -> bool:
        """Whether the current revision of an article, if there is one, and all that hangs on it is as it was put in."""
        row = connection.execute(f"SELECT {_ARTICLE_COLUMNS} FROM {_CURRENT} WHERE a.id = ?", (article_id,)).fetchone()
        here = connection.execute("SELECT 1 FROM articles WHERE id = ?", (article_id,)).fetchone() is not None
        if (here and row is None) or (row is not None and self._kept(row) is None):
            return False
        return not any(
            connection.execute(
                f"SELECT 1 FROM {table} WHERE article_id = ? AND NOT {genuine(table)} LIMIT 1", (article_id,)
            ).fetchone()
            for table in ("passages", "quotations", "voices")
        )

    # --- inside -------------------------------------------------------------------------------

    def _known_as(self, connection: sqlite3.Connection, article: Article) -> str | None:
        """The id under which `article` is here. Two records that came with different ids are two
        articles, whatever else they share: a feed may give its front page as every record's URL.
        """
        for key in article.keys:
            row = connection.execute(
                f"SELECT a.id, r.external_id FROM {_CURRENT} JOIN keys k ON k.article_id = a.id WHERE k.key = ?", (key,)
            ).fetchone()
            if row is None:
                continue
            came_as, comes_as = row["external_id"], article.external_id
            if not came_as or not comes_as or came_as == comes_as:
                return str(row["id"])
        row = connection.execute(  # an id that comes from the content, which may have moved on since
            f"SELECT a.id FROM {_CURRENT} WHERE a.id = ? AND r.content_hash = ?", (article.id, article.content_hash)
        ).fetchone()
        return str(row[0]) if row is not None else None

    def _under_a_free_id(self, connection: sqlite3.Connection, article: Article) -> Article:
        """A new article; under another id where a corrected one still has the id of what it once said."""
        while connection.execute("SELECT 1 FROM articles WHERE id = ?", (article.id,)).fetchone() is not None:
            article = article.stored_as(article.another_id)
        return article

    def _twin(self, connection: sqlite3.Connection, article: Article) -> str | None:
        """An article with the very same content under another key."""
        rows = connection.execute(
            f"SELECT {_ARTICLE_COLUMNS} FROM {_CURRENT} WHERE r.content_hash = ?",
            (article.content_hash,),
        ).fetchall()
        return next((record.article.id for row in rows if (record := self._kept(row))), None)

    def _ids_named(self, connection: sqlite3.Connection, name: str) -> list[str]:
        """Article ids that `name` may mean: an id, an external id or a URL."""
        rows = connection.execute(
            "SELECT id FROM articles WHERE id = ? UNION ALL SELECT article_id FROM keys WHERE key IN (?, ?)",
            (name, f"id:{name}", f"url:{name}"),
        )
        return [row[0] for row in rows]

    def _put_revision(self, connection: sqlite3.Connection, article: Article, now: str) -> None:
        connection.execute(
            "INSERT INTO articles VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET revision_id = excluded.revision_id",
            (article.id, article.revision, now),
        )
        row = connection.execute(
            f"SELECT {_ARTICLE_COLUMNS} FROM articles a JOIN revisions r ON r.article_id = a.id WHERE r.id = ?",
            (article.revision,),
        ).fetchone()
        if row is None or self._kept(row) is None:
            sealed = (article.revision, article.id, article.content_hash, article.day, article.external_id,
                      article.origin, now)  # fmt: skip
            connection.execute("DELETE FROM revisions WHERE id = ?", (article.revision,))
            self._drop_ruins(connection, article)
            connection.execute(
                "INSERT INTO revisions (id, article_id, content_hash, day, external_id, origin, read_at, text, title, "
                "author, publisher, published, url, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*sealed, article.text, article.title, article.author, article.publisher, article.published,
                 article.url, seal(*sealed)),
            )  # fmt: skip
        connection.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?)", [(key, article.id) for key in article.keys])

    def _drop_ruins(self, connection: sqlite3.Connection, article: Article) -> None:
        """Delete what is left of a revision of the same content whose own id is damaged: nothing leads to it."""
        rows = connection.execute(
            f"SELECT {_ARTICLE_COLUMNS} FROM articles a JOIN revisions r ON r.article_id = a.id "
            "WHERE a.id = ? AND r.content_hash = ? AND r.id <> ?",
            (article.id, article.content_hash, article.revision),
        ).fetchall()
        ruins = [(row["revision_id"],) for row in rows if self._kept(row) is None]
        connection.executemany("DELETE FROM revisions WHERE id = ?", ruins)

    def _put_passages(
        self,
        connection: sqlite3.Connection,
        article: Article,
        passages: Sequence[Passage],
        vectors: Sequence[PassageVectors],
    ) -> list[int]:
        added: list[int] = []
        for passage, made in zip(passages, vectors, strict=True):
            span = passage.excerpt.span
            bounds = np.array(passage.sentences, "<u4").tobytes()
            sealed = (article.id, article.revision, *span, bounds)
            cursor = connection.execute(
                'INSERT INTO passages (article_id, revision_id, start, "end", sentences, vector, sentence_vectors, '
                "seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*sealed, *_blobs(made), _place_seal(*sealed)),
            )
            added.append(cursor.lastrowid or 0)
            connection.execute(_PUT_WORDS, (added[-1], article.title, passage.excerpt.text))
        return added

    def _put_words(self, connection: sqlite3.Connection) -> None:
        """Make full text again from the passages: it cannot be told of words to go that are damaged."""
        connection.execute("INSERT INTO passage_words (passage_words) VALUES ('delete-all')")
        for (article_id,) in connection.execute("SELECT id FROM articles").fetchall():
            article = self.articles([article_id]).get(article_id)
            if article is None:
                continue
            for passage in self.passages(self.passage_ids_of([article_id])).values():
                connection.execute(_PUT_WORDS, (passage.id, article.title, article.excerpt(passage.span).text))

    def _drop_derived(self, connection: sqlite3.Connection, article_id: str, whole: bool) -> list[int]:
        """Delete what was made from the current revision; its text stays. A contentless full-text
        table must be told the words that go, so they are sliced once more, where the article is `whole`.
        """
        dropped: list[int] = []
        for row in connection.execute(
            'SELECT p.id, p.start, p."end", r.text, r.title FROM passages p LEFT JOIN revisions r '
            "ON r.id = p.revision_id WHERE p.article_id = ?",
            (article_id,),
        ).fetchall():
            if whole:
                body = Article(row["text"]).excerpt(Span(row["start"], row["end"])).text
                connection.execute(
                    "INSERT INTO passage_words (passage_words, rowid, title, body) VALUES ('delete', ?, ?, ?)",
                    (row["id"], row["title"], body),
                )
            dropped.append(row["id"])
        connection.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))
        self._drop_quotations(connection, article_id)
        return dropped

    def _put_quotations(
        self, connection: sqlite3.Connection, article: Article, quotations: Sequence[Quotation]
    ) -> None:
        self.quotations.put(connection, article, quotations)
        self.voices.put(connection, article, quotations)

    def _drop_quotations(self, connection: sqlite3.Connection, article_id: str) -> None:
        self.quotations.drop(connection, article_id)
        self.voices.drop(connection, article_id)

    def _where(self, filters: Filters) -> tuple[str, list[Any]]:
        """`filters` as SQL over `_CURRENT`."""
        connection = self.database.read()
        clauses: list[str] = ["1"]
        values: list[Any] = []
        if filters.articles:
            ids = [i for name in filters.articles for i in self._ids_named(connection, name)]
            clauses.append("a.id IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(ids))
        for column, wanted in (("publisher", filters.publishers), ("author", filters.authors)):
            if wanted:
                clauses.append(f"r.{column} IN (SELECT value FROM json_each(?))")
                values.append(json.dumps(self.names_fitting(column, wanted)))
        if filters.speakers:
            clauses.append("a.id IN (SELECT article_id FROM voices WHERE person IN (SELECT value FROM json_each(?)))")
            values.append(json.dumps(self.voices.named(filters.speakers)))
        if filters.since:
            clauses.append("r.day >= ?")
            values.append(int(filters.since.strftime("%Y%m%d")))
        if filters.until:
            clauses.append("r.day BETWEEN 1 AND ?")
            values.append(int(filters.until.strftime("%Y%m%d")))
        return " AND ".join(clauses), values


def _is_intact(article: Article, row: sqlite3.Row) -> bool:
    """Whether a row of `_ARTICLE_COLUMNS`, of which `article` was made, is what was put in."""
    return is_genuine(article, row["content_hash"], row["day"], row["read_at"], row["seal"])


def damage(row: sqlite3.Row) -> str:
    """What to tell the user of an article in a row that is not what was put in."""
    return (
        f"{row['title'] or 'An untitled article'} (article {row['article_id']}, revision {row['revision_id']}) is not "
        "as it was stored: the library file is damaged there, and nothing is quoted from it. Ingest its source again, "
        "or restore a copy of the file."
    )


def as_record(row: sqlite3.Row) -> Record:
    """The columns of a row, unchecked."""
    article = Article(
        text=row["text"],
        title=row["title"],
        author=row["author"],
        publisher=row["publisher"],
        published=row["published"],
        url=row["url"],
        external_id=row["external_id"],
        origin=row["origin"],
        stored_id=row["article_id"],
        stored_revision=row["revision_id"],
    )
    return Record(article, row["added_at"], row["read_at"])


_PUT_WORDS = "INSERT INTO passage_words (rowid, title, body) VALUES (?, ?, ?)"


def _any_of(terms: Sequence[str]) -> str:
    """A full-text query."""
    return " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)


def _place_seal(article_id: str, revision: str, start: int, end: int, sentences: bytes) -> int:
    """The seal of a passage; of one whose sentences are damaged so that they are no bytes, none that fits."""
    return seal(article_id, revision, start, end, hexadecimal(sentences) if isinstance(sentences, bytes) else "")


def _blobs(vectors: PassageVectors) -> tuple[bytes, bytes]:
    """As they are stored."""
    return full(vectors.whole[None, :])[0], short(vectors.sentences)


def _passage(row: sqlite3.Row) -> StoredPassage:
    bounds = np.frombuffer(row["sentences"], "<u4").reshape(-1, 2).tolist()
    return StoredPassage(
        row["id"], row["article_id"], Span(row["start"], row["end"]), tuple(Span(*pair) for pair in bounds)
    )
