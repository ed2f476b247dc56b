"""What the sentence says of a thing beside its name: whether the evidence says so of it, and what it may not lose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.entailment.descriptions import aliases, is_called, known_beside
from rag.entailment.frames import Found, Frame, nearest, seen
from rag.entailment.lexicon import listed
from rag.entailment.losses import Kept, noun_loses, sweeps_or_picks
from rag.entailment.naming import phrase
from rag.entailment.pairs import Pair
from rag.entailment.parts import hung, is_circumstance, may_be_of_noun, ways
from rag.entailment.reading import Part
from rag.entailment.trees import is_infinitive, is_predicate

if TYPE_CHECKING:
    from spacy.tokens import Token


@dataclass(frozen=True)
class Same:
    """A word of the sentence that was found to mean what one of the evidence does."""

    token: Token
    there: Token
    found: Found
    by_name: bool = False
    """Whether it is a name, which means the same with fewer words."""
    by_quote: bool = False
    """Whether it stands in marks, and just so in the evidence."""


def details(pair: Pair, same: Same, frame: Frame) -> Found | None:
    """What the sentence says of a thing, in its evidence; None where it says more than that has."""
    if not same.by_name and sweeps_or_picks(pair.said, same.token):
        frame = replace(frame, strict=True)
    beside = _beside(pair, same, frame)
    others = _others(pair, same, frame) if beside is not None else None
    if beside is None or others is None:
        return None
    lost = _loses(pair, same, Kept(same.there, same.found.there | beside.there, frame.strict))
    turned = _has_not(same.token) != _has_not(same.there)
    differs = (["dropped"] if lost else []) + (["not"] if turned else [])
    return same.found.add(beside).add(others).and_differs(*differs)


def _beside(pair: Pair, same: Same, frame: Frame) -> Found | None:
    """What stands beside a word of the sentence, part by part."""
    total = Found()
    for part in pair.said.parts(same.token):
        if part.token.i in same.found.seen or part.token.i in total.seen:
            continue
        if same.by_quote and part.token.i in pair.quotes:
            way: Found | None = seen(pair.quote_of(part.token) | {part.token.i})
        else:
            way = _detail(pair, part, same, frame)
        if way is None:
            return None
        total = total.add(way)
    return total


def _others(pair: Pair, same: Same, frame: Frame) -> Found | None:
    """What an "or" puts beside the word, where the evidence has an "or": each, and no more of them."""
    ours, theirs = alternatives(same.token), alternatives(same.there)
    if not theirs:
        return Found()
    total = Found()
    for one in ours:
        found = [way for other in theirs if (way := pair.noun(one, other, frame)) is not None]
        if not found:
            return None
        total = total.add(found[0])
    return total if len(ours) == len(theirs) else None


def alternatives(token: Token) -> list[Token]:
    """What an "or" puts beside a word."""
    if not any(c.dep_ == "cc" and c.lower_ in {"or", "nor"} for c in token.children):
        return []
    return [c for c in token.children if c.dep_ == "conj"]


def _loses(pair: Pair, same: Same, kept: Kept) -> bool:
    if same.by_name:
        return _loses_title(kept)
    return not same.by_quote and noun_loses(pair.said, pair.passage, same.token, kept)


def _loses_title(kept: Kept) -> bool:
    """Whether a title stands beside a name without what makes it another: "Vice President" as "President"."""
    there = kept.there
    name = phrase(there)[1]
    beside = (t for t in there.children if t.dep_ in {"compound", "amod", "nmod"} and t.i not in name)
    titled = any(t.i in kept.used for t in beside)
    before = (t for t in there.subtree if t.i < there.i and t.i not in kept.used)
    return titled and any(t.lower_ in listed("guarded", "adjectives") for t in before)


def _has_not(token: Token) -> bool:
    return any(child.dep_ == "neg" or child.lower_ == "not" for child in token.children)


# --- one part ---------------------------------------------------------------------------------


def _detail(pair: Pair, part: Part, same: Same, frame: Frame) -> Found | None:
    """One part of what the sentence says of a thing, as near as the evidence has it."""
    if part.rel == "mod" and same.by_name and part.token.pos_ == "NOUN":
        titled = _as_one_of(pair, part.token, aliases(same.there), frame)
        if titled is not None:
            return titled
    if part.rel == "clause":
        return _relative_clause(pair, part, same, frame)
    if part.rel == "appos":
        return _apposition(pair, part.token, same.there, frame)
    found = ways(pair, part, _parts_there(pair, same), frame, may_be_of_noun) or _moved(pair, part, same.there, frame)
    if not found and same.by_name:
        return known_beside(pair, part, pair.called(same.there))
    return nearest(found)


def _parts_there(pair: Pair, same: Same) -> list[Part]:
    """The parts of a noun of the evidence; of a name also those of its other words for the same thing."""
    there = same.there
    found = list(pair.passage.parts(there))
    for alias in aliases(there) if same.by_name else ():
        found += [Part("appos", alias), *pair.passage.parts(alias)]
    return found


def _as_one_of(pair: Pair, token: Token, others: list[Token], frame: Frame) -> Found | None:
    """A noun phrase as the first of several that it can be."""
    return next((way for other in others if (way := pair.noun(token, other, frame)) is not None), None)


def _apposition(pair: Pair, token: Token, there: Token, frame: Frame) -> Found | None:
    """What somebody is said to be in passing: "Varga, the mayor"."""
    itself = [there] if token.pos_ == "PROPN" else []
    found = _as_one_of(pair, token, [*itself, *aliases(there)], frame)
    if found is not None:
        return found
    names = pair.called(there)
    return is_called(pair, token, names) if names else None


def _relative_clause(pair: Pair, part: Part, same: Same, frame: Frame) -> Found | None:
    """A clause that describes a noun: as one beside it there, or as what the evidence tells anywhere."""
    there = same.there
    near = ways(pair, part, _parts_there(pair, same), frame, may_be_of_noun)
    if not near and is_infinitive(part.token):
        above = [other for head in list(there.ancestors)[:2] for other in pair.passage.parts(head)]
        near = ways(pair, part, above, frame)
    return near[0] if near else _told_anywhere(pair, part.token, frame)


def _told_anywhere(pair: Pair, clause: Token, frame: Frame) -> Found | None:
    tops = pair.told()
    if frame.inside:
        tops += [told for report in pair.reports for top in report.content for told in pair.passage.told(top)]
    may_be = [top for top in tops if is_predicate(top) or not is_predicate(clause)]
    found = [pair.clause(clause, top, frame) for top in may_be]
    return nearest(way for way in found if way is not None)


def _moved(pair: Pair, part: Part, there: Token, frame: Frame) -> list[Found]:
    """A circumstance that the evidence hangs on the verb, or on another noun beside this one."""
    found: list[Found] = []
    if not is_circumstance(part):
        return found
    for head in list(there.ancestors)[:3]:
        found += [hung(head, way) for way in ways(pair, part, pair.passage.parts(head), frame)]
        if is_predicate(head):
            break
    return found
