"""What a language model writes from numbered sentences, each of its own gated before anybody sees it.

numbered sources ──> grammar ─┐
prompt ──────────────────> model, streamed ──> guard ──> judged sentences

A model in this process is held to the grammar while it writes; a provider's writes freely.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import takewhile
from typing import TYPE_CHECKING

from rag.chat import Chat, LocalChat
from rag.errors import ChatError, ModelError
from rag.grounds import Source
from rag.guard import gate
from rag.tracing_grammar import grammar
from rag.trial import Gated

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage


def in_one_line(text: str) -> str:
    """`text` without line ends and without the brackets of tags, by which it might pass for a part of the prompt."""
    return " ".join(text.replace("<", "‹").replace(">", "›").split())


class Draft:
    """Sentences while a model writes them: iterate for each as it is judged; `judged` has those so far.

    Never raises for a model that fails: `notice` says so. Closing the iterator stops the model.
    """

    most = 3
    """Sentences that the grammar lets the model write."""

    leading = 0
    """Of how many of the first pieces of evidence the first sentence is, where a grammar holds the model; 0 for all."""

    is_in_order = False
    """Whether they come in the order of the evidence, where a grammar holds the model."""

    longest = 200
    """Tokens of prose. A sentence that they do not suffice for is not shown."""

    def __init__(self, sources: Sequence[Source], chat: Chat | None, notice: str = "", question: str = "") -> None:
        self.sources, self.chat, self.question = sources, chat, question
        self.judged: list[Gated] = []
        self._stopped = threading.Event()
        self.notice = notice
        """Why there is nothing of a model's; empty where there may be something."""

    def prompt(self) -> list[BaseMessage]:
        """What the model is shown."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[Gated]:
        if self.chat is None:
            return
        try:
            allowed = ""
            if isinstance(self.chat, LocalChat):
                allowed = grammar(self.sources, self.most, leading=self.leading, in_order=self.is_in_order)
                if not allowed:
                    return
            stream = self.chat.stream(self.prompt(), max_tokens=self.longest, grammar=allowed)
            with closing(stream) as pieces:
                unstopped = takewhile(lambda _: not self._stopped.is_set(), pieces)
                for gated in gate(unstopped, self.sources):
                    self.judged.append(gated)
                    yield gated
        except (ChatError, ModelError) as error:
            self.notice = str(error)

    def stop(self) -> None:
        """End with what has been judged, from any thread: at the model's next word."""
        self._stopped.set()
