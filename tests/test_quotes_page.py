"""The page of quotations in a real browser: who says what, found and narrowed, and who is who."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import ask, need_chromium, serving, window
from helpers import HEARING, LEAK, article
from playwright.sync_api import Browser, Download, Page, expect

from rag import Settings, open_pullquote
from rag.types import Article

TWIN = (
    "“I have come to say no to a rushed timetable,” Ilse Varga, the mayor, said at the quay hearing.\n\n"
    "Edda Maskell warned that silt could reach the eelgrass within three tides."
)
MARKUP = "<img src=x onerror=alert(1)> **bold** $5 and $10 ![](https://evil.example/x.png)"
NAME = "<img src=x onerror=alert(1)> **Rook** $5 and $10 Rook"
HOSTILE = f"“We have {MARKUP} plans enough for the lighthouse,” Nora Quill said."
LATER = """“The lighthouse will stay dark,” Ilse Varga said.

“Nobody lit the lighthouse,” Tom Quill said. “It was the moon.”"""


def news() -> list[Article]:
    filler = "\n\n".join(f"“The ferry number {n} is late again,” Bo Carr said." for n in range(24))
    return [
        article(HEARING, external_id="hearing", publisher="Gazette", published="2026-09-18", title="Quay hearing"),
        article(LEAK, external_id="leak", publisher="Courier", published="2026-07-14", title="Transit leak"),
        article(TWIN, external_id="twin", publisher="Courier", published="2026-09-17", title="Mayor on the quay"),
        article(HOSTILE, external_id="hostile", publisher=MARKUP, published="2026-09-02", title=MARKUP),
        article(LATER, external_id="later", publisher="Gazette", published="2026-09-20", title="Lighthouse"),
        article(filler, external_id="ferry", publisher="Ferry Times", published="2025-02-03", title="Ferries"),
    ]


@pytest.fixture(scope="module")
def site(embedded_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over a small library; nothing but the last tests changes who is who in it."""
    need_chromium()
    folder = tmp_path_factory.mktemp("quotes")
    with open_pullquote(Settings(home=folder / "home")) as pullquote:
        pullquote.ingest_articles(news())
    with serving(folder / "home", folder / "log") as url:
        yield f"{url}/quotes"


def visit(page: Page, address: str) -> None:
    page.goto(address)
    page.locator('[data-testid="stMainBlockContainer"] h1').wait_for()
    settle(page)


def settle(page: Page) -> None:
    """Wait until the script has run and what it drew stands; sooner than `browser.settle`, as there is no model."""
    page.wait_for_timeout(150)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_timeout(150)


@pytest.fixture(scope="module")
def tab(site: str, browser: Browser) -> Iterator[Page]:
    """One window for most of the tests, as loading the app anew takes longer than they do."""
    with window(browser) as page:
        yield page


@pytest.fixture
def page(site: str, tab: Page) -> Page:
    """The page as it is first seen."""
    visit(tab, site)
    return tab


def said(page: Page) -> list[str]:
    """The quotations on the page, of which there must be one."""
    quotations = page.locator("blockquote[data-citation]")
    quotations.first.wait_for()
    return quotations.all_text_contents()


def speakers(page: Page) -> dict[str, str]:
    """Name and count, as the list beside the quotations has them."""
    rows = page.get_by_role("list", name="Speakers").get_by_role("link")
    rows.first.wait_for()
    # In one look: between two the list may be drawn anew.
    found = rows.evaluate_all(
        "rows => rows.map(row => ['.name', '.count'].map(of => row.querySelector(of).textContent))"
    )
    return {name: count.removesuffix(" quotations") for name, count in found}


def choose(page: Page, name: str) -> None:
    page.get_by_role("list", name="Speakers").get_by_role("link", name=name).click()
    settle(page)


def search(page: Page, text: str, how: str = "By meaning") -> None:
    page.get_by_role("radio", name=how).click()
    field = page.get_by_role("textbox", name="Search quotations")
    field.fill(text)
    field.press("Enter")
    settle(page)


def pick(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).click()
    settle(page)


# --- who says what ----------------------------------------------------------------------------


def test_speakers_are_listed_with_their_counts_and_one_can_be_chosen(page: Page) -> None:
    listed = speakers(page)
    assert listed["Bo Carr"] == "24"
    assert {"Ilse Varga", "Edda Maskell", "Nora Quill"} <= set(listed)
    choose(page, "Edda Maskell")
    assert len(said(page)) == int(listed["Edda Maskell"]) == 3
    assert set(page.locator(".card .speaker").all_text_contents()) == {"Edda Maskell"}
    expect(page.get_by_text("as “she”")).to_be_visible()
    assert speakers(page) == listed
    page.get_by_role("link", name="All speakers").click()
    settle(page)
    assert len(said(page)) == 20


