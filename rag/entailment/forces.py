"""How a predicate is meant: turned round or not, by which modal, in which time; and whether two are meant alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rag.entailment.lexicon import listed, lists
from rag.entailment.trees import has_child, is_disjunction, is_nobody, is_predicate

if TYPE_CHECKING:
    from spacy.tokens import Token

_PAST, _PRESENT = {"VBD"}, {"VBZ", "VBP"}
_UNFINITE = {"VB", "VBN", "VBG"}


class Force(NamedTuple):
    """How a predicate is meant: turned round or not, by which modal, in which time."""

    negated: bool
    modal: str
    tense: str
    """"past", "perfect", "present", "bare" or "participle"; empty for a modal."""


def force(token: Token) -> Force:
    """How a predicate is meant, by its own helping verbs or by those that it shares with the one it is joined to."""
    helpers = [child for child in token.children if child.dep_ in {"aux", "auxpass"}]
    turned = negated(token)
    if not helpers and _shares_helpers(token):
        above = force(token.head)
        turned = turned or (above.negated and is_disjunction(token.head))
        if token.tag_ in _UNFINITE and token.tag_ == token.head.tag_:
            return Force(turned or above.negated, above.modal, above.tense)
    modal = next((_modal(child.lower_) for child in helpers if child.tag_ == "MD"), "")
    return Force(turned, modal, "" if modal else _tense(token, helpers))


def negated(token: Token) -> bool:
    """Whether a predicate is turned round: by a "not", or since nobody does it, or nothing gets it; twice is not."""
    return sum(_turns(child) for child in token.children) % 2 == 1


def _turns(child: Token) -> int:
    """How often what hangs on a predicate turns it round."""
    negations = listed("polarity", "negations")
    turns = 0
    if child.dep_ in {"neg", "advmod", "preconj", "cc"}:
        turns += child.dep_ == "neg" or child.lower_ in negations
    if child.dep_ in {"nsubj", "nsubjpass", "dobj", "attr"}:
        turns += is_nobody(child)
    if child.dep_ in {"prep", "agent"}:
        turns += any(is_nobody(grand) for grand in child.children if grand.dep_ == "pobj")
    if child.dep_ in {"attr", "acomp"}:
        turns += any(grand.lower_ in negations for grand in child.children)
    return turns


def _shares_helpers(token: Token) -> bool:
    """Whether a predicate without a subject stands under the helping verbs of the one before: "will buy and sell"."""
    if token.dep_ != "conj" or not is_predicate(token.head) or has_child(token, {"nsubj", "nsubjpass"}):
        return False
    return token.tag_ in _UNFINITE or token.tag_ == token.head.tag_


def _modal(word: str) -> str:
    written: dict[str, str] = lists()["tenses"]["written"]
    return written.get(word, word)


def _tense(token: Token, helpers: list[Token]) -> str:
    finite = next((child for child in helpers if child.tag_ in _PAST | _PRESENT), None)
    if finite is not None:
        return _compound_tense(token, finite)
    if token.tag_ in _PAST:
        return "past"
    if token.tag_ in _PRESENT:
        return "present"
    if token.tag_ != "VB":
        return "participle"
    if helpers or not has_child(token, {"nsubj"}):
        return "bare"
    # With somebody who does it, it is no bare form: the parser takes "the mayor cut taxes" for one.
    return "past" if token.lower_ in listed("tenses", "alike") else "present"


def _compound_tense(token: Token, finite: Token) -> str:
    if finite.tag_ in _PAST:
        return "past"
    return "perfect" if finite.lemma_ == "have" and token.tag_ in {"VBN", "VBD"} else "present"


def differences(ours: Force, theirs: Force, shifted: bool) -> set[str]:
    """What is meant otherwise: "not", "modal", "tense". `shifted` where somebody's words are told later."""
    found = set()
    if ours.negated != theirs.negated:
        found.add("not")
    if ours.modal != theirs.modal:
        shift = lists()["tenses"]["shifted"]
        if not shifted or ours.modal not in {shift.get(theirs.modal), _unshifted(theirs.modal)}:
            found.add("modal")
    elif not ours.modal and not _agrees(ours.tense, theirs.tense, shifted):
        found.add("tense")
    return found


def _unshifted(modal: str) -> str:
    """The modal that a report in the present keeps: "will" for "would"."""
    return next((plain for plain, told in lists()["tenses"]["shifted"].items() if told == modal), "-")


def _agrees(ours: str, theirs: str, shifted: bool) -> bool:
    """Whether one tense may stand for another: past for perfect, and past for present in what somebody said."""
    if ours == theirs or {ours, theirs} <= {"past", "perfect"}:
        return True
    if theirs == "participle":
        return ours in {"past", "present", "perfect"}
    if ours == "participle":
        return theirs in {"past", "perfect", "present", "bare"}
    return shifted and theirs in {"present", "perfect"} and ours == "past"
