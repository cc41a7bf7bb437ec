"""Tiles that are too heavy lose what tells least, whole things at a time, and read as before."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from geodata.ground import cutting
from geodata.ground.fitting import MOST_BYTES, fitted, packed_size
from geodata.ground.generalise import COLUMNS
from geodata.space.mercator import WEB_MERCATOR

#: Metres of a tile's side at zoom 15.
SIDE_M = 40_075_016.686 / 2**15
HOUSES = 4_000


def crowded() -> gpd.GeoDataFrame:
    """One tile full of houses of many sizes and of named shops, with a street, on land."""
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0.05, 0.95, (2, HOUSES)) * SIDE_M
    wide, high = rng.uniform(2, 30, (2, HOUSES))
    shapes = shapely.box(x, y, x + wide, y + high)
    rows = [("building", "building", 14, None, None, None, shape) for shape in shapes]
    for at, (east, north) in enumerate(rng.uniform(0.05, 0.95, (600, 2)) * SIDE_M):
        rows.append(("place", "spot", 15, f"店{at}号", None, None, shapely.Point(east, north)))
    street = shapely.LineString([(10, SIDE_M / 2), (SIDE_M - 10, SIDE_M / 2)])
    rows.append(("road", "primary", 9, "深南大道", None, "Shennan", street))
    rows.append(("land", "land", 8, None, None, None, shapely.box(0, 0, SIDE_M, SIDE_M)))
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=list(COLUMNS)), crs=WEB_MERCATOR)


@pytest.fixture(scope="module")
def heavy() -> bytes:
    tiles = cutting.cut(crowded(), cutting.GDAL, lambda _: None)
    return max((body for (zoom, *_), body in tiles.items() if zoom == 15), key=len)


def read(body: bytes, folder: Path) -> dict[str, gpd.GeoDataFrame]:
    """What GDAL reads of a tile, by layer."""
    file = folder / "15-0-0.mvt"
    file.write_bytes(body)
    return {
        layer: pyogrio.read_dataframe(file, layer=layer) for layer, _ in pyogrio.list_layers(file)
    }


def things(held: gpd.GeoDataFrame) -> set[tuple[object, ...]]:
    said = [name for name in ("kind", "name", "zh", "en") if name in held]
    words = held[said].astype(object).where(held[said].notna(), None).to_numpy()
    return {(*row, shape.wkb) for row, shape in zip(words, held.geometry, strict=True)}


def test_a_heavy_tile_is_made_to_fit_and_what_stays_is_as_it_was(
    heavy: bytes, tmp_path: Path
) -> None:
    assert packed_size(heavy) > MOST_BYTES
    light = fitted(heavy)
    assert MOST_BYTES * 0.95 < packed_size(light.body) <= MOST_BYTES
    before, after = read(heavy, tmp_path), read(light.body, tmp_path)
    for layer, held in after.items():
        assert things(held) <= things(before[layer]), layer
    gone = sum(map(len, before.values())) - sum(map(len, after.values()))
    assert gone == light.dropped > 0
    assert len(after["place"]) == len(before["place"])
    assert after["road"]["name"].tolist() == ["深南大道"]
    house = before["building"].geometry.area
    assert after["building"].geometry.area.mean() > house.mean()


def test_a_tile_that_fits_is_left_alone(heavy: bytes) -> None:
    size = packed_size(heavy)
    assert fitted(heavy, size) == (heavy, 0)


def test_land_stays_whatever_the_bound(heavy: bytes, tmp_path: Path) -> None:
    left = read(fitted(heavy, 1).body, tmp_path)
    assert {layer: len(held) for layer, held in left.items()} == {"land": 1}


def test_the_same_tile_is_made_the_same(heavy: bytes) -> None:
    assert fitted(heavy, 5_000) == fitted(heavy, 5_000)
