"""Demand from grids, trips, stops, tables and files: nothing is lost and nothing made up."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.analysis import demand
from geodata.analysis.clients import Clients, located
from geodata.errors import BadTable
from geodata.pipeline.new_city import shipped
from geodata.places.areas import to_metric
from geodata.sources.demo.city import SHENZHEN
from geodata.space.coordinates import Datum, from_metric
from tests import makers


def points(xy_m: list[tuple[float, float]], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        columns,
        geometry=gpd.points_from_xy(*from_metric(np.array(xy_m), SHENZHEN.grid)),
        crs="EPSG:4326",
    )


def test_squares_sum_what_lies_in_them() -> None:
    cells = demand.squares(
        points([(10, 10), (240, 90), (260, 10), (-1, 10)], w=[1, 2, 4, 8]),
        250,
        "w",
        grid=SHENZHEN.grid,
    )
    rows = cells[["east_m", "north_m", "points", "weight"]].to_numpy().tolist()
    assert rows == [[-250, 0, 1, 8], [0, 0, 2, 3], [250, 0, 1, 4]]
    assert shapely.get_coordinates(
        to_metric(cells.geometry.to_numpy(), SHENZHEN.grid)
    ) == pytest.approx(np.array([(-125, 125), (125, 125), (375, 125)]), abs=1e-3)
    drawn = demand.square_shapes(cells, 250, SHENZHEN.grid)
    assert shapely.area(to_metric(drawn.geometry.to_numpy(), SHENZHEN.grid)) == pytest.approx(
        250**2
    )
    assert drawn.geometry.contains(cells.geometry).all()


def test_hexagons_lose_no_weight_and_hold_their_middles() -> None:
    lonlat = makers.clustered(np.random.default_rng(2), 500)
    crowd = gpd.GeoDataFrame(
        {"w": np.arange(500)}, geometry=gpd.points_from_xy(*lonlat.T), crs="EPSG:4326"
    )
    cells = demand.hexagons(crowd, 7, "w")
    assert cells["weight"].sum() == np.arange(500).sum()
    assert cells["points"].sum() == 500
    drawn = demand.hexagon_shapes(cells)
    assert drawn.geometry.contains(cells.geometry).all()
    assert crowd.geometry.within(drawn.union_all()).all()


def test_points_without_coordinates_are_told() -> None:
    crowd = points([(0, 0), (0, 0)], w=[1, 5])
    crowd.loc[1, "geometry"] = None
    with pytest.warns(demand.LeftOut, match="1 points of weight 5 have no coordinates"):
        assert demand.squares(crowd, 100, "w", grid=SHENZHEN.grid)["weight"].tolist() == [1]


def test_people_of_an_area_are_spread_evenly_inside_it_and_none_is_lost() -> None:
    corner = np.array([(0, 0), (1000, 0), (1000, 500), (0, 500)])
    small = np.array([(10, 2010), (20, 2010), (20, 2020), (10, 2020)])
    shapes = [
        shapely.Polygon(np.stack(from_metric(ring, SHENZHEN.grid), axis=-1))
        for ring in (corner, small)
    ]
    areas = gpd.GeoDataFrame({"people": [800, 7]}, geometry=shapes, crs="EPSG:4326")
    spread = demand.population(areas, "people", 250, grid=SHENZHEN.grid)
    assert spread.groupby("area")["weight"].agg(["size", "sum"]).to_numpy().tolist() == [
        [8, 800],
        [1, 7],
    ]
    assert areas.geometry[spread["area"]].contains(spread.geometry, align=False).all()
    with pytest.raises(BadTable, match="not known"):
        demand.population(areas.assign(people=[1, None]), "people", grid=SHENZHEN.grid)


def test_trips_count_where_they_begin_or_end_on_a_grid_that_must_be_even() -> None:
    squares = [shapely.box(114 + n / 100, 22.5, 114 + (n + 1) / 100, 22.51) for n in range(2)]
    squares.append(shapely.box(114, 22.51, 114.01, 22.52))
    grid = gpd.GeoDataFrame({"LONCOL": [0, 1, 0], "LATCOL": [0, 0, 1]}, geometry=squares)
    columns = ["SLONCOL", "SLATCOL", "ELONCOL", "ELATCOL", "VehicleNum"]
    trips = pd.DataFrame([(0, 0, 1, 0, 5), (0, 0, 0, 0, 2), (1, 0, 0, 0, 1)], columns=columns)
    assert demand.taxi_trips(trips, grid)["weight"].tolist() == [7, 1]
    assert demand.taxi_trips(trips, grid, end=True)["weight"].tolist() == [3, 5]
    assert demand.taxi_trips(trips, grid).geometry.x.tolist() == pytest.approx(
        [114.005, 114.015], abs=1e-6
    )
    beyond = demand.taxi_trips(trips.assign(SLONCOL=9), grid)
    assert beyond.geometry.x.tolist() == pytest.approx([114.095])
    with pytest.raises(BadTable, match="not even"):
        demand.taxi_trips(trips, grid.assign(LONCOL=[0, 2, 1]))


def test_a_stop_weighs_as_many_lines_as_call_there() -> None:
    lines = pd.DataFrame(
        {
            "linename": ["1", "2"],
            "stationname": ["['甲', '乙']", "['甲']"],
            "stationgeo": ["['114.05,22.54', '114.06,22.54']", "['114.05,22.54']"],
        }
    )
    stops = demand.bus_stops(lines, Datum.WGS84).set_index("name")
    assert stops["weight"].to_dict() == {"乙": 1, "甲": 2}
    assert stops.geometry["甲"] == shapely.Point(114.05, 22.54)
    with pytest.raises(BadTable, match="2 stops and 1 points"):
        demand.bus_stops(lines.assign(stationgeo="['114.05,22.54']"))


def test_any_file_of_points_is_read_with_its_datum(tmp_path: Path) -> None:
    table = pd.DataFrame({"lon": [114.05], "lat": [22.54], "orders": [3]})
    table.to_parquet(tmp_path / "p.parquet")
    table.to_csv(tmp_path / "p.csv", index=False)
    for name in ("p.parquet", "p.csv"):
        read = demand.read(tmp_path / name, "orders")
        assert read["weight"].tolist() == [3]
        assert Clients.of(read).lonlat.tolist() == [[114.05, 22.54]]
    table.rename(columns={"lon": "经度", "lat": "纬度"}).to_csv(tmp_path / "named.csv", index=False)
    assert Clients.of(
        demand.read(tmp_path / "named.csv", lon="经度", lat="纬度")
    ).lonlat.tolist() == [[114.05, 22.54]]
    shifted = demand.read(tmp_path / "p.parquet", datum=Datum.GCJ02)
    assert 0.004 < 114.05 - shifted.geometry.x[0] < 0.006


def test_the_real_taxi_trips_are_all_there(real_data: Path) -> None:
    trips = pd.read_csv(real_data / "demand" / "taxi_od_grid.csv")
    grid = gpd.read_file(real_data / "demand" / "taxi_grid.shp")
    for end in (False, True):
        assert demand.taxi_trips(trips, grid, end=end)["weight"].sum() == 456_111


def test_the_real_bus_stops_lie_in_the_city(real_data: Path) -> None:
    stops = demand.bus_stops(pd.read_csv(real_data / "demand" / "bus_lines_bd09.csv"))
    assert len(stops["name"].unique()) == 7_073
    # Some lines run on into Huizhou and Dongguan.
    assert located(stops, shipped())["district"].notna().mean() > 0.95
