"""Floating catchments on paper, and against pysal's access."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from access import Access
from access.weights import step_fn

from geodata.analysis.access import access, alike, bands, power
from geodata.coverage.near import Straight, Within
from geodata.errors import BadQuestion, NoSuchPlace
from tests import makers
from tests.geodata.analysis.conftest import People, Town

#: Weights by metres, as Luo & Qi have them by minutes.
BANDS = {1000: 1.0, 2000: 0.68, 3000: 0.22}
TWO = [(0.0, "24/7"), (1000.0, "24/7")]
SEATS = pd.Series({"pla-0": 10.0, "pla-1": 6.0})


def test_seats_are_shared_by_all_who_reach_them(town: Town, people: People) -> None:
    # a reaches the first, b both, c the second: R₀ = 10 / (1 + 4), R₁ = 6 / (4 + 2).
    crowd = people(-300, 500, 1300, w=[1, 4, 2])
    found = access(town(TWO), crowd, SEATS, Within(reach_m=600), weight="w")
    assert found["access"].tolist() == pytest.approx([2, 2 + 1, 1])
    assert found["places"].tolist() == [1, 2, 1]
    assert (found["access"] * crowd["w"]).sum() == pytest.approx(16)


def test_bands_weigh_the_near_more(town: Town, people: People) -> None:
    # f is 1 up to 400 m and 0.5 up to 600 m: R₀ = 10 / (1 + 4 / 2), R₁ = 6 / (4 / 2 + 2).
    crowd = people(-300, 500, 1300, w=[1, 4, 2])
    decay = bands([(400, 1.0), (600, 0.5)])
    found = access(town(TWO), crowd, SEATS, Within(reach_m=600), weight="w", decay=decay)
    assert found["access"].tolist() == pytest.approx([10 / 3, 0.5 * (10 / 3 + 6 / 4), 6 / 4])


def test_gravity_falls_with_the_square_of_distance(town: Town, people: People) -> None:
    found = access(town(TWO[:1]), people(100, 200), SEATS[:1], Within(reach_m=600), decay=power(2))
    # f = 1/100², 1/200²: four to one of ten seats.
    assert found["access"].tolist() == pytest.approx([8, 2], rel=1e-3)
    assert power(1, least_m=50)(np.array([0.0, 50.0])).tolist() == [1 / 50, 1 / 50]


def test_an_unknown_capacity_is_no_number(town: Town, people: People) -> None:
    crowd = people(-300, 500, 1300, 5000, 200_000)
    found = access(
        town(TWO),
        crowd,
        pd.Series({"pla-0": 10, "pla-1": None}, dtype="Float64"),
        Within(reach_m=600),
    )
    # The first place is shared by two, and so is the second, whose seats nobody knows.
    assert found["access"][0] == 5
    assert found["access"].isna().tolist() == [False, True, True, False, True]
    assert found["access"][3] == 0
    assert found["access_least"].tolist()[:4] == [5, 5, 0, 0]
    assert found["access_most"].tolist()[:4] == [5, np.inf, np.inf, 0]
    assert np.isnan(found["access"][4])
    assert found["unknown_places"].tolist()[:4] == [0, 1, 1, 0]
    assert found["places"].isna().tolist() == [False] * 4 + [True]


def test_bounds_are_those_of_the_least_and_the_most_that_an_unknown_capacity_may_be(
    town: Town, people: People
) -> None:
    crowd, decay = people(-300, 500, 1300, w=[1, 4, 2]), bands([(400, 1.0), (600, 0.5)])
    ask = {"within": Within(reach_m=600), "weight": "w", "decay": decay}
    half = pd.Series({"pla-0": 10.0, "pla-1": np.nan})
    told = access(town(TWO), crowd, half, **ask, unknown=(2.0, 6.0))
    for column, seats in (("access_least", 2.0), ("access_most", 6.0)):
        whole = access(town(TWO), crowd, pd.Series({"pla-0": 10.0, "pla-1": seats}), **ask)
        assert told[column].tolist() == pytest.approx(whole["access"].tolist())
        assert (told[column] * crowd["w"]).sum() == pytest.approx(10.0 + seats)
    for bad in ((3.0, 2.0), (-1.0, 2.0), (np.nan, 1.0)):
        with pytest.raises(BadQuestion, match="an unknown capacity cannot lie between"):
            access(town(TWO), crowd, half, **ask, unknown=bad)


def test_capacities_of_unknown_places_or_below_0_are_refused(town: Town, people: People) -> None:
    with pytest.raises(NoSuchPlace):
        access(town(TWO), people(0), pd.Series({"pla-9": 1.0}), Within())
    with pytest.raises(BadQuestion, match="below 0"):
        access(town(TWO), people(0), pd.Series({"pla-0": -1.0}), Within())
    for bad in ([], [(500, 1), (400, 1)], [(500, -1)]):
        with pytest.raises(BadQuestion, match="ascending"):
            bands(bad)
    with pytest.raises(BadQuestion, match="above 0"):
        power(0)


# pysal's access 1.1 asks pandas in a way that pandas 4 will not know.
@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("enhanced", [False, True])
def test_floating_catchments_equal_pysals(*, enhanced: bool) -> None:
    rng = np.random.default_rng(4)
    table = makers.random_city(90)  # of public places some count only where asked for
    city = makers.snapshot(table[table["kind"] != "public_place"])
    decay = bands(list(BANDS.items()))
    lonlat, weight = makers.clustered(rng, 120), rng.integers(1, 50, 120).astype(float)
    crowd = gpd.GeoDataFrame({"w": weight}, geometry=gpd.points_from_xy(*lonlat.T), crs="EPSG:4326")
    seats = pd.Series(
        rng.integers(1, 30, len(city)).astype(float), [city.id_of(row) for row in range(len(city))]
    )
    ours = access(
        city, crowd, seats, Within(reach_m=3000), weight="w", decay=decay if enhanced else alike
    )

    links = Straight(city.index, 3000).links(lonlat)
    point = np.repeat(np.arange(120), np.diff(links.starts))
    place = [city.id_of(int(row)) for row in links.rows]
    costs = pd.DataFrame({"point": point, "place": place, "metres": links.cost})
    theirs = Access(
        demand_df=pd.DataFrame({"id": np.arange(120), "w": weight}),
        demand_index="id",
        demand_value="w",
        supply_df=seats.rename("seats").rename_axis("id").reset_index(),
        supply_index="id",
        supply_value="seats",
        cost_df=costs,
        cost_origin="point",
        cost_dest="place",
        cost_name="metres",
    )
    found = theirs.two_stage_fca(
        name="x", cost="metres", max_cost=3000, weight_fn=step_fn(BANDS) if enhanced else None
    )
    assert ours["access"].to_numpy() == pytest.approx(
        found["x_seats"].reindex(np.arange(120)).fillna(0).to_numpy()
    )
