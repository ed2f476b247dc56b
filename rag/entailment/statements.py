"""A statement of the sentence: all ways in which a passage says it, or has somebody say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rag.entailment.clauses import voice
from rag.entailment.descriptions import aliases
from rag.entailment.frames import Found, Frame, Scope, seen
from rag.entailment.lexicon import is_plain
from rag.entailment.naming import phrase
from rag.entailment.pairs import Pair
from rag.entailment.reported import Saying, reported
from rag.entailment.trees import is_noun, is_report, objects_of_prepositions, says_according
from rag.names import name_words

if TYPE_CHECKING:
    from spacy.tokens import Token


def statement(pair: Pair, token: Token, content: Token | None = None) -> Iterator[Found]:
    """All ways in which a predicate of the sentence, and of what is said there just `content`, follows."""
    yield from _as_said(pair, token, content)
    if content is None or any(part.token.i == content.i for part in pair.said.parts(token)):
        for there in pair.told():
            found = pair.clause(token, there, Frame(), Scope(content))
            if found is not None:
                yield found
    if token.lemma_ == "be":
        yield from _described(pair, token)


def _as_said(pair: Pair, token: Token, content: Token | None) -> Iterator[Found]:
    """The ways in which a sentence that names who says something is right to do so."""
    speaker = _according_to(token)
    outlet = speaker if speaker is not None else _plain_speaker(pair, token)
    if outlet is not None and _is_outlet(pair, outlet):
        yield from _printed(pair, token, outlet, content)
    elif speaker is not None:
        yield from reported(pair, Saying(token, "say", [speaker], token))
    elif is_report(token) and content is not None:
        beside = [part for part in pair.said.parts(token) if part.rel not in {"comp", "subj"}]
        yield from reported(pair, Saying(token, token.lemma_.lower(), pair.said.the(token, "subj"), content, beside))


def _according_to(token: Token) -> Token | None:
    according = says_according(token)
    return next(iter(objects_of_prepositions(according)), None) if according is not None else None


# --- what the outlet prints -------------------------------------------------------------------


def _plain_speaker(pair: Pair, token: Token) -> Token | None:
    """Who says something by a plain verb."""
    return next(iter(pair.said.the(token, "subj")), None) if is_plain(token.lemma_.lower()) else None


def _is_outlet(pair: Pair, token: Token) -> bool:
    """Whether somebody is the paper that the evidence stands in."""
    written = name_words(phrase(token)[0]) - {"the"}
    publisher = name_words(pair.premise.article.publisher or "-")
    return token.pos_ == "PROPN" and bool(written) and written <= publisher


def _printed(pair: Pair, token: Token, outlet: Token, content: Token | None) -> Iterator[Found]:
    """What the outlet is right to be said to report: what it tells as so."""
    by_verb = _according_to(token) is None
    said = content if by_verb else token
    if said is None or (by_verb and _says_more(pair, token, outlet)):
        return
    named = seen({token.i, *(t.i for t in outlet.subtree)})
    for there in pair.told():
        found = pair.clause(said, there, Frame(shifted=by_verb), Scope(skip_according=True))
        if found is not None:
            yield found.add(named)


def _says_more(pair: Pair, token: Token, outlet: Token) -> bool:
    """Whether more is said of a report than whose it is and what it says: nobody knows when a paper printed it."""
    return any(part.rel != "comp" and part.token.i != outlet.i for part in pair.said.parts(token))


# --- what somebody is -------------------------------------------------------------------------


def _described(pair: Pair, token: Token) -> Iterator[Found]:
    """What somebody is, of their apposition: "Varga is the mayor" of "Varga, the mayor, …"."""
    subjects, predicates = pair.said.the(token, "subj"), pair.said.the(token, "pred")
    more = any(part.rel not in {"subj", "pred"} for part in pair.said.parts(token))
    force = pair.said.force(token)
    if not subjects or len(predicates) != 1 or more or force.negated or force.modal:
        return
    for there in pair.passage.doc:
        if is_noun(there):
            for alias in aliases(there):
                for one, other in ((there, alias), (alias, there)):
                    found = _is(pair, subjects[0], one, predicates[0], other)
                    if found is not None:
                        yield found.add(voice(pair, there, Frame())).add(seen({token.i}))


def _is(pair: Pair, subject: Token, one: Token, predicate: Token, other: Token) -> Found | None:
    """Whether who is something is `one` there, and what they are is `other`."""
    who = pair.noun(subject, one, Frame())
    what = pair.noun(predicate, other, Frame()) if who is not None else None
    return who.add(what) if who is not None and what is not None else None
