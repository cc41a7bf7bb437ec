"""Tiles hold every matching place once, where it is.

Clusters say how many are open and how many nobody knows of.
"""

import math
from functools import cache

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import BadQuestion
from geodata.hours.timeline import State
from geodata.index.tree import passes
from geodata.search.filter import Filter, Open, hours_asked, hours_ok, mask_of
from geodata.search.tiles import LAST_ZOOM, MOST_ENTRIES, MOST_ZOOM, SINGLE_ZOOM, tile
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import WGS84
from geodata.vocabulary import Kind, Need
from tests import makers

WANTED = st.builds(
    Filter,
    kinds=st.sampled_from([(), (Kind.DRIVER_HOME,)]),
    needs=st.sampled_from([(), (Need.WATER,), (Need.REST, Need.RECHARGE)]),
    open=st.sampled_from([Open.ANY, Open.NOW, Open.ALWAYS]),
    include_unknown=st.booleans(),
)


@cache
def city() -> Snapshot:
    return makers.snapshot(makers.random_city(2_000, 20))


def world(lon: float, lat: float) -> tuple[float, float]:
    """Where a point lies on the square of EPSG:3857: 0 … 1 from the west and from the north."""
    phi = math.radians(lat)
    return (lon + 180) / 360, (1 - math.log(math.tan(phi) + 1 / math.cos(phi)) / math.pi) / 2


def matching(snapshot: Snapshot, wanted: Filter) -> list[int]:
    minute_hours = snapshot.hours_by_minute.at(makers.NIGHT)
    mask, ok = mask_of(wanted, hours_asked(wanted, minute_hours)), hours_ok(wanted, minute_hours)
    return [
        row
        for row in range(len(snapshot))
        if (mask is None or passes(*snapshot.index.words[row].tolist(), tuple(mask)))
        and (ok is None or ok[snapshot.hours_row(row)])
    ]


@given(row=st.integers(0, 2_019), z=st.integers(0, MOST_ZOOM), wanted=WANTED)
@settings(max_examples=150)
def test_a_tile_holds_what_one_by_one_lies_in_it_and_passes(
    row: int, z: int, wanted: Filter
) -> None:
    snapshot = city()
    across, down = world(*snapshot.lonlat[row].tolist())
    x, y = int(across * 2**z), int(down * 2**z)
    found = tile(snapshot, z, x, y, wanted, snapshot.hours_by_minute.at(makers.NIGHT))
    cells: dict[tuple[int, int], list[int]] = {}
    for inside in matching(snapshot, wanted):
        column, line = (int(part * 2**z * 4) for part in world(*snapshot.lonlat[inside].tolist()))
        if (column // 4, line // 4) == (x, y):
            cells.setdefault((line, column), []).append(inside)
    rows = [inside for cell in cells.values() for inside in cell]
    assert len(found.rows) + sum(cluster.places for cluster in found.clusters) == len(rows)
    assert len(found.rows) + len(found.clusters) <= MOST_ENTRIES
    if not found.clusters:
        assert sorted(found.rows) == sorted(rows)
        return
    minute_hours = snapshot.hours_by_minute.at(makers.NIGHT)
    many = [cells[key] for key in sorted(cells) if len(cells[key]) > 1]
    assert sorted(found.rows) == sorted(cell[0] for cell in cells.values() if len(cell) == 1)
    assert len(found.clusters) == len(many)
    for cluster, cell in zip(found.clusters, many, strict=True):
        states = [minute_hours.state(snapshot.hours_row(inside)) for inside in cell]
        assert cluster.places == len(cell)
        assert cluster.open == sum(state in (State.OPEN, State.CLOSING_SOON) for state in states)
        assert cluster.unknown == states.count(State.UNKNOWN)
        assert np.allclose(
            (cluster.lon, cluster.lat), snapshot.lonlat[cell].mean(axis=0), rtol=0, atol=1e-9
        )


def crowd(places: int) -> Snapshot:
    """So many places within 40 m: one tile of the last zoom."""
    table = makers.random_city(places).assign(kind=str(Kind.DRIVER_HOME))
    table.geometry = shapely.points(np.linspace(114.0502, 114.05055, places), 22.5402)
    return makers.snapshot(table.set_crs(WGS84, allow_override=True))


@pytest.mark.parametrize(
    ("z", "places", "alone"), [(SINGLE_ZOOM, 24, True), (SINGLE_ZOOM, 25, False)]
)
def test_few_stand_alone_where_a_phone_can_draw_them(z: int, places: int, alone: bool) -> None:
    snapshot = crowd(places)
    across, down = world(114.0503, 22.5402)
    found = tile(
        snapshot,
        z,
        int(across * 2**z),
        int(down * 2**z),
        Filter(),
        snapshot.hours_by_minute.at(makers.NIGHT),
    )
    assert (len(found.rows) == places) is alone
    assert (found.clusters == ()) is alone


def test_at_a_phones_last_zoom_no_cluster_hides_a_place() -> None:
    snapshot = crowd(120)
    total = 0
    for lon in (114.0502, 114.0503, 114.0504, 114.0505):
        across, down = world(lon, 22.5402)
        at = int(across * 2**LAST_ZOOM), int(down * 2**LAST_ZOOM)
        found = tile(snapshot, LAST_ZOOM, *at, Filter(), snapshot.hours_by_minute.at(makers.NIGHT))
        assert found.clusters == ()
        total = max(total, len(found.rows))
    assert total > 24


@pytest.mark.parametrize("at", [(-1, 0, 0), (21, 0, 0), (3, 8, 0), (3, 0, 8), (3, -1, 0)])
def test_a_tile_off_the_map_is_refused(at: tuple[int, int, int]) -> None:
    with pytest.raises(BadQuestion, match="There is no tile"):
        tile(city(), *at, Filter(), city().hours_by_minute.at(makers.NIGHT))
