"""Who may come in: this machine without being asked, anybody else with an access token.

A program sends its token with every request; a browser once, on the sign-in page, and then has a session.
"""

from __future__ import annotations

import hashlib
import html
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from string import Template
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.api.limits import Rate
from rag.api.problems import TOO_MANY, UNKNOWN_CALLER, Problem, busy
from rag.settings import Settings
from rag.tokens import Caller, Token, Tokens, admit
from rag.web.guard import host_name, is_api, is_loopback, refusal

SIGN_IN = "/sign-in"
COOKIE = "pullquote_session"

LASTS = 14 * 24 * 3600
"""Seconds of a session, of which there are so many at most, kept in memory: a new start asks everybody again."""

SESSIONS = 10_000

_FORWARDING = frozenset({"forwarded", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip"})
"""What proxies add; so do those headers that begin with x-forwarded."""

_LONGEST_FORM = 4_096


class Sessions:
    """Browsers that have shown a token: a random key each, of which the hash is kept."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._found: OrderedDict[str, tuple[Token, float]] = OrderedDict()

    def begin(self, token: Token) -> str:
        """The key of a new session."""
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._found[_digest(key)] = (token, self._clock() + LASTS)
            while len(self._found) > SESSIONS:
                self._found.popitem(last=False)
        return key

    def find(self, key: str) -> Token | None:
        with self._lock:
            token, until = self._found.get(_digest(key), (None, 0.0))
        return token if self._clock() < until else None


class Entrance:
    """Lets in whoever may come in, noting who that is, and shows everybody else the way to a token."""

    def __init__(self, app: ASGIApp, settings: Callable[[], Settings]) -> None:
        self._app, self._settings = app, settings
        self._sessions = Sessions()
        self._failures = Rate(2)
        self._tokens: Tokens | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        if (caller := self._caller(scope)) is not None:
            admit(scope, caller)
            await self._app(scope, receive, send)
            return
        response = await self._sign_in(Request(scope, receive)) if _is_sign_in(scope) else self._refusal(scope)
        await response(scope, receive, send)

    def _caller(self, scope: Scope) -> Caller | None:
        headers = Headers(scope=scope)
        tokens = self._known()
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and (token := tokens.find(secret.strip())) is not None:
            return _caller(token)
        if not is_api(scope) and (key := cookie_parser(headers.get("cookie", "")).get(COOKIE, "")):
            token = self._sessions.find(key)
            if token is not None and tokens.holds(token):
                return _caller(token)
        return Caller(str(scope["client"][0])) if is_direct(scope, headers, self._settings()) else None

    def _known(self) -> Tokens:
        if self._tokens is None or self._tokens.home != self._settings().home:
            self._tokens = Tokens(self._settings().home)
        return self._tokens

    def _refusal(self, scope: Scope) -> ASGIApp:
        headers = Headers(scope=scope)
        if wait := self._failures.take(_address(scope)) if "authorization" in headers else 0.0:
            return refusal(busy(TOO_MANY, "Too many tokens that are none came from there.", wait), scope)
        if scope["type"] == "http" and not is_api(scope) and scope["method"] == "GET":
            here = quote(
                scope["path"] + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
            )
            if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") == "navigate":
                return _once_more()
            return RedirectResponse(f"{SIGN_IN}?to={here}", 303, {"cache-control": "no-store"})
        wanted = {"www-authenticate": 'Bearer realm="Pullquote"'}
        return refusal(Problem(UNKNOWN_CALLER, "Send a token as `Authorization: Bearer TOKEN`.", wanted), scope)

    async def _sign_in(self, request: Request) -> Response:
        if request.method != "POST":
            return _page(_to(request), any_token=bool(self._known().all()))
        if wait := self._failures.take(_address(request.scope)):
            return _page(_to(request), "Too many attempts. Wait a moment.", 429, {"retry-after": str(round(wait + 1))})
        form = await _form(request)
        token = self._known().find(form.get("token", "").strip())
        if token is None:
            return _page(_to(request), "This is no token of this library, or one no more.", 401)
        if token.read_only:
            return _page(_to(request), "This token may only read, and these pages can change the library.", 403)
        response = RedirectResponse(_to(request), 303, {"cache-control": "no-store"})
        secure = request.url.scheme == "https" or self._settings().public_url.lower().startswith("https:")
        key = self._sessions.begin(token)
        response.set_cookie(COOKIE, key, max_age=LASTS, httponly=True, samesite="strict", secure=secure)
        return response


def is_direct(scope: Scope, headers: Headers, settings: Settings) -> bool:
    """Whether a request was sent from this machine, and through nobody who might send it for somebody else.

    By the two ends of its connection, and not by what it says; what it says can only speak against it.
    """
    public = urlsplit(settings.public_url).hostname
    if settings.require_token or (public and not is_loopback(public)):  # a proxy stands in front
        return False
    client, server = scope.get("client"), scope.get("server")
    ends = bool(client and server and is_loopback(str(client[0])) and is_loopback(str(server[0])))
    forwarded = any(name in _FORWARDING or name.startswith("x-forwarded") for name in headers)
    return ends and not forwarded and is_loopback(host_name(headers.get("host", "")))


def _caller(token: Token) -> Caller:
    return Caller(f"token {token.name}", not token.read_only, token)


def _address(scope: Scope) -> str:
    return str(scope["client"][0]) if scope.get("client") else ""


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _is_sign_in(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["path"] == SIGN_IN and scope["method"] in {"GET", "HEAD", "POST"}


def _to(request: Request) -> str:
    """Where a browser wanted to go: a path here, and nowhere else."""
    to = QueryParams(request.scope["query_string"]).get("to", "/")
    plain = to.isprintable() and "\\" not in to and to.startswith("/") and not to.startswith("//")
    return to if plain and not to.startswith(SIGN_IN) else "/"


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_FORM:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _once_more() -> Response:
    """Has a browser that follows another site's link ask again of itself, so that it sends its session along."""
    return HTMLResponse('<!doctype html><meta http-equiv="refresh" content="0">', headers={"cache-control": "no-store"})


def _page(
    to: str, fault: str = "", status: int = 200, headers: dict[str, str] | None = None, *, any_token: bool = True
) -> Response:
    hint = (
        ""
        if any_token
        else "<p>There is no token yet: run <code>pullquote tokens add NAME</code> where the library is.</p>"
    )
    told = f'<p role="alert">{html.escape(fault)}</p>' if fault else ""
    page = Template(_template()).substitute(action=html.escape(f"{SIGN_IN}?to={quote(to)}"), told=told + hint)
    return HTMLResponse(page, status, {"cache-control": "no-store"} | (headers or {}))


@cache
def _template() -> str:
    return files("rag").joinpath("web/sign-in.html").read_text("utf-8")
