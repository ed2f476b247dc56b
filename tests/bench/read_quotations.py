"""Quotations with the words around them, drawn at random, to be read by eye.

python tests/bench/read_quotations.py ARTICLES.jsonl [--count 100] [--seed 1]
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from rag.attribution import attribute
from rag.evals.task import rows
from rag.text import normalise
from rag.types import Article, Quotation

AROUND = 110
"""Characters shown before and after."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("articles", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    articles = draw.sample(list(rows(options.articles)), options.count)
    for n, row in enumerate(articles, start=1):
        found = attribute(Article(normalise(row["text"]), title=row.get("title", "")))
        if found:
            print(f"{n}. {shown(draw.choice(found))}\n")


def shown(quotation: Quotation) -> str:
    text, (start, end) = quotation.excerpt.article.text, quotation.excerpt.span
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    told = f"{before}[[{quotation.excerpt.text}]]{after}".replace("\n", " / ")
    return f"{quotation.kind}, {quotation.speaker or 'nobody named'}, {quotation.cue or 'no verb'}: {told}"


if __name__ == "__main__":
    main()
