"""The first promise, through the front door: every quotation in every output is a slice of a stored article."""

from __future__ import annotations

import json
import os
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest
import typer
from command import run
from helpers import CITATION_KEYS, HEARING, any_text, assert_exact_record, open_with, write_jsonl
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rendered import in_paragraphs, unquoted

from rag import Pullquote, cli
from rag.text import Span, normalise

FORMATS = ("markdown", "csl-json", "bibtex")
AROUND = {"before", "after"}
Record = dict[str, Any]


# --- the front door ---------------------------------------------------------------------------


class Door(NamedTuple):
    """The command line over one home: opened and closed by every command, or `held` open throughout."""

    home: Path
    held: Pullquote | None = None

    def prints(self, *arguments: str) -> str:
        """What `pullquote ARGUMENTS…` prints; it fails here if it refuses to do it."""
        opener = mock.patch("rag.service.open_pullquote", return_value=nullcontext(self.held))
        with opener if self.held else nullcontext(), mock.patch.object(cli, "app", _commands()):
            outcome = run(*arguments, home=self.home)
        assert outcome.code in (0, 1), outcome
        return outcome.out

    def lines(self, command: str, *arguments: str) -> list[Record]:
        """The JSON objects of `pullquote COMMAND --json ARGUMENTS…`, one a line."""
        lines = [json.loads(line) for line in self.prints(command, "--json", *arguments).split("\n")[:-1]]
        assert not any("error" in line for line in lines), lines
        return lines

    def json(self, command: str, *arguments: str) -> Record:
        (record,) = self.lines(command, *arguments)
        return record


@cache
def _commands() -> Callable[[], None]:
    """`cli.app`, put together once: Typer does it anew at every call, which takes longer than the call."""
    return typer.main.get_command(cli.app)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A door to a library that stays open from one example to the next."""
    home = tmp_path_factory.mktemp("held") / "home"
    with open_with(home) as pullquote:
        yield Door(home, pullquote)


# --- what must hold ---------------------------------------------------------------------------


class Texts:
    """The texts of revisions, as `article ID --revision REVISION --json` gives them out."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.known: dict[str, str] = {}

    def __getitem__(self, named: tuple[str, str]) -> str:
        article_id, revision = named
        if revision not in self.known:
            record = self.door.json("article", "--revision", revision, article_id)
            assert (record["id"], record["revision"]) == named
            self.known[revision] = record["text"]
        return self.known[revision]


def citations_in(output: object) -> Iterator[Record]:
    """Whatever in `output` has a quote, however deep."""
    if isinstance(output, dict):
        if "quote" in output:
            yield output
        for value in output.values():
            yield from citations_in(value)
    elif isinstance(output, list):
        for value in output:
            yield from citations_in(value)


def assert_exact_output(output: Record, texts: Texts) -> list[Record]:
    """Every citation in `output` is a slice of what the `article` command gives; returns them."""
    found = list(citations_in(output))
    for citation in found:
        text = texts[citation["article_id"], citation["revision"]]
        assert citation["quote"] == text[citation["start"] : citation["end"]] != ""
    return found


def assert_exact_claims(answer: Record) -> None:
    """A claim ends in words of its citation and that citation's number; the answer is its claims. Where nobody tells
    the answer, these are all the words, and all citations are claimed.
    """
    quotes = {citation["n"]: citation["quote"] for citation in answer["citations"]}
    numbers = [n for claim in answer["claims"] for n in claim["citations"]]
    assert set(numbers) <= set(quotes) if answer["mode"] == "composed" else numbers == list(quotes)
    for claim in answer["claims"]:
        (n,) = claim["citations"]
        if answer["mode"] == "composed":
            assert_exact_end(claim["text"].removesuffix(f" [{n}]"), quotes[n])
        else:
            assert claim["text"].endswith(f" {quotes[n]} [{n}]")
    if not answer["abstained"]:
        between = " " if answer["mode"] == "composed" else "\n\n"
        assert answer["answer"].endswith(between.join(claim["text"] for claim in answer["claims"]))


def assert_exact_end(sentence: str, quote: str) -> None:
    """A sentence of the program's ends in words as they stand in `quote`, at most with its own marks and stop."""
    own = sentence.removesuffix(".")
    ends = [own.removesuffix("”"), own, sentence]
    found = [(at, end) for end in ends for at in range(1, len(end) + 1) if quote.find(end[-at:]) >= 0]
    longest, end = max(found, default=(0, sentence))
    lead = end[: len(end) - longest].rstrip("“ ")
    assert longest and (":" not in lead or lead.endswith(":")), (sentence, quote)


