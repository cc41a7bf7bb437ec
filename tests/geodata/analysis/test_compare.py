"""Who gains and who loses: equal to asking every point, place and hour by itself."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.analysis import compare
from geodata.analysis.compare import Moment, Scenario
from geodata.coverage.near import Within
from geodata.coverage.served import hours_of
from geodata.errors import BadTable
from geodata.search.filter import Filter
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import WGS84
from geodata.vocabulary import Need
from tests.makers import TIMEZONE, ZONE

DAY = date(2026, 12, 2)
HOURS = ("24/7", "Mo-Su 08:00-20:00", "Mo-Su 22:00-06:00", None)
OPEN_HOURS = {
    "24/7": set(range(24)),
    "Mo-Su 08:00-20:00": set(range(8, 20)),
    "Mo-Su 22:00-06:00": {22, 23, *range(6)},
    None: set(),
}
ANY = [(), (Need.WATER,), (Need.TALK,)]
SIDES = st.lists(
    st.tuples(st.integers(-20, 20).map(lambda n: 100.0 * n), st.sampled_from(HOURS)),
    min_size=1,
    max_size=5,
)

Town = Callable[[Sequence[tuple[float, str | None]]], Snapshot]
People = Callable[..., gpd.GeoDataFrame]


def moments() -> list[Moment]:
    return compare.moments_of({"WE": DAY}, hours_of([DAY], ZONE))


def planned(
    people: People, *sites: tuple[float, str | None], **columns: object
) -> gpd.GeoDataFrame:
    hours = [each for _, each in sites]
    return people(*(metres for metres, _ in sites), opening_hours=hours, **columns)


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    before=SIDES,
    after=SIDES,
    sites=st.lists(
        st.tuples(
            st.integers(-20, 20).map(lambda n: 100.0 * n + 7.0),
            st.sampled_from(HOURS[:3]),
            st.sampled_from(["water", "talk", "water,talk", ""]),
        ),
        max_size=3,
    ),
    asked=st.lists(
        st.tuples(
            st.integers(-25, 25).map(lambda n: 100.0 * n + 31.0),
            st.integers(0, 5),
            st.sampled_from(["甲", "乙", None]),
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_every_share_is_that_of_asking_one_by_one(
    town: Town,
    people: People,
    before: list[tuple[float, str | None]],
    after: list[tuple[float, str | None]],
    sites: list[tuple[float, str, str]],
    asked: list[tuple[float, int, str | None]],
) -> None:
    beside = (
        planned(people, *[site[:2] for site in sites], needs=[site[2] for site in sites])
        if sites
        else None
    )
    points = people(
        *(metres for metres, _, _ in asked),
        weight=[weight for _, weight, _ in asked],
        part=[part for _, _, part in asked],
    )
    table = compare.compare(
        Scenario(town(before)),
        Scenario(town(after), beside),
        points,
        Within(reach_m=500.0),
        ANY,
        moments(),
        weight="weight",
        by="part",
    )

    def served(
        metres: float,
        places: list[tuple[float, str | None]],
        plans: list[tuple[float, str, str]],
        need: str,
        hour: int,
    ) -> bool:
        # The town's places have seats and water, nobody to talk to.
        there = need != "talk" and any(
            abs(metres - at) <= 500 and hour in OPEN_HOURS[hours] for at, hours in places
        )
        return there or any(
            abs(metres - at) <= 500
            and hour in OPEN_HOURS[hours]
            and (need == "any" or not serves or need in serves.split(","))
            for at, hours, serves in plans
        )

    assert len(table) == 24 * 3 * len({part for _, _, part in asked})
    for row in table.to_dict("records"):
        mine = [
            (metres, weight)
            for metres, weight, part in asked
            if part == row["area"] or (part is None and pd.isna(row["area"]))
        ]
        flags = [
            (
                served(metres, before, [], row["need"], row["hour"]),
                served(metres, after, sites, row["need"], row["hour"]),
                weight,
            )
            for metres, weight in mine
        ]
        assert row["points"] == len(mine)
        assert row["weight"] == sum(weight for _, weight in mine)
        assert row["before"] == sum(w for was, _, w in flags if was)
        assert row["after"] == sum(w for _, now, w in flags if now)
        assert row["gained"] == sum(w for was, now, w in flags if now and not was)
        assert row["lost"] == sum(w for was, now, w in flags if was and not now)
        if row["weight"]:
            assert row["share_after"] - row["share_before"] == pytest.approx(
                row["share_gained"] - row["share_lost"], abs=1e-12
            )


def test_each_point_is_told_what_became_of_it(town: Town, people: People) -> None:
    points = people(0, 2_000, 4_000, 9_000, name=["a", "b", "c", "d"])
    found = compare.changes(
        Scenario(town([(0, "24/7"), (2_000, "24/7")])),
        Scenario(town([(0, "24/7"), (4_000, "24/7")])),
        points,
        Within(),
        (),
        datetime(2026, 12, 2, 2, tzinfo=TIMEZONE),
    )
    assert found["change"].tolist() == ["kept", "lost", "gained", "never"]


def test_points_outside_the_service_area_are_counted_apart(town: Town, people: People) -> None:
    side = Scenario(town([(0, "24/7")]))
    far = gpd.GeoDataFrame(geometry=gpd.points_from_xy([121.5], [31.2]), crs=WGS84)
    points = gpd.GeoDataFrame(pd.concat([people(0), far], ignore_index=True))
    at = [Moment(datetime(2026, 12, 2, 2, tzinfo=TIMEZONE), {})]
    (row,) = compare.compare(side, side, points, Within(), [()], at).to_dict("records")
    assert (row["points"], row["points_left_out"], row["share_after"]) == (1, 1, 1.0)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"opening_hours": ["when it rains"]}, "opening hours 'when it rains'"),
        ({"needs": ["water,coffee"]}, "'coffee' is no need; the needs are rest, water"),
    ],
)
def test_a_planned_site_that_cannot_be_read_is_refused(
    town: Town, people: People, columns: dict[str, list[str]], said: str
) -> None:
    side = town([(0, "24/7")])
    at = [Moment(datetime(2026, 12, 2, 2, tzinfo=TIMEZONE), {})]
    with pytest.raises(BadTable, match=said):
        compare.compare(
            Scenario(side), Scenario(side, people(0, **columns)), people(0), Within(), [()], at
        )


def test_a_filter_by_needs_stays_with_its_other_parts(town: Town, people: People) -> None:
    within = Within(Filter(needs=(Need.TALK,)), reach_m=500.0)
    side = Scenario(town([(0, "24/7")]))
    at = [Moment(datetime(2026, 12, 2, tzinfo=TIMEZONE) + timedelta(hours=2), {})]
    table = compare.compare(side, side, people(0), within, [(Need.TALK,), (Need.WATER,)], at)
    assert table.set_index("need")["share_after"].to_dict() == {"talk": 0.0, "water": 1.0}
    assert np.isfinite(table["share_before"]).all()
