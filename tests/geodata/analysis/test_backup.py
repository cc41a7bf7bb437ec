"""Backup and the cost of closing, on paper."""

import geopandas as gpd
import numpy as np
import pytest

from geodata.analysis.backup import backup, closing
from geodata.coverage.near import Straight, Within
from geodata.coverage.served import Standing, standings
from tests import makers
from tests.geodata.analysis.conftest import People, Town

#: Two neighbours 300 m apart, one far off that is shut at night, one of unknown hours.
FOUR = [(0.0, "24/7"), (300.0, "24/7"), (2000.0, "Mo-Su,PH 09:00-21:00"), (4000.0, None)]


def test_weight_is_told_by_how_many_open_places_it_has(town: Town, people: People) -> None:
    crowd = people(-400, 100, 2000, 4000, 9000, 200_000, w=[1, 2, 4, 8, 16, 32])
    night = backup(town(FOUR), crowd, Within(reach_m=500), makers.NIGHT, weight="w").iloc[0]
    assert (night.points, night.weight) == (5, 31)
    assert (night.by_0, night.by_1, night.by_2, night.by_3_or_more) == (4 + 8 + 16, 1, 2, 0)
    assert night.unsure == 8
    assert night.share_by_2 == 2 / 31
    day = backup(town(FOUR), crowd, Within(reach_m=5000), makers.DAY, weight="w").iloc[0]
    assert (day.by_3_or_more, day.by_2, day.by_1, day.by_0) == (1 + 2 + 4 + 8, 0, 0, 16)


def test_closing_a_place_costs_whom_only_it_serves_and_a_longer_way_for_others(
    town: Town, people: People
) -> None:
    crowd = people(-400, 100, 250, w=[1, 2, 4])
    lost = closing(town(FOUR), crowd, Within(reach_m=500), makers.NIGHT, weight="w").set_index("id")
    assert lost.index.tolist() == ["pla-0", "pla-1"]
    assert lost["reaches"].tolist() == [7, 6]
    assert lost["only_here"].tolist() == [1, 0]
    assert lost["nearest_here"].tolist() == [3, 4]
    # At 100 m the second is 100 m farther, at 250 m 200 m.
    assert lost["farther_m"].tolist() == pytest.approx([100, 200], abs=0.02)


def test_a_place_that_reaches_nobody_or_is_not_known_to_be_open_is_not_listed(
    town: Town, people: People
) -> None:
    assert closing(town(FOUR), people(2000, 4000), Within(reach_m=500), makers.NIGHT).empty
    by_day = closing(town(FOUR), people(2000, 4000), Within(reach_m=500), makers.DAY)
    assert by_day["id"].tolist() == ["pla-2"]
    assert np.isnan(by_day["farther_m"]).all()


def test_only_here_is_what_is_lost_when_the_place_is_gone() -> None:
    table = makers.random_city(70)
    table = table[table["kind"] != "public_place"]  # some of which count only where asked for
    whole, lonlat = makers.snapshot(table), makers.clustered(np.random.default_rng(3), 400)
    crowd = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*lonlat.T), crs="EPSG:4326")
    lost = closing(whole, crowd, Within(reach_m=3000), makers.DAY)
    served = (
        standings(whole, Straight(whole.index, 3000), lonlat, [makers.DAY]) == Standing.OPEN
    ).sum()
    for place_id, only_here in zip(lost["id"][:5], lost["only_here"][:5], strict=True):
        without = makers.snapshot(table[table["id"] != place_id])
        left = (
            standings(without, Straight(without.index, 3000), lonlat, [makers.DAY]) == Standing.OPEN
        ).sum()
        assert served - left == only_here
