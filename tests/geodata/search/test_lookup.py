"""Answers come best fit first, then nearest, then by id; and a point is used for nothing else."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.errors import BadQuestion, OutsideArea
from geodata.pipeline.freeze import Layers, freeze
from geodata.places.table import validate
from geodata.search.filter import MOST_HITS
from geodata.search.lookup import Wanted, find
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import WGS84, geodesic_m
from tests import makers


@pytest.fixture(scope="module")
def city() -> Snapshot:
    return makers.snapshot(makers.random_city(400, lines=9))


def test_of_equal_fits_the_nearest_come_first(city: Snapshot) -> None:
    here = (114.0, 22.6)
    answer = find(city, Wanted("地点", k=MOST_HITS, near=here))
    every = city.index.metres(np.arange(len(city), dtype=np.int32), *here)
    assert answer.matched == len(city)
    assert [hit.distance_m for hit in answer.hits] == sorted(every.tolist())[:MOST_HITS]
    assert [hit.row for hit in answer.hits] == np.lexsort((city.index.links[:, 0], every))[
        :MOST_HITS
    ].tolist()


def test_distances_are_those_of_the_ellipsoid_and_of_nearest(city: Snapshot) -> None:
    here = (114.1, 22.55)
    points = np.arange(city.first_line, dtype=np.int32)
    slow = geodesic_m(*here, *city.lonlat[points].T)
    ours = city.index.metres(points, *here)
    assert np.abs(ours - slow)[slow < 50_000].max() < 0.001
    assert np.abs(ours - slow).max() < 0.01
    rows, reached = city.index.nearest(*here, len(city))
    assert city.index.metres(rows, *here).tolist() == reached[:, 0].tolist()


def test_without_a_point_the_shortest_comes_first_then_ids(city: Snapshot) -> None:
    names = [
        city.records.plain(hit.row).decode().split('"name":"')[1].split('"')[0]
        for hit in find(city, Wanted("地点")).hits
    ]
    assert names == sorted(names, key=len)
    assert all(hit.distance_m is None for hit in find(city, Wanted("地点")).hits)


def test_a_better_fit_far_away_comes_before_a_nearer_one(city: Snapshot) -> None:
    (first, *_) = find(city, Wanted("地点7", near=(114.0, 22.6))).hits
    assert b'"name":"\xe5\x9c\xb0\xe7\x82\xb97"' in city.records.plain(first.row)


def test_landmarks_and_areas_are_found_beside_places() -> None:
    table, _ = validate(makers.three_places(name=["莲花驿站", "福田面馆", "福田一条街"]))
    areas = gpd.GeoDataFrame(
        {
            "district": ["福田区", "福田区"],
            "street": ["福田街道", "莲花街道"],
            "code": ["440304002", "440304008"],
            "name_en": ["Futian", "Lianhua"],
        },
        geometry=[shapely.box(114.0, 22.5, 114.1, 22.6), shapely.box(113.9, 22.5, 114.0, 22.6)],
        crs=WGS84,
    )
    marks = [
        {"name": "福田口岸", "name_en": "Futian Port", "kind": "port", "lon": 114.07, "lat": 22.51}
    ]
    city = freeze(
        table,
        makers.about(),
        makers.calendar(),
        makers.OUTLINE,
        layers=Layers(areas),
        landmarks=marks,
    ).snapshot()
    hits = find(city, Wanted("futian")).hits
    spots = [json.loads(city.spots.feature(hit.row) + b"}}") for hit in hits if hit.is_spot]
    assert [spot["properties"]["name"] for spot in spots] == [
        "福田区",
        "福田街道",
        "福田口岸",
        "莲花街道",
    ]
    assert [spot["properties"]["code"] for spot in spots] == [None, "440304002", None, "440304008"]
    assert spots[0]["geometry"]["coordinates"] == [114.0, 22.55]
    assert len(hits) == 6


def test_a_question_that_cannot_be_answered_is_refused(city: Snapshot) -> None:
    for k in (0, MOST_HITS + 1):
        with pytest.raises(BadQuestion):
            Wanted("驿站", k=k)
    with pytest.raises(OutsideArea):
        find(city, Wanted("驿站", near=(0.0, 0.0)))


def test_what_nobody_has_written_is_an_answer_without_hits(city: Snapshot) -> None:
    assert find(city, Wanted("zzzzzz")).hits == []
    assert find(city, Wanted("zzzzzz")).matched == 0
