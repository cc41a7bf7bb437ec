"""A clean table with declared columns and datum becomes places. Undeclared or unreadable is refused, never guessed."""

import math
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.coordinates import WGS84, Datum, to_wgs84
from geodata.errors import BadTable, Reject
from geodata.sources.read import RawTable
from geodata.vocabulary import Audience, Door, Kind, Service

#: Headings that say what they are; any other column is taken only when it is mapped.
PLAIN_HEADINGS: Final[Mapping[str, str]] = {
    "id": "id", "kind": "kind", "name": "name", "name_en": "name_en", "address": "address", "district": "district",
    "street": "street", "lon": "lon", "lng": "lon", "longitude": "lon", "经度": "lon", "lat": "lat", "latitude": "lat",
    "纬度": "lat", "phone": "phone", "services": "services", "audience": "audience", "door": "door",
    "capacity": "capacity", "opening_hours": "opening_hours", "opening_hours_text": "opening_hours_text",
    "operator": "operator", "offers": "offers", "verified_at": "verified_at", "verified_by": "verified_by",
}  # fmt: skip
_FIELDS: Final = frozenset(PLAIN_HEADINGS.values())
_TEXTS: Final = (
    "name_en", "address", "district", "street", "opening_hours", "opening_hours_text", "operator", "offers",
    "verified_by",
)  # fmt: skip
_FORMS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "capacity": (re.compile(r"\d{1,6}", re.ASCII), "capacity is a whole number of seats"),
    "verified_at": (
        re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII),
        "a date is written 2026-11-21",
    ),
}
_NUMBER: Final = re.compile(r"[+-]?\d{1,3}(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Declared:
    """What the person who imports states about a table."""

    datum: Datum
    kind: Kind | None = None
    """The kind of every row; else there must be a column `kind`."""
    services: tuple[Service, ...] = ()
    audience: tuple[Audience, ...] = ()
    door: Door = Door.UNKNOWN
    columns: Mapping[str, str] = field(default_factory=dict)
    """Heading of the file -> field, beyond PLAIN_HEADINGS."""
    name_template: str | None = None
    """A name made from the file's headings, such as "Charger {station_id}"."""


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a table: rows in the shape of the places table, refused rows, and the headings nobody declared."""

    places: gpd.GeoDataFrame
    rejects: tuple[Reject, ...]
    unused: tuple[str, ...]


def places_from(table: RawTable, declared: Declared) -> Read:
    """Read every row. The places are in WGS-84 and still unchecked (`places.validate`).

    Raises BadTable where a declared heading is missing, two columns mean the same, or id, place or name are undeclared.
    """
    where = _columns(table, declared)
    cells = pd.DataFrame(list(table.rows), columns=list(table.columns), dtype="str")
    lon, lat, rejects = _positions(table, cells, where)
    for reject, row in _unreadable(table, cells, where, rejects):
        lon[row] = np.nan
        rejects.append(reject)
    good = ~np.isnan(lon)
    wgs_lon, wgs_lat = to_wgs84(lon[good], lat[good], declared.datum)
    kept = cells[good].reset_index(drop=True)
    numbers = np.asarray(table.numbers, np.int64)[good]
    places = _frame(kept, where, declared)
    places["src_file"] = table.file
    places["src_row"] = numbers
    places["src_id"] = kept[where["id"]]
    places["src_datum"] = str(declared.datum)
    places["src_lon"], places["src_lat"] = lon[good], lat[good]
    frame = gpd.GeoDataFrame(places, geometry=shapely.points(wgs_lon, wgs_lat), crs=WGS84)
    return Read(frame, tuple(rejects), tuple(sorted(set(table.columns) - set(where.values()) - _named(declared))))


def _columns(table: RawTable, declared: Declared) -> dict[str, str]:
    """Field -> heading."""
    wrong = sorted(set(declared.columns.values()) - _FIELDS)
    absent = sorted((set(declared.columns) | _named(declared)) - set(table.columns))
    if wrong or absent:
        raise BadTable(
            f"{table.file}: there is no field {wrong}; fields are {', '.join(sorted(_FIELDS))}"
            if wrong
            else f"{table.file} has no column {absent}; it has {', '.join(table.columns)}"
        )
    where: dict[str, str] = {}
    for heading in table.columns:
        meaning = declared.columns.get(heading) or PLAIN_HEADINGS.get(heading.lower())
        if meaning in where:
            raise BadTable(f"{table.file}: columns {where[meaning]!r} and {heading!r} both mean {meaning}")
        if meaning:
            where[meaning] = heading
    missing = [name for name in ("id", "lon", "lat") if name not in where]
    missing += [] if declared.kind or "kind" in where else ["kind"]
    missing += [] if declared.name_template or "name" in where else ["name"]
    if missing:
        raise BadTable(f"{table.file}: nothing is declared as {', '.join(missing)}; it has {', '.join(table.columns)}")
    return where


def _named(declared: Declared) -> set[str]:
    template = declared.name_template or ""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _positions(
    table: RawTable, cells: pd.DataFrame, where: Mapping[str, str]
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[Reject]]:
    """Degrees as read, nan where refused."""
    lon, lat, rejects = np.full(len(cells), np.nan), np.full(len(cells), np.nan), []
    pairs = zip(table.numbers, cells[where["lon"]], cells[where["lat"]], strict=True)
    for row, (number, x, y) in enumerate(pairs):
        fault = _position_fault(x, y)
        if fault:
            rejects.append(Reject(number, where["lon"], f"{x},{y}", fault))
        else:
            lon[row], lat[row] = float(x), float(y)
    return lon, lat, rejects


def _unreadable(
    table: RawTable, cells: pd.DataFrame, where: Mapping[str, str], rejects: Sequence[Reject]
) -> list[tuple[Reject, int]]:
    """Rows whose number or date cannot be read, and which are not refused yet."""
    refused = {reject.row for reject in rejects}
    found: list[tuple[Reject, int]] = []
    for name, (pattern, reason) in _FORMS.items():
        if name not in where:
            continue
        for row, (number, cell) in enumerate(zip(table.numbers, cells[where[name]], strict=True)):
            if cell and number not in refused and not pattern.fullmatch(cell):
                refused.add(number)
                found.append((Reject(number, where[name], cell[:100], reason), row))
    return found


def _position_fault(x: str, y: str) -> str | None:
    if not (_NUMBER.fullmatch(x) and _NUMBER.fullmatch(y)):
        return "lon and lat must be plain decimal degrees"
    lon, lat = float(x), float(y)
    if not math.isfinite(lon + lat) or (lon == 0 and lat == 0):
        return "0, 0 is a gap in the data, not a place"
    if abs(lat) > 90 or abs(lon) > 180:
        return "not degrees on earth; are lon and lat swapped?"
    return None


def _frame(cells: pd.DataFrame, where: Mapping[str, str], declared: Declared) -> pd.DataFrame:
    def column(name: str) -> Sequence[str | None]:
        return [cell or None for cell in cells[where[name]]] if name in where else [None] * len(cells)

    names = _names(cells, where, declared)
    frame: dict[str, Any] = {"id": column("id"), "name": names}
    frame["kind"] = [declared.kind or cell for cell in column("kind")]
    frame |= {name: column(name) for name in _TEXTS if name in where}
    frame["services"] = [_words(cell) or list(map(str, declared.services)) for cell in column("services")]
    frame["audience"] = [_words(cell) or list(map(str, declared.audience)) for cell in column("audience")]
    frame["door"] = [cell or str(declared.door) for cell in column("door")]
    frame["phones"] = [_words(cell) for cell in column("phone")]
    frame["capacity"] = pd.array([int(cell) if cell else None for cell in column("capacity")], dtype="Int32")
    frame["verified_at"] = np.array([cell or "NaT" for cell in column("verified_at")], dtype="datetime64[s]")
    return pd.DataFrame(frame)


def _names(cells: pd.DataFrame, where: Mapping[str, str], declared: Declared) -> list[str]:
    if declared.name_template is None:
        return list(cells[where["name"]])
    return [declared.name_template.format_map(row) for row in cells.to_dict("records")]


def _words(cell: str | None) -> list[str]:
    """A list cell: words separated by ; or |."""
    return [word.strip() for word in re.split(r"[;|]", cell) if word.strip()] if cell else []
