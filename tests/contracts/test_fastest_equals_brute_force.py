"""First reached, by road: every answer equals full shortest paths over all segments, judged place
by place.

The oracle shares the reading of the file and the table of paces with the program, and nothing else:
it works on single segments of road, as many as the file draws, with turns looked up one by one (one
turns round where roads meet or end, not in between), scipy's Dijkstra, and a search of all segments
for those that compete for a point. Roads to doors only are gone along at the beginning and at the
end of a way: an arc stands once for each of the three parts. A point is not asked where a rounding
decides which roads compete for it."""

import math
from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from geodata.estimate import eta
from geodata.hours.minute import MinuteHours
from geodata.hours.timeline import open_through
from geodata.index.spatial import densify
from geodata.search.filter import Filter, Open, Order, mask_of
from geodata.search.nearest import Question, nearest
from geodata.search.on_roads import RoadAccess
from geodata.space.coordinates import geodesic_m
from geodata.space.tangent import in_tangent, out_of_tangent
from geodata.store.stops import place
from geodata.travel import network, osm
from geodata.travel.build import ISLAND_M
from geodata.travel.isochrones import polygons
from geodata.travel.one_to_all import Direction, spread
from geodata.travel.rules import WALK_M_S, Snappable
from geodata.travel.snap import FLYOVER_M, MARGIN_M, MAX_OFF_M, MOST_EDGES, snap
from geodata.vocabulary import Kind, Mode, Need
from tests import makers, town

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: A segment (-1: nowhere), the share of it that lies behind, and metres off.
Spot = tuple[int, float, float]
#: Nearer than this to a bound, in metres, rounding decides.
CLOSE_M = 1e-3
#: Setting out on roads to doors only, on roads that lead through, and on roads to doors again.
PARTS = 3
#: Modes are asked in turns.
QUERIES = 4_000
SIDE = 12


