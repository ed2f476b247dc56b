"""What goes in and comes out, as OpenAPI says it. What comes out is the JSON of the command line, field for field."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from rag.batch import day
from rag.text import normalise
from rag.types import ChangeKind, ClaimVerdict, Filters, Format, Mode, QuotationKind, Reason, SummaryKind, Verdict
from rag.verification import LONGEST as LONGEST_TEXT

LONGEST_QUESTION = 2_000
"""Characters of a question or a query, as in the browser."""

MOST_AT_ONCE = 1_000
"""Articles of one request."""


def _worded(text: str) -> str:
    text = normalise(text)
    if not text.strip():
        raise ValueError("it is blank")
    return text


def _day(written: object) -> date | None:
    """A day that is written out: of itself pydantic would read "1", and any number, as a moment of 1970."""
    if written is None or isinstance(written, date):
        return written
    if not isinstance(written, str):
        raise ValueError("it is no day; write it as 2026-09-30")
    return day(written)


WORDED = {"pattern": r"[^\s\u0000-\u001f\u007f-\u009f]"}
"""How a schema says that a text is not blank."""


def _no_other_type(written: object) -> object:
    """Numbers as JSON has them: of itself pydantic would read "3", and true as 1."""
    if isinstance(written, bool | str):
        raise ValueError("it is no number; write it as 8")
    return written


Whole = Annotated[int, BeforeValidator(_no_other_type)]
Flag = Annotated[bool, Field(strict=True)]
"""True or false, and not "yes" or 1."""

Question = Annotated[
    str, Field(min_length=1, max_length=LONGEST_QUESTION, json_schema_extra=WORDED), AfterValidator(_worded)
]
Name = Annotated[str, Field(max_length=LONGEST_QUESTION), AfterValidator(normalise)]
Names = Annotated[list[Name], Field(max_length=100)]
Day = Annotated[date | None, BeforeValidator(_day)]
"""Written as 2026-09-30 and in no other way."""


class Input(BaseModel):
    """A body that is refused where it has a field which nobody reads: a misspelt filter must not let all through."""

    model_config = ConfigDict(extra="forbid")


class Output(BaseModel):
    """A record of the contract: no field more and none less."""

    model_config = ConfigDict(extra="forbid")


class FilterBody(Input):
    """Which articles are looked at; what is given must all hold."""

    article: Names = Field(default=[], description="Only these articles: by id, external id or URL.")
    publisher: Names = Field(default=[], description="Only these publishers.")
    author: Names = Field(default=[], description="Only these authors.")
    speaker: Names = Field(
        default=[], description="Only what these people say: a name, or a part of one in whole words."
    )
    since: Day = Field(default=None, description="Published on or after this day.")
    until: Day = Field(default=None, description="Published on or before this day.")

    @property
    def filters(self) -> Filters:
        return Filters(
            articles=tuple(self.article),
            publishers=tuple(self.publisher),
            authors=tuple(self.author),
            speakers=tuple(self.speaker),
            since=self.since,
            until=self.until,
        )


class AskBody(Input):
    question: Question
    k: Whole = Field(default=8, ge=1, le=100, description="Excerpts of evidence, at most.")
    llm: Flag = Field(default=True, description="Whether a language model may write, where there is one.")
    stream: Flag = Field(default=False, description="Answer in server-sent events, as it comes.")
    before: list[Question] = Field(
        default=[], max_length=20, description="The questions before it, which it may lean on."
    )
    filters: FilterBody = Field(default_factory=FilterBody)


class SearchBody(Input):
    query: Question
    k: Whole = Field(default=10, ge=1, le=100, description="Passages, at most.")
    filters: FilterBody = Field(default_factory=FilterBody)


class VerifyBody(Input):
    text: Annotated[
        str, Field(min_length=1, max_length=LONGEST_TEXT, json_schema_extra=WORDED), AfterValidator(_worded)
    ] = Field(description="A quotation, or a draft with quotations in it.")
    speaker: Name = Field(default="", description="Whose words they are said to be.")
    claims: Flag = Field(
        default=False, description="Whether to check the sentences outside of quotation marks too, up to 100."
    )
    filters: FilterBody = Field(default_factory=FilterBody)


class SummariseBody(Input):
    article: Question = Field(description="An article's id, external id or URL.")
    llm: Flag = Field(default=True, description="Whether a language model may write, where there is one.")


class ArticleBody(Input):
    """An article to take in, as a line of JSON Lines has it."""

    text: Annotated[str, Field(min_length=1)]
    id: str | None = Field(default=None, max_length=LONGEST_QUESTION, description="By which it is known again.")
    title: str | None = Field(default=None, max_length=LONGEST_QUESTION)
    url: str | None = Field(default=None, max_length=LONGEST_QUESTION)
    publisher: str | None = Field(default=None, max_length=LONGEST_QUESTION)
    author: str | None = Field(default=None, max_length=LONGEST_QUESTION)
    published: str | None = Field(default=None, max_length=40, description="A day, as 2026-09-30.")


class IngestBody(Input):
    articles: list[ArticleBody] = Field(min_length=1, max_length=MOST_AT_ONCE)


class PageQuery(FilterBody):
    limit: int = Field(default=50, ge=1, le=1_000, description="Of one page, at most.")
    start: int = Field(
        default=0, ge=0, le=10_000_000, description="How many to pass over: the `next` of the page before."
    )


class QuotesQuery(PageQuery):
    about: Name = Field(default="", description="Only what is said about this, by meaning; the likeliest first.")
    words: Name = Field(default="", description='Only with all these words; those in "double quotes" side by side.')
    topic: Name = Field(default="", description="Only where these words stand near.")
    kind: list[QuotationKind] = Field(default=[], max_length=3, description="Only speech of these kinds.")


class SpeakersQuery(PageQuery):
    unnamed: bool = Field(default=False, description="Also whoever has no name: the mayor.")


# --- out --------------------------------------------------------------------------------------


class Citation(Output):
    """A quotation: `quote` is `text[start:end]` of that revision of its article, to the character."""

    id: str = Field(description="Resolves for as long as the article is in the library.")
    n: int
    quote: str
    start: int
    end: int
    article_id: str
    revision: str
    external_id: str | None
    title: str
    author: str
    publisher: str
    published: str | None
    url: str | None
    link: str = Field(description="Opens the reader on the passage.")
    speaker: str | None
    score: float | None
    fragment_url: str | None = Field(
        None, description="The article's own page with the words marked; where it has a URL."
    )


class CitationInContext(Citation):
    before: str
    after: str


class CitationAs(CitationInContext):
    """The same, and how it's written where another format than JSON was asked for."""

    format: Format | None = None
    text: str | None = None


