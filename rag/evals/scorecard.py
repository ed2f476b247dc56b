"""`docs/SCORECARD.md` from the JSON of runs: tables are put in between marks, words around them stay.

    python -m rag.evals.scorecard docs/SCORECARD.md RESULT.json...

A mark is a comment such as `<!-- figures: polnear -->`, up to `<!-- end -->`. Nothing is typed by hand in between.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rag.errors import SourceError
from rag.evals.table import Table

_MARK = re.compile(r"(<!-- figures: (?P<name>[\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def tables(paths: Iterable[Path]) -> dict[str, Table]:
    """The tables in files that `pullquote eval --json` and `bench --json` printed; a later one of a name counts."""
    found: dict[str, Table] = {}
    for path in paths:
        try:
            records = json.loads(path.read_text("utf-8"))["tables"]
            found |= {record["set"]: Table(record["set"], record["rows"], record["about"]) for record in records}
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise SourceError(str(path), f"this is no result of `pullquote eval --json` ({exc})") from exc
    return found


def filled(text: str, results: Mapping[str, Table]) -> str:
    """`text` with the table of each mark in place; marks without a result stay as they are."""

    def put(match: re.Match[str]) -> str:
        table = results.get(match["name"])
        return match[0] if table is None else f"{match[1]}{table.markdown()}\n\n{_about(table.about)}\n{match[3]}"

    return _MARK.sub(put, text)


def _about(about: Mapping[str, Any]) -> str:
    """One line under a table: when, where, over how much, with what."""
    counts = [f"{value:,} {key.replace('_', ' ')}" for key, value in about.items() if isinstance(value, int)]
    versions = ", ".join(f"{name} {version}" for name, version in about.get("versions", {}).items())
    notes = [about["note"].rstrip(".")] if about.get("note") else []
    return "; ".join([f"*{about['date']}, {about['machine']}", *counts, *notes, versions]) + ".*"


def main() -> None:
    """Fill the marks of a file in place."""
    parser = argparse.ArgumentParser(description="Put measured tables into a document.")
    parser.add_argument("document", type=Path)
    parser.add_argument("results", type=Path, nargs="+")
    options = parser.parse_args()
    text = options.document.read_text("utf-8")
    options.document.write_text(filled(text, tables(options.results)), "utf-8")


if __name__ == "__main__":
    main()
