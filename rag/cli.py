"""The command line. With `--json`, one JSON object on stdout and nothing else there.

Exit codes: 0 done; 1 done in part, or the answer is no; 2 bad usage or input.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer
from pydantic import ValidationError

from rag import __version__
from rag.batch import day
from rag.errors import NotFoundError, PullquoteError, SettingsError
from rag.settings import Settings
from rag.text import normalise
from rag.types import Filters, QuoteSearch

NO, BAD = 1, 2

Format = Literal["json", "markdown", "csl-json", "bibtex"]

app = typer.Typer(
    name="pullquote",
    help="Ask your articles, and get answers made of quotations that you can click.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


@dataclass
class Session:
    """What the options before the command say."""

    settings: Settings
    as_json: bool


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Limit = Annotated[int, typer.Option("-k", min=1, max=1000, help="How many to return.")]
Batch = Annotated[
    Path | None,
    typer.Option("--batch", metavar="FILE", help="Read JSON Lines, print one JSON line each, in order; - for stdin."),
]
ArticleFilter = Annotated[
    list[str] | None, typer.Option("--article", help="Only this article (id, external id or URL).")
]
PublisherFilter = Annotated[list[str] | None, typer.Option("--publisher", help="Only this publisher.")]
AuthorFilter = Annotated[list[str] | None, typer.Option("--author", help="Only this author.")]
SpeakerFilter = Annotated[list[str] | None, typer.Option("--speaker", help="Only what this person says.")]
Since = Annotated[
    date | None, typer.Option("--since", parser=day, metavar="YYYY-MM-DD", help="Published on or after this day.")
]
Until = Annotated[
    date | None, typer.Option("--until", parser=day, metavar="YYYY-MM-DD", help="Published on or before this day.")
]
ArticleId = Annotated[str, typer.Argument(metavar="ID", parser=normalise, help="An article id, external id or URL.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pullquote {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option("--home", help="The folder of the library (PULLQUOTE_HOME).")] = None,
    as_json: AsJson = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Ask your articles, and get answers made of quotations that you can click."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr, force=True)
    try:
        settings = Settings(home=home) if home is not None else Settings()
    except ValidationError as exc:
        faults = "; ".join(
            f"PULLQUOTE_{'_'.join(map(str, e['loc'])).upper()} is {e['input']!r}: {e['msg']}" for e in exc.errors()
        )
        raise SettingsError(f"{faults}. See docs/SETTINGS.md.") from exc
    context.obj = Session(settings, as_json)


# --- articles ---------------------------------------------------------------------------------


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

    with _open(context) as pullquote:
        with bar(estimate(sources)) as progress:
            report = pullquote.ingest(sources, progress)
        record = ingest_record(report, pullquote.counts())
    for failure in record["failed"]:
        typer.echo(f"{failure['source']}: {failure['error']}", err=True)
    counts = ", ".join(f"{record[key]} {key}" for key in ("added", "updated", "unchanged", "duplicates"))
    _print(context, as_json, record, f"{counts}, {len(record['failed'])} failed, in {record['seconds']:.1f} s.")
    if report.failed:
        raise typer.Exit(BAD if report.done == len(report.failed) else NO)


@app.command()
def articles(
    context: typer.Context,
    article: ArticleFilter = None,
    publisher: PublisherFilter = None,
    author: AuthorFilter = None,
    speaker: SpeakerFilter = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """List the articles, newest first."""
    from rag.records import article_record

    filters = _filters(article, publisher, author, speaker, since, until)
    with _open(context) as pullquote:
        records = [article_record(entry) for entry in pullquote.articles(filters)]
    lines = [f"{r['id']}  {r['published'] or '          '}  {r['title']}  ({r['publisher'] or '-'})" for r in records]
    _print(context, as_json, {"articles": records}, "\n".join(lines) or "No articles.")


@app.command()
def article(
    context: typer.Context,
    article_id: ArticleId,
    revision: Annotated[str, typer.Option(parser=normalise, metavar="REVISION", help="An earlier revision.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show one article with its text and its revisions."""
    from rag.records import article_record

    with _open(context) as pullquote:
        entry = pullquote.article(article_id, revision)
        revisions = pullquote.library.revisions(entry.article.id)
    text = entry.article.text
    record = article_record(entry) | {
        "text": text,
        "revisions": [{"revision": name, "read_at": read_at} for name, read_at in revisions],
    }
    _print(context, as_json, record, text)


@app.command()
def remove(
    context: typer.Context,
    article_id: ArticleId,
    as_json: AsJson = False,
) -> None:
    """Take an article out, with all its revisions. Its citations no longer resolve."""
    with _open(context) as pullquote:
        gone = pullquote.remove(article_id)
    _print(context, as_json, {"removed": gone.id, "title": gone.title}, f"Removed {gone.title or gone.id}.")