def test_a_search_stands_in_the_address_and_back_undoes_it(page: Page) -> None:
    everything = said(page)
    choose(page, "Edda Maskell")
    hers, address = said(page), page.url
    assert "speaker=edda+maskell" in address
    page.go_back()
    settle(page)
    assert said(page) == everything
    visit(page, address)
    assert said(page) == hers


def test_a_speaker_is_found_by_the_beginning_of_a_name(page: Page) -> None:
    field = page.get_by_role("searchbox", name="Find a speaker")
    field.fill("mask")
    expect(page.get_by_role("list", name="Speakers").get_by_role("link")).to_have_count(1)
    assert list(speakers(page)) == ["Edda Maskell"]
    field.fill("transit")
    expect(page.get_by_role("list", name="Speakers")).to_contain_text("The transit authority")
    field.fill("zzz")
    expect(page.get_by_text("Nobody of that name")).to_be_visible()
    field.fill("")
    expect(page.get_by_role("list", name="Speakers")).to_contain_text("Bo Carr")


def test_pages_are_turned(page: Page) -> None:
    first = said(page)
    page.get_by_role("link", name="Next →").click()
    settle(page)
    second = said(page)
    assert second
    assert not set(first) & set(second)
    page.get_by_role("link", name="← Previous").click()
    settle(page)
    assert said(page) == first


# --- search and filters -----------------------------------------------------------------------


def test_words_must_all_stand_in_the_quotation(page: Page) -> None:
    search(page, "timetables say", "By words")
    assert set(said(page)) == {
        "“I have come to say no to a timetable.”",
        "“I have come to say no to a rushed timetable,”",
    }
    search(page, '"to a timetable"', "By words")
    assert said(page) == ["“I have come to say no to a timetable.”"]


def test_meaning_finds_other_words_for_the_same(page: Page) -> None:
    search(page, "sediment harming sea plants")
    assert "eelgrass" in said(page)[0]
    assert "about=" in page.url


def test_a_topic_is_chosen_and_taken_away_again(page: Page, site: str) -> None:
    everything = said(page)
    page.get_by_role("list", name="Topics").get_by_role("link", name="lighthouse").click()
    settle(page)
    assert 0 < len(said(page)) < 5
    assert "“The lighthouse will stay dark,”" in said(page)
    page.get_by_role("link", name="Topic lighthouse: take it away").click()
    settle(page)
    assert said(page) == everything


def test_speech_is_narrowed_to_direct_or_reported(page: Page) -> None:
    pick(page, "Speech", "Reported")
    assert set(page.locator(".kind").all_text_contents()) == {"Reported speech"}
    assert "silt could reach the eelgrass within two tides" in " ".join(said(page))
    pick(page, "Speech", "Direct")
    assert "Reported speech" not in page.locator(".kind").all_text_contents()
    assert said(page)


def test_outlet_and_dates_narrow(page: Page, site: str) -> None:
    pick(page, "Outlet", "Courier")
    assert {text.split(" · ")[0] for text in page.locator("figcaption .where").all_text_contents()} == {"Courier"}
    visit(page, f"{site}?since=2026-09-18&until=2026-09-19")
    texts = page.locator("figcaption .where").all_text_contents()
    assert texts
    assert all(text.endswith("18 September 2026") for text in texts)


def test_a_bar_of_the_timeline_narrows_to_its_time(page: Page) -> None:
    page.get_by_role("link", name="February 2025: 24 quotations").click()
    settle(page)
    assert "since=2025-02-01&until=2025-02-28" in page.url
    assert set(page.locator(".card .speaker").all_text_contents()) == {"Bo Carr"}
    page.get_by_role("link", name="All dates").click()
    settle(page)
    assert "since" not in page.url


def test_where_nothing_fits_it_says_what_to_take_away(tab: Page, site: str) -> None:
    visit(tab, f"{site}?words=eelgrass&outlet=Ferry+Times")
    expect(tab.locator("blockquote[data-citation]")).to_have_count(0)
    expect(tab.get_by_role("heading", name="No quotation fits all of this")).to_be_visible()
    tab.get_by_role("link", name="Without Ferry Times").click()
    settle(tab)
    assert len(said(tab)) == 2


# --- the quotation ----------------------------------------------------------------------------


