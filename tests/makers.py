"""Small cities for tests: three places set down by hand, and clustered random ones of any size.

Expects nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any, Final

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.city import CityAbout
from geodata.hours.calendar import CHINA, Calendar, calendar_of
from geodata.hours.zone import TimeZone
from geodata.pipeline.freeze import Frozen, freeze
from geodata.places.table import validate
from geodata.snapshot.snapshot import DatasetAbout, Snapshot
from geodata.sources.demo.city import SHENZHEN
from geodata.space.coordinates import WGS84
from geodata.vocabulary import SERVES, Audience, Door, Kind, Service

#: Degrees: west, south, east, north of the made cities. 114° E, where UTM zones meet, runs through
#: them.
WEST, SOUTH, EAST, NORTH = 113.7, 22.4, 114.7, 22.9
OUTLINE: Final = shapely.box(WEST, SOUTH, EAST, NORTH)

#: What clocks in the made cities are ahead of UTC, all year.
TIMEZONE: Final = timezone(timedelta(hours=8))
ZONE: Final = TimeZone(SHENZHEN.timezone)
#: Two o'clock on an ordinary Wednesday night.
NIGHT: Final = datetime(2026, 11, 18, 2, 0, tzinfo=TIMEZONE)
#: Three in the afternoon of the same day.
DAY: Final = datetime(2026, 11, 18, 15, 0, tzinfo=TIMEZONE)

#: Round the clock in two spellings, by day, overnight, with breaks, closed or unknown on holidays,
#: dated, never said (None), and a text that no reader of OSM syntax can read.
HOURS: Final = (
    "24/7",
    "Mo-Su,PH 00:00-24:00",
    "Mo-Su,PH 08:00-22:00",
    "Mo-Fr 09:00-18:00; PH off",
    "22:00-06:00",
    "Mo-Fr 08:00-12:00,14:00-18:00; PH unknown",
    "Sa,Su 10:00-16:00",
    "Mo-Su 09:00-21:00; 2026 Oct 01-08 off",
    None,
    "看情况",
)

#: One must register first, need not, or nobody says so.
ENTRIES: Final = ('{"register":"yes","how":"先申请"}', '{"register":"no"}', '{"how":"推门"}', "{}")

#: How many places have each service: most words are common, some rare, one in a thousand the last.
_SERVICE_SHARES: Final = np.geomspace(0.9, 0.001, len(Service))


@cache
def calendar(country: str = CHINA) -> Calendar:
    """The real calendar of a country, made once."""
    return calendar_of(country)


def elsewhere(timezone: str, country: str) -> CityAbout:
    """The same city, had it the clocks and the holidays of another place."""
    return msgspec.structs.replace(SHENZHEN, timezone=timezone, country=country)


def about(**changes: Any) -> DatasetAbout:
    """What is true of a made-up dataset."""
    plain = DatasetAbout(
        dataset="made",
        title="测试",
        title_en="Made",
        synthetic=True,
        licence="CC0-1.0",
        source="tests",
        city=SHENZHEN,
        data_date="2026-11-18",
        counts={},
    )
    return msgspec.structs.replace(plain, **changes)


def three_places(**columns: Sequence[Any]) -> gpd.GeoDataFrame:
    """A raw table: a station open all night, a merchant open by day 1.03 km east of it, a street
    between. WGS-84.

    A keyword replaces a column or adds one (three values).
    """
    table: dict[str, Any] = {
        "id": ["station-1", "merchant-1", "street-1"],
        "kind": ["warm_bee_station", "friendly_merchant", "warm_bee_street"],
        "name": ["莲花驿站", "福田面馆", "中心一条街"],
        "geometry": [
            shapely.Point(114.05, 22.54),
            shapely.Point(114.06, 22.54),
            shapely.LineString([(114.052, 22.541), (114.054, 22.541), (114.058, 22.543)]),
        ],
        "services": [["seat", "hot_water"], ["microwave"], []],
        "audience": [["rider", "courier"], ["rider"], []],
        "phones": [["075512345678"], [], []],
        "door": ["qr", "open", None],
        "opening_hours": ["24/7", "Mo-Su,PH 09:00-21:00", None],
        "opening_hours_text": ["全天", "9:00-21:00", None],
        "capacity": [12, None, None],
        "verified_at": ["2026-11-01", None, None],
    }
    return gpd.GeoDataFrame({**table, **columns}, geometry="geometry", crs=WGS84)


def random_city(points: int, lines: int = 0, seed: int = 1) -> gpd.GeoDataFrame:
    """A raw table of clustered places over OUTLINE: every filter word occurs, one point in forty
    stands on another.

    Ids are in no order that follows from the rows. The same arguments give the same city.
    """
    rng = np.random.default_rng(seed)
    rows = points + lines
    lonlat = clustered(rng, points)
    twins = rng.integers(0, max(points, 1), points // 40)
    lonlat[rng.integers(0, max(points, 1), len(twins))] = lonlat[twins]
    shapes = [*shapely.points(lonlat), *(random_street(rng) for _ in range(lines))]
    ids = [f"p-{number:07d}" for number in rng.permutation(rows)]
    kinds = _drawn(rng, list(Kind), rows)
    services = _subsets(rng, list(Service), _SERVICE_SHARES, rows)
    for number in range(0, rows, 2):  # of public places every other one serves no need
        if kinds[number] == Kind.PUBLIC_PLACE:
            services[number] = [word for word in services[number] if not SERVES[Service(word)]]
    return gpd.GeoDataFrame(
        {
            "id": ids,
            "kind": kinds,
            "name": [f"地点{number}" for number in range(rows)],
            "services": services,
            "audience": _subsets(rng, list(Audience), np.full(len(Audience), 0.3), rows),
            "door": _drawn(rng, list(Door), rows),
            "opening_hours": [HOURS[number] for number in rng.integers(0, len(HOURS), rows)],
            "entry": _drawn(np.random.default_rng([seed, rows]), ENTRIES, rows),
        },
        geometry=np.array(shapes, dtype=object),
        crs=WGS84,
    )


def clustered(rng: Generator, rows: int) -> NDArray[np.float64]:
    """WGS-84 degrees, shape (rows, 2): forty crowds of some two kilometres, one place in ten
    anywhere.
    """
    low, high = np.array([WEST, SOUTH]), np.array([EAST, NORTH])
    centres = low + (high - low) * (0.1 + 0.8 * rng.random((40, 2)))
    near = centres[rng.integers(0, len(centres), rows)] + rng.normal(0, 0.02, (rows, 2))
    anywhere = low + (high - low) * rng.random((rows, 2))
    chosen = np.where(rng.random((rows, 1)) < 0.1, anywhere, near)
    return np.clip(chosen, low + 1e-6, high - 1e-6)


def random_street(rng: Generator) -> shapely.LineString:
    """A street of two to six bends, some hundred metres between them."""
    steps = rng.normal(0, 0.003, (rng.integers(2, 7), 2))
    return shapely.LineString(clustered(rng, 1) + np.cumsum(steps, axis=0) * 0.999)


def frozen(raw: gpd.GeoDataFrame, *, outline: BaseGeometry = OUTLINE, **changes: Any) -> Frozen:
    """The table checked and frozen; no row of it may be refused.

    A keyword changes what is said about the dataset.
    """
    table, rejects = validate(raw)
    if rejects:
        raise AssertionError(f"a maker made bad rows: {rejects[:3]}")
    told = about(**changes)
    return freeze(table, told, calendar(told.city.country), outline)


def snapshot(raw: gpd.GeoDataFrame, **changes: Any) -> Snapshot:
    """The same, ready to be asked."""
    return frozen(raw, **changes).snapshot()


def _drawn(rng: Generator, words: Sequence[str], rows: int) -> list[str]:
    return [str(words[number]) for number in rng.integers(0, len(words), rows)]


def _subsets(
    rng: Generator, words: Sequence[str], shares: NDArray[np.float64], rows: int
) -> "pd.Series[Any]":
    flags = rng.random((rows, len(words))) < shares
    texts = np.array([str(word) for word in words], dtype=object)
    return pd.Series([texts[row].tolist() for row in flags], dtype=object)
