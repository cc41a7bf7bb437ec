"""The files for download: each reads in its own tools, says what it is, runs nothing and comes back
as it was.
"""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import brotli
import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from flask.testing import FlaskClient

from app.api import downloads
from app.factory import create_app
from app.settings import Settings
from geodata.errors import StoreError
from geodata.pipeline import exports, recipes
from geodata.sources.read import read_csv
from geodata.sources.table import Declared, places_from
from geodata.space.coordinates import Datum
from geodata.store.downloads import NAMES, folder
from geodata.store.files import Dataset
from tests import makers

FORMULAS = ["=1+1", "+8675512345678", "-1", "@SUM(A1)", "'=1", "＝1+1", "普通"]
NATURE = {"synthetic": True, "licence": "CC0-1.0", "dataDate": "2026-11-18", "attribution": "tests"}


def dataset(home: Path, **columns: Any) -> Dataset:
    store = Dataset(home, "made")
    frozen = makers.frozen(makers.three_places(**columns), source="tests")
    store.publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    return store


@pytest.fixture
def made(tmp_path: Path) -> dict[str, Path]:
    return dict(exports.export(dataset(tmp_path)))


@pytest.fixture(scope="module")
def answers(demo_home: Path, client: FlaskClient) -> FlaskClient:
    """The demo city's files, made by the server when they are first asked for."""
    exports.export(Dataset(demo_home, "demo"), NAMES[1:])
    return client


def test_geojson_says_what_it_is_and_holds_every_place_as_published(made: dict[str, Path]) -> None:
    found = json.loads(made["places.geojson"].read_bytes())
    assert found["type"] == "FeatureCollection"
    assert {key: found[key] for key in NATURE} == NATURE
    assert [feature["id"] for feature in found["features"]] == [
        "merchant-1",
        "station-1",
        "street-1",
    ]
    assert "crs" not in found
    assert "navigate" not in found["features"][0]["properties"]
    assert found["features"][1]["properties"]["provenance"]["verified_at"] == "2026-11-01"
    assert len(gpd.read_file(made["places.geojson"])) == 3


def test_geopackage_says_what_it_is(made: dict[str, Path]) -> None:
    found = gpd.read_file(made["places.gpkg"], layer="places")
    said = pyogrio.read_info(made["places.gpkg"])["layer_metadata"]
    assert said["synthetic"] == "true"
    assert (said["licence"], said["dataDate"]) == ("CC0-1.0", "2026-11-18")
    assert found.set_index("id").loc["station-1", "services"] == "seat;hot_water"
    assert found.crs.to_epsg() == 4326


def test_parquet_is_the_places_table_and_says_what_it_is(made: dict[str, Path]) -> None:
    said = json.loads(pq.read_schema(made["places.parquet"]).metadata[b"nuanfeng"])
    assert {key: said[key] for key in NATURE} == NATURE
    assert list(gpd.read_parquet(made["places.parquet"])["id"]) == [
        "merchant-1",
        "station-1",
        "street-1",
    ]


def test_csv_opens_in_excel_and_says_what_it_is_in_every_row(made: dict[str, Path]) -> None:
    body = made["places.csv"].read_bytes()
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert [row["name"] for row in rows] == ["福田面馆", "莲花驿站", "中心一条街"]
    assert {(row["synthetic"], row["licence"], row["dataDate"]) for row in rows} == {
        ("true", "CC0-1.0", "2026-11-18")
    }
    assert rows[2]["wkt"].startswith("LINESTRING")


def test_every_file_says_how_one_gets_in_and_whose_a_place_is(tmp_path: Path) -> None:
    said = {
        "layer": "osm",
        "source": "openstreetmap.org",
        "licence": "ODbL-1.0",
        "type": "library",
        "position": "located",
        "radius_m": 120.5,
        "fee": "no",
        "wheelchair": "limited",
        "level": "B1",
    }
    entry = {"register": "yes", "how": "先申请", "url": "https://example.org/a"}
    store = dataset(
        tmp_path,
        **{name: [value, None, None] for name, value in said.items()},
        entry=[json.dumps(entry), None, None],
        maybe=[["wifi", "aed"], [], []],
    )
    files = exports.export(store)
    rows = csv.DictReader(io.StringIO(files["places.csv"].read_text("utf-8-sig"), newline=""))
    merchant, station, _ = rows
    assert {name: station[name] for name in said} == {n: str(value) for n, value in said.items()}
    assert (json.loads(station["entry"]), station["maybe"]) == (entry, "wifi;aed")
    assert (merchant["layer"], merchant["position"], merchant["entry"]) == ("main", "stated", "")
    assert (merchant["source"], merchant["licence"]) == ("tests", "CC0-1.0")
    for table, joined in (
        (gpd.read_file(files["places.gpkg"], layer="places"), "wifi;aed"),
        (gpd.read_parquet(files["places.parquet"]), ["wifi", "aed"]),
    ):
        place, other = (table.set_index("id").loc[i] for i in ("station-1", "merchant-1"))
        assert {name: place[name] for name in said} == said
        assert json.loads(place["entry"]) == entry
        assert (place["maybe"] if isinstance(joined, str) else list(place["maybe"])) == joined
        assert other[["source", "licence", "entry", "fee", "radius_m"]].isna().all()
    _, place, _ = json.loads(files["places.geojson"].read_bytes())["features"]
    told = place["properties"]
    assert {name: told[name] for name in said} == said
    assert (told["access"]["entry"], told["maybe"]) == (entry, ["wifi", "aed"])


