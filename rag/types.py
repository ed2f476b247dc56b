"""The nouns of Pullquote, from what is stored to what is answered. Read this file to guess the rest.

Article ── excerpt(span) ──> Excerpt ──> Passage, Quotation ──> Evidence ──> Citation ──> Claim ──> Answer
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.text import Span

Vectors = NDArray[np.float32]
"""One unit vector a row."""

QuotationKind = Literal["direct", "mixed", "indirect"]
Mode = Literal["llm", "composed", "extractive"]
"""Who tells an answer: a language model; the program, in slices with who says them in front; or nobody, and the
quotations stand alone."""
SummaryKind = Literal["brief"]
Format = Literal["json", "markdown", "text", "csl-json", "bibtex", "ris", "web-annotation"]
"""How a citation, or a conversation, is written out."""
Feedback = Literal["helpful", "wrong", "missing"]
"""What a reader says of an answer; "missing" where it leaves out what is in the articles."""


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Article:
    """One revision of one article: its text, and what is known about it.

    `text` is normalised (`rag.text.normalise`) and never changes: another text is another
    revision. `published` is an ISO date or empty. `origin` is where it was read from.
    """

    text: str
    title: str = ""
    author: str = ""
    publisher: str = ""
    published: str = ""
    url: str = ""
    external_id: str = ""
    origin: str = ""
    stored_id: str = ""
    stored_revision: str = ""
    """The ids the library gave this article when it came in, empty before that. What was cited
    under an id keeps it, even if a later version of Pullquote were to make ids differently."""

    @cached_property
    def id(self) -> str:
        """What stays when the text is corrected: 20 hex digits.

        From the id it came with, else its URL, else its content.
        """
        if self.stored_id:
            return self.stored_id
        if self.external_id:
            return _digest("id", self.external_id)
        return _digest("url", self.url) if self.url else _digest("content", self.content_hash)

    @property
    def another_id(self) -> str:
        """An id for an article that differs only in having come from elsewhere: from its id and its keys."""
        return _digest("another", self.id, *self.keys)

    @cached_property
    def revision(self) -> str:
        """What changes when anything of it does: 20 hex digits over the article's id and content."""
        return self.stored_revision or _digest("revision", self.id, self.content_hash)

    @cached_property
    def content_hash(self) -> str:
        """Equal for two articles that a reader could not tell apart, wherever they were read."""
        return _digest("content", self.title, self.author, self.publisher, self.published, self.url, self.text)

    @property
    def day(self) -> int:
        """`published` as yyyymmdd, for range filters; 0 where it is not known."""
        return int(self.published.replace("-", "")) if self.published else 0

    @property
    def keys(self) -> list[str]:
        """By what this article is known again when it comes back changed, strongest first."""
        known = [("id", self.external_id), ("url", self.url), ("origin", self.origin)]
        return [f"{kind}:{value}" for kind, value in known if value]

    def stored_as(self, article_id: str) -> Article:
        """The same article under the id the library knows it by."""
        return replace(self, stored_id=article_id, stored_revision="")

    def excerpt(self, span: Span) -> Excerpt:
        """The words of this revision at `span`. The one place where text is sliced.

        Raises ValueError for a span that is empty or outside the text.
        """
        if not 0 <= span.start < span.end <= len(self.text):
            raise ValueError(f"{span} is not a stretch of the {len(self.text)} characters of {self.revision}")
        return Excerpt(self, span)


@dataclass(frozen=True)
class Excerpt:
    """Words of one article revision: passages, sentences and quotations alike.

    It holds no words of its own: `text` is the slice, so it cannot disagree with the article.
    Made by `Article.excerpt` only.
    """

    article: Article
    span: Span

    @property
    def text(self) -> str:
        return self.article.text[self.span.start : self.span.end]

    @property
    def id(self) -> str:
        """The citation id: revision and span. Resolves for as long as the article is in the library."""
        return f"{self.article.revision}-{self.span.start}-{self.span.end}"


@dataclass(frozen=True)
class Passage:
    """A run of whole sentences, the unit that is embedded and searched."""

    excerpt: Excerpt
    sentences: tuple[Span, ...]


@dataclass(frozen=True)
class StoredPassage:
    """A passage as the library holds it: where it is, not its words."""

    id: int
    article_id: str
    span: Span
    sentences: tuple[Span, ...]


class PassageVectors(NamedTuple):
    """The vectors of one passage: its own (of `rag.passages.embedded`), and one row a sentence of it."""

    whole: NDArray[np.float32]
    sentences: Vectors


