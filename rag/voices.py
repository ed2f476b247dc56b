"""Who speaks in which article, and which person that is over all of them, in the library's SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from rag.database import Database
from rag.people import APART, Aliases, Voice, folded, grouped, is_named, key_of, renewed, surname
from rag.seals import expression, genuine, seal
from rag.types import Article, Person, Quotation
from rag.words import words


class Decision(NamedTuple):
    """That a speaker, in one article or, under "", in all, is the person with a key and a name."""

    speaker: str
    article_id: str
    person: str
    name: str
    waits: bool
    """Whether no article that is here has it to hold for."""


class Voices:
    """The speakers of the current revisions, grouped into people. What is written goes through `Library`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # --- in -----------------------------------------------------------------------------------

    def put(self, connection: sqlite3.Connection, article: Article, quotations: Sequence[Quotation]) -> None:
        """Add who speaks in the revision `article`, inside a transaction of the library's."""
        counts = Counter(q.speaker for q in quotations if q.speaker)
        offices = {q.speaker: q.office for q in quotations}
        rows = [
            (article.id, speaker, offices[speaker], surname(speaker), key_of(speaker), n)
            for speaker, n in counts.items()
        ]
        connection.executemany(
            "INSERT INTO voices (article_id, speaker, office, surname, person, quotations, settled, seal) "
            "VALUES (?, ?, ?, ?, ?, ?, 0, ?)",
            [(*row, seal(*row)) for row in rows],
        )
        _put_names(connection, list(counts))

    def drop(self, connection: sqlite3.Connection, article_id: str) -> None:
        """Take out who speaks in an article; whom others of these surnames mean is to be found anew."""
        connection.execute(
            "UPDATE voices SET settled = 0 WHERE settled = 1 AND surname IN "
            "(SELECT surname FROM voices WHERE article_id = ?)",
            (article_id,),
        )
        gone = connection.execute(
            "SELECT speaker FROM voices v WHERE article_id = ? AND NOT EXISTS "
            "(SELECT 1 FROM voices WHERE speaker = v.speaker AND article_id <> v.article_id)",
            (article_id,),
        ).fetchall()
        connection.execute("DELETE FROM voices WHERE article_id = ?", (article_id,))
        _drop_names(connection, [row[0] for row in gone])

    def unsettled(self) -> bool:
        """Whether voices have come or gone since people were last found, or an upgrade left their names out."""
        left = "SELECT EXISTS (SELECT 1 FROM voices WHERE settled = 0) OR "
        unnamed = "(EXISTS (SELECT 1 FROM voices) AND NOT EXISTS (SELECT 1 FROM names))"
        return bool(self.database.read().execute(left + unnamed).fetchone()[0])

    def settle(self, connection: sqlite3.Connection) -> None:
        """Find the person behind every voice whose surname has had others come or go, inside a transaction."""
        self._bring_up_to_date(connection)
        aliases = self._aliases(connection)
        for (name,) in connection.execute("SELECT DISTINCT surname FROM voices WHERE settled = 0").fetchall():
            rows = connection.execute(
                f"SELECT article_id, speaker, office, person FROM voices WHERE surname = ? AND {genuine('voices')}",
                (name,),
            ).fetchall()
            before = {(row["article_id"], row["speaker"]): row["person"] for row in rows}
            found = grouped([Voice(*row[:3]) for row in rows], aliases)
            connection.executemany(
                f"UPDATE voices SET person = ?1, seal = {expression('voices', person='?1')} "
                "WHERE article_id = ?2 AND speaker = ?3",
                [(person, *voice) for voice, person in found.items() if before[voice] != person],
            )
        connection.execute("UPDATE voices SET settled = 1 WHERE settled = 0")

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        """Put in the names that an upgrade left out; give voices that it left without a surname theirs, and whom the
        user named the key of today.
        """
        if connection.execute("SELECT 1 FROM names LIMIT 1").fetchone() is None:
            _put_names(connection, [row[0] for row in connection.execute("SELECT DISTINCT speaker FROM voices")])
        left = connection.execute("SELECT article_id, speaker FROM voices WHERE settled = 0 AND surname = ''")
        found = [(surname(speaker), article_id, speaker) for article_id, speaker in left.fetchall()]
        found = [row for row in found if row[0]]
        if not found:
            return
        connection.executemany(
            f"UPDATE voices SET surname = ?1, seal = {expression('voices', surname='?1')} "
            f"WHERE article_id = ?2 AND speaker = ?3 AND {genuine('voices')}",
            found,
        )
        for person, name in connection.execute(f"SELECT person, name FROM people WHERE {genuine('people')}").fetchall():
            if (key := renewed(person, name)) != person:
                connection.execute(
                    f"UPDATE aliases SET person = ?1, seal = {expression('aliases', person='?1')} "
                    f"WHERE person = ?2 AND {genuine('aliases')}",
                    (key, person),
                )
                self.call(connection, key, name)
                connection.execute("DELETE FROM people WHERE person = ?", (person,))

    # --- what the user decides ----------------------------------------------------------------

    def alias(self, connection: sqlite3.Connection, voices: Iterable[tuple[str, str]], person: str) -> None:
        """From now on these (speaker, article id) are `person`; the article id is empty for all articles."""
        for speaker, article_id in voices:
            row = (speaker, article_id, person)
            connection.execute(
                "INSERT OR REPLACE INTO aliases (speaker, article_id, person, seal) VALUES (?, ?, ?, ?)",
                (*row, seal(*row)),
            )
            self._unsettle(connection, speaker)
        self._drop_undecided(connection)

    def forget(self, connection: sqlite3.Connection, voices: Iterable[tuple[str, str]]) -> None:
        """Take back what was decided about these (speaker, article id)."""
        for speaker, article_id in voices:
            connection.execute("DELETE FROM aliases WHERE speaker = ? AND article_id = ?", (speaker, article_id))
            self._unsettle(connection, speaker)
        self._drop_undecided(connection)

    def call(self, connection: sqlite3.Connection, person: str, name: str) -> None:
        """Show a person under the name that they had, or were given, when the user first decided about them."""
        connection.execute(f"DELETE FROM people WHERE person = ? AND NOT {genuine('people')}", (person,))
        connection.execute(
            "INSERT OR IGNORE INTO people (person, name, seal) VALUES (?, ?, ?)", (person, name, seal(person, name))
        )

    def aliases(self) -> list[tuple[str, str, str]]:
        """What the user decided: (speaker, article id or "" for all, person)."""
        rows = self.database.read().execute(
            f"SELECT speaker, article_id, person FROM aliases WHERE {genuine('aliases')} ORDER BY 1, 2"
        )
        return [tuple(row) for row in rows]

    def decisions(self) -> list[Decision]:
        """What the user decided, with the names of whom it is about, and whether it has nothing to hold for now."""
        rows = self.database.read().execute(
            "SELECT a.speaker, a.article_id, a.person, coalesce(p.name, a.person), NOT EXISTS (SELECT 1 FROM voices v "
            "WHERE v.person = a.person AND v.speaker = a.speaker AND a.article_id IN ('', v.article_id)) "
            f"FROM aliases a LEFT JOIN people p ON p.person = a.person AND {genuine('people', 'p')} "
            f"WHERE {genuine('aliases', 'a')} ORDER BY a.person, a.speaker, a.article_id"
        )
        return [Decision(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]

    def taken(self, key: str) -> bool:
        """Whether a key is somebody's, who speaks or whom the user decided about."""
        used = "SELECT 1 WHERE ? IN (SELECT person FROM aliases) OR ? IN (SELECT person FROM people) OR "
        row = self.database.read().execute(used + "? IN (SELECT person FROM voices)", (key, key, key)).fetchone()
        return row is not None

    # --- out ----------------------------------------------------------------------------------

    def people(self, within: Sequence[str] | None = None, named: bool = True) -> list[Person]:
        """Everybody who speaks (in the articles `within`), most quoted first; only those with a name, if `named`."""
        only = "" if within is None else "AND v.article_id IN (SELECT value FROM json_each(?))"
        return self._people(only, () if within is None else (json.dumps(list(within)),), named)

    def person(self, key: str) -> Person | None:
        found = self._people("AND v.person = ?", (key,), named=False)
        return found[0] if found else None

    def by_key(self, keys: Sequence[str]) -> dict[str, Person]:
        """Those of `keys` who speak, by key; far quicker than to go through all who do."""
        found = self._people("AND v.person IN (SELECT value FROM json_each(?))", (json.dumps(list(keys)),), named=False)
        return {person.key: person for person in found}

    def holding(self, text: str) -> list[str]:
        """The keys of all who have every word of `text` in one of their names, or begun there; case, accents and
        apostrophes aside.
        """
        wanted = folded(text.casefold())
        if text.strip() and not wanted:
            return []
        rows = self.database.read().execute(
            "SELECT DISTINCT speaker, person FROM voices UNION SELECT name, person FROM people"
        )
        names = ((f" {' '.join(folded(row[0].casefold()))}", row[1]) for row in rows)
        return sorted({person for name, person in names if all(f" {word}" in name for word in wanted)})

    def of(self, person: str) -> list[Voice]:
        """The voices of a person, newest article first."""
        rows = self.database.read().execute(
            "SELECT v.article_id, v.speaker, v.office FROM voices v JOIN articles a ON a.id = v.article_id "
            f"JOIN revisions r ON r.id = a.revision_id WHERE v.person = ? AND {genuine('voices', 'v')} "
            "ORDER BY r.day DESC, v.article_id, v.speaker",
            (person,),
        )
        return [Voice(*row) for row in rows]

    def spoken_as(self) -> list[tuple[str, str]]:
        """Every (speaker, person) there is."""
        rows = self.database.read().execute("SELECT DISTINCT speaker, person FROM voices")
        return [(row[0], row[1]) for row in rows]

    def ending_in(self, endings: Collection[str]) -> dict[str, list[tuple[str, str]]]:
        """By each of these words that somebody's name ends in, the (speaker, person) there are."""
        rows = self.database.read().execute(
            "SELECT DISTINCT n.last, v.speaker, v.person FROM names n JOIN voices v ON v.speaker = n.speaker "
            "WHERE n.last IN (SELECT value FROM json_each(?))",
            (json.dumps(list(endings)),),
        )
        found: dict[str, list[tuple[str, str]]] = {}
        for last, speaker, person in rows:
            found.setdefault(last, []).append((speaker, person))
        return found

    def named(self, names: Sequence[str]) -> list[str]:
        """The people one of whose names includes all words of one of `names`, or whose key it is.

        Case, accents and apostrophes aside, so that "Muller" and "O'Brien" find Müller and O’Brien.
        """
        connection = self.database.read()
        found: set[str] = set()
        for name in filter(str.strip, names):
            asked = json.dumps(sorted(set(folded(name.casefold()))))
            rows = connection.execute(
                "SELECT person FROM voices WHERE person = ? UNION SELECT v.person FROM voices v WHERE v.speaker IN "
                "(SELECT speaker FROM name_words WHERE word IN (SELECT value FROM json_each(?)) "
                "GROUP BY speaker HAVING count(*) = json_array_length(?))",
                (name, asked, asked),
            )
            found |= {row[0] for row in rows}
        return sorted(found)

    # --- inside -------------------------------------------------------------------------------

    def _people(self, where: str, values: Sequence[str], named: bool) -> list[Person]:
        rows = self.database.read().execute(
            "SELECT v.person, v.speaker, v.office, sum(v.quotations) AS n, count(*) AS articles, "
            "min(nullif(r.day, 0)) AS first, max(nullif(r.day, 0)) AS last, p.name AS called FROM voices v "
            "JOIN articles a ON a.id = v.article_id JOIN revisions r ON r.id = a.revision_id "
            f"LEFT JOIN people p ON p.person = v.person AND {genuine('people', 'p')} "
            f"WHERE {genuine('voices', 'v')} {where} GROUP BY v.person, v.speaker, v.office",
            tuple(values),
        )
        by_key: dict[str, list[sqlite3.Row]] = {}
        for row in rows:
            by_key.setdefault(row["person"], []).append(row)
        found = [_person(key, group) for key, group in by_key.items()]
        kept = [person for person in found if not named or is_named(person.name)]
        return sorted(kept, key=lambda person: (-person.quotations, person.name))

    def _aliases(self, connection: sqlite3.Connection) -> Aliases:
        rows = connection.execute(f"SELECT article_id, speaker, person FROM aliases WHERE {genuine('aliases')}")
        return Aliases({(row[0], row[1]): row[2] for row in rows})

    def _drop_undecided(self, connection: sqlite3.Connection) -> None:
        """Forget the names of people about whom nothing is decided any more."""
        connection.execute("DELETE FROM people WHERE person NOT IN (SELECT person FROM aliases)")

    def _unsettle(self, connection: sqlite3.Connection, speaker: str) -> None:
        connection.execute("UPDATE voices SET settled = 0 WHERE surname = ?", (surname(speaker),))


def _put_names(connection: sqlite3.Connection, speakers: Sequence[str]) -> None:
    ended = [(speaker, next(reversed(words(speaker)), "")) for speaker in speakers]
    connection.executemany("INSERT OR IGNORE INTO names VALUES (?, ?)", ended)
    connection.executemany("INSERT OR IGNORE INTO name_words VALUES (?, ?)", _words_of(speakers))


def _drop_names(connection: sqlite3.Connection, speakers: Sequence[str]) -> None:
    connection.executemany("DELETE FROM names WHERE speaker = ?", [(speaker,) for speaker in speakers])
    connection.executemany("DELETE FROM name_words WHERE word = ? AND speaker = ?", _words_of(speakers))


def _words_of(speakers: Sequence[str]) -> list[tuple[str, str]]:
    return [(word, speaker) for speaker in speakers for word in set(folded(speaker.casefold()))]


def _person(key: str, rows: Collection[sqlite3.Row]) -> Person:
    """A person of the rows of their names and offices."""
    articles = Counter[str]()
    offices = Counter[str]()
    for row in rows:
        articles[row["speaker"]] += row["articles"]
        if row["office"]:
            offices[row["office"]] += row["articles"]
    name = max(articles, key=lambda n: (len(n.split()) > 1, articles[n], -len(n), n))
    days = [row[column] for row in rows for column in ("first", "last") if row[column]]
    return Person(
        key=key,
        name=next((row["called"] for row in rows if row["called"]), name),
        office=max(offices, key=lambda o: (offices[o], -len(o), o), default=""),
        names=tuple(name for name, _ in articles.most_common()),
        quotations=sum(row["n"] for row in rows),
        articles=articles.total(),
        first=_iso(min(days, default=0)),
        last=_iso(max(days, default=0)),
        apart=APART in key,
    )


def _iso(day: int) -> str:
    return f"{day // 10000:04}-{day // 100 % 100:02}-{day % 100:02}" if day else ""
