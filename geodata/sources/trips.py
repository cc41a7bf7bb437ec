"""An operator's own trips, out of a CSV: where they began and ended, when, how long they took, and
by which mode. Knows no roads.
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.errors import BadTable, Reject, Said
from geodata.sources.grid import RawTable
from geodata.sources.read import read_csv
from geodata.space.coordinates import Datum, to_wgs84
from geodata.vocabulary import Mode

#: A trip takes at most so long, and no less than this, seconds: others hold a rest, or are slips.
LEAST_S: Final = 20.0
MOST_S: Final = 6 * 3600.0

#: Headings by column, as people write them.
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "from_lon": ("from_lon", "起点经度", "出发经度", "始点经度"),
    "from_lat": ("from_lat", "起点纬度", "出发纬度", "始点纬度"),
    "to_lon": ("to_lon", "终点经度", "到达经度", "目的地经度"),
    "to_lat": ("to_lat", "终点纬度", "到达纬度", "目的地纬度"),
    "start": ("start", "出发时间", "开始时间", "起始时间"),
    "seconds": ("seconds", "秒", "秒数", "用时", "用时秒", "耗时", "耗时秒", "时长", "时长秒"),
    "mode": ("mode", "方式", "出行方式", "交通方式"),
}
#: What people call a mode.
MODES: Final[Mapping[str, Mode]] = {
    **{str(mode): mode for mode in Mode},
    **dict.fromkeys(("步行", "走路", "foot"), Mode.WALK),
    **dict.fromkeys(("骑行", "骑车", "电动车", "电动自行车", "ebike", "bike"), Mode.RIDE),
    **dict.fromkeys(("驾车", "开车", "汽车", "小汽车", "car"), Mode.DRIVE),
    **dict.fromkeys(("货车", "卡车", "lorry"), Mode.TRUCK),
}
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_POINTS: Final = ("from_lon", "from_lat", "to_lon", "to_lat")


class Trips(NamedTuple):
    """Trips of one mode: both ends, WGS-84 degrees, (n, 2) each, and seconds (n,)."""

    begun: NDArray[np.float64]
    ended: NDArray[np.float64]
    seconds: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TripTable:
    """What a file of trips holds."""

    file: str
    by_mode: Mapping[Mode, Trips]
    days: tuple[date, date]
    """Of the first and the last trip."""
    rejects: tuple[Reject, ...]
    """Rows that are no trip, and why."""


class _Trip(NamedTuple):
    mode: Mode
    degrees: tuple[float, ...]
    seconds: float
    day: date


def read_trips(path: Path, datum: Datum = Datum.WGS84) -> TripTable:
    """All trips of a CSV with the columns HEADINGS, whose degrees are in `datum`.

    Raises UnreadableFile, or BadTable where a column is missing or no row is a trip.
    """
    table = read_csv(path, [word for words in HEADINGS.values() for word in words])
    at, rejects, trips = _columns(table), list(table.rejects), []
    for number, row in zip(table.numbers, table.rows, strict=True):
        cells = {name: row[column].strip() for name, column in at.items()}
        fault = next(_faults(cells), None)
        if fault is None:
            trips.append(_trip(cells))
        else:
            rejects.append(Reject(number, fault[0], cells[fault[0]][:100], fault[1], table.file))
    if not trips:
        raise BadTable("{file}: no row is a trip", rejects, file=table.file)
    days = [trip.day for trip in trips]
    return TripTable(table.file, _by_mode(trips, datum), (min(days), max(days)), tuple(rejects))


def _columns(table: RawTable) -> dict[str, int]:
    plain = [_plain(column) for column in table.columns]
    at = {
        name: next((plain.index(word) for word in words if word in plain), -1)
        for name, words in HEADINGS.items()
    }
    if missing := [f"{name} ({HEADINGS[name][1]})" for name, column in at.items() if column < 0]:
        raise BadTable(
            "{file} lacks {missing}; it has {columns}",
            file=table.file,
            missing=[*missing],
            columns=[*table.columns],
        )
    return at


def _plain(heading: str) -> str:
    """`耗时（秒）` and `From_Lon` as HEADINGS have them."""
    return re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", heading).lower())


def _faults(cells: Mapping[str, str]) -> Iterator[tuple[str, Said]]:
    for name in _POINTS:
        most = 180.0 if name.endswith("lon") else 90.0
        degrees = abs(_number(cells[name]))
        if most < degrees <= 180.0:
            yield name, Said("not degrees on earth; are lon and lat swapped?")
        elif not degrees <= most:
            yield name, Said("it is no number of degrees, at most {most:g}", most=most)
    if not LEAST_S <= _number(cells["seconds"]) <= MOST_S:
        yield (
            "seconds",
            Said("a trip takes {least:g} to {most:g} seconds", least=LEAST_S, most=MOST_S),
        )
    if cells["mode"].lower() not in MODES:
        yield "mode", Said("it is none of {modes}", modes=[*MODES])
    if _day(cells["start"]) is None:
        yield "start", Said("it is no day and time, such as 2026-11-01 08:30")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _day(text: str) -> date | None:
    found = _DAY.match(text)
    if found is None:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def _trip(cells: Mapping[str, str]) -> _Trip:
    degrees = tuple(_number(cells[name]) for name in _POINTS)
    mode, day = MODES[cells["mode"].lower()], _day(cells["start"])
    return _Trip(mode, degrees, _number(cells["seconds"]), day or date.min)


def _by_mode(trips: list[_Trip], datum: Datum) -> dict[Mode, Trips]:
    found = {}
    for mode in Mode:
        its = [trip for trip in trips if trip.mode is mode]
        if its:
            degrees = np.array([trip.degrees for trip in its])
            begun, ended = (
                np.stack(to_wgs84(degrees[:, side], degrees[:, side + 1], datum), axis=1)
                for side in (0, 2)
            )
            found[mode] = Trips(begun, ended, np.array([trip.seconds for trip in its]))
    return found
