"""Quotations as cards, with the other versions of one of them, and the way to the next page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from rag import cite
from rag.statements import Version
from rag.types import Person, Quoted, Quotes
from rag.ui.components.assets import component
from rag.ui.components.card import card
from rag.ui.lookup import Lookup, speaker_link
from rag.words import words

KEY = "quotelist"
A_PAGE = 20

_KINDS: Final = {"direct": "Direct speech", "mixed": "Partly in their words", "indirect": "Reported speech"}


def quotelist(
    found: Quotes,
    lookup: Lookup,
    people: Mapping[str, Person],
    versions: Sequence[Version],
    origin: str,
    on_go: Callable[[], None],
) -> None:
    """Draw a page of `found`; `versions` are those of the quotation that `lookup` names.

    `on_go` is called when a link within the page is followed; the link stands in the session
    state, under `KEY`, as "go".
    """
    data = {
        "cards": [_card(quoted, lookup, people, origin) for quoted in found.found],
        "open": lookup.versions,
        "versions": [_version(version) for version in versions],
        "close": replace(lookup, versions="").link,
        "pager": pager(found.total, lookup),
    }
    component("quotelist", "card")(key=KEY, data=data, on_go_change=on_go)


def pager(total: int, lookup: Lookup) -> dict[str, str] | None:
    """Where the pages before and after are, and what this one shows; None where there is only one."""
    if total <= A_PAGE:
        return None
    number, start = lookup.page_number, (lookup.page_number - 1) * A_PAGE
    return {
        "previous": lookup.but(page=str(number - 1) if number > 2 else "").link if number > 1 else "",
        "next": lookup.but(page=str(number + 1)).link if start + A_PAGE < total else "",
        "shown": f"{start + 1:,}–{min(start + A_PAGE, total):,} of {total:,}",
    }


def _card(quoted: Quoted, lookup: Lookup, people: Mapping[str, Person], origin: str) -> dict[str, Any]:
    person = people.get(quoted.person)
    name = person.name if person else quoted.citation.speaker
    return card(quoted.citation, origin) | {
        "speaker": name,
        "speaker_link": speaker_link(quoted.person or name) if name else "",
        "office": quoted.office,
        "called": called(quoted, name),
        "kind": _KINDS[quoted.kind],
        "reported": quoted.kind == "indirect",
        "cue": quoted.cue,
        "versions_link": replace(lookup, versions=quoted.citation.id).link,
    }


def called(quoted: Quoted, name: str) -> str:
    """How the article names the speaker here, where that is not the name that is shown: “she”, “the mayor”."""
    known = set(words(name))
    shown = [quoted.mention.text if quoted.mention else "", quoted.citation.speaker]
    return next((text for text in shown if (said := set(words(text))) and not said & known), "")


def _version(version: Version) -> dict[str, Any]:
    excerpt = version.quotation.excerpt
    return {
        "id": excerpt.id,
        "pieces": [{"text": piece.text, "change": piece.change} for piece in version.pieces],
        "first": version.first,
        "speaker": version.quotation.speaker,
        "publisher": excerpt.article.publisher,
        "title": excerpt.article.title or "Untitled article",
        "date": cite.spelled(excerpt.article.published),
        "link": cite.link(excerpt),
    }
