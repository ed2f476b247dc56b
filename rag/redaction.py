"""Secrets taken out of whatever leaves the program: logs, errors, pages."""

from __future__ import annotations

import logging
import os
import re
import traceback
from collections.abc import Mapping
from typing import Any

HIDDEN = "[secret]"

SHORTEST = 8
"""Characters of a value that counts as a secret: a shorter one is a word that texts hold anyway."""

_NAMED = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS?)$", re.IGNORECASE)
"""What ends the name of a variable with a secret in it: `OPENAI_API_KEY`."""

_BEARER = re.compile(r"\bpq_[\w-]{43}|(?<=Bearer )\S{8,}", re.IGNORECASE)
"""Our own tokens, and whatever is sent as one."""


def redacted(text: str, environment: Mapping[str, str] | None = None) -> str:
    """`text` without our tokens and without the values of the environment's secret variables."""
    text = _BEARER.sub(HIDDEN, text)
    for value in _secrets(os.environ if environment is None else environment):
        text = text.replace(value, HIDDEN)
    return text


def _secrets(environment: Mapping[str, str]) -> list[str]:
    """The longest first, so that one which begins another leaves no rest of it."""
    values = {value for name, value in environment.items() if _NAMED.search(name) and len(value) >= SHORTEST}
    return sorted(values, key=len, reverse=True)


def keep_secrets_out_of_logs() -> None:
    """Take secrets out of every record that is logged in this process from now on, whoever logs and wherever to."""
    before = logging.getLogRecordFactory()
    if getattr(before, "redacts", False):
        return

    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        record.msg, record.args = redacted(_message(record)), ()
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = redacted("".join(traceback.format_exception(*record.exc_info)).rstrip())
        return record

    factory.redacts = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(factory)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a record whose arguments do not fit is told of by logging itself, without them here
        return str(record.msg)
