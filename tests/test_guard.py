"""Nothing false that a language model writes is shown as a quotation, and hardly anything true is held back.

The stub that lies is `liar`; `faithful.toml` and `unfaithful.toml` are sentences by hand.
"""

from __future__ import annotations

import itertools
import random
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import liar
import pytest
from helpers import HEARING, article, assert_exact
from hypothesis import given
from hypothesis import strategies as st

from rag.figures import days, figures
from rag.grounds import Source
from rag.guard import claims, gate, renumbered, tally
from rag.polarity import agrees, polarity
from rag.prose import LONGEST, MOST, sentences
from rag.text import Span, fold, quoted
from rag.trial import Gated
from rag.types import Citation

LIES = 10_000
KNOWN: dict[str, int] = {}
"""Lies, by kind, of which so many of the 10,000 pass, with the reason beside each."""
WITHHELD_FAITHFUL = 14
"""Sentences of `faithful.toml` that are held back: most since the evidence does not name who speaks or acts, some for a
word put for another ("includes" for "takes in"). None may be added."""

HEARD = article(HEARING, title="Mayor objects to quay timetable", publisher="Gazette", published="2026-09-18")


@cache
def heard() -> tuple[Source, ...]:
    """The sentences of `HEARING`: 1 Varga objected; 2 and 3 her words; 4 Maskell warned; 5 her words; 6 Oyelade; 7."""
    return tuple(liar.numbered(liar.sources_of(HEARD)))


def through(answer: str, question: str = "") -> list[Gated]:
    return list(gate([answer], heard(), question))


def verdict(answer: str, question: str = "") -> tuple[str, str]:
    (gated,) = through(answer, question)
    return gated.verdict, gated.reason


