"""Every route and every refusal sends the headers that keep a browser from misreading it."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.factory import create_app
from app.pages.assets import assets
from app.settings import Settings

HERE: Final = "lon=113.9645&lat=22.5405"
AT: Final = "at=2026-11-21T02:15:00%2B08:00"
#: Of a route with parts or required parameters an address that is answered.
ASKED: Final = {
    "/api/v1/nearest": f"/api/v1/nearest?{HERE}",
    "/api/v1/along": "/api/v1/along?from=113.9645,22.5405&to=113.98,22.55",
    "/api/v1/nearest/cell/<geohash>": f"/api/v1/nearest/cell/ws0br3?{AT}",
    "/api/v1/ways/<geohash>/<place_id>": "/api/v1/ways/ws0br3/st-00001",
    "/api/v1/search": "/api/v1/search?q=%E7%AB%99",
    "/api/v1/pack/<version>/<zone>.json": "/api/v1/pack/{version}/ws0br.json",
    "/api/v1/coverage": "/api/v1/coverage",
    "/api/v1/isochrone": f"/api/v1/isochrone?{HERE}",
    "/tiles/<version>/<z>/<x>/<y>.json": f"/tiles/{{version}}/10/836/446.json?{AT}",
    "/ogc/collections/<name>/items/<feature_id>": (
        "/ogc/collections/warm_bee_station/items/st-00001"
    ),
    "/data/<name>": "/data/places.csv",
    "/roads/<version>.json": "/roads/{network}.json",
    "/plates": "/plates?street=440305003",
}
PARTS: Final = {
    "geohash": "ws0br3",
    "place_id": "st-00001",
    "name": "warm_bee_station",
    "version": "{version}",
    "feature_id": "st-00001",
}
#: Only a city with a base map of its own has tiles.
ELSEWHERE: Final = {"/ground/<version>/<int:z>/<int:x>/<int:y>.mvt"}
METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD")
REFUSED: Final = {
    "/nowhere": 404,
    "/api/v1/nearest": 400,
    "/api/v1/nearest?lon=1&lat=1": 422,
    "/p/none": 404,
    "/tiles/0/1/1/1.json?" + AT: 410,
    "//": 404,
    "/desk/letters/%00": 404,
    "/n/a%00b": 404,
    "/static/0/x.js": 404,
}


@pytest.fixture(scope="module")
def app(home_on_roads: Path) -> Flask:
    return create_app(Settings(home_on_roads, "demo", "grid"))


def addresses(app: Flask) -> Iterator[str]:
    """Every route that is read, its parts filled in."""
    ready = app.test_client().get("/readyz").get_json()
    path = next(iter(assets().stored))
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule in ELSEWHERE:
            continue
        asked = ASKED.get(rule.rule, rule.rule)
        if rule.rule.startswith("/static/"):
            asked = f"/static/{assets().version}/{path}"
        for name, part in PARTS.items():
            asked = re.sub(rf"<(\w+:)?{name}>", part, asked)
        network = (ready.get("network") or {}).get("version", "")
        yield asked.replace("{version}", ready["dataVersion"]).replace("{network}", network)


def lacks(answer: Any) -> set[str]:
    """The headers that an answer should have and has not."""
    headers, missing = answer.headers, set()
    if headers.get("X-Content-Type-Options") != "nosniff":
        missing.add("X-Content-Type-Options")
    if headers.get("Referrer-Policy") not in (
        *("strict-origin-when-cross-origin", "no-referrer", "same-origin"),
    ):
        missing.add("Referrer-Policy")
    if not headers.get("Cache-Control") and answer.status_code != 204:
        missing.add("Cache-Control")
    told = answer.content_type or ""
    if answer.get_data() and not told:
        missing.add("Content-Type")
    if answer.get_data() and told.startswith("text/") and "charset=utf-8" not in told:
        missing.add("charset")
    policy = headers.get("Content-Security-Policy", "")
    runs = told.startswith(("text/css", "text/javascript", "image/"))
    if answer.get_data() and not runs and "frame-ancestors 'none'" not in policy:
        missing.add("Content-Security-Policy")
    if (
        answer.get_data()
        and told.startswith("text/html")
        and not {"object-src 'none'", "base-uri 'none'"} <= {*policy.split("; ")}
    ):
        missing.add("object-src, base-uri")
    if {"Set-Cookie", "Server", "X-Powered-By"} & set(headers.keys()):
        missing.add("no cookie, no name of a program")
    return missing


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_every_route_sends_its_headers(app: Flask, accept: str) -> None:
    client, found, asked = app.test_client(), {}, 0
    for address in addresses(app):
        with client.get(address, headers={"Accept": accept}) as answer:
            assert answer.status_code in (200, 303, 404, 503), (address, answer.text[:200])
            if missing := lacks(answer):
                found[address] = missing
            tag = answer.headers.get("ETag")
        asked += 1
        if tag:
            with client.get(address, headers={"If-None-Match": tag, "Accept": accept}) as again:
                if missing := lacks(again):
                    found[f"304 {address}"] = missing
    assert asked > 35
    assert found == {}


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_every_refusal_sends_its_headers(app: Flask, accept: str) -> None:
    client, found = app.test_client(), {}
    for address, status in REFUSED.items():
        answer = client.get(address, base_url="http://localhost", headers={"Accept": accept})
        assert answer.status_code == status, address
        if missing := lacks(answer):
            found[address] = missing
    assert found == {}


def test_every_method_of_every_route_is_answered_or_refused_with_its_headers(app: Flask) -> None:
    client, found = app.test_client(), {}
    for rule in sorted(app.url_map.iter_rules(), key=str):
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        for method in METHODS:
            with client.open(path, method=method) as answer:
                assert answer.status_code != 500, (method, path)
                if method not in (rule.methods or ()) and answer.status_code == 405:
                    assert answer.headers["Allow"]
                if missing := lacks(answer) - {"Cache-Control"}:
                    found[f"{method} {path} {answer.status_code}"] = missing
    assert found == {}


def test_no_page_runs_what_stands_in_an_address(client: FlaskClient) -> None:
    attack = "<script>alert(1)</script>\"'"
    for page in ("/", "/docs", "/privacy", "/limits", "/coverage", "/letters", "/plates", "/p/x"):
        for name in ("lang", "street", "needs", "at", "q", "<b>"):
            answer = client.get(page, query_string={name: attack}, headers={"Accept": "text/html"})
            assert "<script>alert(1)" not in answer.text, (page, name)
            assert html.unescape(answer.text).count("<script>alert(1)") <= 3
