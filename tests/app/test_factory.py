"""The application leaves out of Flask only what it does not use."""

from collections.abc import Iterator
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from app.factory import create_app
from app.settings import Settings


def made(home: Path, **settings: Any) -> Flask:
    return create_app(Settings(home, "demo", **settings))


def test_nothing_is_registered_that_would_not_be_called(tmp_path: Path) -> None:
    app = made(tmp_path)
    hooks = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    assert not any(functions for by_scope in hooks for functions in by_scope.values())
    assert not app.teardown_appcontext_funcs
    assert not any(map(iscoroutinefunction, app.view_functions.values()))
    assert app.secret_key is None  # without which there are no sessions to save
    assert not app.url_map.host_matching
    assert not app.subdomain_matching


def asked(app: Flask, environ: dict[str, Any]) -> Iterator[dict[str, Any] | type[Exception]]:
    """What this application and Flask itself make of a request: an adapter or a refusal."""
    for adapter_of in (type(app).create_url_adapter, Flask.create_url_adapter):
        try:
            adapter = adapter_of(app, app.request_class(dict(environ)))
        except HTTPException as fault:
            yield type(fault)
        else:
            assert adapter is not None
            yield {name: value for name, value in vars(adapter).items() if name != "map"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "nuanfeng.example"},
        {"Host": "NuanFeng.Example:8080"},
        {"Host": "other.example"},
        {"Host": "a..b"},
        {"Host": "x" * 64 + ".example"},
        {"Host": "暖蜂.example"},
        {"Host": "[::1]:8000"},
        {"Host": ""},
        {"Host": "nuanfeng.example", "Connection": "Upgrade", "Upgrade": "websocket"},
    ],
)
@pytest.mark.parametrize("trusted", [(), ("nuanfeng.example",)])
@pytest.mark.parametrize(
    "path", ["/", "/api/v1/nearest?lon=1&q=%E4%B8%AD", "//tiles//a", "/p/%E4%B8%AD%ff", "/a%2Fb/"]
)
def test_rules_and_links_are_those_of_flask(
    tmp_path: Path, headers: dict[str, str], trusted: tuple[str, ...], path: str
) -> None:
    app = made(tmp_path, trusted_hosts=trusted)
    for base in ("http://127.0.0.1:8000", "https://localhost/below"):
        environ = EnvironBuilder(path, base).get_environ()
        environ.update(
            {f"HTTP_{name.upper()}": v.encode().decode("latin-1") for name, v in headers.items()}
        )
        ours, flasks = asked(app, environ)
        assert ours == flasks
