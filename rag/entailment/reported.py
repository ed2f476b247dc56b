"""What somebody is said to have said: whether the evidence has somebody of that name say it, by such a verb."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.entailment.clauses import part_of, voice
from rag.entailment.descriptions import is_called
from rag.entailment.forces import differences
from rag.entailment.frames import Found, Frame, Scope, nearest
from rag.entailment.lexicon import listed, may_report
from rag.entailment.losses import is_bounded
from rag.entailment.pairs import Pair
from rag.entailment.premise import Report
from rag.entailment.reading import Part
from rag.entailment.trees import is_predicate

if TYPE_CHECKING:
    from spacy.tokens import Token


@dataclass(frozen=True)
class Saying:
    """What the sentence says that somebody said."""

    token: Token
    """The verb of saying; with an "according to", the predicate that is said."""
    lemma: str
    who: Sequence[Token]
    content: Token
    beside: Sequence[Part] = ()
    """What else stands with the verb: to whom it was said, and when."""

    @property
    def is_by_according(self) -> bool:
        """Whether it is said by an "according to", and by no verb."""
        return self.token.i == self.content.i


def reported(pair: Pair, saying: Saying) -> Iterator[Found]:
    """The ways in which somebody is right to be said to have said something."""
    for report in pair.reports:
        around = _around(pair, saying, report)
        if around is None:
            continue
        frame = _frame(pair, report)
        for top in report.content:
            for there in pair.passage.stated(top):
                found = pair.clause(saying.content, there, frame, Scope(skip_according=True))
                if found is not None:
                    yield around.add(found)


def _around(pair: Pair, saying: Saying, report: Report) -> Found | None:
    """Everything but what is said: by whom, by which verb, to whom and when; None where it is not so there."""
    if not may_report(saying.lemma, report.lemma) or not _is_told(pair, report) or _is_turned(pair, saying, report):
        return None
    whose = _speaker(pair, saying.who, report)
    beside = _beside(pair, saying, report) if whose is not None else None
    if whose is None or beside is None:
        return None
    verb = Found(_meaning(pair, saying, report), frozenset({saying.token.i}), _cues(report))
    return verb.add(whose).add(beside)


def _frame(pair: Pair, report: Report) -> Frame:
    """What stands under a report: somebody's words, told later."""
    called = (name for token in report.speakers for name in pair.called(token))
    speakers = report.names.union(called, (token.text for token in report.speakers))
    return Frame(speakers, inside=True, shifted=True, cues=_cues(report), strict=_is_strict(pair, report))


def _is_strict(pair: Pair, report: Report) -> bool:
    """Whether nothing of what is said may be left out: only so many say it, or somebody denies it."""
    if report.lemma in listed("guarded", "denying") or any(is_bounded(token) for token in report.speakers):
        return True
    return report.cue is not None and pair.passage.force(report.cue).negated


def _cues(report: Report) -> frozenset[int]:
    return frozenset({report.cue.i} if report.cue is not None else ())


def _is_told(pair: Pair, report: Report) -> bool:
    """Whether the evidence tells as so that somebody said it, and not as another's word or under an "if"."""
    cue = report.cue
    if cue is None:
        return pair.premise.is_own(report.names)
    above = cue if is_predicate(cue) else cue.head
    aside = above.dep_ in {"parataxis", "advcl"}
    return (aside or any(t.i == above.i for t in pair.told())) and not voice(pair, cue, Frame()).differs


def _is_turned(pair: Pair, saying: Saying, report: Report) -> bool:
    """Whether somebody says it in one, and does not say it in the other."""
    return report.cue is not None and pair.passage.force(report.cue).negated != pair.said.force(saying.token).negated


def _meaning(pair: Pair, saying: Saying, report: Report) -> frozenset[str]:
    """What differs in how it is meant that somebody says it: "may say" is not "says"."""
    if saying.is_by_according:
        return frozenset()
    said = pair.said.force(saying.token)
    if report.cue is None or report.cue.lower_ == "according":
        return frozenset({"modal"} if said.modal or said.negated else ())
    return frozenset(differences(said, pair.passage.force(report.cue), shifted=False))


# --- who, to whom, when -----------------------------------------------------------------------


def _speaker(pair: Pair, who: Sequence[Token], report: Report) -> Found | None:
    """Whoever says it in the sentence, as whoever does there."""
    total = Found()
    for one in who:
        way = _one_speaker(pair, one, report)
        if way is None:
            return None
        total = total.add(way)
    return total if who else None


def _one_speaker(pair: Pair, one: Token, report: Report) -> Found | None:
    tried = [pair.noun(one, there, Frame()) for there in report.speakers]
    found = nearest(way for way in tried if way is not None)
    return is_called(pair, one, report.names) if found is None and report.names else found


def _beside(pair: Pair, saying: Saying, report: Report) -> Found | None:
    """What else is said of a report: to whom, when."""
    total = Found()
    parts = pair.passage.parts(report.cue) if report.cue is not None else _cue_parts(pair, report)
    mark = next((t for t in pair.said.doc if t.lower_ == "that" and t.dep_ == "mark"), None)
    for part in saying.beside:
        if mark is not None and part.token.i > mark.i:
            return None  # "said that on Friday the plan …": it is the plan's day
        way = part_of(pair, part, parts, Frame(), report.cue)
        if way is None:
            return None
        total = total.add(way)
    return total


def _cue_parts(pair: Pair, report: Report) -> list[Part]:
    """The parts of the verb by which the index knows somebody's words, where it stands in this passage."""
    quotations, passage = pair.premise.source.quotations, pair.passage
    spans = {q.cue_span for q in quotations if q.speaker in report.names and q.cue_span is not None}
    tokens = [t for t in passage.doc for span in spans if span.start <= passage.start + t.idx < span.end]
    return [part for token in tokens for part in passage.parts(token)]
