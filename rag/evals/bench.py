"""How fast, how large and how soon ready: Pullquote beside its rivals, in one run, as the collection grows.

news ──> one file of articles ──> at each size: ingest, ask, start, each in a process of its own ──> Tables
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rag.evals import full_text, marks, news, stock, trial
from rag.evals.marks import Mark
from rag.evals.table import Table
from rag.evals.trial import Figures, Run
from rag.settings import Settings

SIZES = (1_000, 5_000, 20_000)
ROUNDS = 3
QUESTIONS = 100
STOCK_ARTICLES = 1_000
"""Articles that the stock pipeline embeds itself, which takes it some three times as long."""

Say = Callable[[str], None]


class Contestant(NamedTuple):
    """A system, the trials that measure it, and what a program that uses it imports."""

    name: str
    ingest: str
    ask: str
    start: str
    module: str


PULLQUOTE = Contestant(marks.PULLQUOTE, "ingest", "ask", "start", "rag")
STOCK = Contestant(marks.STOCK, "stock_ingest", "stock_ask", "stock_start", "langchain_chroma")
WORDS = Contestant(marks.WORDS, "words_ingest", "words_ask", "words_start", "bm25s")


def bench(
    data: Path,
    settings: Settings,
    say: Say,
    sizes: Sequence[int] = SIZES,
    rounds: int = ROUNDS,
    questions: int = QUESTIONS,
    stock_articles: int = STOCK_ARTICLES,
    run: Run = trial.apart,
) -> list[Table]:
    """Every figure at every size, over the articles of `data` and copies of these.

    All systems take in the smallest size `rounds` times, in turn, each time into an empty folder;
    the last of these folders then grows to the next size. The stock pipeline embeds up to
    `stock_articles` itself; beyond, Pullquote's engine does it for it, and its rate is not measured.
    """
    rivals = {STOCK: stock.obstacle(settings), WORDS: full_text.obstacle()}
    contestants = (PULLQUOTE, *(rival for rival, obstacle in rivals.items() if not obstacle))
    obstacles = {rival.name: obstacle for rival, obstacle in rivals.items() if obstacle}
    with tempfile.TemporaryDirectory() as scratch:
        course = Course(settings, Path(scratch), rounds, stock_articles, run)
        steps = sorted({*sizes, min(stock_articles, *sizes)})
        written = news.write(course.articles, news.articles(data, steps[-1]))
        asked = news.questions(data, questions)
        say(f"bench: {written:,} articles, {len(asked)} questions")
        passed = [
            course.mark(contestants, first, last, asked, say) for first, last in zip([0, *steps], steps, strict=False)
        ]
    return marks.tables(passed, settings, obstacles, stock_articles, {"rounds": rounds, "questions": questions})


@dataclass(frozen=True)
class Course:
    """The folder in which systems grow over the same articles, and how each step of theirs is measured."""

    settings: Settings
    folder: Path
    rounds: int
    stock_articles: int
    run: Run

    @property
    def articles(self) -> Path:
        """The file of all articles."""
        return self.folder / "articles.jsonl"

    def mark(self, contestants: Sequence[Contestant], first: int, last: int, asked: Sequence[str], say: Say) -> Mark:
        """Grow every system from `first` to `last` articles, and measure it there."""
        ingest = in_turn(contestants, 1 if first else self.rounds, lambda one: self.ingest(one, first, last))
        say(f"bench: {last:,} articles taken in")
        ask = in_turn(contestants, self.rounds, lambda one: self.ask(one, asked))
        say(f"bench: {last:,} articles asked")
        start = in_turn(contestants, self.rounds, lambda one: self.start(one, asked[0]))
        say(f"bench: started with {last:,} articles")
        return Mark(last, ingest, ask, start)

    def ingest(self, contestant: Contestant, first: int, last: int) -> Figures:
        """Articles `first` to `last`; into an empty folder, if they are the first."""
        home = self._home(contestant)
        if first == 0:
            shutil.rmtree(home.home, ignore_errors=True)
        own = {"own": last <= self.stock_articles} if contestant is STOCK else {}
        return self.run(contestant.ingest, home, articles=str(self.articles), first=first, last=last, **own)

    def ask(self, contestant: Contestant, asked: Sequence[str]) -> Figures:
        return self.run(contestant.ask, self._home(contestant), questions=list(asked))

    def start(self, contestant: Contestant, question: str) -> Figures:
        """Seconds of everything that one waits for before the first answer."""
        home = self._home(contestant)
        found = {
            "import s": self.run("imports", home, module=contestant.module)["seconds"],
            "first answer s": self.run(contestant.start, home, question=question)["seconds"],
        }
        return found | ({"serve s": self.run("serve", home)["seconds"]} if contestant is PULLQUOTE else {})

    def _home(self, contestant: Contestant) -> Settings:
        return self.settings.model_copy(update={"home": self.folder / contestant.ingest})


def in_turn(
    contestants: Sequence[Contestant],
    rounds: int,
    measure: Callable[[Contestant], Figures],
    say: Callable[[int, Contestant, Figures], None] = lambda n, contestant, figures: None,
) -> dict[str, Figures]:
    """The median figures of each, measured `rounds` times; who comes first changes from round to round."""
    found: dict[str, list[Figures]] = {contestant.name: [] for contestant in contestants}
    for n in range(rounds):
        for contestant in contestants if n % 2 == 0 else reversed(contestants):
            figures = measure(contestant)
            found[contestant.name].append(figures)
            say(n, contestant, figures)
    return {name: median(figures) for name, figures in found.items()}


def median(figures: Sequence[Any]) -> Any:
    """Of each number, however deep it lies in them; of counts, one that was counted."""
    if isinstance(figures[0], Mapping):
        return {name: median([each[name] for each in figures]) for name in figures[0]}
    return statistics.median_low(figures) if isinstance(figures[0], int) else statistics.median(figures)
