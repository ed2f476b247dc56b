"""Pasted quotations checked against all articles: no altered one passes, no true one is lost, and each is placed."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import run
from helpers import HEARING, LEAK, SAMPLES, article, assert_exact, assert_exact_record, open_with, write_jsonl
from hypothesis import given
from hypothesis import strategies as st

from rag import Pullquote, verification
from rag.errors import InputError
from rag.evals.mutations import TRUE, WIDER
from rag.records import verification_record
from rag.stopping import Stopped, stoppable
from rag.text import fold, inside, normalise, quoted
from rag.types import Checked, Filters, Verification
from rag.verification import LONGEST, MATCHES, MOST

SPEECH = (
    "“We did not object to the 14 new berths,” Nora Quill said on 3 May. “We will sign, if the survey is done, and we "
    "will accept the cranes. What else is there to say to the old town?”\n\n"
    "Piet Aalto told the council that he never agreed to the plan. “The harbour will be open to all by the spring, as "
    "it has been for a hundred years,” Aalto said.\n\n"
    "Nora Quill has an office—a small one—on the pier. It is what it is.\n\n"
    "“Nobody asked us,” said Mayor Ilse Varga, who called it “a ‘done’ deal”."
)
EAST = "会议结束后。码头的时间表已经改变，市长说。没有人同意。"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pullquote]:
    """A small library that these tests only read from."""
    long = "\n\n".join(
        f"“Part {n} of the story goes on about the quay and its {n} stones,” Bo Carr said." for n in range(90)
    )
    with open_with(tmp_path_factory.mktemp("verify") / "home") as opened:
        opened.ingest_articles([
            article(SPEECH, external_id="speech", title="Words in a title only", published="2026-05-03"),
            article(HEARING, external_id="hearing", publisher="Gazette", published="2026-09-18"),
            article(LEAK, external_id="leak", publisher="Courier", published="2026-07-14"),
            article(EAST, external_id="east"),
            article(long, external_id="long"),
        ])  # fmt: skip
        yield opened


def one(found: Verification) -> Checked:
    """The only quotation, after a look at what holds of every one."""
    (checked,) = found.quotations
    assert found.verdict == checked.verdict
    for n, match in enumerate(checked.matches, start=1):
        assert match.citation.n == n
        assert_exact(match.citation.excerpt)
        assert "".join(change.pasted for change in match.diff) == checked.words
        assert "".join(change.stored for change in match.diff) == match.citation.quote
    return checked


def reasons(checked: Checked) -> tuple[str, ...]:
    return checked.matches[0].reasons


# --- one quotation ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("We did not object to the 14 new berths", "verbatim"),
        ("“We did not object to the 14 new berths,”", "verbatim"),
        ("'We did not object to the 14 new berths,'", "verbatim"),
        ("We did  not object\nto the\u00a014 new berths", "folded"),
        ("Nora Quill has an office — a small one – on the pier", "folded"),
        ("Nora Quill has an office--a small one--on the pier", "folded"),
        ('who called it “a "done" deal”', "folded"),
        ("“We did not object to the 14 new berths.”", "folded"),  # whose full stop it is, is typesetting
        ("It is what it is", "verbatim"),
        ("Nobody", "verbatim"),
        ("We did object to the 14 new berths", "altered"),
        ("We did not object to the 15 new berths", "altered"),
        ("We did not object to the 14 new berths?", "altered"),
        ("we did not object to the 14 new berths", "altered"),
        ("We did not оbject to the 14 new berths", "altered"),  # a Cyrillic o
        ("We did not ob\u200bject to the 14 new berths", "altered"),
        ("object to the 14 new berths", "altered"),
        ("agreed to the plan", "altered"),
        ("e did not object to the 14 new bert", "altered"),
        ("Words in a title only", "not_found"),
        ("The moon is made of purple cheese, and every minister knows", "not_found"),
        ("Quillfeather", "not_found"),
        ("?!", "not_found"),
        ("市长说", "verbatim"),
    ],
)
def test_the_words_decide(words: str, verdict: str, library: Pullquote) -> None:
    checked = one(library.verify(words))
    assert checked.verdict == verdict
    assert all(match.verdict == "not_found" for match in checked.matches) == (verdict == "not_found")


def test_words_of_a_text_without_spaces_are_found_and_not_said_to_be_whole(library: Pullquote) -> None:
    checked = one(library.verify("码头的时间表"))
    assert (checked.verdict, reasons(checked)) == ("altered", ("cut word",))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("We did object to the 14 new berths", ("negation",)),
        ("We did not object to the 15 new berths", ("figure",)),
        ("as it has been for a thousand years", ("figure",)),
        ("we did not object to the 14 new berths", ("case",)),
        ("We did not оbject to the 14 new berths", ("look-alike",)),
        ("What else is there to say to the old town.", ("marks",)),
        ("object to the 14 new berths", ("clipped",)),
        ("We did not object to the 14 new bert", ("cut word",)),
        ("The harbour will be … open to all by the spring", ("safe cut",)),
        ("The harbour will be open to all … for a hundred years", ("safe cut",)),
        ("The harbour will be open to all [...] for a hundred years", ("safe cut",)),
        ("We did … object to the 14 new berths", ("unsafe cut",)),
        ("We will sign … and we will accept the cranes", ("unsafe cut",)),
        ("We did not object … a hundred years", ("unsafe cut",)),
        ("[The Quills] did not object to the 14 new berths", ("inserted",)),
    ],
)
def test_what_was_done_to_altered_words_is_named(words: str, why: tuple[str, ...], library: Pullquote) -> None:
    checked = one(library.verify(words))
    assert checked.verdict == "altered"
    assert reasons(checked) == why


def test_the_difference_says_word_by_word_what_was_done(library: Pullquote) -> None:
    diff = one(library.verify("We did object to the 15 new berths")).matches[0].diff
    assert [(change.kind, change.pasted.strip(), change.stored.strip()) for change in diff] == [
        ("equal", "We did", "We did"),
        ("left out", "", "not"),
        ("equal", "object to the", "object to the"),
        ("replaced", "15", "14"),
        ("equal", "new berths", "new berths"),
    ]


def test_clipped_words_are_shown_with_the_not_that_they_were_cut_from(library: Pullquote) -> None:
    assert one(library.verify("object to the 14 new berths")).matches[0].citation.quote.startswith("We did not")
    assert one(library.verify("We will si")).matches[0].citation.quote == "We will sign"


def test_a_quotation_that_runs_over_passages_is_found_whole(library: Pullquote) -> None:
    text = library.article("long").article.text
    passages = library.library.passages(library.library.passage_ids_of([library.article("long").article.id]))
    assert len(passages) > 5
    for passage in passages.values():
        start = max(0, passage.span.end - 60)
        words = text[start : passage.span.end + 900].strip()
        assert any(match.verdict in {"verbatim", "altered"} for match in library.verify(words).quotations[0].matches)
    assert one(library.verify(text[:2_100].replace("“", "").replace("”", ""))).verdict == "altered"  # marks left out
    whole = text[1:4_000].rsplit("“", 1)[0].strip()
    assert {c.verdict for c in library.verify(whole).quotations} == {"verbatim"}


def test_pages_pasted_without_marks_are_compared_to_their_end(library: Pullquote) -> None:
    text = library.article("long").article.text.replace("“", "").replace("”", "")
    assert len(text.split()) > 1_200
    checked = one(
        library.verify(text.replace("story goes on about the quay and its 70", "tale goes on about the quay and its 7"))
    )
    assert checked.verdict == "altered"
    changed = {(c.pasted.strip(), c.stored.strip()) for c in checked.matches[0].diff if c.kind == "replaced"}
    assert {("tale", "story"), ("7", "70")} <= changed
    assert one(library.verify("Nothing of the kind was ever printed. " * 900)).verdict == "not_found"


@pytest.mark.parametrize(
    "text", ["a b " * 20_000, " " * 90_000 + "x", "“" * 50_000, "[" * 50_000, "… " * 40_000, "- " * 40_000]
)
def test_a_hostile_paste_is_answered_soon(text: str, library: Pullquote) -> None:
    started = time.process_time()
    library.verify(text)
    assert time.process_time() - started < 20  # what goes with the square of its length takes minutes


@given(data=st.data())
def test_every_stretch_between_spaces_is_found_where_it_stands(data: st.DataObject, library: Pullquote) -> None:
    text = library.article(data.draw(st.sampled_from(["speech", "hearing", "leak", "long"]))).article.text
    edges = [0, *(n for n, c in enumerate(text) if c.isspace()), len(text)]
    start, end = sorted(data.draw(st.lists(st.sampled_from(edges), min_size=2, max_size=2, unique=True)))
    words = text[start:end].strip().translate(dict.fromkeys(map(ord, '“”"'), None)).strip()
    checked = library.verify(words or "x").quotations[0]
    if words and words in text:
        here = [match for match in checked.matches if words in match.citation.quote]
        assert here
        assert checked.verdict == "verbatim" or all("clipped" in m.reasons or "cut word" in m.reasons for m in here)


def test_words_of_one_article_with_the_title_of_another_stand_in_the_first_only(library: Pullquote) -> None:
    assert one(library.verify("a title only")).verdict == "not_found"


def test_filters_say_where_to_look(library: Pullquote) -> None:
    words = "We have closed the door"
    assert library.verify(words, filters=Filters(publishers=("Courier",))).verdict == "verbatim"
    found = library.verify(words, filters=Filters(publishers=("Gazette",)))
    assert found.verdict == "not_found"
    assert all(m.citation.excerpt.article.publisher == "Gazette" for m in found.telling.matches)


def test_an_empty_library_has_found_nothing(pullquote: Pullquote) -> None:
    assert one(pullquote.verify("We did not object")).matches == ()


def test_words_of_a_removed_article_or_an_earlier_revision_are_found_no_more(pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article(HEARING, external_id="hearing")])
    words = "Mud does not read a licence"
    assert pullquote.verify(words).verdict == "verbatim"
    pullquote.ingest_articles([article(HEARING.replace("Mud", "Silt"), external_id="hearing")])
    assert pullquote.verify(words).verdict == "altered"
    pullquote.remove("hearing")
    assert pullquote.verify(words).verdict == "not_found"


def test_the_places_are_bounded_and_the_best_come_first(pullquote: Pullquote) -> None:
    said = "“We will never sell the old lighthouse of Orrisport,” {} said."
    pullquote.ingest_articles([article(said.format(f"Ada Bell the {n}th"), external_id=str(n)) for n in range(30)])
    pullquote.ingest_articles([article(said.format("Bo Carr"), external_id="carr")])
    checked = one(pullquote.verify("We will never sell the old lighthouse of Orrisport", "Bo Carr"))
    assert (checked.verdict, checked.matches[0].citation.speaker) == ("verbatim", "Bo Carr")
    assert len(checked.matches) == MATCHES
    assert {match.verdict for match in checked.matches[1:]} == {"misattributed"}


# --- whose words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("speaker", "verdict"),
    [
        ("Quill", "verbatim"),
        ("nora quill", "verbatim"),
        ("N. Quill", "verbatim"),
        ("Quill’s", "verbatim"),
        ("she", "verbatim"),
        ("…", "verbatim"),
        ("P. Quill", "misattributed"),
        ("N. Aalto", "misattributed"),
        ("Piet Aalto", "misattributed"),
        ("Ann Quill", "misattributed"),
        ("Barnaby Rook", "misattributed"),
    ],
)
def test_words_are_only_theirs_who_said_them(speaker: str, verdict: str, library: Pullquote) -> None:
    checked = one(library.verify("We did not object to the 14 new berths", speaker))
    assert checked.verdict == verdict
    assert reasons(checked) == (("speaker",) if verdict == "misattributed" else ())
    assert checked.matches[0].citation.speaker == "Nora Quill"


def test_words_that_the_article_gives_to_nobody_are_not_taken_for_somebodys(library: Pullquote) -> None:
    checked = one(library.verify("It is what it is", "Nora Quill"))
    assert (checked.verdict, reasons(checked)) == ("misattributed", ("no speaker",))


def test_a_merged_speaker_is_known_by_either_name(pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article(SPEECH, external_id="speech"), article(HEARING, external_id="hearing")])
    pullquote.merge("Edda Maskell", "Nora Quill")
    assert pullquote.verify("Mud does not read a licence", "Nora Quill").verdict == "verbatim"
    assert pullquote.verify("Mud does not read a licence", "Edda Maskell").verdict == "verbatim"


# --- a draft ----------------------------------------------------------------------------------

DRAFT = (
    "The mayor was firm.\r\n\r\n“I have come to say no to a timetable,” Ilse Varga told the hearing. Edda Maskell "
    "added: “Mud does read a licence.”\r\n\r\nIn Orrisport, Tamsin Oyelade said: "
    "“We did not object to the 14 new berths.”"
)


def test_each_quotation_of_a_draft_is_checked_as_the_draft_gives_it(library: Pullquote) -> None:
    found = library.verify(DRAFT)
    assert [(c.speaker, c.verdict) for c in found.quotations] == [
        ("Ilse Varga", "folded"),
        ("Edda Maskell", "altered"),
        ("Tamsin Oyelade", "misattributed"),
    ]
    assert found.verdict == "misattributed"
    for checked in found.quotations:
        assert DRAFT[slice(*checked.span)] == checked.words


def test_words_with_a_mark_that_has_no_partner_are_one_quotation(library: Pullquote) -> None:
    torn = "I have not come here to say no to work,” Varga did say. “I have come to say no to a timetable.”"
    assert one(library.verify(torn)).verdict == "altered"
    assert one(library.verify(torn.replace("did say", "said"))).verdict == "verbatim"


def test_letters_of_another_alphabet_are_seen_beside_hidden_ones_of_the_articles_own(pullquote: Pullquote) -> None:
    pullquote.ingest_articles(
        [article("“Every quay is known for bad behaviour\u200b and for worse coffee,” she said.")]
    )
    checked = one(pullquote.verify("Every quay is knоwn for bad behaviour\u200b and for worse coffee"))
    assert (checked.verdict, reasons(checked)) == ("altered", ("look-alike",))


@pytest.mark.parametrize(
    "draft",
    [
        "‘We did not object to the 14 new berths,’ she said. ‘We will sell the water works.’",
        "'We did not object to the 14 new berths,' she said. It's 'We will sell the water works.'",
        "»We did not object to the 14 new berths«, she said. »We will sell the water works.«",
        "”We did not object to the 14 new berths”, she said. ”We will sell the water works.”",
        "“We did not object to the 14 new berths,” she said. ‘We will sell the water works,’ she added.",
        "“We did not object to the 14 new berths,” she said.\n\nLater: “We will sell the water works.",
    ],
)
def test_marks_of_every_country_are_quotation_marks(draft: str, library: Pullquote) -> None:
    found = library.verify(draft)
    first, second = found.quotations
    assert first.verdict == "verbatim"
    assert "sell the water works" in second.words
    assert found.verdict == second.verdict == "not_found"


@pytest.mark.parametrize(
    ("pasted", "stored"),
    [
        ("You can win", "You can’t win"),
        ("I will resign", "I will neither resign"),
    ],
)
def test_a_lost_not_is_seen_in_the_shortest_quotation(pasted: str, stored: str, pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article(f"“{stored},” Nora Quill said of the old harbour office.")])
    checked = one(pullquote.verify(pasted))
    assert (checked.verdict, reasons(checked)[0]) == ("altered", "negation")
    assert checked.matches[0].citation.quote == stored


def test_a_quotation_that_goes_on_in_the_next_paragraph_is_one(pullquote: Pullquote) -> None:
    text = "“The boats will come,” she said. “There is room in it.\n\n“The second part is the quay,” Nora Quill said."
    pullquote.ingest_articles([article(text)])
    assert one(pullquote.verify("There is room in it. The second part is the quay")).verdict == "folded"


@pytest.mark.parametrize("loss", ["Loss of $5 million", "Loss of — $5 million", "Loss of 5 million"])
def test_a_minus_and_a_currency_are_parts_of_a_figure(loss: str, pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article("Loss of -$5 million was booked, Nora Quill said of the harbour.")])
    assert one(pullquote.verify(f"{loss} was booked")).verdict == "altered"


def test_the_comma_of_a_figure_is_not_the_drafts(pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article("“It is good for 3,000 families and grew by 3.75 percent,” Nora Quill said.")])
    for draft in ("“It is good for 3,” she said.", "It grew “and grew by 3.”", "“000 families” gained."):
        assert one(pullquote.verify(draft)).verdict == "altered", draft


def test_an_inch_is_no_quotation_mark(library: Pullquote) -> None:
    assert library.verify('The 6" pipe: “We have closed the door,” it said.').verdict == "verbatim"


def test_a_quotation_over_broken_lines_is_one(library: Pullquote) -> None:
    found = library.verify(
        "It was said: “Mud does\nnot read a\nlicence,” and so\non.\n\n“We have closed the door,” it said."
    )
    assert [c.verdict for c in found.quotations] == ["folded", "verbatim"]


def test_a_quotation_of_several_paragraphs_is_checked_paragraph_by_paragraph(library: Pullquote) -> None:
    found = library.verify("“We have closed the door.\n\n“Mud does read a licence,” she said.")
    assert [c.verdict for c in found.quotations] == ["folded", "altered"]


def test_a_speaker_that_is_given_holds_for_the_whole_text(library: Pullquote) -> None:
    assert {c.speaker for c in library.verify(DRAFT, "Ilse Varga").quotations} == {"Ilse Varga"}


def test_a_draft_of_fifty_thousand_characters_is_checked(library: Pullquote) -> None:
    text = library.article("long").article.text
    draft = (text + "\n\n") * (50_000 // len(text) + 1)
    found = library.verify(draft)
    assert len(found.quotations) == draft.count("“")
    assert found.verdict == "verbatim"


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words that are looked up, as they are."""
    found: list[str] = []
    plain = verification._standing
    monkeypatch.setattr(
        verification, "_standing", lambda claim, *rest: found.append(claim.words) or plain(claim, *rest)
    )
    return found


