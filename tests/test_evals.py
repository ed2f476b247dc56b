"""The measuring stick itself: figures that are known by hand, and a data set small enough to see through."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import run
from helpers import LEAK, WordVectors, article, embedder, write_jsonl
from hypothesis import given
from hypothesis import strategies as st

from rag import Pullquote, Settings
from rag.errors import SettingsError, SourceError
from rag.evals import metrics, mutations, rivals, scorecard
from rag.evals.evidence import spans_of
from rag.evals.run import NAMES, evaluate
from rag.evals.systems import Once, Remembering
from rag.evals.table import Table
from rag.evals.task import Ranked
from rag.text import fold

# --- figures ----------------------------------------------------------------------------------


def test_ranks_are_counted_from_one() -> None:
    right = [False, True, False, True]
    assert [metrics.hit(right, k) for k in (1, 2, 4)] == [0, 1, 1]
    assert (metrics.reciprocal_rank(right, 10), metrics.reciprocal_rank(right, 1)) == (0.5, 0.0)


def test_ndcg_is_one_for_the_best_order_and_discounts_the_rest() -> None:
    assert metrics.ndcg(["a", "b", "x"], {"a", "b"}, 10) == 1.0
    assert metrics.ndcg(["x", "a"], {"a"}, 10) == pytest.approx(1 / math.log2(3))
    assert metrics.ndcg(["x", "a"], {"a"}, 1) == metrics.ndcg([], set(), 10) == 0.0


def test_average_precision_counts_what_was_never_returned() -> None:
    assert metrics.average_precision(["a", "x", "b"], {"a", "b"}) == pytest.approx((1 + 2 / 3) / 2)
    assert metrics.average_precision(["a"], {"a", "b"}) == 0.5


def test_auroc_counts_ties_half() -> None:
    assert metrics.auroc([3, 2], [1, 0]) == 1.0
    assert metrics.auroc([1, 0], [3, 2]) == 0.0
    assert metrics.auroc([1], [1]) == metrics.auroc([], [1]) == 0.5


@given(st.lists(st.integers(0, 9), min_size=1), st.lists(st.integers(0, 9), min_size=1))
def test_auroc_is_the_share_of_pairs_in_the_right_order(yes: list[int], no: list[int]) -> None:
    pairs = [(y > n) + (y == n) / 2 for y in yes for n in no]
    assert metrics.auroc(yes, no) == pytest.approx(sum(pairs) / len(pairs))


def test_overlap_of_sets() -> None:
    assert metrics.overlap({1, 2, 3}, {2, 3, 4, 5}) == pytest.approx((2 / 3, 0.5, 4 / 7))
    assert metrics.overlap(set(), set()) == (1, 1, 1)
    assert metrics.overlap(set(), {1}) == (0, 0, 0)


def test_answers_are_compared_as_squad_does() -> None:
    assert metrics.contains_answer("It was “The Tide”, she said.", ["tide"])
    assert not metrics.contains_answer("It was the tidewater.", ["tide"])
    assert metrics.token_f1("in the spring of 2028", ["spring 2028"]) == pytest.approx(2 * 0.5 / 1.5)
    assert metrics.token_f1("", [""]) == 1.0


def test_shingles_are_counted_as_the_benchmark_does() -> None:
    page = metrics.shingled("one two three four five", "one two three four six")
    assert page == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert metrics.shingle_scores([page, metrics.shingled("a b", "a b")]).f1 == pytest.approx(0.8)


def test_sentences_of_a_set_are_found_in_order_and_a_missing_one_is_empty() -> None:
    assert spans_of("Yes. No. Yes.", ["Yes.", "Perhaps.", "Yes."]) == [(0, 4), (4, 4), (9, 13)]


# --- what is made of a quotation --------------------------------------------------------------

SAID = "“Last week we also did not object to the 14 berths of Orrisport in March, and we will say so again,” she said."


@pytest.mark.parametrize("name", mutations.ALTERED)
def test_every_alteration_alters_and_is_never_called_verbatim(name: str, pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article(SAID)])
    words = mutations.ALTERED[name](SAID, random.Random(1))
    assert words is not None
    assert fold(words) != fold(SAID)
    assert pullquote.verify(words).verdict not in {"verbatim", "folded"}
    assert pullquote.verify(SAID).verdict == "verbatim"


def test_what_cannot_be_altered_so_is_left_out() -> None:
    assert mutations.with_another_number("Nobody came.", random.Random(1)) is None
    assert mutations.with_a_gap("Nobody came.", random.Random(1)) is None


# --- a whole run ------------------------------------------------------------------------------


@pytest.fixture
def polnear(tmp_path: Path) -> Path:
    """One article and a question of PolNeAR's form, and one that no sentence answers."""
    said = "The letters forgot the people who carry them, Thandie Ransome objected."
    text = f"{LEAK}\n\n{said}"
    start = text.index("The letters")
    folder = tmp_path / "polnear"
    folder.mkdir()
    known: dict[str, Any] = {"publisher": "Courier", "date": "2026-09-14", "author": "", "title": "Leak"}
    attribution = {"id": "E1", "content": [{"spans": [[start, start + 40]]}]}
    known["annotations"] = [{"attributions": [attribution]}]
    write_jsonl(folder / "articles.jsonl", [{"id": "leak", "text": text} | known])
    gold = {"doc": "leak", "content_start": start, "content_end": start + 40}
    other = {"doc": "leak", "attribution": "E1", "content": "The letters"}
    asked: dict[str, Any] = {"other_gold_same_speaker_verb": [], "unique_in_split": True}
    write_jsonl(
        folder / "questions.jsonl",
        [
            {"question": "What did Thandie Ransome object to?", "gold": [gold]} | asked,
            {"question": "What did nobody say?", "gold": []} | asked,
            {"question": "What did Ransome say was forgotten?", "gold": []}
            | asked
            | {"other_gold_same_speaker_verb": [other]},
        ],
    )
    return folder


