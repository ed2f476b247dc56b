"""OpenAI's protocol: what a request may say, and what an answer does."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rag.schemas import FilterBody, Flag, Whole
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
    text: str | None = None


def _parts(content: Any) -> Any:
    """A message's content as a list of parts, however it was sent: a fault in it has one place then, not two."""
    if content is None:
        return []
    return [Part(type="text", text=content)] if isinstance(content, str) else content


class MessageBody(BaseModel):
    model_config = ConfigDict(extra="allow")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[list[Part], BeforeValidator(_parts, json_schema_input_type=Any)] = Field(
        default=[], description="Of a user's message a text or a list of parts; of all others nothing is read."
    )

    @model_validator(mode="before")
    @classmethod
    def _without_what_is_not_read(cls, sent: Any) -> Any:
        """What assistants and tools said has whatever form they give it."""
        if isinstance(sent, dict) and sent.get("role") != "user":
            return {name: value for name, value in sent.items() if name != "content"}
        return sent

    @property
    def words(self) -> str:
        return normalise("\n".join(part.text or "" for part in self.content if part.type == "text"))


class StreamOptions(BaseModel):
    model_config = ConfigDict(extra="allow")

    include_usage: Flag | None = None


class CompletionBody(BaseModel):
    """What OpenAI's protocol asks with; what has no meaning here (temperature, tools …) is passed over."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(
        default=WHOLE, max_length=200, description=" ".join(f"`{name}`: {said}." for name, said in MODELS.items())
    )
    messages: list[MessageBody] = Field(min_length=1, max_length=1_000)
    stream: Flag | None = None
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None
    k: Whole = Field(default=8, ge=1, le=100, description="Pullquote's own: excerpts of evidence, at most.")
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
