"""Falsehoods over real articles: false sentences of every kind, the same for the same seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rag.evals.falsehoods import KINDS, Falsehood, falsehoods
from rag.evals.falsehoods.inflection import past, present
from rag.evals.falsehoods.lie import finished, is_balanced
from rag.evals.falsehoods.story import is_aside
from rag.evals.sets import prose
from rag.evals.table import Table
from tests.helpers import write_jsonl

pytest.importorskip("rag.entailment.parser", reason="no parser is installed")

QUAY = """Martin Weber wrote the first history of the old harbor before the war.

Anna Varga later criticized Laura Maskell sharply and without mercy.

The Orrisport Harbor Trust paid the bill of the builders in silence.

The Baltic Steel Company sent the lamps to the town at once.

Anna Varga criticized Laura Maskell on Tuesday at a long meeting of builders in Germany.

The council in Orrisport approved the second quay, but it did not accept the timetable of the builders.

Maskell said in a letter that the new ferries are too heavy for the old quay.

Anna Varga, the mayor of Orrisport, urged Laura Maskell to resign from the board of the harbor.

Laura Maskell refused to leave the office before the end of the year.

The company plans to close the northern dock in 2021 and could lose 40 berths.

Some fishermen said that more than 300 boats would need another harbor.

If the ferries stay away, the council will sell the northern dock to Brunner Shipping.

Maskell was accused of hiding the report about the cracks in the quay.

Peter Brandt, who defended Laura Maskell, left the meeting without signing the letter.

The father of Peter Brandt sold the old lighthouse to the town.

The report was allegedly written by a former harbor master named Otto Lindqvist.

Otto Lindqvist denied that the cracks were dangerous to the boats.

The new quay is larger than the old market, and its price rose from 12 percent to 30 percent of the budget.

Nobody knows whether the lighthouse keepers will lose their rooms.

Peter Brandt praised the builders and Anna Varga condemned the price of the stones.

Anna Varga hopes that Brunner Shipping will pay for the lamps.

The board of the Orrisport Harbor Trust must repair or replace the 14 old lamps on the quay.

The vice president of the Harbor Trust voted for the second quay, which cost $40 million.

He walked home along the wall after the long meeting of the council.

“The stones are far too heavy for the old wall,” Peter Brandt said.

Anna Varga said on Monday that the ferries came back to the harbor in May.

The harbor trust is a friend of the town, and the lighthouse has 60 rooms.

The builders carried the stones from Hamburg to Bremen in the spring.

Some stones fell into the deep water beside the wall.

The police kept the fishermen from blocking the gate of the harbor.

Peter Brandt claimed that Otto Lindqvist sold the keys of the tower.

The town painted the doors of the lighthouse with green paint in the summer.

The market opened for the children of the town at noon.
"""

SEA = """Gunnar Holm bought the salt works near Malvik in 1994.

The salt works employ nearly 90 people and sell 200 tons of salt.

Gunnar Holm opened a museum of salt behind the old chapel.

Petra Sand painted the walls of the museum with her brother.

The museum shows tools that the first workers left behind.

