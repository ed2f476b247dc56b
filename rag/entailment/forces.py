"""Whether two predicates are meant the same way: turned round or not, by which modal, in which time."""

from __future__ import annotations

from rag.entailment.lexicon import lists
from rag.entailment.reading import Force


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
    if ours in {"participle", "bare"}:
        return theirs in {"past", "perfect", "present", "bare"} and ours == "participle"
    return shifted and theirs in {"present", "perfect"} and ours == "past"
