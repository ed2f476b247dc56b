"""What a language model writes from numbered sentences, each of its own gated before anybody sees it.

prompt + numbered sources ──> model, streamed ──> guard ──> judged sentences
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import takewhile
from typing import TYPE_CHECKING

from rag.chat import Chat
from rag.errors import ChatError, ModelError
from rag.grounds import Source
from rag.guard import gate
from rag.trial import Gated

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_TITLES = " | ".join(f'"{title}"' for title in ("Mr", "Mrs", "Ms", "Dr", "Prof", "Sen", "Rep", "Gov", "Gen", "St"))


def in_one_line(text: str) -> str:
    """`text` without line ends and without the brackets of tags, by which it might pass for a part of the prompt."""
    return " ".join(text.replace("<", "‹").replace(">", "›").split())


def grammar(numbers: Sequence[int], most: int = 3) -> str:
    """GBNF of up to `most` sentences, each with the number of a piece of evidence: a small model forgets it else.

    A stop and a space end a sentence, but for titles, initials and dates, so that none goes without its number.
    """
    number = " | ".join(f'"{n}"' for n in numbers)
    another = ' (" " sentence)?'
    return "\n".join(
        (
            f"root ::= sentence{another * (most - 1)}",
            'sentence ::= [A-Z“"] piece{12,300} "."? " "? marker marker? "."?',
            'piece ::= [^.!?<>\\[\\]\\n] | [.!?] [^ <>\\[\\]\\n] | ". " [a-z0-9] | title ". " [A-Z]',
            f'title ::= {_TITLES} | " " [A-Z]',
            f'marker ::= "[" ({number}) "]"',
        )
    )


class Draft:
    """Sentences while a model writes them: iterate for each as it is judged; `judged` has those so far.

    Never raises for a model that fails: `notice` says so. Closing the iterator stops the model.
    """

    most = 3
    """Sentences that the grammar lets the model write."""

    longest = 200
    """Tokens of prose."""

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
            allowed = grammar([source.citation.n for source in self.sources], self.most)
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
