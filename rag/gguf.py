"""What a GGUF model file says of itself, read before llama.cpp sees it.

The layout is llama.cpp's: magic, version, counts, then keys with values, then where each tensor
lies. Nothing is believed: each length is checked against the file.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from rag.errors import ModelError

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_STRING, _ARRAY = 8, 9
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_MOST_KEYS, _MOST_TENSORS, _MOST_DIMENSIONS = 10_000, 100_000, 8

_PLAIN, _BYTE = 1, 6
_LOOKS_LIKE_CONTROL = re.compile(r"<[|｜]?[\w▁./ -]+[|｜]?>|\[/?[A-Z_]+\]")
"""llama.cpp takes some tokens for control tokens by their names, whatever type the file gives them."""


@dataclass(frozen=True)
class Gguf:
    """The architecture of a model, and the id of each of its control tokens: all that text must not forge."""

    architecture: str
    controls: dict[str, int]


def read(path: Path) -> Gguf:
    """What the file at `path` says of itself. Raises ModelError for one that is missing, cut off or no GGUF."""
    try:
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            return _read(_Reader(content))
    except OSError as exc:
        raise ModelError(f"{path} cannot be read ({exc.strerror}). Check PULLQUOTE_LLM.") from exc
    except (ValueError, struct.error) as exc:  # an empty file too
        raise ModelError(f"{path} is no whole GGUF model file ({exc}). Fetch it again.") from exc


class _Reader:
    """Takes values off the front of the file."""

    def __init__(self, content: mmap) -> None:
        self.content, self.at = content, 0

    def bytes(self, count: int) -> bytes:
        if count > len(self.content) - self.at:
            raise ValueError("it ends too early")
        self.at += count
        return self.content[self.at - count : self.at]

    def number(self, format_: str) -> Any:
        return struct.unpack(format_, self.bytes(struct.calcsize(format_)))[0]

    def count(self, most: int) -> int:
        """A number of things that follow, each of which takes a byte at least."""
        found: int = self.number("<Q")
        if found > min(most, len(self.content)):
            raise ValueError(f"it claims {found} entries")
        return found

    def string(self) -> str:
        return self.bytes(self.count(len(self.content))).decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            return self._array()
        return self.number(_scalar(kind))

    def _array(self) -> list[Any]:
        kind, count = self.number("<I"), self.count(len(self.content))
        if kind in _SCALARS:
            format_ = f"<{count}{_SCALARS[kind][1:]}"
            return list(struct.unpack(format_, self.bytes(struct.calcsize(format_))))
        if kind != _STRING:
            raise ValueError(f"it has values of the unknown kind {kind}")
        take: Callable[[], str] = self.string
        return [take() for _ in range(count)]


def _scalar(kind: int) -> str:
    if kind not in _SCALARS:
        raise ValueError(f"it has values of the unknown kind {kind}")
    return _SCALARS[kind]


def _read(reader: _Reader) -> Gguf:
    if reader.bytes(4) != _MAGIC:
        raise ValueError("it does not begin as one")
    if (version := reader.number("<I")) not in _VERSIONS:
        raise ValueError(f"version {version}")
    tensors, keys = reader.count(_MOST_TENSORS), reader.count(_MOST_KEYS)
    said = {reader.string(): reader.value(reader.number("<I")) for _ in range(keys)}
    _check_tensors(reader, tensors, said.get("general.alignment", 32))
    tokens, kinds = said.get("tokenizer.ggml.tokens", []), said.get("tokenizer.ggml.token_type", [])
    if not isinstance(tokens, list) or not isinstance(kinds, list) or not 0 < len(tokens) == len(kinds):
        raise ValueError("it has no vocabulary")
    controls = {
        token: place
        for place, (token, kind) in enumerate(zip(tokens, kinds, strict=True))
        if isinstance(token, str) and len(token) > 1
        if kind not in (_PLAIN, _BYTE) or (kind == _PLAIN and _LOOKS_LIKE_CONTROL.fullmatch(token))
    }
    return Gguf(str(said.get("general.architecture", "")), controls)


def _check_tensors(reader: _Reader, tensors: int, alignment: object) -> None:
    """That each tensor begins within the file; llama.cpp checks where each ends."""
    offsets = []
    for _ in range(tensors):
        reader.string()
        dimensions = reader.number("<I")
        if dimensions > _MOST_DIMENSIONS:
            raise ValueError(f"it has a tensor of {dimensions} dimensions")
        reader.bytes(8 * dimensions + 4)
        offsets.append(reader.number("<Q"))
    if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20:
        raise ValueError("its alignment is out of range")
    data = -(-reader.at // alignment) * alignment
    if not offsets or data + max(offsets) >= len(reader.content):
        raise ValueError("its tensors do not lie in it")
