"""What a language model types, as sentences with the numbers of the evidence that each points at.

Character by character, so that where a stream was cut makes no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice

from rag.vocabulary import abbreviations

LONGEST = 700
"""Characters of a sentence. One without an end in sight has run away, and what comes after it is a
piece of it: nothing more is read."""

MOST = 8
"""Sentences that are read; a model is asked for five at most."""

WIDEST_RANGE = 20
"""Numbers that a marker such as [1–3] may stand for; a longer range points at nothing in particular."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of a model's, without its markers, and the numbers in these, in order, each once."""

    text: str
    numbers: tuple[int, ...]
    ran_away: bool = False
    is_cut: bool = False
    """Whether the stream ended before it did."""


_MARKER = r"\[\^?\d{1,4}(?:\s*[,;–—-]\s*\d{1,4})*\]"
_MARKERS = re.compile(rf"\s*{_MARKER}")
_PART = re.compile(r"(\d+)(?:\s*[–—-]\s*(\d+))?")
_CLOSING = r"[\"'”’»›)]*"
_MARKED_END = re.compile(rf"(?:[.!?…]+{_CLOSING}\s*(?:{_MARKER}\s*)+|{_MARKER}\s*[.!?…]+{_CLOSING}\s*)$")
_BARE_END = re.compile(r"[.!?…]+\)?\s+$")
"""A stop, the space after it and no marker. Where a quotation closes after the stop, the sentence may go on
("… to work.” Varga said so"); read on, it is judged as a whole, which is the stricter."""
_LAST_WORD = re.compile(r"([\w.]+)\.\s+$")
_ENDINGS = frozenset(".!?…]\"'”’»›)")
_GOES_ON = frozenset(".!?,;:…)”’»›[(")
_TAIL = 200
"""Characters at the end of what was read in which an end is looked for."""


def sentences(pieces: Iterable[str]) -> Iterator[Sentence]:
    """The sentences of a stream, each as soon as something comes that is no more of it.

    A full stop ends one where no small letter follows, but not after an abbreviation and not inside
    quotation marks; with a marker before or after it, it does in any case; and a line end. When in doubt two
    sentences are one. What the stream breaks off in is cut. After `MOST` of them, one that ran away, or
    `MOST * LONGEST` characters, the stream is read no further.
    """
    read = ""
    count = 0
    for character in islice(chain.from_iterable(pieces), MOST * LONGEST):
        if not character.isspace() and _ended(read, character):
            yield _sentence(read)
            read, count = "", count + 1
            if count == MOST:
                return
        if read or not character.isspace():
            read += character
        if len(read) > LONGEST:
            yield Sentence(_unmarked(read), _numbers(read), ran_away=True)
            return
    if read.strip():
        yield replace(_sentence(read), is_cut=read.rstrip()[-1] not in _ENDINGS)


def _ended(read: str, character: str) -> bool:
    """Whether the sentence `read` so far was over before `character`."""
    tail = read[-_TAIL:]
    kept = tail.rstrip()
    if not kept or character in _GOES_ON or (len(kept) == len(tail) and character in "\"'"):
        return False
    if "\n" in tail[len(kept) :]:
        return True
    if kept[-1] not in _ENDINGS:
        return False
    if _MARKED_END.search(tail):
        return True
    return _BARE_END.search(tail) is not None and not (character.islower() or _is_abbreviated(tail) or _is_open(read))


def _is_abbreviated(tail: str) -> bool:
    """Whether the stop at the end of `tail` is one of "Dr.", "Sept.", "U.S." or "J."."""
    word = _LAST_WORD.search(tail)
    if word is None:
        return False
    parts = word[1].split(".")
    return len(parts[-1]) == 1 or parts[-1].lower() in abbreviations()


def _is_open(read: str) -> bool:
    """Whether more double quotation marks were opened than closed."""
    straight = read.count('"')
    return straight % 2 == 1 or any(read.count(o) > read.count(c) for o, c in ("“”", "«»"))


def _sentence(read: str) -> Sentence:
    return Sentence(_unmarked(read), _numbers(read))


def _unmarked(read: str) -> str:
    """`read` without its markers, composed (NFC), on one line. Nothing else is taken away: that is the guard's."""
    return " ".join(unicodedata.normalize("NFC", _MARKERS.sub("", read)).split())


def _numbers(read: str) -> tuple[int, ...]:
    """Every number in the markers of `read`, ranges written out."""
    found: list[int] = []
    for marker in _MARKERS.findall(read):
        for first, last in _PART.findall(marker):
            start, end = int(first), int(last or first)
            if start <= end < start + WIDEST_RANGE:
                found.extend(range(start, end + 1))
    return tuple(dict.fromkeys(found))
