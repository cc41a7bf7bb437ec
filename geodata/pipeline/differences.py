"""What differs between two versions of a dataset: places added, removed, moved and changed.

Changes nothing.

Compared is what is known of a place. Where it was read from (source, src_…) is not: another file is
no other place; nor is what follows from the rest (service_bits, pinyin, initials).
"""

import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.errors import UnreadableFile, why_of
from geodata.places.table import COLUMNS, DATE_COLUMN, LIST_COLUMNS
from geodata.sources.formula import guarded
from geodata.space.coordinates import geodesic_m
from geodata.store.files import Dataset, Pointer
from geodata.vocabulary import MAIN_LAYER

ADDED: Final = "added"
REMOVED: Final = "removed"
CHANGED: Final = "changed"
_DERIVED: Final = frozenset({"service_bits", "pinyin", "initials", "source"})
COMPARED: Final = tuple(
    name
    for name in COLUMNS
    if not name.startswith("src_") and name not in _DERIVED | {"id", "geometry"}
)


class Field(msgspec.Struct, frozen=True):
    """A column that differs; None is unknown, lists are joined by ";"."""

    name: str
    before: str | None
    after: str | None


class Difference(msgspec.Struct, frozen=True):
    """One place that the versions do not have alike."""

    id: str
    name: str
    how: str
    """ADDED, REMOVED or CHANGED."""
    lon: float
    lat: float
    """Where it is, or was: WGS-84 degrees; of a line its centroid."""
    moved_m: float | None
    """Geodesic metres to there from where it was.

    None where it did not move, or is in one version only.
    """
    fields: tuple[Field, ...] = ()
    layer: str = MAIN_LAYER
    """In which it is, or was."""
    was: tuple[float, float] | None = None
    """Where it was, WGS-84 degrees, longitude first; None where it did not move."""


@dataclass(frozen=True, slots=True)
class Differences:
    """All of them by id, from one version to another."""

    before: str
    after: str
    synthetic: bool
    places: tuple[Difference, ...]

    def counts(self) -> Mapping[str, int]:
        """How many were added, removed, moved and changed, and how often each column differs."""
        found = Counter(place.how for place in self.places)
        moved = sum(place.moved_m is not None for place in self.places)
        fields = Counter(field.name for place in self.places for field in place.fields)
        return {
            ADDED: found[ADDED],
            REMOVED: found[REMOVED],
            "moved": moved,
            CHANGED: found[CHANGED],
        } | dict(fields.most_common())

    def of_layer(self, name: str) -> "Differences":
        """Those in one layer."""
        return replace(self, places=tuple(each for each in self.places if each.layer == name))

    def by_layer(self) -> Mapping[str, int]:
        """How many there are in each layer, by name."""
        return dict(sorted(Counter(place.layer for place in self.places).items()))


def between(dataset: Dataset, before: Pointer, after: Pointer) -> Differences:
    """What differs from one version of a dataset to another; both are verified.

    Raises DamagedDataset.
    """
    about = dataset.verify(after).about
    tables = [_table(dataset, before), _table(dataset, after)]
    return Differences(before.version, after.version, about.synthetic, compare(*tables))


