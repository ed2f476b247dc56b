"""What the guard makes of false and of true sentences over real articles, by kind.

    python tests/bench/prose_guard.py DATA [--part open|aside] [--count N] [--seed S] [--kind WORDS] [--show | --list]

DATA holds polnear, realtimeqa, squad2 and clapnq. --show prints every falsehood that is shown and every truth that is
withheld, with its evidence and the guard's reason; --list prints the falsehoods themselves and asks no guard.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rag.evals.falsehoods import Falsehood
from rag.evals.sets import prose
from rag.evals.table import Table
from rag.types import Excerpt


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--part", choices=("open", "aside"), default="open")
    parser.add_argument("--count", type=int, default=prose.COUNT)
    parser.add_argument("--seed", type=int, default=prose.SEED)
    parser.add_argument("--kind", default="", help="only kinds with these words in their names")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    lies = prose.load(options.data, options.part, options.count, options.seed)
    lies = [lie for lie in lies if options.kind in lie.kind]
    if options.list:
        list_falsehoods(lies)
        return
    told = [*prose.judged(lies), *prose.judged_truths(options.data, prose.truths(options.part))]
    if options.show:
        show(told)
    about = {"part": options.part, "falsehoods": len(lies), "seed": options.seed}
    print(Table("prose", prose.measure(told), about).text())
    print(about)


def list_falsehoods(lies: Sequence[Falsehood]) -> None:
    for lie in lies:
        print(f"\n{lie.kind}: {lie.text}" + (f"\n  asked: {lie.question}" if lie.question else ""))
        print(numbered([lie.evidence[n - 1] for n in lie.made_from], lie.made_from))


def show(told: Sequence[prose.Told]) -> None:
    """Every sentence of which the guard thought otherwise than it should."""
    for one in told:
        if one.is_shown == (one.kind != prose.PARAPHRASES):
            what = "SHOWN" if one.is_shown else "WITHHELD"
            print(f"\n{what} {one.kind}: {one.text} {list(one.numbers)}\n  reason: {one.reason}")
            if one.question:
                print(f"  asked: {one.question}")
            print(numbered(one.evidence, range(1, len(one.evidence) + 1)))


def numbered(evidence: Sequence[Excerpt], numbers: Sequence[int]) -> str:
    return "\n".join(f"  [{n}] {' '.join(excerpt.text.split())}" for n, excerpt in zip(numbers, evidence, strict=True))


if __name__ == "__main__":
    main()