def test_a_quotation_opens_where_it_was_printed(tab: Page, site: str) -> None:
    visit(tab, f"{site}?words=licence")
    (quote,) = said(tab)
    tab.get_by_role("link", name="Open in article, quotation 1").click()
    tab.locator("mark").first.wait_for()
    settle(tab)
    assert "".join(tab.locator("mark").all_text_contents()) == quote


def test_versions_show_who_had_it_first_and_what_differs(tab: Page, site: str) -> None:
    visit(tab, f"{site}?words=silt&outlet=Gazette")
    tab.get_by_role("link", name="Other versions of quotation 1").click()
    settle(tab)
    shown = tab.get_by_role("region", name="Other versions")
    expect(shown).to_be_focused()
    versions = shown.get_by_role("listitem")
    expect(versions).to_have_count(2)
    expect(versions.nth(0)).to_contain_text("Courier · 17 September 2026First")
    expect(versions.nth(1)).to_contain_text("Gazette · 18 September 2026")
    assert versions.nth(1).locator("ins").all_text_contents() == ["[added: two]"]
    assert versions.nth(1).locator("del").all_text_contents() == ["[left out: three]"]
    versions.nth(0).get_by_role("link", name="Mayor on the quay").click()
    tab.locator("mark").first.wait_for()
    expect(tab.locator("mark").first).to_contain_text("within three tides")


def test_what_one_article_alone_has_has_no_other_versions(tab: Page, site: str) -> None:
    visit(tab, f"{site}?words=licence")
    tab.get_by_role("link", name="Other versions of quotation 1").click()
    expect(tab.get_by_role("heading", name="No other article has this statement")).to_be_visible()


def test_the_answer_leads_to_all_that_its_speaker_says(tab: Page, site: str) -> None:
    visit(tab, site.removesuffix("/quotes"))
    ask(tab, "What did Edda Maskell warn of?")
    tab.locator(".card .speaker").first.click()
    tab.get_by_role("list", name="Speakers").wait_for()
    settle(tab)
    assert set(tab.locator(".card .speaker").all_text_contents()) == {"Edda Maskell"}


# --- files ------------------------------------------------------------------------------------


def downloaded(page: Page, label: str) -> bytes:
    with page.expect_download() as started:
        page.get_by_role("button", name=label).click()
    download: Download = started.value
    assert download.suggested_filename.startswith("quotations.")
    return Path(download.path()).read_bytes()


def test_the_files_have_the_quotations_that_are_shown(tab: Page, site: str) -> None:
    visit(tab, f"{site}?speaker=edda+maskell")
    shown = said(tab)
    table = downloaded(tab, "CSV")
    assert table.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline="")))
    assert [row["quote"] for row in rows] == shown
    lines = [json.loads(line) for line in downloaded(tab, "JSON Lines").decode().splitlines()]
    assert [line["quote"] for line in lines] == shown
    assert {line["speaker"] for line in lines} == {"Edda Maskell"}


def test_the_files_have_all_pages(page: Page) -> None:
    assert len(downloaded(page, "JSON Lines").splitlines()) > len(said(page)) == 20


# --- everybody, and nobody's markup -----------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(site: str, browser: Browser, scheme: str) -> None:
    with window(browser, scheme) as page:
        visit(page, f"{site}?topic=eelgrass&words=silt&outlet=Gazette&speaker=edda+maskell")
        page.get_by_role("link", name="Other versions of quotation 1").click()
        settle(page)
        check(page, "versions")
        page.get_by_role("button", name="Merge Edda Maskell").click()
        page.get_by_role("dialog").wait_for()
        settle(page)
        check(page, "merge")
        if scheme == "dark":
            return
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Split Edda Maskell").click()
        page.get_by_role("dialog").wait_for()
        settle(page)
        check(page, "split")
        for query in ("", "?words=nowhere&outlet=Courier"):
            visit(page, site + query)
            check(page, query)


def check(page: Page, where: str) -> None:
    violations = Axe().run(page).response["violations"]
    found = [f"{v['id']}: {[n['html'][:160] for n in v['nodes']]}" for v in violations]
    assert found == [], f"{where}: {found}"


def test_the_keyboard_goes_through_timeline_speakers_and_versions(page: Page, site: str) -> None:
    bars = page.get_by_role("list", name="Quotations over time").get_by_role("link")
    bars.first.focus()
    page.keyboard.press("End")
    expect(bars.last).to_be_focused()
    page.keyboard.press("Enter")
    settle(page)
    assert "since=2026-09-01" in page.url
    page.get_by_role("list", name="Speakers").get_by_role("link", name="Nora Quill").focus()
    page.keyboard.press("Enter")
    settle(page)
    expect(page.get_by_role("list", name="Speakers").get_by_role("link", name="Nora Quill")).to_be_focused()
    visit(page, f"{site}?words=licence")
    page.get_by_role("link", name="Other versions of quotation 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Other versions")).to_be_focused()
    page.get_by_role("link", name="Close").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Other versions of quotation 1")).to_be_focused()