def test_words_that_a_text_repeats_are_looked_up_once_and_each_has_its_place(
    library: Pullquote, looked_up: list[str]
) -> None:
    text = "“Nobody asked us,” he said. " * MOST
    found = library.verify(text)
    assert len(looked_up) == 1 and len(found.quotations) == MOST
    for checked in found.quotations:
        assert text[slice(*checked.span)] == checked.words == "Nobody asked us,"
    assert len({checked.span for checked in found.quotations}) == MOST


def test_a_text_of_too_many_quotations_is_to_be_checked_in_parts(library: Pullquote) -> None:
    with pytest.raises(InputError, match=r"1,001 quotations, and 1,000 are checked at once\. Check it in parts"):
        library.verify("“quay” " * (MOST + 1))


def test_a_check_that_nobody_waits_for_ends_before_its_next_quotation(library: Pullquote, looked_up: list[str]) -> None:
    text = "".join(f"“part {n}” " for n in range(100))
    with pytest.raises(Stopped):
        stoppable(lambda: library.verify(text), lambda: len(looked_up) >= 3)
    assert looked_up == ["part 0", "part 1", "part 2"]
    assert one(library.verify("“Nobody asked us”")).verdict == "verbatim"


@pytest.mark.parametrize("text", ["", " \n\t", "x" * (LONGEST + 1)])
def test_what_cannot_be_checked_is_refused_in_one_line(text: str, library: Pullquote) -> None:
    with pytest.raises(InputError) as refused:
        library.verify(text)
    assert "\n" not in str(refused.value)
    assert ("characters" in str(refused.value)) == bool(text.strip())


