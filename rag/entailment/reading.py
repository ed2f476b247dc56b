"""A sentence as predicates and their parts: who does what to whom, where and when, and under which reserve.

Active and passive, relative clauses, shared subjects and "the X of Y" all come out as the same parts, so that two ways
of saying one thing can be compared part by part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from rag.entailment.forces import Force, force, negated
from rag.entailment.lexicon import listed
from rag.entailment.parser import parse
from rag.entailment.trees import (
    is_conditional,
    is_disjunction,
    is_infinitive,
    is_nobody,
    is_passive,
    is_predicate,
    is_time,
)
from rag.figures import Day, Figure, days, figures

if TYPE_CHECKING:
    from spacy.tokens import Token


class Part(NamedTuple):
    """What a word has to do with the word that it belongs to: "subj", "obj", "prep:in", "mod" …"""

    rel: str
    token: Token

    @property
    def preposition(self) -> str:
        """The preposition by which it belongs there, the first of "out of"; empty where it does by none."""
        return self.rel[5:].split()[0] if self.is_prepositional else ""

    @property
    def is_prepositional(self) -> bool:
        """Whether it belongs there by a preposition that is no "of"."""
        return self.rel.startswith("prep:")


_RELATIONS = {
    "nsubj": "subj", "csubj": "subj", "nsubjpass": "obj", "csubjpass": "obj", "dobj": "obj", "attr": "pred",
    "acomp": "pred", "oprd": "pred", "prt": "prt", "advmod": "adv", "npadvmod": "time", "amod": "mod",
    "compound": "mod", "nmod": "mod", "nummod": "num", "poss": "poss", "quantmod": "bound", "appos": "appos",
    "acl": "clause", "relcl": "clause", "advcl": "advcl", "ccomp": "comp", "xcomp": "inf", "predet": "quant",
    "parataxis": "aside", "dep": "aside", "meta": "aside",
}  # fmt: skip
"""By spaCy's relation of a word to the one it hangs on, the part that it is."""

