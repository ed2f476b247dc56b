"""Where the app listens: on this machine, elsewhere only with a token, and everywhere only when that is written out."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser import serving
from helpers import ROOT
from wire import connected, handshake, told

from rag import Settings
from rag.errors import SettingsError
from rag.tokens import Tokens
from rag.web.connections import LARGEST_HEAD
from rag.web.serve import _streamlit_options, serve

NOWHERE = "192.0.2.1"
"""An address that no machine has."""


def refusal(home: Path, host: str) -> str:
    with pytest.raises(SettingsError) as refused:
        serve(Settings(home=home, host=host, port=0), on_ready=lambda _: pytest.fail("it serves"))
    return str(refused.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", NOWHERE, "2001:db8::1"])
def test_where_others_could_come_in_a_token_must_be_there_first(home: Path, host: str) -> None:
    said = refusal(home, host)
    assert repr(host) in said and "pullquote tokens add NAME" in said and "127.0.0.1" in said


@pytest.mark.parametrize("any_token", [False, True])
@pytest.mark.parametrize("host", ["0", "0.0", "0x0", "00.0.0.0", "0:0:0:0:0:0:0:0", "::0", "::ffff:0.0.0.0"])
def test_everywhere_is_never_what_somebody_may_not_have_meant(home: Path, host: str, any_token: bool) -> None:
    if any_token:
        Tokens(home).add("desk")
    said = refusal(home, host)
    assert repr(host) in said and "every address" in said and "0.0.0.0 or ::" in said


@pytest.mark.parametrize(
    "host", ["", "*", "[::]", "no such host", "quotes.invalid", "127.0.0.1:80", "http://127.0.0.1"]
)
def test_a_host_that_is_none_is_refused(home: Path, host: str) -> None:
    Tokens(home).add("desk")
    assert "127.0.0.1" in refusal(home, host)


def test_a_damaged_list_of_tokens_is_no_token(home: Path) -> None:
    home.mkdir()
    (home / "tokens.json").write_text("{")
    with pytest.raises(Exception, match=r"tokens\.json cannot be read"):
        serve(Settings(home=home, host="0.0.0.0", port=0), on_ready=lambda _: pytest.fail("it serves"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_the_command_refuses_and_listens_nowhere(home: Path, host: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "rag", "--home", str(home), "serve", "--host", host, "--port", str(port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "PULLQUOTE_HOST" in done.stderr
    with pytest.raises(OSError, match="refused"):
        connected(f"http://127.0.0.1:{port}", 1)
    assert not (home / "library.sqlite3").exists()


# --- with a token -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Tokens, str]]:
    """The app on every address of this machine, for a moment, on a port that nobody knows."""
    folder = tmp_path_factory.mktemp("everywhere")
    tokens = Tokens(folder / "home")
    secret = tokens.add("desk")
    with serving(folder / "home", folder / "log", PULLQUOTE_HOST="0.0.0.0") as url:
        assert "at http://127.0.0.1:" in (folder / "log").read_text()
        assert "on every address of this machine" in (folder / "log").read_text()
        yield url, tokens, secret


def outside(url: str) -> str:
    """The same app by this machine's address in its network, by which a request is nobody's from here."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((NOWHERE, 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no address but loopback")
        address = probe.getsockname()[0]
    return f"http://{address}:{urlsplit(url).port}"


def host(url: str) -> tuple[str, str]:
    return ("Host", urlsplit(url).netloc)


def test_from_outside_a_browser_gets_the_sign_in_page_and_a_program_a_problem(
    everywhere: tuple[str, Tokens, str],
) -> None:
    url, _, secret = everywhere
    away = outside(url)
    page = told(away, "GET", "/library?x=1", [host(away)])
    assert (page.status, page.headers["location"]) == (303, "/sign-in?to=/library%3Fx%3D1")
    shown = told(away, "GET", page.headers["location"], [host(away)])
    assert shown.status == 200 and b"<h1>Sign in</h1>" in shown.body
    refused = told(away, "GET", "/api/v1/health", [host(away)])
    assert refused.status == 401 and json.loads(refused.body)["type"] == "urn:pullquote:unauthorised"
    assert handshake(away, [host(away)]).status == 403
    token = ("Authorization", f"Bearer {secret}")
    assert told(away, "GET", "/api/v1/health", [host(away), token]).status == 200
    assert handshake(away, [host(away), token]).status == 101
    assert told(url, "GET", "/api/v1/health", [host(url)]).status == 200


