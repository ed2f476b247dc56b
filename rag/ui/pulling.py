"""The language model on its way here, fetched by a thread of this process that all browser sessions look at."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from rag.errors import PullquoteError
from rag.models import Model, Step
from rag.service import Pullquote

log = logging.getLogger(__name__)


@dataclass
class Pull:
    """A fetch, written by its thread and read by the pages; `here` counts bytes, once it has begun."""

    model: Model
    here: int | None = None
    fault: str = ""
    """Why it failed; empty where it did not, or was stopped."""
    stopped: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def share(self) -> float:
        """How much of the file is here, 0 to 1."""
        return (self.here or 0) / self.model.bytes

    @property
    def line(self) -> str:
        if self.here is None:
            return "Beginning …"
        return f"{self.here / 1e6:,.0f} MB of {self.model.bytes / 1e6:,.0f} MB"

    def hear(self, step: Step) -> None:
        self.here = step.here

    def run(self, service: Pullquote) -> None:
        try:
            service.writer.fetch(self.model, self.hear, self.stopped.is_set)
        except PullquoteError as error:
            if not self.stopped.is_set():
                log.warning("%s", error)
                self.fault = str(error)
        except Exception:  # the page must hear that it is over, whatever went wrong
            log.exception("The language model could not be fetched.")
            self.fault = "The language model could not be fetched; the log says why."
        finally:
            self.done.set()


_lock = threading.Lock()
_pull: Pull | None = None


def begin(service: Pullquote, model: Model) -> None:
    """Fetch `model`, unless that goes on already."""
    global _pull
    with _lock:
        if _pull is None or _pull.done.is_set():
            _pull = Pull(model)
            threading.Thread(target=_pull.run, args=(service,), name="pulling", daemon=True).start()


def current() -> Pull | None:
    """The fetch that goes on."""
    return _pull if _pull is not None and not _pull.done.is_set() else None


def fault() -> str:
    """Why the last fetch failed, empty where it did not."""
    return _pull.fault if _pull is not None and _pull.done.is_set() else ""


def stop() -> None:
    """Fetch no more; what is here is kept, and the next fetch goes on from there."""
    if _pull is not None:
        _pull.stopped.set()


def close() -> None:
    """Stop it, before the service closes, and forget it."""
    global _pull
    stop()
    if _pull is not None:
        _pull.done.wait(5)
    _pull = None
