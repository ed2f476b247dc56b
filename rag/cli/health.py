"""The health of library and index, and the model files."""

from __future__ import annotations

from typing import Annotated

import typer

from rag.cli.options import AsJson
from rag.cli.session import NO, app, opened, put, session
from rag.errors import ModelError, SettingsError


@app.command()
def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Look the library, the index and the models over, and say what was mended."""
    with opened(context) as pullquote:
        found = pullquote.doctor()
    faults = [*found["library"]["faults"], *([f"index: {found['index']['fault']}"] if found["index"]["fault"] else [])]
    lines = [f"Library: {found['library']['articles']} articles, {found['library']['passages']} passages."]
    if unembedded := found["library"]["unembedded"]:
        lines.append(
            f"The sentences of {unembedded} passages have no vectors yet, so that they rank less well: run "
            "`pullquote rebuild --embed`."
        )
    lines += [f"Mended: {line}" for line in found["mended"]] + [f"Fault: {line}" for line in faults]
    put(context, as_json, found, "\n".join([*lines, "All is well." if found["ok"] else "Run `pullquote rebuild`."]))
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

        embed_anew(session(context).settings)
    with opened(context) as pullquote:
        counts = pullquote.rebuild()
    put(context, as_json, {"rebuilt": counts.passages, "embedded": embed}, f"{counts.passages} passages indexed.")


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

    settings = session(context).settings
    if action not in {"", "pull"}:
        raise SettingsError(f"`pullquote models {action}` is not known; `pullquote models pull [NAME]` is.")
    missed = False
    if action == "pull":
        for model in [local.find(name)] if name else local.known().values():
            try:
                local.pull(model, settings.models_folder, progress=lambda step: typer.echo(step.line, err=True))
            except ModelError as exc:
                if name:
                    raise
                missed = True
                typer.echo(f"Going on without {model.name} ({model.purpose}): {exc}", err=True)
    records = model_records(settings)
    lines = [
        f"{r['name']}  {r['purpose']}: {r['title']}  {r['bytes'] / 1e6:.0f} MB  {r['licence']}  "
        f"sha256 {r['sha256']}  {r['path'] or 'not here'}"
        for r in records
    ]
    put(context, as_json, {"models": records}, "\n".join(lines))
    if missed:
        raise typer.Exit(NO)
