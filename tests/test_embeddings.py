"""Any LangChain embeddings will do; what they give is made unit length, and what they may not give is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import HEARING, WordVectors, article
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings

from rag import Pullquote, Settings, open_pullquote
from rag.embeddings import Embedder, open_embedder
from rag.errors import ModelError, SettingsError


class Given(Embeddings):
    """Gives the rows that it was given, whatever it is asked, or raises the error; knows what it was asked."""

    def __init__(self, *rows: list[float], error: Exception | None = None) -> None:
        self.rows = [*rows]
        self.error = error
        self.asked: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.asked += texts
        if self.error:
            raise self.error
        return self.rows

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


# --- vectors ----------------------------------------------------------------------------------


def test_any_langchain_embeddings_are_taken() -> None:
    embedder = Embedder(DeterministicFakeEmbedding(size=12), "fake", 12)
    vectors = embedder.documents(["one", "two", "one"])
    assert (vectors.shape, vectors.dtype) == ((3, 12), np.float32)
    assert np.array_equal(vectors[0], vectors[2]) and not np.array_equal(vectors[0], vectors[1])
    assert np.allclose(embedder.question("one"), vectors[0])
    assert str(embedder.fingerprint) == "fake (12 dimensions)"


def test_vectors_are_made_unit_length() -> None:
    embedder = Embedder(Given([3.0, 4.0], [0.0, -1e-3]), "given", 2)
    assert np.allclose(embedder.documents(["a", "b"]), [[0.6, 0.8], [0, -1]])
    assert np.allclose(embedder.question("a"), [0.6, 0.8])
    big = Embedder(DeterministicFakeEmbedding(size=64), "fake", 64).documents([str(n) for n in range(20)])
    assert np.allclose(np.linalg.norm(big, axis=1), 1, atol=1e-6)


def test_a_vector_of_nothing_stays_nothing_and_breaks_nothing() -> None:
    assert Embedder(Given([0.0, 0.0]), "given", 2).documents(["a"]).tolist() == [[0.0, 0.0]]


def test_no_texts_ask_no_model() -> None:
    embedder = Embedder(Given(error=OSError("asked")), "given", 7)
    assert embedder.documents([]).shape == (0, 7)


def test_a_question_is_normalised_as_the_articles_were() -> None:
    given = Given([1.0])
    Embedder(given, "given", 1).question("cafe\u0301\x00 \ud800\r\n")
    assert given.asked == ["caf\u00e9 \ufffd\n"]


@pytest.mark.parametrize(
    "rows",
    [[[1.0] * 3], [[1.0]], [[]], [[1.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [1.0]], []],
    ids=["more dimensions", "fewer", "none", "too many rows", "ragged", "no rows"],
)
def test_other_vectors_than_promised_are_refused_with_what_to_do(rows: list[list[float]]) -> None:
    with pytest.raises(ModelError) as refused:
        Embedder(Given(*rows), "given", 2).documents(["one text"])
    for part in ("given (2 dimensions)", f"{len(rows)} vectors", "PULLQUOTE_EMBEDDINGS", "pullquote rebuild --embed"):
        assert part in str(refused.value)


def test_a_question_with_another_dimension_is_refused_too() -> None:
    with pytest.raises(ModelError, match="gave 1 vectors of 3 dimensions"):
        Embedder(Given([1.0, 2.0, 3.0]), "given", 2).question("x")


def test_what_a_provider_raises_is_told_in_one_line() -> None:
    """Such as a network that is gone, or a key that has run out: each provider has its own error."""
    failing = Embedder(Given(error=ConnectionError("no route\nto host")), "some:model", 2)
    for ask in (lambda: failing.documents(["a"]), lambda: failing.question("a")):
        with pytest.raises(ModelError, match=r"^some:model .* does not answer \(ConnectionError: no route to host\)"):
            ask()


def test_a_model_that_fails_during_an_ingest_leaves_the_library_as_it_was(
    pullquote: Pullquote, words: WordVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    pullquote.ingest_articles([article()])
    before = pullquote.counts()
    monkeypatch.setattr(words, "embed_documents", Given(error=TimeoutError("slow")).embed_documents)
    with pytest.raises(ModelError, match="does not answer"):
        pullquote.ingest_articles([article("Another article altogether, which is new here.")])
    assert pullquote.counts() == before
    assert pullquote.doctor()["ok"]


# --- opening ----------------------------------------------------------------------------------


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


def open_named(name: str, settings: Settings) -> str:
    """How `name` is refused: in one line that names it."""
    with pytest.raises(SettingsError) as refused:
        open_embedder(settings.model_copy(update={"embeddings": name}))
    line = str(refused.value)
    assert repr(name) in line and "\n" not in line
    return line


@pytest.mark.parametrize("name", ["", "minilm", "text-embedding-3-small"])
def test_a_name_without_a_provider_is_refused_with_the_form(settings: Settings, name: str) -> None:
    assert "write `embedded` or `provider:model`" in open_named(name, settings)


@pytest.mark.parametrize("name", ["nobody:model", ":model", "a:b:c"])
def test_an_unknown_provider_is_refused_with_the_known_ones(settings: Settings, name: str) -> None:
    line = open_named(name, settings)
    assert "openai" in line and "ollama" in line
    assert "Check PULLQUOTE_EMBEDDINGS" in line


def test_a_missing_package_is_named_with_how_to_install_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain_openai", None)  # as where it is not installed
    assert "pip install langchain-openai" in open_named("openai:text-embedding-3-small", settings)


def test_a_refused_model_leaves_the_home_unlocked(home: Path) -> None:
    for _ in range(2):  # the second time too it is the model that is refused, not the lock
        with pytest.raises(SettingsError, match="nobody:model"):
            open_pullquote(Settings(home=home, embeddings="nobody:model"))


def test_the_embedded_model_is_named_by_its_content(settings: Settings, embedded_model: Path) -> None:
    embedder = open_embedder(settings)
    assert str(embedder.fingerprint) == "minilm-int8-8199be6f (384 dimensions)"
    assert embedder.documents([HEARING]).shape == (1, 384)
