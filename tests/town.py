"""Small towns as OpenStreetMap files: one set down by hand, and random ones.

Metres from a corner; expects nothing.
"""

from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import numpy as np
import shapely

from geodata.sources.demo.city import SHENZHEN
from geodata.space.coordinates import WGS84, from_metric, metric
from tests import makers

#: Degrees of the corner that metres count from.
CORNER = (114.05, 22.54)


def degrees(x_m: float, y_m: float, corner: tuple[float, float] = CORNER) -> tuple[float, float]:
    """WGS-84 lon, lat of metres east and north of a corner."""
    lon, lat = from_metric(metric(*corner, SHENZHEN.grid) + np.array([x_m, y_m]), SHENZHEN.grid)
    return round(float(lon), 7), round(float(lat), 7)


@dataclass
class Town:
    """Nodes by name, ways and relations, in the order they were set down."""

    spots: dict[str, tuple[float, float]] = field(default_factory=dict)
    node_tags: dict[str, dict[str, str]] = field(default_factory=dict)
    ways: dict[str, tuple[list[str], dict[str, str]]] = field(default_factory=dict)
    turns: list[tuple[str, str, str, dict[str, str]]] = field(default_factory=list)

    def node(self, name: str, x_m: float, y_m: float, **tags: str) -> None:
        self.spots[name] = (x_m, y_m)
        self.node_tags[name] = tags

    def way(self, name: str, nodes: str, highway: str, **tags: str) -> None:
        self.ways[name] = (
            nodes.split(),
            {"highway": highway, **{k.replace("__", ":"): v for k, v in tags.items()}},
        )

    def turn(self, start: str, via: str, end: str, restriction: str, **tags: str) -> None:
        self.turns.append(
            (start, via, end, {"type": "restriction", "restriction": restriction, **tags})
        )

    def write(self, path: Path, corner: tuple[float, float] = CORNER) -> Path:
        numbers = {name: number for number, name in enumerate(self.spots, start=1)}
        ways = {name: number for number, name in enumerate(self.ways, start=1)}
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
        lines.append('<meta osm_base="2026-11-01T00:00:00Z"/>')
        for name, number in numbers.items():
            lon, lat = degrees(*self.spots[name], corner)
            lines.append(
                f'<node id="{number}" lon="{lon:.7f}"'
                f' lat="{lat:.7f}">{_tags(self.node_tags[name])}</node>'
            )
        for name, (nodes, tags) in self.ways.items():
            refs = "".join(f'<nd ref="{numbers[node]}"/>' for node in nodes)
            lines.append(f'<way id="{ways[name]}">{refs}{_tags(tags)}</way>')
        for number, (start, via, end, tags) in enumerate(self.turns, start=1):
            members = (
                f'<member type="way" ref="{ways[start]}" role="from"/><member type="node"'
                f' ref="{numbers[via]}" role="via"/><member type="way" ref="{ways[end]}"'
                ' role="to"/>'
            )
            lines.append(f'<relation id="{number}">{members}{_tags(tags)}</relation>')
        path.write_text("\n".join([*lines, "</osm>", ""]), encoding="utf-8")
        return path


