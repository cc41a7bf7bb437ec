"""The places of a kind in the order of their ids, against a plain walk over the table."""

from datetime import date

import pytest
import shapely

from geodata.errors import NoSuchPlace
from geodata.search.filter import Filter
from geodata.search.listing import DayRange, Selection, listing
from geodata.space.boxes import Box
from geodata.vocabulary import Kind, Service
from tests import makers

CITY = makers.random_city(400, lines=40, seed=5)
CITY["district"] = [["南山区", "福田区", None][i % 3] for i in range(len(CITY))]
CHECKED = {
    place: "" if i % 4 == 0 else f"2026-{i % 12 + 1:02d}-10" for i, place in enumerate(CITY["id"])
}
CITY["verified_at"] = [day or None for day in CHECKED.values()]
SNAPSHOT = makers.snapshot(CITY)


def ids(kind: Kind, wanted: Selection) -> list[str]:
    found = listing(SNAPSHOT, kind)
    return [SNAPSHOT.id_of(found.row(int(at))) for at in found.positions(wanted)]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_kind_lists_its_ids_in_order(kind: Kind) -> None:
    assert ids(kind, Selection()) == sorted(CITY[CITY["kind"] == kind]["id"])


@pytest.mark.parametrize(
    ("wanted", "takes"),
    [
        (Selection(district="南山区"), lambda place: place.district == "南山区"),
        (Selection(district="罗湖区"), lambda place: False),
        (Selection(Filter(services=(Service.SEAT,))), lambda place: "seat" in place.services),
        (
            Selection(checked=DayRange(date(2026, 5, 10), None)),
            lambda place: CHECKED[place.id] >= "2026-05-10",
        ),
        (
            Selection(checked=DayRange(None, date(2026, 5, 10))),
            lambda place: "" < CHECKED[place.id] <= "2026-05-10",
        ),
        (
            Selection(box=Box(113.9, 22.5, 114.1, 22.6)),
            lambda place: shapely.intersects(shapely.box(113.9, 22.5, 114.1, 22.6), place.geometry),
        ),
        (
            Selection(box=Box(114.1, 22.5, 113.9, 22.6)),
            lambda place: shapely.intersects(
                shapely.union(
                    shapely.box(114.1, 22.5, 180, 22.6), shapely.box(-180, 22.5, 113.9, 22.6)
                ),
                place.geometry,
            ),
        ),
    ],
    ids=["district", "nowhere", "service", "since", "until", "box", "across"],
)
def test_a_selection_takes_what_a_walk_over_the_table_takes(wanted: Selection, takes) -> None:
    for kind in Kind:
        rows = CITY[CITY["kind"] == kind].itertuples()
        assert ids(kind, wanted) == sorted(place.id for place in rows if takes(place))


def test_a_position_is_found_by_id_and_only_in_its_kind() -> None:
    found = listing(SNAPSHOT, Kind.DRIVER_HOME)
    third = int(found.positions(Selection())[3])
    name = SNAPSHOT.id_of(found.row(third))
    assert found.position(name) == third
    assert found.after(name) == third + 1
    assert listing(SNAPSHOT, Kind.WARM_BEE_STREET).position(name) is None
    with pytest.raises(NoSuchPlace):
        found.position("nobody")


def test_an_empty_kind_has_no_bounds_and_no_days() -> None:
    raw = makers.three_places()
    empty = listing(makers.snapshot(raw), Kind.DRIVER_HOME)
    assert len(empty) == 0
    assert len(empty.positions(Selection())) == 0
    assert empty.bounds() is None
    assert empty.days() == DayRange(None, None)
