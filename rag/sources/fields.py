"""What is known about an article beside its text, in the one form in which it is compared."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit, urlunsplit

from rag.text import normalise

_TRACKING = re.compile(r"(?:utm_[^=]*|fbclid|gclid)(?:=|$)", re.IGNORECASE)


def one_line(raw: str) -> str:
    """`raw` normalised, with every run of white space as one space and none at the edges."""
    return " ".join(normalise(raw).split())


def canonical_url(raw: str) -> str:
    """The address by which an article is known again, or nothing where it is no web address.

    Without fragment and tracking parameters, since they change from one share to the next;
    without a user's name and password, since addresses are shown.
    """
    try:
        parts = urlsplit(one_line(raw).replace(" ", "%20"))
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2].lower()
    if parts.scheme not in ("http", "https") or not host:
        return ""
    query = "&".join(field for field in parts.query.split("&") if not _TRACKING.match(field))
    return urlunsplit(SplitResult(parts.scheme, host, parts.path or "/", query, ""))


def names_a_site(url: str) -> bool:
    """Whether `url` is a whole site rather than a page of it.

    Pages often carry their site's front page as canonical address; taken at their word, all
    articles of that site would be revisions of one.
    """
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query
