"""An answer in a language model's prose: evidence in, numbered; sentences out, each gated before anybody sees it.

question + evidence ──> prompt ──> model, streamed ──> guard ──> claims ──> Answer
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag import prompts
from rag.answer import told
from rag.chat import Chat
from rag.conversations import Turn
from rag.documents import document
from rag.draft import Draft, in_one_line
from rag.grounds import Source
from rag.guard import claims, in_order, tally
from rag.prose import Sentence
from rag.types import Answer, Citation

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_core.prompts import ChatPromptTemplate

SHOWN = 4
"""Sentences of evidence that the model gets: on two cores every hundred tokens of a prompt cost more than a second."""


def messages(question: str, sources: Sequence[Source]) -> list[BaseMessage]:
    """The prompt. Its first message is always the same, so that a model need read it once only."""
    from langchain_core.messages import HumanMessage, SystemMessage

    return [
        SystemMessage(prompts.render("answer")),
        HumanMessage(prompts.render("evidence", **variables(question, sources))),
    ]


def cited_messages(question: str, sources: Sequence[Source]) -> list[BaseMessage]:
    """The prompt for a model that points by itself: the n-th piece of evidence is the n-th document."""
    from langchain_core.messages import HumanMessage, SystemMessage

    citations = [source.citation for source in sources]
    evidence = [
        document(in_one_line(c.quote), title=in_one_line(c.excerpt.article.title), context=_whence(c))
        for c in citations
    ]
    asked = {"type": "text", "text": in_one_line(question)}
    return [SystemMessage(prompts.render("documents")), HumanMessage([*evidence, asked])]


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
    return f"[{source.citation.n}] ({_whence(source.citation)}) {in_one_line(source.citation.quote)}"


def _whence(citation: Citation) -> str:
    article = citation.excerpt.article
    return in_one_line(", ".join(filter(None, (citation.speaker, article.publisher, article.published))))


LEADING = 1
"""The best pieces of evidence, of which one is told first. The embedded model picks worse than the search does: of the
first seven questions of a public set, the right one for four where it chose among three, the best one for five."""


class Writing(Draft):
    """An answer while a model writes it; `answer` is what stands so far.

    Begins with the extractive answer, and ends with it where nothing that the model wrote can be shown. What becomes
    of a model that fails is the answer's `notice`.
    """

    leading = LEADING

    def __init__(self, extractive: Answer, sources: Sequence[Source], chat: Chat | None, notice: str = "") -> None:
        super().__init__(sources, chat, notice, extractive.searched or extractive.question)
        self.extractive = extractive

    def prompt(self) -> list[BaseMessage]:
        cites = self.chat is not None and self.chat.cites
        return (cited_messages if cites else messages)(self.question, self.sources)

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
    left = [(words, numbers) for words, numbers in turn.claims if places.keys() >= set(numbers)]
    saved = (Sentence(words, tuple(places[n] for n in numbers)) for words, numbers in left)
    passed, order = claims(in_order(saved, sources))
    return told(plain, passed, order, model=turn.model, withheld=turn.withheld, notice=turn.notice)
