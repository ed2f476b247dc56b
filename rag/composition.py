"""Answers that the program composes of what it knows, without a model: who says it, and the clause that answers.

evidence ──> each sentence: its words in marks, or itself, with who says so in front ──> those that answer best

Every sentence is one slice of a stored article, whole, with at most a name and a verb of the program's before it.
"""

from __future__ import annotations

import re
import threading
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag import cite, models, prompts
from rag.answer import citing, joined
from rag.assertions import Assertion, assertion
from rag.edges import is_clipped
from rag.entailment import parser
from rag.entailment.lexicon import listed
from rag.entailment.premise import Passage, Premise
from rag.errors import ModelError
from rag.grounds import Source
from rag.names import name_words
from rag.people import is_named, surname
from rag.polar_questions import verdict
from rag.presuppositions import is_stated_nowhere
from rag.text import Span, fold, inside, quoted, sentences, trimmed
from rag.types import Answer, Article, Claim, Excerpt, Quotation
from rag.words import Question, kind_asked, stems, understand, words

if TYPE_CHECKING:
    from spacy.tokens import Token

MOST = 3
"""Sentences of an answer: the quotations stand below it."""

FEWER = 2
"""Sentences that bear a yes or a no out, or are the nearest."""

KEPT = 0.6
"""A further sentence must be at least this share as likely to answer as the best one."""

SHORT = 3
"""Letters of a stem with which too many words begin."""

_MARKED = re.compile(r"[“”\"«»\n]|''|``")
"""What cannot stand within quotation marks of the program's."""

NOBODY: frozenset[str] = frozenset()

LONGEST = 40
"""Words up to which a sentence is kept whole."""


@dataclass(frozen=True)
class Composed:
    """One sentence: a slice of an article, and what the program puts before it.

    `marked` says whether the slice stands in quotation marks: then it is somebody's words, or the outlet's.
    """

    n: int
    excerpt: Excerpt
    lead: str = ""
    marked: bool = False

    @property
    def words(self) -> str:
        text = self.excerpt.text
        said = f"“{text}”" if self.marked else text
        glue = "" if not self.lead or (not self.marked and text.startswith((",", "’s", "'s"))) else " "
        ended = text.rstrip("”\"’'»)").endswith((".", "!", "?", "…"))
        return f"{self.lead}{glue}{said}{'' if ended else '.'}"

    @property
    def claim(self) -> Claim:
        return Claim(f"{self.words} [{self.n}]", (self.n,), supported=True)


Further = Callable[[str], Sequence[Source]]
"""What else there is in the articles about a statement."""


def nothing(statement: str) -> Sequence[Source]:
    """No further evidence."""
    return ()


def compose(answer: Answer, sources: Sequence[Source], further: Further = nothing) -> Answer:
    """An extractive answer in sentences of the program's own; itself, where none can be composed.

    `sources` are its evidence with the speech in their articles.
    """
    question = answer.searched or answer.question
    stated = assertion(question)
    if stated is not None:
        pool = [*sources, *further(stated.text)]
        ruled = _ruled(answer, stated, pool) or _unstated(answer, stated, pool)
        if ruled is not None:
            return ruled
    if answer.abstained:
        return answer
    return _as(answer, "", choose(question, _cited(answer, sources))) or answer


def _as(answer: Answer, lead: str, chosen: Sequence[Composed]) -> Answer | None:
    """The answer in these sentences; None without any."""
    if not chosen:
        return None
    claims = tuple(composed.claim for composed in chosen)
    told = joined(lead, claims)
    return replace(answer, mode="composed", lead=lead, claims=claims, composed=len(claims), text=told)


def _cited(answer: Answer, sources: Sequence[Source]) -> list[Source]:
    numbers = {citation.n for citation in answer.citations}
    return [source for source in sources if source.citation.n in numbers]


# --- yes, no, and what no article says --------------------------------------------------------

_ASKED = {"yes": "yes", "no": "no", "differ": "differ", "later": "", "said": "says_so", "denied": "denies_it"}
_GRANTED = {"no": "opposite", "denied": "denies_it"}
"""By what was found, what is said in front; of what a question takes for granted, only that it is not so."""


