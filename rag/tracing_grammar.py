"""What a model may write from its evidence: sentences of it, out of which whole constituents can be left.

evidence ──> sentences, whoever speaks put in ──> constituents that may go ──> productions ──> grammar

Nothing can be brought in. A constituent may go where the sentence without it still follows from the sentence, so that
no "not", "would" or "if" and no bound of an amount can be dropped; words in quotation marks are never cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rag import gbnf, prose
from rag.entailment.lexicon import listed
from rag.entailment.premise import Passage, Premise
from rag.entailment.trees import is_report, is_time
from rag.errors import PullquoteError
from rag.gbnf import Either, Pieces, Production
from rag.guard import judge
from rag.people import is_named
from rag.speech import speech
from rag.text import Span, fold, quoted
from rag.vocabulary import vocabulary
from rag.words import words

if TYPE_CHECKING:
    from spacy.tokens import Token

    from rag.grounds import Source
    from rag.types import Quotation

LONGEST = 90
"""Words of a sentence that a model may write: more are read by nobody above a quotation that has them."""

CLAUSE = 4
"""Words in quotation marks from which they are told as somebody's sentence; fewer stay in the article's."""

UNITS = 8
"""Constituents of a sentence that are tried, the longest first: each costs some milliseconds."""

_DROPPABLE = {"prep", "appos", "relcl", "acl", "advmod", "npadvmod", "advcl", "conj"}
_TOLD_BY = {"say", "ask", "warn", "explain", "add", "respond", "claim", "argue", "admit", "insist", "announce"}
_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
_REFERENCE = re.compile(r"\s*\[(?:\^?\d{1,4}(?:\s*[,;–—-]\s*\d{1,4})*|[a-z ]+ needed)\]")
"""What an encyclopedia's reader puts beside its words."""
_MARKS = '"“”„«»'
_SWEEPING = frozenset({"any", "no", "all", "every", "each", "nobody", "nothing", "none", "few", "only", "most"})


class Cut(NamedTuple):
    """A sentence made from one of the evidence, and the spans of it that may be left out, each with its comma."""

    text: str
    units: tuple[Span, ...] = ()


def productions(sources: Sequence[Source]) -> list[Production]:
    """What may be written from `sources`, in their order, nothing twice; from one that speaks to a model nothing."""
    found: list[Production] = []
    seen: set[str] = set()
    for source in sources:
        if source.is_order:
            continue
        for cut in (one for whole in _sentences(source) for one in _apart(whole)):
            key = " ".join(words(fold(cut.text)))
            if key and key not in seen and len(words(cut.text)) <= LONGEST and _stands(cut.text, source):
                seen.add(key)
                found.append(Production(source.citation.n, _pieces(cut)))
    return found


def grammar(sources: Sequence[Source], most: int, *, leading: int = 0, in_order: bool = False) -> str:
    """GBNF of what may be written from `sources`, up to `most` sentences; empty where nothing may.

    The first sentence comes from the `leading` first of them that something may be written from, if that is given.
    """
    found = productions(sources)
    first = list(dict.fromkeys(production.n for production in found))[:leading]
    leads = sum(production.n in first for production in found)
    return gbnf.grammar(found, most, leading=leads, in_order=in_order) if found else ""


def _apart(cut: Cut) -> list[Cut]:
    """A piece of evidence that reads as several sentences, each by itself, so that each has its number."""
    read = [sentence.text for sentence in prose.sentences([f"{cut.text} "])]
    return [cut] if len(read) == 1 else [Cut(_ended(text)) for text in read]


# --- sentences --------------------------------------------------------------------------------


def _sentences(source: Source) -> Iterator[Cut]:
    told = list(_told(source))
    yield from (Cut(text) for text in told)
    if told and not _has_more(source):
        return
    premise = Premise(source)
    cut = source.span.start
    try:
        passage = premise.whole
    except PullquoteError:  # without the parser, the sentence as it is
        text = _ended(source.text)
        if _is_balanced(text):
            yield Cut(text)
        return
    text = source.text[passage.start - cut :]
    if not _is_balanced(text) or (_is_speech(source) and not told and not _names_speaker(source)):
        return
    yield _with_units(source, premise, passage, text)


def _told(source: Source) -> Iterator[str]:
    """Each of the clauses in quotation marks, whole, with who says so before it."""
    article = source.citation.excerpt.article
    for marked in quoted(article.text):
        if not marked.overlaps(source.span):
            continue
        start, end = max(marked.start + 1, source.span.start), min(marked.end - 1, source.span.end)
        inner = " ".join(article.text[start:end].split()).strip(_MARKS + " ")
        whose = next((q for q in source.spoken if _speaks(q) and q.excerpt.span.overlaps(marked)), None)
        if whose is None or len(words(inner)) < CLAUSE or any(mark in inner for mark in _MARKS):
            continue
        yield f"{_name(whose.speaker)} {_cue(whose)}: “{inner.rstrip(',;:— ')}”" + ("" if inner[-1:] in ".!?…" else ".")


