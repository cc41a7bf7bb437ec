"""What our Flask leaves out changes no answer: rules and hosts are read as Flask reads them."""

from pathlib import Path

import pytest
from flask import Flask, session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, Rule
from werkzeug.wsgi import get_host

from app.factory import create_app
from app.settings import Settings

METHODS = ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "GRRR")


@pytest.fixture(scope="module")
def app(demo_home: Path) -> Flask:
    return create_app(Settings(demo_home, "demo"))


def matched(app: Flask, method: str, path: str, *, plainly: bool) -> object:
    """The rule and its values, by Flask's own adapter or by ours; or the status instead."""
    with app.test_request_context(path, method=method) as context:
        adapter = context.url_adapter
        assert isinstance(adapter, MapAdapter)
        find = MapAdapter.match if plainly else type(adapter).match
        try:
            rule, values = find(adapter, return_rule=True)
        except HTTPException as refused:
            return refused.code
        assert isinstance(rule, Rule)
        return rule.rule, rule.endpoint, dict(values)


def test_every_path_leads_to_the_rule_that_it_leads_to_in_flask(app: Flask) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    fixed = [rule for rule in rules if "<" not in rule]
    assert len(fixed) > 50
    near = [path for rule in fixed for path in (f"{rule}/", rule[:-1] or "/", rule.upper())]
    filled = [rule.replace("<", "").replace(">", "").replace("path:", "") for rule in rules]
    for path in dict.fromkeys([*fixed, *near, *filled, "/nowhere"]):
        for method in METHODS:
            ours = matched(app, method, path, plainly=False)
            assert ours == matched(app, method, path, plainly=True), (method, path)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "host",
    [
        None, "a.example", "A.Example", "a.example:80", "a.example:443", "a.example:8000", "[::1]",
        "[::1]:80", "127.0.0.1", "", "a b", "a,b", "例.cn", "a:99999", "a:", ":80", "a" * 300,
    ],
)  # fmt: skip  # hosts side by side
def test_a_host_is_read_as_werkzeug_reads_it(app: Flask, scheme: str, host: str | None) -> None:
    with app.test_request_context("/", base_url=f"{scheme}://localhost") as context:
        environ = dict(context.request.environ)
    for key in ("HTTP_HOST", "werkzeug.request"):
        environ.pop(key, None)
    if host is not None:
        environ["HTTP_HOST"] = host
    assert app.request_context(environ).request.host == get_host(environ)


def test_nothing_can_be_put_into_a_session(app: Flask) -> None:
    with app.test_request_context("/"):
        assert not session
        with pytest.raises(RuntimeError, match="session is unavailable"):
            session["who"] = "somebody"
