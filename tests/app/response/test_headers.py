"""What every read owes its callers: tags that are true, Vary, CORS, Allow."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.api.contract import openapi
from tests.app.conftest import example

#: Those that every dataset answers: the demo city has no zones.
READS = [operation for operation in openapi.OPERATIONS if operation.name != "ogcZones"]
#: A tag says what a reply depends on; these carry a position, or the moment.
UNKEPT = {"nearest", "isochrone", "batch", "along", "healthz", "readyz"}
#: The version stands in the URL: kept without being asked about.
IMMUTABLE = {"tile", "pack_of_version", "pack_of_cell"}


def ask(client: FlaskClient, operation: openapi.Operation, **headers: str) -> TestResponse:
    body = {"json": [[113.9645, 22.5405]]} if operation.posts else {}
    return client.open(
        example(client, operation), method=operation.method.upper(), headers=headers, **body
    )


@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.name)
def test_a_read_is_kept_as_its_description_says(
    client: FlaskClient, operation: openapi.Operation
) -> None:
    with ask(client, operation) as first:
        cache, tag = first.headers["Cache-Control"], first.headers.get("ETag")
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        assert first.headers["X-Content-Type-Options"] == "nosniff"
        assert (
            "Accept-Encoding" in first.headers["Vary"]
            or first.headers["Cache-Control"] == "no-store"
        )
        assert (tag is not None) == operation.kept
    assert ("no-store" in cache) == (operation.name in UNKEPT)
    assert ("immutable" in cache) == (operation.name in IMMUTABLE)
    if tag:
        assert not tag.startswith("W/")
        for held in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            again = ask(client, operation, **{"If-None-Match": held})
            assert (again.status_code, again.get_data(), again.headers["ETag"]) == (304, b"", tag)
            assert again.headers["Cache-Control"] == cache
        with ask(client, operation, **{"If-None-Match": '"another"'}) as other:
            assert other.status_code == 200
        for wanted in (tag, f'"other" , {tag}', "*"):
            with ask(client, operation, **{"If-Match": wanted}) as same:
                assert same.status_code == 200
        for wanted in ('"another"', f"W/{tag}", "", f"{tag}x"):
            refused = ask(client, operation, **{"If-Match": wanted, "If-None-Match": tag})
            assert (refused.status_code, refused.get_data()) == (412, b"")
            assert refused.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.name)
def test_a_read_names_its_methods_and_lets_other_origins_ask(
    client: FlaskClient, operation: openapi.Operation
) -> None:
    path, method = example(client, operation).partition("?")[0], operation.method.upper()
    answer = client.options(
        path, headers={"Origin": "https://example.org", "Access-Control-Request-Method": method}
    )
    assert answer.status_code == 204
    own = {method, "OPTIONS"} | ({"HEAD"} if method == "GET" else set())
    others = {"POST"} if operation.name == "wishes" else set()
    assert set(answer.headers["Allow"].split(", ")) == own | others
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert set(answer.headers["Access-Control-Allow-Methods"].split(", ")) == own
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "url", ["/", "/?street=440305003", "/docs", "/p/st-00001", "/favicon.svg", "/robots.txt"]
)
def test_a_page_answers_304_to_who_holds_it(client: FlaskClient, url: str) -> None:
    first = client.get(url)
    again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.get_data()) == (200, 304, b"")
    assert "Accept-Encoding" in first.headers["Vary"]