def _ruled(answer: Answer, stated: Assertion, pool: Sequence[Source]) -> Answer | None:
    """Yes or no, and what says so, the newest first; None where the evidence rules nothing."""
    found = verdict(stated.text, pool)
    wording = (_ASKED if stated.is_asked else _GRANTED).get(found.finding)
    if wording is None:
        return None
    asked = understand(stated.text)
    by_name = found.finding in {"said", "denied"}
    told = [(s, (sentence if by_name else _dated)(s, asked)) for s in found.sources]
    kept = [(source, composed) for source, composed in told if composed is not None]
    if found.finding not in {"differ", "later"}:
        kept = [pair for n, pair in enumerate(kept) if not any(_repeats(pair[1], o) for _, o in kept[:n])][:FEWER]
    if not kept or (by_name and not kept[0][0].citation.speaker):
        return None
    lead = prompts.render(wording, speaker=kept[0][0].citation.speaker) if wording else ""
    shown = citing(replace(answer, abstained=False), [source.citation for source, _ in kept])
    return _as(shown, lead, [replace(composed, n=n) for n, (_, composed) in enumerate(kept, start=1)])


def _unstated(answer: Answer, stated: Assertion, pool: Sequence[Source]) -> Answer | None:
    """What a question takes for granted and no article says, with what is nearest; None where that cannot be told."""
    if stated.is_asked or not is_stated_nowhere(stated.text, pool):
        return None
    near = choose(answer.searched or answer.question, _cited(answer, pool) or pool)[:FEWER]
    lead = prompts.render("nowhere", statement=stated.text)
    if not answer.citations:
        nearest = [source.citation for c in near for source in pool if source.citation.n == c.n]
        answer = citing(answer, nearest)
        near = [replace(composed, n=n) for n, composed in enumerate(near, start=1)]
    return _as(replace(answer, abstained=True), lead, near)


# --- which sentences --------------------------------------------------------------------------


def choose(question: str, sources: Sequence[Source]) -> list[Composed]:
    """The sentences that answer `question` best, in the order of their numbers."""
    asked = understand(question)
    ranked = sorted(_fitting(asked, sources), key=lambda source: -_score(source))
    chosen: list[Composed] = []
    for source in ranked:
        if chosen and _score(source) < KEPT * _score(ranked[0]):
            break
        composed = sentence(source, asked)
        if composed is not None and not any(_repeats(composed, other) for other in chosen):
            chosen.append(composed)
        if len(chosen) == MOST:
            break
    return sorted(chosen, key=lambda composed: composed.n)


def _repeats(one: Composed, other: Composed) -> bool:
    """Whether one of two slices has all the words of the other, and is told as the same person's."""
    if one.lead != other.lead:
        return False
    first, second = set(stems(one.excerpt.text)), set(stems(other.excerpt.text))
    return first <= second or second <= first


def _score(source: Source) -> float:
    return source.citation.score or 0.0


def _fitting(asked: Question, sources: Sequence[Source]) -> list[Source]:
    """The sources of the kind that the question asks for: whose speech, by which verb, a day, a figure.

    What none of them has is not asked of any.
    """
    kind = kind_asked(asked.text)
    kept = [source for source in sources if not source.is_order]
    if asked.cue and not asked.of_anybody:
        who = name_words(asked.who) if asked.who.strip() else NOBODY
        theirs = [(s, [q for q in s.spoken if _is_one(who, q.speaker)]) for s in kept]
        for cues in (asked.own_cues, asked.cues):
            if narrowed := [source for source, said in theirs if any(q.cue in cues for q in said)]:
                return narrowed
        for worded in (_by_noun, _by_wording):
            if narrowed := [source for source, said in theirs if said and worded(asked, source)]:
                return narrowed
        kept = [source for source, said in theirs if said] or kept
    elif kind is not None:
        kept = [source for source in kept if kind.search(source.text)] or kept
    return kept


def _by_noun(asked: Question, source: Source) -> bool:
    """Whether somebody does what the question's verb says with its noun: "my objection is"."""
    return len(asked.verb) > SHORT and any(word.startswith(asked.verb) for word in words(source.text))


def _by_wording(asked: Question, source: Source) -> bool:
    """Whether somebody does it without the verb: "unacceptable" objects."""
    text = fold(source.text).lower()
    return any(wording in text for wording in asked.wordings)


def _is_one(who: frozenset[str], speaker: str) -> bool:
    return bool(speaker) and not who.isdisjoint(name_words(speaker))


def begin(folder: Path) -> None:
    """Open the parser of `folder` in the background: it takes most of a second, once."""
    parser.use(folder)
    if models.is_here(models.find("parser"), folder):
        threading.Thread(target=_open, name="parser").start()


def _open() -> None:
    with suppress(ModelError):  # whoever composes next is told
        parser.parse("It is here.")


# --- one sentence -----------------------------------------------------------------------------


def sentence(source: Source, asked: Question) -> Composed | None:
    """What a piece of evidence says, in one sentence; None where it cannot be told whose it is."""
    premise = Premise(source)
    body = _body(source, premise)
    if body is None:
        return None
    spoken = [q for q in source.spoken if q.excerpt.span.overlaps(body)]
    speaker = source.citation.speaker
    own = [q for q in spoken if q.speaker == speaker]
    if speaker and is_named(speaker) and _is_sure(source, own):
        said = _said(source, premise, body, own, asked)
        return said or _told(source, premise, body, own, asked)
    return _reported(source, premise, asked)


