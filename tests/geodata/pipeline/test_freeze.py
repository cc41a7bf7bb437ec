"""Freezing loses nothing, and the version tells apart all that differs and nothing else."""

import json
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import msgspec
import numpy as np
import pytest
import shapely

from geodata.errors import BadTable
from geodata.hours.calendar import Calendar, DayKind
from geodata.pipeline.freeze import Frozen, Layers, freeze
from geodata.places.table import COLUMNS, validate
from geodata.snapshot.snapshot import DatasetAbout, Snapshot
from geodata.space.coordinates import WGS84
from geodata.traits import HOUR_SHIFT, UNKNOWN_HOURS_BIT, entry, offer, register_first
from geodata.vocabulary import Audience, Door, Kind, Mode, Service
from tests import makers

HOSTILE = (
    '"},{"', "</script><script>alert(1)</script>", "${x}", "a\\b", "a\tb\nc", "a\u2028b\u2029c",
    "🐝" * 20,
    "'; DROP --", "a\0b",
)  # fmt: skip

#: Another value for each column of a places table: station-1 has it instead of its own.
OTHER: dict[str, Any] = {
    "id": "station-2", "kind": "driver_home", "name": "别的", "name_en": "Other", "address": "路",
    "district": "福田区", "street": "莲花街道", "geometry": shapely.Point(114.0500002, 22.54),
    "phones": ["12345"], "services": ["seat"], "audience": ["courier"], "zones": ["special_care"],
    "door": "code", "capacity": 13, "opening_hours": "Mo 08:00-09:00",
    "opening_hours_text": "全天候",
    "operator": "x", "offers": "x", "parent_street_id": "street-1", "verified_at": "2026-11-02",
    "verified_by": "x", "src_file": "x", "src_sheet": "x", "src_row": 9, "src_id": "x",
    "src_datum": "wgs84", "src_lon": 1.5, "src_lat": 1.5,
    "src_guessed": "street", "layer": "osm", "source": "x", "licence": "ODbL-1.0", "type": "x",
    "position": "surveyed", "radius_m": 9.5, "entry": '{"register":"yes"}', "fee": "no",
    "wheelchair": "no", "level": "x", "maybe": ["wifi"],
}  # fmt: skip


def frozen(
    raw: gpd.GeoDataFrame | None = None, calendar: Calendar | None = None, **parts: Any
) -> Frozen:
    table, _ = validate(makers.three_places() if raw is None else raw)
    about = parts.pop("about", makers.about())
    return freeze(
        table, about, calendar or makers.calendar(), parts.pop("outline", makers.OUTLINE), **parts
    )


def feature(snapshot: Snapshot, row: int) -> dict[str, Any]:
    return json.loads(snapshot.records.whole(row))


# --- the version ---


def test_the_same_input_gives_the_same_version() -> None:
    assert frozen().version == frozen().version
    raw = makers.random_city(300, lines=7)
    assert frozen(raw).version == frozen(raw.sample(frac=1, random_state=1)).version
    assert len(frozen().version) == 16


@pytest.mark.parametrize("column", OTHER)
def test_a_change_in_any_column_gives_another_version(column: str) -> None:
    raw = makers.three_places()
    values = raw[column].astype(object).tolist() if column in raw else [None, None, None]
    changed = frozen(makers.three_places(**{column: [OTHER[column], *values[1:]]}))
    assert changed.version != frozen().version


def test_every_column_that_can_be_changed_was() -> None:
    assert {*OTHER, "service_bits", "pinyin", "initials"} == set(
        COLUMNS
    )  # the last three follow from others


def test_a_place_more_or_less_gives_another_version() -> None:
    assert len({frozen(makers.three_places().iloc[:rows]).version for rows in (1, 2, 3)}) == 3


def test_a_change_in_the_calendar_gives_another_version() -> None:
    known = makers.calendar()
    kinds = known.kinds.copy()
    kinds[100] = (
        DayKind.PH if kinds[100] != DayKind.PH else (known.first + timedelta(100)).weekday()
    )
    shorter = Calendar(known.first, known.kinds[:-1], known.known_until - timedelta(1))
    versions = {
        frozen(calendar=calendar).version
        for calendar in (known, Calendar(known.first, kinds, known.known_until), shorter)
    }
    assert len(versions) == 3


@pytest.mark.parametrize(
    "name", [name for name in DatasetAbout.__struct_fields__ if name != "counts"]
)
def test_a_change_in_what_is_said_of_the_dataset_gives_another_version(name: str) -> None:
    known = makers.about()
    renamed = msgspec.structs.replace(known.city, name="other")
    value = {"synthetic": not known.synthetic, "city": renamed}.get(name, "other")
    assert frozen(about=makers.about(**{name: value})).version != frozen().version


