"""Where two named roads of an extract meet: at a node that both have. Names as they stand."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.extract.entities import MISSING, UNITS_A_DEGREE, OsmWay
from geodata.text.crossing import MEETS

#: Classes of roads that people call a junction by, the first the most important.
#: wiki.openstreetmap.org/wiki/Key:highway, read 2026-11-30.
_CLASSES: Final[Mapping[str, int]] = {
    name: rank
    for rank, names in enumerate(
        [
            ("trunk", "primary"),
            ("secondary",),
            ("tertiary",),
            ("unclassified", "residential", "living_street", "pedestrian", "busway"),
        ]
    )
    for name in names
}
#: The lanes beside a road meet others in its name.
_SIDE: Final = re.compile(r"(?<=.)(?:辅路|辅道| (?:Side|Service|Auxiliary) Road)$")
#: What has a name of its own and is the junction, or no place to meet at.
_NO_ROAD: Final = re.compile(r"(?:立交|立交桥|匝道|隧道|高架|高架桥)$")
#: Two roads that meet at nodes so near each other meet once: a road of two carriageways has four.
_ONCE_M: Final = 300.0
_M_A_DEGREE: Final = 111_320.0


@dataclass(frozen=True, slots=True)
class Junction:
    """One of them."""

    name: str
    """Both roads with `MEETS` between, the more important first."""
    name_en: str
    """Likewise, where both have an English name."""
    lon: float
    lat: float
    rank: int
    """0 where two main roads meet, more where smaller ones do."""


@dataclass(slots=True)
class Junctions:
    """The named roads of an extract, way by way."""

    _numbers: dict[str, int] = field(default_factory=dict)
    _english: dict[str, str] = field(default_factory=dict)
    _ranks: dict[str, int] = field(default_factory=dict)
    _nodes: list[NDArray[np.int64]] = field(default_factory=list)
    """(n, 4): a node, its road, and its x and y in units of 1e-7 degrees."""

    def add(self, way: OsmWay) -> None:
        """A way that has a name; one of no class that junctions are called by is left out."""
        rank = _CLASSES.get(way.tags.get("highway", "").removesuffix("_link"))
        if rank is None or "area" in way.tags:
            return
        name = _SIDE.sub("", way.tags["name"])
        if _NO_ROAD.search(name):
            return
        number = self._numbers.setdefault(name, len(self._numbers))
        self._ranks[name] = min(rank, self._ranks.get(name, rank))
        self._english.setdefault(name, _SIDE.sub("", way.tags.get("name:en", "")))
        rows = np.empty((len(way.refs), 4), np.int64)
        rows[:, 0], rows[:, 1] = way.refs, number
        rows[:, 2:] = np.array(way.units, np.int64).reshape(-1, 2)
        self._nodes.append(rows[rows[:, 2] != MISSING])

    def found(self) -> list[Junction]:
        """Where two of them meet, the most important first, then by name and place."""
        meeting: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for names, lonlat in self._shared():
            for pair in combinations(sorted(names, key=self._importance), 2):
                if not _is_one_road(*pair):
                    meeting.setdefault(pair, []).append(lonlat)
        every = (
            self._junction(pair, lonlat)
            for pair, all_lonlat in meeting.items()
            for lonlat in _apart(sorted(all_lonlat))
        )
        return sorted(every, key=lambda one: (one.rank, one.name, one.lon, one.lat))

    def _importance(self, name: str) -> tuple[int, str]:
        return self._ranks[name], name

    def _shared(self) -> Iterator[tuple[list[str], tuple[float, float]]]:
        """Nodes of several roads: their names, and where it is in WGS-84."""
        if not self._nodes:
            return
        rows = np.concatenate(self._nodes)
        _, firsts = np.unique(rows[:, :2], axis=0, return_index=True)
        once = rows[firsts]  # by node, then by road
        cuts = np.flatnonzero(np.diff(once[:, 0])) + 1
        names = list(self._numbers)
        starts, ends = np.concatenate([[0], cuts]), np.concatenate([cuts, [len(once)]])
        for first, last in zip(starts.tolist(), ends.tolist(), strict=True):
            if last - first > 1:
                lon, lat = (once[first, 2:] / UNITS_A_DEGREE).tolist()
                yield [names[road] for road in once[first:last, 1].tolist()], (lon, lat)

    def _junction(self, pair: tuple[str, str], lonlat: tuple[float, float]) -> Junction:
        one, other = pair
        english = [self._english[name] for name in pair]
        return Junction(
            f"{one}{MEETS}{other}",
            f" {MEETS} ".join(english) if all(english) else "",
            *lonlat,
            self._ranks[one] + self._ranks[other],
        )


def _is_one_road(one: str, other: str) -> bool:
    """Whether one is a part of the other: 科苑路 and 科苑路北段."""
    return one.startswith(other) or other.startswith(one)


def _apart(lonlat: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Of points those that are no other's neighbour, each the one nearest to its neighbours'
    middle.
    """
    left = np.array(lonlat)
    scale = np.array([np.cos(np.radians(left[0, 1])), 1.0]) * _M_A_DEGREE
    while len(left):
        near = np.hypot(*((left - left[0]) * scale).T) <= _ONCE_M
        mine = left[near]
        from_middle = np.hypot(*((mine - mine.mean(axis=0)) * scale).T)
        lon, lat = mine[int(from_middle.argmin())].tolist()
        yield lon, lat
        left = left[~near]
