"""Secrets taken out of whatever leaves the program: logs, errors, pages."""

from __future__ import annotations

import base64
import html
import json
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any
from urllib.parse import quote, quote_plus, unquote

HIDDEN = "[secret]"

SHORTEST = 8
"""Characters of a value that counts as a secret: a shorter one is a word that texts hold anyway."""

TELLING = 12
"""Characters of a secret's beginning that tell too much: providers like to repeat it in their errors."""

_NAMED = re.compile(
    r"(?:(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL)S?|(?:^|_)PASS|_PWD)(?:_|$)", re.IGNORECASE
)
"""What a word of a variable's name ends in that has a secret in it: `OPENAI_API_KEY`. `PWD` alone is a folder's."""

_PASSWORD = re.compile(r"://[^\s/?#:@]*:([^\s/]+)@")
"""The password in an address, `postgresql://user:password@host/name`, whatever the variable is called."""

_PERCENT = re.compile("%[0-9A-F]{2}")

_PLACE = re.compile(r"[/~.]|[a-z]:[/\\\\]|https?:", re.IGNORECASE)
"""How the name of a file or an address begins, which has its beginning in common with many that are no secret."""

_BEARER = re.compile(r"pq_[\w-]{9,43}|(?<=Bearer )[^\s\"'`<>\[\\]{8,}", re.IGNORECASE)
"""Our own tokens, and whatever is sent as one."""

_REST = r"[\w*.…~+/=%-]*"
"""What may follow the beginning of a secret, and is the rest of it or stands for it."""


def redacted(text: str, environment: Mapping[str, str] | None = None) -> str:
    """`text` without our tokens and without the values of the environment's secret variables, however encoded."""
    return redactor(environment)(text)


def redactor(environment: Mapping[str, str] | None = None) -> Callable[[str], str]:
    """As `redacted`, for many texts at once: the environment is looked through only here, which takes longest."""
    pattern = _pattern(_secrets(os.environ if environment is None else environment))

    def clean(text: str) -> str:
        text = _BEARER.sub(HIDDEN, text)
        return pattern.sub(HIDDEN, text) if pattern is not None else text

    return clean


def _secrets(environment: Mapping[str, str]) -> frozenset[str]:
    held = (secret for name, value in environment.items() for secret in _held(name, value))
    return frozenset(secret for secret in held if len(secret) >= SHORTEST)


def _held(name: str, value: str) -> Iterator[str]:
    """The secrets of one variable: all of its value where its name says so, and passwords of addresses in it."""
    if _NAMED.search(name):
        yield value
    for password in _PASSWORD.findall(value):
        yield from (password, unquote(password))


@lru_cache(maxsize=8)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str] | None:
    """Matches each of the secrets; the longest first, so that one which begins another leaves no rest of it."""
    forms = {form for secret in secrets for form in _forms(secret)}
    begun = {secret[:TELLING] for secret in secrets if len(secret) >= 2 * TELLING and not _PLACE.match(secret)}
    parts = [re.escape(form) for form in sorted(forms, key=len, reverse=True)]
    parts += [re.escape(beginning) + _REST for beginning in sorted(begun)]
    return re.compile("|".join(parts)) if parts else None


def _forms(secret: str) -> Iterator[str]:
    """A secret as it stands in texts, addresses, JSON, Python's own notation, HTML, hexadecimal, and within base64.

    docs/SECURITY.md lists these; in what another program encodes otherwise it isn't found.
    """
    yield from (secret, html.escape(secret), html.escape(secret, quote=False))
    percent = [quote(secret, errors="replace"), quote(secret, "", errors="replace")]
    percent += [quote_plus(secret, errors="replace")]
    percent += [_PERCENT.sub(lambda code: code[0].lower(), form) for form in percent]
    yield from percent
    yield from (quote(form, "") for form in percent)  # an address within an address
    written = [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    yield from (*written, repr(secret)[1:-1])
    yield from (json.dumps(form)[1:-1] for form in written)  # JSON within JSON
    data = secret.encode("utf-8", "surrogatepass")
    yield from (data.hex(), data.hex().upper())
    for before in range(3):  # what comes before shifts the letters; those at the edges depend on it
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * before + data).decode()
            yield whole[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6]


def keep_secrets_out_of_logs() -> None:
    """Take secrets out of every record that is logged in this process from now on, whoever logs and wherever to.

    And out of the tracebacks of what nobody catches, in threads too.
    """
    before = logging.getLogRecordFactory()
    if getattr(before, "redacts", False):
        return

    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        return _redact(before(*args, **kwargs))

    factory.redacts = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(factory)
    sys.excepthook = _tell
    threading.excepthook = _tell_of_thread
    sys.unraisablehook = _tell_of_rest


def _redact(record: logging.LogRecord) -> logging.LogRecord:
    message = _message(record)
    if message is None:  # logging would tell of the misfit with the arguments in it
        record.msg, record.args = redacted(str(record.msg)), ()
    elif (clean := redacted(message)) != message:
        record.msg, record.args = clean, ()
    if record.exc_info and record.exc_info[0] is not None:
        record.exc_text = _written(*record.exc_info)
        record.exc_info = None  # not every formatter contents itself with the text
    if record.stack_info:
        record.stack_info = redacted(record.stack_info)
    return record


def _message(record: logging.LogRecord) -> str | None:
    try:
        return record.getMessage()
    except Exception:  # its arguments do not fit, or cannot be written
        return None


def _written(kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> str:
    return redacted("".join(traceback.format_exception(kind, error, trace)).rstrip())


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """As Python's own `sys.excepthook`."""
    _put(_written(kind, error, trace))


def _tell_of_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_type is not SystemExit:
        name = told.thread.name if told.thread is not None else "?"
        _put(f"Exception in thread {name}:\n{_written(told.exc_type, told.exc_value, told.exc_traceback)}")


def _tell_of_rest(told: sys.UnraisableHookArgs) -> None:
    """Of what was raised where nothing can be: at the end of an object."""
    what = told.err_msg or "Exception ignored"
    _put(f"{what}:\n{_written(told.exc_type, told.exc_value, told.exc_traceback)}")


def _put(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