def _speaks(q: Quotation) -> bool:
    """Whether somebody says the words as a sentence, by a name or as "The company"."""
    first, *rest = q.speaker.split() or [""]
    described = first.lower() in speech().determiners and len(rest) <= 3
    return q.kind == "direct" and (described or is_named(q.speaker))


def _name(speaker: str) -> str:
    return speaker[:1].upper() + speaker[1:]


def _cue(q: Quotation) -> str:
    """The article's own verb where words can stand after it as they are; else "said"."""
    cue = q.cue.lower()
    fits = speech().groups.get(cue, "") in _TOLD_BY and cue.endswith("ed")
    return cue if fits else "said"


def _has_more(source: Source) -> bool:
    """Whether a sentence says more than its words in marks and whose they are."""
    text = source.text
    blank = list(text)
    spans = [span.shifted(-source.span.start) for q in source.spoken for span in (q.mention, q.cue_span) if span]
    for span in [*quoted(text), *spans]:
        for at in range(max(0, span.start), min(len(text), span.end)):
            blank[at] = " "
    return len(words("".join(blank))) > CLAUSE


def _is_speech(source: Source) -> bool:
    """Whether all of it stands in somebody's quotation, that other sentences of the article go on with."""
    return any(q.kind == "direct" and q.excerpt.span.covers(source.span) for q in source.spoken)


def _names_speaker(source: Source) -> bool:
    return any(q.mention is not None and source.span.covers(q.mention) for q in source.spoken)


def _is_balanced(text: str) -> bool:
    return text.count('"') % 2 == 0 and all(text.count(o) == text.count(c) for o, c in ("“”", "«»"))


def _ended(text: str) -> str:
    text = _REFERENCE.sub("", " ".join(text.split())).strip()
    text = text if _END.search(text) else text.rstrip(",;: ") + "."
    return text[:1].upper() + text[1:]


# --- constituents -----------------------------------------------------------------------------


@dataclass
class _Draft:
    """A sentence of the evidence with names put in, as characters: what stands at each place of it."""

    text: str
    put: dict[Span, str]

    def without(self, gone: Sequence[Span]) -> str:
        out, at = [], 0
        edits = sorted(
            [(span, "") for span in gone] + list(self.put.items()), key=lambda edit: (edit[0].start, -edit[0].end)
        )
        for span, words_of in edits:
            if span.start < at:
                continue
            out += [self.text[at : span.start], words_of]
            at = span.end
        return _ended("".join([*out, self.text[at:]]))


def _with_units(source: Source, premise: Premise, passage: Passage, text: str) -> Cut:
    """The sentence with its speaker's name for "she", and what may be left out of it."""
    draft = _Draft(text, _names_put(premise, passage))
    whole = draft.without([])
    sound = _stands(whole, source)
    if not sound and draft.put:
        plain = _Draft(text, {})
        if _stands(plain.without([]), source):
            draft, whole, sound = plain, plain.without([]), True
    kept: list[Span] = []
    if sound:
        for unit in _units(source, passage, text):
            outer = [other for other in kept if not other.overlaps(unit)]
            if _stands(draft.without([*outer, unit]), source) and (not outer or _stands(draft.without([unit]), source)):
                kept.append(unit)
    return _moved(draft, kept)


def _moved(draft: _Draft, units: Sequence[Span]) -> Cut:
    """Draft and units as plain text: the names put in, space in one, an end."""
    edges = sorted({edge for unit in units for edge in unit})
    out, at, place = "", 0, {0: 0}
    stops = sorted({*edges, *(edge for span in draft.put for edge in span), len(draft.text)})
    for stop in stops:
        inside = next((span for span in draft.put if span.start <= at and stop <= span.end and at < stop), None)
        piece = draft.put[inside] if inside is not None else draft.text[at:stop]
        out += _REFERENCE.sub("", re.sub(r"\s+", " ", piece))
        at = stop
        place[stop] = len(out)
    lead = len(out) - len(out.lstrip())
    text = _ended(out)
    found = [Span(max(0, place[u.start] - lead), min(place[u.end] - lead, len(text))) for u in units]
    return Cut(text, tuple(sorted(found, key=lambda u: (u.start, -u.end))))


