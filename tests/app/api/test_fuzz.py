"""A schema-driven fuzzer asks every operation of our OpenAPI document.

NUANFENG_SOAK sets how many times each.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from app.api.contract import openapi
from app.factory import create_app
from app.settings import Settings

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
FORETOLD = [positive_data_acceptance, negative_data_rejection]
EXAMPLES = int(os.environ.get("NUANFENG_SOAK", "4"))


@pytest.fixture(scope="module")
def described(demo_home: Path) -> Any:
    return schemathesis.openapi.from_wsgi("/openapi.json", create_app(Settings(demo_home, "demo")))


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # the transport closes no file
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", openapi.OPERATIONS, ids=lambda operation: operation.name)
def test_no_question_finds_a_failure(
    described: Any,
    operation: openapi.Operation,
    mode: GenerationMode,
    record_property: Callable[[str, object], None],
) -> None:
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
        answer = case.call(
            headers={"Accept-Encoding": "identity"}
        )  # this transport does not unpack
        meant = answer.status_code in MEANT.get(operation.name, ())
        case.validate_response(answer, excluded_checks=FORETOLD if meant else [])

    ask()
    record_property(f"{mode.value} question made up from the API's description", asked)