def test_no_cell_of_the_csv_runs_and_every_one_comes_back(tmp_path: Path) -> None:
    for number, text in enumerate(FORMULAS):
        store = dataset(tmp_path / str(number), name=[text, "b", "c"], address=[text, None, None])
        path = exports.export(store, ["places.csv"])["places.csv"]
        cells = [
            cell
            for row in csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
            for cell in row
        ]
        assert not [cell for cell in cells if cell[:1] in tuple("=+-@＝＋－＠\t\r\n")]
        back = places_from(read_csv(path), Declared(Datum.WGS84)).places
        assert {text, "b", "c"} == set(back["name"])
        assert text in set(back["address"].dropna())


def test_the_demo_city_comes_back_from_its_csv(demo_home: Path) -> None:
    store = Dataset(demo_home, "demo")
    path = exports.export(store, ["places.csv"])["places.csv"]
    checked = recipes.check(places_from(read_csv(path), Declared(Datum.WGS84)))
    assert checked.rejects == ()
    was = gpd.read_parquet(store.folder / "versions" / store.pointer().version / "places.parquet")
    points = was.geom_type == "Point"
    for name in (
        "id",
        "kind",
        "name",
        "address",
        "door",
        "opening_hours",
        "capacity",
        "verified_at",
    ):
        pd.testing.assert_series_equal(
            checked.places[name], was[name].astype(checked.places[name].dtype)
        )
    for name in ("phones", "services", "audience"):
        assert list(map(list, checked.places[name])) == list(map(list, was[name]))
    assert bool(checked.places[points].geometry.geom_equals(was[points].geometry).all())


def test_the_same_version_makes_the_same_bytes(tmp_path: Path) -> None:
    bodies = [
        {name: path.read_bytes() for name, path in exports.export(dataset(tmp_path / home)).items()}
        for home in ("one", "two")
    ]
    assert bodies[0] == bodies[1]


def test_files_are_made_once_and_those_of_forgotten_versions_go(tmp_path: Path) -> None:
    store = dataset(tmp_path)
    (first,) = exports.export(store, ["places.csv"]).values()
    stamp = first.stat().st_mtime_ns
    assert exports.export(store, ["places.csv"])["places.csv"].stat().st_mtime_ns == stamp
    for name in ("b", "c"):
        dataset(tmp_path, name=[name, name, name])
        exports.export(store, ["places.csv"])
    assert not first.exists()


