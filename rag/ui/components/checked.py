"""A text that was checked, each quotation marked by its verdict, with the places where it stands beside it; and each
other sentence, where these were checked, with the sentences that it stands on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate, groupby
from typing import Any

from streamlit.components.v2.types import ComponentRenderer

from rag import cite
from rag.claims import VERDICTS as CLAIM_VERDICTS
from rag.claims import WHAT_IT_IS
from rag.text import Span
from rag.types import PASSING, Checked, CheckedClaim, Citation, ClaimVerdict, Excerpt, Match, Verdict, Verification
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

_CLAIM_NAMES: dict[ClaimVerdict, str] = {
    "follows": "Follows",
    "contradicted": "Contradicted",
    "attributed": "Somebody’s words",
    "not_found": "Not found",
}

_LOOKED_AT_FIRST: list[ClaimVerdict] = ["contradicted", "not_found", "attributed", "follows"]


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
    """The quotations, then the claims: `pieces`, `order` (as they stand in the text) and `first` count through both."""
    quotations = () if found.is_prose else found.quotations
    claims = found.claims or ()
    spans = [*(one.span for one in quotations), *(claim.span for claim in claims)]
    return {
        "pieces": pieces(text, [one.span for one in quotations], [claim.span for claim in claims]),
        "quotations": [_quotation(one, origin) for one in quotations],
        "counts": _counts([one.verdict for one in quotations], _NAMES),
        "claims": [_claim(claim, origin) for claim in claims],
        "claim_counts": _counts([claim.verdict for claim in claims], _CLAIM_NAMES),
        "checked_claims": found.claims is not None,
        "what_it_is": WHAT_IT_IS,
        "order": sorted(range(len(spans)), key=lambda place: spans[place]),
        "first": _first(found, quotations, claims),
    }


def _counts(verdicts: Sequence[str], names: Mapping[Any, str]) -> list[dict[str, Any]]:
    counts = Counter(verdicts)
    return [{"verdict": v, "name": name, "count": counts[v]} for v, name in names.items() if counts[v]]


def _first(found: Verification, quotations: Sequence[Checked], claims: Sequence[CheckedClaim]) -> int:
    """What to look at first: a quotation that does not pass, else a sentence that does not follow."""
    if quotations and (found.verdict not in PASSING or all(claim.verdict == "follows" for claim in claims)):
        return quotations.index(found.telling)
    verdicts = [claim.verdict for claim in claims]
    worst = next(verdict for verdict in _LOOKED_AT_FIRST if verdict in verdicts)
    return len(quotations) + verdicts.index(worst)


def pieces(text: str, quotations: Sequence[Span], claims: Sequence[Span] = ()) -> list[dict[str, Any]]:
    """`text` in stretches, each with the place of the quotation or claim it is, -1 where it is none. Joined, they are
    `text`. A claim with a quotation in it is in several stretches around it.
    """
    owner = [-1] * len(text)
    for place, span in [*enumerate(claims, start=len(quotations)), *enumerate(quotations)]:
        owner[slice(*span)] = [place] * (span.end - span.start)
    found = [(place, len(list(run))) for place, run in groupby(owner)]
    ends = list(accumulate(length for _, length in found))
    return [
        {"text": text[end - length : end], "place": place} for (place, length), end in zip(found, ends, strict=True)
    ]


def _claim(claim: CheckedClaim, origin: str) -> dict[str, Any]:
    return {
        "verdict": claim.verdict,
        "name": _CLAIM_NAMES[claim.verdict],
        "told": CLAIM_VERDICTS[claim.verdict],
        "evidence": [card(citation, origin) for citation in claim.citations],
        "against": [card(citation, origin) for citation in claim.against],
    }


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
