"""Question to evidence: by meaning, by words and by speaker; whole sentences, exact, best first."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from helpers import HEARING, LEAK, article, assert_exact, embedder, made
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag import Pullquote
from rag.attribution import attribute
from rag.index import Hit
from rag.library import Library
from rag.passages import split
from rag.retrieve import DEPTH, Retriever, fuse
from rag.signals import SYNONYM, Cosines, Signals, Weigher
from rag.text import Span, sentences
from rag.types import Article, Evidence, Filters, Quotation
from rag.words import stem, stems, understand, verb_stem, words

NONE = Filters()


@pytest.fixture
def filled(pullquote: Pullquote) -> Pullquote:
    pullquote.ingest_articles(
        [
            article(HEARING, external_id="hearing", title="The hearing", publisher="Gazette", author="Ann Bell",
                    published="2026-09-18"),
            article(LEAK, external_id="leak", title="The leak", publisher="Courier", published="2026-09-14"),
            *made(20),
        ]
    )  # fmt: skip
    return pullquote


@pytest.fixture
def retriever(filled: Pullquote) -> Retriever:
    return Retriever(filled.library, filled.index, embedder().question)


def evidence(retriever: Retriever, question: str, limit: int = 8, **filters: Any) -> list[Evidence]:
    found, _ = retriever.evidence(question, limit, Filters(**filters))
    for one in found:
        assert_exact(one.excerpt)
        assert one.excerpt.span in sentences(one.excerpt.article.text)
    return found


# --- what comes first -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What did Ilse Varga object to?", "objected to the timetable"),
        ("Who said that mud does not read a licence?", "“Mud does not read a licence,”"),
        ("What did Marcus Tolleray propose?", "erased after 30 days"),
        ("How many riders were affected by the leak?", "480,000 riders"),
    ],
)
def test_the_sentence_that_answers_is_among_the_first(retriever: Retriever, question: str, said: str) -> None:
    assert any(said in one.excerpt.text for one in evidence(retriever, question)[:3])


def test_evidence_comes_most_relevant_first_and_each_sentence_once(retriever: Retriever) -> None:
    found = evidence(retriever, "What did Ada Bell say about the harbour?", 50)
    assert len(found) > 20
    assert [e.relevance for e in found] == sorted((e.relevance for e in found), reverse=True)
    assert len({e.excerpt.id for e in found}) == len(found)
    assert all(0 <= e.score <= 1 and 0 <= e.relevance <= 1 for e in found)


def test_no_more_comes_than_was_asked_for(retriever: Retriever) -> None:
    assert len(evidence(retriever, "harbour", 3)) == 3
    assert len(retriever.search("harbour", 4, NONE)) == 4


def test_each_piece_of_evidence_says_what_spoke_for_it(retriever: Retriever) -> None:
    best = evidence(retriever, "What did Edda Maskell warn about?")[0]
    assert set(best.why) == {"meaning", "words", "speaker"}


def test_the_speaker_of_a_sentence_comes_with_it(retriever: Retriever) -> None:
    found = evidence(retriever, "Who said that mud does not read a licence?")
    (mud,) = [one for one in found if "Mud does not read" in one.excerpt.text]
    assert mud.speaker == "Edda Maskell"


def test_search_gives_whole_passages(retriever: Retriever) -> None:
    for one in retriever.search("eelgrass and silt", 5, NONE):
        assert_exact(one.excerpt)
        assert one.excerpt.span in [passage.excerpt.span for passage in split(one.excerpt.article)]
    assert "eelgrass" in retriever.search("eelgrass and silt", 1, NONE)[0].excerpt.text


def test_search_puts_the_passage_first_that_fits_best_itself(retriever: Retriever) -> None:
    found = retriever.search("What reached the eelgrass within two tides?", 10, NONE)
    assert "eelgrass" in found[0].excerpt.text
    assert len({one.excerpt.id for one in found}) == len(found)


def test_each_stage_is_timed(retriever: Retriever) -> None:
    _, timings = retriever.evidence("harbour", 3, NONE)
    assert timings.keys() >= {"embed", "dense", "words", "speaker", "fuse", "sentences"}
    assert all(milliseconds >= 0 for milliseconds in timings.values())


# --- filters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "allowed"),
    [
        ({"articles": ("leak",)}, {"leak"}),
        ({"publishers": ("COURIER",), "until": date(2026, 9, 14), "since": date(2026, 9, 1)}, {"leak"}),
        ({"authors": ("ann bell",)}, {"hearing"}),
        ({"since": date(2026, 9, 10)}, {"hearing", "leak"}),
        ({"publishers": ("Nobody’s",)}, set()),
    ],
)
def test_nothing_comes_from_outside_the_filters(
    retriever: Retriever, filters: dict[str, Any], allowed: set[str]
) -> None:
    question = "What was said about the harbour, the riders and the survey?"
    assert {one.excerpt.article.external_id for one in evidence(retriever, question, 100, **filters)} == allowed
    found = retriever.search(question, 100, Filters(**filters))
    assert {one.excerpt.article.external_id for one in found} == allowed


def test_with_a_speaker_filter_only_sentences_with_that_persons_words_come(retriever: Retriever) -> None:
    found = evidence(retriever, "What about mud, work and the timetable?", 50, speakers=("varga",))
    assert found
    for one in found:
        spoken = [q for q in attribute(one.excerpt.article) if q.excerpt.span.overlaps(one.excerpt.span)]
        assert "Ilse Varga" in {q.speaker for q in spoken}


# --- any question -----------------------------------------------------------------------------

HOSTILE = [
    '"', '"NEAR(', "*", "AND", "OR NOT", "NEAR(a b, 5)", "body:x", "^harbour", "har*", "{title}: x", "-harbour",
    "'; DROP TABLE articles; --", "😀", "👩‍👩‍👧 said?", "the of and", "?!…", "___", "\0", "\ud800 harbour", "e\u0301",
    "שלום", "x" * 100_000, "harbour " * 12_500, " ".join(f"w{n}" for n in range(14_000)), "\n\n\t",
]  # fmt: skip


@pytest.mark.parametrize("question", HOSTILE, ids=lambda question: ascii(question[:12]))
def test_no_question_breaks_anything(filled: Pullquote, question: str) -> None:
    answer = filled.ask(question)
    assert answer.question == question
    for citation in (*answer.evidence, *answer.citations, *filled.search(question)):
        assert_exact(citation.excerpt)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(st.characters(), min_size=1))
def test_whatever_is_asked_the_evidence_is_exact(filled: Pullquote, question: str) -> None:
    for citation in (*filled.ask(question).evidence, *filled.search(question)):
        assert_exact(citation.excerpt)


def test_an_empty_library_has_no_evidence(pullquote: Pullquote) -> None:
    answer = pullquote.ask("Anything?")
    assert (answer.abstained, answer.evidence, answer.citations) == (True, (), ())
    assert pullquote.search("Anything?") == []


# --- while articles change --------------------------------------------------------------------


class ChangingIndex:
    """An index during whose search somebody else changes every article that it finds."""

    def __init__(self, library: Library, corrected: Sequence[Article]) -> None:
        self.library = library
        self.corrected = corrected

    def search(self, vector: object, limit: int, filters: Filters, within: object) -> list[Hit]:
        hits = [Hit(i, 1.0) for i in self.library.passage_ids()[:limit]]
        with ThreadPoolExecutor(1) as somebody:
            somebody.submit(lambda: [self._put(corrected) for corrected in self.corrected]).result()
        return hits

    def _put(self, corrected: Article) -> None:
        passages = split(corrected)
        self.library.put(corrected, passages, embedder().passages(passages), attribute(corrected))


def test_a_question_is_answered_from_one_moment_though_articles_change_under_it(filled: Pullquote) -> None:
    for edition in (1, 2, 3):
        index = ChangingIndex(filled.library, made(20, edition, sentences=3 * edition))
        retriever = Retriever(filled.library, index, embedder().question)  # type: ignore[arg-type]
        found = evidence(retriever, "Who says that the harbour is not ours?", 50)
        assert found
        assert all(f"edition {edition}" not in one.excerpt.text for one in found)


def test_questions_may_be_asked_while_articles_come_in(filled: Pullquote) -> None:
    with ThreadPoolExecutor(3) as others:
        asked = [others.submit(filled.ask, "Who says that the harbour is not ours?") for _ in range(30)]
        for edition in range(1, 4):
            filled.ingest_articles(made(20, edition, sentences=edition * 4))
        for answer in asked:
            for citation in answer.result().evidence:
                assert citation.excerpt.span in sentences(citation.excerpt.article.text)


# --- the pieces -------------------------------------------------------------------------------


def test_fusing_prefers_what_several_rankings_name() -> None:
    assert fuse([[1, 2, 3], [3, 4], [3, 1]])[:2] == [3, 1]
    assert fuse([[5, 6], []]) == [5, 6]
    assert fuse([]) == []


@given(st.lists(st.lists(st.integers(0, 30), unique=True)))
def test_fusing_loses_and_invents_nothing(rankings: list[list[int]]) -> None:
    assert sorted(fuse(rankings)) == sorted({item for ranking in rankings for item in ranking})


def test_words_are_compared_without_case_accents_or_endings() -> None:
    assert words("Élan, NAÏVE—objected!") == ["elan", "naive", "objected"]
    assert {stem("objected"), stem("objects"), stem("object")} == {"object"}
    assert stems("The licences") == ["the", "licenc"]


@given(st.text(st.characters(), max_size=40))
def test_any_text_can_be_taken_apart(text: str) -> None:
    question = understand(text)
    assert question.text == text
    assert len(set(question.words)) == len(question.words)


def test_a_question_keeps_the_words_that_tell_and_knows_its_verb() -> None:
    question = understand("What did Sergey Lavrov reject?")
    assert question.words == ("sergey", "lavrov", "reject")
    assert question.cue == "object"
    assert {"objected", "rejected", "opposed"} <= set(question.cues)


def test_a_question_of_stop_words_alone_keeps_them() -> None:
    assert understand("What is it?").words == ("what", "is", "it")


def test_the_fake_model_puts_related_texts_near_each_other() -> None:
    fake = embedder()
    near, far = fake.documents(["The harbour of the town", "A recipe with flour"])
    asked = fake.question("Which harbour?")
    assert np.dot(asked, near) > np.dot(asked, far)


def test_a_speaker_filter_finds_one_sentence_in_a_long_article(pullquote: Pullquote) -> None:
    filler = "\n\n".join(
        f"The harbour budget of part {n} was read out and nobody answered it today." for n in range(400)
    )
    said = "“I never saw a budget,” said Zelda Quist."
    pullquote.ingest_articles([article(f"{filler}\n\n{said}", external_id="long")])
    only = Filters(speakers=("Zelda Quist",))
    assert [hit.excerpt.text for hit in pullquote.ask("harbour budget", 5, only).evidence] == [said]
    assert said in pullquote.search("harbour budget", 5, only)[0].quote


def test_a_speaker_is_found_among_reports_that_are_newer_than_the_filter(pullquote: Pullquote) -> None:
    def report(n: int, day: str) -> Article:
        return article(
            f"Ada Bell objected to the harbour plan that has the number {n}.", external_id=str(n), published=day
        )

    pullquote.ingest_articles([report(n, "2026-01-01") for n in range(70)] + [report(99, "2020-01-01")])
    (found,) = pullquote._retriever.evidence("What did Ada Bell object to?", 5, Filters(until=date(2021, 1, 1)))[0]
    assert "speaker" in found.why


# --- signals ----------------------------------------------------------------------------------


def weighed(question: str, sentence: str, speaker: str = "", cue: str = "", around: str = "") -> Signals:
    """The signals of a sentence in a library of a hundred passages, none of which holds a word of the question."""
    asked = understand(question)
    spoken = attribute(article(sentence)) if not speaker else [said_by(speaker, cue, sentence)]
    weigher = Weigher(asked, frozenset(), dict.fromkeys(asked.stems, 0), 100)
    return weigher.weigh(sentence, set(stems(around or sentence)), Cosines(0.5, 0.5), spoken)


def said_by(speaker: str, cue: str, sentence: str) -> Quotation:
    return Quotation(article(sentence).excerpt(Span(0, len(sentence))), speaker, cue, "indirect")


@pytest.mark.parametrize(("name", "key"), [("O'Brien", "obrien"), ("Ilse O’Brien", "ilse obrien")])
def test_a_name_with_an_apostrophe_is_no_matter_besides_whose_speech_is_asked_for(name: str, key: str) -> None:
    asked = understand(f"What did {name} say?")
    weigher = Weigher(asked, frozenset({key}), dict.fromkeys(asked.stems, 0), 100)
    said = replace(said_by(name, "said", f"{name} said no."), person=key)
    assert weigher.weigh(said.excerpt.text, set(), Cosines(0.5, 0.5), [said]).met > 0


def test_a_sentence_that_holds_every_word_lacks_nothing() -> None:
    whole = weighed("Who sold the harbour?", "Ada Bell sold the harbour.")
    assert (whole.coverage, whole.context, whole.missing, whole.unnamed) == (1.0, 1.0, 0.0, 0.0)
    part = weighed("Who sold the harbour?", "Ada Bell sold the bridge.")
    assert 0 < part.coverage < 1
    assert part.missing == pytest.approx(1.0)


def test_another_verb_of_the_same_meaning_counts_in_part() -> None:
    other = weighed("What did Bell reject?", "Bell objected to the bridge.", "Ada Bell", "objected")
    none = weighed("What did Bell reject?", "Bell crossed the bridge.", "Ada Bell", "said")
    own = weighed("What did Bell reject?", "Bell rejected the bridge.", "Ada Bell", "rejected")
    assert (own.cue, other.cue, none.cue) == (1.0, SYNONYM, 0.0)
    assert own.coverage > other.coverage > none.coverage


def test_every_form_of_the_questions_verb_is_its_own_and_all_verbs_are_where_it_asks_what_was_said() -> None:
    assert weighed("What did Bell think?", "Bell thought of the bridge.", "Ada Bell", "thought").cue == 1.0
    assert weighed("What did Bell think?", "Bell hoped for the bridge.", "Ada Bell", "hoped").cue == SYNONYM
    assert weighed("What did Bell say?", "Bell objected to the bridge.", "Ada Bell", "objected").cue == 1.0


@pytest.mark.parametrize(
    ("question", "holds", "lacks"),
    [
        ("When was the bridge sold?", "It was sold in March 2026.", "It was sold to the town."),
        ("How many boats work there?", "There are 40 boats.", "There are boats."),
        ("Who sold the bridge?", "In May Ada Bell sold it.", "It was sold."),
        ("Where is the bridge?", "It stands in Orrisport.", "It stands there."),
        ("Why was it sold?", "It was sold because it leaked.", "It was sold."),
    ],
)
def test_the_question_word_says_what_kind_of_answer_is_wanted(question: str, holds: str, lacks: str) -> None:
    assert weighed(question, holds).kind == 1.0
    assert weighed(question, lacks).kind == -1.0
    assert weighed("What about the bridge?", holds).kind == 0.0


def test_a_name_of_the_question_is_no_answer_to_who() -> None:
    assert weighed("Who sold Orrisport the bridge?", "They sold it to Orrisport.").kind == -1.0


def test_names_that_the_passage_lacks_are_counted() -> None:
    assert weighed("What did Bell tell Carr in 2026?", "Bell spoke to Carr.").unnamed == pytest.approx(1 / 3)


def test_a_question_with_a_not_wants_one_in_the_answer() -> None:
    assert weighed("What did Bell not sell?", "Bell sold the bridge.").denied == 1.0
    assert weighed("What did Bell not sell?", "Bell did not sell the bridge.").denied == 0.0
    assert weighed("What did Bell sell?", "Bell sold the bridge.").denied == 0.0


def test_a_word_that_stands_nowhere_does_not_keep_the_others_from_finding(
    filled: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.retrieve.POSTINGS", 1)
    known = filled.search("harbour", 5)
    assert known
    assert {hit.id for hit in filled.search("harbour xyzzyq", 5)} >= {known[0].id}
    matching = filled._retriever._matching
    assert matching(understand("harbour xyzzyq"), None, None) == matching(understand("harbour"), None, None) != []


@pytest.mark.parametrize(
    ("question", "verb"),
    [
        ("What did the Washington Post object to?", "object"),
        ("What did Press Secretary Earnest deny?", "deny"),
        ("What did the project manager criticise?", "criticise"),
        ("Who said that the plan would fail?", "said"),
        ("what did Lavrov object to?", "object"),
        ("Where is the harbour?", ""),
    ],
)
def test_the_verb_of_a_question_is_no_noun_and_no_part_of_a_name(question: str, verb: str) -> None:
    assert understand(question).verb == (verb_stem(verb) if verb else "")


def test_a_noun_of_the_questions_verb_counts_as_another_verb_would_where_whoever_is_asked_about_speaks() -> None:
    question = "What did Bell object to?"
    assert weighed(question, "My objection is to the bridge.", "Ada Bell", "said").cue == SYNONYM
    assert weighed(question, "My objection is to the bridge.").cue == 0.0  # nobody speaks


# --- whose speech a question asks for ---------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "who", "telling"),
    [
        ("What is Ilse Varga's position on the quay?", "Ilse Varga", ("ilse", "varga", "quay")),
        ("What was the mayor’s current view of the timetable?", "the mayor", ("mayor", "timetable")),
        ("What is the stance of Ilse Varga on the quay?", "Ilse Varga", ("ilse", "varga", "quay")),
        ("Where does Varga stand on the quay?", "Varga", ("varga", "quay")),
        ("How did Maskell respond to the mayor?", "Maskell", ("maskell", "respond", "mayor")),
        ("What has Varga said about Maskell?", "Varga", ("varga", "maskell")),
    ],
)
def test_a_question_for_somebodys_position_asks_for_all_they_say_of_a_matter(
    text: str, who: str, telling: tuple[str, ...]
) -> None:
    question = understand(text)
    assert (question.who, question.words, question.cue) == (who, telling, "say")


@pytest.mark.parametrize(
    ("text", "anybody"),
    [
        ("Who said that the quay was late?", True),
        ("Who else has objected to the quay?", True),
        ("Which ecologists warned of silt?", True),
        ("Who did Varga accuse?", False),
        ("What did Varga say?", False),
        ("When did whoever sold it say so?", False),
    ],
)
def test_a_question_may_ask_who_says_something(text: str, anybody: bool) -> None:
    assert understand(text).of_anybody == anybody


def test_words_that_stand_in_one_place_are_found_though_nothing_else_speaks_for_it(pullquote: Pullquote) -> None:
    often = [article(f"The quay council met on day {n}. It said the quay is late.") for n in range(DEPTH + 20)]
    once = article("A zebra crossed the road at noon.")
    pullquote.ingest_articles([*often, once])
    found = pullquote.ask("What did the council say about the late quay and a zebra?", DEPTH).evidence
    assert any("zebra" in citation.quote for citation in found)


DEBATE = (
    "Ilse Varga said that Edda Maskell owned a tunnel under the quay.\n\n"
    "Edda Maskell said that Ilse Varga owned a bridge over the harbour.\n\n"
    "The quay and the harbour were built in 1900, of stone from the hill."
)


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("What did Varga say about Maskell?", "Ilse Varga"),
        ("What is Maskell's position on Varga?", "Edda Maskell"),
        ("How did Varga respond to Maskell?", "Ilse Varga"),
        ("Did Maskell say that Varga owned it?", "Edda Maskell"),
        ("Who said that Maskell owned a tunnel?", "Ilse Varga"),
        ("Who said that Varga owned a bridge?", "Edda Maskell"),
    ],
)
def test_whoever_is_asked_speaks_and_whoever_is_named_besides_is_spoken_about(
    pullquote: Pullquote, question: str, speaker: str
) -> None:
    pullquote.ingest_articles([article(DEBATE)])
    assert pullquote.ask(question).evidence[0].speaker == speaker
