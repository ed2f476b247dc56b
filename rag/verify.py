"""Whether words that somebody wants to print stand in an article, and as whose.

The words decide, never a likeness: a matcher by similarity takes "did not object" for "did object".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from rag.text import LONGEST_SENTENCE, Span, occurrences
from rag.types import Article, Excerpt, Quotation

Standing = Literal["verbatim", "folded", "misattributed", "clipped", "not_found"]
_KINDEST: tuple[Standing, ...] = ("verbatim", "folded", "misattributed", "clipped", "not_found")
"""Which verdict counts where the words stand in several places."""

_NEGATION = re.compile(r"not|no|never|nor|neither|none|nothing|nobody|cannot|without|hardly|\w+n[’']t", re.IGNORECASE)
_WORD = re.compile(r"\w[\w’'-]*")
_BEGINS = re.compile(r"[;:.!?—“”„«»\"()\n]")
_ENDS = re.compile(r"[,;:.!?—–“”„«»\"()\n]")
"""Where what governs the words begins, and where what may still turn them round ends. A quotation mark
is both: what stands in marks was cut out by the article."""

_MARKS = '“”„«»"'


class Verified(NamedTuple):
    """A verdict, and the words as the article has them, where it has them."""

    verdict: Standing
    excerpt: Excerpt | None = None


def verify(
    words: str,
    article: Article,
    quotations: Sequence[Quotation] = (),
    speaker: str = "",
    within: Span | None = None,
) -> Verified:
    """How `words` stand in `article`: as given, folded (other marks, dashes or space), cut off from a
    "not" that belongs to them, as somebody else's, or not at all.

    With a `speaker`, only speech that `quotations` give to a person of that name counts as theirs. With `within`,
    the words must stand there, whole.
    """
    place = within or Span(0, len(article.text))
    there = article.text if within is None else article.excerpt(within).text
    spans = [span.shifted(place.start) for span in occurrences(words, there)]
    found = [_judge(words, article, span, quotations, speaker) for span in spans]
    return min(found, key=lambda v: _KINDEST.index(v.verdict), default=Verified("not_found"))


def _judge(words: str, article: Article, span: Span, quotations: Sequence[Quotation], speaker: str) -> Verified:
    excerpt = article.excerpt(span)
    if is_clipped(article.text, span):
        return Verified("clipped", excerpt)
    if speaker and not _said_by(speaker, span, quotations):
        return Verified("misattributed", excerpt)
    return Verified("verbatim" if excerpt.text == words.strip() else "folded", excerpt)


def is_clipped(text: str, span: Span) -> bool:
    """Whether the words break off within a word, or were cut from a negation in their own clause.

    An edge with a quotation mark on it is the article's own.
    """
    if breaks_word(text, span):
        return True
    before, after = around(text, span)
    return any(_NEGATION.fullmatch(word) for word in _WORD.findall(f"{before} {after}"))


def breaks_word(text: str, span: Span) -> bool:
    """Whether the words begin or end within a word."""
    return _inside_word(text, span.start) or _inside_word(text, span.end)


def around(text: str, span: Span) -> tuple[str, str]:
    """What of the clause that the words at `span` are cut from stands before them, and after them."""
    before = (
        ""
        if text[span.start] in _MARKS
        else _BEGINS.split(text[max(0, span.start - LONGEST_SENTENCE) : span.start])[-1]
    )
    after = (
        "" if text[span.end - 1] in _MARKS else _ENDS.split(text[span.end : span.end + LONGEST_SENTENCE], maxsplit=1)[0]
    )
    return before, after


def unclipped(text: str, span: Span) -> Span:
    """Clipped words with the rest of the words at their edges, and with the "not" that they were cut from."""
    start, end = span
    while _inside_word(text, start):
        start -= 1
    while _inside_word(text, end):
        end += 1
    before, after = around(text, Span(start, end))
    if any(_NEGATION.fullmatch(word) for word in _WORD.findall(before)):
        start -= len(before.lstrip())
    negations = [m.end() for m in _WORD.finditer(after) if _NEGATION.fullmatch(m.group())]
    return Span(start, end + (negations[-1] if negations else 0))


def _inside_word(text: str, position: int) -> bool:
    return 0 < position < len(text) and text[position - 1].isalnum() and text[position].isalnum()


def _said_by(speaker: str, span: Span, quotations: Sequence[Quotation]) -> bool:
    """Whether every quotation that holds some of the words is that person's, and one does."""
    names = {q.speaker for q in quotations if q.excerpt.span.overlaps(span)}
    asked = set(speaker.casefold().split())
    return bool(names) and all(asked <= set(name.casefold().split()) for name in names)
