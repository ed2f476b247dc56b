"""The opener for language models: the embedded one, any GGUF file, or any of LangChain's chat models.

Messages go in as LangChain's, words come out. Models only point: what they say is never shown as quoted.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rag import models, providers
from rag.errors import ChatError, ModelError, PullquoteError, SettingsError
from rag.settings import Settings

if TYPE_CHECKING:  # LangChain's chat models take a third of a second to import, and most commands ask none
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from rag.llamacpp import LlamaCpp

log = logging.getLogger(__name__)

EMBEDDED = "qwen"
"""The embedded model's name in the registry of models."""


class Chat(Protocol):
    """A language model to ask, opened by `open_chat`, closed by whoever opened it."""

    @property
    def name(self) -> str:
        """What the user is told that answers."""

    @property
    def model(self) -> BaseChatModel:
        """The model itself, for what LangChain can do with one."""

    @property
    def cites(self) -> bool:
        """Whether it points by itself at what `rag.documents` makes of the evidence."""

    @property
    def ready(self) -> bool:
        """Whether a question would be answered without loading first."""

    def start(self, prefix: Sequence[BaseMessage] = ()) -> None:
        """Load in the background, and read ahead the messages with which all prompts begin."""

    def wait(self, seconds: float | None = None) -> bool:
        """Until it is ready, or not within `seconds`; which of the two. Raises ModelError when it cannot be loaded."""

    def stream(
        self,
        messages: Sequence[BaseMessage],
        *,
        stop: Sequence[str] = (),
        max_tokens: int | None = None,
        grammar: str = "",
    ) -> Generator[str]:
        """The words of the answer as they come; closing the generator stops the model. Raises ChatError, ModelError.

        A model in this process keeps to `grammar` (GBNF); a provider's is not told of it.
        """

    def close(self) -> None:
        """Stop, and free what it holds."""


class LocalChat:
    """A model in this process."""

    cites = False

    def __init__(self, name: str, model: LlamaCpp) -> None:
        self.name, self.model = name, model

    @property
    def ready(self) -> bool:
        return self.model.ready

    def start(self, prefix: Sequence[BaseMessage] = ()) -> None:
        self.model.start(prefix)

    def wait(self, seconds: float | None = None) -> bool:
        return self.model.wait(seconds)

    def stream(
        self,
        messages: Sequence[BaseMessage],
        *,
        stop: Sequence[str] = (),
        max_tokens: int | None = None,
        grammar: str = "",
    ) -> Generator[str]:
        chunks = self.model.stream(
            list(messages), stop=list(stop) or None, max_tokens=max_tokens, grammar=grammar or None
        )
        try:
            for chunk in chunks:
                if text := str(chunk.text):
                    yield text
        except PullquoteError:
            raise
        except Exception as exc:  # nothing else is expected of it, and a door shows only our own
            raise ChatError(f"{self.name} does not answer ({type(exc).__name__}: {exc}). Ask again.") from exc
        finally:
            getattr(chunks, "close", lambda: None)()

    def close(self) -> None:
        self.model.close()


def open_chat(settings: Settings) -> Chat | None:
    """The model that `settings.llm` names; None where it names none, or `auto` finds none.

    A local model is not loaded yet: `start` does it in the background. Raises SettingsError for a name
    that cannot be, a missing package or a missing key, and ModelError for a file that is not here.
    """
    wanted = settings.llm.strip()
    kind, _, rest = wanted.partition(":")
    if wanted == "none":
        return None
    if wanted == "auto":
        return _auto(settings)
    if wanted == "embedded":
        return _embedded(settings)
    if kind == "llamacpp":
        return _from_file(Path(rest).expanduser())
    if kind and rest:
        return providers.open_provider(wanted)
    raise SettingsError(
        f"PULLQUOTE_LLM is {wanted!r}; write `auto`, `none`, `embedded`, `llamacpp:FILE` or `provider:model`."
    )


def _auto(settings: Settings) -> Chat | None:
    """A provider whose key is set, else an Ollama on this machine, else the embedded model, else none.

    A provider counts only when its package is installed too: a key that is there for another program
    must not send anybody's articles away.
    """
    for provider in providers.known().values():
        if provider.has_key and provider.is_installed:
            return providers.open_provider(f"{provider.name}:{provider.model}")
    if providers.known()["ollama"].is_installed and (name := providers.ollama_model()):
        return providers.open_provider(name)
    model, folder = models.find(EMBEDDED), settings.models_folder
    if not models.is_here(model, folder):
        return None
    from rag.llamacpp import is_runnable

    if not is_runnable():
        log.warning("The language model is here, but llama.cpp cannot be loaded: answers go without it.")
        return None
    return _embedded(settings)


def _embedded(settings: Settings) -> Chat:
    from rag.llamacpp import LlamaCpp

    model, folder = models.find(EMBEDDED), settings.models_folder
    if not models.is_here(model, folder):
        raise ModelError(f"{folder / model.file} is not here. Run `pullquote models pull {model.name}`.")
    return LocalChat(model.title, LlamaCpp(path=folder / model.file, check=lambda: models.checked(model, folder)))


def _from_file(path: Path) -> Chat:
    from rag.llamacpp import LlamaCpp

    if not path.is_file():
        raise ModelError(f"{path} is no file. Check PULLQUOTE_LLM.")
    return LocalChat(path.name, LlamaCpp(path=path))
