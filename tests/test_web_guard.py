"""Whoever asks by another name, or from another site's page, is refused: on the pages' web socket and on the API."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from browser import serving
from starlette.types import Message, Receive, Scope, Send
from wire import handshake, told

from rag.tokens import Tokens
from rag.web.guard import (
    HostGuard,
    Origin,
    ReaderAddress,
    SecurityHeaders,
    host_name,
    is_loopback,
    is_wildcard,
    means_everywhere,
    origin_of,
)

PUBLIC = "https://quotes.example"

# --- twelve combinations on real sockets ------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole app in a process of its own, on loopback."""
    folder = tmp_path_factory.mktemp("site")
    with serving(folder / "home", folder / "log") as url:
        yield url


HOSTS = {"own": "{own}", "foreign": "evil.example:{port}"}
ORIGINS = {
    "none": None,
    "own": "http://{own}",
    "foreign": "http://evil.example",
    "null": "null",
    "another port": "http://127.0.0.1:3000",
    "own name within a foreign one": "http://127.0.0.1.evil.example:{port}",
}
LET_IN = {("own", "none"), ("own", "own")}
"""Of the twelve, what is let in: programs here, and the app's own pages."""

TWELVE = [(host, origin) for host in HOSTS for origin in ORIGINS]


def said(site: str, host: str, origin: str | None) -> list[tuple[str, str]]:
    names = {"own": urlsplit(site).netloc, "port": urlsplit(site).port}
    headers = [("Host", host.format(**names))]
    return [*headers, ("Origin", origin.format(**names))] if origin is not None else headers


@pytest.mark.parametrize(("host", "origin"), TWELVE)
def test_twelve_combinations_on_the_web_socket(site: str, host: str, origin: str) -> None:
    reply = handshake(site, said(site, HOSTS[host], ORIGINS[origin]))
    assert reply.status == (101 if (host, origin) in LET_IN else 403)


@pytest.mark.parametrize(("method", "path", "body"), [
    ("GET", "/api/v1/health", b""),
    ("POST", "/api/v1/search", b'{"query": "quay"}'),
    ("DELETE", "/api/v1/articles/none", b""),
])  # fmt: skip
@pytest.mark.parametrize(("host", "origin"), TWELVE)
def test_twelve_combinations_on_the_api(site: str, method: str, path: str, body: bytes, host: str, origin: str) -> None:
    headers = [*said(site, HOSTS[host], ORIGINS[origin]), ("Content-Type", "application/json")]
    reply = told(site, method, path, headers, body)
    if (host, origin) in LET_IN:
        assert reply.status == (404 if method == "DELETE" else 200), reply
        return
    assert reply.status == (421 if host == "foreign" else 403)
    assert reply.headers["content-type"] == "application/problem+json"
    assert json.loads(reply.body)["type"] == f"urn:pullquote:{'misdirected' if host == 'foreign' else 'foreign-page'}"