def test_nothing_scrolls_sideways_on_a_phone(site: str, browser: Browser) -> None:
    with window(browser, width=390, height=844) as page:
        for query in ("?speaker=edda+maskell", "?words=nowhere&outlet=Courier"):
            visit(page, site + query)
            main = page.locator("main.stMain")
            assert main.evaluate("node => node.scrollWidth - node.clientWidth") <= 0, query
        expect(page.get_by_role("list", name="Speakers")).to_be_hidden()


def test_markup_in_articles_and_addresses_is_shown_as_text(site: str, browser: Browser) -> None:
    with window(browser) as page:
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        visit(page, f"{site}?speaker=nora+quill")
        (quote,) = said(page)
        assert MARKUP in quote
        expect(page.locator("figcaption .where").last).to_have_text(f"{MARKUP} · {MARKUP} · 2 September 2026")
        page.get_by_role("link", name="Other versions of quotation 1").click()
        settle(page)
        visit(page, f"{site}?words={quote_plus(MARKUP)}x&speaker={quote_plus(MARKUP)}&topic={quote_plus(MARKUP)}")
        expect(page.get_by_role("link", name="Start again")).to_be_visible()
        assert page.locator("main img").count() == 0
        assert [url for url in requests if not url.startswith((site.removesuffix("/quotes"), "blob:", "data:"))] == []


# --- who is who: these change the library -----------------------------------------------------


def test_two_people_are_merged_and_taken_apart_again(page: Page, site: str) -> None:
    choose(page, "Tom Quill")
    his = said(page)
    page.get_by_role("button", name="Merge Tom Quill").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").click()
    page.get_by_role("option", name="Nora Quill").click()
    settle(page)
    dialog.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("All that Tom Quill says is now listed under Nora Quill.")).to_be_visible()
    settle(page)
    assert set(his) < set(said(page))
    expect(page.get_by_text("Also called Tom Quill")).to_be_visible()
    visit(page, site)
    assert "Tom Quill" not in speakers(page)
    choose(page, "Nora Quill")
    assert set(his) < set(said(page))
    page.get_by_role("button", name="Undo what was merged into").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("What you decided about Nora Quill is undone.")).to_be_visible()
    visit(page, site)
    assert {"Tom Quill", "Nora Quill"} <= set(speakers(page))


def test_somebody_unknown_is_no_one_to_merge_with(page: Page) -> None:
    choose(page, "Tom Quill")
    page.get_by_role("button", name="Merge Tom Quill").click()
    field = page.get_by_role("dialog").get_by_role("combobox")
    field.fill("Nobody Ever")
    field.press("Enter")
    settle(page)
    page.get_by_role("dialog").get_by_role("button", name="Merge").click()
    expect(page.get_by_role("alert")).to_have_text("Nobody is listed as “Nobody Ever”. Choose a name from the list.")


def test_a_person_is_split_by_article_and_made_whole_again(page: Page, site: str) -> None:
    choose(page, "Ilse Varga")
    hers = said(page)
    page.get_by_role("button", name="Split Ilse Varga").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Split").click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose at least one article, and give a name.")
    dialog.get_by_role("combobox").click()
    page.get_by_role("option", name="Lighthouse (Gazette, 20 September 2026)").click()
    page.keyboard.press("Escape") if page.get_by_role("listbox").count() else None
    dialog.get_by_role("textbox", name="The words there are by").fill(NAME)
    dialog.get_by_role("button", name="Split").click()
    expect(page.get_by_text("These words are now listed under")).to_contain_text(NAME)
    settle(page)
    assert said(page) == ["“The lighthouse will stay dark,”"]
    expect(page.locator(".profile h2")).to_have_text(NAME)
    assert page.locator("main img").count() == 0
    visit(page, site)
    assert NAME in speakers(page)
    choose(page, "Ilse Varga")
    assert set(said(page)) == set(hers) - {"“The lighthouse will stay dark,”"}
    choose(page, NAME)
    page.get_by_role("button", name="Undo what was merged into").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    settle(page)
    visit(page, site)
    choose(page, "Ilse Varga")
    assert said(page) == hers
