"""A raw table with a declared datum becomes places.

What cannot be read is refused or told, never guessed.
"""

import math
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.errors import BadTable, Reject, Said
from geodata.sources import layers, own, repairs, row_words
from geodata.sources.cells import Cells, Note, NoteKind, Told, source_of
from geodata.sources.grid import RawTable
from geodata.sources.headings import (
    FIELDS,
    SERVICE_PREFIX,
    Meaning,
    datum_named,
    kind_named,
    meaning,
    shaped,
)
from geodata.sources.hours_text.reader import reading
from geodata.sources.numbering import Ids, Per, is_running, rises_with_gaps
from geodata.sources.repairs import Dialling, Repair
from geodata.space.coordinates import WGS84, Datum, to_wgs84
from geodata.text.pinyin import spelled
from geodata.vocabulary import PIN_M, Audience, Door, Kind, Position, Service

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
    "source",
    "licence",
    "type",
    "level",
)
#: Of a degree a tenth is 11 km and a hundredth 1.1 km: fewer decimals are no door.
_FEWEST_DECIMALS: Final = 3
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
    kind_words: Mapping[str, Kind] = field(default_factory=dict)
    """Words of a column of kinds beyond the published ones."""
    ids: Ids | None = None
    """What the column of ids holds. None: what it looks like."""
    ids_per: Per | None = None
    """The areas in each of which ids begin anew; an id is made of both."""
    dialling: Dialling = field(default_factory=Dialling)
    """Whose telephone numbers they are."""


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a table. Every row is in `places`, in `rejects`, or a sentence of `left_out`."""

    places: gpd.GeoDataFrame
    rejects: tuple[Reject, ...]
    unused: tuple[str, ...]
    """Headings that nobody knows or declared."""
    repairs: tuple[Repair, ...] = ()
    notes: tuple[Note, ...] = ()
    left_out: tuple[Said, ...] = ()
    without_id: NDArray[np.bool_] | None = None
    """Which places had no id in the file; theirs is "" until identity.assign gives one."""
    source: str = ""
    """The file, and the sheet where it has several."""
    origin: pd.DataFrame | None = None
    """Of an export of ours the columns own.ORIGIN by id: where its places came from at first."""


def places_from(table: RawTable, declared: Declared) -> Read:
    """Read every row. The places are in WGS-84 and still unchecked (`places.validate`).

    Raises BadTable where a declared heading is missing, two columns mean the same, no datum is
    known, or name, place or kind are in no column; and where something else is declared than the
    file states.
    """
    if shaped(table.columns) and not {*declared.columns} & {*table.columns}:
        return _own_places(table, declared)
    where = _columns(table, declared)
    datum = stated_datum(table, declared)
    if datum is None:
        raise BadTable(
            ("{source} does not state its datum; declare it with --datum wgs84, gcj02 or bd09"),
            source=source_of(table),
        )
    told = Told(table, source_of(table))
    cells = pd.DataFrame(list(table.rows), columns=list(table.columns), dtype="str")
    at = Cells(cells, where, told).without_errors()
    names = _names(at, declared)
    serves, closed, at_times = row_words.serving(at, names)
    lon, lat = _positions(at)
    frame = _frame(at, declared, names, at_times)
    good = ~np.isnan(lon) & serves
    good[list(told.rejects)] = False
    wgs_lon, wgs_lat = to_wgs84(lon[good], lat[good], datum)
    places = frame[good].reset_index(drop=True)
    places["src_file"], places["src_sheet"] = table.file, table.sheet
    places["src_row"] = np.asarray(table.numbers, np.int64)[good]
    places["src_datum"] = str(datum)
    places["src_lon"], places["src_lat"] = lon[good], lat[good]
    without = (places["id"] == "").to_numpy(bool)
    used = set(where.values()) | _named(declared) | _datum_columns(table)
    if not row_words.says_anything(at):
        used -= {where.get("remarks", "")}
    unused = tuple(sorted(set(table.columns) - used))
    return Read(
        gpd.GeoDataFrame(places, geometry=shapely.points(wgs_lon, wgs_lat), crs=WGS84),
        (*table.rejects, *(told.rejects[row] for row in sorted(told.rejects) if serves[row])),
        unused,
        tuple(told.repairs),
        tuple(told.notes),
        (*table.left_out, *closed),
        without,
        source_of(table),
    )


def numbered_through(tables: Sequence[RawTable], declared: Declared) -> bool:
    """Whether the ids of the sheets of one file only count its rows, from its first sheet on to its
    last: 1 to 12 on one, 13 to 24 on the next. Rows without coordinates count as well.

    Raises BadTable as `places_from` does of what is declared.
    """
    if declared.ids or declared.ids_per:
        return False
    cells: list[str] = []
    rows: list[int] = []
    for table in tables:
        if shaped(table.columns) or _states_ids(table):
            return False
        headings = {each: name for each, name in declared.columns.items() if each in table.columns}
        heading = _headings(table, replace(declared, columns=headings)).get("id")
        if heading is None:
            return False
        at = table.columns.index(heading)
        cells += [repairs.said(row[at]) for row in table.rows]
        rows += table.numbers
    return is_running(cells, rows)


def _own_places(table: RawTable, declared: Declared) -> Read:
    """The rows of an export of ours, as they were published."""
    datum = own.datum_of(table)
    if declared.datum and declared.datum is not datum:
        raise BadTable(
            (
                "{source} is an export that states {datum}, and --datum says {datum2}; leave "
                "--datum out"
            ),
            source=source_of(table),
            datum=datum,
            datum2=declared.datum,
        )
    told, rows = Told(table, source_of(table)), own.rows_of(table)
    for row, column, value, why in rows.refused:
        told.refused(row, column, value, why)
    for row, column, before, after, how in rows.mended:
        told.mended(row, column, before, after, how)
    kinds = rows.columns["kind"]
    if declared.kind and {*kinds} - {str(declared.kind), None}:
        raise BadTable(
            (
                "{source} is an export with a kind in every row, and --kind says {kind}; "
                "leave --kind out"
            ),
            source=source_of(table),
            kind=declared.kind,
        )
    good = np.ones(len(table.rows), dtype=bool)
    good[list(told.rejects)] = False
    shapes = rows.shapes[good]
    if datum is not Datum.WGS84:
        shapes = shapely.transform(
            shapes,
            lambda lonlat: np.stack(to_wgs84(lonlat[:, 0], lonlat[:, 1], datum), axis=1),
        )
    middles = shapely.get_coordinates(shapely.point_on_surface(rows.shapes[good]))
    frame = pd.DataFrame(rows.columns)[good].reset_index(drop=True)
    frame["src_file"], frame["src_sheet"] = table.file, table.sheet
    frame["src_row"] = np.asarray(table.numbers, np.int64)[good]
    frame["src_datum"] = str(datum)
    frame["src_lon"], frame["src_lat"] = middles[:, 0], middles[:, 1]
    return Read(
        gpd.GeoDataFrame(frame, geometry=shapes, crs=WGS84),
        (*table.rejects, *(told.rejects[row] for row in sorted(told.rejects))),
        tuple(sorted({*table.columns} - rows.used)),
        tuple(told.repairs),
        left_out=table.left_out,
        without_id=(frame["id"] == "").to_numpy(bool),
        source=source_of(table),
        origin=rows.origin[good].set_index(frame["id"].to_numpy()),
    )


def stated_datum(table: RawTable, declared: Declared) -> Datum | None:
    """The datum that is declared, or else that the file states: by its CRS, its headings or a
    column of its own.
    """
    if declared.datum:
        said = _datum_of_cells(table)
        if said and said is not declared.datum:
            raise BadTable(
                (
                    "{source} states {said} in {datum_columns}, and --datum says {datum}; leave "
                    "--datum out, or mend the file"
                ),
                source=source_of(table),
                said=said,
                datum_columns=sorted(_datum_columns(table)),
                datum=declared.datum,
            )
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
    """Field -> heading, of a table that has a name, a place and a kind."""
    where = _headings(table, declared)
    missing = (
        []
        if {"lon", "lat"} <= where.keys() or "lonlat" in where
        else [n for n in ("lon", "lat") if n not in where]
    )
    has_kind = declared.kind or "kind" in where or _kind_named(table)
    missing += [] if has_kind else ["kind"]
    missing += [] if declared.name_template or "name" in where else ["name"]
    if missing == ["lon", "lat"] and "address" in where:
        raise BadTable(
            "{source} has addresses and no coordinates: add --locate, which looks them up in the"
            " dataset's address book (nuanfeng import-addresses)",
            source=source_of(table),
        )
    if missing:
        message = (
            "{source}: nothing is declared as {missing}; it has {columns}. Declare with --map"
            " HEADING=FIELD"
        )
        if not has_kind:
            message = (
                "{source}: nothing is declared as {missing}; it has {columns}. Declare with --map"
                " HEADING=FIELD, or the kind of all rows with --kind"
            )
        raise BadTable(message, source=source_of(table), missing=missing, columns=[*table.columns])
    return where


def _headings(table: RawTable, declared: Declared) -> dict[str, str]:
    """Field -> heading."""
    _check_declared(table, declared)
    where = {name: heading for heading, name in declared.columns.items()}
    for name, headings in _candidates(table, declared).items():
        best = headings[0]
        if name in _SINGLE and len(headings) > 1 and best not in (layers.LON, layers.LAT):
            raise BadTable(
                (
                    "{source}: columns {best!r} and {other!r} both mean {name}; say which "
                    "with --map {best}={name}"
                ),
                source=source_of(table),
                best=best,
                other=headings[1],
                name=name,
            )
        where.setdefault(name, best)
    return where


def _kind_named(table: RawTable) -> Kind | None:
    """The kind that the sheet's name says, or else the title above its headings."""
    return kind_named(table.sheet or "") or kind_named(table.title)


