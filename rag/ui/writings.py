"""What a language model is writing now, in this process, each in a thread that outlives the page's script."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from rag.draft import Draft
from rag.service import Pullquote
from rag.summary import Summarising
from rag.types import Answer, Article
from rag.writing import Writing

log = logging.getLogger(__name__)

D = TypeVar("D", bound=Draft)

EVERY = 0.4
"""Seconds between two looks at what a model has written."""

_SUMMARY = "summary of "


@dataclass
class Running(Generic[D]):
    """An answer or a summary while it is written; what stands of it stays in `writing`, and `keep` saves that."""

    key: tuple[str, int]
    writing: D
    keep: Callable[[], None]
    done: threading.Event = field(default_factory=threading.Event)
    saving: threading.Lock = field(default_factory=threading.Lock)
    saved: bool = False

    @property
    def goes_on(self) -> bool:
        return not (self.saved or self.done.is_set())

    def save(self) -> None:
        """Save what stands now; once, so that nothing comes after what a reader stopped."""
        with self.saving:
            if not self.saved:
                self.keep()
                self.saved = True


_running: dict[tuple[str, int], Running[Any]] = {}
_lock = threading.Lock()


def begin(service: Pullquote, conversation: str, n: int, answer: Answer) -> Running[Writing] | None:
    """Have the model write the `n`th turn (from 1), which is saved as `answer`; None where there is no model for it."""
    writing = service.write(answer)
    if writing is None:
        return None
    return _begin((conversation, n), writing, lambda: service.conversations.replace(conversation, n, writing.answer))


def begin_summary(service: Pullquote, article: Article) -> Running[Summarising] | None:
    """Have the model sum up an article, or join in where it does so already; None where there is no model for it."""
    key = (_SUMMARY + article.revision, 0)
    with _lock:
        if (running := _running.get(key)) is not None and running.goes_on:
            return running
    writing = service.write_summary(article.id)
    return _begin(key, writing, lambda: None) if writing is not None else None


def of(conversation: str, n: int) -> Running[Writing] | None:
    """The turn that is being written, if it is."""
    with _lock:
        return _running.get((conversation, n))


def stop(running: Running[Any] | None) -> None:
    """Keep what has been verified and write no more, even where the model says nothing just now."""
    if running is not None:
        running.writing.stop()
        running.save()
        _forget(running)


def stop_all() -> None:
    """Stop everything, before the service closes."""
    with _lock:
        everything = list(_running.values())
    for running in everything:
        running.writing.stop()
    for running in everything:
        running.done.wait(5)


def _begin(key: tuple[str, int], writing: D, keep: Callable[[], None]) -> Running[D]:
    running = Running(key, writing, keep)
    with _lock:
        _running[key] = running
    threading.Thread(target=_write, args=(running,), name="writing", daemon=True).start()
    return running


def _write(running: Running[Any]) -> None:
    try:
        for _ in running.writing:
            pass
        running.save()
    except Exception:  # what it was to take the place of stands
        log.exception("A text could not be written.")
    finally:
        running.done.set()
        _forget(running)


def _forget(running: Running[Any]) -> None:
    with _lock:
        if _running.get(running.key) is running:
            del _running[running.key]
