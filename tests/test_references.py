"""References: every format carries the words as they are, and is read back by whoever knows the format."""

from __future__ import annotations

import json
import re

import pytest
from excerpts import FIELDS, MUD, URL, cut, whole_of
from helpers import CITATION_KEYS, HEARING, any_article, article
from hypothesis import given

from rag import cite, references
from rag.text import Span
from rag.types import Article, Citation


@pytest.mark.parametrize(
    "public_url", ["https://quotes.example", "https://quotes.example/", "https://q.example/desk//"]
)
def test_a_public_url_is_put_before_links_once(public_url: str) -> None:
    excerpt = cut(MUD)
    expected = public_url.rstrip("/") + cite.link(excerpt)
    assert cite.link(excerpt, public_url) == expected
    assert references.record(Citation(1, excerpt), public_url)["link"] == expected
    assert json.loads(references.export(Citation(1, excerpt), "json", public_url))["link"] == expected


# --- records ----------------------------------------------------------------------------------


def test_a_record_has_the_fields_of_the_contract_and_no_others() -> None:
    with_url, without = cut(MUD), cut(MUD, article(title="No address"))
    assert references.record(Citation(1, with_url)).keys() == CITATION_KEYS | {"fragment_url"}
    assert references.record(Citation(1, without)).keys() == CITATION_KEYS


def test_a_record_says_what_is_known() -> None:
    excerpt = cut(MUD)
    record = references.record(Citation(3, excerpt, "Edda Maskell", 0.123456))
    assert {name: record[name] for name in FIELDS} == FIELDS
    assert (record["id"], record["n"], record["quote"]) == (excerpt.id, 3, MUD)
    assert HEARING[record["start"] : record["end"]] == MUD
    assert (record["article_id"], record["revision"]) == (excerpt.article.id, excerpt.article.revision)
    assert (record["speaker"], record["score"]) == ("Edda Maskell", 0.1235)


def test_what_is_not_known_is_null() -> None:
    record = references.record(Citation(1, cut(MUD, article())))
    assert {name for name, value in record.items() if value is None} == {
        "external_id", "published", "url", "speaker", "score",
    }  # fmt: skip
    assert (record["title"], record["author"], record["publisher"]) == ("", "", "")


# --- exports ----------------------------------------------------------------------------------

TWO_PARAGRAPHS = "“I came to say no to a timetable.\n\n“And I have said it.”"
ODD = {
    "title": "The [sic] \\ {odd} *title* of <b>100%</b> & $5 #1 a_b ~ ^",
    "author": "O'Neil & Söhne {GmbH}",
    "publisher": "50% Gazette_",
    "published": "2026-09-08",
    "url": "https://x.example/a_b%20c?d=e&f={g}~#top",
}


def unquoted(markdown: str) -> str:
    """The words that a block quote of Markdown holds, without the line that says where they stand."""
    lines = markdown.split("\n")[:-2]
    assert all(line.startswith("> ") or line == ">" for line in lines)
    return "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines)


def test_markdown_is_a_block_quote_with_its_source() -> None:
    assert references.export(Citation(1, cut(MUD), "Edda Maskell"), "markdown") == (
        f"> {MUD}\n>\n> — Edda Maskell, in [The hearing (Harbour Gazette, 8 September 2026)](<{URL}>)"
    )


def test_markdown_keeps_paragraphs_in_one_block_quote() -> None:
    assert references.export(Citation(1, whole_of("“One.\n\n“Two.”", title="T", url=URL)), "markdown") == (
        f"> “One.\n>\n> “Two.”\n>\n> — [T](<{URL}>)"
    )


@pytest.mark.parametrize(
    "text",
    [TWO_PARAGRAPHS, "One\nTwo\n\n\nThree", "He [Lavrov] said “no”.", "One\u2028two\u2029three", "# 1 > 0", "{x}"],
)
def test_markdown_carries_the_words_line_for_line(text: str) -> None:
    assert unquoted(references.export(Citation(1, whole_of(text)), "markdown")) == text


def test_markdown_without_an_address_links_to_the_reader() -> None:
    excerpt = cut(MUD, article(title="T"))
    assert references.export(Citation(1, excerpt), "markdown").endswith(f"> — [T](<{cite.link(excerpt)}>)")
    exported = references.export(Citation(1, excerpt), "markdown", "https://quotes.example")
    assert exported.endswith(f"(<https://quotes.example{cite.link(excerpt)}>)")


