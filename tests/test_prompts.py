"""Wordings: each in one file, rendered with exactly what the caller gives, a missing variable named."""

from __future__ import annotations

import re

import pytest
from helpers import ROOT
from hypothesis import given
from hypothesis import strategies as st

from rag import prompts
from rag.errors import PromptError

NAMES = sorted(path.stem for path in (ROOT / "prompts").glob("*.md"))


def variables_of(name: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", prompts.load(name)))


def test_the_wordings_of_answers_are_there() -> None:
    assert {"abstain", "empty", "reported", "said"} <= set(NAMES)
    assert (variables_of("said"), variables_of("reported")) == ({"speaker", "source"}, {"source"})
    assert variables_of("abstain") == variables_of("empty") == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_wording_can_be_rendered_and_leaves_no_variable(name: str) -> None:
    rendered = prompts.render(name, **dict.fromkeys(variables_of(name), "VALUE"))
    assert rendered == re.sub(r"\{\w+\}", "VALUE", prompts.load(name))
    assert rendered == rendered.strip() != ""


def test_a_missing_variable_is_named_with_its_file() -> None:
    with pytest.raises(PromptError, match=r"^prompts/said\.md needs source\.$"):
        prompts.render("said", speaker="Varga")
    with pytest.raises(PromptError, match=r"needs source, speaker\.$"):
        prompts.render("said")


def test_a_variable_that_a_wording_does_not_have_changes_nothing() -> None:
    assert prompts.render("abstain", speaker="Varga") == prompts.load("abstain")


@given(st.text(), st.text())
def test_values_go_in_as_they_are(speaker: str, source: str) -> None:
    assert prompts.render("said", speaker=speaker, source=source) == f"{speaker}, in {source}:"


@pytest.mark.parametrize(
    "value", ["{source}", "{speaker}", "{nobody}", "{", "}", "{{}}", "{0}", r"\1\g<0>", "%s", "$x"]
)
def test_what_looks_like_a_template_in_a_value_means_nothing(value: str) -> None:
    assert prompts.render("said", speaker=value, source=value) == f"{value}, in {value}:"


@pytest.mark.parametrize("name", ["nobody", "", "said.md", "x" * 5_000])
def test_a_missing_wording_is_named(name: str) -> None:
    with pytest.raises(PromptError, match="There is no prompt called"):
        prompts.render(name)
