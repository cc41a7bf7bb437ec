"""`make bench-valhalla`: the place reached first by our roads and by Valhalla's, on
two extracts, and why the two differ.

Both are asked from the same points to the same places. Then the two are made alike, one cause after
the other, and each difference is counted under the cause after which the two agree for good.
Asserts nothing.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import osmium
from numpy.random import PCG64, Generator
from rich.console import Console
from rich.table import Table

from geodata.space.tangent import Floats, out_of_frame
from geodata.travel import network, osm
from geodata.travel.graph import Graph
from geodata.travel.one_to_all import Direction, spread
from geodata.travel.rules import WALK_M_S
from geodata.travel.snap import Snapped, snap
from geodata.vocabulary import Mode

POINTS: Final = 300
PLACES: Final = 60
_SEED: Final = 13
EXTRACTS: Final = ("nanshan_futian.osm", "andorra.osm.pbf")
PROGRAMS: Final = ("valhalla_build_tiles", "valhalla_service")
#: Beside their folder: prints a configuration.
CONFIG: Final = "valhalla_build_config.py"
MISSING: Final = """This compares with Valhalla, whose programs are not on the path: {names}.
They are part of the wheel of pyvalhalla (MIT), which needs not be installed, only unpacked:

    pip download pyvalhalla==3.9.1 --no-deps --only-binary=:all: --python-version 3.12 -d /tmp/v
    unzip -q /tmp/v/*.whl -d /tmp/v && chmod +x /tmp/v/valhalla/bin/*
    make bench-valhalla ARGS="--programs /tmp/v/valhalla/bin"
"""
#: Points are drawn within this share of the extract's nodes, and not farther from a road.
_MIDDLE: Final = (0.02, 0.98)
_MOST_OFF_M: Final = 200.0
#: Two ways of so nearly one length are a tie.
_TIE_M: Final = 15.0
_TIE: Final = 0.01
#: Roads that are so nearly as near as the nearest meet there.
_SAME_M: Final = 0.1
#: Sources asked at once, so that a question stays short enough for a command line.
_AT_ONCE: Final = 50

Tags = dict[str, str]


@dataclass(frozen=True, slots=True)
class Travel:
    """A mode as Valhalla calls it, at the pace that ours has where it can be set."""

    costing: str
    options: Mapping[str, Any]


TRAVELS: Final = {
    Mode.WALK: Travel("pedestrian", {"walking_speed": 4.5}),
    Mode.RIDE: Travel("bicycle", {"cycling_speed": 15.0}),
    Mode.DRIVE: Travel("auto", {}),
}

#: What is left unsaid in the tags, and read in two ways: said outright, so that both read the same.
_FOR_FEET: Final = ("footway", "path", "pedestrian", "bridleway")
EDITS: Final[Mapping[str, Callable[[Tags], Tags]]] = {
    "feet on cycleways": lambda tags: (
        {"foot": "yes"} if tags["highway"] == "cycleway" and "foot" not in tags else {}
    ),
    "mountain paths": lambda tags: {"sac_scale": "hiking"} if "sac_scale" in tags else {},
    "bicycles pushed": lambda tags: (
        {"bicycle": "yes"} if tags["highway"] in _FOR_FEET and "bicycle" not in tags else {}
    ),
    "bicycles on stairs": lambda tags: {"bicycle": "no"} if tags["highway"] == "steps" else {},
    "reversible lanes": lambda tags: (
        {"oneway": "yes"} if tags.get("oneway") == "reversible" else {}
    ),
    "access=bus": lambda tags: {"access": "no"} if tags.get("access") == "bus" else {},
}
CAUSES: Final = ("legs off the road", "which road", "paces, turns", *EDITS)


@dataclass(frozen=True, slots=True)
class Ways:
    """From each point to each place, (n, m): seconds or metres, of both routers; inf: no way."""

    ours: Floats
    theirs: Floats

    def differ(self, *, ties: bool = False) -> np.ndarray:
        """(n,) whether another place is first. `ties`: those that are all but equal differ, too."""
        mine, their = self.ours.argmin(axis=1), self.theirs.argmin(axis=1)
        rows = np.arange(len(mine))
        if ties:
            return mine != their
        apart = [
            np.abs(way[rows, mine] - way[rows, their]) > np.maximum(_TIE_M, _TIE * way[rows, mine])
            for way in (self.ours, self.theirs)
        ]
        return (mine != their) & (apart[0] | apart[1])


@dataclass(frozen=True, slots=True)
class Valhalla:
    """Tiles of an extract, and the program that answers over them."""

    service: Path
    config: Path

    @classmethod
    def of(cls, programs: Path, extract: Path, folder: Path) -> "Valhalla":
        """Build the tiles of a .pbf in a new folder."""
        (folder / "tiles").mkdir(parents=True)
        config = folder / "config.json"
        config.write_text(json.dumps(_config(programs, folder / "tiles")))
        subprocess.run(
            [programs / PROGRAMS[0], "-c", config, extract], check=True, capture_output=True
        )
        return cls(programs / PROGRAMS[1], config)

    def matrix(
        self,
        mode: Mode,
        points: Floats,
        places: Floats,
        *,
        by_distance: bool = False,
        on_roads: bool = False,
    ) -> Floats:
        """(n, m) seconds of the ways it chooses, or metres of the shortest ones."""
        travel = TRAVELS[mode]
        options = {**travel.options, "shortest": by_distance}
        rows = []
        for start in range(0, len(points), _AT_ONCE):
            asked = {
                "sources": _locations(points[start : start + _AT_ONCE], on_roads=on_roads),
                "targets": _locations(places, on_roads=on_roads),
                "costing": travel.costing,
                "costing_options": {travel.costing: options},
                "verbose": False,
            }
            told = self._ask("sources_to_targets", asked)["sources_to_targets"]
            rows.append(np.array(told["distances" if by_distance else "durations"], np.float64))
        found = np.concatenate(rows)
        # Its search for many at once gives up now and then where that for two finds a way.
        lost = np.isnan(found).all(axis=1)
        for row, column in np.argwhere(np.isnan(found) & lost[:, None]).tolist():
            pair = np.array([points[row], places[column]])
            asked = {
                "locations": _locations(pair, on_roads=on_roads),
                "costing": travel.costing,
                "costing_options": {travel.costing: options},
                "directions_type": "none",
            }
            told = self._ask("route", asked).get("trip", {}).get("summary", {})
            found[row, column] = told.get("length" if by_distance else "time", np.inf)
        found *= 1000.0 if by_distance else 1.0
        return np.where(np.isnan(found), np.inf, found)

    def _ask(self, action: str, question: Mapping[str, Any]) -> dict[str, Any]:
        done = subprocess.run(
            [self.service, self.config, action, json.dumps(question)],
            capture_output=True,
            text=True,
            check=False,  # "no path" is a status, too
        )
        answers = [line for line in done.stdout.splitlines() if line.startswith("{")]
        found: dict[str, Any] = json.loads(answers[-1]) if answers else {}
        return found


def _config(programs: Path, tiles: Path) -> dict[str, Any]:
    """Valhalla's own configuration, with room for the whole matrix."""
    own = [sys.executable, programs.parent / CONFIG, "--mjolnir-tile-dir", tiles]
    plain = ["--mjolnir-tile-extract", "", "--mjolnir-admin", "", "--mjolnir-timezone", ""]
    done = subprocess.run([*own, *plain], check=True, capture_output=True, text=True)
    config: dict[str, Any] = json.loads(done.stdout)
    for travel in TRAVELS.values():
        config["service_limits"][travel.costing] |= {
            "max_locations": POINTS + PLACES,
            "max_matrix_distance": 1e7,
            "max_matrix_location_pairs": POINTS * PLACES,
        }
    return config


def _locations(lonlat: Floats, *, on_roads: bool) -> list[dict[str, float]]:
    """`on_roads`: they stand on a road already, however few others it leads to."""
    leads = {"minimum_reachability": 0} if on_roads else {}
    return [{"lon": lon, "lat": lat, **leads} for lon, lat in lonlat.tolist()]


def edited(extract: Path, edits: Sequence[Callable[[Tags], Tags]], target: Path) -> Path:
    """A copy of an extract as .pbf, whose roads say more."""
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for entity in osmium.FileProcessor(str(extract)):
            tags = dict(entity.tags)
            if entity.is_way() and "highway" in tags:
                for edit in edits:
                    tags |= edit(tags)
                writer.add(entity.replace(tags=tags))
            else:
                writer.add(entity)
    return target


def graphs(extract: Path) -> Mapping[Mode, Graph]:
    """Our graphs of an extract."""
    return network.build(osm.read(extract, lambda _: None), "bench", lambda _: None).graphs


def drawn(graph: Graph, rng: Generator, middle: Floats, count: int) -> Floats:
    """Points evenly over the middle of the extract that are not far from a road, (n, 2)."""
    points = rng.uniform(middle[0], middle[1], (50 * count, 2))
    spots = snap(graph, points)
    return points[spots.stands & (spots.nearest_m <= _MOST_OFF_M)][:count]


def on_roads(graph: Graph, lonlat: Floats) -> Floats:
    """Where each point's nearest road is nearest to it, (n, 2) degrees."""
    spots, found = snap(graph, lonlat), []
    nearest = spots.first[:-1]
    for edge, along_m in zip(spots.edges[nearest], spots.along_m[nearest], strict=True):
        span = slice(graph.starts[edge], graph.starts[edge + 1])
        shape, known_m = graph.vertices[span], graph.along_m[span]
        spot = np.array([np.interp(along_m, known_m, shape[:, axis]) for axis in range(3)])
        found.append(out_of_frame(spot, graph.frame))
    return np.array(found)


def matrix(graph: Graph, points: Floats, places: Floats, *, nearest_only: bool) -> Floats:
    """(n, m) seconds by our roads; `nearest_only`: no roads compete for a point."""
    kept = _nearest_only if nearest_only else _as_it_is
    here = kept(snap(graph, points))
    there = [kept(snap(graph, place[None])) for place in places]
    return np.stack([spread(graph, spot, Direction.TO).at(here)[0] for spot in there], axis=1)


def _nearest_only(spots: Snapped) -> Snapped:
    """At a junction several roads are the nearest."""
    kept = spots.off_m <= spots.off_m[spots.first[:-1]][spots.of] + _SAME_M
    first = np.concatenate([[0], np.cumsum(np.bincount(spots.of[kept]))]).astype(np.int32)
    return Snapped(
        first, spots.edges[kept], spots.ahead_s[kept], spots.along_m[kept], spots.off_m[kept]
    )


def _as_it_is(spots: Snapped) -> Snapped:
    return spots


def by_length(graph: Graph) -> Graph:
    """The same roads at a metre a second."""
    lengths = np.repeat(graph.lengths_m, 2)
    return replace(graph, seconds=np.where(np.isfinite(graph.seconds), lengths, np.inf))


@dataclass(frozen=True, slots=True)
class Asked:
    """The points and places of one mode, and where they stand on our roads."""

    points: Floats
    places: Floats
    points_on_road: Floats
    places_on_road: Floats


def asked_of(extract: Path, modes: Sequence[Mode]) -> dict[Mode, Asked]:
    """The same points and places in every run."""
    degrees = osm.read(extract, lambda _: None).lonlat
    middle, rng = np.quantile(degrees, _MIDDLE, axis=0), Generator(PCG64(_SEED))
    own = graphs(extract)
    return {mode: _asked(own[mode], rng, middle) for mode in modes}


def stages(
    extract: Path, programs: Path, folder: Path, asked: Mapping[Mode, Asked]
) -> Iterator[dict[Mode, Ways]]:
    """As both tell it; then made alike by each of CAUSES in turn, together with those before."""
    plain = edited(extract, [], folder / "plain.osm.pbf")
    own, theirs = graphs(plain), Valhalla.of(programs, plain, folder / "plain")
    told = {
        mode: Ways(
            matrix(own[mode], its.points, its.places, nearest_only=False),
            theirs.matrix(mode, its.points, its.places),
        )
        for mode, its in asked.items()
    }
    yield told
    yield {
        mode: Ways(told[mode].ours, told[mode].theirs + _legs_s(own[mode], its))
        for mode, its in asked.items()
    }
    yield {mode: _alike(own[mode], theirs, mode, its, False) for mode, its in asked.items()}
    yield {mode: _alike(own[mode], theirs, mode, its, True) for mode, its in asked.items()}
    for number in range(1, len(EDITS) + 1):
        named = folder / f"edited-{number}.osm.pbf"
        said = edited(extract, [*EDITS.values()][:number], named)
        own, theirs = graphs(said), Valhalla.of(programs, said, folder / f"edited-{number}")
        yield {mode: _alike(own[mode], theirs, mode, its, True) for mode, its in asked.items()}


def _asked(graph: Graph, rng: Generator, middle: Floats) -> Asked:
    points, places = (drawn(graph, rng, middle, count) for count in (POINTS, PLACES))
    return Asked(points, places, on_roads(graph, points), on_roads(graph, places))


def _legs_s(graph: Graph, its: Asked) -> Floats:
    """(n, m) seconds on foot between points and places and the roads nearest to them."""
    here, there = (snap(graph, lonlat).nearest_m / WALK_M_S for lonlat in (its.points, its.places))
    return here[:, None] + there


def _alike(graph: Graph, theirs: Valhalla, mode: Mode, its: Asked, by_distance: bool) -> Ways:
    roads = by_length(graph) if by_distance else graph
    here, there = its.points_on_road, its.places_on_road
    return Ways(
        matrix(roads, here, there, nearest_only=True),
        theirs.matrix(mode, here, there, by_distance=by_distance, on_roads=True),
    )


def causes_of(ways: Sequence[Ways]) -> tuple[dict[str, int], np.ndarray]:
    """How many differences vanish for good with each cause; (n,) which remain and are no tie."""
    differs = np.array([each.differ(ties=True) for each in ways])
    asked = differs[0]
    left = asked & ways[-1].differ()
    differs[-1] = left
    # The first stage from which on the two agree: behind the last at which they differ.
    agree = len(ways) - 1 - differs[::-1].argmax(axis=0)
    counts = {
        cause: int((asked & ~left & (agree == number)).sum()) for number, cause in enumerate(CAUSES)
    }
    return counts, left


def main() -> None:
    """Read the command line, ask both, and print the table."""
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks.valhalla", description=__doc__)
    asked.add_argument("--programs", type=Path, help="the folder of Valhalla's programs")
    programs = asked.parse_args().programs or Path(shutil.which(PROGRAMS[0]) or "-").parent
    if missing := [name for name in PROGRAMS if not (programs / name).is_file()]:
        sys.exit(MISSING.format(names=", ".join(missing)))
    data = Path(os.environ.get("NUANFENG_DATA", Path(__file__).parents[3] / "shared" / "data"))
    table = Table("extract", "mode", "same", *CAUSES, "left")
    left_over = Table("extract", "mode", "from", "to, ours", "metres", "to, theirs", "metres")
    for name in EXTRACTS:
        extract = data / "roads" / name
        points = asked_of(extract, tuple(TRAVELS))
        with tempfile.TemporaryDirectory(prefix="nuanfeng-valhalla-") as folder:
            ways = [*stages(extract, programs, Path(folder), points)]
        for mode in TRAVELS:
            counts, left = causes_of([stage[mode] for stage in ways])
            same = 1 - (sum(counts.values()) + int(left.sum())) / POINTS
            numbers = (str(count or "") for count in counts.values())
            table.add_row(name, mode.value, f"{same:.0%}", *numbers, str(int(left.sum())))
            for row in _rows(points[mode], ways[-1][mode], left):
                left_over.add_row(name, mode.value, *row)
    screen = Console(width=190)
    screen.print(table, left_over)


def _rows(its: Asked, ways: Ways, left: np.ndarray) -> Iterator[tuple[str, ...]]:
    """What remains: where from, and each one's first place with both lengths, ours and theirs."""
    for row in np.flatnonzero(left):
        cells = [_degrees(its.points_on_road[row])]
        for first in (ways.ours[row].argmin(), ways.theirs[row].argmin()):
            lengths = f"{ways.ours[row, first]:.0f}, {ways.theirs[row, first]:.0f}"
            cells += [_degrees(its.places_on_road[first]), lengths]
        yield tuple(cells)


def _degrees(lonlat: Floats) -> str:
    return f"{lonlat[0]:.6f},{lonlat[1]:.6f}"


if __name__ == "__main__":
    main()