def test_a_disk_that_refuses_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = dataset(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(exports._WRITERS, "places.csv", full)
    with pytest.raises(StoreError, match="No space left"):
        exports.export(store, ["places.csv"])
    assert list(folder(store, store.pointer().version).iterdir()) == []


def test_the_command_line_makes_them(tmp_path: Path) -> None:
    store = dataset(tmp_path)
    command = [sys.executable, "-m", "app", "export", "places.csv", "--dataset", "made"]
    answer = subprocess.run(
        command,
        env={**os.environ, "NUANFENG_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert (folder(store, store.pointer().version) / "places.csv").exists()


def test_the_server_makes_a_missing_file_when_it_is_first_asked_for(tmp_path: Path) -> None:
    dataset(tmp_path)
    client = create_app(Settings(tmp_path, "made")).test_client()
    with client.get("/data/places.csv") as answer:
        assert answer.status_code == 200
        assert "莲花驿站" in answer.get_data().decode("utf-8-sig")


def test_who_asks_while_it_is_made_is_told_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset(tmp_path)
    monkeypatch.setattr(downloads, "WAIT_S", 0.0)
    client = create_app(Settings(tmp_path, "made")).test_client()
    answer = client.get("/data/places.csv")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.get_json()["type"] == "/docs#still-made"
    monkeypatch.setattr(downloads, "WAIT_S", 60.0)
    with client.get("/data/places.csv") as later:
        assert later.status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_a_download_with_a_strong_tag(answers: FlaskClient, name: str) -> None:
    with answers.get(f"/data/{name}") as first:
        assert first.status_code == 200
        assert first.mimetype == downloads.FILES[name].mimetype
        assert first.headers["Content-Disposition"] == f"attachment; filename=nuanfeng-demo-{name}"
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        whole, tag = first.get_data(), first.headers["ETag"]
    assert not tag.startswith("W/")
    again = answers.get(f"/data/{name}", headers={"If-None-Match": tag})
    assert (again.status_code, again.get_data()) == (304, b"")
    with answers.get(f"/data/{name}", headers={"Range": "bytes=10-19", "If-Range": tag}) as part:
        assert (part.status_code, part.get_data()) == (206, whole[10:20])


#: A Range, what it brings of a file of `size` bytes: a part, or None for the whole.
RANGES = [
    *(("bytes=10-19", slice(10, 20)), ("bytes=0-0", slice(0, 1)), ("Bytes=10-", slice(10, None))),
    *(("bytes=-7", slice(-7, None)), ("bytes= 3-4 ", slice(3, 5))),
    *(("bytes=10-99999999999999999999", slice(10, None)), ("bytes=-99999999999", slice(0, None))),
    *((unit, None) for unit in ("lines=1-2", "bytes 1-2", "bites=0-1", "=0-1", "", "bytes", "x")),
    *(
        (several, None)
        for several in ("bytes=0-1,4-5", "bytes=0-1, -5", "bytes=4-5,0-1", "bytes=,")
    ),
    *((strange, None) for strange in ("bytes=-", "bytes=a-b", "bytes=1_0-2", "bytes=１-２")),
    *(
        (strange, None)
        for strange in ("bytes=0x1-2", "bytes=+1-2", "bytes=1", "bytes=1--2", f"bytes=-{9:0>5000}")
    ),
]


@pytest.mark.parametrize(("asked", "part"), RANGES)
def test_one_range_of_bytes_is_sent_as_a_part_and_any_other_is_not_looked_at(
    answers: FlaskClient, asked: str, part: slice | None
) -> None:
    with answers.get("/data/places.parquet") as first:
        whole = first.get_data()
    with answers.get("/data/places.parquet", environ_overrides={"HTTP_RANGE": asked}) as answer:
        sent = answer.get_data()
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["Content-Length"] == str(len(sent))
        if part is None:
            assert (answer.status_code, sent) == (200, whole)
            assert "Content-Range" not in answer.headers
        else:
            first_byte, last, _ = part.indices(len(whole))
            assert (answer.status_code, sent) == (206, whole[part])
            assert answer.headers["Content-Range"] == f"bytes {first_byte}-{last - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-99999999999", "bytes=-0"])
def test_a_range_behind_the_end_is_416_and_says_how_long_the_file_is(
    answers: FlaskClient, asked: str
) -> None:
    with answers.get("/data/places.parquet") as first:
        size = len(first.get_data())
    refused = answers.get("/data/places.parquet", headers={"Range": asked})
    assert (refused.status_code, refused.headers["Content-Range"]) == (416, f"bytes */{size}")
    assert refused.get_json()["type"] == "/docs#no-such-range"


@pytest.mark.parametrize(
    "stated", ['"another"', "W/{tag}", "Wed, 21 Oct 2026 07:28:00 GMT", "", '"', "*"]
)
def test_a_part_of_another_file_is_not_sent(answers: FlaskClient, stated: str) -> None:
    with answers.get("/data/places.csv") as first:
        tag = first.headers["ETag"]
    headers = {"Range": "bytes=10-19", "If-Range": stated.format(tag=tag)}
    with answers.get("/data/places.csv", headers=headers) as answer:
        assert answer.status_code == 200


@pytest.mark.parametrize("asked", ["bytes=10-19", "bytes=99999999-", "bytes=0-1,4-5"])
def test_head_knows_no_range(answers: FlaskClient, asked: str) -> None:
    with answers.get("/data/places.csv") as first:
        size = first.headers["Content-Length"]
    with answers.head("/data/places.csv", headers={"Range": asked}) as answer:
        assert (answer.status_code, answer.headers["Content-Length"]) == (200, size)
        assert answer.get_data() == b""


def test_conditions_come_before_the_range(answers: FlaskClient) -> None:
    with answers.get("/data/places.csv") as first:
        tag = first.headers["ETag"]
    part = {"Range": "bytes=10-19"}
    for conditions, status in (
        ({"If-Match": tag}, 206),
        ({"If-Match": "*"}, 206),
        ({"If-Match": '"another"'}, 412),
        ({"If-Match": tag, "If-None-Match": tag}, 304),
        ({"If-Match": '"another"', "If-None-Match": tag}, 412),
        ({"If-Unmodified-Since": "Wed, 21 Oct 2015 07:28:00 GMT"}, 206),
        ({"If-Modified-Since": "Wed, 21 Oct 2099 07:28:00 GMT"}, 206),
    ):
        with answers.get("/data/places.csv", headers={**part, **conditions}) as answer:
            assert answer.status_code == status, conditions


def test_texts_travel_compressed_under_another_tag(answers: FlaskClient) -> None:
    with (
        answers.get("/data/places.geojson") as plain,
        answers.get("/data/places.geojson", headers={"Accept-Encoding": "br"}) as packed,
    ):
        assert packed.headers["Content-Encoding"] == "br"
        assert brotli.decompress(packed.get_data()) == plain.get_data()
        assert packed.headers["ETag"] != plain.headers["ETag"]
        assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("name", ["places.xlsx", "..", "places.csv.br", "%2e%2e%2fplaces.csv"])
def test_no_other_file_is_sent(client: FlaskClient, name: str) -> None:
    assert client.get(f"/data/{name}").status_code == 404
