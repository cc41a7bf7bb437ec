"""By time, places that the network's extract does not reach stand among those reached by road, by
the most that the estimate allows: on the server, on the way, in cells and on the phone, against
brute force.

The town's roads cover a part of the ground that places lie on. One place stands on an island with a
road of its own: it is cut off, and comes last.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import pytest

from app.api import cell_reply, payloads
from app.api.contract import shapes
from app.request.queries import AlongQuery, NearestQuery
from geodata import estimate
from geodata.estimate import eta
from geodata.hours.timeline import open_through
from geodata.search.along import Trip, along
from geodata.search.cells import decode, for_cell, quarter_of, squares
from geodata.search.filter import Filter, Open, Order, arrival_of
from geodata.search.nearest import Question, nearest
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.space.coordinates import geodesic_m
from geodata.space.tangent import Floats
from geodata.store.stops import place
from geodata.travel import network, osm
from geodata.travel.one_to_all import Direction, spread
from geodata.travel.snap import Snapped, snap
from geodata.vocabulary import Mode, Need
from tests import makers, town
from tests.contracts.test_cells import encode

SIDE = 8
ROADS_M = SIDE * 150.0
GROUND_M = 4_500.0
ISLAND = (ROADS_M + 1_500.0, 400.0)
JUDGED = (Open.ANY, Open.NOW, Open.AT_ARRIVAL)


class Ground:
    """A snapshot on roads that do not reach all of it, and what brute force says."""

    def __init__(self, file: Path) -> None:
        made = network.build(osm.read(file, lambda _: None), "made", lambda _: None)
        places = town.random_places(21, 70, GROUND_M)
        near = town.random_places(22, 30, ROADS_M)
        near["id"] = [f"near-{at}" for at in range(len(near))]
        places = gpd.GeoDataFrame(pd.concat([places, near], ignore_index=True), crs=places.crs)
        places = places[places.geometry.geom_type == "Point"]
        outline = places.union_all().envelope.buffer(0.1)
        self.snapshot: Snapshot = makers.frozen(places, outline=outline).snapshot()
        stops = {mode: place(self.snapshot, made, mode) for mode in Mode}
        self.roads = RoadAccess.under(self.snapshot, made, stops)
        self.lonlat = self.snapshot.lonlat

    def expected(self, question: Question) -> tuple[list[int], dict[int, float]] | None:
        """Rows by rank_s, then the cut off by distance; and the rank_s of each that is reached.

        None: the asker stands on no road.
        """
        graph, walk = (self.roads.network.graphs[mode] for mode in (question.mode, Mode.WALK))
        here = snap(graph, np.array([[question.lon, question.lat]]))
        if not here.stands[0]:
            return None
        road_s = spread(graph, here).at(snap(graph, self.lonlat))[0]
        off = [np.isinf(snap(each, self.lonlat).nearest_m) for each in (graph, walk)]
        metres = geodesic_m(question.lon, question.lat, *self.lonlat.T)
        way_s, rank_s = road_s.copy(), road_s.copy()
        for row in np.flatnonzero(off[0] & off[1]).tolist():
            way = eta(float(metres[row]), question.mode)
            way_s[row], rank_s[row] = way.eta_s, way.most_s
        rows = [row for row in range(len(metres)) if self._passes(question, row, metres, way_s)]
        ids = [self.snapshot.id_of(row) for row in range(len(metres))]
        rows.sort(key=lambda row: (rank_s[row], metres[row] if math.isinf(rank_s[row]) else 0.0))
        assert len(set(ids)) == len(ids)
        return rows, {row: float(rank_s[row]) for row in rows}

    def expected_on_the_way(self, trip: Trip) -> tuple[list[int], dict[int, float]] | None:
        """Rows by what a detour over each takes at most, then the cut off by geodesic detour; and
        those seconds. None: an end stands on no road.
        """
        graph, walk = (self.roads.network.graphs[mode] for mode in (trip.mode, Mode.WALK))
        here, there = (snap(graph, end[None]) for end in trip.path)
        if not (here.stands[0] and there.stands[0]):
            return None
        ahead, back = spread(graph, here), spread(graph, there, Direction.TO)
        direct_s = float(ahead.at(there)[0][0])
        stands = snap(graph, self.lonlat)
        spots = Snapped.apart(stands.edges, stands.ahead_s, stands.along_m, stands.off_m)
        to_s, on_s = ahead.at(spots)[0], back.at(spots)[0]
        # A way over a place, each at a spot of its own: how it is judged on arrival, what it costs.
        ways = [
            *zip(stands.of.tolist(), to_s, np.maximum(to_s + on_s - direct_s, 0.0), strict=True)
        ]
        to_m, on_m = (geodesic_m(*end, *self.lonlat.T) for end in trip.path)
        off = [np.isinf(snap(each, self.lonlat).nearest_m) for each in (graph, walk)]
        for row in np.flatnonzero(off[0] & off[1]).tolist():
            to, on = (eta(float(metres[row]), trip.mode) for metres in (to_m, on_m))
            ways.append((row, to.eta_s, max(to.most_s + on.most_s - direct_s, 0.0)))
        detour_m = to_m + on_m - trip.length_m()
        (lon, lat), wanted = trip.path[0].tolist(), trip.filter
        asked = Question(lon, lat, trip.at, filter=wanted, mode=trip.mode)
        near = detour_m - trip.max_detour_m
        assert np.abs(near).min() > 0.01
        rank_s: dict[int, float] = {}
        for row, way_s, costs_s in ways:
            each_s = np.full_like(to_m, way_s)
            if near[row] < 0 and self._passes(asked, row, np.zeros_like(to_m), each_s):
                rank_s[row] = min(float(costs_s), rank_s.get(row, math.inf))
        return sorted(
            rank_s,
            key=lambda row: (rank_s[row], detour_m[row] if math.isinf(rank_s[row]) else 0.0),
        ), rank_s

    def _passes(self, question: Question, row: int, metres: Floats, way_s: Floats) -> bool:
        wanted = question.filter
        plain = replace(question, k=1, max_distance_m=1.0, by=Order.DISTANCE)
        lon, lat = self.lonlat[row].tolist()
        if metres[row] > question.max_distance_m:
            return False
        here = nearest(
            self.snapshot,
            replace(plain, lon=lon, lat=lat, filter=replace(wanted, open=Open.ANY), k=50),
        )
        if row not in here.rows:
            return False
        minute_hours = self.snapshot.hours_by_minute.at(question.at)
        if wanted.open is Open.ANY:
            return True
        arrival = arrival_of(wanted, question.at, question.mode, 0, minute_hours)
        if wanted.open is Open.AT_ARRIVAL and math.isinf(way_s[row]):
            return False
        later_s = way_s[row] if wanted.open is Open.AT_ARRIVAL else 0.0
        return open_through(
            *arrival[:4],
            self.snapshot.hours_row(row),
            arrival.at_min + later_s / 60.0,
            0.0,
            0.0,
            wanted.include_unknown,
        )


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    made = town.random_town(21, SIDE)
    x, y = ISLAND
    made.node("island-a", x, y)
    made.node("island-b", x + 1_300.0, y)
    made.way("island", "island-a island-b", "residential")
    return Ground(made.write(tmp_path_factory.mktemp("ground") / "ground.osm"))


def question(rng: np.random.Generator, at_full_quarters: bool = False) -> Question:
    lon, lat = town.degrees(*rng.uniform(0.0, ROADS_M, 2))
    at = quarter_of(makers.NIGHT) + timedelta(minutes=15 * int(rng.integers(96)))
    wanted = Filter(
        needs=((), (Need.WATER,))[rng.integers(2)],
        open=JUDGED[rng.integers(3)],
        include_unknown=bool(rng.integers(2)),
    )
    return Question(
        lon,
        lat,
        at if at_full_quarters else at + timedelta(seconds=int(rng.integers(900))),
        k=int(rng.choice([1, 4, 12, 50])),
        max_distance_m=float(rng.choice([1_500, 50_000])),
        filter=wanted,
        mode=list(Mode)[rng.integers(4)],
        by=Order.TIME,
    )


def test_the_server_ranks_estimates_among_times_as_brute_force_does(ground: Ground) -> None:
    rng, among, last = np.random.default_rng(1), 0, 0
    for _ in range(250):
        asked = question(rng)
        expected = ground.expected(asked)
        if expected is None:
            continue
        rows, rank_s = expected
        answer = nearest(ground.snapshot, asked, ground.roads)
        assert answer.by_road is not None
        told = answer.by_road.rank_s
        assert answer.rows == rows[: asked.k], asked
        assert answer.more == (len(rows) > asked.k)
        for row, seconds in zip(answer.rows, told, strict=True):
            if math.isnan(seconds):
                assert math.isinf(rank_s[row])
                last += 1
            else:
                assert seconds == pytest.approx(rank_s[row], abs=1e-3)
        estimated = [
            math.isnan(seconds) and not math.isnan(most_s)
            for seconds, most_s in zip(answer.by_road.seconds, told, strict=True)
        ]
        among += any(here and not after for here, after in pairwise(estimated))
    assert among > 20
    assert last > 20


def trip(rng: np.random.Generator) -> Trip:
    asked = question(rng)
    path = np.array([town.degrees(*rng.uniform(0.0, ROADS_M, 2)) for _ in range(2)])
    reach_m = float(rng.choice([3_000, 20_000]))
    return Trip(path, asked.at, asked.k, reach_m, asked.filter, asked.mode, by=Order.TIME)


def test_on_the_way_estimates_stand_among_times_as_brute_force_says(ground: Ground) -> None:
    rng, among, last = np.random.default_rng(5), 0, 0
    for _ in range(250):
        asked = trip(rng)
        expected = ground.expected_on_the_way(asked)
        if expected is None:
            continue
        rows, rank_s = expected
        found = along(ground.snapshot, asked, ground.roads)
        assert found.off_m is not None
        assert [stop.row for stop in found.stops] == rows[: asked.k], asked
        assert found.more == (len(rows) > asked.k)
        for stop in found.stops:
            assert stop.detour_s is not None
            if math.isnan(stop.detour_s):
                assert math.isinf(rank_s[stop.row])
                last += 1
                continue
            least, most = stop.detour_range_s or (stop.detour_s, stop.detour_s)
            assert least <= stop.detour_s <= most
            assert most == pytest.approx(rank_s[stop.row], abs=1e-2)
        estimated = [stop.detour_range_s is not None for stop in found.stops]
        reached = [stop.detour_s is not None and stop.detour_s >= 0 for stop in found.stops]
        among += any(
            here and not after and there
            for (here, after), there in zip(pairwise(estimated), reached[1:], strict=True)
        )
    assert among > 20
    assert last > 20


def test_a_reply_on_the_way_labels_each_place_and_is_in_the_order_it_tells(ground: Ground) -> None:
    rng, kinds = np.random.default_rng(6), set()
    for _ in range(60):
        asked = replace(trip(rng), k=50)
        found = along(ground.snapshot, asked, ground.roads)
        if found.off_m is None:
            continue
        about = ground.roads.network.about
        sent = payloads.along(ground.snapshot, AlongQuery(), asked, found, about)
        reply, ranks = msgspec.json.decode(sent, type=shapes.Along), []
        for hit in (feature.properties for feature in reply.features):
            if hit.detour_kind == "estimate":
                assert hit.detour_s is not None
                assert hit.detour_range_s is not None
                assert hit.detour_range_s[0] <= hit.detour_s <= hit.detour_range_s[1]
                assert hit.detour_rank_s == hit.detour_range_s[1]
            else:
                assert hit.detour_rank_s == hit.detour_s
                assert hit.detour_range_s is None
            kinds.add((hit.detour_kind, hit.eta_kind, hit.eta_s is None))
            assert (hit.eta_range_s is None) == (hit.eta_kind == "network")
            ranks.append(math.inf if hit.detour_rank_s is None else hit.detour_rank_s)
        assert ranks == sorted(ranks)
    assert kinds == {
        ("network", "network", False),
        ("network", "network", True),
        ("estimate", "estimate", False),
    }


def test_a_reply_labels_each_place_and_is_in_the_order_it_tells(ground: Ground) -> None:
    rng, kinds = np.random.default_rng(2), set()
    for _ in range(60):
        asked = replace(question(rng), k=50)
        answer = nearest(ground.snapshot, asked, ground.roads)
        if answer.by_road is None:
            continue
        query = NearestQuery(lon=asked.lon, lat=asked.lat)
        about = ground.roads.network.about
        sent = payloads.nearest(ground.snapshot, query, asked, answer, about)
        reply = msgspec.json.decode(sent, type=shapes.NearestPlaces)
        ranks = []
        for feature in reply.features:
            hit = feature.properties
            if hit.eta_s is None:
                assert hit.eta_rank_s is None
                kinds.add("cut off")
            elif hit.eta_kind == "estimate":
                assert hit.eta_range_s is not None
                assert hit.eta_rank_s == hit.eta_range_s[1]
                assert hit.eta_range_s[0] <= hit.eta_s <= hit.eta_range_s[1]
                kinds.add("estimate")
            else:
                assert hit.eta_rank_s == hit.eta_s
                kinds.add("network")
            ranks.append(math.inf if hit.eta_rank_s is None else hit.eta_rank_s)
        assert ranks == sorted(ranks)
    assert kinds == {"cut off", "estimate", "network"}


def test_a_cell_holds_all_that_may_be_among_the_first(ground: Ground) -> None:
    rng, found, left_out = np.random.default_rng(3), 0, 0
    for _ in range(120):
        asked = question(rng, at_full_quarters=True)
        cell = decode(encode(asked.lon, asked.lat, int(rng.choice([6, 7, 8]))))
        held = set(for_cell(ground.snapshot, cell, asked, ground.roads).rows)
        left_out += len(ground.snapshot) - len(held)
        for lon, lat in rng.uniform(cell[:2], cell[2:], (4, 2)).tolist():
            at = asked.at + timedelta(seconds=float(rng.uniform(0, 900)))
            exact = replace(asked, lon=lon, lat=lat, at=at)
            expected = ground.expected(exact)
            if expected is not None:
                assert set(expected[0][: asked.k]) <= held, exact
                assert len(expected[0]) <= asked.k or len(held) > asked.k
                found += min(asked.k, len(expected[0]))
    assert found > 500
    assert left_out > 500


def test_the_phone_ranks_them_as_the_server_does(
    ground: Ground, on_the_phone: Callable[[str, str, Any], Any]
) -> None:
    rng, sent, answers = np.random.default_rng(4), [], []
    for _ in range(100):
        asked = question(rng, at_full_quarters=True)
        geohash = encode(asked.lon, asked.lat, int(rng.choice([6, 7, 8])))
        found = for_cell(ground.snapshot, decode(geohash), asked, ground.roads)
        more = cell_reply.by_road(ground.roads, geohash, asked, found)
        reply = msgspec.json.decode(cell_reply.reply(ground.snapshot, asked, found, more))
        middles, count = squares(geohash)
        lon, lat = middles[rng.integers(count**2)].tolist()
        exact = replace(asked, lon=lon, lat=lat, at=asked.at + timedelta(minutes=3))
        answers.append(nearest(ground.snapshot, exact, ground.roads))
        rules = {
            "maxDistanceM": asked.max_distance_m,
            "open": str(asked.filter.open),
            "includeUnknown": asked.filter.include_unknown,
            "stayMin": 0,
            "fastest": True,
        }
        at = {"lon": lon, "lat": lat, "at": exact.at.timestamp() * 1000}
        sent.append(
            {"cell": reply, "asked": {**at, "k": asked.k, "mode": str(asked.mode), **rules}}
        )
    told = on_the_phone(
        "rank_on_node.mjs", "ask/rank.js", {"estimate": estimate.table(), "questions": sent}
    )
    compared = 0
    for answer, phone in zip(answers, told, strict=True):
        rows = [ground.snapshot.row_of(known) for known, *_ in phone["ways"]]
        if answer.by_road is None:
            assert rows == answer.rows
            continue
        seconds = np.array(answer.by_road.rank_s)
        reached = seconds[np.isfinite(seconds)]
        # The phone knows whole seconds by road: within one the order of two may differ.
        clear = np.diff(reached, prepend=-2.0, append=np.inf) > 1.0
        settled = clear[:-1] & clear[1:]
        settled[-1:] = False
        assert [row for row, sure in zip(rows, settled, strict=False) if sure] == [
            row for row, sure in zip(answer.rows, settled, strict=False) if sure
        ]
        compared += int(settled.sum())
    assert compared > 200
