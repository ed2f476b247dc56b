"""Yes and no, said by the program alone: where evidence has what is asked, with its parties, clearly or turned round.

question ──> its statement ──> each piece of evidence: does it follow, or the opposite ──> Verdict
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag import prompts
from rag.assertions import holds, near_stems, own_phrases, own_stems, predicate, read, subject_stems
from rag.entailment.inference import infer
from rag.grounds import Source
from rag.speech import speech
from rag.words import stems

DENY = "deny"
"""The group of reporting verbs by which somebody says that something is not so."""

Finding = Literal["yes", "no", "differ", "later", "said", "denied", "unknown"]
"""It is so; it is not; articles contradict each other; it was so, and a later article has another figure or day;
somebody says so, or denies it; or nothing of this.
"""

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")

LOOKED_AT = 6
"""Pieces of evidence, at most, that are compared: those that have the predicate, in the order of relevance."""


@dataclass(frozen=True)
class Verdict:
    """What the evidence says of a statement, and the pieces that say it, the newest first."""

    finding: Finding
    sources: tuple[Source, ...] = ()


def verdict(statement: str, sources: Sequence[Source]) -> Verdict:
    """What `sources` say of `statement`, which has no full stop."""
    sentence = f"{statement[:1].upper()}{statement[1:]}."
    found: dict[str, list[Source]] = {"follows": [], "contradicted": [], "attributed": [], "denied": []}
    for source in _bearing(statement, sources)[:LOOKED_AT]:
        ruled: str = infer(sentence, [source]).verdict
        if ruled == "not_found":
            ruled = "denied" if _is_of_somebody(statement, source, "denying") else ruled
            ruled = "attributed" if _is_of_somebody(statement, source, "saying") else ruled
        found.setdefault(ruled, []).append(source)
    yes, no, said, denied = (_newest(found[kind]) for kind in ("follows", "contradicted", "attributed", "denied"))
    if yes and no:
        return Verdict("differ", _newest([*yes, *no]))
    if yes or no:
        later = _later(statement, yes or no, sources)
        return Verdict("later", later) if later else Verdict("yes" if yes else "no", yes or no)
    if said or denied:
        return Verdict("said" if said else "denied", said or denied)
    return Verdict("unknown")


def _bearing(statement: str, sources: Sequence[Source]) -> list[Source]:
    """The sources that have the predicate of a statement, or one of its sense; all of them where it has none."""
    does = predicate(read(statement))
    kept = [source for source in sources if not source.is_order]
    if does is None:
        return kept
    senses = own_stems(does).union(near_stems(does), *own_phrases(does))
    return [source for source in kept if holds(senses, set(stems(source.text)))]


def _later(statement: str, ruling: Sequence[Source], sources: Sequence[Source]) -> tuple[Source, ...]:
    """What rules, with what a later article says of the same thing in other figures; nothing where none does."""
    figures = set(_FIGURE.findall(statement))
    subject = subject_stems(read(statement))
    newest = max(source.citation.excerpt.article.day for source in ruling)
    others = [
        source
        for source in sources
        if source.citation.excerpt.article.day > newest
        and subject <= set(stems(source.text))
        and set(_FIGURE.findall(source.text)) - figures
    ]
    return _newest([*ruling, *others]) if figures and subject and others else ()


def _is_of_somebody(statement: str, source: Source, wording: str) -> bool:
    """Whether somebody says just what is asked or, as `wording` has it, denies it."""
    denies = wording == "denying"
    speakers = {q.speaker for q in source.spoken if q.speaker and (speech().groups.get(q.cue) == DENY) == denies}
    sentences = (prompts.render(wording, speaker=speaker, statement=statement) for speaker in speakers)
    return any(infer(sentence, [source]).verdict == "follows" for sentence in sentences)


def _newest(sources: Sequence[Source]) -> tuple[Source, ...]:
    return tuple(sorted(sources, key=lambda source: -source.citation.excerpt.article.day))
