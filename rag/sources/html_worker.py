"""The child that reads HTML: `python -m rag.sources.html_worker`. See `sandbox.py` and `html.py`."""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
from typing import Any, BinaryIO

from rag.sources.sandbox import receive, send

_MEMORY = 2 << 30
"""Bytes of address space. A news page takes a twentieth; 19 MB of nothing but tags takes more, and fails."""

_SUSPICIOUSLY_SHORT = 500
"""Characters. A strict extraction below this is often only a notice beside the article."""

_DOCUMENT_TAG = re.compile(r"<(?:html|head|body)\b", re.IGNORECASE)

_DATES = {"original_date": True, "extensive_search": False, "min_date": "1400-01-01"}
"""Only from metadata, address and JSON-LD: the extensive search makes "© 2019" the first of January."""


def main() -> None:
    """Answers pages with articles until the parent closes the pipe."""
    answers = _own_the_pipe()
    try:
        _limit_memory()
        import trafilatura  # noqa: F401  (loaded before the first clock starts)
    except Exception as exc:
        send(answers, {"error": f"the HTML reader could not start ({type(exc).__name__}: {exc})"})
        return
    logging.disable(logging.CRITICAL)
    send(answers, {"ready": True})
    while (question := receive(sys.stdin.buffer)) is not None:
        send(answers, _answer(question["page"]))


def _own_the_pipe() -> BinaryIO:
    """Standard out for our frames alone: what libraries print goes nowhere. Ctrl-C is the parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return answers


def _limit_memory() -> None:
    """Where the system knows such a limit (not on Windows; macOS may refuse it)."""
    try:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = _MEMORY if hard == resource.RLIM_INFINITY else min(_MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ImportError, ValueError, OSError):
        pass


def _answer(page: str) -> dict[str, Any]:
    try:
        return _extract(page)
    except Exception as exc:  # whatever the page did to the parser is news about the page
        return {"error": f"the HTML parser gave up ({type(exc).__name__})"}


def _extract(page: str) -> dict[str, Any]:
    """Text and metadata, strictly; less strictly where strictness leaves next to nothing."""
    if not _DOCUMENT_TAG.search(page):
        page = f"<html><body>{page}</body></html>"  # trafilatura refuses fragments
    strict = _article(page, favor_precision=True)
    if len(strict.get("text", "")) >= _SUSPICIOUSLY_SHORT:
        return strict
    return _article(page, favor_precision=False) or strict


def _article(page: str, favor_precision: bool) -> dict[str, Any]:
    from trafilatura import bare_extraction

    found = bare_extraction(
        page,
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        favor_precision=favor_precision,
        date_extraction_params=_DATES,
    )
    if found is None:
        return {}
    fields = ("text", "title", "author", "date", "sitename", "url")
    return {field: getattr(found, field) or "" for field in fields}


if __name__ == "__main__":
    main()