def assert_cited_exactly(citation: Record, door: Door, texts: Texts) -> None:
    """`cite ID` gives the same words in every format, and the text around them."""
    found = door.json("cite", citation["id"])
    assert_exact_output(found, texts)
    assert found.keys() - {"fragment_url"} == CITATION_KEYS | AROUND
    assert (found["id"], found["quote"]) == (citation["id"], citation["quote"])
    text = texts[found["article_id"], found["revision"]]
    start, end = found["start"] - len(found["before"]), found["end"] + len(found["after"])
    assert start >= 0
    assert found["before"] + found["quote"] + found["after"] == text[start:end]
    for form in FORMATS:
        written = door.json("cite", "--format", form, citation["id"])
        assert {key: written[key] for key in found} == found
        assert QUOTE_IN[form](written["text"]) == AS_WRITTEN[form](citation["quote"])
        assert door.prints("cite", "--format", form, citation["id"]) == written["text"] + "\n"


def _quote_in_csl(written: str) -> str:
    (item,) = json.loads(written)
    return str(item["note"])


def _quote_in_bibtex(written: str) -> str:
    (line,) = (line for line in written.split("\n") if line.startswith("  note = {"))
    escaped = line.removeprefix("  note = {").removesuffix("},")
    return re.sub(r"\\(?:([a-z]+)\{\}|([%&#$_]))", lambda m: TEX[m[1]] if m[1] else m[2], escaped)


TEX = {
    "textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "textasciitilde": "~", "textasciicircum": "^",
}  # fmt: skip
QUOTE_IN = {"markdown": unquoted, "csl-json": _quote_in_csl, "bibtex": _quote_in_bibtex}
AS_WRITTEN: Mapping[str, Callable[[str], str]] = {
    "markdown": in_paragraphs,
    "csl-json": lambda quote: quote,
    "bibtex": lambda quote: " ".join(quote.split()),  # where space is all the same
}


def assert_exact_library(pullquote: Pullquote, texts: Texts) -> None:
    """The stored passages, their sentences, and who said what are slices of current revisions."""
    library = pullquote.library
    articles = {record.article.id: record.article for record in pullquote.articles()}
    spoken = library.quotations.of(list(articles.values()))
    for article in articles.values():
        text = texts[article.id, article.revision]
        for quotation in spoken[article.id]:
            start, end = quotation.excerpt.span
            assert quotation.excerpt.text == text[start:end] != ""
    for passage in library.passages(library.passage_ids()).values():
        article = articles[passage.article_id]
        text = texts[article.id, article.revision]
        assert article.excerpt(passage.span).text == text[passage.span.start : passage.span.end] != ""
        assert all(passage.span.covers(sentence) for sentence in passage.sentences)
        assert (passage.sentences[0].start, passage.sentences[-1].end) == passage.span


# --- any text ---------------------------------------------------------------------------------


class Case(NamedTuple):
    """A text, a title, an address or none, and what is asked about it."""

    text: str
    title: str
    url: str
    questions: list[str]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    text = draw(any_text().filter(lambda text: normalise(text).strip()))
    words = text.split() or [text]
    starts = draw(st.lists(st.integers(0, len(words) - 1), min_size=1, max_size=2))
    own = [" ".join(words[start : start + 6]) for start in starts]
    questions = ["What did John Smith object to?", *own, draw(any_text(3))]
    url = draw(st.sampled_from(["", "https://news.example/a?b=ç"]))
    return Case(text, draw(any_text(2)), url, [question for question in questions if question.strip()])


def write(case: Case, folder: Path) -> list[str]:
    """The case as a JSON Lines file and, where UTF-8 can hold it, as plain text; the names of the files."""
    record = {"id": "any", "text": case.text, "title": case.title, "url": case.url or None}
    written = [str(write_jsonl(folder / "any.jsonl", [record]))]
    try:
        data = case.text.encode("utf-8")
    except UnicodeEncodeError:
        return written
    plain = folder / "any.txt"
    plain.write_bytes(data)
    return [*written, str(plain)]


def shell_words(question: str) -> str:
    """`question` as a shell can pass it: no NUL, and bytes where UTF-8 has no character."""
    return re.sub("[\0\ud800-\udc7f\udd00-\udfff]", "", question).strip()


