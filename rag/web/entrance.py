"""Who may come in: this machine without being asked, anybody else with an access token.

A program sends its token with every request; a browser once, on the sign-in page, and then has a session.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.api.limits import Rate
from rag.api.problems import READ_ONLY, TOO_MANY, UNAVAILABLE, UNKNOWN_CALLER, Problem, busy
from rag.errors import PullquoteError
from rag.redaction import redacted
from rag.settings import Settings
from rag.tokens import PREFIX, SESSION, Caller, Token, Tokens, admit
from rag.web import sign_in
from rag.web.guard import host_name, is_api, is_loopback, refusal
from rag.web.sessions import LASTS, Sessions

log = logging.getLogger(__name__)

_FORWARDING = frozenset({"forwarded", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip"})
"""What proxies add; so do those headers that begin with x-forwarded."""

_LONGEST_FORM = 4_096

_NOT_SEEN = {"cache-control": "no-store"}

_NONE = "Send a token as `Authorization: Bearer TOKEN`."
_UNKNOWN = (
    "This library does not know the token that was sent: it is misspelt, or was removed. `pullquote tokens add NAME`, "
    "where the library is, makes another."
)


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
        try:
            answer = await self._answer(scope, receive)
        except PullquoteError as error:  # says where the list of tokens lies, which is nothing for a stranger
            log.error("%s", error)
            answer = refusal(Problem(UNAVAILABLE, "The access tokens cannot be read now; the log says why."), scope)
        if answer is not None:
            await answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._while_let_in(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> ASGIApp | None:
        """What is said instead of letting somebody in; None lets them in."""
        caller = self._caller(scope)
        if _asks_for(scope, sign_in.PATH):
            return await self._sign_in(Request(scope, receive), caller)
        if _asks_for(scope, sign_in.LEAVING):
            return self._sign_out(Request(scope))
        if caller is None:
            shown = scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in sign_in.fonts().values()
            return None if shown else self._refusal(scope)
        if not caller.may_write and not is_api(scope):  # through the pages one can change everything
            detail = f"The {caller.name} may only read, and these pages can change the library."
            return refusal(Problem(READ_ONLY, detail, _NOT_SEEN), scope)
        admit(scope, caller)
        return None

    async def _while_let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A page's web socket, which may stay open for days: closed as soon as its token or session is taken back."""
        closed = False

        async def holds() -> bool:
            nonlocal closed
            if not closed and not self._may_stay(scope):
                closed = True
                await send({"type": "websocket.close", "code": 1008, "reason": "The token was taken back."})
            return not closed

        async def heard() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and not await holds():
                return {"type": "websocket.disconnect", "code": 1008}
            return message

        async def said(message: Message) -> None:
            if message["type"] != "websocket.send" or await holds():
                if closed:  # has been told already
                    return
                await send(message)

        await self._app(scope, heard, said)

    def _may_stay(self, scope: Scope) -> bool:
        try:
            caller = self._caller(scope)
        except PullquoteError:
            return False
        return caller is not None and caller.may_write

    def _caller(self, scope: Scope) -> Caller | None:
        headers = Headers(scope=scope)
        if secret := _bearer(headers):
            if (token := self._known().find(secret)) is not None:
                return _caller(token)
            if secret.startswith(PREFIX):  # of ours, and taken back: being on this machine makes up for nothing
                return None
        if not is_api(scope) and (token := self._session(scope, headers)) is not None:
            return _caller(token)
        return Caller(str(scope["client"][0])) if is_direct(scope, headers, self._settings()) else None

    def _session(self, scope: Scope, headers: Headers) -> Token | None:
        key = cookie_parser(headers.get("cookie", "")).get(self._cookie(scope), "")
        token = self._sessions.find(key) if key else None
        return token if token is not None and self._known().holds(token) else None

    def _known(self) -> Tokens:
        home = self._settings().home
        if self._tokens is None or self._tokens.home != home:
            self._tokens = Tokens(home)
        return self._tokens

    def _refusal(self, scope: Scope) -> ASGIApp:
        headers = Headers(scope=scope)
        if wait := self._failures.take(_address(scope)) if "authorization" in headers else 0.0:
            return refusal(busy(TOO_MANY, "Too many tokens that are none came from there.", wait), scope)
        if scope["type"] == "http" and not is_api(scope) and scope["method"] == "GET" and _navigates(headers):
            if headers.get("sec-fetch-site") == "cross-site":
                return sign_in.once_more()
            query = scope["query_string"].decode("latin-1")
            here = _kept(scope["path"] + (f"?{query}" if query else ""))
            return RedirectResponse(f"{sign_in.PATH}?to={quote(here)}", 303, _NOT_SEEN)
        wanted = {"www-authenticate": 'Bearer realm="Pullquote"'} | _NOT_SEEN
        return refusal(Problem(UNKNOWN_CALLER, _UNKNOWN if _bearer(headers) else _NONE, wanted), scope)

    async def _sign_in(self, request: Request, caller: Caller | None) -> Response:
        to = _to(request)
        if request.method != "POST":
            if caller is not None and caller.may_write:
                return RedirectResponse(to, 303, _NOT_SEEN)
            return sign_in.sign_in(to, any_token=bool(self._known().all()))
        token = self._known().find((await _form(request)).get("token", "").strip())
        if token is None:
            if wait := self._failures.take(_address(request.scope)):
                slowed = busy(TOO_MANY, "Too many attempts. Wait a moment.", wait)
                return sign_in.sign_in(to, slowed.detail, slowed.kind.status, slowed.headers)
            return sign_in.sign_in(to, "This library does not know that token. Check that all of it is there.", 401)
        if token.read_only:
            return sign_in.sign_in(to, "That token may only read, and these pages can change the library.", 403)
        response = RedirectResponse(to, 303, _NOT_SEEN)
        response.set_cookie(
            self._cookie(request.scope),
            self._sessions.begin(token),
            max_age=LASTS,
            httponly=True,
            samesite="strict",
            secure=self._encrypted(request.scope),
        )
        return response

    def _sign_out(self, request: Request) -> Response:
        if request.method != "POST":
            return sign_in.sign_out()
        cookie = self._cookie(request.scope)
        self._sessions.end(cookie_parser(request.headers.get("cookie", "")).get(cookie, ""))
        response = RedirectResponse("/", 303, _NOT_SEEN)
        secure = self._encrypted(request.scope)
        response.delete_cookie(cookie, httponly=True, samesite="strict", secure=secure)
        return response

    def _encrypted(self, scope: Scope) -> bool:
        """Whether the browser speaks TLS, here or to the proxy in front."""
        return scope.get("scheme") in {"https", "wss"} or self._settings().public_url.lower().startswith("https:")

    def _cookie(self, scope: Scope) -> str:
        """With the prefix, a browser takes it from this very host only, and no site beside it can put its own there."""
        return f"__Host-{SESSION}" if self._encrypted(scope) else SESSION


