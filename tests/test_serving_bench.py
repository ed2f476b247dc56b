"""The load test's own eyes: a wrong citation would be found, a failure counted, a slow answer seen."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "bench"))

import pytest
from helpers import HEARING, article
from serving import Heard, citations, failed, family, percentile, report, resident, wrong

from rag.references import record
from rag.text import Span
from rag.types import Citation

WHOLE = article(HEARING, external_id="hearing")
RIGHT = record(Citation(1, WHOLE.excerpt(Span(0, 10))))


def heard(body: object, status: int = 200, seconds: float = 0.01) -> Heard:
    return Heard("cite", status, json.dumps(body).encode(), seconds)


def test_citations_are_found_wherever_they_stand() -> None:
    body = {"hits": [RIGHT], "more": {"deep": [RIGHT | {"n": 2}], "none": [1, "x", None]}}
    assert [one["n"] for one in citations(body)] == [1, 2]


@pytest.mark.parametrize("bent", [{"quote": "Ilse Vargo"}, {"end": 11}, {"id": "0" * 20 + "-0-10"}])
def test_a_bent_citation_is_found(bent: dict[str, object]) -> None:
    answers = [heard(RIGHT), heard(RIGHT), heard(RIGHT | bent)]
    count, wrong_ones = wrong(answers, lambda *_: WHOLE.text)
    assert count == 2 and len(wrong_ones) == 1
    assert wrong(answers[:2], lambda *_: WHOLE.text) == (1, [])


def test_what_failed_is_counted_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    answers = [heard(RIGHT), heard({"detail": "too many"}, 429), Heard("cite", 0, b"TimeoutError", 60.0)]
    assert [one.status for one in failed(answers)] == [429, 0]
    report({"cite": [0.001] * 20}, answers, 10)
    printed = capsys.readouterr().out
    assert "FAILED cite 429" in printed and "FAILED cite 0" in printed and "**over**" in printed


def test_percentiles_are_milliseconds_of_the_slowest_few() -> None:
    assert percentile([n / 1000 for n in range(1, 101)], 0.95) == pytest.approx(96)
    assert percentile([0.2], 0.99) == pytest.approx(200)


def test_memory_is_that_of_a_process_and_its_children() -> None:
    assert os.getpid() in family(os.getpid())
    before, ballast = resident(os.getpid()), bytearray(os.urandom(1)) * (64 << 20)
    assert resident(os.getpid()) > before + 32 and ballast
    assert resident(2**22 + 1) == 0