def asked(door: Door, case: Case, folder: Path) -> Iterator[Record]:
    """Every answer and every list of hits that the questions of `case` bring, by argument and by batch."""
    for question in case.questions:
        if words := shell_words(question):
            answer, found = (door.json(command, "-k", "200", "--", words) for command in ("ask", "search"))
            yield from (answer, found)
            told = door.prints("ask", "-k", "200", "--", words)
            assert told.startswith(answer["answer"])
            if answer["mode"] == "composed":
                assert all(f"[{c['n']}] {c['quote']}\n" in told and c["id"] in told for c in answer["citations"])
            shown = "\n\n".join(f"[{hit['n']}] {hit['title']}\n{hit['quote']}" for hit in found["hits"])
            assert door.prints("search", "-k", "200", "--", words) == (shown or "Nothing found.") + "\n"
    records = [{"question": question, "query": question, "id": n} for n, question in enumerate(case.questions)]
    batch = write_jsonl(folder / "batch.jsonl", records)
    for command in ("ask", "search"):
        outputs = door.lines(command, "-k", "200", "--batch", str(batch))
        assert [output.pop("id") for output in outputs] == list(range(len(case.questions)))
        yield from outputs


def empty(door: Door) -> None:
    """So that an example does not depend on those before it."""
    for article in door.json("articles")["articles"]:
        door.json("remove", article["id"])


def assert_exact_throughout(door: Door, case: Case, folder: Path) -> None:
    """Takes `case` in, asks it about itself, and looks at every quotation that comes out."""
    empty(door)
    files = write(case, folder)
    report = door.json("ingest", *files)
    assert report["added"] + report["duplicates"] + len(report["failed"]) == len(files)
    assert all(failure["source"].endswith(".txt") for failure in report["failed"])
    stored = door.json("article", "any")
    assert stored["text"] == normalise(json.loads(json.dumps(case.text)))
    assert door.prints("article", "any") == stored["text"] + "\n"
    texts = Texts(door)
    seen: dict[str, Record] = {}
    for output in asked(door, case, folder):
        seen |= {citation["id"]: citation for citation in assert_exact_output(output, texts)}
        if "claims" in output:
            assert_exact_claims(output)
    assert seen, "nothing was found, and so nothing was looked at"
    for citation in seen.values():
        assert_cited_exactly(citation, door, texts)
    with nullcontext(door.held) if door.held else open_with(door.home) as pullquote:
        for citation in seen.values():
            assert_exact_record(citation, pullquote)
        assert_exact_library(pullquote, Texts(Door(door.home, pullquote)))
        assert pullquote.doctor()["library"]["faults"] == []


