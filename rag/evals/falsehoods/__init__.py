"""False sentences over real articles, of the kinds that language models tell when they answer over news.

    data folder ── newsstand ──> Story ── liar of a kind ──> Lie ── with its neighbours ──> Falsehood

Each is made from sentences that people wrote, so that its words are in the evidence, and what it says is not.
"""

from __future__ import annotations

from rag.evals.falsehoods.story import Part
from rag.evals.falsehoods.told import KINDS, Falsehood, falsehoods

__all__ = ["KINDS", "Falsehood", "Part", "falsehoods"]
