"""The sidebar's line of who writes, and the fetch of the model behind it, without a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import open_with
from test_writing import Scripted

from rag import Pullquote, models
from rag.errors import DamagedError, ModelError
from rag.models import Model, Progress, Step, Stopped
from rag.ui import pulling
from rag.ui.model import shown
from rag.writer import Standing

QWEN = models.find("qwen")


@pytest.fixture
def lacking(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pullquote]:
    """A service whose model would write, if its file were here."""
    monkeypatch.setattr("rag.llamacpp.is_runnable", lambda: True)
    with open_with(home, llm="embedded", models=tmp_path / "models") as opened:
        opened.writer.start()
        yield opened
        pulling.close()


def test_how_it_stands_is_told_without_waiting(home: Path) -> None:
    with open_with(home, llm="none") as opened:
        assert opened.writer.standing == Standing("none") and opened.writer.lacking is None
        opened.writer._chat = Scripted(ready=False)
        assert opened.writer.standing == Standing("loading", "Scripted")
        opened.writer._chat = Scripted()
        assert opened.writer.standing == Standing("ready", "Scripted")


def test_a_model_that_cannot_be_loaded_says_why(home: Path) -> None:
    class Broken(Scripted):
        def wait(self, seconds: float | None = None) -> bool:
            raise ModelError("The file is damaged.")

    with open_with(home, llm="none") as opened:
        opened.writer._chat = Broken(ready=False)
        opened.writer.start()
        assert opened.writer.standing == Standing("failed", "Scripted", fault="The file is damaged.")
    drawn = shown(Standing("failed", "Scripted", fault="The file is damaged."), None, None, "")
    assert (drawn["name"], drawn["fault"]) == ("Quotations only", "The file is damaged.")


def test_a_model_that_is_not_here_is_offered_with_its_size_and_licence(lacking: Pullquote) -> None:
    assert lacking.writer.standing.state == "failed" and lacking.writer.lacking == QWEN
    drawn = shown(lacking.writer.standing, None, lacking.writer.lacking, "")
    assert drawn["offer"]["terms"] == "1.1 GB, Apache-2.0" and drawn["fault"] == ""


def test_a_file_that_is_damaged_is_offered_again(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the right size, so that only its hash tells; fetched anew, it writes."""
    monkeypatch.setattr("rag.llamacpp.is_runnable", lambda: True)
    content = b"not a model"
    tiny = replace(QWEN, bytes=len(content), sha256="0" * 64)
    monkeypatch.setitem(models.known(), "qwen", tiny)
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / tiny.file).write_bytes(content)
    with open_with(home, llm="auto", models=folder) as opened:
        opened.writer.start()
        chat = opened.writer.chat
        assert chat is not None
        with pytest.raises(DamagedError):
            chat.wait(10)
        assert opened.writer.standing.is_damaged and opened.writer.lacking == tiny
        drawn = shown(opened.writer.standing, None, opened.writer.lacking, "")
        assert "damaged" in drawn["fault"] and drawn["offer"]["terms"].endswith("Apache-2.0")


def test_a_fetched_model_writes_without_a_restart(lacking: Pullquote, monkeypatch: pytest.MonkeyPatch) -> None:
    went_on, looked = threading.Event(), threading.Event()

    def pull(model: Model, folder: Path, progress: Progress, stopped: Stopped) -> None:
        progress(Step("Fetching …"))
        progress(Step("Part 12 of 22, 559 MB are here …", 558_660_384))
        went_on.set()
        looked.wait(10)
        monkeypatch.setattr("rag.writer.open_chat", lambda settings: Scripted())

    monkeypatch.setattr(models, "pull", pull)
    pulling.begin(lacking, QWEN)
    assert went_on.wait(10)
    pull_now = pulling.current()
    assert pull_now is not None
    drawn = shown(lacking.writer.standing, pull_now, lacking.writer.lacking, "")["pull"]
    assert (drawn["share"], drawn["line"]) == (0.5, "559 MB of 1,117 MB")
    pulling.begin(lacking, QWEN)
    assert pulling.current() is pull_now
    looked.set()
    assert pull_now.done.wait(10)
    assert (pulling.current(), pulling.fault()) == (None, "")
    assert lacking.writer.standing == Standing("ready", "Scripted")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ModelError("Could not fetch x. Try again."), "Could not fetch x. Try again."),
        (OSError("defect"), "The language model could not be fetched; the log says why."),
    ],
)
def test_a_fetch_that_fails_says_so(
    lacking: Pullquote, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    def pull(*_: object) -> None:
        raise error

    monkeypatch.setattr(models, "pull", pull)
    pulling.begin(lacking, QWEN)
    assert pulling._pull is not None and pulling._pull.done.wait(10)
    assert pulling.fault() == told


def test_closing_stops_the_fetch(lacking: Pullquote, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def pull(model: Model, folder: Path, progress: Progress, stopped: Stopped) -> None:
        while not stopped():
            ended.wait(0.01)
        ended.set()
        raise ModelError("The fetch was stopped.")

    monkeypatch.setattr(models, "pull", pull)
    pulling.begin(lacking, QWEN)
    pulling.close()
    assert ended.is_set() and (pulling.current(), pulling.fault()) == (None, "")
