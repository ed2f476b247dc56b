"""Questions, summaries and searches, one by one or many in one process."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.options import NO_FILTERS, AsJson, Batch, Limit, filtered
from rag.cli.session import NO, ListFormat, app, opened, put, put_file, session
from rag.text import normalise
from rag.types import Answer, Citation, Filters, Format, Mode, Summary

if TYPE_CHECKING:
    from rag.service import Pullquote


ALL_CONVERSATIONS = 1_000_000
"""More than anybody has."""


@app.command()
@filtered
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(metavar="QUESTION")] = None,
    k: Limit = 8,
    no_llm: Annotated[bool, typer.Option("--no-llm", help="Answer in quotations only.")] = False,
    batch: Batch = None,
    filters: Filters = NO_FILTERS,
    as_json: AsJson = False,
) -> None:
    """Answer a question in quotations from the articles."""
    from rag import composition
    from rag.batch import run
    from rag.records import answer_record

    asked = one_of(question, batch, "QUESTION")
    composition.begin(session(context).settings.models_folder)
    with opened(context) as pullquote:
        public_url = pullquote.settings.public_url
        if batch is not None:
            answered = lambda q, n, f: answer_record(_answer(pullquote, q, n, f, no_llm), public_url)  # noqa: E731
            finish(run(batch, "question", answered, k, filters))
            return
        answer = _answer(pullquote, asked, k, filters, no_llm)
        put(context, as_json, answer_record(answer, public_url), _shown(answer))
    if answer.abstained:
        raise typer.Exit(NO)


def _answer(pullquote: Pullquote, question: str, k: int, filters: Filters, no_llm: bool) -> Answer:
    """The answer, in a model's prose where there is one; why there is none goes to stderr."""
    answer = pullquote.ask(question, k, filters)
    writing = None if no_llm else pullquote.write(answer)
    if writing is None:
        return answer
    deque(writing, maxlen=0)
    told = writing.answer
    _notify(told.notice, told.mode, "The answer is in quotations only.")
    return told


def _shown(answer: Answer) -> str:
    """The answer, and the numbered quotations below it; these alone are the answer where nobody tells it."""
    if answer.mode == "extractive":
        return answer.text
    return "\n\n".join([answer.text, *map(_listed, answer.citations)])


def _listed(citation: Citation) -> str:
    from rag.cite import spelled

    article = citation.excerpt.article
    outlet = article.publisher or article.title
    where = ", ".join(filter(None, (citation.speaker, outlet, spelled(article.published))))
    return f"[{citation.n}] {citation.quote}\n    {where} · {citation.id}"


def _notify(notice: str, mode: Mode, instead: str) -> None:
    """Say on stderr why a model fell silent, and what stands `instead` where nothing of it passed."""
    if notice:
        typer.echo(notice if mode == "llm" else f"{notice} {instead}", err=True)


