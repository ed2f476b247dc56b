"""The trial of one sentence of a model's: whether the evidence that it points at bears out all that it says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal, NamedTuple

from rag.attribution import attribute
from rag.entailment.inference import Inference, infer
from rag.figures import days, weekdays
from rag.grounds import Source
from rag.names import is_description, name_words
from rag.people import is_named
from rag.speech import speech
from rag.text import Span, fold, inside, quoted
from rag.types import Article, Excerpt
from rag.verify import verify
from rag.vocabulary import vocabulary
from rag.words import stopwords, words

Verdict = Literal["supported", "unmarked", "withheld"]
Reason = Literal[
    "", "ran away", "cut off", "no marker", "invented marker", "order", "markup", "characters", "not verbatim",
    "clipped", "not in marks", "speaker", "unsaid", "contradicted", "another's word",
]  # fmt: skip
"""Why a sentence is not shown as it is. "unsaid" does not follow from what it cites; "another's word" is true there as
somebody's words only."""


@dataclass(frozen=True)
class Gated:
    """A sentence of a model's and what became of it.

    `text` has no markers, and the words in its quotation marks are those of `quotations`, sliced. It is plain text:
    a door escapes it, as it does an article's. `numbers` are those of the evidence that supports it. "unmarked" is
    shown, its quotation marks taken away; "withheld" is counted, never shown, and its `text` is what was typed.
    """

    text: str
    numbers: tuple[int, ...]
    verdict: Verdict
    reason: Reason = ""
    quotations: tuple[Excerpt, ...] = ()

    @property
    def is_shown(self) -> bool:
        return self.verdict != "withheld"


class _Words(NamedTuple):
    """Words in quotation marks: where they stand in the sentence, marks included, and in the evidence."""

    span: Span
    typed: str
    excerpt: Excerpt | None
    source: Source | None
    reason: Reason