@given(text=st.text(max_size=200) | st.text("“”\"'…[].- abWe\n\r\0\ud800", max_size=60))
def test_whatever_is_pasted_is_answered_exactly(text: str, library: Pullquote) -> None:
    if text.strip():
        found = library.verify(text)
        for checked in found.quotations:
            assert text[slice(*checked.span)] == checked.words
            for match in checked.matches:
                assert "".join(change.pasted for change in match.diff) == checked.words
                assert "".join(change.stored for change in match.diff) == match.citation.quote
        json.dumps(verification_record(found, ""))


# --- the measuring stick ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pullquote]:
    with open_with(tmp_path_factory.mktemp("samples") / "home") as opened:
        opened.ingest([str(SAMPLES)])
        yield opened


def true_quotations(opened: Pullquote) -> list[str]:
    texts = [record.article.text for record in opened.articles()]
    found = [inside(text, span).strip() for text in texts for span in quoted(text)]
    return list(dict.fromkeys(words for words in found if len(words.split()) >= 4))


@pytest.mark.parametrize("kind", TRUE)
def test_no_true_quotation_is_refused(kind: str, samples: Pullquote) -> None:
    quotations = true_quotations(samples)
    assert len(quotations) > 40
    for n, words in enumerate(quotations):
        made = TRUE[kind](words, random.Random(n))
        assert one(samples.verify(made)).verdict in {"verbatim", "folded"}, made
        assert one(samples.verify(f"It was said that “{made}” in the end.")).verdict in {"verbatim", "folded"}, made


