"""A GGUF model in this process, run by llama.cpp, as a LangChain chat model.

The prompt is ours: ChatML, with the control tokens given by number and everything else as plain text,
so that no word of an article can open or close a turn.
"""

from __future__ import annotations

import atexit
import os
import re
import secrets
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from queue import SimpleQueue
from typing import Any, ClassVar

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from rag import gguf
from rag.errors import ChatError, ModelError

Prompt = list[int | str]

_ROLES = {SystemMessage: "system", HumanMessage: "user", AIMessage: "assistant"}
_OPEN, _CLOSE = "<|im_start|>", "<|im_end|>"

_BATCH = 64
"""Tokens of a prompt between two looks at whether the request was cancelled."""

_PROBE_SECONDS = 300


class LlamaCpp(BaseChatModel):
    """The model in the file at `path`, loaded by `start` or by the first question.

    There is one in memory for each process: two of these on one file share it, one on another file is
    refused until all of the first are closed.

    Messages that end with an AIMessage have it continued. Besides `stop`, calls take `max_tokens`,
    `temperature`, `seed`, and `grammar` (GBNF) or `json_schema`, which the output then keeps to.
    Requests are served one at a time, first come, first served; closing a stream stops the model within
    a token, or a batch of the prompt. Raises ModelError when the file cannot be used, ChatError when a
    prompt is too long.
    """

    path: Path
    check: Callable[[], object] | None = None
    """Raises ModelError when the file is not what it must be. One that nothing checks is tried in a child process."""
    context: int = 4_096
    max_tokens: int = 512
    temperature: float = 0.0
    seed: int = 1

    _engine: _Engine | None = PrivateAttr(default=None)
    _opening: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @property
    def _llm_type(self) -> str:
        return "llama.cpp"

    @property
    def ready(self) -> bool:
        return self._engine is not None and self._engine.ready

    def start(self, prefix: Sequence[BaseMessage] = ()) -> None:
        """Load in the background, then read `prefix`, with which prompts begin, so that it need not be read again."""
        engine = self._opened()
        engine.start(lambda: self._read_ahead(engine, prefix))

    def wait(self, seconds: float | None = None) -> bool:
        """Until it is loaded, or not within `seconds`; which of the two. Raises ModelError when it cannot be."""
        return self._opened().wait(seconds)

    def close(self) -> None:
        """Free the memory, unless it is shared; what is running then is stopped."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.leave()

    def _opened(self) -> _Engine:
        with self._opening:
            if self._engine is None:
                self._engine = _Engine.shared(self.path, self.context, self.check)
            return self._engine

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> Iterator[ChatGenerationChunk]:
        engine = self._opened()
        engine.wait()
        prompt, prefix = engine.language.prompt(messages), engine.language.prefix(messages)
        for piece in engine.complete(self._request(prompt, stop or [], options), prefix):
            chunk = _chunk(piece)
            if chunk is not None:
                if run_manager and chunk.text:
                    run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **options))

    def _request(self, prompt: Prompt, stop: list[str], options: dict[str, Any]) -> dict[str, Any]:
        defaults = {"max_tokens": self.max_tokens, "temperature": self.temperature, "seed": self.seed}
        allowed = {*defaults, "grammar", "json_schema"}
        given = {name: value for name, value in options.items() if name in allowed and value is not None}
        return {"prompt": prompt, "stop": stop, "stream": True, "return_progress": True} | defaults | given

    def _read_ahead(self, engine: _Engine, prefix: Sequence[BaseMessage]) -> None:
        if prefix:
            for _ in engine.complete(None, engine.language.prefix(prefix)):
                pass


class _ChatML:
    """Writes ChatML for a vocabulary, in which `controls` are the tokens that text must not forge."""

    def __init__(self, controls: dict[str, int]) -> None:
        self.open, self.close = controls[_OPEN], controls[_CLOSE]
        self._control = re.compile("|".join(map(re.escape, sorted(controls, key=len, reverse=True))))

    def prompt(self, messages: Sequence[BaseMessage]) -> Prompt:
        """The turns, and the beginning of the assistant's; where its words come last, they are left open."""
        *before, last = messages
        if isinstance(last, AIMessage):
            return [*self.turns(before), *self._turn(last)]
        return [*self.turns(messages), self.open, "assistant\n"]

    def prefix(self, messages: Sequence[BaseMessage]) -> Prompt:
        """The turns with which prompts of a kind begin: its system messages."""
        return self.turns(list(takewhile(lambda message: isinstance(message, SystemMessage), messages)))

    def turns(self, messages: Sequence[BaseMessage]) -> Prompt:
        return [piece for message in messages for piece in (*self._turn(message), self.close, "\n")]

    def _turn(self, message: BaseMessage) -> Prompt:
        role = next((role for kind, role in _ROLES.items() if isinstance(message, kind)), None)
        if role is None:
            raise ChatError(f"A local model takes system, human and AI messages, not {message.type!r}.")
        return [self.open, *self.plain(f"{role}\n{message.text}")]

    def plain(self, text: str) -> list[str]:
        """`text` in pieces none of which holds a control token: each is cut after its first character.

        Pieces are tokenised apart, so that the model reads every character, and no control token.
        """
        pieces, start, at = [], 0, 0
        while found := self._control.search(text, at):
            at = found.start() + 1
            pieces.append(text[start:at])
            start = at
        return [*pieces, text[start:]] if start < len(text) else pieces


