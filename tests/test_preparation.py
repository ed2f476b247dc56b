"""Articles prepared in a process aside: the same as here, also where that process dies."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers import HEARING, LEAK, WordVectors, article, embedder

from rag import Settings, open_pullquote, preparation
from rag.embeddings import Embedder, local
from rag.preparation import Aside, Here
from rag.preparation_worker import PRIORITY
from rag.types import Article


@pytest.fixture
def real(embedded_model: Path) -> Embedder:
    return local(embedded_model)


@pytest.fixture
def aside(real: Embedder) -> Iterator[Aside]:
    opened = Aside(real)
    yield opened
    opened.close()


def child(aside: Aside) -> int:
    """The process that works for it."""
    process = aside._child
    assert process is not None and process.poll() is None
    return process.pid


def alive(pid: int) -> bool:
    """Whether there is such a process, and one that has not ended."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_what_is_prepared_aside_is_the_same_to_the_bit(aside: Aside, real: Embedder) -> None:
    here = Here(real)
    for given in (article(HEARING), article(LEAK, title="Leak", published="2026-07-14")):
        prepared = aside.prepare(given)
        assert prepared == here.prepare(given)
        for one, other in zip(aside.vectors(prepared.passages), here.vectors(prepared.passages), strict=True):
            assert np.array_equal(one.whole, other.whole) and np.array_equal(one.sentences, other.sentences)


def test_a_model_that_is_not_on_this_machine_is_asked_from_here() -> None:
    words = WordVectors()
    aside = Aside(embedder(words))
    try:
        prepared = aside.prepare(article(HEARING))
        assert len(aside.vectors(prepared.passages)) == len(prepared.passages) and words.documents
    finally:
        aside.close()


def test_an_article_is_prepared_here_when_its_process_dies_and_the_next_one_has_another(
    aside: Aside, caplog: pytest.LogCaptureFixture
) -> None:
    aside.prepare(article(HEARING))
    first = child(aside)
    os.kill(first, 9)
    while alive(first):
        time.sleep(0.01)
    process = aside._child
    assert process is not None
    process.wait()
    assert aside.prepare(article(LEAK)).quotations
    assert child(aside) != first
    killer = threading.Timer(0.3, lambda: os.kill(child(aside), 9))
    killer.start()
    long = article("\n\n".join(f"“Line {n} of it is about the quay,” Bo Carr said on day {n}." for n in range(4_000)))
    assert aside.prepare(long) == Here(embedder()).prepare(long)
    killer.join()
    assert "it is done here" in caplog.text


def test_what_cannot_be_prepared_fails_as_it_does_here(aside: Aside, real: Embedder) -> None:
    with pytest.raises(Exception) as there:  # noqa: PT011 - whatever it is, it is the same
        aside.prepare(None)  # type: ignore[arg-type]
    with pytest.raises(Exception) as here:  # noqa: PT011
        Here(real).prepare(None)  # type: ignore[arg-type]
    assert there.type is here.type
    assert aside.prepare(article(HEARING)).quotations


def test_two_threads_get_each_their_own(aside: Aside) -> None:
    found: dict[str, Article] = {}

    def work(name: str) -> None:
        for n in range(20):
            given = article(f"“Line {n} is {name}’s,” Bo Carr said.", title=name)
            found[f"{name} {n}"] = aside.prepare(given).article
            assert found[f"{name} {n}"] == given

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 40


def test_it_comes_after_all_others_for_the_processor(aside: Aside) -> None:
    aside.prepare(article(HEARING))
    assert os.getpriority(os.PRIO_PROCESS, child(aside)) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + PRIORITY)


def test_a_child_is_followed_by_another_before_it_grows(aside: Aside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "RENEWED", 3)
    pids = []
    for n in range(7):
        assert aside.prepare(article(f"“Line {n},” Bo Carr said.")).quotations
        pids.append(child(aside))
    assert pids[0] == pids[2] != pids[3] == pids[5] != pids[6]
    assert not alive(pids[0]) and not alive(pids[3])


def test_closing_leaves_no_process(home: Path, embedded_model: Path) -> None:
    with open_pullquote(Settings(home=home)) as pullquote:
        pullquote.prepare_aside()
        assert pullquote.ingest_articles([article(HEARING)]).added == 1
        assert isinstance(pullquote._preparation, Aside)
        pid = child(pullquote._preparation)
    assert not alive(pid)
