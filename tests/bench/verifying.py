"""What `verify` takes and what it says, over many articles: milliseconds a quotation, and verdicts by kind of change.

    python tests/bench/verifying.py DATA [--articles 5000] [--quotations 400] [--home DIR]

True quotations are those that people marked in PolNeAR and what stands in marks in the other articles; each is checked
as it stands, re-flowed, in a draft's sentence, under another's name, and altered in every way there is. Altered words
that stand in some article all the same (looked for by a plain search of all texts) are no alteration and not counted.
What passes and should not, and what is not found and should be, is printed. With --home the library made there is kept
and used again.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple, get_args

from rag import Pullquote, Settings, open_pullquote
from rag.evals import news
from rag.evals.mutations import TRUE, WIDER
from rag.evals.sets import integrity
from rag.evals.task import rows
from rag.text import fold, inside, normalise, quoted
from rag.types import Verdict

SEED = 5
SHORTEST = 6
"""Words; fewer stand by chance where they were never said."""
NEGATION = re.compile(r"\b(?:not|never|no|nor|none|nothing|nobody|without|cannot|hardly|neither)\b|n't", re.IGNORECASE)
IN_WORD = re.compile(r"^\w\w$|^[$£€]\d$|^\d%$")
JOINT = re.compile(r"(?<!\w)[-−–](?=[\d$£€])|(?<=\w)['-](?=\w)|(?<=\d)[.,:/–](?=\d)")
"""A mark within a word or figure. A cut on either side of it parts these."""
PASSING = {"verbatim", "folded"}
VERDICTS = get_args(Verdict)
INVENTED = "The {} of {} will never {} what the {} {} about {}, whatever {} may {} to the {} in the end"


class Case(NamedTuple):
    """Words to check, as whose, and where they come from."""

    words: str
    said: str
    speaker: str = ""


def true_quotations(pullquote: Pullquote, data: Path, wanted: int) -> list[str]:
    """Half of them marked by people, half in marks in articles of all kinds."""
    dice = random.Random(SEED)
    articles = [record.article for record in pullquote.articles()]
    known = {article.external_id for article in articles}
    people = [
        row["quote"].strip().strip('“”"')
        for row in rows(data / "polnear" / "direct_quotes.jsonl")
        if row["doc"] in known
    ]
    others = [inside(a.text, q) for a in dice.sample(articles, min(len(articles), 1500)) for q in quoted(a.text)]
    kept = [[w.strip() for w in group if len(w.split()) >= SHORTEST] for group in (people, others)]
    return [words for group in kept for words in dice.sample(group, min(len(group), wanted // 2))]


def spoken(data: Path, wanted: int) -> Iterator[tuple[str, list[Case]]]:
    """Quotations whose speaker people marked by name: as theirs, and as another's who is marked in the same article."""
    kept: list[Case] = []
    others: dict[str, list[str]] = {}
    docs: dict[str, str] = {}
    for row in rows(data / "polnear" / "direct_quotes.jsonl"):
        words, name = row["quote"].strip().strip('“”"'), integrity.name_of(row)
        if name and len(words.split()) >= SHORTEST and not re.search('[“”"]', words):
            kept.append(Case(words, words, name))
            others.setdefault(row["doc"], []).append(name)
            docs[words] = row["doc"]
    kept = random.Random(SEED).sample(kept, min(len(kept), wanted))
    yield "true: as its speaker's", kept
    swapped = [
        case._replace(speaker=other)
        for case in kept
        if (other := next((name for name in others[docs[case.words]] if name != case.speaker), ""))
    ]
    yield "false: as another's of its article", swapped


