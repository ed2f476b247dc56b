"""Quotations that somebody wants to print, checked."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.options import NO_FILTERS, AsJson, Batch, filtered
from rag.cli.questions import one_of
from rag.cli.session import NO, app, opened, put
from rag.text import normalise
from rag.types import Filters

if TYPE_CHECKING:
    from rag.service import Pullquote

NO_CLAIMS = "No sentence outside quotation marks says anything to check."

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
    claims: Annotated[
        bool,
        typer.Option(
            "--claims",
            help="Also say of each sentence outside quotation marks whether it follows, is contradicted, is only "
            "somebody's words, or is not found: a check of words and relations, not of the world.",
        ),
    ] = False,
    batch: Batch = None,
    filters: Filters = NO_FILTERS,
    as_json: AsJson = False,
) -> None:
    """Check each quotation in a text against all articles: verbatim, folded, altered, misattributed or not found."""
    from rag.records import verification_record

    if text == "-":
        text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace", newline="").read()
    asked = one_of(text, batch, "TEXT")
    with opened(context) as pullquote:
        if batch is not None:
            claimed = replace(filters, speakers=(speaker,) if speaker else ())
            _check_each(pullquote, batch, claimed, claims)
            return
        found = pullquote.verify(asked, speaker.strip(), filters, claims)
        record = verification_record(found, pullquote.settings.public_url)
    put(context, as_json, record, _all_told(record, found.is_prose))
    if not found.passes:
        raise typer.Exit(NO)


def _check_each(pullquote: Pullquote, batch: Path, filters: Filters, claims: bool) -> None:
    """The lines of a batch, whose `speaker` says whose words they are."""
    from rag.batch import run
    from rag.errors import InputError
    from rag.records import verification_record

    passed: list[bool] = []

    def check(text: str, _: int, filters: Filters, claims: bool) -> dict[str, Any]:
        if len(filters.speakers) > 1:
            raise InputError("speaker names several people; a quotation is checked as one person's")
        speaker = "".join(filters.speakers).strip()
        found = pullquote.verify(text, speaker, replace(filters, speakers=()), claims)
        passed.append(found.passes)
        return verification_record(found, pullquote.settings.public_url)

    lines = 0
    for result in run(batch, "text", check, 1, filters, {"claims": claims}):
        typer.echo(json.dumps(result, ensure_ascii=False))
        lines += 1
    if len(passed) < lines or not all(passed):
        raise typer.Exit(NO)


def _all_told(record: dict[str, Any], is_prose: bool) -> str:
    """The quotations, then the other sentences where these were checked; text that `is_prose` is no quotation."""
    from rag.claims import WHAT_IT_IS

    told = [] if is_prose else list(map(_told, record["quotations"]))
    if "claims" in record:
        told.append(f"Sentences outside quotation marks. {WHAT_IT_IS}" if record["claims"] else NO_CLAIMS)
        told += map(_claim_told, record["claims"])
    return "\n\n".join(told)


def _claim_told(claim: dict[str, Any]) -> str:
    """A sentence with its verdict, and the sentences of the articles that it stands on."""
    from rag.claims import VERDICTS

    verdict = claim["verdict"]
    lines = [f"{verdict.replace('_', ' ').upper()}: {VERDICTS[verdict]}", f"  {_line(claim['text'])}"]
    lines += [line for one in claim["citations"] for line in _evidence(one)]
    if against := claim.get("against"):
        lines += ["  but another article says otherwise:", *(line for one in against for line in _evidence(one))]
    return "\n".join(lines)


def _evidence(citation: dict[str, Any]) -> list[str]:
    return _place(citation, citation["speaker"] or "", _line(citation["quote"]))


def _place(citation: dict[str, Any], speaker: str, *shown: str) -> list[str]:
    """Where words stand and as whose, what is `shown` of them, and the id."""
    place = ", ".join(filter(None, [citation["publisher"], citation["published"]]))
    head = ": ".join(filter(None, [speaker, citation["title"] or "untitled"]))
    lines = [f"  [{citation['n']}] {head}{f' ({place})' if place else ''}", *shown, citation["id"]]
    return [lines[0], *(f"      {line}" for line in lines[1:])]


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

    why = "; ".join(REASONS[reason] for reason in match["reasons"])
    shown = match["quote"] if match["verdict"] in {"verbatim", "not_found"} else _marked(match["diff"])
    return _place(match, match["speaker"] or "nobody named", *([why] if why else []), _line(shown))


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
