"""Stands in for `Pullquote.verify` until it is there; goes at that merge."""

from __future__ import annotations

from typing import Any

from rag.cite import record
from rag.service import Pullquote
from rag.types import Citation, Filters
from rag.verify import verify

_WORTH = ("verbatim", "folded", "misattributed", "clipped")


def verification(pullquote: Pullquote, text: str, speaker: str, filters: Filters) -> dict[str, Any]:
    """The words looked for in each article, as one quotation."""
    found = []
    for entry in pullquote.articles(filters):
        article = entry.article
        said = pullquote.library.quotations.of([article])[article.id]
        verdict, excerpt = verify(text, article, said, speaker)
        if excerpt is not None:
            found.append((_WORTH.index(verdict), verdict, excerpt))
    found.sort(key=lambda one: one[0])
    matches = [
        record(Citation(n, excerpt), pullquote.settings.public_url) | {"diff": []}
        for n, (_, _, excerpt) in enumerate(found, start=1)
    ]
    named = found[0][1] if found else "not_found"
    return {"verdict": "altered" if named == "clipped" else named, "matches": matches}
