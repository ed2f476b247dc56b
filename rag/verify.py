"""Whether words that somebody wants to print stand in an article, and as whose.

The words decide, never a likeness: a matcher by similarity takes "did not object" for "did object".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from rag.edges import is_clipped
from rag.text import Span, occurrences
from rag.types import Article, Excerpt, Quotation

Standing = Literal["verbatim", "folded", "misattributed", "clipped", "not_found"]
_KINDEST: tuple[Standing, ...] = ("verbatim", "folded", "misattributed", "clipped", "not_found")
"""Which verdict counts where the words stand in several places."""


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


def _said_by(speaker: str, span: Span, quotations: Sequence[Quotation]) -> bool:
    """Whether every quotation that holds some of the words is that person's, and one does."""
    names = {q.speaker for q in quotations if q.excerpt.span.overlaps(span)}
    asked = set(speaker.casefold().split())
    return bool(names) and all(asked <= set(name.casefold().split()) for name in names)
