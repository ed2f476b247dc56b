"""Whether a sentence follows from pieces of evidence, is contradicted by them, or is only what somebody says there.

sentence ──> statements ──> each beside each cited sentence ──> what differs ──> Inference

Every statement must be in one piece of evidence whole: the verb, who and whom, and all that is said of them, meant the
same way. Each word of the sentence that carries meaning has to be accounted for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from rag.attribution import attribute
from rag.entailment.forces import differences
from rag.entailment.lexicon import listed, may_report
from rag.entailment.matching import Found, Frame, Match
from rag.entailment.naming import alike, fits, phrase
from rag.entailment.premise import Cited, Passage, Premise, blanked, legible
from rag.entailment.reading import is_predicate, is_report
from rag.entailment.vetoes import vetoed
from rag.text import Span, fold, quoted
from rag.types import Article, Quotation
from rag.words import words

if TYPE_CHECKING:
    from spacy.tokens import Token

Verdict = Literal["follows", "contradicted", "attributed", "not_found"]
"""It stands there; the opposite does; it stands there as somebody's words only; or none of this."""

_TELLING = {"NOUN", "PROPN", "VERB", "ADJ", "ADV", "NUM", "PRON", "AUX"}
_UNTOLD = {"det", "aux", "auxpass", "case", "mark", "cc", "punct", "expl", "neg", "prep", "agent", "preconj", "prt"}


@dataclass(frozen=True)
class Inference:
    """What comes of a sentence, and the numbers of the evidence that says so, in order."""

    verdict: Verdict
    reason: str = ""
    numbers: tuple[int, ...] = ()


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
    if _is_cut(said) or len(roots) == 1 and not is_sentence(said, roots[0]):
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
    if (
        _bare(text) != _bare(whole.text)
        or whole.is_question()
        or any(q.excerpt.span.covers(source.span) for q in source.quotations)
    ):
        return False
    if len(whole.roots) != 1 or not is_sentence(whole, whole.roots[0]):
        return False
    said = {word for root in whole.roots for word in (part.token.lower_ for part in whole.parts(root))}
    return whole.doc[0].lower_ not in _ELSEWHERE and not said & _ELSEWHERE


_ELSEWHERE = frozenset(
    {
        "he",
        "she",
        "it",
        "they",
        "this",
        "that",
        "these",
        "those",
        "i",
        "we",
        "you",
        "him",
        "her",
        "them",
        "his",
        "its",
        "their",
        "such",
    }
)
"""Words for somebody or something that only the sentence before may name."""


def _bare(text: str) -> str:
    return " ".join(fold(legible(text)).split()).rstrip(".")


def _by_grammar(said: Passage, root: Token, sources: Sequence[Cited], shown: str) -> Inference:
    """Each statement of a sentence in one of the sources, part by part."""
    premises = [source.premise for source in sources]
    statements = list(_statements(said, root))
    best = [
        [(premise.n, found) for premise in premises if (found := _best(said, s, premise, shown)) is not None]
        for s in statements
    ]
    if not all(best):
        return Inference("not_found", "words")
    chosen = [min(ways, key=lambda way: len(way[1].differs)) for ways in best]
    total = Found()
    for _, found in chosen:
        total = total.add(found)
    left = [t for t in said.doc if t.i not in total.seen and _tells(t)]
    if left:
        return Inference("not_found", f"words: {' '.join(t.text for t in left)}")
    numbers = tuple(dict.fromkeys(n for n, _ in chosen))
    return _concluded(total, numbers)


def _concluded(total: Found, numbers: tuple[int, ...]) -> Inference:
    differs = total.differs
    if not differs and all(owed in total.there for owed in total.owed):
        return Inference("follows", "", numbers)
    reason = ", ".join(sorted(differs)) or "attachment"
    if differs == {"not"}:
        return Inference("contradicted", reason, numbers)
    if differs == {"report"}:
        return Inference("attributed", reason, numbers)
    return Inference("not_found", reason)


def _is_cut(said: Passage) -> bool:
    """Whether it ends in a word after which something has to come."""
    words_of = [t.lower_ for t in said.doc if not t.is_punct and not t.is_space]
    return not words_of or words_of[-1] in listed("clauses", "unended")


def is_sentence(said: Passage, root: Token) -> bool:
    """Whether somebody does or is something in it, and it ends."""
    if any(c.tag_ in {"WRB", "WP", "WDT"} and c.i < root.i for c in root.children):
        return False
    finite = said.force(root)
    has_subject = any(part.rel in {"subj", "obj"} for part in said.parts(root)) or any(
        c.dep_ == "expl" for c in root.children
    )
    return is_predicate(root) and has_subject and finite.tense not in {"bare", "participle"} and not said.is_question()


def _statements(said: Passage, root: Token) -> Iterator[_Statement]:
    heads = [root, *_joined(root)]
    for head in heads:
        contents = [part.token for part in said.parts(head) if part.rel == "comp"] if is_report(head) else []
        every = [one for content in contents for one in (content, *_joined(content))]
        yield from (_Statement(head, content) for content in every)
        if not every:
            yield _Statement(head)


