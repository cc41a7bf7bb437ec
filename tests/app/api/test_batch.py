"""`/api/v1/nearest/batch`: the nearest of many points, what is refused, and how often it may be
asked.
"""

import gzip
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import brotli
import msgspec
import numpy as np
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app.api.contract import shapes
from app.factory import create_app
from app.response.rate import KEPT_S, Limiter, TooOften
from app.settings import Settings

URL = "/api/v1/nearest/batch"
FILTERS = "needs=water&open=now&at=2026-11-21T02:00:00%2B08:00&k=4&mode=ride&include_unknown=false"
PAIRS = [[113.9645, 22.5405], [114.0579, 22.5431], [114.2, 22.7]]


def post(client: FlaskClient, body: Any, query: str = "", **headers: str) -> TestResponse:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = headers.pop("content_type", "application/json")
    # Each test posts from an address of its own, so that they do not count for each other.
    return client.post(
        f"{URL}?{query}",
        data=sent,
        content_type=kind,
        headers={"Accept-Language": "en", **headers},
        environ_overrides={"REMOTE_ADDR": f"10.{np.random.default_rng().integers(0, 256)}.0.1"},
    )


def read(answer: TestResponse) -> Any:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return msgspec.json.decode(answer.get_data(), type=shapes.Batch)


def test_each_row_is_what_nearest_answers_at_its_point(client: FlaskClient) -> None:
    rng = np.random.default_rng(1)
    points = [*PAIRS, *rng.uniform([113.8, 22.5], [114.3, 22.75], (60, 2)).round(5).tolist()]
    reply = read(post(client, points, FILTERS))
    assert reply.synthetic
    assert len(reply.ids) == len(reply.distance_m) == len(reply.eta_s) == len(points)
    for number, (lon, lat) in enumerate(points):
        alone = client.get(f"/api/v1/nearest?lon={lon}&lat={lat}&{FILTERS}")
        if number in reply.outside:
            assert alone.status_code == 422
            assert reply.ids[number] == []
            continue
        hits = alone.get_json()["features"]
        assert reply.ids[number] == [hit["id"] for hit in hits]
        assert reply.eta_s[number] == [hit["properties"]["eta_s"] for hit in hits]
        stated = [hit["properties"]["distance_m"] for hit in hits]
        assert reply.distance_m[number] == pytest.approx(stated, abs=0.0011)


def test_geojson_is_read_like_pairs_and_heights_are_passed_over(client: FlaskClient) -> None:
    geojson = {
        "type": "MultiPoint",
        "coordinates": [[*pair, 12.0] for pair in PAIRS],
        "bbox": [0, 0, 1, 1],
    }
    plain = post(client, PAIRS, FILTERS).get_data()
    assert post(client, geojson, FILTERS).get_data() == plain
    assert (
        post(
            client, geojson, FILTERS, content_type="application/geo+json; charset=utf-8"
        ).get_data()
        == plain
    )


def test_points_outside_the_area_are_listed_and_lose_nothing_else(client: FlaskClient) -> None:
    reply = read(post(client, [[0, 0], *PAIRS, [179, 89]]))
    assert reply.outside == [0, 4]
    assert [bool(row) for row in reply.ids] == [False, True, True, True, False]
    swapped = post(client, [[lat, lon] for lon, lat in PAIRS])
    assert swapped.status_code == 422
    assert "lon first" in swapped.get_json()["detail"]


def test_no_points_and_no_matches_are_answers(client: FlaskClient) -> None:
    assert read(post(client, [])).ids == []
    assert read(post(client, PAIRS, "max_distance_m=0.5")).ids == [[], [], []]


