"""A schema-driven fuzzer asks every operation of our OpenAPI document.

NUANFENG_SOAK sets how many times each.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from werkzeug.test import Client

from app.api.contract import openapi, voice
from app.cli.voice import prepare
from app.factory import create_app
from app.response.problems import MIMETYPE
from app.settings import Settings
from tests.app.conftest import example

#: Refusals that no JSON Schema can foretell: of a point outside the city, a year beyond 9999, a
#: time that is no quarter of an hour, neither two ends nor a path, a text without letters, a
#: version that is not served, a box whose south lies above its north, days and cursors that are
#: none, two reaches at once.
MEANT = {
    "nearest": {400, 422}, "isochrone": {422}, "batch": {400, 422}, "along": {400, 422},
    "search": {400, 422},
    "cell": {400, 410, 422}, "tile": {400, 410}, "pack_of_version": {400, 410},
    "pack_of_cell": {400, 410},
    "coverage": {400}, "ogcPlaces": {400, 410}, "ogcDistricts": {400, 410},
    "ogcStreetOffices": {400, 410},
    "report": {400, 403, 404, 422, 429}, "withdraw": {400, 403, 404}, "plate": {400, 403, 422, 429},
    # Receipts with letters that none has, street offices and places that are none, an hour's posts.
    "writeLetter": {400, 403, 404, 410, 422, 429}, "openLetter": {400, 403, 404, 429},
    # Cells outside the city, half a point, and points outside the city.
    "wish": {400, 403, 422, 429}, "events": {400, 422}, "directory": {404},
    "sayOfLetter": {400, 403, 404, 409, 422, 429},
}  # fmt: skip
FORETOLD = [positive_data_acceptance, negative_data_rejection]
EXAMPLES = int(os.environ.get("NUANFENG_SOAK", "4"))
#: Those that every dataset answers: the demo city has no zones.
OPERATIONS = [one for one in openapi.OPERATIONS if one.name != "ogcZones"]


@pytest.fixture(scope="module")
def app(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """With a database of what people say, which riders may write to as often as they like."""
    home = tmp_path_factory.mktemp("fuzzed")
    shutil.copytree(demo_home / "datasets", home / "datasets")
    chosen = Settings(
        home,
        "demo",
        reports_per_hour=0,
        reports_per_place=0,
        letters_per_hour=0,
        wishes_per_hour=0,
    )
    prepare(chosen)
    return create_app(chosen)


@pytest.fixture(scope="module")
def described(app: Flask) -> Any:
    """The description of the whole API, read once."""
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


def question(
    described: Any, operation: openapi.Operation, mode: GenerationMode
) -> Callable[[], int]:
    """Asks an operation of a server what its description makes up; gives how often it did."""
    asked = 0

    @given(
        case=described[operation.path][operation.method.upper()].as_strategy(generation_mode=mode)
    )
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        nonlocal asked
        asked += 1
        answer = case.call(
            headers={"Accept-Encoding": "identity"}  # this transport does not unpack
        )
        meant = answer.status_code in MEANT.get(operation.name, ())
        case.validate_response(answer, excluded_checks=FORETOLD if meant else [])

    def all_of_them() -> int:
        ask()
        return asked

    return all_of_them


def must_answer(client: Client, url: str, operation: openapi.Operation) -> None:
    """What a description gives as its example is answered: a refusal is no way to pass."""
    body = {"json": [[113.9645, 22.5405]]} if operation.posts else {}
    with client.open(url, method=operation.method.upper(), **body) as reply:
        assert reply.status_code == 200, f"{url} was answered {reply.status}"


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # the transport closes no file
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(
    "operation", [*openapi.OPERATIONS, *voice.POSTS], ids=lambda operation: operation.name
)
def test_no_question_finds_a_failure(
    described: Any,
    operation: openapi.Operation,
    mode: GenerationMode,
    record_property: Callable[[str, object], None],
) -> None:
    asked = question(described, operation, mode)()
    assert asked
    record_property(f"{mode.value} question made up from the API's description", asked)


@pytest.fixture(scope="module")
def examples(app: Flask) -> dict[str, str]:
    """Of each operation the address that its description gives as an example."""
    client = app.test_client()
    return {operation.name: example(client, operation) for operation in OPERATIONS}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_what_a_description_gives_as_its_example_is_answered(
    app: Flask, examples: dict[str, str], operation: openapi.Operation
) -> None:
    must_answer(app.test_client(), examples[operation.name], operation)


@pytest.mark.parametrize("status", ["503 Service Unavailable", "400 Bad Request", "404 Not Found"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_server_that_refuses_everything_is_found_out(
    examples: dict[str, str], operation: openapi.Operation, status: str
) -> None:
    def refusing(environ: Any, start_response: Any) -> list[bytes]:
        start_response(status, [("Content-Type", MIMETYPE)])
        code = int(status[:3])
        problem = {"type": "/docs#no", "title": "No", "status": code, "detail": "", "instance": ""}
        return [msgspec.json.encode(problem)]

    with pytest.raises(AssertionError):
        must_answer(Client(refusing), examples[operation.name], operation)
