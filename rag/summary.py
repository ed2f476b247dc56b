"""A summary of one article: its best sentences, or a language model's, each standing on sentences of the article.

sentences + vectors ──> best ──> extract ──> Summary
                          └────> shown ──> prompt ──> model, gated ──> Summary
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from rag import prompts
from rag.chat import Chat
from rag.draft import Draft, in_one_line
from rag.grounds import Source
from rag.guard import renumbered, tally
from rag.text import fold, quoted
from rag.types import Citation, Claim, Summary, Vectors
from rag.vocabulary import vocabulary
from rag.words import words

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

FEWEST, MOST = 3, 6
"""Sentences of a summary; an article of fewer than five has half as many as it has sentences."""

ONE_IN = 5
"""Of a longer article, one sentence in so many."""

LEAD = 0.3
"""What the place of a sentence adds to its likeness to the whole: this for the first, half for the second, a third …
News tells the most important first."""

VARIETY = 0.4
"""How much likeness to what is chosen already counts against a sentence (maximal marginal relevance)."""

LEANING = 0.15
"""What is taken off a sentence that needs the one before it: "She said …"."""

SHORTEST, LONGEST = 6, 60
"""Words of a sentence that may stand in a summary."""

SHOWN, CHARACTERS = 14, 1_900
"""Sentences that the model gets, and characters of them: with what is around them, 600 tokens."""

_ENDED = re.compile(r"[.!?…][\"'”’»›)]*$")
_FIRST_WORD = re.compile(r"[\w’']+")


def best(sources: Sequence[Source], vectors: Vectors) -> list[Source]:
    """The sentences of an article that can stand in a summary, the best first.

    By the cosine to the centroid of all of them (Radev et al., 2004), their place, and maximal marginal relevance
    (Carbonell and Goldstein, 1998). `sources` are all sentences in order, `vectors` a unit vector each.
    """
    kept = [i for i, source in enumerate(sources) if is_news(source)]
    kept = kept or [i for i, source in enumerate(sources) if not source.is_order]
    if not kept:
        return []
    candidates = vectors[kept]
    centroid = candidates.mean(axis=0)
    worth = candidates @ (centroid / max(float(np.linalg.norm(centroid)), 1e-12))
    worth = worth + LEAD / np.arange(1, len(kept) + 1)
    worth = worth - LEANING * np.array([leans(sources[i].text) for i in kept])
    alike = candidates @ candidates.T
    order: list[int] = []
    nearest = np.zeros(len(kept))
    for _ in kept:
        score = worth - VARIETY * nearest
        score[order] = -np.inf
        order.append(int(score.argmax()))
        nearest = np.maximum(nearest, alike[order[-1]])
    return [sources[kept[i]] for i in order]


def is_news(source: Source) -> bool:
    """Whether a sentence is one: no headline, no line about the page, nothing that speaks to a model."""
    text = source.text
    count = len(words(text))
    title = fold(source.citation.excerpt.article.title).casefold().rstrip(". ")
    return (
        SHORTEST <= count <= LONGEST
        and _ENDED.search(text) is not None
        and fold(text).casefold().rstrip(". ") != title
        and not source.is_order
        and not _boilerplate().search(text)
    )


def leans(text: str) -> bool:
    """Whether a sentence needs the one before it: nobody knows else who "she" is, or whose the words are."""
    for span in reversed(quoted(text)):
        text = text[: span.start] + text[span.end :]
    first = _FIRST_WORD.search(text)
    return first is None or first[0].lower() in _leaning()


def extract(ranked: Sequence[Source]) -> Summary:
    """The summary without a model: the first of `ranked` as they stand in the article, in its order."""
    chosen = sorted(ranked[: length(len(ranked))], key=lambda source: source.span)
    citations = [replace(source.citation, n=n) for n, source in enumerate(chosen, start=1)]
    return Summary("brief", tuple(map(_verbatim, citations)), tuple(citations))


def length(sentences: int) -> int:
    """How many sentences sum up an article of so many."""
    return min((sentences + 1) // 2, max(FEWEST, min(MOST, sentences // ONE_IN)))


def shown(ranked: Sequence[Source]) -> list[Source]:
    """What a model gets of `ranked`: as many as it reads in a few seconds, numbered in the order of the article."""
    room = CHARACTERS
    kept: list[Source] = []
    for source in ranked[:SHOWN]:
        room -= len(source.text)
        if room >= 0 or not kept:
            kept.append(source)
    kept.sort(key=lambda source: source.span)
    return [replace(source, citation=replace(source.citation, n=n)) for n, source in enumerate(kept, start=1)]


def messages(sources: Sequence[Source]) -> list[BaseMessage]:
    """The prompt: the numbered sentences of one article."""
    from langchain_core.messages import HumanMessage, SystemMessage

    title = sources[0].citation.excerpt.article.title
    sentences = "\n".join(map(_line, sources))
    return [
        SystemMessage(prompts.render("summary")),
        HumanMessage(prompts.render("article", sentences=sentences, title=in_one_line(title))),
    ]


class Summarising(Draft):
    """A summary while a model writes it; `summary` is what stands so far.

    Begins with the extractive summary, and ends with it where nothing that the model wrote can be shown.
    """

    most = MOST
    is_in_order = True
    longest = 280

    def __init__(self, extractive: Summary, sources: Sequence[Source], chat: Chat | None, notice: str = "") -> None:
        super().__init__(sources, chat, notice)
        self.extractive = extractive

    def prompt(self) -> list[BaseMessage]:
        return messages(self.sources)

    @property
    def summary(self) -> Summary:
        """The sentences that passed, filled up to three with the article's own; or the extractive summary."""
        judged = list(self.judged)
        gated, order = renumbered([sentence for sentence in judged if sentence.is_shown][:MOST])
        withheld = tally(judged).withheld
        if not gated or self.chat is None:
            return replace(self.extractive, withheld=withheld, notice=self.notice)
        by_number = {source.citation.n: source.citation for source in self.sources}
        citations = [replace(by_number[number], n=n) for n, number in enumerate(order, start=1)]
        written = [Claim(sentence.text, sentence.numbers, supported=True) for sentence in gated]
        added = self._own(citations, len(self.extractive.sentences) - len(written))
        return replace(
            self.extractive,
            sentences=(*written, *map(_verbatim, added)),
            citations=(*citations, *added),
            mode="llm",
            model=self.chat.name,
            withheld=withheld,
            notice=self.notice,
        )

    def _own(self, cited: Sequence[Citation], lacking: int) -> list[Citation]:
        """Sentences of the extractive summary that are not `cited`, as many as lack of three, numbered on."""
        lacking -= max(0, len(self.extractive.sentences) - FEWEST)
        ids = {citation.id for citation in cited}
        left = [citation for citation in self.extractive.citations if citation.id not in ids]
        return [replace(citation, n=n) for n, citation in enumerate(left[: max(0, lacking)], start=len(cited) + 1)]


def _verbatim(citation: Citation) -> Claim:
    return Claim(citation.quote, (citation.n,), supported=True)


def _line(source: Source) -> str:
    """A sentence with its number, and with who speaks where it says no name."""
    speaker, quote = source.citation.speaker, source.citation.quote
    told = f"({in_one_line(speaker)}) " if speaker and speaker.split()[-1] not in quote else ""
    return f"[{source.citation.n}] {told}{in_one_line(quote)}"


@cache
def _leaning() -> frozenset[str]:
    return frozenset(vocabulary()["summary"]["leaning"])


@cache
def _boilerplate() -> re.Pattern[str]:
    return re.compile(vocabulary()["summary"]["boilerplate"], re.IGNORECASE)