@pytest.fixture(scope="module")
def behind_a_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The app with a public address, and a token for it."""
    folder = tmp_path_factory.mktemp("behind")
    secret = Tokens(folder / "home").add("reader")
    with serving(folder / "home", folder / "log", PULLQUOTE_PUBLIC_URL=PUBLIC) as url:
        yield url, secret


@pytest.mark.parametrize(
    ("host", "origin", "let_in"),
    [
        ("quotes.example", None, True),
        ("quotes.example", "https://quotes.example", True),
        ("QUOTES.example.", "https://quotes.example:443", True),
        ("{own}", "https://quotes.example", True),  # a proxy that puts its own word for Host
        ("{own}", "http://{own}", True),
        ("quotes.example", "http://quotes.example", False),  # the same name in clear text
        ("{own}", "http://quotes.example", False),
        ("quotes.example", "https://quotes.example:8443", False),
        ("quotes.example", "https://evil.example", False),
        ("quotes.example", "null", False),
        ("quotes.example", "https://evilquotes.example", False),
        ("quotes.example", "https://quotes.example.evil.example", False),
        ("quotes.example", "https://quotes.example@evil.example", False),
        ("quotes.example.evil.example", "https://quotes.example", False),
        ("evil.example", None, False),
    ],
)
def test_behind_a_proxy_only_the_public_address_is_own(
    behind_a_proxy: tuple[str, str], host: str, origin: str | None, let_in: bool
) -> None:
    site, secret = behind_a_proxy
    headers = [*said(site, host, origin), ("Authorization", f"Bearer {secret}")]
    assert (handshake(site, headers).status == 101) == let_in
    assert (told(site, "GET", "/api/v1/health", headers).status == 200) == let_in


def test_a_public_address_ends_the_trust_in_this_machine(behind_a_proxy: tuple[str, str]) -> None:
    site, _ = behind_a_proxy
    assert told(site, "GET", "/api/v1/health", said(site, "{own}", None)).status == 401
    assert handshake(site, said(site, "{own}", None)).status == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("Host", "{own}"), ("Host", "evil.example")], 400),
        ([("Host", "evil.example"), ("Host", "{own}")], 400),
        ([("Host", "{own}"), ("X-Forwarded-Host", "evil.example")], 401),  # sent on, so not from here
        ([("Host", "evil.example"), ("X-Forwarded-Host", "{own}")], 421),
        ([("Host", "127.0.0.1@evil.example")], 421),
        ([("Host", "evil.example@127.0.0.1")], 421),
        ([("Host", "127.0.0.1:80:80")], 421),
        ([("Host", "localhost.evil.example")], 421),
        ([("Host", "evil.localhost")], 421),
        ([("Host", "")], 421),
        ([], 400),
    ],
)
def test_tricks_with_the_host_do_not_help(site: str, headers: list[tuple[str, str]], status: int) -> None:
    filled = [(name, value.format(own=urlsplit(site).netloc)) for name, value in headers]
    assert told(site, "GET", "/api/v1/health", filled).status == status
    assert handshake(site, filled).status != 101


def test_a_request_for_a_whole_address_is_judged_by_its_host(site: str) -> None:
    own = urlsplit(site).netloc
    assert told(site, "GET", "http://evil.example/api/v1/health", [("Host", own)]).status in {400, 404}
    assert told(site, "GET", f"http://{own}/api/v1/health", [("Host", "evil.example")]).status in {400, 421}


@pytest.mark.parametrize("path", ["//api/v1/health", "/api//v1/health", "/%61pi/v1/health", "/x/../api/v1/health"])
def test_no_spelling_of_a_path_leads_around_the_guard(site: str, path: str) -> None:
    headers = said(site, "{own}", "http://evil.example")
    reply = told(site, "GET", path, headers)
    assert reply.status in {400, 403, 404} or b'"articles"' not in reply.body
    assert told(site, "POST", path, headers).status in {400, 403}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/articles/..", 404),
        ("/api/v1/articles/%2e%2e", 404),
        ("/api/v1/articles/%00", 404),
        ("/api/v1/articles/c:/x", 404),
        ("/api/v1/articles/%5c%5chost%5cx", 404),
        ("/api/v1/citations/..%2Fx", 404),
        ("/api/v1/ingest/%00", 404),
        ("/api/v1/articles/%0a", 404),
        ("/api/../app.py", 404),
        ("/api/v1/openapi.json", 200),
    ],
)
def test_every_path_of_the_api_is_answered_by_the_api(site: str, path: str, status: int) -> None:
    reply = told(site, "GET", path, said(site, "{own}", None))
    assert reply.status == status, reply
    assert reply.headers["content-type"] == ("application/json" if status == 200 else "application/problem+json")


def test_answers_of_the_api_are_compressed_for_whoever_asks_for_that(site: str) -> None:
    headers = [*said(site, "{own}", None), ("Accept-Encoding", "gzip")]
    reply = told(site, "GET", "/api/v1/openapi.json", headers)
    assert reply.headers["content-encoding"] == "gzip" and "openapi" in json.loads(gzip.decompress(reply.body))


def test_a_second_request_on_the_connection_is_guarded_too(site: str) -> None:
    own = urlsplit(site).netloc.encode()
    first = b"GET /api/v1/health HTTP/1.1\r\nHost: " + own + b"\r\n\r\n"
    second = b"GET /api/v1/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    from wire import connected

    with connected(site) as wire:
        wire.sendall(first + second)
        data = b""
        while piece := wire.recv(65_536):
            data += piece
    assert data.count(b"HTTP/1.1 200") == 1 and data.count(b"HTTP/1.1 421") == 1


def test_two_lengths_or_a_length_and_chunks_are_no_request(site: str) -> None:
    host = ("Host", urlsplit(site).netloc)
    twice = [host, ("Content-Length", "3"), ("Content-Length", "30")]
    assert told(site, "POST", "/api/v1/search", twice).status == 400


# --- what the guard says, case by case --------------------------------------------------------

HERE = frozenset({"127.0.0.1", "localhost", "::1", "quotes.example"})


def passes(kind: str, path: str = "/", public: str = "", server: str = "127.0.0.1", **headers: str) -> bool:
    """Whether a request reaches the app; `headers` with underscores for hyphens, and "|" between several of a name."""
    reached: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        assert message["type"] in {"http.response.start", "http.response.body", "websocket.close"}

    raw = [
        (name.replace("_", "-").encode(), one.encode()) for name, value in headers.items() for one in value.split("|")
    ]
    scope: Scope = {"type": "websocket" if kind == "websocket" else "http", "method": kind, "path": path}
    scope |= {"headers": raw, "server": (server, 8501)}
    asyncio.run(HostGuard(app, lambda: HERE, lambda: public)(scope, receive, send))
    return bool(reached)


@pytest.mark.parametrize(
    ("kind", "host", "origin", "let_in"),
    [
        ("GET", "localhost:8501", None, True),
        ("GET", "LOCALHOST", None, True),
        ("GET", "localhost.", None, True),
        ("GET", "[::1]:8501", None, True),
        ("GET", "evil.example", None, False),
        ("GET", "", None, False),
        ("GET", "127.0.0.1:8501", "http://evil.example", True),
        ("PUT", "127.0.0.1:8501", "http://evil.example", False),
        ("PUT", "127.0.0.1:8501", "http://127.0.0.1:3000", False),
        ("PUT", "127.0.0.1:8501", "http://127.0.0.1:8501", True),
        ("PUT", "127.0.0.1:8501", "http://user@127.0.0.1:8501", False),
        ("PUT", "localhost:8501", "http://LOCALHOST:8501", True),
        ("PUT", "127.0.0.1", "http://127.0.0.1:80", True),
        ("PUT", "[::1]:8501", "http://[::1]:8501", True),
        ("PUT", "[::1]:8501", "http://[::2]:8501", False),
        ("PUT", "127.0.0.1:8501", "https://quotes.example", False),
        ("PUT", "127.0.0.1:8501", "file://", False),
        ("PUT", "127.0.0.1:8501", "", False),
        ("websocket", "127.0.0.1:8501", "http://127.0.0.1:8501", True),
        ("websocket", "127.0.0.1:8501", "null", False),
        ("websocket", "evil.example:8501", "http://evil.example:8501", False),
        ("websocket", "127.0.0.1:8501", "chrome-extension://abcdef", False),
    ],
)
def test_only_known_hosts_and_own_pages_are_let_in(kind: str, host: str, origin: str | None, let_in: bool) -> None:
    assert passes(kind, host=host, **({"origin": origin} if origin is not None else {})) == let_in


@pytest.mark.parametrize(
    ("kind", "path", "fetched_from", "let_in"),
    [
        ("GET", "/", "cross-site", True),  # somebody follows a link
        ("GET", "/api/v1/health", "cross-site", False),
        ("GET", "/api/v1/health", "same-site", False),
        ("GET", "/api/v1/health", "same-origin", True),
        ("GET", "/api/v1/health", "none", True),  # typed into the address bar
        ("POST", "/sign-in", "cross-site", False),
        ("POST", "/sign-out", "same-site", False),
        ("PUT", "/_stcore/upload_file/a/b", "cross-site", False),
        ("websocket", "/_stcore/stream", "cross-site", False),
        ("websocket", "/_stcore/stream", "same-origin", True),
    ],
)
def test_what_a_browser_says_of_where_it_asks_from_counts(
    kind: str, path: str, fetched_from: str, let_in: bool
) -> None:
    assert passes(kind, path, host="localhost:8501", sec_fetch_site=fetched_from) == let_in


@pytest.mark.parametrize("kind", ["GET", "PUT", "websocket"])
@pytest.mark.parametrize(
    "twice",
    [
        {"host": "localhost|evil.example"},
        {"host": "localhost|localhost"},
        {"host": "localhost", "origin": "http://localhost|http://evil.example"},
    ],
)
def test_a_header_that_comes_twice_counts_for_nothing(kind: str, twice: dict[str, str]) -> None:
    """Servers before this one may let it through, and each may go by another of the two."""
    assert not passes(kind, **twice)


@pytest.mark.parametrize("kind", ["GET", "PUT", "websocket"])
def test_the_address_that_was_connected_to_is_a_name_of_ours(kind: str) -> None:
    at = {"server": "192.0.2.7", "host": "192.0.2.7:8501", "origin": "http://192.0.2.7:8501"}
    assert passes(kind, **at)
    assert not passes(kind, **at | {"server": "192.0.2.8"})
    assert not passes("GET", server="0.0.0.0", host="0.0.0.0:8501")


def test_a_public_address_on_this_machine_leaves_its_own_pages_alone() -> None:
    asked = {"host": "localhost:8501", "origin": "http://localhost:8501"}
    assert passes("PUT", public="http://localhost:9000", **asked)
    assert passes("PUT", public="http://localhost:9000", **asked | {"origin": "http://localhost:9000"})
    assert not passes("PUT", public="http://localhost:9000", **asked | {"origin": "http://localhost:7000"})


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("A.Example:80", "a.example"),
        ("[::1]:1", "::1"),
        ("[::1", ""),
        ("::1", ""),
        ("x.example.", "x.example"),
        ("x.example..", "x.example."),
        ("user@x.example", ""),
        ("x.example/", ""),
        ("x.example#", ""),
        ("x.example:port", ""),
        ("x\u00e4.example", ""),
        ("", ""),
    ],
)
def test_host_names_are_read_without_port_and_case(host: str, name: str) -> None:
    assert host_name(host) == name


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Quotes.example/path", Origin("https", "quotes.example", 443)),
        ("HTTP://x.example", Origin("http", "x.example", 80)),
        ("http://x.example:8080", Origin("http", "x.example", 8080)),
        ("http://[::1]:1", Origin("http", "::1", 1)),
        ("null", None),
        ("ftp://x.example", None),
        ("https://user@x.example", None),
        ("https://", None),
        ("", None),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: Origin | None) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.0.2.1", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("127.1", False),
        ("0.0.0.0", False),
        ("", False),
    ],
)
def test_only_what_stays_on_this_machine_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) == loopback


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "0:0:0:0:0:0:0:0", "::ffff:0.0.0.0", ""])
def test_all_that_means_every_address_is_known(address: str) -> None:
    assert means_everywhere(address)
    assert is_wildcard(address) == (address in {"0.0.0.0", "::"})


# --- what is added, and who is sent on --------------------------------------------------------


def test_every_answer_tells_browsers_what_they_may_not(site: str) -> None:
    own = said(site, "{own}", None)
    answers = [
        told(site, "GET", "/", own),
        told(site, "GET", "/api/v1/health", own),
        told(site, "GET", "/api/v1/none", own),
        told(site, "GET", "/api/v1/health", said(site, "evil.example", None)),
        told(site, "POST", "/sign-out", said(site, "{own}", "null")),
    ]
    assert [answer.status for answer in answers] == [200, 200, 404, 421, 403]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe-eval" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "server" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers


def test_no_cache_keeps_what_the_api_says(site: str) -> None:
    for path in ("/api/v1/health", "/api/v1/articles", "/api/v1/none"):
        assert told(site, "GET", path, said(site, "{own}", None)).headers["cache-control"] == "no-store"


def test_no_cache_on_the_way_keeps_what_the_pages_show(site: str) -> None:
    kept = {path: told(site, "GET", path, said(site, "{own}", None)).headers for path in ("/", "/media/x", "/library")}
    for path, headers in kept.items():
        assert headers["cache-control"] in {"private", "no-cache", "no-store"}, path


def test_an_answer_may_say_itself_how_long_it_keeps() -> None:
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"cache-control", b"max-age=5")]})

    async def keep(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    asyncio.run(SecurityHeaders(app)({"type": "http", "path": "/api/v1/x", "headers": []}, receive, keep))
    assert dict(sent[0]["headers"])[b"cache-control"] == b"max-age=5"


@pytest.mark.parametrize(
    ("path", "query", "address"),
    [
        ("/", "article=a1&at=r-0-9", "article?article=a1&at=r-0-9"),
        ("/", "chat=abc&article=a1", "article?chat=abc&article=a1"),
        ("/", "article=", "article?article="),
        ("/", "chat=abc&particle=1", None),
        ("/", "chat=article=1", None),
        ("/", "", None),
        ("/article", "article=a1", None),
    ],
)
def test_only_a_link_that_names_an_article_leads_to_the_reader(path: str, query: str, address: str | None) -> None:
    assert redirected(path, query) == address


def redirected(path: str, query: str) -> str | None:
    """Where a GET is sent on to, or None where it reaches the app."""

    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": []}
    asyncio.run(ReaderAddress(app)(scope, receive, send))
    location = dict(sent[0]["headers"]).get(b"location")
    return location.decode() if location is not None else None
