"""Pasted words beside stored ones: the stretch of a text that is nearest, and word by word what differs.

Nearness only says which stretch to put beside the pasted words. It never makes them a quotation.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from rag.text import Span, fold, normalise
from rag.types import Change, Reason
from rag.vocabulary import is_negation, vocabulary

LONGEST_COMPARED = 1_200
"""Words and marks that are compared one by one; longer texts are compared in pieces."""

RUN, PIECE = 6, 200
"""Words of a run by which long texts are cut into pieces that belong together, and of such a piece, at least."""

CUT = 90
"""Words for which an ellipsis may stand, at most."""

_ELLIPSIS = r"[\[(]\s*(?:…|\.\s?\.\s?\.)\s*[\])]|…|\.\s?\.\s?\.(?:\s?\.)?"
_BRACKETS = r"\[[^\[\]\n]{1,80}\][\w’']*"
_TOKEN = re.compile(rf"{_ELLIPSIS}|{_BRACKETS}|\d+(?:[.,]\d+)*|\w+(?:['’‘ʼ´`′]\w+)*|[-‐‑‒–—―−]{{1,3}}|''|[^\w\s]")
_IS_ELLIPSIS = re.compile(rf"(?:{_ELLIPSIS})")
_IS_BRACKETS = re.compile(rf"(?:{_BRACKETS})")


class Token(NamedTuple):
    """A word or mark of a text: what it is compared by, and where it stands."""

    key: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return any(character.isalnum() for character in self.key) and not _IS_BRACKETS.fullmatch(self.key)


class Nearest(NamedTuple):
    """The stretch of a text that is most like pasted words."""

    span: Span
    words: int
    """Of the pasted words, those that stand there in this order."""
    share: float
    """The same of all of them, 0 to 1."""
    telling: int
    """The same of those that are not the commonest."""


def tokens(text: str, within: Span | None = None) -> list[Token]:
    place = within or Span(0, len(text))
    return [Token(_key(m.group()), *m.span()) for m in _TOKEN.finditer(text, *place)]


def has_ellipsis(text: str) -> bool:
    return _IS_ELLIPSIS.search(text) is not None


def is_ellipsis(change: Change) -> bool:
    """Whether a change is an ellipsis, with what it stands for."""
    said = change.pasted.strip(" \t\n,;:-–—")
    return change.kind != "equal" and _IS_ELLIPSIS.fullmatch(said) is not None


# --- the nearest stretch ----------------------------------------------------------------------


class Window(NamedTuple):
    """The words of a text among which most of the pasted ones are."""

    words: Sequence[Token]
    weight: float
    """How much of the pasted words is there in whatever order, 0 to 1; telling words count five times."""


def window(pasted: Sequence[Token], text: str, region: Span, common: frozenset[str]) -> Window:
    """Where in `region` of a text most of the `pasted` words are, with some words around; quick."""
    wanted = [token.key for token in pasted if token.is_word]
    there = [token for token in tokens(text, region) if token.is_word]
    if not wanted:
        return Window((), 0)
    room = len(wanted) + len(wanted) // 3 + 6 + CUT * sum(bool(_IS_ELLIPSIS.fullmatch(t.key)) for t in pasted)
    worth = {key: 1 if key.lower() in common else 5 for key in wanted}
    weights = [worth.get(token.key, 0) for token in there]
    inside = sum(weights[:room])
    best, at = inside, 0
    for start in range(1, max(1, len(there) - room + 1)):
        inside += weights[start + room - 1] - weights[start - 1]
        if inside > best:
            best, at = inside, start
    spare = len(wanted) // 6 + 4
    return Window(
        there[max(0, at - spare) : at + room + spare], min(1, best / max(1, sum(worth[key] for key in wanted)))
    )


def nearest(pasted: Sequence[Token], text: str, among: Window, common: frozenset[str]) -> Nearest | None:
    """The stretch of `text` in a window that is most like the `pasted` words; None where they share none."""
    wanted, there = [token for token in pasted if token.is_word], among.words
    matcher = SequenceMatcher(None, [t.key for t in wanted], [t.key for t in there], autojunk=False)
    matching = [(b.a, b.b, b.size) for b in matcher.get_matching_blocks() if b.size]
    blocks = _without_stragglers([_Block(*block) for block in matching], wanted, common)
    if not blocks:
        return None
    kept = [wanted[n].key for block in blocks for n in range(block.ours, block.ours + block.size)]
    first, last = blocks[0], blocks[-1]
    begins = _widened(text, there, first.theirs, -first.ours)
    ends = _widened(text, there, last.theirs + last.size - 1, len(wanted) - last.ours - last.size)
    span = _with_last_mark(pasted, text, Span(there[begins].start, there[ends].end))
    return Nearest(span, len(kept), len(kept) / len(wanted), sum(key.lower() not in common for key in kept))


class _Block(NamedTuple):
    """Words that both have, side by side: the first of them here and there, and how many."""

    ours: int
    theirs: int
    size: int


def _without_stragglers(blocks: list[_Block], wanted: Sequence[Token], common: frozenset[str]) -> list[_Block]:
    """The blocks without those of common words at either end that stand far from all others."""

    def strays(edge: _Block, low: _Block, high: _Block) -> bool:
        gap, meant = high.theirs - low.theirs - low.size, high.ours - low.ours - low.size
        alone = all(wanted[n].key.lower() in common for n in range(edge.ours, edge.ours + edge.size))
        return edge.size <= 2 and alone and gap > meant + 3

    while len(blocks) > 1 and strays(blocks[0], blocks[0], blocks[1]):
        blocks = blocks[1:]
    while len(blocks) > 1 and strays(blocks[-1], blocks[-2], blocks[-1]):
        blocks = blocks[:-1]
    return blocks


def _widened(text: str, there: Sequence[Token], at: int, by: int) -> int:
    """The place in `there` up to four words on or back, in the same line: what stands where other words were pasted."""
    step = 1 if by > 0 else -1
    for _ in range(min(abs(by), 4)):
        other = at + step
        if not 0 <= other < len(there):
            break
        low, high = sorted((there[at], there[other]), key=lambda token: token.start)
        if re.search(r"[.!?\n”\"]", text[low.end : high.start]):
            break
        at = other
    return at


def _with_last_mark(pasted: Sequence[Token], text: str, span: Span) -> Span:
    """`span` with the mark after it, where the pasted words end in one."""
    ends_in_mark = bool(pasted) and not pasted[-1].is_word and not _IS_ELLIPSIS.fullmatch(pasted[-1].key)
    follows = span.end < len(text) and text[span.end] in ",.;:!?"
    return Span(span.start, span.end + 1) if ends_in_mark and follows else span


# --- what differs -----------------------------------------------------------------------------


def differences(pasted: str, stored: str) -> tuple[Change, ...]:
    """How the words `stored` were changed into those that were `pasted`, word by word.

    All `pasted` of the changes joined are `pasted`, all `stored` are `stored`.
    """
    ours, theirs = tokens(pasted), tokens(stored)
    if not ours or not theirs:
        return (Change("replaced", pasted, stored),) if pasted or stored else ()
    mine, other = _cuts(pasted, ours), _cuts(stored, theirs)
    changes: list[Change] = []
    for tag, i, i_end, j, j_end in _codes([t.key for t in theirs], [t.key for t in ours]):
        was, said = stored[other[i] : other[i_end]], pasted[mine[j] : mine[j_end]]
        kind = {"equal": "equal", "delete": "left out", "insert": "put in", "replace": "replaced"}[tag]
        if kind == "replaced" and is_ellipsis(Change("replaced", said, was)):
            kind = "left out"
        changes.append(Change(kind, said, was))  # type: ignore[arg-type]
    return tuple(changes)


def _cuts(text: str, found: Sequence[Token]) -> list[int]:
    """Where each token's stretch begins, and the end of the last: the first has what stands before it."""
    return [0, *(token.start for token in found[1:]), len(text)]


