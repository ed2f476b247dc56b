"""Which language model answers: one setting, and `auto` takes what is there, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage, SystemMessage
from test_gguf import made, put

from rag import Settings, chat, models, providers
from rag.chat import LocalChat, open_chat
from rag.errors import ChatError, ModelError, SettingsError
from rag.llamacpp import LlamaCpp
from rag.providers import ProviderChat


@pytest.fixture(autouse=True)
def _nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, no package but OpenAI's, no Ollama."""
    for provider in providers.known().values():
        for key in provider.keys:
            monkeypatch.delenv(key, raising=False)
    monkeypatch.setattr(providers, "find_spec", lambda name: name == "langchain_openai" or None)
    monkeypatch.setattr(providers, "ollama_model", lambda: None)


@pytest.fixture
def pulled(tmp_path: Path) -> Path:
    """A folder in which a file of the embedded model's size is."""
    model = models.find(chat.EMBEDDED)
    with (tmp_path / model.file).open("wb") as file:
        file.truncate(model.bytes)
    return tmp_path


def opened(llm: str, folder: Path) -> chat.Chat | None:
    return open_chat(Settings(llm=llm, models=folder))


# --- by name ----------------------------------------------------------------------------------


def test_none_is_no_model(pulled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert opened("none", pulled) is None


def test_the_embedded_model_is_opened_without_being_loaded(pulled: Path) -> None:
    found = opened("embedded", pulled)
    assert isinstance(found, LocalChat)
    assert (found.name, found.ready) == ("Qwen2.5-Coder-1.5B-Instruct, Q4_K_M GGUF", False)
    found.close()


def test_the_embedded_model_that_is_not_here_is_told_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"is not here\. Run `pullquote models pull qwen`"):
        opened("embedded", tmp_path)


def test_any_file_may_be_named(tmp_path: Path) -> None:
    path = put(tmp_path, made())
    found = opened(f"llamacpp:{path}", tmp_path)
    assert isinstance(found, LocalChat) and (found.name, found.model.path) == ("model.gguf", path)
    with pytest.raises(ModelError, match=r"none\.gguf is no file\. Check PULLQUOTE_LLM"):
        opened(f"llamacpp:{tmp_path / 'none.gguf'}", tmp_path)


def test_any_of_langchain_s_models_may_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    found = opened("openai:some-model", tmp_path)
    assert isinstance(found, ProviderChat) and found.name == "openai:some-model"


@pytest.mark.parametrize("llm", ["gpt-5", ":x", "openai:", "Embedded", "all"])
def test_what_names_no_model_is_refused_with_what_may_be_written(llm: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"write `auto`, `none`, `embedded`, `llamacpp:FILE` or `provider:model`"):
        opened(llm, tmp_path)


# --- by itself --------------------------------------------------------------------------------


def test_auto_takes_a_key_then_ollama_then_the_embedded_model_then_none(
    pulled: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert opened("auto", tmp_path_factory.mktemp("empty")) is None
    assert isinstance(opened("auto", pulled), LocalChat)
    asked: list[str] = []
    monkeypatch.setattr(providers, "open_provider", lambda name: asked.append(name))
    monkeypatch.setattr(providers, "ollama_model", lambda: "ollama:qwen3")
    opened("auto", pulled)  # whose package is not there
    assert asked == []
    monkeypatch.setattr(providers, "find_spec", lambda name: name in {"langchain_openai", "langchain_ollama"} or None)
    opened("auto", pulled)
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    opened("auto", pulled)
    assert asked == ["ollama:qwen3", f"openai:{providers.known()['openai'].model}"]


def test_auto_sends_nothing_to_a_provider_whose_package_was_not_asked_for(
    pulled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    assert isinstance(opened("auto", pulled), LocalChat)


def test_auto_goes_on_without_where_llama_cpp_cannot_be_loaded(
    pulled: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xllamacpp", None)
    assert opened("auto", pulled) is None
    assert "answers go without it" in caplog.text


# --- the embedded model -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def embedded(language_model: Path) -> Iterator[chat.Chat]:
    found = open_chat(Settings(llm="embedded", models=language_model.parent))
    assert found is not None
    found.start([SystemMessage("You answer in one word.")])
    yield found
    found.close()


def test_it_loads_in_the_background_and_then_answers(embedded: chat.Chat) -> None:
    assert embedded.wait(120) and embedded.ready
    question = [SystemMessage("You answer in one word."), HumanMessage("Name the capital of France.")]
    assert "Paris" in "".join(embedded.stream(question, stop=["\n"], max_tokens=10))


def test_its_faults_are_ours(embedded: chat.Chat) -> None:
    with pytest.raises(ChatError, match="Ask for less"):
        list(embedded.stream([HumanMessage("word " * 5_000)]))
    assert isinstance(embedded.model, LlamaCpp)
