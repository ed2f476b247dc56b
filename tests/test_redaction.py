"""No secret leaves by a log, a traceback or an error, however it is spelled there."""

from __future__ import annotations

import base64
import html
import io
import json
import logging
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from command import _own_logging
from helpers import ROOT
from hypothesis import given
from hypothesis import strategies as st

from rag.redaction import HIDDEN, SHORTEST, TELLING, keep_secrets_out_of_logs, redacted

KEY = 'sk-canary/0123+456789=abcdefghij&Ä"\\x'
ENVIRONMENT = {
    "OPENAI_API_KEY": KEY,
    "EDITOR": "a-very-long-editor",
    "SHORT_KEY": "abc",
    "DB_PASSWORD": "hunter2hunter2",
}
OURS = "pq_" + "Ab1-_" * 8 + "xyz"


def clean(text: str) -> str:
    return redacted(text, ENVIRONMENT)


@pytest.mark.parametrize(
    "spelled",
    [
        KEY,
        quote(KEY),
        quote(KEY, safe=""),
        quote_plus(KEY),
        urlencode({"key": KEY}),
        json.dumps(KEY),
        json.dumps({"a": [KEY]}, ensure_ascii=False),
        repr(KEY),
        repr({"key": KEY}),
        re.sub("%..", lambda code: code[0].lower(), quote(KEY)),
        re.sub("%..", lambda code: code[0].lower(), quote_plus(KEY)),
        quote(quote(KEY)),
        quote(re.sub("%..", lambda code: code[0].lower(), quote(KEY))),
        quote(urlencode({"key": KEY}), safe=""),
        json.dumps(json.dumps({"key": KEY})),
        json.dumps(json.dumps({"key": KEY}, ensure_ascii=False), ensure_ascii=False),
        html.escape(KEY),
        html.escape(KEY, quote=False),
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
        f"Bearer {KEY}",
        f"Incorrect API key provided: {KEY[:TELLING]}****ghij.",
        f"{KEY[:20]}…",
        "hunter2hunter2",
        OURS,
        f"https://user:{KEY}@host/?token={OURS}",
    ],
)
def test_a_secret_is_hidden_however_it_is_spelled(spelled: str) -> None:
    shown = clean(f"It said {spelled} and no more")
    assert HIDDEN in shown and shown.startswith("It said ") and shown.endswith(" and no more")
    for part in (KEY[:TELLING], KEY[-10:], "hunter2", OURS[:8], quote(KEY)[:TELLING]):
        assert part not in shown


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("DB_PASS", "hunter2hunter2", "hunter2hunter2"),
        ("PASS", "hunter2hunter2", "hunter2hunter2"),
        ("MYSQL_PWD", "hunter2hunter2", "hunter2hunter2"),
        ("SSH_PASSPHRASE", "hunter2hunter2", "hunter2hunter2"),
        ("DATABASE_URL", "postgresql://desk:hunter2hunter2@db.example/quotes", "hunter2hunter2"),
        ("DATABASE_URL", "postgresql://desk:hunter%402hunter@db.example/quotes", "hunter@2hunter"),
        ("BROKERS", "redis://:hunter2hunter2@a.example:6379/0", "hunter2hunter2"),
        ("BROKERS", "amqp://a:12345678@a.example amqp://b:hunter#2@hunter@b.example", "hunter#2@hunter"),
    ],
)
def test_a_password_is_known_by_its_variable_s_name_or_by_standing_in_an_address(
    name: str, value: str, secret: str
) -> None:
    assert redacted(f"{value} and {secret} came", {name: value}).count(HIDDEN) >= 2 - (value == secret)
    assert secret not in redacted(f"{value} and {secret} came", {name: value})


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("PWD", "/srv/pullquote", "/srv/pullquote"),
        ("OLDPWD", "/srv/pullquote", "/srv/pullquote"),
        ("COMPASS", "north-north-west", "north-north-west"),
        ("HOMEPAGE", "https://quotes.example:8443/a@b", "https://quotes.example:8443/a@b"),
    ],
)
def test_a_variable_without_a_secret_hides_nothing(name: str, value: str, text: str) -> None:
    assert redacted(text, {name: value}) == text


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "user:", "\0\1\2\3"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_within_something_in_base64_is_hidden(before: str, encode: Any) -> None:
    """As in `Authorization: Basic`, where it may begin at any letter."""
    shown = clean(encode(f"{before}{KEY}:after".encode()).decode())
    assert HIDDEN in shown
    padded = shown.replace(HIDDEN, "").replace("=", "")
    assert len(padded) < len(encode(f"{before}:after".encode())) + 6


@pytest.mark.parametrize("before", ["", " ", "%22", "token%3D", "x_", "=", "9", "Bearer "])
def test_our_own_token_is_hidden_wherever_it_begins(before: str) -> None:
    assert "Ab1" not in clean(f"{before}{OURS} came")
    assert OURS[:12] not in clean(f"{before}{OURS[:12]} came")


def test_what_is_no_secret_stays() -> None:
    for text in (
        "",
        "abc",
        "EDITOR is a-very-long-editor",
        "Bearer of bad news",
        "pq_ is how a token begins",
        "sk-canar",
    ):
        assert clean(text) == text


def test_a_secret_that_begins_another_leaves_no_rest_of_it() -> None:
    environment = {"A_KEY": "secret-one", "B_KEY": "secret-one-and-more"}
    assert redacted("x secret-one-and-more y secret-one z", environment) == f"x {HIDDEN} y {HIDDEN} z"


