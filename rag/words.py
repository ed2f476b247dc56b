"""Words as full text sees them: lower case, without accents, stemmed. And what a question asks for."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from rag.attribution import speech

_WORD = re.compile(r"\w+")
_ACCENT = re.compile("[\u0300-\u036f]+")


@cache
def _stemmer() -> Any:
    from Stemmer import Stemmer  # Snowball's own, in C; "porter" is what SQLite's FTS5 speaks

    return Stemmer("porter")


@cache
def stopwords() -> frozenset[str]:
    data = tomllib.loads(files("rag").joinpath("data/speech.toml").read_text("utf-8"))
    return frozenset(data["questions"]["stopwords"])


def words(text: str) -> list[str]:
    """The words of `text` in order, lower case, accents off."""
    if not text.isascii():
        text = _ACCENT.sub("", unicodedata.normalize("NFKD", text))
    return _WORD.findall(text.lower())


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of a lower-case word: "objected" and "objects" are both "object"."""
    stemmed: str = _stemmer().stemWord(word)
    return stemmed


def stems(text: str) -> list[str]:
    return [stem(word) for word in words(text)]


@cache
def _cues(group: str) -> frozenset[str]:
    return frozenset(word for word, of in speech().groups.items() if of == group)


@dataclass(frozen=True)
class Question:
    """A question taken apart: the words that matter, and the reporting verb's group if it has one."""

    text: str
    words: tuple[str, ...]
    cue: str
    verb: str
    """The stem of the reporting verb, empty where there is none."""

    @property
    def stems(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(stem(word) for word in self.words))

    @property
    def cues(self) -> frozenset[str]:
        """Every reporting verb that means what the question's does."""
        return _cues(self.cue)

    @property
    def wordings(self) -> tuple[str, ...]:
        """How somebody does what the verb says without the verb ("unacceptable" objects)."""
        return speech().wordings.get(self.cue, ())


def understand(text: str) -> Question:
    """`text` taken apart. A question of stop words alone keeps them all."""
    found = words(text)
    kept = [word for word in found if word not in stopwords()] or found
    verb = next((word for word in kept if word in speech().groups), "")
    return Question(text, tuple(dict.fromkeys(kept)), speech().groups.get(verb, ""), stem(verb) if verb else "")
