"""The app in a process that tries to give its secrets away: it logs everything, and its library breaks when asked to.

`python leaky.py`, with the settings in the environment; "defect" in what is asked raises an error that holds a key.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import Any
from unittest import mock

from helpers import SAMPLES, embedder

from rag import Settings, contract, open_pullquote
from rag.service import Pullquote
from rag.web.serve import serve


def broken(call: Any) -> Any:
    """`call`, but for a defect where it is asked for one: in this thread, and for good measure in another."""

    def answer(*args: Any, **kwargs: Any) -> Any:
        if "defect" in repr(args):
            threading.Thread(target=fail, args=(repr(args),)).start()
            fail(repr(args))
        return call(*args, **kwargs)

    return answer


def fail(asked: str) -> None:
    secrets = {name: value for name, value in os.environ.items() if "CANARY" in value.upper()}
    raise RuntimeError(f"a defect of ours with {secrets} in {asked}")


def main() -> None:
    logging.basicConfig(level=logging.DEBUG)
    with mock.patch("rag.service.open_embedder", return_value=embedder()):
        if os.environ.get("FILLED"):
            with open_pullquote(Settings()) as filled:
                filled.ingest([str(SAMPLES)])
        for name in ("search", "articles", "answered", "verify", "quotes"):
            mock.patch.object(contract, name, broken(getattr(contract, name))).start()
        mock.patch.object(Pullquote, "ingest_upload", broken(Pullquote.ingest_upload)).start()
        serve(Settings())


if __name__ == "__main__":
    main()
