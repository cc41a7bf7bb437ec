"""Layers of outlines as people keep them: what is wrong is mended and told, or refused with its
reason.
"""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.affinity

from geodata.errors import BadTable, BadValue, UnreadableFile
from geodata.pipeline.new_city import shipped
from geodata.places.areas import to_metric
from geodata.sources.areas.evidence import Witnesses, weigh_areas
from geodata.sources.areas.layers import AreasDeclared, read_areas
from geodata.sources.areas.names import Level
from geodata.sources.areas.shapes import misfits, shaped
from geodata.sources.demo import facts
from geodata.sources.demo.city import SHENZHEN
from geodata.sources.file_options import FileOptions
from geodata.space.coordinates import Datum, from_wgs84

NASTY = Path(__file__).parents[3] / "data" / "areas"
EXPECTED = json.loads((NASTY / "expected.json").read_text("utf-8"))
WGS84 = AreasDeclared(Datum.WGS84)
SQUARE = shapely.box(113.90, 22.50, 113.95, 22.55)


def layer(
    path: Path, names: list[str], shapes: list[object], crs: object = "EPSG:4326", **columns: object
) -> Path:
    frame = gpd.GeoDataFrame({"name": names, **columns}, geometry=shapes, crs=crs)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path


@pytest.mark.parametrize("file", sorted(EXPECTED))
def test_every_nasty_layer_comes_to_what_is_written_beside_it(file: str) -> None:
    wanted = EXPECTED[file]
    declared = AreasDeclared(Datum.WGS84, Level(wanted["level"]) if "level" in wanted else None)
    if "refused" in wanted:
        with pytest.raises(BadTable, match=wanted["refused"]):
            read_areas(NASTY / file, declared, shipped().names)
        return
    read = read_areas(NASTY / file, declared, shipped().names)
    made = shaped(read, SHENZHEN.grid)
    assert made.areas["name"].tolist() == wanted["taken"]
    assert made.areas.is_valid.all()
    refused = sorted((reject.row, reject.reason) for reject in (*read.rejects, *made.rejects))
    assert [row for row, _ in refused] == [row for row, _ in wanted.get("rejects", [])]
    assert all(
        words in said
        for (_, said), (_, words) in zip(refused, wanted.get("rejects", []), strict=True)
    )
    assert {repair.how for repair in (*read.repairs, *made.repairs)} == set(
        wanted.get("repairs", [])
    )
    told = [note.about for note in (*made.notes, *misfits(made.areas, file, SHENZHEN.grid))]
    for words in wanted.get("notes", []):
        assert any(said.startswith(words) for said in told), (words, told)
    assert wanted.get("said", "") in "; ".join(read.said)


def test_every_nasty_layer_has_its_expectation() -> None:
    assert {path.name for path in NASTY.glob("*.geojson")} == set(EXPECTED)


def test_a_bow_tie_keeps_the_ground_of_both_its_wings() -> None:
    made = shaped(read_areas(NASTY / "bowtie.geojson", WGS84, shipped().names), SHENZHEN.grid)
    assert to_metric(made.areas.geometry.iloc[0], SHENZHEN.grid).area == pytest.approx(
        to_metric(SQUARE, SHENZHEN.grid).area / 2, rel=0.01
    )


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".parquet", ".geojson"])
def test_a_layer_reads_alike_in_every_format(tmp_path: Path, ending: str) -> None:
    read = read_areas(layer(tmp_path / f"a{ending}", ["南山区"], [SQUARE]), WGS84, shipped().names)
    assert (read.names, read.levels, read.datum) == (("南山区",), (Level.DISTRICT,), Datum.WGS84)
    assert shapely.equals_exact(read.geometries[0].normalize(), SQUARE.normalize(), 1e-9)


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".parquet", ".geojson"])
def test_a_crs_is_a_stated_datum_in_every_format(tmp_path: Path, ending: str) -> None:
    assert (
        read_areas(
            layer(tmp_path / f"a{ending}", ["南山区"], [SQUARE]), AreasDeclared(), shipped().names
        ).datum
        is Datum.WGS84
    )


def test_the_datum_is_asked_for_where_the_file_states_none() -> None:
    with pytest.raises(BadTable, match="does not state its datum"):
        read_areas(NASTY / "twins.geojson", AreasDeclared(), shipped().names)


