"""A raw table with a declared datum becomes places.

What cannot be read is refused or told, never guessed.
"""

import math
import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.errors import BadTable, Reject
from geodata.sources import layers, repairs
from geodata.sources.grid import RawTable
from geodata.sources.headings import FIELDS, SERVICE_PREFIX, Meaning, datum_named, meaning
from geodata.sources.hours_text.reader import hours_from, osm_hours
from geodata.sources.numbering import Ids, Per, is_running
from geodata.sources.repairs import Repair
from geodata.space.coordinates import WGS84, Datum, to_wgs84
from geodata.text.pinyin import spelled
from geodata.vocabulary import Audience, Door, Kind, Service

#: Two columns may not both mean one of these; of other fields the better heading is taken and the
#: other one told.
_SINGLE: Final = ("id", "name", "lon", "lat")
_TEXTS: Final = (
    "name_en",
    "address",
    "district",
    "street",
    "operator",
    "offers",
    "parent_street_id",
    "verified_by",
)
#: Words of a status column that say that a place does not serve anybody now.
_CLOSED: Final = (
    "停用",
    "关闭",
    "已关",
    "撤销",
    "停业",
    "歇业",
    "拆除",
    "暂停",
    "筹建",
    "在建",
    "closed",
    "inactive",
    "disabled",
)
_DATUM_IN_FILE: Final = "datum"
#: An id has as many characters; a shorter number cannot be one as it is.
_SHORTEST_ID: Final = 3
_AREA_ENDING: Final = re.compile(
    r"\s*(?:新区|区|县|街道办事处|街道办|街道|镇|(?:sub)?district|street)$", re.IGNORECASE
)
#: What only an export of ours has.
_OWN_COLUMNS: Final = frozenset(("src_id", "src_datum", "src_row"))


@dataclass(frozen=True, slots=True)
class Declared:
    """What the person who imports states about a table."""

    datum: Datum | None
    """Of lon and lat. None: the file has to state it."""
    kind: Kind | None = None
    """The kind of every row; else there must be a column for it."""
    services: tuple[Service, ...] = ()
    audience: tuple[Audience, ...] = ()
    door: Door = Door.UNKNOWN
    columns: Mapping[str, str] = field(default_factory=dict)
    """Heading of the file -> field; goes before what headings.meaning says."""
    name_template: str | None = None
    """A name made from the file's headings, such as "Charger {station_id}"."""
    words: Mapping[str, Service] = field(default_factory=dict)
    """Words for services beyond the published ones."""
    ids: Ids | None = None
    """What the column of ids holds. None: what it looks like."""
    ids_per: Per | None = None
    """The areas in each of which ids begin anew; an id is made of both."""


class NoteKind(StrEnum):
    """What a note is about, in a word that programs count by."""

    HOURS_NOT_UNDERSTOOD = "hours_not_understood"
    UNKNOWN_WORD = "unknown_word"
    UNKNOWN_DOOR = "unknown_door"
    NEITHER_YES_NOR_NO = "neither_yes_nor_no"
    NO_TELEPHONE = "no_telephone"
    RUNNING_NUMBERS = "running_numbers"
    TWIN = "twin"
    """Another layer has this place, too, as it seems."""
    SAME_POINT = "same_point"
    SAME_TELEPHONE = "same_telephone"
    FAR_FROM_STREET = "far_from_street"
    OTHER_AREA = "other_area"
    """A place lies in another area than its source says."""
    JOINED = "joined"
    """Of outlines: parts of one name became one area."""
    OVERLAP = "overlap"
    GAP = "gap"
    HOLE = "hole"
    SLIVER = "sliver"
    NO_GROUND = "no_ground"


