"""Many questions in one process: JSON Lines in, one JSON object out for each line, in order."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from rag.errors import PullquoteError, SettingsError
from rag.types import Filters

Run = Callable[[str, int, Filters], dict[str, Any]]


def run(path: Path, field: str, answer: Run, limit: int, filters: Filters) -> Iterator[dict[str, Any]]:
    """What `answer` makes of each line: an object with `field`, and perhaps `k`, filters and an `id`.

    The line's `id` comes back with its result. A line that cannot be read or answered gives an
    object with `error`; the rest goes on. Raises SettingsError if the file cannot be opened.
    """
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        name: dict[str, Any] = {}
        try:
            asked = json.loads(line)
            asked = {field: asked} if isinstance(asked, str) else asked
            if not isinstance(asked, dict) or not isinstance(asked.get(field), str) or not asked[field].strip():
                raise ValueError(f"no text under {field!r}")
            name = {"id": asked["id"]} if "id" in asked else {}
            yield name | answer(asked[field], _limit(asked, limit), _filters(asked, filters))
        except (ValueError, TypeError, RecursionError, PullquoteError) as exc:
            yield name | {"error": f"{path}:{number}: {exc}"}


def _limit(asked: dict[str, Any], limit: int) -> int:
    k = asked.get("k", limit)
    if not isinstance(k, int) or not 1 <= k <= 1000:
        raise ValueError(f"k is {k!r}; it must be a whole number from 1 to 1000")
    return k


def _filters(asked: dict[str, Any], filters: Filters) -> Filters:
    """The command's filters, with those of this line in their place."""
    names = {"article": "articles", "publisher": "publishers", "author": "authors", "speaker": "speakers"}
    changes: dict[str, Any] = {}
    for key, name in names.items():
        if asked.get(key) is not None:
            values = asked[key] if isinstance(asked[key], list) else [asked[key]]
            changes[name] = tuple(str(value) for value in values)
    for key in ("since", "until"):
        if asked.get(key) is not None:
            changes[key] = date.fromisoformat(str(asked[key]))
    return replace(filters, **changes)


def _lines(path: Path) -> Iterator[str]:
    if str(path) == "-":
        yield from io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace")
        return
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            yield from file
    except OSError as exc:
        raise SettingsError(
            f"{path} cannot be read ({exc.strerror}). Give --batch a JSON Lines file, or - for stdin."
        ) from exc
