"""Article to quotations: whose words are in it, and how the article says so.

article ──> marks ─────────────> direct, mixed ──┐
        ──> reports ──> cast ──> indirect ───────┴──> Quotation

Rules over sentences: find the words in quotation marks and, outside of them, the words that report
speech; give each to whoever stands next to it; find who that is in this article. Where the article
does not say, the speaker is empty: a missing name can be looked up, a wrong one gets printed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from rag.cast import Cast
from rag.offices import office
from rag.reports import Report, owned, reports, subject
from rag.speech import MASK, is_inflected, speech
from rag.text import LONGEST_SENTENCE, Span, inside, quoted, sentences, trimmed
from rag.types import Article, Quotation, QuotationKind

SHORTEST_SPEECH = 3
"""Words; fewer in quotation marks are a title, a nickname or scare quotes unless they end a sentence."""

SHORTEST_UNNAMED = 6
"""Words; fewer in marks that no verb reports are as often a label as speech."""

LONGEST_TITLE = 10
"""Words of a title of a work, at most."""

SHORTEST_REPORT = 12
"""Characters of indirect speech, at least."""

CONTINUES_WITHIN, FOLLOWS_WITHIN = 400, 40
"""Characters between a quotation and one that goes on with it, and between indirect speech and words
in marks that go on with that."""


def attribute(article: Article) -> list[Quotation]:
    """The speech in `article`, in order: direct, mixed (partly in marks) and indirect.

    A direct quotation's span includes its marks. At most one quotation per stretch in marks; indirect
    speech may hold other indirect speech.
    """
    found = _with_what_follows(sorted(_Reader(article).read(), key=lambda quotation: quotation.excerpt.span))
    offices = {name: office(article.text, name) for name in {q.speaker for q in found if q.speaker}}
    return [replace(q, office=offices.get(q.speaker, "")) for q in found]


def _with_what_follows(found: Sequence[Quotation]) -> list[Quotation]:
    """Quotations, with the paragraphs of a quotation whose last one only says whose they are."""
    kept: list[Quotation] = []
    for quotation in reversed(found):
        if kept and _runs_on(quotation, kept[-1]):
            last = kept[-1]
            quotation = replace(
                quotation, speaker=last.speaker, cue=last.cue, mention=last.mention, cue_span=last.cue_span
            )
        kept.append(quotation)
    return kept[::-1]


def _runs_on(quotation: Quotation, following: Quotation) -> bool:
    """Whether a quotation that is nobody's was left open, and goes on in the next paragraph."""
    if quotation.speaker or quotation.cue or "indirect" in {quotation.kind, following.kind}:
        return False
    text, end = quotation.excerpt.article.text, quotation.excerpt.span.end
    gap = text[end : following.excerpt.span.start]
    return "\n" in gap and not gap.strip() and inside(text, quotation.excerpt.span)[-1:] == text[end - 1]


def speaker_of(spoken: Collection[Quotation]) -> str:
    """Whose words these are, where they are one person's: the words in marks count first.

    Who is quoted as telling what others said has said all of it.
    """
    direct = [q for q in spoken if q.kind != "indirect" and q.speaker]
    ours = direct or [q for q in spoken if q.speaker]
    names = {q.speaker for q in ours if not any(_tells(other, q) for other in ours)}
    return names.pop() if len(names) == 1 else ""


def _tells(quotation: Quotation, other: Quotation) -> bool:
    """Whether `other` is a part of what `quotation` holds, and not all of it."""
    outer, inner = quotation.excerpt.span, other.excerpt.span
    return outer != inner and outer.start <= inner.start and inner.end <= outer.end


class _Source(NamedTuple):
    """Who says something and by which verb, with where the article has both; empty where it does not say."""

    speaker: str = ""
    cue: str = ""
    mention: Span | None = None
    cue_span: Span | None = None