@pytest.mark.parametrize(
    "parts",
    [
        {"outline": shapely.box(113.0, 22.0, 115.0, 23.0)},
        {"landmarks": [{"name": "地王大厦", "kind": "tower", "lon": 114.1, "lat": 22.54}]},
        {
            "layers": Layers(
                gpd.GeoDataFrame({"name": ["福田"]}, geometry=[makers.OUTLINE], crs=WGS84)
            )
        },
    ],
    ids=lambda parts: next(iter(parts)),
)
def test_a_change_in_what_stands_beside_the_places_gives_another_version(
    parts: dict[str, Any],
) -> None:
    assert frozen(**parts).version != frozen().version


def test_counts_are_counted_and_not_believed() -> None:
    assert frozen(about=makers.about(counts={"driver_home": 99})).version == frozen().version
    assert frozen().about.counts == {
        "warm_bee_station": 1,
        "driver_home": 0,
        "warm_bee_street": 1,
        "friendly_merchant": 1,
        "public_place": 0,
    }


def test_the_snapshot_has_the_version_of_what_was_frozen() -> None:
    made = frozen()
    assert made.snapshot().version == made.version
    assert made.snapshot().about == made.about


# --- the records ---


def test_every_record_is_a_geojson_feature_with_all_that_the_table_says() -> None:
    raw = makers.random_city(120, lines=9)
    table, _ = validate(raw)
    snapshot = frozen(raw).snapshot()
    for place in table.itertuples(index=False):
        row = snapshot.row_of(place.id)
        whole = feature(snapshot, row)
        assert whole["type"] == "Feature"
        assert whole["id"] == place.id
        assert shapely.from_geojson(json.dumps(whole["geometry"])).equals_exact(
            place.geometry, 0.75e-7
        )
        properties = whole["properties"]
        assert properties["name"] == place.name
        assert properties["kind"] == place.kind
        assert properties["services"] == place.services
        entry = json.loads(place.entry) if isinstance(place.entry, str) else None
        access = {"door": place.door, "audience": place.audience, "entry": entry}
        assert properties["access"] == access
        assert properties["opening_hours"] == (
            place.opening_hours if isinstance(place.opening_hours, str) else None
        )


def test_null_is_written_as_null_and_not_left_out() -> None:
    snapshot = frozen(makers.three_places()[["id", "kind", "name", "geometry"]]).snapshot()
    properties = feature(snapshot, snapshot.row_of("station-1"))["properties"]
    nulls = {name for name, value in properties.items() if value is None}
    assert nulls >= {
        "name_en",
        "address",
        "district",
        "street",
        "opening_hours",
        "capacity",
        "operator",
        "offers",
        "type",
        "fee",
        "wheelchair",
        "level",
        "radius_m",
    }
    assert properties["services"] == properties["needs"] == properties["phones"] == []
    assert properties["maybe"] == []
    assert properties["access"] == {"door": "unknown", "audience": [], "entry": None}
    assert (properties["layer"], properties["position"]) == ("main", "stated")
    about = snapshot.about
    assert (properties["source"], properties["licence"]) == (about.source, about.licence)
    assert set(properties["provenance"].values()) == {None}


def test_a_place_says_what_it_offers_when_it_was_checked_and_where_it_came_from() -> None:
    raw = makers.three_places(
        verified_by=["王", None, None],
        src_file=["a.csv", None, None],
        src_row=[7, None, None],
        src_lon=[1.5, None, None],
    )
    snapshot = frozen(raw).snapshot()
    properties = feature(snapshot, snapshot.row_of("station-1"))["properties"]
    assert properties["needs"] == ["rest", "water"]
    assert properties["phones"] == ["075512345678"]
    assert properties["capacity"] == 12
    provenance = properties["provenance"]
    assert (provenance["verified_at"], provenance["verified_by"]) == ("2026-11-01", "王")
    assert (provenance["file"], provenance["row"], provenance["lon"]) == ("a.csv", 7, 1.5)


def test_a_place_says_how_one_gets_in_whose_it_is_and_what_is_only_likely() -> None:
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
        "maybe": ["wifi"],
    }
    entry = {"register": "yes", "how": "先申请门禁", "url": "https://example.org/a"}
    columns = {name: [value, None, None] for name, value in said.items()}
    columns["entry"] = [json.dumps(entry), '{"how":"推门"}', None]
    snapshot = frozen(makers.three_places(**columns)).snapshot()
    station, merchant = (
        feature(snapshot, snapshot.row_of(place))["properties"]
        for place in ("station-1", "merchant-1")
    )
    assert {name: station[name] for name in said} == said
    assert station["access"]["entry"] == entry
    assert merchant["access"]["entry"] == {"register": None, "how": "推门", "url": None}
    registers = [
        register_first(int(snapshot.index.words[snapshot.row_of(place), 0]))
        for place in ("station-1", "merchant-1", "street-1")
    ]
    assert registers == [True, False, False]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_comes_back_letter_by_letter(name: str) -> None:
    raw = makers.three_places(
        name=[name, name, name], address=[name] * 3, opening_hours_text=[name] * 3
    )
    snapshot = frozen(raw).snapshot()
    for row in range(3):
        properties = feature(snapshot, row)["properties"]
        assert (
            properties["name"] == properties["address"] == properties["opening_hours_text"] == name
        )


