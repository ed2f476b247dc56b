"""The door for assistants."""

from __future__ import annotations

import typer

from rag.cli.session import app, session


@app.command()
def mcp(context: typer.Context) -> None:
    """Let an assistant look quotations up, over the Model Context Protocol on stdin and stdout."""
    from rag.mcp.server import serve

    serve(session(context).settings)
