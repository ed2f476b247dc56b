"""Sentence to reports: its words of speech outside quotation marks, each with whoever stands next to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.speech import MASK, is_inflected, speech
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
    def is_name(self) -> bool:
        """Whether it says by itself who is meant."""
        return self.text.split()[0].lower() not in {*speech().pronouns, *speech().determiners}


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
    if not _is_verb(word, before) or (word in speech().showing and not _shows(masked, cue, sentence)):
        return None
    beside = _preceding(masked, cue.start(), sentence) or _inverted(masked, cue, sentence)
    if beside is None and speech().patterns.joined.search(before):
        return last or subject(masked, sentence)
    return beside


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
    """Whether "shows" or "found" says something: of a study it does, else only before "that" and its like."""
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
    return Mention(match.group(group), Span(*match.span(group)).shifted(start))


def _inverted(masked: str, cue: re.Match[str], sentence: Span) -> Mention | None:
    """Who stands right after the cue in "…,” said X"; only where the clause opens with the cue."""
    before = masked[sentence.start : cue.start()].rstrip()
    return _after(masked, cue.end(), sentence) if before[-1:] in {MASK, ","} else None


def _after(masked: str, position: int, sentence: Span) -> Mention | None:
    start = trimmed(masked, Span(position, sentence.end)).start
    match = speech().patterns.after_cue.match(masked, start, sentence.end)
    if match is None:
        return None
    name = speech().patterns.name.search(masked, match.start(), match.end())
    span = Span(*(name or match).span())
    return Mention(masked[span.start : span.end], span)
