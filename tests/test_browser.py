"""The web app in a real browser: what a reader does, and that everybody can."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import PATIENCE, ask, need_chromium, serving, settle, visit, window
from playwright.sync_api import Browser, Locator, Page, expect

ARTICLE = """---
title: Harbour vote put off
publisher: The Tide
date: 2026-03-04
url: https://tide.example/vote
---

The council met on Tuesday evening and put off its vote on the harbour until May.

Mayor Nora Quill objected to the delay. “Putting off a vote is a vote,” she said. “We have had $5 and $10 plans enough.”

Councillor Piet Aalto said that he wanted the survey first. “I will not buy a boat in the dark,” Aalto said.
"""
QUESTION = "What did Nora Quill object to?"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server whose library is filled through the browser, as a reader would."""
    need_chromium()
    folder = tmp_path_factory.mktemp("site")
    with serving(folder / "home", folder / "log") as url:
        yield url


@pytest.fixture(scope="module")
def filled(site: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("upload") / "vote.md"
    file.write_text(ARTICLE, "utf-8")
    with window(browser) as page:
        visit(page, f"{site}/library")
        page.locator('input[type="file"]').set_input_files(file)
        settle(page)
        page.get_by_role("button", name="Add to library").first.click()
        expect(page.get_by_text("1 added.")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_role("link", name="Harbour vote put off")).to_be_visible()
    return site


def test_an_answer_is_cards_whose_links_open_the_marked_words(filled: str, browser: Browser) -> None:
    with window(browser) as page:
        visit(page, filled)
        ask(page, QUESTION)
        card = page.locator(".card").first
        quote = card.locator("blockquote").inner_text()
        assert quote in ARTICLE
        card.get_by_role("link", name="Open in article").click()
        page.locator("mark").first.wait_for()
        settle(page)
        assert _marked(page) == quote
        expect(page.locator("mark").first).to_be_in_viewport()
        address = page.url
    with window(browser) as page:
        visit(page, address)
        assert _marked(page) == quote
        assert page.locator(".text").evaluate("node => node.textContent") == ARTICLE.split("---\n")[2].strip("\n")


def test_the_canonical_link_opens_the_reader_in_a_fresh_tab(filled: str, browser: Browser) -> None:
    with window(browser) as page:
        visit(page, filled)
        ask(page, QUESTION)
        card = page.locator(".card").first
        quote, link = card.locator("blockquote").inner_text(), _opening(card).get_attribute("href")
    assert link is not None
    assert link.startswith("/?article=")
    with window(browser) as page:
        visit(page, f"{filled}{link}")
        page.locator("mark").first.wait_for()
        assert _marked(page) == quote


def test_a_summary_s_numbers_mark_its_sentences_in_the_text(filled: str, browser: Browser) -> None:
    with window(browser, width=390, height=844) as page:
        visit(page, filled)
        ask(page, QUESTION)
        _opening(page.locator(".card").first).click()
        page.get_by_role("button", name="Summarise").click()
        chips = page.locator(".summary .chip")
        expect(chips.first).to_be_visible()
        expect(page.get_by_role("button", name="Summarise")).to_be_hidden()
        expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=120_000)
        for i in range(chips.count()):
            chips.nth(i).focus()
            page.keyboard.press("Enter")
            pointed = page.locator(".text mark.pointed")
            expect(pointed.first).to_be_focused()
            expect(pointed.first).to_be_in_viewport()
            words = "".join(pointed.all_text_contents())
            assert len(words) > 20 and words in ARTICLE
        assert page.locator(".text").evaluate("node => node.textContent") == ARTICLE.split("---\n")[2].strip("\n")
        assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
        _check(page, "summary")


def test_back_leads_from_the_article_to_the_answer(filled: str, browser: Browser) -> None:
    with window(browser) as page:
        visit(page, filled)
        ask(page, QUESTION)
        _opening(page.locator(".card").first).click()
        page.locator("mark").first.wait_for()
        settle(page)
        page.go_back()
        expect(page.locator(".question")).to_have_text([QUESTION])


def test_a_chip_leads_to_its_card_and_a_citation_is_copied(filled: str, browser: Browser) -> None:
    with window(browser) as page:
        visit(page, filled)
        ask(page, QUESTION)
        page.locator(".chip").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".card").first).to_be_focused()
        page.get_by_role("button", name="Copy citation 1").click()
        expect(page.get_by_text("Copied ✓")).to_be_visible()
        copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("> ")
    assert "https://tide.example/vote" in copied


