"""Quotations that somebody wants to print, checked."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.options import NO_FILTERS, AsJson, Batch, filtered
from rag.cli.questions import one_of
from rag.cli.session import NO, app, opened, put
from rag.text import normalise
from rag.types import Filters

if TYPE_CHECKING:
    from rag.service import Pullquote

GOOD = frozenset({"verbatim", "folded"})

SHOWN = 3
"""Places of a quotation that are shown; `--json` has all of them."""

_MARKS = {"equal": "{stored}", "left out": "[-{stored}-]", "put in": "{{+{pasted}+}}"}


@app.command()
@filtered
def verify(
    context: typer.Context,
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="A quotation, a paragraph, a draft; - reads it from stdin.")
    ] = None,
    speaker: Annotated[
        str, typer.Option("--speaker", parser=normalise, metavar="S", help="Whose words they are said to be.")
    ] = "",
    batch: Batch = None,
    filters: Filters = NO_FILTERS,
    as_json: AsJson = False,
) -> None:
    """Check each quotation in a text against all articles: verbatim, folded, altered, misattributed or not found."""
    from rag import contract
    from rag.batch import run

    if text == "-":
        text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace", newline="").read()
    asked = one_of(text, batch, "TEXT")
    with opened(context) as pullquote:
        if batch is not None:
            claimed = replace(filters, speakers=(speaker,) if speaker else ())
            _finish(run(batch, "text", lambda t, _, f: _record(pullquote, t, f), 1, claimed))
            return
        record = contract.verify(pullquote, asked, speaker, filters)
    put(context, as_json, record, "\n\n".join(map(_told, record["quotations"])))
    if record["verdict"] not in GOOD:
        raise typer.Exit(NO)


def _record(pullquote: Pullquote, text: str, filters: Filters) -> dict[str, Any]:
    """Of one line of a batch, whose `speaker` says whose words they are."""
    from rag import contract
    from rag.errors import InputError

    if len(filters.speakers) > 1:
        raise InputError("speaker names several people; a quotation is checked as one person's")
    return contract.verify(pullquote, text, "".join(filters.speakers), replace(filters, speakers=()))


def _finish(results: Any) -> None:
    good = True
    for result in results:
        good = good and result.get("verdict") in GOOD
        typer.echo(json.dumps(result, ensure_ascii=False))
    if not good:
        raise typer.Exit(NO)


def _told(checked: dict[str, Any]) -> str:
    """A quotation with its verdict, and the places where it stands or what is nearest, with what differs."""
    from rag.verification import VERDICTS

    verdict = checked["verdict"]
    matches = checked["matches"]
    said = VERDICTS[verdict] if matches or verdict != "not_found" else "in no article, and nothing is near"
    claimed = f", as {checked['speaker']}'s" if checked["speaker"] else ""
    lines = [f"{verdict.replace('_', ' ').upper()}{claimed}: {said}", f"  “{_line(checked['quote'])}”"]
    return "\n".join([*lines, *(line for match in matches[:SHOWN] for line in _match(match))])


def _match(match: dict[str, Any]) -> list[str]:
    from rag.verification import REASONS

    place = ", ".join(filter(None, [match["publisher"], match["published"]]))
    head = f"  [{match['n']}] {match['speaker'] or 'nobody named'}: {match['title'] or 'untitled'}"
    why = "; ".join(REASONS[reason] for reason in match["reasons"])
    shown = match["quote"] if match["verdict"] in {"verbatim", "not_found"} else _marked(match["diff"])
    lines = [f"{head}{f' ({place})' if place else ''}", f"      {_line(shown)}", f"      {match['id']}"]
    return [*lines[:1], *([f"      {why}"] if why else []), *lines[1:]]


def _marked(diff: Sequence[dict[str, str]]) -> str:
    """The article's words, those that the quotation lacks in [-…-] and those that it has of its own in {+…+}."""
    return "".join(_change(**change) for change in diff)


def _change(kind: str, pasted: str, stored: str) -> str:
    if kind == "replaced" or (kind == "left out" and pasted.strip()):
        return f"[-{stored.rstrip()}-]{{+{pasted.rstrip()}+}}{stored[len(stored.rstrip()) :] or ' '}"
    words = stored if kind != "put in" else pasted
    return _MARKS[kind].format(pasted=pasted.rstrip(), stored=stored.rstrip()) + words[len(words.rstrip()) :]


def _line(text: str) -> str:
    return " ".join(text.split())
