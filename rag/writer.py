"""Whoever writes the prose of one process: the language model that the settings name, and how it stands with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Literal

from rag import followups, models, summary
from rag.chat import EMBEDDED, Chat, LocalChat, open_chat
from rag.errors import DamagedError, ModelError, PullquoteError
from rag.grounds import Source
from rag.settings import Settings
from rag.summary import Summarising
from rag.types import Answer, Citation
from rag.writing import SHOWN, Writing, prefix

REWRITTEN = 60
"""Tokens of a question that is put to stand alone."""


@dataclass(frozen=True)
class Standing:
    """How it stands with whoever writes the answers; `fault` says why nobody does who should."""

    state: Literal["none", "opening", "loading", "ready", "failed"]
    name: str = ""
    is_here: bool = False
    """Whether the model is in this process, so that nothing leaves the machine."""
    fault: str = ""
    is_damaged: bool = False
    """Whether the fault is the model's file, which mends when it is fetched again."""


class Writer:
    """Whoever writes the prose of one process: the model that the settings name, opened when it is first needed.

    Safe to call from several threads. A model that cannot be opened is tried again the next time.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._chat: Chat | None = None
        self._sought = self._started = False
        self._fault = ""

    @property
    def chat(self) -> Chat | None:
        """The model; None where the settings want none. Raises SettingsError, ModelError where it cannot be opened."""
        with self._lock:
            if self._chat is None:
                try:
                    self._chat, self._fault = open_chat(self.settings), ""
                except PullquoteError as error:
                    self._fault = str(error)
                    raise
                finally:
                    self._sought = True
            return self._chat

    @property
    def standing(self) -> Standing:
        """How it stands now; opens nothing and waits for nothing."""
        chat = self._chat
        if chat is None:
            if self._fault:
                return Standing("failed", fault=self._fault)
            return Standing("none" if self._sought or self.settings.llm == "none" else "opening")
        is_here = isinstance(chat, LocalChat)
        if chat.ready:
            return Standing("ready", chat.name, is_here)
        if self._started:
            try:
                chat.wait(0)
            except ModelError as error:
                return Standing("failed", chat.name, is_here, str(error), isinstance(error, DamagedError))
        return Standing("loading", chat.name, is_here)

    @property
    def lacking(self) -> models.Model | None:
        """The model that would write the answers, if only its file were fetched; None where that is not so."""
        from rag.llamacpp import is_runnable

        model, standing = models.find(EMBEDDED), self.standing
        if self.settings.llm not in ("auto", "embedded") or standing.state not in ("none", "failed"):
            return None
        is_wanted = standing.is_damaged or not models.is_here(model, self.settings.models_folder)
        return model if is_wanted and is_runnable() else None

    def fetch(self, model: models.Model, progress: models.Progress, stopped: models.Stopped) -> None:
        """Fetch the file of `model` and begin to write with it. Raises ModelError, also when it was `stopped`."""
        models.pull(model, self.settings.models_folder, progress, stopped)
        if not stopped():
            self.close()
            self.start()

    def start(self) -> None:
        """Load the model in the background, with what every prompt begins with; a fault is told by the first answer."""
        with suppress(PullquoteError):
            if (chat := self.chat) is not None:
                chat.start(prefix())
                self._started = True

    def write(self, extractive: Answer, sources: Callable[[Sequence[Citation]], Sequence[Source]]) -> Writing | None:
        """The answer as the model tells it; None where there is none, or nothing to tell.

        `sources` finds what is known of the evidence that the model gets.
        """
        if extractive.abstained:
            return None
        chat, fault = self._opened()
        if chat is None and not fault:
            return None
        return Writing(extractive, sources(extractive.evidence[:SHOWN]), chat, fault)

    def summarise(self, best: Callable[[], Sequence[Source]]) -> Summarising | None:
        """The summary as the model writes it of the `best` sentences, which are found only where there is a model."""
        chat, fault = self._opened()
        if (chat is None and not fault) or not (ranked := best()):
            return None
        return Summarising(summary.extract(ranked), summary.shown(ranked), chat, fault)

    def _opened(self) -> tuple[Chat | None, str]:
        """The model, or why there is none that should be."""
        try:
            return self.chat, ""
        except PullquoteError as error:
            return None, str(error)

    def stand_alone(self, question: str, before: Sequence[str]) -> str:
        """`question` as it reads without those `before` it; itself where it needs none of them.

        By rule where that fills its gap; else by the model, if it is loaded, and only in the words there are.
        """
        if not before or not followups.leans(question):
            return question
        if by_rule := followups.by_rule(question, before):
            return by_rule
        with suppress(PullquoteError):
            chat = self.chat
            if chat is not None and chat.ready:
                from langchain_core.messages import HumanMessage, SystemMessage

                system, shown = followups.prompt(question, before)
                prompt = [SystemMessage(system), HumanMessage(shown)]
                with closing(chat.stream(prompt, stop=["\n"], max_tokens=REWRITTEN)) as pieces:
                    return followups.accepted("".join(pieces), question, before) or question
        return question

    def close(self) -> None:
        with self._lock:
            if self._chat is not None:
                self._chat.close()
            self._chat = None
            self._sought = self._started = False
