"""What may not be left out of a clause or of a noun phrase, since without it something else is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.entailment.lexicon import listed
from rag.entailment.reading import Part, Reading, is_report

if TYPE_CHECKING:
    from spacy.tokens import Token

_RESTRICTED = {"JJS", "RBS"}
_ORDINAL = re.compile(r"^(?:first|second|third|fourth|fifth|last|\d+(?:st|nd|rd|th))$", re.IGNORECASE)


def clause_loses(passage: Reading, there: Token, parts: Sequence[Part], used: set[int], strict: bool) -> bool:
    """Whether a clause says another thing without the parts of it that are not `used`."""
    for part in parts:
        word = part.token.lower_
        if part.token.i in used:
            continue
        if strict and part.rel not in {"subj", "aside"} and not _is_answered(part) and not _is_fronted(part, there):
            return True
        if part.rel in {"obj", "pred", "prt", "inf"} and not _is_answered(part):
            return True
        if part.rel == "comp" and not is_report(there) and not _is_answered(part):
            return True
        if part.rel == "adv" and (word in listed("guarded", "adverbs") or part.token.tag_ in {"RBR", "RBS", "JJR"}):
            return True
        if part.rel.startswith("prep:"):
            prep = part.rel[5:].split()[0]
            if prep in {"without", "except", "instead", "unlike", "barring", "excluding", "but"}:
                return True
            near = part.token.head.i == there.i + 1 or part.token.head.head.i == there.i + 1
            if (
                prep in {"for", "against", "to", "of", "about", "from", "out", "off", "up", "away", "over"}
                and near
                and not passage.is_time(part.token)
            ):
                return True
        if part.rel == "advcl":
            marks = {c.lower_ for c in part.token.children if c.dep_ in {"mark", "advmod"}}
            if marks & listed("clauses", "conditions") or part.token.tag_ == "VB":
                return True
    return False


def _is_fronted(part: Part, there: Token) -> bool:
    """Whether a circumstance stands before who does it, so that a "not" does not bear on it."""
    subjects = [c for c in there.children if c.dep_ in {"nsubj", "nsubjpass"}]
    return (bool(subjects) and part.token.i < subjects[0].left_edge.i and part.rel in {"advcl", "time"}) or (
        bool(subjects) and part.rel.startswith("prep:") and part.token.i < subjects[0].left_edge.i
    )


def _is_answered(part: Part) -> bool:
    """Whether it is only the place of a word in a clause that hangs on it: "who", "what"."""
    return part.token.tag_ in {"WP", "WDT", "WRB"}


def noun_loses(said: Reading, passage: Reading, token: Token, there: Token, used: set[int], strict: bool) -> bool:
    """Whether a noun phrase names more, or something else, without what the sentence leaves out of it."""
    parts = [part for part in passage.parts(there) if part.token.i not in used]
    kept = {part.token.lower_ for part in said.parts(token)}
    sweeping = bool(kept & {"all", "every", "each", "any", "no", "most", "only", "none"})
    picking = any(
        t.tag_ in _RESTRICTED or _ORDINAL.match(t.lower_) or t.lower_ == "only"
        for t in (p.token for p in said.parts(token))
    )
    bare = there.tag_ == "NNS" and not any(c.dep_ in {"det", "poss", "nummod"} for c in there.children)
    generic = bare and there.dep_ in {"nsubj", "nsubjpass"}
    for part in parts:
        word = part.token.lower_
        if part.rel == "quant" and word not in listed("quantities", "droppable"):
            return True
        if part.rel == "adv" and (
            word in listed("guarded", "adverbs") or part.token.tag_ in {"RBR", "RBS"} or _ORDINAL.match(word)
        ):
            return True
        if part.rel == "bound" or (part.rel == "num" and token.tag_ == "CD"):
            return True
        if part.rel == "mod" and (
            word in listed("guarded", "adjectives") or word.split("-")[0] in {"ex", "non", "anti", "pro", "pseudo"}
        ):
            return True
        if part.rel == "mod" and (part.token.tag_ in _RESTRICTED or part.token.tag_ == "JJR" or _ORDINAL.match(word)):
            return True
        restricts = part.rel in {"mod", "of", "poss", "clause", "num"} or part.rel.startswith("prep:")
        if restricts and (sweeping or picking or strict):
            return True
        if restricts and generic and part.rel != "num":
            return True
        if part.rel == "clause" and there.lower_ in {
            "those",
            "anyone",
            "everyone",
            "people",
            "one",
            "someone",
            "whoever",
            "that",
        }:
            return True
        if part.rel.startswith("prep:") and part.rel[5:].split()[0] in {"without", "except", "against"}:
            return True
    return False
