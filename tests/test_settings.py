"""Settings: few, each from the environment or a default, a bad value refused; importing `rag` costs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

import rag
from rag import Settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PULLQUOTE_{name.upper()}", raising=False)


SET = {
    "home": ("some/home", Path("some/home")),
    "models": ("some/models", Path("some/models")),
    "embeddings": ("openai:text-embedding-3-small", "openai:text-embedding-3-small"),
    "llm": ("openai:some-model", "openai:some-model"),
    "threshold": ("0.35", 0.35),
    "max_bytes": ("1000", 1_000),
    "parse_seconds": ("1.5", 1.5),
    "host": ("::1", "::1"),
    "port": ("0", 0),
    "public_url": ("https://quotes.example", "https://quotes.example"),
    "require_token": ("true", True),
    "token": ("pq_somebodys", SecretStr("pq_somebodys")),
    "rate": ("2.5", 2.5),
    "request_seconds": ("7", 7.0),
}


def test_each_setting_comes_from_the_environment_by_its_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SET.keys() == Settings.model_fields.keys()
    for name, (value, _) in SET.items():
        monkeypatch.setenv(f"PULLQUOTE_{name.upper()}", value)
    assert Settings().model_dump() == {name: expected for name, (_, expected) in SET.items()}


def test_without_the_prefix_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = Settings()
    for name, (value, _) in SET.items():
        if name != "home":  # HOME is the user's, and the default is made from it
            monkeypatch.setenv(name.upper(), value)
    monkeypatch.setenv("PULLQUOTE_NO_SUCH_SETTING", "x")
    assert Settings() == defaults


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_PORT", "1")
    assert Settings(port=2).port == 2


def test_the_environment_is_read_when_settings_are_made_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Settings()
    monkeypatch.setenv("PULLQUOTE_THRESHOLD", "0.9")
    assert (first.threshold, Settings().threshold) == (0.3, 0.9)


def test_nothing_must_be_set() -> None:
    settings = Settings()
    assert settings.home.is_absolute() and "pullquote" in settings.home.name
    assert settings.models_folder == settings.home / "models"
    assert (settings.embeddings, settings.llm) == ("embedded", "auto")
    assert (settings.threshold, settings.public_url) == (0.3, "")
    assert (settings.max_bytes, settings.parse_seconds) == (20_000_000, 20)
    assert (settings.host, settings.port) == ("127.0.0.1", 8501)


def test_homes_share_one_folder_of_models_unless_another_is_named(tmp_path: Path) -> None:
    one, other = Settings(home=tmp_path / "a"), Settings(home=tmp_path / "b")
    assert one.models_folder == other.models_folder == Settings().models_folder
    assert Settings(models=tmp_path).models_folder == tmp_path


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("threshold", "-0.1"), ("threshold", "1.1"), ("threshold", "high"), ("threshold", "nan"),
        ("max_bytes", "0"), ("max_bytes", "-1"), ("max_bytes", "20 MB"), ("max_bytes", "1.5"),
        ("parse_seconds", "0"), ("parse_seconds", "never"), ("parse_seconds", "3601"),
        ("parse_seconds", "inf"), ("parse_seconds", "nan"), ("port", "-1"), ("port", "65536"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_by_the_name_of_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, bad: str
) -> None:
    monkeypatch.setenv(f"PULLQUOTE_{name.upper()}", bad)
    with pytest.raises(ValidationError, match=name):
        Settings()


@pytest.mark.parametrize("name", SET)
def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    defaults = Settings()
    monkeypatch.setenv(f"PULLQUOTE_{name.upper()}", "")
    assert Settings() == defaults


@pytest.mark.parametrize("url", ["", "http://localhost:8501", "HTTPS://quotes.example/desk", "https://[::1]/"])
def test_a_public_url_is_a_web_address_or_nothing(url: str) -> None:
    assert Settings(public_url=url).public_url == url


@pytest.mark.parametrize(
    "url",
    [
        "quotes.example", "//quotes.example", "/desk", "ftp://quotes.example", "javascript:alert(1)", "https:quotes",
        "https://", "https:///desk", "http://:8501", "https://[::1", "http:// /", "https://quotes example", " ",
        "https://quotes.example:99999", "https://quotes.example:x",
    ],
)  # fmt: skip
def test_another_public_url_is_refused_in_one_message(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("PULLQUOTE_PUBLIC_URL", url)
    with pytest.raises(ValidationError) as refusal:
        Settings()
    (fault,) = refusal.value.errors()
    assert fault["loc"] == ("public_url",)
    assert "must begin with http:// or https:// and name a host" in fault["msg"]


@pytest.mark.parametrize(
    ("name", "edge"),
    [("threshold", 0), ("threshold", 1), ("port", 0), ("port", 65_535), ("parse_seconds", 3_600)],
)
def test_the_edges_are_allowed(name: str, edge: Any) -> None:
    assert getattr(Settings(**{name: edge}), name) == edge


def test_each_setting_has_a_line_of_help() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description and field.description.endswith("."), name
        assert "\n" not in field.description


# --- importing --------------------------------------------------------------------------------

HEAVY = [
    "chromadb",
    "streamlit",
    "openvino",
    "numpy",
    "langchain",
    "langchain_core",
    "tokenizers",
    "trafilatura",
    "torch",
    "xllamacpp",
]


def loaded_after(statement: str) -> set[str]:
    """The modules that are there after `statement` in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_importing_rag_loads_nothing_heavy() -> None:
    loaded = loaded_after("import rag")
    assert "rag" in loaded
    assert not loaded.intersection(HEAVY)
    assert not {name for name in loaded if name.startswith("rag.")}


def test_importing_the_settings_loads_nothing_heavy() -> None:
    loaded = loaded_after("from rag import Settings\nSettings()")
    assert "rag.settings" in loaded
    assert not loaded.intersection(HEAVY)


def test_importing_rag_prints_nothing_and_touches_no_files(tmp_path: Path) -> None:
    code = "import rag, rag.settings, rag.types, rag.errors, rag.text"
    environment = {"PULLQUOTE_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_the_package_gives_its_names_on_first_use_and_no_others() -> None:
    from rag.service import Pullquote, open_pullquote

    assert (rag.Pullquote, rag.open_pullquote, rag.Settings) == (Pullquote, open_pullquote, Settings)
    with pytest.raises(AttributeError, match="'rag' has no attribute 'nothing'"):
        _ = rag.nothing


def test_a_home_may_be_given_as_the_shell_would_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_HOME", "~/articles")
    assert Settings().home == Path.home() / "articles"
