"""Articles as pages on loopback, and what a browser marks of them."""

from __future__ import annotations

import html
import io
import itertools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fragment_finder import bases, blocks_of
from helpers import article
from PIL import Image
from playwright.sync_api import Page

from rag.types import Article

STYLE = (
    "body { color: black; background: white; font: 16px/24px monospace; max-width: 60ch; }"
    "::target-text { color: red; background: red; }"
)
CHARACTERS = """() => {
  const found = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    let at = 0
    for (const character of walker.currentNode.data) {
      const range = document.createRange()
      range.setStart(walker.currentNode, at)
      at += character.length
      range.setEnd(walker.currentNode, at)
      const { x, y, width, height } = range.getBoundingClientRect()
      found.push([character, x + width / 2, y + height / 2])
    }
  }
  return found
}"""


class Site:
    """Articles as pages of a server on loopback."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        pages = self.pages

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = pages.get(self.path.partition("?")[0], b"")
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *said: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.numbers = itertools.count()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def put(self, whole: Article) -> Article:
        """The article as it is at its new address, which is another one each time, so that a browser loads it."""
        path = f"/{next(self.numbers)}"
        heading = "" if whole.text.startswith(whole.title) else f"<h1>{html.escape(whole.title)}</h1>"
        text = "".join(f"<p>{html.escape(block)}</p>" for block in blocks_of(whole.text))
        self.pages[path] = (
            f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><body>{heading}{text}</body>".encode()
        )
        return article(whole.text, title=whole.title, url=self.url + path)


def marked(page: Page, url: str) -> str:
    """What the browser marks of the page at `url`, as one text: what is painted red, character by character."""
    page.goto(url)
    page.wait_for_timeout(150)
    characters = page.evaluate(CHARACTERS)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return "".join(
        character for character, x, y in characters
        if character.strip() and 0 <= x < picture.width and 0 <= y < picture.height
        and picture.getpixel((int(x), int(y))) == (255, 0, 0)
    )  # fmt: skip


def seen(text: str) -> str:
    """The characters of `text` that stand for themselves on a page."""
    return "".join(c for c in text if bases(c).strip())
