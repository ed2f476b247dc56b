"""Whether Chromium marks just the cited words on an article's page, by the address that `fragment_url` gives.

    python tests/bench/fragments.py DATA [--excerpts 150]

Excerpts of real articles, each set as a page of its own: a third quotations, a third sentences, a third cut anywhere.
What the browser paints is compared with what is cited, character by character. Every one that differs is printed.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

from browser import chromium, window  # noqa: E402 - the tests' own browser
from painted import Site, marked, seen  # noqa: E402

from rag import fragments  # noqa: E402
from rag.attribution import attribute  # noqa: E402
from rag.evals import news  # noqa: E402
from rag.text import Span, sentences  # noqa: E402
from rag.types import Article, Excerpt  # noqa: E402

SEED = 11
LONGEST = 12_000
"""Characters of an article whose page fits in the window: what is not on the screen is not looked at."""

TALL = 6_000
"""Pixels of the window."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--excerpts", type=int, default=150)
    options = parser.parse_args()
    dice = random.Random(SEED)
    articles = [article for article in news.originals(options.data) if 200 < len(article.text) < LONGEST]
    chosen = dice.sample(articles, min(options.excerpts, len(articles)))
    site, tally = Site(), Counter[str]()
    try:
        with chromium() as browser, window(browser, width=900, height=TALL) as page:
            for kind, excerpt in cited(chosen, dice):
                on_page = site.put(excerpt.article).excerpt(excerpt.span)
                if fragments.directive(on_page) is None:
                    tally[f"{kind}: without a fragment"] += 1
                    continue
                found = marked(page, fragments.fragment_url(on_page))
                right = found == seen(on_page.text)
                tally[f"{kind}: {'just these words' if right else 'OTHERS'}"] += 1
                if not right:
                    print(f"{fragments.directive(on_page)}\n  cited  {seen(on_page.text)!r}\n  marked {found!r}")
    finally:
        site.close()
    for what, count in sorted(tally.items()):
        print(f"{count:5}  {what}")


def cited(articles: list[Article], dice: random.Random) -> Iterator[tuple[str, Excerpt]]:
    """One excerpt of each article, the kinds in turn."""
    for n, article in enumerate(articles):
        quotations = [quotation.excerpt for quotation in attribute(article)]
        if n % 3 == 0 and quotations:
            yield "quotation", dice.choice(quotations)
        elif n % 3 == 1:
            yield "sentence", article.excerpt(dice.choice(sentences(article.text)))
        else:
            start, end = sorted(dice.sample(range(len(article.text)), 2))
            yield "cut", article.excerpt(Span(start, min(end, start + 1_500)))


if __name__ == "__main__":
    main()