def compare(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> tuple[Difference, ...]:
    """The places, sorted by id, that two places tables do not have alike."""
    was, now = before.set_index("id"), after.set_index("id")
    added, removed = now.index.difference(was.index), was.index.difference(now.index)
    both = was.index.intersection(now.index)
    alone = [*_alone(now.loc[added], ADDED), *_alone(was.loc[removed], REMOVED)]
    return tuple(
        sorted([*alone, *_changed(was.loc[both], now.loc[both])], key=lambda place: place.id)
    )


def _table(dataset: Dataset, pointer: Pointer) -> gpd.GeoDataFrame:
    dataset.verify(pointer)
    held: Any = io.BytesIO(dataset.blob(pointer.version, "places.parquet"))
    return gpd.read_parquet(held)


def _alone(places: gpd.GeoDataFrame, how: str) -> list[Difference]:
    columns = (places.index, places["name"], _lonlat(places).tolist(), places["layer"])
    return [
        Difference(place_id, name, how, lon, lat, None, layer=layer)
        for place_id, name, (lon, lat), layer in zip(*columns, strict=True)
    ]


def _changed(was: gpd.GeoDataFrame, now: gpd.GeoDataFrame) -> list[Difference]:
    """Of places that both have, in one order, those that differ."""
    fields: dict[int, list[Field]] = {}
    for name in COMPARED:
        old, new = _said(was, name), _said(now, name)
        for row in np.flatnonzero(old != new).tolist():
            fields.setdefault(row, []).append(Field(name, old[row], new[row]))
    other = shapely.to_wkb(was.geometry.to_numpy()) != shapely.to_wkb(now.geometry.to_numpy())
    here, there = _lonlat(was), _lonlat(now)
    moved_m = geodesic_m(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    rows = sorted({*fields, *np.flatnonzero(other).tolist()})
    old, lonlat = here.tolist(), there.tolist()
    return [
        Difference(
            str(now.index[row]),
            str(now["name"].iloc[row]),
            CHANGED,
            lonlat[row][0],
            lonlat[row][1],
            round(float(moved_m[row]), 2) if other[row] else None,
            tuple(fields.get(row, ())),
            str(now["layer"].iloc[row]),
            (old[row][0], old[row][1]) if other[row] else None,
        )
        for row in rows
    ]


def _said(places: gpd.GeoDataFrame, name: str) -> NDArray[np.object_]:
    """A column as texts, None where unknown."""
    if name in LIST_COLUMNS:
        return np.array([";".join(value) for value in places[name]], dtype=object)
    column = places[name].dt.strftime("%Y-%m-%d") if name == DATE_COLUMN else places[name]
    return np.array([None if pd.isna(value) else str(value) for value in column], dtype=object)


def _lonlat(places: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return shapely.get_coordinates(shapely.centroid(places.geometry.to_numpy())).reshape(-1, 2)


def as_json(found: Differences) -> bytes:
    """Versions, counts and every place."""
    told = {
        "before": found.before,
        "after": found.after,
        "synthetic": found.synthetic,
        "counts": found.counts(),
    }
    return msgspec.json.format(msgspec.json.encode(told | {"places": found.places}), indent=1)


def write(path: Path, found: Differences) -> None:
    """A workbook (.xlsx) or GeoJSON, by the ending.

    Raises UnreadableFile for others, or where it cannot be written.
    """
    writer = {".xlsx": _xlsx, ".geojson": _geojson}.get(path.suffix.lower())
    if writer is None:
        raise UnreadableFile(
            "{file} is to be written as what? Name it .xlsx or .geojson", file=path
        )
    try:
        writer(path, found)
    except OSError as fault:
        raise UnreadableFile(
            "{file} cannot be written: {why}", file=path, why=why_of(fault)
        ) from None


def _geojson(path: Path, found: Differences) -> None:
    """A point for each place, where it is or was (RFC 7946)."""
    features = [
        {
            "type": "Feature",
            "id": place.id,
            "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]},
            "properties": {
                "name": place.name,
                "change": place.how,
                "moved_m": place.moved_m,
                "layer": place.layer,
                "fields": msgspec.to_builtins(place.fields),
            },
        }
        for place in found.places
    ]
    told = {
        "before": found.before,
        "after": found.after,
        "synthetic": found.synthetic,
        "features": features,
    }
    path.write_text(
        json.dumps({"type": "FeatureCollection", **told}, ensure_ascii=False), encoding="utf-8"
    )


_HEADINGS: Final = (
    "id",
    "name",
    "change",
    "lon",
    "lat",
    "moved_m",
    "field",
    "before",
    "after",
    "layer",
)
#: Columns that hold numbers.
_NUMBERS: Final = frozenset({3, 4, 5})


def _xlsx(path: Path, found: Differences) -> None:
    """A row for each changed field, and for each place without one.

    Text that a spreadsheet would run is guarded.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    name = f"{'synthetic ' if found.synthetic else ''}{found.before[:8]} {found.after[:8]}"
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            sheet = book.add_worksheet(name)
            for number, line in enumerate(
                [_HEADINGS, *(line for place in found.places for line in _lines(place))]
            ):
                for column, cell in enumerate(line):
                    if cell is not None:
                        put = (
                            sheet.write_number
                            if number and column in _NUMBERS
                            else sheet.write_string
                        )
                        put(number, column, guarded(cell) if isinstance(cell, str) else cell)
            sheet.freeze_panes(1, 2)
            sheet.autofilter(0, 0, 0, len(_HEADINGS) - 1)
    except XlsxWriterException as fault:
        raise UnreadableFile("{file} cannot be written: {why}", file=path, why=fault) from None


def _lines(place: Difference) -> Sequence[tuple[str | float | None, ...]]:
    head = (place.id, place.name, place.how, place.lon, place.lat, place.moved_m)
    told: list[tuple[str | None, ...]]
    told = [(field.name, field.before, field.after) for field in place.fields]
    return [(*head, *each, place.layer) for each in told or [(None, None, None)]]
