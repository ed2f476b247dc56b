"""What a question takes for granted, and whether any article says so: "Why did Varga resign?", of a mayor who did not.

It errs to one side. Where the verb, or another of its sense, stands anywhere near the people of the question, nothing
is said: that the question is right in other words than the article's is far more common than that it is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.assertions import holds, near_stems, own_phrases, own_stems, predicate, read
from rag.grounds import Source
from rag.text import sentences
from rag.types import Article
from rag.words import stem, stems, stopwords, words

if TYPE_CHECKING:
    from spacy.tokens import Token

ANSWERED = 0.75
"""Score from which evidence most likely answers the question, in whatever words."""

_PARTY = {"nsubj", "nsubjpass", "dobj"}
_LIFE = frozenset({stem("birth"), stem("death")})
_LIVED = re.compile(r"\b\d{3,4}\s*[–-]\s*\d{3,4}\b|\([^()]*\b\d{3,4}\b[^()]*\)")
"""When somebody lived, in figures."""


def is_stated_nowhere(statement: str, sources: Sequence[Source]) -> bool:
    """Whether nothing in the articles of `sources` does what `statement` says, to or by those that it names.

    False too where that cannot be told: a verb of many senses, or parties that these articles do not know.
    """
    if any((source.citation.score or 0) >= ANSWERED for source in sources):
        return False
    reading = read(statement)
    does = predicate(reading)
    if does is None:
        return False
    root = next(token for token in reading.roots if not token.is_punct)
    told_of = (_stems_of(token.subtree) for token in reading.doc if token.dep_ in _PARTY and token.head.i == root.i)
    parties = [party for party in told_of if party]
    articles = list({s.citation.excerpt.article.id: s.citation.excerpt.article for s in sources}.values())
    told = [_told(article) for article in articles]
    if not parties or not all(any(party & said for article in told for said in article) for party in parties):
        return False  # somebody, or something, that is not in these articles at all
    own, near = own_stems(does), near_stems(does).difference(*parties)
    if near & _LIFE and any(_LIVED.search(article.text) for article in articles):
        return False
    named = any(token.pos_ == "PROPN" for token in reading.doc)
    if not named and any(holds(own, set(stems(source.text))) for source in sources):
        return False  # "the school" may be what the article calls by its name
    phrases = own_phrases(does)
    return not any(_is_there(own, phrases, near, parties, article) for article in told)


def _stems_of(tokens: Iterable[Token]) -> frozenset[str]:
    told = [word for token in tokens if token.pos_ in {"NOUN", "PROPN", "NUM"} for word in words(token.text)]
    return frozenset(stem(word) for word in told if word not in stopwords())


@lru_cache(maxsize=512)
def _told(article: Article) -> tuple[frozenset[str], ...]:
    """The stems of each sentence of an article; its title is the first."""
    each = (article.text[slice(*span)] for span in sentences(article.text))
    return (frozenset(stems(article.title)), *(frozenset(stems(said)) for said in each))


def _is_there(
    own: frozenset[str],
    phrases: Sequence[frozenset[str]],
    near: frozenset[str],
    parties: Sequence[frozenset[str]],
    told: Sequence[frozenset[str]],
) -> bool:
    """Whether a sentence has the predicate, and it or one beside it somebody of the parties; or has both, in other
    words.
    """
    for at, said in enumerate(told):
        around = frozenset().union(*told[max(0, at - 1) : at + 2])
        if (holds(own, said) or any(phrase <= said for phrase in phrases)) and any(party & around for party in parties):
            return True
        if near & said and any(party & said for party in parties):
            return True
    return False
