"""Whether the library file is whole: what must hold in and between its tables, and whether it is what was stored."""

from __future__ import annotations

from rag.database import Database
from rag.library import Library
from rag.seals import genuine

_MUST_BE_NONE = {
    "articles without a current revision": """
        articles a LEFT JOIN revisions r ON r.id = a.revision_id WHERE r.id IS NULL""",
    "passages of a revision that is not current": """
        passages p JOIN articles a ON a.id = p.article_id WHERE p.revision_id <> a.revision_id""",
    "articles without passages": """
        articles a WHERE NOT EXISTS (SELECT 1 FROM passages p WHERE p.article_id = a.id)""",
    "passages outside their text": """
        passages p JOIN revisions r ON r.id = p.revision_id WHERE p."end" > length(r.text) OR p.start >= p."end" """,
    "quotations outside their text": """
        quotations q JOIN revisions r ON r.id = q.revision_id WHERE q."end" > length(r.text) OR q.start >= q."end" """,
    "quotations of a revision that is not current": """
        quotations q JOIN articles a ON a.id = q.article_id WHERE q.revision_id <> a.revision_id""",
    "speakers of an article without a quotation of theirs there": """
        voices v WHERE NOT EXISTS
            (SELECT 1 FROM quotations q WHERE q.article_id = v.article_id AND q.speaker = v.speaker)""",
    "quotations whose speaker is not among those of their article": """
        quotations q WHERE q.speaker <> '' AND NOT EXISTS
            (SELECT 1 FROM voices v WHERE v.article_id = q.article_id AND v.speaker = q.speaker)""",
    "passages whose sentences have other vectors than one each": """
        passages WHERE length(sentence_vectors) NOT IN (0, length(sentences) / 8 * (length(vector) / 4))""",
    "passages missing from the full-text index": """
        passages p LEFT JOIN passage_words_docsize d ON d.id = p.id WHERE d.id IS NULL""",
    "entries of the full-text index without a passage": """
        passage_words_docsize d LEFT JOIN passages p ON d.id = p.id WHERE p.id IS NULL""",
}

_DAMAGED = {
    "passages": "passages whose place is damaged: ingest their articles' sources again",
    "quotations": "quotations whose speaker or place is damaged",
    "voices": "speakers whose name or person is damaged",
    "aliases": "decisions who somebody is that are damaged: merge or split these speakers again",
    "people": "names of merged or split speakers that are damaged: merge or split them again",
    "turns": "questions in conversations that are damaged, with their answers: remove these conversations",
}


def faults(database: Database) -> list[str]:
    """What is wrong with the file, one line each; empty when all is well."""
    connection = database.read()
    found = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        found.append(f"{table} row {row} points at a missing {parent}")
    for what, query in _MUST_BE_NONE.items():
        n = connection.execute(f"SELECT count(*) FROM {query}").fetchone()[0]
        found += [f"{n} {what}"] if n else []
    for table in _DAMAGED:
        n = connection.execute(f"SELECT count(*) FROM {table} WHERE NOT ({genuine(table)})").fetchone()[0]
        found += [f"{n} {_DAMAGED[table]}"] if n else []
    return found + Library(database).damages()
