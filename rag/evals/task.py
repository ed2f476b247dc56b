"""What an evaluation asks: articles, questions about them, and where the answers stand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from rag.errors import SourceError
from rag.text import Span, normalise
from rag.types import Article

Unit = Literal["sentence", "passage", "article"]
"""What is ranked: sentences (evidence), passages (for whole articles), or whole articles themselves."""


class Place(NamedTuple):
    """A stretch of an article, which is named by the id that its data set gives it."""

    article: str
    span: Span

    def overlaps(self, other: Place) -> bool:
        return self.article == other.article and self.span.overlaps(other.span)


class Ranked(NamedTuple):
    """A place that a system returns, and its score: higher is better, comparable within the system."""

    place: Place
    score: float


@dataclass(frozen=True)
class Asked:
    """One question. `gold` are the places that answer, `relevant` the articles that do;
    `alternatives` are several sets of places, each of which would do.

    `within` names the one article that is asked, where it is not the whole collection. `unique`
    is False where other articles answer as well, unmarked.
    """

    text: str
    gold: tuple[Place, ...] = ()
    relevant: frozenset[str] = frozenset()
    alternatives: tuple[tuple[Place, ...], ...] = ()
    within: str = ""
    answers: tuple[str, ...] = ()
    answerable: bool = True
    unique: bool = True


@dataclass(frozen=True)
class Task:
    """A data set, ready to be asked."""

    name: str
    unit: Unit
    articles: Sequence[Article]
    asked: Sequence[Asked]
    sentences: Mapping[str, Sequence[Place]] = field(default_factory=dict)
    """The data set's own sentences by article, where gold is marked in these."""

    @property
    def texts(self) -> dict[str, str]:
        return {article.external_id: article.text for article in self.articles}


def rows(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON Lines file. Raises SourceError that says which file a set wants."""
    try:
        lines = path.read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines if line.strip()]
    except OSError as exc:
        raise SourceError(str(path), f"{exc.strerror}. Give the folder that holds this set's files") from exc
    except ValueError as exc:
        raise SourceError(str(path), f"not JSON Lines ({exc}). Give the folder that holds this set's files") from exc


def moved(raw: str, span: Span) -> Span:
    """Where a stretch that was marked in `raw` stands once that is normalised."""
    start, end = (len(normalise(raw[:edge])) for edge in span)
    return Span(start, end)
