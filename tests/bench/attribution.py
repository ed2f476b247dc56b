"""Speakers of direct quotations beside polnear's annotation.

    python tests/bench/attribution.py DATA

A quotation counts where its span overlaps the annotated one; a speaker is right where it shares a
name word with the annotated mention (for pronouns: with the corpus's automatic, noisy guess at who that is).
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from rag.attribution import attribute
from rag.evals.task import rows
from rag.text import Span, normalise
from rag.types import Article
from rag.words import words

SMALL = {"the", "a", "an", "of", "and", "for"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data / "polnear"
    started = time.perf_counter()
    found = {row["id"]: attribute(Article(normalise(row["text"]))) for row in rows(data / "articles.jsonl")}
    print(f"{len(found)} articles, {(time.perf_counter() - started) / len(found) * 1000:.1f} ms each")
    outcomes: dict[str, Counter[str]] = {"named": Counter(), "pronoun": Counter()}
    for row in rows(data / "direct_quotes.jsonl"):
        mention = row["speaker_coref_auto"] if row["speaker_is_pronoun"] else row["speaker"]
        if mention and row["words"] >= 3:
            given = [q for q in found[row["doc"]] if q.excerpt.span.overlaps(Span(row["start"], row["end"]))]
            spoken = [q.speaker for q in given if q.kind != "indirect"]
            outcomes["pronoun" if row["speaker_is_pronoun"] else "named"][outcome(spoken, mention)] += 1
    for kind, counts in outcomes.items():
        total, said = counts.total(), counts["right"] + counts["wrong"]
        print(f"{kind}: {total} quotations; right {counts['right'] / total:.2f}, no speaker given "
              f"{counts['none'] / total:.2f}; of the speakers given {counts['right'] / said:.2f} right")  # fmt: skip


def outcome(spoken: list[str], mention: str) -> str:
    if not spoken or not spoken[0]:
        return "none"
    return "right" if set(words(spoken[0])) & set(words(mention)) - SMALL else "wrong"


if __name__ == "__main__":
    main()
