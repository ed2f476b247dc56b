"""Positions in text: normalising on the way in, sentences, and where a quotation stands.

Offsets are Python string offsets (code points), end exclusive, everywhere in Pullquote.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

LONGEST_SENTENCE = 1_200
"""Characters after which a run without a sentence end is cut at a space, so that one line of a
megabyte does not become one quotation. Longer than any sentence of 6,000 news articles looked at."""

LONGEST_PIECE = 4_000
"""Characters of a paragraph that are looked at together for sentence ends."""

LONGEST_WHOLE_QUOTATION = 2_000
"""Characters up to which a quotation of several sentences is kept in one piece."""


class Span(NamedTuple):
    """A stretch of text, `text[start:end]`."""

    start: int
    end: int

    def covers(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def shifted(self, by: int) -> Span:
        return Span(self.start + by, self.end + by)


# --- normalising ------------------------------------------------------------------------------

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def normalise(raw: str) -> str:
    r"""`raw` as it is stored: Unicode NFC, line ends as `\n`, control characters out.

    Tabs stay. A lone surrogate, which UTF-8 cannot hold, becomes U+FFFD. Done once, on reading;
    `normalise(normalise(x)) == normalise(x)`.
    """
    text = _CONTROL.sub("", raw)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _SURROGATE.sub("�", text))


# --- quotation marks --------------------------------------------------------------------------

_PAIRS: Mapping[str, tuple[str, ...]] = {
    "“": ("”",),
    "„": ("“", "”"),
    "‟": ("”",),
    "«": ("»",),
    "‹": ("›",),
    "「": ("」",),
    "『": ("』",),
    '"': ('"',),
    "''": ("''",),
    "``": ("''",),
}
"""Each opening mark with the marks that may close it (German „…“ closes with a curly opener; wire copy
has two apostrophes for a mark)."""

_BY_LENGTH = sorted(_PAIRS, key=len, reverse=True)

_STRAIGHT = frozenset({'"', "''"})
"""Marks that look the same at both ends."""

_OPENERS_OF = {
    closer: frozenset(o for o, closers in _PAIRS.items() if closer in closers)
    for closer in {c for closers in _PAIRS.values() for c in closers}
}


def quoted(text: str) -> list[Span]:
    """The stretches of `text` in double quotation marks, marks included, outermost only, in order.

    A paragraph closes what it opens, with one exception, the typographers' own: a quotation that
    runs on opens every following paragraph with a mark again. Such a piece reaches to the end of
    its paragraph. A mark that is never closed otherwise opens nothing. Linear in the text.
    """
    found: list[Span] = []
    paragraphs = list(_paragraphs(text))
    for i, paragraph in enumerate(paragraphs):
        pairs, unclosed = _pair_marks(text, paragraph)
        runs_on = i + 1 < len(paragraphs) and text.startswith(tuple(_PAIRS), paragraphs[i + 1].start)
        if unclosed is not None and runs_on:
            pairs = [pair for pair in pairs if pair.end <= unclosed]
            pairs.append(Span(unclosed, paragraph.end))
        found.extend(pairs)
    return found


def inside(text: str, quotation: Span) -> str:
    """The words of one of the `quoted` stretches of `text`, without its marks; its end may have none."""
    words = text[slice(*quotation)]
    opening = next((mark for mark in _BY_LENGTH if words.startswith(mark)), "")
    words = words[len(opening) :]
    closing = next((mark for mark in _PAIRS.get(opening, ()) if words.endswith(mark)), "")
    return words[: len(words) - len(closing)]


def _pair_marks(text: str, paragraph: Span) -> tuple[list[Span], int | None]:
    """The outermost pairs of marks in `paragraph`, and where its first unclosed mark stands, if any."""
    pairs: list[Span] = []
    waiting: list[tuple[int, str]] = []
    counts = dict.fromkeys(_PAIRS, 0)
    for match in _MARK.finditer(text, paragraph.start, paragraph.end):
        position, mark = match.start(), match.group()
        openers = [o for o in _OPENERS_OF.get(mark, ()) if counts[o]]
        if openers:
            opening, opener = waiting.pop()
            while opener not in openers:
                counts[opener] -= 1
                opening, opener = waiting.pop()
            counts[opener] -= 1
            while pairs and pairs[-1].start > opening:
                pairs.pop()
            pairs.append(Span(opening, match.end()))
        elif mark in _PAIRS and (mark not in _STRAIGHT or _may_open(text, Span(*match.span()), paragraph)):
            waiting.append((position, mark))
            counts[mark] += 1
    return pairs, waiting[0][0] if waiting else None


def _may_open(text: str, mark: Span, paragraph: Span) -> bool:
    """A straight mark opens only before something, and not right after a word or its full stop."""
    before = text[mark.start - 1] if mark.start > paragraph.start else " "
    after = text[mark.end] if mark.end < paragraph.end else " "
    return not after.isspace() and not (before.isalnum() or before in ",.!?…;:")


_MARK = re.compile("|".join(sorted({*_PAIRS, *_OPENERS_OF}, key=len, reverse=True)))


# --- sentences --------------------------------------------------------------------------------

_LINE = re.compile(r"[^\n]+")
_BLOCK = re.compile(r"(?:^[^\S\n]*+\S[^\n]*+\n?)++", re.MULTILINE)
"""Lines up to a blank one. It takes back nothing and begins at lines only: a line of spaces may be long."""


def blocks(text: str) -> Iterator[Span]:
    """The lines of `text` up to a blank one, again and again."""
    return (Span(*match.span()) for match in _BLOCK.finditer(text))


_WIDEST, _NARROWEST, _RAGGED = 100, 40, 30
"""Characters of lines that were broken to fit a page: none wider, none but the last narrower than the
second or shorter than the widest by more than the third (a long word, carried over)."""


def _paragraphs(text: str) -> Iterator[Span]:
    """Lines with something in them, without the space around: a news paragraph is one line.

    Where the lines up to a blank one were evidently broken to fit a page, they are one paragraph.
    """
    for block in _BLOCK.finditer(text):
        lines = [trimmed(text, Span(*line.span())) for line in _LINE.finditer(text, *block.span())]
        lines = [line for line in lines if line.start < line.end]
        if _wrapped(lines):
            yield Span(lines[0].start, lines[-1].end)
        else:
            yield from lines


def _wrapped(lines: Sequence[Span]) -> bool:
    widths = [line.end - line.start for line in lines]
    if len(widths) < 2 or max(widths) > _WIDEST:
        return False
    return min(widths[:-1]) >= max(_NARROWEST, max(widths) - _RAGGED)


def trimmed(text: str, span: Span) -> Span:
    """`span` without white space at its edges (empty, at its start, if there is nothing else)."""
    start, end = span
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def sentences(text: str, language: str = "en") -> list[Span]:
    r"""The sentences of `text` in order, not overlapping, without the space around them.

    Boundaries come from `sentencex` within each paragraph (it runs over single line ends), with all white
    space made plain (1.0.32 panics on "X\u00a0."); those that fall inside a quotation are dropped, so
    that no quotation is cut in two up to `LONGEST_WHOLE_QUOTATION`. Everything that is not white
    space is in exactly one sentence.
    """
    from sentencex import get_sentence_boundaries

    quotations = [q for q in quoted(text) if q.end - q.start <= LONGEST_WHOLE_QUOTATION]
    found: list[Span] = []
    upcoming = 0
    for paragraph in _paragraphs(text):
        ends = [
            piece.start + boundary["end_index"]
            for piece in _pieces(text, paragraph)
            for boundary in get_sentence_boundaries(language, text[piece.start : piece.end].translate(_space_table()))
        ]
        start = paragraph.start
        for end in [*ends[:-1], paragraph.end]:
            while upcoming < len(quotations) and quotations[upcoming].end <= end:
                upcoming += 1
            inside = upcoming < len(quotations) and quotations[upcoming].start < end < quotations[upcoming].end
            if (inside and end < paragraph.end) or end <= start:
                continue
            found.extend(_cut_overlong(text, trimmed(text, Span(start, end)), quotations))
            start = end
    return [span for span in found if span.start < span.end]


def _pieces(text: str, paragraph: Span) -> Iterator[Span]:
    """`paragraph` in pieces that `sentencex` can take: its time grows with the square of their length."""
    start = paragraph.start
    while paragraph.end - start > LONGEST_PIECE:
        stop = text.rfind(". ", start + LONGEST_PIECE // 2, start + LONGEST_PIECE)
        end = stop + 2 if stop >= 0 else _last_space(text, start, start + LONGEST_PIECE)
        yield Span(start, end)
        start = end
    yield Span(start, paragraph.end)


def _cut_overlong(text: str, span: Span, quotations: list[Span]) -> Iterator[Span]:
    """`span` whole, or, where it has no end in sight, in pieces cut at spaces outside quotations."""
    start = span.start
    while span.end - start > LONGEST_SENTENCE:
        cut = _last_space(text, start, start + LONGEST_SENTENCE)
        held = next((q for q in quotations if q.start < cut < q.end), None)
        if held is not None:
            cut = held.start if held.start > start else held.end
        if cut >= span.end:
            break
        yield trimmed(text, Span(start, cut))
        start = cut
    yield trimmed(text, Span(start, span.end))


def _last_space(text: str, start: int, limit: int) -> int:
    """The end of the last white space before `limit`, or `limit` where there is none in a long while."""
    for position in range(limit, max(start, limit - LONGEST_SENTENCE // 2), -1):
        if text[position - 1].isspace():
            return position
    return limit


# --- where a quotation stands -----------------------------------------------------------------

_FOLDS = {
    "'": "‘’‚‛′ʼ`´",
    '"': "“”„‟«»″",
    "-": "‐‑‒–—―−",
    " ": "\t\n\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000",
}


@cache
def _fold_table() -> dict[int, str]:
    return {ord(variant): plain for plain, variants in _FOLDS.items() for variant in variants}


@cache
def _space_table() -> dict[int, str]:
    return dict.fromkeys(map(ord, _FOLDS[" "]), " ")


def fold(text: str) -> str:
    """`text` with the marks that typesetters change (quotes, dashes, spaces) made plain.

    One character for one, so that an offset into the fold is an offset into the text. Letters,
    case and digits are not touched: "did object" never folds onto "did not object".
    """
    return text.translate(_fold_table())


def locate(quote: str, text: str) -> Span | None:
    """Where `quote` stands in `text`, or None; never a guess. The first of `occurrences`."""
    return next(occurrences(quote, text), None)


def occurrences(quote: str, text: str) -> Iterator[Span]:
    """Every place where `quote` stands in `text`, in order, not overlapping.

    As given; only where it does not, folded (see `fold`), with any run of white space matching any
    other, so that re-flowed text is found. A blank quote stands nowhere.
    """
    wanted = quote.strip()
    words = fold(normalise(wanted)).split()
    if not words:
        return
    exact = [Span(*match.span()) for match in re.finditer(re.escape(wanted), text)]
    folded = re.compile(r" +".join(map(re.escape, words)))
    yield from exact or (Span(*match.span()) for match in folded.finditer(fold(text)))


def wording(quote: str) -> re.Pattern[str] | None:
    """What finds the words of `quote` in a text as it stands, however typesetters set them; None where it is blank.

    As `occurrences`, and more: quotation marks within, single or double; a dash with space around it or without, or
    typed as two hyphens, but not next to a figure, where it may be a minus. Letters, case and digits are not touched.
    """
    plain = " ".join(fold(normalise(quote)).split())
    if not plain:
        return None
    return re.compile("".join(_setting(plain, match) for match in _SET.finditer(plain)))


_SET = re.compile(r" ?-{1,3} ?| |''|[\"']|[^\s\"'-]+")


def _setting(plain: str, match: re.Match[str]) -> str:
    """The pattern for one word, mark, dash or space of a folded quotation."""
    found, before, after = match.group(), plain[match.start() - 1 : match.start()], plain[match.end() : match.end() + 1]
    if "-" in found:
        if _is_of_figure(before) or _is_of_figure(after):
            return "".join(_any("-") if c == "-" else r"\s+" for c in found)
        space = r"\s*"
        return f"{before and space}{_any('-')}{{1,3}}{after and space}"
    if found == " ":
        return r"\s+"
    if found == "'" and before.isalnum() and after.isalnum():
        return _any("'")
    if found in {"'", '"', "''"}:
        return f"(?:{_any(chr(39))}{{1,2}}|{_any(chr(34))})"
    return re.escape(found)


def _is_of_figure(character: str) -> bool:
    return character.isdigit() or is_currency(character)


def is_currency(character: str) -> bool:
    """Whether it is "$" or the like; of no character too, which is none."""
    return character != "" and unicodedata.category(character) == "Sc"


def _any(plain: str) -> str:
    """A class of all characters that fold to `plain`."""
    return f"[{re.escape(plain + _FOLDS[plain])}]"
