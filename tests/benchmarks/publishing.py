"""One process that publishes a large synthetic table as a person's is published, and says what that
took.

Table, check, freeze, store: nothing is left out and nothing is prepared. Its memory is its own, the
table's included."""

import resource
import sys
import time
from pathlib import Path
from typing import Final

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
from numpy.random import PCG64, Generator

from geodata.pipeline import recipes
from geodata.pipeline.new_city import shipped
from geodata.places.table import validate
from geodata.sources.demo.city import SHENZHEN, demo_city
from geodata.space.coordinates import WGS84, from_metric, metric
from geodata.store.files import Dataset
from tests.benchmarks import countries
from tests.benchmarks.cities import ABOUT, SPREAD_M

#: Places that the demo city's own generator makes at most; it keeps them 8 m apart, and has no room
#: for millions.
_DRAWN: Final = 100_000
#: As `over`: the places stand all over a country (countries.py).
COUNTRY: Final = "country"


class Published(msgspec.Struct):
    """What it took: wall time from the table in memory to the version, and the process's peak of
    memory.
    """

    took_s: float
    most_mb: int


def table(size: int) -> gpd.GeoDataFrame:
    """A raw places table of `size` rows: the demo city, and branches of its points some hundred
    metres away.
    """
    drawn = demo_city(counts=recipes.scaled(min(size, _DRAWN)))
    rng = Generator(PCG64(size))
    points = drawn[drawn.geom_type == "Point"]
    like = points.iloc[rng.integers(0, len(points), size - len(drawn))].reset_index(drop=True)
    number = pd.Series(np.arange(len(like))).astype("str")
    xy_m = metric(like.geometry.x, like.geometry.y, SHENZHEN.grid) + rng.normal(
        0.0, SPREAD_M, (len(like), 2)
    )
    lon, lat = from_metric(xy_m, SHENZHEN.grid)
    branches = like.assign(
        id="br-" + number.str.zfill(8),
        name=like["name"] + number + "分店",
        name_en=like["name_en"] + " " + number,
        src_row=np.arange(len(like)) + len(drawn),
        src_lon=lon,
        src_lat=lat,
    )
    branches = branches.set_geometry(gpd.points_from_xy(lon, lat), crs=WGS84)
    return gpd.GeoDataFrame(pd.concat([drawn, branches], ignore_index=True))


def publish(size: int, home: Path, name: str, *, over: str = "city") -> Published:
    """Check, freeze and store such a table, as a city or spread over a country."""
    raw = table(size)
    ground = shipped()
    demand = recipes._demo_crowd(recipes.DEMO_SEED, recipes.scaled(size), ground)
    if over == COUNTRY:
        raw = countries.country(gpd.GeoDataFrame(raw[raw.geom_type == "Point"]))
        ground, demand = countries.outlines(raw), None
    began = time.perf_counter()
    checked, rejects = validate(raw)
    del raw
    if rejects:
        raise RuntimeError(f"a row of the made table is refused: {rejects[0]}")
    frozen = recipes.frozen(checked, ABOUT, ground, demand=demand)
    del checked
    Dataset(home, name).publish(frozen.version, frozen.about, frozen.arrays, frozen.blobs)
    took_s = time.perf_counter() - began
    return Published(took_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> None:
    """`size home name [country]`: publish, and print what it took as one JSON line."""
    size, home, name, *over = sys.argv[1:]
    took = publish(int(size), Path(home), name, over=over[0] if over else "city")
    sys.stdout.write(msgspec.json.encode(took).decode() + "\n")


if __name__ == "__main__":
    main()
