"""Rings as people drew them: made valid, joined by name, and what does not fit between neighbours.

Moves no border.

What is mended is told with what and where; gaps, overlaps, holes and slivers are told in square
metres and left as they are, for only who drew them knows where the border runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.city import MetricGrid
from geodata.errors import Reject, Said
from geodata.places.areas import rounded, to_degrees, to_metric
from geodata.places.table import DECIMALS
from geodata.sources.areas.layers import AreaLayer
from geodata.sources.cells import Note, NoteKind
from geodata.sources.repairs import Repair, swapped
from geodata.sources.wkb import Geometries
from geodata.space.coordinates import WGS84, to_wgs84

#: What two borders miss each other by when both were rounded to 1.1 m: told only above.
_SPECK_M2: Final = 10.0
#: A part this thin (area by half its circumference) is left over from drawing, not land.
_SLIVER_M: Final = 5.0
#: Two outlines of one name that share this much of the smaller one are one area told twice, not two
#: parts of it.
_TWIN: Final = 0.5


@dataclass(frozen=True, slots=True)
class Shaped:
    """Areas with usable outlines."""

    areas: gpd.GeoDataFrame
    """name, level, row (of the file), name_en, code, also, district (as the file says, or null) and
    polygons in WGS-84; one row an area.
    """
    rejects: tuple[Reject, ...]
    repairs: tuple[Repair, ...]
    notes: tuple[Note, ...]


def shaped(layer: AreaLayer, grid: MetricGrid) -> Shaped:
    """Every outline of a layer valid and in WGS-84, parts of one name joined.

    What is no area is refused.
    """
    told = _Told(layer.file, grid, [], [], [])
    outlines = zip(
        layer.names, layer.levels, layer.numbers, layer.told, _wgs84(layer, told), strict=True
    )
    rows = [
        _Row(name, str(level), number, said, told.polygons(number, shape))
        for name, level, number, said, shape in outlines
    ]
    joined = told.joined([row for row in rows if row.shape is not None])
    columns = {"name": "name", "level": "level", "row": "number"}
    areas = gpd.GeoDataFrame(
        {
            **{column: [getattr(row, said) for row in joined] for column, said in columns.items()},
            **{
                name: pd.Series([row.told.get(name) for row in joined], dtype="object")
                for name in ("name_en", "code", "also", "district")
            },
        },
        geometry=np.array([row.shape for row in joined], dtype=object),
        crs=WGS84,
    )
    return Shaped(areas, tuple(told.rejects), tuple(told.repairs), tuple(told.notes))


def misfits(areas: gpd.GeoDataFrame, file: str, grid: MetricGrid) -> list[Note]:
    """Holes, slivers, overlaps and gaps of the areas of each level, with their size in square
    metres and where.
    """
    return [
        note
        for _, rows in areas.groupby("level", sort=False)
        for note in _misfits(gpd.GeoDataFrame(rows), file, grid)
    ]


def _wgs84(layer: AreaLayer, told: "_Told") -> Iterator[Any]:
    for number, shape in zip(layer.numbers, layer.geometries, strict=True):
        if shape is None or shape.is_empty:
            yield shape
            continue
        flat = shapely.force_2d(shape)
        west, south, east, north = flat.bounds
        if swapped(west, south) and swapped(east, north):
            flat = shapely.transform(flat, lambda lat_lon: lat_lon[:, ::-1])
            told.repairs.append(
                Repair(
                    number,
                    "geometry",
                    f"{west:.4f},{south:.4f}",
                    f"{south:.4f},{west:.4f}",
                    Said("lat stood before lon"),
                    layer.file,
                )
            )
        yield shapely.transform(
            flat, lambda at: np.stack(to_wgs84(at[:, 0], at[:, 1], layer.datum), 1).round(DECIMALS)
        )


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    level: str
    number: int
    told: Mapping[str, str]
    shape: BaseGeometry | None


@dataclass(slots=True)
class _Told:
    """What happens to outlines on the way."""

    file: str
    grid: MetricGrid
    repairs: list[Repair]
    rejects: list[Reject]
    notes: list[Note]

    def polygons(self, number: int, shape: BaseGeometry | None) -> BaseGeometry | None:
        """The valid polygons of a geometry; None where it is refused."""
        fault = _fault(shape)
        if fault:
            self._refused(number, shape, fault)
        if shape is None or fault:
            return None
        if shape.is_valid and shape.geom_type != "GeometryCollection":
            return shapely.orient_polygons(shape)
        return self._valid(number, shape)

    def _valid(self, number: int, shape: BaseGeometry) -> BaseGeometry | None:
        """Rings keep what they enclose ("structure"), as people mean them.

        Points and lines left over are dropped.
        """
        parts = shapely.get_parts(
            shapely.make_valid(shape, method="structure", keep_collapsed=False)
        )
        kept = rounded(shapely.union_all(parts[shapely.get_dimensions(parts) == 2]))
        if kept.is_empty:
            self._refused(number, shape, Said("the outline encloses nothing"))
            return None
        why = shapely.is_valid_reason(shape)
        after = f"{_m2(kept, self.grid):,.0f} m²"
        self.repairs.append(
            Repair(
                number,
                "geometry",
                why,
                after,
                Said("{fault}: made valid", fault=Said(why.partition("[")[0].strip())),
                self.file,
            )
        )
        return shapely.orient_polygons(kept)

    def _refused(self, number: int, shape: BaseGeometry | None, reason: Said) -> None:
        value = "" if shape is None else shape.geom_type
        self.rejects.append(Reject(number, "geometry", value, reason, self.file))

    def joined(self, rows: Sequence[_Row]) -> list[_Row]:
        """One row an area: parts of one name become one, and an outline that stands twice is
        refused.
        """
        found: dict[tuple[str, str], _Row] = {}
        for row in rows:
            first = found.setdefault((row.level, row.name), row)
            if first is not row:
                found[row.level, row.name] = self._join(first, row)
        return list(found.values())

    def _join(self, first: _Row, row: _Row) -> _Row:
        shared, smaller = (
            _m2(shapely.intersection(first.shape, row.shape), self.grid),
            min(_m2(first.shape, self.grid), _m2(row.shape, self.grid)),
        )
        if shared > _TWIN * smaller:
            reason = Said(
                "the same area stands in row {number} ({shared:,.0f} m² of it); delete one",
                number=first.number,
                shared=shared,
            )
            self.rejects.append(Reject(row.number, "name", row.name, reason, self.file))
            return first
        self.notes.append(
            Note(
                NoteKind.JOINED,
                row.number,
                "name",
                row.name,
                Said("joined with row {number}, of the same name", number=first.number),
                self.file,
            )
        )
        both = rounded(shapely.union_all([first.shape, row.shape]))
        return _Row(first.name, first.level, first.number, first.told, both)


def _fault(shape: BaseGeometry | None) -> Said | None:
    """Why a geometry is no area; None where it may be one."""
    if shape is None or shape.is_empty:
        return Said("no outline; draw it, or delete the row")
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return Said("a corner of the outline is not a number")
    return (
        None
        if shape.geom_type in ("Polygon", "MultiPolygon", "GeometryCollection")
        else Said("an area is a polygon")
    )


def _misfits(areas: gpd.GeoDataFrame, file: str, grid: MetricGrid) -> Iterator[Note]:
    shapes = to_metric(areas.geometry.to_numpy(), grid)
    names, rows = areas["name"].tolist(), areas["row"].tolist()
    tree = shapely.STRtree(shapes)
    yield from _slivers(shapes, areas, file, grid)
    for left, right in tree.query(shapes, predicate="intersects").T:
        if (
            left < right
            and (shared := shapely.intersection(shapes[left], shapes[right])).area > _SPECK_M2
        ):
            about = Said(
                "overlaps {names} by {area:,.0f} m² {where}",
                names=names[right],
                area=shared.area,
                where=_where(shared, grid),
            )
            yield Note(NoteKind.OVERLAP, rows[left], "geometry", names[left], about, file)
    for gap in _holes(shapely.union_all(shapes)):
        around = sorted(tree.query(gap, predicate="intersects"))
        inside = [names[at] for at in around]
        measured = {"area": gap.area, "where": _where(gap, grid)}
        about = (
            Said("a hole of {area:,.0f} m² {where}", **measured)
            if len(inside) == 1
            else Said("a gap to {names} of {area:,.0f} m² {where}", names=inside[1:], **measured)
        )
        if gap.area > _SPECK_M2:
            yield Note(
                NoteKind.HOLE if len(inside) == 1 else NoteKind.GAP,
                rows[around[0]],
                "geometry",
                inside[0],
                about,
                file,
            )


def _slivers(
    shapes: Geometries, areas: gpd.GeoDataFrame, file: str, grid: MetricGrid
) -> Iterator[Note]:
    parts, owner = shapely.get_parts(shapes, return_index=True)
    thin = shapely.area(parts) < _SLIVER_M * shapely.length(parts) / 2
    for part, at in zip(parts[thin], owner[thin], strict=True):
        name, row = areas["name"].iloc[at], int(areas["row"].iloc[at])
        about = Said("a sliver of {area:,.0f} m² {where}", area=part.area, where=_where(part, grid))
        yield Note(NoteKind.SLIVER, row, "geometry", name, about, file)


def _holes(union: BaseGeometry) -> list[BaseGeometry]:
    return [shapely.Polygon(ring) for part in shapely.get_parts(union) for ring in part.interiors]


def _where(shape_m: BaseGeometry, grid: MetricGrid) -> Said:
    spot = shapely.point_on_surface(to_degrees(shape_m, grid))
    return Said("at {lon:.5f}, {lat:.5f}", lon=spot.x, lat=spot.y)


def _m2(shape: BaseGeometry | None, grid: MetricGrid) -> float:
    return float(to_metric(shape, grid).area) if shape is not None else 0.0
