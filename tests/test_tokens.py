"""Access tokens: kept as hashes in a file of the owner's, made and taken back by name, whoever else is at it."""

from __future__ import annotations

import hmac
import json
import re
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from unittest import mock

import pytest
from command import Outcome, run
from filelock import FileLock
from helpers import ROOT

from rag.errors import InputError, LibraryError, LockedError, NotFoundError
from rag.tokens import LONGEST_NAME, PREFIX, Tokens


def test_a_token_is_found_by_itself_only(home: Path) -> None:
    tokens = Tokens(home)
    one, other = tokens.add("desk"), tokens.add("intern", read_only=True)
    found = tokens.find(one), tokens.find(other)
    assert [(token.name, token.read_only) for token in found if token] == [("desk", False), ("intern", True)]
    for wrong in ("", one[:-1], f"{one}x", one.swapcase(), one.removeprefix(PREFIX), f" {one}", "\ud800", "\0"):
        assert tokens.find(wrong) is None, wrong


def test_a_token_is_256_random_bits_and_never_the_same(home: Path) -> None:
    tokens = Tokens(home)
    made = {tokens.add(f"n{n}") for n in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(r"pq_[\w-]{43}", secret) for secret in made)


def test_nothing_in_the_home_tells_a_token(home: Path) -> None:
    secrets = [Tokens(home).add(name) for name in ("desk", "intern")]
    files = [path for path in home.rglob("*") if path.is_file()]
    assert home / "tokens.json" in files
    for path in files:
        data = path.read_bytes()
        for secret in secrets:
            assert secret.encode() not in data and secret[:12].encode() not in data, path


def test_the_file_is_its_owner_s_alone(home: Path) -> None:
    tokens = Tokens(home)
    tokens.add("desk")
    assert stat.S_IMODE((home / "tokens.json").stat().st_mode) == 0o600
    (home / "tokens.json").chmod(0o644)
    tokens.add("intern")
    assert stat.S_IMODE((home / "tokens.json").stat().st_mode) == 0o600


def test_every_token_is_compared_in_constant_time(home: Path) -> None:
    tokens = Tokens(home)
    first, *_ = [tokens.add(f"n{n}") for n in range(5)]
    for asked in (first, "pq_none", ""):
        with mock.patch("rag.tokens.hmac.compare_digest", wraps=hmac.compare_digest) as compared:
            tokens.find(asked)
        assert compared.call_count == 5


def test_a_token_taken_back_is_gone_for_every_process(home: Path) -> None:
    here, elsewhere = Tokens(home), Tokens(home)
    secret = here.add("desk")
    token = elsewhere.find(secret)
    assert token is not None and elsewhere.holds(token)
    assert here.remove("desk") == token
    assert elsewhere.find(secret) is None and not elsewhere.holds(token)
    with pytest.raises(NotFoundError, match="desk"):
        elsewhere.remove("desk")


def test_changes_that_follow_fast_on_each_other_are_all_seen(home: Path) -> None:
    """Files of one size, changed within a tick of the file system's clock, look alike."""
    there, writer = Tokens(home), Tokens(home)
    for n in range(100):
        secret = writer.add(f"n{n:02}")
        assert there.find(secret) is not None, n
        writer.remove(f"n{n:02}")
        assert there.find(secret) is None, n


def test_a_file_that_has_been_still_is_not_read_again(home: Path) -> None:
    tokens = Tokens(home)
    secret = tokens.add("desk")
    time.sleep(1.1)
    tokens.find(secret)
    with mock.patch("rag.tokens.json.loads") as read:
        assert tokens.find(secret) is not None
    assert not read.called


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1), "a\0b", "a\u202eb", "\ud800", "\x1b[31m"])
def test_a_name_must_be_one_that_can_be_printed(home: Path, name: str) -> None:
    with pytest.raises(InputError, match="1 to 60 characters"):
        Tokens(home).add(name)
    assert Tokens(home).all() == ()


def test_a_name_is_taken_once_however_it_is_spaced(home: Path) -> None:
    tokens = Tokens(home)
    tokens.add("  night   desk ")
    with pytest.raises(InputError, match="night desk"):
        tokens.add("night desk")
    assert [token.name for token in tokens.all()] == ["night desk"]


DAMAGED = [
    "", "null", "[]", "{}", '{"tokens": null}', '{"tokens": [1]}', '{"tokens": [{}]}', '{"tokens": [{"name": "x"',
    '{"tokens": [{"name": "x", "digest": null, "read_only": false, "created_at": ""}]}',
    '{"tokens": [{"name": "x", "digest": "", "read_only": false, "created_at": ""}]}',
    '{"tokens": [{"name": 5, "digest": "%s", "read_only": false, "created_at": ""}]}' % ("0" * 64),
    '{"tokens": [{"name": "x", "digest": "%s", "read_only": 0, "created_at": ""}]}' % ("0" * 64),
    '{"tokens": [{"name": "x", "digest": "%s", "read_only": false, "created_at": "", "more": 1}]}' % ("0" * 64),
    "\udcff",
]  # fmt: skip


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_file_is_one_clear_error_and_lets_nobody_in(home: Path, text: str) -> None:
    home.mkdir()
    (home / "tokens.json").write_text(text, "utf-8", "surrogateescape")
    tokens = Tokens(home)
    for call in (tokens.all, lambda: tokens.find("x"), lambda: tokens.add("new"), lambda: tokens.remove("x")):
        with pytest.raises(LibraryError, match=r"tokens\.json cannot be read as a list of tokens"):
            call()
    assert (home / "tokens.json").read_text("utf-8", "surrogateescape") == text