@pytest.mark.parametrize("kind", WIDER)
def test_no_altered_quotation_passes(kind: str, samples: Pullquote) -> None:
    texts = [" ".join(fold(record.article.text).split()) for record in samples.articles()]
    tried = 0
    for n, words in enumerate(true_quotations(samples)):
        altered = WIDER[kind](words, random.Random(n))
        if altered is None or altered == words:
            continue
        stands = sum(text.count(" ".join(fold(normalise(altered)).split())) for text in texts)
        if stands and not (kind.startswith("cut") and stands == 1):
            continue  # another article says it so
        tried += 1
        assert one(samples.verify(altered)).verdict not in {"verbatim", "folded"}, altered
    assert tried, "nothing was altered, and so nothing was checked"


# --- the command line -------------------------------------------------------------------------


@pytest.fixture
def home_with_articles(home: Path) -> Path:
    with open_with(home) as opened:
        opened.ingest_articles([article(HEARING, external_id="hearing", url="https://news.example/a", title="Hearing")])
    return home


@pytest.mark.parametrize(
    ("arguments", "code", "verdict"),
    [
        (["Mud does not read a licence"], 0, "verbatim"),
        (["Mud  does not read a licence"], 0, "folded"),
        (["Mud does read a licence"], 1, "altered"),
        (["Mud does not read a licence", "--speaker", "Ilse Varga"], 1, "misattributed"),
        (["Mud does not read a licence", "--since", "2030-01-01"], 1, "not_found"),
    ],
)
def test_the_command_answers_with_the_contracts_json(
    arguments: list[str], code: int, verdict: str, home_with_articles: Path
) -> None:
    outcome = run("verify", *arguments, "--json", home=home_with_articles)
    record = json.loads(outcome.out)
    assert (outcome.code, record["verdict"]) == (code, verdict)
    (quotation,) = record["quotations"]
    assert record["matches"] == quotation["matches"]
    own = ("diff", "reasons", "verdict")
    with open_with(home_with_articles) as opened:
        for match in record["matches"]:
            assert_exact_record({key: value for key, value in match.items() if key not in own}, opened)
            assert {tuple(change) for change in match["diff"]} == {("kind", "pasted", "stored")}


