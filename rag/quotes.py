"""Quotations looked up: by who says them, by words, topic and meaning, by kind, outlet and day.

search ──> meaning ──> the likeliest, ranked
       ──> words, topic ──> passages by full text, then the quotations themselves ──> by day
       ──> nothing but filters ──> all of them, by day, a page at a time
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from rag.library import Library
from rag.quotations import Saying, Wanted
from rag.retrieve import Retriever
from rag.statements import Version, states_the_same, versions
from rag.text import fold
from rag.topics import Topic, topics
from rag.types import Article, Citation, Quotation, Quoted, Quotes, QuoteSearch
from rag.words import stem, stems, stopwords, words

RANKED = 200
"""Quotations found by meaning, at most: beyond, likeness says little."""

MATCHED = 5_000
"""Passages that full text gives for words that must all be there."""

TWINS = 40
"""Passages that are looked at for other versions of a statement."""

RARE = 8
"""Rarest words of a statement by which its other versions are found."""

SAMPLED = 300
"""Quotations that the topics of a selection are read from."""

_PHRASE = re.compile(r'"([^"]+)"')


def look_up(search: QuoteSearch, library: Library, retriever: Retriever, limit: int = 50, start: int = 0) -> Quotes:
    """The quotations from `start` that fit `search`: by meaning the likeliest first; else by day, newest first."""
    with library.database.snapshot():
        if (search.words or search.topic) and not words(f"{search.words} {search.topic}"):
            return _page([], limit, start, capped=False)  # marks only, which stand in no word
        if search.about:
            return _ranked(search, library, retriever, limit, start)
        wanted = wanted_by(search, library)
        if not (search.words or search.topic):
            days = library.quotations.per_day(wanted)
            page = library.quotations.said(wanted, limit, start)
            found = [(quotation, None) for quotation in _quotations(page, library)]
            return Quotes(_numbered(found, start), sum(days.values()), _iso(days))
        matched = _matching(search, library.quotations.said(wanted), library)
        capped = wanted.passages is not None and len(wanted.passages) == MATCHED
        return _page([(quotation, None) for quotation in matched], limit, start, capped=capped)


def speaking(search: QuoteSearch, library: Library, retriever: Retriever) -> Mapping[str, int]:
    """How many of the quotations that fit `search` each person says, by key; "" has those that are nobody's."""
    if search.about or search.words or search.topic:
        return Counter(quoted.person for quoted in look_up(search, library, retriever, MATCHED).found)
    with library.database.snapshot():
        return library.quotations.per_person(wanted_by(search, library))


def other_versions(quotation: Quotation, library: Library) -> list[Version]:
    """A statement as the articles print it, the earliest first; of each article, the version most like it.

    Nothing, where one article alone has it.
    """
    with library.database.snapshot():
        passages = library.passages(library.match(_rarest(quotation, library), TWINS))
        articles = library.articles(list({passage.article_id for passage in passages.values()}))
        near = library.quotations.in_passages(list(passages.values()), articles)
    twins: dict[str, Quotation] = {}
    for passage in passages.values():
        for other in near[passage.id]:
            if passage.article_id != quotation.excerpt.article.id and states_the_same(quotation, other):
                known = twins.get(passage.article_id)
                twins[passage.article_id] = min((o for o in (known, other) if o), key=_unlike(quotation))
    return versions([quotation, *twins.values()]) if twins else []


def topics_of(search: QuoteSearch, library: Library, retriever: Retriever, limit: int = 12) -> list[Topic]:
    """What the quotations that fit `search` talk about, read from the first of them."""
    found = look_up(search, library, retriever, SAMPLED).found
    quotations = [Quotation(q.citation.excerpt, q.citation.speaker, q.cue, q.kind) for q in found]
    return topics(quotations, library.document_frequency, library.counts().passages, limit)


def _rarest(quotation: Quotation, library: Library) -> list[str]:
    """The words by which a statement can be found where it stands in other words too."""
    told = {word: stem(word) for word in words(quotation.excerpt.text) if word not in stopwords()}
    frequency = library.document_frequency(list(set(told.values())))
    return sorted(told, key=lambda word: (frequency[told[word]], word))[:RARE]


