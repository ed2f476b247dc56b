"""The trial of one sentence of a model's: whether the evidence that it points at bears out all that it says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, cached_property
from itertools import pairwise
from typing import Literal, NamedTuple

from rag.attribution import attribute
from rag.figures import days, figures, weekdays
from rag.grounds import Source, covered, is_description, month_stems, name_words, telling
from rag.people import is_named
from rag.polarity import agrees, drops_condition, drops_hedge, polarity
from rag.reckoning import HALF, has_figure, stands_alike
from rag.speech import speech
from rag.text import Span, fold, inside, quoted
from rag.types import Article, Excerpt
from rag.verify import verify
from rag.vocabulary import vocabulary
from rag.words import stem, stopwords, words

ENOUGH = 0.65
"""Share of the telling words of a sentence that its evidence must have. On the sentences of `tests/test_guard.py`,
with this set anew: .5 shows 82 of 95 faithful ones and 4 of 60 lies by hand, .65 shows 81 and 2, .9 shows 73 and 2."""

LOST = 2
"""Words in a row that count as one put for another; more are a wording of the model's own."""

Verdict = Literal["supported", "unmarked", "withheld"]
Reason = Literal[
    "", "ran away", "no marker", "invented marker", "order", "markup", "characters", "not verbatim", "clipped",
    "not in marks", "speaker", "pronoun", "name", "figure", "date", "sweeping", "not", "condition", "hedge", "stance",
    "words", "substitution", "exchange",
]  # fmt: skip


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
    question: str
    shown: str

    def verdict(self, typed: str) -> Gated:
        reason: Reason = next((found for check in self._checks() if (found := check)), "")
        numbers = tuple(source.citation.n for source in self.sources)
        if reason:
            return Gated(typed, (), "withheld", reason)
        if any(self._marks_by_the_model(q) for q in self.quotations):
            return Gated(self._written(marks=False), numbers, "unmarked", "not in marks")
        excerpts = tuple(q.excerpt for q in self.quotations if q.excerpt is not None)
        return Gated(self._written(marks=True), numbers, "supported", "", excerpts)

    def _checks(self) -> Iterator[Reason]:
        """The reasons against it, in the order in which a reader of the counts would want to know."""
        yield self._markup()
        yield self._quotations()
        yield self._order()
        yield self._names()
        yield self._exchanged()
        yield self._mixed()
        yield self._figures()
        yield self._dates()
        yield self._sweeping()
        yield self._pronoun()
        yield self._speakers()
        yield self._polarity()
        yield self._words()
        yield self._order_of_words()

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
        """The characters of the evidence and of the question: others only look like them."""
        texts = [text for source in self.sources for text in (source.text, *source.speakers, *_metadata(source))]
        return set(self.question).union(*texts)

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

    def _names(self) -> Reason:
        known = frozenset().union(*(source.names for source in self.sources))
        pairs = frozenset().union(*(source.name_pairs for source in self.sources))
        asked = words(self.question)
        asked_pairs = frozenset(pairwise(asked))
        met: list[tuple[str, int]] = []
        for match in self._capitalised():
            parts = [part for part in words(re.sub(r"[’']s?$", "", match.group())) if part != "s"]
            if all(part in speech().courtesies for part in parts):
                continue
            if any(part not in known and (not met or part not in asked) for part in parts):
                return "name"
            for part in parts:
                close = bool(met) and met[-1][1] == match.start() and met[-1][0] not in speech().courtesies
                pair = (met[-1][0], part) if close else None
                titled = pair is not None and (
                    pair[0].capitalize() in speech().titles or part.capitalize() in speech().titles
                )
                if pair is not None and not titled and pair not in pairs and pair not in asked_pairs:
                    return "name"
                met.append((part, match.end() + 1))
        return ""

    def _exchanged(self) -> Reason:
        """Names in another order than the evidence has them, where no new "by" turns it round."""
        named = [part for match in self._capitalised() for part in words(match.group())]
        for source in self.sources if len(self.sources) == 1 else ():
            text = words(source.text)
            speaking = self._speaking(source)
            places = [text.index(n) for n in dict.fromkeys(named) if text.count(n) == 1 and n not in speaking]
            if places != sorted(places) and not self._turned_round(source):
                return "name"
        return ""

    def _mixed(self) -> Reason:
        """A name from one piece of the evidence in a clause that another piece is about."""
        for clause in _CLAUSE.split(self.outside) if len(self.sources) > 1 else ():
            named = {part for match in _NAME.finditer(clause) for part in words(match.group())}
            content = [s for s in _content(clause, self.sources) if s not in {stem(part) for part in named}]
            for name in named:
                having = [source for source in self.sources if name in source.names]
                if having and content and not any(covered(content, [source]) >= HALF for source in having):
                    return "name"
        return ""

    def _turned_round(self, source: Source) -> bool:
        """Whether the sentence has a "by" that the evidence has not: it may be in the passive."""
        return len(_BY.findall(self.outside)) > len(_BY.findall(source.text))

    def _order_of_words(self) -> Reason:
        """Its words beside those of the one sentence that it is made from: one put for another in the same place, or
        what stands on both sides of a word exchanged ("the mayor fined the council").
        """
        if len(self.sources) != 1:
            return ""
        (source,) = self.sources
        ours, theirs = self.outside.replace("\x01", ""), source.text
        for q in self.quotations:
            theirs = theirs.replace(q.excerpt.text, " ") if q.excerpt is not None else theirs
        said, there = self._telling(ours, source), self._telling(theirs, source)
        matcher = SequenceMatcher(None, there, said, autojunk=False)
        codes = matcher.get_opcodes()
        for before, code, after in zip(codes, codes[1:], codes[2:], strict=False):
            tag, i, i_end, j, j_end = code
            small = i_end - i <= LOST and j_end - j <= LOST
            new = any(not _is_form(s, there[i:i_end]) for s in said[j:j_end] if s not in source.stems)
            if tag == "replace" and small and new and before[0] == after[0] == "equal":
                return "substitution"
        common = [s for s in said if said.count(s) == 1 and there.count(s) == 1]
        exchanged = any(_exchanges(pivot, said, there) for pivot in common)
        passive = _PASSIVE.search(self.outside) is not None and _PASSIVE.search(source.text) is None
        if passive:
            return "" if exchanged else "exchange"
        return "exchange" if exchanged and not self._turned_round(source) else ""

    def _telling(self, text: str, source: Source) -> list[str]:
        """The telling stems of a text in order, without figures, times and whoever speaks."""
        speaking = {stem(word) for word in self._speaking(source)}
        passed_over = speaking | _times() | month_stems()
        return [s for s in telling(text) if not s[0].isdigit() and s not in passed_over]

    def _speaking(self, source: Source) -> set[str]:
        """The words of whoever speaks in the evidence and in the sentence: their place is free, before or after."""
        here = [speaker for speaker, _, _ in self.reports]
        both = [s for s in source.speakers if any(name_words(s) & name_words(name) for name in here)]
        return {word for speaker in both for word in words(speaker)}

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

    def _figures(self) -> Reason:
        return (
            "" if all(has_figure(figure, self.outside, self.sources) for figure in figures(self.outside)) else "figure"
        )

    def _dates(self) -> Reason:
        for day in days(self.outside):
            if not any(day.agrees(other, source.year) for source in self.sources for other in source.days):
                return "date"
            if not stands_alike(day, self.outside, self.sources):
                return "date"
        known = frozenset().union(*(source.weekdays for source in self.sources))
        if not weekdays(self.outside) <= known:
            return "date"
        times = {stem(word) for source in self.sources for word in words(source.text)}
        said = {stem(word) for word in words(self.outside) if stem(word) in _times()}
        return "" if said <= times else "date"

    def _sweeping(self) -> Reason:
        there = {word for source in self.sources for word in words(source.text)}
        return "sweeping" if {w for w in words(self.outside) if w in _sweeping()} - there else ""

    def _pronoun(self) -> Reason:
        """Somebody called "she" must be somebody: of this sentence, or of the one shown before it."""
        outside = self.outside
        match = _PRONOUN.search(outside)
        if match is None or self.reports or any(True for _ in self._capitalised()):
            return ""
        if not self.shown:
            return "pronoun"
        before = [part for m in _NAME.finditer(self.shown) for part in words(m.group())]
        known = frozenset().union(*(source.names for source in self.sources))
        return "" if known.intersection(before) else "pronoun"

    def _speakers(self) -> Reason:
        for speaker, said, span in self.reports:
            theirs = [s for s in self.sources if s.spoken_by(speaker) or self._is_of(speaker, s)]
            if not theirs and self._says_so(speaker, span):
                continue
            if not theirs:
                return "speaker"
            plain = said.replace("\x01", "")
            content = _content(plain, theirs)
            there = frozenset().union(*(source.stems_of(speaker) for source in theirs))
            if content and sum(s in there for s in content) < ENOUGH * len(content):
                return "speaker"
            if not all(has_figure(figure, plain, theirs) for figure in figures(plain)):
                return "speaker"
            reported = " ".join(source.words_of(speaker) for source in theirs)
            if reported and _PRONOUN.search(plain) and not _STANDS_IN.search(reported):
                return "pronoun"  # "said that she shared the blame", of somebody else
            for q in self.quotations:
                if q.span.overlaps(span) and q.source is not None and not _words_of(speaker, q):
                    return "speaker"
        ascribed = [span for _, _, span in self.reports]
        for q in self.quotations:
            if not any(span.overlaps(q.span) for span in ascribed) and self._names_another(q):
                return "speaker"
        return "speaker" if self._makes_a_doer() else self._stance()

    def _makes_a_doer(self) -> bool:
        """Whether it says of somebody what they only tell of another: "Bell had asked", "Bell said they had"."""
        first = next((words(match.group()) for match in self._capitalised()), [])
        for source in self.sources if first and not self.reports else ():
            for speaker in filter(is_named, source.speakers):
                reported = source.words_of(speaker)
                content = _content(self.text, [source])
                told = frozenset(telling(reported))
                if (
                    name_words(speaker).intersection(first)
                    and not _STANDS_IN.search(reported)
                    and content
                    and sum(s in told for s in content) >= ENOUGH * len(content)
                ):
                    return True
        return False

    def _says_so(self, description: str, span: Span) -> bool:
        """Whether the evidence has the very words that look like a report: "the home addresses of riders"."""
        start = self.text.casefold().find(description.casefold())
        said = f" {' '.join(words(self.text[max(0, start) : span.start]))} "
        alike = any(said in f" {' '.join(words(source.text))} " for source in self.sources)
        return is_description(description) and start >= 0 and alike

    def _is_of(self, name: str, source: Source) -> bool:
        """Whether `name` is what the evidence introduces its speaker by, and the sentence names that speaker too:
        "Ann Bell of the Harbour Trust said".
        """
        here = frozenset(words(self.outside))
        asked = name_words(name)
        return any(is_named(s) and words(s)[-1] in here and source.introduces(s, asked) for s in source.speakers)

    def _names_another(self, q: _Words) -> bool:
        """Whether words in marks that the sentence gives to nobody stand beside somebody else's name only."""
        if q.source is None or q.excerpt is None:
            return False
        own = frozenset().union(*(name_words(name) for name in _speakers_at(q) if is_named(name)))
        named = {part for match in self._capitalised() for part in words(match.group())}
        return bool(own and named) and own.isdisjoint(named)

    def _stance(self) -> Reason:
        """Who is said to object must be said to in the evidence; "says" is always right."""
        used = {speech().groups[w] for w in words(self.outside) if w in speech().groups}
        there = frozenset().union(*(source.cues for source in self.sources))
        against = {"object", "criticise", "deny"}
        for group in used & {"object", "criticise", "deny", "agree", "promise"}:
            if there.isdisjoint(against if group in against else {group}):
                return "stance"
        return ""

    def _polarity(self) -> Reason:
        mine, theirs = polarity(self.text), [source.polarity for source in self.sources]
        if not agrees(mine, theirs):
            return "not"
        if drops_condition(mine, theirs):
            return "condition"
        return "hedge" if drops_hedge(mine, theirs) else ""

    def _words(self) -> Reason:
        said = _content(self.text, self.sources)
        return "" if said and covered(said, self.sources) >= ENOUGH else "words"


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
_CLAUSE = re.compile(r"[,;:—]|\b(?:and|but|while)\b")
_PRONOUN = re.compile(r"\b(?:he|she|him|his|her|hers|they|them|their)\b", re.IGNORECASE)
_STANDS_IN = re.compile(
    r"\b(?:he|she|him|his|hers?|it|its|they|them|their|I|my|me|we|our|us|you|your|to)\b", re.IGNORECASE
)
"""What may stand for whoever speaks in their reported words; "to" too, as in "asked to speak"."""
_SINGLE = re.compile(r"(?<!\w)(‘(?:[^‘’]|’(?=\w))+’|'(?=\w)(?:[^']|'(?=\w))+')(?!\w)")
_BY = re.compile(r"\b(?:by|from)\s+(?:the\s+)?([A-Z][\w’'-]+)")
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+\s+){1,6}?by\s+(?!\d|an?\b)", re.IGNORECASE)


