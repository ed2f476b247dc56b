"""What looks something up, as functions that give the contract's JSON: for the command line and the doors of programs.

Where a command says more than its JSON, such as why a model fell silent, it has the service do it, and takes the same
function of `rag.records`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rag import references
from rag.cite import context
from rag.records import (
    answer_record,
    article_record,
    hits_record,
    person_record,
    quotations_record,
    summary_record,
    verification_record,
)
from rag.service import Pullquote
from rag.types import Answer, Filters, Format, QuoteSearch

NO_FILTERS = Filters()


def answered(pullquote: Pullquote, question: str, k: int, filters: Filters, before: tuple[str, ...] = ()) -> Answer:
    """The answer in quotations. A question that leans on those `before` it is searched for as it reads on its own."""
    alone = pullquote.stand_alone(question, before)
    return replace(pullquote.ask(alone, k, filters), question=question, searched=alone if alone != question else "")


def ask(pullquote: Pullquote, question: str, k: int = 8, filters: Filters = NO_FILTERS) -> dict[str, Any]:
    """As `pullquote ask --no-llm`: in quotations only."""
    return answer_record(answered(pullquote, question, k, filters), pullquote.settings.public_url)


def search(pullquote: Pullquote, query: str, k: int = 10, filters: Filters = NO_FILTERS) -> dict[str, Any]:
    """As `pullquote search`."""
    return hits_record(pullquote.search(query, k, filters), pullquote.settings.public_url)


def quotes(pullquote: Pullquote, wanted: QuoteSearch, limit: int = 50, start: int = 0) -> dict[str, Any]:
    """As `pullquote quotes`, a page of it."""
    found = pullquote.quotes(wanted, limit, start)
    record = quotations_record(found.found, pullquote.settings.public_url)
    return record | _paged(start, len(found.found), found.total)


def cite(pullquote: Pullquote, citation_id: str, form: Format = "json") -> dict[str, Any]:
    """As `pullquote cite`: a citation with the text around it; `text` is how another format writes it.

    Raises NotFoundError.
    """
    found, public_url = pullquote.cite(citation_id), pullquote.settings.public_url
    before, after = context(found.excerpt)
    record = references.record(found, public_url) | {"before": before, "after": after}
    if form == "json":
        return record
    return record | {"format": form, "text": references.export(found, form, public_url)}


def verify(
    pullquote: Pullquote, text: str, speaker: str = "", filters: Filters = NO_FILTERS, claims: bool = False
) -> dict[str, Any]:
    """As `pullquote verify`, with `claims` as with `--claims`. Raises InputError."""
    return verification_record(pullquote.verify(text, speaker.strip(), filters, claims), pullquote.settings.public_url)


def summarise(pullquote: Pullquote, article_id: str) -> dict[str, Any]:
    """As `pullquote summarise --no-llm`: in the article's own sentences. Raises NotFoundError."""
    return summary_record(pullquote.summarise(article_id), pullquote.settings.public_url)


def article(pullquote: Pullquote, article_id: str, revision: str = "") -> dict[str, Any]:
    """As `pullquote article`: with its text and its revisions. Raises NotFoundError."""
    entry = pullquote.article(article_id, revision)
    revisions = pullquote.library.revisions(entry.article.id)
    return article_record(entry) | {
        "text": entry.article.text,
        "revisions": [{"revision": name, "read_at": read_at} for name, read_at in revisions],
    }


def articles(pullquote: Pullquote, filters: Filters = NO_FILTERS, limit: int = 50, start: int = 0) -> dict[str, Any]:
    """As `pullquote articles`, a page of it."""
    total, entries = pullquote.article_page(filters, limit, start)
    return {"articles": [article_record(entry) for entry in entries]} | _paged(start, len(entries), total)


def speakers(
    pullquote: Pullquote, filters: Filters = NO_FILTERS, unnamed: bool = False, limit: int = 50, start: int = 0
) -> dict[str, Any]:
    """As `pullquote speakers`, a page of it."""
    found = pullquote.people(filters, named=not unnamed)
    part = found[start : start + limit]
    return {"speakers": [person_record(person) for person in part]} | _paged(start, len(part), len(found))


def _paged(start: int, here: int, total: int) -> dict[str, Any]:
    """How many there are in all, and where the page after this one starts: nowhere, after the last."""
    return {"total": total, "next": start + here if here and start + here < total else None}
