"""OpenAI's protocol: what a request may say, and what an answer does."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rag.schemas import FilterBody
from rag.text import normalise

WHOLE, QUOTING = "pullquote", "pullquote-quotes"
MODELS = {
    WHOLE: "in a language model's prose where there is one, each sentence checked",
    QUOTING: "in quotations only",
}

EXAMPLES = {
    "a question": {
        "value": {
            "model": QUOTING,
            "messages": [{"role": "user", "content": "What did Mayor Ilse Varga object to?"}],
        }
    },
    "one that goes on": {
        "value": {
            "model": WHOLE,
            "messages": [
                {"role": "user", "content": "What did Mayor Ilse Varga object to?"},
                {"role": "assistant", "content": "Ilse Varga said: …"},
                {"role": "user", "content": "And Edda Maskell?"},
            ],
            "stream": True,
        }
    },
}


class Part(BaseModel):
    """A part of a message; only text is read."""

    model_config = ConfigDict(extra="allow")

    type: str
    text: str = ""


class MessageBody(BaseModel):
    model_config = ConfigDict(extra="allow")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def words(self) -> str:
        if isinstance(self.content, list):
            return normalise("\n".join(part.text for part in self.content if part.type == "text"))
        return normalise(self.content or "")


class StreamOptions(BaseModel):
    model_config = ConfigDict(extra="allow")

    include_usage: bool = False


class CompletionBody(BaseModel):
    """What OpenAI's protocol asks with; what has no meaning here (temperature, tools …) is passed over."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(
        default=WHOLE, max_length=200, description=" ".join(f"`{name}`: {said}." for name, said in MODELS.items())
    )
    messages: list[MessageBody] = Field(min_length=1, max_length=1_000)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None
    k: int = Field(default=8, ge=1, le=100, description="Pullquote's own: excerpts of evidence, at most.")
    filters: FilterBody = Field(default_factory=FilterBody, description="Pullquote's own: as in `/ask`.")


class Model(BaseModel):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class Models(BaseModel):
    object: Literal["list"]
    data: list[Model]


class Message(BaseModel):
    role: Literal["assistant"]
    content: str
    refusal: None
    annotations: list[dict[str, Any]]


class Choice(BaseModel):
    index: int
    message: Message
    logprobs: None
    finish_reason: Literal["stop"]


class Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(BaseModel):
    """An answer; `pullquote` is the whole of it, as `/ask` gives it."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    pullquote: dict[str, Any]


NO_TOKENS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
"""Pullquote charges for none, and counts none."""