@dataclass(frozen=True, slots=True)
class Note:
    """Something to look at that keeps no row out."""

    kind: NoteKind
    row: int
    column: str
    value: str
    about: str
    source: str = ""
    """The file, and the sheet where it has several."""


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a table. Every row is in `places`, in `rejects`, or a sentence of `left_out`."""

    places: gpd.GeoDataFrame
    rejects: tuple[Reject, ...]
    unused: tuple[str, ...]
    """Headings that nobody knows or declared."""
    repairs: tuple[Repair, ...] = ()
    notes: tuple[Note, ...] = ()
    left_out: tuple[str, ...] = ()
    without_id: NDArray[np.bool_] | None = None
    """Which places had no id in the file; theirs is "" until identity.assign gives one."""


@dataclass(slots=True)
class _Told:
    """What happens to cells on the way."""

    table: RawTable
    source: str
    repairs: list[Repair] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    rejects: dict[int, Reject] = field(default_factory=dict)
    """By position: the first reason is enough."""

    def mended(self, row: int, column: str, before: str, after: object, how: str) -> None:
        self.repairs.append(
            Repair(self.table.numbers[row], column, before, str(after), how, self.source)
        )

    def noted(self, kind: NoteKind, row: int, column: str, value: str, about: str) -> None:
        number = self.table.numbers[row]
        self.notes.append(Note(kind, number, column, value[:100], about, self.source))

    def refused(self, row: int, column: str, value: str, reason: str) -> None:
        self.rejects.setdefault(
            row, Reject(self.table.numbers[row], column, value[:100], reason, self.source)
        )


def places_from(table: RawTable, declared: Declared) -> Read:
    """Read every row. The places are in WGS-84 and still unchecked (`places.validate`).

    Raises BadTable where a declared heading is missing, two columns mean the same, no datum is
    known, or name, place or kind are in no column.
    """
    where = _columns(table, declared)
    datum = stated_datum(table, declared)
    if datum is None:
        raise BadTable(
            f"{source_of(table)} does not state its datum; declare it with --datum wgs84, gcj02 or"
            " bd09"
        )
    told = _Told(table, source_of(table))
    cells = pd.DataFrame(list(table.rows), columns=list(table.columns), dtype="str")
    at = _Cells(cells, where, told)
    lon, lat = _positions(at)
    frame = _frame(at, declared)
    closed = _closed(at)
    good = ~np.isnan(lon) & ~closed
    good[list(told.rejects)] = False
    wgs_lon, wgs_lat = to_wgs84(lon[good], lat[good], datum)
    places = frame[good].reset_index(drop=True)
    places["src_file"], places["src_sheet"] = table.file, table.sheet
    places["src_row"] = np.asarray(table.numbers, np.int64)[good]
    places["src_datum"] = str(datum)
    places["src_lon"], places["src_lat"] = lon[good], lat[good]
    without = (places["id"] == "").to_numpy(bool)
    used = set(where.values()) | _named(declared) | _datum_columns(table)
    unused = tuple(sorted(set(table.columns) - used))
    out = tuple(
        f"row {table.numbers[row]}: its status says closed" for row in np.flatnonzero(closed)
    )
    return Read(
        gpd.GeoDataFrame(places, geometry=shapely.points(wgs_lon, wgs_lat), crs=WGS84),
        (*table.rejects, *(told.rejects[row] for row in sorted(told.rejects))),
        unused,
        tuple(told.repairs),
        tuple(told.notes),
        (*table.left_out, *out),
        without,
    )


def source_of(table: RawTable) -> str:
    """The file, and the sheet where it has a name."""
    return f"{table.file} / {table.sheet}" if table.sheet else table.file


def stated_datum(table: RawTable, declared: Declared) -> Datum | None:
    """The datum that is declared, or else that the file states: by its CRS, its headings or a
    column of its own.
    """
    if declared.datum:
        return declared.datum
    if table.datum:
        return Datum(table.datum)
    known = (declared.columns.get(heading) or meaning(heading) for heading in table.columns)
    named = {
        each.datum
        for each in known
        if isinstance(each, Meaning) and each.field in ("lon", "lat", "lonlat")
    }
    if len(named - {None}) == 1:
        return next(iter(named - {None}))
    return _datum_of_cells(table)


def _datum_of_cells(table: RawTable) -> Datum | None:
    columns = [table.columns.index(heading) for heading in _datum_columns(table)]
    cells = {row[column] for row in table.rows for column in columns}
    named = {datum_named(cell) for cell in cells}
    return next(iter(named)) if len(named) == 1 else None


def _datum_columns(table: RawTable) -> set[str]:
    known = {heading: meaning(heading) for heading in table.columns}
    return {heading for heading, said in known.items() if said and said.field == _DATUM_IN_FILE}


# --- columns ---


def _columns(table: RawTable, declared: Declared) -> dict[str, str]:
    """Field -> heading."""
    _check_declared(table, declared)
    where = {name: heading for heading, name in declared.columns.items()}
    for name, headings in _candidates(table, declared).items():
        best = headings[0]
        if name in _SINGLE and len(headings) > 1 and best not in (layers.LON, layers.LAT):
            raise BadTable(
                f"{source_of(table)}: columns {best!r} and {headings[1]!r} both mean {name}; "
                f"say which with --map {best}={name}"
            )
        where.setdefault(name, best)
    missing = (
        []
        if {"lon", "lat"} <= where.keys() or "lonlat" in where
        else [n for n in ("lon", "lat") if n not in where]
    )
    missing += [] if declared.kind or "kind" in where else ["kind"]
    missing += [] if declared.name_template or "name" in where else ["name"]
    if missing:
        raise BadTable(
            f"{source_of(table)}: nothing is declared as {', '.join(missing)}; it has"
            f" {', '.join(table.columns)}. Declare with --map HEADING=FIELD"
        )
    return where


def _check_declared(table: RawTable, declared: Declared) -> None:
    wrong = sorted(set(declared.columns.values()) - FIELDS)
    if wrong:
        plain = ", ".join(sorted(name for name in FIELDS if not name.startswith(SERVICE_PREFIX)))
        raise BadTable(
            f"{source_of(table)}: there is no field {wrong}; fields are {plain}, service:…"
        )
    absent = sorted((set(declared.columns) | _named(declared)) - set(table.columns))
    if absent:
        raise BadTable(
            f"{source_of(table)} has no column {absent}; it has {', '.join(table.columns)}"
        )


def _candidates(table: RawTable, declared: Declared) -> dict[str, list[str]]:
    """Field -> the headings that mean it and are not mapped otherwise, best first.

    Another datum's are left alone.
    """
    taken = set(declared.columns.values())
    found: dict[str, list[tuple[int, str]]] = {}
    wanted = declared.datum
    for heading in table.columns:
        known = None if heading in declared.columns else meaning(heading)
        if known is None or known.field in taken or known.field == _DATUM_IN_FILE:
            continue
        if (
            known.datum
            and wanted
            and known.datum is not wanted
            and known.field in ("lon", "lat", "lonlat")
        ):
            continue
        found.setdefault(known.field, []).append((known.rank, heading))
    return {name: [heading for _, heading in sorted(ranked)] for name, ranked in found.items()}


def _named(declared: Declared) -> set[str]:
    template = declared.name_template or ""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells by field."""

    frame: pd.DataFrame
    where: Mapping[str, str]
    told: _Told

    def __len__(self) -> int:
        return len(self.frame)

    def of(self, name: str) -> list[str]:
        """The cells of a field, "" where a cell says that nothing is known, or where no column
        means it.
        """
        if name not in self.where:
            return [""] * len(self)
        return [repairs.said(cell) for cell in self.frame[self.where[name]]]

    def values(
        self, name: str, read: Callable[[str], tuple[Any, str | None]], refusal: str
    ) -> list[Any]:
        """Each cell read; what was mended is told and what cannot be read refuses its row."""
        return [
            self._value(name, row, cell, read, refusal) if cell else None
            for row, cell in enumerate(self.of(name))
        ]

    def _value(
        self,
        name: str,
        row: int,
        cell: str,
        read: Callable[[str], tuple[Any, str | None]],
        refusal: str,
    ) -> Any:
        value, how = read(cell)
        if value is None:
            self.told.refused(row, self.where[name], cell, refusal)
        elif how:
            self.told.mended(row, self.where[name], cell, value, how)
        return value


