"""Domain values as the JSON of the command-line contract, for every door that speaks JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag.conversations import Turn
from rag.ingest import IngestReport
from rag.library import Counts, Record
from rag.redaction import redactor
from rag.references import about, record
from rag.statements import Version
from rag.text import Span
from rag.types import Answer, Checked, CheckedClaim, Citation, Match, Person, Quoted, Summary, Verification


def answer_record(answer: Answer, public_url: str) -> dict[str, Any]:
    return {
        "question": answer.question,
        "answer": answer.text,
        "abstained": answer.abstained,
        "mode": answer.mode,
        "model": answer.model,
        "claims": [
            {"text": claim.text, "citations": list(claim.citations), "supported": claim.supported}
            for claim in answer.claims
        ],
        "citations": [record(citation, public_url) for citation in answer.citations],
        "evidence": [record(citation, public_url) for citation in answer.evidence],
        "timings_ms": dict(answer.timings_ms),
    }


def summary_record(summary: Summary, public_url: str) -> dict[str, Any]:
    return {
        "kind": summary.kind,
        "sentences": [{"text": claim.text, "citations": list(claim.citations)} for claim in summary.sentences],
        "citations": [record(citation, public_url) for citation in summary.citations],
        "mode": summary.mode,
        "model": summary.model,
    }


def feedback_record(turn: Turn, answer: Answer) -> dict[str, Any]:
    """What a reader said of an answer. `citations` are those it was given with, also where their article is gone."""
    return {
        "question": answer.question,
        "searched": answer.searched or answer.question,
        "answer": answer.text,
        "mode": answer.mode,
        "model": answer.model,
        "feedback": turn.feedback,
        "citations": [citation_id for citation_id, _, _ in turn.cited],
        "date": turn.asked_at,
    }


def hits_record(hits: list[Citation], public_url: str) -> dict[str, Any]:
    return {"hits": [record(hit, public_url) for hit in hits]}


def quotations_record(found: Sequence[Quoted], public_url: str) -> dict[str, Any]:
    return {
        "quotations": [
            record(quoted.citation, public_url)
            | {
                "cue": quoted.cue or None,
                "kind": quoted.kind,
                "person": quoted.person or None,
                "office": quoted.office or None,
                "mention": quoted.mention.text if quoted.mention else None,
            }
            | _edges("mention", quoted.mention.span if quoted.mention else None)
            | _edges("cue", quoted.cue_span)
            for quoted in found
        ]
    }


def _edges(name: str, span: Span | None) -> dict[str, int | None]:
    start, end = span or (None, None)
    return {f"{name}_start": start, f"{name}_end": end}


def versions_record(found: Sequence[Version], public_url: str) -> dict[str, Any]:
    """A statement's versions; `differences` are against the first of them."""
    return {
        "versions": [
            record(Citation(n, version.quotation.excerpt, version.quotation.speaker), public_url)
            | {
                "cue": version.quotation.cue or None,
                "kind": version.quotation.kind,
                "first": version.first,
                "differences": [{"text": piece.text, "change": piece.change} for piece in version.pieces],
            }
            for n, version in enumerate(found, start=1)
        ]
    }


def verification_record(found: Verification, public_url: str) -> dict[str, Any]:
    """`verdict` is the worst of the quotations', `matches` those of the first quotation that has it.

    `start` and `end` of a quotation count in the text that was checked; of a match, in its article. There are `claims`
    only where these were checked.
    """
    checked = [_checked_record(one, public_url) for one in found.quotations]
    telling = checked[found.quotations.index(found.telling)]
    quotations = {"verdict": found.verdict, "matches": telling["matches"], "quotations": checked}
    if found.claims is None:
        return quotations
    return quotations | {"claims": [_claim_record(claim, public_url) for claim in found.claims]}


def _claim_record(claim: CheckedClaim, public_url: str) -> dict[str, Any]:
    """`against` is there only where another article contradicts a sentence that follows."""
    against = [record(citation, public_url) for citation in claim.against]
    return {
        "text": claim.words,
        "verdict": claim.verdict,
        "citations": [record(citation, public_url) for citation in claim.citations],
    } | ({"against": against} if against else {})


def _checked_record(checked: Checked, public_url: str) -> dict[str, Any]:
    return {
        "quote": checked.words,
        "start": checked.span.start,
        "end": checked.span.end,
        "speaker": checked.speaker or None,
        "verdict": checked.verdict,
        "matches": [_match_record(match, public_url) for match in checked.matches],
    }


def _match_record(match: Match, public_url: str) -> dict[str, Any]:
    return record(match.citation, public_url) | {
        "verdict": match.verdict,
        "reasons": list(match.reasons),
        "diff": [change._asdict() for change in match.diff],
    }


def person_record(person: Person) -> dict[str, Any]:
    return {
        "key": person.key,
        "name": person.name,
        "office": person.office or None,
        "names": list(person.names),
        "quotations": person.quotations,
        "articles": person.articles,
        "first": person.first or None,
        "last": person.last or None,
        "apart": person.apart,
    }


def article_record(entry: Record) -> dict[str, Any]:
    """What is known of an article, without its text."""
    article = entry.article
    return {
        "id": article.id,
        "revision": article.revision,
        **about(article),
        "origin": article.origin or None,
        "characters": len(article.text),
        "added_at": entry.added_at,
        "read_at": entry.read_at,
    }


def ingest_record(report: IngestReport, totals: Counts) -> dict[str, Any]:
    """Counts of this ingest, then what the library holds after it."""
    clean = redactor()
    return {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "duplicates": report.duplicates,
        "failed": [{"source": clean(source), "error": clean(reason)} for source, reason in report.failed],
        "articles": totals.articles,
        "passages": totals.passages,
        "quotations": totals.quotations,
        "seconds": round(report.seconds, 3),
    }
