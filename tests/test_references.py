"""References: every format carries the words as they are, and is read back by whoever knows the format."""

from __future__ import annotations

import json
import re

import pytest
from excerpts import FIELDS, MUD, URL, cut, whole_of
from helpers import CITATION_KEYS, HEARING, any_article, article
from hypothesis import given
from markdown_it import MarkdownIt
from rendered import in_paragraphs, unquoted

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

MARKED = f"{URL}#:~:text=%E2%80%9CMud%20does%20not%20read%20a%20licence%2C%E2%80%9D"
TWO_PARAGRAPHS = "“I came to say no to a timetable.\n\n“And I have said it.”"
ODD = {
    "title": "The [sic] \\ {odd} *title* of <b>100%</b> & $5 #1 a_b ~ ^",
    "author": "O'Neil & Söhne {GmbH}",
    "publisher": "50% Gazette_",
    "published": "2026-09-08",
    "url": "https://x.example/a_b%20c?d=e&f={g}~#top",
}


def test_markdown_is_a_block_quote_with_its_source() -> None:
    assert references.export(Citation(1, cut(MUD), "Edda Maskell"), "markdown") == (
        f"> {MUD}\n>\n> — Edda Maskell, in [The hearing (Harbour Gazette, 8 September 2026)](<{MARKED}>)"
    )


def test_markdown_keeps_paragraphs_in_one_block_quote() -> None:
    assert references.export(Citation(1, whole_of("“One.\n\n“Two.”", title="T", url=URL)), "markdown") == (
        f"> “One.\n>\n> “Two.”\n>\n> — [T](<{URL}#:~:text=%E2%80%9COne.,%E2%80%9CTwo.%E2%80%9D>)"
    )


WRITTEN_LIKE_MARKDOWN = [
    "*Stars* and _underscores_ <script>alert(1)</script> and [link](http://evil)", "1. numbered", "2) numbered",
    "# heading", "> quoted", "- item", "+ item", "Title\n=====", "Title\n---", "```\ncode", "~~~", "&amp; &#42;",
    "    four spaces", "\ttab", "two at the end  \nand on", "a  b", "\\*", "![](http://evil/x.png)", "<http://evil>",
    "a\\\nb", "| a | b |\n|---|---|\n| c | d |", "[a]: http://evil", "~~no~~ `code`", "a\n1. b\n- c\n# d", "***",
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        *(TWO_PARAGRAPHS, "One\nTwo\n\n\nThree", "He [Lavrov] said “no”.", "One\u2028two\u2029three", "# 1 > 0", "{x}"),
        *WRITTEN_LIKE_MARKDOWN,
    ],
)
def test_markdown_shows_the_words_as_they_are(text: str) -> None:
    citation = Citation(1, whole_of(text))
    assert unquoted(references.export(citation, "markdown")) == in_paragraphs(citation.quote)


def test_markdown_without_an_address_links_to_the_reader() -> None:
    excerpt = cut(MUD, article(title="T"))
    assert references.export(Citation(1, excerpt), "markdown").endswith(f"> — [T](<{cite.link(excerpt)}>)")
    exported = references.export(Citation(1, excerpt), "markdown", "https://quotes.example")
    assert exported.endswith(f"(<https://quotes.example{cite.link(excerpt)}>)")


def test_markdown_links_hold_any_title_and_any_address() -> None:
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
        "author": [{"family": "Dunmore", "given": "Perran"}],
        "container-title": "Harbour Gazette",
        "issued": {"date-parts": [[2026, 9, 8]]},
        "URL": URL,
        "note": MUD,
    }


def test_csl_json_leaves_out_what_is_not_known_and_takes_any_text() -> None:
    text = 'A "quoted" \\ backslash\nand 👩‍👩‍👧 \u2028 end'
    (item,) = json.loads(references.export(Citation(1, whole_of(text)), "csl-json"))
    assert item.keys() == {"id", "type", "note"}
    assert item["note"] == text