def test_the_command_shows_what_differs(home_with_articles: Path) -> None:
    out = run("verify", "Mud does read a license", home=home_with_articles).out
    assert "ALTERED" in out
    assert "Mud does [-not-] read a [-licence-]{+license+}" in out
    assert "a “not” differs" in out


def test_the_command_reads_a_draft_from_stdin(home_with_articles: Path) -> None:
    outcome = run("verify", "-", "--json", home=home_with_articles, stdin=DRAFT.encode())
    assert [q["verdict"] for q in json.loads(outcome.out)["quotations"]] == ["folded", "altered", "not_found"]


def test_a_batch_is_checked_line_by_line(home_with_articles: Path, tmp_path: Path) -> None:
    lines = [
        {"id": 1, "text": "Mud does not read a licence"},
        {"id": 2, "text": "Mud does not read a licence", "speaker": "Ilse Varga"},
        {"id": 3, "text": "x", "speaker": ["A", "B"]},
    ]
    batch = str(write_jsonl(tmp_path / "batch.jsonl", lines))
    outcome = run("verify", "--batch", batch, home=home_with_articles)
    first, second, third = map(json.loads, outcome.out.splitlines())
    assert (first["verdict"], second["verdict"], outcome.code) == ("verbatim", "misattributed", 1)
    assert "one person" in third["error"]


@pytest.mark.parametrize("arguments", [[], [" "], ["x" * (LONGEST + 1)], ["words", "--batch", "file"]])
def test_bad_input_is_refused_with_code_2(arguments: list[str], home_with_articles: Path) -> None:
    outcome = run("verify", *arguments, home=home_with_articles)
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 1
