"""Exports in a real browser: what is copied or saved is what the command line writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import PATIENCE, ask, need_chromium, serving, settle, visit, window
from excerpts import FIELDS
from helpers import HEARING
from playwright.sync_api import Browser, Page, expect
from test_references import ris_records

from rag import references
from rag.prompts import render

QUESTION = "What did Edda Maskell warn of?"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """The address of a server with the hearing in its library."""
    need_chromium()
    folder = tmp_path_factory.mktemp("site")
    known = {name: FIELDS[name] for name in ("title", "author", "publisher", "url")}
    head = "".join(f"{name}: {value}\n" for name, value in known.items())
    file = folder / "hearing.md"
    file.write_text(f"---\n{head}date: {FIELDS['published']}\n---\n\n{HEARING}\n", "utf-8")
    with serving(folder / "home", folder / "log") as url:
        with window(browser) as page:
            visit(page, f"{url}/library")
            page.locator('input[type="file"]').set_input_files(file)
            settle(page)
            page.get_by_role("button", name="Add to library").first.click()
            expect(page.get_by_text("1 added.")).to_be_visible(timeout=PATIENCE)
        yield url


def open_citation(page: Page, site: str) -> str:
    """The article at the first quotation of an answer: the words."""
    visit(page, site)
    ask(page, QUESTION)
    page.locator(".card").first.get_by_role("link", name="Open in article").click()
    page.locator("mark").first.wait_for()
    settle(page)
    return "".join(page.locator("mark").all_text_contents())


def test_a_citation_is_copied_and_saved_in_the_formats_of_the_menu(site: str, browser: Browser) -> None:
    with window(browser) as page:
        words = open_citation(page, site)
        page.get_by_text("Other formats").click()
        page.get_by_role("button", name="Copy as BibTeX").click()
        expect(page.get_by_text("Copied to the clipboard")).to_have_count(1)
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("@article{pullquote-") and words in copied
        with page.expect_download() as saved:
            page.get_by_role("button", name="Save as RIS").click()
        name = saved.value.suggested_filename
        assert name.startswith("citation-") and name.endswith(".ris")
        (fields,) = ris_records(Path(saved.value.path()).read_bytes().decode())
        assert dict(fields)["N1"] == words
        assert dict(fields)["AN"] == name.removeprefix("citation-").removesuffix(".ris")
        labels = page.locator(".formats .format").all_text_contents()
        assert labels == [kind.label for form, kind in references.FILE_TYPES.items() if form != "markdown"]


def test_the_menu_opens_and_closes_by_keyboard_and_by_a_click_elsewhere(site: str, browser: Browser) -> None:
    with window(browser) as page:
        open_citation(page, site)
        summary, menu = page.locator(".formats summary"), page.locator(".formats ul")
        expect(menu).to_be_hidden()
        summary.focus()
        page.keyboard.press("Enter")
        expect(menu).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Copy as Plain text")).to_be_focused()
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()
        expect(summary).to_be_focused()
        summary.click()
        expect(menu).to_be_visible()
        page.locator("h1").click()
        expect(menu).to_be_hidden()


def test_a_conversation_is_saved_whole(site: str, browser: Browser) -> None:
    with window(browser) as page:
        visit(page, site)
        ask(page, QUESTION)
        ask(page, "Who landed on the moon first?")
        page.get_by_role("button", name="Export conversation").click()
        for label, suffix in (("Markdown", "md"), ("Web Annotation", "jsonld"), ("CSL-JSON", "csl.json")):
            with page.expect_download() as saved:
                page.get_by_role("button", name=label, exact=True).click()
            assert saved.value.suggested_filename == f"conversation.{suffix}"
            text = Path(saved.value.path()).read_text("utf-8")
            if suffix == "md":
                assert text.startswith(f"# {QUESTION}\n") and "## Who landed on the moon first?" in text
                assert render("abstain") in text
            elif suffix == "jsonld":
                exact = [item["target"]["selector"][0]["exact"] for item in json.loads(text)["first"]["items"]]
                assert exact and all(words in HEARING for words in exact)
            else:
                assert {item["title"] for item in json.loads(text)} == {"The hearing"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_in_open_menus_and_nothing_sticks_out(
    site: str, browser: Browser, scheme: str, width: int
) -> None:
    with window(browser, scheme, width, 844) as page:
        open_citation(page, site)
        page.get_by_text("Other formats").click()
        _check(page)
        box = page.locator(".formats ul").bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
        visit(page, site)
        ask(page, QUESTION)
        page.get_by_role("button", name="Export conversation").click()
        expect(page.get_by_role("button", name="RIS", exact=True)).to_be_visible()
        _check(page)


def _check(page: Page) -> None:
    page.wait_for_timeout(400)
    found = [f"{v['id']}: {[n['html'][:160] for n in v['nodes']]}" for v in Axe().run(page).response["violations"]]
    assert found == []
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
