"""A dataset may span a country: from Hainan to Heilongjiang every answer equals brute force."""

from dataclasses import replace

import geopandas as gpd
import msgspec
import numpy as np
import pytest
import shapely

from geodata.city import own_grid
from geodata.pipeline import area_outlines
from geodata.pipeline.freeze import freeze
from geodata.places.table import validate
from geodata.search.cells import decode, encode, for_cell
from geodata.search.filter import Filter
from geodata.search.lengths import lengths
from geodata.search.lookup import Wanted, find
from geodata.search.nearest import Question, nearest
from geodata.search.tiles import tile
from geodata.snapshot.snapshot import Snapshot
from geodata.sources.demo.city import SHENZHEN
from geodata.space.coordinates import ecef, geodesic_m
from geodata.space.tangent import MAX_REACH_M, arcs_m
from geodata.vocabulary import Kind
from tests import makers

#: Degrees: west, south, east, north.
COUNTRY = (98.0, 18.5, 131.0, 49.5)
PLACES = 3_000
CENTRES = 60
#: Public places too that are listed only when they are asked for.
EVERY_KIND = Filter(kinds=tuple(Kind))


def spread(rng: np.random.Generator, count: int) -> np.ndarray:
    """Towns all over the country, and one place in ten anywhere."""
    low, high = np.array(COUNTRY[:2]), np.array(COUNTRY[2:])
    centres = np.random.default_rng(1).uniform(low + 0.5, high - 0.5, (CENTRES, 2))
    near = centres[rng.integers(0, CENTRES, count)] + rng.normal(0, 0.03, (count, 2))
    anywhere = rng.uniform(low, high, (count, 2))
    return np.where(rng.random((count, 1)) < 0.1, anywhere, near).round(6)


@pytest.fixture(scope="module")
def country() -> Snapshot:
    return published(spread(np.random.default_rng(14), PLACES))


def published(lonlat: np.ndarray) -> Snapshot:
    """As many places at these points, in one country."""
    raw = makers.random_city(len(lonlat), seed=14)
    table, rejects = validate(raw.set_geometry(gpd.points_from_xy(*lonlat.T), crs=4326))
    assert not rejects
    about = makers.about(city=msgspec.structs.replace(SHENZHEN, grid=own_grid(*COUNTRY)))
    return freeze(table, about, makers.calendar(), shapely.box(*COUNTRY)).snapshot()


def brute(country: Snapshot, lon: float, lat: float, question: Question) -> list[str]:
    metres = geodesic_m(country.lonlat[:, 0], country.lonlat[:, 1], lon, lat)
    ids = country.ids_of(np.arange(len(country)))
    order = np.lexsort((ids, metres))
    within = order[metres[order] <= question.max_distance_m][: question.k]
    return [country.id_of(row) for row in within.tolist()]


def test_the_nearest_are_those_of_brute_force_in_every_corner(country: Snapshot) -> None:
    question = Question(0, 0, makers.DAY, k=20, max_distance_m=MAX_REACH_M, filter=EVERY_KIND)
    found = 0
    for lon, lat in spread(np.random.default_rng(15), 150).tolist():
        asked = replace(question, lon=lon, lat=lat)
        hits = nearest(country, asked).hits
        assert [country.id_of(hit.row) for hit in hits] == brute(country, lon, lat, asked)
        for hit in hits:
            true_m = float(geodesic_m(lon, lat, *country.lonlat[hit.row].tolist()))
            assert hit.distance_m == pytest.approx(true_m, abs=1e-3)
        found += len(hits)
    assert found > 1_500


def test_the_edges_of_utm_zones_are_no_edges() -> None:
    """Zones of six degrees meet at these meridians; each has a town across it."""
    rng = np.random.default_rng(18)
    towns = [(102.0, 25.0), (108.0, 34.2), (114.0, 22.6), (120.0, 30.3), (126.0, 45.8)]
    lonlat = (np.repeat(towns, 60, axis=0) + rng.normal(0, 0.03, (300, 2))).round(6)
    across = published(lonlat)
    question = Question(0, 0, makers.DAY, k=20, max_distance_m=MAX_REACH_M, filter=EVERY_KIND)
    for lon, lat in towns:
        asked = replace(question, lon=lon, lat=lat)
        hits = nearest(across, asked).hits
        assert [across.id_of(hit.row) for hit in hits] == brute(across, lon, lat, asked)
        assert len({bool(across.lonlat[hit.row][0] > lon) for hit in hits}) == 2


