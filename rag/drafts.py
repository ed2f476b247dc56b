"""What a pasted text has in quotation marks, and whom it gives that to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.attribution import attribute, speaker_of
from rag.people import is_named
from rag.text import Span, blocks, inside, quoted, trimmed
from rag.types import Article, Quotation

_MARK = re.compile(r'[“”„«»]|(?<!\d)"')
"""What may be a quotation mark, and is no inch."""
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_OWN_MARKS = "“”„‟«»\"''``「」『』‹› \t\n"


def quotations(text: str, *, named: bool) -> list[tuple[Span, str]]:
    """The words in quotation marks, without these, and whom the text gives them to; or all of it, nobody's.

    All of it, too, where one paragraph has a mark without a partner: then nobody can say what is in marks.
    """
    pairs = list(_in_marks(text))
    torn = len(list(blocks(text))) == 1 and _lone_marks(text, pairs) > 0
    marked = [(span, _inner(text, span)) for span in pairs if not torn]
    marked = [(outer, inner) for outer, inner in marked if re.search(r"\w", text[slice(*inner)])]
    if not marked:
        start, end = 0, len(text)
        while start < end and text[start] in _OWN_MARKS:
            start += 1
        while end > start and text[end - 1] in _OWN_MARKS:
            end -= 1
        return [(trimmed(text, Span(start, end) if start < end else Span(0, len(text))), "")]
    said = [] if named else attribute(Article(_UNREADABLE.sub(" ", text)))
    return [(inner, _speaker(outer, said)) for outer, inner in marked]


def _in_marks(text: str) -> Iterator[Span]:
    """The stretches in marks, each line a paragraph; but where that leaves marks in a run of lines without a partner,
    and taking the lines for one paragraph leaves fewer, these were broken to fit a page.
    """
    apart = quoted(text)
    for block in blocks(text):
        lines = text[slice(*block)]
        found = [span.shifted(-block.start) for span in apart if block.covers(span)]
        joined = quoted(lines.replace("\n", " ")) if _lone_marks(lines, found) else []
        best = joined if _lone_marks(lines, joined) < _lone_marks(lines, found) else found
        yield from (span.shifted(block.start) for span in best)


def _lone_marks(text: str, pairs: Sequence[Span]) -> int:
    """How many marks stand outside of all `pairs`."""
    outside = [0, *(edge for pair in pairs for edge in pair), len(text)]
    return sum(len(_MARK.findall(text, *edges)) for edges in zip(outside[::2], outside[1::2], strict=True))


def _inner(text: str, outer: Span) -> Span:
    words_in = inside(text, outer)
    start = text.index(words_in, outer.start) if words_in else outer.start
    return trimmed(text, Span(start, start + len(words_in)))


def _speaker(outer: Span, said: Sequence[Quotation]) -> str:
    """Whom a draft gives the words in marks to: a name, as what else people are called is no claim to check."""
    name = speaker_of([q for q in said if q.excerpt.span.overlaps(outer) and q.kind != "indirect"])
    return name if is_named(name) else ""
