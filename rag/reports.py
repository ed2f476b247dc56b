"""Sentence to reports: its words of speech outside quotation marks, each with whoever stands next to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.speech import MASK, is_inflected, speech, split_title
from rag.text import Span, trimmed

LONGEST_SUBJECT = 240
"""Characters from who speaks to the verb."""

_STUDY_WITHIN = 80
"""Characters before "shows" in which the study stands."""


@dataclass(frozen=True)
class Mention:
    """A name, pronoun or description where it stands in the article."""

    text: str
    span: Span

    @property
    def is_pronoun(self) -> bool:
        """Whether it stands for somebody: "who" does, "WHO" speaks for itself."""
        return self.text.lower() in speech().pronouns and not self.text.isupper()

    @property
    def is_name(self) -> bool:
        """Whether it says by itself who is meant."""
        return not self.is_pronoun and self.text.split()[0].lower() not in speech().determiners


@dataclass(frozen=True)
class Report:
    """Reporting words in a sentence, with who speaks."""

    cue: str
    cue_span: Span
    mention: Mention

    @property
    def start(self) -> int:
        """Where it begins: with who speaks, if that stands right before the cue."""
        near = 0 < self.cue_span.start - self.mention.span.start < LONGEST_SUBJECT
        return self.mention.span.start if near else self.cue_span.start

    def distance(self, words: Span) -> int:
        """Characters between its cue and some words."""
        return max(self.cue_span.start - words.end, words.start - self.cue_span.end, 0)


def reports(masked: str, sentence: Span) -> Iterator[Report]:
    """The reporting words of a sentence for which somebody is there, in order.

    `masked` is the article with the words in quotation marks blotted out (`rag.speech.MASK`).
    """
    last: Mention | None = None
    for cue in speech().patterns.cue.finditer(masked, sentence.start, sentence.end):
        mention = _speaker(masked, cue, sentence, last)
        if mention is not None:
            last = mention
            yield Report(cue.group().lower(), Span(*cue.span()), mention)


def subject(masked: str, clause: Span) -> Mention | None:
    """Who a clause is about: whoever it begins with, or whoever comes right after its opening phrase."""
    match = speech().patterns.subject.match(masked, *clause)
    return Mention(match.group(1), Span(*match.span(1))) if match else None


def _speaker(masked: str, cue: re.Match[str], sentence: Span, last: Mention | None) -> Mention | None:
    """Who speaks by `cue`; `last` is whoever did so before in the sentence. None if it reports nothing."""
    word = cue.group().lower()
    if word == speech().according:
        return _after(masked, cue.end(), sentence)
    before = masked[max(sentence.start, cue.start() - 40) : cue.start()]
    if not _is_verb(word, before) or (word in speech().weak and not _shows(masked, cue, sentence)):
        return None
    beside = _inverted(masked, cue, sentence) or _preceding(masked, cue.start(), sentence)
    if beside is not None and _is_unreal(masked, beside, cue):
        return None
    if beside is None and speech().patterns.joined.search(before):
        return last or subject(masked, sentence)
    return beside


def _is_unreal(masked: str, mention: Mention, cue: re.Match[str]) -> bool:
    """Whether nothing was said, or not yet: "did not say", "may admit", "nobody said"."""
    if speech().patterns.unreal_subject.match(mention.text):
        return True
    return speech().patterns.unreal.search(masked, mention.span.end, cue.start()) is not None


def _is_verb(cue: str, before: str) -> bool:
    """Whether a word that can report speech does so after the words `before` it."""
    patterns = speech().patterns
    if patterns.noun.search(before):
        return False
    if cue.endswith(speech().participle):
        return bool(patterns.being.search(before) or patterns.joined.search(before))
    if is_inflected(cue):
        return patterns.being.search(before) is None
    return patterns.takes_base_form.search(before) is not None


def _shows(masked: str, cue: re.Match[str], sentence: Span) -> bool:
    """Whether "shows" or "shared" says something: a study does, else only before "that" and its like, or beside
    words in quotation marks.
    """
    if MASK in masked[slice(*sentence)]:
        return True
    before = masked[max(sentence.start, cue.start() - _STUDY_WITHIN) : cue.start()]
    patterns = speech().patterns
    return bool(patterns.clause.match(masked, cue.end(), sentence.end) or patterns.study.search(before))


def _preceding(masked: str, cue: int, sentence: Span) -> Mention | None:
    """Who stands right before the cue, adverbs and an apposition allowed between."""
    start = max(sentence.start, cue - LONGEST_SUBJECT)
    match = speech().patterns.before_cue.search(masked[start:cue])
    if match is None:
        return None
    group = 1 if match.group(1) else 2
    mention = Mention(match.group(group), Span(*match.span(group)).shifted(start))
    return mention if mention.is_name else _in_apposition(match, start) or mention


def _in_apposition(match: re.Match[str], start: int) -> Mention | None:
    """The name that an aside ends with: "the leader of the league, Jonathan Gray, 52, said"."""
    aside = _NAME_AT_END.search(match.group("aside") or "")
    if aside is None:
        return None
    name = speech().patterns.name.fullmatch(aside.group(1))
    span = Span(*aside.span(1)).shifted(start + match.start("aside"))
    return Mention(aside.group(1), span) if name and len(aside.group(1).split()) > 1 else None


_NAME_AT_END = re.compile(r"(?:^,\s*|\s)((?:[^\W\d_a-z][\w’'.-]*\s+)+[^\W\d_a-z][\w’'.-]*)(?:,\s*\d+)?,$")


def _inverted(masked: str, cue: re.Match[str], sentence: Span) -> Mention | None:
    """Who stands right after the cue in "…,” said X"; in "…, said X" only a name, after a verb that takes none."""
    before = masked[sentence.start : cue.start()].rstrip()
    if before.endswith(MASK):
        return _after(masked, cue.end(), sentence)
    if not before.endswith(",") or cue.group().lower() not in speech().inverting:
        return None
    mention = _after(masked, cue.end(), sentence)
    return mention if mention is not None and split_title(mention.text)[0] and mention.is_name else None


def _after(masked: str, position: int, sentence: Span) -> Mention | None:
    start = trimmed(masked, Span(position, sentence.end)).start
    match = speech().patterns.after_cue.match(masked, start, sentence.end)
    if match is None:
        return None
    name = speech().patterns.name.search(masked, match.start(), match.end())
    span = Span(*(name or match).span())
    return Mention(masked[span.start : span.end], span)
