"""A sentence as predicates and their parts: who does what to whom, where and when, and under which reserve.

Active and passive, relative clauses, shared subjects and "the X of Y" all come out as the same parts, so that two ways
of saying one thing can be compared part by part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from rag.entailment.lexicon import listed, reports
from rag.entailment.parser import parse
from rag.figures import Day, Figure, days, figures

if TYPE_CHECKING:
    from spacy.tokens import Token


class Part(NamedTuple):
    """What a word has to do with the word that it belongs to: "subj", "obj", "prep:in", "mod" …"""

    rel: str
    token: Token


class Force(NamedTuple):
    """How a predicate is meant: turned round or not, by which modal, in which time."""

    negated: bool
    modal: str
    tense: str
    """"past", "perfect", "present", "bare" or "participle"; empty for a modal."""


_PLAIN = {
    "nsubj": "subj", "csubj": "subj", "nsubjpass": "obj", "csubjpass": "obj", "dobj": "obj", "attr": "pred", "acomp": "pred",
    "oprd": "pred", "prt": "prt", "advmod": "adv", "npadvmod": "time", "amod": "mod", "compound": "mod", "nmod": "mod",
    "nummod": "num", "poss": "poss", "quantmod": "bound", "appos": "appos", "acl": "clause", "relcl": "clause", "advcl": "advcl",
    "ccomp": "comp", "xcomp": "inf", "predet": "quant", "parataxis": "aside", "dep": "aside", "meta": "aside",
}  # fmt: skip
_RELATIVE = {"WDT", "WP", "WP$"}
_FINITE_PAST, _FINITE_PRESENT = {"VBD"}, {"VBZ", "VBP"}
_WEEKDAY = re.compile(r"^(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE)
_MONTH = re.compile(
    r"^(?:january|february|march|april|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?$",
    re.IGNORECASE,
)
_TIMES = frozenset(
    {
        "today", "yesterday", "tomorrow", "tonight", "night", "day", "week", "month", "year", "morning", "evening", "afternoon",
        "weekend", "hour", "minute", "decade", "century", "summer", "winter", "spring", "autumn", "midnight", "noon", "time", "weeknight", "quarter",
    }
)  # fmt: skip
_YEAR = re.compile(r"^(?:1[89]|20)\d\d$")
_ALIKE = frozenset(
    ["cast", "put", "set", "hit", "cut", "let", "shut", "cost", "hurt", "spread", "quit", "split", "bet"]
)
_ON = {"on", "in", "at", "during", "by", "over"}


class Reading:
    """The parts of one sentence. Words are spaCy's tokens; what has none of a part has an empty list."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.doc = parse(text)
        self.days: tuple[Day, ...] = days(text)
        self.figures: tuple[Figure, ...] = figures(text)
        self._parts: dict[int, list[Part]] = {}

    # --- parts --------------------------------------------------------------------------------

    def parts(self, token: Token) -> list[Part]:
        """What belongs to a word, those that it shares with its neighbours included."""
        if token.i not in self._parts:
            self._parts[token.i] = []  # a tree has no circles, but shared subjects could make one
            own = [part for child in token.children for part in self._own(token, child)]
            own += self._shared(token, own)
            self._parts[token.i] = [Part(rel, one) for rel, part in own for one in self._joined(rel, part)]
        return self._parts[token.i]

    def _own(self, token: Token, child: Token) -> Iterator[Part]:
        rel = child.dep_
        if rel in {"mark", "advmod"} or child.pos_ in {"ADP", "SCONJ"}:
            for grand in child.children:
                if grand.dep_ == "npadvmod":
                    yield Part("time", grand)
        if rel == "det":
            if child.lower_ in listed("quantities", "quantifiers"):
                yield Part("quant", child)
        elif rel == "prep" or (rel in {"dative", "conj", "agent", "advcl", "pcomp"} and child.pos_ in {"ADP", "SCONJ"}):
            yield from self._preposition(token, child)
        elif rel == "dative":
            yield Part("iobj", child)
        elif rel == "amod" and child.lower_ in listed("quantities", "quantifiers"):
            yield Part("quant", child)
        elif rel in {"acl", "relcl"} and child.pos_ not in {"VERB", "AUX"}:
            yield Part("clause", child)
        elif (rel == "advmod" and child.lower_ in listed("polarity", "negations")) or (
            rel == "advmod" and child.tag_ in {"WRB"}
        ):
            return
        elif rel == "npadvmod" and not self.is_time(child):
            yield Part("measure", child)
        elif rel in _PLAIN:
            if child.tag_ in _RELATIVE and token.dep_ in {"relcl", "ccomp", "pcomp"}:
                return
            yield Part(_PLAIN[rel], child)

    def _preposition(self, token: Token, prep: Token) -> Iterator[Part]:
        name = prep.lower_
        inner = list(prep.children)
        deeper = [child for child in inner if child.dep_ in {"prep", "pcomp"} and child.pos_ in {"ADP", "SCONJ"}]
        if deeper and not any(child.dep_ == "pobj" for child in inner):
            name = f"{name} {deeper[0].lower_}"  # "out of"
            inner = [*inner, *deeper[0].children]
        else:
            for child in deeper:  # "from June to July": two, which may not be exchanged
                yield from self._preposition(token, child)
        found = [child for child in inner if child.dep_ in {"pobj", "pcomp"} and child not in deeper]
        for child in found:
            if prep.dep_ == "agent":
                yield Part("subj", child)
            elif name in {"of"} and token.pos_ in {"NOUN", "PROPN", "NUM", "PRON", "DET", "ADJ"}:
                yield Part("of", child)
            elif self.is_time(child) and name in _ON:
                yield Part("time", child)
            elif prep.dep_ == "dative":
                yield Part("iobj", child)
            else:
                yield Part(f"prep:{name}", child)
        if not found and prep.dep_ in {"prep", "prt"}:
            yield Part("prt", prep)

    def _shared(self, token: Token, own: list[Part]) -> list[Part]:
        """The subject that a clause has from the one that it hangs on, and the noun that it describes."""
        has = {part.rel for part in own}
        head = token.head
        if token.dep_ in {"acl", "relcl"} and token.pos_ in {"VERB", "AUX"}:
            return self._gap(token, has)
        if token.pos_ not in {"VERB", "AUX"} or head.i == token.i:
            return []
        if token.dep_ == "conj" and not has & {"subj"} and head.pos_ in {"VERB", "AUX"}:
            if "obj" in has and _is_passive(token):
                return []
            subjects = [part for part in self.parts(head) if part.rel == self._subject_rel(head)]
            rel = "obj" if _is_passive(token) or (token.tag_ == "VBN" and _is_passive(head)) else "subj"
            return [Part(rel, part.token) for part in subjects]
        if token.dep_ in {"xcomp", "advcl"} and not has & {"subj"}:
            above = self.parts(head)
            objects = [part for part in above if part.rel in {"obj", "iobj"}] if token.dep_ == "xcomp" else []
            subjects = [part for part in above if part.rel == self._subject_rel(head)]
            chosen = objects or subjects
            rel = "obj" if _is_passive(token) or token.tag_ == "VBN" else "subj"
            return [Part(rel, part.token) for part in chosen] if rel not in has else []
        return []

    def _gap(self, token: Token, has: set[str]) -> list[Part]:
        """What the noun that a clause describes is in the clause."""
        noun = token.head
        for child in token.children:
            if child.tag_ in _RELATIVE or (child.lower_ == "that" and child.dep_ in {"nsubj", "nsubjpass", "dobj"}):
                rel = {"nsubj": "subj", "nsubjpass": "obj", "dobj": "obj"}.get(child.dep_)
                return [Part(rel, noun)] if rel else []
        if token.dep_ == "acl" and token.tag_ == "VBN":
            return [Part("obj", noun)] if "obj" not in has else []
        if token.dep_ == "acl" and token.tag_ == "VBG":
            return [Part("subj", noun)] if "subj" not in has else []
        if token.dep_ == "relcl" and "subj" in has and "obj" not in has:
            return [Part("obj", noun)]
        return []

    def _subject_rel(self, head: Token) -> str:
        return "obj" if _is_passive(head) else "subj"

    def _joined(self, rel: str, token: Token) -> Iterator[Token]:
        """A part and those that an "and" joins to it; of an "or" only the first, which has the others below it."""
        yield token
        if rel in {"clause", "advcl", "inf", "comp", "aside", "adv", "bound", "quant", "prt"}:
            return
        for child in token.children:
            if child.dep_ == "conj" and not _is_disjunction(token):
                yield from self._joined(rel, child)

    # --- how a predicate is meant -------------------------------------------------------------

    def force(self, token: Token) -> Force:
        helpers = [child for child in token.children if child.dep_ in {"aux", "auxpass"}]
        negated = self.negated(token)
        joined = token.dep_ == "conj" and token.head.pos_ in {"VERB", "AUX"}
        if (
            joined
            and not helpers
            and not any(c.dep_ in {"nsubj", "nsubjpass"} for c in token.children)
            and (token.tag_ in {"VB", "VBN", "VBG"} or token.tag_ == token.head.tag_)
        ):
            above = self.force(token.head)
            negated = negated or (above.negated and _is_disjunction(token.head))
            if token.tag_ in {"VB", "VBN", "VBG"} and token.tag_ == token.head.tag_:
                return Force(negated or above.negated, above.modal, above.tense)
        modal = next((_modal(child.lower_) for child in helpers if child.tag_ == "MD"), "")
        if modal:
            return Force(negated, modal, "")
        finite = next((child for child in helpers if child.tag_ in _FINITE_PAST | _FINITE_PRESENT), None)
        if finite is not None:
            if finite.tag_ in _FINITE_PAST:
                return Force(negated, "", "past")
            perfect = finite.lemma_ == "have" and token.tag_ in {"VBN", "VBD"}
            return Force(negated, "", "perfect" if perfect else "present")
        if token.tag_ in _FINITE_PAST:
            return Force(negated, "", "past")
        if token.tag_ in _FINITE_PRESENT:
            return Force(negated, "", "present")
        if token.tag_ == "VB" and any(c.dep_ == "nsubj" for c in token.children) and not helpers:
            return Force(negated, "", "past" if token.lower_ in _ALIKE else "present")
        if token.tag_ == "VB":
            return Force(negated, "", "bare")
        return Force(negated, "", "participle")

    def negated(self, token: Token) -> bool:
        """Whether a predicate is turned round: by a "not", or since nobody does it, or nothing gets it."""
        turns = sum(
            child.dep_ == "neg" or child.lower_ in listed("polarity", "negations")
            for child in token.children
            if child.dep_ in {"neg", "advmod", "preconj", "cc"}
        )
        for child in token.children:
            if child.dep_ in {"nsubj", "nsubjpass", "dobj", "attr"}:
                turns += _is_nobody(child)
            if child.dep_ in {"prep", "agent"}:
                turns += any(_is_nobody(grand) for grand in child.children if grand.dep_ == "pobj")
            if child.dep_ in {"attr", "acomp"}:
                turns += any(grand.lower_ in listed("polarity", "negations") for grand in child.children)
        return turns % 2 == 1

    # --- what is told as so -------------------------------------------------------------------

    @cached_property
    def roots(self) -> list[Token]:
        return [token for token in self.doc if token.head.i == token.i]

    def told(self, root: Token) -> list[Token]:
        """The predicates that are told as so where `root` is: itself, what is joined to it, what it says in passing.

        Not what hangs on an "if", what somebody says or means to do, and what comes after "or".
        """
        found: list[Token] = []
        self._tell(root, found)
        return found

    def _tell(self, token: Token, found: list[Token]) -> None:
        found.append(token)
        for child in token.children:
            if self._is_told(token, child):
                self._tell(child, found)

    def _is_told(self, token: Token, child: Token) -> bool:
        rel = child.dep_
        if rel == "conj":
            return not _is_disjunction(token)
        if rel == "advcl":
            marks = [c.lower_ for c in child.children if c.dep_ in {"mark", "advmod"} and c.i < child.i]
            to = any(c.tag_ == "TO" for c in child.children)
            real = all(mark in listed("clauses", "real") or mark not in listed("clauses", "unreal") for mark in marks)
            return real and not to and not self.negated(token)
        if rel in {"acl", "relcl"}:
            if any(c.tag_ == "TO" or (c.dep_ == "mark" and c.lower_ == "that") for c in child.children):
                return False  # "plans to resign", "the claim that Bell lied"
            return not _is_nobody(token)
        if rel in {"ccomp", "xcomp", "csubj", "csubjpass", "parataxis", "pcomp"}:
            return rel == "ccomp" and token.dep_ != "ROOT" and False
        return rel not in {"punct", "dep", "intj"}

    def is_time(self, token: Token) -> bool:
        """Whether a word says when: "Thursday", "year", "Sept. 26"."""
        return is_time(token) or self.day(token) is not None

    def day(self, token: Token) -> Day | None:
        """The date that a word is a part of."""
        return next((day for day in self.days if day.span.start <= token.idx < day.span.end), None)

    def figure(self, token: Token) -> Figure | None:
        """The number that a word is a part of."""
        return next((f for f in self.figures if f.span.start <= token.idx < f.span.end), None)

    def within(self, start: int, end: int) -> set[int]:
        """The words between two places of the text."""
        return {t.i for t in self.doc if start <= t.idx < end}

    def is_question(self) -> bool:
        asked = self.text.rstrip("\"'”’»)] ").endswith("?")
        return asked and not re.search('["“«]', self.text)

    def condition(self, token: Token) -> bool:
        """Whether a predicate holds under a condition only."""
        for child in token.children:
            if child.dep_ == "advcl" and any(
                c.lower_ in listed("clauses", "conditions") for c in child.children if c.dep_ in {"mark", "advmod"}
            ):
                return True
        return False


