"""Evidence speaks for a datum or is silent; it never claims what no witness said."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pytest

from geodata.pipeline.new_city import shipped
from geodata.sources.demo import facts
from geodata.sources.evidence import Evidence, Surroundings, weigh
from geodata.sources.report import as_table, silence
from geodata.space.coordinates import WGS84, Datum, from_wgs84

#: In the middle of the land, far from every coast under each datum.
LON, LAT = np.full(12, 113.95), 22.56 + np.arange(12) * 0.002

#: What the shipped city knows of itself.
SURROUNDINGS = Surroundings(shipped().land, shipped().landmarks)


def published(names: Sequence[str]) -> gpd.GeoDataFrame:
    points = gpd.points_from_xy(LON[: len(names)], LAT[: len(names)])
    return gpd.GeoDataFrame({"name": list(names)}, geometry=points, crs=WGS84)


def weighed(names: Sequence[str], true: Datum, declared: Datum | None, *, known: bool) -> Evidence:
    written = from_wgs84(LON[: len(names)], LAT[: len(names)], true)
    return weigh(*written, names, declared, SURROUNDINGS, published(names) if known else None)


def fitting(found: Evidence) -> list[str]:
    return [line[0] for line in as_table(found) if line[-1] == "fits best"]


@pytest.mark.parametrize("true", list(Datum))
@pytest.mark.parametrize("declared", [*Datum, None])
@pytest.mark.parametrize(
    "name", ["科苑南路{}号", "{}号线", "驿站{}", "甲{}", "Station {}", "沙井电子城({})", "{}"]
)
def test_places_published_before_are_witnesses_whatever_their_names_end_with(
    true: Datum, declared: Datum | None, name: str
) -> None:
    names = [name.format(number + 2) for number in range(12)]
    found = weighed(names, true, declared, known=True)
    assert [reading.published for reading in found.readings] == [12, 12, 12]
    at = {reading.datum: reading.published_m for reading in found.readings}
    assert at[true] is not None
    assert at[true] < 1
    assert found.fits is true
    assert fitting(found) == [str(true)]
    assert (found.against is None) == (declared in (true, None))
    assert silence(found) is None


def test_a_distance_of_nothing_is_the_best_fit() -> None:
    names = [f"甲{number}站" for number in range(6)]
    found = weigh(LON[:6], LAT[:6], names, Datum.WGS84, SURROUNDINGS, published(names))
    assert found.readings[0].published_m == 0.0
    assert found.fits is Datum.WGS84


@pytest.mark.parametrize("declared", [*Datum, None])
@pytest.mark.parametrize("many", [0, 4, 12])
def test_where_nobody_speaks_nothing_is_claimed(declared: Datum | None, many: int) -> None:
    names = [f"无人知道{number}" for number in range(many)]
    found = weigh(LON[:many], LAT[:many], names, declared, SURROUNDINGS)
    assert (found.fits, found.against, fitting(found)) == (None, None, [])
    said = silence(found)
    assert said is not None
    assert "no witness speaks" in said


def test_a_few_published_places_are_too_few_witnesses() -> None:
    for many, fits in ((4, None), (5, Datum.GCJ02)):
        names = [f"甲{number}" for number in range(many)]
        assert weighed(names, Datum.GCJ02, Datum.GCJ02, known=True).fits is fits


def test_a_place_of_another_number_is_another_place() -> None:
    names = [f"驿站{number}" for number in range(12)]
    others = [f"驿站{number + 20}" for number in range(12)]
    found = weigh(LON, LAT, others, Datum.WGS84, SURROUNDINGS, published(names))
    assert [reading.published for reading in found.readings] == [0, 0, 0]
    assert found.fits is None


@pytest.mark.parametrize("true", list(Datum))
@pytest.mark.parametrize("dress", ["{}", "{}2", "{}①", "{}站"])
def test_stations_named_after_landmarks_are_witnesses(true: Datum, dress: str) -> None:
    table = facts.landmarks().drop_duplicates("name").head(30)
    written = from_wgs84(table.geometry.x, table.geometry.y, true)
    found = weigh(*written, [dress.format(name) for name in table["name"]], true, SURROUNDINGS)
    assert found.fits is true
    assert found.against is None