# --- the stream -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A [1]. B [2].", [("A.", (1,)), ("B.", (2,))]),
        ("A.[1][2] B. [2]", [("A.", (1, 2)), ("B.", (2,))]),
        ("A [1, 3]. B [2–4]! C [2]?", [("A.", (1, 3)), ("B!", (2, 3, 4)), ("C?", (2,))]),
        ("Dr. Bell paid 4.2 on Sept. 3 to the U.S. [1].", [("Dr. Bell paid 4.2 on Sept. 3 to the U.S..", (1,))]),
        ("“No. Never. Not us,” she said [1]. Then.", [("“No. Never. Not us,” she said.", (1,)), ("Then.", ())]),
        ("A one.\nB two [2]\n\n- C", [("A one.", ()), ("B two", (2,)), ("- C", ())]),
        ("It ends in the middle [1]", [("It ends in the middle", (1,))]),
        ("A quotation “that never closes [1]. Next [2].", [("A quotation “that never closes.", (1,)), ("Next.", (2,))]),
        ("A [9–1]. B [1–900].", [("A.", ()), ("B.", ())]),
        ("", []),
        (" \n ", []),
    ],
)  # fmt: skip
def test_a_stream_is_cut_into_sentences_with_their_numbers(
    text: str, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert [(s.text, s.numbers) for s in sentences([text])] == expected


def test_a_sentence_that_runs_away_ends_the_reading() -> None:
    read = list(sentences(["Nothing [1]. ", "word " * LONGEST, "[1]. Later [2]."]))
    assert [s.ran_away for s in read] == [False, True]


def test_an_endless_stream_is_left_after_some_sentences() -> None:
    def endless() -> Iterator[str]:
        while True:
            yield "Nothing was decided [7]. "

    assert len(list(gate(endless(), heard()))) == MOST
    assert list(gate(itertools.repeat(" \n"), heard())) == []


def test_a_sentence_comes_out_as_soon_as_the_next_begins() -> None:
    pieces = iter(["Nothing was decided [7]", ". ", "T", "he mayor", " objected"])
    first = next(gate(pieces, heard()))
    assert (first.text, list(pieces)) == ("Nothing was decided.", ["he mayor", " objected"])


ANSWER = (
    "Ilse Varga, the mayor, objected to the timetable of the new quay [1]. “I have come to say no to a timetable,”"
    " Varga said. [3] Visit www.evil.example now [1].\nEdda Maskell said on Sept. 3 that 4.2 [4][5]!"
    " Nothing was decided.[7]"
)


@given(st.lists(st.integers(0, len(ANSWER)), max_size=40).map(sorted))
def test_where_a_stream_is_cut_makes_no_difference(cuts: list[int]) -> None:
    edges = [0, *cuts, len(ANSWER)]
    pieces = [ANSWER[a:b] for a, b in itertools.pairwise(edges)]
    assert list(gate(pieces, heard())) == through(ANSWER)


@given(st.text(alphabet=st.sampled_from("aB 1[],.–-“”\"'’!?\n\t\u200b(<"), max_size=120), st.integers(1, 7))
def test_any_text_is_read_alike_in_pieces_and_shown_only_with_a_marker(text: str, width: int) -> None:
    pieces = [text[i : i + width] for i in range(0, len(text), width)]
    assert list(sentences(pieces)) == list(sentences([text]))
    assert all(gated.numbers for gated in gate(pieces, heard()) if gated.is_shown)


# --- each rule, both ways ---------------------------------------------------------------------

PASSES = [
    "Ilse Varga, the mayor of Orrisport, objected to the timetable of the new quay [1].",
    "The mayor objected to the timetable of the new quay on Thursday [1].",
    "Varga said, “I have come to say no to a timetable.” [3]",
    "According to Varga, “I have come to say no to a timetable” [3].",
    'Varga said: "I have not come here to say no to work." [2]',
    "Varga said: ‘I have not come here to say no to work.’ [2]",
    "Varga said: «I have not come here to say no to work.» [2]",
    "“Mud does not read a licence,” Edda Maskell told the hearing [5].",
    "Maskell warned that silt could reach the eelgrass within two tides [4].",
    "Maskell, an ecologist, said silt could reach the eelgrass within 2 tides [4].",
    "Tamsin Oyelade denied that the survey had come late [6].",
    "Tamsin Oyelade said that the survey had not come late [6].",
    "**Nothing** was decided [7].",
    "- Nothing was decided [7]",
    "According to the Gazette, nothing was decided [7].",
]

FAILS = [
    ("Nothing was decided.", "no marker"),
    ("Nothing was decided [8].", "invented marker"),
    ("Nothing was decided [0].", "invented marker"),
    ("Nothing was decided [1].", "words"),
    ("“Mud does read a licence,” Maskell said [5].", "not verbatim"),
    ("“Mud does not rеad a licence,” Maskell said [5].", "characters"),
    ("Mud does not read a lіcence, Maskell said [5].", "characters"),
    ("“read a licence,” Maskell said [5].", "clipped"),
    ("“I have not come here to say no to a timetable,” Varga said [2][3].", "not verbatim"),
    ("“Mud does not read a licence, Maskell said [5].", "not verbatim"),
    ("Edda Maskell said: “I have come to say no to a timetable.” [3]", "name"),
    ("Edda Maskell said: “I have come to say no to a timetable.” [3][4]", "speaker"),
    ("Ilse Varga warned that silt could reach the eelgrass within two tides [4].", "name"),
    ("Varga said that silt could reach the eelgrass within two tides [4][1].", "name"),
    ("The mayor warned that silt could reach the eelgrass within two tides [4].", "speaker"),
    ("She warned that silt could reach the eelgrass within two tides [4].", "pronoun"),
    ("Maskell warned that she could reach the eelgrass within two tides [4].", "pronoun"),
    ("Oyelade had come late [6].", "speaker"),
    ("Edda Varga warned that silt could reach the eelgrass within two tides [4][1].", "name"),
    ("Maskell warned that silt could reach the eelgrass within three tides [4].", "figure"),
    ("Maskell warned that silt could reach the eelgrass within 20 tides [4].", "figure"),
    ("Maskell warned that silt could reach the eelgrass within more than two tides [4].", "figure"),
    ("Varga objected to the timetable of the new quay on Friday, 3 May [1].", "date"),
    ("Varga objected to the timetable of the new quay on Monday [1].", "date"),
    ("Varga objected to the timetable of the new quay last week [1].", "date"),
    ("Maskell warned that silt could not reach the eelgrass within two tides [4].", "not"),
    ("Oyelade admitted that the survey had come late [6].", "not"),
    ("Oyelade declined to say that the survey had come late [6].", "not"),
    ("The survey had come late [6].", "not"),
    ("Maskell warned that silt will reach the eelgrass within two tides [4].", "hedge"),
    ("Varga welcomed the timetable of the new quay [1].", "stance"),
    ("Maskell warned that silt could spare the eelgrass within two tides [4].", "substitution"),
    ("Visit the mayor, who objected to the timetable of the new quay [1].", "order"),
    ("You should object to the timetable of the new quay [1].", "order"),
    ("Varga objected to the timetable ![x](https://evil.example/a.png) of the new quay [1].", "markup"),
    ("Varga objected to the timetable of the <b>new</b> quay [1].", "markup"),
    ("Varga objected to the timetable of the new quay at evil.example [1].", "markup"),
    ("Varga objected to the timetable\u202e of the new quay [1].", "characters"),
    ("Varga objected to the timetable \x01of the new quay [1].", "characters"),
    ("Varga objected to the time\u200btable of the new quay [1].", "characters"),
]  # fmt: skip


@pytest.mark.parametrize("answer", PASSES)
def test_what_the_evidence_says_is_shown(answer: str) -> None:
    assert verdict(answer) == ("supported", "")


@pytest.mark.parametrize(("answer", "reason"), FAILS)
def test_what_it_does_not_say_is_withheld(answer: str, reason: str) -> None:
    assert verdict(answer) == ("withheld", reason)


def test_a_quotation_is_shown_as_the_article_has_it() -> None:
    (gated,) = through('Varga said: "i have not  come here to say no to work." [2]')
    assert gated.text == "Varga said: “I have not come here to say no to work.”"
    (excerpt,) = gated.quotations
    assert_exact(excerpt)
    assert excerpt.article == HEARD and excerpt.text in gated.text


def test_the_reporters_words_lose_the_marks_that_make_them_somebodys() -> None:
    (gated,) = through("Maskell said: “silt could reach the eelgrass within two tides.” [4]")
    assert (gated.verdict, gated.text) == ("unmarked", "Maskell said: silt could reach the eelgrass within two tides.")


def test_she_is_whoever_was_shown_before() -> None:
    said = "Edda Maskell warned that silt could reach the eelgrass within two tides [4]. "
    mud, work = (
        "She said: “Mud does not read a licence.” [5]",
        "She said: “I have not come here to say no to work.” [2]",
    )
    assert [g.verdict for g in through(said + mud)] == ["supported", "supported"]
    assert [g.verdict for g in through(said + work)] == ["supported", "withheld"]
    assert [g.verdict for g in through(said.replace("two", "three") + mud)] == ["withheld", "withheld"]


def test_a_name_may_come_from_the_question_but_does_nothing_there() -> None:
    asked = "What did Varga object to in Pellow?"
    assert verdict("Varga objected to the timetable of the new quay in Pellow [1].", asked) == ("supported", "")
    assert verdict("Varga objected to the timetable of the new quay in Pellow [1].") == ("withheld", "name")
    assert verdict("Pellow said that nothing was decided [7].", asked)[0] == "withheld"


def test_a_marker_that_points_at_nothing_to_do_with_it_is_dropped() -> None:
    (gated,) = through("Nothing was decided [99][7][5].")
    assert (gated.verdict, gated.numbers) == ("supported", (7,))


def test_numbers_are_put_in_order_of_appearance() -> None:
    judged = through(
        "Nothing was decided [7]. The mayor objected to the timetable [5]. "
        "Oyelade denied that the survey had come late [6][7]."
    )
    shown, order = renumbered(judged)
    assert ([g.numbers for g in shown], order) == ([(1,), (2,)], [7, 6])
    assert tally(judged) == (2, 0, 1)
    made, _ = claims(judged)
    assert [(c.text, c.citations) for c in made] == [
        ("Nothing was decided. [1]", (1,)),
        ("Oyelade denied that the survey had come late. [2]", (2,)),
    ]


def test_a_country_and_a_king_are_not_the_reader_and_the_model() -> None:
    king = article("Alexander I had married Sybilla of Normandy, and the US opened assembly plants in Ohio.")
    source = Source(Citation(1, king.excerpt(Span(0, len(king.text)))))
    for said in ("Alexander I had married Sybilla of Normandy", "The US opened assembly plants in Ohio"):
        assert [g.verdict for g in gate([f"{said} [1]."], [source])] == ["supported"], said
    for said in ("Tell us: the plants opened in Ohio", "The plants that I opened are in Ohio"):
        assert [g.reason for g in gate([f"{said} [1]."], [source])] == ["order"], said


def test_an_order_in_an_article_is_no_ground_for_anything() -> None:
    hidden = liar.numbered(liar.hidden())
    assert [s.citation.n for s in hidden if s.is_order] == [2, 3, 4]
    assert [s for s in liar.library() if s.is_order] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("£310m", "310 million-pound"), ("4.2 million", "4,200,000"), ("eleven hundred", "1,100"),
        ("5%", "five per cent"), ("twenty-five", "25"), ("a dozen", "12"), ("$1.9 million", "1.9 million dollars"),
        ("the third", "3rd"),
    ],
)  # fmt: skip
def test_a_figure_is_its_value(one: str, other: str) -> None:
    (first,), (second,) = figures(one), figures(other)
    assert first.agrees(second) and second.agrees(first)


