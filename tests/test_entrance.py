"""Who comes in: this machine without a token, everybody else with one; browsers by a session that can be ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from rag import Settings
from rag.tokens import SESSION, Token, Tokens, caller_of
from rag.web.entrance import Entrance, is_direct
from rag.web.sessions import LASTS, MOST, Sessions
from rag.web.sign_in import fonts

HERE, ELSEWHERE = ("127.0.0.1", 50_000), ("192.0.2.9", 50_000)
STREAM = "ws://127.0.0.1/_stcore/stream"
SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"


async def echo(request: Request) -> JSONResponse:
    caller = caller_of(request.scope)
    name, may_write = (caller.name, caller.may_write) if caller is not None else (None, False)
    return JSONResponse({"caller": name, "may_write": may_write, "path": request.url.path})


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        pass


@contextmanager
def door(
    home: Path, client: tuple[str, int] = ELSEWHERE, url: str = "http://127.0.0.1", **settings: Any
) -> Iterator[TestClient]:
    """The entrance before an app that says who was let in."""
    made = Settings(home=home, **settings)
    routes = [
        WebSocketRoute("/_stcore/stream", talk),
        Route("/{path:path}", echo, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Entrance, settings=lambda: made)])
    with TestClient(app, base_url="http://127.0.0.1", client=client, follow_redirects=False) as opened:
        yield opened


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def shown(client: TestClient, secret: str, to: str = "/") -> Any:
    return client.post(f"{SIGN_IN}?to={quote(to)}", data={"token": secret})


# --- this machine -----------------------------------------------------------------------------


def direct(
    client: Any = HERE,
    server: Any = ("127.0.0.1", 8501),
    version: str = "1.1",
    settings: Settings | None = None,
    **headers: str,
) -> bool:
    raw = [(b"host", b"127.0.0.1:8501")] if "host" not in headers else []
    raw += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"client": client, "server": server, "http_version": version}
    return is_direct(scope, Headers(raw=raw), settings or Settings())


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, True),
        ({"client": ("::1", 1), "server": ("::1", 8501), "host": "[::1]:8501"}, True),
        ({"client": ("::ffff:127.0.0.1", 1), "server": ("::ffff:127.0.0.1", 8501)}, True),
        ({"client": ("::ffff:192.0.2.9", 1)}, False),
        ({"client": ELSEWHERE}, False),
        ({"server": ("192.0.2.1", 8501)}, False),
        ({"client": None, "server": ("/run/pullquote.sock", None)}, False),  # a unix socket: who knows
        ({"client": ("", 0)}, False),
        ({"host": "quotes.example"}, False),
        ({"host": "localhost.evil.example"}, False),
        ({"x_forwarded_for": "127.0.0.1"}, False),
        ({"x_forwarded_proto": "https"}, False),
        ({"forwarded": "for=127.0.0.1"}, False),
        ({"via": "1.1 proxy"}, False),
        ({"x_real_ip": "127.0.0.1"}, False),
        ({"cf_connecting_ip": "127.0.0.1"}, False),
        ({"version": "1.0"}, False),  # a proxy that nobody told to say more
        ({"settings": Settings(require_token=True)}, False),
        ({"settings": Settings(public_url="https://quotes.example")}, False),
        ({"settings": Settings(public_url="http://localhost:8501")}, True),
    ],
)  # fmt: skip
def test_this_machine_is_known_by_both_ends_of_the_connection(asked: dict[str, Any], expected: bool) -> None:
    assert direct(**asked) == expected


def test_this_machine_needs_no_token_and_others_do(home: Path) -> None:
    with door(home, HERE) as here, door(home) as elsewhere:
        assert here.get("/api/v1/x").json() == {"caller": "127.0.0.1", "may_write": True, "path": "/api/v1/x"}
        refused = elsewhere.get("/api/v1/x")
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:pullquote:unauthorised")
    assert refused.headers["www-authenticate"].startswith("Bearer ")
    assert refused.headers["cache-control"] == "no-store"


def test_a_key_that_is_none_of_ours_is_passed_over_on_this_machine(home: Path) -> None:
    """Programs made for OpenAI's protocol must send some key."""
    with door(home, HERE) as here:
        assert here.get("/api/v1/x", headers=bearer("sk-anything")).status_code == 200
        assert here.get("/api/v1/x", headers={"authorization": "Basic eDp5"}).status_code == 200


