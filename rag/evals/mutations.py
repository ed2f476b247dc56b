"""True quotations, and what dishonest or careless people make of them. Seeded: the same ones each time."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

Mutation = Callable[[str, random.Random], str | None]
"""The altered words, or None where these words cannot be altered so."""

_AUXILIARY = re.compile(
    r"\b(is|are|was|were|will|would|can|could|should|has|have|had|do|does|did|must)\b(?! not\b)(?!n[’']t)"
)
_NOT = re.compile(r"\b(?:not|never) |n[’']t\b")
_CLAUSE_END = re.compile(r"[,;:.!?—–“”\"()\n]")
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_NAME = re.compile(r"(?<=[\w,;] )[A-Z][a-z]{2,}\b")
_DATE = re.compile(
    r"\b(January|February|March|April|June|July|August|September|October|November|December"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|(?:19|20)\d\d|today|tomorrow|yesterday|week|month|year)\b"
)
_OTHER_DATE = {
    "today": "tomorrow",
    "tomorrow": "yesterday",
    "yesterday": "today",
    "week": "month",
    "month": "year",
    "year": "week",
}
_GLYPHS = str.maketrans("aeopcxyABEHKMOPCTX", "аеорсхуАВЕНКМОРСТХ")


def negated(words: str, dice: random.Random) -> str | None:
    """A "not" put in, or the one there taken out."""
    if _NOT.search(words):
        return _NOT.sub("", words, count=1)
    return _AUXILIARY.sub(r"\1 not", words, count=1) if _AUXILIARY.search(words) else None


def with_another_number(words: str, dice: random.Random) -> str | None:
    found = _NUMBER.findall(words)
    if not found:
        return None
    chosen = dice.choice(found)
    digits = [i for i, character in enumerate(chosen) if character.isdigit()]
    at = dice.choice(digits)
    other = str((int(chosen[at]) + dice.randint(1, 8)) % 10) if at or len(digits) == 1 else str(int(chosen[at]) % 9 + 1)
    return words.replace(chosen, chosen[:at] + other + chosen[at + 1 :], 1)


def with_another_name(words: str, dice: random.Random) -> str | None:
    found = _NAME.findall(words)
    return words.replace(dice.choice(found), "Quillfeather", 1) if found else None


def with_another_date(words: str, dice: random.Random) -> str | None:
    found = _DATE.search(words)
    if found is None:
        return None
    date = found[1]
    other = _OTHER_DATE.get(date) or (str(int(date) - 1) if date.isdigit() else "May")
    return words[: found.start()] + other + words[found.end() :]


def cut_from_its_negation(words: str, dice: random.Random) -> str | None:
    """Some words after the "not", to the end of its clause: each stands there, and the sense is another."""
    found = _NOT.search(words)
    rest = _CLAUSE_END.split(words[found.end() :])[0].split() if found else []
    return " ".join(rest[dice.randrange(len(rest) - 2) :]) if len(rest) >= 3 else None


def cut_before_its_negation(words: str, dice: random.Random) -> str | None:
    """The beginning of a clause, up to some word before the "not" in it."""
    found = _NOT.search(words)
    before = _CLAUSE_END.split(words[: found.start()])[-1].split() if found else []
    return " ".join(before[: dice.randrange(3, len(before) + 1)]) if len(before) >= 3 else None


def with_a_gap(words: str, dice: random.Random) -> str | None:
    """A word from the middle left out, without a sign of it."""
    pieces = words.split()
    if len(pieces) < 6:
        return None
    at = dice.randrange(2, len(pieces) - 2)
    return " ".join(pieces[:at] + pieces[at + 1 :])


def in_lookalike_letters(words: str, dice: random.Random) -> str | None:
    """One Latin letter, or several, as Cyrillic ones that look the same."""
    altered = words.translate(_GLYPHS)
    return altered if altered != words else None


def spliced(words: str, dice: random.Random) -> str | None:
    """Its beginning and its end with dots between, as if nothing of weight were missing."""
    pieces = words.split()
    return f"{' '.join(pieces[:3])} … {' '.join(pieces[-3:])}" if len(pieces) >= 9 else None


ALTERED: Mapping[str, Mutation] = {
    "negated": negated,
    "another number": with_another_number,
    "another name": with_another_name,
    "another date": with_another_date,
    "cut after its negation": cut_from_its_negation,
    "cut before its negation": cut_before_its_negation,
    "a word left out": with_a_gap,
    "look-alike letters": in_lookalike_letters,
    "spliced": spliced,
}


_TENSES = (
    ("will", "would"), ("is", "was"), ("are", "were"), ("has", "had"), ("have", "had"), ("can", "could"), ("do", "did"),
    ("was", "is"), ("were", "are"), ("says", "said"), ("would", "will"), ("could", "can"), ("did", "do"),
)  # fmt: skip
_HEDGE = re.compile(
    r"\b(?:could|might|may|should|if|unless|only|almost|nearly|perhaps|probably|likely|some|many|most) ", re.IGNORECASE
)


def in_another_tense(words: str, dice: random.Random) -> str | None:
    found = [(old, new) for old, new in _TENSES if re.search(rf"\b{old}\b(?![’'])", words)]
    if not found:
        return None
    old, new = dice.choice(found)
    return re.sub(rf"\b{old}\b(?![’'])", new, words, count=1)


def without_a_hedge(words: str, dice: random.Random) -> str | None:
    """A "could", an "if", a "some" taken out."""
    return _HEDGE.sub("", words, count=1) if _HEDGE.search(words) else None


def with_two_words_exchanged(words: str, dice: random.Random) -> str | None:
    pieces = words.split()
    places = [n for n in range(1, len(pieces) - 2) if pieces[n] != pieces[n + 1]]
    if len(pieces) < 6 or not places:
        return None
    at = dice.choice(places)
    return " ".join([*pieces[:at], pieces[at + 1], pieces[at], *pieces[at + 2 :]])


def cut_within_words(words: str, dice: random.Random) -> str | None:
    """Its first word without its beginning, or its last without its end."""
    first, last = re.match(r"\W*\w{4,}", words), re.search(r"\w{4,}\W*$", words)
    if first is None and last is None:
        return None
    return words[first.end() - 2 :] if first and (last is None or dice.random() < 0.5) else words[: last.start() + 2]  # type: ignore[union-attr]


def cut_at(joint: str) -> Mutation:
    """What cuts the words where `joint` matches between the two parts of one, and keeps either side of it."""
    pattern = re.compile(joint)

    def cut(words: str, dice: random.Random) -> str | None:
        found = [side for match in pattern.finditer(words) for side in (words[: match.start()], words[match.end() :])]
        sides = [side for side in found if len(side.split()) > 1]
        return dice.choice(sides) if sides else None

    return cut


def with_another_end_mark(words: str, dice: random.Random) -> str | None:
    """A question made of a statement within it, or a statement of a question."""
    marks = [match.start() for match in re.finditer(r"[.?!](?= [A-Z“])", words)]
    if not marks:
        return None
    at = dice.choice(marks)
    return words[:at] + ("." if words[at] in "?!" else "?") + words[at + 1 :]


def spliced_without_a_sign(words: str, dice: random.Random) -> str | None:
    """Its beginning and its end side by side, a stretch between left out."""
    pieces = words.split()
    if len(pieces) < 10:
        return None
    return " ".join([*pieces[:4], *pieces[-4:]])


WIDER: Mapping[str, Mutation] = {
    **ALTERED,
    "another tense": in_another_tense,
    "a hedge left out": without_a_hedge,
    "two words exchanged": with_two_words_exchanged,
    "cut within a word": cut_within_words,
    "cut within a contraction": cut_at(r"(?<=[A-Za-z])['’](?=(?:t|s|re|ve|ll|d|m)\b)"),
    "cut within a compound": cut_at(r"(?<=[A-Za-z])[-‐‑](?=[A-Za-z])"),
    "cut within a figure": cut_at(r"(?<=\d)[.,:/](?=\d)|(?<=[$£€])(?=\d)|(?<=\d)(?=%)"),
    "another end mark": with_another_end_mark,
    "spliced without a sign": spliced_without_a_sign,
}
"""What a check over all articles is tried with."""


def reflowed(words: str, dice: random.Random) -> str:
    """Lines broken elsewhere, other spaces, other marks and dashes: still the same words."""
    marks = str.maketrans({"“": '"', "”": '"', "’": "'", "‘": "'", "—": "–", "-": "‑"})
    return "".join(dice.choice(["\n", "  ", "\u00a0", " "]) if c == " " else c for c in words.translate(marks))


def as_given(words: str, dice: random.Random) -> str:
    return words


TRUE: Mapping[str, Callable[[str, random.Random], str]] = {"as it stands": as_given, "re-flowed, other marks": reflowed}