@app.command()
def summarise(
    context: typer.Context,
    article: Annotated[
        list[str] | None, typer.Option("--article", metavar="ID", help="An article id, external id or URL.")
    ] = None,
    query: Annotated[str | None, typer.Option("--query", hidden=True)] = None,
    kind: Annotated[str, typer.Option("--kind", metavar="brief", help="What to write: brief, the only one yet.")] = (
        "brief"
    ),
    no_llm: Annotated[bool, typer.Option("--no-llm", help="In the article's own sentences only.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sum up one article in three to six sentences, each with its place in the article."""
    from rag.records import summary_record

    asked = _one_article(article, query, kind)
    with opened(context) as pullquote:
        summary = _summary(pullquote, asked, no_llm)
        record = summary_record(summary, pullquote.settings.public_url)
    lines = [f"{claim.text} {''.join(f'[{n}]' for n in claim.citations)}" for claim in summary.sentences]
    put(context, as_json, record, "\n\n".join(lines) or "Nothing in this article sums it up.")
    if not lines:
        raise typer.Exit(NO)


def _one_article(article: list[str] | None, query: str | None, kind: str) -> str:
    """The article to sum up. Whatever a briefing over many would want is refused, before anything is opened."""
    if query is not None:
        raise typer.BadParameter("--query is not there yet: give one --article ID")
    if kind in {"timeline", "positions"}:
        raise typer.BadParameter(f"--kind {kind} is not there yet: only brief is")
    if kind != "brief":
        raise typer.BadParameter(f"--kind is brief, not {kind!r}")
    if len(article or ()) > 1:
        raise typer.BadParameter("a summary of several articles is not there yet: give one --article ID")
    if not article or not (asked := normalise(article[0])).strip():
        raise typer.BadParameter("give --article ID")
    return asked


def _summary(pullquote: Pullquote, article: str, no_llm: bool) -> Summary:
    """The summary, by a model where there is one; why there is none goes to stderr."""
    writing = None if no_llm else pullquote.write_summary(article)
    if writing is None:
        return pullquote.summarise(article)
    deque(writing, maxlen=0)
    summed = writing.summary
    _notify(summed.notice, summed.mode, "The summary is in the article's own sentences.")
    return summed


@app.command()
@filtered
def search(
    context: typer.Context,
    query: Annotated[str | None, typer.Argument(metavar="QUERY")] = None,
    k: Limit = 10,
    batch: Batch = None,
    filters: Filters = NO_FILTERS,
    as_json: AsJson = False,
) -> None:
    """List the passages that fit a query best."""
    from rag import contract
    from rag.batch import run

    asked = one_of(query, batch, "QUERY")
    with opened(context) as pullquote:
        if batch is not None:
            finish(run(batch, "query", lambda q, n, f: contract.search(pullquote, q, n, f), k, filters))
            return
        record = contract.search(pullquote, asked, k, filters)
    lines = [f"[{hit['n']}] {hit['title']}\n{hit['quote']}" for hit in record["hits"]]
    put(context, as_json, record, "\n\n".join(lines) or "Nothing found.")
    if not record["hits"]:
        raise typer.Exit(NO)


@app.command()
def feedback(
    context: typer.Context,
    form: Annotated[ListFormat, typer.Option("--format", help="How to write the list.")] = "text",
    as_json: AsJson = False,
) -> None:
    """List the answers that readers marked as helpful, wrong or missing something."""
    from rag.export import feedback_csv, feedback_jsonl
    from rag.records import feedback_record

    as_json = as_json or session(context).as_json
    if as_json and form != "text":
        raise typer.BadParameter(f"--json and --format {form} exclude each other.")
    with opened(context) as pullquote:
        rated = pullquote.feedback()
    if form == "csv":
        sys.stdout.buffer.write(feedback_csv(rated))
    elif form == "jsonl":
        typer.echo(feedback_jsonl(rated), nl=False)
    else:
        record = {"feedback": [feedback_record(turn, answer) for turn, answer in rated]}
        lines = [f"{turn.feedback}  {turn.asked_at[:10]}  {turn.question}" for turn, _ in rated]
        put(context, as_json, record, "\n".join(lines) or "Nobody has said anything of an answer.")
    if not rated:
        raise typer.Exit(NO)


@app.command()
def conversations(
    context: typer.Context,
    conversation_id: Annotated[str | None, typer.Argument(metavar="ID", help="A conversation's id.")] = None,
    form: Annotated[Format | None, typer.Option("--format", help="How to write it: Markdown by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the conversations, newest first, or write one out whole, with its citations."""
    from rag.transcripts import conversation_record, transcript_record, written

    if conversation_id is None:
        if form is not None:
            raise typer.BadParameter("--format is for one conversation: give its ID")
        with opened(context) as pullquote:
            records = [conversation_record(one) for one in pullquote.conversations.recent(ALL_CONVERSATIONS)]
        lines = [f"{r['id']}  {r['started_at'][:10]}  {r['turns']:3}  {' '.join(r['title'].split())}" for r in records]
        put(context, as_json, {"conversations": records}, "\n".join(lines) or "No conversations.")
        if not records:
            raise typer.Exit(NO)
        return
    with opened(context) as pullquote:
        transcript = pullquote.transcript(conversation_id)
        public_url = pullquote.settings.public_url
        record = transcript_record(transcript, public_url)
        text = written(transcript, form or "markdown", public_url)
    put_file(context, as_json, record | ({"format": form, "text": text} if form else {}), text)


def one_of(argument: str | None, batch: Path | None, name: str) -> str:
    """What is asked, empty where a batch asks. Looked at before anything is opened."""
    if (argument is None) == (batch is None):
        raise typer.BadParameter(f"give either {name} or --batch FILE")
    if argument is not None and not argument.strip():
        raise typer.BadParameter(f"{name} is blank")
    return argument or ""


def finish(results: Iterator[dict[str, Any]]) -> None:
    failed = False
    for result in results:
        failed = failed or "error" in result
        typer.echo(json.dumps(result, ensure_ascii=False))
    if failed:
        raise typer.Exit(NO)
