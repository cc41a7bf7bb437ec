"""Stated districts as witnesses of the datum: surveyed outlines tell, drawn ones do not, old lists
say nothing.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.pipeline import area_outlines
from geodata.pipeline.new_city import shipped
from geodata.places import areas
from geodata.sources.areas.layers import AreasDeclared, read_areas
from geodata.sources.areas.names import Level
from geodata.sources.areas.shapes import shaped
from geodata.sources.demo.city import SHENZHEN
from geodata.sources.evidence import Evidence, Surroundings, weigh
from geodata.sources.stated import nothing, stated
from geodata.space.coordinates import WGS84, Datum, from_metric, from_wgs84, metric

#: Two districts that meet at 114.02° E, and a street office in the west of one.
DISTRICTS = gpd.GeoDataFrame(
    {"name": ["南山区", "福田区"]},
    crs=WGS84,
    geometry=[shapely.box(113.90, 22.52, 114.02, 22.58), shapely.box(114.02, 22.52, 114.14, 22.58)],
)
OFFICES = gpd.GeoDataFrame(
    {"name": ["粤海街道"]}, geometry=[shapely.box(113.90, 22.52, 113.96, 22.58)], crs=WGS84
)
SURVEYED = {Level.DISTRICT: DISTRICTS, Level.STREET: OFFICES}

#: What the shipped city knows of itself.
SURROUNDINGS = Surroundings(shipped().land, shipped().landmarks)


def along_the_border(off_m: float, many: int = 12) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Points in WGS-84 as far west and east of the border, and the district that each row names."""
    lat = np.tile(np.linspace(22.53, 22.57, many), 2)
    xy_m = metric(np.full(2 * many, 114.02), lat, SHENZHEN.grid) + np.column_stack(
        [np.repeat([-off_m, off_m], many), 0.0 * lat]
    )
    return (*from_metric(xy_m, SHENZHEN.grid), ["南山"] * many + ["Futian"] * many)


def weighed(
    off_m: float, true: Datum, declared: Datum, districts: list[str] | None = None, many: int = 12
) -> Evidence:
    lon, lat, named = along_the_border(off_m, many)
    written = from_wgs84(lon, lat, true)
    said = stated(len(lon), {Level.DISTRICT: districts or named}, SURVEYED, shipped().names)
    return weigh(
        *written,
        [f"甲{number}站" for number in range(len(lon))],
        declared,
        SURROUNDINGS,
        stated=said,
    )


@pytest.mark.parametrize("true", list(Datum))
@pytest.mark.parametrize("declared", list(Datum))
def test_rows_that_name_their_district_near_its_border_tell_the_datum(
    true: Datum, declared: Datum
) -> None:
    found = weighed(150.0, true, declared)
    assert found.fits is true
    assert (found.against is None) == (true is declared)
    if found.against:
        assert (
            "12 of 24 places lie in the district or street office that their row names"
            in found.against
        )
        assert f"read as {true} 24" in found.against
    without = weigh(
        *from_wgs84(*along_the_border(150.0)[:2], true), ["甲"] * 24, declared, SURROUNDINGS
    )
    assert without.against is None


def test_far_from_every_border_and_in_small_tables_nothing_is_said() -> None:
    assert weighed(3_000.0, Datum.GCJ02, Datum.WGS84).against is None
    assert weighed(150.0, Datum.GCJ02, Datum.WGS84, many=4).against is None
    assert weighed(150.0, Datum.GCJ02, Datum.WGS84, many=5).against is not None


def test_a_list_from_before_a_district_was_founded_says_nothing() -> None:
    """All rows name the western district: under another datum those just east of the border would
    wander into it.
    """
    near, far = along_the_border(150.0), along_the_border(3_000.0)
    lon, lat = (np.concatenate(pair) for pair in zip(near[:2], far[:2], strict=True))
    said = stated(len(lon), {Level.DISTRICT: ["南山区"] * len(lon)}, SURVEYED, shipped().names)
    found = weigh(
        lon,
        lat,
        [f"甲{number}站" for number in range(len(lon))],
        Datum.WGS84,
        SURROUNDINGS,
        stated=said,
    )
    assert {str(reading.datum): (reading.stated, reading.inside) for reading in found.readings} == {
        "wgs84": (48, 24),
        "gcj02": (48, 36),
        "bd09": (48, 36),
    }
    assert found.against is None


def test_a_row_counts_once_and_lies_in_every_area_that_it_names() -> None:
    said = stated(
        5,
        {
            Level.DISTRICT: ["南山区", "南山区", None, np.nan, "某区"],
            Level.STREET: ["粤海街道办事处", "粤海", "粤海", None, None],
        },
        SURVEYED,
        shipped().names,
    )
    lon, lat = np.array([113.93, 113.99, 113.93, 113.93, 113.93]), np.full(5, 22.55)
    assert said.asked.tolist() == [True, True, True, False, False]
    assert said.inside(lon, lat).tolist() == [True, False, True, False, False]
    assert not nothing(5).asked.any()


def test_outlines_that_were_drawn_from_points_are_not_asked() -> None:
    none = area_outlines.surveyed(shipped())
    assert [len(frame) for frame in none.values()] == [0, 0]
    assert not stated(2, {Level.DISTRICT: ["南山区", "福田区"]}, none, shipped().names).asked.any()


def of_real_districts(real_data: Path) -> area_outlines.Outlines:
    file = real_data / "boundaries" / "shenzhen_districts.geojson"
    layer = shaped(read_areas(file, AreasDeclared(Datum.WGS84), shipped().names), SHENZHEN.grid)
    return area_outlines.with_imported(shipped(), layer.areas)


@pytest.mark.parametrize("seed", range(6))
def test_the_real_districts_speak_for_no_datum_but_the_true_one(real_data: Path, seed: int) -> None:
    ground = of_real_districts(real_data)
    rng = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(
        areas.to_metric(ground.districts.geometry.to_numpy(), SHENZHEN.grid)
    )
    lon, lat = from_metric(rng.uniform((west, south), (east, north), (1_500, 2)), SHENZHEN.grid)
    found = areas.locate(lon, lat, ground.districts, reach_m=0.0, grid=SHENZHEN.grid)
    inside = found != areas.NOWHERE
    lon, lat = lon[inside], lat[inside]
    named = ground.districts["district"].to_numpy()[found[inside]].tolist()
    said = stated(
        len(lon), {Level.DISTRICT: named}, area_outlines.surveyed(ground), shipped().names
    )
    names = [f"甲{number}站" for number in range(len(lon))]
    for true in Datum:
        written = from_wgs84(lon, lat, true)
        verdicts = {
            datum: weigh(*written, names, datum, SURROUNDINGS, stated=said) for datum in Datum
        }
        assert verdicts[true].against is None
        for datum, verdict in verdicts.items():
            assert verdict.fits is true, datum
            assert (verdict.against is None) == (datum is true)