@dataclass(frozen=True)
class Quotation:
    """Somebody's words in an article: which, whose, and how the article says so.

    `speaker` is the name as this article gives it at its fullest, empty where the article does
    not say; `cue` the reporting words ("objected"), empty likewise.
    """

    excerpt: Excerpt
    speaker: str
    cue: str
    kind: QuotationKind
    office: str = ""
    """What the article calls the speaker: "mayor of Orrisport"; empty where it does not."""
    person: str = ""
    """The key of the speaker among the people of the library; empty until it is stored there."""
    mention: Span | None = None
    """Where the article says who speaks: "she" in "she said"; of a quotation that goes on with another without
    saying so, where that one's is. None where it does not say."""
    cue_span: Span | None = None
    """Where `cue` stands, likewise."""


@dataclass(frozen=True)
class Person:
    """Somebody who speaks in the articles, or something: the names that these use, grouped.

    `names` as articles give them, the commonest first; `first` and `last` are the days of the first
    and the last article with their words, ISO or empty.
    """

    key: str
    name: str
    office: str
    names: tuple[str, ...]
    quotations: int
    articles: int
    first: str
    last: str
    apart: bool
    """Whether it is kept to one article, since others of the name may be somebody else."""


@dataclass(frozen=True)
class Filters:
    """Which articles a search may look at; an empty field lets all through.

    Names are compared without regard to case; `speakers` match on whole words, so that
    "Lavrov" finds "Sergey Lavrov". Days are inclusive; an article without a date is outside
    every range.
    """

    articles: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return self != Filters()


@dataclass(frozen=True)
class Evidence:
    """An excerpt that bears on a question.

    `score` estimates the probability, 0 to 1, that the question is answered here; `why` names
    what spoke for it ("meaning", "words", "speaker"); `relevance` is what evidence is ordered by.
    """

    excerpt: Excerpt
    score: float
    speaker: str = ""
    why: tuple[str, ...] = ()
    relevance: float = 0.0


@dataclass(frozen=True)
class Citation:
    """An excerpt as it is shown and exported: numbered, with all that a reference needs."""

    n: int
    excerpt: Excerpt
    speaker: str = ""
    score: float | None = None

    @property
    def id(self) -> str:
        return self.excerpt.id

    @property
    def quote(self) -> str:
        return self.excerpt.text


@dataclass(frozen=True)
class Quoted:
    """A quotation that was looked up; its citation's score is None where it was listed and not searched for.

    `person` is the key of whoever says it, `office` what the article calls them; both may be empty.
    """

    citation: Citation
    cue: str
    kind: QuotationKind
    person: str = ""
    office: str = ""
    mention: Excerpt | None = None
    """The words by which the article says who speaks; None where it does not."""
    cue_span: Span | None = None


@dataclass(frozen=True)
class QuoteSearch:
    """Which quotations to look up. An empty field lets all through; what is given must all hold.

    `about` finds by meaning; `words` must all stand in the quotation, those in double quotes side by
    side; `topic` must stand in its passage or title. `people` are keys of `Person`.
    """

    about: str = ""
    words: str = ""
    topic: str = ""
    people: tuple[str, ...] = ()
    kinds: tuple[QuotationKind, ...] = ()
    filters: Filters = Filters()
    oldest_first: bool = False


EXPORTED = 10_000
"""Quotations of one export, at most."""


@dataclass(frozen=True)
class Quotes:
    """A page of the quotations that were looked up, and what all of them together are like.

    `total` counts all that were found; `days` how many were published on each day (ISO, "" where it
    is not known). `capped` says that the search stopped before the end: there may be more.
    """

    found: tuple[Quoted, ...]
    total: int
    days: Mapping[str, int]
    capped: bool = False


_MARKERS = re.compile(r"(?:\s*\[\d+\])+$")


@dataclass(frozen=True)
class Claim:
    """One sentence of an answer and the numbers of the citations that it stands on."""

    text: str
    citations: tuple[int, ...]
    supported: bool

    @property
    def words(self) -> str:
        """The sentence without the markers at its end."""
        return _MARKERS.sub("", self.text)


@dataclass(frozen=True)
class Answer:
    """What came of a question. `citations` are those the claims use, and, where a model wrote these, whatever else
    answers; `evidence` is all that was found.

    When `abstained`, `evidence` holds the nearest excerpts, offered as such, and there are no claims, but for what is
    nearest where the program can say what it is that no article says. `timings_ms` has one entry a stage, in
    milliseconds. `withheld` sentences of the model's did not pass; `notice` says why a model that should have answered
    did not.
    """

    question: str
    text: str
    abstained: bool
    mode: Mode
    model: str | None
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    evidence: tuple[Citation, ...]
    timings_ms: Mapping[str, float] = field(default_factory=dict, compare=False)
    withheld: int = 0
    notice: str = ""
    searched: str = ""
    """The question as it was put to stand alone and searched for; empty where it was searched for as asked."""
    lead: str = ""
    """What the program says by itself, before its claims: "Yes:", "No:", or what no article says; mostly empty."""
    composed: int = 0
    """How many of the claims, the first ones, the program composed."""


