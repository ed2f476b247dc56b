"""GGUF files: what they say is read, what they claim is checked against the file, and nothing else is believed."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import gguf
from rag.errors import ModelError

NORMAL, CONTROL, USER, BYTE = 1, 3, 4, 6
CHATML = {"<|im_start|>": CONTROL, "<|im_end|>": CONTROL, "hello": NORMAL, "<0x0A>": BYTE, "<tool>": USER, "a": USER}


def string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def made(vocabulary: dict[str, int] = CHATML, *, offset: int = 0, data: bytes = b"\0" * 64) -> bytes:
    """A whole GGUF file with one tensor of 16 numbers, which is no model that could run."""
    keys = string("general.architecture") + struct.pack("<I", 8) + string("qwen2")
    keys += string("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, len(vocabulary))
    keys += b"".join(map(string, vocabulary))
    keys += string("tokenizer.ggml.token_type") + struct.pack("<IIQ", 9, 5, len(vocabulary))
    keys += struct.pack(f"<{len(vocabulary)}i", *vocabulary.values())
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 3) + keys
    head += string("output.weight") + struct.pack("<IQIQ", 1, 16, 0, offset)
    return head + b"\0" * (-len(head) % 32) + data


def put(folder: Path, content: bytes) -> Path:
    path = folder / "model.gguf"
    path.write_bytes(content)
    return path


def test_the_control_tokens_are_those_that_llama_cpp_would_find_in_text(tmp_path: Path) -> None:
    found = gguf.read(put(tmp_path, made()))
    assert found.architecture == "qwen2"
    assert found.controls == {"<|im_start|>": 0, "<|im_end|>": 1, "<tool>": 4}


def test_a_control_token_is_known_by_its_looks_where_the_file_calls_it_a_word(tmp_path: Path) -> None:
    words = dict.fromkeys(
        ["<|im_end|>", "<|eot_id|>", "<end_of_turn>", "</s>", "[INST]", "<｜User｜>", "a<b>", "word"], 1
    )
    assert set(gguf.read(put(tmp_path, made(words))).controls) == set(words) - {"a<b>", "word"}


@pytest.mark.parametrize(
    "content",
    [b"", b"GGUF", b"PK\x03\x04" + b"\0" * 100, b"GGUF" + b"\xff" * 100,
     b"GGUF" + struct.pack("<IQQ", 9, 1, 1) + b"\0" * 99, made(offset=1 << 40), made(data=b""), made({})],
    ids=["empty", "short", "another format", "absurd", "version", "tensor elsewhere", "no data", "no words"],
)  # fmt: skip
def test_what_is_no_whole_model_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ModelError, match=r"model\.gguf is no whole GGUF model file \(.+\)\. Fetch it again\.$"):
        gguf.read(put(tmp_path, content))


def test_wherever_the_head_of_a_file_is_cut_off_it_is_refused(tmp_path: Path) -> None:
    whole = made()
    for length in range(0, len(whole) - 64, 7):
        with pytest.raises(ModelError):
            gguf.read(put(tmp_path, whole[:length]))


@given(at=st.integers(0, len(made()) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int
) -> None:
    content = bytearray(made())
    content[at] = byte
    with suppress(ModelError):
        gguf.read(put(tmp_path_factory.getbasetemp(), bytes(content)))


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        gguf.read(tmp_path / "none.gguf")
