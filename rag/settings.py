"""Settings: read from the environment (`PULLQUOTE_…`), each with a default and one line of help."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything that can be set. Few, flat, all documented in `docs/SETTINGS.md`.

    An empty variable counts as unset: `PULLQUOTE_HOME=` must not mean the current folder.
    """

    model_config = SettingsConfigDict(env_prefix="PULLQUOTE_", env_ignore_empty=True, extra="ignore")

    home: Path = Field(
        default_factory=lambda: user_data_path("pullquote", appauthor=False),
        description="The folder that holds the library, its index and the lock.",
    )
    models: Path | None = Field(
        default=None,
        description="The folder of model files; unset, a folder shared by all homes of this user.",
    )
    embeddings: str = Field(
        default="embedded",
        description="`embedded`, or any LangChain `provider:model` whose package is installed.",
    )
    llm: str = Field(
        default="auto",
        description="`auto`, `none`, `embedded`, `llamacpp:FILE`, or any LangChain `provider:model`.",
    )
    threshold: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="The score below which nothing is an answer: “not in your articles”.",
    )
    max_bytes: int = Field(
        default=20_000_000,
        gt=0,
        description="The largest file, and the largest JSON Lines record, that ingest reads, in bytes.",
    )
    parse_seconds: float = Field(
        default=20,
        gt=0,
        le=3_600,
        allow_inf_nan=False,
        description="How long one HTML page may take to parse before it is given up, up to an hour.",
    )
    host: str = Field(default="127.0.0.1", description="The address that `serve` listens on.")
    port: int = Field(default=8501, ge=0, le=65_535, description="The port that `serve` listens on.")
    public_url: str = Field(
        default="",
        description="Put before citation links, such as `https://quotes.example`; unset, links start at `/`.",
    )

    require_token: bool = Field(
        default=False,
        description="Whether requests from this machine too need an access token.",
    )
    token: SecretStr | None = Field(
        default=None,
        description="The access token with which `mcp` asks a Pullquote that runs and wants one.",
    )
    rate: float = Field(
        default=1_000,
        ge=0,
        allow_inf_nan=False,
        description="Requests a second that the API takes from one caller; 0 sets no limit.",
    )
    request_seconds: float = Field(
        default=60,
        gt=0,
        le=3_600,
        allow_inf_nan=False,
        description="How long one request to the API may take, in seconds.",
    )

    @field_validator("home", "models")
    @classmethod
    def _with_user(cls, path: Path | None) -> Path | None:
        """`~` is the user's folder, also where no shell has read it."""
        return path.expanduser() if path is not None else None

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        if url and not _names_a_host(url):
            raise ValueError("it must begin with http:// or https:// and name a host, such as https://quotes.example")
        return url

    @property
    def models_folder(self) -> Path:
        return self.models or user_data_path("pullquote", appauthor=False) / "models"


def _names_a_host(url: str) -> bool:
    try:
        _ = urlsplit(url).port  # raises ValueError for one that cannot be
        return url.lower().startswith(("http://", "https://")) and url.split() == [url] and bool(urlsplit(url).hostname)
    except ValueError:  # or for an IPv6 address that is not closed
        return False
