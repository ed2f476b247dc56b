"""Text fragments: addresses that make a browser mark words on the page that they come from.

Written by "URL Fragment Text Directives" (WICG), `#:~:text=[prefix-,]start[,end][-,suffix]`. A browser marks the first
place that fits, without regard to case and accents; each of the four parts stands within one paragraph, and begins
and ends at words where the next part does not stand against it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import product
from typing import NamedTuple
from urllib.parse import quote as percent_encoded

from rag.text import Span, fold, trimmed
from rag.types import Article, Excerpt

LONGEST_WHOLE = 120
"""Characters up to which all words are named; of longer quotations, the first and last."""

ENDS, MOST_ENDS = 5, 25
"""Words that each end of a longer quotation has, and at most has where they repeat."""

MOST_CONTEXT, LONGEST_CONTEXT = 12, 200
"""Words and characters of context on each side, at most."""

LONGEST_WORD = 40
"""Characters after which a "word" is taken for a script without spaces, and cut at its punctuation."""


class Directive(NamedTuple):
    """Which words of a page to mark: `start`, or from `start` to the next `end`, between `prefix` and `suffix`."""

    start: str
    end: str = ""
    prefix: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        parts = [f"{_encoded(self.prefix)}-" if self.prefix else "", _encoded(self.start)]
        parts += [_encoded(self.end), f"-{_encoded(self.suffix)}" if self.suffix else ""]
        return ",".join(part for part in parts if part)


def fragment_url(excerpt: Excerpt) -> str:
    """The article's own URL with a text fragment, so that a browser marks the words there, and no others.

    Just the URL where no fragment can tell them from other words of the article.
    """
    address = excerpt.article.url.partition(":~:")[0].removesuffix("#")
    found = directive(excerpt)
    if found is None:
        return address
    return f"{address}{'' if '#' in address else '#'}:~:text={found}"


def directive(excerpt: Excerpt) -> Directive | None:
    """The shortest directive by which a browser finds `excerpt` in its article, title included, or None.

    White space at its edges is not found, nor, by Chromium, words beside a mark for the direction of writing. Nowhere
    else in the article are words that the directive fits; where that cannot be had, none are before it.
    """
    text = excerpt.article.text
    span = _visible(text, excerpt.span)
    for all_of_it in (True, False):
        finder = _Finder(excerpt.article, span, all_of_it)
        found = finder.whole() if _is_short(text, span) else finder.ends()
        if found is not None:
            return found
    return None


class _Finder:
    """Looks for what tells `span` of `text` from the rest of the `page`, or of what comes before it."""

    def __init__(self, article: Article, span: Span, all_of_it: bool) -> None:
        self.text, self.heading, self.span, self.all_of_it = article.text, _heading(article), span, all_of_it
        self.page = _page(article)

    def whole(self) -> Directive | None:
        """All words, with context where they repeat."""
        bare = all(_is_edge(self.text, at) for at in self.span)
        if bare and self._alone(self.span, _none(self.span.start), _none(self.span.end)):
            return Directive(self._words(self.span))
        prefixes, suffixes = list(self._prefixes()), list(self._suffixes())
        if not (prefixes and suffixes) or not self._alone(self.span, prefixes[-1], suffixes[-1]):
            return None  # whatever else there is has the same around it
        for before, after in sorted(product(prefixes, suffixes), key=self._cost):
            if self._alone(self.span, before, after):
                return Directive(self._words(self.span), prefix=self._words(before), suffix=self._words(after))
        return None

    def ends(self) -> Directive | None:
        """The first and the last words, more of them where they repeat, then context."""
        heads, tails = self._heads(), self._tails()
        starts = ((head, before) for before in self._prefixes() for head in heads)
        for head, before in starts:
            if self._alone(head, before, _none(head.end)):
                break
        else:
            return None
        stops = ((tail, after) for after in self._suffixes() for tail in tails)
        for tail, after in stops:
            if self._next(head, tail, after):
                return Directive(*map(self._words, (head, tail, before, after)))
        return None

    def _cost(self, context: tuple[Span, Span]) -> tuple[int, int]:
        """In characters, after how often it reaches over lines, between which a page may have something else."""
        before, after = context
        crossed = self.text.count("\n", before.end, self.span.start) + self.text.count("\n", self.span.end, after.start)
        return crossed, sum(end - start for start, end in context)

    def _words(self, span: Span) -> str:
        """As a page shows them: white space is one space, unless it is of a kind that HTML keeps."""
        return re.sub(r"[ \t\n\r\f\v]+", " ", self.text[slice(*span)])

    def _alone(self, words: Span, before: Span, after: Span) -> bool:
        """Whether nothing else on the page, between `before` and `after`, is like `words`, the first of the span."""
        term = self._like(words)
        if not term or not self.page.startswith(term, self._begin):
            return False
        places = _fitting(self.page, term, self._like(before), self._like(after))
        return not any(at < self._begin or (self.all_of_it and at > self._begin) for at in places)

    def _next(self, head: Span, tail: Span, after: Span) -> bool:
        """Whether `tail`, with which the span ends, is the first after `head` that is like it, before `after`."""
        term = self._like(tail)
        begin, end = self._begin + len(self._like(head)), self._begin + len(self._like(self.span))
        return bool(term) and next(_fitting(self.page, term, "", self._like(after), begin), -1) == end - len(term)

    def _like(self, span: Span) -> str:
        return _folded(self.text[slice(*span)]).strip()

    @cached_property
    def _begin(self) -> int:
        """Where the span begins on the page."""
        words = self._like(self.span)
        only = self.page.find(words)
        if only >= 0 > self.page.find(words, only + 1):
            return only
        before = _folded(f"{self.heading}\n{self.text[: self.span.start]}").lstrip()
        apart = before.endswith(" ") or (before and _folded(self.text[slice(*self.span)]).startswith(" "))
        return len(before.rstrip()) + (1 if apart else 0)

    def _prefixes(self) -> Iterator[Span]:
        """What may stand before, nothing first, if the words begin where a browser sees a word begin."""
        start = self.span.start
        if _is_edge(self.text, start):
            yield _none(start)
        line = _line_before(self.text, start)
        if not any(map(_is_unseen, self.text[max(line.end - 1, 0) : start])):  # what marks stand with differs
            starts = [word.start for word in reversed(_tokens(self.text, line))][:MOST_CONTEXT]
            yield from self._telling([Span(at, line.end) for at in starts if _is_edge(self.text, at)])

    def _suffixes(self) -> Iterator[Span]:
        end = self.span.end
        if _is_edge(self.text, end):
            yield _none(end)
        line = _line_after(self.text, end)
        if not any(map(_is_unseen, self.text[end : line.start + 1])):
            ends = [word.end for word in _tokens(self.text, line)][:MOST_CONTEXT]
            yield from self._telling([Span(line.start, at) for at in ends if _is_edge(self.text, at)])

    def _telling(self, contexts: list[Span]) -> list[Span]:
        """The short ones with a word in them, if any have one: a lone comma says little."""
        short = [context for context in contexts if context.end - context.start <= LONGEST_CONTEXT]
        return [context for context in short if any(c.isalnum() for c in self._like(context))] or short

    def _heads(self) -> list[Span]:
        words = _tokens(self.text, _first_line(self.text, self.span))
        return [Span(self.span.start, words[n - 1].end) for n in self._counts(len(words))]

    def _tails(self) -> list[Span]:
        words = _tokens(self.text, _last_line(self.text, self.span))
        return [Span(words[-n].start, self.span.end) for n in self._counts(len(words))]

    def _counts(self, words: int) -> range:
        """How many of the words of a line an end may have; half of them where both ends are in it."""
        most = min(words if "\n" in self.text[slice(*self.span)] else words // 2, MOST_ENDS)
        return range(min(ENDS, most), most + 1)


# --- lines and words --------------------------------------------------------------------------


def _is_short(text: str, span: Span) -> bool:
    """Whether all words are named. Never over lines: a browser looks for each part in one paragraph."""
    words = text[slice(*span)]
    few = span.end - span.start <= LONGEST_WHOLE or len(_tokens(text, span)) <= 2 * ENDS
    return "\n" not in words and few


def _visible(text: str, span: Span) -> Span:
    """`span` without what nobody sees at its edges, but with the marks (such as that for right to left) that end it."""
    start = next((at for at in range(*span) if _is_seen(text[at])), None)
    if start is None:
        return _none(span.start)
    end = next(at for at in range(span.end, start, -1) if _is_seen(text[at - 1]))
    while end < len(text) and _is_unseen(text[end]):  # a word ends after them (UAX 29)
        end += 1
    return Span(start, end)


def _is_seen(character: str) -> bool:
    return not (character.isspace() or _is_unseen(character))


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) == "Cf"


def _none(at: int) -> Span:
    return Span(at, at)


def _first_line(text: str, span: Span) -> Span:
    end = text.find("\n", *span)
    return trimmed(text, Span(span.start, span.end if end < 0 else end))


def _last_line(text: str, span: Span) -> Span:
    return trimmed(text, Span(max(text.rfind("\n", *span) + 1, span.start), span.end))


def _line_before(text: str, at: int) -> Span:
    """The rest of the line before `at`, or the line before that where it begins one."""
    return _last_line(text, trimmed(text, Span(0, at)))


def _line_after(text: str, at: int) -> Span:
    return _first_line(text, trimmed(text, Span(at, len(text))))


def _tokens(text: str, span: Span) -> list[Span]:
    """The words in `span`, punctuation and all; in scripts without spaces, what stands between punctuation."""
    words = [Span(*match.span()) for match in re.compile(r"\S+").finditer(text, *span)]
    return [piece for word in words for piece in _pieces(text, word)]


def _pieces(text: str, word: Span) -> Iterator[Span]:
    edges: Sequence[int] = []
    if word.end - word.start > LONGEST_WORD:
        edges = [at for at in range(word.start + 1, word.end) if _is_edge(text, at)]
    for start, end in zip([word.start, *edges], [*edges, word.end], strict=True):
        yield Span(start, end)


_WITHIN_WORDS = frozenset("'’‘.․·:;,_‿⁀⁔＇．：；，＿﹍﹎﹏͵՟״׳")
"""Punctuation that may stand inside a word or a number by UAX 29; around other punctuation words end."""


def _is_edge(text: str, at: int) -> bool:
    """Whether every browser sees a word begin or end at `at`. False where it may depend on a dictionary."""
    if at <= 0 or at >= len(text) or "\n" in text[at - 1 : at + 1]:
        return True
    base = at - 1
    while base > 0 and _is_unseen(text[base]):
        base -= 1
    before, after = text[base], text[at]
    if unicodedata.category(after) in {"Mn", "Mc", "Me", "Cf", "Sk"} or text[at - 1] == "\u200d":
        return False
    return before.isspace() or after.isspace() or _parts(before) or _parts(after)


def _parts(character: str) -> bool:
    return unicodedata.category(character)[0] == "P" and character not in _WITHIN_WORDS


# --- the page as a browser compares it --------------------------------------------------------


@lru_cache(maxsize=64)
def _page(article: Article) -> str:
    """Title and text, alike where a browser may take them for alike."""
    return _folded(f"{_heading(article)}\n{article.text}").strip()


def _heading(article: Article) -> str:
    """The title, where the text does not begin with it."""
    return "" if article.text.startswith(article.title) else article.title


class _Bases(dict[int, str]):
    """Each character by its base: no case, no accent; nothing for what is ignored in comparing (UTS 10)."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", fold(chr(code))).casefold())
        base = "".join(c for c in plain if unicodedata.category(c) not in {"Mn", "Me", "Cf"})
        return self.setdefault(code, base)


_BASES = _Bases()


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text.translate(_BASES))


def _fitting(page: str, term: str, before: str, after: str, begin: int = 0) -> Iterator[int]:
    """Every place from `begin` where `term` may be found between `before` and `after`, white space apart."""
    at = page.find(term, begin)
    while at >= 0:
        end = at + len(term)
        left = page.endswith(before, 0, at - page.endswith(" ", 0, at)) if before else not _within_word(page, at)
        right = page.startswith(after, end + page.startswith(" ", end)) if after else not _within_word(page, end)
        if left and right:
            yield at
        at = page.find(term, at + 1)


def _within_word(page: str, at: int) -> bool:
    """Whether `at` is inside a word for certain: between letters of a script that has spaces."""
    around = page[max(at - 1, 0) : at + 1]
    return 0 < at < len(page) and all(c.isalnum() and c < "\u0e00" for c in around)


def _encoded(words: str) -> str:
    return percent_encoded(words, safe="").replace("-", "%2D")  # a bare dash is syntax there
