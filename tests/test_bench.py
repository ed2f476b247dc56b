"""What `pullquote bench` measures: the copies it grows by, and that each figure is of what it says. No timings."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from helpers import HEARING, LEAK, WordVectors, article, embedder, made, write_jsonl

from rag import Settings
from rag.errors import SourceError
from rag.evals import marks, news, stock, trial
from rag.evals.bench import PULLQUOTE, STOCK, bench, in_turn, median
from rag.evals.starts import NoFiguresError, answering, environment
from rag.evals.table import Table
from rag.passages import split

NAMES = {"Varga", "Maskell", "Oyelade", "Ilse", "Edda", "Tamsin"}
"""Some of those in HEARING that `names_in` can tell: they stand in mid-sentence."""

STAGES = {"embed", "dense", "words", "speaker", "fuse", "sentences", "answer", "compose", "total"}


# --- copies -----------------------------------------------------------------------------------


def real() -> list[Any]:
    return [article(HEARING + " He saw Ilse Varga, Edda Maskell and Tamsin Oyelade.", title="Varga on 3 quays",
                    url="https://gazette.example/1", external_id="hearing"),
            article(LEAK, author="Marcus Tolleray", external_id="leak"), *made(4)]  # fmt: skip


def copied(count: int, seed: int = 0) -> list[Any]:
    return list(islice(news.copies(real(), seed), count))


def test_names_are_told_from_words_that_only_start_sentences() -> None:
    names = news.names_in(real())
    assert names >= NAMES
    assert names.isdisjoint({"Nothing", "The", "He", "Mud", "This", "I"})


def test_every_passage_with_a_name_or_a_number_is_another_in_every_copy() -> None:
    originals, names = real(), news.names_in(real())
    for n, copy in enumerate(copied(3 * len(originals))):
        original = originals[n % len(originals)]
        for passage in split(original):
            words = re.findall(r"\w+", passage.excerpt.text)
            if not names.isdisjoint(words) or any(map(str.isdigit, passage.excerpt.text)):
                assert passage.excerpt.text not in copy.text


def test_a_copy_changes_names_and_numbers_and_nothing_else() -> None:
    originals, names = real(), news.names_in(real())
    for original, copy in zip(originals, copied(len(originals)), strict=True):
        before, after = (re.findall(r"\w+|[^\w]+", a.text) for a in (original, copy))
        for was, now in zip(before, after, strict=True):
            if was in names or was.isdigit():
                assert was != now
            else:
                assert was == now


def test_a_name_is_the_same_name_throughout_a_copy_and_another_in_the_next() -> None:
    second, third = (news.rewording({"Varga", "Aucott", "Bell", "Carr"}, seed) for seed in ("0:2", "0:3"))
    one, two = second("Varga 12 saw Varga 12").split(" saw ")
    assert one == two
    text = "Varga met Aucott, Bell and Carr in 1987 and 2016."
    assert second(text) != third(text)


def test_a_lone_name_has_another_too() -> None:
    for name in ("Varga", *news.SPARE):
        assert news.rewording({name}, "0:2")(name) != name


def test_numbers_change_in_every_digit_and_keep_their_length() -> None:
    reword = news.rewording((), "0:2")
    for number in [*map(str, range(1_200)), "007", "9" * 5_000]:
        other = reword(number)
        assert len(other) == len(number) and other[0] != "0"
        assert all(was != now for was, now in zip(number, other, strict=True))


def test_the_same_seed_gives_the_same_copies_and_another_gives_others() -> None:
    assert copied(12) == copied(12)
    assert copied(12)[0].text != copied(12, seed=1)[0].text


def test_copies_are_articles_of_their_own() -> None:
    everything = [*real(), *copied(18)]
    for key in ("external_id", "id", "text", "revision"):
        assert len({getattr(a, key) for a in everything}) == len(everything), key
    urls = [a.url for a in everything if a.url]
    assert len(urls) == len(set(urls)) == 4
    assert "3" not in everything[len(real())].title and "Varga" not in everything[len(real())].title


def test_an_article_that_has_nothing_to_change_is_not_copied() -> None:
    assert list(news.copies([article("nothing was decided.")])) == []
    assert list(news.copies([])) == []


# --- the news of a folder ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six made-up articles and five questions, as the public sets lay theirs out; one article stands there twice."""
    data = tmp_path_factory.mktemp("data")
    polnear, realtimeqa = data / "polnear", data / "realtimeqa"
    for folder in (polnear, realtimeqa):
        folder.mkdir()
    given = [{"id": a.external_id, "title": a.title, "text": a.text} for a in real()]
    known = {"author": None, "publisher": "Gazette", "date": "2026-01-02", "annotations": [{"attributions": []}]}
    first = [row | known for row in given[:3]]
    rest = [row | {"authors": ["Ada Bell"], "date": "2026/01/03", "url": ""} for row in given[3:]]
    write_jsonl(polnear / "articles.jsonl", first)
    write_jsonl(realtimeqa / "articles.jsonl", [*rest, rest[0] | {"id": "again"}])
    asked = ["What did Varga object to?", "What did Maskell warn of?", "What did Oyelade deny?"]
    marked = {"gold": [], "other_gold_same_speaker_verb": [], "unique_in_split": True}
    write_jsonl(polnear / "questions.jsonl", [{"question": question} | marked for question in asked])
    write_jsonl(realtimeqa / "questions.jsonl",
                [{"question": f"Who spoke of the {what}?", "gold_docs": [], "answer": []}
                 for what in ("harbour", "tramway")])  # fmt: skip
    return data


