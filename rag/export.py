"""Lists of quotations, and of answers that were rated, as files: CSV for a spreadsheet, JSON Lines for a program."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from rag.conversations import Turn
from rag.records import feedback_record, quotations_record
from rag.types import Answer, Quoted

COLUMNS = (
    "quote", "speaker", "office", "person", "cue", "kind", "title", "publisher", "author", "published", "url",
    "fragment_url", "link", "id", "n", "start", "end", "mention", "mention_start", "mention_end",
    "cue_start", "cue_end", "article_id", "revision", "external_id", "score",
)  # fmt: skip
"""The fields of `records.quotations_record`, what a reader looks for first."""

RATED_COLUMNS = ("date", "feedback", "question", "searched", "answer", "mode", "model", "citations")
"""The fields of `records.feedback_record`; in a table the ids of citations stand in one cell, with spaces between."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the start of a formula, full-width forms among it."""


def as_jsonl(found: Sequence[Quoted], public_url: str = "") -> str:
    """An object a line, of the fields that a quotation has in `records.quotations_record`; all as it stands."""
    return _lines(_rows(found, public_url))


def as_csv(found: Sequence[Quoted], public_url: str = "") -> bytes:
    """A table by RFC 4180, with a row of names, a row a quotation, and line breaks within one kept.

    Bytes, since what makes spreadsheets read it rightly is there only: UTF-8 with a byte order mark, and line ends
    that no text stream may translate. Every cell is quoted, and one that a spreadsheet would run as a formula has
    an apostrophe before it (OWASP, "CSV Injection"), as articles are written by others: a quotation that begins
    with "-" or "@" is not verbatim here, and is in `as_jsonl`.
    """
    return _table(COLUMNS, _rows(found, public_url))


def feedback_jsonl(rated: Sequence[tuple[Turn, Answer]]) -> str:
    """As `as_jsonl`, of answers and what a reader says of them."""
    return _lines(feedback_record(turn, answer) for turn, answer in rated)


def feedback_csv(rated: Sequence[tuple[Turn, Answer]]) -> bytes:
    """As `as_csv`, of the same."""
    rows = (feedback_record(turn, answer) for turn, answer in rated)
    return _table(RATED_COLUMNS, (row | {"citations": " ".join(row["citations"])} for row in rows))


def _lines(rows: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _table(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> bytes:
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, columns, restval="", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return table.getvalue().encode("utf-8-sig")


def _rows(found: Sequence[Quoted], public_url: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = quotations_record(found, public_url)["quotations"]
    return rows


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
