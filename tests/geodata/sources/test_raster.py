"""Population rasters as points: sums by hand, any CRS, and one sentence for what is no raster."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine, from_origin

from geodata.analysis import demand
from geodata.errors import BadTable, BadValue, UnreadableFile
from geodata.pipeline.freeze import area_arrays
from geodata.sources import raster
from geodata.sources.file_options import FileOptions
from geodata.sources.points import open_points
from geodata.space.coordinates import from_crs, geodesic_m, into_crs
from geodata.space.service_area import Outline

#: rasterio 1.4 multiplies transforms as affine 3.1 would rather not have it.
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")

WEST, NORTH, STEP = 113.9, 22.6, 3 / 3600  # WorldPop's cells: three seconds of arc
NODATA = -99999.0


def written(
    path: Path,
    people: Any,
    *,
    crs: str | None = "EPSG:4326",
    transform: Affine | None = None,
    **more: Any,
) -> Path:
    bands = np.atleast_3d(np.asarray(people)).reshape((-1, *np.asarray(people).shape[-2:]))
    told = {"dtype": "float32", "nodata": NODATA, **more}
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=bands.shape[1],
        width=bands.shape[2],
        count=len(bands),
        crs=crs,
        transform=from_origin(WEST, NORTH, STEP, STEP) if transform is None else transform,
        **told,
    ) as target:
        target.write(bands.astype(told["dtype"]))
    return path


def town(shape: tuple[int, int] = (40, 60)) -> np.ndarray:
    rng = np.random.default_rng(5)
    people = rng.gamma(0.7, 30, shape).astype(np.float32)
    people[rng.random(shape) < 0.2] = NODATA
    people[rng.random(shape) < 0.1] = 0
    return people


def outline(shape: shapely.Geometry) -> Outline:
    return Outline("试验区", *area_arrays(shape).values())


def known(people: np.ndarray) -> np.ndarray:
    return np.where(people == np.float32(NODATA), 0, people).astype(np.float64)


def test_everybody_is_read_once_where_they_live_in_worldpops_form(tmp_path: Path) -> None:
    people = town()
    points = demand.read(written(tmp_path / "pop.tif", people))
    assert points["weight"].sum() == pytest.approx(known(people).sum(), rel=1e-9)
    assert len(points) == (known(people) > 0).sum()  # a cell of 93 m is no larger than a part
    row, column = np.divmod(points["cell"].to_numpy(), people.shape[1])
    assert np.allclose(points.geometry.x, WEST + (column + 0.5) * STEP)
    assert np.allclose(points.geometry.y, NORTH - (row + 0.5) * STEP)
    assert np.allclose(points["weight"], people[row, column])


def test_only_who_lives_in_the_area_is_read_however_large_the_raster_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = town((300, 400))
    path = written(tmp_path / "pop.tif", people, tiled=True, blockxsize=64, blockysize=64)
    # Columns 100 to 139, rows 20 to 49, without a hole of ten by ten.
    box = shapely.box(WEST + 100 * STEP, NORTH - 50 * STEP, WEST + 140 * STEP, NORTH - 20 * STEP)
    hole = shapely.box(WEST + 110 * STEP, NORTH - 40 * STEP, WEST + 120 * STEP, NORTH - 30 * STEP)
    seen: list[int] = []
    whole = raster._Raster.people

    def counted(self: Any, window: Any) -> np.ndarray:
        found = whole(self, window)
        seen.append(found.size)
        return found

    monkeypatch.setattr(raster._Raster, "people", counted)
    monkeypatch.setattr(raster, "_WINDOW", 500)
    told = [*raster.inhabited(path, outline(box.difference(hole)))]
    inside = known(people)[20:50, 100:140].sum() - known(people)[30:40, 110:120].sum()
    assert sum(each.people.sum() for each in told) == pytest.approx(inside, rel=1e-9)
    assert len(told) > 1
    assert max(seen) <= 500
    assert sum(seen) <= 33 * 43


@pytest.mark.parametrize("crs", ["EPSG:32650", "EPSG:4490", "EPSG:3857", "ESRI:54009"])
@pytest.mark.parametrize("turned", [False, True])
def test_cells_lie_where_their_crs_says_and_large_ones_are_spread(
    tmp_path: Path, crs: str, turned: bool
) -> None:
    (east,), (north,) = into_crs(crs, [114.0], [22.55])
    size = 0.01 if crs == "EPSG:4490" else 1_000.0
    transform = Affine.translation(east, north) @ Affine.scale(size, -size)
    transform = transform @ Affine.rotation(20.0) if turned else transform
    people = town((6, 9))
    path = written(tmp_path / "pop.tif", people, crs=crs, transform=transform)
    area = shapely.Point(114.03, 22.52).buffer(0.02)
    told = [*raster.inhabited(path, outline(area))]
    found = sum(each.people.sum() for each in told)
    # By polygons instead of points: each cell's share of ground inside the area.
    expected = 0.0
    for (row, column), count in np.ndenumerate(known(people)):
        corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
        cell = shapely.Polygon([transform @ (column + x, row + y) for x, y in corners])
        ground = shapely.transform(cell, lambda xy: np.stack(from_crs(crs, *xy.T), axis=-1))
        expected += count * ground.intersection(area).area / ground.area
    assert found == pytest.approx(expected, rel=0.02)
    for each in told:
        assert outline(area).holds_each(each.lonlat).all()


def test_no_part_of_a_cell_is_larger_than_a_part(tmp_path: Path) -> None:
    path = written(tmp_path / "pop.tif", [[40.0]], transform=from_origin(WEST, NORTH, 0.005, 0.005))
    (found,) = raster.inhabited(path, None)
    assert found.people.sum() == pytest.approx(40)
    assert len(found.people) == 36  # 554 m high
    lon, lat = np.unique(found.lonlat.round(9)[:, 0]), np.unique(found.lonlat.round(9)[:, 1])
    assert geodesic_m(lon[0], lat[0], lon[1], lat[0]) <= raster.PART_M
    assert geodesic_m(lon[0], lat[0], lon[0], lat[1]) <= raster.PART_M


def test_masks_scales_and_unknown_cells_are_heeded(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", [[1.0, np.nan], [NODATA, 2.5]])
    assert demand.read(path)["weight"].tolist() == [1.0, 2.5]
    counts = written(tmp_path / "b.tif", [[1, 255], [7, 0]], dtype="uint8", nodata=255)
    with rasterio.open(counts, "r+") as target:
        target.scales = (10.0,)
    assert demand.read(counts)["weight"].tolist() == [10.0, 70.0]


def test_a_raster_without_crs_is_read_in_the_one_that_is_said(tmp_path: Path) -> None:
    path = written(tmp_path / "pop.tif", town(), crs=None)
    with pytest.raises(BadTable, match=r"states no CRS.*--crs"):
        demand.read(path)
    said = FileOptions(crs="EPSG:4326")
    pieces = [*open_points(path, options=said).pieces]
    assert sum(len(each.lonlat) for each in pieces)
    with pytest.raises(BadValue, match="EPSG:99"):
        [*open_points(path, options=FileOptions(crs="EPSG:99")).pieces]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.write_text("people"), "pop.tif cannot be read as a GeoTIFF"),
        (lambda path: path.write_bytes(b""), "pop.tif cannot be read as a GeoTIFF"),
        (
            lambda path: path.write_text("<VRTDataset rasterXSize='1' rasterYSize='1'/>"),
            "pop.tif cannot be read as a GeoTIFF",
        ),
        (lambda path: written(path, np.ones((3, 4, 4))), "pop.tif has 3 bands"),
        (lambda path: written(path, [[1.0, -3.0]]), "-3 people in the cell at 113.9013, 22.5996"),
        (lambda path: written(path, [[1.0, -99999.0]], nodata=None), "gdal_edit.py -a_nodata -99"),
        (lambda path: written(path, [[1.0, np.inf]]), "inf people"),
        (lambda path: written(path, [[0.0, NODATA]]), "no people: every cell is 0 or unknown"),
        (
            lambda path: written(path, [[1.0]], dtype="complex64", nodata=None),
            "no counts of people but complex64",
        ),
        (lambda path: written(path, [[1.0]], transform=Affine.identity()), "where its cells lie"),
    ],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_what_is_no_population_raster_is_told_in_a_sentence(
    tmp_path: Path, make: Any, sentence: str
) -> None:
    make(tmp_path / "pop.tif")
    with pytest.raises((BadTable, UnreadableFile), match=sentence):
        demand.read(tmp_path / "pop.tif")


def test_nobody_inside_is_told_with_what_the_raster_covers(tmp_path: Path) -> None:
    path = written(tmp_path / "pop.tif", town())
    for where in (shapely.box(120, 30, 121, 31), shapely.box(113.8, 22.0, 113.85, 22.1)):
        with pytest.raises(BadTable, match=r"no people inside 试验区; it covers 113\.90–113\.95"):
            [*raster.inhabited(path, outline(where))]


def test_a_cut_raster_is_damaged(tmp_path: Path) -> None:
    people = np.random.default_rng(1).random((400, 400))
    whole = written(tmp_path / "pop.tif", people, compress="deflate").read_bytes()
    (tmp_path / "pop.tif").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFile, match="cannot be read as a GeoTIFF"):
        demand.read(tmp_path / "pop.tif")