def _unlike(one: Quotation) -> Callable[[Quotation], tuple[bool, bool, int]]:
    """How far another version is from `one`: another speaker, then another kind of speech, then another length."""
    length = len(one.excerpt.text)
    return lambda other: (other.person != one.person, other.kind != one.kind, abs(len(other.excerpt.text) - length))


def wanted_by(search: QuoteSearch, library: Library) -> Wanted:
    """What of `search` the attribution index and full text can tell."""
    filters = search.filters
    people = list(search.people) if search.people else None
    if filters.speakers:
        named = library.voices.named(filters.speakers)
        people = named if people is None else [person for person in people if person in set(named)]
    return Wanted(
        people=people,
        within=library.selected(filters) if filters else None,
        kinds=search.kinds or None,
        passages=_passages(search, library),
        oldest_first=search.oldest_first,
    )


def _passages(search: QuoteSearch, library: Library) -> list[int] | None:
    """The passages that hold every word of `words`, and of `topic`; None where neither is asked."""
    terms = words(f"{search.words} {search.topic}")
    return library.holding(terms, MATCHED) if terms else None


def _ranked(search: QuoteSearch, library: Library, retriever: Retriever, limit: int, start: int) -> Quotes:
    filters = search.filters
    people = frozenset(search.people) or None
    ranked = [
        (quotation, score)
        for quotation, score in retriever.quotations(search.about, RANKED, filters)
        if (people is None or quotation.person in people) and (not search.kinds or quotation.kind in search.kinds)
    ]
    fitting = set(map(_key, _fitting(search, [quotation for quotation, _ in ranked])))
    return _page([pair for pair in ranked if _key(pair[0]) in fitting], limit, start, capped=len(ranked) >= RANKED)


def _matching(search: QuoteSearch, said: Sequence[Saying], library: Library) -> list[Quotation]:
    return _fitting(search, _quotations(said, library))


def _fitting(search: QuoteSearch, quotations: Sequence[Quotation]) -> list[Quotation]:
    """Those whose own words hold all of `words`, and whose article's title or words hold the topic."""
    wanted, topic = set(stems(search.words)), set(stems(search.topic))
    phrases = [fold(phrase).casefold() for phrase in _PHRASE.findall(fold(search.words))]
    found = []
    for quotation in quotations:
        own = fold(quotation.excerpt.text).casefold()
        if wanted <= set(stems(own)) and all(phrase in own for phrase in phrases) and _touches(quotation, topic):
            found.append(quotation)
    return found


def _touches(quotation: Quotation, topic: set[str]) -> bool:
    """Whether the stems of a topic stand in a quotation, in its paragraph or in the title of its article."""
    if not topic:
        return True
    article = quotation.excerpt.article
    start = article.text.rfind("\n", 0, quotation.excerpt.span.start) + 1
    end = article.text.find("\n", quotation.excerpt.span.end)
    around = article.text[start : end if end >= 0 else len(article.text)]
    return topic <= {*stems(article.title), *stems(around)}


def _quotations(said: Sequence[Saying], library: Library) -> list[Quotation]:
    articles: Mapping[str, Article] = library.articles(list({saying.article_id for saying in said}))
    return [saying.of(articles[saying.article_id]) for saying in said if saying.article_id in articles]


def _page(found: Sequence[tuple[Quotation, float | None]], limit: int, start: int, *, capped: bool) -> Quotes:
    days = Counter(quotation.excerpt.article.published for quotation, _ in found)
    return Quotes(_numbered(found[start : start + limit], start), len(found), dict(sorted(days.items())), capped)


def _numbered(found: Sequence[tuple[Quotation, float | None]], start: int) -> tuple[Quoted, ...]:
    return tuple(
        Quoted(
            Citation(n, quotation.excerpt, quotation.speaker, score),
            quotation.cue,
            quotation.kind,
            quotation.person,
            quotation.office,
            quotation.excerpt.article.excerpt(quotation.mention) if quotation.mention else None,
            quotation.cue_span,
        )
        for n, (quotation, score) in enumerate(found, start=start + 1)
    )


def _iso(days: Mapping[int, int]) -> dict[str, int]:
    return {f"{d // 10000:04}-{d // 100 % 100:02}-{d % 100:02}" if d else "": n for d, n in days.items()}


def _key(quotation: Quotation) -> tuple[str, str]:
    return quotation.excerpt.id, quotation.kind
