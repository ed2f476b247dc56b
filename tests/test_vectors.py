"""Vectors as bytes."""

from __future__ import annotations

import numpy as np
from helpers import HEARING, WordVectors, article, embedder
from numpy.typing import NDArray

from rag.passages import embedded, split
from rag.vectors import full, read_full, read_short, short


def unit(rows: int, dimension: int = 384) -> NDArray[np.float32]:
    vectors = np.random.default_rng(7).normal(size=(rows, dimension)).astype(np.float32)
    found: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return found


def test_full_vectors_come_back_to_the_bit() -> None:
    vectors = unit(5)
    assert np.array_equal(read_full(full(vectors)), vectors)
    assert read_full([]).shape == (0, 0)


def test_a_byte_a_dimension_keeps_the_direction() -> None:
    vectors = unit(200)
    data = short(vectors)
    assert len(data) == vectors.size
    again = read_short(data, 384)
    assert np.allclose(np.linalg.norm(again, axis=1), 1, atol=1e-5)
    assert np.abs(again @ vectors.T - vectors @ vectors.T).max() < 0.005
    assert read_short(short(unit(0)), 384).shape == (0, 384)


def test_a_passage_has_a_vector_of_its_own_and_one_a_sentence_each_embedded_once() -> None:
    words = WordVectors()
    passages = split(article(HEARING * 8, title="The quay"), 300)
    made = embedder(words).passages(passages)
    sentences = {p.excerpt.article.excerpt(s).text for p in passages for s in p.sentences}
    assert words.documents == len(passages) + len(sentences)
    for passage, vectors in zip(passages, made, strict=True):
        assert np.array_equal(vectors.whole, embedder().documents([embedded(passage)])[0])
        spoken = [passage.excerpt.article.excerpt(s).text for s in passage.sentences]
        assert np.array_equal(vectors.sentences, embedder().documents(spoken))