def _body(source: Source, premise: Premise) -> Span | None:
    """Where the sentence stands, without the dateline of wire copy."""
    text = source.citation.excerpt.article.text
    body = trimmed(text, Span(premise.whole.start, source.span.end))
    return body if body.start < body.end else None


def _said(source: Source, premise: Premise, body: Span, own: Sequence[Quotation], asked: Question) -> Composed | None:
    """Direct speech, as “words” with who says them in front; None where there is none that can stand so."""
    article = source.citation.excerpt.article
    blocks = [Span(b.start + body.start, b.end + body.start) for b in quoted(article.text[slice(*body)])]
    best: tuple[int, Span, Quotation] | None = None
    for at, block in enumerate(blocks):
        quotation = next((q for q in own if q.kind == "direct" and q.excerpt.span.overlaps(block)), None)
        if quotation is None or _is_turned(premise, quotation):
            continue
        if any(_goes_on(article.text, *pair) for pair in pairwise(blocks[max(0, at - 1) : at + 2])):
            return None
        own_words = _words(article, block, asked)
        if own_words is not None:
            fits = _covers(asked, article.text[slice(*own_words)])
            if best is None or fits > best[0]:
                best = (fits, own_words, quotation)
    if best is None:
        return None
    _, own_words, quotation = best
    cue = quotation.cue if quotation.cue in _lists()["leads"] else _lists()["said"]
    lead = prompts.render("composed_said", speaker=quotation.speaker, cue=cue)
    return Composed(source.citation.n, article.excerpt(own_words), lead, marked=True)


def _words(article: Article, block: Span, asked: Question) -> Span | None:
    """The words in marks, or the sentence among them that answers best; None where they cannot stand in marks."""
    inner = inside(article.text, block)
    start = block.start + article.text[slice(*block)].index(inner)
    span = trimmed(article.text, Span(start, start + len(inner)))
    if len(inner.split()) > LONGEST:
        parts = [Span(p.start + start, p.end + start) for p in sentences(inner)]
        span = max(parts, key=lambda part: _covers(asked, article.text[slice(*part)]), default=span)
    text = article.text[slice(*span)]
    span = Span(span.start, span.start + len(text.rstrip(",;:—–- ")))
    text = article.text[slice(*span)]
    whole = bool(text) and not text[0].islower()  # what goes on with a clause before the marks is none by itself
    return span if whole and not _MARKED.search(text) else None


def _goes_on(text: str, block: Span, following: Span) -> bool:
    """Whether words in marks go on, in the same sentence, in the next marks."""
    return not re.search(r"[.!?…]", text[block.end - 2 : block.end] + text[block.end : following.start])


def _is_turned(premise: Premise, quotation: Quotation) -> bool:
    """Whether the words are ones that somebody did not say, might say, or is asked for."""
    cue = _token_at(premise.whole, quotation.cue_span)
    if cue is None:
        return False
    force = premise.whole.force(cue)
    return force.negated or bool(force.modal) or premise.whole.condition(cue)


def _told(source: Source, premise: Premise, body: Span, own: Sequence[Quotation], asked: Question) -> Composed:
    """What somebody is said to say, in the article's own clause; with the name where the article has "she"."""
    article, speaker, n = source.citation.excerpt.article, source.citation.speaker, source.citation.n
    body = _shortened(source, premise, body, asked)
    mentions = sorted(q.mention for q in own if q.mention is not None and body.covers(q.mention))
    for mention in mentions:
        called = article.text[slice(*mention)]
        if mention.start == body.start and not _names_fully(called, speaker):
            rest = trimmed(article.text, Span(mention.end, body.end))
            if article.text[rest.start] == "," or _is_subject(premise, mention):
                return Composed(n, article.excerpt(rest), speaker)
        elif is_named(called) and not _is_pronoun(called):
            return Composed(n, article.excerpt(body))
    if surname(speaker) in words(article.text[slice(*body)]):
        return Composed(n, article.excerpt(body))
    lead = prompts.render("composed_of", speaker=speaker, outlet=outlet(article))
    return Composed(n, article.excerpt(body), lead)


def _names_fully(called: str, speaker: str) -> bool:
    return speaker.casefold() in called.casefold()


def _is_pronoun(called: str) -> bool:
    return called.lower() in _lists()["pronouns"]


