"""What went wrong, as a program reads it: `application/problem+json` (RFC 9457), and never more than it may know."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.responses import Response

from rag.errors import (
    ChatError,
    InputError,
    LibraryError,
    LockedError,
    ModelError,
    NotFoundError,
    PullquoteError,
    SettingsError,
    SourceError,
)
from rag.redaction import redactor

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

MOST_FAULTS = 20
"""Faults of one request that are told of; of the rest how many there are."""

UNKNOWN = "Extra inputs are not permitted"
"""What is said of a field that nobody reads, in pydantic's words."""

SHOWN, LOOKED_THROUGH = 300, 4_000
"""Characters of a fault that are shown; of those that are looked through for secrets before it is cut there."""

_PLAIN = "!$&'()*+,;=:@?~[]"
"""What stands in a pointer as it is, beside letters and digits; all else is written as in addresses."""


class Kind(NamedTuple):
    """A kind of problem: the status it comes with, the name that programs know it by, its title."""

    status: int
    name: str
    title: str


INVALID = Kind(422, "invalid", "The request cannot be used as it is")
UNREADABLE = Kind(400, "unreadable", "The request cannot be read")
UNKNOWN_CALLER = Kind(401, "unauthorised", "A token is needed")
READ_ONLY = Kind(403, "read-only", "This token may only read")
FOREIGN = Kind(403, "foreign-page", "The request comes from another site's page")
NOT_FOUND = Kind(404, "not-found", "There is no such thing here")
NO_METHOD = Kind(405, "method-not-allowed", "This can't be done here")
CONFLICT = Kind(409, "conflict", "This contradicts what went before")
TOO_LARGE = Kind(413, "too-large", "The request is too large")
WRONG_TYPE = Kind(415, "wrong-type", "The request is of a kind that isn't read here")
MISDIRECTED = Kind(421, "misdirected", "The request was meant for somebody else")
TOO_MANY = Kind(429, "too-many", "Too many requests")
DEFECT = Kind(500, "defect", "Pullquote has a defect")
UNAVAILABLE = Kind(503, "unavailable", "The library cannot answer now")
BUSY = Kind(503, "busy", "Too much is going on")
OUT_OF_TIME = Kind(504, "out-of-time", "It took too long")

KINDS = {
    kind.status: kind
    for kind in (
        INVALID, UNREADABLE, UNKNOWN_CALLER, READ_ONLY, NOT_FOUND, NO_METHOD, CONFLICT, TOO_LARGE, WRONG_TYPE,
        MISDIRECTED, TOO_MANY, DEFECT, UNAVAILABLE, OUT_OF_TIME,
    )
}  # fmt: skip
"""The kind that each status has of itself."""


class Problem(Exception):
    """A request that gets a problem for an answer."""

    def __init__(self, kind: Kind, detail: str, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        clean = redactor()
        self.kind, self.detail, self.headers = kind, clean(detail), dict(headers or {})
        self.members: dict[str, Any] = _clean(members, clean)
        super().__init__(self.detail)

    @property
    def record(self) -> dict[str, Any]:
        return {
            "type": f"urn:pullquote:{self.kind.name}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        } | self.members

    @property
    def response(self) -> Response:
        # A lone surrogate of the request must not break the answer that tells of it: it's written as an escape.
        body = json.dumps(self.record).encode()
        return Response(body, self.kind.status, {"cache-control": "no-store"} | self.headers, MEDIA_TYPE)


def _clean(value: Any, clean: Callable[[str], str]) -> Any:
    """A value of JSON with no secret in any of its strings."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(name)): _clean(inner, clean) for name, inner in value.items()}
    return [_clean(inner, clean) for inner in value] if isinstance(value, list | tuple) else value


def busy(kind: Kind, detail: str, seconds: float) -> Problem:
    """A problem that is gone after some `seconds`."""
    return Problem(kind, detail, {"retry-after": str(max(1, round(seconds + 0.5)))})


def of_error(error: PullquoteError) -> Problem:
    """What a program is told of an error that a person could mend."""
    kinds: list[tuple[type[PullquoteError], Kind]] = [
        (NotFoundError, NOT_FOUND),
        (InputError, INVALID),
        (SourceError, INVALID),
        (LockedError, UNAVAILABLE),
        (LibraryError, UNAVAILABLE),
        (ModelError, UNAVAILABLE),
        (ChatError, UNAVAILABLE),
        (SettingsError, UNAVAILABLE),
    ]
    kind = next((kind for of, kind in kinds if isinstance(error, of)), UNAVAILABLE)
    return Problem(kind, str(error))


def of_defect(error: BaseException) -> Problem:
    """What is told of a defect of ours: nothing. The log gets where it was, not what it said: that may be secret."""
    frames = traceback.extract_tb(error.__traceback__)
    places = "\n".join(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames[-12:])
    log.error("A request failed: %s\n%s", type(error).__name__, places)
    return Problem(DEFECT, f"It is logged as {type(error).__name__}. Please report it.")


def of_faults(faults: Sequence[Mapping[str, Any]]) -> Problem:
    """What pydantic objects to, each under the place it stands at (RFC 6901); never what was sent.

    Of many the first, and how many more there are: a request may have thousands, and nobody mends them from a list.
    """
    clean = redactor()
    errors = [
        {"pointer": _pointer(fault["loc"], clean), "detail": _shown(_said(fault), clean)}
        for fault in faults[:MOST_FAULTS]
    ]
    first = errors[0] if errors else {"pointer": "#", "detail": "it is not understood"}
    said = f"{first['pointer']}: {first['detail']}."
    more = len(faults) - len(errors)
    if not more:
        return Problem(INVALID, said, errors=errors)
    return Problem(INVALID, f"{said} There are {len(faults):,} faults.", errors=errors, unlisted=more)


def _said(fault: Mapping[str, Any]) -> str:
    if "UploadFile" in fault["msg"]:  # in words that only a programmer of Pullquote understands
        return "it is no file; send it with a file name"
    return str(fault["msg"]).removeprefix("Value error, ").rstrip(".")


def _pointer(place: Sequence[str | int], clean: Callable[[str], str]) -> str:
    """`("body", "filters", "since")` as "#/filters/since", the whole body as "#"; of a query "query/limit"."""
    where, *rest = place or ("body",)
    # What was sent may name a field: without secrets, before it is written in another way.
    names = [_shown(str(part), clean).replace("~", "~0").replace("/", "~1") for part in rest]
    return "/".join(
        ["#" if where == "body" else str(where), *(quote(name, _PLAIN, errors="replace") for name in names)]
    )


def _shown(text: str, clean: Callable[[str], str]) -> str:
    """What is shown of a text that a caller may have made long: its beginning, without secrets."""
    text = clean(text[:LOOKED_THROUGH])
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def of_status(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Problem:
    """A problem for a status that the framework has decided on."""
    title = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Problem"
    kind = KINDS.get(status, Kind(status, title.lower().replace(" ", "-"), title))
    return Problem(kind, detail, headers)
