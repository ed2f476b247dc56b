"""The gate between a language model's prose and the reader: nothing passes that its evidence does not bear out.

stream ──> sentences ──> quotations ──> markup, names, figures, dates, "not"s, who says it, words ──> Gated

It errs to one side. A true sentence that is withheld costs little, since the quotations are on screen already; a
false one that passes costs the reader's trust. It holds what can be compared by word: a change of meaning in words
that all stand in the evidence ("the dog bit the man") can pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from rag import prose
from rag.grounds import Source, covered, telling
from rag.trial import Gated, Trial, has_quotation, plain
from rag.types import Claim

BEARS = 0.25
"""Share from which a cited sentence supports at all; a marker that points at less is dropped."""


class Tally(NamedTuple):
    """How many sentences came to what."""

    supported: int
    unmarked: int
    withheld: int


def judge(sentence: prose.Sentence, sources: Sequence[Source], question: str = "", shown: str = "") -> Gated:
    """What becomes of one sentence; `shown` is what the reader has before it, by which "she" is somebody."""
    numbers = {source.citation.n for source in sources}
    cited = [s for s in sources if s.citation.n in sentence.numbers and not s.is_order]
    if sentence.ran_away:
        return Gated(sentence.text, (), "withheld", "ran away")
    if not sentence.numbers:
        return Gated(sentence.text, (), "withheld", "no marker")
    if not cited:
        invented = numbers.isdisjoint(sentence.numbers)
        return Gated(sentence.text, (), "withheld", "invented marker" if invented else "order")
    text = plain(sentence.text)
    said = frozenset(telling(text))
    bearing = [source for source in cited if covered(said, [source]) >= BEARS or has_quotation(text, source)]
    if not bearing:
        return Gated(sentence.text, (), "withheld", "words")
    order = {n: place for place, n in enumerate(sentence.numbers)}
    bearing.sort(key=lambda source: order[source.citation.n])
    return Trial(text, bearing, question, shown).verdict(sentence.text)


Judge = Callable[[prose.Sentence, Sequence[Source], str, str], Gated]
"""Whoever judges a sentence, as `judge` does."""


def gate(pieces: Iterable[str], sources: Sequence[Source], question: str = "", by: Judge = judge) -> Iterator[Gated]:
    """The sentences of a model's stream, each judged as soon as it has ended, in order.

    `pieces` are pieces of text, cut anywhere; `sources` the evidence under the numbers that the model was given.
    Names, and nothing else, may come from the `question` too.
    """
    return in_order(prose.sentences(pieces), sources, question, by)


def in_order(
    sentences: Iterable[prose.Sentence], sources: Sequence[Source], question: str = "", by: Judge = judge
) -> Iterator[Gated]:
    """Sentences judged one after the other, each with those in mind that were shown before it."""
    shown: list[str] = []
    for sentence in sentences:
        gated = by(sentence, sources, question, " ".join(shown))
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
