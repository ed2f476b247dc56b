"""The outcome of an evaluation: a row a system, a column a figure, and what it was measured with."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rag import __version__
from rag.settings import Settings

PACKAGES = (
    "chromadb",
    "openvino",
    "langchain",
    "langchain-chroma",
    "bm25s",
    "llama-index-core",
    "txtai",
    "trafilatura",
)


@dataclass(frozen=True)
class Table:
    """`rows` by system: its figures, or in words why it has none."""

    name: str
    rows: Mapping[str, Mapping[str, float] | str]
    about: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        return {"set": self.name, "rows": dict(self.rows), "about": dict(self.about)}

    def columns(self) -> list[str]:
        """Every figure that some row has, in the order in which they come."""
        return list(
            dict.fromkeys(
                column for figures in self.rows.values() if not isinstance(figures, str) for column in figures
            )
        )

    def text(self) -> str:
        """As lines for a terminal; the best of each column is not marked: some want to be low."""
        return "\n".join(
            _aligned([["", *self.columns()], *([name, *self._cells(row)] for name, row in self.rows.items())])
        )

    def markdown(self) -> str:
        """As a table for `docs/SCORECARD.md`."""
        columns = self.columns()
        head = [f"| {self.name} | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
        return "\n".join([*head, *(f"| {name} | {' | '.join(self._cells(row))} |" for name, row in self.rows.items())])

    def _cells(self, row: Mapping[str, float] | str) -> list[str]:
        columns = self.columns()
        if isinstance(row, str):
            return [row, *[""] * (len(columns) - 1)]
        return [shown(row[column]) if column in row else "–" for column in columns]


def shown(figure: float) -> str:
    """Three decimals for shares, whole numbers as such."""
    if isinstance(figure, int) or (abs(figure) >= 1000):
        return f"{figure:,.0f}"
    return f"{figure:.3f}" if abs(figure) <= 1 else f"{figure:.2f}"


def circumstances(settings: Settings, **more: Any) -> dict[str, Any]:
    """When, where and with what: what somebody needs to measure the same again."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "pullquote": __version__,
        "python": platform.python_version(),
        "machine": f"{os.cpu_count()} cores, {sys.platform}, {platform.machine()}",
        "versions": {name: found for name in PACKAGES if (found := _version(name))},
        "settings": {"embeddings": settings.embeddings, "threshold": settings.threshold},
    } | more


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their widest figure; words instead of figures run on over the columns."""
    full = [line for line in lines if "" not in line[1:]]
    widths = [
        max(len(line[0]) for line in lines),
        *(max(len(line[i]) for line in full) for i in range(1, len(lines[0]))),
    ]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)).rstrip() for line in lines]
