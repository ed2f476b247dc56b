"""The API against its own OpenAPI document: whatever the document lets in, and much that it does not, gets an answer
that the document describes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from browser import serving
from helpers import SAMPLES
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.config._checks import NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from rag import Settings, open_pullquote
from rag.api.app import fastapi_app
from rag.api.desk import Desk
from rag.web.connections import LARGEST_HEAD

EACH = 40
"""Requests of a kind to each route: such as the document lets in, and such as it forbids."""

TOO_LARGE = "413"

CONFIG = schemathesis.Config.from_dict({
    "checks": {
        "negative_data_rejection": {
            "expected-statuses": [*NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES, TOO_LARGE],
        }
    }
})  # fmt: skip


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:
    """JSON Lines are drawn as text."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def operations() -> list[APIOperation]:
    """The routes of the document, which is written without a library."""

    def nobody() -> None:
        raise AssertionError("the document opens no library")

    document = fastapi_app(Desk(nobody, Settings())).openapi()
    schema = schemathesis.openapi.from_dict(document, config=CONFIG)
    return [found.ok() for found in schema.get_all_operations()]


OPERATIONS = operations()
KINDS = [
    pytest.param(operation, mode, id=f"{mode.value} {operation.label}")
    for operation in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE
    or ((operation.body or any(operation.iter_parameters())) and operation.path != "/v1/ingest/lines")
]
"""What asks for nothing cannot be asked wrongly, and any text is lines: what is no article among them is told of."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, embedded_model: Path, parser_model: Path) -> Iterator[str]:
    """Where the app serves the API over the sample articles, without a limit to the rate."""
    folder = tmp_path_factory.mktemp("contract")
    with open_pullquote(Settings(home=folder / "home")) as pullquote:
        pullquote.ingest([str(SAMPLES)])
    with serving(folder / "home", folder / "log", PULLQUOTE_RATE="0") as url:
        yield f"{url}/api"


EXCLUDED = {
    # A schema cannot say that among the messages one is the user's, and has words.
    "/v1/chat/completions": [positive_data_acceptance],
    # A form has no types: a number that is sent as a file is a file with a number in it.
    "/v1/ingest/files": [negative_data_rejection],
}


@pytest.mark.parametrize(("operation", "mode"), KINDS)
def test_every_answer_is_as_the_document_says(operation: APIOperation, mode: GenerationMode, address: str) -> None:
    asked = 0

    @settings(
        max_examples=EACH, derandomize=True, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        nonlocal asked
        asked += 1
        try:
            case.call_and_validate(base_url=address, excluded_checks=EXCLUDED.get(operation.path, []))
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            # The server hangs up on a head without end before it is all sent, and its answer may be lost on the way.
            assert len(str(case.as_transport_kwargs(base_url=address))) > LARGEST_HEAD // 2

    ask()
    assert asked


def test_all_routes_are_asked() -> None:
    assert {operation.path for operation in OPERATIONS} >= {"/v1/ask", "/v1/citations/{citation_id}", "/v1/ingest"}
    assert len(OPERATIONS) >= 19
