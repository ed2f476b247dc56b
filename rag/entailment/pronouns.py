"""Words that stand for others: "she" and "the company", in the sentence and in the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.entailment.antecedents import named_before
from rag.entailment.details import Same, details
from rag.entailment.frames import NOTHING, Found, Frame, pair_of
from rag.entailment.lexicon import listed, lists
from rag.entailment.naming import alike, phrase
from rag.entailment.pairs import Pair
from rag.entailment.trees import is_noun, is_plural, is_predicate
from rag.names import name_words
from rag.speech import speech

if TYPE_CHECKING:
    from spacy.tokens import Token


def pronoun(pair: Pair, token: Token, there: Token, frame: Frame) -> Found | None:
    """A pronoun of the sentence as a word of the evidence: the same, the speaker's own "I", or a name that it means."""
    word, other = token.lower_, there.lower_
    same = pair_of(token, there)
    if word in listed("pronouns", "persons") and not frame.inside and not _is_known(pair, token, there):
        return None
    if word in listed("pronouns", "persons") and not _is_clear(pair, token, there, frame):
        return None
    if word == other:
        return same
    if any(word in case and other in case for case in lists()["pronouns"]["cases"]):
        return same
    if word not in listed("pronouns", "third"):
        return None
    if there.pos_ == "PRON" and other in listed("pronouns", "first") and frame.inside:
        return same if _may_be_speakers(pair, token, frame) else None
    names = pair.called(there) | ({there.text} if there.pos_ == "PROPN" else NOTHING)
    means = (frame.speakers if frame.inside else NOTHING) | pair.meant | _before(pair, token)
    return same if any(alike(name, one) for name in names for one in means) else None


def _may_be_speakers(pair: Pair, token: Token, frame: Frame) -> bool:
    """Whether "his" for somebody's "my" can only be the speaker's, and not that of who does something there."""
    known = {speech().genders.get(name.split()[0], "") for name in frame.speakers}
    for gender, other in (("he", "she"), ("she", "he")):
        if token.lower_ in listed("pronouns", gender) - {"hers"} and known == {other}:
            return False
    if token.tag_ != "PRP$":
        return True
    verb = next((above for above in token.ancestors if is_predicate(above)), None)
    return verb is None or not any(doer.pos_ == "PROPN" for doer in pair.said.the(verb, "subj"))


def _is_known(pair: Pair, token: Token, there: Token) -> bool:
    """Whether somebody was named of whom a "she" can be said, and it is not somebody else there."""
    named = pair.meant | _before(pair, token)
    theirs = pair.called(there) if named and there.pos_ == "PRON" else NOTHING
    return bool(named) and (not theirs or any(alike(a, b) for a in theirs for b in named))


def _is_clear(pair: Pair, token: Token, there: Token, frame: Frame) -> bool:
    """Whether a "she" of the sentence is whoever she is there, as far as a reader can tell.

    All who are named before her there have to be named here too; and she whom a speaker speaks of is not the speaker.
    """
    if there.pos_ != "PRON" or token.i in pair.quotes:
        return True
    here = {t.lower_ for t in pair.said.doc}
    if not named_before(pair.passage.doc, there) <= here:
        return False
    if not frame.inside or there.lower_ in listed("pronouns", "first"):
        return True
    quoted = any(q.kind != "indirect" for q in pair.premise.voices(pair.passage, there))
    return not quoted or any(not any(alike(name, s) for s in frame.speakers) for name in _before(pair, token))


def _before(pair: Pair, token: Token) -> frozenset[str]:
    """The names that stand before a pronoun in the sentence, but for who does something in its own clause."""
    own = {one.i for one in pair.said.the(token.head, "subj") if one.i != token.i}
    names = [t for t in pair.said.doc[: token.i] if t.pos_ == "PROPN" and t.dep_ != "compound" and t.i not in own]
    return frozenset(phrase(t)[0] for t in names)


def meant_by(pair: Pair, token: Token, there: Token, frame: Frame) -> Found | None:
    """A noun of the sentence for a pronoun or "the company" of the evidence: what stood before it, or the speaker's."""
    if (
        there.lower_ in listed("pronouns", "third")
        and is_noun(token)
        and len(named_before(pair.passage.doc, there)) < 2
    ):
        earlier = [t for t in pair.passage.doc[: there.i] if t.dep_ in {"nsubj", "nsubjpass"} and is_noun(t)]
        if len(earlier) == 1 and _may_mean(there.lower_, earlier[0]):
            found = pair.noun(token, earlier[0], frame)
            if found is not None:
                return found
    return _body_of_speaker(pair, token, there, frame) if frame.inside else None


def _may_mean(word: str, noun: Token) -> bool:
    """Whether a pronoun can stand for a noun: "it" for a thing, "they" for several, "she" for somebody."""
    if word in listed("pronouns", "they"):
        return is_plural(noun)
    if word in listed("pronouns", "it"):
        return not is_plural(noun) and noun.ent_type_ != "PERSON"
    return not is_plural(noun) and noun.ent_type_ not in {"ORG", "GPE"}


def _body_of_speaker(pair: Pair, token: Token, there: Token, frame: Frame) -> Found | None:
    """The body that a speaker speaks for, who calls it "we", "it" or "the company"."""
    collective = there.lower_ in listed("pronouns", "collective")
    bodies = listed("names", "bodies")
    if not collective and there.lemma_.lower() not in bodies:
        return None
    offices = frozenset().union(*pair.premise.offices(frame.speakers))
    written, covered = phrase(token)
    of_name = name_words(written)
    if token.pos_ == "PROPN" and of_name and of_name <= offices:
        found = Found(seen=frozenset(covered), there=frozenset({there.i}))
        return details(pair, Same(token, there, found, by_name=True), frame)
    near = any(t.lemma_.lower() == token.lemma_.lower() for t in pair.premise.whole.doc)
    if token.lemma_.lower() in bodies and collective and (offices or near):
        return details(pair, Same(token, there, pair_of(token, there), by_name=True), frame)
    return None