def _evaluated(name: str, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setattr("rag.service.open_embedder", lambda _: embedder())
    (table,) = evaluate(name, path, Settings(home=tmp_path / "unused"), lambda _: None)
    return table


def test_every_system_answers_the_same_questions(
    polnear: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = _evaluated("polnear", polnear, tmp_path, monkeypatch)
    for name in ("Pullquote", "BM25 (bm25s)", "MiniLM alone", "both, plain RRF", "stock LangChain + Chroma"):
        figures = table.rows[name]
        assert not isinstance(figures, str)
        assert figures["hit@10"] == pytest.approx(2 / 3), name
    assert table.about["checked"] > 0
    assert (table.about["not_slices"], table.about["unresolved"]) == (0, 0)
    assert table.about["questions"] == 3
    assert not (tmp_path / "unused").exists()


def test_a_rival_that_is_not_installed_is_written_as_such(
    polnear: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = rivals.Framework(rivals.StockChain, "no-such-package-at-all")
    monkeypatch.setattr(rivals, "FRAMEWORKS", {"nothing": none})
    table = _evaluated("polnear", polnear, tmp_path, monkeypatch)
    assert table.rows["nothing"] == "no-such-package-at-all is not installed"
    assert "no-such-package-at-all is not installed" in table.markdown()
    assert "no-such-package-at-all is not installed" in table.text()


def test_an_unknown_set_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"'nowhere'.*polnear.*all"):
        list(evaluate("nowhere", tmp_path, Settings(), print))


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_without_the_files_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"Give the folder that holds this set's files"):
        list(evaluate(name, tmp_path, Settings(), print))


def test_the_command_prints_tables_as_one_object(polnear: Path, tmp_path: Path) -> None:
    done = run("eval", "polnear", str(polnear), "--no-rivals", "--json", home=tmp_path / "home")
    assert done.code == 0
    (table,) = done.json["tables"]
    assert (table["set"], list(table["rows"])) == ("polnear", ["Pullquote"])
    assert {"date", "machine", "versions", "settings"} <= table["about"].keys()
    assert run("eval", "polnear", str(tmp_path / "no"), "--json", home=tmp_path / "home").code == 2


def test_a_text_is_embedded_once_and_a_question_asked_once() -> None:
    words = WordVectors()
    remembering = Remembering(words)
    first = remembering.embed_documents(["harbour", "bridge", "harbour"])
    assert first[0] == first[2] != first[1]
    assert np.allclose(remembering.embed_documents(["bridge"]), [first[1]])
    assert words.documents == 2
    asked: list[str] = []

    class Counting:
        name = "counting"

        def rank(self, question: str, limit: int, within: str = "") -> list[Ranked]:
            asked.append(question)
            return []

    once = Once(Counting())
    assert [once.rank("a", 3), once.rank("a", 3), once.rank("a", 5), once.rank("a", 3, "x")] == [[]] * 4
    assert asked == ["a"] * 3


# --- the scorecard ----------------------------------------------------------------------------


def test_figures_are_put_between_their_marks_and_words_stay(tmp_path: Path) -> None:
    about = {"date": "2026-11-24", "machine": "2 cores", "questions": 2, "versions": {"chromadb": "1"}}
    record = {"set": "polnear", "rows": {"Pullquote": {"hit@1": 0.8156}, "other": "cannot"}, "about": about}
    result = tmp_path / "result.json"
    result.write_text(json.dumps({"tables": [record]}))
    marks = "Before.\n<!-- figures: polnear -->\nold\n<!-- end -->\nAfter.\n<!-- figures: wice -->\n<!-- end -->\n"
    text = scorecard.filled(marks, scorecard.tables([result]))
    assert "| Pullquote | 0.816 |" in text
    assert "| other | cannot |" in text
    assert "old" not in text
    assert text.startswith("Before.\n<!-- figures: polnear -->\n")
    assert "After.\n<!-- figures: wice -->\n<!-- end -->\n" in text
    assert scorecard.filled(text, scorecard.tables([result])) == text


def test_a_file_that_is_no_result_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(SourceError, match=r"x\.json: this is no result of `pullquote eval --json`"):
        scorecard.tables([tmp_path / "x.json"])
