"""Invented orders: as many as are said, on the grid, in the city, the same for the same seed."""

import numpy as np
import pytest
import shapely

from geodata.errors import BadTable
from geodata.snapshot.demand import Demand, DemandSummary
from geodata.sources.demo import facts
from geodata.sources.demo.city import PUBLISHED_2022, SHENZHEN
from geodata.sources.demo.demand import ORDERS, SQUARE_M, demo_orders
from geodata.space.coordinates import metric


def test_orders_lie_on_the_grid_in_the_city_and_are_all_there() -> None:
    orders = demo_orders(2022, PUBLISHED_2022, SHENZHEN.grid)
    assert orders.weight.sum() == ORDERS
    assert (orders.weight >= 1).all()
    off = metric(orders.lonlat[:, 0], orders.lonlat[:, 1], SHENZHEN.grid) / SQUARE_M % 1
    assert off == pytest.approx(np.full_like(off, 0.5), abs=1e-4)
    inside = shapely.contains_xy(facts.outline(), *orders.lonlat.T)
    assert orders.weight[inside].sum() > 0.98 * ORDERS


def test_the_same_seed_makes_the_same_orders() -> None:
    first, second = (demo_orders(7, PUBLISHED_2022, SHENZHEN.grid) for _ in range(2))
    assert (first.lonlat == second.lonlat).all()
    assert (first.weight == second.weight).all()
    assert len(demo_orders(8, PUBLISHED_2022, SHENZHEN.grid).weight) != len(first.weight)


def test_a_demand_cannot_be_written_to_and_has_no_unknown_weights() -> None:
    crowd = Demand.build(
        np.array([[114.0, 22.5]]), np.array([3.0]), [-1], DemandSummary("单", "orders")
    )
    assert Demand(**crowd.to_arrays()).summary == DemandSummary("单", "orders")
    assert not crowd.weight.flags.writeable
    for bad in (np.nan, -1.0):
        with pytest.raises(BadTable, match="0 or more"):
            Demand.build(np.array([[114.0, 22.5]]), np.array([bad]), [-1], DemandSummary())