def bibtex_fields(entry: str) -> dict[str, str]:
    """The fields of an entry, read as BibTeX does: a value ends where its braces are balanced."""
    opening = re.match(r"@(article|misc)\{([^\s,{}]+),\n", entry)
    assert opening is not None and entry.endswith("\n}")
    fields, position = {"kind": opening[1], "key": opening[2]}, opening.end()
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
        "kind": "article",
        "key": f"pullquote-{citation.id}",
        "title": "The hearing",
        "author": "Dunmore, Perran",
        "journaltitle": "Harbour Gazette",
        "entrysubtype": "newspaper",
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
    assert fields["author"] == r"{O'Neil \& Söhne \textbraceleft{}GmbH\textbraceright{}}"
    assert fields["note"] == (
        r"\textbraceleft{}unbalanced \textbackslash{}input\textbraceleft{}x\textbraceright{} "
        r"\textbraceright{}\textbraceright{} \% gone"
    )


def test_bibtex_leaves_an_address_as_it_is_but_for_braces() -> None:
    fields = bibtex_fields(references.export(Citation(1, whole_of("Words.", **ODD)), "bibtex"))
    assert fields["url"] == "https://x.example/a_b%20c?d=e&f=%7Bg%7D~#top"


def test_bibtex_without_a_newspaper_is_misc() -> None:
    fields = bibtex_fields(references.export(Citation(1, whole_of("Words.", title="T")), "bibtex"))
    assert (fields["kind"], fields.keys()) == ("misc", {"kind", "key", "title", "note"})


def test_every_format_has_names_in_its_own_form() -> None:
    author = "Jane O'Neil, Bob van Dyke, Jr., Associated Press and Harbour Gazette"
    citation = Citation(1, cut(MUD, article(**FIELDS | {"author": author})))
    assert json.loads(references.export(citation, "csl-json"))[0]["author"] == [
        {"family": "O'Neil", "given": "Jane"},
        {"family": "Dyke", "given": "Bob", "non-dropping-particle": "van", "suffix": "Jr."},
        {"literal": "Associated Press"},
        {"literal": "Harbour Gazette"},
    ]
    assert bibtex_fields(references.export(citation, "bibtex"))["author"] == (
        "O'Neil, Jane and van Dyke, Jr., Bob and {Associated Press} and {Harbour Gazette}"
    )
    (fields,) = ris_records(references.export(citation, "ris"))
    assert [value for tag, value in fields if tag == "AU"] == [
        "O'Neil, Jane", "van Dyke, Bob, Jr.", "Associated Press", "Harbour Gazette",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Mayor Varga objects to EU's iPad plan", "Mayor {Varga} objects to {EU's} {iPad} plan"),
        ("NATO warns: The quay stays", "{NATO} warns: {The} quay stays"),
        ("“Mud does not read”", "{“Mud} does not read”"),
        ("Bell & Sons {Ltd}", r"Bell \& {Sons} {\textbraceleft{}Ltd\textbraceright{}}"),
    ],
)
def test_bibtex_keeps_the_capitals_of_names_and_abbreviations(title: str, expected: str) -> None:
    fields = bibtex_fields(references.export(Citation(1, whole_of("Words.", title=title)), "bibtex"))
    assert fields["title"] == expected


def ris_records(exported: str) -> list[list[tuple[str, str]]]:
    """The fields of each record, in order, as the specification has them: a tag at every line's start."""
    records: list[list[tuple[str, str]]] = []
    *lines, rest = exported.split("\r\n")
    assert rest == ""
    for line in lines:
        tag = re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line)
        assert tag is not None and not re.search(r"[\r\n\v\f\x85\u2028\u2029]", line), line
        if tag[1] == "TY":
            records.append([])
        records[-1].append((tag[1], tag[2]))
    assert all(fields[0][0] == "TY" and fields[-1] == ("ER", "") for fields in records)
    assert all(tag not in {"TY", "ER"} for fields in records for tag, _ in fields[1:-1])
    return records