class _Turns:
    """A lock that goes to whoever has waited longest."""

    def __init__(self) -> None:
        self._changed, self._line = threading.Condition(), deque[object]()

    def join(self) -> object:
        ticket = object()
        with self._changed:
            self._line.append(ticket)
        return ticket

    def wait(self, ticket: object, given_up: Callable[[], bool]) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._line[0] is ticket or given_up())

    def leave(self, ticket: object) -> None:
        with self._changed:
            self._line.remove(ticket)
            self._changed.notify_all()

    def look(self) -> None:
        """Have everybody look again whether they gave up."""
        with self._changed:
            self._changed.notify_all()


class _Engine:
    """llama.cpp's server with one model, used without HTTP, and the queue before it."""

    _one: ClassVar[_Engine | None] = None
    _choosing: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def shared(cls, path: Path, context: int, check: Callable[[], object] | None) -> _Engine:
        """The engine of this process, which is made where there is none; whoever takes it says when they `leave`."""
        with cls._choosing:
            if cls._one is None:
                cls._one = cls(path, context, check)
            elif (cls._one.path, cls._one.context) != (path, context):
                raise ModelError(f"{cls._one.path.name} is loaded, and there is memory for one model. Close it first.")
            cls._one.users += 1
            return cls._one

    def __init__(self, path: Path, context: int, check: Callable[[], object] | None) -> None:
        self.path, self.context, self._check, self.users = path, context, check, 0
        self._turns, self._closed = _Turns(), threading.Event()
        self._done, self._starting = threading.Event(), threading.Lock()
        self._loader: threading.Thread | None = None
        self._fault: ModelError | None = None
        self._server: Any = None
        self._prefix: Prompt = []
        """The prefix that the server's memory begins with; empty where that is not known."""
        self.language: _ChatML

    @property
    def ready(self) -> bool:
        return self._server is not None

    def start(self, then: Callable[[], None] = lambda: None) -> None:
        with self._starting:
            if self._loader is None:
                self._loader = threading.Thread(target=self._load, args=(then,), name="llama.cpp", daemon=True)
                self._loader.start()

    def wait(self, seconds: float | None = None) -> bool:
        self.start()
        if not self._done.wait(seconds):
            return False
        if self._fault is not None:
            raise type(self._fault)(str(self._fault))  # each who waits has an error of their own
        return True

    def leave(self) -> None:
        with _Engine._choosing:
            self.users -= 1
            if self.users == 0:
                self._close()
                _Engine._one = None

    def complete(self, request: dict[str, Any] | None, prefix: Prompt) -> Iterator[dict[str, Any]]:
        """What the server says to `request`, piece by piece; without one, only `prefix` is read. Raises ChatError."""
        pieces: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        cancelled = threading.Event()
        ticket = self._turns.join()
        threading.Thread(
            target=self._serve,
            args=(request, prefix, pieces, cancelled, ticket),
            name="llama.cpp request",
            daemon=True,
        ).start()
        try:
            while (piece := pieces.get()) is not None:
                if "error" in piece:
                    raise _refusal(piece["error"])
                yield piece
            if self._closed.is_set():
                raise ChatError("The language model was closed in the middle of its answer.")
        finally:
            cancelled.set()
            self._turns.look()

    def _close(self) -> None:
        self._closed.set()
        self._turns.look()
        if self._loader is not None:
            self._done.wait()
        ticket = self._turns.join()
        self._turns.wait(ticket, lambda: False)
        self._server = None  # frees the model
        self._turns.leave(ticket)
        atexit.unregister(self._close)

    def _load(self, then: Callable[[], None]) -> None:
        try:
            if self._check:
                self._check()
            self.language = _ChatML(_controls(self.path))
            if not self._check:
                _try_in_a_child(self.path, self.context)
            if not self._closed.is_set():
                self._server = _server(self.path, self.context)
                atexit.register(self._close)
        except ModelError as exc:
            self._fault = exc
        except Exception as exc:  # the loader's thread has nobody else to tell
            self._fault = ModelError(f"The language model cannot be loaded ({type(exc).__name__}: {exc}).")
        finally:
            self._done.set()
        if self._server is not None:
            with suppress(ChatError):  # whoever asks next is told the same
                then()

    def _serve(
        self,
        request: dict[str, Any] | None,
        prefix: Prompt,
        pieces: SimpleQueue[dict[str, Any] | None],
        cancelled: threading.Event,
        ticket: object,
    ) -> None:
        def over() -> bool:
            return cancelled.is_set() or self._closed.is_set()

        def take(piece: dict[str, Any]) -> bool:
            pieces.put(piece)
            return over()

        try:
            self._turns.wait(ticket, over)
            if not over():
                self._rewind(prefix, over)
            if request is not None and not over():
                self._server.handle_completions(request | {"cache_prompt": bool(prefix)}, take)
        except Exception as exc:  # whatever it is, the one who asked must hear of it
            pieces.put({"error": {"message": f"{type(exc).__name__}: {exc}"}})
        finally:
            self._turns.leave(ticket)
            pieces.put(None)

    def _rewind(self, prefix: Prompt, over: Callable[[], bool]) -> None:
        """Have the server remember just `prefix`, read from its beginning or kept since it was.

        What is read in other pieces comes out otherwise in the last digits, by which another word may win: so each
        prompt is read in the same ones, whatever was asked before.
        """
        if not prefix:
            self._prefix = []
            return
        is_kept = self._prefix == prefix
        self._prefix = []
        # A token that no prompt has there ends it, since the last one of a prompt is always read anew.
        request = {"prompt": [*prefix, self.language.close], "max_tokens": 1, "temperature": 0.0, "stream": True}
        self._server.handle_completions(request | {"cache_prompt": is_kept, "return_progress": True}, lambda _: over())
        if not over():
            self._prefix = prefix


