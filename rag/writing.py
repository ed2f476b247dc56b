"""An answer in a language model's prose: evidence in, numbered; sentences out, each gated before anybody sees it.

question + evidence ──> prompt ──> model, streamed ──> guard ──> claims ──> Answer
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from rag import followups, models, prompts
from rag.answer import told
from rag.chat import EMBEDDED, Chat, LocalChat, open_chat
from rag.conversations import Turn
from rag.draft import Draft, in_one_line
from rag.errors import ModelError, PullquoteError
from rag.grounds import Source
from rag.guard import claims, judge, tally
from rag.llamacpp import is_runnable
from rag.prose import Sentence
from rag.settings import Settings
from rag.summary import Summarising
from rag.trial import Gated
from rag.types import Answer, Summary

if TYPE_CHECKING:
    from langchain_core.prompts import ChatPromptTemplate

SHOWN = 6
"""Sentences of evidence that the model gets: on two cores every hundred tokens of a prompt cost more than a second."""

REWRITTEN = 60
"""Tokens of a question that is put to stand alone."""


def messages(question: str, sources: Sequence[Source]) -> list[BaseMessage]:
    """The prompt. Its first message is always the same, so that a model need read it once only."""
    return [
        SystemMessage(prompts.render("answer")),
        HumanMessage(prompts.render("evidence", **variables(question, sources))),
    ]


def chat_prompt() -> ChatPromptTemplate:
    """The same prompt as LangChain's: invoke it with `variables(question, sources)`."""
    return prompts.chat("answer", "evidence")


def variables(question: str, sources: Sequence[Source]) -> dict[str, str]:
    """What fills the prompt: the question, and the evidence as numbered lines that cannot close its tags."""
    return {"question": in_one_line(question), "evidence": "\n".join(map(_line, sources))}


def prefix() -> list[BaseMessage]:
    """What every prompt begins with."""
    return messages("", ())[:1]


def _line(source: Source) -> str:
    article = source.citation.excerpt.article
    whence = ", ".join(filter(None, (source.citation.speaker, article.publisher, article.published)))
    return f"[{source.citation.n}] ({in_one_line(whence)}) {in_one_line(source.citation.quote)}"


class Writing(Draft):
    """An answer while a model writes it; `answer` is what stands so far.

    Begins with the extractive answer, and ends with it where nothing that the model wrote can be shown. What becomes
    of a model that fails is the answer's `notice`.
    """

    def __init__(self, extractive: Answer, sources: Sequence[Source], chat: Chat | None, notice: str = "") -> None:
        super().__init__(sources, chat, notice, extractive.searched or extractive.question)
        self.extractive = extractive

    def prompt(self) -> list[BaseMessage]:
        return messages(self.question, self.sources)

    @property
    def answer(self) -> Answer:
        """The answer in the sentences that passed, or the extractive one."""
        passed, order = claims(self.judged)
        return told(
            self.extractive,
            passed,
            order,
            model=self.chat.name if self.chat is not None else "",
            withheld=tally(self.judged).withheld,
            notice=self.notice,
        )


def retold(plain: Answer, turn: Turn, kept: Sequence[int], sources: Sequence[Source]) -> Answer:
    """A saved answer in a model's prose, each sentence judged again by what its citations say now.

    `plain` cites what is left: the citations that were number `kept`; `sources` are these.
    """
    places = {n: place for place, n in enumerate(kept, start=1)}
    judged: list[Gated] = []
    for words, numbers in turn.claims:
        if places.keys() >= set(numbers):
            shown = " ".join(gated.text for gated in judged if gated.is_shown)
            sentence = Sentence(words, tuple(places[n] for n in numbers))
            judged.append(judge(sentence, sources, turn.searched or turn.question, shown))
    passed, order = claims(judged)
    return told(plain, passed, order, model=turn.model, withheld=turn.withheld, notice=turn.notice)


@dataclass(frozen=True)
class Standing:
    """How it stands with whoever writes the answers; `fault` says why nobody does who should."""

    state: Literal["none", "opening", "loading", "ready", "failed"]
    name: str = ""
    is_here: bool = False
    """Whether the model is in this process, so that nothing leaves the machine."""
    fault: str = ""


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
                return Standing("failed", chat.name, is_here, str(error))
        return Standing("loading", chat.name, is_here)

    @property
    def lacking(self) -> models.Model | None:
        """The model that would write the answers, if only its file were fetched; None where that is not so."""
        model = models.find(EMBEDDED)
        if self.settings.llm not in ("auto", "embedded") or self.standing.state not in ("none", "failed"):
            return None
        return model if not models.is_here(model, self.settings.models_folder) and is_runnable() else None

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

    def write(self, extractive: Answer, sources: Sequence[Source]) -> Writing | None:
        """The answer as the model tells it; None where there is none, or nothing to tell."""
        if extractive.abstained:
            return None
        try:
            chat = self.chat
        except PullquoteError as error:
            return Writing(extractive, sources, None, str(error))
        return Writing(extractive, sources[:SHOWN], chat) if chat is not None else None

    def summarise(self, extractive: Summary, sources: Sequence[Source]) -> Summarising | None:
        """The summary as the model writes it from the numbered `sources`; None where there is none, or nothing."""
        if not sources:
            return None
        try:
            chat = self.chat
        except PullquoteError as error:
            return Summarising(extractive, sources, None, str(error))
        return Summarising(extractive, sources, chat) if chat is not None else None

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