def test_markdown_links_hold_any_title_and_any_address() -> None:
    from markdown_it import MarkdownIt

    for odd in (
        ODD,
        ODD | {"title": "a ` b ] c", "url": "https://x.example/a>)`(b"},
        ODD | {"title": "](https://evil.example)"},
    ):
        exported = references.export(Citation(1, whole_of("Words.", **odd)), "markdown")
        tokens = MarkdownIt().parse(exported)
        inline = next(t for t in tokens if t.type == "inline" and "—" in t.content)
        (link,) = [t for t in inline.children or [] if t.type == "link_open"]
        shown = "".join(t.content for t in inline.children or [])
        assert shown == f"— {cite.source(article('Words.', **odd))}"
        assert str(link.attrs["href"]).startswith("https://x.example/")


def test_csl_json_is_one_newspaper_article_with_the_words_as_note() -> None:
    citation = Citation(1, cut(MUD), "Edda Maskell")
    (item,) = json.loads(references.export(citation, "csl-json"))
    assert item == {
        "id": citation.id,
        "type": "article-newspaper",
        "title": "The hearing",
        "author": [{"literal": "Perran Dunmore"}],
        "container-title": "Harbour Gazette",
        "issued": {"date-parts": [[2026, 9, 8]]},
        "URL": URL,
        "note": MUD,
    }


def test_csl_json_leaves_out_what_is_not_known_and_takes_any_text() -> None:
    text = 'A "quoted" \\ backslash\nand 👩‍👩‍👧 \u2028 end'
    (item,) = json.loads(references.export(Citation(1, whole_of(text)), "csl-json"))
    assert item.keys() == {"id", "type", "title", "note"}
    assert item["note"] == text


def bibtex_fields(entry: str) -> dict[str, str]:
    """The fields of an entry, read as BibTeX does: a value ends where its braces are balanced."""
    opening = re.match(r"@misc\{([^\s,{}]+),\n", entry)
    assert opening is not None and entry.endswith("\n}")
    fields, position = {"key": opening[1]}, opening.end()
    while found := re.compile(r"\s*(\w+) = \{").match(entry, position):
        depth, position = 1, found.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(entry[position], 0)
            position += 1
        fields[found[1]] = entry[found.end() : position - 1]
        assert entry[position] == ","
        position += 1
    assert entry[position:] == "\n}"
    return fields


def test_bibtex_names_the_source_and_the_words() -> None:
    citation = Citation(1, cut(MUD))
    assert bibtex_fields(references.export(citation, "bibtex")) == {
        "key": f"pullquote-{citation.id}",
        "title": "The hearing",
        "author": "Perran Dunmore",
        "howpublished": "Harbour Gazette",
        "date": "2026-09-08",
        "url": URL,
        "note": MUD,
    }


def test_bibtex_escapes_what_tex_would_read() -> None:
    fields = bibtex_fields(
        references.export(Citation(1, whole_of("{unbalanced\n\n\\input{x} }} % gone", **ODD)), "bibtex")
    )
    assert fields["title"] == (
        r"The [sic] \textbackslash{} \textbraceleft{}odd\textbraceright{} *title* of <b>100\%</b> \& \$5 \#1 a\_b "
        r"\textasciitilde{} \textasciicircum{}"
    )
    assert fields["author"] == r"O'Neil \& Söhne \textbraceleft{}GmbH\textbraceright{}"
    assert fields["note"] == (
        r"\textbraceleft{}unbalanced \textbackslash{}input\textbraceleft{}x\textbraceright{} "
        r"\textbraceright{}\textbraceright{} \% gone"
    )


def test_bibtex_leaves_an_address_as_it_is_but_for_braces() -> None:
    fields = bibtex_fields(references.export(Citation(1, whole_of("Words.", **ODD)), "bibtex"))
    assert fields["url"] == "https://x.example/a_b%20c?d=e&f=%7Bg%7D~#top"


@given(any_article())
def test_any_words_can_be_exported_in_any_form(whole: Article) -> None:
    citation = Citation(1, whole.excerpt(Span(0, len(whole.text))), "Somebody", 0.5)
    assert json.loads(references.export(citation, "json"))["quote"] == whole.text
    assert json.loads(references.export(citation, "csl-json"))[0]["note"] == whole.text
    assert unquoted(references.export(citation, "markdown")).split() == whole.text.split()
    assert "note" in bibtex_fields(references.export(citation, "bibtex")) or not whole.text.strip()
