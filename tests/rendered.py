"""What a reader sees of Markdown."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt


def unquoted(markdown: str) -> str:
    """The words that a reader of CommonMark sees in a block quote, without the line that says where they stand.

    Asserts that they are nothing but text: no link, no list, no markup of the article's.
    """
    tokens = MarkdownIt("commonmark").enable(["strikethrough", "table"]).parse(markdown)
    assert [token.type for token in tokens if token.type not in _PARAGRAPH] == ["blockquote_open", "blockquote_close"]
    *quoted, _ = [token.children or [] for token in tokens if token.type == "inline"]
    assert {child.type for children in quoted for child in children} <= {"text", "softbreak"}
    return "\n\n".join("".join("\n" if c.type == "softbreak" else c.content for c in children) for children in quoted)


_PARAGRAPH = {"paragraph_open", "inline", "paragraph_close"}


def in_paragraphs(text: str) -> str:
    """`text` as Markdown can have it: blank lines are empty, several are one, and none are at the ends."""
    return re.sub(r"\n(?:\s*\n)+", "\n\n", re.sub(r"\A(?:\s*\n)+|(?:\n\s*)+\Z", "", text))
