"""Pullquote as one object: what the doors (command line, app, API) call, and nothing beside it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import cite, composition, grounds, models, prompts, sources, summary, verification
from rag import claims as claim_check
from rag.answer import answer, compose
from rag.attribution import attribute, speaker_of
from rag.conversations import DAMAGED, Conversations, Exchange, Transcript, Turn
from rag.database import Database
from rag.embeddings import Embedder, open_embedder
from rag.entailment import parser
from rag.errors import ArticleDamagedError, InputError, ModelError, NotFoundError
from rag.faults import faults
from rag.index import Index
from rag.ingest import BATCH_PASSAGES, IngestReport, Progress, ingest
from rag.library import Counts, Library, Record, as_record
from rag.lock import HomeLock
from rag.people import Voice, folded, key_of, spelled
from rag.preparation import Aside, Here, Preparation
from rag.quotes import look_up, other_versions, speaking, topics_of
from rag.retrieve import Retriever
from rag.settings import Settings
from rag.speech import question_for
from rag.statements import Version
from rag.summary import Summarising
from rag.text import Span
from rag.topics import Topic
from rag.types import (
    Answer,
    Article,
    Citation,
    Evidence,
    Filters,
    Passage,
    PassageVectors,
    Person,
    Quotation,
    Quotes,
    QuoteSearch,
    Summary,
    Verification,
)
from rag.voices import Decision
from rag.writer import Writer
from rag.writing import Writing, retold

NO_FILTERS = Filters()

FURTHER = 6
"""Sentences that are looked at beside the evidence for a yes or a no."""

BATCH_ARTICLES = 100
"""Articles held in memory while all are gone through."""


class Pullquote:
    """A collection of articles that can be asked. Made by `open_pullquote`; close it, or use `with`.

    Safe to call from several threads of the one process that owns the home.
    """

    def __init__(self, settings: Settings, lock: HomeLock, library: Library, index: Index, embedder: Embedder) -> None:
        self.settings = settings
        self.library = library
        self.index = index
        self.conversations = Conversations(library.database)
        self._lock = lock
        self._embedder = embedder
        self._preparation: Preparation = Here(embedder)
        self._retriever = Retriever(library, index, embedder.question)
        self.writer = Writer(settings)
        parser.use(settings.models_folder)

    def __enter__(self) -> Pullquote:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish what goes on in the background and let go of the home."""
        self.writer.close()
        self._preparation.close()
        self.index.close()
        self.library.database.close()
        sources.close()
        self._lock.release()

    def announce(self, url: str) -> None:
        """Say where this process answers, for a second one that is refused."""
        self._lock.announce(url)

    @property
    def wanted(self) -> bool:
        """Whether another process waits for this home, which was opened to be lent."""
        return self._lock.wanted

    # --- articles -----------------------------------------------------------------------------

    def prepare_aside(self) -> None:
        """From now on prepare articles in a process of its own, so that whoever asks meanwhile need not wait."""
        self._preparation = Aside(self._embedder)

    def ingest(self, names: Sequence[str], progress: Progress = lambda report: None) -> IngestReport:
        """Take in files and folders. What is here already is left alone; a changed text is a new revision."""
        return ingest(sources.read(names, self._limits), self.library, self.index, self._preparation, progress)

    def ingest_upload(self, name: str, data: bytes, progress: Progress = lambda report: None) -> IngestReport:
        """As `ingest`, for the bytes of one file (or pasted text, with an empty name)."""
        readings = sources.read_upload(name, data, self._limits)
        return ingest(readings, self.library, self.index, self._preparation, progress)

    def ingest_articles(self, articles: Sequence[Article]) -> IngestReport:
        """As `ingest`, for articles at hand; their texts must be normalised."""
        return ingest(articles, self.library, self.index, self._preparation)

    def articles(self, filters: Filters = NO_FILTERS) -> list[Record]:
        return list(self.library.records(filters))

    def article_page(self, filters: Filters, limit: int, start: int = 0) -> tuple[int, list[Record]]:
        """How many articles `filters` let through, and a page of them, newest first."""
        return len(self.library.selected(filters)), list(self.library.records(filters, limit, start))

    def article(self, article_id: str, revision: str = "") -> Record:
        """By its id, external id or URL. Raises NotFoundError, and ArticleDamagedError where it is not as stored."""
        return self.library.record(article_id, revision)

    def remove(self, article_id: str) -> Article:
        """Take an article out for good, with its revisions: its citations no longer resolve. A damaged one goes too."""
        article = as_record(self.library.found(article_id)).article
        dropped = self.library.remove(article.id)
        self.library.settle_people()
        self.index.follow([], dropped)
        self.index.settle()
        return article

    def counts(self) -> Counts:
        return self.library.counts()

    def stamp(self) -> tuple[object, ...]:
        """Another one whenever an article has come, changed or gone, or the user has decided who somebody is."""
        return self.library.passages_stamp(), tuple(self.library.voices.aliases())

    def publishers(self) -> list[str]:
        """Whose articles these are, each name once, by the alphabet."""
        return sorted(self.library.names("publisher"), key=str.casefold)

    # --- questions ----------------------------------------------------------------------------

    def ask(self, question: str, limit: int = 8, filters: Filters = NO_FILTERS) -> Answer:
        """The answer to `question` in verified quotations, from up to `limit` excerpts of evidence."""
        started = time.perf_counter()
        evidence, timings = self._retriever.evidence(question, limit, filters)
        composing = time.perf_counter()
        found = answer(question, evidence, self.settings.threshold)
        if not evidence and not self.counts().articles:
            found = replace(found, text=prompts.render("empty"))
        chosen = time.perf_counter()
        found = self._composed(found, filters)
        now = time.perf_counter()
        timings |= {
            "answer": round((chosen - composing) * 1000, 2),
            "compose": round((now - chosen) * 1000, 2),
            "total": round((now - started) * 1000, 2),
        }
        return replace(found, timings_ms=timings)

    def _further(self, found: Answer, statement: str, filters: Filters) -> list[grounds.Source]:
        """What else bears on what a question asks to be confirmed, or takes for granted, numbered on."""
        evidence, _ = self._retriever.evidence(statement, FURTHER, filters)
        known = {citation.id for citation in found.evidence}
        others = cite.numbered(one for one in evidence if one.excerpt.id not in known)
        return self._sources([replace(citation, n=citation.n + len(known)) for citation in others])

    def _composed(self, found: Answer, filters: Filters | None = None) -> Answer:
        """An answer in quotations, told by the program where it can; without its parser the quotations stand alone.

        With `filters` it looks for more in what they let through.
        """
        if not models.is_here(models.find("parser"), self.settings.models_folder):
            return found
        try:
            further = (lambda statement: self._further(found, statement, filters)) if filters is not None else None
            return composition.compose(found, self._sources(found.evidence), further or composition.nothing)
        except ModelError:  # a parser that does not open takes nothing away from the quotations
            return found

    def stand_alone(self, question: str, before: Sequence[str]) -> str:
        """`question` as it reads without those `before` it: itself, or by rule, or as the language model puts it."""
        return self.writer.stand_alone(question, before)

    def write(self, answer: Answer) -> Writing | None:
        """An answer of `ask` as the language model of the settings tells it, sentence by sentence.

        None where there is no model, or no answer.
        """
        return self.writer.write(answer, self._sources)

    def summarise(self, article_id: str) -> Summary:
        """An article by its best sentences, as they stand in it. Raises NotFoundError."""
        return summary.extract(self._best(self.library.record(article_id).article))

    def write_summary(self, article_id: str) -> Summarising | None:
        """The summary as the language model of the settings writes it, sentence by sentence; None where there is none.

        Raises NotFoundError.
        """
        article = self.library.record(article_id).article
        return self.writer.summarise(lambda: self._best(article))

    def _best(self, article: Article) -> list[grounds.Source]:
        """The sentences of an article that a summary may use, the best first."""
        vectors = self._sentence_vectors(article)
        said = self.library.quotations.of([article])[article.id]
        citations = [Citation(n, article.excerpt(span)) for n, span in enumerate(vectors, start=1)]
        voiced = [
            replace(c, speaker=speaker_of([q for q in said if q.excerpt.span.overlaps(c.excerpt.span)]))
            for c in citations
        ]
        return summary.best(grounds.sources(voiced, {article.id: said}), np.array(list(vectors.values())))

    def _sentence_vectors(self, article: Article) -> dict[Span, NDArray[np.float32]]:
        """Each sentence of an article with its vector, in order; those that the library lacks are made."""
        ids = self.library.passage_ids_of([article.id])
        stored = self.library.passages(ids)
        dimension = self._embedder.fingerprint.dimension
        rows = self.library.sentence_vectors(ids, dimension)
        found = {span: row for id_ in stored for span, row in zip(stored[id_].sentences, rows[id_], strict=False)}
        missing = [span for passage in stored.values() for span in passage.sentences if span not in found]
        made = self._embedder.documents([article.excerpt(span).text for span in missing])
        return dict(sorted((found | dict(zip(missing, made, strict=True))).items()))

    def search(self, query: str, limit: int = 10, filters: Filters = NO_FILTERS) -> list[Citation]:
        """The passages that fit `query` best, best first."""
        return cite.numbered(self._retriever.search(query, limit, filters))

    def quotes(self, search: QuoteSearch, limit: int = 50, start: int = 0) -> Quotes:
        """What is said in the articles: what is likeliest about something, or else all that fits, newest first."""
        return look_up(search, self.library, self._retriever, limit, start)

    def speaking(self, search: QuoteSearch) -> Mapping[str, int]:
        """How many of the quotations that fit `search` each person says, by key; "" has those that are nobody's."""
        return speaking(search, self.library, self._retriever)

    def quotation(self, citation_id: str) -> Quotation:
        """The quotation that stands just where a citation id says. Raises NotFoundError."""
        excerpt = self.cite(citation_id).excerpt
        said = self.library.quotations.of([excerpt.article])[excerpt.article.id]
        found = next((quotation for quotation in said if quotation.excerpt.span == excerpt.span), None)
        if found is None:
            raise NotFoundError(f"No quotation has just the words of {citation_id!r}. `pullquote quotes` lists them.")
        return found

    def versions(self, citation_id: str) -> list[Version]:
        """A quotation's statement as all articles print it, the earliest first; nothing where one alone has it."""
        return other_versions(self.quotation(citation_id), self.library)

    def topics(self, search: QuoteSearch, limit: int = 12) -> list[Topic]:
        """What the quotations that fit `search` talk about, the most telling first."""
        return topics_of(search, self.library, self._retriever, limit)

    # --- people -------------------------------------------------------------------------------

    def people(self, filters: Filters = NO_FILTERS, named: bool = True) -> list[Person]:
        """Everybody who speaks in the articles, most quoted first; only those with a name, if `named`."""
        within = self.library.selected(filters) if filters else None
        wanted = set(self.library.voices.named(filters.speakers)) if filters.speakers else None
        found = self.library.voices.people(within, named)
        return [person for person in found if wanted is None or person.key in wanted]

    def person(self, name: str) -> Person:
        """By key, or by a name that one person alone has. Raises NotFoundError."""
        found = self.library.voices.person(name)
        if found is not None:
            return found
        named = self.library.voices.named([name])
        exact = [key for key in named if key == key_of(name)]
        if len(exact or named) == 1 and (only := self.library.voices.person((exact or named)[0])):
            return only
        others = f" It may be {', '.join(named[:5])}." if named else ""
        raise NotFoundError(f"Nobody speaks as {name!r}.{others} `pullquote speakers` lists who does.")

    def known_people(self, keys: Sequence[str]) -> dict[str, Person]:
        """Those of `keys` who speak in the articles, by key; far quicker than `people`."""
        return self.library.voices.by_key(keys)

    def find_people(self, text: str) -> list[str]:
        """The keys of whoever has all words of `text` in a name, or begun there."""
        return self.library.voices.holding(text)

    def voices(self, person: str) -> list[Voice]:
        """What `person` is called in which article, the newest first."""
        return self.library.voices.of(person)

    def merge(self, person: str, into: str) -> Person:
        """Put all words of one person under another, now and in what comes in later. Raises NotFoundError."""
        one, other = self.person(person), self.person(into)
        if one.key == other.key:
            return other
        self.library.alias(self._decided(one), other.key, other.name)
        return self.person(other.key)

    def split(self, person: str, articles: Sequence[str], name: str) -> Person:
        """Put what a person says in these articles under another name, or under somebody who has that name.

        Raises NotFoundError, and InputError where the name is empty.
        """
        if not name.strip():
            raise InputError("A split needs a name to put the words under, and this one is empty.")
        one = self.person(person)
        ids = {self.article(article).article.id for article in articles}
        voices = [(voice.speaker, voice.article_id) for voice in self.voices(one.key) if voice.article_id in ids]
        if not voices:
            raise NotFoundError(f"{one.name} says nothing in these articles. `pullquote quotes --speaker` lists where.")
        key = self._key_for(name, one.key)
        there = self.library.voices.person(key)
        self.library.alias(voices, key, there.name if there else name)
        return self.person(key)

    def reset(self, person: str) -> int:
        """Take back what was merged into a person or split off: how many decisions. Raises NotFoundError."""
        decided = self.decisions(person)
        self.library.forget_alias(decided)
        return len(decided)

    def decisions(self, person: str) -> list[tuple[str, str]]:
        """What was merged into a person or split off as one: (speaker, article id, or "" for all articles).

        Also of people whose articles are all gone. Raises NotFoundError.
        """
        key, _ = self.decided(person)
        return [(speaker, article) for speaker, article, of in self.library.voices.aliases() if of == key]

    def decided(self, person: str) -> tuple[str, str]:
        """The key and the name of whom the user decided about or, where that is nobody of the name, of who speaks.

        Raises NotFoundError.
        """
        names = {decision.person: decision.name for decision in self.all_decisions()}
        key = next((key for key in (person, key_of(person)) if key in names), "")
        if key:
            here = self.library.voices.person(key)
            return key, here.name if here else names[key]
        try:
            found = self.person(person)
        except NotFoundError:
            asked = set(folded(person.casefold()))
            called = [key for key, name in names.items() if asked and asked.issubset(folded(name.casefold()))]
            if len(called) != 1:
                raise
            return called[0], names[called[0]]
        return found.key, found.name

    def all_decisions(self) -> list[Decision]:
        """Everything that was merged or split by the user, also where it waits for an article to come back."""
        return self.library.voices.decisions()

    def _decided(self, person: Person) -> list[tuple[str, str]]:
        """The voices of a person, to be decided about: a name in all articles where no spelling is somebody else's."""
        voices = self.voices(person.key)
        others = {spelled(speaker) for speaker, of in self.library.voices.spoken_as() if of != person.key}
        return list(
            dict.fromkeys(
                (voice.speaker, voice.article_id if spelled(voice.speaker) in others else "") for voice in voices
            )
        )

    def _key_for(self, name: str, of: str) -> str:
        """The key of whoever is called `name`; one that nobody has, where that would be the key `of`."""
        key = key_of(name) or name.casefold()
        if key != of:
            return key
        return next(other for n in itertools.count(2) if not self.library.voices.taken(other := f"{key} {n}"))

    def cite(self, citation_id: str) -> Citation:
        """The words that a citation id names, for as long as the article is here. Raises NotFoundError, and
        ArticleDamagedError where that is not what was stored.
        """
        return cite.find(citation_id, self.library)

    def verify(self, text: str, speaker: str = "", filters: Filters = NO_FILTERS, claims: bool = False) -> Verification:
        """What comes of checking each quotation in `text`, or all of it where it has no quotation marks.

        With `claims` the sentences outside of quotation marks too: whether the articles say so. Raises InputError for a
        text that is blank or longer than `rag.verification.LONGEST`, or has more sentences than `rag.claims.MOST`.
        """
        verification.look_over(text)
        sentences = claim_check.sentences(text) if claims else []
        found = verification.verify(text, self.library, speaker, filters)
        if not claims:
            return found
        return replace(found, claims=claim_check.check(text, sentences, self._retriever, filters))

    def suggestions(self, limit: int = 6) -> list[str]:
        """Questions that this library can answer, drawn from who says what in it."""
        questions = [question_for(speaker, cue) for speaker, cue in self.library.quotations.telling_reports(limit * 4)]
        return list(dict.fromkeys(question for question in questions if question))[:limit]

    # --- conversations ------------------------------------------------------------------------

    def recall(self, turn: Turn) -> Answer:
        """A saved answer, its quotations sliced anew. Those whose article is gone or damaged are left out, and the
        sentences that stood on them.
        """
        if turn.damaged:
            return replace(compose(turn.question, (), ()), text=DAMAGED)
        recalled = [self._recalled(saved) for saved in turn.cited]
        evidence = [e for e in map(self._recalled, turn.evidence) if e is not None]
        places = {n: e for n, e in enumerate(recalled, start=1) if e is not None}
        plain = replace(compose(turn.question, list(places.values()), evidence), searched=turn.searched)
        if turn.mode != "extractive":
            plain = self._composed(plain)
        sources = self._sources(plain.citations) if turn.claims else []
        return retold(plain, turn, list(places), sources)

    def transcript(self, conversation_id: str) -> Transcript:
        """A whole conversation, its answers recalled. Raises NotFoundError."""
        conversation = self.conversations.find(conversation_id)
        turns = self.conversations.turns(conversation_id)
        return Transcript(conversation, tuple(Exchange(turn, self.recall(turn)) for turn in turns))

    def feedback(self) -> list[tuple[Turn, Answer]]:
        """The answers of which a reader has said something, as they are recalled."""
        return [(turn, self.recall(turn)) for turn in self.conversations.rated()]

    def _sources(self, citations: Sequence[Citation]) -> list[grounds.Source]:
        """Citations with the speech in their articles."""
        articles = list({c.excerpt.article.id: c.excerpt.article for c in citations}.values())
        return grounds.sources(citations, self.library.quotations.of(articles))

    def _recalled(self, saved: tuple[str, str, float]) -> Evidence | None:
        citation_id, speaker, score = saved
        try:
            return Evidence(cite.resolve(citation_id, self.library), score, speaker)
        except (NotFoundError, ArticleDamagedError):
            return None

    # --- health -------------------------------------------------------------------------------

    def notices(self) -> list[str]:
        """Lines for the user: what was found damaged so far, and what was done about it."""
        return [*self.index.notices, *self.library.damaged.values()]

    def doctor(self) -> dict[str, Any]:
        """The health of library, index and models, and what was mended at this start."""
        self.index.wait()
        found = faults(self.library.database)
        index_fault = self.index.fault()
        return {
            "ok": not found and index_fault is None,
            "home": str(self.settings.home),
            "library": {"faults": found, **self.counts()._asdict(), "unembedded": self.library.unembedded()},
            "index": {"state": self.index.state, "fault": index_fault},
            "embeddings": str(self._embedder.fingerprint),
            "models": model_records(self.settings),
            "mended": list(self.index.notices),
        }

    def rebuild(self) -> Counts:
        """Read again who says what, and make full text and the search index again from the library's texts and vectors.

        Nothing is embedded anew, and nothing read out of a damaged text.
        """
        self.library.put_right()
        ids = self.library.selected(NO_FILTERS)
        for start in range(0, len(ids), BATCH_ARTICLES):
            for article in self.library.articles(ids[start : start + BATCH_ARTICLES]).values():
                self.library.replace_quotations(article, attribute(article))
        self.library.settle_people()
        self.index.rebuild()
        return self.counts()

    @property
    def _limits(self) -> sources.Limits:
        return sources.Limits(max_bytes=self.settings.max_bytes, parse_seconds=self.settings.parse_seconds)


