"""Evidence to answer, without a language model: the sentences that answer best, and who says them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag import cite, prompts
from rag.text import fold
from rag.types import Answer, Citation, Claim, Evidence
from rag.words import stems, understand

FEWEST, MOST = 2, 5
"""Quotations in an answer: one alone has no context, where there is a second; more is a list, not an answer."""

KEPT = 0.25
"""From the third on, a quotation must be at least this share as relevant as the best one."""

SAME = 0.75
"""Share of words in common from which one quotation says what another has said (syndicated copies)."""

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_NEGATIONS = frozenset({"not", "no", "never", "nor", "t"})  # "t" as in "didn’t"


def answer(question: str, evidence: Sequence[Evidence], threshold: float) -> Answer:
    """The extractive answer to `question` from `evidence`, best first.

    Nothing that reaches `threshold` means abstaining: no claims, and the evidence as the nearest
    passages. What is cited comes first in the numbering; the order of `evidence` stays.
    """
    chosen = choose(evidence, threshold)
    return compose(question, chosen, evidence)


def choose(evidence: Sequence[Evidence], threshold: float) -> list[Evidence]:
    """Up to `MOST` quotations that answer and do not repeat each other, in a readable order.

    Articles come in the order of their best quotation; within one, the order of its text.
    """
    kept: list[Evidence] = []
    best = max((e.relevance for e in evidence), default=0.0)
    for candidate in evidence:
        relevant = candidate.relevance >= KEPT * best or len(kept) < FEWEST
        if candidate.score >= threshold and relevant and not any(_repeats(candidate, other) for other in kept):
            kept.append(candidate)
    kept = kept[:MOST]
    rank = {e.excerpt.article.id: i for i, e in reversed(list(enumerate(kept)))}
    return sorted(kept, key=lambda e: (rank[e.excerpt.article.id], e.excerpt.span.start))


def compose(question: str, chosen: Sequence[Evidence], evidence: Sequence[Evidence]) -> Answer:
    """The answer that cites just `chosen`, in that order."""
    citations = cite.numbered(chosen)
    claims = [_claim(citation) for citation in citations]
    text = "\n\n".join(claim.text for claim in claims) or prompts.render("abstain")
    return Answer(
        question=question,
        text=text,
        abstained=not claims,
        mode="extractive",
        model=None,
        claims=tuple(claims),
        citations=tuple(citations),
        evidence=tuple(_renumbered(evidence, citations)),
    )


def told(
    plain: Answer, claims: Sequence[Claim], order: Sequence[int], *, model: str, withheld: int, notice: str
) -> Answer:
    """`plain`, the answer without a model, as one tells it: `claims`, whose citation n is number `order[n - 1]` of the
    evidence.

    What the program says by itself, such as "No:" with what that stands on, stays in front. What the model passed over
    stays, numbered on. Without claims it is the plain answer, which says what became of the model's.
    """
    if not claims:
        return replace(plain, withheld=withheld, notice=notice)
    own = plain.claims[: plain.composed] if plain.lead else ()
    cited = list(dict.fromkeys([*(n for claim in own for n in claim.citations), *order]))
    places = {n: place for place, n in enumerate(cited, start=1)}
    numbers = {c.n: c for c in plain.evidence}
    kept = [numbers[n] for n in cited] + [c for c in plain.citations if c.n not in cited]
    citations = [replace(citation, n=n) for n, citation in enumerate(kept, start=1)]
    first = [_marked(claim, [places[n] for n in claim.citations]) for claim in own]
    others = [_marked(c, [places[order[n - 1]] for n in c.citations]) for c in claims]
    return replace(
        plain,
        text=joined(plain.lead, [*first, *others]),
        mode="llm",
        model=model,
        claims=(*first, *others),
        composed=len(first),
        citations=tuple(citations),
        evidence=tuple(_renumbered(plain.evidence, citations)),
        withheld=withheld,
        notice=notice,
    )


def citing(plain: Answer, chosen: Sequence[Citation]) -> Answer:
    """`plain` with `chosen`, of its evidence or found beside it, as its first citations, in that order."""
    ids = {citation.id for citation in chosen}
    kept = [*chosen, *(citation for citation in plain.citations if citation.id not in ids)]
    citations = [replace(citation, n=n) for n, citation in enumerate(kept, start=1)]
    known = {citation.id for citation in plain.evidence}
    evidence = [*plain.evidence, *(citation for citation in chosen if citation.id not in known)]
    return replace(plain, citations=tuple(citations), evidence=tuple(_renumbered(evidence, citations)))


def joined(lead: str, claims: Sequence[Claim]) -> str:
    """Sentences, the program's own in front, as the text of an answer."""
    return " ".join([*filter(None, [lead]), *(claim.text for claim in claims)])


def _marked(claim: Claim, numbers: Sequence[int]) -> Claim:
    return Claim(f"{claim.words} {''.join(f'[{n}]' for n in numbers)}", tuple(numbers), claim.supported)


def _renumbered(evidence: Sequence[Evidence | Citation], citations: Sequence[Citation]) -> list[Citation]:
    """All evidence in its own order; what is cited keeps its number, the rest is numbered on."""
    cited = {citation.id: citation.n for citation in citations}
    upcoming = len(citations) + 1
    numbered: list[Citation] = []
    for e in evidence:
        n = cited.get(e.excerpt.id)
        if n is None:
            n, upcoming = upcoming, upcoming + 1
        numbered.append(Citation(n, e.excerpt, e.speaker, e.score))
    return numbered


def _claim(citation: Citation) -> Claim:
    where = cite.source(citation.excerpt.article)
    lead = (
        prompts.render("said", speaker=citation.speaker, source=where)
        if citation.speaker
        else prompts.render("reported", source=where)
    )
    return Claim(f"{lead} {citation.quote} [{citation.n}]", (citation.n,), supported=True)


def _repeats(one: Evidence, other: Evidence) -> bool:
    """Whether `one` says what `other` has said, in nearly the same words; a version with cuts does."""
    first, second = fold(one.excerpt.text), fold(other.excerpt.text)
    if first == second:
        return True
    a, b = set(stems(first)), set(stems(second))
    # The telling words are looked at alone too: "They burnt it, he said" and "They sold it, he said"
    # share most of their words, and say different things.
    alike = _held(a, b) and _held(set(understand(first).stems), set(understand(second).stems))
    return alike and not _differs(first, second, a, b)


def _held(a: set[str], b: set[str]) -> bool:
    """Whether one of two sets of stems holds nearly all of the other."""
    return bool(a and b) and len(a & b) / min(len(a), len(b)) >= SAME


def _differs(first: str, second: str, a: set[str], b: set[str]) -> bool:
    """Whether two like texts, with the stems `a` and `b`, differ in a figure or in a "not".

    A correction and a denial read much like what they correct and deny; both must be shown. Where
    one text is much the longer, a figure that only the first has is news; a "not" may be in the rest.
    """
    figures, others = set(_FIGURE.findall(first)), set(_FIGURE.findall(second))
    if len(a & b) / len(a | b) < SAME:
        return bool(figures - others)
    return bool(figures - others and others - figures) or a & _NEGATIONS != b & _NEGATIONS
