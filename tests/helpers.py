"""What the tests share: the one invariant, a fake model, and articles to try things on."""

from __future__ import annotations

import json
import random
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import strategies as st
from langchain_core.embeddings import Embeddings

from rag import Pullquote, Settings, open_pullquote
from rag.embeddings import Embedder
from rag.text import normalise
from rag.types import Article, Excerpt
from rag.words import stems

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"

CITATION_KEYS = {
    "id", "n", "quote", "start", "end", "article_id", "revision", "external_id", "title", "author", "publisher",
    "published", "url", "link", "speaker", "score",
}  # fmt: skip


# --- the invariant ----------------------------------------------------------------------------


def assert_exact(excerpt: Excerpt) -> None:
    """The first promise: what leaves the program is a slice of a stored article, and nothing else."""
    start, end = excerpt.span
    assert 0 <= start < end <= len(excerpt.article.text)
    assert excerpt.text == excerpt.article.text[start:end]


def assert_exact_record(citation: Mapping[str, Any], pullquote: Pullquote) -> None:
    """The same for a CITATION of the JSON contract, against the revision that the library gives out."""
    text = pullquote.article(citation["article_id"], citation["revision"]).article.text
    assert citation["quote"] == text[citation["start"] : citation["end"]] != ""
    assert citation["id"] == f"{citation['revision']}-{citation['start']}-{citation['end']}"
    assert citation.keys() - {"fragment_url"} == CITATION_KEYS
    assert ("fragment_url" in citation) == bool(citation["url"])


# --- a model that needs no file ---------------------------------------------------------------


class WordVectors(Embeddings):
    """Word stems, hashed into a vector: texts that share words are near each other. Counts its work."""

    DIMENSION = 96

    def __init__(self, dimension: int = DIMENSION) -> None:
        self.dimension = dimension
        self.documents = 0
        self.questions = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.documents += len(texts)
        return [self._vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        self.questions += 1
        return self._vector(text)

    def _vector(self, text: str) -> list[float]:
        vector = [0.001] * self.dimension
        for stem in stems(text):
            vector[zlib.crc32(stem.encode()) % self.dimension] += 1.0
        return vector


def embedder(words: WordVectors | None = None, name: str = "fake-words") -> Embedder:
    words = words or WordVectors()
    return Embedder(words, name, words.dimension)


def open_with(home: Path, words: WordVectors | None = None, name: str = "fake-words", **settings: Any) -> Pullquote:
    """The service, wired as `open_pullquote` wires it, around a fake model."""
    with mock.patch("rag.service.open_embedder", return_value=embedder(words, name)):
        return open_pullquote(Settings(home=home, **settings))


SEALED = ("revisions", "passages", "quotations", "voices", "aliases", "people", "turns")


def without_seals(connection: sqlite3.Connection, schema: int) -> None:
    """Make of an open library one of an earlier `schema`, as far as seals go."""
    for table in SEALED:
        connection.execute(f"ALTER TABLE {table} DROP COLUMN seal")
    connection.execute(f"PRAGMA user_version={schema}")


# --- articles ---------------------------------------------------------------------------------

HEARING = (
    "Ilse Varga, the mayor of Orrisport, objected to the timetable of the new quay on Thursday.\n\n"
    "“I have not come here to say no to work,” Varga said. “I have come to say no to a timetable.”\n\n"
    "Edda Maskell, an ecologist, warned that silt could reach the eelgrass within two tides. "
    "“Mud does not read a licence,” she told the hearing.\n\n"
    "Tamsin Oyelade, for the company, denied that the survey had come late. Nothing was decided."
)
LEAK = (
    "The transit authority said that the addresses of 480,000 riders were open to the internet for 19 days.\n\n"
    '"We have closed the door," it said in a statement. Delphine Aucott, its director, apologised.\n\n'
    "Marcus Tolleray proposed that trip records be erased after 30 days."
)


def article(text: str = HEARING, **fields: str) -> Article:
    """An article as the sources would make it."""
    return Article(normalise(text), **fields)


def generated(count: int, edition: int = 0, sentences: int = 6) -> list[dict[str, str]]:
    """Records of made-up articles, the same for the same numbers; each edition says everything anew."""
    return [_generated(number, edition, sentences) for number in range(count)]


def made(count: int, edition: int = 0, sentences: int = 6) -> list[Article]:
    """The same as articles."""
    records = generated(count, edition, sentences)
    return [article(external_id=record.pop("id"), **record) for record in records]


def _generated(number: int, edition: int, sentences: int) -> dict[str, str]:
    dice = random.Random(f"{number}:{edition}")
    names = ["Ada Bell", "Bo Carr", "Cy Dunn", "Di Ekman", "Ed Frost"]
    topics = ["harbour", "bridge", "ferry", "library", "tramway", "orchard", "quarry", "lighthouse"]
    said = [
        f"“The {dice.choice(topics)} of part {n} is not ours to sell,” {dice.choice(names)} said in edition {edition}."
        for n in range(sentences)
    ]
    return {
        "id": f"made-{number}",
        "title": f"Story {number} of edition {edition}",
        "publisher": ("Gazette", "Courier")[number % 2],
        "published": f"2026-01-{number % 28 + 1:02}",
        "text": "\n\n".join([f"This is story {number}, edition {edition}.", *said]),
    }


def write_jsonl(path: Path, records: Iterable[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


# --- any text ---------------------------------------------------------------------------------

PIECES = [
    "“We object,” said John Smith. ", '"We object to it all," he said. ', "„Nein“, sagte sie. ", "« Non », dit-il. ",
    "According to Dr. Ann Bell, it rained. ", "Mr. ", "U.S. ", "J. R. R. ", "X\u00a0.", "X\u2028.", "e\u0301", "👩‍👩‍👧",
    "שלום ", "\u200fمرحبا", "中文。", "नमस्ते।", "‘", "’", "“", "”", '"', "«", "»", "„", "\n", "\n\n", "\r\n", "\r", "\t",
    "\0", "\x85", "\ud800", "\udfff", "\ufeff", "\u3000", ". ", "! ", "? ", "… ", "...", "—", " ", "1.5 ", "said ",
    "word " * 60, "x" * 1_500, "“" + "No. " * 520 + "”",
]  # fmt: skip


def any_text(max_pieces: int = 30) -> st.SearchStrategy[str]:
    """Any Unicode there is, lone surrogates too, mixed with what news texts and broken files are made of."""
    anything = st.text(st.characters(), max_size=8)
    return st.lists(st.one_of(st.sampled_from(PIECES), anything), max_size=max_pieces).map("".join)


def any_article(max_pieces: int = 30) -> st.SearchStrategy[Article]:
    return any_text(max_pieces).map(normalise).filter(str.strip).map(Article)
