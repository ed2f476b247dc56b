"""Sentences that a model may write, each with the words that it may leave out; and as a grammar of llama.cpp (GBNF)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True)
class Either:
    """Ways to go on, of which one is taken; an empty one leaves the others out."""

    ways: tuple[Pieces, ...]


Piece = str | Either
Pieces = tuple[Piece, ...]


@dataclass(frozen=True)
class Production:
    """A sentence that may be written, with the number of the evidence that it comes from."""

    n: int
    pieces: Pieces

    @property
    def whole(self) -> str:
        """The sentence with nothing left out: each time the first way."""
        return fullest(self.pieces)


def fullest(pieces: Pieces) -> str:
    """The words of `pieces` when nothing is left out."""
    return "".join(piece if isinstance(piece, str) else fullest(piece.ways[0]) for piece in pieces)


def grammar(productions: Sequence[Production], most: int, *, leading: int = 0, in_order: bool = False) -> str:
    """GBNF of one to `most` of `productions`, none of them twice, each with its number behind it.

    One of the `leading` first comes first, if it is given. If `in_order`, a later one comes after an earlier one:
    this keeps the grammar small where there are many.
    """
    rules = [f's{i} ::= {_sequence(production.pieces)} " [{production.n}]"' for i, production in enumerate(productions)]
    names = (f"r{i}" for i in count())
    known: dict[tuple[frozenset[int], int], str] = {}

    def ways(left: frozenset[int], room: int, first: Sequence[int]) -> str:
        found = []
        for i in first:
            rest = frozenset(j for j in left if j != i and (j > i or not in_order))
            found.append(f's{i} (" " {after(rest, room - 1)})?' if rest and room > 1 else f"s{i}")
        return " | ".join(found)

    def after(left: frozenset[int], room: int) -> str:
        if (left, room) not in known:
            known[left, room] = next(names)
            rules.append(f"{known[left, room]} ::= {ways(left, room, sorted(left))}")
        return known[left, room]

    every = range(len(productions))
    return "\n".join([f"root ::= {ways(frozenset(every), most, every[: leading or None])}", *rules])


def literal(text: str) -> str:
    """`text` as a literal of GBNF: nothing in it can end it or mean anything else."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    if character in '"\\':
        return f"\\{character}"
    if 0x20 <= code < 0x7F:
        return character
    if code < 0x100:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _sequence(pieces: Pieces) -> str:
    return " ".join(_rendered(pieces))


def _rendered(pieces: Pieces) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, str):
            yield literal(piece)
        else:
            ways = [_sequence(way) for way in piece.ways if way]
            yield f"({' | '.join(ways)}){'?' if () in piece.ways else ''}"
