"""Progress, where there is no terminal: a line now and then, never on stdout."""

from __future__ import annotations

import pytest

from rag import progress
from rag.ingest import IngestReport


def test_a_line_says_how_many_how_fast_and_how_long_still() -> None:
    report = IngestReport(added=100, unchanged=20, seconds=60.0)
    assert progress.line(report, 1_000) == "Ingesting: 120 of about 1,000 articles, 2.0 articles/s, 0:07:20 left"


def test_nothing_is_made_up_before_the_first_article_or_beyond_the_estimate() -> None:
    assert progress.line(IngestReport(), 10) == "Ingesting: 0 of about 10 articles"
    assert progress.line(IngestReport(added=12, seconds=3.0), 10) == "Ingesting: 12 articles, 4.0 articles/s"


def test_lines_come_seldom_and_on_stderr(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with progress.bar(100) as update:
        update(IngestReport(added=1, seconds=1.0))
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(progress, "EVERY", 0.0)
    with progress.bar(100) as update:
        update(IngestReport(added=1, seconds=1.0))
    assert capsys.readouterr() == ("", "Ingesting: 1 of about 100 articles, 1.0 articles/s, 0:01:39 left\n")