class _Reader:
    """One pass over an article, remembering who has been spoken of and who spoke last."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.text = article.text
        marks = quoted(self.text)
        self.marks = [span for span in marks if _is_speech(self.text, span)]
        self.masked = _without_datelines(_mask(self.text, marks))
        self.cast = Cast(self.masked)
        self.last: Quotation | None = None
        self.named: list[str] = []
        """Who speaks in the sentence at hand, by name."""

    def read(self) -> Iterator[Quotation]:
        found = self._with_their_verbs(sentences(self.text))
        for before, sentence in zip([None, *found], found, strict=False):
            marked = self._inside(sentence)
            by = list(reports(self.masked, sentence))
            yield from self._direct(sentence, marked, by or self._introduction(before))
            yield from self._indirect(sentence, marked, by)
            yield from self._owned(sentence)
            self.cast.hear(sentence, self.named)
            self.named = []

    def _with_their_verbs(self, found: Sequence[Span]) -> list[Span]:
        """Sentences, with words in marks that end in a full stop and who said them in one: “We lost?” Bell said.

        And with a quotation so long that it was cut.
        """
        joined: list[Span] = []
        for sentence in found:
            if joined and (self._is_cut(sentence.start) or self._says_what_is_before(joined[-1], sentence)):
                joined[-1] = Span(joined[-1].start, sentence.end)
            else:
                joined.append(sentence)
        return joined

    def _is_cut(self, position: int) -> bool:
        """Whether a quotation goes on over `position`."""
        n = bisect_left(self.marks, position, key=lambda mark: mark.start) - 1
        return n >= 0 and position < self.marks[n].end

    def _says_what_is_before(self, before: Span, sentence: Span) -> bool:
        """Whether `before` ends in words in marks on its line, and `sentence` begins with who said them."""
        gap = self.masked[before.end - 1 : sentence.start]
        if sentence.end - before.start > LONGEST_SENTENCE:
            return False
        if gap[:1] != MASK or "\n" in gap or MASK in self.masked[sentence.start : sentence.start + 1]:
            return False
        return speech().patterns.only_says.match(self.masked, *sentence) is not None

    # --- in marks -----------------------------------------------------------------------------

    def _inside(self, sentence: Span) -> list[Span]:
        """The quotations in marks that lie in a sentence."""
        first, last = (bisect_left(self.marks, edge, key=lambda mark: mark.start) for edge in sentence)
        return [span for span in self.marks[first:last] if sentence.covers(span)]

    def _introduction(self, sentence: Span | None) -> list[Report]:
        """The last report of a sentence that ends in a colon."""
        if sentence is None or self.text[sentence.end - 1] != ":":
            return []
        return list(reports(self.masked, sentence))[-1:]

    def _direct(self, sentence: Span, marked: Sequence[Span], by: Sequence[Report]) -> Iterator[Quotation]:
        """The words in marks of one sentence: each goes to the report nearest to it."""
        outside = self.masked[slice(*sentence)].replace(MASK, "")
        alone = not by and not re.search(r"\w", outside)
        for span in marked:
            source = self._said_by(span, sentence, by, alone=alone)
            if source.speaker or source.cue or self._words(span) >= SHORTEST_UNNAMED:
                self.last = self._quotation(span, source, self._kind(span))
                yield self.last

    def _quotation(self, span: Span, source: _Source, kind: QuotationKind) -> Quotation:
        return Quotation(
            self.article.excerpt(span),
            source.speaker,
            source.cue,
            kind,
            mention=source.mention,
            cue_span=source.cue_span,
        )

    def _said_by(self, span: Span, sentence: Span, by: Sequence[Report], *, alone: bool) -> _Source:
        """Who says the words at `span`, and by which verb."""
        report = _nearest(by, span)
        if report is not None:
            return self._source(report)
        if alone and self.last is not None and self._continues(self.last, span):
            return _Source(self.last.speaker, self.last.cue, self.last.mention, self.last.cue_span)
        about = subject(self.masked, Span(sentence.start, span.start))
        speaker = self.cast.resolve(about) if about is not None else ""
        if about and speaker and self.cast.is_person(speaker) and self._words(span) >= SHORTEST_UNNAMED:
            return _Source(speaker, mention=about.span)
        return _Source()

    def _continues(self, before: Quotation, span: Span) -> bool:
        """Whether these words go on with the quotation before: in its paragraph or the next, and at hand."""
        gap = self.text[before.excerpt.span.end : span.start]
        longest = FOLLOWS_WITHIN if before.kind == "indirect" else CONTINUES_WITHIN
        return gap.count("\n") <= 2 and len(gap) < longest

    def _kind(self, span: Span) -> QuotationKind:
        """Direct when the words stand on their own; mixed when a clause of the article runs into them."""
        end = trimmed(self.text, Span(0, span.start)).end
        before = self.text[end - 1 : end]
        first = inside(self.text, span)[:1]
        return "direct" if before in {"", *",:.!?—–”"} or first.isupper() else "mixed"

    def _words(self, span: Span) -> int:
        return len(self.text[slice(*span)].split())

    # --- without marks ------------------------------------------------------------------------

    def _indirect(self, sentence: Span, marked: Sequence[Span], by: Sequence[Report]) -> Iterator[Quotation]:
        """What is reported without marks, report by report; one inside another's words is reported twice."""
        start, taken = sentence.start, {id(_nearest(by, span)) for span in marked}
        for n, report in enumerate(by):
            following = _following(report, by[n + 1 : n + 2])
            opens = self._clause_start(report, start, sentence)
            clause = Span(opens, self._clause_end(report, following, sentence.end))
            source = self._source(report)
            span = self._reported(clause, report)
            if id(report) not in taken and _length(span) >= SHORTEST_REPORT:
                quotation = self._quotation(span, source, "indirect")
                if not marked:
                    self.last = quotation
                yield quotation
            start = clause.end if clause.end < sentence.end else start

    def _owned(self, sentence: Span) -> Iterator[Quotation]:
        """What a noun reports: "her claim that it rained", up to the next comma."""
        for report in owned(self.masked, sentence):
            separator = speech().patterns.stop.search(self.masked, report.cue_span.end, sentence.end)
            end = separator.start() if separator else sentence.end
            span = _without_edges(self.text, Span(report.cue_span.end, end))
            if _length(span) >= SHORTEST_REPORT:
                yield self._quotation(span, self._told_by(report), "indirect")

    def _clause_start(self, report: Report, start: int, sentence: Span) -> int:
        """Where the words of `report` begin at the earliest: after the report before it, which ends at `start`, but
        for "that travelers remember, said Ann Bell", whose words are all of the sentence.
        """
        inverted = report.mention.span.start > report.cue_span.start and report.cue != speech().according
        alone = not self.text[start : report.cue_span.start].strip(" ,")
        return sentence.start if inverted and alone else start

    def _clause_end(self, report: Report, following: int | None, end: int) -> int:
        """Where the words of `report` stop at the latest: before a report that stands beside it, not in its words."""
        if following is None:
            return end
        start = report.cue_span.end
        if report.cue == speech().according:  # the comma after whom it is according to opens the words
            start = max(start, self.masked.find(",", start, following) + 1)
        separator = speech().patterns.beside.search(self.masked, start, following)
        return separator.start() if separator else end

    def _reported(self, clause: Span, report: Report) -> Span:
        """From after the cue to the end of the clause, or before ", X said"; empty where nothing is."""
        said = Span(min(report.start, report.cue_span.start), max(report.cue_span.end, report.mention.span.end))
        if report.mention.span.end < clause.start or report.mention.span.start > clause.end:
            said = report.cue_span  # whoever speaks stands in an earlier clause
        after = trimmed(self.text, Span(min(said.end, clause.end), clause.end))
        before = trimmed(self.text, Span(clause.start, max(clause.start, said.start)))
        if report.cue == speech().according:
            return _without_edges(self.text, self._beside_source(before, after, opens=said.start - clause.start < 20))
        led_by_clause = re.search(r"\w[^\w\n]*,$", self.text[slice(*before)]) is not None
        closing = speech().patterns.closes.match(self.masked, report.cue_span.end)
        if closing is not None:
            if not led_by_clause:
                return Span(after.end, after.end)  # "the evidence that the minister cited, …"
            after = Span(min(closing.end(), after.end), after.end)
            return _without_edges(self.text, max(before, after, key=_length))  # "it rained, she said, all day"
        trailing = led_by_clause and self._trails(report, before, after)
        return _without_edges(self.text, before if trailing else self._without_listener(after, report))

    def _without_listener(self, after: Span, report: Report) -> Span:
        """`after` a cue from where the words begin: after "the council on Monday that" or "in a statement that"."""
        patterns = speech().patterns
        match = patterns.told_when.match(self.masked, report.cue_span.end, after.end)
        if match is None and report.cue in speech().addressing:
            match = patterns.told_whom.match(self.masked, report.cue_span.end, after.end)
        begins = trimmed(self.text, Span(match.end(), after.end)) if match else after
        return begins if after.covers(begins) and _length(begins) >= SHORTEST_REPORT else after

    def _beside_source(self, before: Span, after: Span, *, opens: bool) -> Span:
        """What "according to" reports: what follows its comma where it `opens` a sentence, else the longer side."""
        comma = self.masked.find(",", after.start, after.end)
        if opens:  # "According to a poll of the Gazette's readers, X" reports X
            return Span(max(after.start, comma), after.end)
        following = Span(comma, after.end) if comma >= 0 else Span(after.end, after.end)
        return max(before, following, key=_length)

    def _trails(self, report: Report, before: Span, after: Span) -> bool:
        """Whether a report ends what it reports: "it rained, she said on Monday", not "in May, she said it rained"."""
        if report.mention.span.start > report.cue_span.start or _length(after) < SHORTEST_REPORT:
            return True
        patterns = speech().patterns
        if report.mention.is_relative or patterns.introduces.match(self.masked, report.cue_span.end):
            return False
        shorter = _length(after) < 25 or _length(before) > _length(after)
        circumstance = patterns.circumstance.match(self.masked, report.cue_span.end) is not None
        return shorter and (circumstance or report.cue in speech().addressing)

    def _source(self, report: Report) -> _Source:
        """Who speaks by `report`, who is then one of those whom the sentence names."""
        source = self._told_by(report)
        if source.speaker and report.mention.is_name and report.cue != speech().according:
            self.named.append(source.speaker)
        return source

    def _told_by(self, report: Report) -> _Source:
        return _Source(self.cast.resolve(report.mention), report.cue, report.mention.span, report.cue_span)


