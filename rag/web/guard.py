"""What the web app refuses, and the headers that make a browser refuse more."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from rag.api.problems import FOREIGN, MISDIRECTED, UNREADABLE, Problem

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

API = "/api/"
"""What the paths of the API begin with."""

_FOREIGN = frozenset({"cross-site", "same-site"})
"""What a browser says of a request that another site's page makes."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - what is written to listen everywhere
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::([0-9]{1,5}))?", re.IGNORECASE)
"""A name or an address with or without a port, and nothing else: no user, path or odd letter."""

_PORTS = {"http": 80, "https": 443}
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class HostGuard:
    """Answers only to the hosts it is known by, and takes changes only from its own pages.

    Against DNS rebinding (a foreign name that suddenly means this machine) and against foreign
    pages that write to a server they cannot read, on HTTP and websockets alike. `public` is the
    address that a proxy in front is reached by, where there is one.
    """

    def __init__(
        self, app: ASGIApp, hosts: Callable[[], frozenset[str]], public: Callable[[], str] = lambda: ""
    ) -> None:
        self._app = app
        self._hosts, self._public = hosts, public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and (problem := self._objection(scope)):
            await refusal(problem, scope)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _objection(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        named, origins = headers.getlist("host"), headers.getlist("origin")
        if len(named) > 1 or len(origins) > 1:  # whoever stands in front may have gone by the other one
            return Problem(UNREADABLE, "The request has the same header twice, and they cannot both be meant.")
        host = named[0] if named else ""
        if host_name(host) not in self._hosts() | _own_address(scope):
            return Problem(
                MISDIRECTED,
                f"This Pullquote does not answer to the name {host!r}. Set PULLQUOTE_PUBLIC_URL to use another.",
            )
        # A foreign page may lead a reader to ours; of the API it has nothing to ask, not even what only reads.
        asks = scope["type"] == "websocket" or scope["method"] not in _READING or is_api(scope)
        foreign = bool(origins) and not _is_own(origins[0], host, self._public())
        if asks and (foreign or headers.get("sec-fetch-site") in _FOREIGN):
            return Problem(FOREIGN, "This request comes from another site's page.")
        return None


class SecurityHeaders:
    """Adds to every response what a browser may load, and from whom: from here only."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_headers())
                # Articles, and whatever this caller may see: nothing for the cache of a proxy.
                headers.setdefault("cache-control", "no-store" if is_api(scope) else "private")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class ReaderAddress:
    """Sends a citation's link, `/?article=…&at=…`, on to the reader's page.

    Only here, and not in the page's script, which could only add the reader to the browser's history:
    its Back button would lead to the link, and the link to the reader again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/" and "article" in QueryParams(scope["query_string"]):
            query = scope["query_string"].decode("latin-1")
            await RedirectResponse(f"article?{query}", 307)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def is_api(scope: Scope) -> bool:
    """Whether a program asks, and gets its refusals as such."""
    return str(scope.get("path", "")).startswith(API)


def refusal(problem: Problem, scope: Scope) -> ASGIApp:
    """A problem in the words of whoever asked: a program, a page's websocket, a browser."""
    if scope["type"] == "websocket":
        return WebSocketClose(1008, problem.detail)
    if is_api(scope):
        return problem.response
    return PlainTextResponse(f"{problem.detail}\n", problem.kind.status, problem.headers)


def _own_address(scope: Scope) -> frozenset[str]:
    """The address that was connected to: no name can be bent to mean it."""
    server = scope.get("server")
    address = str(server[0]) if server else ""
    return frozenset({address}) if is_address(address) else frozenset()


def is_address(host: str) -> bool:
    """Whether it is an IP address, and one machine's."""
    try:
        return not ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def is_wildcard(host: str) -> bool:
    """Whether that is how somebody writes that they want every address of the machine, and nothing else."""
    return host in _WILDCARDS


def means_everywhere(address: str) -> bool:
    """Whether listening at this address is listening on every one of the machine."""
    try:
        return not address or _plain(address).is_unspecified
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Whether a name or an address means this machine and can be reached from it only."""
    if host in LOOPBACK:
        return True
    try:
        return _plain(host).is_loopback
    except ValueError:
        return False


def _plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address; of one that stands in an IPv6 address, that one. Raises ValueError for what is none."""
    found = ipaddress.ip_address(address)
    return getattr(found, "ipv4_mapped", None) or found


def host_name(host: str) -> str:
    """The name in a Host header, without the port, in lower case; empty for what is not a host."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower().removesuffix(".") if found else ""


class Origin(NamedTuple):
    """Where a page is from: whose scripts may read each other's answers."""

    scheme: str
    host: str
    port: int


def origin_of(url: str) -> Origin | None:
    """The origin of an address or of an Origin header; None for what has none ("null", a user in it)."""
    scheme, _, rest = url.partition("://")
    scheme, host = scheme.lower(), rest.partition("/")[0]
    found = _HOST.fullmatch(host)
    if scheme not in _PORTS or found is None:
        return None
    return Origin(scheme, host_name(host), int(found[3]) if found[3] else _PORTS[scheme])


def _is_own(origin: str, host: str, public: str) -> bool:
    """Whether a page of `origin` is this app's: of the address that was asked, or of the public one in front of it."""
    said, front = origin_of(origin), origin_of(public)
    if said is None:
        return False
    if said == front:
        return True
    if front is not None and said.host == front.host and not is_loopback(said.host):
        return False  # the same name in clear text, or on another port, is somebody else
    return said == origin_of(f"{said.scheme}://{host}")


@cache
def _headers() -> dict[str, str]:
    return {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in _policy().items()),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        # Not "no-referrer", by which a browser calls even our own forms' origin "null".
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    }


def _policy() -> dict[str, str]:
    return {
        "default-src": "'self'",
        # Streamlit's page has one inline script, allowed by its hash; it loads components' code as blobs.
        "script-src": " ".join(["'self'", "blob:", *_inline_scripts()]),
        "style-src": "'self' 'unsafe-inline'",  # its styled components write style elements
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "media-src": "'self' blob:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "frame-src": "'none'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def _inline_scripts() -> list[str]:
    """CSP sources for the inline scripts of Streamlit's index page."""
    import streamlit

    page = Path(streamlit.__file__).with_name("static") / "index.html"
    digests = [hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page.read_bytes())]
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