def _kind_of_sheet(at: Cells, declared: Kind | None) -> Kind | None:
    """The same, for rows that do not say theirs; told once."""
    table = at.told.table
    kind = _kind_named(table)
    if kind and not declared and len(at):
        said = table.sheet if kind_named(table.sheet or "") else table.title
        about = Said(
            ("the kind of all rows without one is {kind}, by the name of the sheet or its title"),
            kind=row_words.KINDS_SAID[kind],
        )
        at.told.noted(NoteKind.KIND_OF_SHEET, 0, "", said or "", about)
    return kind


def _check_declared(table: RawTable, declared: Declared) -> None:
    wrong = sorted(set(declared.columns.values()) - FIELDS)
    if wrong:
        plain = ", ".join(sorted(name for name in FIELDS if not name.startswith(SERVICE_PREFIX)))
        raise BadTable(
            "{source}: there is no field {wrong}; fields are {plain}, service:…",
            source=source_of(table),
            wrong=wrong,
            plain=plain,
        )
    absent = sorted((set(declared.columns) | _named(declared)) - set(table.columns))
    if absent:
        raise BadTable(
            "{source} has no column {absent}; it has {columns}",
            source=source_of(table),
            absent=absent,
            columns=[*table.columns],
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
    kinds = sorted(found.get("kind", []))
    if len(kinds) > 1 and "type" not in {*found, *taken}:
        found["kind"], found["type"] = kinds[:1], kinds[1:]  # what a place is beside its kind
    return {name: [heading for _, heading in sorted(ranked)] for name, ranked in found.items()}


def _named(declared: Declared) -> set[str]:
    template = declared.name_template or ""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


# --- positions ---


def _positions(at: Cells) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Degrees as read, nan where refused."""
    lon, lat = np.full(len(at), np.nan), np.full(len(at), np.nan)
    column = at.where.get("lon") or at.where["lonlat"]
    for row, (x, y) in enumerate(_position_texts(at)):
        (east, east_how), (north, north_how) = repairs.degrees(x), repairs.degrees(y)
        if east is None or north is None:
            at.told.refused(
                row,
                column,
                f"{x},{y}",
                Said("lon and lat must be plain decimal degrees; fill both in"),
            )
            continue
        if repairs.swapped(east, north):
            east, north, east_how = north, east, Said("lat stood before lon")
        fault = _position_fault(east, north)
        if fault:
            at.told.refused(row, column, f"{x},{y}", fault)
            continue
        if how := east_how or north_how:
            at.told.mended(row, column, f"{x},{y}", f"{east},{north}", how)
        elif is_coarse(x, y, alone=len(at) == 1):
            about = Said(
                "so few decimals leave the point a kilometre off or more; look it up again"
            )
            at.told.noted(NoteKind.COARSE_POSITION, row, column, f"{x},{y}", about)
        lon[row], lat[row] = east, north
    return lon, lat


def _position_texts(at: Cells) -> Iterator[tuple[str, str]]:
    if "lon" in at.where and "lat" in at.where:
        yield from zip(at.frame[at.where["lon"]], at.frame[at.where["lat"]], strict=True)
        return
    for cell in at.of("lonlat"):
        yield repairs.pair(cell) or (cell, "")


def _position_fault(lon: float, lat: float) -> Said | None:
    if not math.isfinite(lon + lat) or (lon == 0 and lat == 0):
        return Said("0, 0 is a gap in the data, not a place")
    if abs(lat) > 90 or abs(lon) > 180:
        return Said("not degrees on earth; are lon and lat swapped?")
    return None


def is_coarse(x: str, y: str, *, alone: bool = False) -> bool:
    """Whether two decimal degrees are too coarse for a door: one of them has one decimal, or both
    have two.

    Two decimals in a row that stands `alone` may be zeros that nobody wrote.
    """
    decimals = [len(each.partition(".")[2].rstrip("0")) for each in (x, y)]
    if max(decimals) < _FEWEST_DECIMALS and not alone:
        return True
    return min(decimals) < _FEWEST_DECIMALS - 1


# --- everything else ---


def _frame(at: Cells, declared: Declared, names: list[str], at_times: list[str]) -> pd.DataFrame:
    frame: dict[str, Any] = {
        "id": _ids(at, declared),
        "name": names,
        "src_id": [cell or None for cell in at.of("id")],
    }
    otherwise = _kind_of_sheet(at, declared.kind)
    frame["kind"] = (
        row_words.kinds(at, declared.kind_words, otherwise)
        if "kind" in at.where and not declared.kind
        else [str(declared.kind or otherwise)] * len(at)
    )
    frame |= {name: [cell or None for cell in at.of(name)] for name in _TEXTS if name in at.where}
    frame["opening_hours"], frame["opening_hours_text"] = _hours(at, at_times)
    frame["services"] = row_words.services(at, declared.words, declared.services)
    frame["maybe"] = row_words.maybe(at)
    frame["audience"] = row_words.lists(at, "audience", list(map(str, declared.audience)))
    frame["zones"] = row_words.lists(at, "zones", [])
    frame["door"], frame["entry"] = row_words.doors(at, declared.door)
    frame["fee"] = row_words.fees(at)
    frame["wheelchair"] = row_words.one_of(at, "wheelchair")
    frame["position"] = row_words.one_of(at, "position")
    frame["radius_m"] = at.values(
        "radius_m", repairs.metres, Said("a radius is a number of metres")
    )
    _refuse_coarse(at, frame)
    frame["phones"] = _phones(at, declared.dialling)
    frame["capacity"] = pd.array(
        at.values("capacity", repairs.count, Said("capacity is a whole number of seats")),
        dtype="Int32",
    )
    dates = at.values("verified_at", repairs.day, Said("a date is written 2026-11-21"))
    frame["verified_at"] = np.array(
        [_real(at, row, each) for row, each in enumerate(dates)], dtype="datetime64[s]"
    )
    return pd.DataFrame(frame)


def _refuse_coarse(at: Cells, frame: dict[str, Any]) -> None:
    """Rows that were looked up, and found too coarsely to be drawn at a point."""
    about = Said(
        "looked up by its address and known only so far: coarser than {most:g} m is no point. Put"
        " it by hand with --pins, or let it wait with --locate",
        most=PIN_M,
    )
    each = zip(frame["position"], frame["radius_m"], strict=True)
    for row, (position, radius_m) in enumerate(each):
        if position == Position.LOCATED and radius_m is not None and radius_m > PIN_M:
            at.told.refused(row, at.where["radius_m"], f"{radius_m:g}", about)


def _real(at: Cells, row: int, text: str | None) -> np.datetime64:
    try:
        return np.datetime64(text or "NaT", "s")
    except ValueError:  # 2026-02-30 looks like a date
        at.told.refused(row, at.where["verified_at"], str(text), Said("there is no such day"))
        return np.datetime64("NaT", "s")


def _names(at: Cells, declared: Declared) -> list[str]:
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
                Said("the text was garbled before it came here; take it from its source"),
            )
        elif even != cell:
            at.told.mended(row, at.where["name"], cell, even, Said("spaces"))
        names.append(even)
    return names


def _ids(at: Cells, declared: Declared) -> list[str]:
    """The ids, "" where a row has none: running numbers are none."""
    cells = at.of("id")
    if not declared.ids_per and _are_running(at, declared, cells):
        return [""] * len(at)
    areas = at.of(declared.ids_per) if declared.ids_per else [""] * len(at)
    return [
        _id(at, declared, row, cell, area) if cell else ""
        for row, (cell, area) in enumerate(zip(cells, areas, strict=True))
    ]


def _are_running(at: Cells, declared: Declared, cells: list[str]) -> bool:
    """Whether the ids are running numbers, by what is declared or else by their looks; told."""
    if declared.ids is Ids.OWN or (declared.ids is None and _states_ids(at.told.table)):
        return False
    said = [(row, cell) for row, cell in enumerate(cells) if cell]
    if declared.ids is None and not is_running(cells, at.told.table.numbers):
        if rises_with_gaps(cells):
            about = Said(
                "numbers that rise with gaps, taken for ids; --ids running if they count the rows"
            )
            value = f"{said[0][1]} … {said[-1][1]}"
            at.told.noted(NoteKind.PERHAPS_RUNNING, said[0][0], at.where["id"], value, about)
        return False
    if said:
        about = Said(
            "running numbers of the list, so no ids; --ids own if they stay with their places"
        )
        value = f"{said[0][1]} … {said[-1][1]}"
        at.told.noted(NoteKind.RUNNING_NUMBERS, said[0][0], at.where["id"], value, about)
    return True


def _states_ids(table: RawTable) -> bool:
    """Whether this is an export of ours: its ids are those that stand on plates."""
    return _OWN_COLUMNS.issubset(table.columns)


def _id(at: Cells, declared: Declared, row: int, cell: str, area: str) -> str:
    even = repairs.place_id(cell)
    if declared.ids_per:
        if not area:
            reason = Said(
                "ids begin anew in each {ids_per}, and the row names none", ids_per=declared.ids_per
            )
            at.told.refused(row, at.where["id"], cell, reason)
        even = f"{_spelled(area)}-{even}"
    elif even.isdecimal() and len(even) < _SHORTEST_ID:
        even = even.zfill(_SHORTEST_ID) if declared.ids is Ids.OWN else ""
    if even != cell:
        at.told.mended(row, at.where["id"], cell, even, Said("an id has small letters and hyphens"))
    return even


@cache
def _spelled(area: str) -> str:
    """What an id holds of an area's name: of 江汉区, 江汉 and Jianghan alike jianghan."""
    (pinyin,), _ = spelled([_AREA_ENDING.sub("", area)])
    return re.sub("[^a-z0-9]", "", pinyin)


def _phones(at: Cells, dialling: Dialling) -> list[list[str]]:
    found = []
    for row, cell in enumerate(at.of("phone")):
        numbers, unread = repairs.phones(cell, dialling) if cell else ([], [])
        for part in unread:
            length = repairs.phone_length(part, dialling)
            kind = NoteKind.TELEPHONE_LENGTH if length else NoteKind.NO_TELEPHONE
            about = length or Said("no telephone number as far as is known")
            at.told.noted(kind, row, at.where["phone"], part, about)
        if numbers and ";".join(numbers) != cell:
            at.told.mended(row, at.where["phone"], cell, "; ".join(numbers), Said("telephone"))
        found.append(numbers)
    return found


def _hours(at: Cells, at_times: list[str]) -> tuple[list[str | None], list[str | None]]:
    """OSM hours and the text as published.

    Text that cannot be read stays, and its hours are unknown; a date is none. What a status or a
    remark says of times when a place is closed (`at_times`) is read as a part of the hours.
    """
    expressions: list[str | None] = []
    texts: list[str | None] = []
    columns = (at.of("opening_hours"), at.of("opening_hours_text"), at_times)
    for row, (osm, text, at_what_times) in enumerate(zip(*columns, strict=True)):
        said = osm or text
        column = at.where.get("opening_hours" if osm else "opening_hours_text", "")
        if repairs.is_moment(said):
            about = Said("a date or a single time, no hours, so unknown and not shown")
            at.told.noted(NoteKind.NO_HOURS_BUT_A_DATE, row, column, said, about)
            expressions.append(None)
            texts.append(None)
            continue
        closed_at = "" if at_what_times in said else at_what_times
        whole = f"{text or osm}，{closed_at}" if said and closed_at else said
        understood = reading(whole)
        read = understood.osm
        if whole and read is None:
            about = Said(
                "hours not understood, so unknown: {why}; the text is kept", why=understood.why
            )
            at.told.noted(NoteKind.HOURS_NOT_UNDERSTOOD, row, column, whole, about)
        expressions.append(read)
        shown = whole if closed_at else text or (osm if osm != read else "")
        texts.append(shown or None)
    return expressions, texts
