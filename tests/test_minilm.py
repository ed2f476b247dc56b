"""The embedded model: unit vectors that depend on the text alone, whatever the text, whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import numpy as np
import pytest
from helpers import any_text, made
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import ModelError
from rag.minilm import DIMENSION, LONGEST, MiniLM
from rag.text import normalise

TEXTS = [
    "The mayor objected to the timetable of the new quay.",
    "",
    "Mud",
    "“Mud does not read a licence,” she told the hearing. " * 20,
    "шторм над гаванью",
    *(article.text for article in made(12)),
]


@pytest.fixture(scope="module")
def minilm(embedded_model: Path) -> Iterator[MiniLM]:
    return MiniLM(embedded_model)


def test_vectors_have_384_dimensions_and_length_one(minilm: MiniLM) -> None:
    vectors = minilm.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), DIMENSION) == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_text_has_the_same_vector_alone_and_among_others(minilm: MiniLM) -> None:
    together = minilm.embed(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert np.array_equal(minilm.embed([text])[0], vector)
        assert np.array_equal(np.float32(minilm.embed_query(text)), vector)


def test_vectors_come_in_the_order_of_the_texts(minilm: MiniLM) -> None:
    forth, back = minilm.embed(TEXTS), minilm.embed(TEXTS[::-1])
    assert np.array_equal(forth, back[::-1])
    assert len(np.unique(forth, axis=0)) == len(set(TEXTS))


def test_what_langchain_asks_for_are_the_same_vectors(minilm: MiniLM) -> None:
    given = minilm.embed_documents(TEXTS[:3])
    assert [type(row) for row in given] == [list] * 3
    assert np.array_equal(np.float32(given), minilm.embed(TEXTS[:3]))


def test_no_texts_are_no_vectors(minilm: MiniLM) -> None:
    assert minilm.embed([]).shape == (0, DIMENSION)
    assert minilm.embed_documents([]) == []


def test_of_a_very_long_text_the_beginning_counts(minilm: MiniLM) -> None:
    one, other = minilm.embed(["harbour " * 100_000, "harbour " * LONGEST + "recipe " * 10])
    assert np.array_equal(one, other)
    assert not np.array_equal(one, minilm.embed(["harbour " * (LONGEST // 2)])[0])
    assert np.isfinite(minilm.embed_query("x" * 1_000_000)).all()


@settings(max_examples=40)
@given(st.lists(any_text(), max_size=6))
def test_any_text_has_a_vector(embedded_model: Path, minilm: MiniLM, texts: list[str]) -> None:
    stored = [normalise(text) for text in texts]
    vectors = minilm.embed(stored)
    assert vectors.shape == (len(stored), DIMENSION)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_threads_do_not_get_each_others_vectors(minilm: MiniLM) -> None:
    expected = {text: minilm.embed([text])[0] for text in TEXTS}

    def ask(n: int) -> bool:
        text = TEXTS[n % len(TEXTS)]
        if n % 3:
            return np.array_equal(np.float32(minilm.embed_query(text)), expected[text])
        some = TEXTS[n % 5 : n % 5 + 4]
        return np.array_equal(minilm.embed(some), [expected[text] for text in some])

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(ask, range(30)))


@pytest.mark.parametrize(
    ("question", "near", "far"),
    [
        ("Who objected to the timetable?", "The mayor said no to the schedule.", "The soup needs salt and an onion."),
        ("How many riders were affected?", "Half a million passengers lost data.", "The theatre opens in autumn."),
        ("Mud does not read a licence.", "A permit means nothing to silt.", "Shares rose after the bank spoke."),
    ],
)  # fmt: skip
def test_a_paraphrase_is_nearer_than_another_subject(minilm: MiniLM, question: str, near: str, far: str) -> None:
    asked, *found = minilm.embed([question, near, far])
    to_near, to_far = (float(asked @ vector) for vector in found)
    assert to_near > to_far + 0.1


def test_case_and_accents_make_no_difference(minilm: MiniLM) -> None:
    assert np.array_equal(*minilm.embed(["Élan vital", "elan VITAL"]))


# --- files that are no such model -------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"not a model", Random(7).randbytes(20_000), b"PK\x03\x04"])
@pytest.mark.parametrize("name", ["model.onnx", "model"])
def test_a_file_that_is_no_model_is_refused_with_what_to_do(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ModelError) as refused:
        MiniLM(path)
    assert str(refused.value) == f"{path} is not a model that OpenVINO can run. Run `pullquote models pull`."


def test_a_missing_file_and_a_truncated_one_are_refused(tmp_path: Path, embedded_model: Path) -> None:
    cut = tmp_path / "cut.onnx"
    cut.write_bytes(embedded_model.read_bytes()[:1_000_000])
    for path in (cut, tmp_path / "missing.onnx"):
        with pytest.raises(ModelError, match="pullquote models pull"):
            MiniLM(path)


@pytest.mark.parametrize(("port", "width"), [("pixels", DIMENSION), ("input_ids", 768)])
def test_another_model_is_refused_when_it_is_opened(tmp_path: Path, port: str, width: int) -> None:
    """Not at the first question: by then its vectors could be in the library."""
    import openvino
    import openvino.opset13 as ops

    ids = ops.parameter([-1, -1], np.int64)
    ids.output(0).set_names({port})
    hidden = ops.gather(ops.constant(np.zeros((10, width), np.float32)), ids, ops.constant(0))
    openvino.save_model(openvino.Model([hidden], [ids]), tmp_path / "other.xml")
    with pytest.raises(ModelError, match=r"other\.xml is another model"):
        MiniLM(tmp_path / "other.xml")
