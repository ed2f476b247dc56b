"""Articles on their way in, read by a thread of their own, so that turning the page does not cut them off."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from rag.errors import PullquoteError
from rag.ingest import IngestReport, Progress
from rag.project import project_path
from rag.service import Pullquote
from rag.sources import estimate
from rag.types import Article
from rag.ui.components.notice import notice

log = logging.getLogger(__name__)

_RUNNING, _FINISHED = "intake", "intake_finished"
_GLANCE = 0.1
"""Seconds between two looks at how far it is."""


@dataclass(frozen=True)
class Load:
    """Something to take in, and about how many articles it holds."""

    name: str
    articles: int
    ingest: Callable[[Progress], IngestReport]


@dataclass
class Intake:
    """Loads being taken in, one after the other. Written by its thread, read by the page."""

    loads: Sequence[Load]
    reports: list[IngestReport] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    done: int = 0
    finished: threading.Event = field(default_factory=threading.Event)

    @property
    def total(self) -> int:
        return max(1, sum(load.articles for load in self.loads))

    def start(self) -> Intake:
        threading.Thread(target=self._run, name="intake", daemon=True).start()
        return self

    def _run(self) -> None:
        before = 0
        for load in self.loads:
            try:
                self.reports.append(load.ingest(self._advance(before)))
            except PullquoteError as error:
                self.failed.append((load.name, str(error)))
            except Exception:  # the page must hear that it is over, whatever went wrong
                log.exception("%s could not be taken in", load.name)
                self.failed.append((load.name, "it could not be taken in; the log says why"))
            before += load.articles
            self.done = before
        self.finished.set()

    def _advance(self, before: int) -> Progress:
        def advance(report: IngestReport) -> None:
            self.done = before + report.done

        return advance


def begin(loads: Sequence[Load]) -> None:
    st.session_state[_RUNNING] = Intake(loads).start()


def begin_samples(service: Pullquote) -> None:
    samples = [str(project_path("samples"))]
    begin([Load("The sample articles", estimate(samples), lambda progress: service.ingest(samples, progress))])


def begin_uploads(service: Pullquote, files: Sequence[tuple[str, bytes]]) -> None:
    begin([_upload(service, name, data) for name, data in files])


def begin_pasted(service: Pullquote, article: Article) -> None:
    begin([Load("Pasted text", 1, lambda _: service.ingest_articles([article]))])


def offer(service: Pullquote, library: StreamlitPage) -> None:
    """What a page shows while the library is empty: the samples, and the way to the library."""
    st.html(
        "<h1>Your library is empty</h1>"
        '<p class="pq-intro">Pullquote answers questions in the words of your articles, '
        "and every quotation opens where it was printed. Give it something to read first.</p>"
    )
    if running() is not None:
        watch()
        return
    with st.container(horizontal=True):
        if st.button("Load the sample articles", type="primary", icon=":material/newspaper:"):
            begin_samples(service)
            st.rerun()
        if st.button("Add your own", icon=":material/upload_file:"):
            st.switch_page(library)


def running() -> Intake | None:
    found: Intake | None = st.session_state.get(_RUNNING)
    return found


def watch() -> None:
    """Draw how far the running intake is until it has finished, then rerun the page."""
    intake = running()
    if intake is None:
        return
    bar = st.progress(0.0, "Reading …")
    while not intake.finished.wait(_GLANCE):
        bar.progress(min(1.0, intake.done / intake.total), f"Reading … {intake.done:,} of about {intake.total:,}")
    del st.session_state[_RUNNING]
    st.session_state[_FINISHED] = intake
    time.sleep(_GLANCE)
    st.rerun()


def summary() -> None:
    """What the last intake did, once: the counts, and each failure on a line of its own."""
    intake: Intake | None = st.session_state.get(_FINISHED)
    if intake is None:
        return
    failed = [*intake.failed, *(failure for report in intake.reports for failure in report.failed)]
    notice("success", [_counted(intake.reports)], key="taken-in")
    if failed:
        title = "1 could not be read" if len(failed) == 1 else f"{len(failed):,} could not be read"
        notice("error", [f"{source}: {reason}" for source, reason in failed], title=title, key="not-taken-in")


def forget() -> None:
    """Drop the summary, when something else has happened since."""
    st.session_state.pop(_FINISHED, None)


def _counted(reports: Sequence[IngestReport]) -> str:
    counts = {
        "added": sum(r.added for r in reports),
        "updated": sum(r.updated for r in reports),
        "already here": sum(r.unchanged + r.duplicates for r in reports),
    }
    said = ", ".join(f"{number:,} {what}" for what, number in counts.items() if number)
    return f"{said[:1].upper()}{said[1:]}." if said else "Nothing added."


def _upload(service: Pullquote, name: str, data: bytes) -> Load:
    articles = max(1, data.count(b"\n")) if name.lower().endswith((".jsonl", ".ndjson")) else 1
    return Load(name, articles, lambda progress: service.ingest_upload(name, data, progress))
