"""Questions that lean on the ones before them: which do, and how they read on their own.

"What did Lavrov object to?"  +  "And Blinken?"             =  "What did Blinken object to?"        by rule
"What did Lavrov object to?"  +  "Why did he say so?"       =  "Why did Lavrov say so?"             by rule
"Who objected to the quay?"   +  "And what came of that?"   =  as a language model puts it, if it keeps to the words
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from rag import prompts
from rag.speech import speech
from rag.words import stopwords, words

REMEMBERED = 3
"""Questions before that are looked at."""

LONGEST = 300
"""Characters of a question put by a model."""

_NAME = re.compile(r"(?<!^)(?<![.?!] )\b(?:[A-Z][\w’'-]*)(?:\s+(?:(?:al|bin|de|del|van|von)\s+)?[A-Z][\w’'-]*)*")

_SAID_THAT = re.compile(r"\b(\w+) that\b(?=\s+\w)")
"""A "that" after a verb, where it may only join a clause to it."""


def leans(question: str) -> bool:
    """Whether it can't be understood without the questions before it."""
    if any(_pattern(kind).search(question) for kind in ("instead", "openers")):
        return True
    asked = _SAID_THAT.sub(lambda match: match[1] if match[1].lower() in speech().groups else match[0], question)
    if name := _NAME.search(asked):
        asked = asked[: name.end()] + _pattern("answered").sub("", asked[name.end() :])
    return any(_pattern(kind).search(asked) for kind in ("people", "owners", "things"))


def by_rule(question: str, before: Sequence[str]) -> str:
    """`question` on its own, where the last of those `before` has one name, which fills its gap; else empty."""
    named = _names(before[-1]) if before else []
    if len(named) != 1:
        return ""
    (name,) = named
    instead = _pattern("instead").search(question)
    if instead is not None:
        other = instead["who"] or instead["name"]
        return before[-1].replace(name, other) if _names(f"about {other}") else ""
    alone = _pattern("openers").sub("", question)
    if _names(alone) or _pattern("things").search(alone):
        return ""
    alone = _pattern("owners").sub(f"{name}’s", alone)
    alone = _pattern("people").sub(name, alone)
    return alone[:1].upper() + alone[1:] if name in alone else ""


def prompt(question: str, before: Sequence[str]) -> tuple[str, str]:
    """What a language model is told and shown, to put `question` on its own."""
    shown = "\n".join([*before[-REMEMBERED:], "", f"Last question: {question}"])
    return prompts.render("rewrite"), shown


def accepted(rewritten: str, question: str, before: Sequence[str]) -> str:
    """What a model made of `question`, if it holds all that is asked and no word from elsewhere; else empty."""
    line = " ".join(rewritten.split())
    if not line.endswith("?") or line.count("?") > 1 or len(line) > LONGEST:
        return ""
    known = set(words(" ".join([question, *before[-REMEMBERED:]])))
    told = set(words(line))
    kept = {word for word in words(_gaps_out(question)) if word not in stopwords()}
    return line if kept <= told and {word for word in told if word not in stopwords()} <= known else ""


def _gaps_out(question: str) -> str:
    for kind in ("openers", "people", "owners", "things"):
        question = _pattern(kind).sub(" ", question)
    return question


def _names(text: str) -> list[str]:
    """The names in a question, but for a capital that only begins it."""
    return list(dict.fromkeys(re.sub(r"['’]s$", "", match) for match in _NAME.findall(text)))


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    data = tomllib.loads(files("rag").joinpath("data/followups.toml").read_text("utf-8"))
    return re.compile(data[kind], 0 if kind == "instead" else re.IGNORECASE)
