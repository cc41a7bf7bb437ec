"""A sweep finds the rows of a box that pass, and no others: against a walk over every row."""

from functools import cache

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.index.tree import passes
from geodata.search.filter import Filter, Open, hours_asked, hours_ok, mask_of
from geodata.search.scan import sweep
from geodata.snapshot.snapshot import Snapshot
from geodata.space.boxes import Box
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
#: Corners anywhere, so that some boxes are empty and some cross the antimeridian.
BOXES = st.none() | st.builds(
    Box,
    st.floats(makers.WEST, makers.EAST),
    st.floats(makers.SOUTH, makers.NORTH),
    st.floats(makers.WEST, makers.EAST),
    st.floats(makers.SOUTH, makers.NORTH),
)


@cache
def city() -> Snapshot:
    return makers.snapshot(makers.random_city(1_500, 20))


def inside(box: Box | None, lon: float, lat: float) -> bool:
    return box is None or any(
        part.west <= lon <= part.east and part.south <= lat <= part.north for part in box.parts()
    )


@given(
    box=BOXES, wanted=WANTED, first=st.integers(0, 1_520), last=st.none() | st.integers(0, 1_520)
)
@settings(max_examples=150)
def test_a_sweep_finds_what_a_walk_over_every_row_finds(
    box: Box | None, wanted: Filter, first: int, last: int | None
) -> None:
    snapshot = city()
    minute_hours = snapshot.hours_by_minute.at(makers.NIGHT)
    mask, ok = mask_of(wanted, hours_asked(wanted, minute_hours)), hours_ok(wanted, minute_hours)
    rows = range(first, len(snapshot) if last is None else last)
    walked = [
        row
        for row in rows
        if inside(box, *snapshot.lonlat[row].tolist())
        and (mask is None or passes(*snapshot.index.words[row].tolist(), tuple(mask)))
        and (ok is None or ok[snapshot.hours_row(row)])
    ]
    assert sweep(snapshot, box, mask, ok, first=first, last=last).tolist() == walked


def test_a_point_on_the_edge_is_in() -> None:
    raw = makers.three_places()
    raw.geometry = shapely.points([(114.0, 22.5), (114.1, 22.6), (114.2, 22.7)])
    snapshot = makers.snapshot(raw.set_crs(WGS84, allow_override=True))
    found = sweep(snapshot, Box(114.0, 22.5, 114.1, 22.6), None)
    assert np.sort(snapshot.lonlat[found, 0]).tolist() == [114.0, 114.1]
