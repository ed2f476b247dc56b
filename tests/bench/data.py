"""The articles that benchmarks run on, read from a folder given on the command line."""

from __future__ import annotations

import json
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from rag.sources.dates import iso_day
from rag.text import normalise
from rag.types import Article


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def articles(data: Path, count: int) -> list[Article]:
    """`count` real articles: polnear's and realtimeqa's in turn, then what is left of the larger."""
    small, large = (_articles(data / name / "articles.jsonl") for name in ("polnear", "realtimeqa"))
    mixed = [article for pair in zip(small, large, strict=False) for article in pair] + large[len(small) :]
    if len(mixed) < count:
        raise SystemExit(f"{data} holds {len(mixed)} articles; {count} were asked for.")
    return mixed[:count]


def questions(data: Path, count: int) -> list[str]:
    """`count` questions about these articles, both sets in turn."""
    sets = [[row["question"] for row in rows(data / name / "questions.jsonl")] for name in ("polnear", "realtimeqa")]
    return list(islice((question for pair in zip(*map(cycle, sets), strict=False) for question in pair), count))


def _articles(path: Path) -> list[Article]:
    return [
        Article(
            text=normalise(row["text"]),
            title=row["title"] or "",
            publisher=row.get("publisher") or "",
            published=iso_day(row.get("date")),
            url=row.get("url") or "",
            external_id=row["id"],
        )
        for row in rows(path)
    ]