def _is_form(stemmed: str, of: Sequence[str]) -> bool:
    """Whether a stem is one of an irregular verb's: "withdrew" of "withdrawn"."""
    return any(stemmed[:4] == other[:4] and min(len(stemmed), len(other)) >= 4 for other in of)


def _exchanges(pivot: str, said: Sequence[str], there: Sequence[str]) -> bool:
    """Whether something before `pivot` there comes after it here, and what comes before it here did not there."""
    at, place = said.index(pivot), there.index(pivot)
    moved = any(s in there and there.index(s) < place for s in said[at + 1 :])
    return moved and any(s not in there or there.index(s) > place for s in said[:at])


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


def has_quotation(text: str, source: Source) -> bool:
    meant = [fold(_inner(text[slice(*span)])).rstrip(",.;:!?… ").split() for span in _in_marks(text)]
    return any(given and " ".join(given) in source.folded for given in meant)


def _metadata(source: Source) -> list[str]:
    article = source.citation.excerpt.article
    return [article.title, article.publisher, article.author, *(q.office for q in source.spoken)]


def _content(text: str, sources: Sequence[Source]) -> list[str]:
    """The telling stems of `text`, without figures and without names that were found in the evidence."""
    named = {stem(word) for source in sources for name in source.speakers for word in words(name)}
    return [s for s in dict.fromkeys(telling(text)) if not s[0].isdigit() and s not in named and s not in month_stems()]


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
def _times() -> frozenset[str]:
    return frozenset(stem(word) for word in vocabulary()["dates"]["times"])


@cache
def _sweeping() -> frozenset[str]:
    return frozenset(vocabulary()["polarity"]["sweeping"])


@cache
def _ordinary() -> frozenset[str]:
    """Words that are no names when a sentence begins with them."""
    s = speech()
    lists = [stopwords(), s.groups, s.persons, s.roles, s.determiners, map(str.lower, s.not_names)]
    return frozenset(word for words_of in lists for word in words_of)