def open_pullquote(settings: Settings, lends: bool = False) -> Pullquote:
    """Open the home of `settings`, making it where there is none.

    With `lends` the caller promises to close it, when it is idle, for whoever waits for it (`Pullquote.wanted`).

    Raises LockedError when another process has it, MismatchError when it was built with another
    model, ModelError when the embedding model can be neither found nor fetched.
    """
    lock = HomeLock(settings.home, lends)
    try:
        library = Library(Database(_library_file(settings)))
        embedder = open_embedder(settings)
        library.settle(embedder.fingerprint)
        library.settle_people()
        index = Index(settings.home / "index", library, embedder.fingerprint)
        return Pullquote(settings, lock, library, index, embedder)
    except BaseException:
        lock.release()
        raise


def embed_anew(settings: Settings) -> Counts:
    """Embed every stored passage with the model that the settings name now, after a change of model.

    In one transaction: until it ends, the library is as it was.
    """
    lock = HomeLock(settings.home)
    try:
        library = Library(Database(_library_file(settings)))
        embedder = open_embedder(settings)
        library.replace_vectors(embedder.fingerprint, _made_anew(library, embedder))
        counts = library.counts()
        library.database.close()
        return counts
    finally:
        lock.release()


def _made_anew(library: Library, embedder: Embedder) -> Iterator[tuple[int, PassageVectors]]:
    """Every passage's vectors, some hundred passages at a time: all at once would not fit into memory."""
    ids = library.passage_ids()
    for start in range(0, len(ids), BATCH_PASSAGES):
        stored = library.passages(ids[start : start + BATCH_PASSAGES])
        articles = library.articles(list({p.article_id for p in stored.values()}))
        whole = {n: p for n, p in stored.items() if p.article_id in articles}
        passages = [Passage(articles[p.article_id].excerpt(p.span), p.sentences) for p in whole.values()]
        yield from zip(whole, embedder.passages(passages), strict=True)
        nothing = np.zeros(embedder.fingerprint.dimension, np.float32)
        for lost in set(ids[start : start + BATCH_PASSAGES]) - whole.keys():  # of damaged articles: never shown
            yield lost, PassageVectors(nothing, nothing[None, :][:0])


def model_records(settings: Settings) -> list[dict[str, Any]]:
    """The known models and whether they are here."""
    folder = settings.models_folder
    return [
        {
            "name": model.name,
            "purpose": model.purpose,
            "title": model.title,
            "bytes": model.bytes,
            "sha256": model.sha256,
            "licence": model.licence,
            "path": str(folder / model.file) if models.is_here(model, folder) else None,
        }
        for model in models.known().values()
    ]


def _library_file(settings: Settings) -> Path:
    return settings.home / "library.sqlite3"
