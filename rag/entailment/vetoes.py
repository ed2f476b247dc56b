"""What no grammar is trusted with: words whose loss, or whose addition, says another thing wherever they hang.

The parser errs; these look at the words as they stand, once more, at whatever the match has passed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise

from rag.entailment.lexicon import listed, lists
from rag.figures import days, figures

_WORD = re.compile(r"[^\W_]+(?:[’'][^\W_]+)*")
_NOT = re.compile(r"n[’']t$")


def vetoed(said: str, there: Sequence[str]) -> str:
    """Why a sentence that was found in evidence is none of it all the same: "lost", "put in", "order"; or nothing."""
    ours = _words(said)
    kept = set(ours)
    for text in there:
        if lost := _lost(_words(text), kept):
            return f"lost: {lost}"
    theirs = {word for text in there for word in _words(text)}
    if added := [word for word in ours if word in listed("vetoes", "put_in") and word not in theirs]:
        return f"put in: {added[0]}"
    return "order" if len(there) == 1 and _exchanges_figures(said, there[0]) else ""


def _words(text: str) -> list[str]:
    """The words of a text in lower case, "hasn't" as "has", "not"."""
    found = []
    for match in _WORD.finditer(text.lower().replace("’", "'")):
        word = match.group()
        if _NOT.search(word):
            found += [_NOT.sub("", word), "not"]
        else:
            found.append(word.removesuffix("'s"))
    return [_looked_for_as().get(word, word) for word in found]


@cache
def _looked_for_as() -> Mapping[str, str]:
    """By word the one that it is looked for as: "would" is "will" told later, "some £22m" is "about £22m"."""
    return {word: line[0] for line in lists()["vetoes"]["alike"] for word in line}


def _lost(theirs: Sequence[str], kept: set[str]) -> str:
    """A word without which another beside it says something else, where just that other is kept."""
    return next((f"{word} {after}" for word, after in pairwise(theirs) if _is_lost(word, after, theirs, kept)), "")


def _is_lost(word: str, after: str, theirs: Sequence[str], kept: set[str]) -> bool:
    """Whether one of two words that stand together may not go while the other stays."""
    if word in listed("vetoes", "lost") and after in kept and word not in kept and len(after) > 1:
        return after not in listed("vetoes", "small")
    if after in listed("vetoes", "closing") and word in kept and after not in kept:
        return True
    if after == "elect" and word in kept and "elect" not in kept:
        return True
    replaces = word in listed("vetoes", "replacing") and after in listed("vetoes", "replaced")
    return replaces and word not in kept and any(w in kept for w in theirs[theirs.index(word) + 2 :][:2])


def _exchanges_figures(said: str, there: str) -> bool:
    """Whether two figures, or two dates, come in another order than there."""
    return any(_is_exchanged(read(said), read(there)) for read in (_figures, _dates))


def _is_exchanged(ours: Sequence[object], theirs: Sequence[object]) -> bool:
    common = [amount for amount in ours if ours.count(amount) == 1 and theirs.count(amount) == 1]
    return common != sorted(common, key=theirs.index)


def _figures(text: str) -> list[object]:
    return [(figure.value, figure.unit) for figure in figures(text)]


def _dates(text: str) -> list[object]:
    return [day[:3] for day in days(text)]