def test_a_conversation_survives_a_reload_and_can_be_deleted(filled: str, browser: Browser) -> None:
    with window(browser) as page:
        visit(page, filled)
        ask(page, QUESTION)
        assert "chat=" in page.url
        visit(page, page.url)
        expect(page.locator(".question")).to_have_text([QUESTION])
        expect(page.locator(".card").first).to_be_visible()
        ask(page, "Who landed on the moon first?")
        expect(page.get_by_role("heading", name="Not in your articles")).to_be_visible()
        before = page.get_by_role("button", name="Delete the conversation").count()
        page.get_by_role("button", name="Delete the conversation").first.click()
        page.get_by_role("button", name="Delete", exact=True).click()
        settle(page)
        expect(page.get_by_role("button", name="Delete the conversation")).to_have_count(before - 1)
        expect(page.get_by_role("heading", name="What did they say?")).to_be_visible()


def test_article_text_is_never_read_as_markup(filled: str, browser: Browser) -> None:
    hostile = "<img src=x onerror=alert(1)> **bold** $x^2$ ![](https://evil.example/pixel.png)"
    with window(browser) as page:
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        visit(page, filled)
        ask(page, hostile)
        expect(page.locator(".question").last).to_have_text(hostile)
        assert [url for url in requests if not url.startswith((filled, "blob:", "data:"))] == []


def test_removing_an_article_asks_first(filled: str, browser: Browser) -> None:
    with window(browser) as page:
        visit(page, f"{filled}/library")
        page.get_by_text("Add articles").click()
        page.get_by_role("tab", name="Paste text").click()
        page.get_by_label("Title").fill("Short-lived")
        page.get_by_label("Text", exact=True).fill("“It will not last,” said Ada Brook.")
        page.get_by_role("button", name="Add to library").last.click()
        expect(page.get_by_role("link", name="Short-lived")).to_be_visible()
        settle(page)
        page.get_by_role("button", name="Remove Short-lived").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(page.get_by_text("Removed: Short-lived")).to_be_visible()
        expect(page.get_by_role("link", name="Short-lived")).to_have_count(0)


def test_nothing_scrolls_sideways_on_a_phone(filled: str, browser: Browser) -> None:
    with window(browser, width=390, height=844) as page:
        for path in _paths(page, filled):
            visit(page, path)
            main = page.locator("main.stMain")
            assert main.evaluate("node => node.scrollWidth - node.clientWidth") <= 0, path
            overflow = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(filled: str, browser: Browser, scheme: str) -> None:
    with window(browser, scheme) as page:
        for path in _paths(page, filled):
            visit(page, path)
            _check(page, path)
        visit(page, f"{filled}/library")
        page.get_by_text("Add articles").click()
        settle(page)
        _check(page, "upload form")
        page.get_by_role("button", name="Remove").first.click()
        page.get_by_role("dialog").wait_for()
        settle(page)
        _check(page, "dialog")


def _check(page: Page, where: str) -> None:
    violations = Axe().run(page).response["violations"]
    found = [f"{v['id']}: {[n['html'][:160] for n in v['nodes']]}" for v in violations]
    assert found == [], f"{where}: {found}"


def _paths(page: Page, site: str) -> list[str]:
    """The start, a conversation with an answer and a refusal, the article at a passage, and the library."""
    visit(page, site)
    ask(page, QUESTION)
    ask(page, "Who landed on the moon first?")
    page.locator("summary").last.click()
    link = _opening(page.locator(".card").first).get_attribute("href")
    return [site, page.url, f"{site}{link}", f"{site}/library", f"{site}/article?article=gone"]


def _opening(card: Locator) -> Locator:
    return card.get_by_role("link", name="Open in article")


def _marked(page: Page) -> str:
    return "".join(page.locator("mark").all_text_contents())


def test_a_server_that_cannot_open_its_home_says_so(filled: str, browser: Browser, tmp_path: Path) -> None:
    from rag.lock import HomeLock

    lock = HomeLock(tmp_path / "home")
    try:
        with serving(tmp_path / "home", tmp_path / "log") as url, window(browser) as page:
            visit(page, url)
            expect(page.get_by_role("alert")).to_contain_text("is in use by another Pullquote")
            lock.release()
            visit(page, url)
            expect(page.get_by_role("heading", name="Your library is empty")).to_be_visible()
    finally:
        lock.release()
