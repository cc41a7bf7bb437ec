"""A made-up region of any size as an OpenStreetMap extract: towns like grids, and roads between
them. Measures nothing.

Every town is drawn from a seed of its own, so it is drawn again rather than kept: an extract tells
all nodes before the first way, and no more than one town is in memory. The shares of classes,
one-ways, barriers and restrictions are assumptions, near what OpenStreetMap has of Chinese cities.
Nothing in it is a real road."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, TextIO

import numpy as np
import osmium
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from geodata.space.tangent import Floats

#: Towns along each side of the region: a little over ten million nodes, and one million.
TOWNS: Final = 30
QUICK_TOWNS: Final = 10
#: The middle of the demo city, so that its places stand in the towns of the middle.
_MIDDLE: Final = np.array([114.18, 22.645])
_M_PER_DEGREE: Final = 111_320.0 * np.array([np.cos(np.radians(22.645)), 1.0])
_APART_M: Final = 8_000.0
#: Junctions along each side of a town, and metres between them.
_SIDE: Final = 48
_BLOCK_M: Final = 130.0
_JITTER_M: Final = 12.0
_MOST_TURNED: Final = 0.3
#: How often a block has so many bends, from none on.
_BENDS: Final = (0.15, 0.2, 0.25, 0.25, 0.1, 0.05)
_BEND_M: Final = 4.0
_BLOCKS_LEFT_OUT: Final = 0.08
_BLOCKS_A_WAY: Final = 6
#: Where country roads leave a town and enter the next: the middle of a side.
_WEST, _EAST = _SIDE // 2 * _SIDE, _SIDE // 2 * _SIDE + _SIDE - 1
_SOUTH, _NORTH = _SIDE // 2, _SIDE * _SIDE - _SIDE // 2
_COUNTRY_BENDS: Final = (80, 200)
_COUNTRY_BEND_M: Final = 60.0
_MOTORWAY_EVERY: Final = 4
_BARRED: Final = 0.01
_SIGNALLED: Final = 0.04
_TURNS_A_TOWN: Final = 12
_OVER_A_WAY: Final = 0.05
#: As in a real extract, numbers are large and have gaps.
_FIRST_NODE, _NODE_STEP = 1_000_000_000, 7
_FIRST_WAY, _WAY_STEP = 100_000_000, 3
_FIRST_RELATION: Final = 1_000_000

#: Tags are written as the file has them (OPL): key=value, with commas between.
_MAINS: Final = (
    (16, "highway=primary,maxspeed=60,bicycle=yes"),
    (8, "highway=secondary,maxspeed=50"),
    (4, "highway=tertiary"),
)
"""Every so-manieth line of a grid, the most important first."""
_LANES: Final = {
    "highway=residential": 0.40,
    "highway=residential,oneway=yes": 0.10,
    "highway=service": 0.12,
    "highway=service,access=private": 0.03,
    "highway=service,service=driveway,oneway=yes": 0.05,
    "highway=unclassified": 0.06,
    "highway=unclassified,surface=unpaved": 0.03,
    "highway=living_street": 0.04,
    "highway=footway": 0.09,
    "highway=path": 0.03,
    "highway=cycleway": 0.03,
    "highway=steps": 0.02,
}
_BARRIERS: Final = (
    "barrier=bollard",
    "barrier=gate,access=private",
    "barrier=lift_gate,foot=yes",
    "barrier=cycle_barrier",
    "barrier=height_restrictor,maxheight=3.2",
)
#: Public places, as nodes of the roads: they change no way.
_PLACES: Final = (
    "amenity=toilets",
    "amenity=drinking_water",
    "amenity=library,opening_hours=24/7",
    "amenity=fuel",
    "amenity=shelter",
)
_PLACE_EVERY: Final = 64
_BANS: Final = ("no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "only_straight_on")


class Written(NamedTuple):
    """What a region consists of."""

    nodes: int
    ways: int
    restrictions: int
    box: tuple[float, float, float, float]
    """West, south, east and north of its nodes in degrees, as its header states it."""


class _Way(NamedTuple):
    refs: list[int]
    """Nodes of the town, counted from 0; ~gate: that junction of the town it leads to."""
    tags: str
    leads: int = 0
    """How many towns on the town lies that it leads to."""


class _Town(NamedTuple):
    """One town, and the roads from it to its neighbours in the east and the north."""

    lonlat: Floats
    node_tags: dict[int, str]
    ways: list[_Way]
    bans: list[tuple[int, int, int, str]]
    """Way, node, way, what is said."""


def write(path: Path, towns: int) -> Written:
    """Write towns x towns towns to a .osm.pbf that is not there yet.

    The same for the same number.
    """
    header = osmium.io.Header()
    header.set("generator", "nuanfeng benchmarks, made up")
    header.set("osmosis_replication_timestamp", "2026-11-01T00:00:00Z")
    text = path.with_suffix(".opl")
    try:
        with text.open("w", encoding="ascii") as out:
            written = _write(out, towns)
        header.add_box(osmium.osm.Box(*written.box))
        with osmium.SimpleWriter(path, header=header) as packed:
            osmium.apply(text, packed)
    finally:
        text.unlink(missing_ok=True)
    return written


def _write(out: TextIO, towns: int) -> Written:
    first_node, first_way = (np.zeros(towns * towns + 1, np.int64) for _ in range(2))
    corners: list[Floats] = []
    for number, town in enumerate(_towns(towns)):
        corners += [town.lonlat.min(axis=0), town.lonlat.max(axis=0)]
        first_node[number + 1] = first_node[number] + len(town.lonlat)
        first_way[number + 1] = first_way[number] + len(town.ways)
        out.writelines(_nodes(int(first_node[number]), town))
    for number, town in enumerate(_towns(towns)):
        out.writelines(_ways(int(first_way[number]), first_node[number:].tolist(), town))
    restrictions = 0
    for number, town in enumerate(_towns(towns)):
        first = int(first_node[number]), int(first_way[number])
        out.writelines(_relations(restrictions, *first, town))
        restrictions += len(town.bans)
    (west, south), (east, north) = np.min(corners, axis=0), np.max(corners, axis=0)
    box = (float(west), float(south), float(east), float(north))
    return Written(int(first_node[-1]), int(first_way[-1]), restrictions, box)


def _nodes(first: int, town: _Town) -> Iterator[str]:
    for node, (lon, lat) in enumerate(town.lonlat.tolist()):
        yield f"n{_node(first + node)} T{town.node_tags.get(node, '')} x{lon:.7f} y{lat:.7f}\n"


def _ways(first: int, first_nodes: list[int], town: _Town) -> Iterator[str]:
    for number, way in enumerate(town.ways, first):
        refs = (
            first_nodes[0] + ref if ref >= 0 else first_nodes[way.leads] + ~ref for ref in way.refs
        )
        yield f"w{_way(number)} T{way.tags} N{','.join(f'n{_node(ref)}' for ref in refs)}\n"


def _relations(number: int, first_node: int, first_way: int, town: _Town) -> Iterator[str]:
    for nth, (start, node, end, said) in enumerate(town.bans):
        via = (
            f"n{_node(first_node + node)}"
            if nth % round(1 / _OVER_A_WAY)
            else f"w{_way(first_way)}"
        )
        members = f"w{_way(first_way + start)}@from,{via}@via,w{_way(first_way + end)}@to"
        yield f"r{_FIRST_RELATION + number + nth} Ttype=restriction,restriction={said} M{members}\n"


def _node(number: int) -> int:
    return _FIRST_NODE + _NODE_STEP * number


def _way(number: int) -> int:
    return _FIRST_WAY + _WAY_STEP * number


def _towns(towns: int) -> Iterator[_Town]:
    return (_town(number, towns) for number in range(towns * towns))


def _town(number: int, towns: int) -> _Town:
    rng = Generator(PCG64([number, 1]))
    plain = _plain(number, towns)
    junctions = plain + rng.normal(0.0, _JITTER_M, plain.shape)
    gates = [_WEST, _EAST, _SOUTH, _NORTH]
    junctions[gates] = plain[gates]
    pieces, ways = [junctions], list[_Way]()
    bends, lanes = _streets(rng, junctions, ways)
    pieces.append(bends)
    ends = _ends(ways)
    _country_roads(rng, number, towns, pieces, ways)
    xy_m = np.concatenate(pieces)
    return _Town(_MIDDLE + xy_m / _M_PER_DEGREE, _node_tags(rng, lanes), ways, _bans(rng, ends))


def _plain(number: int, towns: int) -> Floats:
    """A town's junctions before any is moved, metres from the region's middle, row by row from the
    south-west.
    """
    turned = Generator(PCG64([number, 0])).uniform(-_MOST_TURNED, _MOST_TURNED)
    row, column = divmod(number, towns)
    steps_m = (np.arange(_SIDE) - (_SIDE - 1) / 2) * _BLOCK_M
    x, y = np.meshgrid(steps_m, steps_m)
    turn = np.array([[np.cos(turned), np.sin(turned)], [-np.sin(turned), np.cos(turned)]])
    centre = (np.array([column, row]) - (towns - 1) / 2) * _APART_M
    return np.asarray(np.stack([x.ravel(), y.ravel()], axis=1) @ turn + centre)


def _streets(
    rng: Generator, junctions: Floats, ways: list[_Way]
) -> tuple[Floats, NDArray[np.int64]]:
    """The lines of the grid, cut into ways.

    Gives the bends, which follow the junctions, and those off main streets.
    """
    grid = np.arange(_SIDE * _SIDE).reshape(_SIDE, _SIDE)
    lines = np.concatenate([grid, grid.T])
    bends = rng.choice(len(_BENDS), (len(lines), _SIDE - 1), p=_BENDS)
    bends[rng.random(bends.shape) < _BLOCKS_LEFT_OUT] = -1
    counts = np.maximum(bends, 0).ravel()
    first = np.concatenate([[0], np.cumsum(counts)])
    block = np.repeat(np.arange(len(counts)), counts)
    share = (np.arange(len(block)) - first[block] + 1) / (counts[block] + 1)
    starts, ends = junctions[lines[:, :-1].ravel()][block], junctions[lines[:, 1:].ravel()][block]
    _cut(rng, lines, bends, (len(junctions) + first).tolist(), ways)
    bent = starts + share[:, None] * (ends - starts) + rng.normal(0.0, _BEND_M, starts.shape)
    in_lanes = ~np.array([_main(line % _SIDE) is not None for line in range(len(lines))])[
        block // (_SIDE - 1)
    ]
    return bent, len(junctions) + np.flatnonzero(in_lanes)


def _cut(
    rng: Generator,
    lines: NDArray[np.int64],
    bends: NDArray[np.int64],
    first: list[int],
    ways: list[_Way],
) -> None:
    """Ways of some blocks each, interrupted where a block is left out."""
    lanes = rng.choice(np.array(list(_LANES)), lines.shape, p=list(_LANES.values())).tolist()
    names = rng.integers(0, 4_000, lines.shape).tolist()
    for line, junctions in enumerate(lines.tolist()):
        for low in range(0, _SIDE - 1, _BLOCKS_A_WAY):
            refs: list[int] = []
            blocks = range(low, min(low + _BLOCKS_A_WAY, _SIDE - 1))
            for block in blocks:
                if bends[line, block] >= 0:
                    at = line * (_SIDE - 1) + block
                    refs += [
                        *(() if refs else (junctions[block],)),
                        *range(first[at], first[at + 1]),
                    ]
                    refs.append(junctions[block + 1])
                if refs and (bends[line, block] < 0 or block == blocks[-1]):
                    ways.append(
                        _Way(refs, _street_tags(line % _SIDE, lanes[line][low], names[line][low]))
                    )
                    refs = []


def _street_tags(line: int, lane: str, name: int) -> str:
    """Half of the streets have names."""
    tags = _main(line) or lane
    return f"{tags},name=street{name}" if name % 2 else tags


def _main(line: int) -> str | None:
    return next((tags for every, tags in _MAINS if line % every == every // 2), None)


def _country_roads(
    rng: Generator, number: int, towns: int, pieces: list[Floats], ways: list[_Way]
) -> None:
    """To the neighbours in the east and north.

    On some rows a motorway leads east, with links to both towns.
    """
    row, column = divmod(number, towns)
    here = pieces[0]
    if column + 1 < towns:
        there = _plain(number + 1, towns)[_WEST]
        if row % _MOTORWAY_EVERY:
            _road(
                rng,
                pieces,
                ways,
                (here[_EAST], there),
                _Way([_EAST, ~_WEST], "highway=trunk,maxspeed=80", 1),
            )
        else:
            _motorway(rng, pieces, ways, (here[_EAST], there))
    if row + 1 < towns:
        there = _plain(number + towns, towns)[_SOUTH]
        _road(
            rng,
            pieces,
            ways,
            (here[_NORTH], there),
            _Way([_NORTH, ~_SOUTH], "highway=secondary", towns),
        )


def _road(
    rng: Generator, pieces: list[Floats], ways: list[_Way], ends: tuple[Floats, Floats], way: _Way
) -> None:
    """One way from end to end, with its bends between its two references."""
    refs = _bending(rng, pieces, *ends)
    ways.append(way._replace(refs=[way.refs[0], *refs, way.refs[1]]))


def _motorway(
    rng: Generator, pieces: list[Floats], ways: list[_Way], ends: tuple[Floats, Floats]
) -> None:
    link, motorway = "highway=motorway_link,oneway=yes", "highway=motorway,maxspeed=100"
    out, back = (_bending(rng, pieces, *ends) for _ in range(2))
    back.reverse()
    ways += [_Way([_EAST, out[0]], link), _Way(out, motorway), _Way([out[-1], ~_WEST], link, 1)]
    ways += [_Way([~_WEST, back[0]], link, 1), _Way(back, motorway), _Way([back[-1], _EAST], link)]


def _bending(rng: Generator, pieces: list[Floats], start: Floats, end: Floats) -> list[int]:
    """The numbers of new nodes on a bending line between two points."""
    count = int(rng.integers(*_COUNTRY_BENDS))
    share = np.linspace(0.0, 1.0, count + 2)[1:-1, None]
    waves = rng.normal(0.0, _COUNTRY_BEND_M, (3, 2))
    swerve = sum(wave * np.sin(nth * np.pi * share) for nth, wave in enumerate(waves, 1))
    first = sum(map(len, pieces))
    pieces.append(start + share * (end - start) + swerve + rng.normal(0.0, _BEND_M, (count, 2)))
    return list(range(first, first + count))


def _node_tags(rng: Generator, lanes: NDArray[np.int64]) -> dict[int, str]:
    """Signals and public places at junctions, and barriers in the lanes."""
    signalled = rng.choice(_SIDE * _SIDE, round(_SIGNALLED * _SIDE * _SIDE), replace=False)
    barred = rng.choice(lanes, round(_BARRED * len(lanes)), replace=False)
    told = dict.fromkeys(signalled.tolist(), "highway=traffic_signals")
    told |= {node: _PLACES[node % len(_PLACES)] for node in range(0, _SIDE * _SIDE, _PLACE_EVERY)}
    kinds = rng.integers(0, len(_BARRIERS), len(barred)).tolist()
    return told | {node: _BARRIERS[kind] for node, kind in zip(barred.tolist(), kinds, strict=True)}


def _ends(ways: list[_Way]) -> dict[int, list[int]]:
    """The junctions at which ways end, with the ways."""
    found: dict[int, list[int]] = {}
    for number, way in enumerate(ways):
        for node in (way.refs[0], way.refs[-1]):
            found.setdefault(node, []).append(number)
    return found


def _bans(rng: Generator, ends: dict[int, list[int]]) -> list[tuple[int, int, int, str]]:
    meeting = [node for node, numbers in ends.items() if len(numbers) > 2]
    picked = rng.choice(meeting, _TURNS_A_TOWN, replace=False).tolist()
    bans = rng.integers(0, len(_BANS), len(picked)).tolist()
    return [
        (ends[node][0], node, ends[node][2], _BANS[ban])
        for node, ban in zip(picked, bans, strict=True)
    ]
