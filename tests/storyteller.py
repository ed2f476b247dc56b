"""A provider on this machine: it speaks OpenAI's protocol, answers from the sentences it is shown, and lies once."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_EVIDENCE = re.compile(r"^\[(\d+)\] \((?:[^)]*)\) (.+)$", re.MULTILINE)


class Storyteller(BaseHTTPRequestHandler):
    """Repeats the first sentence that reports an objection; waits to be released; then tells what nobody said."""

    released: threading.Event

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        shown = _EVIDENCE.findall(str(asked["messages"][-1]["content"]))
        number, words = next(((n, words) for n, words in shown if re.search(r"objected|said that", words)), shown[0])
        truth = re.split(r"(?<=\w)[.“]", words)[0].strip()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        with suppress(OSError):  # whoever stops reading has closed the connection
            self.say(f"{truth} [{number}]. ")
            self.say("Mayor ")
            while not self.released.wait(0.05):
                self.say("")
            self.say(f"Nora Quill praised the $900 delay [{number}].")
            self.say("", "stop")
            self.wfile.write(b"data: [DONE]\n\n")

    def say(self, text: str, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "stub", "choices": [choice]}
        self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def telling() -> Iterator[tuple[str, threading.Event]]:
    """The address of one, and what releases it to end its answers."""
    kind = type("One", (Storyteller,), {"released": threading.Event()})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as listening:
        listening.daemon_threads = True
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}/v1", kind.released
        kind.released.set()
        listening.shutdown()
        thread.join()
