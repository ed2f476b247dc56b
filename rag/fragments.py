"""Text fragments: addresses that make a browser mark words on the page that they come from."""

from __future__ import annotations

from urllib.parse import quote as percent_encoded

from rag.types import Excerpt

_LONG_FRAGMENT = 120
"""Characters from which a text fragment names its first and last words only, as browsers advise."""


def fragment_url(excerpt: Excerpt) -> str:
    """The article's own URL with a text fragment, so that a browser marks the words there.

    Browsers find an uninterrupted fragment, or either end of a range, within one paragraph only.
    """
    lines = [words for line in excerpt.text.split("\n") if (words := line.split())]
    first, last = (lines[0], lines[-1]) if lines else ([], [])
    short = len(excerpt.text) <= _LONG_FRAGMENT or len(first) <= 10  # the two ends must not overlap
    if len(lines) <= 1 and short:
        directive = _fragment(" ".join(first))
    else:
        directive = f"{_fragment(' '.join(first[:5]))},{_fragment(' '.join(last[-5:]))}"
    joint = "" if "#" in excerpt.article.url else "#"
    return f"{excerpt.article.url}{joint}:~:text={directive}"


def _fragment(text: str) -> str:
    return percent_encoded(text, safe="").replace("-", "%2D")  # a bare dash is syntax there
