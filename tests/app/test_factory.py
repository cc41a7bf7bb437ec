"""What the application is put together of: Flask, with all that Flask does for who registers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, after_this_request

from app.factory import create_app
from app.settings import Settings

REGISTERS: tuple[Callable[[Flask], Callable[..., object]], ...] = (
    lambda app: app.before_request,
    lambda app: app.after_request,
    lambda app: app.teardown_request,
    lambda app: app.teardown_appcontext,
    lambda app: app.url_value_preprocessor,
)


@pytest.mark.parametrize("register", REGISTERS)
def test_a_function_that_is_registered_is_called(
    demo_home: Path, register: Callable[[Flask], Callable[..., object]]
) -> None:
    app, calls = create_app(Settings(demo_home, "demo")), []

    def told(*given: object) -> object:
        calls.append(given)
        return given[0] if given and hasattr(given[0], "status_code") else None

    register(app)(told)
    assert app.test_client().get("/healthz").status_code == 200
    assert len(calls) == 1


def test_a_view_may_ask_for_a_function_after_its_request(demo_home: Path) -> None:
    app, calls = create_app(Settings(demo_home, "demo")), []

    @app.get("/asks")
    def asks() -> str:
        @after_this_request
        def later(response: object) -> object:
            calls.append(response)
            return response

        return "asked"

    assert app.test_client().get("/asks").text == "asked"
    assert len(calls) == 1