# --- positions ---


def _positions(at: _Cells) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Degrees as read, nan where refused."""
    lon, lat = np.full(len(at), np.nan), np.full(len(at), np.nan)
    column = at.where.get("lon") or at.where["lonlat"]
    for row, (x, y) in enumerate(_position_texts(at)):
        (east, east_how), (north, north_how) = repairs.degrees(x), repairs.degrees(y)
        if east is None or north is None:
            at.told.refused(
                row, column, f"{x},{y}", "lon and lat must be plain decimal degrees; fill both in"
            )
            continue
        if repairs.swapped(east, north):
            east, north, east_how = north, east, "lat stood before lon"
        fault = _position_fault(east, north)
        if fault:
            at.told.refused(row, column, f"{x},{y}", fault)
            continue
        if how := east_how or north_how:
            at.told.mended(row, column, f"{x},{y}", f"{east},{north}", how)
        lon[row], lat[row] = east, north
    return lon, lat


def _position_texts(at: _Cells) -> Iterator[tuple[str, str]]:
    if "lon" in at.where and "lat" in at.where:
        yield from zip(at.frame[at.where["lon"]], at.frame[at.where["lat"]], strict=True)
        return
    for cell in at.of("lonlat"):
        yield repairs.pair(cell) or (cell, "")


def _position_fault(lon: float, lat: float) -> str | None:
    if not math.isfinite(lon + lat) or (lon == 0 and lat == 0):
        return "0, 0 is a gap in the data, not a place"
    if abs(lat) > 90 or abs(lon) > 180:
        return "not degrees on earth; are lon and lat swapped?"
    return None


# --- everything else ---


def _frame(at: _Cells, declared: Declared) -> pd.DataFrame:
    names = _names(at, declared)
    frame: dict[str, Any] = {
        "id": _ids(at, declared),
        "name": names,
        "src_id": [cell or None for cell in at.of("id")],
    }
    frame["kind"] = [str(declared.kind)] * len(at) if declared.kind else _kinds(at)
    frame |= {name: [cell or None for cell in at.of(name)] for name in _TEXTS if name in at.where}
    frame["opening_hours"], frame["opening_hours_text"] = _hours(at)
    frame["services"] = _services(at, declared)
    frame["audience"] = _lists(at, "audience", list(map(str, declared.audience)))
    frame["zones"] = _lists(at, "zones", [])
    frame["door"] = _doors(at, declared.door)
    frame["phones"] = _phones(at)
    frame["capacity"] = pd.array(
        at.values("capacity", repairs.count, "capacity is a whole number of seats"), dtype="Int32"
    )
    dates = at.values("verified_at", repairs.day, "a date is written 2026-11-21")
    frame["verified_at"] = np.array(
        [_real(at, row, each) for row, each in enumerate(dates)], dtype="datetime64[s]"
    )
    return pd.DataFrame(frame)


def _real(at: _Cells, row: int, text: str | None) -> np.datetime64:
    try:
        return np.datetime64(text or "NaT", "s")
    except ValueError:  # 2026-02-30 looks like a date
        at.told.refused(row, at.where["verified_at"], str(text), "there is no such day")
        return np.datetime64("NaT", "s")


def _names(at: _Cells, declared: Declared) -> list[str]:
    if declared.name_template is not None:
        return [declared.name_template.format_map(row) for row in at.frame.to_dict("records")]
    names = []
    for row, cell in enumerate(at.of("name")):
        even = " ".join(cell.split())
        if repairs.garbled(cell):
            at.told.refused(
                row,
                at.where["name"],
                cell,
                "the text was garbled before it came here; take it from its source",
            )
        elif even != cell:
            at.told.mended(row, at.where["name"], cell, even, "spaces")
        names.append(even)
    return names


def _ids(at: _Cells, declared: Declared) -> list[str]:
    """The ids, "" where a row has none: running numbers are none."""
    cells = at.of("id")
    if not declared.ids_per and _are_running(at, declared, cells):
        return [""] * len(at)
    areas = at.of(declared.ids_per) if declared.ids_per else [""] * len(at)
    return [
        _id(at, declared, row, cell, area) if cell else ""
        for row, (cell, area) in enumerate(zip(cells, areas, strict=True))
    ]


def _are_running(at: _Cells, declared: Declared, cells: list[str]) -> bool:
    """Whether the ids are running numbers, by what is declared or else by their looks; told."""
    if declared.ids is Ids.OWN or (declared.ids is None and _states_ids(at.told.table)):
        return False
    if declared.ids is None and not is_running(cells):
        return False
    said = [(row, cell) for row, cell in enumerate(cells) if cell]
    if said:
        about = "running numbers of the list, so no ids; --ids own if they stay with their places"
        value = f"{said[0][1]} … {said[-1][1]}"
        at.told.noted(NoteKind.RUNNING_NUMBERS, said[0][0], at.where["id"], value, about)
    return True


def _states_ids(table: RawTable) -> bool:
    """Whether this is an export of ours: its ids are those that stand on plates."""
    return _OWN_COLUMNS.issubset(table.columns)


def _id(at: _Cells, declared: Declared, row: int, cell: str, area: str) -> str:
    even = repairs.place_id(cell)
    if declared.ids_per:
        if not area:
            reason = f"ids begin anew in each {declared.ids_per}, and the row names none"
            at.told.refused(row, at.where["id"], cell, reason)
        even = f"{_spelled(area)}-{even}"
    elif even.isdecimal() and len(even) < _SHORTEST_ID:
        even = even.zfill(_SHORTEST_ID) if declared.ids is Ids.OWN else ""
    if even != cell:
        at.told.mended(row, at.where["id"], cell, even, "an id has small letters and hyphens")
    return even


@cache
def _spelled(area: str) -> str:
    """What an id holds of an area's name: of 南山区, 南山 and Nanshan alike nanshan."""
    (pinyin,), _ = spelled([_AREA_ENDING.sub("", area)])
    return re.sub("[^a-z0-9]", "", pinyin)


