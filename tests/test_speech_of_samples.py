"""Who says what in the sample articles, to the character: kind, speaker, verb, mention and words as read by eye."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from helpers import SAMPLES

from rag.attribution import attribute
from rag.sources import Limits, read
from rag.types import Article

READ_BY_EYE: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("speech_of_samples.toml").read_text("utf-8")
)["article"]

Said = tuple[str, str, str, str, str]
"""Kind, speaker, verb, mention and words of a quotation."""


@cache
def articles() -> dict[str, Article]:
    outcomes = read([str(SAMPLES)], Limits(max_bytes=1_000_000, parse_seconds=60))
    return {outcome.title: outcome for outcome in outcomes if isinstance(outcome, Article)}


def said(article: Article) -> list[Said]:
    return [
        (q.kind, q.speaker, q.cue, article.text[slice(*q.mention)] if q.mention else "", q.excerpt.text)
        for q in attribute(article)
    ]


def listed(known: dict[str, Any], *names: str) -> list[Said]:
    return [
        (kind, speaker, cue, mention, words)
        for name in names
        for kind, speaker, cue, mention, words, *_ in known.get(name, [])
    ]


def test_every_sample_has_been_read() -> None:
    assert sorted(known["title"] for known in READ_BY_EYE) == sorted(articles())
    assert sum(len(known["said"]) for known in READ_BY_EYE) > 200


@pytest.mark.parametrize("known", READ_BY_EYE, ids=lambda known: known["title"])
def test_who_says_what_is_found_to_the_character(known: dict[str, Any]) -> None:
    found = said(articles()[known["title"]])
    assert sorted(found) == sorted(listed(known, "said", "wrong"))
    assert not set(found) & set(listed(known, "missing"))


@pytest.mark.parametrize("known", READ_BY_EYE, ids=lambda known: known["title"])
def test_what_is_known_to_be_wrong_or_missing_says_why_and_is_the_smaller_part(known: dict[str, Any]) -> None:
    faults = [*known.get("wrong", []), *known.get("missing", [])]
    assert all(len(fault) == 6 and fault[5] for fault in faults)
    assert len(faults) <= len(known["said"]) / 3


@pytest.mark.parametrize("known", READ_BY_EYE, ids=lambda known: known["title"])
def test_the_verb_and_the_mention_stand_where_they_are_said_to(known: dict[str, Any]) -> None:
    article = articles()[known["title"]]
    for quotation in attribute(article):
        assert (quotation.cue_span is None) == (not quotation.cue)
        if quotation.cue_span is not None:
            assert article.text[slice(*quotation.cue_span)].lower() == quotation.cue
            assert not quotation.excerpt.span.covers(quotation.cue_span) or quotation.kind == "indirect"
