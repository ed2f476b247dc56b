"""Citations: an id resolves for as long as its article is here, and every export carries the words as they are."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from helpers import CITATION_KEYS, HEARING, LEAK, any_article, article, assert_exact, assert_exact_record
from hypothesis import given
from hypothesis import strategies as st

from rag import Pullquote, cite
from rag.errors import NotFoundError
from rag.text import Span, locate
from rag.types import Article, Citation, Evidence, Excerpt

URL = "https://gazette.example/2026/hearing"
FIELDS = {
    "title": "The hearing", "author": "Perran Dunmore", "publisher": "Harbour Gazette", "published": "2026-09-08",
    "url": URL, "external_id": "hearing",
}  # fmt: skip
MUD = "“Mud does not read a licence,”"


def cut(words: str, whole: Article | None = None) -> Excerpt:
    whole = whole or article(**FIELDS)
    span = locate(words, whole.text)
    assert span is not None
    return whole.excerpt(span)


def whole_of(text: str, **fields: str) -> Excerpt:
    found = article(text, **fields)
    return found.excerpt(Span(0, len(found.text)))


@pytest.fixture
def filled(pullquote: Pullquote) -> Pullquote:
    pullquote.ingest_articles([article(**FIELDS), article(LEAK, external_id="leak")])
    return pullquote


# --- ids --------------------------------------------------------------------------------------


def test_an_id_gives_its_words_back(filled: Pullquote) -> None:
    for citation in (*filled.ask("Who said that mud does not read a licence?").evidence, *filled.search("riders")):
        found = cite.resolve(citation.id, filled.library)
        assert_exact(found)
        assert (found, found.text) == (citation.excerpt, citation.quote)


@given(any_article(), st.data())
def test_any_excerpt_has_an_id_of_the_one_form(whole: Article, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(whole.text) - 1))
    end = data.draw(st.integers(start + 1, len(whole.text)))
    revision, first, last = whole.excerpt(Span(start, end)).id.split("-")
    assert (revision, int(first), int(last)) == (whole.revision, start, end)


def test_an_id_gives_the_old_words_after_a_correction(filled: Pullquote) -> None:
    cited = filled.search("eelgrass", 1)[0]
    corrected = HEARING.replace("eelgrass", "seagrass").replace("Thursday", "Wednesday the 9th")
    filled.ingest_articles([article(corrected, **FIELDS)])
    assert filled.article("hearing").article.text == corrected
    found = filled.cite(cited.id)
    assert (found.quote, found.id) == (cited.quote, cited.id)
    assert "eelgrass" in found.quote
    assert_exact_record(cite.record(found), filled)


def test_an_id_comes_with_white_space_from_the_clipboard(filled: Pullquote) -> None:
    cited = filled.search("eelgrass", 1)[0]
    assert filled.cite(f"  {cited.id}\n").id == cited.id


STRANGE = [
    "", " ", "x", "-", "--", "1-2", "3f2a9c81d0b4e6a75511", "3f2a9c81d0b4e6a75511-1", "3f2a9c81d0b4e6a75511--1-4",
    "3F2A9C81D0B4E6A75511-1-4", "3f2a9c81d0b4e6a75511-1-4-5", "3f2a9c81d0b4e6a7551-1-4", "g" * 20 + "-1-4",
    "3f2a9c81d0b4e6a75511-1.0-4", "3f2a9c81d0b4e6a75511-+1-4", "3f2a9c81d0b4e6a75511-1_0-40", "../../etc/passwd",
    "3f2a9c81d0b4e6a75511-1-" + "9" * 5_000, "'; DROP TABLE revisions; --", "\0", "\ud800", "3f2a9c81d0b4e6a75511-١-٤",
    "3f2a9c81d0b4e6a75511-1-4\n3f2a9c81d0b4e6a75511-1-4", "x" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("strange", STRANGE, ids=lambda strange: ascii(strange[:24]))
def test_what_is_no_id_is_refused_with_what_one_looks_like(filled: Pullquote, strange: str) -> None:
    with pytest.raises(NotFoundError, match=r"is not a citation id; one looks like \S+-1024-1100"):
        filled.cite(strange)


def test_an_id_of_another_library_is_refused_by_its_revision(filled: Pullquote) -> None:
    foreign = article("In another library.").excerpt(Span(0, 5))
    with pytest.raises(NotFoundError, match=f"{foreign.article.revision}.*may have been removed"):
        filled.cite(foreign.id)


@pytest.mark.parametrize("span", ["0-0", "5-5", "9-3", f"0-{len(HEARING) + 1}", f"{len(HEARING)}-{len(HEARING) + 5}"])
def test_an_id_that_points_outside_its_article_is_refused_by_the_title(filled: Pullquote, span: str) -> None:
    revision = filled.article("hearing").article.revision
    with pytest.raises(NotFoundError, match="points outside its article, The hearing"):
        filled.cite(f"{revision}-{span}")


def test_an_id_may_name_any_stretch_of_its_article(filled: Pullquote) -> None:
    stored = filled.article("hearing").article
    assert filled.cite(f"{stored.revision}-0-{len(stored.text)}").quote == stored.text
    assert filled.cite(f"{stored.revision}-{len(stored.text) - 1}-{len(stored.text)}").quote == stored.text[-1]


# --- whose words ------------------------------------------------------------------------------


def test_a_citation_found_by_id_names_who_speaks(filled: Pullquote) -> None:
    assert filled.cite(cut(MUD, filled.article("hearing").article).id).speaker == "Edda Maskell"


def test_it_names_whom_the_answer_named_for_the_same_words(filled: Pullquote) -> None:
    evidence = [
        c for question in ("What about mud?", "Who objected?", "Any riders?") for c in filled.ask(question).evidence
    ]
    assert {"Ilse Varga", "Edda Maskell", "Marcus Tolleray", ""} <= {citation.speaker for citation in evidence}
    for citation in evidence:
        assert filled.cite(citation.id).speaker == citation.speaker, citation.quote


def test_where_two_speak_or_nobody_does_no_name_is_given(filled: Pullquote) -> None:
    stored = filled.article("hearing").article
    assert filled.cite(f"{stored.revision}-0-{len(stored.text)}").speaker == ""
    assert filled.cite(cut("Nothing was decided.", stored).id).speaker == ""


def test_the_words_of_an_old_revision_are_whose_that_revision_says(filled: Pullquote) -> None:
    cited = cut(MUD, filled.article("hearing").article)
    filled.ingest_articles([article(HEARING.replace("Edda", "Joren"), **FIELDS)])
    assert filled.cite(cited.id).quote == MUD
    assert filled.cite(cited.id).speaker == "Edda Maskell"


# --- around the words -------------------------------------------------------------------------


@given(any_article(60), st.data())
def test_context_touches_the_words_on_both_sides(whole: Article, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(whole.text) - 1))
    end = data.draw(st.integers(start + 1, len(whole.text)))
    before, after = cite.context(whole.excerpt(Span(start, end)))
    assert whole.text[:start].endswith(before) and whole.text[end:].startswith(after)
    assert len(before) <= cite.CONTEXT and len(after) <= cite.CONTEXT


def test_context_starts_and_ends_at_a_word() -> None:
    text = "start " + "harbour " * 200 + "HERE " + "harbour " * 200 + "end"
    before, after = cite.context(cut("HERE", article(text)))
    assert re.fullmatch(r"(harbour ){37}", before)
    assert re.fullmatch(r"( harbour){37}", after)


def test_context_reaches_to_the_edges_of_a_short_article() -> None:
    assert cite.context(cut("two", article("one two three"))) == ("one ", " three")
    assert cite.context(whole_of("one two three")) == ("", "")


def test_context_of_a_text_without_spaces_is_cut_where_it_must_be() -> None:
    before, after = cite.context(cut("引", article("字" * 500 + "引" + "文" * 500)))
    assert (before, after) == ("字" * cite.CONTEXT, "文" * cite.CONTEXT)


# --- links ------------------------------------------------------------------------------------


def test_a_link_opens_the_reader_on_the_words() -> None:
    excerpt = cut(MUD)
    parts = urlsplit(cite.link(excerpt))
    assert (parts.scheme, parts.netloc, parts.path) == ("", "", "/")
    assert parse_qs(parts.query) == {"article": [excerpt.article.id], "at": [excerpt.id]}


@pytest.mark.parametrize(
    "public_url", ["https://quotes.example", "https://quotes.example/", "https://q.example/desk//"]
)
def test_a_public_url_is_put_before_links_once(public_url: str) -> None:
    excerpt = cut(MUD)
    expected = public_url.rstrip("/") + cite.link(excerpt)
    assert cite.link(excerpt, public_url) == expected
    assert cite.record(Citation(1, excerpt), public_url)["link"] == expected
    assert json.loads(cite.export(Citation(1, excerpt), "json", public_url))["link"] == expected


def directive(excerpt: Excerpt) -> str:
    address, found, text = cite.fragment_url(excerpt).partition("#:~:text=")
    assert (address, found) == (excerpt.article.url, "#:~:text=")
    return text


@pytest.mark.parametrize(
    ("words", "encoded"),
    [
        ("Nothing was decided.", "Nothing%20was%20decided."),
        ("two-thirds, so far", "two%2Dthirds%2C%20so%20far"),
        ("Pell & Underhay", "Pell%20%26%20Underhay"),
        ("-", "%2D"),
        ("100% of #1 + ?", "100%25%20of%20%231%20%2B%20%3F"),
        ("“Ja”", "%E2%80%9CJa%E2%80%9D"),
        ("well\u2013no", "well%E2%80%93no"),
        ("tabs\tand  spaces", "tabs%20and%20spaces"),
    ],
)
def test_what_is_syntax_in_a_text_fragment_is_encoded(words: str, encoded: str) -> None:
    assert directive(whole_of(words, url=URL)) == encoded


def test_a_long_text_fragment_names_its_first_and_last_words() -> None:
    words = [f"word{n}" for n in range(40)]
    assert directive(whole_of(" ".join(words), url=URL)) == (
        "word0%20word1%20word2%20word3%20word4,word35%20word36%20word37%20word38%20word39"
    )


def test_the_two_ends_of_a_text_fragment_never_overlap() -> None:
    few = " ".join("x" * 40 for _ in range(8))
    assert unquote(directive(whole_of(few, url=URL))) == few
    many = " ".join(f"{n}" * 30 for n in range(11, 22))
    start, end = unquote(directive(whole_of(many, url=URL))).split(",")
    assert many.startswith(start) and many.endswith(end)
    assert len(start.split()) + len(end.split()) <= len(many.split())


@pytest.mark.parametrize(
    "text", ["One.\n\nTwo.", "A first, short paragraph.\nThen a second one that goes on a little."]
)
def test_a_text_fragment_over_paragraphs_is_a_range_with_its_ends_inside_one_each(text: str) -> None:
    start, end = map(unquote, directive(whole_of(text, url=URL)).split(","))
    first, last = text.splitlines()[0], text.splitlines()[-1]
    assert first.startswith(start) and last.endswith(end)


@given(any_article(), st.data())
def test_whatever_the_words_a_fragment_url_is_one_address(whole: Article, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(whole.text) - 1))
    end = data.draw(st.integers(start + 1, len(whole.text)))
    excerpt = Article(whole.text, url=URL).excerpt(Span(start, end))
    text = directive(excerpt)
    assert text.isascii() and not re.search(r"[\s&#-]", text) and text.count(",") <= 1
    folded = " ".join(excerpt.text.split())
    first, *last = [unquote(side) for side in text.split(",")]
    assert folded.startswith(first) and folded.endswith("".join(last))


def test_a_text_fragment_joins_the_fragment_that_is_there() -> None:
    anchored = whole_of("Nothing was decided.", url=f"{URL}#part-2")
    assert cite.fragment_url(anchored) == f"{URL}#part-2:~:text=Nothing%20was%20decided."


# --- records ----------------------------------------------------------------------------------


def test_a_record_has_the_fields_of_the_contract_and_no_others() -> None:
    with_url, without = cut(MUD), cut(MUD, article(title="No address"))
    assert cite.record(Citation(1, with_url)).keys() == CITATION_KEYS | {"fragment_url"}
    assert cite.record(Citation(1, without)).keys() == CITATION_KEYS


def test_a_record_says_what_is_known() -> None:
    excerpt = cut(MUD)
    record = cite.record(Citation(3, excerpt, "Edda Maskell", 0.123456))
    assert {name: record[name] for name in FIELDS} == FIELDS
    assert (record["id"], record["n"], record["quote"]) == (excerpt.id, 3, MUD)
    assert HEARING[record["start"] : record["end"]] == MUD
    assert (record["article_id"], record["revision"]) == (excerpt.article.id, excerpt.article.revision)
    assert (record["speaker"], record["score"]) == ("Edda Maskell", 0.1235)


def test_what_is_not_known_is_null() -> None:
    record = cite.record(Citation(1, cut(MUD, article())))
    assert {name for name, value in record.items() if value is None} == {
        "external_id", "published", "url", "speaker", "score",
    }  # fmt: skip
    assert (record["title"], record["author"], record["publisher"]) == ("", "", "")


def test_evidence_is_numbered_from_one_in_its_order() -> None:
    evidence = [Evidence(cut(MUD), 0.5, "Edda Maskell"), Evidence(cut("Nothing was decided."), 0.4)]
    assert [(c.n, c.speaker, c.score) for c in cite.numbered(evidence)] == [(1, "Edda Maskell", 0.5), (2, "", 0.4)]


# --- where words stand, for a reader ----------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": "T", "publisher": "P", "published": "2026-09-08"}, "T (P, 8 September 2026)"),
        ({"title": "T", "published": "2026-12-31"}, "T (31 December 2026)"),
        ({"title": "T", "publisher": "P"}, "T (P)"),
        ({"title": "T"}, "T"),
        ({"publisher": "P"}, "an untitled article (P)"),
        ({}, "an untitled article"),
    ],
)
def test_a_source_is_told_as_far_as_it_is_known(fields: dict[str, str], expected: str) -> None:
    assert cite.source(article(**fields)) == expected


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
    assert cite.export(Citation(1, cut(MUD), "Edda Maskell"), "markdown") == (
        f"> {MUD}\n>\n> — Edda Maskell, in [The hearing (Harbour Gazette, 8 September 2026)](<{URL}>)"
    )


def test_markdown_keeps_paragraphs_in_one_block_quote() -> None:
    assert cite.export(Citation(1, whole_of("“One.\n\n“Two.”", title="T", url=URL)), "markdown") == (
        f"> “One.\n>\n> “Two.”\n>\n> — [T](<{URL}>)"
    )


@pytest.mark.parametrize(
    "text",
    [TWO_PARAGRAPHS, "One\nTwo\n\n\nThree", "He [Lavrov] said “no”.", "One\u2028two\u2029three", "# 1 > 0", "{x}"],
)
def test_markdown_carries_the_words_line_for_line(text: str) -> None:
    assert unquoted(cite.export(Citation(1, whole_of(text)), "markdown")) == text


def test_markdown_without_an_address_links_to_the_reader() -> None:
    excerpt = cut(MUD, article(title="T"))
    assert cite.export(Citation(1, excerpt), "markdown").endswith(f"> — [T](<{cite.link(excerpt)}>)")
    exported = cite.export(Citation(1, excerpt), "markdown", "https://quotes.example")
    assert exported.endswith(f"(<https://quotes.example{cite.link(excerpt)}>)")


def test_markdown_links_hold_any_title_and_any_address() -> None:
    from markdown_it import MarkdownIt

    for odd in (
        ODD,
        ODD | {"title": "a ` b ] c", "url": "https://x.example/a>)`(b"},
        ODD | {"title": "](https://evil.example)"},
    ):
        exported = cite.export(Citation(1, whole_of("Words.", **odd)), "markdown")
        tokens = MarkdownIt().parse(exported)
        inline = next(t for t in tokens if t.type == "inline" and "—" in t.content)
        (link,) = [t for t in inline.children or [] if t.type == "link_open"]
        shown = "".join(t.content for t in inline.children or [])
        assert shown == f"— {cite.source(article('Words.', **odd))}"
        assert str(link.attrs["href"]).startswith("https://x.example/")


def test_csl_json_is_one_newspaper_article_with_the_words_as_note() -> None:
    citation = Citation(1, cut(MUD), "Edda Maskell")
    (item,) = json.loads(cite.export(citation, "csl-json"))
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
    (item,) = json.loads(cite.export(Citation(1, whole_of(text)), "csl-json"))
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
    assert bibtex_fields(cite.export(citation, "bibtex")) == {
        "key": f"pullquote-{citation.id}",
        "title": "The hearing",
        "author": "Perran Dunmore",
        "howpublished": "Harbour Gazette",
        "date": "2026-09-08",
        "url": URL,
        "note": MUD,
    }


def test_bibtex_escapes_what_tex_would_read() -> None:
    fields = bibtex_fields(cite.export(Citation(1, whole_of("{unbalanced\n\n\\input{x} }} % gone", **ODD)), "bibtex"))
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
    fields = bibtex_fields(cite.export(Citation(1, whole_of("Words.", **ODD)), "bibtex"))
    assert fields["url"] == "https://x.example/a_b%20c?d=e&f=%7Bg%7D~#top"


@given(any_article())
def test_any_words_can_be_exported_in_any_form(whole: Article) -> None:
    citation = Citation(1, whole.excerpt(Span(0, len(whole.text))), "Somebody", 0.5)
    assert json.loads(cite.export(citation, "json"))["quote"] == whole.text
    assert json.loads(cite.export(citation, "csl-json"))[0]["note"] == whole.text
    assert unquoted(cite.export(citation, "markdown")).split() == whole.text.split()
    assert "note" in bibtex_fields(cite.export(citation, "bibtex")) or not whole.text.strip()


def test_a_citation_keeps_its_speaker_after_a_correction(pullquote: Pullquote) -> None:
    pullquote.ingest_articles([article("“It is late,” said Ada Bell.", external_id="1")])
    (before,) = pullquote.ask("Who said that it is late?").evidence
    assert pullquote.cite(before.id).speaker == "Ada Bell"
    pullquote.ingest_articles([article("“It is not late,” said Ada Bell.", external_id="1")])
    assert pullquote.cite(before.id).speaker == "Ada Bell"
