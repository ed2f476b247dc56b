"""The house: the wheel carries all that runs, everything is pinned by hash, and no file knows one machine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rag import models

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


# --- the wheel --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built as its users' pip builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def members(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere") / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def in_wheel(unpacked: Path, *arguments: str) -> str:
    """What Python prints with the unpacked wheel before everything else on its path, far from the checkout."""
    elsewhere = unpacked.parent
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=elsewhere,
        env={"PYTHONPATH": str(unpacked), "PULLQUOTE_HOME": str(elsewhere / "home"), "HOME": str(elsewhere)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def files_in(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix()


def test_the_wheel_carries_the_whole_package(members: set[str]) -> None:
    package = {f"rag/{name}" for name in files_in(ROOT / "rag")}
    assert {"rag/py.typed", "rag/data/schema.sql", "rag/data/bert-base-uncased-vocab.txt"} <= package
    assert {name for name in members if name.startswith("rag/") and not name.startswith("rag/bundled/")} == package


@pytest.mark.parametrize("folder", ["prompts", "samples"])
def test_the_wheel_carries_the_folders_beside_the_package(members: set[str], folder: str) -> None:
    beside = {f"rag/bundled/{folder}/{name}" for name in files_in(ROOT / folder)}
    assert beside
    assert {name for name in members if name.startswith(f"rag/bundled/{folder}/")} == beside


def test_the_wheel_carries_the_app_and_the_licence_and_nothing_strange(members: set[str]) -> None:
    assert {"rag/bundled/app.py", "rag/bundled/.streamlit/config.toml"} <= members
    assert "rag/bundled/.streamlit/secrets.toml" not in members
    info = {name for name in members if ".dist-info/" in name}
    assert {name.rpartition("/")[2] for name in info} >= {"LICENSE", "NOTICE", "METADATA", "entry_points.txt"}
    assert all(name.startswith("rag/") for name in members - info)
    assert not [name for name in members if name.endswith((".pyc", ".onnx", ".sqlite3", ".log"))]


def test_what_is_bundled_is_what_stands_in_the_checkout(unpacked: Path) -> None:
    for name in files_in(unpacked / "rag" / "bundled"):
        assert (unpacked / "rag" / "bundled" / name).read_bytes() == (ROOT / name).read_bytes(), name


def test_an_installed_pullquote_finds_its_files(unpacked: Path) -> None:
    code = (
        "import json, rag; from rag.project import project_path\n"
        "names = ['app.py', 'prompts', 'samples', '.streamlit/config.toml']\n"
        "print(json.dumps([rag.__file__, *(str(project_path(name).resolve(strict=True)) for name in names)]))"
    )
    package, *found = map(Path, json.loads(in_wheel(unpacked, "-c", code)))
    assert package == unpacked / "rag" / "__init__.py"
    assert [path.relative_to(unpacked / "rag" / "bundled").as_posix() for path in found] == [
        "app.py", "prompts", "samples", ".streamlit/config.toml",
    ]  # fmt: skip


def test_an_installed_pullquote_reads_its_data(unpacked: Path) -> None:
    code = (
        "from pathlib import Path\nfrom rag import models, prompts\nfrom rag.database import Database\n"
        "from rag.words import understand\n"
        "Database(Path('home/library.sqlite3')).close()\n"
        "print(prompts.render('empty'), *models.known(), understand('What did X object to?').cue)"
    )
    empty = (ROOT / "prompts" / "empty.md").read_text("utf-8").strip()
    assert in_wheel(unpacked, "-c", code).strip() == f"{empty} {' '.join(models.known())} object"


def test_an_installed_pullquote_has_its_command(unpacked: Path) -> None:
    assert "ingest" in in_wheel(unpacked, "-m", "rag", "--help")
    (entry_points,) = unpacked.glob("*.dist-info/entry_points.txt")
    assert "pullquote = rag.cli:main" in entry_points.read_text("utf-8")


# --- what is pinned ---------------------------------------------------------------------------

PINNED = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)(?: ; ([^\\]+?))?((?: --hash=sha256:[0-9a-f]{64})+)")


def pins(name: str) -> dict[str, set[str]]:
    """Versions by package; some have one for each of several platforms. Fails on anything else than a pin."""
    found: dict[str, set[str]] = {}
    joined = re.sub(r"\s*\\\n\s*", " ", (ROOT / name).read_text("utf-8"))
    for line in joined.splitlines():
        match = PINNED.fullmatch(line.strip())
        assert match is not None, line[:120]
        found.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    return found


def required(*extras: str) -> list[Requirement]:
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in PROJECT["optional-dependencies"][extra])]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("name", ["constraints.txt", "constraints-dev.txt"])
def test_everything_is_pinned_by_version_and_hash_and_names_no_host(name: str) -> None:
    assert len(pins(name)) > 50
    assert not re.search(
        r"://|--(?:extra-)?index-url|--find-links|--trusted-host| @ ", (ROOT / name).read_text("utf-8")
    )


@pytest.mark.parametrize(
    ("name", "extras"), [("constraints.txt", ("build",)), ("constraints-dev.txt", ("build", "dev"))]
)
def test_every_dependency_is_pinned_within_its_range(name: str, extras: tuple[str, ...]) -> None:
    pinned = pins(name)
    for requirement in required(*extras):
        versions = pinned.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not in {name}; run `make constraints`"
        assert all(requirement.specifier.contains(version) for version in versions), requirement


def test_tests_run_with_the_versions_that_users_get() -> None:
    users, developers = pins("constraints.txt"), pins("constraints-dev.txt")
    assert {name: developers.get(name) for name in users} == users


# --- no machine of anybody's ------------------------------------------------------------------

FOLDERS = ("work", "workspace", "root", "home", "Users")
ABSOLUTE = re.compile(rb"(?<![\w.:/)}>-])/(?:%s)/(?!me/)\w|\b[A-Z]:\\+Users\\+\w" % "|".join(FOLDERS).encode())
"""Where people and build machines have their files; "me" is nobody."""


def project_files() -> list[Path]:
    """What is tracked by git or would be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as exc:
        pytest.skip(f"not a git checkout: {exc}")
    return [path for name in done.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_no_file_names_a_path_of_one_machine() -> None:
    files = project_files()
    assert ROOT / "rag" / "answer.py" in files
    for path in files:
        found = ABSOLUTE.search(path.read_bytes())
        assert found is None, f"{path.relative_to(ROOT)}: {path.read_bytes()[found.start() :][:60]!r}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_path_of_one_machine_would_be_found(folder: str) -> None:
    for line in (f"cd /{folder}/ann", f'"/{folder}/ann/x"', f"x=/{folder}/ann", f"(/{folder}/ann)"):
        assert ABSOLUTE.search(line.encode()), line
    for line in (f"https://x.example/{folder}/ann", f"docs/{folder}/ann", f"./{folder}/ann"):
        assert not ABSOLUTE.search(line.encode()), line