# --- questions --------------------------------------------------------------------------------


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(metavar="QUESTION")] = None,
    k: Limit = 8,
    no_llm: Annotated[bool, typer.Option("--no-llm", help="Answer in quotations only (the one mode so far).")] = False,
    batch: Batch = None,
    article: ArticleFilter = None,
    publisher: PublisherFilter = None,
    author: AuthorFilter = None,
    speaker: SpeakerFilter = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question in quotations from the articles."""
    from rag.batch import run
    from rag.records import answer_record

    filters = _filters(article, publisher, author, speaker, since, until)
    asked = _one_of(question, batch, "QUESTION")
    with _open(context) as pullquote:
        public_url = pullquote.settings.public_url
        if batch is not None:
            _finish_batch(
                run(batch, "question", lambda q, n, f: answer_record(pullquote.ask(q, n, f), public_url), k, filters)
            )
            return
        answer = pullquote.ask(asked, k, filters)
        _print(context, as_json, answer_record(answer, public_url), answer.text)
    if answer.abstained:
        raise typer.Exit(NO)


@app.command()
def search(
    context: typer.Context,
    query: Annotated[str | None, typer.Argument(metavar="QUERY")] = None,
    k: Limit = 10,
    batch: Batch = None,
    article: ArticleFilter = None,
    publisher: PublisherFilter = None,
    author: AuthorFilter = None,
    speaker: SpeakerFilter = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """List the passages that fit a query best."""
    from rag.batch import run
    from rag.records import hits_record

    filters = _filters(article, publisher, author, speaker, since, until)
    asked = _one_of(query, batch, "QUERY")
    with _open(context) as pullquote:
        public_url = pullquote.settings.public_url
        if batch is not None:
            _finish_batch(
                run(batch, "query", lambda q, n, f: hits_record(pullquote.search(q, n, f), public_url), k, filters)
            )
            return
        record = hits_record(pullquote.search(asked, k, filters), public_url)
    lines = [f"[{hit['n']}] {hit['title']}\n{hit['quote']}" for hit in record["hits"]]
    _print(context, as_json, record, "\n\n".join(lines) or "Nothing found.")
    if not record["hits"]:
        raise typer.Exit(NO)


@app.command()
def quotes(
    context: typer.Context,
    about: Annotated[str, typer.Option(parser=normalise, metavar="TEXT", help="Only what is said about this.")] = "",
    k: Limit = 50,
    article: ArticleFilter = None,
    publisher: PublisherFilter = None,
    author: AuthorFilter = None,
    speaker: SpeakerFilter = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """List who says what: about something, the likeliest first; else all, newest first."""
    from rag.records import quotations_record

    filters = _filters(article, publisher, author, speaker, since, until)
    with _open(context) as pullquote:
        found = pullquote.quotes(QuoteSearch(about=about.strip(), filters=filters), k)
        record = quotations_record(found.found, pullquote.settings.public_url)
    lines = [
        f"[{q['n']}] {q['speaker'] or '?'} ({q['kind']}), {q['title']}\n{q['quote']}" for q in record["quotations"]
    ]
    _print(context, as_json, record, "\n\n".join(lines) or "Nobody says anything.")
    if not record["quotations"]:
        raise typer.Exit(NO)


speakers_app = typer.Typer(invoke_without_command=True)
app.add_typer(speakers_app, name="speakers")
Speaker = Annotated[str, typer.Argument(metavar="SPEAKER", parser=normalise, help="A speaker's key or name.")]


@speakers_app.callback()
def speakers(
    context: typer.Context,
    unnamed: Annotated[bool, typer.Option("--unnamed", help="Also whoever has no name: the mayor.")] = False,
    article: ArticleFilter = None,
    publisher: PublisherFilter = None,
    author: AuthorFilter = None,
    speaker: SpeakerFilter = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """List who speaks in the articles, most quoted first; merge and split people."""
    from rag.records import person_record

    if context.invoked_subcommand is not None:
        return
    filters = _filters(article, publisher, author, speaker, since, until)
    with _open(context) as pullquote:
        records = [person_record(person) for person in pullquote.people(filters, named=not unnamed)]
    lines = [f"{r['quotations']:6}  {r['name']}{', ' if r['office'] else ''}{r['office'] or ''}" for r in records]
    _print(context, as_json, {"speakers": records}, "\n".join(lines) or "Nobody says anything.")


@speakers_app.command()
def merge(
    context: typer.Context,
    speaker: Speaker,
    into: Annotated[str, typer.Argument(metavar="INTO", parser=normalise, help="Who that is: a key or a name.")],
    as_json: AsJson = False,
) -> None:
    """Put all that one speaker says under another, now and in articles to come."""
    with _open(context) as pullquote:
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
    with _open(context) as pullquote:
        _print_person(context, as_json, pullquote.split(speaker, article, name))


@speakers_app.command()
def reset(context: typer.Context, speaker: Speaker, as_json: AsJson = False) -> None:
    """Take back what was merged into a speaker, or split off as one."""
    with _open(context) as pullquote:
        name = pullquote.person(speaker).name
        voices = pullquote.reset(speaker)
    _print(context, as_json, {"speaker": name, "voices": voices}, f"{voices} decisions about {name} taken back.")


def _print_person(context: typer.Context, as_json: bool, person: Any) -> None:
    from rag.records import person_record

    record = person_record(person)
    _print(context, as_json, record, f"{person.name}: {person.quotations} quotations in {person.articles} articles.")


@app.command()
def cite(
    context: typer.Context,
    citation_id: Annotated[str, typer.Argument(metavar="ID", help="A citation id.")],
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = "json",
    as_json: AsJson = False,
) -> None:
    """Look a citation up: its words, where they stand, and what is around them."""
    from rag import cite as citing

    with _open(context) as pullquote:
        found = pullquote.cite(citation_id)
        public_url = pullquote.settings.public_url
    before, after = citing.context(found.excerpt)
    record = citing.record(found, public_url) | {"before": before, "after": after}
    if form == "json":
        _print(context, True, record, "")
        return
    written = citing.export(found, form, public_url)
    _print(context, as_json, record | {"format": form, "text": written}, written)


# --- health, models, the app ------------------------------------------------------------------


@app.command()
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Look the library, the index and the models over, and say what was mended."""
    with _open(context) as pullquote:
        found = pullquote.doctor()
    faults = [*found["library"]["faults"], *([f"index: {found['index']['fault']}"] if found["index"]["fault"] else [])]
    lines = [f"Library: {found['library']['articles']} articles, {found['library']['passages']} passages."]
    if unembedded := found["library"]["unembedded"]:
        lines.append(
            f"The sentences of {unembedded} passages have no vectors yet, so that they rank less well: run "
            "`pullquote rebuild --embed`."
        )
    lines += [f"Mended: {line}" for line in found["mended"]] + [f"Fault: {line}" for line in faults]
    _print(context, as_json, found, "\n".join([*lines, "All is well." if found["ok"] else "Run `pullquote rebuild`."]))
    if not found["ok"]:
        raise typer.Exit(NO)


