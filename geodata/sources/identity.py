"""Which place is which: ids that stay true from one import to the next, and places that stand
twice. Decides no merge.

An id is printed on a plate at a door. A row with an id keeps it; one without takes that of the
published place of the same name nearby, and a new place gets an id made of its name and position,
so that the same table gives the same ids.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.errors import Reject
from geodata.places.areas import to_metric
from geodata.sources.repairs import Repair, name_key, same_phone
from geodata.sources.table import Note, NoteKind
from geodata.vocabulary import Kind

#: A place of the same name this near is the same place: a mended coordinate, not a move down the
#: road.
SAME_PLACE_M: Final = 300.0
#: Two rows of one name this near are one place told twice; 驿站 of one name in two buildings lie
#: further apart.
TWICE_M: Final = 100.0
SAME_POINT_M: Final = 1.0
_PREFIX: Final = {
    Kind.WARM_BEE_STATION: "st",
    Kind.DRIVER_HOME: "dh",
    Kind.WARM_BEE_STREET: "ws",
    Kind.FRIENDLY_MERCHANT: "fm",
}


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import does to the version that is published, by id."""

    added: tuple[str, ...]
    kept: tuple[str, ...]
    moved: tuple[tuple[str, float], ...]
    """Kept places whose point moved by a metre or more, and how far."""
    gone: tuple[str, ...]


def assign(
    places: gpd.GeoDataFrame, published: gpd.GeoDataFrame | None
) -> tuple[gpd.GeoDataFrame, list[Repair]]:
    """Give every place without id (text "") one; told as repairs."""
    bare = np.flatnonzero((places["id"] == "").to_numpy(bool))
    if not len(bare):
        return places, []
    ids = places["id"].tolist()
    taken = {each for each in ids if each}
    known = _published_by_name(published)
    told: list[Repair] = []
    xy_m = _xy_m(places)
    for row in bare:
        found = _same_place(known.get(name_key(places["name"].iloc[row]), ()), xy_m[row], taken)
        ids[row] = found or _new_id(places, int(row), taken)
        taken.add(ids[row])
        how = (
            "the id of the published place of this name"
            if found
            else "a new id of name and position"
        )
        told.append(
            Repair(
                int(places["src_row"].iloc[row]), "id", "", ids[row], how, _source(places, int(row))
            )
        )
    return places.assign(id=ids), told


_Known = dict[str, list[tuple[str, NDArray[np.float64]]]]


def _published_by_name(published: gpd.GeoDataFrame | None) -> _Known:
    known: _Known = {}
    if published is not None:
        for place_id, name, xy_m in zip(
            published["id"], published["name"], _xy_m(published), strict=True
        ):
            known.setdefault(name_key(name), []).append((place_id, xy_m))
    return known


def _same_place(
    candidates: Sequence[tuple[str, NDArray[np.float64]]],
    xy_m: NDArray[np.float64],
    taken: set[str],
) -> str | None:
    """The nearest within reach that no row has yet."""
    free = [
        (float(np.hypot(*(at - xy_m))), place_id)
        for place_id, at in candidates
        if place_id not in taken
    ]
    distance_m, place_id = min(free, default=(np.inf, ""))
    return place_id if distance_m <= SAME_PLACE_M else None


def _new_id(places: gpd.GeoDataFrame, row: int, taken: set[str]) -> str:
    place = places.iloc[row]
    said = f"{name_key(place['name'])} {place.geometry.x:.5f} {place.geometry.y:.5f}"
    prefix = _PREFIX.get(place["kind"], "pl")
    for again in range(len(places) + 1):
        digest = hashlib.sha256(f"{said} {again}".encode()).hexdigest()
        made = f"{prefix}-{digest[:10]}"
        if made not in taken:
            return made
    raise AssertionError("more ids than rows are taken")


def twice(places: gpd.GeoDataFrame) -> dict[int, Reject]:
    """Position -> refusal of each place that stands in an earlier row: the same name within
    TWICE_M.
    """
    xy_m = _xy_m(places)
    seen: dict[str, list[int]] = {}
    found: dict[int, Reject] = {}
    for row, name in enumerate(places["name"]):
        earlier = seen.setdefault(name_key(name), [])
        for other in earlier:
            distance_m = float(np.hypot(*(xy_m[row] - xy_m[other])))
            if distance_m <= TWICE_M:
                reason = (
                    f"the same name stands {distance_m:.0f} m away in row {_row(places, other)};"
                    " delete one"
                )
                found[row] = Reject(_row(places, row), "name", name, reason, _source(places, row))
                break
        else:
            earlier.append(row)
    return found


def alike(places: gpd.GeoDataFrame) -> list[Note]:
    """Places that share their point or a telephone number with one in an earlier row: perhaps one
    place.
    """
    notes: list[Note] = []
    points: dict[tuple[int, int], int] = {}
    numbers: dict[str, int] = {}
    for row, (key, phones) in enumerate(zip(_cells(places), places["phones"], strict=True)):
        if (other := points.setdefault(key, row)) != row:
            notes.append(
                _note(
                    NoteKind.SAME_POINT,
                    places,
                    row,
                    "lon, lat",
                    places["name"].iloc[row],
                    "the same point as row {}",
                    other,
                )
            )
        shared = ((number, numbers.setdefault(number, row)) for number in same_phone(phones))
        about = "the same telephone as row {}"
        notes += [
            _note(NoteKind.SAME_TELEPHONE, places, row, "phone", number, about, other)
            for number, other in shared
            if other != row
        ]
    return notes


def changes(places: gpd.GeoDataFrame, published: gpd.GeoDataFrame | None) -> Changes:
    """What would be added, kept, moved and gone if the places were published."""
    if published is None:
        return Changes(tuple(sorted(places["id"])), (), (), ())
    before = dict(zip(published["id"], _xy_m(published), strict=True))
    after = dict(zip(places["id"], _xy_m(places), strict=True))
    kept = sorted(before.keys() & after.keys())
    steps = [(each, float(np.hypot(*(after[each] - before[each])))) for each in kept]
    moved = tuple((each, round(step_m, 1)) for each, step_m in steps if step_m >= SAME_POINT_M)
    return Changes(
        tuple(sorted(after.keys() - before.keys())),
        tuple(kept),
        moved,
        tuple(sorted(before.keys() - after.keys())),
    )


def _cells(places: gpd.GeoDataFrame) -> list[tuple[int, int]]:
    """The square metre that each point lies in."""
    return [(int(x), int(y)) for x, y in np.floor(_xy_m(places) / SAME_POINT_M)]


def _xy_m(places: gpd.GeoDataFrame) -> NDArray[np.float64]:
    shapes = to_metric(places.geometry.to_numpy())
    return shapely.get_coordinates(shapely.centroid(shapes)).reshape(-1, 2)


def _row(places: gpd.GeoDataFrame, position: int) -> int:
    return int(places["src_row"].iloc[position])


def _source(places: gpd.GeoDataFrame, position: int) -> str:
    file, sheet = places["src_file"].iloc[position], places["src_sheet"].iloc[position]
    return f"{file} / {sheet}" if isinstance(sheet, str) and sheet else str(file)


def _note(
    kind: NoteKind,
    places: gpd.GeoDataFrame,
    row: int,
    column: str,
    value: str,
    about: str,
    other: int,
) -> Note:
    said = about.format(_row(places, other))
    return Note(kind, _row(places, row), column, value, said, _source(places, row))
