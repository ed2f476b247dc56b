"""Lists of quotations as files: CSV for a spreadsheet, JSON Lines for a program."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from rag.records import quotations_record
from rag.types import Quoted

COLUMNS = (
    "quote", "speaker", "office", "person", "cue", "kind", "title", "publisher", "author", "published", "url",
    "fragment_url", "link", "id", "n", "start", "end", "mention", "mention_start", "mention_end",
    "cue_start", "cue_end", "article_id", "revision", "external_id", "score",
)  # fmt: skip
"""The fields of `records.quotations_record`, what a reader looks for first."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the start of a formula, full-width forms among it."""


def as_jsonl(found: Sequence[Quoted], public_url: str = "") -> str:
    """An object a line, of the fields that a quotation has in `records.quotations_record`; all as it stands."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _rows(found, public_url))


def as_csv(found: Sequence[Quoted], public_url: str = "") -> bytes:
    """A table by RFC 4180, with a row of names, a row a quotation, and line breaks within one kept.

    Bytes, since what makes spreadsheets read it rightly is there only: UTF-8 with a byte order mark, and line ends
    that no text stream may translate. Every cell is quoted, and one that a spreadsheet would run as a formula has
    an apostrophe before it (OWASP, "CSV Injection"), as articles are written by others: a quotation that begins
    with "-" or "@" is not verbatim here, and is in `as_jsonl`.
    """
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, COLUMNS, restval="", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in _rows(found, public_url))
    return table.getvalue().encode("utf-8-sig")


def _rows(found: Sequence[Quoted], public_url: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = quotations_record(found, public_url)["quotations"]
    return rows


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