def test_the_real_articles_come_first_each_once_then_copies(data: Path) -> None:
    ids = [a.external_id for a in news.articles(data, 14)]
    assert ids[:6] == ["hearing", "made-1", "leak", "made-2", "made-0", "made-3"]
    assert ids[6:] == [*(f"{name}-2" for name in ids[:6]), "hearing-3", "made-1-3"]


def test_questions_come_from_both_sets_in_turn_as_many_as_wanted(data: Path) -> None:
    asked = news.questions(data, 7)
    assert len(asked) == 7
    assert asked[:2] == ["What did Varga object to?", "Who spoke of the harbour?"] and asked[6] == asked[0]


def test_a_folder_without_the_sets_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="polnear"):
        news.articles(tmp_path, 3)


def test_articles_come_back_from_the_file_as_they_went_in(tmp_path: Path) -> None:
    given = [*real(), article("Line\u2028separators and \x85 stay in their article.", title="“Odd”")]
    assert news.write(tmp_path / "file", given) == len(given)
    blocks = list(news.read(tmp_path / "file", 1, 7, block=4))
    assert [len(block) for block in blocks] == [4, 2]
    assert [a for block in blocks for a in block] == given[1:]


# --- a run ------------------------------------------------------------------------------------


class InProcess:
    """Runs trials here, around a fake model, and notes them. What needs a real process says half a second."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, name: str, settings: Settings, **arguments: Any) -> dict[str, Any]:
        self.ran.append((name, arguments))
        if name in {"imports", "serve"}:
            return {"seconds": 0.5}
        with ExitStack() as patches:
            for opener in ("rag.service.open_embedder", "rag.embeddings.open_embedder"):
                patches.enter_context(mock.patch(opener, return_value=embedder()))
            patches.enter_context(mock.patch("rag.evals.stock.open_embeddings", return_value=WordVectors()))
            return trial.here(name, settings, **arguments)

    def ingests(self, name: str) -> list[tuple[int, int, bool]]:
        return [(a["first"], a["last"], a.get("own", True)) for ran, a in self.ran if ran == name]


Rows = dict[str, Mapping[str, Any]]


def measured(data: Path, run: InProcess, **options: Any) -> Rows:
    said: list[str] = []
    found = bench(data, Settings(), said.append, questions=4, run=run, **options)
    assert said[0] == "bench: 9 articles, 4 questions"
    assert all(isinstance(table, Table) and table.text() and table.markdown() for table in found)
    assert all(table.about["sizes"] == [3, 9] and table.about["note"] for table in found)
    return {table.name: table.rows for table in found}


@pytest.fixture(scope="module")
def a_run(data: Path) -> tuple[Rows, InProcess]:
    run = InProcess()
    return measured(data, run, sizes=(9, 3), rounds=2, stock_articles=3), run


def test_a_run_has_every_figure_of_every_system_at_every_size(data: Path, a_run: tuple[Rows, InProcess]) -> None:
    rows, _ = a_run
    systems = (marks.PULLQUOTE, marks.STOCK, marks.WORDS)
    labels = [f"{system}, {n} articles" for n in (3, 9) for system in systems]
    assert list(rows) == ["bench ingest", "bench disk", "bench ask", "bench stages", "bench start"]

    assert list(rows["bench ingest"]) == list(rows["bench disk"]) == list(rows["bench start"]) == labels
    taken = dict(zip(labels, (3, 3, 3, 6, 0, 9), strict=True))  # bm25s takes in all of them again
    unmeasured = labels[4]
    for label in set(labels) - {unmeasured}:
        row = rows["bench ingest"][label]
        assert list(row) == ["articles/s", "passages/s", "passages", "peak MiB", "MiB per 1,000"]
        assert row["articles/s"] > 0 and row["peak MiB"] > 1 and row["MiB per 1,000"] >= 0
        if marks.WORDS in label:
            assert row["passages"] == sum(len(split(a)) for a in news.articles(data, taken[label]))
        assert row["passages/s"] / row["articles/s"] == pytest.approx(row["passages"] / taken[label])
    assert "not measured beyond 3 articles" in rows["bench ingest"][unmeasured]

    for row in rows["bench disk"].values():
        assert row["MB"] > 0.001
    ours = rows["bench disk"][labels[3]]
    assert ours["MB per 1,000"] == pytest.approx(ours["MB"] / 9 * 1_000)

    assert len(rows["bench ask"]) == 8
    for label, row in rows["bench ask"].items():
        assert 0 < row["p50 ms"] <= row["p95 ms"]
        assert row["times bare"] == 1 or marks.BARE not in label

    assert set(rows["bench stages"]) == STAGES
    for row in rows["bench stages"].values():
        assert list(row) == ["p50, 3", "p95, 3", "p50, 9", "p95, 9"]
    assert [set(row) for row in rows["bench start"].values()] == [
        {"import s", "first answer s", "serve s"}, {"import s", "first answer s"}, {"import s", "first answer s"},
    ] * 2  # fmt: skip


def test_each_size_is_reached_from_the_one_before_and_the_stock_engine_stops_at_its_limit(
    a_run: tuple[Rows, InProcess],
) -> None:
    _, run = a_run
    assert run.ingests("ingest") == [(0, 3, True), (0, 3, True), (3, 9, True)]
    assert run.ingests("stock_ingest") == [(0, 3, True), (0, 3, True), (3, 9, False)]


def test_passages_are_those_of_the_articles(data: Path, a_run: tuple[Rows, InProcess]) -> None:
    rows, _ = a_run
    wanted = [len(split(a)) for a in news.articles(data, 9)]
    assert rows["bench ingest"]["Pullquote, 3 articles"]["passages"] == sum(wanted[:3])
    assert rows["bench ingest"]["Pullquote, 9 articles"]["passages"] == sum(wanted[3:])


def test_a_stock_pipeline_that_cannot_be_measured_says_why(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "PACKAGES", ("langchain-chroma", "no-such-package"))
    run = InProcess()
    rows = measured(data, run, sizes=(9,), rounds=1, stock_articles=3)
    for name in ("ingest", "disk", "ask", "start"):
        assert rows[f"bench {name}"][marks.STOCK] == "no-such-package is not installed"
    assert not [name for name, _ in run.ran if name.startswith("stock")]


def test_the_stock_pipeline_is_measured_with_the_embedded_model_only() -> None:
    assert stock.obstacle(Settings()) == ""
    assert "openai:small" in stock.obstacle(Settings(embeddings="openai:small"))


def test_who_comes_first_changes_and_figures_are_medians() -> None:
    order: list[str] = []
    figures = iter([{"n": 1, "ms": {"p50": 3.0}}, {"n": 5, "ms": {"p50": 1.0}}, {"n": 2, "ms": {"p50": 9.0}}] * 2)
    found = in_turn((PULLQUOTE, STOCK), 3, lambda one: (order.append(one.name), next(figures))[1])
    assert order == [PULLQUOTE.name, STOCK.name, STOCK.name, PULLQUOTE.name, PULLQUOTE.name, STOCK.name]
    assert found[PULLQUOTE.name] == {"n": 1, "ms": {"p50": 3.0}}
    assert median([4, 1, 2]) == 2 and median([1.0, 4.0]) == 2.5


# --- processes --------------------------------------------------------------------------------


def test_a_fresh_process_finds_the_settings_it_is_given(home: Path) -> None:
    settings = Settings(home=home, threshold=0.45, public_url="https://quotes.example", port=0)
    code = "from rag import Settings; print(Settings().model_dump_json())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(settings), check=True
    )
    assert Settings.model_validate_json(done.stdout) == settings


def test_a_trial_apart_gives_its_figures_or_its_last_words(home: Path) -> None:
    assert 0 < trial.apart("imports", Settings(home=home), module="rag")["seconds"] < 60
    with pytest.raises(NoFiguresError, match=r"imports ended without figures: .*CalledProcessError"):
        trial.apart("imports", Settings(home=home), module="no_such_module")


def test_peak_memory_is_the_process_s_own() -> None:
    ballast = b"x" * 300_000_000
    code = "from rag.evals.trial import peak; print(peak())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 5 < float(done.stdout) < len(ballast) / 2**20 < trial.peak()


def test_a_server_that_does_not_start_is_no_figure(home: Path) -> None:
    with pytest.raises(NoFiguresError, match=r"did not answer: .*no access token"):
        answering(Settings(home=home, host="0.0.0.0"))


def test_the_real_engine_is_measured_in_a_process_of_its_own(embedded_model: Path, home: Path, tmp_path: Path) -> None:
    news.write(tmp_path / "articles.jsonl", real())
    settings = Settings(home=home)
    taken = trial.apart("ingest", settings, articles=str(tmp_path / "articles.jsonl"), first=0, last=2)
    assert taken["articles"] == 2 and taken["seconds"] > 0 and taken["peak_mib"] >= taken["start_mib"] > 20
    assert taken["bytes"] == trial.size(home) > 0
    assert trial.apart("start", settings, question="What did Varga object to?")["seconds"] > 0