Code = tuple[str, int, int, int, int]


def _codes(theirs: list[str], ours: list[str]) -> list[Code]:
    """As difflib's opcodes from `theirs` to `ours`; where both are long, the middle that differs is one change."""
    head = 0
    while head < min(len(theirs), len(ours)) and theirs[head] == ours[head]:
        head += 1
    tail = 0
    while tail < min(len(theirs), len(ours)) - head and theirs[-1 - tail] == ours[-1 - tail]:
        tail += 1
    codes: list[Code] = [("equal", 0, head, 0, head)] if head else []
    left, right = theirs[head : len(theirs) - tail], ours[head : len(ours) - tail]
    for i, i_end, j, j_end in _stretches(left, right):
        codes += [(tag, a + i + head, b + i + head, c + j + head, d + j + head)
                  for tag, a, b, c, d in _compared(left[i:i_end], right[j:j_end])]  # fmt: skip
    if tail:
        codes.append(("equal", len(theirs) - tail, len(theirs), len(ours) - tail, len(ours)))
    return _joined(codes)


def _compared(theirs: Sequence[str], ours: Sequence[str]) -> Sequence[Code]:
    if max(len(theirs), len(ours)) > LONGEST_COMPARED:
        return [("replace", 0, len(theirs), 0, len(ours))]
    return SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes()