def test_a_file_that_was_damaged_and_mended_is_read_again(home: Path) -> None:
    tokens = Tokens(home)
    secret = tokens.add("desk")
    good = (home / "tokens.json").read_text()
    (home / "tokens.json").write_text("{")
    with pytest.raises(LibraryError):
        tokens.find(secret)
    (home / "tokens.json").write_text(good)
    assert tokens.find(secret) is not None


def test_a_home_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(LibraryError, match="another --home"):
        Tokens(tmp_path / "home").add("desk")


def test_a_process_that_holds_the_file_for_ever_is_named(home: Path) -> None:
    home.mkdir()
    with (
        FileLock(home / "tokens.lock"),
        mock.patch("rag.tokens.FileLock", lambda path, timeout: FileLock(path, timeout=0.05)),
        pytest.raises(LockedError, match="Try again"),
    ):
        Tokens(home).add("desk")


ADD = """
import sys
from pathlib import Path
from rag.tokens import Tokens
for n in range(5):
    print(Tokens(Path(sys.argv[1])).add(f"{sys.argv[2]}-{n}"))
"""


def test_processes_that_add_at_once_lose_nothing(home: Path) -> None:
    begun = [
        subprocess.Popen([sys.executable, "-c", ADD, str(home), str(n)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for n in range(4)
    ]
    secrets = [line for process in begun for line in process.communicate()[0].split()]
    tokens = Tokens(home)
    assert len(secrets) == 20
    assert sorted(token.name for token in map(tokens.find, secrets) if token) == sorted(
        f"{process}-{n}" for process in range(4) for n in range(5)
    )


def test_threads_that_look_while_others_change_see_one_or_the_other(home: Path) -> None:
    tokens = Tokens(home)
    kept = tokens.add("kept")
    missed: list[object] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            token = tokens.find(kept)
            if token is None or token.name != "kept":
                missed.append(token)

    readers = [threading.Thread(target=look) for _ in range(4)]
    for reader in readers:
        reader.start()
    for n in range(30):
        tokens.add(f"n{n}")
        tokens.remove(f"n{n}")
    done.set()
    for reader in readers:
        reader.join()
    assert missed == []


# --- the command ------------------------------------------------------------------------------


def test_the_command_makes_lists_and_removes(home: Path) -> None:
    none = run("tokens", home=home)
    assert (none.code, none.out, none.err) == (1, "There are no tokens.\n", "")
    made = run("tokens", "add", "desk", home=home)
    assert made.code == 0 and "not shown again" in made.err
    assert Tokens(home).find(made.out.strip()) is not None
    assert run("tokens", "add", "intern", "--read-only", home=home).code == 0
    listed = run("tokens", home=home)
    assert listed.code == 0
    assert [line.split("  ")[1:] for line in listed.out.splitlines()] == [
        ["may change", "desk"],
        ["reads only", "intern"],
    ]
    assert made.out.strip() not in listed.out
    assert run("tokens", "remove", "desk", home=home).out == "Removed desk.\n"
    assert Tokens(home).find(made.out.strip()) is None


@pytest.mark.parametrize("where", ["before", "between", "after"])
def test_the_command_s_json_is_one_object(home: Path, where: str) -> None:
    def told(group: str, *rest: str) -> Outcome:
        lines = {
            "before": ["--json", group, *rest],
            "between": [group, "--json", *rest],
            "after": [group, *rest, "--json"],
        }
        return run(*lines[where], home=home)

    made = told("tokens", "add", "  night  desk ", "--read-only")
    assert made.err == ""
    record = made.json
    assert record == {"name": "night desk", "token": record["token"], "read_only": True}
    (listed,) = told("tokens").json["tokens"]
    assert listed == {"name": "night desk", "read_only": True, "created_at": listed["created_at"]}
    assert told("tokens", "remove", "night desk").json == {"removed": "night desk"}
    assert told("tokens").json == {"tokens": []}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["remove", "nobody"], 1, "no token 'nobody'"),
        (["add", ""], 2, "1 to 60 characters"),
        (["add"], 2, "NAME"),
        (["add", "desk"], 2, "already"),
        (["forget"], 2, "forget"),
    ],
)
def test_the_command_says_in_one_line_what_cannot_be(home: Path, words: list[str], code: int, said: str) -> None:
    Tokens(home).add("desk")
    outcome = run("tokens", *words, "--json", home=home)
    assert outcome.code == code and said in outcome.err and outcome.err.count("\n") == 1
    assert said in outcome.json["error"]


def test_the_command_tells_of_a_damaged_file(home: Path) -> None:
    home.mkdir()
    (home / "tokens.json").write_text("{")
    for words in ([], ["add", "x"], ["remove", "x"]):
        outcome = run("tokens", *words, home=home)
        assert outcome.code == 2 and outcome.err.count("\n") == 1 and "Remove it, and make new ones" in outcome.err


def test_tokens_are_made_while_another_process_has_the_library(home: Path) -> None:
    home.mkdir()
    with FileLock(home / "owner.lock"):
        assert run("tokens", "add", "desk", home=home).code == 0
    saved = json.loads((home / "tokens.json").read_text())
    assert [set(token) for token in saved["tokens"]] == [{"name", "digest", "read_only", "created_at"}]
