"""What tags mean, row by row: every row of the table, and tags that look like a place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.sources.osm.tags import ADDED, DECIDING, ROWS, TagRow, former, gone, meaning
from geodata.vocabulary import PlaceType, Service


def example(row: TagRow) -> dict[str, str]:
    return {key: values[0] if values else "5" for key, values in row.tags.items()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.type} {row.source}")
def test_every_row_makes_its_place_and_names_its_source(row: TagRow) -> None:
    found = meaning(example(row))
    assert found is not None
    assert found.type is row.type
    assert {*row.services} <= {*found.services}
    assert {*row.maybe} - {*found.services} <= {*found.maybe}
    assert row.source.startswith(("Tag:", "Key:"))


def test_every_type_has_a_row_or_a_name() -> None:
    by_name = {PlaceType.UNION_CENTRE, PlaceType.PARTY_SERVICE_CENTRE}
    assert {row.type for row in ROWS} | by_name == set(PlaceType)


def test_what_is_added_needs_a_place() -> None:
    for row in ADDED:
        tags = {key: values[0] for key, values in row.tags.items()}
        assert meaning({"amenity": "cafe", **tags}) is None
        found = meaning({"amenity": "fuel", **tags})
        assert found is not None
        assert {*row.services} <= {*found.services}


ANY_TAGS = st.dictionaries(
    st.sampled_from([*DECIDING, "name", "toilets", "access", "bicycle", "motorcar", "covered"]),
    st.sampled_from(["yes", "no", "toilets", "fuel", "charging_station", "shelter", "bench", "5"]),
)


@given(ANY_TAGS)
def test_a_service_is_sure_or_likely_never_both(tags: dict[str, str]) -> None:
    found = meaning(tags)
    if found is not None:
        assert not {*found.services} & {*found.maybe}
        assert list(found.services) == [each for each in Service if each in found.services]


@pytest.mark.parametrize(
    ("tags", "kind", "sure"),
    [
        ({"amenity": "charging_station", "bicycle": "yes"}, "bicycle_charging", {"ebike_charge"}),
        (
            {"amenity": "charging_station", "bicycle": "yes", "motorcar": "yes"},
            "bicycle_charging",
            {"ebike_charge", "ev_charge"},
        ),
        ({"amenity": "charging_station", "bicycle": "no"}, "vehicle_charging", {"ev_charge"}),
        ({"amenity": "fuel", "shop": "convenience"}, "fuel", {"fuel", "snacks"}),
        ({"amenity": "toilets;drinking_water"}, "toilets", {"toilet", "drinking_water"}),
        ({"amenity": "shelter", "bench": "yes"}, "shelter", {"shelter", "seat"}),
        ({"amenity": "parking", "hgv": "designated"}, "truck_parking", {"truck_parking"}),
        ({"office": "government", "name": "翠竹社区党群服务中心"}, "party_service_centre", set()),
        ({"building": "yes", "name": "南山区总工会户外劳动者驿站"}, "union_centre", set()),
    ],
)
def test_what_tags_mean(tags: dict[str, str], kind: str, sure: set[str]) -> None:
    found = meaning(tags)
    assert found is not None
    assert (str(found.type), {*map(str, found.services)}) == (kind, sure)


@pytest.mark.parametrize(
    "tags",
    [
        {"amenity": "cafe"},
        {"amenity": "bench"},
        {"amenity": "fountain"},
        {"amenity": "parking"},
        {"amenity": "drinking_water", "drinking_water": "no"},
        {"amenity": "shelter", "shelter_type": "field_shelter"},
        {"amenity": "charging_station", "motorcar": "no"},
        {"amenity": "charging_station", "boat": "yes"},
        {"amenity": "parking", "capacity:hgv": "0"},
        {"highway": "bus_stop", "name": "党群服务中心"},
        {"amenity": "restaurant", "name": "职工之家餐厅", "building": "yes"},
        {"disused:amenity": "toilets"},
        {},
    ],
)
def test_what_is_no_place(tags: dict[str, str]) -> None:
    assert meaning(tags) is None


@pytest.mark.parametrize("state", ["disused", "abandoned", "demolished", "construction", "removed"])
def test_what_is_gone_is_known(state: str) -> None:
    assert former({f"{state}:amenity": "toilets"}) is not None
    assert former({f"{state}:amenity": "cafe"}) is None
    assert gone({"amenity": "toilets", state: "yes"})
    assert not gone({"amenity": "toilets", state: "no"})


def test_no_said_of_a_thing_is_no_perhaps() -> None:
    found: Any = meaning({"amenity": "fuel", "toilets": "no"})
    assert Service.TOILET not in found.maybe


@pytest.mark.parametrize(
    ("tags", "sure", "maybe"),
    [
        ({"toilets": "yes"}, {Service.TOILET}, set()),
        ({"toilets": "yes", "toilets:access": "customers"}, {Service.TOILET}, set()),
        ({"toilets": "yes", "toilets:access": "private"}, set(), set()),
        ({"toilets": "yes", "toilets:access": "employees"}, set(), set()),
        ({"toilets": "yes;no"}, set(), set()),
        ({"shower": "hot", "shower:access": "customers"}, set(), {Service.SHOWER}),
        ({"drinking_water": "yes", "drinking_water:access": "members"}, set(), set()),
    ],
)
def test_what_some_people_only_may_use_is_not_sure(
    tags: dict[str, str], sure: set[Service], maybe: set[Service]
) -> None:
    named = {Service.TOILET, Service.SHOWER, Service.DRINKING_WATER}
    found = meaning({"amenity": "pharmacy", **tags})
    assert found is not None
    assert (named & {*found.services}, named & {*found.maybe}) == (sure, maybe)


@pytest.mark.parametrize(
    "status",
    ["closed", "Out of order", "temporarily closed", "not-operational", "under construction"],
)
def test_what_is_out_of_use_is_gone_however_it_is_spelt(status: str) -> None:
    assert gone({"amenity": "toilets", "operational_status": status})
    assert gone({"amenity": "toilets", "out_of_order": "yes"})
    assert not gone({"amenity": "toilets", "operational_status": "operational"})
