"""A token that may only read changes nothing: by no operation that the API's own document has, and by no page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser import serving
from doors import site
from helpers import SAMPLES, open_with
from starlette.testclient import TestClient
from wire import handshake, told

from rag import Pullquote
from rag.tokens import Tokens

ELSEWHERE = ("192.0.2.9", 50_000)

LOOKS_UP = {
    "/v1/ask",
    "/v1/search",
    "/v1/verify",
    "/v1/summarise",
    "/v1/chat/completions",
}
"""What is POSTed to since a question has a body. Whoever adds to this must know that it changes nothing."""

SEEN_AT_LEAST = {"/v1/ingest", "/v1/ingest/lines", "/v1/ingest/files", "/v1/articles/{article_id}", "/v1/search"}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pullquote]:
    with open_with(tmp_path_factory.mktemp("read-only") / "home", rate=0) as opened:
        opened.ingest([str(SAMPLES)])
        yield opened


@pytest.fixture(scope="module")
def tokens(library: Pullquote) -> dict[str, str]:
    there = Tokens(library.settings.home)
    return {"reads": there.add("intern", read_only=True), "writes": there.add("desk")}


@pytest.fixture
def client(library: Pullquote, tokens: dict[str, str]) -> Iterator[TestClient]:
    with site(library, client=ELSEWHERE) as opened:
        opened.headers["authorization"] = f"Bearer {tokens['reads']}"
        yield opened


@pytest.fixture(scope="module")
def document(library: Pullquote, tokens: dict[str, str]) -> dict[str, Any]:
    with site(library, client=ELSEWHERE) as client:
        answer = client.get("/api/v1/openapi.json", headers={"authorization": f"Bearer {tokens['reads']}"})
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in {"get", "head", "options", "post", "put", "patch", "delete", "trace"}:
                yield method, path, operation


def body_of(operation: dict[str, Any]) -> dict[str, Any]:
    """What the document itself shows as an example, as httpx sends it."""
    content = operation.get("requestBody", {}).get("content", {})
    for kind, described in content.items():
        if kind == "multipart/form-data":
            return {"files": {"files": ("new.txt", b"A new article about the quay.")}}
        examples = [example["value"] for example in described.get("examples", {}).values()]
        example = examples[0] if examples else described.get("example", {})
        data = example if isinstance(example, str) else json.dumps(example)
        return {"content": data.encode(), "headers": {"content-type": kind}}
    return {}


def state(library: Pullquote) -> tuple[object, ...]:
    """All that could have changed: what is in the library, and every byte of its files."""
    files = {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(library.settings.home.rglob("*"))
        if path.is_file() and not path.name.endswith((".lock", "-shm", "-wal", ".log"))
    }
    return library.counts(), [entry.article.id for entry in library.articles()], files


def filled(path: str, library: Pullquote) -> str:
    """`path` with things that are there, so that a change would take place."""
    article = next(iter(library.articles())).article
    citation = library.search("quay", 1)[0].excerpt.id
    ids = {"article_id": article.id, "citation_id": citation, "model": "pullquote-quotes", "job_id": "none"}
    return "/api" + path.format_map(_Anything(ids))


class _Anything(dict[str, str]):
    """Something for each name that a route of tomorrow may have."""

    def __missing__(self, name: str) -> str:
        return "anything"


def test_every_operation_that_changes_something_is_refused_and_every_other_is_not(
    client: TestClient, library: Pullquote, document: dict[str, Any], tokens: dict[str, str]
) -> None:
    before, seen = state(library), set()
    for method, path, operation in operations(document):
        answer = client.request(method, filled(path, library), **body_of(operation))
        seen.add(path)
        if method in {"get", "head", "options"} or (method == "post" and path in LOOKS_UP):
            assert answer.status_code in ({200} if "{job_id}" not in path else {404}), (method, path, answer.text)
        else:
            assert answer.status_code == 403, (method, path, answer.text)
            assert answer.json()["type"] == "urn:pullquote:read-only", (method, path)
            assert answer.json()["detail"].startswith("The token intern may only read.")
    assert seen >= SEEN_AT_LEAST
    jobs = client.get("/api/v1/ingest", headers={"authorization": f"Bearer {tokens['writes']}"})
    assert jobs.json() == {"jobs": []}
    assert state(library) == before


def test_no_other_method_gets_around_it(client: TestClient, library: Pullquote, document: dict[str, Any]) -> None:
    before = state(library)
    for path, methods in document["paths"].items():
        for method in ("post", "put", "patch", "delete", "trace"):
            if method in methods and path in LOOKS_UP:
                continue
            answer = client.request(method, filled(path, library), headers={"x-http-method-override": "DELETE"})
            assert answer.status_code in {403, 404, 405}, (method, path, answer.text)
    assert state(library) == before


def test_the_same_requests_do_change_something_with_a_token_that_may(tmp_path: Path, document: dict[str, Any]) -> None:
    """Else the test above could not fail."""
    with open_with(tmp_path / "home", rate=0) as library:
        library.ingest([str(SAMPLES)])
        secret = Tokens(library.settings.home).add("desk")
        before = library.counts()
        with site(library, client=ELSEWHERE) as client:
            client.headers["authorization"] = f"Bearer {secret}"
            for method, path, operation in operations(document):
                answer = client.request(method, filled(path, library), **body_of(operation))
                assert answer.status_code != 403, (method, path)
            jobs = client.get("/api/v1/ingest").json()["jobs"]
        assert len(jobs) == 3
        assert library.counts() != before


# --- the pages --------------------------------------------------------------------------------


def test_the_pages_their_socket_and_their_uploads_are_closed_to_it(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "home")
    reads, writes = tokens.add("intern", read_only=True), tokens.add("desk")
    with serving(tmp_path / "home", tmp_path / "log") as url:
        host = ("Host", urlsplit(url).netloc)
        for secret, allowed in ((reads, False), (writes, True)):
            said = [host, ("Authorization", f"Bearer {secret}")]
            assert (handshake(url, said).status == 101) == allowed
            assert told(url, "GET", "/", said).status == (200 if allowed else 403)
            upload = told(url, "PUT", "/_stcore/upload_file/none/none", said, b"x")
            assert (upload.status == 403 and b"may only read" in upload.body) != allowed
            for path in ("/_stcore/agent/interact", "/_stcore/agent/mcp"):
                assert (b"may only read" in told(url, "POST", path, said, b"{}").body) != allowed
        assert told(url, "POST", "/sign-in", [host], f"token={reads}".encode()).status == 403