def test_the_farthest_pairs_are_measured_over_the_ellipsoid(country: Snapshot) -> None:
    farthest_m = 0.0
    for lon, lat in ((98.1, 18.6), (98.1, 49.4), (130.9, 18.6), (130.9, 49.4)):
        for row in range(0, len(country), 300):
            hit = find(country, Wanted(country.name_of(row), 1, (lon, lat))).hits[0]
            true_m = float(geodesic_m(lon, lat, *country.lonlat[hit.row].tolist()))
            assert hit.distance_m == pytest.approx(true_m, abs=1e-3)
            farthest_m = max(farthest_m, true_m)
    assert farthest_m > 2_500_000.0


def test_a_cell_holds_every_answer_of_its_points(country: Snapshot) -> None:
    rng = np.random.default_rng(16)
    question = Question(0, 0, makers.DAY, k=10, max_distance_m=20_000.0, filter=EVERY_KIND)
    table = lengths(country)
    for lon, lat in spread(rng, 40).tolist():
        cell = decode(encode(lon, lat, table.get(encode(lon, lat, 4), 6)))
        held = {country.id_of(row) for row in for_cell(country, cell, question).rows}
        for _ in range(6):
            x, y = rng.uniform([cell.west, cell.south], [cell.east, cell.north]).tolist()
            if country.outline.holds(x, y):
                assert {*brute(country, x, y, question)} <= held


def test_the_tiles_of_a_zoom_hold_every_place_once(country: Snapshot) -> None:
    hours = country.hours_by_minute.at(makers.DAY)
    for zoom in (0, 4, 6):
        side = range(1 << zoom)
        tiles = [tile(country, zoom, x, y, EVERY_KIND, hours) for x in side for y in side]
        alone = [row for each in tiles for row in each.rows]
        gathered = sum(cluster.places for each in tiles for cluster in each.clusters)
        assert len({*alone}) == len(alone)
        assert len(alone) + gathered == len(country)


def test_a_name_is_found_wherever_it_is_and_the_nearest_of_equal_ones_first(
    country: Snapshot,
) -> None:
    for row in range(0, len(country), 500):
        lon, lat = country.lonlat[row].tolist()
        found = find(country, Wanted(country.name_of(row), 5, (lon, lat)))
        assert country.id_of(found.hits[0].row) == country.id_of(row)


@pytest.mark.parametrize("k", [1, 7, 20])
def test_of_a_name_that_stands_all_over_the_country_the_nearest_come_first(
    country: Snapshot, k: int
) -> None:
    ids = country.ids_of(np.arange(len(country)))
    for lon, lat in spread(np.random.default_rng(19), 40).tolist():
        metres = geodesic_m(country.lonlat[:, 0], country.lonlat[:, 1], lon, lat)
        found = find(country, Wanted("地点", k, (lon, lat)))
        assert found.matched == len(country)
        order = np.lexsort((ids, metres))[:k]
        assert [hit.row for hit in found.hits] == order.tolist()
        told = [hit.distance_m for hit in found.hits]
        assert told == pytest.approx(metres[order].tolist(), abs=1e-3)


def test_a_geodesic_is_no_shorter_than_its_chord_and_no_longer_than_over_the_sharpest_bend() -> (
    None
):
    rng = np.random.default_rng(20)
    here, there = (
        np.stack([rng.uniform(-180, 180, 20_000), rng.uniform(-90, 90, 20_000)], axis=1)
        for _ in "12"
    )
    near = here + rng.normal(0.0, 1.0, here.shape) * 10.0 ** rng.uniform(-6, 1, (len(here), 1))
    near[:, 1] = near[:, 1].clip(-90, 90)
    for ends in (there, near):
        chords_m = np.linalg.norm(ecef(*here.T) - ecef(*ends.T), axis=1)
        least_m, most_m = arcs_m(chords_m)
        true_m = geodesic_m(*here.T, *ends.T)
        assert (least_m <= true_m).all()
        assert (true_m <= most_m).all()
    across_m = np.linalg.norm(ecef(0.0, 0.01) - ecef(0.0, -0.01), keepdims=True)
    least_m, most_m = arcs_m(across_m)
    assert most_m - least_m < 0.01


def test_a_city_of_which_only_places_are_known_may_be_a_country() -> None:
    lonlat = spread(np.random.default_rng(17), 500)
    stray = np.array([[-70.0, -30.0]])
    near = area_outlines.without_strays(np.concatenate([lonlat, stray]))
    assert len(near) == len(lonlat)
    found = area_outlines.around(SHENZHEN, near)
    area = area_outlines.service_area(found)
    assert shapely.contains_xy(area, *lonlat.T).all()
    assert not shapely.contains_xy(area, -70.0, -30.0)
    assert area.is_valid