def _joined(token: Token) -> list[Token]:
    return [
        other
        for child in token.children
        if child.dep_ == "conj" and is_predicate(child)
        for other in (child, *_joined(child))
    ]


def _best(said: Passage, statement: _Statement, premise: Premise, shown: str) -> Found | None:
    """The way in which a statement is nearest to what a piece of evidence says."""
    ways = []
    for passage in premise.passages:
        match = Match(said, premise, passage, _in_marks(said, passage), _subject(shown))
        ways += list(match.statement(statement.head, statement.content))
    return min(ways, key=lambda way: (len(way.differs), -len(way.seen)), default=None)


def _in_marks(said: Passage, passage: Passage) -> dict[int, int]:
    """The words in marks in the sentence that stand just so in the passage: word by word."""
    found: dict[int, int] = {}
    there = fold(passage.text).casefold()
    places = {token.idx: token.i for token in passage.doc}
    for span in quoted(said.text):
        inner = fold(said.text[span.start + 1 : span.end - 1]).casefold().rstrip(",.;:!? ")
        at = there.find(inner) if inner.strip() else -1
        if at < 0:
            continue
        for token in said.doc:
            if span.start < token.idx < span.end and not token.is_punct:
                place = places.get(at + token.idx - span.start - 1)
                if place is not None:
                    found[token.i] = place
    return found


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


def _tells(token: Token) -> bool:
    if token.pos_ == "INTJ" or token.dep_ == "intj":
        return True  # "Yes" and "No" are the program's alone
    if token.is_punct or token.is_space or token.dep_ in _UNTOLD or token.pos_ not in _TELLING:
        return False
    return token.tag_ not in {"WDT", "WP", "WRB", "WP$", "EX", "TO", "MD"}


# --- somebody's words -------------------------------------------------------------------------


def retell(text: str, premises: Sequence[Premise], shown: str) -> Inference | None:
    """A sentence that says what somebody said: whose words, by which verb, and the words by themselves."""
    lead = f"{shown}\n\n" if shown else ""
    article = Article(lead + text)
    theirs = [q for q in attribute(article) if q.excerpt.span.start >= len(lead) and q.cue]
    outer = [q for q in theirs if not any(o is not q and o.excerpt.span.covers(q.excerpt.span) for o in theirs)]
    if not outer:
        return None
    speakers = {q.speaker for q in outer}
    if len(speakers) != 1:
        return None
    numbers: list[int] = []
    differs: set[str] = set()
    for q in outer:
        way = _said_by(q, article, premises)
        if way is None:
            return None
        n, found = way
        numbers.append(n)
        differs |= found.differs
    used = [p for p in premises if p.n in numbers]
    rest = _rest(article.text, len(lead), outer)
    if not _has_rest(rest, used, speakers.pop()):
        return Inference("not_found", f"beside the words: {rest}")
    return _concluded(Found(differs), tuple(dict.fromkeys(numbers)))


def _said_by(q: Quotation, article: Article, premises: Sequence[Premise]) -> tuple[int, Found] | None:
    """The evidence in which whoever is said to say something says it."""
    text = article.text[slice(*q.excerpt.span)]
    inside = [span for span in (q.mention, q.cue_span) if span is not None and q.excerpt.span.covers(span)]
    if inside:
        start = q.excerpt.span.start
        text = blanked(text, min(s.start for s in inside) - start, max(s.end for s in inside) - start)
    text = text.strip(' ,.;:"“”')
    text = re.sub(r"^that\s+", "", text)
    ways = []
    for premise in premises:
        for passage, theirs in premise.spoken:
            if (
                not _is_speaker(q, theirs, premise)
                or premise.is_nested(theirs)
                or not _is_said_so(q, article, theirs, premise)
            ):
                continue
            lemma, there = premise.lemma(q.cue), premise.lemma(theirs.cue)
            if not may_report(lemma, there):
                continue
            found = _content(text, premise, passage, theirs)
            if found is not None:
                ways.append((premise.n, found))
    return min(ways, key=lambda way: len(way[1].differs), default=None)


def _is_said_so(q: Quotation, article: Article, theirs: Quotation, premise: Premise) -> bool:
    """Whether somebody says it in both, or does not in both; in the evidence as told, under no condition."""
    whole = Passage(article.text, 0)
    ours = _at(whole, q.cue_span)
    if ours is None or not is_report(ours) or ours.lemma_.lower() in _NOT_REPORTS:
        return ours is not None and ours.lower_ == "according"
    said = whole.force(ours)
    there = _at(premise.whole, theirs.cue_span)
    if there is None:  # it is said in the sentence before
        return not said.negated and not said.modal
    if not is_report(there):
        return there.lower_ == "according" and not said.negated and not said.modal
    told = any(t.i == there.i for root in premise.whole.roots for t in premise.whole.told(root))
    aside = there.dep_ in {"parataxis", "advcl", "ROOT"}
    return (
        (told or aside)
        and not premise.whole.condition(there)
        and not differences(said, premise.whole.force(there), shifted=False)
    )


