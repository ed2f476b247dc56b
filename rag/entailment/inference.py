"""Whether a sentence follows from pieces of evidence, is contradicted by them, or is only what somebody says there.

sentence ──> statements ──> each beside each cited sentence ──> what differs ──> Inference

Every statement must be in one piece of evidence whole: the verb, who and whom, and all that is said of them, meant the
same way. Each word of the sentence that carries meaning has to be accounted for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rag.entailment.frames import Found
from rag.entailment.lexicon import listed
from rag.entailment.matching import Match
from rag.entailment.naming import phrase
from rag.entailment.premise import Cited, Passage, Premise, legible
from rag.entailment.retelling import retell
from rag.entailment.statements import statement
from rag.entailment.trees import is_predicate, is_report, joined, tells
from rag.entailment.verdicts import Inference, Verdict, concluded
from rag.entailment.vetoes import vetoed
from rag.text import fold

if TYPE_CHECKING:
    from spacy.tokens import Token

__all__ = ["Inference", "Verdict", "infer", "is_sentence", "repeats"]


class _Statement(NamedTuple):
    """A predicate of the sentence that is told as so; of a report, with one of the things that are said."""

    head: Token
    content: Token | None = None


def infer(text: str, sources: Sequence[Cited], shown: str = "") -> Inference:
    """What `sources` say of the sentence `text`; `shown` is what stands before it, by which "she" is somebody."""
    for source in sources:
        if repeats(text, source):
            return Inference("follows", "", (source.citation.n,))
    said = Passage(text, 0)
    roots = [root for root in said.roots if not root.is_punct and not root.is_space]
    if _breaks_off(said) or (len(roots) == 1 and not is_sentence(said, roots[0])):
        return Inference("not_found", "no sentence")
    several = Inference("not_found", "no sentence")  # or words in marks that are several
    found = _by_grammar(said, roots[0], sources, shown) if len(roots) == 1 else several
    if found.verdict != "follows":
        told = retell(text, [source.premise for source in sources], shown)
        found = told if told is not None and told.verdict != "not_found" else found
    return _second_look(text, found, sources)


def _second_look(text: str, found: Inference, sources: Sequence[Cited]) -> Inference:
    """What was found, but for words that were lost or put in."""
    if found.verdict != "follows":
        return found
    why = vetoed(text, [source.text for source in sources if source.citation.n in found.numbers])
    return Inference("not_found", why) if why else found


def repeats(text: str, source: Cited) -> bool:
    """Whether a sentence is the evidence itself, whole, told by the article and of nobody named elsewhere."""
    whole = source.premise.whole
    if _bare(text) != _bare(whole.text) or whole.is_question():
        return False
    if any(q.excerpt.span.covers(source.span) for q in source.quotations):
        return False
    if len(whole.roots) != 1 or not is_sentence(whole, whole.roots[0]):
        return False
    telling = {whole.doc[0].lower_, *(part.token.lower_ for part in whole.parts(whole.roots[0]))}
    return not telling & listed("pronouns", "elsewhere")


def _bare(text: str) -> str:
    return " ".join(fold(legible(text)).split()).rstrip(".")


def _by_grammar(said: Passage, root: Token, sources: Sequence[Cited], shown: str) -> Inference:
    """Each statement of a sentence in one of the sources, part by part."""
    chosen = []
    for told in _statements(said, root):
        way = _best(said, told, [source.premise for source in sources], shown)
        if way is None:
            return Inference("not_found", "words")
        chosen.append(way)
    total = Found()
    for _, found in chosen:
        total = total.add(found)
    left = [t.text for t in said.doc if t.i not in total.seen and tells(t)]
    if left:
        return Inference("not_found", f"words: {' '.join(left)}")
    return concluded(total, tuple(dict.fromkeys(n for n, _ in chosen)))


def _best(said: Passage, told: _Statement, premises: Sequence[Premise], shown: str) -> tuple[int, Found] | None:
    """The way in which a statement is nearest to what the evidence says, with the number of the piece that says it."""
    tried = [(premise.n, _beside(said, told, premise, shown)) for premise in premises]
    ways = [(n, found) for n, found in tried if found is not None]
    return min(ways, key=lambda way: len(way[1].differs), default=None)


def _beside(said: Passage, told: _Statement, premise: Premise, shown: str) -> Found | None:
    """The way in which a statement is nearest to what one piece of evidence says; of several, the one of most words."""
    matches = [Match(said, premise, passage, _subject(shown)) for passage in premise.passages]
    ways = [found for match in matches for found in statement(match, told.head, told.content)]
    return min(ways, key=lambda way: (len(way.differs), -len(way.seen)), default=None)


def is_sentence(said: Passage, root: Token) -> bool:
    """Whether somebody does or is something in it, and it ends."""
    if any(c.tag_ in {"WRB", "WP", "WDT"} and c.i < root.i for c in root.children):
        return False
    has_subject = bool(said.the(root, "subj", "obj")) or any(c.dep_ == "expl" for c in root.children)
    is_finite = said.force(root).tense not in {"bare", "participle"}
    return is_predicate(root) and has_subject and is_finite and not said.is_question()


def _breaks_off(said: Passage) -> bool:
    """Whether a sentence ends in a word that something has to follow: "and", "the", "of"."""
    said_words = [t.lower_ for t in said.doc if not t.is_punct and not t.is_space]
    return not said_words or said_words[-1] in listed("clauses", "unended")


def _statements(said: Passage, root: Token) -> Iterator[_Statement]:
    """What a sentence tells, predicate by predicate: "Varga came, and said that it rained" tells two things."""
    for head in [root, *joined(root)]:
        contents = said.the(head, "comp") if is_report(head) else []
        every = [one for content in contents for one in (content, *joined(content))]
        yield from (_Statement(head, content) for content in every)
        if not every:
            yield _Statement(head)


@lru_cache(maxsize=256)
def _subject(shown: str) -> str:
    """Whom the last sentence that was shown is about."""
    if not shown:
        return ""
    last = re.split(r"(?<=[.!?])\s+(?=[A-Z“\"])", shown)[-1]
    said = Passage(last, 0)
    for root in said.roots:
        for part in said.parts(root):
            if part.rel == "subj" and part.token.pos_ == "PROPN":
                return phrase(part.token)[0]
    return ""
