"""One falsehood, and what makes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from rag.evals.falsehoods.story import Line, Story

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

Thing = TypeVar("Thing")

TRIED = 12
"""Sentences of a story that a kind tries, so that a story without its like does not hold up the rest."""


class Lie(NamedTuple):
    """A false sentence, the sentences it was made from, and the question that it would be an answer to."""

    text: str
    made_from: tuple[Line, ...]
    question: str = ""
    elsewhere: tuple[Story, Line] | None = None
    """What it was spliced with, from another story."""


@dataclass(frozen=True)
class Desk:
    """What a liar has before it: a story, the others, and dice."""

    story: Story
    others: Sequence[Story]
    dice: Random

    def shuffled(self, things: Sequence[Thing]) -> list[Thing]:
        return self.dice.sample(things, len(things))


Liar = Callable[[Desk], Iterator[Lie]]
Rewording = Callable[[Line, Desk], Iterator[str]]


def by_line(hint: str, reword: Rewording, *, plain: bool = True, whole: bool = True) -> Liar:
    """A liar that rewords one sentence of those in which the pattern `hint` is found.

    `plain` looks only at sentences without quotation marks; `whole` makes what comes of it end as a sentence does.
    """
    pattern = re.compile(hint)

    def tell(desk: Desk) -> Iterator[Lie]:
        likely = [line for line in desk.story.lines if pattern.search(line.text) and (line.is_plain or not plain)]
        for line in desk.shuffled(likely)[:TRIED]:
            yield from (
                Lie(finished(text) if whole else text, (line,))
                for text in reword(line, desk)
                if not whole or is_balanced(text)
            )

    return tell


def is_balanced(text: str) -> bool:
    """Whether every bracket and quotation mark that opens is closed."""
    pairs = all(text.count(opening) == text.count(closing) for opening, closing in ("()", "“”"))
    return pairs and text.count('"') % 2 == 0 and len(text.split()) > 3


def finished(text: str) -> str:
    """`text` as a sentence: single spaces, none before a comma, a capital, a full stop."""
    text = re.sub(r"\s+([,.;:?!])", r"\1", " ".join(text.split())).lstrip(" ,;:")
    text = re.sub(r"[\s,;:–—-]+$", "", text)
    text = re.sub(r",(?:\s*,)+", ",", text).replace(",.", ".")
    return text[:1].upper() + (text[1:] if re.search(r"[.!?][”\"’]?$", text) else f"{text[1:]}.")


# --- words of a parsed sentence -----------------------------------------------------------------


def edited(doc: Doc, changes: Mapping[int, str]) -> str:
    """The sentence with other words at some places; an empty one takes the word out, and its space."""
    return "".join(
        token.text_with_ws if token.i not in changes else changes[token.i] and changes[token.i] + token.whitespace_
        for token in doc
    )


def without(doc: Doc, *spans: Span) -> str:
    gone = {token.i for span in spans for token in span}
    return edited(doc, dict.fromkeys(gone, ""))


def phrase(token: Token) -> Span:
    """All words that hang on `token`, from the first to the last."""
    return token.doc[token.left_edge.i : token.right_edge.i + 1]


def child(token: Token, *relations: str) -> Token | None:
    return next((one for one in token.children if one.dep_ in relations), None)


def subject(verb: Token) -> Token | None:
    return child(verb, "nsubj", "nsubjpass")


def root(doc: Doc) -> Token:
    return next(token for token in doc if token.dep_ == "ROOT")


def is_plural(noun: Token) -> bool:
    if noun.ent_type_ == "PERSON" and child(noun, "conj") is None:
        return False
    return noun.tag_ in {"NNS", "NNPS"} or noun.lower_ in {"they", "we", "you"} or child(noun, "conj") is not None


def is_name(noun: Token) -> bool:
    return noun.pos_ == "PROPN" and noun.ent_type_ in {"PERSON", "ORG", "GPE", "NORP"}


def after(verb: Token, *, besides: Sequence[Token] = ()) -> str:
    """What follows `verb` among the words that hang on it."""
    gone = {token.i for one in besides for token in phrase(one)}
    right = verb.doc[verb.i + 1 : verb.right_edge.i + 1]
    return "".join(token.text_with_ws for token in right if token.i not in gone).rstrip(" .")


def clear(text: str) -> str:
    """The words of a noun phrase, ready to begin a sentence or to stand in one."""
    return text.strip(" ,;:–—-")
