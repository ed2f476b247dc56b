"""What a pasted text has in quotation marks of whatever country, and whom it gives that to; and what else it says."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rag.attribution import attribute, speaker_of
from rag.people import is_named
from rag.text import Span, blocks, inside, quoted, sentences, trimmed
from rag.types import Article, Quotation

_MARK = re.compile(r'[“”„«»]|(?<!\d)"')
"""What may be a quotation mark, and is no inch."""

_CURLY = r"‘(?:[^‘’\n]|’(?=\w))+’"
_STOPPED = r"(?:‘(?:[^‘’\n]|’(?=\w))+(?<=[,.;:!?…])’|'(?=[^\W\d])(?:[^'\n]|(?<=\w)'(?=\w))+(?<=[,.;:!?…])')"
_SINGLE = re.compile(rf"(?<!\w)(?:{_CURLY}|{_STOPPED})(?!\w)")
"""Words in single marks; in straight ones only where a stop stands before the last, as these are apostrophes too."""

_BEGINS_SINGLE = re.compile(rf"^\s*{_STOPPED}(?!\w)", re.MULTILINE)

_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BULLET = re.compile(r"(?:[-*•–]\s+|\d{1,3}[.)]\s+)?")
"""What a line of a list begins with."""

WHO_SAYS = 5
"""Words beside a longer quotation that only say who speaks: "Ilse Varga told the hearing"."""

_OWN_MARKS = "“”„‟«»\"''``「」『』‹› \t\n"


def quotations(text: str, *, named: bool) -> list[tuple[Span, str]]:
    """The words in quotation marks, without these, and whom the text gives them to; or all of it, nobody's.

    All of a paragraph, too, where it has a mark without a partner: then nobody can say what is in marks there.
    """
    plain = _in_double_marks(text)
    marked = _marked(plain)
    if not marked:
        return [(_without_marks(plain, Span(0, len(text))), "")]
    said = [] if named else attribute(Article(_UNREADABLE.sub(" ", plain)))
    return [(found.inner, "" if found.torn else _speaker(found.outer, said)) for found in marked]


def has_marks(text: str) -> bool:
    """Whether anything stands in quotation marks."""
    return bool(_marked(_in_double_marks(text)))


class Sentence(NamedTuple):
    """A sentence of a draft that says something itself, and the one before it, empty at the beginning."""

    span: Span
    before: Span


def claims(text: str) -> list[Sentence]:
    """The sentences outside quotation marks. A sentence with words in marks is one of them, marks and all, unless all
    the rest of it only says who speaks.

    Questions and headings that are marked as such say nothing and are left out.
    """
    plain = _in_double_marks(text)
    outer = [found.outer for found in _marked(plain)]
    found: list[Sentence] = []
    before = Span(0, 0)
    for span in sentences(plain):
        if _says_something(plain, span, [marks for marks in outer if marks.overlaps(span)]):
            start = span.start + len(_BULLET.match(text[slice(*span)])[0])  # type: ignore[index]  # it matches nothing
            found.append(Sentence(Span(start, span.end), before))
        before = span
    return found


def _says_something(text: str, span: Span, marked: Sequence[Span]) -> bool:
    """Whether a sentence says something outside of what is `marked`, beyond "Ilse Varga told the hearing"."""
    edges = [span.start, *(min(max(edge, span.start), span.end) for pair in marked for edge in pair), span.end]
    outside = " ".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)).strip()
    words_outside, words_in_all = len(outside.split()), len(text[slice(*span)].split())
    if not re.search(r"[^\W\d_]", outside) or outside.endswith("?") or outside.startswith("#"):
        return False
    return not marked or words_outside > WHO_SAYS or 2 * words_outside > words_in_all


class _Paragraph(NamedTuple):
    """Lines up to a blank one, what stands in marks there, and whether a mark has no partner."""

    span: Span
    pairs: Sequence[Span]
    torn: bool


class _Marked(NamedTuple):
    """Words in marks, with these and without; all of a paragraph where its marks are `torn`."""

    outer: Span
    inner: Span
    torn: bool


def _marked(plain: str) -> list[_Marked]:
    found: list[_Marked] = []
    for paragraph in _paragraphs(plain):
        if paragraph.torn:
            found.append(_Marked(paragraph.span, _without_marks(plain, paragraph.span), True))
        else:
            found += [_Marked(outer, _inner(plain, outer), False) for outer in paragraph.pairs]
    return [one for one in found if re.search(r"\w", plain[slice(*one.inner)])]


def _in_double_marks(text: str) -> str:
    """`text`, character for character, with the marks of other countries as those that `quoted` pairs: ”…” and »…«
    turned round, and single ones where they stand outside of double ones. Words that have none but single ones may be a
    quotation with another in it, pasted bare: there a paragraph must begin with one that has a stop before its end.
    """
    if "”" in text and not {"“", "„", "‟"}.intersection(text):
        text = text.replace("”", '"')
    guillemets = re.search("[«»]", text)
    if guillemets is not None and guillemets[0] == "»":
        text = text.translate({ord("«"): "»", ord("»"): "«"})
    double = quoted(text)
    if not double and not _BEGINS_SINGLE.search(text):
        return text
    plain = list(text)
    covered = bytearray(len(text))
    for span in double:
        covered[slice(*span)] = bytes([1]) * (span.end - span.start)
    for match in _SINGLE.finditer(text):
        if not covered[match.start()]:
            plain[match.start()], plain[match.end() - 1] = "“”"
    return "".join(plain)


def _without_marks(text: str, span: Span) -> Span:
    """`span` without the marks and the space at its edges; as it is where nothing else is there."""
    start, end = span
    while start < end and text[start] in _OWN_MARKS:
        start += 1
    while end > start and text[end - 1] in _OWN_MARKS:
        end -= 1
    return trimmed(text, Span(start, end) if start < end else span)


def _paragraphs(text: str) -> Iterator[_Paragraph]:
    """Each line is a paragraph to `quoted`; but where that leaves marks in a run of lines without a partner, and taking
    the lines for one paragraph leaves fewer, these were broken to fit a page.
    """
    apart = quoted(text)
    for block in blocks(text):
        lines = text[slice(*block)]
        first, last = (bisect_left(apart, edge, key=lambda pair: pair.start) for edge in block)
        pairs = [pair.shifted(-block.start) for pair in apart[first:last]]
        alone = _lone_marks(lines, pairs)
        joined = quoted(lines.replace("\n", " ")) if alone else []
        if joined and (fewer := _lone_marks(lines, joined)) < alone:
            pairs, alone = joined, fewer
        yield _Paragraph(block, [pair.shifted(block.start) for pair in pairs], alone > 0)


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
