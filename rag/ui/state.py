"""The one opened service of this process, shared by all browser sessions."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from rag import composition
from rag.errors import PullquoteError
from rag.service import Pullquote, open_pullquote
from rag.settings import Settings
from rag.ui import pulling, writings

log = logging.getLogger(__name__)


@dataclass
class _State:
    """Guarded by `lock`; `url` is kept for a service that is opened after the server has started to answer."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    settings: Settings | None = None
    service: Pullquote | None = None
    url: str = ""


_state = _State()


def configure(settings: Settings) -> None:
    """Say which settings the service is to be opened with; without this they come from the environment."""
    with _state.lock:
        _state.settings = settings


def settings() -> Settings:
    with _state.lock:
        if _state.settings is None:
            _state.settings = Settings()
        return _state.settings


def service() -> Pullquote:
    """The service, opened by whoever asks first.

    Raises PullquoteError when it cannot be opened. The next call tries again, so that a reload
    helps once the reason is gone.
    """
    with _state.lock:
        if _state.service is None:
            _state.service = open_pullquote(settings())
            _state.service.prepare_aside()
            if _state.url:
                _state.service.announce(_state.url)
        return _state.service


def set_service(service: Pullquote | None, settings: Settings | None = None) -> None:
    """Put `service` in place of the one that would be opened; None forgets it. For tests."""
    with _state.lock:
        _state.service = service
        _state.settings = settings or (service.settings if service is not None else None)
        _state.url = ""


def announce(url: str) -> None:
    """Say where the app answers, to the service and so to a second process that is refused the home."""
    with _state.lock:
        _state.url = url
        if _state.service is not None:
            _state.service.announce(url)


def warm_up() -> None:
    """Open the service and take its first, slow search now. What goes wrong is shown by the first page."""
    try:
        opened = service()
        opened.writer.start()
        if opened.counts().articles:
            opened.search("warm up", 1)
            composition.begin(opened.settings.models_folder)  # last: it takes the interpreter for a second
    except PullquoteError as error:
        log.warning("%s", error)
    except Exception:  # a defect here must not stop the server from starting
        log.exception("The service could not be warmed up.")


def close() -> None:
    """Close the service, if it is open, and let go of the home."""
    with _state.lock:
        opened, _state.service = _state.service, None
        if opened is not None:
            writings.stop_all()
            pulling.close()
            opened.close()
