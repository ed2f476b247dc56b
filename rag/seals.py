"""Whether a row of the library is as it was put there: beside what is shown stands a checksum of it, its seal.

A disk, a cable or a program may change a byte of the library file, and SQLite does not notice: "not" becomes "now". So
what a reader is shown is compared first: the text and all that is known about an article with its `content_hash`
(SHA-256), everything else with a CRC-32, which any one changed byte changes. Both are against accidents; who can write
the file can write the seals too.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from rag.types import Article

SEALED: Mapping[str, tuple[str, ...]] = {
    "revisions": ("id", "article_id", "content_hash", "day", "external_id", "origin", "read_at"),
    "passages": ("article_id", "revision_id", "start", "end", "sentences"),
    "quotations": (
        "article_id", "revision_id", "start", "end", "speaker", "cue", "kind",
        "mention_start", "mention_end", "cue_start", "cue_end",
    ),
    "voices": ("article_id", "speaker", "office", "surname", "person", "quotations"),
    "aliases": ("speaker", "article_id", "person"),
    "people": ("person", "name"),
    "turns": ("conversation_id", "n", "answer"),
}  # fmt: skip
"""The columns that a seal is over, by table. Vectors and full text have none: they only say where to look."""


def seal(*values: str | int | None) -> int:
    """The seal of a row with these values; of bytes, what `hexadecimal` makes of them."""
    return zlib.crc32("\0".join(map(str, values)).encode("utf-8", "replace"))


def sql_seal(*values: bytes | None) -> int:
    """The same as SQL's function `seal`, which gets all as bytes: SQLite hands it no text that is no UTF-8."""
    return seal(*(None if value is None else value.decode("utf-8", "replace") for value in values))


def hexadecimal(data: bytes) -> str:
    """Bytes as SQL's function `hex` writes them."""
    return data.hex().upper()


def expression(table: str, alias: str = "", **changed: str) -> str:
    """The seal of a row of `table` in SQL, with other expressions for the columns that are `changed`."""
    prefix = f"{alias}." if alias else ""
    columns = (changed.get(name, f'{prefix}"{name}"') for name in SEALED[table])
    plain = (f"hex({column})" if column.endswith('"sentences"') else column for column in columns)
    return f"seal({', '.join(f'CAST({column} AS BLOB)' for column in plain)})"


def genuine(table: str, alias: str = "") -> str:
    """The condition in SQL that a row of `table` is as it was put there."""
    return f"{alias or table}.seal = {expression(table, alias or table)}"


def is_genuine(article: Article, content_hash: str, day: int, read_at: str, sealed: int) -> bool:
    """Whether `article`, read from a row of `revisions` with these columns beside it, is what was stored there."""
    texts = (article.text, article.title, article.author, article.publisher, article.published, article.url)
    if not all(isinstance(text, str) for text in texts) or article.content_hash != content_hash:
        return False
    return sealed == seal(article.revision, article.id, content_hash, day, article.external_id, article.origin, read_at)