def _stands(text: str, source: Source) -> bool:
    return judge(prose.Sentence(text, (source.citation.n,)), [source]).verdict == "supported"


def _names_put(premise: Premise, passage: Passage) -> dict[Span, str]:
    """The full name for a "he" or "she" before which nobody is named in the sentence."""
    for token in passage.doc:
        if (
            token.pos_ == "PROPN"
            and token.ent_type_ != "DATE"
            and token.text[:1].isupper()
            and premise.called(passage, token)
        ):
            return {}
        if token.lower_ in {"he", "she"} and token.dep_ in {"nsubj", "nsubjpass"} and not _is_in_marks(passage, token):
            called = [name for name in premise.called(passage, token) if is_named(name)]
            return {Span(token.idx, token.idx + len(token)): called[0]} if len(called) == 1 else {}
    return {}


def _is_in_marks(passage: Passage, token: Token) -> bool:
    return any(span.start <= token.idx < span.end for span in quoted(passage.text))


def _units(source: Source, passage: Passage, text: str) -> list[Span]:
    """Whole constituents with the commas around them, the longest first; none crosses words in quotation marks."""
    found: set[Span] = set()
    marked = list(quoted(text))
    cues = [span.shifted(-passage.start) for q in source.spoken for span in (q.cue_span, q.mention) if span is not None]
    for token in passage.doc:
        if token.dep_ in _DROPPABLE and (span := _constituent(passage, token)) is not None:
            found.add(span)
    found |= {Span(*match.span()) for match in re.finditer(r"\([^()]*\)", text)}
    grown = {_grown(text, span) for span in found}
    grown = {s for s in grown if s.end - s.start < len(text) - 8 and not any(s.covers(cue) for cue in cues)}
    whole = [s for s in grown if not any(s.overlaps(m) and not s.covers(m) for m in marked)]
    chosen: list[Span] = []
    for span in sorted(whole, key=lambda s: (s.start - s.end, s.start)):
        nested = all(not span.overlaps(o) or o.covers(span) for o in chosen)
        same_start = any(o.start == span.start for o in chosen)
        if nested and not same_start:
            chosen.append(span)
    return chosen[:UNITS]


def _constituent(passage: Passage, token: Token) -> Span | None:
    """The words of a constituent that can go without what is left saying anything else; None where it cannot."""
    inside = sorted(t.i for t in token.subtree)
    first, last = inside[0], inside[-1]
    if last - first + 1 != len(inside) or not _may_go(passage, token):
        return None
    if token.dep_ == "conj":
        joining = [c for c in token.head.children if c.dep_ == "cc" and c.i < first]
        if not joining or joining[-1].i != first - 1 or joining[-1].lower_ != "and":
            return None
        first = joining[-1].i
    doc = passage.doc
    while last > first and doc[last].is_punct and doc[last].text not in {")", "%"}:
        last -= 1
    while first < last and doc[first].is_punct and doc[first].text != "(":
        first += 1
    return Span(doc[first].idx, doc[last].idx + len(doc[last]))


def _may_go(passage: Passage, token: Token) -> bool:
    """Whether a constituent is of a kind that only adds to what is said.

    What is set off by commas does; else what says where, when or which of something that happened: of what will, may
    or does not happen, or happens each time, it says which.
    """
    lists = vocabulary()["tracing"]
    narrows = any(t.lower_ in lists["narrowing"] or _is_guarded(t) for t in token.subtree)
    if token.dep_ in {"appos", "relcl"} and _is_set_off(token):
        return not _is_reversed(token.head) and not any(c.lower_ == "that" and c.i < token.i for c in token.children)
    if narrows or _is_reversed(token):
        return False
    if token.dep_ == "conj":
        return token.pos_ in {"VERB", "AUX"} and token.head.dep_ in {"ROOT", "conj"}
    if token.dep_ == "advmod":
        return token.lower_ in lists["adverbs"] and token.head.pos_ in {"VERB", "AUX"} and not list(token.children)
    if token.dep_ == "advcl":
        marks = [c.lower_ for c in token.children if c.dep_ in {"mark", "advmod"} and c.i < token.i]
        is_told = bool(marks) and all(mark in lists["clauses"] for mark in marks)
        return (
            not is_report(token)
            and _has_happened(passage, token.head)
            and (is_told or (not marks and token.tag_ == "VBG" and _is_set_off(token)))
        )
    if token.dep_ == "acl" and (token.tag_ not in {"VBN", "VBG"} or any(c.dep_ == "mark" for c in token.children)):
        return False
    if token.dep_ in {"acl", "relcl"}:
        return _is_set_off(token) or _has_happened(passage, token.head)
    if token.dep_ == "npadvmod":
        counts = token.i + 1 < len(token.doc) and token.doc[token.i + 1].lower_ in lists["counted_from"]
        return (
            is_time(token) and not counts and token.head.pos_ in {"VERB", "AUX"} and _has_happened(passage, token.head)
        )
    if token.dep_ == "prep":
        objects = [c for c in token.children if c.dep_ == "pobj"]
        is_adjunct = token.lower_ in lists["prepositions"] and bool(objects) and not list(objects[0].conjuncts)
        when = bool(objects) and is_time(objects[0])
        is_loose = when or token.i < token.head.i or (token.head.pos_ in {"VERB", "AUX"} and token.i > token.head.i + 1)
        return is_adjunct and is_loose and token.head.lemma_ != "be" and _has_happened(passage, token.head)
    return False