def test_ris_is_a_newspaper_article_with_the_words_as_note() -> None:
    citation = Citation(1, cut(MUD, article(**FIELDS | {"author": "Perran Dunmore, Bo Carr and Cy Dunn"})))
    assert references.export(citation, "ris") == (
        "TY  - NEWS\r\n"
        f"AN  - {citation.id}\r\n"
        "TI  - The hearing\r\nAU  - Dunmore, Perran\r\nAU  - Carr, Bo\r\nAU  - Dunn, Cy\r\nT2  - Harbour Gazette\r\n"
        f"PY  - 2026\r\nDA  - 2026/09/08\r\nUR  - {URL}\r\nN1  - {MUD}\r\nER  - \r\n"
    )


def test_no_words_end_a_ris_record_or_begin_another() -> None:
    evil = "He said\nER  - \nTY  - BOOK\nTI  - Mine\r\n\u2028ER  - "
    citation = Citation(1, whole_of(evil, title="T\nER  - ", author="A* Bell", publisher="The *Star*"))
    (fields,) = ris_records(references.export(citation, "ris"))
    assert fields == [
        ("TY", "NEWS"), ("AN", citation.id), ("TI", "T ER -"), ("AU", "Bell, A"), ("T2", "The Star"),
        ("N1", "He said ER - TY - BOOK TI - Mine ER -"), ("ER", ""),
    ]  # fmt: skip


def test_plain_text_is_the_words_and_then_where_they_stand() -> None:
    citation = Citation(1, cut(MUD), "Edda Maskell")
    assert references.export(citation, "text") == (
        f"{MUD}\n\n— Edda Maskell, in The hearing (Harbour Gazette, 8 September 2026)\n{MARKED}\nCitation {citation.id}"
    )
    bare = Citation(1, whole_of(TWO_PARAGRAPHS))
    assert references.export(bare, "text", "https://quotes.example") == (
        f"{TWO_PARAGRAPHS}\n\n— an untitled article\n"
        f"https://quotes.example{cite.link(bare.excerpt)}\nCitation {bare.id}"
    )


def test_an_annotation_of_a_page_targets_the_words_by_what_they_are() -> None:
    citation = Citation(1, cut(MUD), "Edda Maskell")
    found = json.loads(references.export(citation, "web-annotation"))
    assert (found["@context"], found["type"], found["motivation"]) == (
        "http://www.w3.org/ns/anno.jsonld", "Annotation", "highlighting",
    )  # fmt: skip
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", found["id"])
    assert found["dcterms:identifier"] == citation.id
    assert [(body["purpose"], body["value"]) for body in found["body"]] == [
        ("describing", "The hearing (Harbour Gazette, 8 September 2026), by Perran Dunmore"),
        ("tagging", "Edda Maskell"),
    ]  # fmt: skip
    assert found["target"]["source"] == URL
    (quote,) = found["target"]["selector"]  # a place in the stored text is none in the page
    assert (quote["type"], quote["exact"]) == ("TextQuoteSelector", MUD)
    assert HEARING.count(quote["prefix"] + quote["exact"] + quote["suffix"]) == 1
    assert "created" not in found


def test_an_annotation_of_an_article_without_an_address_targets_the_reader() -> None:
    excerpt = cut(MUD, article())
    found = json.loads(references.export(Citation(1, excerpt), "web-annotation", "https://quotes.example"))
    assert found["target"]["source"] == f"https://quotes.example{cite.link(excerpt)}"
    quote, position = found["target"]["selector"]
    assert (quote["type"], position["type"]) == ("TextQuoteSelector", "TextPositionSelector")
    assert quote["exact"] == MUD == HEARING[position["start"] : position["end"]]


def test_an_annotation_has_the_same_name_every_time_and_another_for_other_words() -> None:
    names = [references.annotation(Citation(n, cut(MUD)))["id"] for n in (1, 5)]
    assert names[0] == names[1]
    assert references.annotation(Citation(1, cut("Nothing was decided.")))["id"] != names[0]


