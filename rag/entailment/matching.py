"""One sentence beside one piece of evidence, part by part: what its words are there, and what differs.

Nothing is weighed. A part of the sentence that the evidence does not have ends it; so does a part of the evidence
that is left out and without which something else is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag.entailment.antecedents import BODIES
from rag.entailment.forces import differences
from rag.entailment.lexicon import (
    is_plain,
    listed,
    lists,
    may_report,
    same_lemma,
    same_preposition,
)
from rag.entailment.losses import clause_loses, noun_loses
from rag.entailment.naming import alike, fits, is_title, last, phrase
from rag.entailment.premise import Passage, Premise, Report
from rag.entailment.reading import Part, Reading, is_predicate, is_report
from rag.names import name_words
from rag.people import is_named
from rag.speech import speech
from rag.words import words

if TYPE_CHECKING:
    from spacy.tokens import Token

TRACE: list[str] = []
NOTHING: frozenset[str] = frozenset()
_FIRST = {"i", "we", "my", "our", "me", "us", "myself", "ourselves", "mine", "ours"}
_PERSONS = {"he", "she", "his", "her", "him", "hers", "himself", "herself"}
_THIRD = {
    "he",
    "she",
    "they",
    "his",
    "her",
    "their",
    "him",
    "them",
    "it",
    "its",
    "himself",
    "herself",
    "themselves",
    "hers",
    "theirs",
    "itself",
}
_CASES = [{"i", "me", "my", "mine", "myself"}, {"we", "us", "our", "ours"}, {"he", "him", "his", "himself"},
          {"she", "her", "hers", "herself"}, {"they", "them", "their", "theirs"}, {"it", "its", "itself"}, {"you", "your", "yours"}]  # fmt: skip
_COMPASS = frozenset(
    [
        "north",
        "south",
        "east",
        "west",
        "northern",
        "southern",
        "eastern",
        "western",
        "new",
        "upper",
        "lower",
        "central",
        "non",
        "anti",
    ]
)


@dataclass(frozen=True)
class Frame:
    """What a clause stands under: in whose words it is, and which words of the evidence say so."""

    speakers: frozenset[str] = NOTHING
    """Names of whoever speaks, as the evidence has them; empty where nobody does."""
    inside: bool = False
    shifted: bool = False
    """Whether "will" may have become "would", told by somebody else later."""
    cues: frozenset[int] = frozenset()
    """The words of the evidence through which the clause was reached."""
    strict: bool = False
    """Whether it stands under a "not" or an "if": then nothing may be left out, since less would be more."""


@dataclass
class Found:
    """What a match came to: what differs, and which words of the sentence it accounts for."""

    differs: set[str] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    there: set[int] = field(default_factory=set)
    owed: list[int] = field(default_factory=list)
    """Words of the evidence that must be among `there` in the end, since something was hung on them."""

    def add(self, other: Found) -> Found:
        return Found(
            self.differs | other.differs, self.seen | other.seen, self.there | other.there, self.owed + other.owed
        )


class Match:
    """The sentence `said` beside `passage` of `premise`. `quotes` are its stretches in marks, found verbatim there:
    by word of the sentence, the word of the passage.
    """

    def __init__(
        self, said: Reading, premise: Premise, passage: Passage, quotes: dict[int, int], subject: str = ""
    ) -> None:
        self.said, self.premise, self.passage, self.quotes, self.subject = said, premise, passage, quotes, subject
        self.reports = premise.reports(passage)
        main = [
            phrase(part.token)[0]
            for root in said.roots
            for part in said.parts(root)
            if part.rel in {"subj", "obj"} and part.token.pos_ == "PROPN"
        ]
        self._meant = frozenset([*main[:1], subject]) - {""}
        self._trail: set[tuple[int, int]] = set()
        self._within: set[int] = set()
        self._steps = 0

    # --- predicates ---------------------------------------------------------------------------

    def told(self) -> list[Token]:
        """The predicates that the passage tells as so, by itself."""
        if self.passage.is_question():
            return []
        return [token for root in self.passage.roots for token in self.passage.told(root)]

    def statement(self, token: Token, content: Token | None = None) -> Iterator[Found]:
        """All ways in which a predicate of the sentence, and of what is said there just `content`, follows."""
        speaker = self._according(token)
        outlet = speaker if speaker is not None else self._reporter(token)
        if outlet is not None and self._is_outlet(outlet):
            yield from self._printed(token, outlet, content)
        elif speaker is not None:
            yield from self._reported(token, "say", [Part("subj", speaker)], [], [token])
        elif is_report(token) and content is not None:
            parts = [part for part in self.said.parts(token) if part.rel != "comp"]
            who = [part for part in parts if part.rel == "subj"]
            rest = [part for part in parts if part.rel != "subj"]
            yield from self._reported(token, token.lemma_.lower(), who, rest, [content])
        direct = content is None or any(part.token.i == content.i for part in self.said.parts(token))
        for there in self.told() if direct else ():
            found = self.clause(token, there, Frame(), content)
            if found is not None:
                yield found
        if token.lemma_ == "be":
            yield from self._described(token)

    def _reporter(self, token: Token) -> Token | None:
        """Who says something by a plain verb."""
        return (
            next((p.token for p in self.said.parts(token) if p.rel == "subj"), None)
            if is_plain(token.lemma_.lower())
            else None
        )

    def _is_outlet(self, token: Token) -> bool:
        """Whether somebody is the paper that the evidence stands in."""
        written = name_words(phrase(token)[0]) - {"the"}
        return bool(written) and token.pos_ == "PROPN" and written <= name_words(self.premise.article.publisher or "-")

    def _printed(self, token: Token, outlet: Token, content: Token | None) -> Iterator[Found]:
        """What the outlet is right to be said to report: what it tells as so."""
        named = {t.i for t in outlet.subtree}
        said = [content] if content is not None and self._according(token) is None else [token]
        if self._according(token) is None and content is None:
            return
        for one in said:
            for there in self.told():
                found = self.clause(one, there, Frame(shifted=self._according(token) is None), skip_according=True)
                if found is not None:
                    rest = {
                        t.i
                        for p in self.said.parts(token)
                        if p.rel != "comp" and p.token.i != outlet.i
                        for t in [p.token]
                    }
                    if self._according(token) is not None or not rest:
                        yield found.add(Found(set(), named | {token.i}))

    def _according(self, token: Token) -> Token | None:
        for child in token.children:
            if child.lower_ == "according":
                return next((g for c in child.children for g in c.children if g.dep_ == "pobj"), None)
        return None

    def _reported(
        self, token: Token, lemma: str, who: Sequence[Part], rest: Sequence[Part], content: Sequence[Token]
    ) -> Iterator[Found]:
        """The ways in which somebody is right to be said to have said something."""
        for report in self.reports:
            if not may_report(lemma, report.lemma) or not self._is_told(report):
                continue
            if report.cue is not None and self.passage.force(report.cue).negated != self.said.force(token).negated:
                continue
            whose = self._speaker(who, report)
            if whose is None:
                continue
            others = self._beside_report(rest, report)
            if others is None:
                continue
            names = report.names | frozenset(
                name for t in report.speakers for name in self.premise.called(self.passage, t)
            )
            cues = frozenset({report.cue.i} if report.cue is not None else ())
            frame = Frame(names | frozenset(t.text for t in report.speakers), True, True, cues)
            for one in content:
                for top in report.content:
                    for there in self.passage.told(top):
                        found = self.clause(one, there, frame, skip_according=True)
                        if found is not None:
                            seen = Found(set(), {token.i}, set(cues))
                            force = self._force_of_report(token, report)
                            yield seen.add(whose).add(others).add(found).add(Found(force))

    def _is_told(self, report: Report) -> bool:
        """Whether the evidence tells as so that somebody said it, and not as another's word or under an "if"."""
        if report.cue is not None:
            above = report.cue if is_predicate(report.cue) else report.cue.head
            aside = above.dep_ in {"parataxis", "advcl"}
            return (aside or any(t.i == above.i for t in self.told())) and not self._voice(report.cue, Frame())
        return self.premise.is_own(report.names)

    def _force_of_report(self, token: Token, report: Report) -> set[str]:
        if self._according(token) is not None:
            return set()
        said = self.said.force(token)
        if report.cue is None or report.cue.lower_ == "according":
            return {"modal"} if said.modal or said.negated else set()
        return differences(said, self.passage.force(report.cue), shifted=False)

    def _speaker(self, who: Sequence[Part], report: Report) -> Found | None:
        if not who:
            return None
        total = Found()
        for part in who:
            tried = (self.noun(part.token, token, Frame()) for token in report.speakers)
            ways = [way for way in tried if way is not None]
            if not ways and report.names:
                way = self._is_called(part.token, report.names)
                ways = [way] if way is not None else []
            if not ways:
                return None
            total = total.add(min(ways, key=lambda way: len(way.differs)))
        return total

    def _beside_report(self, rest: Sequence[Part], report: Report) -> Found | None:
        """What else is said of a report: to whom, when."""
        total = Found()
        parts = self.passage.parts(report.cue) if report.cue is not None else self._cue_parts(report)
        marks = [t for t in self.said.doc if t.lower_ == "that" and t.dep_ == "mark"][:1] if rest else []
        for part in rest:
            if any(part.token.i > mark.i for mark in marks):
                return None  # "said that on Friday the plan …": it is the plan's day
            way = self._part(part, parts, Frame(), report.cue)
            if way is None:
                return None
            total = total.add(way)
        return total

    def _cue_parts(self, report: Report) -> list[Part]:
        """The parts of the verb by which the index knows somebody's words, where it stands in this passage."""
        spans = {
            q.cue_span for q in self.premise.source.quotations if q.speaker in report.names and q.cue_span is not None
        }
        tokens = [t for t in self.passage.doc for span in spans if span.start <= self.passage.start + t.idx < span.end]
        return [part for token in tokens for part in self.passage.parts(token)]

    def _is_called(self, token: Token, names: frozenset[str]) -> Found | None:
        """Whether a noun phrase of the sentence names somebody by name, office or pronoun."""
        if token.pos_ == "PRON" and token.lower_ in _THIRD:
            known = any(fits(meant, name) for meant in self._meant for name in names)
            return Found(set(), {token.i}) if known else None
        written, covered = self._name_of(token)
        if written and any(fits(written, name) for name in names):
            extra = self._beside_name(token, covered, names)
            return Found(set(), covered | extra) if extra is not None else None
        described = {t.i for t in token.subtree if not t.is_punct}
        own = {w for name in names for w in words(name)}
        telling = {
            self.said.doc[i].lower_ for i in described if self.said.doc[i].pos_ not in {"DET", "ADP", "PART"}
        } - own
        if not telling:
            return None
        unnamed = (set(words(n)) - {"the", "a", "an"} for n in names if not is_named(n))
        if self.premise.has_office(names, token.lower_, telling) or any(
            telling == described_as for described_as in unnamed
        ):
            return Found(set(), described)
        return None

    def _beside_name(self, token: Token, covered: set[int], names: frozenset[str]) -> set[int] | None:
        """What stands beside a name and says what somebody is, where the article says so; None where it does not."""
        offices = [frozenset().union(*self.premise.offices(names))] if self.premise.offices(names) else [NOTHING]
        seen: set[int] = set()
        for part in self.said.parts(token):
            inner = [t for t in part.token.subtree if not t.is_punct and t.i not in covered]
            telling = [t for t in inner if t.pos_ not in {"DET", "ADP", "PART", "CCONJ"} and not t.is_stop]
            if not all(w in offices[0] for t in telling for w in words(t.text)):
                return None
            seen |= {t.i for t in inner}
        return seen

    def clause(
        self, token: Token, there: Token, frame: Frame, content: Token | None = None, skip_according: bool = False
    ) -> Found | None:
        """A predicate of the sentence as one of the evidence: the same verb, meant the same way, with parts of its."""
        self._steps += 1
        if self._steps > 20_000:
            return None
        key = (token.i, there.i)
        if key in self._trail:
            return Found(set(), {token.i}, {there.i})
        phrasal = self._same_word(token, there)
        if phrasal is None:
            return None
        self._trail.add(key)
        try:
            found = self._clause(token, there, frame, content, skip_according, frozenset(phrasal.seen))
            return found.add(phrasal) if found is not None else None
        finally:
            self._trail.discard(key)

    def _clause(
        self,
        token: Token,
        there: Token,
        frame: Frame,
        content: Token | None,
        skip_according: bool,
        done: frozenset[int],
    ) -> Found | None:
        quoted = self.quotes.get(token.i)
        if quoted is not None and quoted != there.i:
            return None
        ours, theirs = self.said.force(token), self.passage.force(there)
        found = Found(differences(ours, theirs, frame.shifted), {token.i}, {there.i})
        found.differs |= self._voice(there, frame)
        if any(_is_taken(part.token, there) for part in self.passage.parts(there) if part.rel == "subj"):
            return None
        if self.passage.condition(there) and not self.said.condition(token):
            found.differs.add("condition")
        strict = frame.strict or theirs.negated or self.passage.condition(there)
        frame = replace(frame, strict=strict, cues=frame.cues | {there.i})
        parts = self.passage.parts(there)
        used: set[int] = set(self._particles(there) if self._is_phrasal(there, token) else ())
        for part in self.said.parts(token):
            if part.token.i in done:
                continue
            if skip_according and any(c.lower_ == "according" for c in part.token.ancestors if c.i != token.i):
                continue
            if quoted is not None and part.token.i in self.quotes:
                found = found.add(
                    Found(set(), {t.i for t in part.token.subtree if t.i in self.quotes}, {self.quotes[part.token.i]})
                )
                used.add(self.quotes[part.token.i])
                continue
            if part.rel == "comp" and content is not None and part.token.i != content.i:
                continue
            way = self._part(part, parts, frame, there)
            if way is None:
                TRACE.append(f"{token}~{there} {part.rel}:{part.token}")
                return None
            used |= way.there
            found = found.add(way)
        if quoted is not None:
            used |= set(self.quotes.values())
        if clause_loses(self.passage, there, parts, used, strict):
            found.differs.add("dropped")
        return found

    def _voice(self, there: Token, frame: Frame) -> set[str]:
        """Whether words that the article gives to somebody are told as nobody's, or as another's."""
        for q in self.premise.voices(self.passage, there):
            by_cue = q.cue_span is not None and any(
                q.cue_span.start <= self.passage.start + self.passage.doc[i].idx < q.cue_span.end for i in frame.cues
            )
            if by_cue:
                continue
            if not frame.inside:
                return {"report"}
            if (
                q.speaker
                and frame.speakers
                and not any(alike(q.speaker, name) for name in frame.speakers)
                and q.kind != "indirect"
            ):
                return {"report"}
        return set()

    def _same_word(self, token: Token, there: Token) -> Found | None:
        """Whether two predicates are one: the verb, or another of its sense; with what it takes to say so."""
        one, other = token.lemma_.lower(), there.lemma_.lower()
        if self.quotes.get(token.i) == there.i:
            return Found()
        if is_predicate(token) != is_predicate(there) and not (
            token.tag_.startswith("V") or there.tag_.startswith("V")
        ):
            if token.pos_ != there.pos_ and not {token.pos_, there.pos_} <= {"NOUN", "PROPN", "ADJ"}:
                return None
        if same_lemma(one, other):
            return Found()
        phrases = lists()["same"]["phrases"]
        ours = f"{one} {' '.join(p.token.lower_ for p in self.said.parts(token) if p.rel == 'prt')}".strip()
        theirs = f"{other} {' '.join(p.token.lower_ for p in self.passage.parts(there) if p.rel == 'prt')}".strip()
        if phrases.get(ours) == other or phrases.get(theirs) == one:
            return Found(set(), {p.token.i for p in self.said.parts(token) if p.rel == "prt"})
        return None

    def _particles(self, there: Token) -> list[int]:
        return [part.token.i for part in self.passage.parts(there) if part.rel == "prt"]

    def _is_phrasal(self, there: Token, token: Token) -> bool:
        """Whether verb and particle there are one verb here."""
        theirs = (
            f"{there.lemma_.lower()} {' '.join(p.token.lower_ for p in self.passage.parts(there) if p.rel == 'prt')}"
        )
        return bool(lists()["same"]["phrases"].get(theirs) == token.lemma_.lower())

    # --- parts of predicates ------------------------------------------------------------------

    def _part(self, part: Part, parts: Sequence[Part], frame: Frame, head: Token | None) -> Found | None:
        """A part of a predicate of the sentence among those of the evidence, as near as there is one."""
        ways = [way for other in parts if self._may_be(part, other) for way in self._as(part, other, frame)]
        if not ways and head is not None:
            ways = list(self._elsewhere(part, head, frame))
        if part.token.i in self.quotes:
            ways += [Found(set(), self._quote_of(part.token), {self.quotes[part.token.i]})] if frame.inside else []
        return min(ways, key=lambda way: len(way.differs), default=None)

    def _quote_of(self, token: Token) -> set[int]:
        return {t.i for t in token.subtree if t.i in self.quotes}

    def _may_be(self, part: Part, other: Part) -> bool:
        one, two = part.rel, other.rel
        if one == two:
            return True
        if one.startswith("prep:") and two.startswith("prep:"):
            return same_preposition(one[5:], two[5:])
        kinds = {one, two}
        if kinds <= {"inf", "advcl", "clause", "comp"}:
            return _is_infinitive(part.token) == _is_infinitive(other.token)
        if (
            kinds <= {"poss", "of", "mod"}
            or kinds <= {"adv", "time", "measure", "mod"}
            or kinds <= {"num", "bound", "quant", "mod"}
        ):
            return True
        if (
            kinds <= {"iobj", "prep:to"}
            or kinds <= {"iobj", "obj"}
            or kinds <= {"pred", "obj"}
            or kinds <= {"pred", "inf"}
        ):
            return True
        if kinds <= {"time", "prep:on", "prep:in", "prep:at", "prep:during", "prep:by"}:
            return self.said.is_time(part.token) and self.passage.is_time(other.token)
        if "prt" in kinds and any(kind.startswith("prep:") for kind in kinds):
            return False
        return bool(kinds <= {"obj", "prep:to", "prep:against"})

    def _as(self, part: Part, other: Part, frame: Frame) -> Iterator[Found]:
        token, there = part.token, other.token
        if part.rel in {"inf", "advcl", "comp", "clause"} or (is_predicate(token) and is_predicate(there)):
            if part.rel == "advcl" and not self._same_mark(token, there):
                return
            inner = replace(frame, shifted=frame.shifted or part.rel == "comp")
            if part.rel == "comp":
                inner = replace(inner, inside=frame.inside or bool(frame.cues))
            for told in self.passage.told(there) if part.rel == "comp" else [there]:
                for joined in _chain(token):
                    found = self.clause(joined, told, inner)
                    if found is not None:
                        if part.rel == "inf" or part.rel == "advcl":
                            found.differs -= {"tense"}
                        yield found
            return
        if part.rel in {"adv", "prt"}:
            if same_lemma(token.lower_, there.lower_):
                found = self._inner(token, there, frame)
                if found is not None:
                    yield found
            return
        found = self.noun(token, there, frame)
        if found is not None:
            yield found

    def _same_mark(self, token: Token, there: Token) -> bool:
        ours = {
            c.lower_
            for c in token.children
            if c.dep_ in {"mark", "advmod"} and c.i < token.i and (c.dep_ == "mark" or c.tag_ == "WRB")
        }
        theirs = {
            c.lower_
            for c in there.children
            if c.dep_ in {"mark", "advmod"} and c.i < there.i and (c.dep_ == "mark" or c.tag_ == "WRB")
        }
        return ours == theirs or any(
            ours <= set(line) and theirs <= set(line) and ours and theirs for line in lists()["same"]["marks"]
        )

    def _elsewhere(self, part: Part, head: Token, frame: Frame) -> Iterator[Found]:
        """A time, place or circumstance that the grammar hangs on another word of the same clause."""
        if not (part.rel in {"time", "adv", "measure", "iobj"} or part.rel.startswith("prep:")):
            return
        for token in _clause_words(head):
            for other in self.passage.parts(token):
                if not self._may_be(part, other) or token.i == head.i:
                    continue
                for found in self._as(part, other, frame):
                    yield found.add(Found(owed=[token.i]))

    # --- nouns --------------------------------------------------------------------------------

    def noun(self, token: Token, there: Token, frame: Frame) -> Found | None:
        """A noun phrase of the sentence as one of the evidence: the same thing, said no more of."""
        key = (token.i, there.i)
        if key in self._trail:
            return Found(set(), {token.i}, {there.i})
        self._trail.add(key)
        try:
            return self._noun(token, there, frame)
        finally:
            self._trail.discard(key)

    def _noun(self, token: Token, there: Token, frame: Frame) -> Found | None:
        if self.quotes.get(token.i) == there.i:
            found = Found(set(), self._quote_of(token) | {token.i}, {there.i})
            return self._details(token, there, frame, found, quoted=True)
        if _is_disjunct(token) != _is_disjunct(there):
            return None
        if token.pos_ == "PRON" or token.tag_ in {"PRP", "PRP$"}:
            return self._pronoun(token, there, frame)
        if token.pos_ == "PROPN":
            named = self._named(token, there, frame)
            if named is not None:
                return named
        amount = self._amount(token, there)
        if amount is not None:
            return self._details(token, there, frame, amount) if amount.seen else None
        if self._same_noun(token, there):
            return self._details(token, there, frame, Found(set(), {token.i}, {there.i}))
        meant = self._meant_by(token, there, frame)
        if meant is not None:
            return meant
        return self._alias(token, there, frame)

    def _same_noun(self, token: Token, there: Token) -> bool:
        plural, theirs = token.tag_ in {"NNS", "NNPS"}, there.tag_ in {"NNS", "NNPS"}
        if (
            token.pos_ in {"NOUN", "PROPN"}
            and there.pos_ in {"NOUN", "PROPN"}
            and plural != theirs
            and token.lower_ != there.lower_
        ):
            return False
        degrees = {"JJR", "JJS", "RBR", "RBS"}
        if token.lower_ != there.lower_ and (token.tag_ in degrees or there.tag_ in degrees):
            return False
        if same_lemma(token.lemma_.lower(), there.lemma_.lower()) or token.lower_ == there.lower_:
            return True
        return token.lower_.strip(".") == there.lower_.strip(".")

    def _amount(self, token: Token, there: Token) -> Found | None:
        """Two words of one date or one number; nothing seen where they are of two, None where of neither."""
        day, their_day = self.said.day(token), self.passage.day(there)
        if day is not None or their_day is not None:
            if (
                day is None
                or their_day is None
                or not day.agrees(their_day, self.premise.source.citation.excerpt.article.day // 10_000)
            ):
                return Found()
            return Found(set(), self.said.within(*day.span), self.passage.within(*their_day.span))
        if _is_compound_number(token) or _is_compound_number(there):
            return Found(set(), {token.i}, {there.i}) if token.lower_ == there.lower_ else Found()
        ours, theirs = self.said.figure(token), self.passage.figure(there)
        if ours is None and theirs is None:
            return None
        if ours is None or theirs is None:
            return None if token.lower_ == there.lower_ else Found()
        same = ours.value == theirs.value and ours.unit == theirs.unit and ours.bound == theirs.bound
        return (
            Found(set(), self.said.within(*ours.span) | {token.i}, self.passage.within(*theirs.span) | {there.i})
            if same
            else Found()
        )

    def _meant_by(self, token: Token, there: Token, frame: Frame) -> Found | None:
        """A noun for a pronoun or for "the company": what stood before it, or whom a speaker speaks for."""
        word = there.lower_
        if word in _THIRD and token.pos_ in {"NOUN", "PROPN"}:
            earlier = [
                t
                for t in self.passage.doc[: there.i]
                if t.dep_ in {"nsubj", "nsubjpass"} and t.pos_ in {"NOUN", "PROPN"}
            ]
            if len(earlier) == 1 and _may_mean(word, earlier[0]):
                found = self.noun(token, earlier[0], frame)
                if found is not None:
                    return found
        if not frame.inside or not (word in {"we", "our", "us", "it", "its"} or there.lemma_.lower() in BODIES):
            return None
        offices = frozenset().union(*self.premise.offices(frame.speakers)) if frame.speakers else NOTHING
        written, covered = phrase(token)
        if token.pos_ == "PROPN" and name_words(written) and name_words(written) <= offices:
            return self._details(token, there, frame, Found(set(), covered, {there.i}), named=True)
        near = any(t.lemma_.lower() == token.lemma_.lower() for t in self.premise.whole.doc)
        if token.lemma_.lower() in BODIES and word in {"we", "our", "us", "it", "its"} and (offices or near):
            return self._details(token, there, frame, Found(set(), {token.i}, {there.i}), named=True)
        return None

    def _pronoun(self, token: Token, there: Token, frame: Frame) -> Found | None:
        word, other = token.lower_, there.lower_
        found = Found(set(), {token.i}, {there.i})
        if word in _PERSONS and not frame.inside and not self._is_known(token, there):
            return None
        if word == other or any({word, other} <= case for case in _CASES):
            return found if word not in {"this", "that", "these", "those"} or word == other else None
        if there.pos_ == "PRON" and other in _FIRST and frame.inside and word in _THIRD:
            return found if self._may_be_speakers(token, frame) else None
        if word in _THIRD:
            names = self.premise.called(self.passage, there) | ({there.text} if there.pos_ == "PROPN" else NOTHING)
            means = (frame.speakers if frame.inside else NOTHING) | self._meant | self._before(token)
            if any(alike(a, b) for a in names for b in means):
                return found
        return None

    def _may_be_speakers(self, token: Token, frame: Frame) -> bool:
        """Whether "his" for somebody's "my" can only be the speaker's, and not that of who does something there."""
        known = {speech().genders.get(name.split()[0], "") for name in frame.speakers}
        if (
            token.lower_ in {"he", "his", "him"}
            and known == {"she"}
            or token.lower_ in {"she", "her"}
            and known == {"he"}
        ):
            return False
        if token.tag_ != "PRP$":
            return True
        verb = next((a for a in token.ancestors if is_predicate(a)), None)
        doers = [part.token for part in self.said.parts(verb) if part.rel == "subj"] if verb is not None else []
        return not any(doer.pos_ == "PROPN" for doer in doers)

    def _is_known(self, token: Token, there: Token) -> bool:
        """Whether somebody was named of whom a "she" can be said, and it is not somebody else there."""
        named = self._meant | self._before(token)
        if not named:
            return False
        theirs = self.premise.called(self.passage, there) if there.pos_ == "PRON" else NOTHING
        return not theirs or any(alike(a, b) for a in theirs for b in named)

    def _before(self, token: Token) -> frozenset[str]:
        """The names that stand before a pronoun in the sentence, but for who does something in its own clause."""
        own = {part.token.i for part in self.said.parts(token.head) if part.rel == "subj" and part.token.i != token.i}
        return frozenset(
            phrase(t)[0]
            for t in self.said.doc[: token.i]
            if t.pos_ == "PROPN" and t.dep_ != "compound" and t.i not in own
        )

    def _named(self, token: Token, there: Token, frame: Frame) -> Found | None:
        written, covered = self._name_of(token)
        if token.pos_ != "PROPN" or not written:
            return None
        ours = name_words(written)
        theirs, their_tokens = phrase(there)
        if there.pos_ == "PROPN":
            stated = name_words(theirs)
            if len(ours) == 1 and _shares_name(there):
                return None
            dropped = stated - ours
            if ours and ours <= stated and last(written) == last(theirs) and self._may_shorten(there, written, dropped):
                return self._details(token, there, frame, Found(set(), covered, their_tokens), named=True)
        names = self.premise.called(self.passage, there)
        if frame.inside and there.lower_ in _FIRST:
            names |= frame.speakers
        if any(fits(written, name) for name in names):
            return self._details(token, there, frame, Found(set(), covered, their_tokens), named=True)
        for alias in self._aliases(there):
            if alias.pos_ == "PROPN" and alias.i != there.i:
                text, tokens = phrase(alias)
                if ours and ours <= name_words(text) and last(written) == last(text):
                    return self._details(token, alias, frame, Found(set(), covered, tokens | {there.i}), named=True)
        return None

    def _may_shorten(self, there: Token, written: str, dropped: frozenset[str]) -> bool:
        """Whether a name may go without some of its words: a person's may, another where the article does so too."""
        if not dropped or there.ent_type_ == "PERSON":
            return True
        if dropped & _COMPASS:
            return False
        text = self.premise.article.text
        alone = rf"(?<![A-Z]\w)(?:^|[^\w ]\s*|\b[a-z]+\s+){re.escape(written)}\b(?!\s[A-Z])"
        return re.search(alone, text) is not None

    def _name_of(self, token: Token) -> tuple[str, set[int]]:
        """The proper name that ends in `token`, titles left out, and the words of the sentence it takes."""
        return phrase(token)

    def _aliases(self, there: Token) -> list[Token]:
        """Other words of the evidence for the same thing: its apposition, its title, what it is said to be."""
        found = [child for child in there.children if child.dep_ == "appos"]
        if there.dep_ == "appos":
            found.append(there.head)
        found += [c for c in there.children if c.dep_ == "compound" and there.pos_ == "PROPN" and is_title(c)]
        return found

    def _alias(self, token: Token, there: Token, frame: Frame) -> Found | None:
        """A description of whom the evidence names there: "the mayor" of "Mayor Ilse Varga"."""
        for alias in self._aliases(there):
            if token.lower_ == alias.lower_ or same_lemma(token.lemma_.lower(), alias.lemma_.lower()):
                found = self._details(token, alias, frame, Found(set(), {token.i}, {there.i, alias.i}))
                if found is not None:
                    return found
        names = self.premise.called(self.passage, there)
        return self._is_called(token, names) if names and there.pos_ in {"PROPN", "PRON"} else None

    def _details(
        self, token: Token, there: Token, frame: Frame, found: Found, named: bool = False, quoted: bool = False
    ) -> Found | None:
        """What the sentence says of a thing beside its name, and what it may not leave out."""
        parts = [
            *self.passage.parts(there),
            *(p for a in self._aliases(there) for p in [Part("appos", a), *self.passage.parts(a)]),
        ]
        used: set[int] = set(found.there)
        for part in self.said.parts(token):
            if part.token.i in found.seen:
                continue
            if quoted and part.token.i in self.quotes:
                found = found.add(Found(set(), self._quote_of(part.token) | {part.token.i}))
                continue
            way = self._detail(part, parts, frame, there, named)
            if way is None:
                TRACE.append(f"{token}~{there} {part.rel}:{part.token}")
                return None
            used |= way.there
            found = found.add(way)
        ours_or, theirs_or = _others(token), _others(there)
        if theirs_or:
            for one in ours_or:
                ways = [w for other in theirs_or if (w := self.noun(one, other, frame)) is not None]
                if not ways:
                    return None
                found = found.add(ways[0])
            if len(ours_or) != len(theirs_or):
                return None
        if named and self._loses_title(there, used):
            found.differs.add("dropped")
        if not named and not quoted and noun_loses(self.said, self.passage, token, there, used, frame.strict):
            found.differs.add("dropped")
        if any(c.dep_ == "neg" or c.lower_ == "not" for c in there.children) != any(
            c.dep_ == "neg" or c.lower_ == "not" for c in token.children
        ):
            found.differs.add("not")
        return found

    def _loses_title(self, there: Token, used: set[int]) -> bool:
        """Whether a title stands beside a name without what makes it another: "Vice President" as "President"."""
        titles = [t for t in there.children if t.i in used and t.dep_ in {"compound", "amod", "nmod"}]
        beside = [
            t
            for t in there.subtree
            if t.i < there.i and t.i not in used and t.lower_ in listed("guarded", "adjectives")
        ]
        return bool(titles and beside)

    def _detail(self, part: Part, parts: Sequence[Part], frame: Frame, there: Token, named: bool) -> Found | None:
        if part.rel == "mod" and named and part.token.pos_ == "NOUN":
            for alias in self._aliases(there):
                way = self.noun(part.token, alias, frame)
                if way is not None:
                    return way
        if part.rel == "clause":
            near = [way for other in parts if self._may_be_of(part, other) for way in self._as(part, other, frame)]
            if not near and _is_infinitive(part.token):
                near = [
                    way
                    for a in list(there.ancestors)[:2]
                    for other in self.passage.parts(a)
                    if self._may_be(part, other)
                    for way in self._as(part, other, frame)
                ]
            return near[0] if near else self._saying_of(part.token, there, frame)
        if part.rel == "appos":
            for other in [there, *self._aliases(there)]:
                if other is not there or part.token.pos_ == "PROPN":
                    way = self.noun(part.token, other, frame)
                    if way is not None:
                        return way
            names = self.premise.called(self.passage, there)
            return self._is_called(part.token, names) if names else None
        ways = [way for other in parts if self._may_be_of(part, other) for way in self._as(part, other, frame)]
        if not ways:
            ways = list(self._moved(part, there, frame))
        if not ways and named:
            names = self.premise.called(self.passage, there)
            seen = self._beside_name_part(part, names)
            ways = [Found(set(), seen)] if seen is not None else []
        return min(ways, key=lambda way: len(way.differs), default=None)

    def _beside_name_part(self, part: Part, names: frozenset[str]) -> set[int] | None:
        """A title beside a name, or a given name, that the article has elsewhere."""
        known = (
            frozenset().union(*(frozenset(words(n)) for n in names), *self.premise.offices(names)) if names else NOTHING
        )
        inner = [t for t in part.token.subtree if not t.is_punct]
        told = [w for t in inner if not t.is_stop for w in words(t.text)]
        if part.rel in {"mod", "poss"} and told and all(w in known or w in speech().courtesies for w in told):
            return {t.i for t in inner}
        return None

    def _may_be_of(self, part: Part, other: Part) -> bool:
        if self._may_be(part, other):
            return True
        kinds = {part.rel, other.rel}
        if part.rel in {"mod", "poss"} and (other.rel.startswith("prep:") or other.rel == "appos"):
            return (other.rel == "appos" and part.rel == "mod") or other.rel[5:] in {"for", "in", "at"}
        return kinds <= {"mod", "poss", "of", "appos"} or kinds <= {"prep:in", "poss", "mod"}

    def _moved(self, part: Part, there: Token, frame: Frame) -> Iterator[Found]:
        """A circumstance that the evidence hangs on the verb, or on another noun beside this one."""
        if not (part.rel == "time" or part.rel.startswith("prep:") or part.rel in {"adv", "measure"}):
            return
        above = list(there.ancestors)[:3]
        for token in above:
            for other in self.passage.parts(token):
                if self._may_be(part, other):
                    for found in self._as(part, other, frame):
                        yield found.add(Found(owed=[token.i]))
            if is_predicate(token):
                return

    def _saying_of(self, clause: Token, there: Token, frame: Frame) -> Found | None:
        """A relative clause of the sentence, as what the evidence tells anywhere of the same thing."""
        tops = self.told() + (
            [t for report in self.reports for top in report.content for t in self.passage.told(top)]
            if frame.inside
            else []
        )
        ways = []
        for other in tops:
            if not is_predicate(other) and is_predicate(clause):
                continue
            way = self.clause(clause, other, frame)
            if way is not None:
                ways.append(way)
        return min(ways, key=lambda way: len(way.differs), default=None)

    def _inner(self, token: Token, there: Token, frame: Frame) -> Found | None:
        """The parts of an adverb or adjective: "more sharply"."""
        return self._details(token, there, frame, Found(set(), {token.i}, {there.i}))

    def _described(self, token: Token) -> Iterator[Found]:
        """What somebody is, of their apposition: "Varga is the mayor" of "Varga, the mayor, …"."""
        parts = self.said.parts(token)
        subjects = [part.token for part in parts if part.rel == "subj"]
        preds = [part.token for part in parts if part.rel == "pred"]
        rest = [part for part in parts if part.rel not in {"subj", "pred"}]
        if not subjects or len(preds) != 1 or rest or self.said.force(token).negated or self.said.force(token).modal:
            return
        for there in self.passage.doc:
            if there.pos_ not in {"NOUN", "PROPN"}:
                continue
            for alias in self._aliases(there):
                for a, b in ((there, alias), (alias, there)):
                    one = self.noun(subjects[0], a, Frame())
                    two = self.noun(preds[0], b, Frame()) if one is not None else None
                    if one is not None and two is not None:
                        found = one.add(two).add(Found(self._voice(there, Frame()), {token.i}))
                        yield found


# --- parts of the above -----------------------------------------------------------------------


def _is_infinitive(token: Token) -> bool:
    return any(child.tag_ == "TO" for child in token.children)


def _is_disjunct(token: Token) -> bool:
    return bool(_others(token))


def _others(token: Token) -> list[Token]:
    """What an "or" puts beside a word."""
    if not any(c.dep_ == "cc" and c.lower_ in {"or", "nor"} for c in token.children):
        return []
    return [c for c in token.children if c.dep_ == "conj"]


def _shares_name(there: Token) -> bool:
    """Whether somebody else of the same surname is in the sentence: "Elliott's father, Charles Elliott"."""
    return any(t.lower_ == there.lower_ and t.i != there.i and t.dep_ == "poss" for t in there.doc)


def _is_taken(subject: Token, verb: Token) -> bool:
    """Whether what the parser takes for a subject is the object of a relative clause before it."""
    first = subject.left_edge.i
    if first == 0 or subject.i > verb.i:
        return False
    before = subject.doc[first - 1]
    relative = any(t.tag_ in {"WDT", "WP"} for t in subject.doc[max(0, first - 5) : first])
    return before.pos_ in {"VERB", "NOUN"} and relative and not any(c.dep_ == "dobj" for c in before.children)


def _is_compound_number(token: Token) -> bool:
    """Whether a word has several numbers in it: "7/2", "2-1", "9:30"."""
    return re.search(r"\d[/:–-]\d", token.text) is not None


def _may_mean(pronoun: str, noun: Token) -> bool:
    """Whether a pronoun can stand for a noun: "it" for a thing, "they" for several, "she" for somebody."""
    plural = noun.tag_ in {"NNS", "NNPS"}
    if pronoun in {"they", "them", "their"}:
        return plural
    if pronoun in {"it", "its"}:
        return not plural and noun.ent_type_ != "PERSON"
    return not plural and noun.ent_type_ not in {"ORG", "GPE"}


def _chain(token: Token) -> list[Token]:
    """A predicate and those that an "and" joins to it."""
    return [token, *(other for child in token.children if child.dep_ == "conj" for other in _chain(child))]


def _clause_words(head: Token) -> Iterator[Token]:
    """The words of a clause, down to where another begins."""
    for child in head.children:
        if child.dep_ in {"ccomp", "relcl", "acl", "parataxis", "advcl", "pcomp", "xcomp"} or (
            child.dep_ == "conj" and is_predicate(child)
        ):
            continue
        yield child
        yield from _clause_words(child)