@dataclass(frozen=True)
class Trial:
    """A sentence before the guard, with the evidence that it cites."""

    text: str
    sources: Sequence[Source]
    shown: str

    def verdict(self, typed: str) -> Gated:
        reason: Reason = next((found for check in self._checks() if (found := check)), "")
        if reason:
            return Gated(typed, (), "withheld", reason)
        numbers = self.inference.numbers
        if any(self._marks_by_the_model(q) for q in self.quotations):
            return Gated(self._written(marks=False), numbers, "unmarked", "not in marks")
        excerpts = tuple(q.excerpt for q in self.quotations if q.excerpt is not None)
        return Gated(self._written(marks=True), numbers, "supported", "", excerpts)

    def _checks(self) -> Iterator[Reason]:
        """The reasons against it, in the order in which a reader of the counts would want to know."""
        yield self._markup()
        yield self._quotations()
        yield self._order()
        yield self._speakers()
        yield self._unsaid()

    # --- its parts ----------------------------------------------------------------------------

    @cached_property
    def quotations(self) -> list[_Words]:
        return [self._found(span) for span in _in_marks(self.text)]

    @cached_property
    def outside(self) -> str:
        """The sentence with the words that were found in the evidence blotted out, character for character."""
        text = self.text
        for q in self.quotations:
            if q.excerpt is not None:
                text = text[: q.span.start] + "“" + "\x01" * (len(q.typed) - 2) + "”" + text[q.span.end :]
        return text

    @cached_property
    def reports(self) -> list[tuple[str, str, Span]]:
        """Who says what according to the sentence, each without what somebody else says in it."""
        lead = f"{self.shown}\n\n" if self.shown else ""
        article = Article(lead + self.text)
        found = [q for q in attribute(article) if q.excerpt.span.start >= len(lead)]
        parts = []
        for q in found:
            span = q.excerpt.span
            others = [
                o.excerpt.span for o in found if o is not q and span.covers(o.excerpt.span) and o.speaker != q.speaker
            ]
            end = min((other.start for other in others), default=span.end)
            words_of = article.excerpt(Span(span.start, max(end, span.start + 1))).text
            parts.append((q.speaker, words_of, span.shifted(-len(lead))))
        return [part for part in parts if part[0]]

    def _found(self, span: Span) -> _Words:
        """The words at `span` in one of the cited sentences."""
        typed = self.text[slice(*span)]
        meant = _inner(typed)
        reason: Reason = "not verbatim"
        bare = meant.rstrip(",.;:!?… ")
        other_case = [words_of[:1].swapcase() + words_of[1:] for words_of in (meant, bare)]
        for given in dict.fromkeys([meant, bare, *other_case]):
            for source in self.sources:
                if " ".join(fold(given).split()) not in source.folded:
                    continue
                verified = verify(given, source.citation.excerpt.article, within=source.span)
                if verified.verdict in {"verbatim", "folded"} and verified.excerpt is not None:
                    return _Words(span, typed, verified.excerpt, source, "")
                if verified.verdict == "clipped":
                    reason = "clipped"
        return _Words(span, typed, None, None, reason)

    def _marks_by_the_model(self, q: _Words) -> bool:
        """Whether the words are given to somebody as a quotation, and the article has them in no marks."""
        if q.source is None or q.excerpt is None or q.source.in_marks(q.excerpt.span):
            return False
        return any(span.overlaps(q.span) for _, _, span in self.reports)

    def _written(self, *, marks: bool) -> str:
        """The sentence as it is shown: the words in marks as the evidence has them."""
        text = self.text
        for q in reversed(self.quotations):
            if q.excerpt is None:
                continue
            ending = re.search(r"[,.;:!?…]?$", _inner(q.typed))
            stored = q.excerpt.text
            after = ending[0] if ending and not stored.endswith(ending[0]) else ""
            written = f"“{_inner_marks(stored)}{after}”" if marks else f"{stored}{after}"
            text = text[: q.span.start] + written + text[q.span.end :]
        return text

    # --- reasons against it -------------------------------------------------------------------

    def _markup(self) -> Reason:
        outside = self.outside.replace("\x01", "")
        if any(unicodedata.category(c) == "Cc" for c in self.text):
            return "characters"
        if _MARKUP.search(outside) or _ADDRESS.search(outside):
            return "markup"
        odd = {c for c in outside if not (c.isascii() and c.isprintable())}
        if any(unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs", "Cn"} for c in odd):
            return "characters"
        odd = {c for c in odd if not fold(c).isascii() and c not in "…€£•°½¼¾"}
        return "characters" if odd - self._letters() else ""

    def _letters(self) -> set[str]:
        """The characters of the evidence: others only look like them."""
        texts = [text for source in self.sources for text in (source.text, *source.speakers, *_metadata(source))]
        return set().union(*texts)

    def _order(self) -> Reason:
        outside = self.outside.replace("\x01", "")
        first = words(outside)[:1]
        opens = bool(first) and first[0] in _openings() and not outside.startswith("“")
        addresses = any(not self._is_numeral(match) for match in _addressing().finditer(outside))
        return "order" if opens or addresses else ""

    def _is_numeral(self, match: re.Match[str]) -> bool:
        """Whether an "I" is the first of a name, as the evidence has it: "Alexander I", "World War I"."""
        before = re.search(r"([A-Z]\w+) $", match.string[: match.start()])
        called = f"{before[1]} I" if before and match.group() == "I" else ""
        return bool(called) and any(re.search(rf"\b{called}\b", source.text) for source in self.sources)

    def _quotations(self) -> Reason:
        leftover = re.sub(r"[“”][^“”]*[”]", "", self.outside)
        for q in self.quotations:
            if q.excerpt is None:
                return q.reason
        if re.search('[“”„«»"]', leftover):
            return "not verbatim"  # a mark that is never closed
        return ""

    def _capitalised(self) -> Iterator[re.Match[str]]:
        """The words of the sentence that are names: capitals, but for dates and an ordinary first word."""
        dated = [day.span for day in days(self.outside)]
        for match in _NAME.finditer(self.outside):
            word = match.group()
            dates = any(span.overlaps(Span(*match.span())) for span in dated) or weekdays(word)
            first = not self.outside[: match.start()].strip("“”‘’\"' (\x01")
            if not dates and not (first and "\x01" not in self.outside[: match.start()] and self._is_ordinary(word)):
                yield match

    def _is_ordinary(self, word: str) -> bool:
        """Whether a first word with its capital is no name: a common one, or one that the evidence has without."""
        small = {w for source in self.sources for w in re.findall(r"\b[a-z]\w*", source.text)}
        return all(part in _ordinary() or part in small for part in words(word))

    @cached_property
    def inference(self) -> Inference:
        return infer(self.text, self.sources, self.shown)

    def _unsaid(self) -> Reason:
        reasons: dict[str, Reason] = {"follows": "", "contradicted": "contradicted", "attributed": "another's word"}
        return reasons.get(self.inference.verdict, "unsaid")

    def _speakers(self) -> Reason:
        """Whether words in marks are given to another than whoever says them."""
        for speaker, _, span in self.reports:
            for q in self.quotations:
                if q.span.overlaps(span) and q.source is not None and not _words_of(speaker, q):
                    return "speaker"
        ascribed = [span for _, _, span in self.reports]
        for q in self.quotations:
            if not any(span.overlaps(q.span) for span in ascribed) and self._names_another(q):
                return "speaker"
        return ""

    def _names_another(self, q: _Words) -> bool:
        """Whether words in marks that the sentence gives to nobody stand beside somebody else's name only."""
        if q.source is None or q.excerpt is None:
            return False
        own = frozenset().union(*(name_words(name) for name in _speakers_at(q) if is_named(name)))
        named = {part for match in self._capitalised() for part in words(match.group())}
        return bool(own and named) and own.isdisjoint(named)


# --- parts of the above -----------------------------------------------------------------------


def plain(text: str) -> str:
    """The sentence without the marks of lists, headings and emphasis, which models put in out of habit."""
    text = re.sub(r"^(?:[-*•–>]+|#+|\d{1,2}[.)])\s+", "", text)
    text = re.sub(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)", "", text)
    return re.sub(r"\s+([.!?,;:])", r"\1", text).strip()


_MARKUP = re.compile(r"[<>\[\]{}\\|`~^*_#]|&#?\w+;|\$[^$\d\s]|:\w+:")
_ADDRESS = re.compile(
    r"://|\bwww\.|\w@\w|\b[\w-]+\.[a-z]{2,}\b|\b(?:javascript|data|mailto|tel):|\+?\d(?:[\s()-]{0,2}\d){8,}", re.I
)
_NAME = re.compile(r"[^\W\d_a-z][\w’'-]*")
_SINGLE = re.compile(r"(?<!\w)(‘(?:[^‘’]|’(?=\w))+’|'(?=\w)(?:[^']|'(?=\w))+')(?!\w)")


def _in_marks(text: str) -> list[Span]:
    """The stretches in quotation marks of any style, single ones too, outermost only."""
    double = quoted(text)
    single = [Span(*match.span()) for match in _SINGLE.finditer(text)]
    return sorted([*double, *(s for s in single if not any(s.overlaps(d) for d in double))])


def _inner(typed: str) -> str:
    return (
        typed[1:-1].strip()
        if typed[0] in "‘'" and not typed.startswith("''")
        else inside(typed, Span(0, len(typed))).strip()
    )


def _inner_marks(stored: str) -> str:
    """Stored words for inside double marks: theirs, if they have some, are dropped at the edges."""
    spans = quoted(stored)
    whole = len(spans) == 1 and spans[0] == Span(0, len(stored))
    return inside(stored, spans[0]) if whole else stored


def _metadata(source: Source) -> list[str]:
    article = source.citation.excerpt.article
    return [article.title, article.publisher, article.author, *(q.office for q in source.spoken)]


def _speakers_at(q: _Words) -> set[str]:
    """Who speaks the words in the article, as far as it is known."""
    assert q.source is not None and q.excerpt is not None
    spoken = {x.speaker for x in q.source.spoken if x.excerpt.span.overlaps(q.excerpt.span)} - {""}
    return spoken or set(q.source.speakers)


def _words_of(speaker: str, q: _Words) -> bool:
    """Whether the words in marks are those of `speaker`, of all that speak in their sentence."""
    assert q.source is not None and q.excerpt is not None
    names = _speakers_at(q)
    if not names or is_description(speaker) or not all(is_named(name) for name in names):
        return q.source.spoken_by(speaker)
    asked = name_words(speaker)
    return any(asked <= name_words(name) or name_words(name) <= asked for name in names)


@cache
def _openings() -> frozenset[str]:
    return frozenset(vocabulary()["orders"]["openings"])


@cache
def _addressing() -> re.Pattern[str]:
    return re.compile(vocabulary()["orders"]["addressing"], re.IGNORECASE)


@cache
def _ordinary() -> frozenset[str]:
    """Words that are no names when a sentence begins with them."""
    s = speech()
    lists = [stopwords(), s.groups, s.persons, s.roles, s.determiners, map(str.lower, s.not_names)]
    return frozenset(word for words_of in lists for word in words_of)
