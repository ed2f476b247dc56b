"""The news that benchmarks run on: the articles there are, then copies of these with other names and numbers."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import cache
from itertools import chain, count, cycle, islice, zip_longest
from pathlib import Path

from rag.evals.sets import polnear, realtimeqa
from rag.evals.task import rows
from rag.text import normalise
from rag.types import Article

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"[0-9]+")
_AMID = re.compile(r"""(?:(?<=[a-z,;]\s)|(?<=,[”’"']\s))[^\W\d_a-z]\w+""")
"""A word with a capital where no sentence starts: after a lower-case letter, a comma, a quotation that goes on."""

SPARE = ("Ashdown", "Bellweather")
"""Names that are always among those a copy may use, so that even a lone name has another."""


def articles(data: Path, wanted: int, seed: int = 0) -> Iterator[Article]:
    """`wanted` articles from the folder with polnear's and realtimeqa's: the real ones, then copies of these."""
    real = originals(data)
    return islice(chain(real, copies(real, seed)), wanted)


def originals(data: Path) -> list[Article]:
    """Polnear's and realtimeqa's articles in turn, then what is left of the larger; each text and address once."""
    both = (polnear.load(data / "polnear").articles, realtimeqa.load(data / "realtimeqa").articles)
    seen: set[str] = set()
    kept = []
    for article in (article for pair in zip_longest(*both) for article in pair if article is not None):
        marks = {article.external_id, article.url, article.text} - {""}
        if not marks & seen:
            kept.append(article)
        seen |= marks
    return kept


def questions(data: Path, wanted: int) -> list[str]:
    """`wanted` questions about these articles, both sets in turn, from the start again where there are too few."""
    sets = [[row["question"] for row in rows(data / name / "questions.jsonl")] for name in ("polnear", "realtimeqa")]
    return list(islice((question for pair in zip(*map(cycle, sets), strict=False) for question in pair), wanted))


# --- copies -----------------------------------------------------------------------------------


def copies(real: Sequence[Article], seed: int = 0) -> Iterator[Article]:
    """Editions of `real` without end. In each, every name word is another and every number is another.

    The same seed gives the same copies. Names change places with names of the same articles, so that
    some stay common and most rare. An article without a name or a number is not copied.
    """
    names = names_in(real)
    tellable = [a for a in real if _NUMBER.search(a.text) or not names.isdisjoint(_WORD.findall(a.text))]
    for edition in count(2) if tellable else ():
        reword = rewording(names, f"{seed}:{edition}")
        for article in tellable:
            yield replace(
                article,
                text=reword(article.text),
                title=reword(article.title),
                author=reword(article.author),
                url=f"{article.url}#{edition}" if article.url else "",
                external_id=f"{article.external_id}-{edition}",
            )


def names_in(real: Iterable[Article]) -> set[str]:
    """The words that have a capital in mid-sentence more often than they have none: names of all kinds."""
    words: Counter[str] = Counter()
    amid: Counter[str] = Counter()
    for article in real:
        words.update(_WORD.findall(article.text))
        amid.update(_AMID.findall(article.text))
    return {word for word, n in amid.items() if word.isalpha() and word[0].isupper() and n > words[word.lower()]}


def rewording(names: Iterable[str], seed: str) -> Callable[[str], str]:
    """A function from a text to the same with every one of `names`, and every number, changed for another."""
    pool = sorted({*names, *SPARE}, key=lambda name: _hash(seed, name))
    others = dict(zip(pool, [*pool[1:], pool[0]], strict=True))

    @cache
    def another(word: str) -> str:
        return others.get(word) or _NUMBER.sub(lambda found: _another_number(found[0], seed), word)

    return lambda text: normalise(_WORD.sub(lambda found: another(found[0]), text))


def _another_number(digits: str, seed: str) -> str:
    """As long, every digit moved on by as many, so that none stays; the first is no zero."""
    moves = [move for move in range(1, 10) if (int(digits[0]) + move) % 10]
    move = moves[_hash(seed, digits) % len(moves)]
    return "".join(str((int(digit) + move) % 10) for digit in digits)


def _hash(seed: str, word: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{word}".encode()).digest()[:8], "big")


# --- a file of articles -----------------------------------------------------------------------


def write(path: Path, given: Iterable[Article]) -> int:
    """Put articles into a file, one a line, for processes that must not hold them all; returns how many."""
    written = 0
    with path.open("w", encoding="utf-8") as file:
        for written, article in enumerate(given, start=1):  # noqa: B007 - the last number is what is returned
            file.write(json.dumps(asdict(article)) + "\n")
    return written


def read(path: Path, first: int, last: int, block: int = 1_000) -> Iterator[list[Article]]:
    """Articles `first` to `last` (exclusive) of such a file, at most `block` of them in memory at once."""
    with path.open(encoding="utf-8") as file:
        wanted = islice(file, first, last)
        while lines := list(islice(wanted, block)):
            yield [Article(**json.loads(line)) for line in lines]
