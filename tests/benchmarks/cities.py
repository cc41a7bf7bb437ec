"""The cities that are measured: the demo city, and larger ones grown round its places.

All made up, none published.

A grown city puts each place a few hundred metres from a place of the demo city and gives it that
place's filter words and opening hours: clustered as a city is, and cheap to make, because its
arrays never pass through a frame."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain, repeat
from typing import Any, Final

import geopandas as gpd
import msgspec
import numpy as np
import shapely
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from geodata.hours.calendar import calendar_of
from geodata.index.spatial import Index, tree_order
from geodata.pipeline.freeze import Frozen, freeze
from geodata.places.areas import to_metric
from geodata.places.table import validate
from geodata.snapshot.former import ID_BYTES, FormerPlaces
from geodata.snapshot.records import Record, lay_out
from geodata.snapshot.snapshot import DatasetAbout, Snapshot, index_arrays
from geodata.sources.demo import facts
from geodata.sources.demo.city import SHENZHEN, demo_city
from geodata.space.coordinates import ecef, from_metric, metric
from geodata.space.tangent import Floats
from geodata.traits import Mask
from tests.benchmarks.clock import Question
from tests.makers import TIMEZONE

DEMO_PLACES: Final = 4_039
#: How far a grown place stands from the demo place that it copies, standard deviation of each
#: coordinate.
SPREAD_M: Final = 400.0
#: The shares of places that carry each of three offer bits which no service uses yet, for filters
#: of known selectivity.
SHARES: Final[Mapping[str, float]] = {"48 %": 0.48, "4.8 %": 0.048, "0.1 %": 0.001}
_FIRST_SPARE_BIT: Final = 40
#: Two in the morning of a working day, when the city is asked.
AT: Final = datetime(2026, 11, 20, 2, 0, tzinfo=TIMEZONE)

ABOUT: Final = DatasetAbout(
    dataset="bench",
    title="基准测试",
    title_en="Benchmark",
    synthetic=True,
    licence="CC0-1.0",
    source="synthetic",
    city=SHENZHEN,
    data_date="2026-11-01",
    counts={},
)


def only(share: str) -> Mask:
    """The filter that the places with one of SHARES pass."""
    return Mask(all_of=1 << (_FIRST_SPARE_BIT + list(SHARES).index(share)))


@dataclass(frozen=True)  # no slots: a snapshot is assembled once, when first asked for
class City:
    """A frozen city and what contenders are built from.

    `lonlat` are its points in row order, without its streets.
    """

    size: int
    frozen: Frozen
    lonlat: Floats

    @cached_property
    def snapshot(self) -> Snapshot:
        """Ready to be asked."""
        return self.frozen.snapshot()

    @property
    def index(self) -> Index:
        """Points, and the demo city's thirteen streets."""
        return self.snapshot.index

    @property
    def xyz_m(self) -> Floats:
        """The points in ECEF metres, shape (n, 3)."""
        return ecef(self.lonlat[:, 0], self.lonlat[:, 1])

    def frame(self) -> gpd.GeoDataFrame:
        """The points on the city's metric grid, as a peer holds them, with the column its filter
        reads.
        """
        xy_m = metric(self.lonlat[:, 0], self.lonlat[:, 1], SHENZHEN.grid)
        offers = self.index.words[: len(self.lonlat), 0]
        return gpd.GeoDataFrame(
            {"offer": offers}, geometry=gpd.points_from_xy(*xy_m.T), crs=SHENZHEN.grid
        )

    def questions(self, count: int, seed: int = 7) -> Floats:
        """Where people ask, (count, 2) WGS-84: near places, and one in four anywhere in the city's
        extent.
        """
        rng = Generator(PCG64(seed))
        asked = _near(rng, self.lonlat[rng.integers(0, len(self.lonlat), count)])
        anywhere = rng.random(count) < 0.25
        low, high = self.lonlat.min(axis=0), self.lonlat.max(axis=0)
        asked[anywhere] = rng.uniform(low, high, (int(anywhere.sum()), 2))
        return asked

    def asked_singly(self, count: int) -> list[Question]:
        """The same as pairs of Python floats."""
        return [(lon, lat) for lon, lat in self.questions(count).tolist()]


def demo() -> City:
    """The demo city as `nuanfeng` publishes it, plus the spare offer bits."""
    table, _ = validate(demo_city())
    outline = to_metric(facts.outline(), SHENZHEN.grid).buffer(1_000.0)
    ring = shapely.transform(outline, lambda xy: np.stack(from_metric(xy, SHENZHEN.grid), axis=-1))
    return _marked(freeze(table, ABOUT, calendar_of("CN"), ring))