def test_metres_without_a_crs_are_read_when_it_is_told(tmp_path: Path) -> None:
    square = gpd.GeoSeries([SQUARE], crs=4326).to_crs(4547).iloc[0]
    file = layer(tmp_path / "a.shp", ["南山区"], [square], crs=4547)
    file.with_suffix(".prj").unlink()
    (shape,) = read_areas(file, WGS84, shipped().names, FileOptions(crs="EPSG:4547")).geometries
    assert shapely.hausdorff_distance(shape, SQUARE) < 1e-7
    with pytest.raises(BadValue, match="names no coordinate reference system"):
        read_areas(file, WGS84, shipped().names, FileOptions(crs="EPSG:0"))


def test_chinese_that_a_shapefile_gives_as_latin_letters_is_chinese_again(tmp_path: Path) -> None:
    file = layer(tmp_path / "a.geojson", ["南山区".encode("gb18030").decode("latin-1")], [SQUARE])
    read = read_areas(file, WGS84, shipped().names)
    assert read.names == ("南山区",)
    assert "Chinese that was read as Latin letters" in read.said[0]


def test_of_several_layers_one_must_be_chosen(tmp_path: Path) -> None:
    for name in ("a", "b"):
        frame = gpd.GeoDataFrame({"name": ["南山区"]}, geometry=[SQUARE], crs=4326)
        frame.to_file(tmp_path / "two.gpkg", layer=name)
    with pytest.raises(BadTable, match="say which with --layer: a, b"):
        read_areas(tmp_path / "two.gpkg", WGS84, shipped().names)
    assert read_areas(tmp_path / "two.gpkg", WGS84, shipped().names, FileOptions(("b",))).names == (
        "南山区",
    )


def test_what_is_no_layer_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text("{}")
    (tmp_path / "a.txt").write_text("x")
    for name in ("a.geojson", "a.txt"):
        with pytest.raises((UnreadableFile, BadTable)):
            read_areas(tmp_path / name, WGS84, shipped().names)


def test_a_name_is_told_with_word_where_none_is_known(tmp_path: Path) -> None:
    file = layer(tmp_path / "a.gpkg", ["南山片区"], [SQUARE])
    assert read_areas(file, AreasDeclared(names={"南山片区": "南山区"}), shipped().names).names == (
        "南山区",
    )


@pytest.mark.parametrize(
    ("level", "texts", "name"),
    [
        (Level.DISTRICT, "南山 南山区 Nanshan 深圳市南山区", "南山区"),
        (Level.DISTRICT, "大鹏 大鹏新区 大鹏新区管理委员会", "大鹏新区"),
        (Level.STREET, "粤海 粤海街道办事处 南山区粤海街道 Yuehai", "粤海街道"),
        (Level.STREET, "龙岗 龙岗街道", "龙岗街道"),
        (Level.DISTRICT, "粤海 香洲 南山街道", None),
        (Level.ZONE, "1054 １０５４", "1054"),
    ],
)
def test_an_area_has_its_official_name(level: Level, texts: str, name: str | None) -> None:
    assert {shipped().names.official(text, level) for text in texts.split()} == {name}


def test_every_official_name_is_its_own() -> None:
    for name in facts.districts()["name"]:
        assert shipped().names.official(name, Level.DISTRICT) == name
    for name in facts.streets()["street"]:
        assert shipped().names.official(name, Level.STREET) == name


def test_names_that_are_both_district_and_street_tell_no_level() -> None:
    assert shipped().names.level_of(["龙岗", "坪山"]) is None
    assert shipped().names.level_of(["龙岗", "罗湖"]) is Level.DISTRICT
    assert shipped().names.level_of([]) is None


def _shifted(areas: gpd.GeoDataFrame, truth: Datum) -> gpd.GeoDataFrame:
    shift = lambda at: np.stack(from_wgs84(at[:, 0], at[:, 1], truth), axis=1)  # noqa: E731
    return areas.set_geometry(shapely.transform(areas.geometry.to_numpy(), shift), crs=areas.crs)


@pytest.mark.parametrize("truth", list(Datum))
@pytest.mark.parametrize("declared", list(Datum))
def test_outlines_of_the_whole_city_name_their_datum_by_themselves(
    tmp_path: Path, real_data: Path, truth: Datum, declared: Datum
) -> None:
    real = gpd.read_file(real_data / "boundaries" / "shenzhen_districts.geojson")
    _shifted(real, truth).to_file(tmp_path / "a.geojson")
    made = shaped(
        read_areas(tmp_path / "a.geojson", AreasDeclared(declared), shipped().names), SHENZHEN.grid
    ).areas
    none = made.iloc[:0]
    points = {"offices": facts.streets(), "places": facts.streets().iloc[:0]}
    found = weigh_areas(made, declared, Witnesses(points, none, facts.outline(), SHENZHEN.grid))
    assert found.fits is truth
    assert (found.against is None) == (declared is truth)


