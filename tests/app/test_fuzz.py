"""A schema-driven fuzzer asks every operation of our OpenAPI document; NUANFENG_SOAK sets how many times each."""

import os
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from app.api import openapi
from app.factory import create_app
from app.settings import Settings

EXAMPLES = int(os.environ.get("NUANFENG_SOAK", "4"))


@pytest.fixture(scope="module")
def described(demo_home: Path) -> Any:
    return schemathesis.openapi.from_wsgi("/openapi.json", create_app(Settings(demo_home, "demo")))


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", openapi.OPERATIONS, ids=lambda operation: operation.name)
def test_no_question_finds_a_failure(described: Any, operation: openapi.Operation, mode: GenerationMode) -> None:
    @given(case=described[operation.path]["GET"].as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        case.call_and_validate()

    ask()