def _is_speech(text: str, span: Span) -> bool:
    """Whether words in marks can be somebody's: no scare quotes, no title of a work, no attribute in markup."""
    words = inside(text, span).split()
    if text[span.start - 1 : span.start] == "=":
        return False
    ends = bool(words) and words[-1][-1] in ",.!?…—"
    return (len(words) >= SHORTEST_SPEECH or ends) and (not _is_title(words) or _is_reported(text, span))


def _is_title(words: Sequence[str]) -> bool:
    """Whether these are written as the title of a work: few, and with capitals but for small words."""
    telling = [word for word in words if word.lower() not in speech().small_in_titles]
    return len(words) <= LONGEST_TITLE and len(telling) > 1 and all(not word[0].islower() for word in telling)


def _is_reported(text: str, span: Span) -> bool:
    """Whether a reporting word stands right before the words or soon after them."""
    last = re.search(r"[\w’']+$", text[max(0, span.start - 30) : span.start].rstrip(" ,:\n"))
    if last and last.group().lower() in speech().groups and last.group().lower() not in speech().frames:
        return True
    if inside(text, span)[-1:] not in tuple(",.!?…—"):
        return False
    after = text[span.end : span.end + 40].partition("\n")[0]
    return any(is_inflected(cue.group()) for cue in speech().patterns.cue.finditer(after))


