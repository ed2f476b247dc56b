"""Language models of providers, through LangChain: opened by name, watched, and their faults told in one line.

A provider's exceptions can carry the key, in a message or in the request that they hold. So they are
not chained to ours: what is raised here is all that anybody sees.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import threading
import time
import tomllib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from rag.documents import Pointing, texts
from rag.errors import ChatError, SettingsError
from rag.redaction import redacted

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage

PATIENCE = 60.0
"""Seconds without a word after which a provider is given up."""

_GRACE = 5.0  # seconds after which a connection that was given up closes by itself
_ATTEMPTS = 3
_BACK_OFF = 0.5  # seconds, doubled each time
_LONGEST = 200_000  # characters; no answer is that long
_OLLAMA = ("127.0.0.1", 11434)
_OLLAMA_SECONDS = 0.5
_ENDS = ("finish_reason", "stop_reason", "done_reason")
_PASSING = {408, 409, 425, 429, 500, 502, 503, 504, 529}
_CONNECTION = ("ConnectionError", "APIConnectionError", "TransportError")
_KEY = re.compile(r"api.?key", re.IGNORECASE)
_OVERFLOW = re.compile(r"context|too (?:long|large)|maximum.{0,20}(?:tokens|length)|token limit", re.IGNORECASE)


@dataclass(frozen=True)
class Provider:
    """A provider that Pullquote has an extra for."""

    name: str
    extra: str
    package: str
    keys: tuple[str, ...]
    model: str
    options: dict[str, Any]
    cites: bool = False

    @property
    def is_installed(self) -> bool:
        return find_spec(self.package) is not None

    @property
    def has_key(self) -> bool:
        return any(os.environ.get(key) for key in self.keys)


@cache
def known() -> dict[str, Provider]:
    """The registry `rag/data/providers.toml`, by LangChain's names."""
    entries = tomllib.loads(files("rag").joinpath("data/providers.toml").read_text("utf-8"))
    return {name: Provider(name=name, keys=tuple(entry.pop("keys")), **entry) for name, entry in entries.items()}


class ProviderChat:
    """A provider's model. It needs no loading; each question is a request of its own."""

    ready = True

    def __init__(self, name: str, model: BaseChatModel, patience: float = PATIENCE) -> None:
        self.name, self.model, self.patience = name, model, patience

    @property
    def cites(self) -> bool:
        """Whether it points by itself at documents."""
        return self._provider is not None and self._provider.cites

    def start(self, prefix: Sequence[BaseMessage] = ()) -> None:
        """Nothing: there is nothing to load."""

    def wait(self, seconds: float | None = None) -> bool:
        """It is ready."""
        return True

    def close(self) -> None:
        """Nothing: each request closes its own connection."""

    def stream(
        self,
        messages: Sequence[BaseMessage],
        *,
        stop: Sequence[str] = (),
        max_tokens: int | None = None,
        grammar: str = "",
    ) -> Generator[str]:
        """The words of the answer as they come. Raises ChatError.

        A request that fails for a passing reason before its first word is sent again, twice at most.
        `max_tokens` and `grammar` are not sent, since a model's thinking would count towards the one, and few
        know the other; `stop` is looked for here, since some models refuse it.
        """
        for attempt in range(_ATTEMPTS):
            began = False
            try:
                for text in _until(self._words(messages), stop):
                    began = True
                    yield text
                return
            except Exception as exc:  # each provider raises its own
                fault, passing = self._fault(exc, began)
            if began or not passing or attempt == _ATTEMPTS - 1:
                raise fault  # outside the `except`, so that the provider's exception does not hang on it
            time.sleep(_BACK_OFF * 2**attempt)

    def _words(self, messages: Sequence[BaseMessage]) -> Iterator[str]:
        pointing = Pointing(texts(messages))
        length, ended = 0, self._provider is None  # of others it is not known how they end
        for chunk in _watched(self.model.stream(list(messages)), self.patience):
            ended = ended or any(chunk.response_metadata.get(end) for end in _ENDS)
            text = pointing.read(chunk)
            length += len(text)
            if length > _LONGEST:
                raise _Endless
            if text:
                yield text
        if not ended:
            raise _Cut
        if markers := pointing.rest():
            yield markers

    def _fault(self, exc: Exception, began: bool) -> tuple[ChatError, bool]:
        """What to tell of `exc`, and whether it may pass by itself."""
        status, told = _status(exc), _told(exc)
        if isinstance(exc, _Silent) or (status is None and _is(exc, "TimeoutException", "APITimeoutError")):
            return ChatError(f"{self.name} has said nothing for {self.patience:g} seconds. Ask again."), False
        if isinstance(exc, _Endless):
            return ChatError(f"{self.name} answers without end, and was stopped. Ask again."), False
        if isinstance(exc, _Cut) or (began and _is(exc, *_CONNECTION)):
            return ChatError(f"The answer of {self.name} broke off. Ask again."), True
        if status in {401, 403} or (status == 400 and _KEY.search(told)):
            return ChatError(f"{self.name} does not take the key (HTTP {status}). Check {self._keys}."), False
        if status == 404:
            return ChatError(f"{self.name} is not there (HTTP 404). Check the model's name in PULLQUOTE_LLM."), False
        if status in {400, 413, 422} and _OVERFLOW.search(told):
            return ChatError(f"The prompt is too long for {self.name} (HTTP {status}: {told}). Ask for less."), False
        if status is not None:
            return ChatError(f"{self.name} fails (HTTP {status}: {told}). Try again later."), status in _PASSING
        if _is(exc, *_CONNECTION):
            return ChatError(f"{self.name} cannot be reached ({told}). Check the network and its address."), True
        return ChatError(f"{self.name} does not answer as it should ({told}). Try again later."), False

    @property
    def _keys(self) -> str:
        provider = self._provider
        return " or ".join(provider.keys) if provider and provider.keys else "the provider's key"

    @property
    def _provider(self) -> Provider | None:
        """What is known of whose it is; None where it is of none that Pullquote has an extra for."""
        return known().get(self.name.partition(":")[0])


