"""Public places of four real extracts, beside a reading of their tags by other means."""

from datetime import date
from pathlib import Path
from typing import Any

import osmium
import pytest
import shapely
from pyproj import Geod

from geodata.sources.osm import places
from geodata.sources.osm.gazetteer import landmarks_of
from geodata.sources.osm.outlines import city_of
from geodata.sources.osm.places import OsmRead, places_of

TODAY = date(2026, 11, 30)
EXTRACTS = ("longgang_buji", "beijing_haidian", "helsinki_centre", "liechtenstein")
GEOD = Geod(ellps="WGS84")

#: The tests' own list: type -> combinations of which one must be there.
OWN = {
    "toilets": ["amenity=toilets"],
    "drinking_water": ["amenity=drinking_water", "amenity=fountain drinking_water=yes"],
    "water_point": ["amenity=water_point"],
    "device_charging": ["amenity=device_charging_station"],
    "shelter": ["amenity=shelter"],
    "bus_shelter": ["highway=bus_stop shelter=yes", "public_transport=platform shelter=yes"],
    "covered_bench": ["amenity=bench covered=yes", "amenity=bench shelter=yes"],
    "library": ["amenity=library"],
    "community_centre": ["amenity=community_centre"],
    "social_centre": ["amenity=social_centre"],
    "rest_area": ["highway=rest_area", "highway=services"],
    "truck_parking": ["amenity=parking hgv=yes", "amenity=parking hgv=designated"],
    "fuel": ["amenity=fuel"],
    "bicycle_repair": ["amenity=bicycle_repair_station", "shop=bicycle service:bicycle:repair=yes"],
    "air_pump": ["amenity=compressed_air"],
    "defibrillator": ["emergency=defibrillator"],
    "pharmacy": ["amenity=pharmacy"],
    "convenience": ["shop=convenience"],
    "fast_food": ["amenity=fast_food"],
}
#: A sure service -> tags of which one must be there.
BECAUSE = {
    "toilet": {("amenity", "toilets"), ("toilets", "yes")},
    "drinking_water": {
        ("amenity", "drinking_water"),
        ("drinking_water", "yes"),
        ("amenity", "water_point"),
    },
    "water_refill": {
        ("amenity", "water_point"),
        ("bottle", "yes"),
        ("drinking_water:refill", "yes"),
    },
    "phone_charge": {("amenity", "device_charging_station")},
    "ebike_charge": {("amenity", "charging_station")},
    "ev_charge": {("amenity", "charging_station")},
    "shelter": {("amenity", "shelter"), ("shelter", "yes"), ("covered", "yes")},
    "seat": {
        ("amenity", "bench"),
        ("bench", "yes"),
        ("indoor_seating", "yes"),
        ("outdoor_seating", "yes"),
    },
    "books": {("amenity", "library")},
    "wifi": {("internet_access", "wlan")},
    "rest_stop": {("highway", "rest_area"), ("highway", "services")},
    "truck_parking": {("amenity", "parking")},
    "fuel": {("amenity", "fuel")},
    "bike_repair": {("amenity", "bicycle_repair_station"), ("service:bicycle:repair", "yes")},
    "air_pump": {
        ("amenity", "compressed_air"),
        ("compressed_air", "yes"),
        ("service:bicycle:pump", "yes"),
    },
    "aed": {("emergency", "defibrillator")},
    "medicine": {("amenity", "pharmacy")},
    "snacks": {("shop", "convenience")},
    "hot_food": {("amenity", "fast_food")},
    "shower": {("shower", "yes")},
}


def plainly_read(extract: Path) -> dict[str, tuple[dict[str, str], Any]]:
    """Tags and shape of everything with tags, by our id."""
    found: dict[str, tuple[dict[str, str], Any]] = {}
    wkb = osmium.geom.WKBFactory()
    for each in osmium.FileProcessor(str(extract)).with_areas():
        if each.is_way() and not each.is_closed() and len(each.tags):
            line = [(n.lon, n.lat) for n in each.nodes if n.location.valid()]
            if len(line) > 1:
                found[f"osm-w{each.id}"] = dict(each.tags), shapely.LineString(line)
        if each.is_node() and len(each.tags):
            spot = shapely.Point(each.location.lon, each.location.lat)
            found[f"osm-n{each.id}"] = dict(each.tags), spot
        if each.is_area():
            letter = "w" if each.from_way() else "r"
            shape = shapely.from_wkb(wkb.create_multipolygon(each))
            found[f"osm-{letter}{each.orig_id()}"] = dict(each.tags), shape
    return found


