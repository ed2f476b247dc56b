"""Who wrote an article: an author line in its names, and these in the parts that reference managers sort by."""

from __future__ import annotations

import re
from typing import NamedTuple

SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
"""What goes with the name before it, also behind a comma."""

PARTICLES = frozenset({
    "af", "al", "av", "bin", "da", "das", "de", "del", "della", "den", "der", "des", "di", "dos", "du", "el", "ibn",
    "la", "le", "st", "ten", "ter", "van", "von", "zu", "zum", "zur",
})  # fmt: skip
"""What a family name begins with: "van", "de la"."""

ORGANISATIONS = frozenset({
    "agence", "agency", "agencies", "associated", "association", "board", "broadcasting", "bureau", "centre",
    "center", "committee", "company", "contributor", "contributors", "corporation", "correspondent", "correspondents",
    "council", "department", "desk", "editor", "editorial", "editors", "foundation", "gazette", "gmbh", "group",
    "inc", "institute", "international", "llc", "ltd", "magazine", "media", "ministry", "network", "news",
    "newspaper", "newspapers", "newsroom", "newswire", "office", "our", "radio", "reporter", "reporters", "reuters",
    "service", "services", "society", "staff", "team", "television", "the", "times", "tribune", "union", "united",
    "university", "wire", "with", "writer", "writers", "and", "by", "for", "from", "in", "of",
})  # fmt: skip
"""Words of which a person's name has none: "Associated Press", "Gazette staff", "From our correspondent"."""

_UNLIKE_A_NAME = re.compile(r"[\d_@/&()\[\]{}<>:|\"“”+=#!?]")
_BY = re.compile(r"^\s*by\s+", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+")
_BETWEEN_INVERTED = re.compile(r"\s*;\s*(?:and\s+)?|\s+and\s+")


class Name(NamedTuple):
    """An author. One with no given name is known by one name only, or is an organisation, which nothing divides."""

    family: str
    given: str = ""
    particle: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        """As it is said: "Jane van Dyke Jr."."""
        return " ".join(filter(None, (self.given, self.particle, self.family, self.suffix)))

    @property
    def sorted_by(self) -> str:
        """The family name with its particle."""
        return f"{self.particle} {self.family}".strip()


def people(author: str) -> list[str]:
    """The names in an author line, as they are said: "Ann Bell, Bo Carr and Cy Dunn" are three."""
    return [str(name) for name in names(author)]


def names(author: str, publisher: str = "") -> list[Name]:
    """The names in an author line of an article of `publisher`, which may be its author too.

    Where semicolons divide them, a comma stands within one: "Bell, Ann; Carr, Bo". Else commas and "and" divide.
    """
    author = _BY.sub("", author).strip()
    if ";" in author:
        pieces = [piece.strip(" ,") for piece in _BETWEEN_INVERTED.split(author)]
        return [_inverted(piece, publisher) for piece in pieces if piece]
    pieces = []
    for piece in filter(None, _BETWEEN.split(author)):
        if pieces and _is_suffix(piece):
            pieces[-1] = f"{pieces[-1]} {piece}"
        else:
            pieces.append(piece)
    return [_name(piece, publisher) for piece in pieces]


def _inverted(text: str, publisher: str) -> Name:
    """The name in "Bell, Ann", "Bell, Ann, Jr." or "Bell, Jr., Ann"; one without a comma is as it is said."""
    family, *rest = [part.strip() for part in text.split(",")]
    suffix = " ".join(filter(_is_suffix, rest))
    given = " ".join(part for part in rest if part and not _is_suffix(part))
    if not given:
        return _name(f"{family} {suffix}".strip(), publisher)
    if _is_no_person(text, publisher):
        return Name(text)
    particle, family = _particle(family.split())
    return Name(family, given, particle, suffix)


def _name(text: str, publisher: str) -> Name:
    words = text.split()
    suffix = words.pop() if len(words) > 2 and _is_suffix(words[-1]) else ""
    if len(words) < 2 or words[-1][0].islower() or _is_no_person(text, publisher):
        return Name(" ".join(text.split()))
    inner = range(1, len(words) - 1)
    begins = next((at for at in inner if words[at].casefold().rstrip(".") in PARTICLES), len(words) - 1)
    particle, family = _particle(words[begins:])
    return Name(family, " ".join(words[:begins]), particle, suffix)


def _particle(words: list[str]) -> tuple[str, str]:
    """The particles that a family name begins with, and the rest; one with a capital is a part of it: De Niro."""
    at = next((at for at, word in enumerate(words[:-1]) if word not in PARTICLES), len(words) - 1)
    return " ".join(words[:at]), " ".join(words[at:])


def _is_suffix(text: str) -> bool:
    return text.casefold().rstrip(".") in SUFFIXES


def _is_no_person(text: str, publisher: str) -> bool:
    words = (word.strip(".,") for word in text.casefold().split())
    is_publisher = text.casefold() == publisher.casefold()
    return is_publisher or _UNLIKE_A_NAME.search(text) is not None or not ORGANISATIONS.isdisjoint(words)