class SaidCitation(Citation):
    """A quotation with how its article says who speaks."""

    cue: str | None
    kind: QuotationKind
    person: str | None
    office: str | None
    mention: str | None
    mention_start: int | None
    mention_end: int | None
    cue_start: int | None
    cue_end: int | None


class Claim(Output):
    text: str
    citations: list[int]
    supported: bool


class Answer(Output):
    question: str
    answer: str
    abstained: bool = Field(description="Whether nothing in the articles is good enough; then there are no claims.")
    mode: Mode
    model: str | None
    claims: list[Claim]
    citations: list[Citation]
    evidence: list[Citation]
    timings_ms: dict[str, float]


class Hits(Output):
    hits: list[Citation]


class Page(Output):
    """A part of a list; `next` is the `start` of the part after it, null at the end."""

    total: int
    next: int | None


class Quotations(Page):
    quotations: list[SaidCitation]


class Speaker(Output):
    key: str
    name: str
    office: str | None
    names: list[str]
    quotations: int
    articles: int
    first: str | None
    last: str | None
    apart: bool


class Speakers(Page):
    speakers: list[Speaker]


class Article(Output):
    id: str
    revision: str
    external_id: str | None
    title: str
    author: str
    publisher: str
    published: str | None
    url: str | None
    origin: str | None
    characters: int
    added_at: str
    read_at: str


class Articles(Page):
    articles: list[Article]


class Revision(Output):
    revision: str
    read_at: str


class WholeArticle(Article):
    text: str
    revisions: list[Revision] = Field(description="The oldest first.")


class Removed(Output):
    removed: str
    title: str


class Sentence(Output):
    text: str
    citations: list[int]


class Summary(Output):
    kind: SummaryKind
    sentences: list[Sentence]
    citations: list[Citation]
    mode: Mode
    model: str | None


class Change(Output):
    """A stretch that is the same in both, or is not: what was pasted and what the article has."""

    kind: ChangeKind
    pasted: str
    stored: str


class Match(Citation):
    """Where words stand, or what is nearest; what differs, and why that matters."""

    verdict: Verdict
    reasons: list[Reason]
    diff: list[Change]


class Checked(Output):
    """A quotation of the text, and where it stands there."""

    quote: str
    start: int
    end: int
    speaker: str | None
    verdict: Verdict
    matches: list[Match]


class CheckedClaim(Output):
    """A sentence outside of quotation marks, and the sentences of the articles that its verdict stands on.

    A check of words and relations, not of the world.
    """

    text: str
    verdict: ClaimVerdict
    citations: list[Citation]
    against: list[Citation] | None = Field(
        None,
        description="What contradicts a sentence that follows, in other articles; there only where something does.",
    )


class Verification(Output):
    """The worst verdict, the matches of the first quotation that has it, and each quotation by itself."""

    verdict: Verdict
    matches: list[Match]
    quotations: list[Checked]
    claims: list[CheckedClaim] | None = Field(None, description="There only where `claims` was asked for.")


class Failure(Output):
    source: str
    error: str


class Ingested(Output):
    added: int
    updated: int
    unchanged: int
    duplicates: int
    failed: list[Failure] = Field(description="The first of them.")
    articles: int
    passages: int
    quotations: int
    seconds: float
    unlisted: int = Field(description="How many failed beyond those of `failed`.")


class Job(Output):
    """Articles on their way in. `report` counts what came of them so far; it is whole once the job is done."""

    id: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    created_at: str
    finished_at: str | None
    report: Ingested | None
    error: str | None


class Jobs(Output):
    jobs: list[Job]


class Health(Output):
    status: Literal["ok"]
    version: str
    articles: int
    passages: int
    quotations: int
    index: str = Field(description="`ready`, or what becomes of it.")
    model: str | None = Field(description="Who writes answers; null where nobody does.")


class FaultAt(Output):
    pointer: str
    detail: str


class ProblemRecord(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: list[FaultAt] | None = None
    unlisted: int | None = Field(None, description="How many faults there are beyond those of `errors`.")
