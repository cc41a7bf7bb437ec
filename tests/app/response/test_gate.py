"""Requests that say no host, two or a strange one; addresses with `//`; no redirects at all."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.factory import create_app
from app.settings import Settings

WHERE = "lon=113.9645&lat=22.5405"
#: Pages and documents that hold links to themselves, and so name the host.
LINKING = ("/ogc", "/ogc/collections/warm_bee_station/items?limit=1", "/docs", "/p/st-00001")


def ask(client: FlaskClient, url: str, **environ: Any) -> Any:
    return client.get(url, environ_overrides=environ, headers={"Accept-Language": "en"})


@pytest.mark.parametrize("url", LINKING)
@pytest.mark.parametrize(
    "host",
    [
        *("", "a,b", "localhost,localhost", "a b", "a/b", "http://a", "a:b", "a:0", "a:70000"),
        *("a@b", "a#b", "a?b", "<a>", 'a"b', "[::1", "::1", "münchen", "a\\b", "a%20b", ":80"),
    ],
)
def test_a_host_that_is_none_is_400(client: FlaskClient, url: str, host: str) -> None:
    refused = ask(client, url, HTTP_HOST=host)
    assert (refused.status_code, refused.get_json()["type"]) == (400, "/docs#no-host")


@pytest.mark.parametrize("url", LINKING)
@pytest.mark.parametrize("protocol", ["HTTP/1", "HTTP/1.0"])
def test_http_1_0_need_not_say_a_host_and_gets_the_servers_own_name(
    client: FlaskClient, url: str, protocol: str
) -> None:
    own = {"SERVER_PROTOCOL": protocol, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8001"}
    for host in ("", None):
        answer = ask(client, url, HTTP_HOST=host, **own)
        assert answer.status_code == 200
        assert "http://127.0.0.1:8001/" in answer.text
    assert ask(client, url, HTTP_HOST="a,b", **own).status_code == 400


def test_an_own_name_may_be_an_address_of_ipv6(client: FlaskClient) -> None:
    own = {"SERVER_PROTOCOL": "HTTP/1", "SERVER_NAME": "::1", "SERVER_PORT": "8001"}
    assert "http://[::1]:8001/ogc" in ask(client, "/ogc", HTTP_HOST="", **own).text


@pytest.mark.parametrize("url", LINKING)
@pytest.mark.parametrize(
    "host", ["here", "here:8000", "127.0.0.1:1", "[::1]", "[::1]:8000", "a.b-c.de"]
)
def test_links_name_the_host_that_was_asked(client: FlaskClient, url: str, host: str) -> None:
    answer = ask(client, url, HTTP_HOST=host)
    assert f"http://{host}/" in answer.text
    assert "http:/o" not in answer.text
    assert "http:///" not in answer.text


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        *(("https", 200), ("http", 200), ("javascript", 400), ("", 200), ("ftp, https", 200)),
        *(("https, ftp", 400), ("HTTPS:", 400)),
    ],
)
def test_a_proxy_can_say_http_or_https_and_nothing_else(
    demo_home: Path, stated: str, status: int
) -> None:
    behind = create_app(Settings(demo_home, "demo", trusted_proxies=1)).test_client()
    assert behind.get("/ogc", headers={"X-Forwarded-Proto": stated}).status_code == status


def addresses(app: Flask) -> list[str]:
    """Every route, its parts filled in."""
    return sorted({re.sub(r"<[^>]+>", "1", rule.rule) for rule in app.url_map.iter_rules()})


def test_no_address_is_answered_by_a_redirect_that_carries_the_position(
    client: FlaskClient,
) -> None:
    found: dict[str, int] = {}
    for address in addresses(client.application):
        for spelt in (
            *(f"/{address}", f"{address}/", f"{address}//", address.replace("/", "//")),
            *(f"//{address}", address.replace("/", "/./"), f"/.{address}", f"/%2F{address}"),
        ):
            with client.get(f"{spelt}?{WHERE}", base_url="http://localhost") as answer:
                leads = answer.headers.get("Location", "")
                signs_in = re.fullmatch(r"/desk/sign-in\?next=[%\w.-]+", leads)
                if (300 <= answer.status_code < 400 or leads) and not signs_in:
                    found[spelt] = answer.status_code
                assert "113.9" not in leads
    assert found == {}


@pytest.mark.parametrize(
    "path",
    ["//api/v1/nearest", "/api//v1/nearest", "/api/v1//nearest", "/api/v1/nearest//", "//", ""],
)
def test_an_address_with_two_slashes_is_not_found(client: FlaskClient, path: str) -> None:
    answer = ask(client, "/", PATH_INFO=path, QUERY_STRING=WHERE)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert "113.9645" not in answer.text + str(answer.headers)
