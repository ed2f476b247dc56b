"""Article to quotations: whose words are in it, and how the article says so.

Rules over sentences, in three steps: find the reporting words outside quotation marks ("said",
"according to"), find who stands next to them, find who that is in this article. Where the article
does not say, the speaker is empty: a missing name can be looked up, a wrong one gets printed.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rag.text import LONGEST_SENTENCE, Span, quoted, sentences, trimmed
from rag.types import Article, Quotation, QuotationKind

SHORTEST_SPEECH = 3
"""Words; fewer in quotation marks are a title, a nickname or scare quotes unless they end a sentence."""

_FILLER = r"(?:\s+(?:has|have|had|also|then|later|again|further|repeatedly|previously|reportedly|once|\w+ly))*"
_WORD = r"[^\W\d_][\w’'\-]*\.?"
_FUNCTION_WORDS = (
    r"(?i:that|which|who|whom|whose|was|were|is|are|be|been|has|had|have|do|does|did|in|on|at|to|for|from|of|with|by"
    r"|and|or|but|as|he|she|they|it|we|you|i|not|will|would|could|can|may|might|should|same|first|last|next)\b"
)
_ARTICLES = frozenset({"the"})
_IRREGULAR = frozenset({"said", "told", "wrote", "thought", "began"})


@dataclass(frozen=True)
class Speech:
    """The words by which one language reports speech (`rag/data/speech*.toml`)."""

    groups: Mapping[str, str]
    wordings: Mapping[str, tuple[str, ...]]
    asked: Mapping[str, str]
    pronouns: frozenset[str]
    persons: frozenset[str]
    titles: frozenset[str]
    not_names: frozenset[str]
    cue: re.Pattern[str]
    name: re.Pattern[str]


@cache
def speech() -> Speech:
    """English, the one language so far."""
    data = tomllib.loads(files("rag").joinpath("data/speech.toml").read_text("utf-8"))
    groups = {word: group for group, words in data["cues"].items() for word in words}
    particles = "|".join(data["names"]["particles"])
    abbreviated = "|".join(title for title in data["names"]["titles"] if len(title) <= 4)
    upper = "[A-ZÀ-ÖØ-ÞŁŚŠŽČĆĐА-Я]"
    capital = rf"(?:(?:{upper}|{abbreviated})\.|{upper}[\w’'\-]*)"
    return Speech(
        groups=groups,
        wordings={group: tuple(words) for group, words in data["wordings"].items()},
        asked=data["asked"],
        pronouns=frozenset(word for words in data["pronouns"].values() for word in words),
        persons=frozenset(data["names"]["persons"]),
        titles=frozenset(data["names"]["titles"]),
        not_names=frozenset(data["names"]["not_names"]),
        cue=re.compile(
            rf"(?<![\w-])(?:{'|'.join(sorted(filter(_is_inflected, groups), key=len, reverse=True))}|[Aa]ccording to)\b"
        ),
        name=re.compile(rf"\b{capital}(?:\s+(?:(?:{particles})\s+)*{capital})*"),
    )


def _is_inflected(word: str) -> bool:
    """Whether `word` can report speech: a base form ("charge", "comment") is more often a noun."""
    return word in _IRREGULAR or word.endswith(("ed", "s", "ing"))


@dataclass(frozen=True)
class _Mention:
    """A name, pronoun or description where it stands in the article."""

    text: str
    span: Span


@dataclass(frozen=True)
class _Report:
    """Reporting words in a sentence, with whoever stands next to them."""

    cue: str
    cue_span: Span
    mention: _Mention


def attribute(article: Article) -> list[Quotation]:
    """The speech in `article`, in order: direct, mixed (partly in marks) and indirect.

    A direct quotation's span includes its marks. At most one quotation per stretch in marks.
    """
    return list(_Reader(article).read())


def speaker_of(spoken: Collection[Quotation]) -> str:
    """Whose words these are, where they are one person's: the words in marks count first."""
    direct = [q for q in spoken if q.kind != "indirect" and q.speaker]
    names = {q.speaker for q in direct or spoken if q.speaker}
    return names.pop() if len(names) == 1 else ""