def test_ten_thousand_points_are_taken_and_one_more_is_too_many(client: FlaskClient) -> None:
    points = (
        np.random.default_rng(2)
        .uniform([113.9, 22.53], [114.1, 22.6], (10_001, 2))
        .round(6)
        .tolist()
    )
    assert len(read(post(client, points[:10_000], "k=2")).ids) == 10_000
    refused = post(client, points)
    assert refused.status_code == 413
    assert "10001" in refused.get_json()["detail"]
    assert post(client, b"[" + b" " * 1_000_000 + b"]").status_code == 413


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "$"),
        (b"nothing", "$"),
        (b"\xff\xfe", "$"),
        (b'{"type":"Point","coordinates":[114.0,22.5]}', "$.type"),
        (b'{"type":"MultiPoint"}', "$"),
        (b"[[114.0,22.5],[114.0]]", "$[1]"),
        (b"[[114.0,22.5,1,2]]", "$[0]"),
        (b'[[114.0,"22.5"]]', "$[0][1]"),
        (b"[[114.0,NaN]]", "$"),
        (b"[[114.0,1e999]]", "$[0][1]"),
        (b"[[114.0,181]]", "$[0][1]"),
        ("[[114.0,２２]]".encode(), "$"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_400_that_says_where(
    client: FlaskClient, body: bytes, where: str
) -> None:
    refused = post(client, body)
    assert refused.status_code == 400
    (fault,) = refused.get_json()["errors"]
    assert fault["parameter"] == "body"
    assert fault["detail"].endswith(f"at {where}.")


def test_another_media_type_is_415_and_another_method_405(client: FlaskClient) -> None:
    assert post(client, PAIRS, content_type="text/csv").status_code == 415
    assert client.get(URL).status_code == 405
    assert "POST" in client.options(URL, headers={"Origin": "https://example.org"}).headers["Allow"]


def test_a_streamed_reply_is_compressed_as_the_caller_accepts_and_kept_by_nobody(
    client: FlaskClient,
) -> None:
    points = PAIRS * 900
    plain = post(client, points, FILTERS)
    assert plain.headers["Cache-Control"] == "private, no-store"
    assert plain.headers["Access-Control-Allow-Origin"] == "*"
    assert (
        brotli.decompress(post(client, points, FILTERS, Accept_Encoding="br").get_data())
        == plain.get_data()
    )
    assert (
        gzip.decompress(post(client, points, FILTERS, Accept_Encoding="gzip").get_data())
        == plain.get_data()
    )


# --- how often ---


def test_an_address_that_posts_too_often_is_told_when_to_come_back(demo_home: Path) -> None:
    client = create_app(Settings(demo_home, "demo", posts_per_hour=10)).test_client()
    assert client.post(URL, json=[]).status_code == 200
    refused = client.post(URL, json=[])
    assert refused.status_code == 429
    assert 300 <= int(refused.headers["Retry-After"]) <= 361
    assert (
        client.post(URL, json=[], environ_overrides={"REMOTE_ADDR": "203.0.113.9"}).status_code
        == 200
    )
    assert client.get("/api/v1/nearest?lon=113.9645&lat=22.5405").status_code == 200


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@given(st.floats(0.0, 1e8), st.sampled_from([(1, 1), (7, 1), (10, 1), (70, 7), (600, 60)]))
def test_as_many_posts_as_may_come_at_once_are_read_at_any_time(
    now: float, posts: tuple[int, int]
) -> None:
    clock, (per_hour, at_once) = Clock(), posts
    clock.now = now
    limiter = Limiter(per_hour, clock)
    for _ in range(at_once):
        limiter.count("203.0.113.9")
    with pytest.raises(TooOften):
        limiter.count("203.0.113.9")


def test_a_tenth_of_an_hours_posts_may_come_at_once_and_the_rest_as_time_goes_by() -> None:
    clock = Clock()
    limiter = Limiter(600, clock)
    taken = 0
    for _ in range(3_600):
        clock.now += 1.0
        with suppress(TooOften):
            limiter.count("203.0.113.7")
            taken += 1
    assert 600 <= taken <= 660


def test_who_comes_back_when_told_is_answered() -> None:
    clock = Clock()
    limiter = Limiter(10, clock)
    limiter.count("a")
    with pytest.raises(TooOften) as caught:
        limiter.count("a")
    limiter.count("b")
    clock.now += caught.value.retry_after_s
    limiter.count("a")


def test_no_address_is_kept_and_no_hash_longer_than_an_hour() -> None:
    clock = Clock()
    limiter = Limiter(600, clock)
    limiter.count("203.0.113.7")
    (first,) = limiter._idle_at
    assert b"203" not in first
    clock.now += KEPT_S
    limiter.count("203.0.113.7")
    assert first not in limiter._idle_at
    assert len(limiter._idle_at) == 1


def test_an_ipv6_subscriber_is_one_address_and_zero_means_no_limit() -> None:
    limiter = Limiter(10)
    limiter.count("2001:db8:1:2::1")
    with pytest.raises(TooOften):
        limiter.count("2001:db8:1:2:ffff::9")
    limiter.count("2001:db8:1:3::1")
    for _ in range(100):
        Limiter(0).count("a")


@pytest.mark.parametrize("levels", [50, 500, 1_000, 100_000])
@pytest.mark.parametrize(
    "sent",
    [
        b"[%s%s]",
        b"[[113.9645,%s%s]]",
        b'{"type":"MultiPoint","coordinates":[[113.9645,22.5405],%s%s]}',
        b'{"type":"MultiPoint","coordinates":%s%s}',
        b"%s",
    ],
)
def test_a_deeply_nested_body_is_a_400_like_any_other(
    client: FlaskClient, sent: bytes, levels: int
) -> None:
    parts = (b"[" * levels, b"]" * levels)
    refused = post(client, sent % parts[: sent.count(b"%s")])
    assert refused.status_code == 400
    assert [item["parameter"] for item in refused.get_json()["errors"]] == ["body"]


@pytest.mark.parametrize("levels", [50, 1_000, 100_000])
def test_a_deeply_nested_member_that_is_not_read_does_no_harm(
    client: FlaskClient, levels: int
) -> None:
    aside = b"[" * levels + b"]" * levels
    body = b'{"type":"MultiPoint","coordinates":[[113.9645,22.5405]],"bbox":%s}' % aside
    assert post(client, body).status_code in {200, 400}
