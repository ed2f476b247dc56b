"""PolNeAR's speech, asked in other forms: who said it, did they, what is their position, how did they respond.

The questions are made from what people marked, by rule, with some words of it and not its sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rag.evals.metrics import hit, mean
from rag.evals.sets import polnear
from rag.evals.systems import System
from rag.evals.task import Asked, Place, Ranked, Task, moved, rows
from rag.speech import speech
from rag.text import Span
from rag.words import stopwords, words

DEPTHS = (1, 5)
FORMS = {"who": "Who ", "did": "Did ", "position": "What is ", "respond": "How did "}
_MEETS = {"respond", "deny", "criticise", "object"}
"""Groups of verbs by which one answers somebody."""

_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")


def load(folder: Path) -> Task:
    """`articles.jsonl` and `questions.jsonl`; each question with one right place is asked in every form that fits."""
    task = polnear.load(folder)
    raw = {row["id"]: row["text"] for row in rows(folder / "articles.jsonl")}
    asked: dict[str, Asked] = {}
    for row in rows(folder / "questions.jsonl"):
        gold = row["gold"][0]
        if row["unique_in_split"]:
            asked |= {text: Asked(text, gold=(_place(gold, raw[gold["doc"]]),)) for text in _asked(row, gold)}
    return Task("forms", "sentence", task.articles, list(asked.values()))


def _place(gold: Mapping[str, Any], raw: str) -> Place:
    return Place(gold["doc"], moved(raw, Span(gold["content_start"], gold["content_end"])))


def _asked(row: Mapping[str, Any], gold: Mapping[str, Any]) -> Iterator[str]:
    told = [word for word in re.findall(r"[\w’'-]+", gold["content"]) if word.lower() not in stopwords()]
    told = [word for word in told if not set(words(word)) & set(words(row["speaker"]))]
    if len(told) < 4:
        return
    cue = gold["cue"] if gold["cue"] in speech().groups else "said"
    yield f"{FORMS['who']}{cue} that {' '.join(told[:6])}?"
    yield f"{FORMS['did']}{row['speaker']} {row['verb']} that {' '.join(told[:5])}?"
    longest = sorted((word for word in told if word.islower()), key=len)[-2:]
    if len(longest) == 2:
        topic = " ".join(word for word in dict.fromkeys(told) if word in longest)
        yield f"{FORMS['position']}{row['speaker']}’s position on {topic}?"
    other = _other(row, gold)
    if other and speech().groups.get(gold["cue"]) in _MEETS:
        yield f"{FORMS['respond']}{row['speaker']} respond to {other}?"


def _other(row: Mapping[str, Any], gold: Mapping[str, Any]) -> str:
    """Somebody else, or something, that is named in the sentence."""
    own = set(words(row["speaker"]))
    names = (match.group() for match in _NAME.finditer(gold["evidence"]))
    return next((name for name in names if not set(words(name)) & own), "")


def measure(system: System, task: Task) -> dict[str, float]:
    """hit@k for each form: a returned sentence overlaps the content that was marked."""
    found: dict[str, list[list[bool]]] = {form: [] for form in FORMS}
    for asked in task.asked:
        form = next(name for name, start in FORMS.items() if asked.text.startswith(start))
        found[form].append(_right(system.rank(asked.text, max(DEPTHS)), asked))
    return {
        f"{form} hit@{k}": mean([hit(right, k) for right in rights]) for form, rights in found.items() for k in DEPTHS
    }


def _right(found: list[Ranked], asked: Asked) -> list[bool]:
    return [any(ranked.place.overlaps(gold) for gold in asked.gold) for ranked in found]
