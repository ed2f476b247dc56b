"""Conversations as files: to read, for reference managers, and for programs.

What stands as a quotation is sliced from its article; what a model wrote is said to be a model's, and by which.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from rag.cite import spelled
from rag.conversations import Conversation, Exchange, Transcript
from rag.records import answer_record
from rag.references import bibliography, collection, escaped, markdown, plain
from rag.types import Answer, Citation, Format


def written(transcript: Transcript, form: Format, public_url: str = "") -> str:
    """The conversation in `form`; in a bibliography and in annotations each citation once."""
    if form == "markdown":
        return _markdown(transcript, public_url)
    if form == "text":
        return _text(transcript, public_url)
    if form == "json":
        return json.dumps(transcript_record(transcript, public_url), ensure_ascii=False, indent=2)
    if form == "web-annotation":
        return json.dumps(_annotations(transcript, public_url), ensure_ascii=False, indent=2)
    return bibliography([citation for citation, _ in _cited(transcript)], form)


def conversation_record(conversation: Conversation) -> dict[str, Any]:
    return conversation._asdict()


def transcript_record(transcript: Transcript, public_url: str = "") -> dict[str, Any]:
    """The conversation, and its answers as `pullquote ask --json` has them, with when and how they were asked."""
    return conversation_record(transcript.conversation) | {
        "turns": [
            answer_record(one.answer, public_url)
            | {
                "asked_at": one.turn.asked_at or None,
                "searched": one.answer.searched or None,
                "feedback": one.turn.feedback,
                "withheld": one.answer.withheld,
                "gone": one.gone,
            }
            for one in transcript.exchanges
        ]
    }


def _cited(transcript: Transcript) -> list[tuple[Citation, str]]:
    """What the answers cite, each with when that was."""
    return [(citation, one.turn.asked_at) for one in transcript.exchanges for citation in one.answer.citations]


def _annotations(transcript: Transcript, public_url: str) -> dict[str, Any]:
    conversation = transcript.conversation
    name = f"conversation:{conversation.id}"
    return collection(_cited(transcript), name, conversation.title, conversation.started_at, public_url)


# --- to read ----------------------------------------------------------------------------------


def _markdown(transcript: Transcript, public_url: str) -> str:
    conversation = transcript.conversation
    parts = [f"# {escaped(conversation.title)}", _date(conversation)]
    for one in transcript.exchanges:
        parts.append(f"## {escaped(one.answer.question)}")
        parts += _said(one, escaped)
        parts += [f"**{c.n}**\n\n{markdown(c, public_url)}" for c in one.answer.citations]
    return "\n\n".join(part for part in parts if part) + "\n"


def _text(transcript: Transcript, public_url: str) -> str:
    conversation = transcript.conversation
    parts = [_line(conversation.title), _date(conversation)]
    for one in transcript.exchanges:
        parts.append(f"{_RULE}\n{_line(one.answer.question)}")
        parts += _said(one, _line)
        parts += [f"[{c.n}] {plain(c, public_url)}" for c in one.answer.citations]
    return "\n\n".join(part for part in parts if part) + "\n"


_RULE = "-" * 72


def _said(one: Exchange, shown: Callable[[str], str]) -> Iterator[str]:
    """What there is of an answer beside its quotations, each in a paragraph; `shown` makes it safe to put there."""
    answer = one.answer
    if answer.searched:
        yield shown(f"Searched for: {answer.searched}")
    if answer.mode == "composed" and not answer.abstained:
        yield _prose(answer, shown)
    if answer.mode == "llm":
        yield shown(f"Written by {answer.model} from the quotations below, and not a quotation:")
        yield _prose(answer, shown)
        if answer.withheld:
            yield f"{_counted(answer.withheld, 'sentence', 'sentences')} withheld: not borne out by the quotations."
    if answer.notice:
        yield shown(answer.notice)
    if one.gone:
        yield f"{_counted(one.gone, 'quotation is', 'quotations are')} left out: the article was removed."
    elif answer.abstained:
        yield shown(answer.text)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _prose(answer: Answer, shown: Callable[[str], str]) -> str:
    sentences = [shown(f"{claim.words} {''.join(f'[{n}]' for n in claim.citations)}") for claim in answer.claims]
    return " ".join([*filter(None, [shown(answer.lead)]), *sentences])


def _line(text: str) -> str:
    return " ".join(text.split())


def _date(conversation: Conversation) -> str:
    return spelled(conversation.started_at[:10])
