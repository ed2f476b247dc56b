"""Numbers and dates: whether two words are of one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.entailment.frames import Found, pair_of
from rag.entailment.pairs import Pair
from rag.figures import Day, Figure
from rag.text import Span

if TYPE_CHECKING:
    from spacy.tokens import Token

_OTHER = Found()
"""Nothing found: two words of two numbers."""


def amount(pair: Pair, token: Token, there: Token) -> Found | None:
    """Two words of one date or one number; nothing seen where they are of two, None where of neither."""
    day, their_day = pair.said.day(token), pair.passage.day(there)
    if day is not None or their_day is not None:
        return _same_day(pair, day, their_day)
    if _is_compound(token) or _is_compound(there):
        return pair_of(token, there) if token.lower_ == there.lower_ else _OTHER
    ours, theirs = pair.said.figure(token), pair.passage.figure(there)
    if ours is not None and theirs is not None:
        same = _between(pair, ours.span, theirs.span).add(pair_of(token, there))
        return same if _agree(ours, theirs) else _OTHER
    if ours is None and theirs is None:
        return None
    return None if token.lower_ == there.lower_ else _OTHER


def _same_day(pair: Pair, day: Day | None, their_day: Day | None) -> Found:
    year = pair.premise.article.day // 10_000
    if day is None or their_day is None or not day.agrees(their_day, year):
        return _OTHER
    return _between(pair, day.span, their_day.span)


def _agree(ours: Figure, theirs: Figure) -> bool:
    return ours.value == theirs.value and ours.unit == theirs.unit and ours.bound == theirs.bound


def _between(pair: Pair, ours: Span, theirs: Span) -> Found:
    """All the words of an amount, in the sentence and in the evidence."""
    return Found(seen=frozenset(pair.said.within(*ours)), there=frozenset(pair.passage.within(*theirs)))


def _is_compound(token: Token) -> bool:
    """Whether a word has several numbers in it: "7/2", "2-1", "9:30"."""
    return re.search(r"\d[/:–-]\d", token.text) is not None
