"""One sentence beside one piece of evidence, part by part: what its words are there, and what differs.

Nothing is weighed. A part of the sentence that the evidence does not have ends it; so does a part of the evidence
that is left out and without which something else is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rag.entailment import clauses, noun_phrases
from rag.entailment.details import Same, details
from rag.entailment.frames import WHOLE, Found, Frame, Scope, pair_of
from rag.entailment.pairs import Pair
from rag.entailment.premise import Passage, Premise
from rag.entailment.reading import Reading

if TYPE_CHECKING:
    from spacy.tokens import Token

MOST_STEPS = 20_000
"""Clauses that are compared before no more is found; a long sentence beside a long one could take minutes."""


class Match(Pair):
    """A sentence beside a passage, with what compares the clauses and the noun phrases of the two.

    A clause may hang on a noun that hangs on the clause. Where two words are being compared already, they are taken
    for one: whether they are is decided further up.
    """

    def __init__(self, said: Reading, premise: Premise, passage: Passage, subject: str = "") -> None:
        super().__init__(said, premise, passage, subject)
        self._trail: set[tuple[int, int]] = set()
        self._steps = 0

    def clause(self, token: Token, there: Token, frame: Frame, scope: Scope = WHOLE) -> Found | None:
        """A predicate of the sentence as one of the evidence."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            return None
        if self._is_on_trail(token, there):
            return pair_of(token, there)
        with self._on_trail(token, there):
            return clauses.clause(self, token, there, frame, scope)

    def noun(self, token: Token, there: Token, frame: Frame) -> Found | None:
        """A noun phrase of the sentence as one of the evidence."""
        if self._is_on_trail(token, there):
            return pair_of(token, there)
        with self._on_trail(token, there):
            return noun_phrases.noun(self, token, there, frame)

    def adverb(self, token: Token, there: Token, frame: Frame) -> Found | None:
        """An adverb of the sentence as the same word of the evidence."""
        return details(self, Same(token, there, pair_of(token, there)), frame)

    def _is_on_trail(self, token: Token, there: Token) -> bool:
        return (token.i, there.i) in self._trail

    @contextmanager
    def _on_trail(self, token: Token, there: Token) -> Iterator[None]:
        self._trail.add((token.i, there.i))
        try:
            yield
        finally:
            self._trail.discard((token.i, there.i))
