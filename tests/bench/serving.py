"""The served API under a crowd that looks things up while one job brings articles in: figures, every citation checked.

    python tests/bench/serving.py DATA [--articles 5000] [--home DIR] [--readers 50] [--seconds 120] [--think 2]

`pullquote serve` runs on loopback over a library of real articles, without a language model. First one reader asks
alone (idle); then all of them at once, each with a pause after every answer (`--think` seconds on average; 0 asks
without a pause), while a job takes in `--ingest` other articles. Milliseconds are from the request to the last byte of
the answer. Memory is what the server and its children hold. The processor time of whatever else runs is printed:
figures of a busy machine are worth little. At the end the library is opened, and every citation of every answer is
compared with the text that it is said to be from; a wrong one, or an answer that is an error, makes the exit code 1.
With --home the library made there is kept, and taken back to its first articles after the run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from rag import Pullquote, Settings, open_pullquote
from rag.evals import news
from rag.evals.starts import environment
from rag.records import article_record
from rag.types import Article, QuoteSearch

SEED = 3
WEIGHTS = {"cite": 40, "search": 25, "quotes": 15, "verify": 10, "ask": 10}
"""What readers do, of a hundred requests."""

ALONE = 200
"""Requests of each kind by which idleness is measured."""

KEPT = 4.0
"""Seconds for which a connection is used again; the server lets go of it after five."""

GOAL = 3.0
"""Times its idle p95 that `cite` and `search` may take."""


class Call(NamedTuple):
    """A request to the API."""

    kind: str
    method: str
    path: str
    body: bytes = b""


class Heard(NamedTuple):
    """What came of a call: its status (0 where nothing came), the answer, and seconds from first to last byte."""

    kind: str
    status: int
    body: bytes
    seconds: float


# --- asking -----------------------------------------------------------------------------------


class Reader:
    """One kept connection. Written for little processor time: it shares two cores with what is measured."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._last = 0.0

    async def ask(self, call: Call) -> Heard:
        if time.perf_counter() - self._last > KEPT:  # the server may be closing it just now
            await self.close()
        started = time.perf_counter()
        try:
            status, body = await asyncio.wait_for(self._exchange(call), 60)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            await self.close()
            status, body = 0, f"{type(error).__name__}: {error}".encode()
        self._last = time.perf_counter()
        return Heard(call.kind, status, body, self._last - started)

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, call: Call) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        head = f"{call.method} /api/v1{call.path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\n"
        if call.body:
            head += f"content-type: application/json\r\ncontent-length: {len(call.body)}\r\n"
        writer.write(f"{head}\r\n".encode() + call.body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(answer.split(" ", 2)[1])
        if "transfer-encoding: chunked" in answer:
            body = await _chunks(reader)
        else:
            body = await reader.readexactly(int(answer.split("content-length: ")[1].split("\r\n")[0]))
        if "connection: close" in answer:
            await self.close()
        return status, body


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return body


class Questions(NamedTuple):
    """What readers ask about: ids of citations, questions, names of speakers, quotations to check."""

    citations: Sequence[str]
    questions: Sequence[str]
    speakers: Sequence[str]
    quotations: Sequence[str]

    def call(self, kind: str, dice: random.Random) -> Call:
        if kind == "cite":
            return Call(kind, "GET", f"/citations/{dice.choice(self.citations)}")
        if kind == "quotes":
            return Call(kind, "GET", f"/quotes?limit=20&speaker={quote(dice.choice(self.speakers))}")
        body = {
            "search": lambda: {"query": dice.choice(self.questions)},
            "ask": lambda: {"question": dice.choice(self.questions), "llm": False},
            "verify": lambda: {"text": dice.choice(self.quotations)},
        }[kind]()
        return Call(kind, "POST", f"/{kind}", json.dumps(body).encode())


def questions(pullquote: Pullquote, data: Path) -> Questions:
    found = pullquote.quotes(QuoteSearch(), 2_000).found
    return Questions(
        [one.citation.id for one in found],
        news.questions(data, 400),
        sorted({one.citation.speaker for one in found if one.citation.speaker}),
        [one.citation.quote for one in found if 30 < len(one.citation.quote) < 400],
    )


async def alone(where: tuple[str, int], asked: Questions, kind: str, count: int) -> list[Heard]:
    dice, reader = random.Random(SEED), Reader(*where)
    heard = [await reader.ask(asked.call(kind, dice)) for _ in range(count)]
    await reader.close()
    return heard


async def crowd(where: tuple[str, int], asked: Questions, readers: int, seconds: float, think: float) -> list[Heard]:
    heard: list[Heard] = []
    until = time.perf_counter() + seconds

    async def read(seed: int) -> None:
        dice, reader = random.Random(seed), Reader(*where)
        await asyncio.sleep(dice.random() * think)  # they do not all come at once
        while time.perf_counter() < until:
            (kind,) = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
            heard.append(await reader.ask(asked.call(kind, dice)))
            if think:
                await asyncio.sleep(min(dice.expovariate(1 / think), 5 * think))
        await reader.close()

    await asyncio.gather(*(read(SEED + n) for n in range(readers)))
    return heard


# --- what is served, and what it holds --------------------------------------------------------


@contextmanager
def served(home: Path) -> Iterator[tuple[tuple[str, int], int]]:
    """The address of a server over `home`, and its process id."""
    settings = Settings(home=home, llm="none")
    command = [sys.executable, "-m", "rag", "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment(settings)) as process:
        assert process.stderr is not None
        try:
            line = next(line for line in process.stderr if "answers at" in line)
            threading.Thread(target=lambda: sys.stderr.writelines(process.stderr or ()), daemon=True).start()
            url = urlsplit(line.split(" at ")[1].split()[0])
            yield (str(url.hostname), int(url.port or 0)), process.pid
        finally:
            process.terminate()


class Work(NamedTuple):
    """Seconds of processor time: of the server and what it started, of the readers here, and of all there is."""

    server: float
    readers: float
    machine: float

    @classmethod
    def until_now(cls, pid: int) -> Work:
        machine = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
        idle = sum(map(int, machine[3:5]))
        return cls(
            sum(map(worked, family(pid))),
            time.process_time(),
            (sum(map(int, machine[:8])) - idle) / os.sysconf("SC_CLK_TCK"),
        )

    def since(self, before: Work) -> str:
        server, readers, machine = (now - then for now, then in zip(self, before, strict=True))
        others = machine - server - readers
        return f"processor time: server {server:.1f} s, readers {readers:.1f} s, others on this machine {others:.1f} s"


def worked(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


class Memory:
    """MiB that a process and its children hold, once a second."""

    def __init__(self, pid: int) -> None:
        self._pid, self._ended = pid, threading.Event()
        self.held: list[float] = []
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.is_set():
            self.held.append(sum(map(resident, family(self._pid))))
            self._ended.wait(1)


def family(pid: int) -> list[int]:
    """A process and all that it started, from whichever thread."""
    children: list[str] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += thread.read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def resident(pid: int) -> float:
    """MiB of its own; pages of files, such as the library's, are the system's to drop."""
    try:
        told = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return int(told.split("RssAnon:")[1].split()[0]) / 1024


# --- whether it was right ---------------------------------------------------------------------


def citations(body: Any) -> Iterator[dict[str, Any]]:
    """Every citation in an answer, wherever it stands."""
    if isinstance(body, dict):
        if {"quote", "start", "end", "article_id", "revision"} <= body.keys():
            yield body
        body = list(body.values())
    for part in body if isinstance(body, list) else ():
        yield from citations(part)


def wrong(heard: Sequence[Heard], text_of: Callable[[str, str], str]) -> tuple[int, list[str]]:
    """How many different citations there are, and those that are not `text_of(article, revision)[start:end]`."""
    seen = {
        (c["article_id"], c["revision"], c["start"], c["end"], c["quote"], c["id"])
        for one in heard
        if one.status == 200
        for c in citations(json.loads(one.body))
    }
    bent = [
        f"{citation_id}: {words!r}"
        for article, revision, start, end, words, citation_id in seen
        if text_of(article, revision)[start:end] != words or citation_id != f"{revision}-{start}-{end}"
    ]
    return len(seen), bent


def failed(heard: Sequence[Heard]) -> list[Heard]:
    return [one for one in heard if one.status != 200]


# --- the report -------------------------------------------------------------------------------


def percentile(seconds: Sequence[float], share: float) -> float:
    """In milliseconds."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def report(idle: dict[str, list[float]], heard: Sequence[Heard], seconds: float) -> None:
    statuses = dict(Counter(one.status for one in heard))
    print(f"\n{len(heard):,} answers, {len(heard) / seconds:.1f} a second; statuses {statuses}")
    print("| kind | answers | idle p50 | idle p95 | p50 | p95 | p99 | p95 / idle p95 |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in WEIGHTS:
        took, before = [one.seconds for one in heard if one.kind == kind], idle.get(kind, [])
        if took and before:
            ratio = percentile(took, 0.95) / percentile(before, 0.95)
            figures = [*(percentile(before, s) for s in (0.5, 0.95)), *(percentile(took, s) for s in (0.5, 0.95, 0.99))]
            over = " **over**" if kind in {"cite", "search"} and ratio > GOAL else ""
            print(f"| {kind} | {len(took):,} | {' | '.join(f'{f:.1f}' for f in figures)} | {ratio:.1f}{over} |")
    for one in failed(heard)[:5]:
        print(f"FAILED {one.kind} {one.status}: {one.body[:300]!r}")


def report_memory(held: Sequence[float]) -> None:
    quarters = [held[min(len(held) - 1, len(held) * n // 4)] for n in range(5)]
    half = held[len(held) // 2 :]
    slope = statistics.linear_regression(range(len(half)), half).slope if len(half) > 2 else 0.0
    told = ", ".join(f"{mib:.0f}" for mib in quarters)
    print(
        f"MiB held at 0, 25, 50, 75, 100 %: {told}; most {max(held):.0f}; {slope * 60:+.1f} a minute in the second half"
    )


async def under_load(
    where: tuple[str, int], asked: Questions, coming: Sequence[Article], options: argparse.Namespace
) -> tuple[list[Heard], dict[str, Any]]:
    job: dict[str, Any] = {}
    reader = Reader(*where)
    if coming:
        articles = [_body(article) for article in coming]
        begun = await reader.ask(Call("ingest", "POST", "/ingest", json.dumps({"articles": articles}).encode()))
        assert begun.status == 202, begun
        job = json.loads(begun.body)
    heard = await crowd(where, asked, options.readers, options.seconds, options.think)
    if job:
        now = await reader.ask(Call("job", "GET", f"/ingest/{job['id']}"))
        job = json.loads(now.body)
        await reader.ask(Call("job", "DELETE", f"/ingest/{job['id']}"))
    await reader.close()
    return heard, job


def _body(article: Article) -> dict[str, str]:
    fields = {name: getattr(article, name) for name in ("text", "title", "url", "publisher", "author", "published")}
    return {name: value for name, value in (fields | {"id": article.external_id}).items() if value}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--think", type=float, default=2)
    parser.add_argument("--ingest", type=int, default=900, help="articles of the job; 0 begins none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = options.home or Path(scratch)
        articles = list(news.articles(options.data, options.articles + options.ingest))
        first, coming = articles[: options.articles], articles[options.articles :]
        with open_pullquote(Settings(home=home, llm="none")) as pullquote:
            if pullquote.counts().articles < len(first):
                pullquote.ingest_articles(first)
            pullquote.index.wait()
            asked = questions(pullquote, options.data)
            there = {article_record(entry)["id"] for entry in pullquote.articles()}
            print(pullquote.counts(), flush=True)
        heard = measure(home, asked, coming, options)
        with open_pullquote(Settings(home=home, llm="none")) as pullquote:
            count, bent = wrong(heard, lambda article, revision: pullquote.article(article, revision).article.text)
            print(f"{count:,} different citations, {len(bent)} wrong", *bent[:5], sep="\n  ")
            for entry in pullquote.articles() if options.home else ():
                if entry.article.id not in there:
                    pullquote.remove(entry.article.id)
    sys.exit(1 if bent or failed(heard) else 0)


def measure(home: Path, asked: Questions, coming: Sequence[Article], options: argparse.Namespace) -> list[Heard]:
    with served(home) as (where, pid):
        for kind in WEIGHTS:
            asyncio.run(alone(where, asked, kind, 20))  # whatever is opened at the first question
        before = [one for kind in WEIGHTS for one in asyncio.run(alone(where, asked, kind, ALONE))]
        idle = {kind: [one.seconds for one in before if one.kind == kind] for kind in WEIGHTS}
        memory, before_it = Memory(pid), Work.until_now(pid)
        heard, job = asyncio.run(under_load(where, asked, coming, options))
        memory.close()
        print(f"{options.readers} readers, {options.think:g} s of thought, {options.seconds:g} s; "
              f"{Work.until_now(pid).since(before_it)}")  # fmt: skip
        report(idle, heard, options.seconds)
        report_memory(memory.held)
        if job:
            print(f"job {job['state']}: {job['report']}")
    return [*before, *heard]


if __name__ == "__main__":
    main()
