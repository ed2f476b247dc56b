"""The page to check on in a real browser: a draft comes back with its quotations marked, and each can be opened."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import need_chromium, serving, window
from helpers import HEARING, LEAK, article
from playwright.sync_api import Browser, Locator, Page, expect

from rag import Settings, open_pullquote
from rag.text import Span
from rag.types import Checked, CheckedClaim, Citation, Match, Verification
from rag.ui.components.checked import around, checked_data
from rag.verification import LONGEST, MATCHES

MARKUP = "<img src=x onerror=alert(1)> **bold** $5 and $10 ![](https://evil.example/x.png)"
HOSTILE = f"“We have {MARKUP} plans enough for the lighthouse,” Nora Quill said."
ORIGINAL = "https://gazette.example/hearing"
ARABIC = (
    "قال الوزير: «لم نأت إلى هنا لنرفض العمل بل جئنا لنقول نعم للجدول الزمني الذي وضعه المجلس قبل عام كامل» ثم خرج."
)
DRAFT = f"""The mayor was firm. “I have come to say no to a timetable,” Ilse Varga said.

Edda Maskell added: “Mud does read a licence.” Then Ilse Varga said: “Mud  does not read a licence,” and “purple
cheese is what every minister wants for supper”. {MARKUP}

“We have {MARKUP} plans enough for a lighthouse,” Nora Quill said."""


@pytest.fixture(scope="module")
def site(embedded_model: Path, parser_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    need_chromium()
    folder = tmp_path_factory.mktemp("check")
    with open_pullquote(Settings(home=folder / "home")) as pullquote:
        pullquote.ingest_articles([
            article(HEARING, external_id="hearing", publisher="Gazette", published="2026-09-18", title="Quay hearing",
                    url=ORIGINAL),
            article(LEAK, external_id="leak", publisher="Courier", published="2026-07-14", title="Transit leak"),
            article("“We were never asked about the slipway,” she said.\n\n" * 12, external_id="slipway"),
            article(ARABIC, external_id="arabic"),
            article(HOSTILE, external_id="hostile", publisher=MARKUP, title=MARKUP),
        ])  # fmt: skip
    with serving(folder / "home", folder / "log") as url:
        yield f"{url}/check"


@pytest.fixture(scope="module")
def tab(site: str, browser: Browser) -> Iterator[Page]:
    """One window for most of the tests, as loading the app anew takes longer than they do."""
    with window(browser) as page:
        yield page


@pytest.fixture
def page(site: str, tab: Page) -> Page:
    """The page as it is first seen."""
    tab.goto(site)
    tab.get_by_role("heading", name="Check").wait_for()
    settle(tab)
    return tab


def settle(page: Page) -> None:
    page.wait_for_timeout(150)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_timeout(150)


def check(page: Page, text: str, speaker: str = "", *, claims: bool = False) -> None:
    page.get_by_label("Text to check").fill(text)
    if page.get_by_role("switch", name="Check the other sentences too").is_checked() != claims:
        page.get_by_text("Check the other sentences too").click()
    page.get_by_role("textbox", name="Said by").fill(speaker)
    page.get_by_role("button", name="Check", exact=True).click()
    settle(page)


def verdicts(page: Page) -> list[str]:
    """The words by which the marked quotations are told apart, in order."""
    page.locator(".said").first.wait_for()
    return [said.split(":")[0] for said in page.locator(".said .unseen").all_text_contents()]


def drawn(page: Page) -> str:
    """The text as it is drawn, without what is put in to tell the marks apart."""
    found: str = page.locator(".sheet").evaluate(
        "sheet => { const copy = sheet.cloneNode(true);"
        " copy.querySelectorAll('.icon, .unseen').forEach((node) => node.remove()); return copy.textContent }"
    )
    return found


def test_a_draft_comes_back_whole_with_each_quotation_marked(page: Page) -> None:
    check(page, DRAFT)
    assert verdicts(page) == ["Same words", "Altered", "Another speaker", "Not found", "Altered"]
    assert drawn(page) == DRAFT
    tally = page.get_by_role("status").filter(has_text="altered").inner_text()
    assert [line for line in tally.split("\n") if line.strip()[:1].isdigit()] == [
        "1 same words", "2 altered", "1 another speaker", "1 not found",
    ]  # fmt: skip
    assert page.locator("img[src=x]").count() == 0


def test_what_differs_is_shown_word_by_word_with_whose_and_where(page: Page) -> None:
    check(page, DRAFT)
    page.get_by_role("button", name="Altered").first.click()
    place = page.get_by_role("figure", name="Place 1: Altered")
    expect(place.locator("del")).to_have_text(["[struck out, in your text: .]"])
    expect(place.locator("ins")).to_have_text(["[put in, from the article: not]", "[put in, from the article: ,]"])
    expect(page.locator(".legend del")).to_have_text("in your text")
    expect(page.locator(".legend ins")).to_have_text("in the article")
    expect(place.get_by_text("a “not” differs")).to_be_visible()
    expect(place.locator(".speaker")).to_have_text("Edda Maskell")
    expect(place.get_by_text("Gazette · 18 September 2026")).to_be_visible()
    place.get_by_role("button", name="Copy citation 1").click()
    assert "Mud does not read a licence" in page.evaluate("navigator.clipboard.readText()")
    place.get_by_role("link", name="Open in article, place 1").click()
    page.locator("mark").first.wait_for()
    assert page.locator("mark").all_text_contents() == ["Mud does not read a licence,"]


def test_quotations_are_gone_through_by_keyboard(page: Page) -> None:
    check(page, DRAFT)
    page.locator(".said").nth(2).focus()
    page.keyboard.press("Enter")
    about = page.get_by_role("region", name="The quotation")
    expect(about.get_by_text("said by somebody else")).to_be_visible()
    expect(about.get_by_text("3 of 5")).to_be_visible()
    about.get_by_role("button", name="Previous quotation").click()
    expect(about.get_by_text("2 of 5")).to_be_visible()
    assert page.locator('.said[aria-pressed="true"]').count() == 1


def test_one_quotation_is_checked_as_the_words_of_whoever_is_named(page: Page) -> None:
    check(page, "Mud does not read a licence", "Edda Maskell")
    assert verdicts(page) == ["Verbatim"]
    check(page, "Mud does not read a licence", "Tamsin Oyelade")
    assert verdicts(page) == ["Another speaker"]


def test_a_citation_id_is_looked_up(page: Page) -> None:
    check(page, "Mud does not read a licence")
    link = page.get_by_role("link", name="Open in article, place 1").get_attribute("href") or ""
    check(page, f" {link.rpartition('at=')[2]}\n")
    expect(page.get_by_role("figure", name="The citation").locator("strong")).to_have_text(
        "Mud does not read a licence"
    )
    expect(page.get_by_role("link", name="Read the original")).to_have_attribute("href", ORIGINAL)
    page.get_by_text("Other formats").click()
    page.get_by_role("button", name="Copy as RIS").click()
    assert "N1  - Mud does not read a licence" in page.evaluate("navigator.clipboard.readText()")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as JSON", exact=True).click()
    assert json.loads(saved.value.path().read_text())["quote"] == "Mud does not read a licence"
    check(page, "0" * 20 + "-1-2")
    expect(page.get_by_text("of no article in this library")).to_be_visible()


def test_on_a_phone_what_was_found_comes_right_after_the_folded_field(site: str, browser: Browser) -> None:
    with window(browser, width=390, height=844) as page:
        page.goto(site)
        page.get_by_role("heading", name="Check").wait_for()
        field = page.get_by_label("Text to check")
        check(page, DRAFT)
        page.locator(".said").first.wait_for()
        assert height(field) < 80
        assert page.locator(".sheet").evaluate("sheet => sheet.getBoundingClientRect().top") < 844 / 2
        field.focus()
        assert height(field) > 140
        check(page, "Mud does read a licence")  # by a click that begins with the field unfolded
        assert verdicts(page) == ["Altered"]
        assert height(field) < 80


def height(field: Locator) -> float:
    found: float = field.evaluate("field => field.getBoundingClientRect().height")
    return found


def test_the_sign_of_a_verdict_stands_where_the_quotation_begins_in_any_script(page: Page) -> None:
    check(page, f"{ARABIC}\n\nHe said: {ARABIC[12:]}\n\n“Mud does not read a licence,” she said.")
    assert verdicts(page) == ["Verbatim"] * 3
    gaps = page.locator(".said").evaluate_all(
        "marks => marks.map((mark) => [mark.getClientRects()[0], mark.querySelector('.icon').getBoundingClientRect()])"
        ".map(([line, sign]) => [sign.left - line.left, line.right - sign.right])"
    )
    assert [left > right for left, right in gaps] == [True, True, False]
    assert all(min(gap) < 8 for gap in gaps), gaps


PROSE = f"""Edda Maskell is an ecologist. “Mud does read a licence,” she said. {MARKUP} is what was printed.