def test_from_outside_no_header_makes_one_local(everywhere: tuple[str, Tokens, str]) -> None:
    away = outside(everywhere[0])
    for name in ("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "Client-IP"):
        assert told(away, "GET", "/api/v1/health", [host(away), (name, "127.0.0.1")]).status == 401
    assert told(away, "GET", "/api/v1/health", [("Host", "localhost")]).status == 401
    assert told(away, "GET", "/api/v1/health", [("Host", "evil.example")]).status == 421


def test_a_token_taken_back_while_it_serves_is_refused_at_once(everywhere: tuple[str, Tokens, str]) -> None:
    url, tokens, _ = everywhere
    away, secret = outside(url), tokens.add("leaving")
    headers = [host(away), ("Authorization", f"Bearer {secret}")]
    assert told(away, "GET", "/api/v1/health", headers).status == 200
    command = [sys.executable, "-m", "rag", "--home", str(tokens.home), "tokens", "remove", "leaving"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    assert told(away, "GET", "/api/v1/health", headers).status == 401
    assert handshake(away, headers).status == 403


def test_an_open_page_is_cut_off_when_its_token_is_taken_back(everywhere: tuple[str, Tokens, str]) -> None:
    """On Streamlit's own socket: any frame from the page is answered by the end."""
    url, tokens, _ = everywhere
    secret = tokens.add("cut")
    with connected(url) as wire:
        lines = ["GET /_stcore/stream HTTP/1.1", f"Host: {urlsplit(url).netloc}", f"Authorization: Bearer {secret}"]
        lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
        lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""]
        wire.sendall("\r\n".join(lines).encode())
        assert wire.recv(4_096).startswith(b"HTTP/1.1 101")
        tokens.remove("cut")
        wire.sendall(b"\x82\x81\0\0\0\0\0")  # a masked binary frame of one byte
        deadline, data = time.monotonic() + 10, b""
        while (end := b"\x03\xf0The token was taken back.") not in data and time.monotonic() < deadline:
            data += wire.recv(4_096)
    assert end in data  # a close frame, with 1008


def test_with_no_token_left_nobody_comes_in_from_outside_and_the_app_goes_on(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "home")
    secret = tokens.add("only")
    with serving(tmp_path / "home", tmp_path / "log", PULLQUOTE_HOST="0.0.0.0") as url:
        away = outside(url)
        tokens.remove("only")
        assert told(away, "GET", "/api/v1/health", [host(away), ("Authorization", f"Bearer {secret}")]).status == 401
        assert b"pullquote tokens add NAME" in told(away, "GET", "/sign-in", [host(away)]).body
        assert told(url, "GET", "/api/v1/health", [host(url)]).status == 200


# --- on loopback ------------------------------------------------------------------------------


def test_ipv6_is_served_like_any_other(tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with serving(tmp_path / "home", tmp_path / "log", PULLQUOTE_HOST="::1") as url:
        assert re.fullmatch(r"http://\[::1\]:\d+", url)
        own = urlsplit(url).netloc
        assert told(url, "GET", "/api/v1/health", [("Host", own)]).status == 200
        assert handshake(url, [("Host", own), ("Origin", f"http://{own}")]).status == 101
        assert handshake(url, [("Host", own), ("Origin", "http://[::1]:1")]).status == 403
        assert told(url, "GET", "/api/v1/health", [("Host", "[::2]:80")]).status == 421


@contextmanager
def running(home: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`pullquote serve` itself, with its address."""
    command = [sys.executable, "-m", "rag", "--home", str(home), "serve", "--port", "0", *words]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=os.environ)
    assert process.stderr is not None
    try:
        yield process, re.search(r"http://\S+", process.stderr.readline())[0]  # type: ignore[index]
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_an_end_is_an_end_also_with_a_web_socket_and_a_half_request_open(home: Path) -> None:
    with running(home) as (process, url), connected(url) as half, connected(url) as idle:
        half.sendall(b"POST /api/v1/search HTTP/1.1\r\nHost: x")
        assert handshake(url, [host(url)]).status == 101
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert time.monotonic() - began < 15
        assert process.stderr is not None and "Traceback" not in process.stderr.read()
        idle.close()


def test_a_head_that_does_not_end_is_no_request(tmp_path: Path) -> None:
    with serving(tmp_path / "home", tmp_path / "log") as url:
        own = host(url)
        assert told(url, "GET", "/api/v1/health", [own, ("X", "x" * (LARGEST_HEAD // 2))]).status == 200
        endless = 40 * LARGEST_HEAD
        refused = [
            told(url, "GET", "/api/v1/health", [own, ("X", "x" * endless)]),
            told(url, "GET", f"/{'x' * endless}", [own]),
            told(url, "GET", "/api/v1/health", [own, *[(f"X-{n}", "x" * 100) for n in range(endless // 100)]]),
        ]
        assert {reply.status for reply in refused} <= {400, 0}  # 0: cut off while it was still sending
        assert told(url, "GET", "/api/v1/health", [own]).status == 200


# --- what Streamlit is told -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("max_bytes", "megabytes"),
    [(1, 1), (1024 * 1024, 1), (1024 * 1024 + 1, 2), (20_000_000, 20), (500_000_000, 477)],
)
def test_uploads_may_be_as_large_as_ingest_reads(tmp_path: Path, max_bytes: int, megabytes: int) -> None:
    size = _streamlit_options(Settings(home=tmp_path, max_bytes=max_bytes), 0)["server.maxUploadSize"]
    assert (size, type(size)) == (megabytes, int)


def test_no_program_drives_the_pages(home: Path, tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()  # a user's own, in the folder where it is started
    (tmp_path / ".streamlit" / "config.toml").write_text("[server]\nenableAgentApi = true\n")
    with serving(home, tmp_path / "log") as url:
        asked = told(url, "POST", "/_stcore/agent/interact", [host(url), ("Content-Type", "application/json")], b"{}")
    assert asked.status == 403 and b"not_available" in asked.body


def test_streamlit_tells_nobody_what_went_wrong_and_asks_nobody_who_it_is(home: Path) -> None:
    plain = _streamlit_options(Settings(home=home), 0)
    public = _streamlit_options(Settings(home=home, public_url="https://quotes.example/x"), 0)
    for options in (plain, public):
        assert options["client.showErrorDetails"] == "none"
        assert options["browser.gatherUsageStats"] is False
        assert options["server.enableAgentApi"] is False
    assert "browser.serverAddress" not in plain
    assert public["browser.serverAddress"] == "quotes.example"
