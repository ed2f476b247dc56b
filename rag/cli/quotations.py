"""Quotations, who says them, and citations."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from rag.cli.options import NO_FILTERS, AsJson, Limit, filtered
from rag.cli.session import NO, app, opened, put
from rag.text import normalise
from rag.types import Filters, QuoteSearch

Format = Literal["json", "markdown", "csl-json", "bibtex"]


@app.command()
@filtered
def quotes(
    context: typer.Context,
    about: Annotated[str, typer.Option(parser=normalise, metavar="TEXT", help="Only what is said about this.")] = "",
    k: Limit = 50,
    filters: Filters = NO_FILTERS,
    as_json: AsJson = False,
) -> None:
    """List who says what: about something, the likeliest first; else all, newest first."""
    from rag.records import quotations_record

    with opened(context) as pullquote:
        found = pullquote.quotes(QuoteSearch(about=about.strip(), filters=filters), k)
        record = quotations_record(found.found, pullquote.settings.public_url)
    lines = [
        f"[{q['n']}] {q['speaker'] or '?'} ({q['kind']}), {q['title']}\n{q['quote']}" for q in record["quotations"]
    ]
    put(context, as_json, record, "\n\n".join(lines) or "Nobody says anything.")
    if not record["quotations"]:
        raise typer.Exit(NO)


speakers_app = typer.Typer(invoke_without_command=True)
app.add_typer(speakers_app, name="speakers")
Speaker = Annotated[str, typer.Argument(metavar="SPEAKER", parser=normalise, help="A speaker's key or name.")]


@speakers_app.callback()
@filtered
def speakers(
    context: typer.Context,
    unnamed: Annotated[bool, typer.Option("--unnamed", help="Also whoever has no name: the mayor.")] = False,
    filters: Filters = NO_FILTERS,
    as_json: AsJson = False,
) -> None:
    """List who speaks in the articles, most quoted first; merge and split people."""
    from rag.records import person_record

    if context.invoked_subcommand is not None:
        return
    with opened(context) as pullquote:
        records = [person_record(person) for person in pullquote.people(filters, named=not unnamed)]
    lines = [f"{r['quotations']:6}  {r['name']}{', ' if r['office'] else ''}{r['office'] or ''}" for r in records]
    put(context, as_json, {"speakers": records}, "\n".join(lines) or "Nobody says anything.")


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
        name = pullquote.person(speaker).name
        voices = pullquote.reset(speaker)
    put(context, as_json, {"speaker": name, "voices": voices}, f"{voices} decisions about {name} taken back.")


def _print_person(context: typer.Context, as_json: bool, person: Any) -> None:
    from rag.records import person_record

    record = person_record(person)
    put(context, as_json, record, f"{person.name}: {person.quotations} quotations in {person.articles} articles.")


@app.command()
def cite(
    context: typer.Context,
    citation_id: Annotated[str, typer.Argument(metavar="ID", help="A citation id.")],
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = "json",
    as_json: AsJson = False,
) -> None:
    """Look a citation up: its words, where they stand, and what is around them."""
    from rag import cite as citing

    with opened(context) as pullquote:
        found = pullquote.cite(citation_id)
        public_url = pullquote.settings.public_url
    before, after = citing.context(found.excerpt)
    record = citing.record(found, public_url) | {"before": before, "after": after}
    if form == "json":
        put(context, True, record, "")
        return
    written = citing.export(found, form, public_url)
    put(context, as_json, record | {"format": form, "text": written}, written)
