"""Row "travel": nearest by time against full shortest paths and other libraries, reach, and the
cost of a network.
"""

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

import geopandas as gpd
import igraph
import networkx as nx
import numpy as np
import shapely
from numpy.random import PCG64, Generator
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.analysis import misled, siting
from geodata.coverage.near import Within
from geodata.coverage.served import hours_of, judge, typical_days
from geodata.search.cells import decode, encode, for_cell, seconds_by_road
from geodata.search.filter import Filter, Open, Order
from geodata.search.nearest import Question, nearest
from geodata.search.on_roads import RoadAccess
from geodata.space.coordinates import WGS84
from geodata.space.tangent import Floats, out_of_tangent
from geodata.store.files import Dataset, RoadNetwork
from geodata.store.stops import place
from geodata.travel import build, network, osm
from geodata.travel.graph import Graph
from geodata.travel.isochrones import polygons
from geodata.travel.network import Network
from geodata.travel.one_to_all import Direction, spread
from geodata.travel.rules import Snappable
from geodata.travel.snap import snap
from geodata.vocabulary import Mode, Need
from tests.benchmarks import cities
from tests.benchmarks.cities import AT, City
from tests.benchmarks.report import Line, faster, no_slower, seconds
from tests.benchmarks.start import worker

ROW: Final = "travel"
#: Junctions along each side of the made-up city: a million in all.
_SIDE: Final = 1_000
_QUICK_SIDE: Final = 200
_ASKED: Final = 200
_CELLS: Final = 30
_ROUNDS: Final = 5
#: The slower libraries are asked fewer questions.
_FEW: Final = 3
_DEMAND: Final = 100_000
_SITED: Final = 50
_MOST_SITED_S: Final = 30.0
#: The demo city's own extent, degrees.
_WEST, _SOUTH, _EAST, _NORTH = 113.78, 22.47, 114.58, 22.82
_MINUTES: Final = {Mode.WALK: 15, Mode.RIDE: 15, Mode.DRIVE: 15, Mode.TRUCK: 15}
_EXTRACTS: Final = ("nanshan_futian.osm", "andorra.osm.pbf")


def measure(city: City, home: Path, *, quick: bool) -> Iterator[Line]:
    """The demo city's places on a made-up grid of streets.

    Then reach and times on extracts that people drew.
    """
    side = _QUICK_SIDE if quick else _SIDE
    roads = grid(side)
    began = time.perf_counter()
    on = build.ground(roads)
    graphs = {mode: build.graph(roads, mode, on) for mode in Mode}
    what = f"{side * side:,} junctions, four graphs out of roads as read"
    yield Line(ROW, what, seconds(time.perf_counter() - began), "", "", "", None)
    about = network.NetworkAbout(
        "bench",
        roads.file,
        roads.sha256,
        None,
        network.LICENCE,
        (_WEST, _SOUTH, _EAST, _NORTH),
        {},
        0,
    )
    made = Network("bench", about, graphs)
    yield from _start(made, home)
    yield private_memory(ROW, city, home, "bench")
    standing = {mode: place(city.snapshot, made, mode) for mode in Mode}
    joined = RoadAccess.under(city.snapshot, made, standing)
    for mode in (Mode.WALK, Mode.DRIVE):
        yield from _nearest(city, joined, mode, f"{side * side:,} junctions")
        yield from _candidates(city, joined, mode, f"{side * side:,} junctions")
    yield from _coverage(graphs[Mode.WALK], city, roads)
    yield from _standings(city, joined, roads)
    yield _sited(made, roads)
    yield from _real(city)


