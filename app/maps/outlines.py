"""What a map without tiles draws: outlines, borders, landmarks.

Reads a version's blobs with no geometry library.

The outlines are as approximate as the dataset says they are; coordinates are WGS-84 degrees, lon
before lat.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, NamedTuple

import msgspec

#: 5 decimals of a degree are 1.1 m, finer than a screen shows and than the outlines are true.
_DECIMALS: Final = 5
#: Sorts of landmarks that are searched and not drawn: a city has thousands of them.
_SEARCHED_ONLY: Final = frozenset({"road", "bridge", "junction"})

Ring = tuple[tuple[float, float], ...]
Edge = tuple[tuple[float, float], tuple[float, float]]


class NamedPoint(NamedTuple):
    """A name at a point; `district` and `code` of a street office, `kind` of a landmark, else
    empty.
    """

    name: str
    name_en: str
    lon: float
    lat: float
    kind: str = ""
    code: str = ""
    district: str = ""


@dataclass(frozen=True, slots=True)
class CityOutlines:
    """The areas and landmarks of one version, in the order they were published."""

    offices: tuple[NamedPoint, ...]
    """Street offices, at the middle of their largest outline."""
    outlines: tuple[tuple[Ring, ...], ...]
    """Of each street office its rings."""
    rings: tuple[Ring, ...]
    """All of them."""
    borders: tuple[Edge, ...]
    """Edges between two districts, or at the city's edge."""
    districts: tuple[NamedPoint, ...]
    landmarks: tuple[NamedPoint, ...]


class _Area(msgspec.Struct):
    geometry: dict[str, Any]
    properties: dict[str, Any]


class _Areas(msgspec.Struct):
    features: list[_Area] = []


def read(drawn: bytes, landmarks: bytes) -> CityOutlines:
    """The ground of a version from its drawn.geojson and landmarks.json; either may be empty."""
    features = msgspec.json.decode(drawn, type=_Areas).features if drawn else []
    outlines = [(feature.properties, _rings(feature.geometry)) for feature in features]
    offices = [(_office(words, rings), rings) for words, rings in outlines if rings]
    return CityOutlines(
        offices=tuple(office for office, _ in offices),
        outlines=tuple(tuple(rings) for _, rings in offices),
        rings=tuple(ring for _, rings in offices for ring in rings),
        borders=tuple(_borders(offices)),
        districts=tuple(_districts(offices, outlines)),
        landmarks=tuple(_landmark(spot) for spot in msgspec.json.decode(landmarks or b"[]")),
    )


def _rings(geometry: Mapping[str, Any]) -> list[Ring]:
    parts = (
        geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    )
    return [
        tuple((round(x, _DECIMALS), round(y, _DECIMALS)) for x, y, *_ in ring)
        for part in parts
        for ring in part
    ]


def _office(words: Mapping[str, Any], rings: Sequence[Ring]) -> NamedPoint:
    lon, lat = middle(max(rings, key=lambda ring: abs(_moments(ring)[0])))
    return NamedPoint(
        words.get("street") or "",
        words.get("name_en") or "",
        lon,
        lat,
        code=words.get("code") or "",
        district=words.get("district") or "",
    )


def _landmark(spot: Mapping[str, Any]) -> NamedPoint:
    return NamedPoint(
        spot["name"],
        spot.get("name_en") or "",
        spot["lon"],
        spot["lat"],
        kind=spot.get("kind") or "",
    )


def middle(ring: Ring) -> tuple[float, float]:
    """The centroid of a ring by the shoelace formula (Bourke 1988), rounded.

    Of a flat one its first vertex.
    """
    area, x, y = _moments(ring)
    if not area:
        return ring[0]
    lon, lat = ring[0]
    return round(lon + x / (3 * area), _DECIMALS), round(lat + y / (3 * area), _DECIMALS)


def _moments(ring: Ring) -> tuple[float, float, float]:
    """Twice the signed area, and its first moments about the first vertex, where degrees are small
    numbers.
    """
    lon, lat = ring[0]
    area = moment_x = moment_y = 0.0
    for (x0, y0), (x1, y1) in pairwise((x - lon, y - lat) for x, y in ring):
        cross = x0 * y1 - x1 * y0
        area += cross
        moment_x += (x0 + x1) * cross
        moment_y += (y0 + y1) * cross
    return area, moment_x, moment_y


def _borders(offices: Iterable[tuple[NamedPoint, Sequence[Ring]]]) -> Iterable[Edge]:
    """An edge inside a district is in two of its outlines, so once in the sum of each.

    A border is not.
    """
    sides: Counter[tuple[str, Edge]] = Counter()
    for office, rings in offices:
        for ring in rings:
            sides.update((office.district, _edge(*ends)) for ends in pairwise(ring))
    return sorted({edge for (_, edge), times in sides.items() if times == 1})


def _edge(a: tuple[float, float], b: tuple[float, float]) -> Edge:
    return (a, b) if a <= b else (b, a)


def _districts(
    offices: Sequence[tuple[NamedPoint, Sequence[Ring]]],
    outlines: Sequence[tuple[Mapping[str, Any], Any]],
) -> Iterable[NamedPoint]:
    """Each district at the mean of its offices, weighted by area.

    Its English name where the areas carry one.
    """
    english = {words.get("district"): words.get("district_en") or "" for words, _ in outlines}
    weighed = [(office, sum(abs(_moments(ring)[0]) for ring in rings)) for office, rings in offices]
    for district in dict.fromkeys(office.district for office, _ in offices):
        own = [(office, weight) for office, weight in weighed if office.district == district]
        total = sum(weight for _, weight in own) or 1.0
        lon = sum(office.lon * weight for office, weight in own) / total
        lat = sum(office.lat * weight for office, weight in own) / total
        yield NamedPoint(district, english[district], round(lon, _DECIMALS), round(lat, _DECIMALS))


def outlines_json(ground: CityOutlines, lanes: Iterable[Sequence[Any]] = ()) -> bytes:
    """What the map draws: rings, borders, names with their points, and lanes [name, English name,
    course].
    """
    return msgspec.json.encode(
        {
            "rings": ground.rings,
            "borders": ground.borders,
            "districts": [_named(spot) for spot in ground.districts],
            "offices": [(*_named(spot), spot.district) for spot in ground.offices],
            "landmarks": [
                (*_named(spot), spot.kind)
                for spot in ground.landmarks
                if spot.kind not in _SEARCHED_ONLY
            ],
            "lanes": list(lanes),
        }
    )


def _named(spot: NamedPoint) -> tuple[str, str, float, float]:
    return spot.name, spot.name_en, spot.lon, spot.lat


def roads_json(courses: Iterable[Sequence[Sequence[float]]]) -> bytes:
    """Main roads as lists of lon, lat."""
    return msgspec.json.encode([[_rounded(spot) for spot in course] for course in courses])


def _rounded(spot: Sequence[float]) -> list[float]:
    return [round(degrees, _DECIMALS) for degrees in spot]
