"""Falsehoods of every kind in equal numbers, each beside the sentences it was made from and their neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, count, islice
from pathlib import Path
from random import Random

from rag.evals.falsehoods import figures, questions, relations, speech, splices, words
from rag.evals.falsehoods.lie import Desk, Liar, Lie
from rag.evals.falsehoods.story import Line, Newsstand, Part, Story, newsstand
from rag.text import fold
from rag.types import Excerpt

FEWEST, MOST = 4, 6
"""Sentences of evidence."""

LONGEST = 450
"""Characters of a falsehood; a longer one has run away, which is another matter."""

_LONGEST_EVIDENCE = 700

_OF_NEWS: Mapping[str, Liar] = {
    **words.REWORDINGS, **figures.REWORDINGS, **relations.REWORDINGS, **splices.KINDS, **questions.KINDS
}  # fmt: skip
KINDS: Mapping[str, tuple[str, Liar]] = (
    {name: ("news", liar) for name, liar in _OF_NEWS.items()}
    | {name: ("polnear", liar) for name, liar in speech.KINDS.items()}
    | {name: ("squad2", liar) for name, liar in questions.OF_SQUAD2.items()}
    | {name: ("clapnq", liar) for name, liar in questions.OF_CLAPNQ.items()}
)
"""What each kind is made over, and what makes it."""


@dataclass(frozen=True)
class Falsehood:
    """A sentence that the evidence does not state, without marker, and the question it answers, if any.

    `made_from` are the numbers of the evidence whose words it has.
    """

    kind: str
    question: str
    text: str
    evidence: tuple[Excerpt, ...]
    made_from: tuple[int, ...]

    @property
    def markers(self) -> tuple[tuple[int, ...], ...]:
        """Each number of the evidence, pairs of those it is made from, and all together."""
        numbers = range(1, len(self.evidence) + 1)
        pairs = combinations(self.made_from, 2)
        return (*((n,) for n in numbers), *pairs, tuple(numbers))


def falsehoods(data: Path, part: Part = "open", count: int = 1_600, seed: int = 11) -> list[Falsehood]:
    """`count` falsehoods over the articles of one part, as many of each kind; the same for the same seed.

    Of a kind whose like is rare there may be fewer. Raises SourceError where a file of the data is missing.
    """
    stand = newsstand(data, part, seed)
    each = -(-count // len(KINDS))
    return [lie for name in KINDS for lie in islice(_of_kind(name, stand, seed), each)]


def _of_kind(name: str, stand: Newsstand, seed: int) -> Iterator[Falsehood]:
    """One of each story, in an order of the kind's own; then a second of each, and so on."""
    source, liar = KINDS[name]
    dice = Random(f"{seed}:{name}")  # noqa: S311 - the same ones each time
    stories: Sequence[Story] = getattr(stand, source)
    seen: set[str] = set()
    open_stories = [
        (story, _told(name, liar, Desk(story, stories, dice), dice)) for story in dice.sample(stories, len(stories))
    ]
    for _ in count():
        kept = []
        for story, telling in open_stories:
            lie = next((one for one in telling if one.text not in seen), None)
            if lie is not None:
                seen.add(lie.text)
                kept.append((story, telling))
                yield lie
        if not kept:
            return
        open_stories = kept


def _told(name: str, liar: Liar, desk: Desk, dice: Random) -> Iterator[Falsehood]:
    for lie in liar(desk):
        if 12 <= len(lie.text) <= LONGEST:
            told = _beside_evidence(name, lie, desk.story, dice)
            if told is not None:
                yield told


def _beside_evidence(name: str, lie: Lie, story: Story, dice: Random) -> Falsehood | None:
    """The lie with its evidence; None where the evidence is too little or has a sentence that says just this."""
    wanted = dice.randint(FEWEST, MOST)
    if lie.elsewhere is None:
        chosen = _around(lie.made_from, story, wanted)
    else:
        other, line = lie.elsewhere
        chosen = _around(lie.made_from, story, wanted - wanted // 2) + _around((line,), other, wanted // 2)
    own = {(story.article, line.span) for line in lie.made_from}
    if lie.elsewhere is not None:
        own.add((lie.elsewhere[0].article, lie.elsewhere[1].span))
    numbers = tuple(n for n, excerpt in enumerate(chosen, start=1) if (excerpt.article, excerpt.span) in own)
    same = any(_bare(excerpt.text) == _bare(lie.text) for excerpt in chosen)
    if len(chosen) < FEWEST or same:
        return None
    return Falsehood(name, lie.question, lie.text, tuple(chosen), numbers)


def _around(lines: Sequence[Line], story: Story, wanted: int) -> list[Excerpt]:
    """These sentences and those nearest to them, in the order of the article."""
    taken = {line.n for line in lines}
    spans = story.sentences
    near = sorted(range(len(spans)), key=lambda n: min(abs(n - one) for one in taken))
    fit = [n for n in near if n not in taken and 20 <= spans[n].end - spans[n].start <= _LONGEST_EVIDENCE]
    numbers = sorted([*taken, *fit[: max(0, wanted - len(taken))]])
    return [story.article.excerpt(spans[n]) for n in numbers]


def _bare(text: str) -> str:
    return " ".join(fold(text).split()).rstrip(".").lower()
