"""The API's routes over a real library: they give what the commands give, and every quotation is the stored words."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from doors import site
from excerpts import citations
from helpers import HEARING, LEAK, SAMPLES, article, open_with
from starlette.testclient import TestClient
from storyteller import telling

from rag import Pullquote, Settings, open_pullquote
from rag.api import bodies
from rag.api import ingest as ingest_routes
from rag.api import jobs as jobs_module
from rag.api.desk import WRITERS
from rag.api.jobs import MOST_FAILED, WAITING, Job, Jobs, Upload
from rag.api.problems import BUSY, Problem, busy
from rag.ingest import IngestReport
from rag.records import answer_record, hits_record, verification_record
from rag.references import FILE_TYPES

ASKED = {"role": "user", "content": "What did Mayor Ilse Varga object to?"}
QUESTION = "What did Mayor Ilse Varga object to?"
API = "/api/v1"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, embedded_model: Path) -> Iterator[Pullquote]:
    """The sample articles, which these tests only read from."""
    with open_pullquote(Settings(home=tmp_path_factory.mktemp("api") / "home", llm="none")) as opened:
        opened.ingest([str(SAMPLES)])
        yield opened


@pytest.fixture(scope="module")
def reader(samples: Pullquote) -> Iterator[TestClient]:
    with site(samples) as opened:
        yield opened


@pytest.fixture
def writer(pullquote: Pullquote) -> Iterator[TestClient]:
    """A client of a fresh library, with the fake model."""
    with site(pullquote) as opened:
        yield opened


def post(client: TestClient, path: str, **body: Any) -> Any:
    answer = client.post(f"{API}{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def get(client: TestClient, path: str, **query: Any) -> Any:
    answer = client.get(f"{API}{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def check_quotations(pullquote: Pullquote, found: Any) -> int:
    """How many citations there are in an answer, each the stored words."""
    given = list(citations(found))
    for one in given:
        text = pullquote.article(one["article_id"], one["revision"]).article.text
        assert text[one["start"] : one["end"]] == one["quote"]
        assert one["id"] == f"{one['revision']}-{one['start']}-{one['end']}"
    return len(given)


def without_times(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "timings_ms"}


# --- looking up -------------------------------------------------------------------------------


def test_what_the_api_answers_is_what_the_commands_answer(samples: Pullquote, reader: TestClient) -> None:
    asked = post(reader, "/ask", question=QUESTION, k=4)
    assert without_times(asked) == without_times(answer_record(samples.ask(QUESTION, 4), ""))
    assert asked["timings_ms"]["total"] > 0
    assert post(reader, "/search", query="dredging") == hits_record(samples.search("dredging"), "")
    words = "“My objection is to the order of events,” Edda Maskell said."
    assert post(reader, "/verify", text=words) == verification_record(samples.verify(words), "")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/ask", {"question": QUESTION}),
        ("/ask", {"question": "What is the capital of Peru?"}),
        ("/search", {"query": "quay", "k": 100}),
        ("/verify", {"text": "My objection is not to the order of events"}),
        ("/summarise", {"article": "norvane-2026-10-13-privacy-order"}),
        ("/chat/completions", {"messages": [{"role": "user", "content": QUESTION}]}),
    ],
)
def test_every_quotation_that_is_given_is_the_stored_words(
    samples: Pullquote, reader: TestClient, path: str, body: dict[str, Any]
) -> None:
    assert check_quotations(samples, post(reader, path, **body)) > 0


def test_filters_say_which_articles_are_looked_at(reader: TestClient) -> None:
    filters = {"publisher": ["Harbour Gazette"], "since": "2026-09-20", "until": "2026-10-10"}
    hits = post(reader, "/search", query="quay", k=50, filters=filters)["hits"]
    assert hits and {hit["publisher"] for hit in hits} == {"Harbour Gazette"}
    assert all("2026-09-20" <= hit["published"] <= "2026-10-10" for hit in hits)
    query = {"publisher": "Norvane Wire", "speaker": ["Priya Vandermeel", "nobody"]}
    said = get(reader, "/quotes", **query)["quotations"]
    assert said and {q["publisher"] for q in said} == {"Norvane Wire"}
    assert {q["speaker"] for q in said} == {"Priya Vandermeel"}


@pytest.mark.parametrize("name", ["articles", "quotes", "speakers"])
def test_pages_walked_by_next_and_by_link_give_each_once(samples: Pullquote, reader: TestClient, name: str) -> None:
    key = {"quotes": "quotations"}.get(name, name)
    whole = get(reader, f"/{name}", limit=1_000)
    assert whole["next"] is None and len(whole[key]) == whole["total"] > 7
    by_next, start = [], 0
    while start is not None:
        page = get(reader, f"/{name}", limit=7, start=start)
        by_next += page[key]
        start = page["next"]
    by_link, address = [], f"{API}/{name}?limit=7"
    while address:
        answer = reader.get(address)
        by_link += answer.json()[key]
        address = answer.links.get("next", {}).get("url", "")
    plain = [{k: v for k, v in one.items() if k != "n"} for one in whole[key]]
    assert [{k: v for k, v in one.items() if k != "n"} for one in by_next] == plain
    assert [{k: v for k, v in one.items() if k != "n"} for one in by_link] == plain


def test_an_article_is_found_by_id_and_by_external_id_with_its_revisions(
    writer: TestClient, pullquote: Pullquote
) -> None:
    pullquote.ingest_articles([article(HEARING, external_id="hearing", url="https://a.example/1")])
    first = get(writer, "/articles/hearing")
    assert first["text"] == HEARING and get(writer, f"/articles/{first['id']}") == first
    pullquote.ingest_articles([article(LEAK, external_id="hearing")])
    second = get(writer, "/articles/hearing")
    assert second["text"] == LEAK and second["revisions"][0]["revision"] == first["revision"]
    assert get(writer, "/articles/hearing", revision=first["revision"])["text"] == HEARING


@pytest.mark.parametrize(
    "external_id", ["news/2026/1", "/1", "1/", "a//b", "https://a.example/1?p=2#x", "..", "a/../b", "100%"]
)
def test_an_article_is_found_and_removed_by_whatever_its_id_is_made_of(
    writer: TestClient, pullquote: Pullquote, external_id: str
) -> None:
    pullquote.ingest_articles([article(HEARING, external_id=external_id)])
    address = f"{API}/articles/{quote(external_id, safe='').replace('.', '%2E')}"
    assert writer.get(address).json()["external_id"] == external_id
    assert writer.delete(address).status_code == 200
    assert writer.get(address).status_code == 404


@pytest.mark.parametrize("path", ["/articles/", "/health/", "/quotes/", "/ask/", "/ingest/", "/citations/"])
def test_a_path_that_is_none_leads_nowhere_else(writer: TestClient, path: str) -> None:
    """By a redirection a program would send its token once more, and behind a proxy to an address without TLS."""
    answer = writer.get(f"{API}{path}")
    assert answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json"


def test_a_citation_holds_through_a_correction(writer: TestClient, pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article(HEARING, external_id="hearing")])
    (match, *_) = post(writer, "/verify", text="Mud does not read a licence")["matches"]
    pullquote.ingest_articles([article(HEARING.replace("Mud", "Silt"), external_id="hearing")])
    found = get(writer, f"/citations/{match['id']}")
    assert found["quote"] == "Mud does not read a licence" and found["speaker"] == "Edda Maskell"
    assert f"{found['before']}{found['quote']}{found['after']}" in HEARING
    assert post(writer, "/verify", text="Mud does not read a licence")["verdict"] == "altered"


@pytest.mark.parametrize("form", [form for form in FILE_TYPES if form != "json"])
def test_a_citation_is_written_in_every_format(samples: Pullquote, reader: TestClient, form: str) -> None:
    (hit, *_) = post(reader, "/search", query="dredging licence")["hits"]
    written = reader.get(f"{API}/citations/{hit['id']}", params={"format": form})
    assert written.headers["content-type"].split(";")[0] == FILE_TYPES[form].media_type.split(";")[0]  # type: ignore[index]
    assert "accept" in written.headers["vary"].lower()
    accepted = reader.get(
        f"{API}/citations/{hit['id']}", params={"format": form}, headers={"accept": "application/json"}
    )
    assert accepted.json()["text"] == written.text and accepted.json()["quote"] == hit["quote"]
    assert "accept" in accepted.headers["vary"].lower()


@pytest.mark.parametrize(
    ("accept", "as_record"),
    [
        ("text/html, Application/JSON; q=0.5", True),
        ("application/json;q=0, */*", False),
        ("application/json-seq", False),
        ("*/*", False),
    ],
)
def test_only_whoever_names_json_gets_a_format_as_a_record(reader: TestClient, accept: str, as_record: bool) -> None:
    (hit, *_) = post(reader, "/search", query="dredging licence")["hits"]
    answer = reader.get(f"{API}/citations/{hit['id']}?format=ris", headers={"accept": accept})
    assert (answer.headers["content-type"] == "application/json") == as_record


def test_a_public_address_stands_before_links(pullquote: Pullquote, home: Path) -> None:
    with open_with(home.with_name("public"), public_url="https://quotes.example") as opened:
        opened.ingest_articles([article(HEARING)])
        with site(opened, opened.settings.model_copy(update={"public_url": ""})) as client:
            hits = post(client, "/search", query="quay")["hits"]
    assert hits[0]["link"].startswith("https://quotes.example/?article=")


# --- answers as they come ---------------------------------------------------------------------


def events(text: str) -> list[tuple[str, Any]]:
    parts = [part.split("\n") for part in text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in parts]


class Told(NamedTuple):
    """A library whose language model tells the truth, waits to be released, then lies."""

    service: Pullquote
    released: threading.Event


@pytest.fixture
def told(home: Path, embedded_model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    with telling() as story:
        monkeypatch.setenv("OPENAI_BASE_URL", story.url)
        monkeypatch.setenv("OPENAI_API_KEY", "nobodys-key")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with open_pullquote(Settings(home=home, llm="openai:stub")) as opened:
            opened.ingest_articles([article(HEARING, title="Hearing")])
            yield Told(opened, story.released)


def test_a_stream_has_evidence_first_then_verified_sentences_then_the_answer(told: Told) -> None:
    told.released.set()
    body = {"question": "What did Ilse Varga object to?"}
    with site(told.service) as client:
        answer = client.post(f"{API}/ask", json=body | {"stream": True})
        plain = post(client, "/ask", **body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    names, said = zip(*events(answer.text), strict=True)
    assert names == ("evidence", "sentence", "withheld", "answer")
    evidence, sentence, withheld, whole = said
    assert evidence["evidence"] and evidence["question"] == whole["question"]
    assert sentence["supported"] and [c["n"] for c in sentence["cited"]] == sentence["citations"] == [1]
    assert withheld == {"withheld": 1}
    assert whole["mode"] == "llm" and whole["answer"] == sentence["text"] and "$900" not in answer.text
    assert without_times(plain) == without_times(whole)


def test_a_model_that_takes_too_long_is_stopped_and_what_was_verified_stands(told: Told) -> None:
    with site(told.service, told.service.settings.model_copy(update={"request_seconds": 1.5})) as impatient:
        started = time.monotonic()
        answer = post(impatient, "/ask", question="What did Ilse Varga object to?")
    assert time.monotonic() - started < 10 and not told.released.is_set()
    assert answer["mode"] == "llm" and len(answer["claims"]) == 1


def test_what_goes_wrong_before_a_stream_begins_has_a_status_and_no_empty_stream(
    writer: TestClient, pullquote: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Any:
        raise busy(BUSY, "Too many wait.", 1)

    pullquote.ingest_articles([article(HEARING)])
    monkeypatch.setattr("rag.api.questions.answer_record", full)
    refused = writer.post(f"{API}/ask", json={"question": "Who objected?", "stream": True})
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:pullquote:busy")


def test_what_goes_wrong_in_a_stream_is_told_as_its_last_event(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.api.desk.WRITERS_WAITING", -WRITERS)  # there is room for nobody who has a model write
    question = "What did Ilse Varga object to?"
    messages = [{"role": "user", "content": question}]
    with site(told.service) as client:
        streamed = client.post(f"{API}/ask", json={"question": question, "stream": True})
        chunks = client.post(f"{API}/chat/completions", json={"messages": messages, "stream": True})
    names, said = zip(*events(streamed.text), strict=True)
    assert names == ("evidence", "problem") and said[1]["type"] == "urn:pullquote:busy"
    last = json.loads(chunks.text.strip().split("\n\n")[-1].removeprefix("data: "))
    assert last["type"] == "urn:pullquote:busy" and last["error"]["message"] == last["detail"]


def test_without_a_model_a_stream_is_the_evidence_and_the_answer(reader: TestClient) -> None:
    answer = reader.post(f"{API}/ask", json={"question": QUESTION, "stream": True})
    names, said = zip(*events(answer.text), strict=True)
    assert names == ("evidence", "answer")
    assert said[0]["citations"] == said[1]["citations"] and said[0]["searched"] == QUESTION


def test_a_question_that_leans_on_others_says_what_was_searched(reader: TestClient) -> None:
    body = {"question": "And Edda Maskell?", "before": [QUESTION], "stream": True}
    (_, evidence), *_ = events(reader.post(f"{API}/ask", json=body).text)
    assert evidence["searched"] == "What did Edda Maskell object to?"
    assert evidence["question"] == "And Edda Maskell?"


# --- articles in ------------------------------------------------------------------------------

FARES = {"id": "fares", "title": "Fares", "text": "“The fares stay as they are,” Mayor Ilse Varga said."}


def ended(client: TestClient, begun: Any) -> Any:
    """The job that an answer began, once it has ended."""
    assert begun.status_code == 202, begun.text
    deadline = time.monotonic() + 30
    while (job := client.get(begun.headers["location"]).json())["state"] in {"waiting", "running"}:
        assert time.monotonic() < deadline, job
        time.sleep(0.01)
    return job


def test_articles_are_taken_in_as_json_as_lines_and_as_files(writer: TestClient) -> None:
    first = ended(writer, writer.post(f"{API}/ingest", json={"articles": [FARES]}))
    assert first["state"] == "done" and first["report"]["added"] == 1 and first["report"]["quotations"] == 1
    lines = "\n".join([json.dumps(FARES), "no json", json.dumps({"text": HEARING})])
    second = ended(writer, writer.post(f"{API}/ingest/lines", content=lines.encode()))
    assert (second["report"]["added"], second["report"]["unchanged"]) == (1, 1)
    (failure,) = second["report"]["failed"]
    assert "2" in failure["source"] and "JSON" in failure["error"]
    files = [("files", ("leak.txt", LEAK.encode())), ("files", ("x.pdf", b"%PDF-1.7 \x00\xff\xfe"))]
    third = ended(writer, writer.post(f"{API}/ingest/files", files=files))
    assert third["report"]["added"] == 1 and [f["source"] for f in third["report"]["failed"]] == ["x.pdf"]
    assert get(writer, "/health")["articles"] == 3
    assert [job["id"] for job in get(writer, "/ingest")["jobs"]] == [third["id"], second["id"], first["id"]]
    assert "".join(post(writer, "/search", query="fares")["hits"][0]["quote"].split("“")) in FARES["text"]


def test_a_job_of_many_bad_lines_tells_of_the_first_and_counts_the_rest(writer: TestClient) -> None:
    lines = b"x\n" * 1_500
    files = [("files", ("a.jsonl", lines)), ("files", ("b.jsonl", lines + json.dumps(FARES).encode()))]
    job = ended(writer, writer.post(f"{API}/ingest/files", files=files))
    assert job["state"] == "done" and job["report"]["added"] == 1
    assert [failure["source"] for failure in job["report"]["failed"]] == [f"a.jsonl:{n}" for n in range(1, 101)]
    assert job["report"]["unlisted"] == 2_900
    assert get(writer, "/ingest")["jobs"] == [job]


def test_a_job_that_fails_a_lot_is_not_copied_at_each_line(
    pullquote: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, kept, summed = Jobs(lambda: pullquote), [], []
    take_in = pullquote.ingest_upload

    def watched(name: str, data: bytes, progress: Any) -> IngestReport:
        def seen(report: IngestReport) -> None:
            progress(report)
            kept.append(len(report.failed))

        return take_in(name, data, seen)

    monkeypatch.setattr(pullquote, "ingest_upload", watched)
    plain = jobs_module._sum
    monkeypatch.setattr(jobs_module, "_sum", lambda reports: summed.append(1) or plain(reports))
    job = jobs.begin([Upload("a.jsonl", b"x\n" * 1_000)], "")
    assert jobs._pool.submit(lambda: True).result(20)  # is next in the line
    jobs.close()
    assert len(kept) == 1_001 and max(kept) == MOST_FAILED and len(summed) == 1
    assert job.record["report"]["unlisted"] == 1_000 - MOST_FAILED


def test_a_job_that_has_ended_says_when(pullquote: Pullquote) -> None:
    class Watched(Job):
        def __setattr__(self, name: str, value: Any) -> None:
            super().__setattr__(name, value)
            if self.__dict__.get("state") not in {None, "waiting", "running"}:
                assert self.finished_at is not None and not self.uploads

    for service in (lambda: pullquote, lambda: 1 / 0):
        jobs = Jobs(service)  # type: ignore[arg-type]
        job = Watched("id", [Upload("a.jsonl", json.dumps(FARES).encode())], "")
        jobs._do(job)
        assert job.record["finished_at"] and job.state in {"done", "failed"}
        jobs.close()


def test_jobs_that_wait_bring_no_more_than_there_is_room_for(
    pullquote: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = threading.Event()
    monkeypatch.setattr(pullquote, "ingest_upload", lambda *_: (on.wait(20), IngestReport())[1])
    monkeypatch.setattr(jobs_module, "WAITING_BYTES", 100)
    jobs = Jobs(lambda: pullquote)
    jobs.begin([Upload("", b"x" * 120)], "")  # alone it may be large
    with pytest.raises(Problem, match="wait already"):
        jobs.begin([Upload("", b"y")], "")
    on.set()
    jobs.close()
    jobs = Jobs(lambda: pullquote)
    on.clear()
    jobs.begin([Upload("", b"x" * 60)], "")
    with pytest.raises(Problem, match="wait already"):
        jobs.begin([Upload("", b"y" * 60)], "")
    on.set()
    jobs.close()


def test_large_articles_are_read_beside_the_event_loop(writer: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    beside: dict[str, bool] = {}

    def noted(name: str, function: Any) -> Any:
        def call(*args: Any) -> Any:
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                beside[name] = True
            return function(*args)

        return call

    for module, name in ((bodies, "parsed"), (ingest_routes, "_lines"), (jobs_module, "_fingerprint")):
        monkeypatch.setattr(module, name, noted(name, getattr(module, name)))
    many = {"articles": [FARES | {"id": str(n), "text": "word " * 200} for n in range(100)]}
    assert writer.post(f"{API}/ingest", json=many).status_code == 202
    assert beside == {"parsed": True, "_lines": True, "_fingerprint": True}


def test_the_same_key_with_the_same_articles_is_the_same_job(writer: TestClient) -> None:
    keyed = {"Idempotency-Key": "monday"}
    first = writer.post(f"{API}/ingest", json={"articles": [FARES]}, headers=keyed)
    again = writer.post(f"{API}/ingest", json={"articles": [FARES]}, headers=keyed)
    assert again.json()["id"] == first.json()["id"]
    other = writer.post(f"{API}/ingest", json={"articles": [FARES, FARES]}, headers=keyed)
    assert other.status_code == 409 and "Use a new one" in other.json()["detail"]
    unkeyed = writer.post(f"{API}/ingest", json={"articles": [FARES]})
    assert unkeyed.json()["id"] != first.json()["id"]
    assert ended(writer, unkeyed)["report"]["unchanged"] == 1


def test_a_job_is_cancelled_after_the_article_that_it_is_at(
    writer: TestClient, pullquote: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_first, on = threading.Event(), threading.Event()
    take_in = pullquote.ingest_upload

    def slowly(name: str, data: bytes, progress: Any) -> IngestReport:
        def seen(report: IngestReport) -> None:
            at_the_first.set()
            on.wait(10)
            progress(report)

        return take_in(name, data, seen)

    monkeypatch.setattr(pullquote, "ingest_upload", slowly)
    begun = writer.post(f"{API}/ingest", json={"articles": [FARES | {"id": str(n)} for n in range(20)]})
    assert at_the_first.wait(10)
    waiting = writer.post(f"{API}/ingest", json={"articles": [FARES]})
    assert writer.delete(waiting.headers["location"]).status_code == 200
    assert writer.delete(begun.headers["location"]).json()["state"] == "running"
    on.set()
    assert ended(writer, begun)["state"] == "cancelled" == ended(writer, waiting)["state"]
    assert get(writer, "/health")["articles"] < 20


def test_too_many_jobs_are_refused_for_now(
    writer: TestClient, pullquote: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = threading.Event()
    monkeypatch.setattr(pullquote, "ingest_upload", lambda *_: (on.wait(20), IngestReport())[1])
    statuses = [
        writer.post(f"{API}/ingest", json={"articles": [FARES | {"id": str(n)}]}).status_code
        for n in range(WAITING + 2)
    ]
    refused = writer.post(f"{API}/ingest", json={"articles": [FARES]})
    on.set()
    assert statuses[:WAITING] == [202] * WAITING and refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0 and "when some are done" in refused.json()["detail"]


def test_a_defect_ends_its_job_and_not_the_next(
    writer: TestClient, pullquote: Pullquote, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(pullquote, "ingest_upload", lambda *_: 1 / 0)
        broken = ended(writer, writer.post(f"{API}/ingest", json={"articles": [FARES]}))
    assert broken["state"] == "failed" and "ZeroDivisionError" in broken["error"]
    assert ended(writer, writer.post(f"{API}/ingest", json={"articles": [FARES]}))["state"] == "done"


def test_an_article_is_removed_once(writer: TestClient, pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article(HEARING, external_id="hearing", title="Hearing")])
    (hit, *_) = post(writer, "/search", query="quay")["hits"]
    assert writer.delete(f"{API}/articles/hearing").json()["title"] == "Hearing"
    assert writer.delete(f"{API}/articles/hearing").status_code == 404
    assert writer.get(f"{API}/citations/{hit['id']}").status_code == 404


# --- what goes wrong --------------------------------------------------------------------------


SEND_JSON = "Send `Content-Type: application/json`"


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "detail"),
    [
        ("POST", "/ask", {"json": {}}, 422, "#/question: Field required"),
        ("POST", "/ask", {"json": {"question": " \n"}}, 422, "#/question: it is blank"),
        ("POST", "/ask", {"json": {"question": "x" * 2_001}}, 422, "at most 2000 characters"),
        ("POST", "/ask", {"json": {"question": QUESTION, "k": 0}}, 422, "#/k: "),
        ("POST", "/ask", {"json": {"question": QUESTION, "quesion": 1}}, 422, "#/quesion: "),
        ("POST", "/ask", {"json": {"question": QUESTION, "filters": {"speakers": ["x"]}}}, 422, "#/filters/speakers"),
        ("POST", "/ask", {"json": {"question": QUESTION, "filters": {"since": 5}}}, 422, "write it as 2026-09-30"),
        ("POST", "/ask", {"content": b'{"question": '}, 422, "not JSON"),
        ("POST", "/ask", {"content": b"\xff\xfe"}, 422, "not JSON"),
        ("GET", "/articles", {"params": {"limit": 0}}, 422, "query/limit"),
        ("GET", "/articles", {"params": {"publishr": "x"}}, 422, "query/publishr"),
        ("GET", "/articles/nobodys", {}, 404, "'nobodys'"),
        ("GET", "/citations/nonsense", {}, 404, "is not a citation id"),
        ("GET", "/citations/" + "0" * 20 + "-0-1", {}, 404, "may have been removed"),
        ("GET", "/ingest/nobodys", {}, 404, "no such job"),
        ("POST", "/ingest/lines", {"content": b" \n"}, 422, "Send an article a line"),
        ("POST", "/ingest", {"json": {"articles": []}}, 422, "#/articles"),
        ("POST", "/verify", {"json": {"text": "x" * 100_001}}, 422, "100000 characters"),
        ("GET", "/nothing", {}, 404, "'/api/v1/nothing'"),
        ("POST", "/search", {"json": [1]}, 422, "#: "),
        ("POST", "/search", {"content": b'{"query": "quay",}'}, 422, "#: not JSON at character 17: "),
        ("POST", "/search", {"content": b'{"query": "\xff"}'}, 422, "#: not JSON: byte 11 is no UTF-8."),
        ("POST", "/search", {"content": b'{"query": "x", "k": ' + b"9" * 5_000 + b"}"}, 422, "send a shorter one"),
        ("POST", "/search", {"content": b"[" * 9_000 + b"]" * 9_000}, 422, "send it flatter"),
        ("POST", "/search", {"json": {"query": "quay", "größe/~": 1}}, 422, "#/gr%C3%B6%C3%9Fe~1~0: "),
        ("POST", "/search", {"json": {"query": "quay", "k": True}}, 422, "#/k: it is no number"),
        ("POST", "/search", {"json": {"query": "quay", "k": "3"}}, 422, "#/k: it is no number"),
        ("POST", "/ask", {"json": {"question": QUESTION, "llm": "no"}}, 422, "#/llm: "),
        (
            "POST",
            "/search",
            {"content": b'{"query": "quay"}', "headers": {"content-type": "text/plain"}},
            415,
            SEND_JSON,
        ),
        ("POST", "/search", {"content": b'{"query": "quay"}', "headers": {}}, 415, SEND_JSON),
        ("POST", "/search", {"data": {"query": "quay"}}, 415, SEND_JSON),
        ("POST", "/ingest/files", {"json": {}}, 415, "Send `Content-Type: multipart/form-data`"),
        (
            "POST",
            "/ingest/files",
            {"files": [("files", (None, "text"))]},
            422,
            "#/files/0: it is no file; send it with",
        ),
        ("POST", "/ingest/files", {"files": [("files", ("a.txt", b"x")), ("file", ("b.txt", b"y"))]}, 422, "#/file: "),
        ("POST", "/search", {"json": {"query": "quay"}, "params": {"k": 3}}, 422, "query/k: "),
        ("GET", "/citations/530c9fb26808fdcef48c-787-814", {"params": {"fromat": "ris"}}, 422, "query/fromat: "),
        ("GET", "/health", {"params": {"x": 1}}, 422, "query/x: "),
        ("DELETE", "/articles/nobodys", {"params": {"revision": 1}}, 422, "query/revision: "),
        ("POST", "/chat/completions", {"json": {"messages": [1]}}, 422, "#/messages/0: "),
        (
            "POST",
            "/chat/completions",
            {"json": {"messages": [{"role": "user", "content": [{"type": "text", "text": 5}]}]}},
            422,
            "#/messages/0/content/0/text: ",
        ),
        ("POST", "/chat/completions", {"json": {"messages": [{"role": "user", "content": 5}]}}, 422, "/0/content: "),
        ("PUT", "/ask", {}, 405, "POST"),
    ],
)
def test_a_fault_is_a_problem_that_names_the_input_and_the_next_step(
    reader: TestClient, method: str, path: str, sent: dict[str, Any], status: int, detail: str
) -> None:
    headers = {"headers": {"content-type": "application/json"}} if "content" in sent else {}
    answer = reader.request(method, f"{API}{path}", **(headers | sent))
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status and problem["type"].startswith("urn:pullquote:") and problem["title"]
    assert detail in problem["detail"], problem["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/articles/x", "HEAD, GET, DELETE"),
        ("PATCH", "/ingest", "HEAD, GET, POST"),
        ("PATCH", "/ingest/x", "HEAD, GET, DELETE"),
        ("HEAD", "/ask", "POST"),
        ("POST", "/openapi.json", "HEAD, GET"),
    ],
)
def test_a_method_that_is_none_is_told_all_that_there_are(
    reader: TestClient, method: str, path: str, allowed: str
) -> None:
    answer = reader.request(method, f"{API}{path}")
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert method == "HEAD" or answer.json()["detail"] == f"'{API}{path}' takes {allowed}."


@pytest.mark.parametrize("path", ["/health", "/articles", "/articles/nobodys", "/openapi.json", "/nothing"])
def test_head_is_answered_as_get_without_a_body(reader: TestClient, path: str) -> None:
    head, whole = reader.head(f"{API}{path}"), reader.get(f"{API}{path}")
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize(
    "sent",
    [
        {"stream": None, "stream_options": None, "n": None},
        {"stream_options": {"include_usage": None}},
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": QUESTION}, {"type": "image", "text": None}]}
            ]
        },
        {"messages": [{"role": "assistant", "content": [{"type": "text", "text": None}]}, ASKED]},
        {"messages": [{"role": "assistant", "content": {"whatever": 1}}, {"role": "user", "content": None}, ASKED]},
    ],
)
def test_what_programs_of_openais_protocol_send_besides_is_passed_over(
    reader: TestClient, sent: dict[str, Any]
) -> None:
    plain = post(reader, "/chat/completions", messages=[ASKED])
    answered = post(reader, "/chat/completions", **({"messages": [ASKED]} | sent))
    assert answered["choices"] == plain["choices"]


@pytest.mark.parametrize("text", ["\x00quay\x00", "\u202equay", "q" * 2_000, "“" * 500, "{} <b>%s"])
def test_no_question_breaks_anything(reader: TestClient, text: str) -> None:
    body = json.dumps({"question": text, "query": text, "text": text})
    for path, name in (("/ask", "question"), ("/search", "query"), ("/verify", "text")):
        sent = json.dumps({name: json.loads(body)[name]}).encode()
        answer = reader.post(f"{API}{path}", content=sent, headers={"content-type": "application/json"})
        assert answer.status_code == 200, answer.text
        assert answer.json()
