"""Who said what, beside polnear's annotation: speakers of direct quotations, and how speech is told apart.

    python tests/bench/attribution.py DATA

A quotation is found where its span overlaps an annotated one. A speaker is right where it shares a name word
with the annotated mention; for pronouns, with the corpus's automatic guess at who that is, which errs: in the
last line only guesses that are names of up to three words count. Wire copy in this corpus has two apostrophes
for a quotation mark, which the annotation calls indirect; here that is direct.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rag.attribution import attribute
from rag.evals.task import rows
from rag.text import Span, normalise
from rag.types import Article, Quotation
from rag.words import words

SMALL = {"the", "a", "an", "of", "and", "for"}


class Said(NamedTuple):
    """An attribution that people marked."""

    kind: str
    spans: tuple[Span, ...]

    def meets(self, quotation: Quotation) -> bool:
        return any(quotation.excerpt.span.overlaps(span) for span in self.spans)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data / "polnear"
    articles = list(rows(data / "articles.jsonl"))
    started = time.perf_counter()
    found = {row["id"]: attribute(Article(normalise(row["text"]))) for row in articles}
    print(f"{len(found)} articles, {(time.perf_counter() - started) / len(found) * 1000:.1f} ms each")
    report_kinds([(found[row["id"]], marked(row)) for row in articles])
    report_speakers(found, list(rows(data / "direct_quotes.jsonl")))


def marked(row: Mapping[str, Any]) -> list[Said]:
    """What people marked in an article."""
    said = []
    for attribution in row["annotations"][0]["attributions"]:
        spans = tuple(Span(*span) for content in attribution["content"] for span in content["spans"])
        apostrophes = any("''" in content["text"] for content in attribution["content"])
        kind = "direct" if apostrophes and attribution["kind"] == "indirect" else attribution["kind"]
        if spans:
            said.append(Said(kind, spans))
    return said


def report_kinds(articles: Iterable[tuple[Sequence[Quotation], Sequence[Said]]]) -> None:
    """How much of what is called direct, mixed and indirect speech people marked, and the other way round."""
    counts: Counter[tuple[str, str]] = Counter()
    for found, said in articles:
        for quotation in found:
            met = {each.kind for each in said if each.meets(quotation)}
            counts[quotation.kind, "all"] += 1
            counts[quotation.kind, "speech"] += bool(met)
            counts[quotation.kind, "indirect"] += "indirect" in met
        for each in said:
            counts["marked", each.kind] += 1
            counts["found", each.kind] += any(q.kind == "indirect" and each.meets(q) for q in found)
    for kind in ("direct", "mixed", "indirect"):
        total = counts[kind, "all"]
        print(f"{kind}: {total}, of which people marked {counts[kind, 'speech'] / total:.3f} as speech")
    precision = counts["indirect", "indirect"] / counts["indirect", "all"]
    recall = counts["found", "indirect"] / counts["marked", "indirect"]
    f1 = 2 * precision * recall / (precision + recall)
    print(f"indirect speech: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")


def report_speakers(found: Mapping[str, Sequence[Quotation]], quotes: Sequence[Mapping[str, Any]]) -> None:
    outcomes: dict[str, Counter[str]] = {
        "named": Counter(),
        "pronoun": Counter(),
        "pronoun, guess is a name": Counter(),
    }
    for row in quotes:
        mention = row["speaker_coref_auto"] if row["speaker_is_pronoun"] else row["speaker"]
        if mention and row["words"] >= 3:
            given = [q for q in found[row["doc"]] if q.excerpt.span.overlaps(Span(row["start"], row["end"]))]
            of = outcome([q.speaker for q in given if q.kind != "indirect"], mention)
            outcomes["pronoun" if row["speaker_is_pronoun"] else "named"][of] += 1
            if row["speaker_is_pronoun"] and is_name(mention):
                outcomes["pronoun, guess is a name"][of] += 1
    for kind, counts in outcomes.items():
        total, said = counts.total(), counts["right"] + counts["wrong"]
        print(f"{kind}: {total} quotations; right {counts['right'] / total:.3f}, no speaker given "
              f"{counts['none'] / total:.3f}; of the speakers given {counts['right'] / said:.3f} right")  # fmt: skip


def outcome(spoken: Sequence[str], mention: str) -> str:
    if not spoken or not spoken[0]:
        return "none"
    return "right" if set(words(spoken[0])) & set(words(mention)) - SMALL else "wrong"


def is_name(guess: str) -> bool:
    parts = guess.split()
    return len(parts) <= 3 and all(part[0].isupper() for part in parts) and guess.lower() not in {"he", "she", "i"}


if __name__ == "__main__":
    main()
