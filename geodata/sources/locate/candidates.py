"""Candidates: a point with the radius within which a place lies, and how shapes become one."""

import math
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry

from geodata.sources.locate.book import NamedThing, letters
from geodata.sources.locate.plane import Plane, apart_m, farthest_m


class Rung(StrEnum):
    """How finely an address was found, the finest first."""

    PLACE = "place"
    HOUSE_NUMBER = "house_number"
    JUNCTION = "junction"
    LANDMARK = "landmark"
    """Beside, opposite or so far from something that is known."""
    ROAD = "road"
    COMMUNITY = "community"
    STREET_OFFICE = "street_office"
    NOT_FOUND = "not_found"


#: The least radius of each rung: nothing is known better than that.
LEAST_M: Final = {
    Rung.PLACE: 50.0,
    Rung.HOUSE_NUMBER: 100.0,
    Rung.JUNCTION: 50.0,
    Rung.LANDMARK: 150.0,
    Rung.ROAD: 150.0,
    Rung.COMMUNITY: 500.0,
    Rung.STREET_OFFICE: 500.0,
}
#: Carriageways of one junction lie so near each other; its corners so far from their crossing.
_JUNCTION_M: Final = 200.0
CORNER_M: Final = 40.0
#: Roads that end so near each other meet.
_MEETING_M: Final = 40.0
#: Lines of one name further apart are different things.
SAME_M: Final = 400.0


class Candidate(NamedTuple):
    """A candidate: a point in WGS-84 and its radius."""

    rung: Rung
    name: str
    point: shapely.Point
    radius_m: float


def spot_of(
    rung: Rung, name: str, shape: BaseGeometry, reach_m: float, least_m: float
) -> Candidate:
    """A point in the middle of a shape, and how far the shape and what it stands for reach."""
    plane = Plane.at(shape)
    flat = plane.to_metres(shape)
    middle = shapely.minimum_bounding_circle(flat).centroid if flat.length else flat.centroid
    radius_m = farthest_m(middle, flat) + reach_m
    return Candidate(rung, name, plane.to_degrees(middle), max(least_m, radius_m))


def together(groups: Sequence[NamedThing]) -> list[NamedThing]:
    """Things of one name that lie beside each other are one: a village and its station."""
    merged: list[NamedThing] = []
    for group in groups:
        near = next(
            (at for at, each in enumerate(merged) if apart_m(each.shape, group.shape) <= SAME_M),
            None,
        )
        if near is None:
            merged.append(group)
        else:
            first = merged[near]
            merged[near] = replace(
                first,
                entries=(*first.entries, *group.entries),
                shape=shapely.union_all([first.shape, group.shape]),
                reach_m=max(first.reach_m, group.reach_m),
            )
    return merged


def crossings(one: NamedThing, other: NamedThing) -> list[Candidate]:
    """The junctions of two roads, each once however many carriageways they have."""
    plane = Plane.at(one.shape)
    a, b = plane.to_metres(one.shape), plane.to_metres(other.shape)
    meeting = shapely.intersection(a, b)
    if meeting.is_empty:
        line = shapely.shortest_line(a, b)
        if line.length > _MEETING_M:
            return []
        meeting = line
    spread = shapely.get_parts(meeting.buffer(_JUNCTION_M / 2, quad_segs=4))
    parts = [meeting.intersection(part) for part in spread]
    name = f"{one.name} / {other.name}"
    return [
        spot_of(Rung.JUNCTION, name, plane.to_degrees(part), CORNER_M, LEAST_M[Rung.JUNCTION])
        for part in parts
    ]


def parts_apart_m(shapes: Sequence[BaseGeometry]) -> float:
    """Metres between the farthest two of some shapes."""
    first, *rest = shapes
    return max((apart_m(one, other) for one in (first, *rest) for other in rest), default=0.0)


def are_scattered(shapes: Sequence[BaseGeometry]) -> bool:
    """Whether shapes are more than one cluster."""
    if not shapes:
        return False
    plane = Plane.at(shapely.GeometryCollection(list(shapes)))
    flat = shapely.union_all([plane.to_metres(each).buffer(SAME_M / 2) for each in shapes])
    return len(shapely.get_parts(flat)) > 1


def runs_on(
    plane: Plane,
    low: shapely.Point,
    high: shapely.Point,
    known: Sequence[tuple[int, BaseGeometry]],
    value: int,
) -> bool:
    """Whether numbers near by lie on the side of the gap on which their value is."""
    east, north = high.x - low.x, high.y - low.y
    length = math.hypot(east, north) or 1.0
    for number, shape in known:
        point = plane.to_metres(shape).centroid
        along = ((point.x - low.x) * east + (point.y - low.y) * north) / length
        if (along <= length / 2) != (number < value):
            return False
    return True


def turned(point: shapely.Point, bearing: float) -> float:
    """Degrees between the way to a point from the origin and a bearing."""
    towards = math.degrees(math.atan2(point.x, point.y))
    return abs((towards - bearing + 180.0) % 360.0 - 180.0)


def number_letters(text: str) -> str:
    """A house number as it is compared: 16号院 and 16号 are 16, 1 B is 1b."""
    plain = letters(text.partition(",")[0].partition(";")[0])[0]
    for sign in ("号院", "号楼", "大院", "号", "院"):
        plain = plain.removesuffix(sign)
    return plain.replace("之", "-").replace("附", "-").replace("号", "")


def value_of(key: str) -> int | None:
    """What a compared number counts along its road."""
    digits = ""
    for letter in key.lstrip("甲乙丙丁戊"):
        if not letter.isdecimal():
            break
        digits += letter
    return int(digits) if digits else None