@pytest.mark.parametrize("truth", list(Datum))
def test_a_part_of_the_city_is_told_by_the_places_that_name_it(
    real_data: Path, tmp_path: Path, truth: Datum
) -> None:
    real = gpd.read_file(real_data / "boundaries" / "shenzhen_districts.geojson")
    real = real[real["qh"] == "南山"].assign(qh="南山区")
    inside = np.random.default_rng(1).uniform(
        real.total_bounds[:2], real.total_bounds[2:], (4000, 2)
    )
    inside = inside[shapely.contains_xy(real.geometry.iloc[0], *inside.T)]
    places = gpd.GeoDataFrame(
        {"district": "南山区", "street": None},
        index=range(len(inside)),
        geometry=shapely.points(inside),
        crs=4326,
    )
    _shifted(real, truth).to_file(tmp_path / "a.geojson")
    made = shaped(
        read_areas(tmp_path / "a.geojson", AreasDeclared(Datum.WGS84), shipped().names),
        SHENZHEN.grid,
    ).areas
    known = Witnesses(
        {"offices": facts.streets(), "places": places},
        made.iloc[:0],
        facts.outline(),
        SHENZHEN.grid,
    )
    found = weigh_areas(made, Datum.WGS84, known)
    assert found.fits is truth
    assert all(reading.uncovered_m2 is None for reading in found.readings)
    assert (found.against is None) == (truth is Datum.WGS84)


@pytest.mark.parametrize(
    ("file", "declared", "count"),
    [
        ("shenzhen_districts.geojson", WGS84, 10),
        ("shenzhen_districts_no_crs.shp", WGS84, 10),
        (
            "traffic_zones/SZ_districts.shp",
            AreasDeclared(level=Level.ZONE, columns={"TAZID": "name"}),
            491,
        ),
    ],
)
def test_every_real_layer_is_read_whole(
    real_data: Path, file: str, declared: AreasDeclared, count: int
) -> None:
    read = read_areas(real_data / "boundaries" / file, declared, shipped().names)
    made = shaped(read, SHENZHEN.grid)
    assert (len(made.areas), len(read.rejects), len(made.rejects)) == (count, 0, 0)
    assert made.areas.is_valid.all()


def test_the_gap_between_two_real_districts_is_told_in_square_metres(real_data: Path) -> None:
    made = shaped(
        read_areas(real_data / "boundaries" / "shenzhen_districts.geojson", WGS84, shipped().names),
        SHENZHEN.grid,
    ).areas
    (note,) = misfits(made, "x", SHENZHEN.grid)
    assert note.value == "龙华区"
    assert note.about.startswith("a gap to 龙岗区 of 69,118 m²")


@pytest.mark.parametrize("file", sorted(EXPECTED))
def test_what_is_mended_has_at_most_seven_decimals(file: str) -> None:
    wanted = EXPECTED[file]
    if "refused" not in wanted:
        declared = AreasDeclared(Datum.WGS84, Level(wanted["level"]) if "level" in wanted else None)
        made = shaped(read_areas(NASTY / file, declared, shipped().names), SHENZHEN.grid)
        degrees = shapely.get_coordinates(made.areas.geometry.to_numpy())
        assert (degrees == degrees.round(7)).all()


def test_crossing_borders_and_joined_parts_have_at_most_seven_decimals(tmp_path: Path) -> None:
    corners = [(113.9, 22.5), (113.9571, 22.5533), (113.9613, 22.5029), (113.91, 22.56)]
    bow = shapely.Polygon(corners)  # it crosses itself
    parts = [SQUARE, shapely.affinity.rotate(SQUARE, 31).buffer(0.001)]
    path = layer(tmp_path / "a.parquet", ["南山区", "福田区", "福田区"], [bow, *parts])
    made = shaped(
        read_areas(path, AreasDeclared(Datum.WGS84, Level.DISTRICT), shipped().names), SHENZHEN.grid
    )
    degrees = shapely.get_coordinates(made.areas.geometry.to_numpy())
    assert (degrees == degrees.round(7)).all()
    assert made.areas.is_valid.all()
