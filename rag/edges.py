"""Where words can be cut out of a text: not within a word or a figure, and not from the "not" that turns them round.

What turns words round is known of English only.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from rag.text import LONGEST_SENTENCE, Span, fold, is_currency
from rag.vocabulary import abbreviations, is_negation, vocabulary

_WORD = re.compile(r"\w[\w'-]*")
_BEGINS = re.compile(r"[;!?—“”„«»\"()\n]|[:.](?!\d)")
_ENDS = re.compile(r"[;!?—–“”„«»\"()\n]|[,:.](?!\d)")
"""Where what governs the words begins, and where what may still turn them round ends. A quotation mark
is both: what stands in marks was cut out by the article."""

_PARTS = re.compile(r"[,;]|\b(?:and|but)\b")
"""What ends the reach of a verb such as "denied"; that of a "not" goes on."""

_STOP = re.compile(r"\b(\w+)\.")

_MARKS = '“”„«»"'

_HYPHENS, _DASHES = "-‐‑", "-‐‑‒–−"
"""What makes one word of two; what makes a range of two figures, or a minus."""

_ELISIONS = frozenset({"c", "d", "j", "l", "m", "qu", "s", "t"})
"""What French and Italian run together with the next word, without which that is still a word: "l’accord"."""


def is_clipped(text: str, span: Span) -> bool:
    """Whether the words break off within a word or a figure, or were cut from what turns them round in their clause.

    An edge with a quotation mark on it is the article's own.
    """
    if breaks_word(text, span):
        return True
    before, after = around(text, span)
    return _turns(before) or _negates(after)


def breaks_word(text: str, span: Span) -> bool:
    """Whether the words begin or end within a word or a figure."""
    return is_inside_word(text, span.start) or is_inside_word(text, span.end)


def around(text: str, span: Span) -> tuple[str, str]:
    """What of the clause that the words at `span` are cut from stands before them, and after them."""
    before = text[max(0, span.start - LONGEST_SENTENCE) : span.start]
    after = text[span.end : span.end + LONGEST_SENTENCE]
    begins = 0 if text[span.start] in _MARKS else len(_BEGINS.split(_without_stops(before))[-1])
    ends = 0 if text[span.end - 1] in _MARKS else len(_ENDS.split(_without_stops(after), maxsplit=1)[0])
    return before[len(before) - begins :], after[:ends]


def unclipped(text: str, span: Span) -> Span:
    """Clipped words with the rest of the words at their edges, and with the "not" that they were cut from."""
    start, end = span
    while is_inside_word(text, start):
        start -= 1
    while is_inside_word(text, end):
        end += 1
    before, after = around(text, Span(start, end))
    if _turns(before):
        start -= len(before.lstrip())
    negations = [match.end() for match in _WORD.finditer(fold(after)) if is_negation(match.group())]
    return Span(start, end + (negations[-1] if negations else 0))


def is_inside_word(text: str, position: int) -> bool:
    """Whether a cut at `position` parts a word ("do|n’t", "non|-violent") or a figure ("3|,000", "-|5", "3.5|%")."""
    if not 0 < position < len(text):
        return False
    before, after = text[position - 1], text[position]
    if _is_letter(before) and _is_letter(after):
        return True
    if (is_currency(before) and after.isdigit()) or (before.isdigit() and after in "%‰°"):
        return True
    if before in _DASHES and (after.isdigit() or is_currency(after)):
        further = text[position - 2 : position - 1]
        if not further or not (further.isalnum() or further in _DASHES):
            return True  # a minus
    return _joins(text, position) or _joins(text, position - 1)


def _joins(text: str, at: int) -> bool:
    """Whether the mark at `at` makes one word or figure of what stands on both sides of it."""
    if not 0 < at < len(text) - 1:
        return False
    before, mark, after = text[at - 1], text[at], text[at + 1]
    if before.isdigit() and after.isdigit():
        return mark in ".,:/" or mark in _DASHES or fold(mark) == "'"
    if mark in _HYPHENS:
        return _is_letter(before) and _is_letter(after)
    if fold(mark) != "'" or not (_is_letter(before) and _is_letter(after)):
        return False
    run = re.search(r"\w*$", text[max(0, at - 3) : at])
    return run is None or run.group().lower() not in _ELISIONS


def _is_letter(character: str) -> bool:
    """Letters, digits, and the signs that are set above, below or beside them."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def _without_stops(text: str) -> str:
    """`text`, as long as it is, without the full stops of abbreviations: "Mr. Quill" is one clause."""
    return _STOP.sub(lambda m: m[0] if m[1].lower() not in abbreviations() - {"no"} else f"{m[1]} ", text)


def _turns(before: str) -> bool:
    """Whether what stands before words turns them round: a "not", or a verb such as "denied that"."""
    return _negates(before) or _governing().search(_PARTS.split(before)[-1]) is not None


def _negates(clause: str) -> bool:
    return any(map(is_negation, _WORD.findall(fold(clause))))


@cache
def _governing() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(vocabulary()['quotations']['governing'])})\b", re.IGNORECASE)
