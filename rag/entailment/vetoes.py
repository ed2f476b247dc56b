"""What no grammar is trusted with: words whose loss, or whose addition, says another thing wherever they hang.

The parser errs; these look at the words as they stand, once more, at whatever the match has passed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.entailment.lexicon import listed
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
    return found


def _lost(theirs: Sequence[str], kept: set[str]) -> str:
    """A word without which the one after it says another thing, where just that one is kept."""
    for word, following in zip(theirs, theirs[1:], strict=False):
        if word in listed("vetoes", "lost") and following in kept and word not in kept and len(following) > 1:
            if following in listed("vetoes", "small"):
                continue
            return f"{word} {following}"
        if following == "elect" and word in kept and "elect" not in kept:
            return f"{word}-elect"
        if word in {"instead", "rather"} and following in {"of", "than"} and word not in kept:
            after = theirs[theirs.index(word) + 2 :][:2]
            if any(w in kept for w in after):
                return f"{word} {following}"
    return ""


def _exchanges_figures(said: str, there: str) -> bool:
    """Whether two figures, or two dates, come in another order than there."""
    ours, theirs = _amounts(said), _amounts(there)
    common = [amount for amount in ours if ours.count(amount) == 1 and theirs.count(amount) == 1]
    return common != sorted(common, key=theirs.index)


def _amounts(text: str) -> list[tuple[object, ...]]:
    found: list[tuple[int, tuple[object, ...]]] = [
        (figure.span.start, (figure.value, figure.unit)) for figure in figures(text)
    ]
    found += [(day.span.start, tuple(day[:3])) for day in days(text)]
    return [amount for _, amount in sorted(found, key=lambda one: one[0])]