def _is_set_off(token: Token) -> bool:
    first = min(t.i for t in token.subtree)
    return first > 0 and (token.doc[first - 1].text == "," or token.doc[first].text == ",")


def _is_guarded(token: Token) -> bool:
    return token.tag_ == "MD" or token.lower_ in listed("guarded", "adverbs")


def _is_reversed(token: Token) -> bool:
    """Whether a word stands below a "not", an "any", a condition or a verb such as "barred"."""
    lists = vocabulary()["tracing"]
    above = [token.head, *token.head.ancestors]
    for word in above:
        if word.lemma_.lower() in lists["reversing"]:
            return True
        for child in word.children:
            if child.dep_ == "neg" or (
                child.dep_ in {"det", "advmod", "nsubj", "nsubjpass"} and child.lower_ in _SWEEPING
            ):
                return True
            if child.dep_ == "mark" and child.lower_ in listed("clauses", "conditions"):
                return True
    return False


def _has_happened(passage: Passage, token: Token) -> bool:
    """Whether the clause that a word stands in tells what happened: in the past, with no modal and no "to"."""
    clause = next((t for t in (token, *token.ancestors) if t.pos_ in {"VERB", "AUX"} and t.dep_ != "amod"), None)
    if clause is None:
        return False
    force = passage.force(clause)
    within = next((t for t in clause.ancestors if t.pos_ in {"VERB", "AUX"}), None)
    is_told = clause.dep_ in {"ROOT", "conj", "relcl", "advcl"} or (within is not None and is_report(within))
    return is_told and force.tense in {"past", "perfect"} and not force.modal and not force.negated


def _grown(text: str, span: Span) -> Span:
    """A constituent with the space before it and with the commas that only set it off."""
    start, end = span
    while start > 0 and text[start - 1].isspace():
        start -= 1
    if start == 0:
        comma = re.compile(r"\s*,?\s*(?=[\w“\"])").match(text, end)
        return Span(0, comma.end() if comma else len(text))
    if text[start - 1] == "(" or text[end : end + 1] in {"-", "–", "'", "’"}:
        return Span(0, len(text))
    after = re.compile(r"\s*([,.;:!?]|$)").match(text, end)
    if after and after[1] == "," and text[start - 1] != "," and " " not in text[:start].strip():
        return Span(0, len(text))
    if text[start - 1] not in ",–—" and after and after[1] == "," and "," in text[start:end]:
        return Span(0, len(text))  # the comma closes something in it: it cannot go
    if text[start - 1] in ",–—" and after:
        start -= 1
        while start > 0 and text[start - 1].isspace():
            start -= 1
        if after[1] == ",":
            end = after.end()
    return Span(start, end)


# --- pieces -----------------------------------------------------------------------------------


def _pieces(cut: Cut) -> Pieces:
    return _within(cut.text, 0, len(cut.text), cut.units)


def _within(text: str, start: int, end: int, units: Sequence[Span]) -> Pieces:
    """`text` from `start` to `end`, each of the `units` in it as what may be left out."""
    pieces: list[str | Either] = []
    at = start
    outer = [u for u in units if u.start >= start and u.end <= end and u != Span(start, end)]
    while outer:
        unit = outer[0]
        inside = [u for u in outer if unit.covers(u) and u != unit]
        outer = [u for u in outer if not unit.covers(u)]
        pieces += [text[at : unit.start]] if unit.start > at else []
        own = _within(text, unit.start, unit.end, inside)
        at = unit.end
        if unit.start == 0:
            first = text[at : outer[0].start if outer else end]
            pieces.append(Either(((*own, first), (first[:1].upper() + first[1:],))))
            at += len(first)
        else:
            pieces.append(Either((own, ())))
    pieces += [text[at:end]] if at < end else []
    return tuple(pieces)
