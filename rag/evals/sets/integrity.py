"""Can a false quotation pass for a true one? PolNeAR's direct quotations, altered in every way we know."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rag.attribution import attribute
from rag.evals.mutations import ALTERED, TRUE, Mutation
from rag.evals.task import rows
from rag.text import locate, normalise, occurrences
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
    speaker: str
    """The name by which people marked its speaker, empty for a pronoun or a description."""


def load(folder: Path) -> list[Said]:
    """`articles.jsonl` and `direct_quotes.jsonl`."""
    articles = {
        row["id"]: Article(normalise(row["text"]), external_id=row["id"]) for row in rows(folder / "articles.jsonl")
    }
    said = {name: attribute(article) for name, article in articles.items()}
    return [
        Said(
            row["quote"].strip(),
            articles[row["doc"]],
            said[row["doc"]],
            "" if row["speaker_is_pronoun"] else name_of(row),
        )
        for row in rows(folder / "direct_quotes.jsonl")
        if len(row["quote"].split()) >= SHORTEST
    ]


def measure(quotations: Sequence[Said]) -> dict[str, dict[str, float]]:
    """For each kind of change: how many were made, how many a check called verbatim or folded, how many refused."""
    found = {f"true: {name}": _counted(_made(quotations, make)) for name, make in TRUE.items()}
    for name, make in ALTERED.items():
        altered = [(words, said) for words, said in _made(quotations, make) if not _stands_elsewhere(words, said)]
        found[f"false: {name}"] = _counted(altered)
    return found | {
        "true: under its speaker's name": _under_a_name(quotations, own=True),
        "false: under another's name": _under_a_name(quotations, own=False),
    }


def _made(quotations: Sequence[Said], make: Mutation) -> list[tuple[str, Said]]:
    dice = random.Random(SEED)  # noqa: S311 - the same ones each time
    tried = [(make(said.words, dice), said) for said in quotations]
    return [(words, said) for words, said in tried if words is not None]


def _counted(made: Sequence[tuple[str, Said]]) -> dict[str, float]:
    passed = sum(verify(words, said.article).verdict in PASSING for words, said in made)
    return {"made": len(made), "called verbatim": passed, "refused": len(made) - passed}


def _stands_elsewhere(words: str, said: Said) -> bool:
    """Whether the article has these words in another place than the quotation: then they are no alteration."""
    own = locate(said.words, said.article.text)
    return any(own is None or not own.covers(place) for place in occurrences(words, said.article.text))


def name_of(row: Mapping[str, Any]) -> str:
    """The last word of a marked speaker that is a name, such as a surname; nothing for a pronoun."""
    if row["speaker_is_pronoun"]:
        return ""
    names = [word for word in re.findall(r"[\w’'-]+", row["speaker"] or "") if word[:1].isupper()]
    return names[-1].removesuffix("’s").removesuffix("'s") if names else ""


def _under_a_name(quotations: Sequence[Said], own: bool) -> dict[str, float]:
    """True words under their own speaker's name, or under another's who is marked in the same article."""
    names: dict[str, list[str]] = {}
    for said in quotations:
        names.setdefault(said.article.external_id, []).append(said.speaker)
    made = passed = 0
    for said in quotations:
        others = [name for name in names[said.article.external_id] if name and name != said.speaker]
        name = said.speaker if own else next(iter(others), "")
        if not said.speaker or not name:
            continue
        made += 1
        passed += verify(said.words, said.article, said.quotations, name).verdict in PASSING
    return {"made": made, "called verbatim": passed, "refused": made - passed}
