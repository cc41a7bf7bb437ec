"""The demo city has the published counts, stands on real ground, says that it is a demonstration,
and never varies.
"""

import hashlib
import re
from datetime import date
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours

from geodata.errors import BadValue
from geodata.hours.timeline import silence_stated
from geodata.places.areas import approximate_areas, locate, to_metric
from geodata.places.entry import read_entry
from geodata.sources.demo import facts
from geodata.sources.demo.city import PUBLISHED_2022, SHENZHEN, demo_city
from geodata.sources.demo.words import FREIGHT, HOURS, OVERNIGHT, ROLES, WeekShape
from geodata.space.coordinates import metric
from geodata.vocabulary import (
    PROGRAMME_KINDS,
    Audience,
    Door,
    Kind,
    Service,
    Wheelchair,
    YesNo,
    Zone,
)

SMALL = {
    Kind.WARM_BEE_STATION: 20,
    Kind.DRIVER_HOME: 5,
    Kind.WARM_BEE_STREET: 2,
    Kind.FRIENDLY_MERCHANT: 60,
}
TEXT_COLUMNS = [
    "id", "name", "name_en", "address", "district", "street", "opening_hours", "opening_hours_text",
    "operator",
    "offers", "parent_street_id", "verified_by", "src_file", "src_sheet", "src_id", "src_datum",
    "entry", "fee", "wheelchair", "level",
]  # fmt: skip


@pytest.fixture(scope="module")
def city():
    return demo_city()


def _digest(places):
    return hashlib.sha256(places.to_wkb().to_csv().encode()).hexdigest()


def _of(places, kind):
    return places[places["kind"] == kind.value]


def _xy_m(places):
    return metric(places["src_lon"], places["src_lat"], SHENZHEN.grid)


def test_the_city_has_the_published_counts(city):
    published = {str(kind): PUBLISHED_2022.get(kind, 0) for kind in Kind}
    assert city["kind"].value_counts().to_dict() == published


def test_the_same_seed_gives_the_same_city_and_another_seed_another(city):
    assert _digest(demo_city(2022)) == _digest(city)
    assert _digest(demo_city(7)) != _digest(city)


@settings(max_examples=8)
@given(
    st.integers(0, 2**32),
    st.fixed_dictionaries({kind: st.integers(0, 40) for kind in PROGRAMME_KINDS}),
)
def test_any_seed_and_counts_give_exactly_so_many_places_inside_the_outline(seed, counts):
    if not sum(counts.values()):
        counts[Kind.WARM_BEE_STATION] = 1
    places = demo_city(seed, counts)
    assert [len(_of(places, kind)) for kind in counts] == [*counts.values()]
    assert places.within(facts.outline()).all()
    assert places["id"].is_unique


@pytest.mark.parametrize(
    "counts", [{}, {Kind.DRIVER_HOME: 0}, {Kind.DRIVER_HOME: -1, Kind.WARM_BEE_STATION: 5}]
)
def test_a_city_without_places_or_with_fewer_than_none_is_refused(counts):
    with pytest.raises(BadValue, match="at least one place"):
        demo_city(1, counts)


def test_the_columns_have_the_dtypes_of_the_places_table(city):
    assert {column: str(city[column].dtype) for column in TEXT_COLUMNS} == dict.fromkeys(
        TEXT_COLUMNS, "str"
    )
    assert str(city["capacity"].dtype) == "Int32"
    assert city["kind"].cat.categories.tolist() == [kind.value for kind in Kind]
    assert city["door"].cat.categories.tolist() == [door.value for door in Door]
    assert city.crs == "EPSG:4326"
    assert city.index.equals(pd.RangeIndex(len(city)))


def test_every_word_in_a_list_is_of_the_vocabulary(city):
    for column, words in (("services", Service), ("audience", Audience), ("zones", Zone)):
        assert all(isinstance(said, list) for said in city[column])
        assert set(city[column].explode().dropna()) <= {word.value for word in words}


def test_self_service_stations_ask_one_to_apply_first_and_lead_to_nobodys_site(city):
    asked = city[city["entry"].notna()]
    assert 0.05 < len(asked) / len(_of(city, Kind.WARM_BEE_STATION)) < 0.25
    assert set(asked["kind"]) == {"warm_bee_station"}
    assert set(asked["door"]) == {"code", "qr", "face"}
    for said in map(read_entry, asked["entry"].unique()):
        assert said.register == "yes"
        assert said.how.startswith("演示：")
        assert said.url is None or urlsplit(said.url).hostname == "example.org"


def test_what_is_known_of_money_steps_and_floors_is_of_the_vocabulary_and_mostly_unknown(city):
    for column, words in (("fee", YesNo), ("wheelchair", Wheelchair)):
        assert set(city[column].dropna()) == {word.value for word in words}
    assert set(city["level"].dropna()) == {"2F", "B1"}
    for column in ("fee", "wheelchair", "level"):
        assert 0.5 < city[column].isna().mean() < 1.0