def test_a_token_that_was_taken_back_is_refused_on_this_machine_too(home: Path) -> None:
    tokens = Tokens(home)
    secret = tokens.add("script")
    with door(home, HERE) as here:
        assert here.get("/api/v1/x", headers=bearer(secret)).json()["caller"] == "token script"
        tokens.remove("script")
        assert here.get("/api/v1/x", headers=bearer(secret)).status_code == 401


# --- tokens -----------------------------------------------------------------------------------


def test_a_token_comes_in_by_name_with_its_right(home: Path) -> None:
    tokens = Tokens(home)
    writer, reader = tokens.add("desk"), tokens.add("intern", read_only=True)
    with door(home) as client:
        assert client.get("/api/v1/x", headers=bearer(writer)).json()["may_write"] is True
        assert client.get("/api/v1/x", headers=bearer(reader)).json() == {
            "caller": "token intern", "may_write": False, "path": "/api/v1/x",
        }  # fmt: skip
        assert client.get("/api/v1/x", headers={"authorization": f"bEaReR  {writer} "}).status_code == 200


@pytest.mark.parametrize("said", ["", "Bearer", "Bearer ", "Bearer x", "Basic {0}", "{0}", "Bearer {0}x", "Bearer {1}"])
def test_anything_else_than_a_token_does_not_come_in(home: Path, said: str) -> None:
    secret = Tokens(home).add("desk")
    with door(home) as client:
        headers = {"authorization": said.format(secret, secret[:-1])}
        assert client.get("/api/v1/x", headers=headers).status_code == 401


def test_a_token_that_nobody_knows_is_told_apart_from_none(home: Path) -> None:
    tokens = Tokens(home)
    removed = tokens.add("old")
    tokens.remove("old")
    with door(home) as client:
        none = client.get("/api/v1/x").json()["detail"]
        told = {client.get("/api/v1/x", headers=bearer(secret)).json()["detail"] for secret in (removed, "pq_x", "sk")}
        assert client.get("/api/v1/x", headers={"authorization": "Basic eDp5"}).json()["detail"] == none
    assert none == "Send a token as `Authorization: Bearer TOKEN`."
    (unknown,) = told  # in the same words, whatever is wrong with it
    assert "does not know the token" in unknown and "`pullquote tokens add NAME`" in unknown


def test_a_token_in_an_address_is_none(home: Path) -> None:
    secret = Tokens(home).add("desk")
    with door(home) as client:
        assert client.get(f"/api/v1/x?token={secret}&access_token={secret}").status_code == 401


def test_a_token_is_refused_from_the_moment_it_is_taken_back(home: Path) -> None:
    """In another process the file is all there is of that."""
    secret = Tokens(home).add("desk")
    with door(home) as client:
        for _ in range(3):
            assert client.get("/api/v1/x", headers=bearer(secret)).status_code == 200
        Tokens(home).remove("desk")
        assert client.get("/api/v1/x", headers=bearer(secret)).status_code == 401


def test_who_guesses_is_slowed_down_and_who_knows_is_not(home: Path) -> None:
    secret = Tokens(home).add("desk")
    with door(home) as client:
        statuses = [client.get("/api/v1/x", headers=bearer(f"pq_{n}")).status_code for n in range(40)]
        assert statuses[0] == 401 and statuses[-1] == 429
        slowed = client.get("/api/v1/x", headers=bearer("pq_x"))
        assert int(slowed.headers["retry-after"]) >= 1
        on_the_page = shown(client, "pq_x")
        assert on_the_page.status_code == 429
        assert abs(int(on_the_page.headers["retry-after"]) - int(slowed.headers["retry-after"])) <= 1
        assert client.get("/api/v1/x", headers=bearer(secret)).status_code == 200
        assert shown(client, secret).status_code == 303