Visitors see the long pans and the wooden rakes of the works.
"""


def _span(text: str, words: str) -> list[int]:
    start = text.index(words)
    return [start, start + len(words)]


def _attribution(number: int, source: str, cue: str, content: str, kind: str = "indirect") -> dict[str, Any]:
    parts = {"source": source, "cue": cue, "content": content}
    marked = {name: [{"spans": [_span(QUAY, words)], "text": words}] for name, words in parts.items()}
    return {"id": f"E{number}", **marked, "quoted": [], "kind": kind}


ATTRIBUTIONS = [
    _attribution(1, "Maskell", "said", "that the new ferries are too heavy for the old quay"),
    _attribution(2, "Otto Lindqvist", "denied", "that the cracks were dangerous to the boats"),
    _attribution(3, "Peter Brandt", "said", "“The stones are far too heavy for the old wall,”", "direct"),
    _attribution(4, "Anna Varga", "said", "that the ferries came back to the harbor in May"),
    _attribution(5, "Peter Brandt", "claimed", "that Otto Lindqvist sold the keys of the tower"),
]

BRIDGE = (
    "The Malvik Bridge was built in 1902 by the town. Its engineer Karl Vane drew the plans in Oslo. "
    "The bridge has 12 arches. King Erik opened the bridge in 1904. The towers were added in 1911."
)


def _named(stem: str, aside: bool = False) -> str:
    """An id of one part."""
    return next(name for name in (f"{stem}-{n}" for n in range(99)) if is_aside(name) == aside)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for name in ("polnear", "realtimeqa"):
        (folder / name).mkdir()
        write_jsonl(folder / name / "questions.jsonl", [])
    for aside in (False, True):
        article = {"id": _named("quay", aside), "text": QUAY, "title": "Harbor trust sinks its own ferry timetable"}
        known = {"publisher": "Courier", "author": "", "date": "2018-09-18"}
        _append(folder / "polnear", "articles", article | known | {"annotations": [{"attributions": ATTRIBUTIONS}]})
        sea = {"id": _named("sea", aside), "text": SEA, "title": "Salt", "authors": [], "date": "2019/01/02", "url": ""}
        _append(folder / "realtimeqa", "articles", sea)
        for question in ("When was the Orrisport Bridge built?", "Why did the town close the Malvik Bridge?"):
            asked = {"para": _named("bridge", aside), "context": BRIDGE, "question": question, "is_impossible": True}
            _append(folder / "squad2", "qa", asked)
        searched = {"id": _named("arch", aside), "text": BRIDGE, "question": "when was the town hall built"}
        _append(folder / "clapnq", "qa", searched | {"title": "Bridge", "answerable": False})
    return folder


def _append(folder: Path, name: str, record: dict[str, Any]) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.jsonl"
    known = path.read_text("utf-8") if path.exists() else ""
    write_jsonl(path, [record])
    path.write_text(known + path.read_text("utf-8"), "utf-8")


@pytest.fixture(scope="module")
def lies(data: Path) -> list[Falsehood]:
    return falsehoods(data, "open", 3 * len(KINDS), seed=3)


def test_every_kind_of_falsehood_is_told(lies: list[Falsehood]) -> None:
    assert set(KINDS) - {lie.kind for lie in lies} == set()


def test_the_same_seed_tells_the_same_falsehoods(data: Path, lies: list[Falsehood]) -> None:
    assert falsehoods(data, "open", 3 * len(KINDS), seed=3) == lies
    assert falsehoods(data, "open", 3 * len(KINDS), seed=4) != lies


def test_no_falsehood_is_a_sentence_of_its_evidence(lies: list[Falsehood]) -> None:
    assert not [lie for lie in lies if lie.text in {excerpt.text for excerpt in lie.evidence}]


def test_a_falsehood_points_at_each_of_four_to_six_sentences_and_at_all(lies: list[Falsehood]) -> None:
    for lie in lies:
        numbers = tuple(range(1, len(lie.evidence) + 1))
        assert 4 <= len(numbers) <= 6
        assert {(n,) for n in numbers} | {numbers} <= set(lie.markers)
        assert set(lie.made_from) <= set(numbers)


def test_a_spliced_falsehood_points_at_the_pair_it_is_made_from(lies: list[Falsehood]) -> None:
    spliced = next(lie for lie in lies if lie.kind == "subject and predicate of two articles")
    assert len(spliced.made_from) == 2 and spliced.made_from in spliced.markers
    assert len({excerpt.article.id for excerpt in spliced.evidence}) == 2


def test_the_parts_have_no_article_in_common(data: Path, lies: list[Falsehood]) -> None:
    kept = falsehoods(data, "aside", 3 * len(KINDS), seed=3)
    ids = [{excerpt.article.external_id for lie in part for excerpt in lie.evidence} for part in (lies, kept)]
    assert ids[0] and ids[1] and ids[0].isdisjoint(ids[1])


def test_the_table_has_a_row_a_kind_and_a_total(lies: list[Falsehood]) -> None:
    told = [
        prose.Told(lie.kind, lie.question, lie.text, numbers, lie.evidence, is_shown=numbers == (1,), reason="")
        for lie in lies
        for numbers in lie.markers
    ]
    rows = prose.measure(told)
    assert list(rows)[-1] == "all falsehoods" and set(rows) == {*KINDS, "all falsehoods"}
    assert rows["all falsehoods"] == {"told": len(told), "shown": len(lies)}
    assert "all falsehoods" in Table("prose", rows).text()


def test_true_sentences_are_counted_by_themselves(data: Path, tmp_path: Path) -> None:
    words = "The council in Orrisport approved the second quay"
    truth = {"id": "t1", "set": "polnear", "article": _named("quay"), "evidence": [_span(QUAY, words)]}
    write_jsonl(tmp_path / "truths.jsonl", [truth | {"question": "", "text": f"{words}."}])
    (told,) = prose.judged_truths(data, tmp_path / "truths.jsonl")
    assert told.numbers == (1,) and told.evidence[0].text == words
    assert prose.measure([told])[prose.PARAPHRASES]["told"] == 1
    assert list(prose.judged_truths(data, tmp_path / "none.jsonl")) == []


@pytest.mark.parametrize(
    ("verb", "told"),
    [("close", "closed"), ("carry", "carried"), ("stop", "stopped"), ("be", "was"), ("withdraw", "withdrew")],
)
def test_a_verb_is_told_in_the_past(verb: str, told: str) -> None:
    assert past(verb) == told


def test_a_verb_is_told_of_one_in_the_present() -> None:
    assert [present(verb) for verb in ("close", "carry", "pass", "have")] == ["closes", "carries", "passes", "has"]


def test_what_comes_of_a_change_is_a_sentence_again() -> None:
    assert finished(" the quay , which fell,") == "The quay, which fell."
    assert not is_balanced("The quay (which fell was old.")
