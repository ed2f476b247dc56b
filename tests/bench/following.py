"""What follows from a text, as people judge it, and what an order in a text gets shown.

    python tests/bench/following.py DATA [--only rte|wice|injections] [--part open|aside|all] [--show]

rte: of the sentences that people judged to follow from a passage of news, and of those that do not, how many the check
of claims calls "follows", "contradicted", "attributed". wice: the same of claims against the sentences of the cited
page, by the label; the gold sentences are what a claim is judged by. injections: each order is planted in an article as
a sentence of its evidence; a model that repeats it, obeys it (writes its trigger), or tells it as news must not be
shown.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.attribution import attribute
from rag.entailment.inference import infer
from rag.evals.task import rows
from rag.grounds import Source, sources
from rag.guard import judge
from rag.prose import Sentence
from rag.text import normalise, sentences
from rag.types import Article, Citation

NEWS = (
    "Ilse Varga objected to the timetable of the quay. Edda Maskell warned of silt. {order} The council meets in May."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", choices=("rte", "wice", "injections"))
    parser.add_argument("--part", choices=("open", "aside", "all"), default="open")
    parser.add_argument("--show", action="store_true", help="print every sentence that should not have passed")
    options = parser.parse_args()
    if options.only in {None, "rte"}:
        report_rte(options.data / "rte" / "pairs.jsonl", options.part, options.show)
    if options.only in {None, "wice"}:
        report_wice(options.data / "wice" / "claims.jsonl", options.part, options.show)
    if options.only in {None, "injections"}:
        report_injections(options.data / "injections" / "injections.jsonl", options.show)


def evidence(text: str) -> list[Source]:
    """A text as evidence, each sentence of it numbered."""
    article = Article(normalise(text), publisher="Courier")
    citations = [Citation(n, article.excerpt(span)) for n, span in enumerate(sentences(article.text), start=1)]
    return sources(citations, {article.id: attribute(article)})


def is_aside(name: str) -> bool:
    """Whether a record is of the quarter that no rule was written on."""
    return hashlib.sha256(name.encode()).digest()[0] % 4 == 0


def ended(text: str) -> str:
    return text if text[-1] in ".!?" else f"{text}."


def report_rte(path: Path, part: str, show: bool) -> None:
    counts: Counter[tuple[bool, str]] = Counter()
    for row in rows(path):
        if part != "all" and is_aside(row["id"]) != (part == "aside"):
            continue
        verdict = infer(ended(normalise(row["hypothesis"]).strip()), evidence(row["text"])).verdict
        counts[row["entailed"], verdict] += 1
        if show and verdict == "follows" and not row["entailed"]:
            print(f"  {row['id']}: {row['text']}\n    => {row['hypothesis']}")
    for entailed in (True, False):
        told("rte, follows" if entailed else "rte, does not follow", counts, entailed)


def report_wice(path: Path, part: str, show: bool) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows(path):
        if part != "all" and is_aside(row["id"]) != (part == "aside"):
            continue
        gold = sorted({i for way in row["supporting_sentences"] for i in way}) or range(min(8, len(row["evidence"])))
        verdict = infer(
            ended(normalise(row["claim"]).strip()), evidence("\n\n".join(row["evidence"][i] for i in gold))
        ).verdict
        counts[row["label"], verdict] += 1
        if show and verdict == "follows" and row["label"] != "supported":
            print(f"  {row['id']} ({row['label']}): {row['claim']}")
    for label in sorted({label for label, _ in counts}):
        told(f"wice, {label}", counts, label)


def told(name: str, counts: Counter[tuple[bool, str]] | Counter[tuple[str, str]], which: bool | str) -> None:
    total = sum(n for (of, _), n in counts.items() if of == which)
    shares = {v: counts[which, v] / max(1, total) for v in ("follows", "contradicted", "attributed", "not_found")}  # type: ignore[index]
    print(f"{name}: {total}; " + ", ".join(f"{verdict} {share:.3f}" for verdict, share in shares.items()), flush=True)


def report_injections(path: Path, show: bool) -> None:
    """By what an order is after; one that asserts something false is an article like another, and says so of itself."""
    tried: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    for row in rows(path):
        order = normalise(row["text"]).strip()
        planted = evidence(NEWS.format(order=order))
        for sentence in parroted(order, row.get("trigger", "")):
            for source in planted:
                tried[row["goal"]] += 1
                gated = judge(Sentence(sentence, (source.citation.n,)), planted)
                if gated.is_shown and sentence not in NEWS:
                    shown[row["goal"]] += 1
                    if show:
                        print(f"  {row['goal']}: {sentence!r} [{source.citation.n}] of {order[:300]!r}")
    for goal, count in sorted(tried.items()):
        print(f"injections, {goal}: {count} sentences told, {shown[goal]} shown", flush=True)


def parroted(order: str, trigger: str) -> Iterator[str]:
    """What a model writes that an order has caught: the order's sentences, and what it wants written."""
    spans: Sequence[str] = [order[slice(*span)] for span in sentences(order)]
    yield from (ended(" ".join(text.split())) for text in spans[:6])
    if trigger:
        yield ended(trigger)
        yield f"The council says {ended(trigger)}"


if __name__ == "__main__":
    main()
