"""The library as a LangChain retriever: documents are passages, with the fields of a CITATION."""

from __future__ import annotations

import asyncio

import pytest
from helpers import HEARING, LEAK, article, assert_exact_record, made
from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

from rag import Pullquote
from rag.references import record
from rag.retriever import PullquoteRetriever
from rag.types import Filters

QUESTION = "Who said that mud does not read a licence?"


@pytest.fixture
def filled(pullquote: Pullquote) -> Pullquote:
    pullquote.ingest_articles(
        [
            article(HEARING, external_id="hearing", title="The {hearing}", publisher="Gazette", published="2026-09-18",
                    url="https://gazette.example/hearing"),
            article(LEAK, external_id="leak", publisher="Courier"),
            *made(20),
        ]
    )  # fmt: skip
    return pullquote


@pytest.fixture
def retriever(filled: Pullquote) -> PullquoteRetriever:
    return PullquoteRetriever(pullquote=filled)


def check(documents: list[Document], pullquote: Pullquote) -> None:
    assert documents
    for document in documents:
        assert_exact_record(document.metadata, pullquote)
        assert document.page_content == document.metadata["quote"]
        assert document.id == document.metadata["id"]


def test_it_is_a_langchain_retriever_whose_documents_are_citations(retriever: PullquoteRetriever) -> None:
    assert isinstance(retriever, BaseRetriever)
    documents = retriever.invoke(QUESTION)
    check(documents, retriever.pullquote)
    assert "Mud does not read a licence" in documents[0].page_content
    assert documents[0].metadata["title"] == "The {hearing}"


def test_it_finds_what_search_finds(retriever: PullquoteRetriever) -> None:
    hits = retriever.pullquote.search(QUESTION)
    assert [document.metadata for document in retriever.invoke(QUESTION)] == [record(hit) for hit in hits]


@pytest.mark.parametrize("k", [1, 3, 12])
def test_k_is_how_many_come(filled: Pullquote, k: int) -> None:
    assert len(PullquoteRetriever(pullquote=filled, k=k).invoke("What about the harbour?")) == k


def test_filters_keep_to_what_they_let_through(filled: Pullquote) -> None:
    courier = PullquoteRetriever(pullquote=filled, k=50, filters=Filters(publishers=("Courier",)))
    documents = courier.invoke("What about mud, riders and the harbour?")
    check(documents, filled)
    assert {document.metadata["publisher"] for document in documents} == {"Courier"}
    assert PullquoteRetriever(pullquote=filled, filters=Filters(articles=("nobody’s",))).invoke("mud") == []


def test_several_questions_at_once_get_their_own_answers(retriever: PullquoteRetriever) -> None:
    questions = [QUESTION, "How many riders were affected?", "What about the lighthouse?"] * 5
    answers = retriever.batch(questions)
    assert answers == [retriever.invoke(question) for question in questions]
    for documents in answers:
        check(documents, retriever.pullquote)


def test_it_can_be_awaited(retriever: PullquoteRetriever) -> None:
    assert asyncio.run(retriever.ainvoke(QUESTION)) == retriever.invoke(QUESTION)


def test_it_stands_in_a_chain(retriever: PullquoteRetriever) -> None:
    """The usual chain: retrieve, put into a prompt, ask a model; the model here repeats its prompt."""
    template = ChatPromptTemplate.from_template("{context}\n\nQuestion: {question}")
    told = RunnableLambda(lambda documents: "\n".join(document.page_content for document in documents))
    chain = (
        {"context": retriever | told, "question": RunnablePassthrough()}
        | template
        | RunnableLambda(lambda prompt: prompt.to_messages()[0])
        | StrOutputParser()
    )
    said = chain.invoke(QUESTION)
    assert said.endswith(f"Question: {QUESTION}")
    assert all(document.page_content in said for document in retriever.invoke(QUESTION))


def test_links_start_with_the_public_url(filled: Pullquote) -> None:
    filled.settings.public_url = "https://quotes.example"
    for document in PullquoteRetriever(pullquote=filled).invoke(QUESTION):
        assert document.metadata["link"].startswith("https://quotes.example/?article=")


def test_an_empty_library_gives_no_documents(pullquote: Pullquote) -> None:
    assert PullquoteRetriever(pullquote=pullquote).invoke(QUESTION) == []
