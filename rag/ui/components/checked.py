"""A text that was checked, each quotation marked by its verdict, with the places where it stands beside it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from streamlit.components.v2.types import ComponentRenderer

from rag import cite
from rag.types import Checked, Citation, Excerpt, Match, Verdict, Verification
from rag.ui.components.assets import component
from rag.ui.components.card import card
from rag.ui.components.reader import files
from rag.verification import MATCHES, REASONS, VERDICTS

KEY = "checked"

LONGEST_LEFT_OUT = 240
"""Characters of what a quotation leaves out that are shown; the article has the rest."""

_NAMES: dict[Verdict, str] = {
    "verbatim": "Verbatim",
    "folded": "Same words",
    "altered": "Altered",
    "misattributed": "Another speaker",
    "not_found": "Not found",
}


def checked(text: str, found: Verification, origin: str) -> None:
    """Draw `text` as it was pasted, with what came of it; `origin` is put before the links in copied citations."""
    _component()(key=KEY, data=checked_data(text, found, origin))


def cited(citation: Citation, origin: str) -> None:
    """Draw what a citation id names, with the text around it, to copy or to save in any format."""
    more = {"url": citation.excerpt.article.url, "formats": files(citation, origin)}
    _component()(key=KEY, data={"cited": card(citation, origin) | around(citation.excerpt) | more})


def _component() -> ComponentRenderer:
    return component("checked", "card", "formats")


def around(excerpt: Excerpt) -> dict[str, str]:
    """The text before and after, with an ellipsis where the article goes on."""
    before, after = cite.context(excerpt)
    goes_on = excerpt.span.end + len(after) < len(excerpt.article.text)
    return {
        "before": f"… {before}" if excerpt.span.start > len(before) else before,
        "after": f"{after} …" if goes_on else after,
    }


def checked_data(text: str, found: Verification, origin: str) -> dict[str, Any]:
    counts = Counter(one.verdict for one in found.quotations)
    worst = found.quotations.index(found.telling)
    return {
        "pieces": pieces(text, found),
        "quotations": [_quotation(one, origin) for one in found.quotations],
        "counts": [
            {"verdict": verdict, "name": _NAMES[verdict], "count": counts[verdict]}
            for verdict in _NAMES
            if counts[verdict]
        ],
        "first": worst,
    }


def pieces(text: str, found: Verification) -> list[dict[str, Any]]:
    """`text` in stretches, each with the place of the quotation it is, -1 where it is none. Joined, they are `text`."""
    made: list[dict[str, Any]] = []
    at = 0
    for n, one in enumerate(found.quotations):
        made += [{"text": text[at : one.span.start], "place": -1}, {"text": text[slice(*one.span)], "place": n}]
        at = one.span.end
    return [piece for piece in [*made, {"text": text[at:], "place": -1}] if piece["text"]]


def _quotation(one: Checked, origin: str) -> dict[str, Any]:
    return {
        "verdict": one.verdict,
        "name": _NAMES[one.verdict],
        "told": VERDICTS[one.verdict],
        "speaker": one.speaker,
        "places": _places(one),
        "matches": [_match(match, origin) for match in one.matches],
    }


def _places(one: Checked) -> str:
    """How many places are listed of several, and that the list may have been cut; what is only near is not counted."""
    count = len(one.matches)
    if count < 2 or one.verdict == "not_found":
        return ""
    return f"{count} places; there may be more." if count >= MATCHES else f"{count} places."


def _match(match: Match, origin: str) -> dict[str, Any]:
    return card(match.citation, origin) | {
        "verdict": match.verdict,
        "name": _NAMES[match.verdict],
        "why": [REASONS[reason] for reason in match.reasons],
        "diff": [
            {"kind": change.kind, "pasted": change.pasted, "stored": _shortened(change.stored, change.kind)}
            for change in match.diff
        ],
    }


def _shortened(words: str, kind: str) -> str:
    if kind == "equal" or len(words) <= LONGEST_LEFT_OUT:
        return words
    half = LONGEST_LEFT_OUT // 2
    return f"{words[:half].rsplit(' ', 1)[0]} […] {words[-half:].split(' ', 1)[-1]}"