def _kinds(at: _Cells) -> list[str | None]:
    kinds = []
    for row, cell in enumerate(at.of("kind")):
        kind = repairs.one_word(cell, "kind")
        if kind is None:
            at.told.refused(
                row,
                at.where["kind"],
                cell,
                f"a kind is one of {', '.join(Kind)}, or its Chinese word",
            )
        elif kind != cell:
            at.told.mended(row, at.where["kind"], cell, kind, "kind by its word")
        kinds.append(kind)
    return kinds


def _doors(at: _Cells, default: Door) -> list[str]:
    doors = []
    for row, cell in enumerate(at.of("door")):
        door = repairs.one_word(cell, "door") if cell else str(default)
        if door is None:
            about = "no known way to enter, so unknown"
            at.told.noted(NoteKind.UNKNOWN_DOOR, row, at.where["door"], cell, about)
        elif cell and door != cell:
            at.told.mended(row, at.where["door"], cell, door, "door by its word")
        doors.append(door or str(Door.UNKNOWN))
    return doors


def _lists(
    at: _Cells, name: str, default: list[str], extra: Mapping[str, str] | None = None
) -> list[list[str]]:
    read = cache(lambda cell: repairs.words(cell, name, extra))
    found = []
    for row, cell in enumerate(at.of(name)):
        known, unknown = read(cell) if cell else (default, [])
        for word in unknown:
            about = f"a word that {name} does not know; not taken"
            at.told.noted(NoteKind.UNKNOWN_WORD, row, at.where[name], word, about)
        found.append(list(known))
    return found