def grid(side: int) -> osm.OsmWays:
    """A city of side x side junctions over the demo city's extent: one way in four is one-way, one
    road in ten fast.
    """
    rng = Generator(PCG64(side))
    lon, lat = np.meshgrid(np.linspace(_WEST, _EAST, side), np.linspace(_SOUTH, _NORTH, side))
    step = np.array([(_EAST - _WEST) / side, (_NORTH - _SOUTH) / side])
    lonlat = (
        np.stack([lon.ravel(), lat.ravel()], axis=1) + rng.normal(0, 0.15, (side * side, 2)) * step
    )
    number = np.arange(side * side).reshape(side, side)
    pairs = [number[:, :-1].ravel(), number[:, 1:].ravel(), number[:-1].ravel(), number[1:].ravel()]
    starts, ends = np.concatenate(pairs[::2]), np.concatenate(pairs[1::2])
    kept = rng.random(len(starts)) < 0.9
    refs = np.stack([starts[kept], ends[kept]], axis=1)
    count = len(refs)
    fast = np.where(rng.random(count) < 0.1, 2.5, 1.0)
    pace = np.array([1.25, 4.2, 6.0, 5.0])[None, :, None] * np.ones((count, 1, 2))
    pace[:, 2:] *= fast[:, None, None]
    pace[rng.random(count) < 0.25, 1:, 1] = 0.0
    return osm.OsmWays(
        lonlat=lonlat,
        stopped=np.zeros((side * side, len(osm.MODES)), np.bool_),
        way_first=np.arange(count + 1) * 2,
        refs=refs.ravel().astype(np.int32),
        pace_m_s=pace,
        to_doors_only=np.zeros((count, len(osm.MODES)), np.bool_),
        snappable=np.full(count, Snappable.GROUND, np.uint8),
        bans=(),
        unheeded=0,
        file="made up",
        sha256="",
        timestamp=None,
    )


def _start(made: Network, home: Path) -> Iterator[Line]:
    store = RoadNetwork(home, "bench")
    store.publish(made.version, made.about, made.to_arrays(), {})
    took = [timed(store.load) for _ in range(_ROUNDS)]
    size = sum(array.nbytes for array in made.to_arrays().values()) / 1e6
    what = f"network of {size:,.0f} MB mapped"
    yield Line(ROW, what, seconds(median(took)), "", "", "≤ 1 s", median(took) <= 1.0)


def private_memory(row: str, city: City, home: Path, network_name: str) -> Line:
    """What answering by a published network adds to the memory that each worker has for itself."""
    Dataset(home, "roadside").publish(**cities.parts(city))
    for _ in range(
        2
    ):  # the first turn compiles, and puts the places onto the roads, which are mapped from then on
        alone_mb, by_road_mb = (
            worker(home, "roadside")[0],
            worker(home, "roadside", network_name)[0],
        )
    what = "private memory that the network adds to a worker"
    return Line(
        row, what, f"{by_road_mb - alone_mb:+.1f} MB", f"without {alone_mb:.1f} MB", "", "", None
    )


