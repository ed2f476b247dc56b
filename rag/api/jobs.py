"""Articles on their way in: one job after the other, each to be asked how far it is."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from rag.api.problems import BUSY, CONFLICT, NOT_FOUND, TOO_MANY, Problem, busy, of_defect
from rag.errors import PullquoteError
from rag.ingest import IngestReport
from rag.library import Counts
from rag.records import ingest_record
from rag.redaction import redacted
from rag.service import Pullquote

WAITING, WAITING_BYTES = 32, 100_000_000
"""Jobs that may wait, and bytes that all of them may bring: they are held in memory until their turn."""

MOST_FAILED = 100
"""Failures that a job tells of; the rest it counts."""

KEPT = 500
"""Jobs that are remembered after their end, and keys with them."""

State = Literal["waiting", "running", "done", "failed", "cancelled"]


class Upload(NamedTuple):
    """Bytes of one file; without a name, pasted text."""

    name: str
    data: bytes


@dataclass
class Job:
    """Uploads that are to be taken in, and what came of them so far."""

    id: str
    uploads: Sequence[Upload]
    fingerprint: str
    state: State = "waiting"
    created_at: str = field(default_factory=lambda: _now())
    finished_at: str | None = None
    reports: tuple[IngestReport, ...] = ()
    """Of the uploads that are done, together, and of the one that it is at."""
    totals: Counts | None = None
    error: str | None = None
    cancelled: bool = False

    @property
    def size(self) -> int:
        return sum(len(upload.data) for upload in self.uploads)

    @property
    def record(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "state": self.state,
            "created_at": self.created_at,
            "finished_at": self.finished_at,
            "report": _report_record(self.reports, self.totals) if self.reports and self.totals else None,
            "error": self.error,
        }


def _report_record(reports: Sequence[IngestReport], totals: Counts) -> dict[str, Any]:
    total = _sum(reports)
    return ingest_record(total, totals) | {"unlisted": total.unlisted}


class _Cancelled(Exception):
    """Ends an ingest between two articles."""


class Jobs:
    """The jobs of one process; they end with it. What was taken in stays, and is known again when it comes again."""

    def __init__(self, service: Callable[[], Pullquote]) -> None:
        self._service = service
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="api-ingest")
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._keys: OrderedDict[tuple[str, str], Job] = OrderedDict()

    def begin(self, uploads: Sequence[Upload], caller: str, key: str = "") -> Job:
        """A job for these uploads; the one that there is, where `caller` gave this `key` with the same before.

        Raises Problem where the key came with other uploads, and where too many jobs wait.
        """
        fingerprint = _fingerprint(uploads)
        with self._lock:
            if key and (known := self._keys.get((caller, key))) is not None:
                if known.fingerprint != fingerprint:
                    raise Problem(CONFLICT, "This Idempotency-Key came with other articles before. Use a new one.")
                return known
            ahead = [job for job in self._jobs.values() if job.state in ("waiting", "running")]
            job = Job(secrets.token_urlsafe(12), uploads, fingerprint)
            brought = sum(one.size for one in [*ahead, job])
            if len(ahead) > WAITING or (ahead and brought > WAITING_BYTES):  # a large one alone is let in
                raise busy(TOO_MANY, f"{len(ahead)} jobs wait already. Try again when some are done.", 10)
            self._jobs[job.id] = job
            if key:
                self._keys[caller, key] = job
            self._forget_old()
        try:
            self._pool.submit(self._do, job)
        except RuntimeError as exc:
            raise busy(BUSY, "Pullquote is closing.", 5) from exc
        return job

    def find(self, job_id: str) -> Job:
        """Raises Problem for one that is not known, or no more."""
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None:
            raise Problem(NOT_FOUND, "There is no such job; jobs are forgotten when Pullquote starts anew.")
        return job

    def all(self) -> list[Job]:
        """The newest first."""
        with self._lock:
            return list(reversed(self._jobs.values()))

    def cancel(self, job_id: str) -> Job:
        """Let a job end after the article that it is at. What came in before stays."""
        job = self.find(job_id)
        job.cancelled = True
        return job

    def close(self) -> None:
        """Let the job under way end after its article, and begin no other."""
        for job in self.all():
            job.cancelled = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _do(self, job: Job) -> None:
        end: State = "done"
        try:
            if job.cancelled:
                raise _Cancelled
            job.state = "running"
            self._take_in(job, self._service())
        except _Cancelled:
            end = "cancelled"
        except PullquoteError as error:
            job.error, end = redacted(str(error)), "failed"
        except Exception as error:  # a defect ends its job, and neither the thread nor those that wait
            job.error, end = of_defect(error).detail, "failed"
        job.finished_at, job.uploads = _now(), ()
        job.state = end  # last: whoever sees an end finds all of it

    def _take_in(self, job: Job, service: Pullquote) -> None:
        before = IngestReport()
        try:
            for upload in job.uploads:

                def seen(report: IngestReport, before: IngestReport = before) -> None:
                    report.shorten(MOST_FAILED)
                    job.reports = (before, report)
                    if job.cancelled:
                        raise _Cancelled

                job.totals = job.totals or service.counts()
                before = _sum([before, service.ingest_upload(upload.name, upload.data, seen)])
                job.reports = (before,)
        except _Cancelled:
            service.ingest_articles([])  # brings what came in onto the disk and the index to its end
            raise
        finally:
            job.totals = service.counts()

    def _forget_old(self) -> None:
        for job in [job for job in self._jobs.values() if job.finished_at is not None][:-KEPT]:
            del self._jobs[job.id]
        there = set(self._jobs)
        for key in [key for key, job in self._keys.items() if job.id not in there]:
            del self._keys[key]


def _sum(reports: Sequence[IngestReport]) -> IngestReport:
    """What came of several, without which articles these were."""
    total = IngestReport()
    for report in reports:
        for name in ("added", "updated", "unchanged", "duplicates", "unlisted", "seconds"):
            setattr(total, name, getattr(total, name) + getattr(report, name))
        total.failed += report.failed
    total.shorten(MOST_FAILED)
    return total


def _fingerprint(uploads: Sequence[Upload]) -> str:
    digest = hashlib.sha256()
    for upload in uploads:
        for part in (upload.name.encode("utf-8", "surrogatepass"), upload.data):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
