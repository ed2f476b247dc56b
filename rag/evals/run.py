"""Run a set through every system, and say what came of it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

from rag.errors import LibraryError, SettingsError
from rag.evals import rivals, systems
from rag.evals.sets import (
    clapnq,
    extraction,
    forms,
    integrity,
    polnear,
    prose,
    realtimeqa,
    squad2,
    time_magazine,
    wice,
    xquad,
)
from rag.evals.systems import System
from rag.evals.table import Table, circumstances
from rag.evals.task import Task
from rag.service import Pullquote, open_pullquote
from rag.settings import Settings

Say = Callable[[str], None]


class Ranking(Protocol):
    """A set's module: what its files say, and what is counted for one system."""

    def load(self, folder: Path) -> Task: ...

    def measure(self, system: System, task: Task) -> dict[str, float]: ...


RANKINGS: Mapping[str, Ranking] = {
    "polnear": polnear,
    "forms": forms,
    "realtimeqa": realtimeqa,
    "time": time_magazine,
    "clapnq": clapnq,
    "wice": wice,
    "squad2": squad2,
    "xquad": xquad,
}
"""The sets in which systems rank places."""


NAMES = (*RANKINGS, "extraction", "integrity", "prose")
_FOLDERS = {
    "forms": "polnear",
    "xquad": "xquad_en",
    "extraction": "article_extraction_benchmark",
    "integrity": "polnear",
}


def evaluate(name: str, path: Path, settings: Settings, say: Say, with_rivals: bool = True) -> Iterator[Table]:
    """The tables of the set `name`, whose files are in `path`, or of all sets in the folders of `path`.

    Raises SettingsError for a name that is no set's, SourceError for files that are not there.
    """
    if name not in {*NAMES, "all"}:
        raise SettingsError(f"No set is called {name!r}. Known: {', '.join(NAMES)}, all.")
    for one in NAMES if name == "all" else (name,):
        folder = _folder(one, path)
        if one == "extraction":
            yield _extraction(folder, settings)
        elif one == "integrity":
            yield _integrity(folder, settings, say)
        elif one == "prose":
            yield _prose(folder, settings)
        else:
            yield ranking(one, folder, settings, say, with_rivals)


def _folder(name: str, path: Path) -> Path:
    """`path` itself, or the folder in it that is called after the set."""
    below = path / _FOLDERS.get(name, name)
    return below if below.is_dir() else path


def _extraction(folder: Path, settings: Settings) -> Table:
    pages = extraction.load(folder)
    rows = {name: extraction.measure(extract, pages) for name, extract in extraction.extractors(settings).items()}
    return Table("extraction", rows, circumstances(settings, pages=len(pages)))


def _integrity(folder: Path, settings: Settings, say: Say) -> Table:
    """What the product's own check says of true and of false quotations."""
    marked = integrity.load(folder)
    chosen = integrity.drawn(marked.quotations)
    with filled(marked.articles, settings, say) as pullquote:
        found = integrity.measure(pullquote, chosen)
    counts = {"articles": len(marked.articles.articles), "quotations": len(chosen), "of": len(marked.quotations)}
    return Table("integrity", found, circumstances(settings, **counts, seed=integrity.SEED))


def _prose(folder: Path, settings: Settings) -> Table:
    lies = prose.load(folder)
    told = [*prose.judged(lies), *prose.judged_truths(folder, prose.truths())]
    about = circumstances(settings, part=prose.PART, falsehoods=len(lies), seed=prose.SEED)
    return Table("prose", prose.measure(told), about)


def ranking(name: str, folder: Path, settings: Settings, say: Say, with_rivals: bool = True) -> Table:
    """Every system's figures on one set, over the same articles in the same run."""
    module = RANKINGS[name]
    task = module.load(folder)
    rows: dict[str, Mapping[str, float] | str] = {}
    with filled(task, settings, say) as pullquote, tempfile.TemporaryDirectory() as scratch:
        product = systems.Product(pullquote, task)
        for label, build in _contestants(product, task, Path(scratch), with_rivals):
            started = time.perf_counter()
            try:
                rows[label] = module.measure(systems.Once(build()), task)
            except systems.CannotError as exc:
                rows[label] = str(exc)
            say(f"{name}: {label} in {time.perf_counter() - started:.0f} s")
        about = circumstances(
            pullquote.settings,
            articles=len(task.articles),
            questions=len(task.asked),
            checked=product.quotations,
            not_slices=product.not_slices,
            unresolved=product.unresolved,
        )
    return Table(name, rows, about)


@contextmanager
def filled(task: Task, settings: Settings, say: Say) -> Iterator[Pullquote]:
    """The product with the task's articles in it, in a home that is thrown away."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        opened = stack.enter_context(open_pullquote(settings.model_copy(update={"home": home})))
        opened._embedder.embeddings = systems.Remembering(opened._embedder.embeddings)
        report = opened.ingest_articles(task.articles)
        counts = opened.counts()
        if counts.articles != len(task.articles):
            raise LibraryError(
                f"{task.name}: only {counts.articles} of {len(task.articles)} articles came in; report this."
            )
        say(f"{task.name}: {counts.articles:,} articles, {counts.passages:,} passages in {report.seconds:.0f} s")
        yield opened


def _contestants(
    product: systems.Product, task: Task, scratch: Path, with_rivals: bool
) -> Iterator[tuple[str, Callable[[], System]]]:
    """Each system's name, and how it is built."""
    yield product.name, lambda: product
    if not with_rivals:
        return
    embedder = product.pullquote._embedder
    for name, build in systems.plain(task, embedder).items():
        yield name, build
    for name, which in rivals.FRAMEWORKS.items():
        yield name, partial(rivals.build, which, task, embedder, scratch)
