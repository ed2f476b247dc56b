"""What `rag.sources` promises: characters as written, errors as values, one bad file alone."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import SourceError
from rag.sources import KNOWN_SUFFIXES, Limits, close, estimate, read, read_upload
from rag.sources.dates import iso_day, stated
from rag.sources.fields import canonical_url, one_line
from rag.sources.sandbox import Sandbox, SandboxError
from rag.text import normalise
from rag.types import Article

LIMITS = Limits(max_bytes=5_000_000, parse_seconds=30)

SENTENCE = "“We object to the terms,” the minister said on Tuesday, and the others agreed with her. "
PAGE = f"""<!doctype html><html><head><title>Minister objects</title>
<meta name="author" content="Ann Bell; Bo Carr"><meta property="og:site_name" content="The Daily">
<meta property="article:published_time" content="2020-05-20T23:30:00-05:00">
<link rel="canonical" href="https://daily.example/terms?utm_source=x#top"></head>
<body><nav><a href="/">Home</a> <a href="/world">World</a></nav>
<article><h1>Minister objects</h1><p>{SENTENCE * 5}</p><p>{SENTENCE * 3}</p></article>
<footer>© 2019 The Daily</footer></body></html>"""

WORDS = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: not text.startswith("\ufeff"))


@pytest.fixture(scope="module", autouse=True)
def _no_child_left() -> Iterator[None]:
    yield
    close()


def write(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return str(path)


def outcomes(*sources: str, limits: Limits = LIMITS) -> list[Article | SourceError]:
    return list(read(sources, limits))


def article(*sources: str, limits: Limits = LIMITS) -> Article:
    (only,) = outcomes(*sources, limits=limits)
    assert isinstance(only, Article), only
    return only


def error(*sources: str, limits: Limits = LIMITS) -> SourceError:
    (only,) = outcomes(*sources, limits=limits)
    assert isinstance(only, SourceError), only
    return only


def upload(name: str, data: bytes, limits: Limits = LIMITS) -> Article:
    (only,) = read_upload(name, data, limits)
    assert isinstance(only, Article), only
    return only


def jsonl(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


# --- sources ----------------------------------------------------------------------------------


def test_a_web_address_is_refused_with_a_next_step() -> None:
    assert "save the page as HTML" in error("https://daily.example/terms").reason


@pytest.mark.parametrize("missing", ["nowhere.txt", "nowhere.jsonl", "nowhere", "x" * 5000, "a\0b"])
def test_a_missing_path_is_an_error_that_names_it(tmp_path: Path, missing: str) -> None:
    source = str(tmp_path / missing)
    assert error(source).source == source


def test_a_blank_source_is_not_the_current_folder() -> None:
    assert "path of a file" in error("").reason


def test_one_bad_source_does_not_stop_the_rest(tmp_path: Path) -> None:
    good = write(tmp_path, "good.txt", "Good news.")
    kinds = [type(outcome) for outcome in outcomes(str(tmp_path / "missing"), good)]
    assert kinds == [SourceError, Article]


def test_a_file_knows_where_it_came_from_and_an_upload_does_not(tmp_path: Path) -> None:
    path = write(tmp_path, "notes.txt", "Good news.")
    assert article(path).origin == str(Path(path).resolve())
    assert upload("notes.txt", b"Good news.").origin == ""


def test_an_upload_reads_as_the_file_does(tmp_path: Path) -> None:
    for name, content in (("a.txt", "A\n\nB"), ("a.md", "# A\n\n*B*"), ("a.html", PAGE)):
        found = article(write(tmp_path, name, content))
        assert upload(name, content.encode()).content_hash == found.content_hash


def test_pasted_text_has_no_title_of_its_own() -> None:
    assert upload("", b"Only one line.").title == ""


def test_an_uploaded_json_lines_file_names_its_bad_line() -> None:
    good, bad = read_upload("news.jsonl", b'{"text": "Good."}\n{bad\n', LIMITS)
    assert isinstance(good, Article)
    assert isinstance(bad, SourceError) and bad.source == "news.jsonl:2"


def test_an_upload_above_the_limit_is_refused() -> None:
    (refused,) = read_upload("notes.txt", b"x" * 11, Limits(10, 1))
    assert isinstance(refused, SourceError) and "PULLQUOTE_MAX_BYTES" in refused.reason


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert "no ordinary file" in error(str(tmp_path / "pipe.txt")).reason


# --- bytes ------------------------------------------------------------------------------------


def test_a_file_above_the_limit_is_refused_with_both_figures(tmp_path: Path) -> None:
    reason = error(write(tmp_path, "big.txt", "x" * 1_001), limits=Limits(1_000, 1)).reason
    assert "1,001" in reason and "1,000" in reason and "PULLQUOTE_MAX_BYTES" in reason
    assert article(write(tmp_path, "fits.txt", "x" * 1_000), limits=Limits(1_000, 1))


@pytest.mark.parametrize("empty", ["", " \n\t\r\n", "\0", "\ufeff"])
@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_a_file_without_text_is_an_error(tmp_path: Path, empty: str, suffix: str) -> None:
    assert "text" in error(write(tmp_path, "empty" + suffix, empty)).reason


def test_latin_1_is_refused_with_the_byte_and_the_place(tmp_path: Path) -> None:
    reason = error(write(tmp_path, "cafe.txt", "A café.".encode("latin-1"))).reason
    assert "0xE9" in reason and "offset 5" in reason and "Convert" in reason


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding(tmp_path: Path, encoding: str) -> None:
    assert article(write(tmp_path, "a.txt", "Ein Café.".encode(encoding))).text == "Ein Café."


@pytest.mark.parametrize(
    "binary",
    [b"\x89PNG\r\n\x1a\n" + bytes(50), b"%PDF-1.7\n", b"PK\x03\x04..", b"\x1f\x8b\x08", bytes(range(32)) * 9],
)
@pytest.mark.parametrize("name", ["x.txt", "x.html", "x.md", "x.unknown", "x.jsonl"])
def test_binary_files_are_refused(tmp_path: Path, binary: bytes, name: str) -> None:
    assert error(write(tmp_path, name, binary)).reason


def test_a_stray_nul_is_dropped(tmp_path: Path) -> None:
    assert article(write(tmp_path, "a.txt", "No\0thing is lost.")).text == "Nothing is lost."


def test_line_ends_become_one_kind(tmp_path: Path) -> None:
    assert article(write(tmp_path, "a.txt", "One.\r\n\r\nTwo.\r")).text == "One.\n\nTwo.\n"


def test_a_line_of_three_megabytes_is_kept_whole(tmp_path: Path) -> None:
    text = (SENTENCE * 40_000)[:3_000_000]
    assert article(write(tmp_path, "a.txt", text)).text == text
    assert article(write(tmp_path, "a.jsonl", jsonl({"text": text}))).text == text


def test_an_unknown_suffix_is_tried_as_text_when_named(tmp_path: Path) -> None:
    assert article(write(tmp_path, "a.story", "Good news.")).text == "Good news."


# --- plain text -------------------------------------------------------------------------------


@given(WORDS)
def test_text_reads_back_as_normalised(text: str) -> None:
    (read_back,) = read_upload("a.txt", text.encode(), LIMITS)
    if isinstance(read_back, Article):
        assert read_back.text == normalise(text)
    else:
        assert not normalise(text).strip() or len(text) - len(normalise(text)) > 8


@given(st.text())
def test_json_lines_text_reads_back_as_normalised(text: str) -> None:
    (read_back,) = read_upload("a.jsonl", jsonl({"text": text}).encode(), LIMITS)
    if isinstance(read_back, Article):
        assert read_back.text == normalise(text)
    else:
        assert not normalise(text).strip()


@given(st.binary(max_size=300), st.sampled_from([".txt", ".md", ".jsonl", ""]))
def test_no_bytes_make_reading_raise(data: bytes, suffix: str) -> None:
    for outcome in read_upload("a" + suffix, data, LIMITS):
        assert isinstance(outcome, Article | SourceError)


def test_a_short_first_line_is_the_title_and_stays_in_the_text(tmp_path: Path) -> None:
    found = article(write(tmp_path, "a.txt", "\n  Minister   objects\n\nShe said so."))
    assert found.title == "Minister objects"
    assert found.text == "\n  Minister   objects\n\nShe said so."


@pytest.mark.parametrize("text", ["One line only.", "x" * 201 + "\nMore."])
def test_without_a_headline_the_file_name_is_the_title(tmp_path: Path, text: str) -> None:
    assert article(write(tmp_path, "the-terms.txt", text)).title == "the-terms"


# --- Markdown ---------------------------------------------------------------------------------


def test_markdown_reads_as_its_words(tmp_path: Path) -> None:
    source = (
        "# The *terms*\n\nShe said\n“no” to [them](http://x.example) ![pic](p.png)&amp; left.  \n"
        "Then\\* more.\n\n"
        "- one\n- two\n\n> We **object**.\n\n```\ncode  *as* is\n```\n\n"
        "A <b>bold</b> word<br>here.\n\n<div>\n<p>Raw</p>\n<!-- no --><Script>x()</sCript>\n1 &lt; 2</div>\n"
    )
    found = article(write(tmp_path, "a.md", source))
    assert found.text == (
        "The terms\n\nShe said “no” to them & left.\nThen* more.\n\none\n\ntwo\n\nWe object.\n\n"
        "code  *as* is\n\nA bold word\nhere.\n\nRaw\n1 < 2"
    )
    assert found.title == "The terms"


def test_markdown_alters_no_characters(tmp_path: Path) -> None:
    text = "\"Quotes\" -- dashes... (c) 'x' +- https://daily.example/a_b_c"
    assert article(write(tmp_path, "a.md", text)).text == text


def test_front_matter_is_read(tmp_path: Path) -> None:
    front = (
        "---\ntitle: 'No: the terms'\nauthors: [Ann Bell, Bo Carr]\npublisher: The Daily\ndate: 2020-05-20\n"
        "url: https://daily.example/terms#top\nid: 007\n---\n# Another\n\nText."
    )
    found = article(write(tmp_path, "a.md", front))
    assert found.title == "No: the terms" and found.author == "Ann Bell, Bo Carr"
    assert found.publisher == "The Daily" and found.published == "2020-05-20"
    assert found.url == "https://daily.example/terms" and found.external_id == "007"
    assert found.text == "Another\n\nText."


@pytest.mark.parametrize("front", ["- a\n- list", "key: [unclosed", "a: " + "[" * 5000, "{{{{", "? [a]\n: b"])
def test_front_matter_that_is_none_stays_in_the_text(tmp_path: Path, front: str) -> None:
    assert "kept" in article(write(tmp_path, "a.md", f"---\nkept\n{front}\n---\nText.")).text


@pytest.mark.parametrize(
    "hostile",
    [">" * 20_000 + "x", "- " * 5_000 + "x", "[" * 5_000, "*a_ " * 5_000, "<div>" + "<!--" * 50_000],
)
def test_hostile_markdown_costs_one_outcome(tmp_path: Path, hostile: str) -> None:
    assert len(outcomes(write(tmp_path, "a.md", hostile))) == 1


# --- JSON Lines -------------------------------------------------------------------------------


def test_a_record_becomes_an_article(tmp_path: Path) -> None:
    record = {
        "id": 7,
        "text": " Kept\r\nas given. ",
        "title": " The\nterms ",
        "url": "HTTPS://Daily.example/terms?utm_medium=mail&id=3&fbclid=1",
        "publisher": "The Daily",
        "authors": ["Ann Bell", "Bo Carr"],
        "date": "May 20, 2020",
        "unknown": {"x": [1]},
    }
    assert article(write(tmp_path, "a.jsonl", jsonl(record))) == Article(
        text=" Kept\nas given. ",
        title="The terms",
        author="Ann Bell, Bo Carr",
        publisher="The Daily",
        published="2020-05-20",
        url="https://daily.example/terms?id=3",
        external_id="7",
    )


BAD_LINES = {
    "malformed": b"{bad",
    "not an object": b'["text"]',
    "no text": b'{"title": "x"}',
    "null text": b'{"text": null}',
    "blank text": b'{"text": " \\n"}',
    "control characters only": b'{"text": "\\u0000"}',
    "wrong text": b'{"text": 5}',
    "wrong title": b'{"text": "x", "title": ["x"]}',
    "wrong id": b'{"text": "x", "id": true}',
    "wrong authors": b'{"text": "x", "authors": ["a", 1]}',
    "wrong date": b'{"text": "x", "published": 20200520}',
    "undecodable": b'{"text": "caf\xe9"}',
    "too deep": b"[" * 100_000,
    "a number too long": b'{"text": "x", "id": ' + b"1" * 5_000 + b"}",
    "too long": b'{"text": "' + b"x" * LIMITS.max_bytes + b'"}',
}


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_malformed_line_fails_alone(tmp_path: Path, bad: bytes) -> None:
    good = b'{"text": "Good."}'
    path = write(tmp_path, "a.jsonl", good + b"\n\n" + bad + b"\r\n" + good)
    first, wrong, last = outcomes(path)
    assert isinstance(first, Article) and isinstance(last, Article)
    assert isinstance(wrong, SourceError) and wrong.source == f"{path}:3"


def test_null_is_absent(tmp_path: Path) -> None:
    keys = ("id", "title", "url", "publisher", "author", "authors", "published", "date")
    record = {"text": "Good.", **dict.fromkeys(keys)}
    assert article(write(tmp_path, "a.jsonl", jsonl(record))) == Article(text="Good.")


def test_the_limit_holds_for_a_record_and_not_for_the_file(tmp_path: Path) -> None:
    line = '{"text": "12345"}'
    path = write(tmp_path, "a.jsonl", (line + "\r\n") * 10 + line)
    assert len(outcomes(path, limits=Limits(len(line), 1))) == 11
    assert all(isinstance(each, Article) for each in outcomes(path, limits=Limits(len(line), 1)))
    assert all(isinstance(each, SourceError) for each in outcomes(path, limits=Limits(len(line) - 1, 1)))


def test_a_lone_surrogate_becomes_a_replacement_character(tmp_path: Path) -> None:
    assert article(write(tmp_path, "a.jsonl", '{"text": "x \\ud800 y"}')).text == "x \ufffd y"


def test_json_lines_may_start_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert article(write(tmp_path, "a.ndjson", b'\xef\xbb\xbf{"text": "Good."}')).text == "Good."


def test_json_lines_in_utf_16_fail_once_and_not_a_line_at_a_time(tmp_path: Path) -> None:
    assert "UTF-8" in error(write(tmp_path, "a.jsonl", jsonl({"text": "x"}, {"text": "y"}).encode("utf-16"))).reason


# --- HTML -------------------------------------------------------------------------------------


def test_a_page_becomes_an_article(tmp_path: Path) -> None:
    found = article(write(tmp_path, "saved.html", PAGE))
    assert SENTENCE.strip() in found.text and "Home" not in found.text
    assert found.title == "Minister objects" and found.author == "Ann Bell, Bo Carr"
    assert found.publisher == "The Daily" and found.published == "2020-05-20"
    assert found.url == "https://daily.example/terms"


def test_a_fragment_is_read_too(tmp_path: Path) -> None:
    found = article(write(tmp_path, "the-terms.htm", f"<p>{SENTENCE}</p>"))
    assert found.text == SENTENCE.strip() and found.title == "the-terms"


@pytest.mark.parametrize("encoding", ["windows-1252", "windows-1251", "shift_jis", "iso-2022-jp", "utf-16"])
def test_a_page_is_read_in_the_encoding_it_declares(tmp_path: Path, encoding: str) -> None:
    sentence = {"windows-1252": "“Naïve,” she said. ", "windows-1251": "Министр возразил. "}
    text = sentence.get(encoding, "大臣は反対した。") * 10
    page = f'<html><head><meta charset="{encoding}"></head><body><article><p>{text}</p></article></body></html>'
    assert article(write(tmp_path, "a.html", page.encode(encoding))).text == text.strip()


def test_a_page_in_no_known_encoding_is_refused_rather_than_guessed(tmp_path: Path) -> None:
    for declared in ("", '<meta charset="unicode_escape">', '<meta charset="nonsense">'):
        page = f"<html>{declared}<body><p>Caf\xe9</p></body></html>".encode("latin-1")
        assert "0xE9" in error(write(tmp_path, "a.html", page)).reason


@pytest.mark.parametrize("canonical", ["https://daily.example/", "javascript:alert(1)", "//[", "/terms"])
def test_an_address_that_names_no_article_is_not_a_key(tmp_path: Path, canonical: str) -> None:
    page = PAGE.replace("https://daily.example/terms?utm_source=x#top", canonical)
    found = article(write(tmp_path, "a.html", page))
    assert found.url == "" and found.origin


@pytest.mark.parametrize("partial", ["2020", "2020-05", "May 2020"])
def test_a_page_that_names_no_day_has_none(tmp_path: Path, partial: str) -> None:
    page = PAGE.replace("2020-05-20T23:30:00-05:00", partial)
    assert article(write(tmp_path, "a.html", page)).published == ""


def test_a_page_that_takes_too_long_fails_alone(tmp_path: Path) -> None:
    slow = write(tmp_path, "slow.html", "<html><body>" + "<p>" * 100_000 + "</body></html>")
    reason = error(slow, limits=Limits(LIMITS.max_bytes, 0.05)).reason
    assert "longer than 0.05 seconds" in reason and "PULLQUOTE_PARSE_SECONDS" in reason
    assert article(write(tmp_path, "next.html", PAGE)).title == "Minister objects"


@pytest.mark.parametrize("tag", ["div", "span", "b", "blockquote", "table", "ul", "svg"])
def test_deeply_nested_tags_cost_one_outcome(tmp_path: Path, tag: str) -> None:
    page = "<html><body>" + f"<{tag}>" * 50_000 + SENTENCE + "</body></html>"
    assert len(outcomes(write(tmp_path, "deep.html", page), write(tmp_path, "next.html", PAGE))) == 2


def test_pages_may_be_read_from_several_threads(tmp_path: Path) -> None:
    paths = [write(tmp_path, f"{n}.html", PAGE.replace("objects", f"objects {n}")) for n in range(8)]
    titles: list[str] = []
    threads = [threading.Thread(target=lambda p=path: titles.append(article(p).title)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(titles) == [f"Minister objects {n}" for n in range(8)]


def test_a_closed_reader_starts_again(tmp_path: Path) -> None:
    path = write(tmp_path, "a.html", PAGE)
    close()
    close()
    assert article(path).title == "Minister objects"


def test_a_child_that_does_not_start_is_an_error_and_not_a_wait() -> None:
    with pytest.raises(SandboxError, match="without an answer"):
        Sandbox("rag.sources.no_such_worker").ask({}, 1)


def test_reading_needs_no_heavy_import_until_a_file_asks_for_it() -> None:
    heavy = {"trafilatura", "lxml", "markdown_it", "yaml", "dateutil"}
    code = "import sys, rag.sources; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not heavy & set(loaded.split())


# --- folders ----------------------------------------------------------------------------------


def test_a_folder_is_read_in_order_and_other_kinds_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("b.txt", "a/z.MD", "c.ndjson", "License-plates.txt"):
        write(tmp_path, name, '{"text": "News."}')
    for name in (
        ".hidden.txt",
        ".git/x.txt",
        "README.md",
        "license.txt",
        "CHANGELOG.txt",
        "d.docx",
        "Makefile",
    ):
        write(tmp_path, name, "Not news.")
    with caplog.at_level(logging.WARNING):
        origins = [Path(each.origin).name for each in outcomes(str(tmp_path)) if isinstance(each, Article)]
    assert origins == ["License-plates.txt", "z.MD", "b.txt", ""]
    assert [record.getMessage() for record in caplog.records] == [f"{tmp_path}: skipped 2 files (.docx, no suffix)"]


def test_what_a_browser_saves_beside_a_page_is_not_an_article(tmp_path: Path) -> None:
    write(tmp_path, "Terms.html", PAGE)
    write(tmp_path, "Terms_files/advert.html", PAGE)
    write(tmp_path, "case_files/b.txt", "News.")
    assert [Path(found.origin).name for found in outcomes(str(tmp_path)) if isinstance(found, Article)] == [
        "Terms.html",
        "b.txt",
    ]


def test_a_folder_without_articles_is_an_error_that_says_what_is_read(tmp_path: Path) -> None:
    write(tmp_path, "a.docx", "x")
    reason = error(str(tmp_path)).reason
    assert "1 of other kinds: .docx" in reason and all(suffix in reason for suffix in KNOWN_SUFFIXES)


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    write(tmp_path, "a/news.txt", "News.")
    try:
        (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
        (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere")
    except OSError:
        pytest.skip("this account may not make symbolic links")
    found, broken = outcomes(str(tmp_path))
    assert isinstance(found, Article) and isinstance(broken, SourceError)


def test_a_very_deep_folder_is_read(tmp_path: Path) -> None:
    deep = tmp_path
    try:
        for _ in range(1_100):  # beyond Python's recursion limit
            deep = deep / "d"
            deep.mkdir()
        write(deep, "a.txt", "News.")
    except OSError:
        pytest.skip("this system has no paths of that length")
    try:
        assert article(str(tmp_path)).text == "News."
    finally:  # pytest's own tidying is recursive
        (deep / "a.txt").unlink()
        while deep != tmp_path:
            deep.rmdir()
            deep = deep.parent


def test_the_estimate_counts_files_and_lines(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "News.")
    write(tmp_path, "b/c.jsonl", '{"text": "x"}\n{"text": "y"}')
    write(tmp_path, "d.jsonl", '{"text": "x"}\n')
    write(tmp_path, "e.docx", "x")
    assert estimate([str(tmp_path)]) == 4
    assert estimate([str(tmp_path / "d.jsonl"), str(tmp_path / "missing.jsonl"), ""]) == 2


# --- fields -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        "2020-05-20",
        " 2020-05-20T23:59:59+14:00",
        "2020/05/20",
        "20200520",
        "Wed, 20 May 2020 10:30:00 -0400",
        "May 20, 2020",
        "20th of May, 2020",
        "May 20, 2020 5:30 p.m. EDT",
        "20/05/2020",
        date(2020, 5, 20),
        datetime(2020, 5, 20, 12),
    ],
)
def test_a_full_date_is_read(raw: object) -> None:
    assert iso_day(raw) == "2020-05-20"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "2020",
        "2020-05",
        "May 2020",
        "20 May",
        "May 20 '20",
        "Tuesday",
        "10:30",
        "05/06/2020",
        "1589932800",
        "1401010101",
        "2020-13-45",
        "Feb 30 2020",
        "0999-01-01",
        "2201-01-01",
        "x" * 10_000,
        None,
        20200520,
    ],
)
def test_a_missing_month_or_day_is_never_invented(raw: object) -> None:
    assert iso_day(raw) == ""


@given(st.text(max_size=40))
def test_any_text_is_a_day_or_nothing(raw: str) -> None:
    day = iso_day(raw)
    assert day == "" or date.fromisoformat(day)


@pytest.mark.parametrize(
    ("page", "there"),
    [
        ('content="2020-05-20T10"', True),
        ("/2020/5/20/", True),
        ("20200520", True),
        ("on May 20th, 2020", True),
        ("20. Mai 2020 20.5.2020", True),
        ("5/20/2020", True),
        ("2020-05", False),
        ("2020-05-201", False),
        ("12020-05-20", False),
    ],
)
def test_a_day_counts_only_where_the_page_states_it(page: str, there: bool) -> None:
    assert stated("2020-05-20", page) is there


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        (" https://Daily.example/a?utm_source=x&b=1&UTM_term=y&gclid=2#c\n", "https://daily.example/a?b=1"),
        ("http://daily.example", "http://daily.example/"),
        ("https://ann:secret@daily.example/a b", "https://daily.example/a%20b"),
        ("ftp://daily.example/a", ""),
        ("daily.example/a", ""),
        ("javascript:alert(1)", ""),
        ("https://[bad", ""),
        ("https://", ""),
        ("", ""),
    ],
)
def test_an_address_is_known_again(raw: str, canonical: str) -> None:
    assert canonical_url(raw) == canonical
    assert canonical_url(canonical) == canonical


@given(st.text())
def test_a_line_is_one_line_and_stays_so(raw: str) -> None:
    line = one_line(raw)
    assert "\n" not in line and line == line.strip() and one_line(line) == line
