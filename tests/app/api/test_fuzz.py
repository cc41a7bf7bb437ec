"""A schema-driven fuzzer asks every operation of our OpenAPI document.

NUANFENG_SOAK sets how many times each.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import schemathesis
from flask import Flask, request
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from app.api import downloads
from app.api.contract import openapi
from app.factory import create_app
from app.pages import docs
from app.response.problems import Busy
from app.settings import Settings
from geodata.errors import BadQuestion, NuanfengError

#: Refusals that no JSON Schema can foretell: of a point outside the city, a year beyond 9999, a
#: time that is no quarter of an hour, neither two ends nor a path, a text without letters, a
#: version that is not served, a box whose south lies above its north, days and cursors that are
#: none, two reaches at once.
MEANT = {
    "nearest": {400, 422}, "isochrone": {422}, "batch": {400, 422}, "along": {400, 422},
    "search": {400, 422},
    "cell": {400, 422}, "tile": {400, 410}, "pack_of_version": {400, 410},
    "pack_of_cell": {400, 410},
    "coverage": {400}, "ogcPlaces": {400, 410}, "ogcDistricts": {400, 410},
    "ogcStreetOffices": {400, 410},
}  # fmt: skip
#: The parameters that these refusals are about: with an example's values, or without any, every
#: question that the document allows is to be answered.
UNFORETOLD = frozenset(
    ("lon", "lat", "datum", "at", "from", "to", "path", "q", "bbox", "datetime", "cursor")
)
EXCLUSIVE = {"along": {"by"}, "coverage": {"minutes"}}
#: The demo city has none.
NOT_THERE = {"ogcZones"}
FORETOLD = [positive_data_acceptance, negative_data_rejection]
EXAMPLES = int(os.environ.get("NUANFENG_SOAK", "4"))


@pytest.fixture(scope="module")
def served(demo_home: Path) -> Iterator[Flask]:
    with pytest.MonkeyPatch.context() as patience:
        patience.setattr(downloads, "_WAIT_S", 600.0)
        yield create_app(Settings(demo_home, "demo", posts_per_hour=0))


@pytest.fixture(scope="module")
def examples(served: Flask) -> dict[str, str]:
    """The address of each operation's example, by its name."""
    version = served.test_client().get("/readyz").get_json()["dataVersion"]
    return {read["id"]: read["example"] for read in docs.contents(version)["reads"]}


def fuzz(app: Flask, operation: openapi.Operation, mode: GenerationMode, example: str) -> int:
    """Ask an operation, and say how often. Fails where an answer is not as the document has it, and
    where a question that it allows is not answered.
    """
    described: Any = schemathesis.openapi.from_wsgi("/openapi.json", app)
    asked = 0

    @given(
        case=described[operation.path][operation.method.upper()].as_strategy(generation_mode=mode)
    )
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        nonlocal asked
        asked += 1
        answer = call(case)
        meant = answer.status_code in MEANT.get(operation.name, ())
        case.validate_response(answer, excluded_checks=FORETOLD if meant else [])
        if mode is GenerationMode.POSITIVE and operation.name not in NOT_THERE:
            pin(case, operation, example)
            answer = call(case)
            assert 200 <= answer.status_code < 300, answer.text

    ask()
    return asked


def call(case: Any) -> Any:
    return case.call(headers={"Accept-Encoding": "identity"})  # this transport does not unpack


def pin(case: Any, operation: openapi.Operation, example: str) -> None:
    """Let a question ask for what there is: what no schema can foretell is as in the example."""
    address = urlsplit(example)
    names = re.findall(r"{(\w+)}", operation.path)
    parts = re.fullmatch(re.sub(r"{\w+}", "([^/]+)", operation.path), address.path)
    assert parts, (operation.path, address.path)
    case.path_parameters = dict(zip(names, map(unquote, parts.groups()), strict=True))
    left_out = UNFORETOLD | EXCLUSIVE.get(operation.name, set())
    drawn = {name: value for name, value in (case.query or {}).items() if name not in left_out}
    stated = {name: value for name, value in parse_qsl(address.query) if name in UNFORETOLD}
    case.query = {**drawn, **stated}
    if operation.body:
        case.body = [[113.9645, 22.5405]]


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # the transport closes no file
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", openapi.OPERATIONS, ids=lambda operation: operation.name)
def test_no_question_finds_a_failure(
    served: Flask,
    examples: dict[str, str],
    operation: openapi.Operation,
    mode: GenerationMode,
    record_property: Callable[[str, object], None],
) -> None:
    asked = fuzz(served, operation, mode, examples.get(operation.name, ""))
    assert asked
    record_property(f"{mode.value} question made up from the API's description", asked)


@pytest.mark.parametrize("refusal", [Busy, BadQuestion], ids=lambda refusal: refusal.__name__)
@pytest.mark.parametrize(
    "operation",
    [operation for operation in openapi.OPERATIONS if operation.name not in NOT_THERE],
    ids=lambda operation: operation.name,
)
def test_the_fuzzer_finds_a_server_that_refuses_everything(
    demo_home: Path,
    examples: dict[str, str],
    operation: openapi.Operation,
    refusal: type[NuanfengError],
) -> None:
    """Busy with a 503 that the document has, or finding fault with every question."""
    refusing = create_app(Settings(demo_home, "demo", posts_per_hour=0))

    asked: list[str] = []

    def refuse() -> None:
        asked.append(request.path)
        if len(asked) > 1:  # the first is for the document
            raise refusal("not now")

    refusing.before_request(refuse)
    with pytest.raises((AssertionError, FailureGroup)):
        fuzz(refusing, operation, GenerationMode.POSITIVE, examples[operation.name])
