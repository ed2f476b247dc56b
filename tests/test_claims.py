"""The sentences of a draft outside quotation marks: which they are, what they are judged by, what is said of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from command import run
from doors import site
from helpers import HEARING, LEAK, SAMPLES, article, assert_exact, assert_exact_record, made, open_with, write_jsonl

from rag import Pullquote, claims, drafts
from rag.entailment.inference import Inference
from rag.errors import InputError
from rag.grounds import Source
from rag.stopping import Stopped, stoppable
from rag.text import sentences
from rag.types import CheckedClaim, Filters

DRAFT = "The quay is late. “Mud does not read a licence,” Edda Maskell said. Nothing was decided."
WIRE = "The quay is late. The survey was never done."


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pullquote]:
    """A small library that these tests only read from."""
    with open_with(tmp_path_factory.mktemp("claims") / "home") as opened:
        opened.ingest_articles([
            article(HEARING, external_id="hearing", title="Hearing", publisher="Gazette", published="2026-09-18"),
            article(LEAK, external_id="leak"),
            *(article(f"{WIRE} Town {n} agrees.", external_id=f"wire-{n}", published=f"2026-01-{n:02}")
              for n in range(1, 8)),
        ])  # fmt: skip
        yield opened


Judge = Callable[[str, Sequence[Source], str], Inference]


def judging(patch: pytest.MonkeyPatch, says: dict[str, str]) -> list[tuple[str, list[str], str]]:
    """From now on a sentence has the verdict that `says` has for words of the evidence; what was asked is kept."""
    asked: list[tuple[str, list[str], str]] = []

    def infer(text: str, sources: Sequence[Source], shown: str = "") -> Inference:
        asked.append((text, [source.text for source in sources], shown))
        for words, verdict in says.items():
            held = tuple(source.citation.n for source in sources if words in source.text)
            if held and len(sources) >= words.count("|"):
                return Inference(verdict, "", held)  # type: ignore[arg-type]
        return Inference("not_found")

    patch.setattr(claims, "infer", infer)
    return asked


def checked(opened: Pullquote, text: str, filters: Filters = Filters()) -> list[CheckedClaim]:  # noqa: B008
    """The claims of a text, after a look at what holds of every one."""
    found = opened.verify(text, filters=filters, claims=True).claims
    assert found is not None
    for claim in found:
        assert text[slice(*claim.span)] == claim.words
        assert bool(claim.citations) == (claim.verdict != "not_found")
        for citations in (claim.citations, claim.against):
            assert [citation.n for citation in citations] == list(range(1, len(citations) + 1))
            assert len({citation.excerpt.article.id for citation in citations}) == len(citations)
            for citation in citations:
                assert_exact(citation.excerpt)
    return list(found)


# --- which sentences --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The quay is late. It will cost more.", ["The quay is late.", "It will cost more."]),
        ("The quay is late", ["The quay is late"]),
        ("“The quay is late. It will cost more.”", []),
        ("‘The quay is late,’ she said.", []),
        ("She called the quay “late”, and left.", ["She called the quay “late”, and left."]),
        ("“Mud does not read a licence,” Edda Maskell told the hearing.", []),
        ("“Mud does,” Edda Maskell told the hearing.", ["“Mud does,” Edda Maskell told the hearing."]),
        (
            "“Mud does not read a licence at all, I say,” said Edda Maskell, who resigned on Monday.",
            ["“Mud does not read a licence at all, I say,” said Edda Maskell, who resigned on Monday."],
        ),
        ("Is the quay late? It is.", ["It is."]),
        ("# Quay news\n\nThe quay is late.", ["The quay is late."]),
        ("Mayor objects to quay\n\nThe quay is late.", ["Mayor objects to quay", "The quay is late."]),
        ("- The quay is late.\n2. It costs more.", ["The quay is late.", "It costs more."]),
        ("“Torn is the quay. It is late.\n\nIt costs more.", ["It costs more."]),
        ("… — !", []),
    ],
)
def test_what_a_text_says_outside_quotation_marks_is_checked(text: str, found: list[str]) -> None:
    assert [text[slice(*one.span)] for one in drafts.claims(text)] == found


def test_the_sentence_before_is_what_she_and_it_are_understood_by(
    library: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = judging(monkeypatch, {})
    checked(library, DRAFT)
    assert {(text, shown) for text, _, shown in asked} == {
        ("The quay is late.", ""),
        ("Nothing was decided.", "“Mud does not read a licence,” Edda Maskell said."),
    }


# --- what they are judged by ------------------------------------------------------------------


def test_a_sentence_is_judged_by_each_piece_of_evidence_by_itself_then_by_those_of_an_article_together(
    library: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = judging(monkeypatch, {})
    checked(library, "The timetable of the quay was rejected by the mayor of Orrisport.")
    counts = [len(evidence) for _, evidence, _ in asked]
    alone = counts.index(next(count for count in counts if count > 1))
    assert 3 <= alone <= claims.CANDIDATES
    assert counts[:alone] == [1] * alone
    assert all(1 < count <= claims.TOGETHER for count in counts[alone:])


@pytest.mark.parametrize("few", [claims.FEW, 0])
def test_every_sentence_of_the_samples_is_found_as_evidence_for_itself(
    few: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "FEW", few)
    asked = judging(monkeypatch, {})
    tried = 0
    with open_with(tmp_path / "home") as opened:
        opened.ingest([str(SAMPLES)])
        for record in opened.articles():
            text = record.article.text
            for span in sentences(text)[::4]:
                said = text[slice(*span)]
                if drafts.claims(said):
                    asked.clear()
                    opened.verify(said, claims=True)
                    judged = {evidence for _, (evidence, *more), _ in asked if not more}
                    tried += 1
                    assert any(said in evidence or evidence in said for evidence in judged), said
    assert tried > 40


def test_in_a_large_library_a_rare_name_finds_its_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "FEW", 0)
    judging(monkeypatch, {"Zebedee Quince": "follows"})
    with open_with(tmp_path / "home") as opened:
        opened.ingest_articles([*made(200), article("Ferries run. Zebedee Quince owns a lighthouse in part 3.")])
        (claim,) = checked(opened, "A lighthouse of part 3 is Zebedee Quince’s own, and the harbour is not ours.")
    assert claim.verdict == "follows"


def test_only_the_articles_that_are_named_are_looked_in(library: Pullquote, monkeypatch: pytest.MonkeyPatch) -> None:
    judging(monkeypatch, {"The quay is late": "follows"})
    assert checked(library, "The quay is late.")[0].verdict == "follows"
    (claim,) = checked(library, "The quay is late.", Filters(articles=("wire-3",)))
    assert [citation.excerpt.article.external_id for citation in claim.citations] == ["wire-3"]
    assert checked(library, "The quay is late.", Filters(articles=("leak",)))[0].verdict == "not_found"


# --- the verdict ------------------------------------------------------------------------------


def test_the_kindest_verdict_holds_and_stands_on_one_sentence_of_each_of_five_articles(
    library: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    for says, verdict in (
        ({"The quay is late": "attributed"}, "attributed"),
        ({"The quay is late": "attributed", "never done": "contradicted"}, "contradicted"),
        ({"Town": "attributed", "never done": "contradicted", "The quay is late": "follows"}, "follows"),
    ):
        judging(monkeypatch, says)
        (claim,) = checked(library, "The quay is late, and the survey was never done.")
        assert claim.verdict == verdict
        assert len(claim.citations) == claims.CITED  # of seven
    assert {citation.quote for citation in claim.citations} == {"The quay is late."}


def test_what_contradicts_a_sentence_that_follows_is_listed_but_not_of_the_same_article(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging(monkeypatch, {"late": "follows", "in time": "contradicted"})
    with open_with(tmp_path / "home") as opened:
        opened.ingest_articles([
            article("The quay is late. The quay, some hoped, would be in time.", external_id="late"),
            article("The quay is in time.", external_id="timely"),
        ])  # fmt: skip
        (claim,) = checked(opened, "The quay is late.")
        record = run("verify", "The quay is late.", "--claims", "--json", home=tmp_path / "none").json
    assert (claim.verdict, [c.quote for c in claim.against]) == ("follows", ["The quay is in time."])
    assert record["claims"][0]["verdict"] == "not_found"


# --- what is refused, and what ends early -----------------------------------------------------


def test_too_many_sentences_are_refused_and_as_many_as_are_allowed_are_not(
    library: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging(monkeypatch, {})
    assert len(checked(library, "The quay is late. " * claims.MOST)) == claims.MOST
    with pytest.raises(InputError, match="101 sentences outside quotation marks, and 100 are checked at once"):
        library.verify("The quay is late. " * (claims.MOST + 1), claims=True)
    assert library.verify("The quay is late. " * (claims.MOST + 1)).claims is None
    with pytest.raises(InputError, match="nothing to check"):
        library.verify(" ", claims=True)


def test_a_sentence_that_a_draft_repeats_is_judged_once(library: Pullquote, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = judging(monkeypatch, {})
    checked(library, "The quay is late. " * 4)
    assert {shown for *_, shown in asked} == {"", "The quay is late."}
    once = len(asked)
    checked(library, "The quay is late. " * 9)
    assert len(asked) == 2 * once


def test_checking_ends_between_two_sentences_once_nobody_waits(
    library: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = judging(monkeypatch, {})
    text = "The quay is late. The survey was never done. Nothing was decided."
    with pytest.raises(Stopped):
        stoppable(lambda: library.verify(text, claims=True), lambda: bool(asked))
    assert {sentence for sentence, *_ in asked} == {"The quay is late."}


# --- the command line -------------------------------------------------------------------------

GOOD, BAD = "Mayor Ilse Varga objected to the timetable.", "Nothing whatever was decided."


@pytest.fixture
def home_with_articles(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with open_with(home) as opened:
        opened.ingest_articles([article(HEARING, external_id="hearing", url="https://news.example/a", title="Hearing")])
    monkeypatch.setattr(claims, "infer", lambda text, sources, shown="": _by_words(text, sources))
    return home


def _by_words(text: str, sources: Sequence[Source]) -> Inference:
    (told,) = (words for words in ("timetable", "decided", "quay") if words in text)
    held = tuple(source.citation.n for source in sources if told in source.text)
    verdict = {"timetable": "follows", "decided": "contradicted", "quay": "attributed"}[told]
    return Inference(verdict, "", held) if held else Inference("not_found")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "code", "verdicts"),
    [
        (GOOD, 0, ["follows"]),
        (f"{GOOD} “Mud does not read a licence,” Maskell said.", 0, ["follows"]),
        (f"{GOOD} “Mud does read a licence,” Maskell said.", 1, ["follows"]),
        (f"{GOOD} {BAD}", 1, ["follows", "contradicted"]),
        (f"“Mud does not read a licence,” she said. {BAD}", 1, ["contradicted"]),
        ("“Mud does not read a licence,” she said.", 0, []),
        ("Was it decided?", 1, []),  # nothing is left but what is looked up as a quotation, and is none
    ],
)
def test_the_command_says_of_each_sentence_what_the_contract_has(
    text: str, code: int, verdicts: list[str], home_with_articles: Path
) -> None:
    plain = run("verify", text, "--json", home=home_with_articles).json
    outcome = run("verify", text, "--claims", "--json", home=home_with_articles)
    record = outcome.json
    found = record.pop("claims")
    assert record == plain
    assert (outcome.code, [claim["verdict"] for claim in found]) == (code, verdicts)
    with open_with(home_with_articles) as opened:
        for claim in found:
            assert claim.keys() == {"text", "verdict", "citations"}
            assert claim["text"] in text
            for citation in claim["citations"]:
                assert_exact_record(citation, opened)


def test_without_claims_the_command_answers_as_ever(home_with_articles: Path) -> None:
    outcome = run("verify", f"“Mud does not read a licence,” she said. {BAD}", "--json", home=home_with_articles)
    assert outcome.json.keys() == {"verdict", "matches", "quotations"}
    assert outcome.code == 0


def test_the_command_shows_each_sentence_with_what_it_stands_on(home_with_articles: Path) -> None:
    out = run("verify", f"{GOOD} {BAD}", "--claims", home=home_with_articles).out
    assert out.startswith("Sentences outside quotation marks. A check of words and relations, not of the world.\n")
    told = out.split("\n\n")[1:]
    assert [one.split("\n")[:2] for one in told] == [
        ["FOLLOWS: your articles say so", f"  {GOOD}"],
        ["CONTRADICTED: your articles say otherwise", f"  {BAD}"],
    ]
    assert "  [1] Ilse Varga: Hearing\n      Ilse Varga, the mayor of Orrisport, objected" in told[0]
    quoted = run("verify", "“Mud does not read a licence,” she said.", "--claims", home=home_with_articles).out
    assert quoted.startswith("VERBATIM") and quoted.rstrip().endswith("says anything to check.")


def test_a_batch_checks_the_claims_of_the_lines_that_ask_for_it(home_with_articles: Path, tmp_path: Path) -> None:
    def answers(lines: list[dict[str, Any]], *options: str) -> tuple[int, list[dict[str, Any]]]:
        batch = str(write_jsonl(tmp_path / "batch.jsonl", lines))
        outcome = run("verify", "--batch", batch, *options, home=home_with_articles)
        return outcome.code, outcome.json_lines

    code, found = answers([
        {"id": "b", "text": GOOD, "claims": True, "article": ["hearing"]},
        {"id": "a", "text": GOOD, "claims": True, "article": "hearing"},
        {"id": 3, "text": GOOD, "claims": True, "article": ["nowhere"]},
        {"id": 4, "text": "Mud does not read a licence"},
        {"id": 5, "text": GOOD, "claims": "yes"},
    ])  # fmt: skip
    assert [line["id"] for line in found] == ["b", "a", 3, 4, 5]
    assert code == 1
    assert [[claim["verdict"] for claim in line.get("claims", [])] for line in found] == [
        ["follows"], ["follows"], ["not_found"], [], [],
    ]  # fmt: skip
    assert "claims" not in found[3]
    assert found[4].keys() == {"id", "error"} and "claims is 'yes'; it must be true or false" in found[4]["error"]
    assert answers([{"text": GOOD, "claims": True}])[0] == 0
    code, found = answers([{"text": GOOD}, {"text": GOOD, "claims": False}], "--claims")
    assert ["claims" in line for line in found] == [True, False]


# --- programs ---------------------------------------------------------------------------------


def test_the_api_says_the_same_and_nothing_more_without_claims(
    library: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging(monkeypatch, {"The quay is late": "follows"})
    with site(library) as client:
        plain = client.post("/api/v1/verify", json={"text": DRAFT}).json()
        whole = client.post("/api/v1/verify", json={"text": DRAFT, "claims": True}).json()
        refused = client.post("/api/v1/verify", json={"text": "The quay is late. " * 101, "claims": True})
    found = whole.pop("claims")
    assert whole == plain
    assert [claim["verdict"] for claim in found] == ["follows", "not_found"]
    assert refused.status_code == 422 and "101 sentences" in json.dumps(refused.json())


# --- judged in earnest ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "verdict", "stands_on"),
    [
        ("Nothing was decided.", "follows", "Nothing was decided."),
        ("The mayor of Orrisport objected to the timetable.", "follows", "objected to the timetable"),
        ("Edda Maskell is an ecologist.", "follows", "an ecologist"),
        ("Delphine Aucott apologised.", "follows", "apologised"),
        ("Ilse Varga did not object to the timetable of the new quay.", "contradicted", "objected to the timetable"),
        ("Delphine Aucott did not apologise.", "contradicted", "apologised"),
        ("Ilse Varga objected to the ferry.", "not_found", ""),
        ("Delphine Aucott objected to the timetable of the new quay.", "not_found", ""),
    ],
)
def test_a_sentence_gets_the_verdict_that_a_reader_would_give(
    text: str, verdict: str, stands_on: str, library: Pullquote, parser_model: Path
) -> None:
    (claim,) = checked(library, text)
    assert claim.verdict == verdict
    assert all(stands_on in citation.quote for citation in claim.citations)


def test_a_draft_is_judged_sentence_by_sentence_in_its_order(library: Pullquote, parser_model: Path) -> None:
    draft = (
        "Edda Maskell is an ecologist. “Mud does not read a licence,” she told the hearing.\n\n"
        "Ilse Varga did not object to the timetable of the new quay. Who would? The council sold a lighthouse."
    )
    found = checked(library, draft)
    assert [claim.verdict for claim in found] == ["follows", "contradicted", "not_found"]
    assert [claim.words.split()[0] for claim in found] == ["Edda", "Ilse", "The"]