@pytest.fixture(scope="module", params=EXTRACTS)
def extract(request: pytest.FixtureRequest, real_data: Path) -> Path:
    return real_data / "osm" / f"{request.param}.osm.pbf"


@pytest.fixture(scope="module")
def read(extract: Path) -> OsmRead:
    return places_of(extract, city_of(extract), TODAY)


@pytest.fixture(scope="module")
def plain(extract: Path) -> dict[str, tuple[dict[str, str], Any]]:
    return plainly_read(extract)


def pairs(tags: dict[str, str]) -> set[str]:
    """key=value of each, a value of several by itself."""
    return {f"{key}={part.strip()}" for key, said in tags.items() for part in said.split(";")}


def is_one(one: tuple[dict[str, str], Any], other: tuple[dict[str, str], Any]) -> bool:
    names = {each[0].get("name") for each in (one, other)} - {None}
    if len(names) > 1:
        return False
    if one[1].contains(other[1]) or other[1].contains(one[1]):
        return True
    a, b = one[1].representative_point(), other[1].representative_point()
    named = all("name" in each[0] for each in (one, other))
    return named and GEOD.inv(a.x, a.y, b.x, b.y)[2] <= 30


def test_as_many_are_read_as_the_tags_tell(
    extract: Path, read: OsmRead, plain: dict[str, tuple[dict[str, str], Any]]
) -> None:
    outline = city_of(extract).outline
    kept_out = {"private", "no", "employees", "members", "residents"}
    for kind, combinations in OWN.items():
        mine = [
            (said, shape)
            for said, shape in plain.values()
            if any({*each.split()} <= pairs(said) for each in combinations)
            and said.get("access") not in kept_out
            and outline.contains(shape.representative_point())
        ]
        twins = sum(any(is_one(each, other) for other in mine[:at]) for at, each in enumerate(mine))
        expected = len(mine) - twins
        if kind == "fast_food":
            expected -= read.dropped.get(places.NOT_AT_NIGHT, 0)
        assert (read.places["type"] == kind).sum() == expected, kind


def test_services_follow_from_tags_and_nothing_is_made_up(
    read: OsmRead, plain: dict[str, tuple[dict[str, str], Any]]
) -> None:
    for place in read.places.itertuples():
        tags, shape = plain[place.id]
        for service in place.services:
            because = {f"{key}={value}" for key, value in BECAUSE[service]}
            assert because & pairs(tags), (place.id, service)
        assert not {*place.services} & {*place.maybe}
        assert place.opening_hours in (tags.get("opening_hours"), None) or (
            place.opening_hours != place.opening_hours
        )
        assert tags.get("name", tags.get("brand", place.name)) == place.name
        assert shape.distance(place.geometry) < 1e-6
        assert tags.get("access") not in ("private", "no")


def test_the_table_can_be_published_as_a_layer_of_its_own(read: OsmRead) -> None:
    table = read.places
    assert len(table) > 10
    assert set(table["kind"]) == {"public_place"}
    assert set(table["layer"]) == {"osm"}
    assert set(table["licence"]) == {"ODbL-1.0"}
    assert set(table["verified_by"].dropna()) <= {"check_date", "last change"}
    assert table["verified_at"].max().date() <= TODAY


def test_the_same_file_gives_the_same_places(extract: Path, read: OsmRead) -> None:
    city = city_of(extract)
    again = places_of(extract, city, TODAY, landmarks_of(extract))
    assert again.places.drop(columns="geometry").equals(read.places.drop(columns="geometry"))
    assert again.dropped == read.dropped
