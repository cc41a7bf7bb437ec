"""The pack: all of a city in one file that a phone can keep."""

from datetime import date, timedelta
from pathlib import Path

import brotli
import msgspec
import pytest
from flask.testing import FlaskClient

from app.api import pack
from app.api.contract import pack_shapes as shapes
from app.factory import create_app
from app.settings import Settings
from geodata.space.coordinates import geodesic_m
from geodata.store.files import Dataset
from tests import makers

#: TARGETS: what a rider pays for being able to go on without a network.
MOST_BYTES = 140_000


@pytest.fixture(scope="module")
def url(client: FlaskClient) -> str:
    return str(client.get("/api/v1/pack").get_json()["url"])


@pytest.fixture(scope="module")
def packed(client: FlaskClient, url: str) -> shapes.Pack:
    return msgspec.json.decode(client.get(url).get_data(), type=shapes.Pack)


def test_the_pointer_names_the_current_pack_and_answers_304(client: FlaskClient) -> None:
    answer = client.get("/api/v1/pack")
    found = msgspec.json.decode(answer.get_data(), type=shapes.PackPointer)
    assert found.url == f"/api/v1/pack/{found.dataVersion}.json"
    assert found.places == 4039
    assert found.synthetic
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert (
        client.get("/api/v1/pack", headers={"If-None-Match": answer.headers["ETag"]}).status_code
        == 304
    )


def test_the_demo_city_is_140_kb_on_its_way_to_a_phone(client: FlaskClient, url: str) -> None:
    answer = client.get(url, headers={"Accept-Encoding": "br"})
    body = answer.get_data()
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(body) <= MOST_BYTES
    assert brotli.decompress(body) == client.get(url).get_data()


def test_every_column_has_an_item_for_every_place(packed: shapes.Pack) -> None:
    words = (packed.serves, packed.audiences, packed.spots)
    named = [(packed, field) for field in msgspec.structs.fields(shapes.Pack)]
    named += [
        (packed.properties, field) for field in msgspec.structs.fields(shapes.PackedProperties)
    ]
    columns = [getattr(of, field.name) for of, field in named]
    plain = {len(column) for column in columns if isinstance(column, list) and column not in words}
    shared = [column for column in columns if isinstance(column, shapes.Shared)]
    several = {len(column.rows) for column in shared if len(column.values) > 1}
    assert plain == several == {4039}
    alike = [column for column in shared if len(column.values) == 1]
    assert alike
    assert all(column.rows == [] for column in alike)


def test_a_packed_place_is_the_place(client: FlaskClient, packed: shapes.Pack) -> None:
    lons, lats = (running(column, packed.steps) for column in (packed.lon, packed.lat))
    for at in range(0, 4039, 101):
        alone = client.get(f"/api/v1/places/{packed.ids[at]}").get_json()
        about = alone["properties"]
        where = packed.lines[str(at)] if str(at) in packed.lines else [lons[at], lats[at]]
        assert where == alone["geometry"]["coordinates"]
        columns = (
            (name, getattr(packed.properties, name)) for name in packed.properties.__struct_fields__
        )
        told = {
            name: values[at] if isinstance(values, list) else column(values, at)
            for name, values in columns
        }
        assert told == {name: about[name] for name in told}
        assert column(packed.hours, at)[1] == about["opening_hours_text"]
        bits = packed.services[at]
        assert [word for bit, (word, _) in enumerate(packed.serves) if bits >> bit & 1] == about[
            "services"
        ]
        day = packed.verified[at]
        checked = (date(1970, 1, 1) + timedelta(days=day)).isoformat() if day else None
        assert checked == about["provenance"]["verified_at"]


def running(differences: list[int], steps: int) -> list[float]:
    total, found = 0, []
    for difference in differences:
        total += difference
        found.append(total / steps)
    return found


def column(shared: shapes.Shared, at: int) -> object:
    return shared.values[shared.rows[at] if shared.rows else 0]


def test_the_pack_brings_the_outlines_and_landmarks_of_its_version(
    client: FlaskClient, packed: shapes.Pack
) -> None:
    drawn = client.get(f"/areas/{packed.dataVersion}.json").get_json()
    names = (packed.properties.name, packed.properties.name_en)
    lanes = [
        [*(column[int(row)] for column in names), course] for row, course in packed.lines.items()
    ]
    assert {**packed.ground, "lanes": lanes} == drawn


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/pack/0000.json", 410),
        ("/api/v1/pack/0000/ws105.json", 410),
        ("/api/v1/pack/{version}/ws10.json", 400),
        ("/api/v1/pack/{version}/ws10i.json", 400),
        ("/api/v1/pack/{version}.json?at=now", 400),
        ("/api/v1/pack?lon=114", 400),
    ],
)
def test_what_is_no_pack_is_refused(
    client: FlaskClient, packed: shapes.Pack, path: str, status: int
) -> None:
    assert client.get(path.format(version=packed.dataVersion)).status_code == status


def test_a_large_city_is_packed_round_a_cell_and_says_how_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "MOST_WHOLE", 1_000)
    monkeypatch.setattr(pack, "ZONE_PLACES", 300)
    frozen = makers.frozen(makers.random_city(1_500, 20, seed=5))
    Dataset(tmp_path, "large").publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    large, snapshot = create_app(Settings(tmp_path, "large")).test_client(), frozen.snapshot()
    assert (
        large.get("/api/v1/pack").get_json()["url"]
        == f"/api/v1/pack/{frozen.version}/{{zone}}.json"
    )
    assert large.get(f"/api/v1/pack/{frozen.version}.json").status_code == 400
    found = msgspec.json.decode(
        large.get(f"/api/v1/pack/{frozen.version}/ws105.json").get_data(), type=shapes.Pack
    )
    assert found.covers is not None
    points = snapshot.lonlat[: snapshot.first_line]
    metres = geodesic_m(found.covers.lon, found.covers.lat, points[:, 0], points[:, 1])
    within = {
        snapshot.id_of(row)
        for row in range(len(points))
        if metres[row] < found.covers.metres - 0.01
    }
    assert len(found.ids) == 300
    assert within <= set(found.ids)
    assert max(hours[0] for hours in found.hours.values) < len(found.table.rows)


def test_what_is_not_published_is_not_in_the_pack(tmp_path: Path) -> None:
    frozen = makers.frozen(makers.three_places())
    snapshot = frozen.snapshot()
    found = msgspec.json.decode(pack.whole(snapshot, frozen.blobs.__getitem__), type=shapes.Pack)
    at = found.ids.index("street-1")
    assert found.verified[at] == 0
    assert column(found.hours, at) == [0, None]
    assert found.table.plans[found.table.weeks[found.table.rows[0][0]][0]][0][2] == 2
    assert list(found.lines) == [str(at)]
