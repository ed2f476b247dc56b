"""Long work that ends between two of its steps when nobody waits for it any more.

Whoever waits may be many calls away from the step: it is known by the thread in which these are made.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

R = TypeVar("R")


class Stopped(Exception):
    """The work was ended from outside, and has no result."""


def _never() -> bool:
    return False


_is_over: ContextVar[Callable[[], bool]] = ContextVar("is_over", default=_never)


def stoppable(work: Callable[[], R], is_over: Callable[[], bool]) -> R:
    """What `work` returns. Raises Stopped at one of its steps from when on `is_over`."""
    before = _is_over.set(is_over)
    try:
        return work()
    finally:
        _is_over.reset(before)


def step() -> None:
    """Between two steps of long work. Raises Stopped where it is to end here."""
    if _is_over.get()():
        raise Stopped