def _at(passage: Passage, span: Span | None) -> Token | None:
    """The word at a place of the article."""
    if span is None:
        return None
    return next((t for t in passage.doc if span.start <= passage.start + t.idx < span.end), None)


def _is_speaker(q: Quotation, theirs: Quotation, premise: Premise) -> bool:
    if not q.speaker or not theirs.speaker:
        return False
    if fits(q.speaker, theirs.speaker):
        return True
    if fits(theirs.speaker, q.speaker) and q.speaker in premise.article.text:
        return True
    asked = frozenset(w for w in words(q.speaker) if w not in {"the", "a", "an", "s"})
    return premise.has_office(frozenset({theirs.speaker}), premise.noun(q.speaker), asked)


def _content(text: str, premise: Premise, passage: Passage, theirs: Quotation) -> Found | None:
    if _plain(text) == _plain(passage.text) and len(text.split()) > 2:
        return Found()
    said = Passage(text[:1].upper() + text[1:] + ".", 0)
    roots = [root for root in said.roots if not root.is_punct]
    if len(roots) != 1:
        return None
    frame = Frame(frozenset({theirs.speaker}), inside=True, shifted=True)
    total = Found()
    for head in [roots[0], *_joined(roots[0])]:
        ways = []
        match = Match(said, premise, passage, _in_marks(said, passage))
        for there in match.told():
            found = match.clause(head, there, frame)
            if found is not None:
                ways.append(found)
        if not ways:
            return None
        total = total.add(min(ways, key=lambda way: (len(way.differs), -len(way.seen))))
    if any(t.i not in total.seen and _tells(t) for t in said.doc) or any(o not in total.there for o in total.owed):
        return None
    return total


def _plain(text: str) -> str:
    return " ".join(fold(legible(text)).casefold().split()).strip(" ,.;:!?\"'")


def _rest(text: str, start: int, spoken: Sequence[Quotation]) -> str:
    """What a sentence says beside somebody's words: without these, whose they are, and the verb."""
    blank = list(text)
    for q in spoken:
        for span in (q.excerpt.span, q.mention, q.cue_span):
            if span is not None:
                blank[span.start : span.end] = " " * (span.end - span.start)
    return "".join(blank)[start:]


def _has_chunk(chunk: str, printed: str) -> bool:
    """Whether words stand side by side, and not as the owner of something: "Bell" of "Bell's lawyer"."""
    return f" {chunk} " in f" {printed} " and f" {chunk} s " not in f" {printed} "


def _beside(premise: Premise, speaker: str) -> str:
    """What the evidence has beside somebody's words, in the clause of the verb: to whom, when, in what."""
    kept = []
    for q in premise.source.quotations:
        cue = premise.at(premise.whole, q.cue_span)
        if cue is None or not alike(q.speaker, speaker):
            continue
        for token in cue.subtree:
            at = premise.whole.start + token.idx
            path = [token, *(a for a in token.ancestors if a.i != cue.i and cue.is_ancestor(a))]
            if any(t.dep_ in {"relcl", "acl", "advcl", "ccomp", "appos"} for t in path):
                continue
            if not any(other.excerpt.span.start <= at < other.excerpt.span.end for other in premise.source.quotations):
                kept.append(token.text)
    return " ".join(kept)


def _has_rest(rest: str, premises: Sequence[Premise], speaker: str) -> bool:
    """Whether what stands beside somebody's words says no more than who it is, when, and in what they said it."""
    named: set[str] = set(words(speaker))
    there: set[str] = set()
    guarded: set[str] = set()
    for premise in premises:
        names = frozenset(q.speaker for q in premise.source.quotations if alike(q.speaker, speaker))
        offices = {w for office in premise.offices(names) for w in office}
        named |= offices | {w for name in names for w in words(name)}
        beside = words(_rest(premise.article.text, 0, premise.source.quotations)[slice(*premise.source.span)])
        there |= set(beside) | offices
        guarded |= listed("guarded", "adjectives") & (set(beside) | offices)
    said = words(rest)
    printed = [" ".join(words(_beside(p, speaker))) for p in premises]
    chunks = [" ".join(words(chunk)) for chunk in re.split(r"\s{2,}|[,:;]", rest)]
    if all(not chunk or any(_has_chunk(chunk, text) for text in printed) for chunk in chunks):
        return True
    if any(w in named and w not in words(speaker) for w in said) and not guarded <= set(said):
        return False
    occasions = listed("reports", "occasions")
    return all(w in _EMPTY or w in named or (w in there and (w in occasions or w[0].isdigit())) for w in said)


_EMPTY = frozenset(
    {
        "that",
        "the",
        "a",
        "an",
        "and",
        "in",
        "at",
        "on",
        "to",
        "of",
        "his",
        "her",
        "also",
        "s",
        "has",
        "had",
        "who",
        "is",
    }
)
_NOT_REPORTS = frozenset({"make", "prove", "attack", "rule", "begin", "raise", "hold", "show", "list"})