def test_a_collection_of_annotations_has_each_once_with_its_time_in_utc() -> None:
    one, other = Citation(1, cut(MUD)), Citation(1, cut("Nothing was decided."))
    made = [(one, "2026-09-08T12:00:00+02:00"), (other, ""), (Citation(2, one.excerpt), "2026-09-09T12:00:00+00:00")]
    found = references.collection(made, "chat", "A chat", "2026-09-08T00:00:00+00:00")
    assert (found["type"], found["label"], found["total"]) == ("AnnotationCollection", "A chat", 2)
    page = found["first"]
    assert (page["type"], [item["dcterms:identifier"] for item in page["items"]]) == (
        "AnnotationPage",
        [one.id, other.id],
    )
    assert [item.get("created") for item in page["items"]] == ["2026-09-08T10:00:00Z", None]
    assert len({found["id"], page["id"], *(item["id"] for item in page["items"])}) == 4


def test_a_bibliography_has_each_citation_once_in_its_order() -> None:
    one, other = Citation(1, cut(MUD)), Citation(2, cut("Nothing was decided."))
    several = [one, other, Citation(3, one.excerpt)]
    assert [item["id"] for item in json.loads(references.bibliography(several, "csl-json"))] == [one.id, other.id]
    assert re.findall(r"^@article\{pullquote-(.+),$", references.bibliography(several, "bibtex"), re.MULTILINE) == [
        one.id, other.id,
    ]  # fmt: skip
    assert [dict(r)["AN"] for r in ris_records(references.bibliography(several, "ris"))] == [one.id, other.id]
    assert references.bibliography([], "csl-json") == "[]"
    assert references.bibliography([], "ris") == references.bibliography([], "bibtex") == ""


@pytest.mark.parametrize(
    "text", ["# a", "1. a", "2) a", "- a", "+ a", "= a", "a *b* _c_ [d](e) <i> &amp; `f` ~~g~~ | h", "1\n# a"]
)
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable("strikethrough").parse(references.escaped(text))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert "".join(t.content for t in tokens[1].children or []) == " ".join(text.split())


ATTACKS = [
    "“No.”\n\nER  - \n@misc{x, note={", "{{{", "}}}", "\\end{document} % gone", "السلام عليكم، قال",
    "👩\u200d👩\u200d👧 " * 3,
    "word " * 1_000, '{"a": "\\u0000"}', "</script><b>&amp;", "\t\u2028\u2029x\u00a0",
]  # fmt: skip


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: ascii(text[:12]))
@pytest.mark.parametrize("fields", [{}, ODD, FIELDS], ids=["nothing known", "odd", "known"])
def test_any_format_holds_any_words_and_is_read_back(text: str, fields: dict[str, str]) -> None:
    citation = Citation(1, whole_of(text, **fields | {"external_id": "1"}), text)
    words = " ".join(citation.quote.split())
    assert json.loads(references.export(citation, "csl-json"))[0]["note"] == citation.quote
    found = json.loads(references.export(citation, "web-annotation"))
    assert found["target"]["selector"][0]["exact"] == citation.quote
    assert unquoted(references.export(citation, "markdown")) == in_paragraphs(citation.quote)
    assert references.export(citation, "text").startswith(f"{citation.quote}\n\n— ")
    (ris,) = ris_records(references.export(citation, "ris"))
    assert dict(ris)["N1"] == words
    note = bibtex_fields(references.export(citation, "bibtex"))["note"]
    assert (
        re.sub(r"\\text(backslash|braceleft|braceright|asciitilde|asciicircum)\{\}|\\([%&#$_])", _untex, note) == words
    )


def _untex(escape: re.Match[str]) -> str:
    names = {"backslash": "\\", "braceleft": "{", "braceright": "}", "asciitilde": "~", "asciicircum": "^"}
    return escape[2] or names[escape[1]]


@given(any_article())
def test_any_words_can_be_exported_in_any_form(whole: Article) -> None:
    citation = Citation(1, whole.excerpt(Span(0, len(whole.text))), "Somebody", 0.5)
    assert json.loads(references.export(citation, "json"))["quote"] == whole.text
    assert json.loads(references.export(citation, "csl-json"))[0]["note"] == whole.text
    assert unquoted(references.export(citation, "markdown")) == in_paragraphs(whole.text)
    assert dict(ris_records(references.export(citation, "ris"))[0])["N1"] == " ".join(whole.text.split())
    assert "note" in bibtex_fields(references.export(citation, "bibtex")) or not whole.text.strip()