def is_direct(scope: Scope, headers: Headers, settings: Settings) -> bool:
    """Whether a request was sent from this machine, and through nobody who might send it for somebody else.

    By the two ends of its connection, and not by what it says; what it says can only speak against it.
    """
    public = urlsplit(settings.public_url).hostname
    if settings.require_token or (public and not is_loopback(public)):  # a proxy stands in front
        return False
    client, server = scope.get("client"), scope.get("server")
    ends = bool(client and server and is_loopback(str(client[0])) and is_loopback(str(server[0])))
    # HTTP/1.0 is what a proxy speaks that nobody has set up with care; nothing else does any more.
    forwarded = any(name in _FORWARDING or name.startswith("x-forwarded") for name in headers)
    forwarded = forwarded or scope.get("http_version") == "1.0"
    return ends and not forwarded and is_loopback(host_name(headers.get("host", "")))


def _bearer(headers: Headers) -> str:
    """What is sent as a token; empty where nothing is."""
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _caller(token: Token) -> Caller:
    return Caller(f"token {token.name}", not token.read_only, token)


def _address(scope: Scope) -> str:
    return str(scope["client"][0]) if scope.get("client") else ""


def _asks_for(scope: Scope, path: str) -> bool:
    return scope["type"] == "http" and scope["path"] == path and scope["method"] in {"GET", "HEAD", "POST"}


def _navigates(headers: Headers) -> bool:
    """Whether a browser would show the answer; what a page fetches by itself is of no use as a sign-in page."""
    return headers.get("sec-fetch-mode", "navigate") == "navigate"


def _to(request: Request) -> str:
    """Where a browser wanted to go: a path here, and nowhere else."""
    to = QueryParams(request.scope["query_string"]).get("to", "/")
    plain = to.isprintable() and "\\" not in to and to.startswith("/") and not to.startswith("//")
    return _kept(to) if plain and not to.startswith((sign_in.PATH, sign_in.LEAVING)) else "/"


def _kept(address: str) -> str:
    """An address to come back to; a token in it must not be handed from page to page."""
    return address if redacted(address) == address else "/"


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_FORM:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