def test_every_id_is_stable_text_and_says_its_kind(city):
    assert city["id"].str.fullmatch(r"[a-z0-9-]{3,40}").all()
    assert city["id"].is_unique
    assert _of(city, Kind.DRIVER_HOME)["id"].iloc[0] == "dh-00001"


def test_no_two_places_have_the_same_name(city):
    assert city["name"].is_unique


def test_every_name_and_address_says_that_it_is_a_demonstration(city):
    assert city["name"].str.startswith("演示·").all()
    assert city["name_en"].str.startswith("Demo ").all()
    assert city["address"].str.startswith("演示地址：").all()
    assert set(city["verified_by"].dropna()) == {"演示"}


def test_no_two_public_places_share_a_name(city):
    for kind in (Kind.WARM_BEE_STATION, Kind.DRIVER_HOME):
        assert _of(city, kind)["name"].is_unique


def test_no_telephone_number_can_be_dialled(city):
    phones = city["phones"].explode().dropna()
    assert len(phones) > 1000
    assert phones.map(lambda digits: re.fullmatch(r"0755-0\d{7}", digits) is not None).all()


def test_every_place_stands_inside_the_outline(city):
    assert city.within(facts.outline()).all()


def test_every_place_stands_in_the_area_of_the_street_office_it_names(city):
    streets = facts.streets()
    found = locate(
        city["src_lon"],
        city["src_lat"],
        approximate_areas(streets, facts.outline(), SHENZHEN.grid),
        reach_m=0.0,
        grid=SHENZHEN.grid,
    )
    assert (streets["street"].to_numpy()[found] == city["street"]).all()
    assert (streets["district"].to_numpy()[found] == city["district"]).all()


def test_places_stand_in_real_districts_and_mostly_in_the_one_they_name(city, real_data):
    real = gpd.read_file(real_data / "boundaries" / "shenzhen_districts.geojson")
    points = gpd.GeoDataFrame(
        city[["district"]],
        geometry=gpd.points_from_xy(city["src_lon"], city["src_lat"]),
        crs=city.crs,
    )
    met = points.sjoin(real[["qh", "geometry"]], how="left")
    aliases = facts.districts().set_index("name")["alias"]
    assert met["qh"].notna().mean() >= 0.995
    assert (met["qh"] == met["district"].map(aliases)).mean() >= 0.85


def test_every_street_office_has_a_station(city):
    assert set(_of(city, Kind.WARM_BEE_STATION)["street"]) == set(facts.streets()["street"])


def test_places_are_eight_metres_apart_or_share_a_building(city):
    points = city[city["kind"] != Kind.WARM_BEE_STREET.value]
    shapes = shapely.points(_xy_m(points))
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=8.0)
    apart = left < right
    assert (shapely.distance(shapes[left[apart]], shapes[right[apart]]) == 0.0).all()
    shared = np.unique(np.concatenate([left[apart], right[apart]]))
    assert 0 < len(shared) / len(points) < 0.015
    assert set(points.iloc[shared]["kind"]) == {Kind.FRIENDLY_MERCHANT.value}


def test_places_gather_as_shops_do_and_are_not_strewn_evenly(city):
    """Clark–Evans ratio: mean nearest distance over that of a random pattern of the same density.

    1 is random.
    """
    points = city[city["kind"] != Kind.WARM_BEE_STREET.value]
    shapes = shapely.points(_xy_m(points))
    (_, _), nearest_m = shapely.STRtree(shapes).query_nearest(
        shapes, exclusive=True, all_matches=False, return_distance=True
    )
    expected_m = 0.5 / np.sqrt(len(points) / to_metric(facts.outline(), SHENZHEN.grid).area)
    assert nearest_m.mean() / expected_m < 0.5


def test_populous_districts_have_more_places(city):
    weights = facts.districts().set_index("name")["weight_2020_census_10k"]
    assert city["district"].value_counts().corr(weights) > 0.95


def test_driver_homes_stand_where_lorries_wait_and_mostly_have_room_for_them(city):
    homes = _of(city, Kind.DRIVER_HOME)
    assert homes["street"].isin(FREIGHT.keys()).mean() > 0.7
    assert homes["services"].map(lambda said: "truck_parking" in said).mean() > 0.7
    assert homes["zones"].map(bool).mean() > 0.7


def test_only_driver_homes_have_zones(city):
    assert not city.loc[city["kind"] != Kind.DRIVER_HOME.value, "zones"].map(bool).any()


def test_streets_are_lines_of_200_to_900_m_with_3_to_12_vertices_and_all_else_is_points(city):
    lines = _of(city, Kind.WARM_BEE_STREET).geometry
    length_m = shapely.length(to_metric(lines.to_numpy(), SHENZHEN.grid))
    assert (lines.geom_type == "LineString").all()
    assert ((length_m >= 200.0) & (length_m <= 900.0)).all()
    assert lines.count_coordinates().between(3, 12).all()
    assert (city.loc[city["kind"] != Kind.WARM_BEE_STREET.value].geom_type == "Point").all()


