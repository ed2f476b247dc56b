"""Clauses: whether a predicate of the sentence is one of the evidence, with parts that the evidence has too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.entailment.forces import differences
from rag.entailment.frames import Found, Frame, Scope, nearest, pair_of, seen
from rag.entailment.lexicon import listed, lists, same_lemma
from rag.entailment.losses import Kept, clause_loses, is_bounded
from rag.entailment.naming import alike
from rag.entailment.pairs import Pair
from rag.entailment.parts import hung, is_circumstance, ways
from rag.entailment.reading import Part, Reading
from rag.entailment.trees import is_disjunction, is_noun, is_predicate
from rag.types import Quotation

if TYPE_CHECKING:
    from spacy.tokens import Token

_BEGINNING = {"ccomp", "relcl", "acl", "parataxis", "advcl", "pcomp", "xcomp"}
"""What hangs so on a word begins another clause."""


def clause(pair: Pair, token: Token, there: Token, frame: Frame, scope: Scope) -> Found | None:
    """A predicate of the sentence as one of the evidence: the same verb, with what differs in how it is meant.

    None where it is another verb, or where the sentence has a part that the evidence has not.
    """
    verb = _same_word(pair, token, there)
    quoted = pair.quotes.get(token.i)
    if verb is None or quoted not in {None, there.i} or _has_strange_subject(pair, there):
        return None
    below = replace(frame, strict=_is_strict(pair, there, frame), cues=frame.cues | {there.i})
    parts = _parts(pair, token, there, below, replace(scope, done=verb.seen))
    if parts is None:
        return None
    used = parts.there | (frozenset(pair.quotes.values()) if quoted is not None else frozenset())
    if _is_phrasal(pair, token, there):
        used |= {one.i for one in pair.passage.the(there, "prt")}
    lost = _halves(token, there) or clause_loses(pair.passage, Kept(there, used, _is_held(pair, there, frame)))
    found = pair_of(token, there).add(verb).add(parts).add(_meaning(pair, token, there, frame))
    return found.and_differs("dropped") if lost else found


def _halves(token: Token, there: Token) -> bool:
    """Whether just one of two things is told of which the evidence says that the one or the other is so."""
    halved = is_disjunction(there) or (there.dep_ == "conj" and is_disjunction(there.head))
    return halved and not is_disjunction(token) and not is_disjunction(token.head)


def _is_strict(pair: Pair, there: Token, frame: Frame) -> bool:
    """Whether less would be more there: under a "not", an "if", a verb such as "deny", or for "only seven"."""
    return there.lemma_.lower() in listed("guarded", "denying") or _is_held(pair, there, frame)


def _is_held(pair: Pair, there: Token, frame: Frame) -> bool:
    """The same of what hangs on the verb itself: when somebody denies something may be left out, not what."""
    if frame.strict:
        return True
    if pair.passage.force(there).negated or pair.passage.condition(there):
        return True
    return any(is_bounded(subject) for subject in pair.passage.the(there, "subj", "obj") if subject.i < there.i)


def _meaning(pair: Pair, token: Token, there: Token, frame: Frame) -> Found:
    """What differs in how two predicates are meant, and in whose words they are."""
    found = Found(frozenset(differences(pair.said.force(token), pair.passage.force(there), frame.shifted)))
    conditional = pair.passage.condition(there) and not pair.said.condition(token)
    return found.add(voice(pair, there, frame)).and_differs(*(["condition"] if conditional else []))


def voice(pair: Pair, there: Token, frame: Frame) -> Found:
    """Whether words that the article gives to somebody are told as nobody's, or as another's: "report"."""
    theirs = [q for q in pair.premise.voices(pair.passage, there) if not _is_reached_by(pair, frame, q)]
    differs = any(not frame.inside or _is_others(frame, q) for q in theirs)
    return Found().and_differs("report") if differs else Found()


def _is_reached_by(pair: Pair, frame: Frame, q: Quotation) -> bool:
    """Whether the words are somebody's by the very verb under which the clause is looked for."""
    cue, passage = q.cue_span, pair.passage
    return cue is not None and any(cue.start <= passage.start + passage.doc[i].idx < cue.end for i in frame.cues)


def _is_others(frame: Frame, q: Quotation) -> bool:
    """Whether the words are of somebody else than who is said to speak; of indirect speech nothing is known."""
    if not q.speaker or not frame.speakers or q.kind == "indirect":
        return False
    return not any(alike(q.speaker, name) for name in frame.speakers)


# --- one verb ---------------------------------------------------------------------------------


