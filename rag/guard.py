"""The gate between a language model's prose and the reader: nothing passes that its evidence does not bear out.

stream ──> sentences ──> markup, quotations, orders, whose words ──> does it follow? ──> Gated

It errs to one side. A true sentence that is withheld costs little, since the quotations are on screen already; a
false one that passes costs the reader's trust.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from rag import prose
from rag.grounds import Source
from rag.trial import Gated, Trial, plain
from rag.types import Claim


class Tally(NamedTuple):
    """How many sentences came to what."""

    supported: int
    unmarked: int
    withheld: int


def judge(sentence: prose.Sentence, sources: Sequence[Source], shown: str = "") -> Gated:
    """What becomes of one sentence; `shown` is what the reader has before it, by which "she" is somebody.

    Only the evidence that it points at is looked at: what this does not bear out is withheld, whatever else would.
    """
    numbers = {source.citation.n for source in sources}
    by_number = {source.citation.n: source for source in sources if not source.is_order}
    cited = [by_number[n] for n in sentence.numbers if n in by_number]
    if sentence.ran_away:
        return Gated(sentence.text, (), "withheld", "ran away")
    if sentence.is_cut:
        return Gated(sentence.text, (), "withheld", "cut off")
    if not sentence.numbers:
        return Gated(sentence.text, (), "withheld", "no marker")
    if not cited:
        invented = numbers.isdisjoint(sentence.numbers)
        return Gated(sentence.text, (), "withheld", "invented marker" if invented else "order")
    return Trial(plain(sentence.text), cited, shown).verdict(sentence.text)


Judge = Callable[[prose.Sentence, Sequence[Source], str], Gated]
"""Whoever judges a sentence, as `judge` does."""


def gate(pieces: Iterable[str], sources: Sequence[Source], by: Judge = judge) -> Iterator[Gated]:
    """The sentences of a model's stream, each judged as soon as it has ended, in order.

    `pieces` are pieces of text, cut anywhere; `sources` the evidence under the numbers that the model was given.
    """
    return in_order(prose.sentences(pieces), sources, by)


def in_order(sentences: Iterable[prose.Sentence], sources: Sequence[Source], by: Judge = judge) -> Iterator[Gated]:
    """Sentences judged one after the other, each with those in mind that were shown before it."""
    shown: list[str] = []
    for sentence in sentences:
        gated = by(sentence, sources, " ".join(shown))
        if gated.is_shown:
            shown.append(gated.text)
        yield gated


def tally(judged: Iterable[Gated]) -> Tally:
    verdicts = [gated.verdict for gated in judged]
    return Tally(verdicts.count("supported"), verdicts.count("unmarked"), verdicts.count("withheld"))


def renumbered(judged: Iterable[Gated]) -> tuple[list[Gated], list[int]]:
    """The sentences that are shown, their numbers in order of appearance, and which number of the evidence each was.

    The second list's first number is now 1, and so on.
    """
    shown = [gated for gated in judged if gated.is_shown]
    order = list(dict.fromkeys(n for gated in shown for n in gated.numbers))
    places = {n: place for place, n in enumerate(order, start=1)}
    return [replace(gated, numbers=tuple(places[n] for n in gated.numbers)) for gated in shown], order


def claims(judged: Iterable[Gated]) -> tuple[list[Claim], list[int]]:
    """The same as claims of an answer, each with its markers."""
    shown, order = renumbered(judged)
    marked = [Claim(f"{g.text} {''.join(f'[{n}]' for n in g.numbers)}", g.numbers, supported=True) for g in shown]
    return marked, order
