"""GeoJSON as people write it: features into records and geometries. Judges no column.

Read by us and not by GDAL, which cuts what it does not expect: so every command reads the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.errors import BadValue, Said, UnreadableFile
from geodata.sources.repairs import degrees
from geodata.sources.wkb import MOST_LEVELS

Geometries = NDArray[np.object_]

_COORDINATES: Final = "coordinates"
_FEATURE: Final = "Feature"
_KINDS: Final = frozenset(
    [
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
    ]
)


@dataclass(frozen=True, slots=True)
class FeatureList:
    """The features of a file, each in its order."""

    records: tuple[dict[str, Any], ...]
    """Properties, and the feature's own id where they have none."""
    geometries: Geometries
    """Shape (n,); None where there is none, or none that can be read."""
    faults: Mapping[int, Said]
    """Position -> why a geometry cannot be read."""
    crs: str
    """The name in a `crs` member as GeoJSON had until 2016; "" where there is none."""
    members: Mapping[str, Any]
    """The other members of the collection."""


def is_geojson(held: Any) -> bool:
    """Whether a JSON document is meant as GeoJSON: a collection of features, a list of them (or of
    collections) one after another, a single feature, or a bare geometry.
    """
    if isinstance(held, list):
        return bool(held) and all(map(_is_one, held))
    return _is_one(held)


def _is_one(held: Any) -> bool:
    return isinstance(held, dict) and (
        "features" in held or held.get("type") == _FEATURE or _is_geometry(held)
    )


def _is_geometry(held: Mapping[str, Any]) -> bool:
    holds = _COORDINATES in held or "geometries" in held
    return holds and isinstance(held.get("type"), str) and held["type"] in _KINDS


def features(held: Any, name: str) -> FeatureList:
    """The features of a document that `is_geojson`.

    Raises UnreadableFile for one whose features are none.
    """
    every = held if isinstance(held, list) else [held]
    listed = [feature for each in every for feature in _listed(each, name)]
    geometries, faults = _geometries([each.get("geometry") for each in listed])
    named = {crs_member(each) for each in every}
    if len(named) > 1:
        raise UnreadableFile(
            "{name} holds documents in several CRS: {named}; save each by itself",
            name=name,
            named=sorted(named),
        )
    members = {key: value for key, value in every[0].items() if key != "features"}
    records = tuple(map(_record, listed))
    return FeatureList(records, geometries, faults, next(iter(named)), members)


def _listed(held: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    if "features" not in held:
        return [dict(held)] if held.get("type") == _FEATURE else [{"geometry": held}]
    listed = held["features"]
    if isinstance(listed, list) and all(isinstance(each, dict) for each in listed):
        return listed
    raise UnreadableFile(
        (
            "{name} is no GeoJSON FeatureCollection; save it as one, or as CSV with "
            "columns lon and lat"
        ),
        name=name,
    )


def crs_member(held: Mapping[str, Any]) -> str:
    """The name in a `crs` member; "" where there is none."""
    crs = held.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name.strip() if isinstance(name, str) else ""


def _record(feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties")
    record = dict(properties) if isinstance(properties, dict) else {}
    if "id" in feature:
        record.setdefault("id", feature["id"])
    return record


def _geometries(shapes: Sequence[Any]) -> tuple[Geometries, dict[int, Said]]:
    """Points all at once, others one by one."""
    found = np.full(len(shapes), None, dtype=object)
    faults: dict[int, Said] = {}
    points: list[tuple[int, float, float]] = []
    for row, shape in enumerate(shapes):
        if shape is None:
            continue
        if not isinstance(shape, dict) or shape.get("type") not in _KINDS:
            faults[row] = Said("no geometry of GeoJSON")
            continue
        if shape["type"] == "Point":
            lonlat = _position(shape.get(_COORDINATES))
            if lonlat is not None:
                points.append((row, *lonlat))
            continue
        try:
            found[row] = _shape(shape, 0)
        except BadValue as fault:
            faults[row] = fault.said
        except (shapely.errors.ShapelyError, ValueError, TypeError, OverflowError, RecursionError):
            faults[row] = Said("a {shape} whose coordinates cannot be read", shape=shape["type"])
    if points:
        rows, lon, lat = zip(*points, strict=True)
        found[list(rows)] = shapely.points(lon, lat)
    return found, faults


def _position(said: Any) -> tuple[float, float] | None:
    """Numbers, or texts that are numbers; None where either is none."""
    if not isinstance(said, list) or len(said) < 2:
        return None
    lon, lat = said[0], said[1]
    if isinstance(lon, float) and isinstance(lat, float):  # as good as all of them are
        return lon, lat
    east, north = _number(lon), _number(lat)
    return None if east is None or north is None else (east, north)


def _number(said: Any) -> float | None:
    if isinstance(said, str):
        return degrees(said)[0]
    return float(said) if isinstance(said, int | float) and not isinstance(said, bool) else None


def _shape(shape: Mapping[str, Any], level: int) -> Any:
    if level > MOST_LEVELS:
        raise BadValue(
            "a geometry of more than {most_levels} levels is nested too deeply",
            most_levels=MOST_LEVELS,
        )
    if shape.get("type") == "GeometryCollection":
        inner = shape.get("geometries")
        parts = inner if isinstance(inner, list) else []
        return shapely.GeometryCollection([_shape(dict(each), level + 1) for each in parts])
    make = _MAKERS.get(str(shape.get("type")))
    if make is None:
        raise BadValue("no geometry of GeoJSON")
    return make(shape.get(_COORDINATES) or ())


def _polygon(rings: Any) -> Any:
    outer, *holes = [_flat(ring) for ring in rings or [()]]
    return shapely.Polygon(outer, holes)


def _flat(line: Any) -> NDArray[np.float64]:
    """Coordinates as (n, 2): heights are not read."""
    return np.array([each[:2] for each in line or ()], dtype=np.float64).reshape(-1, 2)


_MAKERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "Point": lambda said: shapely.Point(_position(said) or ()),
    "LineString": lambda said: shapely.LineString(_flat(said)),
    "Polygon": _polygon,
    "MultiPoint": lambda said: shapely.MultiPoint(_flat(said)),
    "MultiLineString": lambda said: shapely.MultiLineString([_flat(line) for line in said]),
    "MultiPolygon": lambda said: shapely.MultiPolygon([_polygon(rings) for rings in said]),
}
