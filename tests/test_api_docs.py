"""docs/API.md and the examples of the OpenAPI document, each asked of the served app over the sample articles."""

from __future__ import annotations

import json
import re
import shlex
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from browser import ROOT, serving
from helpers import SAMPLES

from rag import Settings, open_pullquote
from rag.api.app import fastapi_app
from rag.api.desk import Desk
from rag.tokens import Tokens

DOCUMENT = (ROOT / "docs" / "API.md").read_text("utf-8")
PRINTED = "http://127.0.0.1:8501"
BLOCKS = re.findall(r"^```(sh|json|)\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)


class Answer(NamedTuple):
    status: int
    text: str
    headers: dict[str, str]


class Site(NamedTuple):
    """The served app, and what stands in the document for what only it knows."""

    url: str
    token: str
    job: list[str]

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer:
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return self._heard(answer.status, answer.read(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            return self._heard(error.code, error.read(), dict(error.headers))

    def _heard(self, status: int, body: bytes, headers: dict[str, str]) -> Answer:
        if status == 202:
            self.job[:] = [json.loads(body)["id"]]
        return Answer(status, body.decode(), {name.lower(): value for name, value in headers.items()})

    def run(self, line: str) -> Answer:
        """What a line of curl gets; of its options those that the document uses."""
        words = shlex.split(line.replace("TOKEN", self.token).replace("JOB", "".join(self.job)))
        assert words.pop(0) == "curl"
        headers: dict[str, str] = {}
        body, urls = None, []
        while words:
            word = words.pop(0)
            if word == "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            elif word == "-d":
                body = words.pop(0).encode()
            elif word != "-N":
                urls.append(word)
        (url,) = urls
        assert url.startswith(PRINTED)
        return self.ask("GET" if body is None else "POST", url.removeprefix(PRINTED), headers, body)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, embedded_model: Path, parser_model: Path) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("docs")
    with open_pullquote(Settings(home=folder / "home")) as pullquote:
        pullquote.ingest([str(SAMPLES)])
    token = Tokens(folder / "home").add("reader")
    with serving(folder / "home", folder / "log") as url:
        yield Site(url, token, [])


# --- the document -----------------------------------------------------------------------------


def test_every_example_of_the_document_gets_what_it_shows(site: Site) -> None:
    answer, run = None, 0
    for kind, block in BLOCKS:
        if kind == "sh":
            for line in block.replace("\\\n", " ").splitlines():
                answer, run = site.run(line), run + 1
                shows_a_fault = '"since": "May"' in line
                assert (answer.status >= 400) == shows_a_fault, (line, answer)
                _wait_for_the_job(site)
        else:
            assert answer is not None
            shown(block, answer, kind)
    assert run >= 14


def _wait_for_the_job(site: Site) -> None:
    """Until it has ended: a reader asks again."""
    deadline = time.monotonic() + 60
    while site.job and time.monotonic() < deadline:
        job = json.loads(site.ask("GET", f"/api/v1/ingest/{site.job[0]}", {}, None).text)
        if job["state"] not in {"waiting", "running"}:
            return
        time.sleep(0.05)
    assert not site.job, "the job does not end"


def shown(block: str, answer: Answer, kind: str) -> None:
    """Asserts that an answer is as the document shows it: JSON in part, and text in whole lines, but for an “…”."""
    if kind == "json":
        fits(json.loads(block), json.loads(answer.text), "")
        return
    lines = [line.strip() for line in answer.text.splitlines()]
    for line in filter(None, map(str.strip, block.splitlines())):
        if line.endswith("…"):
            assert any(one.startswith(line.rstrip("…").strip()) for one in lines), (line, answer.text[:500])
        else:
            assert line in lines, (line, answer.text[:500])


NEAR = 0.03
"""By how much a score may differ from the document's: processors multiply eight-bit vectors in more than one way."""


def fits(wanted: Any, found: Any, place: str) -> None:
    if isinstance(wanted, float):
        assert isinstance(found, float) and abs(found - wanted) < NEAR, place
    elif wanted == "…":
        assert found is not None, place
    elif isinstance(wanted, dict):
        for name, value in wanted.items():
            assert name in found, f"{place}/{name}"
            fits(value, found[name], f"{place}/{name}")
    elif isinstance(wanted, list):
        assert len(found) >= len(wanted) if "…" in wanted else len(found) == len(wanted), place
        for n, value in enumerate(value for value in wanted if value != "…"):
            fits(value, found[n], f"{place}/{n}")
    else:
        assert found == wanted, place


def test_an_example_that_shows_something_else_would_be_seen() -> None:
    fits({"a": [1, "…"], "b": "…"}, {"a": [1, 2], "b": 3, "c": 4}, "")
    fits({"a": 0.65}, {"a": 0.66}, "")
    for wanted in ({"a": 2}, {"x": "…"}, {"a": 1, "l": [1]}, {"l": [2, "…"]}, {"f": 0.6}, {"f": 0.4}):
        with pytest.raises(AssertionError):
            fits(wanted, {"a": 1, "l": [1, 2], "f": 0.5}, "")
    for block in ("TY  - \n", "NEWS\n", "TY  - BO…\n"):
        with pytest.raises(AssertionError):
            shown(block, Answer(200, "TY  - NEWS\r\nER  - \r\n", {}), "")


def test_the_document_has_every_route_and_no_other() -> None:
    written = set(re.findall(r"`(GET|POST|DELETE) (/api/v1/\S+?)`", DOCUMENT))
    there = {
        (method.upper(), f"/api{path}") for path, routes in described()["paths"].items() for method in routes
    }  # fmt: skip
    assert written == there


def test_the_document_names_every_status_that_openapi_does() -> None:
    described_too = {status for route in _routes() for status in route["responses"]} - {"200", "202"}
    table = DOCUMENT.split("| status |")[1]
    written = {status for statuses in re.findall(r"^\| ([\d, ]+) \|", table, re.M) for status in statuses.split(", ")}
    assert written == described_too | {"408"}  # which the server says before anything of ours is asked


# --- the OpenAPI document ---------------------------------------------------------------------


def described() -> dict[str, Any]:
    def nobody() -> None:
        raise AssertionError("the document opens no library")

    document: dict[str, Any] = fastapi_app(Desk(nobody, Settings())).openapi()
    return document


def _routes() -> list[dict[str, Any]]:
    return [route for routes in described()["paths"].values() for route in routes.values()]


def examples() -> Iterator[tuple[str, str, str, Any]]:
    """Each example of a body as (path, what it is of, media type, body)."""
    for path, routes in described()["paths"].items():
        for route in routes.values():
            for media, content in route.get("requestBody", {}).get("content", {}).items():
                for name, example in content.get("examples", {}).items():
                    yield f"/api{path}", name, media, example["value"]


EXAMPLES = list(examples())


@pytest.mark.parametrize(("path", "name", "media", "body"), EXAMPLES, ids=[f"{p} {n}" for p, n, _, _ in EXAMPLES])
def test_every_example_of_openapi_is_answered(site: Site, path: str, name: str, media: str, body: Any) -> None:
    sent = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    answer = site.ask("POST", path, {"content-type": media}, sent)
    assert answer.status in {200, 202}, answer.text
    assert answer.headers["content-type"].startswith(("application/json", "text/event-stream"))


def test_every_example_of_a_path_is_there(site: Site) -> None:
    asked = 0
    for path, routes in described()["paths"].items():
        places = [one for one in routes.get("get", {}).get("parameters", []) if one["in"] == "path"]
        examples_of = [one.get("schema", {}).get("examples", []) for one in places]
        if places and all(examples_of):
            asked += 1
            for place, (example, *_) in zip(places, examples_of, strict=True):
                path = path.replace(f"{{{place['name']}}}", example)
            assert site.ask("GET", f"/api{path}", {}, None).status == 200, path
    assert asked == 3


def test_there_are_examples_for_all_that_takes_a_body() -> None:
    with_body = {
        f"/api{path}" for path, routes in described()["paths"].items() if "requestBody" in routes.get("post", {})
    }
    assert {path for path, *_ in EXAMPLES} >= with_body - {"/api/v1/ingest/files"}


def test_every_route_says_what_it_does() -> None:
    assert all(route["description"] and route["summary"] and route["tags"] for route in _routes())