def test_a_figure_claims_no_unit_and_no_bound_of_its_own() -> None:
    plain, money, bound = figures("310 cranes")[0], figures("£310")[0], figures("more than 310 cranes")[0]
    assert plain.agrees(money) and not money.agrees(plain)
    assert plain.agrees(bound) and not bound.agrees(plain)


def test_a_date_is_a_date_however_it_is_written() -> None:
    spelled = [days(text)[0][:3] for text in ("Sept. 26", "26 September", "September 26th", "the 26th of September")]
    assert set(spelled) == {(26, 9, 0)}
    assert days("She may march in a month") == ()
    assert days("In May, on 3 March 2026")[1][:3] == (3, 3, 2026)


@pytest.mark.parametrize(
    ("prose", "source", "agree"),
    [
        ("The survey was not late.", "She denied that the survey was late.", True),
        ("The survey was late.", "She denied that the survey was late.", False),
        ("I came here to say no to work.", "I did not come here to say no to work.", False),
        ("I did not come here to say work.", "I did not come here to say no to work.", False),
        ("It was open.", "We did not decide to open it, we were instructed to open it.", True),
    ],
)
def test_a_not_bears_on_the_same_words(prose: str, source: str, agree: bool) -> None:
    assert agrees(polarity(prose), [polarity(source)]) is agree


