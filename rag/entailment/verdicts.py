"""What comes of a sentence beside its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rag.entailment.frames import Found

Verdict = Literal["follows", "contradicted", "attributed", "not_found"]
"""It stands there; the opposite does; it stands there as somebody's words only; or none of this."""


@dataclass(frozen=True)
class Inference:
    """What comes of a sentence, and the numbers of the evidence that says so, in order."""

    verdict: Verdict
    reason: str = ""
    numbers: tuple[int, ...] = ()


def concluded(total: Found, numbers: tuple[int, ...]) -> Inference:
    """What comes of a sentence whose every word was found, by what differs."""
    if not total.differs and total.is_hung_rightly:
        return Inference("follows", "", numbers)
    reason = ", ".join(sorted(total.differs)) or "attachment"
    if total.differs == {"not"}:
        return Inference("contradicted", reason, numbers)
    if total.differs == {"report"}:
        return Inference("attributed", reason, numbers)
    return Inference("not_found", reason)