class _Reader:
    """One pass over an article, remembering who has been named and who spoke last."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.text = article.text
        self.marks = [span for span in quoted(self.text) if self._is_speech(span)]
        self.masked = _mask(self.text, quoted(self.text))
        self.cast = _Cast(self.masked)
        self.last_speaker = ""

    def read(self) -> Iterator[Quotation]:
        found = sentences(self.text)
        for i, sentence in enumerate(found):
            inside = self._inside(sentence)
            reports = list(_reports(self.masked, sentence))
            if inside:
                introduced = found[i - 1] if i and self.text[found[i - 1].end - 1] in ":" else None
                yield from self._direct(inside, reports, introduced, alone=self._is_alone(sentence, inside))
            elif reports:
                yield from self._indirect(sentence, reports[0])
            self.cast.hear(sentence)

    def _inside(self, sentence: Span) -> list[Span]:
        first, last = (bisect_left(self.marks, edge, key=lambda mark: mark.start) for edge in sentence)
        return [span for span in self.marks[first:last] if sentence.covers(span)]

    def _is_speech(self, span: Span) -> bool:
        words = self.text[span.start + 1 : span.end - 1].split()
        return len(words) >= SHORTEST_SPEECH or bool(words and words[-1][-1] in ",.!?…—")

    def _is_alone(self, sentence: Span, inside: list[Span]) -> bool:
        outside = self.masked[sentence.start : sentence.end].replace(_MASK, "")
        return not re.search(r"\w", outside) and bool(inside)

    def _direct(
        self, inside: list[Span], reports: list[_Report], introduced: Span | None, *, alone: bool
    ) -> Iterator[Quotation]:
        """The quotations of one sentence: each goes to the report nearest to it."""
        if not reports and introduced is not None:
            reports = list(_reports(self.masked, introduced))[-1:]
            alone = alone and not reports
        for span in inside:
            report = min(reports, key=lambda r: _distance(r.cue_span, span), default=None)
            if report is not None:
                speaker = self._who(report)
            else:
                speaker = self.last_speaker if alone and self._continues(span) else ""
            yield self._quotation(span, speaker, report.cue if report else "", self._kind(span))

    def _continues(self, span: Span) -> bool:
        """Whether the paragraph before ended in an unclosed quotation, which this one carries on."""
        earlier = bisect_right(self.marks, span.start, key=lambda mark: mark.end)
        if not earlier:
            return False
        before = self.marks[earlier - 1]
        gap = self.text[before.end : span.start]
        return gap.strip() == "" and self.text[before.end - 1] not in '”»"'

    def _kind(self, span: Span) -> QuotationKind:
        """Direct when the words stand on their own; mixed when a clause of the article runs into them."""
        end = trimmed(self.text, Span(0, span.start)).end
        before = self.text[end - 1 : end]
        first = self.text[span.start + 1 : span.start + 2]
        return "direct" if before in {"", ",", ":", ".", "!", "?", "—", "–", "”"} or first.isupper() else "mixed"

    def _indirect(self, sentence: Span, report: _Report) -> Iterator[Quotation]:
        """What is reported without marks: from after the cue to the end, or before ", X said"."""
        speaker = self._who(report)
        after = trimmed(self.text, Span(max(report.cue_span.end, report.mention.span.end), sentence.end))
        before = trimmed(self.text, Span(sentence.start, min(report.cue_span.start, report.mention.span.start)))
        leads = report.cue == "according to" and report.mention.span.start - sentence.start < 20
        if leads:  # "According to a poll of the Gazette's readers, X" reports X
            after = Span(max(after.start, self.masked.find(",", after.start, after.end)), after.end)
        led_by_clause = before.end > before.start and self.text[before.end - 1] == "," and not leads
        trailing = led_by_clause and (
            after.end - after.start < 25 or before.end - before.start > after.end - after.start
        )
        span = _without_edges(self.text, before if trailing else after)
        if speaker and span.end - span.start >= 12:
            yield self._quotation(span, speaker, report.cue, "indirect")

    def _who(self, report: _Report) -> str:
        speaker = self.cast.resolve(report.mention)
        self.last_speaker = speaker or self.last_speaker
        return speaker

    def _quotation(self, span: Span, speaker: str, cue: str, kind: QuotationKind) -> Quotation:
        return Quotation(self.article.excerpt(span), speaker, cue, kind)


class _Cast:
    """Who is named in an article: full names by surname and by title, and who was in focus last."""

    def __init__(self, masked: str) -> None:
        self.masked = masked
        self.full: dict[str, list[tuple[int, str]]] = {}
        self.titled: dict[str, str] = {}
        self.focus = ""
        for match in speech().name.finditer(masked):
            self._meet(match.group(), match.start())

    def _meet(self, mention: str, position: int) -> None:
        name, title = split_title(mention)
        if len(name.split()) > 1:
            self.full.setdefault(name.split()[-1], []).append((position, name))
        if name and title:
            for word in title.split():
                self.titled.setdefault(word.lower(), name)

    def hear(self, sentence: Span) -> None:
        """Move the focus to the person this sentence is about: its first name that is somebody's."""
        for match in speech().name.finditer(self.masked, sentence.start, sentence.end):
            person = self._named(match.group(), match.start())
            if person and self._is_person(person):
                self.focus = person
                return

    def resolve(self, mention: _Mention) -> str:
        words = mention.text.split()
        if mention.text.lower() in speech().pronouns:
            return self._before(mention.span.start) or self.focus
        if words and words[0].lower() in _ARTICLES and words[-1].islower():
            return self._described(words)
        return self._named(mention.text, mention.span.start)

    def _described(self, words: list[str]) -> str:
        """Who "the mayor" is: whoever has that title here, else whoever the text is about, else itself."""
        known = self.titled.get(words[-1]) or (self.focus if words[-1] in speech().persons else "")
        return known or "The " + " ".join(words[1:])

    def _before(self, position: int) -> str:
        """The last person named earlier in the sentence that holds `position`."""
        earliest = max(0, position - LONGEST_SENTENCE)
        ends = (self.masked.rfind(end, earliest, position) for end in (". ", "\n", "? ", "! "))
        start = max(earliest, *(end + 1 for end in ends))
        people = (self._named(m.group(), m.start()) for m in speech().name.finditer(self.masked, start, position))
        return next((person for person in people if person and self._is_person(person)), "")

    def _named(self, mention: str, position: int) -> str:
        name, title = split_title(mention)
        words = name.split()
        if not words:
            return self.titled.get(title.split()[-1].lower(), title) if title else ""
        if len(words) > 1:
            return name
        known = self.full.get(words[0], [])
        earlier = [full for at, full in known if at <= position] or [full for _, full in known]
        return earlier[-1] if earlier else name

    def _is_person(self, name: str) -> bool:
        words = name.split()
        return (len(words) > 1 and words[-1] in self.full) or name in self.titled.values()