@settings(max_examples=40)
@example(
    case=Case(
        "“We object to\u2028it all\u2029now,” said X\u2028. Ann Bell denied it.", "", "", ["What did X object to?"]
    )
)
@example(case=Case("It is one line. " * 8_000, "One line", "", ["one line"]))
@given(case=cases())
def test_every_quotation_of_any_text_is_a_slice_in_every_output(
    case: Case, held: Door, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert_exact_throughout(held, case, tmp_path_factory.mktemp("any"))


@settings(max_examples=4)
@given(case=cases())
def test_so_it_is_where_every_command_opens_the_library_anew(
    case: Case, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    assert_exact_throughout(Door(folder / "home"), case, folder)


# --- corrections ------------------------------------------------------------------------------


def correct(door: Door, text: str, folder: Path) -> None:
    """Have the same article come in with another text."""
    report = door.json("ingest", str(write_jsonl(folder / "any.jsonl", [{"id": "any", "text": text}])))
    assert report["articles"] == 1 and not report["failed"]


def cited_in(door: Door, question: str) -> dict[str, str]:
    """Citation ids with their words, from all that `question` finds."""
    outputs = [door.json(command, "-k", "200", "--", question) for command in ("ask", "search")]
    return {citation["id"]: citation["quote"] for citation in citations_in(outputs)}


def assert_still_cited(cited: Mapping[str, str], door: Door) -> None:
    texts = Texts(door)
    for citation_id, quote in cited.items():
        found = door.json("cite", citation_id)
        assert (found["id"], found["quote"]) == (citation_id, quote)
        assert_exact_output(found, texts)


@settings(max_examples=30)
@given(editions=st.lists(any_text(8).filter(lambda text: normalise(text).strip()), min_size=2, max_size=4))
def test_what_was_cited_keeps_its_words_through_every_correction(
    editions: list[str], held: Door, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty(held)
    folder = tmp_path_factory.mktemp("editions")
    cited: dict[str, str] = {}
    for text in editions:
        correct(held, text, folder)
        found = cited_in(held, shell_words(" ".join(text.split()[:8])) or "anything")
        assert found
        cited |= found
        assert_still_cited(cited, held)


def test_a_citation_outlives_corrections_a_rebuild_and_the_return_of_its_text(home: Path, tmp_path: Path) -> None:
    door = Door(home)
    cited: dict[str, str] = {}
    for text in (HEARING, f"Corrected on Friday.\n\n{HEARING}", HEARING.replace("quay", "pier"), HEARING):
        correct(door, text, tmp_path)
        cited |= cited_in(door, "What did Ilse Varga object to?")
    assert_still_cited(cited, door)
    assert any("quay" in quote for quote in cited.values()) and any("pier" in quote for quote in cited.values())
    assert len(door.json("article", "any")["revisions"]) == 3
    door.json("rebuild")
    assert_still_cited(cited, door)


# --- real articles ----------------------------------------------------------------------------

EACH = 500
"""Articles of each collection, and ten questions for every hundred of them."""


@pytest.fixture(scope="module")
def collections() -> list[Path]:
    """The folders of real articles and questions."""
    data = os.environ.get("PULLQUOTE_DATA", "")
    folders = [Path(data) / name for name in ("polnear", "realtimeqa")]
    if not data or not all((folder / "articles.jsonl").is_file() for folder in folders):
        pytest.skip("PULLQUOTE_DATA names no folder with polnear/articles.jsonl and realtimeqa/articles.jsonl")
    return folders


def first_lines(path: Path, count: int) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return list(islice(file, count))


def as_kept(raw: str) -> str:
    """What is promised to become of a text, written independently of `normalise`."""
    plain = "".join(c for c in raw if c in "\t\n\r" or unicodedata.category(c) != "Cc")
    return unicodedata.normalize("NFC", plain.replace("\r\n", "\n").replace("\r", "\n"))


def test_every_excerpt_of_a_thousand_real_articles_is_what_their_files_say(
    collections: list[Path], home: Path, tmp_path: Path
) -> None:
    files: list[Path] = []
    sources: dict[str, str] = {}
    for folder in collections:
        lines = first_lines(folder / "articles.jsonl", EACH)
        sources |= {record["id"]: as_kept(record["text"]) for record in map(json.loads, lines)}
        files.append(tmp_path / f"{folder.name}.jsonl")
        files[-1].write_text("".join(lines), "utf-8")
    report = Door(home).json("ingest", *map(str, files))
    assert (report["added"], report["failed"]) == (len(sources), [])
    assert len(sources) == EACH * len(collections)

    checked: Counter[str] = Counter()
    differing: list[tuple[str, str]] = []

    def check(kind: str, external_id: str, span: Span, words: str) -> None:
        checked[kind] += 1
        if not words or words != sources[external_id][span.start : span.end]:
            differing.append((kind, words))

    with open_with(home) as pullquote:
        library = pullquote.library
        articles = {record.article.id: record.article for record in pullquote.articles()}
        for passage in library.passages(library.passage_ids()).values():
            article = articles[passage.article_id]
            check("passages", article.external_id, passage.span, article.excerpt(passage.span).text)
            for sentence in passage.sentences:
                check("sentences", article.external_id, sentence, article.excerpt(sentence).text)
        for quotations in library.quotations.of(list(articles.values())).values():
            for quotation in quotations:
                excerpt = quotation.excerpt
                check("quotations", excerpt.article.external_id, excerpt.span, excerpt.text)

        door = Door(home, pullquote)
        questions = drawn_questions(collections, EACH // 10)
        batch = write_jsonl(tmp_path / "questions.jsonl", [{"question": q, "query": q} for q in questions])
        hits = door.lines("search", "-k", "50", "--batch", str(batch))
        answers = door.lines("ask", "-k", "20", "--batch", str(batch))
        assert len(hits) == len(answers) == len(questions) == EACH * len(collections) // 10
        outputs = [("hits", output["hits"]) for output in hits]
        for answer in answers:
            assert_exact_claims(answer)
            outputs += [("citations", answer["citations"]), ("evidence", answer["evidence"])]
            outputs.append(("looked up", [door.json("cite", citation["id"]) for citation in answer["citations"]]))
        for kind, citations in outputs:
            for citation in citations:
                check(kind, citation["external_id"], Span(citation["start"], citation["end"]), citation["quote"])
                assert_exact_record({k: v for k, v in citation.items() if k not in AROUND}, pullquote)

    kinds = ", ".join(f"{count:,} {kind}" for kind, count in checked.items())
    print(f"\n{checked.total():,} excerpts of {len(sources):,} articles checked ({kinds}); {len(differing)} differ")
    assert checked.keys() == {"passages", "sentences", "quotations", "hits", "citations", "evidence", "looked up"}
    assert differing == []


def drawn_questions(collections: list[Path], each: int) -> list[str]:
    """`each` of the questions that come with each collection, the same at every run."""
    drawn: list[str] = []
    for folder in collections:
        records = [json.loads(line) for line in (folder / "questions.jsonl").read_text("utf-8").splitlines()]
        drawn += random.Random(folder.name).sample([record["question"] for record in records], each)
    return drawn
