"""Access tokens, for whoever comes in from elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.options import AsJson
from rag.cli.session import NO, app, put, session
from rag.tokens import Token, Tokens

tokens_app = typer.Typer(invoke_without_command=True)
app.add_typer(tokens_app, name="tokens")
Name = Annotated[str, typer.Argument(metavar="NAME", help="Whose token it is, or what for.")]


@tokens_app.callback()
def tokens(context: typer.Context, as_json: AsJson = False) -> None:
    """List the access tokens; add and remove them."""
    if context.invoked_subcommand is not None:
        session(context).as_json |= as_json
        return
    found = _tokens(context).all()
    lines = [f"{token.created_at[:10]}  {_right(token)}  {token.name}" for token in found]
    put(context, as_json, {"tokens": [_record(token) for token in found]}, "\n".join(lines) or "There are no tokens.")
    if not found:
        raise typer.Exit(NO)


@tokens_app.command()
def add(
    context: typer.Context,
    name: Name,
    read_only: Annotated[bool, typer.Option("--read-only", help="It may look up, and change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a token and print it, this once: only its hash is kept."""
    there = _tokens(context)
    secret = there.add(name, read_only)
    made = there.find(secret)
    kept = made.name if made is not None else name
    put(context, as_json, {"name": kept, "token": secret, "read_only": read_only}, secret)
    if not (as_json or session(context).as_json):
        typer.echo("Keep it well: it is not shown again.", err=True)


@tokens_app.command()
def remove(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Take a token back, also from an app that runs."""
    gone = _tokens(context).remove(name)
    put(context, as_json, {"removed": gone.name}, f"Removed {gone.name}.")


def _tokens(context: typer.Context) -> Tokens:
    return Tokens(session(context).settings.home)


def _record(token: Token) -> dict[str, object]:
    return {"name": token.name, "read_only": token.read_only, "created_at": token.created_at}


def _right(token: Token) -> str:
    return "reads only" if token.read_only else "may change"