class Oracle:
    """Segments with a direction, which may follow which, and the times between them."""

    def __init__(self, roads: osm.OsmWays, mode: Mode, tangent: Floats) -> None:
        number = osm.MODES.index(mode)
        xyz = in_tangent(roads.lonlat, tangent)
        rows = []
        for way, (first, end) in enumerate(
            zip(roads.way_first[:-1], roads.way_first[1:], strict=True)
        ):
            pace = roads.pace_m_s[way, number]
            for at in range(first, end - 1 if pace.any() else first):
                u, v = roads.refs[at : at + 2].tolist()
                length = float(np.linalg.norm(xyz[u] - xyz[v]))
                with np.errstate(divide="ignore"):
                    rows.append((u, v, way, length, *(length / pace).tolist()))
        self.tangent = tangent
        self.tail, self.head, self.way = (
            np.array(column, np.int64) for column in list(zip(*rows, strict=True))[:3]
        )
        self.length = np.array([row[3] for row in rows])
        self.start, self.end = xyz[self.tail], xyz[self.head]
        self.seconds = np.array([row[4:] for row in rows]).ravel()  # segment s on: 2s, back: 2s + 1
        self.snappable = roads.snappable[self.way]
        self.to_doors = np.repeat(roads.to_doors_only[self.way, number], 2)
        if self.to_doors.all():
            self.to_doors[:] = False
        self._follow(roads, mode, roads.stopped[:, number])
        self._keep_main(roads.stopped[:, number])

    def _follow(self, roads: osm.OsmWays, mode: Mode, stopped: NDArray[np.bool_]) -> None:
        tails = np.stack([self.tail, self.head], axis=1).ravel()
        leaving: dict[int, list[int]] = {}
        for arc in np.flatnonzero(np.isfinite(self.seconds)).tolist():
            leaving.setdefault(int(tails[arc]), []).append(arc)
        bends = self._bends(roads, mode, stopped)
        self.edge = self._edges(bends)
        pairs = []
        for arc in np.flatnonzero(np.isfinite(self.seconds)).tolist():
            node = int(tails[arc ^ 1])
            said = [ban for ban in roads.bans if ban.via == node and mode in ban.modes]
            said = [ban for ban in said if ban.from_way == self.way[arc // 2]]
            for after in leaving.get(node, []):
                if (stopped[node] and after != arc ^ 1) or (node in bends and after == arc ^ 1):
                    continue
                if all(self._may(ban, arc, after) for ban in said):
                    pairs.append((arc, after))
        self.before, self.after = np.array(pairs, np.int64).T

    def _bends(self, roads: osm.OsmWays, mode: Mode, stopped: NDArray[np.bool_]) -> set[int]:
        """Nodes in the middle of one way: nobody turns round there."""
        met = np.bincount(np.concatenate([self.tail, self.head]), minlength=len(stopped))
        used = roads.pace_m_s[:, osm.MODES.index(mode)].any(axis=1)
        ends = {
            int(roads.refs[at])
            for at in (*roads.way_first[:-1][used], *(roads.way_first[1:][used] - 1))
        }
        vias = {ban.via for ban in roads.bans if mode in ban.modes}
        return {*np.flatnonzero((met == 2) & ~stopped).tolist()} - ends - vias

    def _edges(self, bends: set[int]) -> Ints:
        """Of each segment the edge it is a piece of: those of one way that meet at a bend."""
        met: dict[int, list[int]] = {}
        for segment, ends in enumerate(zip(self.tail.tolist(), self.head.tolist(), strict=True)):
            for node in bends.intersection(ends):
                met.setdefault(node, []).append(segment)
        pairs = np.array([pair for pair in met.values() if len(pair) == 2], np.int64).reshape(-1, 2)
        size = len(self.tail)
        links = csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
        return np.asarray(connected_components(links, directed=False)[1])

    def _may(self, ban: osm.Ban, arc: int, after: int) -> bool:
        turns_round, goes_there = after == arc ^ 1, int(self.way[after // 2]) == ban.to_way
        named = turns_round if ban.from_way == ban.to_way else goes_there
        return named if ban.only else not named

    def _keep_main(self, stopped: NDArray[np.bool_]) -> None:
        arcs, doors = len(self.seconds), self.to_doors
        leading = ~doors[self.before] & ~doors[self.after]
        links = csr_array(
            (np.ones(leading.sum()), (self.before[leading], self.after[leading])),
            shape=(arcs, arcs),
        )
        _, strong = connected_components(links, connection="strong")
        per_arc = np.repeat(self.length, 2) * (np.isfinite(self.seconds) & ~doors)
        through = (strong == np.argmax(np.bincount(strong, per_arc))) & np.isfinite(self.seconds)
        through &= ~doors
        self.main = through | (
            self._led_to(through, self.before, self.after)
            & self._led_to(through, self.after, self.before)
        )
        piece = self._pieces(stopped)
        island_m = np.bincount(piece, self.length)[piece]
        self.inside = self.main.reshape(-1, 2).any(axis=1)
        apart = (piece != piece[np.argmax(self.inside)]) & (island_m >= ISLAND_M)
        self.targets = np.flatnonzero(self.inside | apart)
        kept = self.main[self.before] & self.main[self.after]
        self._in_parts(self.before[kept], self.after[kept])

    def _led_to(self, through: NDArray[np.bool_], before: Ints, after: Ints) -> NDArray[np.bool_]:
        """The arcs to doors only that one comes to from those that lead through."""
        found = through.copy()
        for _ in range(len(found)):
            more = after[found[before] & self.to_doors[after] & ~found[after]]
            if not len(more):
                break
            found[more] = True
        return found & self.to_doors

    def _in_parts(self, before: Ints, after: Ints) -> None:
        """What may follow what, in each part of a way: arc + part * arcs."""
        arcs, doors = len(self.seconds), self.to_doors
        pairs = []
        for part, next_part in ((0, 0), (0, 1), (1, 1), (1, 2), (2, 2)):
            fits = (doors[before] == (part != 1)) & (doors[after] == (next_part != 1))
            pairs.append((before[fits] + part * arcs, after[fits] + next_part * arcs))
        self.before, self.after = (np.concatenate(side) for side in zip(*pairs, strict=True))
        weights = self.seconds[self.after % arcs]
        size = PARTS * arcs
        self.links = csr_array((weights, (self.before, self.after)), shape=(size, size))

    def _pieces(self, stopped: NDArray[np.bool_]) -> Ints:
        """Of each segment, the piece of ground it lies on: segments that share a node which stops
        nobody.
        """
        ends = np.stack([self.tail, self.head], axis=1).ravel()
        numbers = np.where(stopped[ends], len(stopped) + np.arange(len(ends)), ends)
        size = len(stopped) + len(ends)
        links = csr_array(
            (np.ones(len(self.tail)), (numbers[::2], numbers[1::2])), shape=(size, size)
        )
        return np.asarray(connected_components(links)[1])[numbers[::2]]

    def snap(self, lon: float, lat: float) -> list[Spot] | None:
        """The spots that compete, one an edge; None where rounding decides which these are."""
        here = in_tangent(np.array([[lon, lat]]), self.tangent)[0]
        start, along = self.start[self.targets], self.end[self.targets] - self.start[self.targets]
        share = np.clip(
            ((here - start) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-12), 0, 1
        )
        off = np.linalg.norm(start + share[:, None] * along - here, axis=1)
        snappable = self.snappable[self.targets]
        ground_m = np.min(off[snappable == Snappable.GROUND], initial=np.inf)
        usable = snappable >= (
            Snappable.GROUND if ground_m <= FLYOVER_M else Snappable.ABOVE_OR_BELOW
        )
        least_m = float(np.min(off[usable], initial=np.inf))
        if least_m > MAX_OFF_M:
            close = abs(least_m - MAX_OFF_M) < CLOSE_M
            return None if close else [(-1, 0.0, math.inf)]
        found: dict[int, Spot] = {}
        for at in np.flatnonzero(usable & (off < least_m + MARGIN_M + CLOSE_M)).tolist():
            segment = int(self.targets[at])
            spot = (segment, float(share[at]), float(off[at]))
            edge = int(self.edge[segment])
            if edge not in found or spot[2] < found[edge][2]:
                found[edge] = spot
        spots = sorted(found.values(), key=lambda spot: spot[2])
        bounds = (
            FLYOVER_M - ground_m,
            MAX_OFF_M - least_m,
            *(bound - spot[2] for spot in spots for bound in (least_m + MARGIN_M, MAX_OFF_M)),
        )
        tied = [spot for spot in spots if spot[2] < least_m + 1e-5]
        stands = {bool(self.inside[segment]) for segment, _, _ in tied}
        if min(map(abs, bounds)) < CLOSE_M or len(spots) > MOST_EDGES or len(stands) > 1:
            return None
        if stands == {False}:
            return [(-1, 0.0, least_m)]
        return [spot for spot in spots if self.inside[spot[0]] and spot[2] < MAX_OFF_M]

    def enter_s(self, segment: int, share: float) -> Floats:
        """From a spot on a segment: seconds until one sets foot on each arc."""
        arcs, ends = len(self.seconds), np.full(PARTS * len(self.seconds), np.inf)
        for arc, left in zip((2 * segment, 2 * segment + 1), (1 - share, share), strict=True):
            if self.main[arc]:
                begin = arc if self.to_doors[arc] else arc + arcs
                ends = np.minimum(
                    ends, left * self.seconds[arc] + dijkstra(self.links, indices=begin)
                )
        entered = np.full(arcs, np.inf)
        np.minimum.at(entered, self.after % arcs, ends[self.before])
        return entered

    def times(self, origins: list[Spot], stands: list[list[Spot]]) -> Floats:
        """Seconds from where a point stands to each of some others, legs off the road walked."""
        return np.min([self._times(origin, stands) for origin in origins], axis=0)

    def _times(self, origin: Spot, stands: list[list[Spot]]) -> Floats:
        segment, share, off_m = origin
        entered = self.enter_s(segment, share)
        found = []
        for stand in stands:
            least = math.inf
            for other, its_share, its_off_m in stand:
                best = math.inf
                for arc, ahead, behind in (
                    (2 * other, its_share, share),
                    (2 * other + 1, 1 - its_share, 1 - share),
                ):
                    if other >= 0 and self.main[arc]:
                        best = min(best, entered[arc] + ahead * self.seconds[arc])
                        if other == segment and ahead >= behind:
                            best = min(best, (ahead - behind) * self.seconds[arc])
                least = min(least, best + (off_m + its_off_m) / WALK_M_S)
            found.append(least)
        return np.array(found)


class City:
    """A snapshot on a network, and the oracle of the same file for every mode."""

    def __init__(self, file: Path, places: gpd.GeoDataFrame) -> None:
        read = osm.read(file, lambda _: None)
        self.network = network.build(read, "made", lambda _: None)
        tangent = self.network.graphs[Mode.WALK].tangent
        self.oracles = {mode: Oracle(read, mode, tangent) for mode in Mode}
        clear = [
            all(self._is_clear(*end) for end in densify(shapely.get_coordinates(place)))
            for place in places.geometry
        ]
        self.snapshot = makers.frozen(
            places[clear], outline=places.union_all().envelope.buffer(0.1)
        ).snapshot()
        stops = {mode: place(self.snapshot, self.network, mode) for mode in Mode}
        self.roads = RoadAccess.under(self.snapshot, self.network, stops)
        self.spots = {mode: self._spots(oracle) for mode, oracle in self.oracles.items()}

    def _is_clear(self, lon: float, lat: float) -> bool:
        return all(oracle.snap(lon, lat) is not None for oracle in self.oracles.values())

    def _spots(self, oracle: Oracle) -> tuple[list[int], list[list[Spot]]]:
        """Rows and where they stand (a street at each vertex)."""
        snapshot, rows, spots = self.snapshot, [], []
        for row in range(snapshot.first_line):
            rows.append(row)
            spots.append(oracle.snap(*snapshot.lonlat[row].tolist()))
        index = snapshot.index
        for line in range(len(index.starts) - 1):
            for vertex in index.vertices[index.starts[line] : index.starts[line + 1]]:
                rows.append(snapshot.first_line + line)
                spots.append(oracle.snap(*out_of_tangent(vertex, index.tangent)))
        return rows, [stand for stand in spots if stand is not None]

    def expected(self, question: Question) -> tuple[list[int], Floats] | None:
        """Rows in the order of time then id, then the cut-off by distance.

        And the time to every row.
        """
        mode = question.mode
        origin = self.oracles[mode].snap(question.lon, question.lat)
        if origin is None or origin[0][0] < 0:
            return None
        rows, spots = self.spots[mode]
        seconds = np.full(len(self.snapshot), np.inf)
        np.minimum.at(seconds, rows, self.oracles[mode].times(origin, spots))
        minute_hours = self.snapshot.hours_by_minute.at(question.at)
        metres = self._metres(question)
        way_s, rank_s = seconds.copy(), seconds.copy()
        for row in self._off_the_extract(mode):
            way_s[row], _, rank_s[row] = eta(metres[row], mode)
        passing = [
            row
            for row in range(len(seconds))
            if self._passes(question, minute_hours, row, metres[row], way_s[row])
        ]
        ids = [self.snapshot.id_of(row) for row in range(len(seconds))]
        reached = sorted(
            (row for row in passing if np.isfinite(rank_s[row])),
            key=lambda r: (rank_s[r], ids[r]),
        )
        apart = sorted(
            (row for row in passing if np.isinf(rank_s[row])), key=lambda r: (metres[r], ids[r])
        )
        return reached + apart, seconds

    def _off_the_extract(self, mode: Mode) -> list[int]:
        """Rows with no road near, neither of the mode nor for feet: their time is an estimate."""
        roads: set[int] = set()
        for each in (mode, Mode.WALK):
            rows, stands = self.spots[each]
            roads |= {
                row for row, stand in zip(rows, stands, strict=True) if math.isfinite(stand[0][2])
            }
        return sorted(set(range(len(self.snapshot))) - roads)

    def _metres(self, question: Question) -> list[float]:
        """Geodesic metres to every row."""
        found = []
        for row in range(len(self.snapshot)):
            lon, lat = self.snapshot.index.foot(row, question.lon, question.lat)
            found.append(float(geodesic_m(question.lon, question.lat, lon, lat)))
        return found

    def _passes(
        self, question: Question, minute_hours: MinuteHours, row: int, metres: float, seconds: float
    ) -> bool:
        wanted, snapshot = question.filter, self.snapshot
        mask = mask_of(wanted, None)
        offer, entry = snapshot.index.words[row].tolist()
        if metres > question.max_distance_m:
            return False
        if mask is not None and (
            (offer & mask.all_of) != mask.all_of or (mask.any_kind and not entry & mask.any_kind)
        ):
            return False
        hours_row = snapshot.hours_row(row)
        if wanted.open is Open.NOW:
            return bool(
                minute_hours.passing(
                    always=False, soon=False, include_unknown=wanted.include_unknown
                )[hours_row]
            )
        if wanted.open is Open.AT_ARRIVAL:
            line, now = (
                minute_hours.line,
                minute_hours.minute + (question.at - minute_hours.at).total_seconds() / 60,
            )
            return math.isfinite(seconds) and open_through(
                line.offsets,
                line.starts,
                line.ends,
                line.states,
                hours_row,
                now + seconds / 60,
                float(question.stay_min),
                0.0,
                wanted.include_unknown,
            )
        return True


def questions(
    city: City, rng: np.random.Generator, count: int, low: Floats, high: Floats
) -> list[Question]:
    modes = list(Mode)
    made = []
    for number in range(count):
        lon, lat = rng.uniform(low, high).tolist()
        kinds = (
            tuple(map(Kind, rng.choice(list(Kind), 2, replace=False).tolist()))
            if rng.random() < 0.4
            else ()
        )
        needs = (Need.WATER,) if rng.random() < 0.3 else ()
        opening = Open(str(rng.choice(["any", "now", "at_arrival"])))
        wanted = Filter(kinds, needs, open=opening, include_unknown=bool(rng.integers(2)))
        made.append(
            Question(
                lon,
                lat,
                makers.NIGHT + timedelta(minutes=int(rng.integers(0, 1440))),
                k=int(rng.integers(1, 12)),
                max_distance_m=float(rng.choice([600, 1_500, 50_000])),
                filter=wanted,
                mode=modes[number % len(modes)],
                stay_min=int(rng.choice([0, 30])),
                by=Order.TIME,
            )
        )
    return made


def check(city: City, asked: list[Question]) -> int:
    answered = 0
    for question in asked:
        expected = city.expected(question)
        answer = nearest(city.snapshot, question, city.roads)
        if expected is None:
            continue
        rows, seconds = expected
        assert answer.by_road is not None
        assert answer.rows == rows[: question.k], question
        assert answer.more == (len(rows) > question.k)
        told = np.nan_to_num(np.array(answer.by_road.seconds), nan=np.inf)
        assert np.allclose(told, seconds[answer.rows], rtol=1e-9, atol=1e-4)
        answered += len(answer.rows) > 0
    return answered


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> City:
    file = town.random_town(3, SIDE).write(tmp_path_factory.mktemp("grid") / "grid.osm")
    return City(file, town.random_places(3, 120, SIDE * 150.0))


def test_the_list_equals_shortest_paths_over_single_segments(grid: City) -> None:
    rng = np.random.default_rng(7)
    low, high = (
        np.array(town.degrees(-150, -150)),
        np.array(town.degrees(SIDE * 150.0, SIDE * 150.0)),
    )
    assert check(grid, questions(grid, rng, QUERIES, low, high)) > 0.6 * QUERIES


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("direction", list(Direction))
def test_times_from_and_to_many_points_equal_the_least_of_their_shortest_paths(
    grid: City, mode: Mode, direction: Direction
) -> None:
    oracle, graph = grid.oracles[mode], grid.network.graphs[mode]
    rng = np.random.default_rng(11)
    points = rng.uniform(town.degrees(0, 0), town.degrees(SIDE * 150.0, SIDE * 150.0), (120, 2))
    snapped = [(point, oracle.snap(*point)) for point in points.tolist()]
    standing = [(point, spots) for point, spots in snapped if spots and spots[0][0] >= 0]
    lonlat, stands = np.array([point for point, _ in standing]), [spots for _, spots in standing]
    between = np.array([oracle.times(origin, stands) for origin in stands])
    sources = np.arange(0, len(stands), 5)
    expected = between[sources] if direction is Direction.FROM else between[:, sources].T
    found = spread(graph, snap(graph, lonlat[sources]), direction)
    seconds, nearest = found.at(snap(graph, lonlat))
    assert np.allclose(seconds, expected.min(axis=0), rtol=1e-9, atol=1e-4)
    assert np.allclose(
        expected[nearest, np.arange(len(stands))], expected.min(axis=0), rtol=1e-9, atol=1e-4
    )


@pytest.mark.parametrize("mode", [Mode.WALK, Mode.RIDE, Mode.DRIVE])
def test_at_most_one_point_in_a_hundred_lies_on_the_wrong_side_of_a_polygon(
    grid: City, mode: Mode
) -> None:
    graph, rng, limit_s = grid.network.graphs[mode], np.random.default_rng(13), 240.0
    points = rng.uniform(town.degrees(0, 0), town.degrees(SIDE * 150.0, SIDE * 150.0), (20_000, 2))
    for direction in Direction:
        found = spread(graph, snap(graph, points[:3]), direction, limit_s)
        drawn = polygons(found, limit_s)
        shape = shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in drawn])
        shapely.prepare(shape)
        inside, within = (
            shapely.contains_xy(shape, points),
            found.at(snap(graph, points))[0] <= limit_s,
        )
        assert 1_000 < within.sum() < 19_000
        assert (inside & ~within).sum() <= 0.01 * inside.sum()
        assert (~inside & within).sum() <= 0.01 * (~inside).sum()


@pytest.mark.parametrize("file", ["nanshan_futian.osm", "andorra.osm.pbf"])
def test_the_same_on_roads_that_people_drew(real_data: Path, file: str) -> None:
    path, rng = real_data / "roads" / file, np.random.default_rng(5)
    drawn = osm.read(path, lambda _: None).lonlat
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    table = makers.random_city(150, 0, 5)
    spots = shapely.points(rng.uniform(low, high, (150, 2)))
    city = City(path, table.set_geometry(gpd.GeoSeries(spots, crs=table.crs)))
    assert check(city, questions(city, rng, 120, low, high)) > 10