@dataclass(frozen=True)
class Summary:
    """An article in three to six sentences, fewer where it is short; each cites what it stands on.

    A sentence has no markers. With no model its text is the quotation that it cites; where a model passed fewer than
    three, the article's own fill them up. `withheld` and `notice` are as in `Answer`.
    """

    kind: SummaryKind
    sentences: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    mode: Mode = "extractive"
    model: str | None = None
    withheld: int = 0
    notice: str = ""


Verdict = Literal["verbatim", "folded", "altered", "misattributed", "not_found"]
"""What comes of checking a quotation, best first: the words as they stand; the same but for space, quotation marks and
dashes; other words, or cut so that they say something else; these words, and another's; none of this."""

PASSING: frozenset[Verdict] = frozenset({"verbatim", "folded"})
"""The verdicts with which words may be printed as a quotation."""

ChangeKind = Literal["equal", "left out", "put in", "replaced"]
Reason = Literal[
    "negation", "figure", "condition", "hedge", "look-alike", "case", "marks", "words", "inserted", "safe cut",
    "unsafe cut", "clipped", "cut word", "speaker", "no speaker",
]  # fmt: skip
"""What is wrong with words, or is to be known of them."""


class Change(NamedTuple):
    """A stretch of a pasted quotation beside what stands in the article: word by word, space after a word included.

    "left out" is what the quotation lacks (an ellipsis may stand for it), "put in" what it has of its own. Of "equal"
    words the two sides may differ in how they are set: in space, quotation marks and dashes.
    """

    kind: ChangeKind
    pasted: str
    stored: str


@dataclass(frozen=True)
class Match:
    """A place in an article that a checked quotation is, or is nearest to.

    All `pasted` of its `diff` make up the words as they were pasted, all `stored` the words of its citation.
    """

    citation: Citation
    verdict: Verdict
    diff: tuple[Change, ...]
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Checked:
    """A quotation that was pasted: its words, `span` in what was pasted, whose it is said to be, and what came of it.

    `matches` are the places where it stands, best first; where it stands nowhere, those nearest to it.
    """

    words: str
    span: Span
    speaker: str
    verdict: Verdict
    matches: tuple[Match, ...]


ClaimVerdict = Literal["follows", "contradicted", "attributed", "not_found"]
"""What comes of checking a sentence: an article says it; one says the opposite; it stands there as somebody's words
only; or none of this. A check of words and relations, not of the world."""


@dataclass(frozen=True)
class CheckedClaim:
    """A sentence outside quotation marks: its words, `span` in what was pasted, and the sentences it is judged by.

    `citations` are the sentences that the verdict stands on, one an article or those that say it together, none where
    nothing was found; `against` those of other articles that contradict a sentence which follows.
    """

    words: str
    span: Span
    verdict: ClaimVerdict
    citations: tuple[Citation, ...] = ()
    against: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class Verification:
    """What came of checking each quotation in a text, in its order; `verdict` is the worst of theirs.

    A `bare` text has no quotation marks, and was checked as one quotation. `claims` are its sentences outside of
    quotation marks, None where these were not to be checked.
    """

    verdict: Verdict
    quotations: tuple[Checked, ...]
    bare: bool = False
    claims: tuple[CheckedClaim, ...] | None = None

    @property
    def passes(self) -> bool:
        """Whether all of it may be printed, as far as it was checked: the words in marks are the articles' own, and
        all other sentences follow.
        """
        quotations = () if self.is_prose else self.quotations
        return all(q.verdict in PASSING for q in quotations) and all(c.verdict == "follows" for c in self.claims or ())

    @property
    def is_prose(self) -> bool:
        """Whether what was looked up as a quotation is none: its sentences were checked instead."""
        return self.bare and bool(self.claims)

    @property
    def telling(self) -> Checked:
        """The first quotation that set the verdict."""
        return next(checked for checked in self.quotations if checked.verdict == self.verdict)


class Fate(NamedTuple):
    """What became of one article at ingest."""

    article_id: str
    outcome: Literal["added", "updated", "unchanged", "duplicates"]


@dataclass(frozen=True)
class Fingerprint:
    """What vectors were made with; those of another model cannot be searched together with them."""

    model: str
    dimension: int

    def __str__(self) -> str:
        return f"{self.model} ({self.dimension} dimensions)"