def cases(quotations: Sequence[str]) -> Iterator[tuple[str, list[Case]]]:
    for name, make in TRUE.items():
        yield f"true: {name}", [Case(make(words, random.Random(n)), words) for n, words in enumerate(quotations)]
    unmarked = [words for words in quotations if not re.search('[“”„"]', words)]
    yield "true: in a draft", [Case(in_a_draft(words), words) for words in unmarked]
    yield "false: another speaker", [Case(words, words, "Barnaby Quillfeather") for words in quotations]
    for name, alter in WIDER.items():
        made = [(alter(words, random.Random(n)), words) for n, words in enumerate(quotations)]
        yield f"false: {name}", [Case(altered, words) for altered, words in made if altered and altered != words]
    partners = [*quotations[1:], quotations[0]]
    yield (
        "false: two in one",
        [
            Case(" ".join([*a.split()[: len(a.split()) // 2], *b.split()[len(b.split()) // 2 :]]), a)
            for a, b in zip(quotations, partners, strict=True)
        ],
    )
    yield "false: invented", [Case(invented(random.Random(n), quotations), "") for n in range(len(quotations))]


def in_a_draft(words: str) -> str:
    return f"The matter was raised again on Monday: “{words}” That is what the paper says."


def invented(dice: random.Random, quotations: Sequence[str]) -> str:
    """A sentence of real words that nobody said."""
    words = [
        word.strip(".,;:?!“”\"'’‘()").lower() for quotation in dice.sample(quotations, 8) for word in quotation.split()
    ]
    return INVENTED.format(*dice.sample([word for word in words if word.isalpha()], INVENTED.count("{}")))


Stands = Callable[[str, bool], bool]


def plain_search(texts: Sequence[str]) -> Stands:
    """Whether words stand in a text, by nothing that `verify` uses but the fold; `whole`, in a clause without a "not"
    around them and with whole words at their ends.
    """
    everything = "\n".join(re.sub(" *\n[ \n]*", "\n", fold(text)) for text in texts)
    flowing, alike = " ".join(everything.split()), everything.replace("'", '"')

    def stands(words: str, whole: bool) -> bool:
        plain = " ".join(fold(normalise(words)).split())
        if not whole:
            return plain in flowing
        plain = plain.replace("'", '"')
        at = alike.find(plain)
        while at >= 0:
            end = at + len(plain)
            before = re.split(r'[;:.!?"()\n]', everything[max(0, at - 300) : at])[-1]
            after = re.split(r'[,;:.!?"()\n]', everything[end : end + 300])[0]
            in_word = IN_WORD.search(everything[max(0, at - 1) : at + 1]) or IN_WORD.search(
                everything[end - 1 : end + 1]
            )
            in_word = in_word or any(JOINT.match(everything, edge - 1) for edge in (at - 1, at, end, end + 1))
            if not in_word and not NEGATION.search(f"{before} {after}"):
                return True
            at = alike.find(plain, end)
        return False

    return stands


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, default=5000)
    parser.add_argument("--quotations", type=int, default=400)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--show", type=int, default=3, help="of each kind, how many wrong ones are printed")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_pullquote(Settings(home=options.home or Path(scratch))) as pullquote,
    ):
        if pullquote.counts().articles < options.articles:
            pullquote.ingest_articles(list(news.articles(options.data, options.articles)))
        pullquote.index.wait()
        print(pullquote.counts(), flush=True)
        quotations = true_quotations(pullquote, options.data, options.quotations)
        made = chain(cases(quotations), spoken(options.data, options.quotations))
        measure(pullquote, quotations, made, options.show)


CUT = "false: cut"
"""Kinds whose words do stand in the article, and not whole."""


def measure(
    pullquote: Pullquote, quotations: Sequence[str], kinds: Iterable[tuple[str, list[Case]]], show: int
) -> None:
    stands = plain_search([record.article.text for record in pullquote.articles()])
    pullquote.verify("warm up, if you please")
    everything: list[float] = []
    print(f"{len(quotations)} quotations, median {statistics.median(map(len, quotations)):.0f} characters, "
          f"longest {max(map(len, quotations))}")  # fmt: skip
    heads = "".join(f"{verdict[:8]:>9}" for verdict in VERDICTS)
    print(f"{'':36} {'made':>5} {heads} {'p50 ms':>7} {'p95 ms':>7} {'worst':>7}")
    for kind, made in filter(lambda kind: kind[1], kinds):
        counts: Counter[str] = Counter()
        taken: list[float] = []
        wrong: list[tuple[str, str, str]] = []
        for case in made:
            started = time.perf_counter()
            found = pullquote.verify(case.words, case.speaker)
            taken.append((time.perf_counter() - started) * 1000)
            if kind.startswith("false") and case.speaker == "" and stands(case.words, kind.startswith(CUT)):
                counts["stands"] += 1
                continue
            counts[found.verdict] += 1
            if (found.verdict in PASSING) != kind.startswith("true"):
                reasons = ", ".join(reason for match in found.telling.matches[:1] for reason in match.reasons)
                wrong.append((found.verdict, reasons, case.words))
        everything += taken
        told = "".join(f"{counts[verdict]:9}" for verdict in VERDICTS)
        times = f"{statistics.median(taken):7.1f} {p95(taken):7.1f} {max(taken):7.1f}"
        print(f"{kind:36} {len(made) - counts['stands']:5} {told} {times}", flush=True)
        for verdict, reasons, words in wrong[:show]:
            print(f"      {verdict} ({reasons}): {' '.join(words.split())[:160]!r}")
    print(f"all: p50 {statistics.median(everything):.1f} ms, p95 {p95(everything):.1f} ms, {len(everything)} checks")


def p95(taken: Sequence[float]) -> float:
    return sorted(taken)[int(0.95 * (len(taken) - 1))]


if __name__ == "__main__":
    main()
