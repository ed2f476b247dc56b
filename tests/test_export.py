"""Lists of quotations as files: what is read back is what was written, and no cell runs."""

from __future__ import annotations

import csv
import io
import json

import pytest
from helpers import CITATION_KEYS, any_article, article
from hypothesis import given

from rag.export import COLUMNS, as_csv, as_jsonl
from rag.records import quotations_record
from rag.text import Span
from rag.types import Article, Citation, Quoted

APP = "https://quotes.example"


def listed(whole: Article, n: int = 1, speaker: str = "Ilse Varga", cue: str = "said") -> Quoted:
    """A whole article as a quotation."""
    return Quoted(Citation(n, whole.excerpt(Span(0, len(whole.text))), speaker), cue, "direct")


def table(exported: bytes) -> list[dict[str, str]]:
    """What a reader of CSV finds."""
    return list(csv.DictReader(io.StringIO(exported.decode("utf-8-sig"), newline=""), strict=True))


SPANS = {"mention", "mention_start", "mention_end", "cue_start", "cue_end"}

FOUND = [
    listed(article("“Mud does not read a licence,”", title="The hearing", url="https://gazette.example/a")),
    listed(article("“No.”\n\n“Not\tnow; „nie“, 泥, she said, “ever”."), 2, "", ""),
]


def test_json_lines_are_the_records_a_line_each() -> None:
    lines = as_jsonl(FOUND, APP).split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == quotations_record(FOUND, APP)["quotations"]


def test_csv_has_the_fields_of_the_records_and_no_others() -> None:
    assert set(COLUMNS) == CITATION_KEYS | {"fragment_url", "cue", "kind", "person", "office"} | SPANS
    assert len(COLUMNS) == len(set(COLUMNS))
    for row, record in zip(table(as_csv(FOUND, APP)), quotations_record(FOUND, APP)["quotations"], strict=True):
        expected = dict.fromkeys(COLUMNS, "") | {k: "" if v is None else str(v) for k, v in record.items()}
        assert row == expected


def test_links_in_both_lead_to_the_app() -> None:
    assert all(row["link"].startswith(f"{APP}/?article=") for row in table(as_csv(FOUND, APP)))
    assert as_jsonl(FOUND, APP).count(f'"{APP}/?article=') == len(FOUND)


@pytest.mark.parametrize("found", [FOUND, []])
def test_csv_begins_with_a_byte_order_mark_and_names_and_ends_its_lines_as_the_standard_says(
    found: list[Quoted],
) -> None:
    exported = as_csv(found)
    assert exported.startswith(b'\xef\xbb\xbf"quote","speaker","office","person","cue","kind",')
    assert exported.endswith(b"\r\n")
    assert exported.count(b"\r\n") == 1 + len(found)
    assert as_jsonl([]) == ""


@given(any_article(8))
def test_any_quotation_comes_back_from_csv_but_for_an_apostrophe_before_a_formula(whole: Article) -> None:
    (row,) = table(as_csv([listed(whole)]))
    assert row["quote"] in (whole.text, f"'{whole.text}")
    assert not row["quote"].startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert json.loads(as_jsonl([listed(whole)]))["quote"] == whole.text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])
def test_a_cell_that_would_run_is_text_in_csv_and_verbatim_in_json_lines(start: str) -> None:
    formula = f'{start}HYPERLINK("https://x.example","quay")'
    found = listed(article(formula, title=formula, author=formula, publisher=formula), 1, formula, formula)
    (row,) = table(as_csv([found]))
    for name in ("quote", "title", "author", "publisher", "speaker", "cue"):
        assert row[name] == f"'{formula}"
        assert json.loads(as_jsonl([found]))[name] == formula


def test_marks_within_a_cell_stay_as_they_are() -> None:
    (row,) = table(as_csv([listed(article("Two - or 3 = more, @noon"))]))
    assert row["quote"] == "Two - or 3 = more, @noon"
