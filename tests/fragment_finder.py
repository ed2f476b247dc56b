"""How a browser finds a text directive, after "Find a range from a text directive" of WICG's specification.

A page is a list of blocks, of one text each; places on it are offsets into the text of all of them in a row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote


@dataclass(frozen=True)
class Page:
    """Blocks as HTML shows them, their white space collapsed; `text` is all of them with no space between."""

    blocks: list[str]
    starts: list[int] = field(init=False)
    bases: list[list[str]] = field(init=False)
    text: str = field(init=False)

    def __post_init__(self) -> None:
        starts, at = [], 0
        for block in self.blocks:
            starts.append(at)
            at += len(block)
        object.__setattr__(self, "starts", starts)
        object.__setattr__(self, "text", "".join(self.blocks))
        object.__setattr__(self, "bases", [[bases(c) for c in block] for block in self.blocks])

    def find(self, term: str, begin: int, bounded_start: bool, bounded_end: bool) -> tuple[int, int] | None:
        """Find a string in range: within one block, base characters compared, at word boundaries where asked."""
        wanted = bases(term)
        for start, block, plain in zip(self.starts, self.blocks, self.bases, strict=True):
            for at in range(max(begin - start, 0), len(block)):
                end = _match(plain, at, wanted)
                if end is None:
                    continue
                if (not bounded_start or boundary(block, at)) and (not bounded_end or boundary(block, end)):
                    return start + at, start + end
        return None

    def skip_space(self, at: int) -> int:
        while at < len(self.text) and self.text[at].isspace():
            at += 1
        return at

    def next_boundary(self, at: int) -> int:
        start, block = next((s, b) for s, b in zip(self.starts, self.blocks, strict=True) if s <= at < s + len(b))
        return next(start + n for n in range(at - start + 1, len(block) + 1) if boundary(block, n))


def mark(page: Page, directive: str) -> tuple[int, int] | None:
    """What a browser marks on `page` for `text=` and this directive: start and end, or None."""
    prefix, start, end, suffix = _parsed(directive)
    at = 0
    while at < len(page.text):
        if prefix:
            before = page.find(prefix, at, True, False)
            if before is None:
                return None
            at = page.next_boundary(before[0])
            begin = page.skip_space(before[1])
            found = page.find(start, begin, False, bool(end) or not suffix)
            if found is None:
                return None
            if found[0] != begin:
                continue
        else:
            found = page.find(start, at, True, bool(end) or not suffix)
            if found is None:
                return None
            at = page.next_boundary(found[0])
        first, last = found
        while last < len(page.text) or not (end or suffix):
            if end:
                tail = page.find(end, last, True, not suffix)
                if tail is None:
                    return None
                last = tail[1]
            if not suffix:
                return first, last
            after = page.find(suffix, page.skip_space(last), False, True)
            if after is None:
                return None
            if after[0] == page.skip_space(last):
                return first, last
            if not end:
                break
        else:
            return None
    return None


def _parsed(directive: str) -> tuple[str, str, str, str]:
    """Prefix, start, end and suffix, decoded, by the specification's grammar."""
    parts = directive.split(",")
    prefix = parts.pop(0).removesuffix("-") if parts[0].endswith("-") else ""
    suffix = parts.pop().removeprefix("-") if parts[-1].startswith("-") else ""
    assert 1 <= len(parts) <= 2 and all(parts), directive
    assert not any("-" in part or "&" in part for part in (prefix, *parts, suffix)), directive
    start, end = parts if len(parts) == 2 else (parts[0], "")
    return unquote(prefix), unquote(start), unquote(end), unquote(suffix)


def bases(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in plain if unicodedata.category(c) not in {"Mn", "Me", "Cf"})


def _match(plain: list[str], at: int, wanted: str) -> int | None:
    """The end of a match at `at`, with all the ignored characters after it, or None."""
    if not plain[at]:
        return None
    rest = wanted
    while rest and at < len(plain) and rest.startswith(plain[at]):
        rest, at = rest[len(plain[at]) :], at + 1
    if rest:
        return None
    while at < len(plain) and not plain[at]:
        at += 1
    return at


# --- word boundaries (UAX 29, as far as news texts go) ----------------------------------------

_MID_LETTER, _MID_NUMBER, _MID_BOTH = set(":·․﹕：״·"), set(",;;،٬"), set(".'‘’․﹒＇．")


def boundary(text: str, at: int) -> bool:
    """Whether a word begins or ends at `at`."""
    if at in (0, len(text)):
        return True
    if _extends(text[at]):
        return text[at - 1] in "\n\r"
    before = _previous(text, at)
    if text[before] == " " == text[at] or text[at - 1] == "\u200d":
        return False
    return not any(rule(text, before, at) for rule in _RULES)


def _previous(text: str, at: int) -> int:
    at -= 1
    while at > 0 and _extends(text[at]):
        at -= 1
    return at


def _next(text: str, at: int) -> int:
    at += 1
    while at < len(text) and _extends(text[at]):
        at += 1
    return at


def _extends(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf", "Sk"} and character not in "^`´¨¯¸"


def _letter(character: str) -> bool:
    return character.isalpha() and character < "\u0e00"


def _wordy(text: str, a: int, b: int) -> bool:
    left, right = text[a], text[b]
    both = all(_letter(c) or c.isdecimal() or unicodedata.category(c) == "Pc" for c in (left, right))
    katakana = all("\u30a0" <= c <= "\u30ff" for c in (left, right))
    flags = all("\U0001f1e6" <= c <= "\U0001f1ff" for c in (left, right))
    return both or katakana or flags


def _around(kind: Callable[[str], bool], middle: set[str]) -> Callable[[str, int, int], bool]:
    def rule(text: str, a: int, b: int) -> bool:
        after = _next(text, b)
        before = _previous(text, a) if a > 0 else -1
        opens = kind(text[a]) and text[b] in middle and after < len(text) and kind(text[after])
        closes = kind(text[b]) and text[a] in middle and before >= 0 and kind(text[before])
        return opens or closes

    return rule


_RULES: list[Callable[[str, int, int], bool]] = [
    _wordy,
    _around(_letter, _MID_LETTER | _MID_BOTH),
    _around(str.isdecimal, _MID_NUMBER | _MID_BOTH),
]


def blocks_of(text: str, wrapped: bool = False) -> Iterator[str]:
    """The lines of an article as a page shows them; `wrapped` lines are one block, up to a blank one."""
    for block in re.split(r"\n\s*\n" if wrapped else r"\n", text):
        shown = re.sub(r"[ \t\n\r\f\v]+", " ", block).strip(" ")
        if shown:
            yield shown
