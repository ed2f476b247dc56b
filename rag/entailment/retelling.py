"""A sentence that says what somebody said: whose words, by which verb, and the words by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.attribution import attribute
from rag.entailment.forces import differences
from rag.entailment.frames import Found, Frame
from rag.entailment.lexicon import listed, may_report
from rag.entailment.matching import Match
from rag.entailment.naming import alike, fits
from rag.entailment.premise import Passage, Premise, blanked, legible
from rag.entailment.trees import is_report, joined, tells
from rag.entailment.verdicts import Inference, concluded
from rag.text import fold
from rag.types import Article, Quotation
from rag.words import words

if TYPE_CHECKING:
    from spacy.tokens import Token


@dataclass(frozen=True)
class Told:
    """Somebody's words as the sentence tells them, which stands in `article` behind what was shown before."""

    quotation: Quotation
    article: Article

    @property
    def text(self) -> str:
        """The words by themselves: without a "she said" among them, and a "that" before them."""
        q = self.quotation
        text, start = self.article.text[slice(*q.excerpt.span)], q.excerpt.span.start
        inside = [span for span in (q.mention, q.cue_span) if span is not None and q.excerpt.span.covers(span)]
        if inside:
            text = blanked(text, min(s.start for s in inside) - start, max(s.end for s in inside) - start)
        return re.sub(r"^that\s+", "", text.strip(' ,.;:"“”'))


def retell(text: str, premises: Sequence[Premise], shown: str) -> Inference | None:
    """What comes of a sentence as somebody's words; None where it tells none, or where the evidence has them not.

    `shown` is what stands before the sentence, by which "she" is somebody.
    """
    lead = f"{shown}\n\n" if shown else ""
    article = Article(lead + text)
    outer = _outer(article, len(lead))
    speakers = {q.speaker for q in outer}
    if len(speakers) != 1:
        return None
    ways = [_said_by(Told(q, article), premises) for q in outer]
    found = [way for way in ways if way is not None]
    if len(found) != len(ways):
        return None
    numbers = tuple(dict.fromkeys(n for n, _ in found))
    rest = _rest(article.text, outer)[len(lead) :]
    if not _is_known(rest, [p for p in premises if p.n in numbers], speakers.pop()):
        return Inference("not_found", f"beside the words: {rest}")
    return concluded(Found(frozenset().union(*(way.differs for _, way in found))), numbers)


def _outer(article: Article, start: int) -> list[Quotation]:
    """What somebody says in an article from a place on, but for what somebody else says in that."""
    told = [q for q in attribute(article) if q.excerpt.span.start >= start and q.cue]
    return [q for q in told if not any(o is not q and o.excerpt.span.covers(q.excerpt.span) for o in told)]


# --- the same words, by the same person -------------------------------------------------------


def _said_by(told: Told, premises: Sequence[Premise]) -> tuple[int, Found] | None:
    """The evidence in which whoever is said to say something says it, by its number, and what differs there."""
    ways = [(premise.n, found) for premise in premises for found in _ways(told, premise)]
    return min(ways, key=lambda way: len(way[1].differs), default=None)


def _ways(told: Told, premise: Premise) -> Iterator[Found]:
    q = told.quotation
    for passage, theirs in premise.spoken:
        if not _is_speaker(q, theirs, premise) or premise.is_nested(theirs) or not _is_said_so(told, theirs, premise):
            continue
        if may_report(premise.lemma(q.cue), premise.lemma(theirs.cue)):
            found = _content(told.text, premise, passage, theirs)
            if found is not None:
                yield found


def _is_speaker(q: Quotation, theirs: Quotation, premise: Premise) -> bool:
    """Whether the sentence names whoever speaks there: by name, or by an office that the article gives them."""
    if not q.speaker or not theirs.speaker:
        return False
    if fits(q.speaker, theirs.speaker):
        return True
    if fits(theirs.speaker, q.speaker) and q.speaker in premise.article.text:
        return True
    asked = frozenset(words(q.speaker)) - listed("names", "articles") - {"s"}
    return premise.has_office(frozenset({theirs.speaker}), premise.noun(q.speaker), asked)


def _is_said_so(told: Told, theirs: Quotation, premise: Premise) -> bool:
    """Whether somebody says it in both, or does not in both; in the evidence as told, under no condition."""
    whole = Passage(told.article.text, 0)
    ours = premise.at(whole, told.quotation.cue_span)
    if ours is None or not is_report(ours) or ours.lemma_.lower() in listed("reports", "more_than_told"):
        return ours is not None and ours.lower_ == "according"
    said = whole.force(ours)
    plainly = not said.negated and not said.modal
    there = premise.at(premise.whole, theirs.cue_span)
    if there is None:  # it is said in the sentence before
        return plainly
    if not is_report(there):
        return there.lower_ == "according" and plainly
    as_told = _is_told(premise.whole, there) and not premise.whole.condition(there)
    return as_told and not differences(said, premise.whole.force(there), shifted=False)


def _is_told(whole: Passage, verb: Token) -> bool:
    """Whether a sentence tells as so that somebody says something, or says in passing who said it."""
    if verb.dep_ in {"parataxis", "advcl", "ROOT"}:
        return True
    return any(t.i == verb.i for root in whole.roots for t in whole.told(root))