def timed(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def asked(city: City, roads: RoadAccess, mode: Mode) -> list[Question]:
    """Where people ask who stand near a road of the mode."""
    points = [
        point for point in city.asked_singly(3 * _ASKED) if _can_ask(city, roads, mode, point)
    ][:_ASKED]
    return [Question(lon, lat, AT, k=5, mode=mode, by=Order.TIME) for lon, lat in points]


def p50_s(city: City, roads: RoadAccess, questions: list[Question]) -> float:
    """Median seconds of a question."""
    nearest(city.snapshot, questions[0], roads)
    return median(timed(partial(nearest, city.snapshot, question, roads)) for question in questions)


def against_a_full_run(
    row: str, what: str, ours_s: float, graph: Graph, questions: list[Question]
) -> Line:
    """A question's seconds beside those of one run over the whole graph."""
    points = _points(questions[:_FEW])
    every_s = median(timed(partial(spread, graph, snap(graph, point[None]))) for point in points)
    return no_slower(row, what, ours_s, "our own full run", every_s, 0.1)


def _nearest(city: City, roads: RoadAccess, mode: Mode, where: str) -> Iterator[Line]:
    graph, questions = roads.network.graphs[mode], asked(city, roads, mode)
    ours, what = p50_s(city, roads, questions), f"{where}, {mode}, nearest 5 by time, p50"
    yield against_a_full_run(ROW, what, ours, graph, questions)
    full, nodes = _matrix(graph), _nodes(graph, _points(questions[:_FEW]))
    scipys = median(timed(partial(dijkstra, full, indices=node)) for node in nodes)
    yield no_slower(ROW, what, ours, "scipy's full run", scipys, 0.1)
    targets = _targets(graph, roads, mode)
    yield faster(
        ROW,
        what,
        ours,
        "igraph, to the ends of all places' edges",
        _igraph_s(graph, nodes, targets),
    )
    yield faster(
        ROW, what, ours, "networkx, told where to stop", _networkx_s(graph, city, roads, questions)
    )


def _points(questions: list[Question]) -> Floats:
    return np.array([(question.lon, question.lat) for question in questions])


def _can_ask(city: City, roads: RoadAccess, mode: Mode, point: tuple[float, float]) -> bool:
    return city.snapshot.outline.holds(*point) and roads.network.where(*point, mode) is not None


def _matrix(graph: Graph) -> csr_array:
    lengths = np.diff(graph.out_first)
    tails = np.repeat(np.arange(graph.nodes), lengths)
    weights = graph.seconds[graph.out_arcs]
    return csr_array(
        (weights, (tails, graph.heads[graph.out_arcs])), shape=(graph.nodes, graph.nodes)
    )


def _nodes(graph: Graph, points: Floats) -> list[int]:
    """The node ahead of each point."""
    spots = snap(graph, points)
    arcs = 2 * spots.edges + np.isinf(spots.ahead_s[:, 0])
    return graph.heads[arcs].tolist()


def _targets(graph: Graph, roads: RoadAccess, mode: Mode) -> list[int]:
    """The nodes at which the edges of places end."""
    edges = np.flatnonzero(np.diff(roads.expansions[mode].stops.first))
    heads = graph.heads.reshape(-1, 2)[edges]
    return np.unique(heads[heads >= 0]).tolist()


def _igraph_s(graph: Graph, nodes: list[int], targets: list[int]) -> float:
    full = _matrix(graph).tocoo()
    made = igraph.Graph(n=graph.nodes, edges=np.stack(full.coords, axis=1).tolist(), directed=True)
    return median(timed(partial(made.distances, [node], targets, full.data)) for node in nodes)


def _networkx_s(graph: Graph, city: City, roads: RoadAccess, questions: list[Question]) -> float:
    """Told beforehand how far the fifth place is, which it could not know: the least that it can
    need.
    """
    full = _matrix(graph).tocoo()
    made = nx.DiGraph()
    made.add_weighted_edges_from(
        zip(*(part.tolist() for part in (*full.coords, full.data)), strict=True)
    )
    took = []
    for question in questions[:20]:
        node = _nodes(graph, _points([question]))[0]
        answer = nearest(city.snapshot, question, roads)
        last_s = answer.by_road.seconds[-1] if answer.by_road and answer.rows else 0.0
        took.append(
            timed(partial(nx.single_source_dijkstra_path_length, made, node, cutoff=last_s))
        )
    return median(took)


def _demand(roads: osm.OsmWays) -> Floats:
    """Points near junctions, neighbours one after another."""
    rng = Generator(PCG64(5))
    asked = roads.lonlat[rng.integers(0, len(roads.lonlat), _DEMAND)] + rng.normal(
        0, 2e-4, (_DEMAND, 2)
    )
    return asked[np.lexsort((asked[:, 1], asked[:, 0].round(3)))]


def _coverage(graph: Graph, city: City, roads: osm.OsmWays) -> Iterator[Line]:
    """Nearest place and time for demand points, against the run over the graph alone."""
    asked, sources = _demand(roads), snap(graph, city.lonlat)
    spread(graph, sources).at(snap(graph, asked))
    alone, whole = [], []
    for _ in range(_ROUNDS):
        alone.append(timed(lambda: spread(graph, sources)))
        whole.append(timed(lambda: spread(graph, sources).at(snap(graph, asked))))
    what = f"{_DEMAND:,} demand points: nearest of {len(city.lonlat):,} places and its time"
    yield no_slower(ROW, what, median(whole), "multi-source run", median(alone), 2.5)


def _standings(city: City, joined: RoadAccess, roads: osm.OsmWays) -> Iterator[Line]:
    """Coverage as it is told: who has water open, unknown or closed within so many minutes, beside
    the same run.
    """
    graph, asked = joined.network.graphs[Mode.WALK], _demand(roads)
    within = Within(Filter(needs=(Need.WATER,)), minutes=_MINUTES[Mode.WALK], mode=Mode.WALK)
    near, sources = within.near(city.snapshot.index, joined), snap(graph, city.lonlat)
    zone = city.snapshot.zone
    days = typical_days(city.snapshot.hours_by_minute.calendar, AT.date(), zone)
    week = hours_of(list(days.values()), zone)
    for instants, what in (([AT], "at an instant"), (week, f"in {len(week)} hours")):
        judge(city.snapshot, near, instants)(asked)
        alone, whole = [], []
        for _ in range(_ROUNDS):
            alone.append(timed(lambda: spread(graph, sources, Direction.TO)))
            whole.append(timed(lambda: judge(city.snapshot, near, instants)(asked)))  # noqa: B023  # asked at once
        told = f"{_DEMAND:,} demand points: water within {within.minutes:g} minutes by road, {what}"
        target = 2.5 if len(instants) == 1 else None
        yield no_slower(ROW, told, median(whole), "multi-source run", median(alone), target)


def _sited(made: Network, roads: osm.OsmWays) -> Line:
    """Where the next places should stand by the minutes of the way: from frames to proof."""
    demand, sites = (
        gpd.GeoDataFrame(geometry=gpd.points_from_xy(*_demand(roads)[::step].T), crs=WGS84)
        for step in (5, 100)
    )
    began = time.perf_counter()
    problem = siting.from_frames(demand, sites, siting.Minutes(10, Mode.RIDE, made))
    plan = siting.p_median(problem, _SITED)
    took_s, what = (
        time.perf_counter() - began,
        f"{len(demand):,} x {len(sites):,}, {_SITED} sites within 10 minutes",
    )
    proof = f"gap {plan.gap:.2%}, {len(problem.way):,} pairs"
    met = plan.proved and took_s <= _MOST_SITED_S
    target = f"proved ≤ {_MOST_SITED_S:g} s"
    return Line(
        ROW, f"p-median by e-bike over the roads, {what}", seconds(took_s), proof, "", target, met
    )


def _real(city: City) -> Iterator[Line]:
    folder = (
        Path(os.environ.get("NUANFENG_DATA", Path(__file__).parents[3] / "shared" / "data"))
        / "roads"
    )
    for name in _EXTRACTS if folder.is_dir() else ():
        began = time.perf_counter()
        roads = osm.read(folder / name, lambda _: None)
        made = network.build(roads, "real", lambda _: None)
        yield Line(
            ROW,
            f"{name}, built from the file",
            seconds(time.perf_counter() - began),
            "",
            "",
            "",
            None,
        )
        for mode in (Mode.WALK, Mode.RIDE, Mode.DRIVE):
            yield from _reach(made, roads, mode, name)
        if city.snapshot.outline.holds(*np.mean(roads.lonlat, axis=0).tolist()):
            joined = RoadAccess.under(
                city.snapshot, made, {mode: place(city.snapshot, made, mode) for mode in Mode}
            )
            for mode in Mode:
                yield from _misled(city, joined, mode, name)
                yield from _candidates(city, joined, mode, name)
                yield from _cells(city, joined, mode, name)


def _misled(city: City, roads: RoadAccess, mode: Mode, name: str) -> Iterator[Line]:
    """How often the place nearest by the straight line is not the one reached first, and what that
    costs.

    Asked are points beside roads for places with water; the places are the demo city's, which are
    made up."""
    graph = roads.network.graphs[mode]
    asked = [
        point
        for point in _origins(graph, Generator(PCG64(11)), _ASKED).tolist()
        if _can_ask(city, roads, mode, point)
    ]
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*np.array(asked).T), crs=WGS84)
    wanted = Filter(needs=(Need.WATER,))
    told = misled.lost(misled.each(city.snapshot, roads, points, wanted, AT, mode))
    what = (
        f"{name}, {mode}: of {told['answered']} asks, the straight-line nearest is not the fastest;"
        " minutes lost"
    )
    yield Line(
        ROW, what, f"{told['misled_share']:.0%}", f"{told['mean_s'] / 60:.1f} min", "", "", None
    )


