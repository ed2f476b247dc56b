"""Pictures of every page, light and dark, wide and phone, for somebody to look at before a release.

python tests/screenshots.py FOLDER
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from browser import ask, chromium, serving, settle, visit, window
from playwright.sync_api import Browser, Page

from rag.tokens import Tokens

SIZES = {"wide": (1280, 900), "phone": (390, 844)}
QUESTION = "What did Mayor Ilse Varga object to?"
STATEMENT = "words=untouched"
"""Of the samples, what several articles print."""
DRAFT = (
    "The mayor drew a line. “I have not come here to say no to work,” Ilse Varga told the hearing. “I have come to say "
    "yes to a timetable.”\n\nEdda Maskell, the ecologist, was blunter. “Mud does … read a licence,” she said. “Mud "
    "does not read a licence,” Tamsin Oyelade said too, and the council had “no further questions about the colour of "
    "the quay”.\n\nThe mayor went on: “My  objection is to the order of events.”"
)
PROSE = (
    "The mayor spoke for eleven minutes without notes. “My objection is to the order of events,” she said. Tamsin "
    "Oyelade was not heckled. Silt could reach the eelgrass at Tansy Sands within two tides. Written objections may be "
    "lodged until 12 October. A ferry sank.\n\nIlse Varga said that she had “not come here to say no to work”."
)
ABSENT = "What is the capital of Peru?"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        home = Path(scratch) / "home"
        with serving(home, Path(scratch) / "log") as site:
            for scheme in ("light", "dark"):
                for size in SIZES:
                    shoot(browser, site, scheme, size, folder)
        shoot_entrances(browser, Path(scratch), folder)


def shoot_entrances(browser: Browser, scratch: Path, folder: Path) -> None:
    home = scratch / "guarded"
    secret = Tokens(home).add("desk")
    with serving(home, scratch / "guarded-log", PULLQUOTE_REQUIRE_TOKEN="1") as site:
        for scheme in ("light", "dark"):
            for size in SIZES:
                shoot_entrance(browser, site, secret, scheme, size, folder)


def shoot_entrance(browser: Browser, site: str, secret: str, scheme: str, size: str, folder: Path) -> None:
    """Where somebody from elsewhere comes in, and goes out again."""
    width, height = SIZES[size]
    with window(browser, scheme, width, height) as page:

        def take(name: str) -> None:
            page.screenshot(path=folder / f"{name}-{scheme}-{size}.png")

        page.goto(site)
        take("sign-in")
        for token in ("pq_wrong", secret):
            page.get_by_label("Access token").fill(token)
            page.keyboard.press("Enter")
            if token != secret:
                page.get_by_role("alert").wait_for()
                take("sign-in-refused")
        settle(page)
        take("signed-in")
        page.goto(f"{site}/sign-out")
        take("sign-out")


def shoot(browser: Browser, site: str, scheme: str, size: str, folder: Path) -> None:
    """Every page once; the first call finds the library empty and fills it."""
    width, height = SIZES[size]
    with window(browser, scheme, width, height) as page:

        def take(name: str, whole: bool = False) -> None:
            settle(page)
            if whole:
                page.set_viewport_size({"width": width, "height": _height(page)})
                page.wait_for_timeout(400)
            page.screenshot(path=folder / f"{name}-{scheme}-{size}.png")
            page.set_viewport_size({"width": width, "height": height})

        visit(page, site)
        samples = page.get_by_role("button", name="Load the sample articles")
        if samples.count():
            take("empty")
            samples.click()
            page.get_by_role("heading", name="What did they say?").wait_for()
        take("start")
        ask(page, QUESTION)
        take("answer")
        take("answer-whole", whole=True)
        page.get_by_role("button", name="Export conversation").click()
        take("export")
        page.keyboard.press("Escape")
        link = page.locator(".card").first.get_by_role("link", name="Open in article").get_attribute("href")
        ask(page, ABSENT)
        page.locator("summary").last.click()
        take("absent")
        visit(page, f"{site}{link}")
        take("article")
        page.get_by_text("Other formats").click()
        take("formats")
        shoot_quotes(page, f"{site}/quotes", take)
        shoot_check(page, f"{site}/check", take)
        visit(page, f"{site}/library")
        take("library")
        take("library-whole", whole=True)
        page.get_by_text("Add articles").click()
        take("upload")
        page.get_by_role("tab", name="Paste text").click()
        take("paste")
        page.get_by_role("button", name="Remove").first.click()
        page.get_by_role("dialog").wait_for()
        take("dialog")
        visit(page, f"{site}/article?article=gone")
        take("missing")


def shoot_quotes(page: Page, site: str, take: Callable[..., None]) -> None:
    """The page of quotations: all of them, a speaker's, a statement in several outlets, none, and the dialogs."""
    visit(page, site)
    take("quotes")
    take("quotes-whole", whole=True)
    visit(page, f"{site}?speaker=ilse+varga")
    take("quotes-speaker")
    for name in ("Merge", "Split"):
        page.get_by_role("button", name=f"{name} Ilse Varga").click()
        page.get_by_role("dialog").wait_for()
        take(f"quotes-{name.lower()}")
        page.keyboard.press("Escape")
        settle(page)
    visit(page, f"{site}?{STATEMENT}")
    page.get_by_role("link", name="Other versions of quotation 1").click()
    page.get_by_role("region", name="Other versions").wait_for()
    take("quotes-versions")
    take("quotes-versions-whole", whole=True)
    visit(page, f"{site}?words=eelgrass&kind=direct&until=2026-09-01")
    take("quotes-none")


def shoot_check(page: Page, site: str, take: Callable[..., None]) -> None:
    """The page to check on: before, a draft with a quotation of each kind, each of them chosen, and a citation id."""
    visit(page, site)
    take("check")
    page.get_by_label("Text to check").fill(DRAFT)
    page.get_by_role("button", name="Check", exact=True).click()
    page.locator(".said").first.wait_for()
    take("check-draft")
    take("check-draft-whole", whole=True)
    for n in range(page.locator(".said").count()):
        page.locator(".said").nth(n).click()
        take(f"check-{n + 1}")
    page.get_by_label("Text to check").fill(PROSE)
    page.get_by_text("Check the other sentences too").click()
    page.get_by_role("button", name="Check", exact=True).click()
    page.locator(".said.sentence").first.wait_for()
    take("check-claims")
    take("check-claims-whole", whole=True)
    sentences = page.locator('.said.sentence[role="button"]')
    for n in range(sentences.count()):
        sentences.nth(n).click()
        take(f"check-claim-{n + 1}")
    page.get_by_text("Check the other sentences too").click()
    link = page.get_by_role("link", name="Open in article").first.get_attribute("href") or ""
    page.get_by_label("Text to check").fill(link.rpartition("at=")[2])
    page.get_by_role("button", name="Check", exact=True).click()
    page.get_by_role("figure", name="The citation").wait_for()
    take("check-citation")


def _height(page: Page) -> int:
    return int(page.locator(".stMain").evaluate("node => node.scrollHeight")) + 40


if __name__ == "__main__":
    main()
