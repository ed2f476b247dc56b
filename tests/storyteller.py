"""A provider on this machine: it speaks OpenAI's protocol, answers from the sentences it is shown, and lies once."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

_EVIDENCE = re.compile(r"^\[(\d+)\] \((?:[^)]*)\) (.+)$", re.MULTILINE)

_NAMED = re.compile(r"^(?:[A-Z]\w+ ){1,2}(?:objected|welcomed|said that|refused|denied)\b")
"""A sentence that says by itself who does what: one with a "she" is withheld where nobody was named before."""


class Story(NamedTuple):
    """One that listens: its address, and how far its answers are."""

    url: str
    begun: threading.Event
    released: threading.Event
    """What lets it go on after its first sentence."""
    left: threading.Event
    """Whoever listened has closed the connection."""


class Storyteller(BaseHTTPRequestHandler):
    """Repeats the first sentence that says who objects, or the like; waits to be released; then tells a lie."""

    murmur: str
    begun: threading.Event
    released: threading.Event
    left: threading.Event

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        shown = _EVIDENCE.findall(str(asked["messages"][-1]["content"]))
        number, words = next((piece for piece in shown if _NAMED.search(piece[1])), shown[0])
        truth = re.split(r"(?<=\w)[.“]", words)[0].strip()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.begun.set()
        try:
            self.say(f"{truth} [{number}]. ")
            self.say("Mayor ")
            while not self.released.wait(0.05):
                self.say(self.murmur)
            self.say(f"Nora Quill praised the $900 delay [{number}].")
            self.say("", "stop")
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:  # whoever stops reading has closed the connection
            self.left.set()

    def say(self, text: str, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "stub", "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def telling(murmur: str = "") -> Iterator[Story]:
    """One that says `murmur` over and over until it is released."""
    events = {name: threading.Event() for name in ("begun", "released", "left")}
    kind = type("One", (Storyteller,), {"murmur": murmur, **events})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as listening:
        listening.daemon_threads = True
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield Story(f"http://127.0.0.1:{listening.server_port}/v1", **events)
        events["released"].set()
        listening.shutdown()
        thread.join()
