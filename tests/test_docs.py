"""The documents are true: commands exist, examples run, settings are all there, links lead somewhere."""

from __future__ import annotations

import importlib
import re
import shlex
import shutil
from pathlib import Path
from unittest import mock

import pytest
import typer
from command import run
from helpers import ROOT, SAMPLES, assert_exact, embedder, open_with, write_jsonl

import rag
from rag import Settings
from rag.cli import app
from rag.records import article_record
from rag.types import Answer

README = ROOT / "README.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
CODE = sorted((ROOT / "rag").rglob("*.py"))
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def blocks(document: Path, *languages: str) -> list[str]:
    """The fenced code of `document` in any of `languages`."""
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", document.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [code for language, code in fences if language in languages]


def spoken_of(path: Path) -> list[str]:
    """Every `pullquote …` in backticks: what a document or a message tells people to run."""
    return re.findall(r"`pullquote ([^`{]+)`", path.read_text("utf-8"))


def shown_in(document: Path) -> list[list[str]]:
    """The arguments of every `pullquote` line in the code blocks."""
    lines = "\n".join(blocks(document, "sh", "bat", "console", "")).splitlines()
    commands = [re.match(r"(?:\S*[/\\])?pullquote\s+(.*)", line) for line in lines]
    return [shlex.split(command[1], comments=True) for command in commands if command]


def options_of(command: str) -> set[str]:
    return {option for parameter in COMMANDS[command].params for option in parameter.opts} | {"--help"}


# --- settings ---------------------------------------------------------------------------------


