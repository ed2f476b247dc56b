"""The web app."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.session import app, session
from rag.settings import Settings

Host = Annotated[str | None, typer.Option(help="The address to listen on (PULLQUOTE_HOST).")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="The port to listen on; 0 picks a free one.")]


@app.command()
def serve(context: typer.Context, host: Host = None, port: Port = None) -> None:
    """Serve the web app."""
    _serve(session(context).settings, host, port)


@app.command()
def demo(context: typer.Context, host: Host = None, port: Port = None) -> None:
    """Serve the web app with the sample articles in it."""
    from rag.progress import bar
    from rag.project import project_path
    from rag.service import open_pullquote

    settings = session(context).settings
    samples = [str(project_path("samples"))]
    with open_pullquote(settings) as pullquote, bar(0) as progress:
        report = pullquote.ingest(samples, progress)
    typer.echo(f"Samples: {report.added} added, {report.unchanged} there already.", err=True)
    _serve(settings, host, port)


def _serve(settings: Settings, host: str | None, port: int | None) -> None:
    from rag.web.serve import serve as run

    chosen = {"host": host, "port": port}
    run(settings.model_copy(update={key: value for key, value in chosen.items() if value is not None}))