def _is_sure(source: Source, own: Sequence[Quotation]) -> bool:
    """Whether it is plain who speaks: not by a "he", where the article also calls the same speaker "she"."""
    article = source.citation.excerpt.article
    called = {
        article.text[slice(*q.mention)].lower()
        for q in source.quotations
        if q.speaker == source.citation.speaker and q.mention is not None
    }
    here = {article.text[slice(*q.mention)].lower() for q in own if q.mention is not None}
    pronouns = {"he", "she"}
    return not (here & pronouns) or len(called & pronouns) < len(pronouns)


def _is_subject(premise: Premise, mention: Span) -> bool:
    """Whether a mention is all of a subject: not "the mayor" of "the mayor of Orrisport"."""
    token = _token_at(premise.whole, mention)
    if token is None:
        return False
    while token.dep_ in {"compound", "det", "nmod", "amod"} and token.head.i != token.i:
        token = token.head
    last = max(t.idx + len(t) for t in token.subtree) + premise.whole.start
    return token.dep_ in {"nsubj", "nsubjpass"} and last <= mention.end


def _reported(source: Source, premise: Premise, asked: Question) -> Composed | None:
    """What an outlet says, as its words, with the day."""
    article, body = source.citation.excerpt.article, _body(source, premise)
    if body is None or source.text.strip() == article.title.strip():
        return None
    body = _shortened(source, premise, body, asked)
    text = article.text[slice(*body)]
    marked = not _MARKED.search(text)
    return Composed(source.citation.n, article.excerpt(body), _by(article), marked)


def _dated(source: Source, asked: Question) -> Composed | None:
    """What an outlet says, with the day, and with the name for a "he"."""
    premise, speaker = Premise(source), source.citation.speaker
    body, own = _body(source, premise), [q for q in source.spoken if q.speaker == speaker]
    if body is not None and speaker and is_named(speaker) and _is_sure(source, own):
        told = _told(source, premise, body, own, asked)
        if told.lead == speaker:
            return replace(told, lead=f"{_by(source.citation.excerpt.article)} {speaker}")
    return _reported(source, premise, asked)


def _by(article: Article) -> str:
    day = cite.spelled(article.published)
    if day:
        return prompts.render("composed_reported", outlet=outlet(article), day=day)
    return prompts.render("composed_reports", outlet=outlet(article))


def outlet(article: Article) -> str:
    """Who reports: the publisher, else the article by its title."""
    if article.publisher or not article.title:
        return article.publisher or prompts.render("untitled")
    return prompts.render("titled", title=article.title)


# --- which words ------------------------------------------------------------------------------


def _covers(asked: Question, text: str) -> int:
    """How many of the question's words stand in `text`."""
    return len(set(asked.stems) & set(stems(text)))


def _shortened(source: Source, premise: Premise, body: Span, asked: Question) -> Span:
    """A long sentence without what is added at its end in a clause of its own, where that answers nothing."""
    text = source.citation.excerpt.article.text
    if len(text[slice(*body)].split()) <= LONGEST:
        return body
    kind = kind_asked(asked.text)
    whole = _covers(asked, text[slice(*body)])
    for end in _ends(premise.whole, body):
        cut = Span(body.start, end)
        kept = text[slice(*cut)]
        same = _covers(asked, kept) == whole and (kind is None or kind.search(kept) is not None)
        same = same and not any(q.excerpt.span.overlaps(Span(end, body.end)) for q in source.spoken)
        if same and len(kept.split()) <= LONGEST and not is_clipped(text, cut) and not _marks_break(kept):
            return cut
    return body


def _ends(passage: Passage, body: Span) -> Iterator[int]:
    """Where a sentence may end before its end, the last first: before the comma of a clause that adds something."""
    found = []
    for root in passage.roots:
        for child in root.children:
            added = child.dep_ == "advcl" and child.tag_ == "VBG"
            if added and child.i > root.i and not passage.negated(root):
                first = min(child.subtree, key=lambda t: t.i)
                before = passage.doc[first.i - 1] if first.i else None
                if before is not None and before.text == "," and not _is_condition(child):
                    found.append(passage.start + before.idx)
    yield from sorted((end for end in found if body.start < end < body.end), reverse=True)


def _is_condition(token: Token) -> bool:
    return any(t.lower_ in listed("clauses", "conditions") or t.lower_ in {"only", "but"} for t in token.subtree)


def _marks_break(text: str) -> bool:
    return text.count("“") != text.count("”") or text.count('"') % 2 == 1


def _token_at(passage: Passage, span: Span | None) -> Token | None:
    if span is None:
        return None
    return next((t for t in passage.doc if span.start <= passage.start + t.idx < span.end), None)


@cache
def _lists() -> dict[str, Any]:
    data: dict[str, Any] = tomllib.loads(files("rag").joinpath("data/composition.toml").read_text("utf-8"))
    return data
