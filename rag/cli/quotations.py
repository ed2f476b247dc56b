"""Quotations, who says them, and citations."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from rag.cli.options import NO_FILTERS, AsJson, filtered
from rag.cli.session import NO, ListFormat, app, opened, put, put_file, session
from rag.text import normalise
from rag.types import EXPORTED, Filters, Format, QuoteSearch

FEW = 50
"""Quotations of a list to read, at most, where nobody says how many."""

LONGEST_NAME = 60
"""Characters of a speaker's name in a line; `--json` has all of it."""


class Kind(StrEnum):
    """`rag.types.QuotationKind`, as typer reads it where it may be given repeatedly."""

    DIRECT = "direct"
    MIXED = "mixed"
    INDIRECT = "indirect"


@app.command()
@filtered
def quotes(
    context: typer.Context,
    about: Annotated[str, typer.Option(parser=normalise, metavar="TEXT", help="Only what is said about this.")] = "",
    words: Annotated[
        str, typer.Option(parser=normalise, metavar="WORDS", help='Only with these words; "in quotes", side by side.')
    ] = "",
    topic: Annotated[str, typer.Option(parser=normalise, metavar="TEXT", help="Only where these words are near.")] = "",
    kind: Annotated[
        list[Kind] | None, typer.Option("--kind", help="Only speech of this kind: direct, mixed or indirect.")
    ] = None,
    k: Annotated[
        int | None,
        typer.Option("-k", min=1, max=EXPORTED, help="At most so many: 50, or all of them in a file's format."),
    ] = None,
    form: Annotated[ListFormat, typer.Option("--format", help="How to write the list.")] = "text",
    filters: Filters = NO_FILTERS,
    as_json: AsJson = False,
) -> None:
    """List who says what: about something, the likeliest first; else all that fits, newest first."""
    from rag.export import as_csv, as_jsonl
    from rag.records import quotations_record

    if as_json and form != "text":
        raise typer.BadParameter(f"--json and --format {form} exclude each other.")
    search = QuoteSearch(
        about=about.strip(),
        words=words.strip(),
        topic=topic.strip(),
        kinds=tuple(one.value for one in kind or ()),
        filters=filters,
    )
    with opened(context) as pullquote:
        listed = pullquote.quotes(search, k or (FEW if form == "text" else EXPORTED))
        found = listed.found
        public_url = pullquote.settings.public_url
        record = quotations_record(found, public_url)
    if form == "csv":
        sys.stdout.buffer.write(as_csv(found, public_url))
    elif form == "jsonl":
        typer.echo(as_jsonl(found, public_url), nl=False)
    else:
        put(context, as_json, record, "\n\n".join(map(_line, record["quotations"])) or "Nobody says anything.")
    if len(found) < listed.total:
        typer.echo(f"{len(found):,} of {listed.total:,} quotations; -k N gives more.", err=True)
    if not record["quotations"]:
        raise typer.Exit(NO)


def _line(said: dict[str, Any]) -> str:
    return f"[{said['n']}] {said['speaker'] or '?'} ({said['kind']}), {said['title']}\n{said['quote']}"


@app.command()
def versions(
    context: typer.Context,
    citation_id: Annotated[str, typer.Argument(metavar="ID", help="The citation id of a quotation.")],
    as_json: AsJson = False,
) -> None:
    """Show a statement as each article prints it, the earliest first, with what differs."""
    from rag.records import versions_record

    with opened(context) as pullquote:
        record = versions_record(pullquote.versions(citation_id), pullquote.settings.public_url)
    lines = [
        f"{v['published'] or '?'}  {v['publisher'] or v['title']}{' (first)' if v['first'] else ''}\n{_marked(v)}"
        for v in record["versions"]
    ]
    put(context, as_json, record, "\n\n".join(lines) or "No other article has it.")
    if not lines:
        raise typer.Exit(NO)


def _marked(version: dict[str, Any]) -> str:
    """A version's words, what is left out of the first in [-…-] and what is added to it in {+…+}."""
    marks = {"same": "{}", "left out": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[piece["change"]].format(piece["text"]) for piece in version["differences"])


speakers_app = typer.Typer(invoke_without_command=True)
app.add_typer(speakers_app, name="speakers")
Speaker = Annotated[str, typer.Argument(metavar="SPEAKER", parser=normalise, help="A speaker's key or name.")]


