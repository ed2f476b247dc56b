"""A question and its answer: a line of voices with numbered chips, then the quotations as cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import streamlit as st

from rag.types import Answer, Citation, Feedback
from rag.ui.components.assets import component
from rag.ui.components.card import card


def turn(
    answer: Answer,
    articles: int,
    origin: str,
    key: str,
    gone: int = 0,
    fresh: bool = False,
    writing: bool = False,
    stop: Callable[[], None] = lambda: None,
    feedback: Feedback | None = None,
    rate: Callable[[Feedback | None], None] | None = None,
) -> None:
    """Draw `answer`, found among `articles`; `origin` is put before the links in copied citations.

    `gone` quotations were in it when it was given; their articles have been removed since. A
    `fresh` one is scrolled to. While a model is `writing` it, `stop` is what a button does. `feedback`
    is what the reader has said of it; `rate` is told what they say now, where they are asked.
    """
    data = turn_data(answer, articles, origin) | {"gone": gone, "fresh": fresh, "writing": writing}
    data |= {"ratable": rate is not None, "feedback": feedback or ""}

    def rated() -> None:
        said = st.session_state[key]["rate"]
        if rate is not None:
            rate(said if said in get_args(Feedback) else None)

    component("turn", "card", "numbers")(key=key, data=data, on_stop_change=stop, on_rate_change=rated)


def turn_data(answer: Answer, articles: int, origin: str) -> dict[str, Any]:
    return {
        "question": answer.question,
        "abstained": answer.abstained,
        "searched": answer.searched,
        "voices": voices(answer.citations),
        "lead": answer.lead,
        "prose": prose(answer),
        "model": answer.model if answer.mode == "llm" else "",
        "withheld": answer.withheld,
        "notice": answer.notice,
        "articles": len({c.excerpt.article.id for c in answer.citations}),
        "cards": [card(c, origin) for c in answer.citations],
        "near": [card(c, origin) for c in answer.evidence] if answer.abstained and not answer.claims else [],
        "timing": timing(answer.timings_ms, articles),
    }


def prose(answer: Answer) -> list[dict[str, Any]]:
    """The sentences of a model or of the program, each with the numbers of its quotations; none in an extractive
    answer.
    """
    if answer.mode == "extractive":
        return []
    return [{"words": claim.words, "numbers": list(claim.citations)} for claim in answer.claims]


def voices(citations: Sequence[Citation]) -> list[dict[str, Any]]:
    """Who is quoted, each once, with the numbers of the quotations; where nobody is named, the source."""
    found: dict[tuple[str, bool], list[int]] = {}
    for citation in citations:
        article = citation.excerpt.article
        name = citation.speaker or article.publisher or article.title or "Untitled article"
        found.setdefault((name, bool(citation.speaker)), []).append(citation.n)
    return [{"name": name, "speaks": speaks, "numbers": numbers} for (name, speaks), numbers in found.items()]


def timing(timings_ms: Mapping[str, float], articles: int) -> str:
    """As in "Searched 13 articles in 14 ms"; empty for a recalled answer, which was not searched for."""
    if "total" not in timings_ms:
        return ""
    among = "1 article" if articles == 1 else f"{articles:,} articles"
    return f"Searched {among} in {max(1, round(timings_ms['total'])):,} ms"
