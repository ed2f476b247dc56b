"""Can a false quotation pass for a true one? PolNeAR's direct quotations, altered in every way we know, are given to
the product as somebody would paste them: to `verify`, over all articles at once.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rag.evals.mutations import ALTERED, TRUE, Mutation
from rag.evals.sets import polnear
from rag.evals.task import Task, rows
from rag.service import Pullquote
from rag.text import occurrences
from rag.types import Match, Verification

SEED = 11
MOST = 1_000
"""Quotations that are drawn of the 4,614 there are: some eight thousand checks, in a few minutes."""

PASSING = frozenset({"verbatim", "folded"})
SHORTEST = 6
"""Words; shorter quotations stand by chance where they were never said."""

_MARKS = '“”"'


class Said(NamedTuple):
    """A quotation as somebody marked it, without its marks, and the id of its article in the set."""

    words: str
    article: str
    speaker: str
    """The name by which people marked its speaker, empty for a pronoun or a description."""
    another: str
    """The name of somebody else who is marked as a speaker in the same article; empty where nobody is."""


class Marked(NamedTuple):
    """The set: its articles, and the quotations in them."""

    articles: Task
    quotations: Sequence[Said]


def load(folder: Path) -> Marked:
    """`articles.jsonl` and `direct_quotes.jsonl`. What has marks within it is several quotations, and left out."""
    articles = [polnear.article(row) for row in rows(folder / "articles.jsonl")]
    kept = [
        (words, row["doc"], name_of(row))
        for row in rows(folder / "direct_quotes.jsonl")
        if len((words := row["quote"].strip().strip(_MARKS).strip()).split()) >= SHORTEST
        and not set(_MARKS).intersection(words)
    ]
    names: dict[str, list[str]] = {}
    for _, doc, name in kept:
        names.setdefault(doc, []).append(name)
    said = [Said(*one, next((name for name in names[one[1]] if name not in {"", one[2]}), "")) for one in kept]
    return Marked(Task("integrity", "sentence", articles, ()), said)


def drawn(quotations: Sequence[Said], most: int = MOST) -> list[Said]:
    """Some of the quotations, the same ones each time."""
    chosen = random.Random(SEED).sample(range(len(quotations)), min(most, len(quotations)))  # noqa: S311 - the same
    return [quotations[n] for n in sorted(chosen)]


def measure(pullquote: Pullquote, quotations: Sequence[Said]) -> dict[str, dict[str, float]]:
    """For each kind of change: how many were made, how many a check called verbatim or folded, how many refused.

    `pullquote` holds the articles of the set.
    """
    found = {f"true: {name}": _counted(pullquote, _made(quotations, make), true=True) for name, make in TRUE.items()}
    for name, make in ALTERED.items():
        found[f"false: {name}"] = _counted(pullquote, _made(quotations, make), true=False)
    return found | {
        "true: under its speaker's name": _under_a_name(pullquote, quotations, own=True),
        "false: under another's name": _under_a_name(pullquote, quotations, own=False),
    }


def _made(quotations: Sequence[Said], make: Mutation) -> list[tuple[str, Said]]:
    dice = random.Random(SEED)  # noqa: S311 - the same ones each time
    tried = [(make(said.words, dice), said) for said in quotations]
    return [(words, said) for words, said in tried if words is not None]


def _counted(pullquote: Pullquote, made: Sequence[tuple[str, Said]], true: bool) -> dict[str, float]:
    """What came of these words. Altered ones that somebody did say, elsewhere, are no alteration and not counted."""
    checked = [(words, said, pullquote.verify(words)) for words, said in made]
    passed = [case for case in checked if case[2].verdict in PASSING]
    honest = sum(not true and _stands_elsewhere(words, said, found) for words, said, found in passed)
    return {
        "made": len(made) - honest,
        "called verbatim": len(passed) - honest,
        "refused": len(made) - len(passed),
    }


def _stands_elsewhere(words: str, said: Said, found: Verification) -> bool:
    """Whether these words stand where a check found them, and not in the quotation that they were made of."""
    return any(_is_another_place(words, said, match) for checked in found.quotations for match in checked.matches)


def _is_another_place(words: str, said: Said, match: Match) -> bool:
    article, span = match.citation.excerpt.article, match.citation.excerpt.span
    if match.verdict not in PASSING or not any(place.overlaps(span) for place in occurrences(words, article.text)):
        return False
    own = occurrences(said.words, article.text) if article.external_id == said.article else []
    return not any(place.overlaps(span) for place in own)


def name_of(row: Mapping[str, Any]) -> str:
    """The last word of a marked speaker that is a name, such as a surname; nothing for a pronoun."""
    if row["speaker_is_pronoun"]:
        return ""
    names = [word for word in re.findall(r"[\w’'-]+", row["speaker"] or "") if word[:1].isupper()]
    return names[-1].removesuffix("’s").removesuffix("'s") if names else ""


def _under_a_name(pullquote: Pullquote, quotations: Sequence[Said], own: bool) -> dict[str, float]:
    """True words under their own speaker's name, or under another's who is marked in the same article."""
    tried = [(said.words, said.speaker if own else said.another) for said in quotations if said.speaker]
    verdicts = [pullquote.verify(words, name).verdict for words, name in tried if name]
    passed = sum(verdict in PASSING for verdict in verdicts)
    return {"made": len(verdicts), "called verbatim": passed, "refused": len(verdicts) - passed}
