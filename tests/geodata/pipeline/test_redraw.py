"""A layer into a published dataset: the same places, in new outlines; what a source named stays."""

import io
from functools import cache

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.pipeline import recipes
from geodata.pipeline.area_outlines import Outlines, drawn, with_imported
from geodata.pipeline.freeze import Frozen
from geodata.pipeline.new_city import demo_outlines, shipped
from geodata.pipeline.redraw import relabelled
from geodata.places.areas import locate
from geodata.sources.demo import facts
from geodata.sources.demo.city import SHENZHEN

#: Taken from 福田区 for 南山区: everything around the civic centre.
MOVED = shapely.box(113.90, 22.50, 114.08, 22.56)


@cache
def moved() -> Outlines:
    layer = gpd.GeoDataFrame(
        {"name": ["南山区"], "level": ["district"]}, geometry=[MOVED], crs=4326
    )
    return with_imported(shipped(), layer)


def places() -> gpd.GeoDataFrame:
    """Four on one spot: all followed, all named, all unknown, the street office unknown."""
    table = {
        "id": ["a", "b", "c", "d"],
        "district": ["福田区", "福田区", None, "福田区"],
        "street": ["莲花街道", "莲花街道", None, None],
        "src_guessed": ["district street", None, None, "street"],
        "src_row": pd.array([2, 3, 4, None], dtype="Int64"),
        "src_file": ["x.csv", "x.csv", "x.csv", None],
    }
    return gpd.GeoDataFrame(table, geometry=[shapely.Point(114.06, 22.545)] * 4, crs=4326)


def demo_city() -> tuple[gpd.GeoDataFrame, Frozen]:
    """The demo city's table as it is stored, and its version."""
    made = recipes.demo("demo")
    return gpd.read_parquet(io.BytesIO(made.blobs["places.parquet"])), made


def test_a_district_that_followed_from_the_position_follows_anew_and_one_that_was_named_stays() -> (
    None
):
    table, changed, notes = relabelled(places(), moved())
    assert table["district"].tolist() == ["南山区", "福田区", "南山区", "福田区"]
    (here,) = locate([114.06], [22.545], moved().streets, grid=SHENZHEN.grid)
    mine = moved().streets["street"].iloc[here]
    assert table["street"].tolist() == [mine, "莲花街道", mine, mine]
    assert changed == 5
    said = {(note.row, note.column, note.value, note.about) for note in notes}
    assert said == {
        (3, "district", "福田区", "b lies in 南山区"),
        (0, "district", "福田区", "d lies in 南山区"),
        (3, "street", "莲花街道", f"b lies in {mine}"),
    }


def test_what_follows_from_the_position_says_so_afterwards() -> None:
    table, _, _ = relabelled(places(), moved())
    assert table["src_guessed"].fillna("").tolist() == [
        "district street",
        "",
        "district street",
        "street",
    ]
    again, changed, _ = relabelled(table, moved())
    assert changed == 0
    assert again["district"].tolist() == table["district"].tolist()


def test_the_demo_city_in_its_own_outlines_is_the_same_version() -> None:
    table, made = demo_city()
    outlines = demo_outlines()
    kept, changed, _ = relabelled(table, outlines)
    assert changed == 0
    crowd = made.snapshot().demand
    assert recipes.frozen(kept, made.about, outlines, demand=crowd).version == made.version


def test_a_version_in_imported_outlines_says_whose_they_are(real_data) -> None:
    table, made = demo_city()
    real = gpd.read_file(real_data / "boundaries" / "shenzhen_districts.geojson")
    names = real["qh"].map(facts.districts().set_index("alias")["name"])
    layer = gpd.GeoDataFrame({"name": names, "level": "district"}, geometry=real.geometry, crs=4326)
    found = with_imported(shipped(), layer, "transbigdata (BSD-3-Clause)")
    frozen = recipes.frozen(table, made.about, found)
    assert frozen.version != made.version
    assert (frozen.about.outlines, frozen.about.approximate) == (
        "transbigdata (BSD-3-Clause)",
        True,
    )
    assert b'"approximate": false' in frozen.blobs["districts.geojson"]
    assert len(frozen.blobs["drawn.geojson"]) < len(frozen.blobs["areas.geojson"]) / 3
    assert drawn(found).columns.tolist() == found.streets.columns.tolist()


@pytest.mark.parametrize("column", ["district", "street"])
def test_a_place_outside_every_area_keeps_what_it_had(column: str) -> None:
    far = places().set_geometry([shapely.Point(115.5, 22.5)] * 4, crs=4326)
    table, changed, notes = relabelled(far, moved())
    assert (changed, notes) == (0, [])
    assert table[column].fillna("").tolist() == far[column].fillna("").tolist()