def test_merchants_of_a_street_stand_within_80_m_of_it(city):
    merchants = city[city["parent_street_id"].notna()]
    lines = _of(city, Kind.WARM_BEE_STREET).set_index("id").geometry
    parents = to_metric(lines.loc[merchants["parent_street_id"]].to_numpy(), SHENZHEN.grid)
    assert set(merchants["kind"]) == {Kind.FRIENDLY_MERCHANT.value}
    assert set(merchants["parent_street_id"]) == set(lines.index)
    assert (
        shapely.distance(to_metric(merchants.geometry.to_numpy(), SHENZHEN.grid), parents).max()
        < 80.0
    )


def test_who_has_hot_water_has_drinking_water(city):
    assert all("drinking_water" in said for said in city["services"] if "hot_water" in said)


def test_there_is_hot_water_within_a_kilometre_of_baishizhou(city):
    village = facts.landmarks().set_index("name").loc["白石洲", "geometry"]
    hot = city[city["services"].map(lambda said: "hot_water" in said)]
    assert np.hypot(*(_xy_m(hot) - metric(village.x, village.y, SHENZHEN.grid)).T).min() < 1000.0


def test_a_station_offers_a_seat_far_oftener_than_a_shower(city):
    stations = _of(city, Kind.WARM_BEE_STATION)["services"]
    assert stations.map(lambda said: "seat" in said).mean() > 0.9
    assert 0 < stations.map(lambda said: "shower" in said).mean() < 0.1


def test_every_opening_hours_is_understood_by_the_evaluator_library(city):
    known = city["opening_hours"].dropna().unique()
    assert len([OpeningHours(hours) for hours in known]) > 10


def test_shares_of_always_overnight_and_unknown_hours_are_as_stated(city):
    hours = city["opening_hours"]
    assert (hours == "24/7").mean() == pytest.approx(0.065, abs=0.01)
    assert hours.isin([osm for osm, _ in OVERNIGHT]).mean() == pytest.approx(0.05, abs=0.01)
    assert hours.isna().mean() == pytest.approx(0.08, abs=0.01)


def test_there_are_60_to_300_different_opening_hours(city):
    assert 60 <= city["opening_hours"].nunique() <= 300


def test_the_same_syntax_is_always_said_in_the_same_words(city):
    said = city.dropna(subset=["opening_hours"]).groupby("opening_hours")["opening_hours_text"]
    assert (said.nunique() == 1).all()
    assert said.first()["24/7"] == "24小时"


@pytest.mark.parametrize(
    ("osm", "text"),
    [
        ("Mo-Su 08:00-22:00", "每日8:00-22:00"),
        ('Mo-Fr 09:00-18:00 open "工作日"; PH off', "工作日9:00-18:00，节假日休息"),
        ("Mo-Sa 07:30-21:00; PH unknown", "周一至周六7:30-21:00"),
        (
            'Mo-Fr 08:30-12:00,13:30-17:30 open "工作日"; Sa 09:00-12:00; PH off',
            "工作日8:30-12:00、13:30-17:30，周六9:00-12:00，节假日休息",
        ),
        (
            'Mo-Fr 09:00-21:00 open "工作日"; Sa-Su,PH 09:00-18:00',
            "工作日9:00-21:00，周末及节假日9:00-18:00",
        ),
        ("Mo-Su 17:00-02:00", "每日17:00-次日2:00"),
    ],
)
def test_hours_are_written_as_a_door_notice_would(osm, text):
    assert (osm, text) in [*OVERNIGHT, *(pair for week in WeekShape for pair in HOURS[week])]


def test_every_expression_says_what_holds_on_holidays():
    expressions = [osm for week in WeekShape for osm, _ in HOURS[week]]
    assert [silence_stated(osm) for osm in expressions] == expressions


def test_unknown_hours_sometimes_come_with_a_text_that_says_so(city):
    texts = city.loc[city["opening_hours"].isna(), "opening_hours_text"]
    assert texts.isna().any()
    assert "以站点为准" in set(texts.dropna())


def test_places_were_checked_in_the_year_before_november_2026_or_nobody_knows_when(city):
    checked = city["verified_at"].dropna()
    assert checked.dt.date.between(date(2025, 11, 1), date(2026, 10, 31)).all()
    assert (city["verified_at"].isna() == city["verified_by"].isna()).all()
    assert city["verified_at"].isna().any()


def test_provenance_counts_rows_as_a_spreadsheet_does(city):
    assert city["src_row"].tolist() == list(range(2, len(city) + 2))
    assert set(city["src_file"]) == {"demo"}
    assert set(city["src_datum"]) == {"wgs84"}


def test_the_roles_of_a_kind_share_it_out_and_all_kinds_have_roles():
    for kind in PROGRAMME_KINDS:
        assert sum(role.share for role in ROLES if role.kind is kind) == pytest.approx(1.0)


def test_every_freight_street_is_a_street_office():
    assert set(FREIGHT) <= set(facts.streets()["street"])


def test_twenty_thousand_merchants_find_room_inside_the_outline():
    places = demo_city(3, {**SMALL, Kind.FRIENDLY_MERCHANT: 20_000})
    assert len(places) == 20_027
    assert places.within(facts.outline()).all()
