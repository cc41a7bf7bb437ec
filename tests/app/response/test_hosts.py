"""Which hosts are answered, and that whoever asks for health by address is."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.settings import Settings

HOSTS = ("map.example.org", ".example.com")


@pytest.fixture(scope="module")
def strict(demo_home: Path) -> FlaskClient:
    return create_app(Settings(demo_home, "demo", trusted_hosts=HOSTS)).test_client()


@pytest.mark.parametrize("path", ["/", "/api/v1/pack", "/nowhere", "/openapi.json"])
@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "evil.example", "org", "map.example.org.evil.example", "", "a b"]
)
def test_other_hosts_are_refused_whatever_they_ask_for(
    strict: FlaskClient, host: str, path: str
) -> None:
    reply = strict.get(path, headers={"Host": host})
    assert (reply.status_code, reply.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize(
    "host", ["map.example.org", "MAP.example.org:8000", "example.com", "a.b.example.com"]
)
def test_named_hosts_are_answered(strict: FlaskClient, host: str) -> None:
    assert strict.get("/api/v1/pack", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000", "10.1.2.3", "evil.example"])
def test_health_is_told_under_any_address(strict: FlaskClient, host: str, path: str) -> None:
    assert strict.get(path, headers={"Host": host}).status_code == 200


def test_without_a_list_any_host_is_answered(demo_home: Path) -> None:
    client = create_app(Settings(demo_home, "demo")).test_client()
    assert client.get("/api/v1/pack", headers={"Host": "any.example"}).status_code == 200