def _same_word(pair: Pair, token: Token, there: Token) -> Found | None:
    """Whether two predicates are one: the verb, or another of its sense; with what it takes to say so."""
    if pair.quotes.get(token.i) == there.i:
        return Found()
    if not _are_of_one_kind(token, there):
        return None
    one, other = token.lemma_.lower(), there.lemma_.lower()
    if same_lemma(one, other):
        return Found()
    phrases = lists()["same"]["phrases"]
    if phrases.get(_phrasal(pair.said, token)) == other or phrases.get(_phrasal(pair.passage, there)) == one:
        return seen(one.i for one in pair.said.the(token, "prt"))
    return None


def _are_of_one_kind(token: Token, there: Token) -> bool:
    """Whether two words are both predicates, or forms of verbs, or of another kind together."""
    if is_predicate(token) == is_predicate(there) or token.tag_.startswith("V") or there.tag_.startswith("V"):
        return True
    return token.pos_ == there.pos_ or all(is_noun(one) or one.pos_ == "ADJ" for one in (token, there))


def _phrasal(reading: Reading, token: Token) -> str:
    """A verb with its particle: "step down"."""
    return " ".join([token.lemma_.lower(), *(one.lower_ for one in reading.the(token, "prt"))])


def _is_phrasal(pair: Pair, token: Token, there: Token) -> bool:
    """Whether verb and particle there are one verb here."""
    return bool(lists()["same"]["phrases"].get(_phrasal(pair.passage, there)) == token.lemma_.lower())


def _has_strange_subject(pair: Pair, there: Token) -> bool:
    """Whether what the parser takes for a subject is the object of a relative clause before it."""
    return any(_is_taken(subject, there) for subject in pair.passage.the(there, "subj", "obj"))


def _is_taken(subject: Token, verb: Token) -> bool:
    if subject.i > verb.i:
        return False
    doc, first = subject.doc, subject.left_edge.i
    opened = [t for t in doc[:first] if t.tag_ in {"WDT", "WP"}]
    if not opened or opened[-1].head.i == verb.i:
        return False
    between = doc[opened[-1].i : verb.i]
    return not any(t.text in {",", ";", "—", "–"} for t in between if t.i < first)


# --- its parts --------------------------------------------------------------------------------


def _parts(pair: Pair, token: Token, there: Token, frame: Frame, scope: Scope) -> Found | None:
    """The parts of a predicate of the sentence, each among those of the evidence; None where one is not there."""
    total = Found()
    is_quoted = token.i in pair.quotes
    for part in pair.said.parts(token):
        if _is_outside(part, token, scope):
            continue
        if is_quoted and part.token.i in pair.quotes:
            way: Found | None = _verbatim(pair, part.token)
        elif part.rel == "comp" and scope.content is not None and part.token.i != scope.content.i:
            continue
        else:
            way = part_of(pair, part, pair.passage.parts(there), frame, there)
        if way is None:
            return None
        total = total.add(way)
    return total


def _is_outside(part: Part, token: Token, scope: Scope) -> bool:
    """Whether a part is accounted for: the particle of a phrasal verb, an "according to" that was seen to."""
    if part.token.i in scope.done:
        return True
    return scope.skip_according and any(c.lower_ == "according" for c in part.token.ancestors if c.i != token.i)


def _verbatim(pair: Pair, token: Token) -> Found:
    """A word in marks, which stands just so in the evidence, with those in marks below it."""
    return Found(seen=pair.quote_of(token), there=frozenset({pair.quotes[token.i]}))


def part_of(pair: Pair, part: Part, parts: Sequence[Part], frame: Frame, head: Token | None) -> Found | None:
    """A part of a predicate of the sentence among those of the evidence, as near as there is one."""
    found = ways(pair, part, parts, frame)
    if not found and head is not None:
        found = _elsewhere(pair, part, head, frame)
    if part.token.i in pair.quotes and frame.inside:
        found.append(_verbatim(pair, part.token))
    return nearest(found)


def _elsewhere(pair: Pair, part: Part, head: Token, frame: Frame) -> list[Found]:
    """A time, place or circumstance that the grammar hangs on another word of the same clause."""
    found: list[Found] = []
    if not is_circumstance(part) and part.rel != "iobj":
        return found
    for token in _clause_words(head):
        found += [hung(token, way) for way in ways(pair, part, pair.passage.parts(token), frame)]
    return found


def _clause_words(head: Token) -> Iterator[Token]:
    """The words of a clause, down to where another begins."""
    for child in head.children:
        if child.dep_ not in _BEGINNING and not (child.dep_ == "conj" and is_predicate(child)):
            yield child
            yield from _clause_words(child)
