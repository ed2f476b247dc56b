"""Options that several commands have, and the filters that `filtered` gives to a command."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from rag.batch import day
from rag.text import normalise
from rag.types import Filters

NO_FILTERS = Filters()

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


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that filter articles, in place of its parameter `filters`.

    Typer reads options from the signature only; written out, the same six stand in every command. An option that the
    command has itself, under the same name, is not a filter there.
    """
    own = inspect.signature(command).parameters

    @functools.wraps(command)
    def with_options(*args: Any, **kwargs: Any) -> None:
        chosen = {name: kwargs.pop(name) for name in inspect.signature(filters_of).parameters if name not in own}
        command(*args, filters=filters_of(**chosen), **kwargs)

    hints = get_type_hints(filters_of, include_extras=True) | get_type_hints(command, include_extras=True)
    options = inspect.signature(filters_of).parameters.values()
    with_options.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            p.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[p.name])
            for one in own.values()
            for p in ([option for option in options if option.name not in own] if one.name == "filters" else [one])
        ]
    )
    return with_options


def filters_of(
    article: ArticleFilter = None,
    publisher: PublisherFilter = None,
    author: AuthorFilter = None,
    speaker: SpeakerFilter = None,
    since: Since = None,
    until: Until = None,
) -> Filters:
    """The filters that these options say."""
    return Filters(
        articles=tuple(map(normalise, article or ())),
        publishers=tuple(map(normalise, publisher or ())),
        authors=tuple(map(normalise, author or ())),
        speakers=tuple(map(normalise, speaker or ())),
        since=since,
        until=until,
    )