_RELATIVE = {"WDT", "WP", "WP$"}
_ALONE = {"clause", "advcl", "inf", "comp", "aside", "adv", "bound", "quant", "prt"}
"""Parts of which what an "and" joins to them is none."""


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

    def the(self, token: Token, *rels: str) -> list[Token]:
        """The words that belong to one as its subjects, its objects …"""
        return [part.token for part in self.parts(token) if part.rel in rels]

    def _own(self, token: Token, child: Token) -> Iterator[Part]:
        rel = child.dep_
        if rel in {"mark", "advmod"} or child.pos_ in {"ADP", "SCONJ"}:
            # "two days after …": the days hang on the "after"
            yield from (Part("time", grand) for grand in child.children if grand.dep_ == "npadvmod")
        if rel == "prep" or (rel in {"dative", "conj", "agent", "advcl", "pcomp"} and child.pos_ in {"ADP", "SCONJ"}):
            yield from self._preposition(token, child)
        else:
            found = self._relation(token, child)
            if found:
                yield Part(found, child)

    def _relation(self, token: Token, child: Token) -> str:
        """What a word is to the one that it hangs on by no preposition; empty for a word of grammar."""
        rel, word = child.dep_, child.lower_
        if rel in {"det", "amod"} and word in listed("quantities", "quantifiers"):
            return "quant"
        if rel == "dative":
            return "iobj"
        if rel in {"acl", "relcl"} and not is_predicate(child):
            return "clause"
        if rel == "advmod" and (word in listed("polarity", "negations") or child.tag_ == "WRB"):
            return ""
        if rel == "npadvmod" and not self.is_time(child):
            return "measure"
        if child.tag_ in _RELATIVE and token.dep_ in {"relcl", "ccomp", "pcomp"}:
            return ""
        return _RELATIONS.get(rel, "")

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
        yield from (Part(self._by_preposition(token, prep, name, child), child) for child in found)
        if not found and prep.dep_ in {"prep", "prt"}:
            yield Part("prt", prep)

    def _by_preposition(self, token: Token, prep: Token, name: str, child: Token) -> str:
        """What a word is to another by a preposition, which may be written `name`: "out of"."""
        if prep.dep_ == "agent":
            return "subj"
        if name == "of" and token.pos_ in {"NOUN", "PROPN", "NUM", "PRON", "DET", "ADJ"}:
            return "of"
        if self.is_time(child) and name in listed("times", "prepositions"):
            return "time"
        return "iobj" if prep.dep_ == "dative" else f"prep:{name}"

    def _shared(self, token: Token, own: list[Part]) -> list[Part]:
        """The subject that a clause has from the one that it hangs on, and the noun that it describes."""
        has = {part.rel for part in own}
        if token.dep_ in {"acl", "relcl"} and is_predicate(token):
            rel = _gap(token, has)
            return [Part(rel, token.head)] if rel else []
        if not is_predicate(token) or token.head.i == token.i or "subj" in has:
            return []
        if token.dep_ == "conj" and is_predicate(token.head):
            return self._subject_of_first(token, has)
        return self._subject_of_above(token, has) if token.dep_ in {"xcomp", "advcl"} else []

    def _subject_of_first(self, token: Token, has: set[str]) -> list[Part]:
        """The subject of the first of two predicates, as the second has it: "Varga came and spoke"."""
        if "obj" in has and is_passive(token):
            return []
        passive = is_passive(token) or (token.tag_ == "VBN" and is_passive(token.head))
        return [Part("obj" if passive else "subj", one) for one in self._subjects(token.head)]

    def _subject_of_above(self, token: Token, has: set[str]) -> list[Part]:
        """Who does it in a clause that names nobody: "Varga asked Holm to resign", "Varga left, smiling"."""
        objects = self.the(token.head, "obj", "iobj") if token.dep_ == "xcomp" else []
        rel = "obj" if is_passive(token) or token.tag_ == "VBN" else "subj"
        return [Part(rel, one) for one in objects or self._subjects(token.head)] if rel not in has else []

    def _subjects(self, token: Token) -> list[Token]:
        """What stands as the grammar's subject: of a passive, what is done to."""
        return self.the(token, "obj" if is_passive(token) else "subj")

    def _joined(self, rel: str, token: Token) -> Iterator[Token]:
        """A part and those that an "and" joins to it; of an "or" only the first, which has the others below it."""
        yield token
        if rel in _ALONE:
            return
        for child in token.children:
            if child.dep_ == "conj" and not is_disjunction(token):
                yield from self._joined(rel, child)

    # --- how a predicate is meant -------------------------------------------------------------

    def force(self, token: Token) -> Force:
        """How a predicate is meant: turned round or not, by which modal, in which time."""
        return force(token)

    def negated(self, token: Token) -> bool:
        """Whether a predicate is turned round."""
        return negated(token)

    def condition(self, token: Token) -> bool:
        """Whether a predicate holds under a condition only."""
        return is_conditional(token)

    # --- what is told as so -------------------------------------------------------------------

    @cached_property
    def roots(self) -> list[Token]:
        """The words that hang on no other; one, but where the parser takes the text for several sentences."""
        return [token for token in self.doc if token.head.i == token.i]

    def stated(self, root: Token) -> list[Token]:
        """What is said where `root` is said: it, and what an "and" joins to it; nothing that it says in passing."""
        joined = (child for child in root.children if child.dep_ == "conj" and not is_disjunction(root))
        return [root, *(one for child in joined if is_predicate(child) for one in self.stated(child))]

    def told(self, root: Token) -> list[Token]:
        """The predicates that are told as so where `root` is: itself, what is joined to it, what it says in passing.

        Not what hangs on an "if", what somebody says or means to do, and what comes after "or".
        """
        return [root, *(one for child in root.children if _is_told(root, child) for one in self.told(child))]

    def is_question(self) -> bool:
        """Whether it asks, and not somebody whom it quotes."""
        asked = self.text.rstrip("\"'”’»)] ").endswith("?")
        return asked and not re.search('["“«]', self.text)

    # --- times and amounts --------------------------------------------------------------------

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


def _gap(token: Token, has: set[str]) -> str:
    """What the noun that a clause describes is in the clause; empty where it is none of its parts."""
    for child in token.children:
        if child.tag_ in _RELATIVE or (child.lower_ == "that" and child.dep_ in {"nsubj", "nsubjpass", "dobj"}):
            return {"nsubj": "subj", "nsubjpass": "obj", "dobj": "obj"}.get(child.dep_, "")
    if token.dep_ == "acl":
        rel = {"VBN": "obj", "VBG": "subj"}.get(token.tag_, "")
        return rel if rel not in has else ""
    return "obj" if "subj" in has and "obj" not in has else ""


def _is_told(token: Token, child: Token) -> bool:
    """Whether what hangs on a predicate that is told as so is told as so too."""
    rel = child.dep_
    if rel == "conj":
        return not is_disjunction(token)
    if rel == "advcl":
        return _is_real(child) and not is_infinitive(child) and not negated(token)
    if rel in {"acl", "relcl"}:
        # Not so: "plans to resign", "the claim that Bell lied".
        content = any(c.dep_ == "mark" and c.lower_ == "that" for c in child.children)
        return not is_infinitive(child) and not content and not is_nobody(token)
    return rel not in {"ccomp", "xcomp", "csubj", "csubjpass", "parataxis", "pcomp", "punct", "dep", "intj"}


def _is_real(clause: Token) -> bool:
    """Whether no word that opens a clause makes it one of which nobody says that it is so: an "if", an "unless"."""
    before = [c.lower_ for c in clause.children if c.dep_ in {"mark", "advmod"} and c.i < clause.i]
    unreal = listed("clauses", "unreal") - listed("clauses", "real")
    return not any(word in unreal for word in before)
