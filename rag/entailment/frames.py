"""What a comparison starts from, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Token

NOTHING: frozenset[str] = frozenset()
_NOWHERE: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Frame:
    """What a clause stands under: in whose words it is, and which words of the evidence say so."""

    speakers: frozenset[str] = NOTHING
    """Names of whoever speaks, as the evidence has them; empty where nobody does."""
    inside: bool = False
    """Whether somebody speaks."""
    shifted: bool = False
    """Whether "will" may have become "would", told by somebody else later."""
    cues: frozenset[int] = _NOWHERE
    """The words of the evidence through which the clause was reached."""
    strict: bool = False
    """Whether it stands under a "not" or an "if": then nothing may be left out, since less would be more."""


@dataclass(frozen=True)
class Scope:
    """Which parts of a predicate of the sentence count."""

    content: Token | None = None
    """Of what is said, only this."""
    skip_according: bool = False
    """Whether an "according to" was seen to already."""
    done: frozenset[int] = _NOWHERE
    """Words of the sentence that are accounted for: the particle of "step down", found as "resign"."""


WHOLE = Scope()


@dataclass(frozen=True)
class Found:
    """What a comparison came to: what differs, and which words of the sentence it accounts for."""

    differs: frozenset[str] = NOTHING
    """"not", "modal", "tense", "condition", "dropped", "report"."""
    seen: frozenset[int] = _NOWHERE
    """Words of the sentence."""
    there: frozenset[int] = _NOWHERE
    """Words of the evidence."""
    owed: frozenset[int] = _NOWHERE
    """Words of the evidence that must be among `there` in the end, since something was hung on them."""

    def add(self, other: Found) -> Found:
        """Both together."""
        return Found(
            self.differs | other.differs, self.seen | other.seen, self.there | other.there, self.owed | other.owed
        )

    def but(self, differs: str) -> Found:
        """The same, where this difference is none."""
        return replace(self, differs=self.differs - {differs})

    def and_differs(self, *how: str) -> Found:
        """The same, with these differences too."""
        return replace(self, differs=self.differs.union(how))

    @property
    def is_hung_rightly(self) -> bool:
        """Whether everything on which a circumstance was hung is in the sentence too."""
        return self.owed <= self.there


def pair_of(token: Token, there: Token) -> Found:
    """A word of the sentence found as one of the evidence."""
    return Found(seen=frozenset({token.i}), there=frozenset({there.i}))


def seen(words: Iterable[int]) -> Found:
    """Words of the sentence that are accounted for by no word of this passage."""
    return Found(seen=frozenset(words))


def nearest(ways: Iterable[Found]) -> Found | None:
    """The way in which least differs; the first of several."""
    return min(ways, key=lambda way: len(way.differs), default=None)