def settings_sections() -> dict[str, str]:
    text = (ROOT / "docs" / "SETTINGS.md").read_text("utf-8")
    headings = re.findall(r"^## `(.+?)`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return dict(headings)


def test_every_setting_has_its_heading_and_every_heading_its_setting() -> None:
    assert list(settings_sections()) == [f"PULLQUOTE_{name.upper()}" for name in Settings.model_fields]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_documented_with_its_default(name: str) -> None:
    section, default = settings_sections()[f"PULLQUOTE_{name.upper()}"], Settings.model_fields[name].default
    if not isinstance(default, (int, float, str)) or default == "":  # none, or one that depends on the machine
        assert re.search(r"\b(?:Default: |Unset, )", section)
        return
    stated = re.search(r"Default `?([^\s`]+?)`?[.;,]?\s|`([^`]+)` \(default\)", section)
    assert stated, f"no default in {section!r}"
    assert (stated[1] or stated[2]).replace(",", "") == str(default)


def test_every_setting_has_a_line_of_help() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description and "\n" not in field.description, name


@each_document
def test_every_setting_that_is_spoken_of_exists(document: Path) -> None:
    others = {"PULLQUOTE_DATA", "PULLQUOTE_SEED", "PULLQUOTE_LIES"}  # of the tests
    names = set(re.findall(r"PULLQUOTE_[A-Z_]*[A-Z]", document.read_text("utf-8")))
    assert names - others <= {f"PULLQUOTE_{name.upper()}" for name in Settings.model_fields}


# --- commands ---------------------------------------------------------------------------------


def command_rows() -> list[list[str]]:
    """The first cell of each row of the README's table of commands, as the commands in it."""
    table = README.read_text("utf-8").split("| command | what it does |\n", 1)[1].split("\n\n", 1)[0]
    return [re.findall(r"`([^`]+)`", row.split("|")[1]) for row in table.splitlines()[1:]]


def test_the_table_of_commands_has_them_all_and_no_others() -> None:
    assert {command.split()[0] for row in command_rows() for command in row} == set(COMMANDS)


def test_the_arguments_in_the_table_are_those_of_the_commands() -> None:
    for command, *arguments in (command.split() for row in command_rows() for command in row):
        known = " ".join(p.metavar for p in COMMANDS[command].params if p.param_type_name == "argument")
        for argument in arguments:
            assert argument.replace("…", "...") in known.replace("[", "").replace("]", "").split(), (command, argument)


def test_the_options_in_the_table_are_those_of_the_row_s_commands() -> None:
    table = README.read_text("utf-8").split("| command | what it does |\n", 1)[1].split("\n\n", 1)[0]
    for row in table.splitlines()[1:]:
        commands = {command.split()[0] for command in re.findall(r"`([^`]+)`", row.split("|")[1])}
        for option in re.findall(r"`(--?[\w-]+)", row):
            assert any(option in options_of(command) for command in commands), (commands, option)


def test_the_filters_that_the_readme_names_are_those_of_ask_search_and_articles() -> None:
    listed = re.search(r"Filters:\s+((?:`--\w+`[,.]\s*)+)", README.read_text("utf-8"))
    assert listed
    filters = set(re.findall(r"--\w+", listed[1]))
    assert filters == {"--article", "--publisher", "--author", "--speaker", "--since", "--until"}
    for command in ("ask", "search", "articles"):
        assert filters <= options_of(command)


@pytest.mark.parametrize("path", [*DOCUMENTS, *CODE], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_text_tells_people_to_run_exists(path: Path) -> None:
    general = {"--help", "--version", "--home", "--json"}
    for line in spoken_of(path):
        first, *others = line.split()
        if first == "COMMAND" or first.startswith("-"):
            assert {word for word in line.split() if word.startswith("-")} <= general, line
            continue
        assert first in COMMANDS, line
        assert {word for word in others if word.startswith("-")} <= options_of(first), line


def test_there_are_commands_in_the_texts_that_this_looks_for() -> None:
    assert any(spoken_of(path) for path in CODE)
    assert any(spoken_of(path) for path in DOCUMENTS)
    assert len(shown_in(README)) >= 7


# --- examples ---------------------------------------------------------------------------------


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the README's examples take in, and a home for what they make."""
    shutil.copytree(SAMPLES, tmp_path / "articles", ignore=shutil.ignore_patterns("*.jsonl"))
    shutil.copy(SAMPLES / "wire.jsonl", tmp_path)
    shutil.copy(SAMPLES / "2026-09-18-gazette-hearing.html", tmp_path / "page.html")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULLQUOTE_HOME", str(tmp_path / "home"))
    return tmp_path


def test_the_readme_s_commands_run(workplace: Path) -> None:
    lines = shown_in(README)
    run_here = [line for line in lines if line[0] in {"ingest", "ask", "search", "cite", "doctor"}]
    assert [line[0] for line in run_here] == ["ingest", "ask", "search", "cite", "doctor"]
    for line in run_here:
        if line[0] == "cite":
            assert re.fullmatch(r"[0-9a-f]{20}-\d+-\d+", line[1])
            line[1] = run("search", "quay", "--json").json["hits"][0]["id"]
        outcome = run(*line)
        assert (outcome.code, bool(outcome.out)) == (0, True), (line, outcome)


def test_the_readme_s_commands_that_serve_or_fetch_have_the_options_they_are_given() -> None:
    others = [line for line in shown_in(README) if line[0] not in {"ingest", "ask", "search", "cite", "doctor"}]
    assert others
    for name, *arguments in others:
        COMMANDS[name].make_context(name, list(arguments))


def test_the_readme_s_python_runs(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks(README, "python")
    with mock.patch("rag.service.open_embedder", return_value=embedder()):
        names: dict[str, object] = {}
        exec(compile(example, str(README), "exec"), names)
    answer = names["answer"]
    assert isinstance(answer, Answer) and not answer.abstained
    for citation in answer.citations:
        assert_exact(citation.excerpt)
    assert capsys.readouterr().out == "".join(f"{c.n} {c.speaker} {c.quote} {c.id}\n" for c in answer.citations)
    assert (workplace / "my-articles" / "library.sqlite3").exists()


def test_the_json_lines_that_the_readme_describes_are_taken_in_whole(tmp_path: Path) -> None:
    described = re.search(r'JSON Lines for `ingest`: `(\{"id".*?\})`', README.read_text("utf-8"))
    assert described
    fields = re.findall(r'"(\w+)"', described[1])
    values = {"url": "https://gazette.example/a", "published": "2026-09-18"}
    record = {name: values.get(name, f"The {name} of it.") for name in fields}
    with open_with(tmp_path / "home") as opened:
        assert opened.ingest([str(write_jsonl(tmp_path / "one.jsonl", [record]))]).added == 1
        (entry,) = opened.articles()
    kept = article_record(entry) | {"text": entry.article.text, "id": entry.article.external_id}
    assert {name: kept[name] for name in fields} == record


def test_the_names_that_the_readme_gives_are_there() -> None:
    (example,) = blocks(README, "python")
    for names in re.findall(r"^from rag import (.+)$", example, re.MULTILINE):
        assert set(names.split(", ")) <= set(rag.__all__)
    dotted = re.findall(r"`(rag(?:\.\w+)+)\.(\w+)`", README.read_text("utf-8"))
    assert dotted
    for module, name in dotted:
        assert hasattr(importlib.import_module(module), name), f"{module}.{name}"


# --- links and paths --------------------------------------------------------------------------


@each_document
def test_links_lead_to_files_that_exist(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        if "://" not in target and not target.startswith("#"):
            assert (document.parent / target.partition("#")[0]).exists(), target


def test_the_readme_leads_to_every_document() -> None:
    linked = set(re.findall(r"\]\((docs/[^)#\s]+)", README.read_text("utf-8")))
    assert linked == {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}


@each_document
def test_files_of_the_project_that_are_named_exist(document: Path) -> None:
    named = re.findall(r"(?<![\w./-])((?:rag|docs|tests|prompts|samples)/[\w./-]*\w)", document.read_text("utf-8"))
    for name in named:
        assert (ROOT / name).exists(), name


@each_document
def test_make_targets_that_are_named_exist(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"(?:`|^)make ([a-z]+)", document.read_text("utf-8"), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


INDEX_HOST = re.compile(r"https?://\S*(?:pypi|simple|devpi|artifactory|nexus)", re.IGNORECASE)
ABSOLUTE = re.compile(r"(?:^|(?<=[\s`\"'(=,]))(?:/(?!api/v1)[A-Za-z_][\w.-]*|[A-Z]:\\)", re.MULTILINE)
"""A path from the root of somebody's disk; those of the API are none."""

PLACEHOLDER = re.compile(
    r"\b(?!PULLQUOTE_|LANG(?:SMITH|CHAIN)_|[A-Z]+_API_KEY\b|OPENAI_BASE_URL\b)[A-Z]+(?:_[A-Z]+)+\b|\b(?:TODO|TBD|FIXME|XXX)\b"
)

SETUP = [ROOT / name for name in ("Makefile", "pyproject.toml", "constraints.txt", "constraints-dev.txt")]


@pytest.mark.parametrize("path", [*DOCUMENTS, *SETUP], ids=lambda path: path.name)
def test_no_package_index_is_named(path: Path) -> None:
    assert INDEX_HOST.findall(path.read_text("utf-8")) == []


@each_document
def test_no_path_is_absolute(document: Path) -> None:
    assert ABSOLUTE.findall(document.read_text("utf-8")) == []


@each_document
def test_no_placeholder_waits_for_its_figure(document: Path) -> None:
    assert PLACEHOLDER.findall(document.read_text("utf-8")) == []


def test_what_is_looked_for_would_be_found() -> None:
    assert INDEX_HOST.search("pip install -i https://mirror.example/simple/ x")
    assert ABSOLUTE.search("see `/home/me/x`") and ABSOLUTE.search("/mnt/x") and ABSOLUTE.search("in C:\\Users")
    assert PLACEHOLDER.search("| INGEST_OURS | |") and PLACEHOLDER.search("(EXACT_COUNT checked)")
    assert not ABSOLUTE.search("and/or `rag/ui`, 1 / 2, http://127.0.0.1:8501 and `/`, links start at `/?article=1`")
    assert not ABSOLUTE.search("under `/api/v1`")
    assert not PLACEHOLDER.search("`PULLQUOTE_MAX_BYTES`, DATA, JSON, AUROC")
