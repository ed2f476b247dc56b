"""Answers that a language model is writing now, in this process, each in a thread that outlives the page's script."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from rag.service import Pullquote
from rag.types import Answer
from rag.writing import Writing

log = logging.getLogger(__name__)


@dataclass
class Running:
    """A turn of a conversation while it is written."""

    writing: Writing
    done: threading.Event
    saving: threading.Lock = field(default_factory=threading.Lock)
    saved: bool = False

    @property
    def answer(self) -> Answer:
        return self.writing.answer

    @property
    def goes_on(self) -> bool:
        return not (self.saved or self.done.is_set())

    def save(self, service: Pullquote, conversation: str, n: int) -> None:
        """Save what stands now as the turn; once, so that nothing comes after what a reader stopped."""
        with self.saving:
            if not self.saved:
                service.conversations.replace(conversation, n, self.answer)
                self.saved = True


_running: dict[tuple[str, int], Running] = {}
_lock = threading.Lock()


def begin(service: Pullquote, conversation: str, n: int, answer: Answer) -> Running | None:
    """Have the model write the `n`th turn (from 1), which is saved as `answer`; None where there is no model for it."""
    writing = service.write(answer)
    if writing is None:
        return None
    running = Running(writing, threading.Event())
    with _lock:
        _running[conversation, n] = running
    threading.Thread(target=_write, args=(service, conversation, n, running), name="writing", daemon=True).start()
    return running


def of(conversation: str, n: int) -> Running | None:
    """The turn that is being written, if it is."""
    with _lock:
        return _running.get((conversation, n))


def stop(service: Pullquote, conversation: str, n: int) -> None:
    """Keep what has been verified and write no more, even where the model says nothing just now."""
    if (running := of(conversation, n)) is not None:
        running.writing.stop()
        running.save(service, conversation, n)
        _forget(conversation, n, running)


def stop_all() -> None:
    """Stop every answer, before the service closes."""
    with _lock:
        everything = list(_running.values())
    for running in everything:
        running.writing.stop()
    for running in everything:
        running.done.wait(5)


def _write(service: Pullquote, conversation: str, n: int, running: Running) -> None:
    try:
        for _ in running.writing:
            pass
        running.save(service, conversation, n)
    except Exception:  # the extractive answer is saved, and stands
        log.exception("An answer could not be written.")
    finally:
        running.done.set()
        _forget(conversation, n, running)


def _forget(conversation: str, n: int, running: Running) -> None:
    with _lock:
        if _running.get((conversation, n)) is running:
            del _running[conversation, n]