def _content(text: str, premise: Premise, passage: Passage, theirs: Quotation) -> Found | None:
    """What somebody is said to say, as a sentence by itself, beside what they say there."""
    if _plain(text) == _plain(passage.text) and len(text.split()) > 2 and not _speaks_of_another(text, theirs):
        return Found()
    said = Passage(text[:1].upper() + text[1:] + ".", 0)
    roots = [root for root in said.roots if not root.is_punct]
    if len(roots) != 1:
        return None
    of_many = listed("quantities", "shares") | listed("quantities", "bounding")
    strict = premise.lemma(theirs.cue) in listed("guarded", "denying") or not of_many.isdisjoint(
        [*words(theirs.speaker), *theirs.speaker[-1:]]
    )
    frame = Frame(frozenset({theirs.speaker}), inside=True, shifted=True, strict=strict)
    total = Found()
    for head in [roots[0], *joined(roots[0])]:
        found = _clause(Match(said, premise, passage), head, frame)
        if found is None:
            return None
        total = total.add(found)
    left = any(t.i not in total.seen and tells(t) for t in said.doc)
    return total if not left and total.is_hung_rightly else None


def _speaks_of_another(text: str, theirs: Quotation) -> bool:
    """Whether a "she" in somebody's own words, told without marks, would be taken for whoever speaks."""
    return theirs.kind != "indirect" and not listed("pronouns", "persons").isdisjoint(words(text))


def _clause(match: Match, head: Token, frame: Frame) -> Found | None:
    """One predicate of somebody's words, as near as the passage tells it."""
    tops = [top for root in match.passage.roots for top in match.passage.stated(root)]
    ways = [found for there in tops if (found := match.clause(head, there, frame)) is not None]
    return min(ways, key=lambda way: (len(way.differs), -len(way.seen)), default=None)


def _plain(text: str) -> str:
    return " ".join(fold(legible(text)).casefold().split()).strip(" ,.;:!?\"'")


# --- what stands beside the words -------------------------------------------------------------


def _rest(text: str, spoken: Sequence[Quotation]) -> str:
    """A text with spaces for somebody's words, for whose they are, and for the verb."""
    blank = list(text)
    for q in spoken:
        for span in (q.excerpt.span, q.mention, q.cue_span):
            if span is not None:
                blank[span.start : span.end] = " " * (span.end - span.start)
    return "".join(blank)


def _is_known(rest: str, premises: Sequence[Premise], speaker: str) -> bool:
    """Whether what stands beside somebody's words says no more than who it is, when, and in what they said it."""
    beside = [words(_beside(premise)) for premise in premises]
    if _is_printed(rest, [" ".join(words(_by_verb(premise, speaker))) for premise in premises]):
        return True
    offices = {word for premise in premises for word in _offices(premise, speaker)}
    there = offices.union(*beside)
    named = offices | {word for premise in premises for name in _names(premise, speaker) for word in words(name)}
    own, said = words(speaker), words(rest)
    more = any(word in named and word not in own for word in said)
    if more and not listed("guarded", "adjectives") & there <= set(said):
        return False
    return all(_is_empty(word) or word in named or word in own for word in said)


def _is_printed(rest: str, printed: Sequence[str]) -> bool:
    """Whether each stretch beside the words stands so in the evidence."""
    chunks = [" ".join(words(chunk)) for chunk in re.split(r"\s{2,}|[,:;]", rest)]
    return all(not chunk or any(_has_chunk(chunk, text) for text in printed) for chunk in chunks)


def _has_chunk(chunk: str, printed: str) -> bool:
    """Whether words stand side by side, and not as the owner of something: "Bell" of "Bell's lawyer"."""
    return f" {chunk} " in f" {printed} " and f" {chunk} s " not in f" {printed} "


def _by_verb(premise: Premise, speaker: str) -> str:
    """What the evidence has beside somebody's words, in the clause of the verb: to whom, when, in what."""
    quotations = premise.source.quotations
    cues = [premise.at(premise.whole, q.cue_span) for q in quotations if alike(q.speaker, speaker)]
    near = [token for cue in cues if cue is not None for token in cue.subtree if not _is_below(token, cue)]
    return " ".join(token.text for token in near if not premise.voices(premise.whole, token))


def _is_below(token: Token, cue: Token) -> bool:
    """Whether a word is of a clause or an apposition below a verb of saying, and not of the verb's own clause."""
    path = [token, *(above for above in token.ancestors if above.i != cue.i and cue.is_ancestor(above))]
    return any(one.dep_ in {"relcl", "acl", "advcl", "ccomp", "appos"} for one in path)


def _beside(premise: Premise) -> str:
    """What the evidence says beside anybody's words."""
    return _rest(premise.article.text, premise.source.quotations)[slice(*premise.source.span)]


def _names(premise: Premise, speaker: str) -> frozenset[str]:
    """What the article calls whoever the sentence names."""
    return frozenset(q.speaker for q in premise.source.quotations if alike(q.speaker, speaker))


def _offices(premise: Premise, speaker: str) -> frozenset[str]:
    return frozenset().union(*premise.offices(_names(premise, speaker)))


def _is_empty(word: str) -> bool:
    return word in listed("reports", "empty")
