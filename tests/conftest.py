"""What every test stands on: a home of its own, never the user's, and a library in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import chromium
from helpers import SAMPLES, WordVectors, open_with
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from rag import Pullquote, Settings, models, open_pullquote
from rag.entailment import parser

# No deadline: what a test claims must not depend on how busy the machine is.
settings.register_profile("pullquote", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("pullquote")

KEPT = {"PULLQUOTE_MODELS", "PULLQUOTE_DATA", "PULLQUOTE_SEED"}


@pytest.fixture(scope="session", autouse=True)
def _no_home_of_the_users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PULLQUOTE_") and name not in KEPT]:
            patch.delenv(name)
        patch.setenv("PULLQUOTE_HOME", str(tmp_path_factory.mktemp("nobodys-home")))
        patch.setenv("PULLQUOTE_LLM", "none")  # a test that wants a language model opens it
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_parser_off_the_network() -> Iterator[None]:
    """Where the parser's file is missing, the test that needs it says so; nothing is fetched."""
    opened = parser._open
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parser, "_open", lambda folder: opened(_model_file("parser").parent))
        yield


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def words() -> WordVectors:
    """The fake model of this test, which counts what it embeds."""
    return WordVectors()


@pytest.fixture
def pullquote(home: Path, words: WordVectors) -> Iterator[Pullquote]:
    """The service on a fresh home, with the fake model."""
    with open_with(home, words) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of one file."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def embedded_model() -> Path:
    """The file of the real embedding model; without it a test is skipped, or fails where CI promises it."""
    return _model_file("minilm")


@pytest.fixture(scope="session")
def language_model() -> Path:
    """The file of the real language model, likewise."""
    return _model_file("qwen")


@pytest.fixture(scope="session")
def parser_model() -> Path:
    """The file of the parser by which sentences are judged, likewise."""
    return _model_file("parser")


def _model_file(name: str) -> Path:
    model, folder = models.find(name), Settings().models_folder
    if not models.is_here(model, folder):
        reason = f"{model.title} is not in {folder}; run `pullquote models pull {name}`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder / model.file


@pytest.fixture(scope="session")
def real_pullquote(embedded_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pullquote]:
    """The sample articles, embedded by the real model. Tests only read from it."""
    with open_pullquote(Settings(home=tmp_path_factory.mktemp("real") / "home")) as opened:
        opened.ingest([str(SAMPLES)])
        yield opened