def _tags(tags: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def by_the_river() -> Town:
    """A river with one bridge far to the north and a motorway over it, a one-way ring, stairs, a
    low tunnel, an island that only a ferry reaches, and a road over a border.

        n ───────────── bridge ───────────── m          island: i ── j, 1,300 m, 900 m north of the
        bridge
        │                  ~                 │
        │     u ─── motorway, east ───▶ v    │
        │    ▲                          │    │
        │   link           ~          link   │
        │   │                           ▼    │
    ring ── a ─── b        ~          d ───── c ── x (border) ── y
            │     ┊ stairs
       low  │     h
            t ────┘
    """  # a picture
    town = Town()
    for name, x, y in (
        ("a", -300, 0),
        ("b", -100, 0),
        ("n", -100, 1000),
        ("m", 100, 1000),
        ("c", 100, 0),
        ("d", 300, 0),
        ("u", -300, 300),
        ("v", 300, 300),
        ("w", 300, 340),
        ("k", -300, 340),
        ("r1", -500, 0),
        ("r2", -600, 100),
        ("r3", -700, 0),
        ("r4", -600, -100),
        ("h", -100, -200),
        ("t", -300, -400),
        ("s", -900, -400),
        ("q", -900, 0),
        ("i", 0, 1900),
        ("j", 0, 3200),
        ("y", 1900, 0),
    ):
        town.node(name, x, y)
    town.node("x", 600, 0, barrier="border_control")
    town.way("west", "a b", "residential")
    town.way("north", "b n", "residential")
    town.way("bridge", "n m", "residential", bridge="yes")
    town.way("south", "m c", "residential")
    town.way("east", "c d", "residential")
    town.way("eastward", "u v", "motorway")
    town.way("westward", "w k", "motorway")
    town.way("up", "a u", "motorway_link", oneway="yes")
    town.way("down", "v d", "motorway_link", oneway="yes")
    town.way("back up", "d w", "motorway_link", oneway="yes")
    town.way("back down", "k a", "motorway_link", oneway="yes")
    town.way("to the ring", "a r1", "residential")
    town.way("ring", "r1 r2 r3 r4 r1", "residential", junction="roundabout")
    town.way("off the ring", "r3 q", "residential")
    town.way("stairs", "b h", "steps")
    town.way("low", "a t", "residential", maxheight="3.0")
    town.way("yard", "t h", "residential")
    town.way("round", "t s q", "residential")
    town.way("isle", "i j", "residential")
    town.ways["ferry"] = (["m", "i"], {"route": "ferry"})
    town.way("over the border", "d x y", "residential")
    return town


def random_town(seed: int, side: int = 12) -> Town:
    """A grid of streets with bends, some one-way, closed, stepped or slow.

    Bollards, and turns that are banned.
    """
    rng = np.random.default_rng(seed)
    town = Town()
    for row in range(side):
        for column in range(side):
            x, y = np.array([column, row]) * 150.0 + rng.normal(0, 20, 2)
            barrier = {"barrier": "bollard"} if rng.random() < 0.03 else {}
            town.node(f"{row}-{column}", float(x), float(y), **barrier)
    streets: list[str] = []
    for row in range(side):
        for column in range(side):
            for to_row, to_column in ((row, column + 1), (row + 1, column)):
                if to_row < side and to_column < side and rng.random() < 0.9:
                    streets.append(_street(town, rng, f"{row}-{column}", f"{to_row}-{to_column}"))
    for _ in range(side * 4):
        start = streets[rng.integers(len(streets))]
        via = start.split()[int(rng.integers(2))]
        ends = [street for street in streets if via in street.split()]
        kind = str(rng.choice(["no_left_turn", "no_u_turn", "only_straight_on"], p=[0.6, 0.2, 0.2]))
        town.turn(start, via, start if kind == "no_u_turn" else ends[rng.integers(len(ends))], kind)
    return town


#: What else is said of a street: to doors only, on another level, or where nobody gets out.
_CASES: list[dict[str, str]] = [
    {},
    {"motor_vehicle": "destination"},
    {"vehicle": "customers"},
    {"bridge": "yes", "layer": "1"},
    {"tunnel": "yes", "layer": "-1"},
    {"motorroad": "yes", "foot": "yes", "bicycle": "yes"},
]


def _street(town: Town, rng: np.random.Generator, start: str, end: str) -> str:
    name = f"{start} {end}"
    (x, y), (to_x, to_y) = town.spots[start], town.spots[end]
    bend = f"{name} bend".replace(" ", "_")
    shift = rng.normal(0, 15, 2)
    town.node(bend, float((x + to_x) / 2 + shift[0]), float((y + to_y) / 2 + shift[1]))
    kind = str(
        rng.choice(
            ["residential", "primary", "footway", "service", "cycleway"],
            p=[0.5, 0.2, 0.1, 0.1, 0.1],
        )
    )
    tags = {"oneway": str(rng.choice(["yes", "-1"]))} if rng.random() < 0.25 else {}
    tags |= _CASES[int(rng.choice(len(_CASES), p=[0.76, 0.08, 0.04, 0.06, 0.03, 0.03]))]
    if rng.random() < 0.1:
        tags["maxheight"] = "3.2"
    town.way(name, f"{start} {bend} {end}", kind, **tags)
    return name


def places(lonlat: list[tuple[float, float]], **columns: list[object]) -> gpd.GeoDataFrame:
    """A raw table of stations p-000, p-001, … at the given degrees; a keyword replaces a column."""
    count = len(lonlat)
    table = {
        "id": [f"p-{number:03d}" for number in range(count)],
        "kind": ["warm_bee_station"] * count,
        "name": [f"驿站{number}" for number in range(count)],
        "services": [["seat"]] * count,
        "audience": [[]] * count,
        "door": ["open"] * count,
        "opening_hours": ["24/7"] * count,
    }
    return gpd.GeoDataFrame({**table, **columns}, geometry=list(shapely.points(lonlat)), crs=WGS84)


def random_places(seed: int, count: int, extent_m: float) -> gpd.GeoDataFrame:
    """Places strewn over a random town, with makers' kinds, services and hours; and two streets."""
    rng = np.random.default_rng(seed)
    table = makers.random_city(count, 2, seed)
    spots = [shapely.Point(degrees(*rng.uniform(-200, extent_m + 200, 2))) for _ in range(count)]
    for _ in range(2):
        bends = [
            degrees(*spot)
            for spot in rng.uniform(0, extent_m, (1, 2))
            + np.cumsum(rng.normal(0, 90, (4, 2)), axis=0)
        ]
        spots.append(shapely.LineString(bends))
    return gpd.GeoDataFrame(table.drop(columns="geometry"), geometry=spots, crs=WGS84)
