"""Text fragments in a real browser: it marks the quotation, to the character, and brings it into view."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from browser import window
from helpers import SAMPLES, article
from painted import Site, marked, seen
from playwright.sync_api import Browser

from rag import fragments, sources
from rag.attribution import attribute
from rag.text import Span, locate, sentences
from rag.types import Article, Excerpt

SAID_TWICE = (
    "Mud does not read a licence, the ecologist told the council in spring.\n\n"
    + "Nothing happened for a while, and nobody said why.\n\n" * 30
    + "“Mud does not read a licence,” she told the hearing."
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    started = Site()
    yield started
    started.close()


def some_of(excerpts: list[Excerpt], count: int) -> list[Excerpt]:
    return random.Random(7).sample(excerpts, min(count, len(excerpts)))


def cited() -> list[tuple[Article, Span]]:
    found: list[Excerpt] = []
    for whole in sources.read([str(SAMPLES)], sources.Limits(max_bytes=1_000_000, parse_seconds=20)):
        if isinstance(whole, Article):
            dice = random.Random(whole.title)
            cuts = [sorted(dice.sample(range(len(whole.text)), 2)) for _ in range(2)]
            found += some_of([q.excerpt for q in attribute(whole)], 2)
            found += some_of([whole.excerpt(span) for span in sentences(whole.text)], 2)
            found += [whole.excerpt(Span(start, end)) for start, end in cuts]
    return [(excerpt.article, excerpt.span) for excerpt in found]


def test_the_browser_marks_what_is_cited_of_every_sample_to_the_character(site: Site, browser: Browser) -> None:
    with window(browser, width=900, height=6_000) as page:
        for whole, span in cited():
            excerpt = site.put(whole).excerpt(span)
            assert seen(marked(page, fragments.fragment_url(excerpt))) == seen(excerpt.text), fragments.directive(
                excerpt
            )


ODD = [
    ("It is naive. ", "It is naïve", " too."),
    ("A house. ", "A hou", "se too."),
    ("In. Un", "used", " it lay. Used."),
    ("No. ", "no", " no"),
    ("no no ", "no", ""),
    ("x said. 1.", "5,000 & 7-8, ", "9"),
    ("Ja. ", "“Ja, 100% – ‘so’ #1?”", " Ja."),
    ("a\u00a0b c. ", "a\u00a0b", " d"),
    ("a b. ", "a\u2009b", " d"),
    ("مرحبا بكم. ", "مرحبا", " يا."),
    ("He said ", "مرحبا to שלום", " all. מרחבא שלום."),
    ("中文新闻说，", "他反对这个计划", "。他反对。"),
    ("他反对。中文新闻说，", "他反对", "这个计划。"),
    ("Good 👩\u200d👩\u200d👧 day. ", "Good 👩\u200d👩\u200d👧", " night"),
    ("STRASSE. ", "Straße", " und"),
    ("O’Brien spoke. ", "O'Brien", " left"),
    ("", "One.\n\nTwo.\nThree, no.", "\n\nTwo."),
    ("No.\n\n", "No.\n\nNo.", "\n\nYes."),
    ("a{b} ", "{b} \\x; `c`", " d"),
]


@pytest.mark.parametrize(("before", "words", "after"), ODD, ids=[ascii(words[:12]) for _, words, _ in ODD])
def test_the_browser_marks_odd_words_among_others_like_them(
    site: Site, browser: Browser, before: str, words: str, after: str
) -> None:
    whole = site.put(article(before + words + after))
    excerpt = whole.excerpt(Span(len(before), len(before) + len(words)))
    with window(browser) as page:
        assert fragments.directive(excerpt) is not None
        assert seen(marked(page, fragments.fragment_url(excerpt))) == seen(words), fragments.directive(excerpt)


def test_the_browser_scrolls_to_the_second_of_two_likes(site: Site, browser: Browser) -> None:
    whole = site.put(article(SAID_TWICE))
    first = locate("Mud does not read a licence", SAID_TWICE)
    assert first is not None
    at = SAID_TWICE.rindex("Mud does not read a licence")
    with window(browser, height=500) as page:
        tops = []
        for start in (first.start, at):
            page.goto(fragments.fragment_url(whole.excerpt(Span(start, start + 27))))
            page.wait_for_timeout(300)
            tops.append(page.evaluate("document.scrollingElement.scrollTop"))
            box = page.locator("p").nth(0 if start == 0 else 31).bounding_box()
            assert box is not None and 0 <= box["y"] < 500
            page.goto("about:blank")
        assert tops[0] < 100 < 600 < tops[1]


def test_a_browser_that_marks_something_else_would_be_seen(site: Site, browser: Browser) -> None:
    whole = site.put(article("No. Yes. No."))
    with window(browser) as page:
        assert marked(page, f"{whole.url}#:~:text=No.") == "No."
        assert marked(page, f"{whole.url}?2#:~:text=Yes.,No.") == "Yes.No."
        assert marked(page, f"{whole.url}?3#:~:text=Other") == ""
