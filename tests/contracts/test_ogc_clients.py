"""Real clients of OGC API – Features against a served demo city: GDAL through geopandas, OWSLib,
Debian's ogr2ogr.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
from owslib.ogcapi.features import Features

NANSHAN = (113.9, 22.48, 114.0, 22.6)
COUNTS = {
    "warm_bee_station": 753, "driver_home": 47, "warm_bee_street": 13, "friendly_merchant": 3226,
    "districts": 10,
    "street_offices": 74,
}  # fmt: skip


@pytest.fixture(scope="module")
def ogc(served_demo: str) -> str:
    """Where the demo city's OGC side is served."""
    return f"{served_demo}/ogc"


@pytest.fixture(scope="module")
def client(ogc: str) -> Features:
    return Features(ogc)


def gdal(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a program of Debian's GDAL says."""
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"there is no {name} here; apt-get install gdal-bin")
    command = [program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def places(demo_home: Path) -> gpd.GeoDataFrame:
    (parquet,) = demo_home.glob("datasets/demo/versions/*/places.parquet")
    return gpd.read_parquet(parquet)


def test_gdal_lists_every_collection(ogc: str) -> None:
    assert set(pyogrio.list_layers(f"OAPIF:{ogc}")[:, 0]) == set(COUNTS)


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_gdal_pages_through_a_whole_collection(ogc: str, name: str, count: int) -> None:
    found = gpd.read_file(f"OAPIF:{ogc}", layer=name)
    assert len(found) == found["id"].nunique() == count
    assert found.crs == "OGC:CRS84" or found.crs.to_epsg() == 4326
    assert bool(found.geometry.is_valid.all())


def test_gdal_reads_the_same_places_as_were_published(ogc: str, demo_home: Path) -> None:
    published = places(demo_home).set_index("id")
    found = gpd.read_file(f"OAPIF:{ogc}", layer="friendly_merchant").set_index("id").sort_index()
    expected = published[published["kind"] == "friendly_merchant"].sort_index()
    assert list(found.index) == list(expected.index)
    assert list(found["name"]) == list(expected["name"])
    assert bool(
        found.geometry.geom_equals(expected.geometry.set_crs(found.crs, allow_override=True)).all()
    )


def test_gdal_asks_for_a_box(ogc: str, demo_home: Path) -> None:
    published = places(demo_home)
    stations = published[published["kind"] == "warm_bee_station"]
    found = gpd.read_file(f"OAPIF:{ogc}", layer="warm_bee_station", bbox=NANSHAN)
    assert set(found["id"]) == set(
        stations.cx[NANSHAN[0] : NANSHAN[2], NANSHAN[1] : NANSHAN[3]]["id"]
    )


@pytest.mark.parametrize("name", COUNTS)
def test_gdal_finds_a_feature_by_its_id_with_one_request(ogc: str, name: str) -> None:
    whole = gpd.read_file(f"OAPIF:{ogc}", layer=name).set_index("id", drop=False).sort_index()
    for feature_id in (whole.index[0], whole.index[len(whole) // 2], whole.index[-1]):
        found = gpd.read_file(f"OAPIF:{ogc}", layer=name, where=f"id = '{feature_id}'")
        assert found["id"].tolist() == [feature_id]
        assert bool(found.geometry.iloc[0].equals(whole.geometry[feature_id]))


def test_gdal_finds_no_feature_by_an_id_that_is_not_there(ogc: str) -> None:
    command = ["-ro", "-q", f"OAPIF:{ogc}", "driver_home", "-where", "id = 'dh-99999'"]
    answer = gdal("ogrinfo", *command)
    assert "OGRFeature" not in answer.stdout
    assert "404" in answer.stderr


def test_gdal_asks_for_the_feature_and_for_no_list_of_them(ogc: str) -> None:
    command = ["-ro", "-q", f"OAPIF:{ogc}", "driver_home", "-where", "id = 'dh-00007'"]
    answer = gdal("ogrinfo", "--debug", "HTTP", *command)
    asked = re.findall(r"Fetch\(.*/collections/driver_home/items(.*)\)", answer.stderr)
    assert asked[-1] == "/dh-00007"
    assert answer.stdout.count("OGRFeature") == 1


def test_owslib_walks_from_the_landing_page_to_a_feature(client: Features) -> None:
    assert (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
        in client.conformance()["conformsTo"]
    )
    assert set(client.feature_collections()) == set(COUNTS)
    assert client.collection("driver_home")["itemType"] == "feature"
    assert "services" in client.collection_queryables("driver_home")["properties"]
    page = client.collection_items("driver_home", limit=5, bbox=[113.7, 22.4, 114.7, 22.9])
    assert page["numberMatched"] == 47
    assert page["numberReturned"] == 5
    feature = client.collection_item("driver_home", page["features"][0]["id"])
    assert feature["properties"] == page["features"][0]["properties"]


def test_owslib_reads_the_api_description(client: Features) -> None:
    assert client.api()["openapi"].startswith("3.0")


def test_owslib_asks_for_days_and_properties(client: Features) -> None:
    every = client.collection_items("warm_bee_station", limit=1000)["features"]
    found = client.collection_items(
        "warm_bee_station", limit=1000, datetime_="2026-06-01T00:00:00+08:00/..", district="南山区"
    )
    expected = [
        feature["id"]
        for feature in every
        if (feature["properties"]["verified_at"] or "") >= "2026-06-01"
        and feature["properties"]["district"] == "南山区"
    ]
    assert [feature["id"] for feature in found["features"]] == expected
    assert 0 < len(expected) < len(every)


def test_ogr2ogr_copies_a_collection(ogc: str, tmp_path: Path) -> None:
    copied = tmp_path / "streets.geojson"
    answer = gdal("ogr2ogr", "-f", "GeoJSON", str(copied), f"OAPIF:{ogc}", "warm_bee_street")
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(copied.read_text(encoding="utf-8"))
    assert len(found["features"]) == 13
    assert {feature["geometry"]["type"] for feature in found["features"]} <= {"LineString", "Point"}