def _controls(path: Path) -> dict[str, int]:
    controls = gguf.read(path).controls
    if not {_OPEN, _CLOSE} <= controls.keys():
        raise ModelError(f"{path} is a model that does not speak ChatML. Set PULLQUOTE_LLM to another.")
    return controls


def is_runnable() -> bool:
    """Whether llama.cpp can be loaded on this machine."""
    try:
        _llama_cpp()
    except ModelError:
        return False
    return True


def _llama_cpp() -> Any:
    # Threads that spin while they wait for each other make it ten times slower on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import xllamacpp
    except ImportError as exc:
        raise ModelError(
            f"llama.cpp cannot be loaded ({exc}). Install xllamacpp, and on Debian the package libgomp1."
        ) from exc
    return xllamacpp


def _server(path: Path, context: int) -> Any:
    xllamacpp = _llama_cpp()
    params = xllamacpp.CommonParams()
    params.model.path, params.chat_template, params.n_ctx = str(path), "chatml", context
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _cores()
    params.n_batch = params.n_ubatch = _BATCH
    params.n_parallel, params.cache_ram_mib, params.verbosity = 1, 0, -1
    # It listens whether asked to or not: on loopback, with a key that nobody knows, and one thread.
    params.hostnames, params.port, params.n_threads_http = ["127.0.0.1"], 0, 1
    params.api_keys, params.ui, params.endpoint_slots = [secrets.token_hex(32)], False, False
    params.warmup = False
    try:
        server = xllamacpp.Server(params)
        # One token, which shows that it runs. And a server that is freed before its loop has begun never ends.
        said = server.handle_completions({"prompt": "a", "max_tokens": 1})
    except Exception as exc:  # it says no more than that it failed
        raise ModelError(
            f"{path} is not a model that llama.cpp can run. Fetch it again, or set PULLQUOTE_LLM."
        ) from exc
    if "choices" not in said:
        raise ModelError(f"{path} loads, and says nothing. Fetch it again, or set PULLQUOTE_LLM.")
    return server


def _try_in_a_child(path: Path, context: int) -> None:
    """llama.cpp ends the process on some damaged files: on a file that no hash vouches for, let it be another one."""
    code = "import sys, pathlib, rag.llamacpp as l; l._server(pathlib.Path(sys.argv[1]), int(sys.argv[2]))"
    root = str(Path(__file__).parents[1])
    paths = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, str(path), str(context)],
            env=os.environ | {"PYTHONPATH": paths},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ModelError(f"{path} did not load within {_PROBE_SECONDS} seconds. Set PULLQUOTE_LLM.") from None
    if done.returncode != 0:
        raise ModelError(f"{path} is not a model that llama.cpp can run. Fetch it again, or set PULLQUOTE_LLM.")


def _cores() -> int:
    """The cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _refusal(error: dict[str, Any]) -> ChatError:
    if error.get("type") == "exceed_context_size_error":
        return ChatError(
            f"The prompt has {error['n_prompt_tokens']} tokens, and the model reads {error['n_ctx']}. Ask for less."
        )
    return ChatError(f"The local model refused the prompt ({error.get('message', 'no reason given')}).")


def _chunk(piece: dict[str, Any]) -> ChatGenerationChunk | None:
    """A piece of the server's as LangChain has it; None for news of the prompt's progress."""
    (choice,) = piece["choices"]
    if not choice["text"] and not choice["finish_reason"]:
        return None
    message = AIMessageChunk(content=choice["text"])
    if choice["finish_reason"]:
        message.response_metadata = {"finish_reason": choice["finish_reason"], "timings": piece.get("timings", {})}
        usage = piece.get("usage", {})
        message.usage_metadata = UsageMetadata(
            input_tokens=usage.get("prompt_tokens", 0),
            output_tokens=usage.get("completion_tokens", 0),
            total_tokens=usage.get("total_tokens", 0),
        )
    return ChatGenerationChunk(message=message)
