"""Many questions in one process: JSON Lines in, one JSON object out for each line, in order."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rag.errors import PullquoteError, SettingsError
from rag.text import normalise
from rag.types import Filters

NO_FLAGS: Mapping[str, bool] = {}

Run = Callable[..., dict[str, Any]]
"""What is made of a line's text, `k` and filters, and by name of whatever else it may say."""


def run(
    path: Path, field: str, answer: Run, limit: int, filters: Filters, flags: Mapping[str, bool] = NO_FLAGS
) -> Iterator[dict[str, Any]]:
    """What `answer` makes of each line: an object with `field`, and perhaps `k`, filters, `flags` and an `id`.

    `flags` are true or false, and say what holds for a line without them. The line's `id` comes back
    with its result. A line that cannot be read or answered gives an object with `error`; the rest
    goes on. Raises SettingsError if the file cannot be opened.
    """
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        name: dict[str, Any] = {}
        try:
            asked = _asked(line, field)
            name = {"id": asked["id"]} if "id" in asked else {}
            said = {flag: _flag(asked, flag, default) for flag, default in flags.items()}
            yield name | answer(_text(asked, field), _limit(asked, limit), _filters(asked, filters), **said)
        except (ValueError, PullquoteError) as exc:
            yield name | {"error": f"{path}:{number}: {exc}"}


def day(written: str) -> date:
    """The day of a filter. Raises ValueError for what is not YYYY-MM-DD."""
    try:
        return datetime.strptime(written, "%Y-%m-%d").date()
    except ValueError:
        raise ValueError(f"{written!r} is not a day; write it as 2026-09-30") from None


def _asked(line: str, field: str) -> dict[str, Any]:
    try:
        asked = json.loads(line, parse_constant=_no_constant)
    except json.JSONDecodeError as exc:
        raise ValueError(f"not JSON: {exc.msg} at column {exc.colno}") from exc
    except RecursionError as exc:
        raise ValueError("not JSON that any reader takes: nested too deep") from exc
    if isinstance(asked, str):
        return {field: asked}
    if not isinstance(asked, dict):
        raise ValueError(f"not an object with {field!r}")
    return asked


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _text(asked: dict[str, Any], field: str) -> str:
    text = asked.get(field)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"no text under {field!r}")
    return text


def _limit(asked: dict[str, Any], limit: int) -> int:
    k = asked.get("k", limit)
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= 1000:
        raise ValueError(f"k is {k!r}; it must be a whole number from 1 to 1000")
    return k


def _flag(asked: dict[str, Any], name: str, default: bool) -> bool:
    value = asked.get(name, default)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}; it must be true or false")
    return value


def _filters(asked: dict[str, Any], filters: Filters) -> Filters:
    """The command's filters, with those of this line in their place."""
    names = {"article": "articles", "publisher": "publishers", "author": "authors", "speaker": "speakers"}
    changes: dict[str, Any] = {name: _names(asked, key) for key, name in names.items() if asked.get(key) is not None}
    for key in ("since", "until"):
        if (written := asked.get(key)) is not None:
            changes[key] = day(written if isinstance(written, str) else repr(written))
    return replace(filters, **changes)


def _names(asked: dict[str, Any], key: str) -> tuple[str, ...]:
    values = asked[key] if isinstance(asked[key], list) else [asked[key]]
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{key} is {asked[key]!r}; it must be a string or a list of strings")
    return tuple(map(normalise, values))


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