def split_title(mention: str) -> tuple[str, str]:
    """A mention as (name, title): "Foreign Minister Sergey Lavrov" is ("Sergey Lavrov", "Foreign Minister")."""
    words = [re.sub(r"[’']s$", "", word) for word in mention.split()]
    first = next((i for i, word in enumerate(words) if word.rstrip(".") not in speech().not_names), len(words))
    words = words[first:]
    last = max((i for i, word in enumerate(words) if word.rstrip(".") in speech().titles), default=-1)
    return " ".join(words[last + 1 :]).rstrip("."), " ".join(words[: last + 1])


def question_for(speaker: str, cue: str) -> str:
    """A question that a report with `cue` answers, or nothing where it would read badly."""
    asked = speech().asked.get(speech().groups.get(cue, ""))
    return f"What did {speaker} {asked}?" if asked else ""


_MASK = "\x01"


def _mask(text: str, spans: list[Span]) -> str:
    """`text` with the words in quotation marks blotted out, of the same length."""
    pieces, position = [], 0
    for span in spans:
        pieces += [text[position : span.start], _MASK * (span.end - span.start)]
        position = span.end
    return "".join([*pieces, text[position:]])


def _reports(masked: str, sentence: Span) -> Iterator[_Report]:
    """The reporting words of a sentence that have somebody next to them, in order."""
    for match in speech().cue.finditer(masked, sentence.start, sentence.end):
        cue = match.group().lower()
        mention = (
            _after(masked, match.end(), sentence)
            if cue == "according to"
            else _preceding(masked, match.start(), sentence) or _inverted(masked, match, sentence)
        )
        if mention is not None:
            yield _Report(cue, Span(*match.span()), mention)


@cache
def _before_cue() -> re.Pattern[str]:
    pronouns = "|".join(sorted(speech().pronouns))
    named = speech().name.pattern.removeprefix(r"\b")
    described = rf"[Tt]he\s+(?:(?!{_FUNCTION_WORDS}){_WORD}\s+){{0,3}}(?!{_FUNCTION_WORDS}){_WORD}"
    aside = r"(?:,[^,\n]{2,90},)?"
    return re.compile(rf"(?:^|(?<=[\s,;:—–\x01(]))((?i:{pronouns})|{described}|{named}){aside}{_FILLER}\s*$")


def _preceding(masked: str, cue: int, sentence: Span) -> _Mention | None:
    """Who stands right before the cue, adverbs and an apposition allowed between."""
    start = max(sentence.start, cue - 160)
    match = _before_cue().search(masked[start:cue])
    return _Mention(match.group(1), Span(*match.span(1)).shifted(start)) if match else None


def _inverted(masked: str, cue: re.Match[str], sentence: Span) -> _Mention | None:
    """Who stands right after the cue in "…,” said X"; only where the clause opens with the cue."""
    before = masked[sentence.start : cue.start()].rstrip()
    return _after(masked, cue.end(), sentence) if before[-1:] in {_MASK, ","} else None


def _after(masked: str, position: int, sentence: Span) -> _Mention | None:
    start = trimmed(masked, Span(position, sentence.end)).start
    match = _after_cue().match(masked, start, sentence.end)
    if match is None:
        return None
    name = speech().name.search(masked, match.start(), match.end())
    span = Span(*(name or match).span())
    return _Mention(masked[span.start : span.end], span)


@cache
def _after_cue() -> re.Pattern[str]:
    described = rf"the\s+(?:(?!{_FUNCTION_WORDS})[a-z\-]+\s+){{0,2}}(?!{_FUNCTION_WORDS})[a-z\-]+"
    pronouns = "|".join(sorted(speech().pronouns))
    return re.compile(
        rf"(?:(?:the|a|an)\s+(?:[a-z\-]+\s+){{0,3}})?{speech().name.pattern}|{described}|(?:{pronouns})\b"
    )


def _distance(cue: Span, words: Span) -> int:
    return max(cue.start - words.end, words.start - cue.end, 0)


def _without_edges(text: str, span: Span) -> Span:
    """`span` without a leading "that" or ":" and the punctuation at its ends."""
    match = re.compile(r"[\s,:;]*(?:that\b)?\s*").match(text, span.start, span.end)
    start, end = (match.end() if match else span.start), span.end
    while end > start and text[end - 1] in " ,:;.\n":
        end -= 1
    return trimmed(text, Span(start, max(start, end)))