def _stretches(theirs: Sequence[str], ours: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Both in pieces that belong together and are short enough: cut where a run of words stands once in each."""
    cuts = [(0, 0)]
    if max(len(theirs), len(ours)) > LONGEST_COMPARED:
        places = _single_runs(theirs)
        for run, j in sorted(_single_runs(ours).items(), key=lambda entry: entry[1]):
            i = places.get(run, -1)
            if cuts[-1][0] + PIECE <= i <= cuts[-1][0] + 2 * LONGEST_COMPARED and j >= cuts[-1][1] + PIECE:
                cuts.append((i, j))
    cuts.append((len(theirs), len(ours)))
    return [(i, i_end, j, j_end) for (i, j), (i_end, j_end) in pairwise(cuts)]


def _single_runs(keys: Sequence[str]) -> dict[tuple[str, ...], int]:
    """The runs of words that stand once, with their places."""
    found = [tuple(keys[n : n + RUN]) for n in range(len(keys) - RUN + 1)]
    counts = Counter(found)
    return {run: n for n, run in enumerate(found) if counts[run] == 1}


def _joined(codes: Sequence[Code]) -> list[Code]:
    """Codes of the same kind that follow each other, as one."""
    found: list[Code] = []
    for code in codes:
        if found and found[-1][0] == code[0]:
            tag, i, _, j, _ = found[-1]
            found[-1] = (tag, i, code[2], j, code[4])
        else:
            found.append(code)
    return found


# --- what that comes to -----------------------------------------------------------------------


def reasons(changes: Sequence[Change]) -> list[Reason]:
    """What kinds of changes these are, the gravest first; cuts by an ellipsis are not among them, and marks only where
    nothing else is.
    """
    found: set[Reason] = set()
    for change in changes:
        if change.kind != "equal" and not is_ellipsis(change):
            found |= _kinds(change)
    found -= {"marks"} if len(found) > 1 else set()
    order: Sequence[Reason] = (
        "negation", "figure", "condition", "hedge", "look-alike", "words", "case", "inserted", "marks",
    )  # fmt: skip
    return [reason for reason in order if reason in found]


def _kinds(change: Change) -> set[Reason]:
    ours, theirs = tokens(change.pasted), tokens(change.stored)
    said, was = [t.key for t in ours if t.is_word], [t.key for t in theirs if t.is_word]
    found: set[Reason] = set()
    if any(_IS_BRACKETS.fullmatch(t.key) for t in ours):
        found.add("inserted")
    for reason, telling in _telling().items():
        if sorted(w.lower() for w in said if telling(w)) != sorted(w.lower() for w in was if telling(w)):
            found.add(reason)
    if found:
        return found
    if said == was:
        return {"marks"}
    if [w.casefold() for w in said] == [w.casefold() for w in was]:
        return {"case"}
    alike = len(said) == len(was) and all(a == b or _look_alike(a, b) for a, b in zip(said, was, strict=True))
    return {"look-alike"} if alike else {"words"}


@cache
def _telling() -> Mapping[Reason, Callable[[str], bool]]:
    """Which words make a change graver than others, by what is to be said of it."""
    data = vocabulary()
    counted = {*data["figures"]["small"], *data["figures"]["tens"], *data["quotations"]["figures"]}
    conditions = {word.split(" ")[0] for word in data["polarity"]["conditions"]}
    hedges = set(data["polarity"]["hedges"]) | set(data["quotations"]["weighing"])
    return {
        "negation": is_negation,
        "figure": lambda word: any(c.isdigit() for c in word) or word.lower() in counted,
        "condition": lambda word: word.lower() in conditions,
        "hedge": lambda word: word.lower() in hedges,
    }


def weighs(text: str) -> bool:
    """Whether words may not be lost from a quotation: a "not", a condition, a hedge, a "but" among them."""
    kinds = [tells for reason, tells in _telling().items() if reason != "figure"]
    turning = set(vocabulary()["polarity"]["turning"])
    return any(
        token.key.lower() in turning or any(kind(token.key) for kind in kinds)
        for token in tokens(text)
        if token.is_word
    )


def _look_alike(one: str, other: str) -> bool:
    """Whether two words differ for the machine only."""
    return as_seen(one) == as_seen(other)


_ALIKE = str.maketrans(
    "аеорсхуіјѕһԁԛԝӏАВЕКМНОРСТХУІЈЅԌԚԜӀανιοκρΑΒΕΖΗΙΚΜΝΟΡΤΥΧıɡ",
    "aeopcxyijshdqwlABEKMHOPCTXYIJSGQWIaviokpABEZHIKMNOPTYXig",
)
"""Letters of other alphabets that look like Latin ones."""

_HIDDEN = re.compile("[\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")


def as_seen(text: str, *, hidden: bool = True) -> str:
    """`text` as it looks to somebody who reads Latin letters: those of other alphabets as theirs, `hidden` ones out.

    An article may have hidden letters of its own, which a quotation then has too.
    """
    return (_HIDDEN.sub("", text) if hidden else text).translate(_ALIKE)


@lru_cache(maxsize=32_768)
def _key(token: str) -> str:
    plain = fold(normalise(token))
    if plain in {"''", "'", '"'}:
        return '"'
    return "-" if not plain.strip("-") else plain
