"""What the Quotes page looks for, as its address says it: `/quotes?about=…&speaker=…&since=…`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from rag.errors import NotFoundError
from rag.service import Pullquote
from rag.text import normalise
from rag.types import Filters, QuotationKind, QuoteSearch

PATH = "quotes"
NOBODY: Final = "@"
"""Stands for quotations whose speaker no article gives; a person's key has more to it."""

KINDS: Mapping[str, tuple[QuotationKind, ...]] = {"direct": ("direct", "mixed"), "reported": ("indirect",)}
EARLIEST, LATEST = date(1600, 1, 1), date(2199, 12, 31)
LONGEST = 500
"""Characters of a field of the address."""

_DIGITS = 6
"""Of a page's number."""


@dataclass(frozen=True)
class Lookup:
    """A search of the Quotes page. Its fields are those of the address; one that is empty is not in it."""

    about: str = ""
    words: str = ""
    topic: str = ""
    speaker: str = ""
    """A person's key, a name, or `NOBODY`."""
    outlet: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""
    order: str = ""
    page: str = ""
    versions: str = ""
    """The citation id of the quotation whose other versions are shown."""

    @classmethod
    def read(cls, address: Mapping[str, str]) -> Lookup:
        """What an address asks for; what makes no sense in it is passed over."""
        given = {name: normalise(address.get(name, "")[:LONGEST]).strip() for name in _NAMES}
        number = given["page"]
        sensible = {
            "since": _day(given["since"]) is not None,
            "until": _day(given["until"]) is not None,
            "kind": given["kind"] in KINDS,
            "order": given["order"] == "oldest",
            "page": number.isascii() and number.isdigit() and len(number) <= _DIGITS and int(number) > 1,
        }
        return cls(**{name: value for name, value in given.items() if sensible.get(name, True)})

    def address(self) -> dict[str, str]:
        """The fields that say something."""
        return {name: value for name in _NAMES if (value := getattr(self, name))}

    def but(self, **changes: str) -> Lookup:
        """The same with other fields, from its first page and with no versions shown."""
        return replace(self, **{"page": "", "versions": "", **changes})

    @property
    def link(self) -> str:
        found = self.address()
        return f"/{PATH}?{urlencode(found)}" if found else f"/{PATH}"

    @property
    def page_number(self) -> int:
        return int(self.page or 1)

    def search(self, service: Pullquote) -> QuoteSearch:
        """What to ask the service for; a name that several people share means all of them."""
        speakers: tuple[str, ...] = ()
        people: tuple[str, ...] = ()
        if self.speaker == NOBODY:
            people = ("",)
        elif self.speaker:
            try:
                people = (service.person(self.speaker).key,)
            except NotFoundError:
                speakers = (self.speaker,)
        return QuoteSearch(
            about=self.about,
            words=self.words,
            topic=self.topic,
            people=people,
            kinds=KINDS.get(self.kind, ()),
            filters=Filters(
                publishers=(self.outlet,) if self.outlet else (),
                speakers=speakers,
                since=_day(self.since),
                until=_day(self.until),
            ),
            oldest_first=self.order == "oldest",
        )


_NAMES = tuple(field.name for field in fields(Lookup))


def speaker_link(name: str) -> str:
    """Lists what somebody says, by key or name."""
    return Lookup(speaker=name).link


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None
