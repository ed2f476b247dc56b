"""Where a text says "not": how often each of its words is turned round, and whether prose turns the same ones.

Words within a clause are turned by every "not", or word of that sense, before them. Which words a "not" bears on is
what two texts are compared by, so that "denied that the survey was late" and "said the survey was not late" agree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rag.vocabulary import abbreviations, vocabulary
from rag.words import stem, stopwords, words

REACH = 3
"""Telling words after a "not" that tell what it bears on; those before it where none come after."""


@dataclass(frozen=True)
class Polarity:
    """How often the words of a text are turned round."""

    turns: tuple[tuple[str, ...], ...]
    """For each "not", the stems that it bears on."""
    counts: Mapping[str, frozenset[int]]
    """For each stem, how many "not" stand before it in its clause; several where it comes several times."""
    conditions: tuple[frozenset[str], ...]
    """For each "if", the stems of what holds on that condition only."""
    is_conditional: bool
    hedged: frozenset[str]
    """Stems right after a "could": they may not have happened."""
    unhedged: frozenset[str]


@lru_cache(maxsize=16_384)
def polarity(text: str) -> Polarity:
    turns: list[tuple[str, ...]] = []
    counts: dict[str, set[int]] = {}
    for clause in _clause().split(_STOPS.sub(_without_stop, _MARKS.sub("", text))):
        depth = 0
        before: list[str] = []
        waiting: list[list[str]] = []
        unfilled: list[list[str]] = []
        for word in words(clause.replace("’", "'").replace("n't", " not")):
            if word in _turning():
                depth += 1
                waiting.append([])
                unfilled.append(list(before))
            elif word not in _silent() and not word[0].isdigit():
                stemmed = stem(word)
                counts.setdefault(stemmed, set()).add(depth)
                before.append(stemmed)
                for focus in waiting:
                    if len(focus) < REACH:
                        focus.append(stemmed)
        turns.extend(tuple(focus or earlier[-REACH:]) for focus, earlier in zip(waiting, unfilled, strict=True))
    return Polarity(
        tuple(turns),
        {stemmed: frozenset(found) for stemmed, found in counts.items()},
        tuple(_conditions(text)),
        _condition().search(text) is not None,
        *_hedged(text),
    )


def agrees(prose: Polarity, sources: Sequence[Polarity]) -> bool:
    """Whether prose turns what one of its sources turns, and leaves nothing as it is that any of them turns."""
    return all(any(_turns_too(turn, prose, source) for source in sources) for turn in prose.turns) and not any(
        _drops(turn, prose, source) for source in sources for turn in source.turns
    )


def drops_condition(prose: Polarity, sources: Sequence[Polarity]) -> bool:
    """Whether prose says without any "if" what a source says to hold on a condition only."""
    if prose.is_conditional:
        return False
    said = prose.counts.keys()
    return any(len(held & said) >= max(2, 0.5 * len(held)) for source in sources for held in source.conditions if held)


def drops_hedge(prose: Polarity, sources: Sequence[Polarity]) -> bool:
    """Whether prose says that something is so of which the sources only say that it could be."""
    certain = prose.unhedged - prose.hedged
    firm = frozenset().union(*(source.unhedged for source in sources))
    return any(certain.intersection(source.hedged - firm) for source in sources)


def _hedged(text: str) -> tuple[frozenset[str], frozenset[str]]:
    hedged: set[str] = set()
    unhedged: set[str] = set()
    waiting = False
    for word in words(text):
        if word in _hedges():
            waiting = True
        elif word not in _silent() and word not in _turning():
            (hedged if waiting else unhedged).add(stem(word))
            waiting = False
    return frozenset(hedged), frozenset(unhedged)


def _turns_too(turn: Sequence[str], prose: Polarity, source: Polarity) -> bool:
    if not turn:
        return () in source.turns
    alike = {stemmed for stemmed in turn if _alike(stemmed, prose, source)}
    return len(alike) >= min(2, len(turn)) and _silence().intersection(turn) <= alike


def _drops(turn: Sequence[str], prose: Polarity, source: Polarity) -> bool:
    """Whether prose has most of the words that a "not" of the source bears on, and not as they are there."""
    shared = [stemmed for stemmed in turn if stemmed in prose.counts]
    if not shared or len(shared) < len(turn) - 1:
        return False
    return 2 * sum(_alike(stemmed, prose, source) for stemmed in shared) < len(shared)


def _alike(stemmed: str, prose: Polarity, source: Polarity) -> bool:
    return not prose.counts.get(stemmed, frozenset()).isdisjoint(source.counts.get(stemmed, frozenset()))


def _conditions(text: str) -> list[frozenset[str]]:
    found = []
    for match in _condition().finditer(text):
        main = re.split(r"[;:.!?“”\"()—]", text[: match.start()])[-1]
        if match[0].lower().startswith("until") and _turning().isdisjoint(words(main)):
            continue  # "runs until Friday" sets no condition, "takes no position until" does
        found.append(frozenset(stem(word) for word in words(main) if word not in _silent()))
    return found


_STOPS = re.compile(r"\b(\w+)\.")


def _without_stop(match: re.Match[str]) -> str:
    """A full stop that ends no clause goes: "Aug. 21"."""
    return match[1] if match[1].lower() in abbreviations() - {"no"} else match[0]


_MARKS = re.compile('[“”„«»"]')


@cache
def _clause() -> re.Pattern[str]:
    return re.compile(rf"[,.](?!\d)|[;:!?—()\n]|\s[–-]+\s|\b(?:{'|'.join(vocabulary()['polarity']['clauses'])})\b")


@cache
def _turning() -> frozenset[str]:
    return frozenset([*vocabulary()["polarity"]["negations"], *vocabulary()["polarity"]["turning"]])


@cache
def _condition() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(vocabulary()['polarity']['conditions'])})\b", re.IGNORECASE)


@cache
def _hedges() -> frozenset[str]:
    return frozenset(vocabulary()["polarity"]["hedges"])


@cache
def _silence() -> frozenset[str]:
    return frozenset(stem(word) for word in vocabulary()["polarity"]["silence"])


@cache
def _months() -> frozenset[str]:
    names = [name.lower() for name in vocabulary()["dates"]["months"]]
    return frozenset(form for name in names for form in (name, name[:3], name[:4])) - {"may"}


@cache
def _silent() -> frozenset[str]:
    """Stop words, but for those that a "not" bears on."""
    return (stopwords() - frozenset(vocabulary()["polarity"]["telling"])) | _months() | {"whether"}
