"""The library as a LangChain retriever, so that any LangChain program can search it."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from rag.references import record
from rag.service import Pullquote
from rag.types import Filters


class PullquoteRetriever(BaseRetriever):
    """Passages for a query. Each document's metadata are the fields of a CITATION.

    `page_content` is the citation's `quote`, so it too is an exact slice of the article.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    pullquote: Pullquote
    k: int = 10
    filters: Filters = Filters()

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        public_url = self.pullquote.settings.public_url
        return [
            Document(id=hit.id, page_content=hit.quote, metadata=record(hit, public_url))
            for hit in self.pullquote.search(query, self.k, self.filters)
        ]
