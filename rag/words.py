"""Words as full text sees them: lower case, without accents, stemmed. And what a question asks for."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any

from rag.speech import speech

_PLAIN = "say"
"""The group of verbs that say no more than that something was said."""

_WORD = re.compile(r"\w+")
_NAME = re.compile(r"\b[A-Z][\w’'-]+|\d[\d,.]*\d|\d")
_ACCENT = re.compile("[\u0300-\u036f]+")


@cache
def _stemmer() -> Any:
    from Stemmer import Stemmer  # Snowball's own, in C; "porter" is what SQLite's FTS5 speaks

    return Stemmer("porter")


@cache
def stopwords() -> frozenset[str]:
    return frozenset(_questions()["stopwords"])


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


@cache
def _questions() -> dict[str, Any]:
    """What the language file says of questions."""
    data: dict[str, Any] = tomllib.loads(files("rag").joinpath("data/speech.toml").read_text("utf-8"))["questions"]
    return data


@cache
def _kinds() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    return [(re.compile(kind["asks"], re.IGNORECASE), re.compile(kind["holds"])) for kind in _questions()["kinds"]]


@lru_cache(maxsize=1_024)
def kind_asked(question: str) -> re.Pattern[str] | None:
    """What an answer holds, by the question word: a date for "when"; None where it may hold anything."""
    return next((holds for asks, holds in _kinds() if asks.search(question)), None)


@cache
def _denial() -> re.Pattern[str]:
    return re.compile(_questions()["denial"], re.IGNORECASE)


def denies(text: str) -> bool:
    """Whether there is a "not" in it, or a word of that sense."""
    return _denial().search(text) is not None


def verb_stem(cue: str) -> str:
    """The stem that the forms of a reporting verb share; Porter's rules part a few ("rebuff", "rebuffed")."""
    return stem(speech().irregular.get(cue, cue))


@dataclass(frozen=True)
class Question:
    """A question taken apart: the words that matter, and the reporting verb's group if it has one."""

    text: str
    words: tuple[str, ...]
    cue: str
    verb: str
    """The stem of the reporting verb, empty where there is none."""
    who: str = ""
    """The words in which it says whose speech is asked for: "Ilse Varga" in "What did Ilse Varga say about
    Orrisport?"; empty where it does not."""
    of_anybody: bool = False
    """Whether it asks who says something: then nobody whom it names need be the speaker."""

    @cached_property
    def denies(self) -> bool:
        return denies(self.text)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names and numbers in it: words that begin with a capital, but for the first, and figures."""
        return tuple(_NAME.findall(self.text.partition(" ")[2]))

    @cached_property
    def stems(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(stem(word) for word in self.words))

    @cached_property
    def cues(self) -> frozenset[str]:
        """Every reporting verb that means what the question's does; every one there is, if it asks what was said."""
        return frozenset(speech().groups) if self.cue == _PLAIN else _cues(self.cue)

    @cached_property
    def own_cues(self) -> frozenset[str]:
        """The forms of the question's own reporting verb; all of them, if that says no more than "say"."""
        if self.cue == _PLAIN:
            return self.cues
        return frozenset(cue for cue in self.cues if verb_stem(cue) == self.verb)

    @property
    def wordings(self) -> tuple[str, ...]:
        """How somebody does what the verb says without the verb ("unacceptable" objects)."""
        return speech().wordings.get(self.cue, ())


def _verb(text: str) -> re.Match[str] | None:
    """The first word of a question that can report speech, and is there no noun and no part of a name."""
    for match in _WORD.finditer(text):
        word = match.group()
        named = match.start() > 0 and not word.islower()
        if word.lower() in speech().groups and not named and not speech().patterns.noun.search(text[: match.start()]):
            return match
    return None


def understand(text: str) -> Question:
    """`text` taken apart. A question of stop words alone keeps them all."""
    stance = next((match for pattern in _stances() if (match := pattern.search(text))), None)
    if stance is not None:
        kept = _telling(text[: stance.start("drop")] + text[stance.end("drop") :])
        return Question(text, kept, _PLAIN, "", who=stance["who"])
    verb = _verb(text)
    if verb is None:
        return Question(text, _telling(text), "", "")
    word, before = verb.group().lower(), text[: verb.start()]
    return Question(
        text,
        _telling(text),
        speech().groups[word],
        verb_stem(word),
        who=_who(before),
        of_anybody=_anybody().search(before) is not None,
    )


def _telling(text: str) -> tuple[str, ...]:
    found = words(text)
    kept = [word for word in found if word not in stopwords()] or found
    return tuple(dict.fromkeys(kept))


def _who(before: str) -> str:
    """Whose speech is asked for, in the words before the verb: what comes after their last auxiliary."""
    found = list(_auxiliary().finditer(before))
    return before[found[-1].end() :].strip() if found else ""


@cache
def _auxiliary() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(_questions()['auxiliaries'])})\b", re.IGNORECASE)


@cache
def _anybody() -> re.Pattern[str]:
    return re.compile(_questions()["anybody"], re.IGNORECASE)


@cache
def _stances() -> list[re.Pattern[str]]:
    return [re.compile(pattern, re.IGNORECASE) for pattern in _questions()["stances"]]