def _mask(text: str, spans: Sequence[Span]) -> str:
    """`text` with the words in quotation marks blotted out, of the same length."""
    pieces, position = [], 0
    for span in spans:
        pieces += [text[position : span.start], MASK * (span.end - span.start)]
        position = span.end
    return "".join([*pieces, text[position:]])


def _without_datelines(masked: str) -> str:
    """`masked` with blanks for the places that wire copy begins with, which say nothing: "LAS VEGAS (AP) — "."""
    return speech().patterns.dateline.sub(lambda match: " " * len(match.group()), masked)


def _following(report: Report, by: Sequence[Report]) -> int | None:
    """Where the next report begins: with who speaks or, if that stands before `report` too, with its verb."""
    return next((r.start if r.start > report.cue_span.end else r.cue_span.start for r in by), None)


def _length(span: Span) -> int:
    return span.end - span.start


def _nearest(by: Sequence[Report], words: Span) -> Report | None:
    return min(by, key=lambda report: report.distance(words), default=None)


def _without_edges(text: str, span: Span) -> Span:
    """`span` without a leading "that" or ":" and the punctuation at its ends."""
    match = speech().patterns.leading.match(text, span.start, span.end)
    start, end = (match.end() if match else span.start), span.end
    while end > start and text[end - 1] in " ,:;.\n":
        end -= 1
    return trimmed(text, Span(start, max(start, end)))
