"""The two pages that need no token: where a browser shows one, and where it takes leave."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Template
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

PATH, LEAVING = "/sign-in", "/sign-out"
"""Their addresses."""

FIRST = "There is no access token yet. Whoever has the library makes one with"


def sign_in(
    to: str, fault: str = "", status: int = 200, headers: Mapping[str, str] | None = None, any_token: bool = True
) -> Response:
    """The page that asks for a token and leads on to the path `to`; `fault` says why the last one was of no use."""
    none_yet = f'<p class="hint">{FIRST} <code>pullquote tokens add NAME</code>.</p>'
    told = f'<p role="alert" id="fault">{html.escape(fault)}</p>' if fault else ""
    body = Template(_file("sign-in.html")).substitute(
        action=html.escape(f"{PATH}?to={quote(to)}"),
        told=told + ("" if any_token else none_yet),
        field='aria-invalid="true" aria-describedby="fault"' if fault else 'aria-describedby="what"',
    )
    return _page("Sign in", body, status, headers)


def sign_out(headers: Mapping[str, str] | None = None) -> Response:
    """The page that asks whether it is meant: a link alone must not end anything."""
    return _page("Sign out", _file("sign-out.html"), 200, headers)


def once_more() -> Response:
    """Has a browser that follows another site's link ask again of itself, so that it sends its session along."""
    return HTMLResponse('<!doctype html><meta http-equiv="refresh" content="0">', headers={"cache-control": "no-store"})


@cache
def fonts() -> Mapping[str, str]:
    """The app's own fonts, by family: paths of files that Streamlit serves, which the pages here are shown too."""
    import streamlit

    static = Path(streamlit.__file__).with_name("static")
    named = {"Source Sans": "SourceSansVF-Upright*.woff2", "Source Serif": "SourceSerifVariable-Roman*.woff2"}
    return {
        family: f"/{path.relative_to(static).as_posix()}"
        for family, pattern in named.items()
        for path in sorted(static.glob(f"static/media/{pattern}"))[:1]
    }


def _page(title: str, body: str, status: int, headers: Mapping[str, str] | None) -> Response:
    wordmark = _asset("wordmark-light.svg").replace("<svg ", '<svg class="wordmark" ', 1)
    wordmark = wordmark.replace('fill="#9A2A1C"', 'class="marks"').replace(' fill="#1D1B18"', "")  # the page colours it
    icon = base64.b64encode(_asset("icon.svg").encode()).decode()
    faces = "\n".join(
        f'@font-face {{ font-family: "{family}"; src: url("{path}") format("woff2"); font-weight: 200 900; }}'
        for family, path in fonts().items()
    )
    page = Template(_file("frame.html")).substitute(title=title, wordmark=wordmark, icon=icon, faces=faces, body=body)
    return HTMLResponse(page, status, {"cache-control": "no-store"} | dict(headers or {}))


@cache
def _file(name: str) -> str:
    return files("rag").joinpath("web", name).read_text("utf-8")


@cache
def _asset(name: str) -> str:
    return files("rag").joinpath("ui", "assets", name).read_text("utf-8")