@speakers_app.callback()
@filtered
def speakers(
    context: typer.Context,
    unnamed: Annotated[bool, typer.Option("--unnamed", help="Also whoever has no name: the mayor.")] = False,
    decisions: Annotated[bool, typer.Option("--decisions", help="List what was merged and split instead.")] = False,
    filters: Filters = NO_FILTERS,
    as_json: AsJson = False,
) -> None:
    """List who speaks in the articles, most quoted first; merge and split people."""
    if context.invoked_subcommand is not None:
        if filters or unnamed or decisions:
            raise typer.BadParameter(f"Before {context.invoked_subcommand!r} only --json can stand", ctx=context)
        session(context).as_json |= as_json
        return
    if decisions:
        if filters or unnamed:
            raise typer.BadParameter("With --decisions only --json can stand", ctx=context)
        _print_decisions(context, as_json)
        return
    from rag.records import person_record

    with opened(context) as pullquote:
        records = [person_record(person) for person in pullquote.people(filters, named=not unnamed)]
    lines = [f"{r['quotations']:6}  {_cut(r['name'])}{', ' if r['office'] else ''}{r['office'] or ''}" for r in records]
    put(context, as_json, {"speakers": records}, "\n".join(lines) or "Nobody says anything.")
    if not records:
        raise typer.Exit(NO)


def _print_decisions(context: typer.Context, as_json: bool) -> None:
    """What was merged and split, each with where it holds; the answer is no where there is nothing."""
    with opened(context) as pullquote:
        decided = pullquote.all_decisions()
    lines = [
        f"{_cut(one.speaker)} {f'in {one.article_id}' if one.article_id else 'in all articles'} is {_cut(one.name)}"
        f"{' (waits: no article here says so)' if one.waits else ''}"
        for one in decided
    ]
    record = {"decisions": [one._asdict() | {"article_id": one.article_id or None} for one in decided]}
    put(context, as_json, record, "\n".join(lines) or "Nothing was merged or split.")
    if not decided:
        raise typer.Exit(NO)


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


@speakers_app.command()
def merge(
    context: typer.Context,
    speaker: Speaker,
    into: Annotated[str, typer.Argument(metavar="INTO", parser=normalise, help="Who that is: a key or a name.")],
    as_json: AsJson = False,
) -> None:
    """Put all that one speaker says under another, now and in articles to come."""
    with opened(context) as pullquote:
        _print_person(context, as_json, pullquote.merge(speaker, into))


@speakers_app.command()
def split(
    context: typer.Context,
    speaker: Speaker,
    name: Annotated[str, typer.Option("--as", parser=normalise, metavar="NAME", help="Whose words these are.")],
    article: Annotated[list[str], typer.Option("--article", help="In these articles (id, external id or URL).")],
    as_json: AsJson = False,
) -> None:
    """Put what a speaker says in some articles under another name."""
    with opened(context) as pullquote:
        _print_person(context, as_json, pullquote.split(speaker, article, name))


@speakers_app.command()
def reset(context: typer.Context, speaker: Speaker, as_json: AsJson = False) -> None:
    """Take back what was merged into a speaker, or split off as one."""
    with opened(context) as pullquote:
        _, name = pullquote.decided(speaker)
        voices = pullquote.reset(speaker)
    put(context, as_json, {"speaker": name, "voices": voices}, f"{voices} decisions about {_cut(name)} taken back.")


def _print_person(context: typer.Context, as_json: bool, person: Any) -> None:
    from rag.records import person_record

    record = person_record(person)
    put(context, as_json, record, f"{_cut(person.name)}: {person.quotations} quotations in {person.articles} articles.")


@app.command()
def cite(
    context: typer.Context,
    citation_id: Annotated[str, typer.Argument(metavar="ID", help="A citation id.")],
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = "json",
    as_json: AsJson = False,
) -> None:
    """Look a citation up: its words, where they stand, and what is around them."""
    from rag import contract

    with opened(context) as pullquote:
        record = contract.cite(pullquote, citation_id, form)
    if form == "json":
        put(context, True, record, "")
    else:
        put_file(context, as_json, record, record["text"])