def test_a_damaged_list_of_tokens_lets_nobody_in_and_does_not_say_where_it_lies(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = Tokens(home).add("desk")
    (home / "tokens.json").write_text('{"tokens": [{"name": "desk"')
    with door(home) as client:
        refused = client.get("/api/v1/x", headers=bearer(secret))
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:pullquote:unavailable")
        assert str(home) not in refused.text
        assert client.get(SIGN_IN).status_code == 503
    assert "tokens.json" in caplog.text
    with door(home, HERE) as here:
        assert here.get("/api/v1/x").status_code == 200


# --- pages ------------------------------------------------------------------------------------


def test_a_browser_is_led_to_the_sign_in_page_and_back(home: Path) -> None:
    secret = Tokens(home).add("desk")
    with door(home) as client:
        led = client.get("/article?article=a1&at=r-0-9")
        assert (led.status_code, led.headers["cache-control"]) == (303, "no-store")
        page = client.get(led.headers["location"])
        assert page.status_code == 200 and 'type="password"' in page.text
        action = re.search(r'action="([^"]+)"', page.text)
        assert action is not None
        entered = client.post(action[1].replace("&amp;", "&"), data={"token": f"  {secret}\n"})
        assert (entered.status_code, entered.headers["location"]) == (303, "/article?article=a1&at=r-0-9")
        assert client.get("/article").json() == {"caller": "token desk", "may_write": True, "path": "/article"}
        assert client.get(f"{SIGN_IN}?to=/library").headers["location"] == "/library"


def test_what_a_page_fetches_by_itself_is_refused_and_not_led_anywhere(home: Path) -> None:
    with door(home) as client:
        fetched = client.get("/_stcore/health", headers={"sec-fetch-mode": "cors"})
        assert fetched.status_code == 401
        assert client.post("/").status_code == 401
        assert client.put("/_stcore/upload_file/a/b").status_code == 401


def test_of_all_files_only_the_sign_in_page_s_fonts_are_given_to_a_stranger(home: Path) -> None:
    assert set(fonts()) == {"Source Sans", "Source Serif"}
    with door(home) as client:
        page = client.get(SIGN_IN).text
        for path in fonts().values():
            assert path in page
            assert client.get(path).json() == {"caller": None, "may_write": False, "path": path}
            assert client.post(path).status_code == 401
            for other in (f"{path}/", f"{path}x", path.removesuffix("2"), f"{path}/../../../index.html", f"/{path}"):
                assert client.get(other).status_code == 303, other


def test_a_link_of_another_site_is_followed_once_more_so_that_the_session_comes_along(home: Path) -> None:
    with door(home) as client:
        again = client.get("/", headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"})
    assert again.status_code == 200 and 'http-equiv="refresh" content="0"' in again.text
    assert again.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("settings", "name", "attributes"),
    [
        ({}, SESSION, {"httponly", "samesite=strict", "path=/", f"max-age={LASTS}"}),
        (
            {"public_url": "https://quotes.example"},
            f"__Host-{SESSION}",
            {"httponly", "samesite=strict", "path=/", "secure", f"max-age={LASTS}"},
        ),
    ],
)
def test_the_cookie_is_for_this_site_s_pages_only(
    home: Path, settings: dict[str, Any], name: str, attributes: set[str]
) -> None:
    secret = Tokens(home).add("desk")
    with door(home, **settings) as client:
        (cookie,) = shown(client, secret).headers.get_list("set-cookie")
    pair, *rest = [part.strip() for part in cookie.split(";")]
    assert pair.partition("=")[0] == name and len(pair.partition("=")[2]) >= 43
    assert {part.lower() for part in rest} == attributes
    assert secret not in cookie


def test_under_tls_a_cookie_of_a_neighbouring_site_counts_for_nothing(home: Path) -> None:
    secret = Tokens(home).add("desk")
    with door(home, public_url="https://quotes.example") as client:
        key = shown(client, secret).headers["set-cookie"].partition("=")[2].partition(";")[0]
        client.cookies.clear()
        assert client.get("/", headers={"cookie": f"__Host-{SESSION}={key}"}).status_code == 200
        assert client.get("/", headers={"cookie": f"{SESSION}={key}"}).status_code == 303


def test_a_session_opens_the_pages_and_not_the_api(home: Path) -> None:
    """Whatever makes a browser send its cookie must not change anything there."""
    secret = Tokens(home).add("desk")
    with door(home) as client:
        shown(client, secret)
        assert client.get("/library").status_code == 200
        assert client.get("/api/v1/x").status_code == 401
        assert client.delete("/api/v1/x").status_code == 401


def test_a_session_ends_with_its_token(home: Path) -> None:
    tokens = Tokens(home)
    secret = tokens.add("desk")
    with door(home) as client:
        shown(client, secret)
        assert client.get("/").status_code == 200
        tokens.remove("desk")
        assert client.get("/").status_code == 303
        tokens.add("desk")  # another one, of the same name
        assert client.get("/").status_code == 303


def test_a_browser_takes_leave(home: Path) -> None:
    secret = Tokens(home).add("desk")
    with door(home) as client:
        shown(client, secret)
        key = client.cookies[SESSION]
        assert "Sign out?" in client.get(SIGN_OUT).text
        assert client.get("/").status_code == 200  # a link alone has ended nothing
        left = client.post(SIGN_OUT)
        assert (left.status_code, left.headers["location"]) == (303, "/")
        assert SESSION not in client.cookies
        assert client.get("/", headers={"cookie": f"{SESSION}={key}"}).status_code == 303


@pytest.mark.parametrize("secret", ["", "pq_wrong", "\0", "é" * 3_000, "x" * 10_000])
def test_a_token_that_is_none_is_refused_on_the_page(home: Path, secret: str) -> None:
    Tokens(home).add("desk")
    with door(home) as client:
        refused = shown(client, secret)
        assert refused.status_code == 401 and 'role="alert"' in refused.text
        assert "set-cookie" not in refused.headers and (not secret or secret not in refused.text)


def test_a_form_that_is_none_is_refused(home: Path) -> None:
    with door(home) as client:
        for body in (b"", b"\xff\xfe", b"{}", b"token", b"&&&=", b"token=" * 1_000):
            assert client.post(SIGN_IN, content=body).status_code in {401, 429}


def test_a_library_without_tokens_says_how_to_make_one(home: Path) -> None:
    with door(home) as client:
        assert "pullquote tokens add NAME" in client.get(SIGN_IN).text
        Tokens(home).add("desk")
        assert "pullquote tokens add NAME" not in client.get(SIGN_IN).text


AWAY = [
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", "evil.example", "", "/sign-in", "/sign-in?to=/x",
    "/sign-out", "\u2028/evil.example", "/\r\nSet-Cookie: a=b", "http:evil.example", " //evil.example",
]  # fmt: skip


@pytest.mark.parametrize("to", AWAY)
def test_signing_in_leads_nowhere_else(home: Path, to: str) -> None:
    secret = Tokens(home).add("desk")
    with door(home) as client:
        entered = shown(client, secret, to)
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        assert len(entered.headers.get_list("set-cookie")) == 1


@pytest.mark.parametrize("to", ["/", "/quotes?speaker=Ilse%20Varga", "/article?article=a&at=b-0-9#x", "/a//b", "/ä"])
def test_signing_in_leads_back_to_where_one_was(home: Path, to: str) -> None:
    secret = Tokens(home).add("desk")
    with door(home) as client:
        assert shown(client, secret, to).headers["location"] == to.replace("ä", "%C3%A4")


def test_what_an_address_says_is_drawn_as_text(home: Path) -> None:
    with door(home) as client:
        page = client.get(f"{SIGN_IN}?to=" + quote('/"><script>alert(1)</script>'))
    assert "<script" not in page.text and "%3Cscript%3E" in page.text


# --- reading only -----------------------------------------------------------------------------


def test_a_token_that_only_reads_does_not_open_the_pages(home: Path) -> None:
    secret = Tokens(home).add("intern", read_only=True)
    with door(home) as client:
        refused = shown(client, secret)
        assert refused.status_code == 403 and "may only read" in refused.text
        assert "set-cookie" not in refused.headers
        for method, path in (("GET", "/"), ("PUT", "/_stcore/upload_file/a/b"), ("POST", "/_stcore/agent/interact")):
            assert client.request(method, path, headers=bearer(secret)).status_code == 403, path
        assert _refused(client, bearer(secret))


def test_it_does_not_on_this_machine_either(home: Path) -> None:
    secret = Tokens(home).add("intern", read_only=True)
    with door(home, HERE) as here:
        assert here.get("/", headers=bearer(secret)).status_code == 403
        assert _refused(here, bearer(secret))


# --- the web socket ---------------------------------------------------------------------------


def _refused(client: TestClient, headers: dict[str, str]) -> bool:
    """Whether a web socket is closed before anything is heard on it."""
    try:
        with client.websocket_connect(STREAM, headers=headers) as socket:
            socket.send_text("x")
            return socket.receive_text() != "x"
    except WebSocketDisconnect as closed:
        return closed.code == 1008


def test_the_web_socket_wants_a_session_or_a_token(home: Path) -> None:
    secret = Tokens(home).add("desk")
    with door(home) as client:
        assert _refused(client, {})
        assert not _refused(client, bearer(secret))
        shown(client, secret)
        assert not _refused(client, {})


def test_an_open_web_socket_is_closed_when_its_token_is_taken_back(home: Path) -> None:
    tokens = Tokens(home)
    secret = tokens.add("desk")
    with door(home) as client, client.websocket_connect(STREAM, headers=bearer(secret)) as socket:
        socket.send_text("one")
        assert socket.receive_text() == "one"
        tokens.remove("desk")
        socket.send_text("two")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 1008


def test_an_open_web_socket_is_closed_when_its_browser_has_signed_out(home: Path) -> None:
    secret = Tokens(home).add("desk")
    with door(home) as client:
        shown(client, secret)
        with client.websocket_connect(STREAM) as socket:
            client.post(SIGN_OUT)
            socket.send_text("two")
            with pytest.raises(WebSocketDisconnect):
                socket.receive_text()


# --- sessions ---------------------------------------------------------------------------------

TOKEN = Token("desk", "0" * 64, False, "2026-11-01T00:00:00+00:00")


def test_a_session_ends_after_its_time() -> None:
    now = [0.0]
    sessions = Sessions(lambda: now[0])
    key = sessions.begin(TOKEN)
    now[0] = LASTS - 1
    assert sessions.find(key) == TOKEN
    now[0] = LASTS
    assert sessions.find(key) is None


def test_only_so_many_sessions_are_kept_and_the_oldest_goes() -> None:
    sessions = Sessions()
    first, *rest = [sessions.begin(TOKEN) for _ in range(MOST + 1)]
    assert sessions.find(first) is None and all(sessions.find(key) == TOKEN for key in rest)
    assert len(set(rest)) == MOST


def test_a_key_is_kept_as_a_hash_only() -> None:
    sessions = Sessions()
    key = sessions.begin(TOKEN)
    assert key not in repr(vars(sessions))
    for other in ("", key[:-1], key + "x", key.swapcase()):
        assert sessions.find(other) is None