def test_a_word_too_short_to_be_a_secret_is_left() -> None:
    assert redacted("a" * SHORTEST, {"A_KEY": "a" * (SHORTEST - 1)}) == "a" * SHORTEST
    assert redacted("b" * SHORTEST, {"A_KEY": "b" * SHORTEST}) == HIDDEN


@given(st.text(min_size=SHORTEST, max_size=30), st.text(alphabet=" .\n", max_size=3))
def test_any_secret_is_hidden_in_any_spelling(secret: str, around: str) -> None:
    for spelled in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret, errors="replace")):
        if len(spelled) >= SHORTEST and spelled not in HIDDEN:
            assert spelled not in redacted(f"{around}{spelled}{around}", {"A_TOKEN": secret})


def test_what_is_clean_is_not_changed_by_a_second_time() -> None:
    once = clean(f"{KEY} Bearer {OURS}")
    assert clean(once) == once


# --- logs -------------------------------------------------------------------------------------


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger with a formatter of its own, in a process that hides secrets."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    stream = io.StringIO()
    with _own_logging():
        keep_secrets_out_of_logs()
        logger = logging.Logger("theirs", logging.DEBUG)  # not one of the process, so that nothing stays
        handler = logging.StreamHandler(stream)
        handler.setFormatter(Own("%(levelname)s %(message)s %(args)s %(exc_info)s"))
        logger.addHandler(handler)
        yield logger, stream


class Own(logging.Formatter):
    """Writes what standard formatters do not, and the exception in its own way."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return f"<<{ei[1]}>>"


def fail() -> None:
    raise ValueError(f"the key {KEY} is wrong")


def test_a_record_holds_no_secret_for_any_formatter(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.debug("plain %s", KEY)
    logger.warning("by name %(key)s", {"key": KEY})
    logger.error(f"in the text {KEY}")
    logger.error(ValueError(KEY))
    logger.error("our own %s", OURS)
    logger.error("with its place", stack_info=True)
    try:
        fail()
    except ValueError:
        logger.exception("failed")
        logger.error("failed", exc_info=True)
    said = stream.getvalue()
    assert KEY[:TELLING] not in said and OURS not in said
    assert said.count(HIDDEN) >= 7 and "plain [secret]" in said and "ValueError: the key [secret] is wrong" in said


def test_a_record_whose_arguments_do_not_fit_tells_none_of_them(
    log: tuple[logging.Logger, io.StringIO], capsys: pytest.CaptureFixture[str]
) -> None:
    logger, stream = log

    class Broken:
        def __str__(self) -> str:
            raise RuntimeError(KEY)

    logger.error("no place for it", KEY)
    logger.error("%d", KEY)
    logger.error("%s", Broken())
    said = stream.getvalue() + capsys.readouterr().err
    assert KEY[:TELLING] not in said
    assert stream.getvalue().count("ERROR") == 3


def test_what_holds_no_secret_reaches_a_formatter_as_it_was(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.info("%s of %d", "one", 2)
    assert stream.getvalue() == "INFO one of 2 ('one', 2) None\n"


def test_hiding_twice_is_hiding_once() -> None:
    with _own_logging():
        keep_secrets_out_of_logs()
        factory = logging.getLogRecordFactory()
        keep_secrets_out_of_logs()
        assert logging.getLogRecordFactory() is factory


# --- tracebacks -------------------------------------------------------------------------------

UNCAUGHT = {
    "the main thread": "raise ValueError(KEY)",
    "a chain": """
        try:
            raise KeyError(KEY)
        except KeyError as exc:
            raise ValueError("second") from exc
        """,
    "a note": """
        error = ValueError("x")
        error.add_note(KEY)
        raise error
        """,
    "a group": "raise ExceptionGroup('many', [ValueError(KEY)])",
    "a thread": """
        import threading
        thread = threading.Thread(target=lambda: int(KEY))
        thread.start()
        thread.join()
        """,
    "a task": """
        import asyncio, gc
        async def fail():
            raise ValueError(KEY)
        async def main():
            task = asyncio.create_task(fail())
            await asyncio.sleep(0)
            del task
            gc.collect()
        asyncio.run(main())
        """,
    "a callback": """
        import asyncio
        async def main():
            asyncio.get_running_loop().call_soon(lambda: int(KEY))
            await asyncio.sleep(0.01)
        asyncio.run(main())
        """,
    "an object's end": """
        class Ends:
            def __del__(self):
                raise ValueError(KEY)
        Ends()
        """,
    "a log": """
        import logging
        logging.getLogger("x").error("%s", KEY)
        """,
    "a log's misfit": """
        import logging
        logging.getLogger("x").error("no place", KEY)
        """,
}


@pytest.mark.parametrize("where", UNCAUGHT)
def test_what_nobody_catches_is_told_without_secrets(where: str) -> None:
    code = "import os\nfrom rag.redaction import keep_secrets_out_of_logs\nkeep_secrets_out_of_logs()\n"
    code += "KEY = os.environ['A_SECRET']\n" + textwrap.dedent(UNCAUGHT[where])
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"A_SECRET": "canary-0123456789-abcdefghij", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "canary" not in done.stderr + done.stdout
    assert HIDDEN in done.stderr or where == "a log's misfit", done.stderr
    assert done.stderr.count("\n") >= 1