def open_provider(name: str, patience: float = PATIENCE) -> ProviderChat:
    """The model that LangChain calls `name`, as in `openai:gpt-5-mini`. Raises SettingsError."""
    from langchain.chat_models import init_chat_model

    kind = name.partition(":")[0]
    provider = known().get(kind)
    if provider and not provider.is_installed:
        raise SettingsError(
            f"PULLQUOTE_LLM is {name!r}, whose package is missing. Run `pip install 'pullquote[{provider.extra}]'`."
        )
    if provider and provider.keys and not provider.has_key:
        raise SettingsError(f"PULLQUOTE_LLM is {name!r}, and no key is set. Set {' or '.join(provider.keys)}.")
    try:
        return ProviderChat(name, init_chat_model(name, **_options(provider, patience)), patience)
    except ImportError as exc:
        fault = SettingsError(f"PULLQUOTE_LLM is {name!r}, whose package is missing ({_told(exc)}).")
    except Exception as exc:  # each provider raises its own
        fault = SettingsError(f"The language model {name!r} cannot be opened ({_told(exc)}). Check PULLQUOTE_LLM.")
    raise fault


def ollama_model() -> str | None:
    """The model that an Ollama on this machine used last, as `ollama:NAME`; None where none is running."""
    connection = http.client.HTTPConnection(*_OLLAMA, timeout=_OLLAMA_SECONDS)  # by no proxy
    try:
        connection.request("GET", "/api/tags")
        listed = json.loads(connection.getresponse().read(1_000_000))["models"]
        names = [str(model["name"]) for model in listed if "embed" not in str(model["name"])]
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        return None
    finally:
        connection.close()
    return f"ollama:{names[0]}" if names else None


def _options(provider: Provider | None, patience: float) -> dict[str, Any]:
    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(inner) for name, inner in value.items()}
        return round(patience + _GRACE) if value == "seconds" else value

    options: dict[str, Any] = filled(provider.options) if provider else {}
    if provider and provider.name == "openai" and {"OPENAI_BASE_URL", "OPENAI_API_BASE"} & os.environ.keys():
        options["use_responses_api"] = False  # other servers speak the older protocol
    return options


class _Silent(Exception):
    """Nothing came for too long."""


class _Endless(Exception):
    """Too much came."""


class _Cut(Exception):
    """The stream ended before the answer did."""


def _watched(chunks: Iterator[AIMessageChunk], patience: float) -> Iterator[AIMessageChunk]:
    """`chunks`, taken in a thread of their own, so that silence and a caller who leaves both end the waiting."""
    came: SimpleQueue[AIMessageChunk | Exception | None] = SimpleQueue()
    left = threading.Event()

    def take() -> None:
        try:
            for chunk in chunks:
                came.put(chunk)
                if left.is_set():
                    break
            came.put(None)
        except Exception as exc:
            came.put(exc)
        finally:
            getattr(chunks, "close", lambda: None)()  # and with it the connection

    threading.Thread(target=take, name="language model", daemon=True).start()
    try:
        while (item := came.get(timeout=patience)) is not None:
            if isinstance(item, Exception):
                raise item
            yield item
    except Empty:
        raise _Silent from None
    finally:
        left.set()


def _until(words: Iterator[str], stop: Sequence[str]) -> Iterator[str]:
    """`words` up to the first of `stop`; what may be the beginning of one is held back until it is known."""
    held = ""
    try:
        for text in words:
            held += text
            ends = [at for end in stop if (at := held.find(end)) >= 0]
            if ends:
                yield held[: min(ends)]
                return
            safe = len(held) - max((n for end in stop for n in range(1, len(end)) if held.endswith(end[:n])), default=0)
            if safe:
                yield held[:safe]
                held = held[safe:]
        if held:
            yield held
    finally:
        getattr(words, "close", lambda: None)()


def _status(exc: BaseException) -> int | None:
    """The HTTP status that an exception of any provider carries, or the one that it was made from."""
    for link in (exc, exc.__cause__, exc.__context__):
        for holder in (link, getattr(link, "response", None)):
            for name in ("status_code", "code", "status"):
                value = getattr(holder, name, None)
                if isinstance(value, int) and 400 <= value < 600:
                    return value
    return None


def _is(exc: BaseException, *names: str) -> bool:
    """Whether `exc` is of a kind with one of these names: those of packages that need not be here."""
    return any(kind.__name__ in names for kind in type(exc).__mro__)


def _told(exc: BaseException) -> str:
    """What an exception says, in one short line, with every secret of the environment taken out."""
    line = redacted(" ".join(f"{type(exc).__name__}: {exc}".split()))
    return line if len(line) <= 200 else line[:199] + "…"
