"""Sentence to reports: its words of speech outside quotation marks, each with whoever stands next to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.speech import MASK, is_inflected, speech, split_title
from rag.text import LONGEST_SENTENCE, Span, trimmed

LONGEST_SUBJECT = 240
"""Characters from who speaks to the verb."""

_STUDY_WITHIN = 80
"""Characters before "shows" in which the study stands."""

_OWNER_WITHIN = 100
"""Characters before "claim" in which stands whose it is."""

_MARKS_WITHIN = 60
"""Characters between a verb with a second meaning and words in quotation marks that it can report."""


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
    def is_relative(self) -> bool:
        """Whether it joins a clause to somebody named before: "who"."""
        return self.is_pronoun and self.text.lower() in speech().relatives

    @property
    def is_somebody(self) -> bool:
        """Whether it describes a person: "a spokesman for the council"."""
        return bool((speech().persons | speech().roles).intersection(self.text.lower().split()))

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
        """Characters between its cue and some words; a participle reports none that stand before it."""
        behind = self.cue.endswith(speech().participle) and words.end <= self.cue_span.start
        return max(self.cue_span.start - words.end, words.start - self.cue_span.end, 0) + behind * LONGEST_SENTENCE


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


def owned(masked: str, sentence: Span) -> Iterator[Report]:
    """The nouns of speech in a sentence whose words follow: "her claim that it rained". Those that a clause begins
    with are left out, since the clause goes on after the words: "her claim that it rained was wrong".
    """
    patterns = speech().patterns
    for noun in patterns.noun_cue.finditer(masked, *sentence):
        start = max(sentence.start, noun.start() - _OWNER_WITHIN)
        whose = patterns.whose.search(masked[start : noun.start()])
        if whose is not None and not patterns.giving_up.search(masked[start : start + whose.start()]):
            group = 1 if whose.group(1) else 2
            text = whose.group(1) or speech().possessives[whose.group(2)]
            yield Report(noun.group(), Span(*noun.span()), Mention(text, Span(*whose.span(group)).shifted(start)))


def subject(masked: str, clause: Span) -> Mention | None:
    """Who a clause is about: whoever it begins with, or whoever comes right after its opening phrase."""
    match = speech().patterns.subject.match(masked, *clause)
    return _without_verb(Mention(match.group(1), Span(*match.span(1)))) if match else None


def _without_verb(mention: Mention) -> Mention:
    """A description up to what it does: "a federal judge struck down", whose end no cue shows, is "a federal judge"."""
    verb = None if mention.is_name else speech().patterns.verb.search(mention.text, mention.text.find(" ") + 1)
    if verb is None or " " not in mention.text[: verb.start()].strip():
        return mention
    return Mention(mention.text[: verb.start()], Span(mention.span.start, mention.span.start + verb.start()))


def _speaker(masked: str, cue: re.Match[str], sentence: Span, last: Mention | None) -> Mention | None:
    """Who speaks by `cue`; `last` is whoever did so before in the sentence. None if it reports nothing."""
    word = cue.group().lower()
    if word == speech().according:
        return _after(masked, cue.end(), sentence, speech().patterns.source)
    before = masked[max(sentence.start, cue.start() - 40) : cue.start()]
    if not _is_verb(word, before) or not _is_speech(masked, cue, sentence):
        return None
    beside = _inverted(masked, cue, sentence) or _preceding(masked, cue.start(), sentence)
    if beside is None:
        return (last or subject(masked, sentence)) if speech().patterns.joined.search(before) else None
    if _is_unreal(masked, beside, cue, sentence) or _is_plural(beside, word) or _is_apposition(masked, beside, cue):
        return None
    return _behind(masked, beside, cue, sentence, last) if word.endswith(speech().participle) else beside


def _behind(masked: str, beside: Mention, cue: re.Match[str], sentence: Span, last: Mention | None) -> Mention:
    """Who speaks by a participle: not whoever stands beside it in "Bell said that it was Carr, adding …", nor what
    does in "she released a statement saying …".
    """
    joined = speech().patterns.joined.search(masked, max(sentence.start, cue.start() - 40), cue.start())
    if joined:
        return last or subject(masked, sentence) or beside
    if beside.text.split()[-1] in speech().documents:
        return last or subject(masked, sentence) or beside
    return beside


def _is_apposition(masked: str, mention: Mention, cue: re.Match[str]) -> bool:
    """Whether a form in -ed says what was done to something: "the hall, also called the barn, was shut"."""
    if cue.group().lower() not in speech().naming:
        return False
    return speech().patterns.one_comma.fullmatch(masked, mention.span.end, cue.start()) is not None


def _is_plural(mention: Mention, cue: str) -> bool:
    """Whether a form in -s stands after several of something, and is a noun then: "two federal charges"."""
    return cue.endswith("s") and mention.text.split()[0].lower() in speech().several


def _is_unreal(masked: str, mention: Mention, cue: re.Match[str], sentence: Span) -> bool:
    """Whether nothing was said, or not yet: "did not say", "may admit", "nobody said", "if she says"."""
    patterns = speech().patterns
    before = masked[sentence.start : mention.span.start]
    if patterns.unreal_subject.match(mention.text) or patterns.conditional.search(before):
        return True
    return any(patterns.unreal.search(masked, *part) for part in _beside_asides(masked, mention.span.end, cue.start()))


def _beside_asides(masked: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """What stands between `start` and `end` outside the commas there, if any."""
    first, last = masked.find(",", start, end), masked.rfind(",", start, end)
    return ((start, end),) if first < 0 else ((start, first), (last, end))


def _is_verb(cue: str, before: str) -> bool:
    """Whether a word that can report speech does so after the words `before` it."""
    patterns = speech().patterns
    if patterns.noun.search(before) or patterns.owner.search(before):
        return False
    if cue.endswith(speech().participle):
        return patterns.shunning.search(before) is None
    if is_inflected(cue):
        return patterns.being.search(before) is None
    return patterns.takes_base_form.search(before) is not None


def _is_speech(masked: str, cue: re.Match[str], sentence: Span) -> bool:
    """Whether a verb reports speech, by what follows it: "backed off" and "spoke for an hour" do not. One with a
    second meaning does where its frame says so, beside words in quotation marks, or where a study shows something.
    """
    word = cue.group().lower()
    patterns = speech().patterns
    idiom, frame = speech().idioms.get(word), speech().frames.get(word)
    if idiom is not None and idiom.match(masked, cue.end(), sentence.end):
        return False
    if word.endswith("s") and word != "says" and patterns.finite.match(masked, cue.end(), sentence.end):
        return False
    if frame is None or frame.match(masked, cue.end(), sentence.end) or _is_by_marks(masked, cue, sentence):
        return True
    if not masked[cue.end() : sentence.end].strip(" .!?\n"):
        return True  # "it flooded twice, records show."
    before = masked[max(sentence.start, cue.start() - _STUDY_WITHIN) : cue.start()]
    return word in speech().shown_by_studies and patterns.study.search(before) is not None


def _is_by_marks(masked: str, cue: re.Match[str], sentence: Span) -> bool:
    """Whether words in quotation marks stand close to a verb, so that it can be theirs."""
    if cue.group().lower() in speech().unmarked:
        return False
    behind = cue.group().lower().endswith(speech().participle)  # reports what comes after it
    start = cue.end() if behind else max(sentence.start, cue.start() - _MARKS_WITHIN)
    end = min(sentence.end, cue.end() + _MARKS_WITHIN)
    return MASK in masked[start:end]


def _preceding(masked: str, cue: int, sentence: Span) -> Mention | None:
    """Who stands right before the cue, adverbs and an apposition allowed between."""
    start = max(sentence.start, cue - LONGEST_SUBJECT)
    match = speech().patterns.before_cue.search(masked[start:cue])
    if match is None:
        return None
    group = 1 if match.group(1) else 2
    mention = _without_adverb(Mention(match.group(group), Span(*match.span(group)).shifted(start)))
    return mention if mention.is_name else _in_apposition(match, start) or mention


def _without_adverb(mention: Mention) -> Mention:
    """A description without the adverb that belongs to its verb: "the inspectors specifically" cited something."""
    text = speech().patterns.adverbs.sub("", mention.text)
    if mention.is_name or " " not in text or mention.text.split()[-1] in speech().adverbial_nouns:
        return mention
    return Mention(text, Span(mention.span.start, mention.span.start + len(text)))


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
    before = speech().patterns.adverbs.sub("", masked[sentence.start : cue.start()]).rstrip()
    if before.rstrip(",").endswith(MASK):
        return _by_name(masked, _after(masked, cue.end(), sentence, speech().patterns.after_cue), sentence)
    if not before.endswith(",") or cue.group().lower() not in speech().inverting:
        return None
    mention = _after(masked, cue.end(), sentence, speech().patterns.after_cue)
    if mention is None or mention.is_pronoun or not split_title(mention.text)[0]:
        return None
    patterns = speech().patterns
    ends = patterns.ends_inverted if mention.is_name or mention.is_somebody else patterns.ends_clause
    return _by_name(masked, mention, sentence) if ends.match(masked, mention.span.end, sentence.end) else None


def _by_name(masked: str, mention: Mention | None, sentence: Span) -> Mention | None:
    """Whom a description introduces: "another author, Ann Bell, "; else `mention` as it is."""
    if mention is None or mention.is_name or mention.is_pronoun:
        return mention
    named = speech().patterns.named_after.match(masked, mention.span.end, sentence.end)
    return Mention(named.group(1), Span(*named.span(1))) if named else mention


def _after(masked: str, position: int, sentence: Span, somebody: re.Pattern[str]) -> Mention | None:
    start = trimmed(masked, Span(position, sentence.end)).start
    match = somebody.match(masked, start, sentence.end)
    if match is None:
        return None
    patterns = speech().patterns
    name = patterns.name.search(masked, match.start(), match.end())
    if name is None:
        return _mention(masked, Span(*match.span()))
    person = patterns.named_behind.match(masked, name.end(), sentence.end)
    if person is not None:
        return Mention(person.group(1), Span(*person.span(1)))
    noun = patterns.adjective_to.match(masked, name.end(), sentence.end) if name.start() > match.start() else None
    if noun is not None:
        return _mention(masked, Span(match.start(), noun.end()))
    return Mention(name.group(), Span(*name.span()))


def _mention(masked: str, span: Span) -> Mention:
    """A description, without the full stop of its sentence."""
    text = masked[span.start : span.end].rstrip(".")
    return Mention(text, Span(span.start, span.start + len(text)))
