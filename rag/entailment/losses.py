"""What may not be left out of a clause or of a noun phrase, since without it something else is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.entailment.lexicon import listed
from rag.entailment.reading import Part, Reading
from rag.entailment.trees import has_child, is_report, openings

if TYPE_CHECKING:
    from spacy.tokens import Token

_SUPERLATIVE, _COMPARED = {"JJS", "RBS"}, {"RBR", "RBS", "JJR"}
_NUMERAL = re.compile(r"^\d+(?:st|nd|rd|th)$", re.IGNORECASE)


@dataclass(frozen=True)
class Kept:
    """What a sentence keeps of a word of the evidence and of its parts."""

    there: Token
    used: frozenset[int]
    """The words of the evidence that the sentence has."""
    strict: bool
    """Whether nothing may be left out, since under a "not" or an "if" less says more."""

    def dropped(self, parts: Sequence[Part]) -> list[Part]:
        """Those of `parts` that the sentence leaves out."""
        return [part for part in parts if part.token.i not in self.used]


# --- clauses ----------------------------------------------------------------------------------


def clause_loses(passage: Reading, kept: Kept) -> bool:
    """Whether a clause says another thing without the parts of it that the sentence leaves out."""
    return any(_is_needed(passage, kept, part) for part in kept.dropped(passage.parts(kept.there)))


def _is_needed(passage: Reading, kept: Kept, part: Part) -> bool:
    there, answered = kept.there, _is_answered(part)
    if kept.strict and part.rel not in {"subj", "aside"} and not answered and not _is_fronted(part, there):
        return True
    if part.rel in {"obj", "pred", "prt", "inf"}:
        return not answered
    if part.rel == "subj" and part.token.i > there.i:  # "by some"
        return part.token.lower_ in listed("quantities", "shares")
    if part.rel == "comp":
        return not answered
    if part.rel == "adv":
        return part.token.lower_ in listed("guarded", "adverbs") or part.token.tag_ in _COMPARED
    if part.rel == "advcl":
        return bool(openings(part.token) & listed("clauses", "conditions")) or (
            part.token.tag_ == "VB" and part.token.left_edge.i == there.i + 1
        )
    return part.is_prepositional and _is_needed_preposition(passage, there, part)


def _is_needed_preposition(passage: Reading, there: Token, part: Part) -> bool:
    """Whether a circumstance takes away from what is said, or belongs to the verb just before it: "voted against"."""
    if part.preposition in listed("guarded", "taking_away"):
        return True
    if is_report(there) and part.preposition in {"against", "from"}:
        return True
    denies = there.lemma_.lower() in listed("guarded", "denying")
    if denies and part.preposition in listed("guarded", "near") and not passage.is_time(part.token):
        return part.token.i > there.i
    just_behind = there.i + 1 in {part.token.head.i, part.token.head.head.i}
    return just_behind and part.preposition in listed("guarded", "near") and not passage.is_time(part.token)


def _is_fronted(part: Part, there: Token) -> bool:
    """Whether a circumstance stands before who does it, so that a "not" does not bear on it."""
    subject = next((c for c in there.children if c.dep_ in {"nsubj", "nsubjpass"}), None)
    if subject is None or part.token.i >= subject.left_edge.i:
        return False
    return part.rel in {"advcl", "time"} or part.is_prepositional


def _is_answered(part: Part) -> bool:
    """Whether it is only the place of a word in a clause that hangs on it: "who", "what"."""
    return part.token.tag_ in {"WP", "WDT", "WRB"}


# --- noun phrases -----------------------------------------------------------------------------


def noun_loses(said: Reading, passage: Reading, token: Token, kept: Kept) -> bool:
    """Whether a noun phrase names more, or something else, without what the sentence leaves out of it."""
    there = kept.there
    dropped = kept.dropped(passage.parts(there))
    if any(_names_another(part, there) or (part.rel == "num" and token.tag_ == "CD") for part in dropped):
        return True
    restricting = [part for part in dropped if _restricts(part)]
    if kept.strict or sweeps_or_picks(said, token):
        return bool(restricting)
    return _is_generic(there) and any(part.rel != "num" for part in restricting)


def _restricts(part: Part) -> bool:
    """Whether a part tells which of several things are meant."""
    return part.rel in {"mod", "of", "poss", "clause", "num"} or part.is_prepositional


def sweeps_or_picks(said: Reading, token: Token) -> bool:
    """Whether the sentence speaks of all, of none, or of one out of several: "every minister", "the oldest bridge"."""
    beside = [t for t in token.subtree if t.i < token.i or t.head.i == token.i]
    return is_bounded(token) or any(
        t.lower_ in listed("quantities", "sweeping") or t.tag_ in _SUPERLATIVE or _is_ordinal(t) for t in beside
    )


def _is_generic(there: Token) -> bool:
    """Whether it is said of all things of a name that they do something: "ships without a pilot wait"."""
    doing = there.dep_ in {"nsubj", "nsubjpass"}
    if there.tag_ in {"NNS", "NN"} and not has_child(there, {"det", "poss", "nummod"}):
        return doing
    several = any(c.dep_ == "det" and c.lower_ in {"a", "an"} for c in there.children)
    defined = there.dep_ == "attr" and any(c.dep_ == "det" and c.lower_ == "the" for c in there.children)
    return defined or (several and doing and there.head.tag_ in {"VBZ", "VBP", "MD"})


def is_bounded(noun: Token) -> bool:
    """Whether so many and no more are meant, so that less said of them says more: "only seven", "30%", "one of"."""
    if noun.lower_ in listed("quantities", "shares"):
        return True
    return any(t.lower_ in listed("quantities", "bounding") for t in noun.subtree if t.i <= noun.i)


def _is_ordinal(token: Token) -> bool:
    return token.lower_ in listed("quantities", "picking") or _NUMERAL.match(token.lower_) is not None


def _names_another(part: Part, there: Token) -> bool:
    """Whether a noun without this part of its phrase names something else, whatever the sentence says of it."""
    token, word = part.token, part.token.lower_
    if part.rel == "quant":
        return word not in listed("quantities", "droppable")
    if part.rel == "adv":
        return word in listed("guarded", "adverbs") or token.tag_ in {"RBR", "RBS"} or _is_ordinal(token)
    if part.rel == "mod":
        return _makes_another(token)
    if part.rel == "clause":
        return there.lower_ in listed("guarded", "described")
    return part.rel == "bound" or part.preposition in listed("guarded", "taking_away_of_nouns")


def _makes_another(token: Token) -> bool:
    """Whether an adjective makes another thing of what it stands before: "former", "ex-", "larger", "second"."""
    word = token.lower_
    if word in listed("guarded", "adjectives") or word.split("-")[0] in listed("guarded", "prefixes"):
        return True
    return token.tag_ in {*_SUPERLATIVE, "JJR"} or _is_ordinal(token)
