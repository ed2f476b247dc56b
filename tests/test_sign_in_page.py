"""Signing in and out in a real browser: by keyboard, in light and dark, wide and on a phone, under the app's policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import serving as served
from browser import settle, window
from playwright.sync_api import Browser, Page, expect

from rag.tokens import SESSION, Tokens

SIZES = {"wide": (1280, 900), "phone": (390, 844)}


class Site(NamedTuple):
    url: str
    tokens: Tokens
    secret: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The app, asking everybody for a token."""
    folder = tmp_path_factory.mktemp("sign-in")
    tokens = Tokens(folder / "home")
    secret = tokens.add("desk")
    with served(folder / "home", folder / "log", PULLQUOTE_REQUIRE_TOKEN="1") as url:
        yield Site(url, tokens, secret)


def enter(page: Page, secret: str) -> None:
    page.get_by_label("Access token").fill(secret)
    page.keyboard.press("Enter")


def test_a_reader_signs_in_by_keyboard_alone_and_lands_where_they_wanted_to(browser: Browser, site: Site) -> None:
    with window(browser) as page:
        page.goto(f"{site.url}/quotes?words=quay")
        expect(page).to_have_title("Sign in · Pullquote")
        assert urlsplit(page.url).path == "/sign-in"
        expect(page.get_by_label("Access token")).to_be_focused()
        page.evaluate("document.fonts.ready")
        assert page.evaluate("[...document.fonts].map(font => font.status)") == ["loaded", "loaded"]
        page.keyboard.type(site.secret)
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Sign in")).to_be_focused()
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        settle(page)
        assert page.url == f"{site.url}/quotes?words=quay"
        (cookie,) = [cookie for cookie in page.context.cookies() if cookie["name"] == SESSION]
        assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
        assert SESSION not in page.evaluate("document.cookie")
        assert site.secret not in page.content()


def test_a_wrong_token_is_told_and_the_field_has_the_focus_again(browser: Browser, site: Site) -> None:
    with window(browser) as page:
        page.goto(site.url)
        enter(page, "pq_wrong")
        told = page.get_by_role("alert")
        expect(told).to_contain_text("does not know that token")
        field = page.get_by_label("Access token")
        expect(field).to_be_focused()
        expect(field).to_have_attribute("aria-invalid", "true")
        assert field.get_attribute("aria-describedby") == told.get_attribute("id")
        expect(field).to_have_value("")
        enter(page, site.tokens.add("only reads", read_only=True))
        expect(page.get_by_role("alert")).to_contain_text("may only read")
        site.tokens.remove("only reads")
        enter(page, site.secret)
        settle(page)


def test_a_reader_signs_out_and_nothing_of_theirs_opens_again(browser: Browser, site: Site) -> None:
    with window(browser) as page:
        page.goto(site.url)
        enter(page, site.secret)
        settle(page)
        key = next(cookie for cookie in page.context.cookies() if cookie["name"] == SESSION)
        page.get_by_role("link", name="Sign out").click()
        expect(page).to_have_title("Sign out · Pullquote")
        expect(page.get_by_role("button", name="Sign out")).to_be_focused()
        page.get_by_role("link", name="Stay signed in").click()
        settle(page)
        page.goto(f"{site.url}/sign-out")
        expect(page.get_by_role("button", name="Sign out")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page).to_have_title("Sign in · Pullquote")
        page.go_back()
        page.goto(site.url)
        expect(page).to_have_title("Sign in · Pullquote")
        page.context.add_cookies([key])
        page.goto(site.url)
        expect(page).to_have_title("Sign in · Pullquote")


def test_a_page_that_is_open_stops_answering_when_its_token_is_taken_back(browser: Browser, site: Site) -> None:
    secret = site.tokens.add("leaving")
    with window(browser) as page:
        page.goto(site.url)
        enter(page, secret)
        settle(page)
        site.tokens.remove("leaving")
        page.get_by_role("link", name="Library").click()
        page.wait_for_timeout(1_500)
        assert page.get_by_role("heading", name="Library", exact=True).count() == 0
        assert page.get_by_text("Add articles").count() == 0
        page.reload()
        expect(page).to_have_title("Sign in · Pullquote")


def test_a_link_on_another_site_opens_the_page_for_who_is_signed_in(browser: Browser, site: Site) -> None:
    """A Strict cookie does not come along with another site's link; the app asks the browser once more."""
    with window(browser) as page:
        page.goto(site.url)
        enter(page, site.secret)
        settle(page)
        # Another site as the cookie has it: localhost is not 127.0.0.1.
        other = site.url.replace("127.0.0.1", "localhost")
        page.goto(f"{other}/sign-in")
        page.evaluate("url => { location.href = url }", f"{site.url}/library")
        settle(page)
        assert page.url == f"{site.url}/library"


def test_another_site_s_form_signs_nobody_in(browser: Browser, site: Site) -> None:
    with window(browser) as page:
        other = site.url.replace("127.0.0.1", "localhost")
        page.route(f"{other}/trap", lambda route: route.fulfill(
            content_type="text/html",
            body=f'<form method="post" action="{site.url}/sign-in"><input name="token" value="{site.secret}"></form>',
        ))  # fmt: skip
        page.goto(f"{other}/trap")
        with page.expect_navigation() as gone:
            page.evaluate("document.forms[0].submit()")
        answer = gone.value
        assert answer is not None and answer.status == 403
        assert not [cookie for cookie in page.context.cookies() if cookie["name"] == SESSION]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_can_be_read_and_used_by_everybody(browser: Browser, site: Site, scheme: str, size: str) -> None:
    width, height = SIZES[size]
    with window(browser, scheme, width, height) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(site.url)
        check(page, width)
        enter(page, "pq_wrong")
        expect(page.get_by_role("alert")).to_be_visible()
        check(page, width)
        page.goto(f"{site.url}/sign-out")
        check(page, width)
        assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {urlsplit(site.url).netloc}


def check(page: Page, width: int) -> None:
    """No fault by axe's rules (contrast, names, landmarks), nothing wider than the window, nothing small to touch."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]})
    assert found.violations_count == 0, json.dumps(found.response["violations"])[:2_000]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator("button, input, a.button").all():
        box = control.bounding_box()
        assert box is not None and box["height"] >= 44
