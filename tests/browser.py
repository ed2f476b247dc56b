"""A server of its own home and a real browser, for the tests that look at pages."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20_000
"""Milliseconds for anything to show up."""

_SERVE = "from rag.settings import Settings; from rag.web.serve import serve; serve(Settings())"


def need_chromium() -> None:
    """Skip where there is no browser, unless this is CI, where that is a failure."""
    if Path(CHROMIUM).exists():
        return
    if os.environ.get("CI"):
        pytest.fail(f"{CHROMIUM} is missing: CI must have a browser")
    print(f"skipped: there is no {CHROMIUM}")
    pytest.skip(f"there is no {CHROMIUM}; install Debian's chromium")


@contextmanager
def serving(home: Path, log: Path, **variables: str) -> Iterator[str]:
    """A server over `home` on a free port, as its address; stopped at the end, which must be clean.

    `variables` are of its environment.
    """
    environment = os.environ | {"PULLQUOTE_HOME": str(home), "PULLQUOTE_PORT": "0", "PYTHONPATH": str(ROOT)} | variables
    with log.open("w") as stderr:
        process = subprocess.Popen([sys.executable, "-c", _SERVE], cwd=home.parent, env=environment, stderr=stderr)
    try:
        yield _address(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(20)
    said = log.read_text()
    assert code == 0, f"the server ended with {code}: {said}"
    assert "Traceback" not in said, said


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        words = log.read_text().split()
        if "at" in words and (url := words[words.index("at") + 1]).startswith("http://"):
            with urllib.request.urlopen(url, timeout=10):
                return url
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {log.read_text()}")


@contextmanager
def chromium() -> Iterator[Browser]:
    need_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@contextmanager
def window(browser: Browser, scheme: str = "light", width: int = 1280, height: int = 900) -> Iterator[Page]:
    """A page of a fresh browser context, whose console must stay free of errors of our own."""
    context: BrowserContext = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": height}
    )
    context.set_default_timeout(PATIENCE)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    errors: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert not errors, errors


def visit(page: Page, url: str) -> None:
    page.goto(url)
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page's script has run and what it drew stands."""
    page.wait_for_timeout(300)
    page.locator("main.stMain").wait_for()
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_timeout(500)


def ask(page: Page, question: str) -> None:
    before = page.locator(".question").count()
    page.get_by_placeholder("Ask what somebody said").fill(question)
    page.keyboard.press("Enter")
    page.locator(".question").nth(before).wait_for()
    settle(page)