def _candidates(city: City, roads: RoadAccess, mode: Mode, name: str) -> Iterator[Line]:
    """What it takes to prove the candidates of a cell by time, at night and with a wish, and how
    many it adds.
    """
    took, near, held = [], [], []
    for lon, lat in _origins(roads.network.graphs[mode], Generator(PCG64(12)), _CELLS).tolist():
        cell = decode(encode(lon, lat, 6))
        if city.snapshot.outline.holds(*cell.middle):
            wanted = Filter(needs=(Need.WATER,), open=Open.NOW)
            question = Question(lon, lat, AT, k=10, mode=mode, filter=wanted, by=Order.TIME)
            near.append(len(for_cell(city.snapshot, cell, question).rows))
            took.append(timed(partial(for_cell, city.snapshot, cell, question, roads)))
            held.append(len(for_cell(city.snapshot, cell, question, roads).rows))
    what = f"{name}, {mode}: candidates of a cell by distance and by time, p50"
    told = f"{median(held):.0f} places, {median(near):.0f} by distance alone"
    yield Line(ROW, what, seconds(median(took)), told, "", f"at most {seconds(max(took))}", None)


def _cells(city: City, roads: RoadAccess, mode: Mode, name: str) -> Iterator[Line]:
    """What times by road add to the reply for a cell, whose squares stand on roads."""
    took, places = [], []
    for lon, lat in _origins(roads.network.graphs[mode], Generator(PCG64(12)), _CELLS).tolist():
        geohash = encode(lon, lat, 6)
        if city.snapshot.outline.holds(*decode(geohash).middle):
            question = Question(lon, lat, AT, k=10, mode=mode)
            rows = for_cell(city.snapshot, decode(geohash), question).rows
            took.append(timed(partial(seconds_by_road, roads, geohash, mode, rows)))
            places.append(len(rows))
    what = f"{name}, {mode}: 64 squares of a cell to {median(places):.0f} places, p50"
    yield Line(ROW, what, seconds(median(took)), f"at most {seconds(max(took))}", "", "", None)