def _services(at: _Cells, declared: Declared) -> list[list[str]]:
    """Words of the list column, and of each column that is headed by a service.

    Else what is declared for every row.
    """
    extra = {word: str(service) for word, service in declared.words.items()}
    found = _lists(at, "services", [], extra)
    for name in sorted(name for name in at.where if name.startswith(SERVICE_PREFIX)):
        service = name.removeprefix(SERVICE_PREFIX)
        for row, cell in enumerate(at.frame[at.where[name]]):
            answer = repairs.has(cell)
            if answer is None:
                about = "neither yes nor no; not taken"
                at.told.noted(NoteKind.NEITHER_YES_NOR_NO, row, at.where[name], cell, about)
            elif answer and service not in found[row]:
                found[row].append(service)
    default = list(map(str, declared.services))
    return [services or list(default) for services in found]


def _phones(at: _Cells) -> list[list[str]]:
    found = []
    for row, cell in enumerate(at.of("phone")):
        numbers, unread = repairs.phones(cell) if cell else ([], [])
        for part in unread:
            about = "no telephone number as far as is known"
            at.told.noted(NoteKind.NO_TELEPHONE, row, at.where["phone"], part, about)
        if numbers and ";".join(numbers) != cell:
            at.told.mended(row, at.where["phone"], cell, "; ".join(numbers), "telephone")
        found.append(numbers)
    return found


def _hours(at: _Cells) -> tuple[list[str | None], list[str | None]]:
    """OSM hours and the text as published.

    Text that cannot be read stays, and its hours are unknown.
    """
    expressions: list[str | None] = []
    texts: list[str | None] = []
    understood = cache(_understood)
    for row, (osm, text) in enumerate(
        zip(at.of("opening_hours"), at.of("opening_hours_text"), strict=True)
    ):
        said = osm or text
        read = understood(said)
        if said and read is None:
            column = at.where["opening_hours" if osm else "opening_hours_text"]
            about = "hours not understood, so unknown; the text is kept"
            at.told.noted(NoteKind.HOURS_NOT_UNDERSTOOD, row, column, said, about)
        expressions.append(read)
        texts.append(text or (osm if osm != read else "") or None)
    return expressions, texts


def _understood(text: str) -> str | None:
    is_osm = any("a" <= each <= "z" for each in text)
    return hours_from(text) or (osm_hours(text) if is_osm else None)


def _closed(at: _Cells) -> NDArray[np.bool_]:
    said = cache(lambda cell: any(word in cell.lower() for word in _CLOSED))
    return np.array([said(cell) for cell in at.of("status")], dtype=bool)