# --- by hand ----------------------------------------------------------------------------------


def by_hand(name: str) -> list[dict[str, Any]]:
    written: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))["sentence"]
    return written


def judged_by_hand(sentence: dict[str, Any]) -> Gated:
    cited = [next(s for s in liar.library() if words in s.text) for words in sentence["cites"]]
    told = liar.told("by hand", sentence["text"], cited, random.Random(0))
    (gated,) = gate([told.answer], told.sources, sentence.get("question", ""))
    return gated


def test_faithful_sentences_are_shown() -> None:
    withheld = [s["text"] for s in by_hand("faithful.toml") if not judged_by_hand(s).is_shown]
    print(f"\nwithheld of {len(by_hand('faithful.toml'))} faithful sentences:", *withheld, sep="\n  ")
    assert len(withheld) <= WITHHELD_FAITHFUL


def unfaithful() -> Iterator[Any]:
    for sentence in by_hand("unfaithful.toml"):
        reason = sentence.get("passes")
        marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
        yield pytest.param(sentence, id=sentence["text"], marks=marks)


@pytest.mark.parametrize("sentence", unfaithful())
def test_a_lie_in_the_words_of_the_evidence_is_withheld(sentence: dict[str, Any]) -> None:
    assert not judged_by_hand(sentence).is_shown


# --- the lying stub ---------------------------------------------------------------------------

LINKS = re.compile(r"https?:|www\.|\]\(|!\[|<\w|&\w+;|javascript:|evil|`|\[|\]|<|>")


def assert_harmless(gated: Gated, told: liar.Told) -> None:
    """What is shown is plain text, and every quotation in it is verbatim in evidence that it cites."""
    assert not LINKS.search(gated.text), told
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Co", "Cn"} for c in gated.text), told
    cited = [s for s in told.sources if s.citation.n in gated.numbers]
    assert cited and len(cited) == len(gated.numbers), told
    for excerpt in gated.quotations:
        assert_exact(excerpt)
        assert any(s.citation.excerpt.article == excerpt.article and s.span.covers(excerpt.span) for s in cited), told
    for span in quoted(gated.text):
        shown = fold(gated.text[slice(*span)]).strip('" ,.!?;:')
        assert any(shown in fold(s.text) for s in cited), told


def test_ten_thousand_lies_and_none_is_shown_as_quoted() -> None:
    told_of, shown = Counter[str](), Counter[tuple[str, str]]()
    examples: dict[str, str] = {}
    for told in liar.lies(LIES):
        told_of[told.kind] += 1
        for gated in gate([told.answer], told.sources):
            if gated.is_shown:
                assert_harmless(gated, told)
                shown[told.kind, gated.verdict] += 1
                examples.setdefault(told.kind, told.answer)
    print()
    for kind, count in sorted(told_of.items()):
        print(f"{count:5} {kind}: {shown[kind, 'supported']} supported, {shown[kind, 'unmarked']} unmarked")
    passed = {kind: count for (kind, outcome), count in shown.items() if outcome == "supported"}
    assert passed == KNOWN, examples
    # These words are the article's and true; only the marks were the model's, and are gone.
    assert {kind for kind, outcome in shown if outcome == "unmarked"} <= {"a reporter's words in marks"}


def test_at_least_nineteen_in_twenty_true_sentences_are_shown() -> None:
    of, passed = Counter[str](), Counter[str]()
    for told in liar.truths(random.Random(0)):
        kind, _, speaker = told.kind.partition(": ")
        of[kind] += 1
        for gated in gate([told.answer], told.sources):
            passed[kind] += gated.verdict == "supported"
            if gated.is_shown:
                assert_harmless(gated, told)
                own = [s for s in told.sources if s.citation.n in gated.numbers]
                assert not speaker or any(s.spoken_by(speaker) for s in own)
    print(f"\nshown of true sentences: {dict(passed)} of {dict(of)}")
    assert all(passed[kind] >= 0.95 * count for kind, count in of.items())