def _marked(frozen: Frozen) -> City:
    """With the spare bits set: the index is made anew from its own rows, which stand in
    tree order.
    """
    arrays = frozen.arrays
    count = len(arrays["index_points"])
    lonlat, lines = arrays["lonlat"][:count], _lines(frozen)
    rng = Generator(PCG64(count))
    words = _with_spare_bits(rng, arrays["index_words"])
    index = Index.build(np.ascontiguousarray(lonlat), lines, words, arrays["index_links"])
    marked = Frozen(
        frozen.version, frozen.about, {**arrays, **index_arrays(index)}, frozen.blobs, {}
    )
    return City(count + len(lines), marked, lonlat)


def _lines(frozen: Frozen) -> list[Floats]:
    """The streets in row order, WGS-84."""
    snapshot = frozen.snapshot()
    rows = range(len(snapshot.index.points), len(snapshot))
    shapes = [msgspec.json.decode(snapshot.records.plain(row))["geometry"] for row in rows]
    return [np.array(shape["coordinates"]) for shape in shapes]


def _with_spare_bits(rng: Generator, words: NDArray[np.int64]) -> NDArray[np.int64]:
    marked = words.copy()
    for number, share in enumerate(SHARES.values()):
        marked[rng.random(len(marked)) < share, 0] |= 1 << (_FIRST_SPARE_BIT + number)
    return marked


def _near(rng: Generator, lonlat: Floats) -> Floats:
    xy_m = metric(lonlat[:, 0], lonlat[:, 1], SHENZHEN.grid) + rng.normal(
        0.0, SPREAD_M, lonlat.shape
    )
    return np.stack(from_metric(xy_m, SHENZHEN.grid), axis=-1)


def grown(seed_city: City, size: int, record: Record) -> City:
    """A city of `size` places round those of the demo city.

    All its points get one `record`.
    """
    rng = Generator(PCG64(size))
    lines = _lines(seed_city.frozen)
    count = size - len(lines)
    like = rng.integers(0, len(seed_city.lonlat), count)
    lonlat = _near(rng, seed_city.lonlat[like])
    order = tree_order(lonlat)
    lonlat, like = np.ascontiguousarray(lonlat[order]), like[order]
    rows = np.concatenate([like, np.arange(len(seed_city.lonlat), seed_city.size)])
    old = seed_city.frozen.arrays
    words = _with_spare_bits(
        rng, old["index_words"][rows] & ((1 << _FIRST_SPARE_BIT) - 1 | ~((1 << 48) - 1))
    )
    ranks = rng.permutation(size)
    links = np.stack([ranks, old["index_links"][rows, 1]], axis=1).astype(np.int32)
    facts, records = lay_out(
        chain(repeat(record, count), _street_records(seed_city)),
        links[:, 1],
        seed_city.snapshot.records.checked[rows].astype(np.int32),
        shifted=True,
    )
    arrays = {
        **old,
        **index_arrays(Index.build(lonlat, lines, words, links)),
        "lonlat": np.concatenate([lonlat, old["lonlat"][len(seed_city.lonlat) :]]),
        "facts": facts,
        **FormerPlaces.of(()).to_arrays(),
        "ids": np.char.mod("p-%08d", np.arange(size)).astype(f"S{ID_BYTES}"),
        "id_rows": np.argsort(ranks).astype(np.int32),
    }
    return City(size, Frozen(f"{size:016d}", ABOUT, arrays, {"records.bin": records}, {}), lonlat)


def _street_records(city: City) -> Iterator[Record]:
    return map(city.snapshot.records.pieces, range(len(city.lonlat), city.size))


def pieces_of(city: City, row: int = 0) -> Record:
    """The record of a place, for `grown`: as long as a real one."""
    return city.snapshot.records.pieces(row)


#: A record of a tenth of the length, where only the number of places matters.
SHORT_RECORD: Final = Record(
    b'{"type":"Feature","id":"p","geometry":null,"properties":{"navigate":{"apple":"',
    b'","amap":"',
    b'"}',
    b",",
)


def parts(city: City) -> Mapping[str, Any]:
    """What `Dataset.publish` takes."""
    frozen = city.frozen
    return {
        "version": frozen.version,
        "about": frozen.about,
        "arrays": frozen.arrays,
        "blobs": frozen.blobs,
    }
