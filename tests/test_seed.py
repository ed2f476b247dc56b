"""The question this product was thought up for, on a real article read from the folder in PULLQUOTE_SEED."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import assert_exact

from rag import Pullquote, Settings, open_pullquote


@pytest.fixture(scope="module")
def seeded(embedded_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pullquote]:
    folder = os.environ.get("PULLQUOTE_SEED", "")
    if not folder:
        pytest.skip("PULLQUOTE_SEED names no folder with the seed article")
    with open_pullquote(Settings(home=tmp_path_factory.mktemp("seed") / "home")) as opened:
        assert opened.ingest([folder]).added >= 1
        yield opened


@pytest.mark.parametrize("words", ["are unacceptable", "is deliberately avoided"])
def test_what_lavrov_objected_to_is_among_the_first_five(seeded: Pullquote, words: str) -> None:
    answer = seeded.ask("what did Lavrov object to?")
    assert not answer.abstained
    for citation in answer.evidence:
        assert_exact(citation.excerpt)
    (found,) = [citation for citation in answer.evidence[:5] if words in citation.quote]
    assert found.speaker == "Sergey Lavrov"


def test_what_is_not_in_the_article_is_not_answered(seeded: Pullquote) -> None:
    assert seeded.ask("what is the capital of Peru?").abstained
