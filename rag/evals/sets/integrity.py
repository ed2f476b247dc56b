"""Can a false quotation pass for a true one? PolNeAR's direct quotations, altered in every way we know."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rag.attribution import attribute
from rag.evals.mutations import ALTERED, TRUE, Mutation
from rag.evals.task import rows
from rag.text import locate, normalise
from rag.types import Article, Quotation
from rag.verify import verify

SEED = 11
PASSING = frozenset({"verbatim", "folded"})
SHORTEST = 6
"""Words; shorter quotations stand by chance where they were never said."""


_MARKS = '“”"'


class Said(NamedTuple):
    """A quotation as somebody marked it, in its article."""

    words: str
    article: Article
    quotations: Sequence[Quotation]


def load(folder: Path) -> list[Said]:
    """`articles.jsonl` and `direct_quotes.jsonl`."""
    articles = {
        row["id"]: Article(normalise(row["text"]), external_id=row["id"]) for row in rows(folder / "articles.jsonl")
    }
    said = {name: attribute(article) for name, article in articles.items()}
    return [
        Said(row["quote"].strip(), articles[row["doc"]], said[row["doc"]])
        for row in rows(folder / "direct_quotes.jsonl")
        if len(row["quote"].split()) >= SHORTEST
    ]


def measure(quotations: Sequence[Said]) -> dict[str, dict[str, float]]:
    """For each kind of change: how many were made, how many a check called verbatim or folded, how many refused."""
    found = {f"true: {name}": _counted(_made(quotations, make)) for name, make in TRUE.items()}
    for name, make in ALTERED.items():
        altered = [(words, said) for words, said in _made(quotations, make) if not _quoted_so(words, said.article)]
        found[f"false: {name}"] = _counted(altered)
    return found | {"false: another speaker": _misattributed(quotations)}


def _made(quotations: Sequence[Said], make: Mutation) -> list[tuple[str, Said]]:
    dice = random.Random(SEED)  # noqa: S311 - the same ones each time
    tried = [(make(said.words, dice), said) for said in quotations]
    return [(words, said) for words, said in tried if words is not None]


def _counted(made: Sequence[tuple[str, Said]]) -> dict[str, float]:
    passed = sum(verify(words, said.article).verdict in PASSING for words, said in made)
    return {"made": len(made), "called verbatim": passed, "refused": len(made) - passed}


def _quoted_so(words: str, article: Article) -> bool:
    """Whether the article quotes just these words somewhere else: then they are no alteration."""
    return locate(f"“{words.strip(_MARKS)}", article.text) is not None


def _misattributed(quotations: Sequence[Said]) -> dict[str, float]:
    """True words under the name of somebody else who speaks in the same article."""
    made = passed = 0
    for true in quotations:
        own = {q.speaker for q in true.quotations if q.excerpt.text.find(true.words[:40]) >= 0}
        others = [q.speaker for q in true.quotations if q.speaker and not any(_alike(q.speaker, s) for s in own)]
        if not own or "" in own or not others:
            continue
        made += 1
        passed += verify(true.words, true.article, true.quotations, others[0]).verdict in PASSING
    return {"made": made, "called verbatim": passed, "refused": made - passed}


def _alike(one: str, other: str) -> bool:
    return bool(set(one.casefold().split()) & set(other.casefold().split()))
