"""The data sets: made-up records in each one's own form, what is read of them, and figures known by hand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from helpers import open_with, write_jsonl

from rag import Settings, verification
from rag.errors import SourceError
from rag.evals.evidence import contained_scores, evidence_scores, refusal_scores
from rag.evals.mutations import ALTERED
from rag.evals.sets import (
    clapnq,
    extraction,
    forms,
    integrity,
    polnear,
    realtimeqa,
    squad2,
    time_magazine,
    wice,
    xquad,
)
from rag.evals.systems import Once
from rag.evals.task import Asked, Place, Ranked, Task
from rag.text import Span, normalise
from rag.types import Checked, Verification

# --- what the tests share ---------------------------------------------------------------------


class Scripted:
    """A system that answers as it is told to, and remembers which article it was asked for."""

    name = "scripted"

    def __init__(self, answers: Mapping[str, Sequence[Ranked]]) -> None:
        self.answers = answers
        self.within: dict[str, str] = {}

    def rank(self, question: str, limit: int, within: str = "") -> list[Ranked]:
        self.within[question] = within
        return list(self.answers.get(question, ()))[:limit]


class Refusing(Scripted):
    """The same, and it refuses to answer below a score."""

    threshold = 0.5


def ranked(*places: Place, scores: Iterable[float] = ()) -> list[Ranked]:
    """`places` with `scores`, or with falling ones."""
    given = list(scores) or [1 / rank for rank in range(1, len(places) + 1)]
    return [Ranked(place, score) for place, score in zip(places, given, strict=True)]


def stands(task: Task, article: str, words: str) -> Place:
    """Where `words` stand, once only, in an article of `task`."""
    text = task.texts[article]
    assert text.count(words) == 1
    start = text.index(words)
    return Place(article, Span(start, start + len(words)))


def said(task: Task, places: Iterable[Place]) -> list[str]:
    """The words at `places`."""
    return [task.texts[place.article][place.span.start : place.span.end] for place in places]


def whole(article: str) -> Place:
    return Place(article, Span(0, 10))


def only(task: Task, *questions: Asked) -> Task:
    """`task` with nothing but `questions` asked."""
    return Task(task.name, task.unit, task.articles, questions, task.sentences)


SHORTENED = "Cafe\u0301 owners\r\nof Orrisport met. "
"""Two characters longer than once it is normalised: an accent of its own, and a line end of two."""


def test_the_text_before_the_marks_gets_shorter() -> None:
    assert len(normalise(SHORTENED)) == len(SHORTENED) - 2


# --- polnear ----------------------------------------------------------------------------------

FERRY = "Ilse Varga rejected the night ferry. Bo Carr praised it. Later Varga rejected the toll."


@pytest.fixture
def polnear_task(tmp_path: Path) -> Task:
    text = SHORTENED + FERRY

    def span(words: str) -> list[int]:
        return [text.index(words), text.index(words) + len(words)]

    attribution = {"source": [], "cue": [], "quoted": [], "kind": "indirect"}
    marked = [
        attribution | {"id": "E1", "content": [{"spans": [span("the night ferry")], "text": "the night ferry"}]},
        attribution | {"id": "E2", "content": [{"spans": [span("the toll")], "text": "the toll"}]},
    ]
    known = {"publisher": "Courier", "date": "2026-09-14", "author": None, "title": "Ferries"}
    annotations = [{"annotator": "a1", "attributions": marked}]
    write_jsonl(tmp_path / "articles.jsonl", [{"id": "ferry", "text": text, "annotations": annotations} | known])
    start, end = span("the night ferry")
    gold = {"doc": "ferry", "attribution": "E1", "content_start": start, "content_end": end}
    praise = {"doc": "ferry", "attribution": "E3"} | dict(
        zip(("content_start", "content_end"), span("praised it"), strict=True)
    )
    other = {"doc": "ferry", "attribution": "E2", "content": "the toll"}
    write_jsonl(
        tmp_path / "questions.jsonl",
        [
            {
                "question": "What did Ilse Varga reject?",
                "gold": [gold],
                "other_gold_same_speaker_verb": [other],
                "unique_in_split": True,
            },
            {
                "question": "What did Carr praise?",
                "gold": [praise],
                "other_gold_same_speaker_verb": [],
                "unique_in_split": False,
            },
        ],
    )
    return polnear.load(tmp_path)


def test_polnear_marks_are_moved_where_normalising_shortens_the_text(polnear_task: Task) -> None:
    varga, carr = polnear_task.asked
    assert said(polnear_task, varga.gold) == ["the night ferry", "the toll"]
    assert said(polnear_task, carr.gold) == ["praised it"]
    assert (varga.unique, carr.unique) == (True, False)


def test_polnear_articles_are_read_with_what_is_known_of_them(polnear_task: Task) -> None:
    (article,) = polnear_task.articles
    assert article.text == f"Café owners\nof Orrisport met. {FERRY}"
    assert (article.external_id, article.title, article.author) == ("ferry", "Ferries", "")
    assert (article.publisher, article.published) == ("Courier", "2026-09-14")


def test_polnear_counts_any_marked_words_and_unique_questions_apart(polnear_task: Task) -> None:
    varga, carr = polnear_task.asked
    praise = stands(polnear_task, "ferry", "Bo Carr praised it.")
    toll = stands(polnear_task, "ferry", "Later Varga rejected the toll.")
    figures = polnear.measure(Scripted({varga.text: ranked(praise, toll)}), polnear_task)
    assert figures == {"hit@1": 0, "hit@5": 1, "hit@10": 1, "all hit@1": 0, "all hit@5": 0.5, "all hit@10": 0.5}
    figures = polnear.measure(Scripted({carr.text: ranked(praise)}), polnear_task)
    assert figures == {"hit@1": 0, "hit@5": 0, "hit@10": 0, "all hit@1": 0.5, "all hit@5": 0.5, "all hit@10": 0.5}


# --- forms ------------------------------------------------------------------------------------

BARGES = "Ilse Varga objected to slow orange barges under the western bridge when Bo Carr spoke."


@pytest.fixture
def forms_task(tmp_path: Path) -> Task:
    content = "slow orange barges under the western bridge"
    start = BARGES.index(content)
    end = start + len(content)
    known = {"publisher": "Courier", "date": "2026-09-14", "author": None, "title": "Barges"}
    annotations = [{"annotator": "a1", "attributions": []}]
    write_jsonl(tmp_path / "articles.jsonl", [{"id": "barges", "text": BARGES, "annotations": annotations} | known])
    gold = {
        "doc": "barges",
        "content": content,
        "content_start": start,
        "content_end": end,
        "cue": "objected",
        "evidence": BARGES,
    }
    row = {"question": "What did Ilse Varga object to?", "speaker": "Ilse Varga", "verb": "object", "gold": [gold]}
    again = {"other_gold_same_speaker_verb": [], "unique_in_split": False}
    write_jsonl(
        tmp_path / "questions.jsonl", [row | again | {"unique_in_split": True}, row | again | {"speaker": "Al"}]
    )
    return forms.load(tmp_path)


def test_speech_with_one_right_place_is_asked_for_in_every_form(forms_task: Task) -> None:
    assert [asked.text for asked in forms_task.asked] == [
        "Who objected that slow orange barges under western bridge?",
        "Did Ilse Varga object that slow orange barges under western?",
        "What is Ilse Varga’s position on western bridge?",
        "How did Ilse Varga respond to Bo Carr?",
    ]
    for asked in forms_task.asked:
        assert said(forms_task, asked.gold) == ["slow orange barges under the western bridge"]


def test_each_form_is_counted_apart(forms_task: Task) -> None:
    who, did, *_ = (asked.text for asked in forms_task.asked)
    right, wrong = stands(forms_task, "barges", "slow orange barges"), stands(forms_task, "barges", "Bo Carr")
    figures = forms.measure(Scripted({who: ranked(right), did: ranked(wrong, right)}), forms_task)
    assert {name: figure for name, figure in figures.items() if figure} == {
        "who hit@1": 1,
        "who hit@5": 1,
        "did hit@5": 1,
    }


# --- realtimeqa -------------------------------------------------------------------------------


@pytest.fixture
def news(tmp_path: Path) -> Task:
    record = {"split": "latest", "week": "20260918"}
    write_jsonl(
        tmp_path / "articles.jsonl",
        [
            record
            | {
                "id": "a1",
                "url": "https://Courier.example/quay?utm_source=x#top",
                "title": "Quay opens",
                "date": "2026/09/14",
                "authors": ["Ann Bell", "Bo Carr"],
                "text": "Cafe\u0301s line the quay.",
            },
            record | {"id": "a2", "url": None, "title": None, "date": "May 2026", "authors": None, "text": "A storm."},
            record | {"id": "a3", "url": "", "title": "Empty", "date": "", "authors": [], "text": " \n"},
        ],
    )
    write_jsonl(
        tmp_path / "questions.jsonl",
        [
            {"id": "q1", "question": "What lines the quay?", "answer": ["Cafés", "Shops"], "gold_docs": ["a1", "a9"]},
            {"id": "q2", "question": "What came?", "answer": ["A storm"], "gold_docs": ["a2"]},
        ],
    )
    return realtimeqa.load(tmp_path)


def test_realtimeqa_leaves_out_articles_without_text(news: Task) -> None:
    quay, storm = news.articles
    assert (quay.text, quay.title, quay.author) == ("Cafés line the quay.", "Quay opens", "Ann Bell, Bo Carr")
    assert (quay.published, quay.url) == ("2026-09-14", "https://courier.example/quay")
    assert (storm.title, storm.author, storm.published, storm.url) == ("", "", "", "")


def test_realtimeqa_asks_for_articles(news: Task) -> None:
    lines, came = news.asked
    assert (lines.relevant, lines.answers) == ({"a1", "a9"}, ("Cafés", "Shops"))
    assert (came.text, came.relevant, came.within) == ("What came?", {"a2"}, "")


def test_realtimeqa_counts_an_article_once_however_many_passages_it_has(news: Task) -> None:
    lines, came = news.asked
    passages = [Place("a2", Span(n, n + 1)) for n in range(12)]
    system = Scripted({lines.text: ranked(*passages, whole("a1")), came.text: ranked(whole("a2"))})
    assert realtimeqa.measure(system, news) == {"hit@1": 0.5, "hit@10": 1, "MRR@10": 0.75}


def test_realtimeqa_looks_no_further_than_ten_articles(news: Task) -> None:
    ten = [whole(f"x{n}") for n in range(10)]
    system = Scripted({asked.text: ranked(*ten, *map(whole, asked.relevant)) for asked in news.asked})
    assert realtimeqa.measure(system, news) == {"hit@1": 0, "hit@10": 0, "MRR@10": 0}


# --- time -------------------------------------------------------------------------------------


@pytest.fixture
def time_task(tmp_path: Path) -> Task:
    record = {"header": "017 01/04/28 PAGE 020"}
    docs = [
        record | {"id": "1", "date": "1928-01-04", "text": "THE QUAY . THE TOLL"},
        record | {"id": "2", "date": None, "text": "A\r\nSTORM"},
        record | {"id": "3", "date": "1928-01-11", "text": "THE FERRY"},
    ]
    write_jsonl(tmp_path / "docs.jsonl", docs)
    queries = [
        {"id": "1", "query": "TOLLS OF QUAY AND FERRY", "relevant": ["1", "3", "500"]},
        {"id": "2", "query": "STORMS", "relevant": ["2"]},
        {"id": "3", "query": "WHAT IS NOT HERE", "relevant": ["501"]},
    ]
    write_jsonl(tmp_path / "queries.jsonl", queries)
    return time_magazine.load(tmp_path)


def test_time_leaves_out_documents_that_do_not_exist(time_task: Task) -> None:
    assert [(asked.text, asked.relevant) for asked in time_task.asked] == [
        ("TOLLS OF QUAY AND FERRY", {"1", "3"}),
        ("STORMS", {"2"}),
    ]
    read = [(a.external_id, a.published, a.text) for a in time_task.articles]
    assert read[0] == ("1", "1928-01-04", "THE QUAY . THE TOLL")
    assert read[1] == ("2", "", "A\nSTORM")


def test_time_figures_by_hand(time_task: Task) -> None:
    tolls, storms = (asked.text for asked in time_task.asked)
    perfect = {tolls: ranked(whole("3"), whole("3"), whole("1")), storms: ranked(whole("2"))}
    assert time_magazine.measure(Scripted(perfect), time_task) == pytest.approx({"nDCG@10": 1, "MAP": 1})
    assert time_magazine.measure(Scripted({}), time_task) == {"nDCG@10": 0, "MAP": 0}
    partial = {tolls: ranked(whole("2"), whole("1")), storms: ranked(whole("1"), whole("3"))}
    gain, ideal = 1 / math.log2(3), 1 + 1 / math.log2(3)
    expected = {"nDCG@10": gain / ideal / 2, "MAP": (1 / 2) / 2 / 2}
    assert time_magazine.measure(Scripted(partial), time_task) == pytest.approx(expected)


# --- clapnq -----------------------------------------------------------------------------------

RIVER = ["The cafe\u0301 stood by the river .", "It burned in May .", "Bell rebuilt it .", "Nobody sued the owner ."]
PLAIN = [normalise(sentence) for sentence in RIVER]
OTHER = ["Salt is mined at Orrisport .", "It is grey ."]


@pytest.fixture
def clapnq_task(tmp_path: Path) -> Task:
    def chosen(*sentences: str) -> dict[str, Any]:
        return {"answer": " ".join(sentences), "selected_sentences": list(sentences), "meta": {"round": 1}}

    river = {"title": "River", "text": " ".join(RIVER), "sentences": RIVER, "answerable": True}
    salt = {"title": "Salt", "text": " ".join(OTHER), "sentences": OTHER, "answerable": False}
    write_jsonl(
        tmp_path / "qa.jsonl",
        [
            river | {"id": "1", "question": "what befell it", "outputs": [chosen(RIVER[2]), chosen(*RIVER[1:3])]},
            river | {"id": "2", "question": "where did it stand", "outputs": [chosen(RIVER[0] + " ")]},
            salt | {"id": "3", "question": "who mines salt", "outputs": [{"answer": "", "selected_sentences": None}]},
        ],
    )
    return clapnq.load(tmp_path)


def test_clapnq_questions_about_one_text_share_its_article(clapnq_task: Task) -> None:
    assert [(a.external_id, a.title) for a in clapnq_task.articles] == [("1", "River"), ("3", "Salt")]
    assert [asked.within for asked in clapnq_task.asked] == ["1", "1", "3"]
    assert said(clapnq_task, clapnq_task.sentences["1"]) == PLAIN
    assert said(clapnq_task, clapnq_task.sentences["3"]) == OTHER


def test_clapnq_gold_is_what_any_annotator_selected(clapnq_task: Task) -> None:
    befell, stood, unanswerable = clapnq_task.asked
    assert said(clapnq_task, befell.gold) == PLAIN[1:3]
    assert said(clapnq_task, stood.gold) == PLAIN[:1]
    assert unanswerable.gold == ()
    assert [asked.answerable for asked in clapnq_task.asked] == [True, True, False]


def test_clapnq_figures_by_hand(clapnq_task: Task) -> None:
    befell, stood, unanswerable = clapnq_task.asked
    first, second, third, _ = clapnq_task.sentences["1"]
    answers = {
        befell.text: ranked(second, third, scores=[0.9, 0.8]),
        stood.text: ranked(second, first, scores=[0.4, 0.3]),
        unanswerable.text: ranked(clapnq_task.sentences["3"][0], scores=[0.4]),
    }
    expected = {"P@3": 0.75, "R@3": 1, "F1@3": (1 + 2 / 3) / 2, "hit@1": 0.5, "abstention AUROC": 0.75}
    system = Scripted(answers)
    assert clapnq.measure(system, clapnq_task) == pytest.approx(expected)
    assert system.within == {befell.text: "1", stood.text: "1", unanswerable.text: "3"}
    expected |= {"answered, answerable": 0.5, "answered, unanswerable": 0}
    assert clapnq.measure(Refusing(answers), clapnq_task) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        pytest.param([1, 2], (1, 1, 1, 1), id="all"),
        pytest.param([0, 1, 3], (1 / 3, 1 / 2, 0.4, 0), id="some"),
        pytest.param([2], (1, 1 / 2, 2 / 3, 1), id="one"),
        pytest.param([0, 3], (0, 0, 0, 0), id="wrong"),
        pytest.param([], (0, 0, 0, 0), id="nothing"),
        pytest.param([0, 3, 0, 1], (0, 0, 0, 0), id="too late"),
    ],
)
def test_evidence_is_compared_in_sentences(clapnq_task: Task, returned: list[int], expected: Sequence[float]) -> None:
    asked = clapnq_task.asked[0]
    system = Scripted({asked.text: ranked(*(clapnq_task.sentences["1"][n] for n in returned))})
    figures = evidence_scores(system, only(clapnq_task, asked))
    assert tuple(figures.values()) == pytest.approx(expected)
    assert list(figures) == ["P@3", "R@3", "F1@3", "hit@1"]


@pytest.mark.parametrize(("past_half", "recall"), [(-1, 0), (0, 0), (1, 0.5)])
def test_a_place_counts_as_a_sentence_from_its_greater_part_on(
    clapnq_task: Task, past_half: int, recall: float
) -> None:
    asked = clapnq_task.asked[0]
    start, end = asked.gold[0].span
    assert (end - start) % 2 == 0
    part = Place("1", Span(start, (start + end) // 2 + past_half))
    figures = evidence_scores(Scripted({asked.text: ranked(part)}), only(clapnq_task, asked))
    assert (figures["R@3"], figures["P@3"]) == (recall, float(recall > 0))


def test_one_place_may_count_as_several_sentences(clapnq_task: Task) -> None:
    asked = clapnq_task.asked[0]
    first, _, third, _ = clapnq_task.sentences["1"]
    long = Place("1", Span(first.span.end - 5, third.span.end - 3))
    figures = evidence_scores(Scripted({asked.text: ranked(long)}), only(clapnq_task, asked))
    assert set(figures.values()) == {1}


# --- wice -------------------------------------------------------------------------------------


@pytest.fixture
def wice_task(tmp_path: Path) -> Task:
    page = ["Cafe\u0301  opens", "", "Bell owns it.", "Ann Bell has owned the café\nsince May.", "Rain fell."]
    meta = {"claim_title": "Café"}
    write_jsonl(
        tmp_path / "claims.jsonl",
        [
            {
                "id": "c1",
                "label": "supported",
                "claim": "Bell owns a café.",
                "evidence": page,
                "supporting_sentences": [[0, 2], [3]],
                "meta": meta,
            },
            {
                "id": "c2",
                "label": "not_supported",
                "claim": "Bell sings.",
                "evidence": ["She is here."],
                "supporting_sentences": [[]],
                "meta": meta,
            },
            {
                "id": "c3",
                "label": "not_supported",
                "claim": "Carr sings.",
                "evidence": ["He is not."],
                "supporting_sentences": [],
                "meta": meta,
            },
        ],
    )
    return wice.load(tmp_path)


def test_wice_pages_are_lines_and_alternatives_stand_side_by_side(wice_task: Task) -> None:
    lines = ["Café opens", "", "Bell owns it.", "Ann Bell has owned the café since May.", "Rain fell."]
    assert wice_task.texts["c1"] == "\n".join(lines)
    assert said(wice_task, wice_task.sentences["c1"]) == lines
    (asked,) = wice_task.asked
    assert (asked.text, asked.within, asked.gold) == ("Bell owns a café.", "c1", ())
    assert [said(wice_task, places) for places in asked.alternatives] == [[lines[0], lines[2]], [lines[3]]]


def test_wice_keeps_the_pages_of_claims_that_nothing_supports(wice_task: Task) -> None:
    assert list(wice_task.texts) == ["c1", "c2", "c3"]


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        pytest.param([3], (1, 1, 1, 1), id="the second alternative"),
        pytest.param([2, 0], (1, 1, 1, 1), id="the first alternative"),
        pytest.param([0], (1, 1 / 2, 2 / 3, 1), id="half of the first"),
        pytest.param([4, 3], (1 / 2, 1, 2 / 3, 0), id="after a wrong one"),
        pytest.param([4], (0, 0, 0, 0), id="neither"),
    ],
)
def test_the_best_alternative_counts(wice_task: Task, returned: list[int], expected: Sequence[float]) -> None:
    (asked,) = wice_task.asked
    system = Scripted({asked.text: ranked(*(wice_task.sentences["c1"][n] for n in returned))})
    assert tuple(wice.measure(system, wice_task).values()) == pytest.approx(expected)


# --- squad2 and xquad -------------------------------------------------------------------------

QUAY = "The quay of New Orrisport opened in 1928. Ann Bell built it. It has 14 berths."
TIDE = "The tide mill ground rye. Bo Carr ran it."


def _asked(context: str, question: str, *answers: str) -> dict[str, Any]:
    return {
        "title": "Orrisport",
        "para": "Orrisport#0",
        "context": context,
        "question": question,
        "answers": [{"text": words, "start": context.index(words)} for words in answers],
        "is_impossible": not answers,
    }


def _squad(module: ModuleType, folder: Path) -> Task:
    quay = SHORTENED + QUAY
    records = [
        _asked(quay, "Where is the quay?", "New Orrisport", "Orrisport opened"),
        _asked(TIDE, "Who ran the mill?", "Bo Carr"),
    ]
    if module is squad2:
        plausible = {"answers": [{"text": "Ann Bell", "start": quay.index("Ann Bell")}]}
        records += [_asked(quay, "Who sold the quay?") | plausible, _asked(TIDE, "Who sold the mill?")]
    write_jsonl(folder / "qa.jsonl", records)
    task: Task = module.load(folder)
    return task


@pytest.fixture
def squad_task(tmp_path: Path) -> Task:
    return _squad(squad2, tmp_path)


@pytest.mark.parametrize("module", [squad2, xquad])
def test_squad_answers_slice_exactly_though_normalising_shortens_the_text(module: ModuleType, tmp_path: Path) -> None:
    task = _squad(module, tmp_path)
    where, who = task.asked[:2]
    assert said(task, where.gold) == ["New Orrisport", "Orrisport opened"] == list(where.answers)
    assert said(task, who.gold) == ["Bo Carr"] == list(who.answers)


def test_squad2_asks_a_paragraph_and_knows_what_it_does_not_answer(squad_task: Task) -> None:
    quay, tide = squad_task.articles
    assert (quay.text, tide.text) == (normalise(SHORTENED) + QUAY, TIDE)
    names = [quay.external_id, tide.external_id]
    assert [asked.within for asked in squad_task.asked] == names * 2
    assert [asked.answerable for asked in squad_task.asked] == [True, True, False, False]
    assert all(asked.gold == asked.answers == () for asked in squad_task.asked[2:])


def test_squad2_figures_by_hand(squad_task: Task) -> None:
    quay, tide = squad_task.texts
    where, who, sold_quay, _ = (asked.text for asked in squad_task.asked)
    built = stands(squad_task, quay, "Ann Bell built it.")
    opened = stands(squad_task, quay, "The quay of New Orrisport opened in 1928.")
    answers = {
        where: ranked(built, opened, scores=[0.5, 0.3]),
        who: ranked(stands(squad_task, tide, "Bo Carr ran it."), scores=[0.9]),
        sold_quay: ranked(built, scores=[0.5]),
    }
    expected = {"answer in first 1": 0.5, "answer in first 3": 1, "abstention AUROC": 3.5 / 4}
    assert squad2.measure(Scripted(answers), squad_task) == expected
    expected |= {"answered, answerable": 1, "answered, unanswerable": 0.5}
    assert squad2.measure(Refusing(answers), squad_task) == expected
    assert squad2.measure(Once(Refusing(answers)), squad_task) == expected


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        pytest.param(["The quay of New Orrisport opened"], (1, 1), id="first"),
        pytest.param(["It has 14 berths.", "of New Orrisport opened in 1928"], (0, 1), id="second"),
        pytest.param(["It has", "14", "berths", "New Orrisport opened"], (0, 0), id="fourth"),
        pytest.param(["quay of New", "Ann Bell built it."], (0, 0), id="a part"),
        pytest.param(["quay of New", "Orrisport"], (0, 0), id="only across two"),
        pytest.param([], (0, 0), id="nothing"),
    ],
)
def test_an_answer_is_contained_word_for_word_in_one_place(
    squad_task: Task, returned: list[str], expected: tuple[float, float]
) -> None:
    asked = squad_task.asked[0]
    text = squad_task.texts[asked.within]
    starts = [text.rindex(words) for words in returned]
    if returned[1:] == ["Orrisport"]:
        starts[1] = text.index("Orrisport")
    places = [Place(asked.within, Span(at, at + len(words))) for at, words in zip(starts, returned, strict=True)]
    figures = contained_scores(Scripted({asked.text: ranked(*places)}), only(squad_task, asked))
    assert figures == dict(zip(("answer in first 1", "answer in first 3"), expected, strict=True))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        pytest.param([[0.9], [0.6], [0.4], [0.1]], (1, 1, 0), id="told apart"),
        pytest.param([[0.1, 0.9], [0.4], [0.4], []], (3.5 / 4, 0.5, 0), id="partly, the best score counts"),
        pytest.param([[0.4], [0.1], [0.9], [0.5]], (0, 0, 1), id="the wrong way round"),
        pytest.param([[], [], [], []], (0.5, 0, 0), id="never an answer"),
    ],
)
def test_refusals_are_told_apart_by_the_best_score(
    squad_task: Task, scores: list[list[float]], expected: Sequence[float]
) -> None:
    answers = {
        asked.text: ranked(*[whole(asked.within)] * len(given), scores=given)
        for asked, given in zip(squad_task.asked, scores, strict=True)
    }
    assert refusal_scores(Scripted(answers), squad_task) == {"abstention AUROC": expected[0]}
    assert tuple(refusal_scores(Refusing(answers), squad_task).values()) == expected


def test_xquad_does_not_give_the_paragraph_away(tmp_path: Path) -> None:
    task = _squad(xquad, tmp_path)
    quay, tide = task.texts
    where, who = (asked.text for asked in task.asked)
    wrong = stands(task, tide, "Bo Carr ran it.")
    right = stands(task, quay, "The quay of New Orrisport opened in 1928.")
    system = Scripted({where: ranked(wrong, right), who: ranked(wrong)})
    expected = {"answer in first 1": 0.5, "answer in first 3": 1, "paragraph hit@1": 0.5}
    assert xquad.measure(system, task) == expected
    assert system.within == {where: "", who: ""}
    beside = Scripted({where: ranked(stands(task, quay, "It has 14 berths."))})
    assert xquad.measure(beside, task) == {"answer in first 1": 0, "answer in first 3": 0, "paragraph hit@1": 0.5}
    assert set(xquad.measure(Scripted({}), task).values()) == {0}


# --- extraction -------------------------------------------------------------------------------

PARAGRAPHS = [
    "The harbour board of Orrisport voted on Thursday to keep the old quay open through the winter, after "
    "fishermen had told it that the new one would not be ready before the herring came.",
    "Ilse Varga, the mayor, said that the town would pay for the lamps and the two night watchmen, and that "
    "she expected the company to pay for everything else, as its contract required.",
    "A survey of the eelgrass, which the ecologist Edda Maskell has asked for since the spring, will begin "
    "next week and is to be published in full before anybody drives another pile.",
]


@pytest.fixture
def pages(tmp_path: Path) -> list[extraction.Page]:
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    menu = "<nav><ul><li><a href='/'>Front page</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
    page = (
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Quay stays open</title></head><body>"
        f"{menu}<main><article><h1>Quay stays open</h1>{body}</article></main>"
        "<footer>All rights reserved by the Courier</footer></body></html>"
    )
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "quay.html").write_text(page, "utf-8")
    row = {"id": "quay", "url": "https://courier.example/quay", "file": "html/quay.html"}
    write_jsonl(tmp_path / "ground_truth.jsonl", [row | {"article_body": "\n\n".join(PARAGRAPHS)}])
    return extraction.load(tmp_path)


def test_pages_are_read_with_the_text_that_is_marked(pages: list[extraction.Page]) -> None:
    (page,) = pages
    assert (page.name, page.marked) == ("html/quay.html", "\n\n".join(PARAGRAPHS))
    assert page.data.startswith(b"<!DOCTYPE html>")


def test_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "ground_truth.jsonl", [{"file": "html/gone.html", "article_body": "Gone."}])
    with pytest.raises(SourceError, match=r"gone\.html.*Give the folder that holds this set's files"):
        extraction.load(tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("one two three four five six seven eight", (1, 1, 1), id="perfect"),
        pytest.param("one two three four five", (1, 2 / 5, 4 / 7), id="a part"),
        pytest.param("Front page one two three four five six seven eight", (5 / 7, 1, 5 / 6), id="too much"),
        pytest.param("Sport and weather for all", (0, 0, 0), id="another text"),
        pytest.param("", (0, 0, 0), id="nothing"),
    ],
)
def test_extracted_text_is_compared_in_runs_of_four_words(text: str, expected: Sequence[float]) -> None:
    page = extraction.Page("x.html", b"", "one two three four five six seven eight")
    figures = extraction.measure(lambda name, data: text, [page])
    assert figures.pop("ms a page") >= 0
    assert tuple(figures.values()) == pytest.approx(expected)
    assert list(figures) == ["precision", "recall", "F1"]


def test_every_extractor_finds_the_article_and_not_the_menu(pages: list[extraction.Page]) -> None:
    (page,) = pages
    found = extraction.extractors(Settings())
    assert list(found) == ["Pullquote", "trafilatura, defaults"]
    for name, extract in found.items():
        text = extract(page.name, page.data)
        assert all(paragraph in text for paragraph in PARAGRAPHS), name
        assert "Front page" not in text, name
        figures = extraction.measure(extract, pages)
        assert (figures["recall"], figures["F1"] > 0.9) == (1, True), name


def test_what_the_product_cannot_read_is_an_empty_text() -> None:
    assert extraction.extractors(Settings())["Pullquote"]("x.html", b"") == ""


# --- integrity --------------------------------------------------------------------------------

VARGA = "“In March we will keep all 14 berths at Orrisport open, and the town will not pay for it again,”"
CARR = "“The company has offered to pay for the lamps,”"
BOARD = f"The board met on Monday.\n\n{VARGA} Ilse Varga said.\n\n{CARR} Bo Carr said.\n\n“We shall see,” he said."


def _quotation(quote: str, speaker: str, pronoun: bool = False) -> dict[str, Any]:
    known = {"doc": "board", "attribution": "E1", "cue": "said", "speaker_spans": [], "speaker_coref_auto": ""}
    return known | {
        "quote": quote,
        "start": 0,
        "end": 0,
        "speaker": speaker,
        "speaker_is_pronoun": pronoun,
        "words": len(quote.split()),
    }


def _marked(folder: Path, *quotations: dict[str, Any], text: str = BOARD) -> integrity.Marked:
    write_jsonl(folder / "articles.jsonl", [{"id": "board", "text": text}])
    write_jsonl(folder / "direct_quotes.jsonl", quotations)
    return integrity.load(folder)


def _measured(folder: Path, *quotations: dict[str, Any], text: str = BOARD) -> dict[str, dict[str, float]]:
    marked = _marked(folder, *quotations, text=text)
    with TemporaryDirectory() as home, open_with(Path(home)) as pullquote:
        pullquote.ingest_articles(marked.articles.articles)
        return integrity.measure(pullquote, marked.quotations)


def _counts(made: int, passed: int) -> dict[str, float]:
    return {"made": made, "called verbatim": passed, "refused": made - passed}


def test_integrity_reads_quotations_with_their_speakers_names(tmp_path: Path) -> None:
    marked = _marked(
        tmp_path,
        _quotation(f" {VARGA}\n", "Mayor Ilse Varga’s"),
        _quotation("“We shall see,”", "Bo Carr"),
        _quotation(CARR, "He", pronoun=True),
        _quotation("“We will keep it,” she said. “It is not for sale.”", "Ilse Varga"),
        text=BOARD.replace("\n", "\r\n"),
    )
    varga, carr = marked.quotations
    assert (varga.words, varga.speaker, varga.article) == (VARGA.strip("“”"), "Varga", "board")
    assert (carr.words, carr.speaker, carr.another) == (CARR.strip("“”"), "", "Varga")
    assert [article.text for article in marked.articles.articles] == [BOARD]


def test_integrity_draws_the_same_quotations_each_time(tmp_path: Path) -> None:
    (one,) = _marked(tmp_path, _quotation(VARGA, "Ilse Varga")).quotations
    many = [one._replace(words=f"{one.words} {n}") for n in range(50)]
    assert integrity.drawn(many, 5) == integrity.drawn(many, 5) != many[:5]
    assert integrity.drawn(many) == many


def test_integrity_passes_the_true_and_refuses_the_false(tmp_path: Path) -> None:
    rows = _measured(tmp_path, _quotation(VARGA, "Ilse Varga"))
    assert rows == {
        "true: as it stands": _counts(1, 1),
        "true: re-flowed, other marks": _counts(1, 1),
        "false: negated": _counts(1, 0),
        "false: another number": _counts(1, 0),
        "false: another name": _counts(1, 0),
        "false: another date": _counts(1, 0),
        "false: cut after its negation": _counts(1, 0),
        "false: cut before its negation": _counts(1, 0),
        "false: a word left out": _counts(1, 0),
        "false: look-alike letters": _counts(1, 0),
        "false: spliced": _counts(1, 0),
        "true: under its speaker's name": _counts(1, 1),
        "false: under another's name": _counts(0, 0),
    }


def test_integrity_makes_no_change_that_the_words_do_not_bear(tmp_path: Path) -> None:
    rows = _measured(tmp_path, _quotation(CARR, "he", pronoun=True))
    made = {name for name, row in rows.items() if row["made"]}
    assert made == {
        "true: as it stands",
        "true: re-flowed, other marks",
        "false: negated",
        "false: a word left out",
        "false: look-alike letters",
        "false: spliced",
    }


def test_integrity_counts_a_quotation_that_stands_nowhere_as_refused(tmp_path: Path) -> None:
    rows = _measured(tmp_path, _quotation(VARGA.replace("March", "June"), "Ilse Varga"))
    assert rows["true: as it stands"] == rows["true: under its speaker's name"] == _counts(1, 0)


def test_integrity_leaves_out_an_alteration_that_somebody_else_said(tmp_path: Path) -> None:
    denied = "“The company has not offered to pay for the lamps,”"
    quotation = _quotation(CARR, "Bo Carr")
    both = _measured(tmp_path, quotation, text=f"{BOARD}\n\n{denied} Ilse Varga said.")
    assert both["false: negated"] == _counts(0, 0)
    assert _measured(tmp_path, quotation)["false: negated"] == _counts(1, 0)


def test_integrity_tries_true_words_under_another_name_of_the_article(tmp_path: Path) -> None:
    rows = _measured(tmp_path, _quotation(VARGA, "Ilse Varga"), _quotation(CARR, "Bo Carr"))
    assert rows["true: under its speaker's name"] == _counts(2, 2)
    assert rows["false: under another's name"] == _counts(2, 0)
    swapped = _measured(tmp_path, _quotation(VARGA, "Bo Carr"), _quotation(CARR, "Ilse Varga"))
    assert swapped["true: under its speaker's name"] == _counts(2, 0)
    assert swapped["false: under another's name"] == _counts(2, 2)


def test_integrity_counts_the_false_that_a_check_lets_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a check that lets all pass the table must tell, in every kind: or it measures nothing."""

    def lenient(self: object, words: str, *rest: object) -> Verification:
        return Verification("verbatim", (Checked(words, Span(0, len(words)), "", "verbatim", ()),))

    monkeypatch.setattr("rag.service.Pullquote.verify", lenient)
    rows = _measured(tmp_path, _quotation(VARGA, "Ilse Varga"), _quotation(CARR, "Bo Carr"))
    assert all(row["made"] == row["called verbatim"] for row in rows.values())
    assert all(rows[f"false: {kind}"]["called verbatim"] for kind in ALTERED)


def test_integrity_asks_what_the_verify_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(text: str, *rest: Any) -> Verification:
        asked.append(text)
        return verification.verify(text, *rest)

    monkeypatch.setattr("rag.service.verification", SimpleNamespace(verify=counting, look_over=verification.look_over))
    rows = _measured(tmp_path, _quotation(VARGA, "Ilse Varga"))
    assert len(asked) == sum(row["made"] for row in rows.values()) > 0