def test_points_have_links_and_streets_have_none() -> None:
    snapshot = frozen().snapshot()
    assert "navigate" in feature(snapshot, snapshot.row_of("station-1"))["properties"]
    assert "navigate" not in feature(snapshot, snapshot.row_of("street-1"))["properties"]


# --- the arrays ---


def test_words_say_services_kind_audience_door_and_the_hours_that_may_be_open() -> None:
    snapshot = frozen().snapshot()
    station, merchant, street = (
        snapshot.index.words[snapshot.row_of(i)] for i in ("station-1", "merchant-1", "street-1")
    )
    day = sum(1 << (HOUR_SHIFT + hour) for hour in range(24))
    nine_to_nine = sum(1 << (HOUR_SHIFT + hour) for hour in range(9, 21))
    assert station[0] == offer([Service.SEAT, Service.HOT_WATER])
    assert (
        station[1]
        == entry(Kind.WARM_BEE_STATION, [Audience.RIDER, Audience.COURIER], Door.QR) | day
    )
    assert merchant[1] == entry(Kind.FRIENDLY_MERCHANT, [Audience.RIDER], Door.OPEN) | nine_to_nine
    assert street[1] == entry(Kind.WARM_BEE_STREET, [], Door.UNKNOWN) | UNKNOWN_HOURS_BIT


def test_hours_nobody_can_read_are_unknown_and_reported_with_the_reason() -> None:
    made = frozen(makers.three_places(opening_hours=["24/7", "看情况", None]))
    assert list(made.unread_hours) == ["看情况"]
    assert made.unread_hours["看情况"]
    snapshot = made.snapshot()
    assert (
        snapshot.hours_row(snapshot.row_of("merchant-1"))
        == snapshot.hours_row(snapshot.row_of("street-1"))
        == 0
    )


def test_the_day_of_the_last_check_is_kept_as_an_ordinal_and_0_means_unknown() -> None:
    snapshot = frozen(
        makers.three_places(verified_at=["2026-11-01", "1969-07-20", None])
    ).snapshot()
    rows = [snapshot.row_of(i) for i in ("station-1", "merchant-1", "street-1")]
    days = [day for _, _, day in snapshot.records.open_features(rows, Mode.WALK)]
    assert days == [date(2026, 11, 1).toordinal(), date(1969, 7, 20).toordinal(), 0]


def test_a_street_stands_in_the_middle_of_its_middle_segment() -> None:
    snapshot = frozen().snapshot()
    assert np.allclose(snapshot.lonlat[snapshot.row_of("street-1")], [114.053, 22.541])


def test_points_come_before_streets_and_nothing_is_moved_by_more_than_a_centimetre() -> None:
    raw = makers.random_city(50, lines=6)
    snapshot = frozen(raw).snapshot()
    assert [snapshot.is_line(row) for row in range(56)] == [False] * 50 + [True] * 6
    for place in raw.itertuples():
        if place.geometry.geom_type == "Point":
            assert snapshot.lonlat[snapshot.row_of(place.id)].tolist() == [
                round(place.geometry.x, 7),
                round(place.geometry.y, 7),
            ]


def test_an_outline_may_have_islands_and_holes() -> None:
    hole = makers.OUTLINE.difference(shapely.box(114.0, 22.5, 114.1, 22.6))
    islands = shapely.MultiPolygon(
        [*shapely.get_parts(hole), shapely.box(115.0, 22.5, 115.1, 22.6)]
    )
    outline = frozen(outline=islands).snapshot().outline
    assert outline.holds(115.05, 22.55)
    assert outline.holds(114.2, 22.7)
    assert not outline.holds(114.05, 22.55)


def test_blobs_are_files_that_others_read() -> None:
    areas = gpd.GeoDataFrame({"name": ["福田"]}, geometry=[makers.OUTLINE], crs=WGS84)
    landmarks = [{"name": "地王大厦", "kind": "tower", "lon": 114.1, "lat": 22.54}]
    blobs = frozen(layers=Layers(areas), landmarks=landmarks).blobs
    assert json.loads(blobs["areas.geojson"])["features"][0]["properties"] == {"name": "福田"}
    assert msgspec.json.decode(blobs["landmarks.json"]) == landmarks


def test_the_parquet_copy_is_the_table(tmp_path) -> None:
    raw = makers.random_city(30, lines=2)
    (tmp_path / "places.parquet").write_bytes(frozen(raw).blobs["places.parquet"])
    table, rejects = validate(gpd.read_parquet(tmp_path / "places.parquet"))
    assert rejects == ()
    assert frozen(table).version == frozen(raw).version


def test_progress_is_told_and_ends_at_the_number_of_places() -> None:
    heard: list[int] = []
    frozen(makers.random_city(1_500), progress=heard.append)
    assert heard == [0, 1_000, 1_500]


def test_a_table_without_places_is_refused() -> None:
    with pytest.raises(BadTable, match="at least one place"):
        frozen(makers.three_places().iloc[:0])