@app.command()
def rebuild(
    context: typer.Context,
    embed: Annotated[bool, typer.Option("--embed", help="Embed all passages anew, after a change of model.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read again who says what, and make the search index again from the library."""
    if embed:
        from rag.service import embed_anew

        embed_anew(_session(context).settings)
    with _open(context) as pullquote:
        counts = pullquote.rebuild()
    _print(context, as_json, {"rebuilt": counts.passages, "embedded": embed}, f"{counts.passages} passages indexed.")


@app.command()
def models(
    context: typer.Context,
    action: Annotated[str, typer.Argument(metavar="[pull]", help="`pull` fetches; without it, what is there.")] = "",
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Which model; all of them by default.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the model files, or fetch them."""
    from rag import models as local
    from rag.service import model_records

    settings = _session(context).settings
    if action not in {"", "pull"}:
        raise SettingsError(f"`pullquote models {action}` is not known; `pullquote models pull [NAME]` is.")
    if action == "pull":
        for model in [local.find(name)] if name else local.known().values():
            local.pull(model, settings.models_folder, progress=lambda line: typer.echo(line, err=True))
    records = model_records(settings)
    lines = [f"{r['name']}  {r['title']}  {r['licence']}  {r['path'] or 'not here'}" for r in records]
    _print(context, as_json, {"models": records}, "\n".join(lines))


Host = Annotated[str | None, typer.Option(help="The address to listen on (PULLQUOTE_HOST).")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="The port to listen on; 0 picks a free one.")]


@app.command()
def serve(context: typer.Context, host: Host = None, port: Port = None) -> None:
    """Serve the web app."""
    _serve(_session(context).settings, host, port)


@app.command()
def demo(context: typer.Context, host: Host = None, port: Port = None) -> None:
    """Serve the web app with the sample articles in it."""
    from rag.progress import bar
    from rag.project import project_path
    from rag.service import open_pullquote

    settings = _session(context).settings
    samples = [str(project_path("samples"))]
    with open_pullquote(settings) as pullquote, bar(0) as progress:
        report = pullquote.ingest(samples, progress)
    typer.echo(f"Samples: {report.added} added, {report.unchanged} there already.", err=True)
    _serve(settings, host, port)


def _serve(settings: Settings, host: str | None, port: int | None) -> None:
    from rag.ui.serve import serve as run

    chosen = {"host": host, "port": port}
    run(settings.model_copy(update={key: value for key, value in chosen.items() if value is not None}))


# --- measuring --------------------------------------------------------------------------------


DataPath = Annotated[Path, typer.Argument(metavar="PATH", help="The folder with the set's files, or with all sets.")]


@app.command(name="eval")
def evaluate(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="SET", help="A set's name, or all.")],
    path: DataPath,
    rivals: Annotated[bool, typer.Option(help="Measure the rivals too.")] = True,
    as_json: AsJson = False,
) -> None:
    """Run a public data set through Pullquote, and through its rivals beside it."""
    from rag.evals.run import evaluate as run

    _print_tables(context, as_json, list(run(name, path, _session(context).settings, _tell, rivals)))


@app.command()
def bench(
    context: typer.Context,
    path: DataPath,
    sizes: Annotated[list[int] | None, typer.Option("--size", min=1, help="Articles; may be given repeatedly.")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often the smallest size is measured.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Measure speed, memory and disk as a collection grows, beside the stock pipeline."""
    from rag.evals.bench import SIZES
    from rag.evals.bench import bench as run

    tables = run(path, _session(context).settings, _tell, tuple(sizes or SIZES), rounds)
    _print_tables(context, as_json, tables)


def _tell(line: str) -> None:
    typer.echo(line, err=True)


def _print_tables(context: typer.Context, as_json: bool, tables: Sequence[Any]) -> None:
    text = "\n\n".join(f"{table.name}\n{table.text()}" for table in tables)
    _print(context, as_json, {"tables": [table.record() for table in tables]}, text)


# --- inside -----------------------------------------------------------------------------------


def _session(context: typer.Context) -> Session:
    session: Session = context.obj
    return session


@contextmanager
def _open(context: typer.Context) -> Iterator[Any]:
    from rag.service import open_pullquote

    with open_pullquote(_session(context).settings) as pullquote:
        yield pullquote


def _filters(
    article: list[str] | None,
    publisher: list[str] | None,
    author: list[str] | None,
    speaker: list[str] | None,
    since: date | None,
    until: date | None,
) -> Filters:
    return Filters(
        articles=tuple(map(normalise, article or ())),
        publishers=tuple(map(normalise, publisher or ())),
        authors=tuple(map(normalise, author or ())),
        speakers=tuple(map(normalise, speaker or ())),
        since=since,
        until=until,
    )


def _one_of(argument: str | None, batch: Path | None, name: str) -> str:
    """What is asked, empty where a batch asks. Looked at before anything is opened."""
    if (argument is None) == (batch is None):
        raise typer.BadParameter(f"give either {name} or --batch FILE")
    if argument is not None and not argument.strip():
        raise typer.BadParameter(f"{name} is blank")
    return argument or ""


def _finish_batch(results: Iterator[dict[str, Any]]) -> None:
    failed = False
    for result in results:
        failed = failed or "error" in result
        typer.echo(json.dumps(result, ensure_ascii=False))
    if failed:
        raise typer.Exit(NO)


def _print(context: typer.Context, as_json: bool, record: dict[str, Any], text: str) -> None:
    wanted = as_json or _session(context).as_json
    typer.echo(json.dumps(record, ensure_ascii=False) if wanted else text)


def main() -> None:
    """The `pullquote` command: `app`, with whatever a person can mend as one clear line."""
    # What UTF-8 cannot hold (a lone surrogate of an argument) is written as the escape that JSON has for it.
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as exc:
        _refuse_usage(exc)
    except PullquoteError as exc:
        _refuse(str(exc), NO if isinstance(exc, NotFoundError) else BAD)
    except sqlite3.IntegrityError:
        raise  # a defect of ours, not of the file
    except sqlite3.DatabaseError as exc:
        _refuse(f"The library file failed ({exc}). Restore a copy of it, or choose another --home.", BAD)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(NO)


def _refuse_usage(error: typer.TyperException) -> NoReturn:
    if len(sys.argv) == 1:  # a bare `pullquote`: what typer says is the whole help
        typer.echo(error.format_message(), err=True)
        sys.exit(BAD)
    context: typer.Context | None = getattr(error, "ctx", None)
    command = f"pullquote {context.info_name}" if context is not None and context.parent else "pullquote"
    reason = error.format_message().replace("Value error, ", "").removesuffix(".")  # pydantic's words, not ours
    _refuse(f"{reason}. Run `{command} --help`.", BAD)


def _refuse(reason: str, code: int) -> NoReturn:
    line = " ".join(reason.split())
    typer.echo(f"pullquote: {line}", err=True)
    if "--json" in sys.argv:
        typer.echo(json.dumps({"error": line}, ensure_ascii=False))
    sys.exit(code)
