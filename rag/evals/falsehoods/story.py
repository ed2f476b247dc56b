"""What falsehoods are told over: real articles as sentences, with what people marked in them."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from rag.evals.sets import polnear, realtimeqa
from rag.evals.task import moved, rows
from rag.text import Span, normalise, sentences
from rag.types import Article

if TYPE_CHECKING:
    from spacy.tokens import Doc

Part = Literal["open", "aside"]
"""Which articles: those that anybody may develop with, or the quarter that is kept for checking what came of it."""

SHORTEST, LONGEST = 40, 320
"""Characters of a sentence that a falsehood is made from."""

_READ_FOR_NAMES = 18
_SENTENCE = re.compile(r"[A-Z“\"].*[.”\"]$")
_NOT_PROSE = re.compile(r"\n|https?:|www\.|@|\||©|…|\.\.\.|[A-Z]{5,}.*[A-Z]{5,}|[\[\]]")
_MARKS = re.compile(r"[“”\"]|(?<!\w)['‘]|''|``")


class Report(NamedTuple):
    """Somebody's words as people marked them: by whom, with which verb, and what."""

    source: str
    cue: str
    content: Span
    kind: str


@dataclass(frozen=True)
class Line:
    """A sentence of a story that falsehoods can be made from; `n` is its place among all sentences."""

    text: str
    span: Span
    n: int

    @cached_property
    def doc(self) -> Doc:
        return parsed(self.text)

    @cached_property
    def is_plain(self) -> bool:
        """Whether it has no quotation marks: nobody's words that an altered word would break."""
        return not _MARKS.search(self.text)


@dataclass(frozen=True)
class Story:
    """An article, who is marked to say what in it, and the questions that it is marked not to answer."""

    article: Article
    reports: tuple[Report, ...] = ()
    unanswered: tuple[str, ...] = ()

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        return tuple(sentences(self.article.text))

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        cut = ((n, span, self.article.text[slice(*span)]) for n, span in enumerate(self.sentences))
        return tuple(Line(text, span, n) for n, span, text in cut if _is_prose(text))

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Full names of people in the first sentences, no two of which share a word."""
        kept: list[str] = []
        for name in (name for line in self.lines[:_READ_FOR_NAMES] for name in people_in(line.doc)):
            if " " in name and not any(are_alike(name, other) for other in kept):
                kept.append(name)
        return tuple(kept)

    def line_at(self, span: Span) -> Line | None:
        """The sentence that `span` stands in, where falsehoods can be made from it."""
        return next((line for line in self.lines if line.span.covers(span)), None)

    def has_word(self, word: str) -> bool:
        return re.search(rf"\b{re.escape(word)}\b", self.article.text, re.IGNORECASE) is not None


def parsed(text: str) -> Doc:
    from rag.entailment.parser import parse

    return parse(text)


def people_in(doc: Doc) -> Iterator[str]:
    """The names of people, without what follows an apostrophe."""
    for entity in doc.ents:
        name = re.sub(r"['’]s?$", "", entity.text)
        if entity.label_ == "PERSON" and re.fullmatch(r"[A-Z][\w.’'-]+(?: [A-Z][\w.’'-]*)*", name):
            yield name


def are_alike(name: str, other: str) -> bool:
    """Whether two names may be one person's: they share a word."""
    return not words_of(name).isdisjoint(words_of(other))


def words_of(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[^\W_]+", text) if len(word) > 1}


def _is_prose(text: str) -> bool:
    if not SHORTEST <= len(text) <= LONGEST or not _SENTENCE.match(text) or _NOT_PROSE.search(text):
        return False
    words = re.findall(r"[^\W\d_]+", text)
    if sum(word[0].isupper() for word in words) > 0.6 * len(words):
        return False
    return text.count("“") == text.count("”") and text.count('"') % 2 == 0


# --- reading the data ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Newsstand:
    """The stories of one part of the data, by the set that they come from, in the order of a seed."""

    polnear: Sequence[Story]
    realtimeqa: Sequence[Story]
    squad2: Sequence[Story]
    clapnq: Sequence[Story]

    @cached_property
    def news(self) -> Sequence[Story]:
        """Both sets of news, so mixed that the smaller is not drowned."""
        dice = random.Random(len(self.polnear))  # noqa: S311 - the same order each time
        mixed = [*self.polnear, *self.realtimeqa[: 2 * len(self.polnear)]]
        dice.shuffle(mixed)
        return mixed


def is_aside(name: str) -> bool:
    """Whether the article with this id is kept for checking: a quarter of all are."""
    return hashlib.sha256(name.encode()).digest()[0] % 4 == 0


def newsstand(data: Path, part: Part, seed: int) -> Newsstand:
    """Raises SourceError for a file that is missing."""
    read = {
        "polnear": _polnear(data / "polnear"),
        "realtimeqa": (Story(article) for article in realtimeqa.load(data / "realtimeqa").articles),
        "squad2": _asked(rows(data / "squad2" / "qa.jsonl"), "para", "context", "is_impossible", wanted=True),
        "clapnq": _asked(rows(data / "clapnq" / "qa.jsonl"), "id", "text", "answerable", wanted=False),
    }
    return Newsstand(**{name: _drawn(stories, part, f"{seed}:{name}") for name, stories in read.items()})


def _drawn(stories: Iterable[Story], part: Part, seed: str) -> list[Story]:
    kept = [story for story in stories if is_aside(story.article.external_id) == (part == "aside")]
    random.Random(seed).shuffle(kept)  # noqa: S311 - the same order each time
    return kept


def _polnear(folder: Path) -> Iterator[Story]:
    articles = {article.external_id: article for article in polnear.load(folder).articles}
    for row in rows(folder / "articles.jsonl"):
        marked = row["annotations"][0]["attributions"]
        yield Story(articles[row["id"]], tuple(report for one in marked for report in _reports(one, row["text"])))


def _reports(attribution: dict[str, Any], raw: str) -> Iterator[Report]:
    """One marked attribution, where its content is one stretch and it has a source and a cue."""
    source, cue, content = (attribution.get(name) or [] for name in ("source", "cue", "content"))
    if len(source) == len(cue) == len(content) == 1 and len(content[0]["spans"]) == 1:
        span = Span(*content[0]["spans"][0])
        place = span if normalise(raw) == raw else moved(raw, span)
        yield Report(source[0]["text"], cue[0]["text"], place, attribution["kind"])


def _asked(records: list[dict[str, Any]], key: str, text: str, flag: str, *, wanted: bool) -> Iterator[Story]:
    """Paragraphs with the questions that they do not answer."""
    asked: dict[str, list[str]] = {}
    kept: dict[str, Article] = {}
    for row in records:
        if row[flag] is wanted:
            kept[row[key]] = Article(normalise(row[text]), title=row.get("title") or "", external_id=row[key])
            asked.setdefault(row[key], []).append(" ".join(row["question"].split()))
    return (Story(article, unanswered=tuple(asked[name])) for name, article in kept.items())