# --- words ------------------------------------------------------------------------------------


def is_time(token: Token) -> bool:
    word = token.lower_
    return bool(
        word in _TIMES
        or token.lemma_.lower() in _TIMES
        or _WEEKDAY.match(word)
        or (_MONTH.match(word) and token.text[0].isupper())
        or _YEAR.match(word)
    )


def is_predicate(token: Token) -> bool:
    return token.pos_ in {"VERB", "AUX"}


def is_report(token: Token) -> bool:
    return token.pos_ == "VERB" and reports(token.lemma_.lower())


def _is_passive(token: Token) -> bool:
    return any(child.dep_ in {"auxpass", "nsubjpass"} for child in token.children)


def _is_disjunction(token: Token) -> bool:
    return any(child.dep_ == "cc" and child.lower_ in listed("clauses", "disjunctions") for child in token.children)


def _is_nobody(token: Token) -> bool:
    nobody = listed("polarity", "nobody")
    if token.lower_ in nobody and token.pos_ in {"PRON", "NOUN", "DET"}:
        return True
    if token.lower_ == "one" and any(child.lower_ == "no" for child in token.children):
        return True
    return any(child.dep_ in {"det", "neg", "amod"} and child.lower_ in {"no", "neither", "few", "little"}
               and not any(c.lower_ == "a" for c in token.children) for child in token.children)  # fmt: skip


def _modal(word: str) -> str:
    return {
        "’ll": "will",
        "'ll": "will",
        "wo": "will",
        "’d": "would",
        "'d": "would",
        "ca": "can",
        "shall": "will",
        "sha": "will",
    }.get(word, word)
