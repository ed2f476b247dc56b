"""Evidence as documents, for providers whose models point at these by themselves; their pointing as markers of ours.

Anthropic's do: https://docs.anthropic.com/en/docs/build-with-claude/citations. A citation says which document and
which words; it counts only where that document has these words. What becomes of the sentence is then the guard's, as
with every other model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk, BaseMessage


def document(text: str, title: str = "", context: str = "") -> dict[str, Any]:
    """One piece of evidence as a part of a message; the model knows `title` and `context`, and cannot cite them."""
    known = {name: value for name, value in (("title", title), ("context", context)) if value}
    return {
        "type": "document",
        "source": {"type": "content", "content": [{"type": "text", "text": text}]},
        "citations": {"enabled": True},
        **known,
    }


def texts(messages: Sequence[BaseMessage]) -> list[str]:
    """The words of all documents in `messages`, in order."""
    parts = [part for message in messages if isinstance(message.content, list) for part in message.content]
    return [
        part["source"]["content"][0]["text"]
        for part in parts
        if isinstance(part, dict) and part.get("type") == "document"
    ]


class Pointing:
    """The words of a model's stream, with `[n]` behind those for which it pointed at the n-th document.

    A block of words and its citations come in any order, so that the markers stand where the block ends.
    """

    def __init__(self, documents: Sequence[str]) -> None:
        self._documents = documents
        self._block: object = None
        self._numbers: list[int] = []

    def read(self, chunk: AIMessageChunk) -> str:
        """What a piece of the stream adds to the text."""
        if isinstance(chunk.content, str) or not self._documents:
            return str(chunk.text)
        return "".join(self._part(part) for part in chunk.content if isinstance(part, dict) and _is_text(part))

    def rest(self) -> str:
        """The markers of the last block."""
        markers = "".join(f"[{number}]" for number in dict.fromkeys(self._numbers))
        self._numbers = []
        return markers

    def _part(self, part: Mapping[str, Any]) -> str:
        before = self.rest() if part.get("index") != self._block else ""
        self._block = part.get("index")
        self._numbers += [number for citation in part.get("citations") or () if (number := self._number(citation))]
        return before + str(part.get("text") or "")

    def _number(self, citation: Mapping[str, Any]) -> int:
        """The number of the document that a citation points at; 0 where it has no such words."""
        place, words = citation.get("document_index"), citation.get("cited_text")
        if not isinstance(place, int) or not 0 <= place < len(self._documents):
            return 0
        return place + 1 if words == self._documents[place] else 0


def _is_text(part: Mapping[str, Any]) -> bool:
    return part.get("type") == "text"
