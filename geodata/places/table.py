"""The places table: its columns, and the one check every row passes before it is published.

Reads no files.

A row is a place; null means unknown, never "no". geodata/places/README.md says what each column
means.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from enum import StrEnum
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pandas.api.types import pandas_dtype

from geodata.errors import BadTable, BadValue, Reject, Said
from geodata.places.entry import ENTRY_RULE, entry_text, read_entry
from geodata.space.coordinates import WGS84
from geodata.text.pinyin import spelled
from geodata.traits import service_bits
from geodata.vocabulary import (
    MAIN_LAYER,
    Audience,
    Door,
    Kind,
    Position,
    Service,
    Wheelchair,
    YesNo,
    Zone,
)

#: A place's id stands in URLs and on printed plates: `[a-z0-9-]{3,40}`, for ever.
ID_PATTERN: Final = re.compile(r"[a-z0-9-]{3,40}")
#: Lines have a tree of their own that is searched last; more would make it the slow part.
MOST_LINES: Final = 10_000
#: Coordinates keep seven decimals (11 mm): what is stored, searched and sent is the same number, so
#: that a phone that ranks by itself gets the order of the server. `src_lon` and `src_lat` keep what
#: was read.
DECIMALS: Final = 7
#: A name on a phone's list; longer ones are cut by no one but refused.
LONGEST_TEXT: Final = 2_000
#: Of a place that is only known to lie in a district; wider is no position.
MOST_RADIUS_M: Final = 50_000.0

TEXT_COLUMNS: Final = (
    "id", "name", "name_en", "address", "district", "street", "opening_hours", "opening_hours_text",
    "operator",
    "offers", "parent_street_id", "pinyin", "initials", "verified_by", "src_file", "src_sheet",
    "src_id", "src_datum",
    "src_guessed", "layer", "source", "licence", "type", "level", "entry",
)  # fmt: skip
LIST_COLUMNS: Final[Mapping[str, type[StrEnum] | None]] = {
    "phones": None,
    "services": Service,
    "audience": Audience,
    "zones": Zone,
    "maybe": Service,
}
CATEGORY_COLUMNS: Final[Mapping[str, type[StrEnum]]] = {
    "kind": Kind,
    "door": Door,
    "position": Position,
    "fee": YesNo,
    "wheelchair": Wheelchair,
}
NUMBER_COLUMNS: Final[Mapping[str, str]] = {
    "capacity": "Int32",
    "src_row": "Int64",
    "src_lon": "float64",
    "src_lat": "float64",
    "radius_m": "float64",
}
#: What null means in columns in which something always holds.
_DEFAULTS: Final[Mapping[str, str]] = {
    "door": str(Door.UNKNOWN),
    "position": str(Position.STATED),
    "layer": MAIN_LAYER,
}
DATE_COLUMN: Final = "verified_at"
COLUMNS: Final = (
    "id", "kind", "name", "name_en", "address", "district", "street", "geometry", "phones",
    "services", "service_bits",
    "audience", "zones", "door", "capacity", "opening_hours", "opening_hours_text", "operator",
    "offers",
    "parent_street_id", "pinyin", "initials", "verified_at", "verified_by", "src_file", "src_sheet",
    "src_row",
    "src_id", "src_datum", "src_lon", "src_lat", "src_guessed",
    "layer", "source", "licence", "type", "position", "radius_m", "entry", "fee", "wheelchair",
    "level", "maybe",
)  # fmt: skip
REQUIRED: Final = ("id", "kind", "name", "geometry")

_Mask = NDArray[np.bool_]


def validate(raw: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[Reject, ...]]:
    """Check a table and give it in its final shape, with what was refused and why.

    `raw` is in WGS-84, holds at least REQUIRED and any of COLUMNS; missing columns become null. A
    row is refused as a whole, for the first fault found in it; `Reject.row` is `src_row` where
    there is one, else the 1-based position. The result holds COLUMNS in order, sorted by id, with a
    fresh index. Raises BadTable where the table itself is wrong: a column is missing or unknown, no
    CRS, or more lines than MOST_LINES.
    """
    _check_table(raw)
    table = _complete(raw)
    faults = _faults(table)
    rejects = tuple(
        _reject(table, position, column, reason)
        for position, (column, reason) in sorted(faults.items())
    )
    kept = table.drop(index=list(faults)) if faults else table
    return _finish(kept), rejects


def _check_table(raw: gpd.GeoDataFrame) -> None:
    missing = [name for name in REQUIRED if name not in raw.columns]
    unknown = [str(name) for name in raw.columns if name not in COLUMNS]
    if missing or unknown:
        raise BadTable(
            "a places table misses {missing} and has unknown columns {unknown}",
            missing=missing or "nothing",
            unknown=unknown or "none",
        )
    if raw.crs is None or not raw.crs.equals(WGS84):
        raise BadTable(
            "a places table must be in {crs_name}, not {crs}; convert it first",
            crs_name=WGS84,
            crs=raw.crs,
        )
    lines = int((raw.geom_type == "LineString").sum())
    if lines > MOST_LINES:
        raise BadTable(
            "{lines} lines are more than the {most_lines} a dataset may hold",
            lines=lines,
            most_lines=MOST_LINES,
        )


def _complete(raw: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    table = raw.reset_index(drop=True).copy()
    table.geometry = shapely.force_2d(table.geometry.to_numpy())  # heights are not stored
    for name in TEXT_COLUMNS:
        table[name] = (
            table[name].astype("str")
            if name in table
            else pd.Series([None] * len(table), dtype="str")
        )
    for name in LIST_COLUMNS:
        table[name] = (
            [_listed(value) for value in table[name]]
            if name in table
            else [[] for _ in range(len(table))]
        )
    for name, dtype in NUMBER_COLUMNS.items():
        values = table[name] if name in table else pd.Series([None] * len(table), dtype="object")
        if values.dtype == "object":  # pandas.NA is no float
            values = values.where(values.notna(), None)
        table[name] = values.astype(pandas_dtype(dtype))
    for name in CATEGORY_COLUMNS:
        table[name] = (
            table[name].astype("object")
            if name in table
            else pd.Series([None] * len(table), dtype="object")
        )
    for name, meant in _DEFAULTS.items():
        table[name] = table[name].where(table[name].notna(), meant)
    at = table[DATE_COLUMN] if DATE_COLUMN in table else pd.Series([pd.NaT] * len(table))
    table[DATE_COLUMN] = pd.to_datetime(at).astype("datetime64[s]")
    return table


def _listed(value: object) -> list[str]:
    """A null is an empty list.

    A text is one word, which is refused if it is none: it is not lost in silence.
    """
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value] if isinstance(value, Iterable) else []


def _faults(table: gpd.GeoDataFrame) -> dict[int, tuple[str, Said]]:
    """Position of each bad row -> column and reason, the first fault of each."""
    found: dict[int, tuple[str, Said]] = {}
    for column, reason, test in _CHECKS:
        for position in np.flatnonzero(test(table)):
            found.setdefault(int(position), (column, reason))
    return found


def _bad_id(table: gpd.GeoDataFrame) -> _Mask:
    return ~table["id"].str.fullmatch(ID_PATTERN.pattern).fillna(value=False).to_numpy(bool)


def _twin_id(table: gpd.GeoDataFrame) -> _Mask:
    return table["id"].duplicated(keep="first").to_numpy(bool)


def _bad_kind(table: gpd.GeoDataFrame) -> _Mask:
    return ~table["kind"].isin(list(Kind)).to_numpy(bool)


def _no_name(table: gpd.GeoDataFrame) -> _Mask:
    return (table["name"].isna() | (table["name"].str.strip() == "")).to_numpy(bool)


def _too_long(table: gpd.GeoDataFrame) -> _Mask:
    lengths = pd.concat([table[name].str.len() for name in TEXT_COLUMNS], axis=1)
    return (lengths.max(axis=1) > LONGEST_TEXT).to_numpy(bool)


def _bad_shape(table: gpd.GeoDataFrame) -> _Mask:
    usable = (
        table.geom_type.isin(["Point", "LineString"]) & ~table.geometry.is_empty
    )  # the type of None is None
    return ~usable.to_numpy(bool)


def _bad_coordinates(table: gpd.GeoDataFrame) -> _Mask:
    bounds = table.geometry.bounds.to_numpy(float)
    inside = (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90).all(
        axis=1
    )
    nowhere = (bounds == 0).all(axis=1)
    return np.asarray(~inside | nowhere)


def _no_length(table: gpd.GeoDataFrame) -> _Mask:
    lines = (table.geom_type == "LineString").to_numpy(bool)
    bounds = table.geometry.bounds.to_numpy(float)
    return np.asarray(lines & (bounds[:, :2] == bounds[:, 2:]).all(axis=1))


def _no_such_word(column: str, words: type[StrEnum]) -> Callable[[gpd.GeoDataFrame], _Mask]:
    known = [str(word) for word in words]
    return lambda table: (table[column].notna() & ~table[column].isin(known)).to_numpy(bool)


def _bad_radius(table: gpd.GeoDataFrame) -> _Mask:
    radius_m = table["radius_m"]
    return (radius_m.notna() & ~radius_m.between(0.0, MOST_RADIUS_M)).to_numpy(bool)


def _bad_entry(table: gpd.GeoDataFrame) -> _Mask:
    said = table["entry"]
    bad = np.zeros(len(table), dtype=np.bool_)
    for row in np.flatnonzero(said.notna()):
        try:
            read_entry(said.iloc[row])
        except BadValue:
            bad[row] = True
    return bad


def _unknown_word(column: str, words: type[StrEnum]) -> Callable[[gpd.GeoDataFrame], _Mask]:
    known = frozenset(map(str, words))
    return lambda table: np.array(
        [not known.issuperset(value) for value in table[column]], dtype=bool
    )


_CHECKS: Final[tuple[tuple[str, Said, Callable[[gpd.GeoDataFrame], _Mask]], ...]] = (
    ("id", Said("an id is 3 to 40 of a-z, 0-9 and -"), _bad_id),
    ("id", Said("the same id stands in an earlier row"), _twin_id),
    ("kind", Said("a kind is one of {kinds}", kinds=[*Kind]), _bad_kind),
    ("name", Said("a place needs a name"), _no_name),
    ("name", Said("a text is longer than {longest} characters", longest=LONGEST_TEXT), _too_long),
    ("geometry", Said("a place is a point or a line"), _bad_shape),
    ("geometry", Said("coordinates are not degrees on earth, or are 0, 0"), _bad_coordinates),
    ("geometry", Said("a line needs two different points"), _no_length),
    *(
        (
            column,
            Said("a {column} is one of {words}", column=column, words=[*words]),
            _no_such_word(column, words),
        )
        for column, words in CATEGORY_COLUMNS.items()
    ),
    ("radius_m", Said("a radius is 0 to {most:,.0f} metres", most=MOST_RADIUS_M), _bad_radius),
    ("entry", ENTRY_RULE, _bad_entry),
    *(
        (
            column,
            Said(
                "{column} are words of {what}: {words}",
                column=column,
                what=words.__name__,
                words=[*words],
            ),
            _unknown_word(column, words),
        )
        for column, words in LIST_COLUMNS.items()
        if words is not None
    ),
)


def _reject(table: gpd.GeoDataFrame, position: int, column: str, reason: Said) -> Reject:
    row = table["src_row"].iloc[position]
    value: Hashable = (
        table[column].iloc[position] if column != "geometry" else str(table.geometry.iloc[position])
    )
    file, sheet = table["src_file"].iloc[position], table["src_sheet"].iloc[position]
    source = " / ".join(str(part) for part in (file, sheet) if pd.notna(part))
    return Reject(
        position + 1 if pd.isna(row) else int(row), column, str(value)[:200], reason, source
    )


def _finish(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    final = table.sort_values("id", kind="stable", ignore_index=True)
    for name, words in CATEGORY_COLUMNS.items():
        final[name] = pd.Categorical(final[name], categories=[str(word) for word in words])
    final["entry"] = pd.Series(
        [None if pd.isna(said) else entry_text(read_entry(said)) for said in final["entry"]],
        dtype="str",
    )
    each = zip(final["maybe"], final["services"], strict=True)
    final["maybe"] = pd.Series(  # what is sure is no longer only likely
        [[word for word in likely if word not in sure] for likely, sure in each], dtype="object"
    )
    bits = [service_bits(map(Service, services)) for services in final["services"]]
    final["service_bits"] = np.array(bits, dtype=np.uint64)
    pinyin, initials = spelled(final["name"])
    final["pinyin"], final["initials"] = (
        pd.Series(pinyin, dtype="str"),
        pd.Series(initials, dtype="str"),
    )
    final["geometry"] = shapely.transform(
        final.geometry.to_numpy(), lambda lonlat: lonlat.round(DECIMALS)
    )
    return gpd.GeoDataFrame(final[list(COLUMNS)], geometry="geometry", crs=WGS84)
