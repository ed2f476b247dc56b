"""What quotations talk about: the names and words that stand in many of these and in little else."""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from math import log
from typing import NamedTuple

from rag.speech import speech, split_title
from rag.text import fold
from rag.types import Quotation
from rag.words import denies, stem, stems, stopwords

SHORTEST = 3
"""Letters of a word that can be a topic."""

FEWEST = 2
"""Quotations in which a topic stands, at least."""

WHOLE_NAME = 0.5
"""Share of the quotations with a word in which it stands within one name, from which the name is the topic:
"Orrisport Quay", not "quay"."""

_SURFACE = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_STARTS = re.compile(r"(?:^|[.!?:…\"“(\[]['‘]?|\n)\s*$")
"""What stands before the first word of a sentence, whose capital names nobody."""


@dataclass(frozen=True)
class Topic:
    """Something that is talked about: as the articles write it most often, its stems, and in how many quotations."""

    label: str
    stems: tuple[str, ...]
    count: int


@dataclass
class _Term:
    """One candidate: in which quotations it stands, and how it is written."""

    found_in: set[int] = field(default_factory=set)
    surfaces: Counter[str] = field(default_factory=Counter)
    at_starts: Counter[str] = field(default_factory=Counter)

    def add(self, mention: _Mention, quotation: int) -> None:
        self.found_in.add(quotation)
        (self.at_starts if mention.starts else self.surfaces)[mention.surface] += 1

    @property
    def label(self) -> str:
        """The commonest form; a capital that only begins a sentence counts where there is no other."""
        forms = self.surfaces or self.at_starts
        return min(forms, key=lambda form: (-forms[form], form))


class _Mention(NamedTuple):
    surface: str
    stems: tuple[str, ...]
    starts: bool
    """Whether it begins a sentence."""


def topics(
    quotations: Sequence[Quotation],
    frequencies: Callable[[Sequence[str]], Mapping[str, int]],
    total: int,
    limit: int = 12,
) -> list[Topic]:
    """What `quotations` talk about, most telling first: at most `limit` names and words.

    `frequencies` gives in how many of the `total` passages of the library a stem stands. Ranked by tf·idf: in how
    many of these quotations it stands, times log(total / passages with it) (Spärck Jones, "A statistical
    interpretation of term specificity and its application in retrieval", Journal of Documentation 28, 1972). Not
    by log-likelihood (Dunning 1993), which comes to nothing where the quotations are most of a small library. A
    name is as rare as its rarest word. Whoever speaks is no topic of what they say.
    """
    terms = _terms(quotations)
    known = frequencies(sorted({stem for found in terms for stem in found}))
    scores = {found: len(term.found_in) * _rarity(found, known, total) for found, term in terms.items()}
    ranked = sorted(terms, key=lambda found: (-scores[found], -len(found), terms[found].label))
    chosen: list[Topic] = []
    for found in ranked:
        topic = Topic(terms[found].label, found, len(terms[found].found_in))
        if topic.count >= FEWEST and scores[found] > 0 and not any(_overlap(topic, other) for other in chosen):
            chosen.append(topic)
    return chosen[:limit]


def _rarity(found: tuple[str, ...], known: Mapping[str, int], total: int) -> float:
    return max(log((total + 1) / (known.get(stem, 0) + 1)) for stem in found)


def _overlap(one: Topic, other: Topic) -> bool:
    """Whether one of two labels is inside the other, in whatever form."""
    return set(one.stems) <= set(other.stems) or set(other.stems) <= set(one.stems)


def _terms(quotations: Sequence[Quotation]) -> dict[tuple[str, ...], _Term]:
    """Every word and name of the quotations by its stems; of a word that is mostly part of one name, only the name."""
    terms: dict[tuple[str, ...], _Term] = defaultdict(_Term)
    for number, quotation in enumerate(quotations):
        text, own = quotation.excerpt.text, frozenset(stems(quotation.speaker))
        for mention in (*_names(text), *_words(text)):
            if own.isdisjoint(mention.stems):
                terms[mention.stems].add(mention, number)
    for name in [found for found in terms if len(found) > 1]:
        _settle(name, terms)
    return terms


def _settle(name: tuple[str, ...], terms: dict[tuple[str, ...], _Term]) -> None:
    """Take the words of `name` out where it is what they are used for; else the name, which is one use of many."""
    count = len(terms[name].found_in)
    parts = [part for stem in name if (part := (stem,)) in terms]
    if all(count >= WHOLE_NAME * len(terms[part].found_in) for part in parts):
        for part in parts:
            del terms[part]
    else:
        del terms[name]


def _names(text: str) -> Iterator[_Mention]:
    """Names of two words and more that do not begin a sentence, without titles: "Orrisport Quay"."""
    for match in speech().patterns.name.finditer(text):
        name, title = split_title(match.group())
        label = name or title
        starts = _starts(text, match.start()) and match.group().startswith(label)
        parts = tuple(stems(label))
        if len(label.split()) > 1 and not starts and all(_tells(part) for part in re.findall(r"\w+", label)):
            yield _Mention(label, parts, starts=False)


def _words(text: str) -> Iterator[_Mention]:
    for match in _SURFACE.finditer(fold(text)):
        longest = max(match.group().split("'"), key=len)  # of "Varga's" and "O'Hara" what names
        start = match.start() + match.group().index(longest)
        surface = text[start : start + len(longest)]
        stemmed = tuple(stems(surface))
        if len(stemmed) == 1 and _tells(surface) and not denies(match.group()) and not _is_general(surface):
            yield _Mention(surface, stemmed, _starts(text, match.start()))


def _tells(word: str) -> bool:
    return len(word) >= SHORTEST and word.lower() not in stopwords() and not denies(word)


def _starts(text: str, position: int) -> bool:
    return _STARTS.search(text[max(0, position - 8) : position]) is not None


def _is_general(word: str) -> bool:
    """Whether it is a title, a reporting word in any form, or one that goes with every topic ("very", "thing")."""
    return word.title() in speech().titles or stem(word.lower()) in _general()


@cache
def _general() -> frozenset[str]:
    """The stems of words that are no topic."""
    data = tomllib.loads(files("rag").joinpath("data/speech.toml").read_text("utf-8"))
    return frozenset(stem(word) for word in (*speech().groups, *data["topics"]["general"]))