Ilse Varga did not object to the timetable of the new quay. Nothing was “decided”, then."""


def test_other_sentences_are_marked_in_place_each_with_what_it_stands_on(page: Page) -> None:
    check(page, PROSE, claims=True)
    assert verdicts(page)[:2] == ["Follows", "Altered"]
    assert page.locator(".said.sentence.contradicted .icon").inner_text() == "✗ Contradicted"
    expect(page.get_by_text("A check of words and relations, not of the world.")).to_be_visible()
    tally = page.get_by_role("status").filter(has_text="Other sentences").inner_text()
    assert "1 follows" in tally and "1 contradicted" in tally
    assert drawn(page) == PROSE
    assert page.locator("img[src=x]").count() == 0
    page.get_by_role("button", name="Contradicted").click()
    about = page.get_by_role("region", name="The sentence")
    expect(about.get_by_text("Your articles say otherwise.")).to_be_visible()
    expect(about.get_by_role("figure", name="Sentence 1").get_by_text("Gazette · 18 September 2026")).to_be_visible()
    about.get_by_role("link", name="Open in article").click()
    page.locator("mark").first.wait_for()
    assert "objected to the timetable" in page.locator("mark").first.inner_text()


def test_sentences_and_quotations_are_gone_through_as_they_stand(page: Page) -> None:
    check(page, PROSE, claims=True)
    page.locator(".said").first.click()
    names = ["The sentence", "The quotation", "The sentence"]
    for n, name in enumerate(names, start=1):
        about = page.get_by_role("region", name=name)
        assert about.get_by_text(re.compile(rf"^{n} of \d$")).count() == 1
        about.get_by_role("button", name="Next passage").click()


def test_a_text_without_quotation_marks_is_read_as_sentences_where_these_are_checked(page: Page) -> None:
    text = "Edda Maskell is an ecologist. Is she?"
    check(page, text, claims=True)
    assert verdicts(page) == ["Follows"]
    assert page.get_by_role("status").filter(has_text="quotation marks").count() == 0
    check(page, text)
    assert "Follows" not in verdicts(page)
    check(page, "“Mud does not read a licence,” she said.", claims=True)
    expect(page.get_by_text("No other sentence says anything to check.")).to_be_visible()


def test_what_contradicts_a_sentence_that_follows_is_shown_beside() -> None:
    whole = article("The quay stays.")
    cited = Citation(1, whole.excerpt(Span(0, 15)))
    quoted = Checked("quay", Span(4, 8), "", "verbatim", ())
    claim = CheckedClaim("The quay stays.", Span(0, 15), "follows", (cited,), (cited,))
    data = checked_data("The quay stays.", Verification("verbatim", (quoted,), claims=(claim,)), "")
    assert [piece["place"] for piece in data["pieces"]] == [1, 0, 1]
    assert len(data["claims"][0]["evidence"]) == len(data["claims"][0]["against"]) == 1
    assert (data["order"], data["first"]) == ([1, 0], 0)


def test_around_a_citation_an_ellipsis_says_that_the_article_goes_on() -> None:
    whole = article("a " * 400 + "the words" + " b" * 400)
    found = around(whole.excerpt(Span(800, 809)))
    assert found["before"].startswith("… a ") and found["after"].endswith(" b …")
    assert around(whole.excerpt(Span(0, len(whole.text)))) == {"before": "", "after": ""}


@pytest.mark.parametrize(
    ("count", "told"),
    [(1, ""), (MATCHES - 1, f"{MATCHES - 1} places."), (MATCHES, f"{MATCHES} places; there may be more.")],
)
def test_a_list_of_places_that_may_have_been_cut_says_so(count: int, told: str) -> None:
    whole = article("The quay stays.")
    place = Match(Citation(1, whole.excerpt(Span(0, 15))), "verbatim", ())
    found = Checked("The quay stays.", Span(0, 15), "", "verbatim", (place,) * count)
    for one, expected in ((found, told), (replace(found, verdict="not_found"), "")):
        data = checked_data("The quay stays.", Verification(one.verdict, (one,)), "")
        assert data["quotations"][0]["places"] == expected


def test_how_many_places_there_are_is_shown(page: Page) -> None:
    check(page, "Mud does not read a licence")
    assert "places" not in page.get_by_role("region", name="The quotation").inner_text()
    check(page, "never asked about the slipway")
    expect(page.locator(".told")).to_have_text("These are the words. 10 places; there may be more.")


def test_a_long_draft_works_and_too_long_a_one_gets_one_clear_error(page: Page) -> None:
    check(page, (DRAFT + "\n\n") * (50_000 // len(DRAFT)))
    assert len(verdicts(page)) == 5 * (50_000 // len(DRAFT))
    check(page, "x" * (LONGEST + 1))
    assert page.locator(".notice li").all_text_contents() == [
        "The text to check has 100,001 characters, and 100,000 are checked at once. Check it in parts."
    ]


def test_what_was_checked_is_there_after_a_visit_to_another_page(page: Page) -> None:
    check(page, "Mud does read a licence")
    page.get_by_role("link", name="Library").click()
    page.get_by_role("heading", name="Library").wait_for()
    page.get_by_role("link", name="Check").click()
    assert verdicts(page) == ["Altered"]
    expect(page.get_by_label("Text to check")).to_have_value("Mud does read a licence")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_can_be_used_by_everybody(site: str, browser: Browser, scheme: str, width: int) -> None:
    with window(browser, scheme, width) as page:
        page.goto(site)
        page.get_by_role("heading", name="Check").wait_for()
        check(page, f"{DRAFT}\n\n{PROSE}", claims=True)
        assert {"Follows", "Contradicted", "Not found", "Altered"} <= set(verdicts(page))
        page.wait_for_timeout(400)
        violations = Axe().run(page).response["violations"]
        assert [f"{v['id']}: {[n['html'][:160] for n in v['nodes']]}" for v in violations] == []
        assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth")
