"""What is made of an article before it is stored: passages, quotations, vectors. Here, or in a process aside.

A process that answers people prepares aside: reading an article takes its interpreter's time and embedding it all
cores, and whoever asks meanwhile would wait for both.
"""

from __future__ import annotations

import atexit
import logging
import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from rag.attribution import attribute
from rag.embeddings import Embedder
from rag.passages import split
from rag.sources.sandbox import end
from rag.types import Article, Passage, PassageVectors, Quotation

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[1]
"""Where `rag` lies. The child starts there, so that it finds `rag`, and no module of the folder that this runs in."""


RENEWED = 250
"""Articles after which the child is followed by another: the engine that embeds keeps something of every batch."""


class Prepared(NamedTuple):
    """An article ready to be embedded and stored."""

    article: Article
    passages: list[Passage]
    quotations: list[Quotation]


def prepare(article: Article) -> Prepared:
    """All that is made from an article without a model."""
    return Prepared(article, split(article), attribute(article))


class Preparation(Protocol):
    """Whoever prepares articles. Safe between threads."""

    def prepare(self, article: Article) -> Prepared:
        """All that is made from an article without a model."""

    def vectors(self, passages: Sequence[Passage]) -> list[PassageVectors]:
        """The vectors of each passage and its sentences. Raises ModelError."""

    def close(self) -> None:
        """Let go of what it holds."""


class Here:
    """Prepares in this process, with everything that its cores have."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def prepare(self, article: Article) -> Prepared:
        return prepare(article)

    def vectors(self, passages: Sequence[Passage]) -> list[PassageVectors]:
        return self._embedder.passages(passages)

    def close(self) -> None:
        """Nothing is held."""


class Aside:
    """Prepares in a child process that comes after all others for the processor, with the same results.

    The child embeds too where the model is the embedded one; another is asked from here, and costs no processor time.
    It starts with the first article and stays, or another like it. Where it dies, the work is done here.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._here = Here(embedder)
        self._model = embedder.local_file
        self._asking = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._prepared = 0

    def prepare(self, article: Article) -> Prepared:
        try:
            return self._ask("prepare", article)  # type: ignore[no-any-return]
        except _NoAnswer:
            return self._here.prepare(article)

    def vectors(self, passages: Sequence[Passage]) -> list[PassageVectors]:
        if self._model is None or not passages:
            return self._here.vectors(passages)
        try:
            return self._ask("vectors", list(passages))  # type: ignore[no-any-return]
        except _NoAnswer:
            return self._here.vectors(passages)

    def close(self) -> None:
        if (child := self._child) is not None:
            child.kill()
        with self._asking:
            self._discard()

    def _ask(self, what: str, given: object) -> Any:
        """What the child makes of it. Raises _NoAnswer where it died or could not."""
        with self._asking:
            try:
                child = self._running()
                self._prepared += what == "prepare"
                assert child.stdin is not None and child.stdout is not None
                pickle.dump((what, given), child.stdin, pickle.HIGHEST_PROTOCOL)
                child.stdin.flush()
                made, fault = pickle.load(child.stdout)  # noqa: S301 - the other end is our own code
            except (OSError, EOFError, pickle.UnpicklingError) as exc:
                self._discard()
                log.warning("The process that prepares articles ended (%s); it is done here.", type(exc).__name__)
                raise _NoAnswer from exc
            except BaseException:  # also Ctrl-C: a half-read answer must not meet the next question
                self._discard()
                raise
        if fault:
            log.warning("The process that prepares articles failed (%s); it is done here.", fault)
            raise _NoAnswer(fault)
        return made

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None and self._prepared < RENEWED:
            return self._child
        self._discard()
        self._prepared = 0
        self._child = subprocess.Popen(
            [sys.executable, "-m", "rag.preparation_worker", str(self._model or "")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
            | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
        )
        atexit.unregister(self.close)
        atexit.register(self.close)
        return self._child

    def _discard(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            end(child)


class _NoAnswer(Exception):
    """The child gave none."""
