"""Articles in, listed, shown and out."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.options import NO_FILTERS, ArticleId, AsJson, filtered
from rag.cli.session import BAD, NO, app, opened, put
from rag.text import normalise
from rag.types import Filters


@app.command()
def ingest(
    context: typer.Context,
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Files and folders.")],
    as_json: AsJson = False,
) -> None:
    """Take in articles: text, Markdown, HTML, JSON Lines, and folders of these."""
    from rag.progress import bar
    from rag.records import ingest_record
    from rag.sources import estimate

    with opened(context) as pullquote:
        with bar(estimate(sources)) as progress:
            report = pullquote.ingest(sources, progress)
        record = ingest_record(report, pullquote.counts())
    for failure in record["failed"]:
        typer.echo(f"{failure['source']}: {failure['error']}", err=True)
    counts = ", ".join(f"{record[key]} {key}" for key in ("added", "updated", "unchanged", "duplicates"))
    put(context, as_json, record, f"{counts}, {len(record['failed'])} failed, in {record['seconds']:.1f} s.")
    if report.failed:
        raise typer.Exit(BAD if report.done == len(report.failed) else NO)


@app.command()
@filtered
def articles(
    context: typer.Context,
    filters: Filters = NO_FILTERS,
    as_json: AsJson = False,
) -> None:
    """List the articles, newest first."""
    from rag.records import article_record

    with opened(context) as pullquote:
        records = [article_record(entry) for entry in pullquote.articles(filters)]
    lines = [f"{r['id']}  {r['published'] or '          '}  {r['title']}  ({r['publisher'] or '-'})" for r in records]
    put(context, as_json, {"articles": records}, "\n".join(lines) or "No articles.")


@app.command()
def article(
    context: typer.Context,
    article_id: ArticleId,
    revision: Annotated[str, typer.Option(parser=normalise, metavar="REVISION", help="An earlier revision.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show one article with its text and its revisions."""
    from rag import contract

    with opened(context) as pullquote:
        record = contract.article(pullquote, article_id, revision)
    put(context, as_json, record, record["text"])


@app.command()
def remove(
    context: typer.Context,
    article_id: ArticleId,
    as_json: AsJson = False,
) -> None:
    """Take an article out, with all its revisions. Its citations no longer resolve."""
    with opened(context) as pullquote:
        gone = pullquote.remove(article_id)
    put(context, as_json, {"removed": gone.id, "title": gone.title}, f"Removed {gone.title or gone.id}.")
