"""An answer as a LangChain message: its text, annotated with standard citations, for any LangChain program."""

from __future__ import annotations

from collections.abc import Iterator

from langchain_core.messages import AIMessage
from langchain_core.messages.content import Citation as Annotation
from langchain_core.messages.content import create_text_block

from rag import cite
from rag.fragments import fragment_url
from rag.types import Answer, Citation


def as_message(answer: Answer, public_url: str = "") -> AIMessage:
    """`answer` as one text block, a `Citation` annotation for each citation of each claim.

    `start_index` and `end_index` are where the claim stands in the message's text, `cited_text` is the verbatim
    quotation, and `extras` say where that stands in its article: `article_id`, `revision`, `start`, `end`. No
    annotations where the answer was no.
    """
    block = create_text_block(answer.text, id="answer", annotations=[*_annotations(answer, public_url)])
    told = {"mode": answer.mode, "abstained": answer.abstained, "withheld": answer.withheld}
    model = {"model_name": answer.model} if answer.model else {}
    return AIMessage(content_blocks=[block], response_metadata={"output_version": "v1"} | told | model)


def _annotations(answer: Answer, public_url: str) -> Iterator[Annotation]:
    numbered = {citation.n: citation for citation in answer.citations}
    at = 0
    for claim in answer.claims:
        start = answer.text.index(claim.text, at)
        at = start + len(claim.text)
        for n in claim.citations:
            yield _annotation(numbered[n], start, at, public_url)


def _annotation(citation: Citation, start: int, end: int, public_url: str) -> Annotation:
    """The URL is the article's own, at the words, where it has one; else the reader's."""
    article, span = citation.excerpt.article, citation.excerpt.span
    link = cite.link(citation.excerpt, public_url)
    return Annotation(
        type="citation",
        url=fragment_url(citation.excerpt) if article.url else link,
        title=article.title,
        start_index=start,
        end_index=end,
        cited_text=citation.quote,
        extras={
            "id": citation.id,
            "n": citation.n,
            "article_id": article.id,
            "revision": article.revision,
            "start": span.start,
            "end": span.end,
            "speaker": citation.speaker or None,
            "link": link,
        },
    )