def _reach(made: Network, roads: osm.OsmWays, mode: Mode, name: str) -> Iterator[Line]:
    """Polygons against exact times at points along the roads, wrong on either side, of all that lie
    there.
    """
    graph, rng, limit_s = made.graphs[mode], Generator(PCG64(9)), 60.0 * _MINUTES[mode]
    wrong, total, took = np.zeros(2), np.zeros(2), []
    for origin in _origins(graph, rng, 8):
        source = snap(graph, origin[None])
        began = time.perf_counter()
        found = spread(graph, source, limit_s=limit_s)
        drawn = polygons(found, limit_s)
        took.append(time.perf_counter() - began)
        shape = shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in drawn])
        shapely.prepare(shape)
        points = roads.lonlat[rng.integers(0, len(roads.lonlat), 20_000)] + rng.normal(
            0, 5e-4, (20_000, 2)
        )
        inside, within = (
            shapely.contains_xy(shape, points),
            found.at(snap(graph, points))[0] <= limit_s,
        )
        wrong += (inside & ~within).sum(), (~inside & within).sum()
        total += inside.sum(), (~inside).sum()
    shares = 100 * wrong / total
    what = (
        f"{name}, {mode}, {_MINUTES[mode]} minutes: of points inside / outside the polygon,"
        " wrongly so"
    )
    told = f"{shares[0]:.2f} % / {shares[1]:.2f} %"
    yield Line(
        ROW,
        what,
        told,
        f"one polygon {seconds(median(took))}",
        "",
        "≤ 1 %",
        bool((shares <= 1.0).all()),
    )


def _origins(graph: Graph, rng: Generator, count: int) -> Floats:
    """Points beside roads that one can leave, WGS-84."""
    going = np.flatnonzero(np.isfinite(graph.seconds.reshape(-1, 2)).any(axis=1))
    picked = graph.vertices[graph.starts[rng.choice(going, count)]]
    return np.array([out_of_tangent(spot, graph.tangent) for spot in picked]) + rng.normal(
        0, 1e-4, (count, 2)
    )
