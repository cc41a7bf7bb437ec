"""Points and lines of one dataset, frozen and asked often: k nearest under a filter.

Never reads a clock or a file.

Rows 0 … n_points-1 are points, the lines (warm-bee streets) follow; both stand in tree order, each
kind in a tree of its own (tree.py), and meet in the same k best. Distances are exact (tangent.py).
Equal distances keep the order of `rank`, the order of ids.
"""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields, replace
from enum import IntEnum
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.compiled import (
    addresses,
    borrowed,
    column_at,
    floats_at,
    inlined_kernel,
    inner_kernel,
    kernel,
    rows_at,
    words_at,
)
from geodata.errors import BadQuestion
from geodata.index.detour import Start, each, least, told_of
from geodata.index.tree import (
    ALL_HOURS,
    ANY_TIME,
    LEAF_LINES,
    Arrival,
    Flags,
    Held,
    MaskWords,
    Numbers,
    Path,
    Places,
    Rows,
    Rules,
    Tree,
    Words,
    arrival_at_address,
    cut,
    keep_nearest,
    new_path,
    spot_of_row,
    summarise,
)
from geodata.space.coordinates import ecef
from geodata.space.tangent import (
    MAX_REACH_M,
    Asker,
    Floats,
    asker_in_tangent,
    bearing_deg,
    geodesic_from,
    in_tangent,
    out_of_tangent,
    tangent_plane,
)
from geodata.traits import EVERYTHING, Mask

#: Line vertices are at most this far apart after densifying: a chord of 200 m dips 0.8 mm below the
#: ellipsoid.
LINE_STEP_M: Final = 200.0
#: Questions of a batch handed to one thread at a time.
CHUNK: Final = 16_384
#: The `starts` of a tree whose shapes are points; write-protected as a line tree's, so that kernels
#: meet one type.
_NO_STARTS: Final = np.empty(0, np.int32)
_NO_STARTS.setflags(write=False)
_ALL_PASS: Final = EVERYTHING[:]
_NEVER: Final = (ANY_TIME.at, ANY_TIME.numbers)


class _Item(IntEnum):
    """Where the address of each array of an Index stands."""

    TANGENT = 0
    WORDS = 1
    LINKS = 2
    POINTS = 3
    POINT_BOXES = 4
    POINT_WORDS = 5
    VERTICES = 6
    STARTS = 7
    LINE_BOXES = 8
    LINE_WORDS = 9


@inlined_kernel
def _places_at(at: Words) -> Places:
    """The arrays of an Index behind their addresses.

    Here alone is said to kernels which types and columns they have.
    """
    points, vertices = floats_at(at, _Item.POINTS, 3), floats_at(at, _Item.VERTICES, 3)
    starts = column_at(at, _Item.STARTS)
    return Places(
        floats_at(at, _Item.TANGENT, 3),
        words_at(at, _Item.WORDS, 2),
        rows_at(at, _Item.LINKS, 2),
        Tree(
            0,
            len(points),
            floats_at(at, _Item.POINT_BOXES, 4),
            words_at(at, _Item.POINT_WORDS, 2),
            points,
            starts[:0],
        ),
        Tree(
            len(points),
            len(starts) - 1,
            floats_at(at, _Item.LINE_BOXES, 4),
            words_at(at, _Item.LINE_WORDS, 2),
            vertices,
            starts,
        ),
    )


@inlined_kernel
def _ask(
    asker: Asker,
    reach_m: float,
    places: Places,
    rules: Rules,
    held: Held,
    path: Path,
    reached: Floats,
) -> int:
    """One question against both trees: into `held.rows`, and (k, 1 or 2) metres and bearing.

    Gives how many match. To be called with borrowed arrays.
    """
    # A chord is shorter than its arc, so the arc's length as a bound loses nothing; the rest is cut
    # below, exactly.
    held.d2[:] = reach_m * reach_m
    held.rows[:] = -1
    for tree in (places.points, places.lines):
        keep_nearest(asker[0], tree, places.words, places.links, rules, held, path)
    found = 0
    while found < len(held.rows) and held.rows[found] >= 0:
        x, y, z = spot_of_row(held.rows[found], asker[0], places)
        metres, east, north = geodesic_from(asker, x, y, z)
        if metres > reach_m:
            break
        reached[found, 0] = metres
        if reached.shape[1] > 1:
            reached[found, 1] = bearing_deg(east, north)
        found += 1
    held.rows[found:] = -1
    reached[found:, 0] = np.nan
    return found


@inner_kernel
def _ask_each(
    lonlat: Floats,
    reach_m: float,
    at: Words,
    rules: Rules,
    best: Floats,
    path: Path,
    rows: Rows,
    reached: Floats,
) -> None:
    """Questions, shape (n, 2), into the same rows of the results, shape (n, k) and (n, k, 1)."""
    places, rules, best, path = _places_at(at), borrowed(rules), borrowed(best), borrowed(path)
    rows, reached = borrowed(rows), borrowed(reached)
    for i in range(len(lonlat)):
        asker = asker_in_tangent(lonlat[i, 0], lonlat[i, 1], places.tangent)
        _ask(asker, reach_m, places, rules, Held(best, rows[i]), path, reached[i])


@kernel
def _ask_many(
    lonlat: Floats,
    reach_m: float,
    mask: MaskWords,
    hours_ok: Flags,
    arrival_at: Words,
    numbers: Numbers,
    at: Words,
    rows: Rows,
    reached: Floats,
) -> None:
    """Makes room for `_ask_each`, which borrows it."""
    rules = Rules(mask, hours_ok, arrival_at_address(arrival_at, numbers))
    best, path = np.empty(rows.shape[1]), new_path()
    _ask_each(lonlat, reach_m, at, rules, best, path, rows, reached)


@inner_kernel
def _ask_there(
    lon: float,
    lat: float,
    reach_m: float,
    at: Words,
    rules: Rules,
    held: Held,
    path: Path,
    reached: Floats,
) -> int:
    places, rules, held, path = _places_at(at), borrowed(rules), borrowed(held), borrowed(path)
    asker = asker_in_tangent(lon, lat, places.tangent)
    return _ask(asker, reach_m, places, rules, held, path, borrowed(reached))


@kernel
def _ask_one(
    lon: float,
    lat: float,
    k: int,
    reach_m: float,
    mask: MaskWords,
    hours_ok: Flags,
    arrival_at: Words,
    numbers: Numbers,
    at: Words,
) -> tuple[Rows, Floats]:
    """Makes room for one question, and gives what was found.

    Arrays come through their addresses, and what is not asked as empty ones: one kernel for all
    filters, handed little.
    """
    rules = Rules(mask, hours_ok, arrival_at_address(arrival_at, numbers))
    held, reached = Held(np.empty(k), np.empty(k, np.int32)), np.empty((k, 2))
    found = _ask_there(lon, lat, reach_m, at, rules, held, new_path(), reached)
    return held.rows[:found], reached[:found]


@kernel
def _metres(lon: float, lat: float, rows: Rows, at: Words) -> Floats:
    """Geodesic metres to each row."""
    places, metres = _places_at(at), np.empty(len(rows))
    asker = asker_in_tangent(lon, lat, places.tangent)
    for i in range(len(rows)):
        x, y, z = spot_of_row(rows[i], asker[0], places)
        metres[i] = geodesic_from(asker, x, y, z)[0]
    return metres


@kernel
def _foot(lon: float, lat: float, row: int, at: Words) -> Floats:
    """The point of a row nearest to a WGS-84 point, metres in the tangent plane."""
    places = _places_at(at)
    return np.array(spot_of_row(row, asker_in_tangent(lon, lat, places.tangent)[0], places))


@inner_kernel
def _cell(at: float, low: float, high: float) -> int:
    """The column, of 256 between `low` and `high`, that `at` lies in."""
    if not high > low:
        return 0
    return min(255, max(0, int((at - low) * (255.0 / (high - low)))))


@inner_kernel
def _interleave(bits: int) -> int:
    """Spread 8 bits to the even places of 16."""
    spread = (bits | (bits << 4)) & 0x0F0F
    spread = (spread | (spread << 2)) & 0x3333
    return (spread | (spread << 1)) & 0x5555


@kernel
def _along_curve(lonlat: Floats) -> tuple[Floats, Rows]:
    """Questions in Z-order (Morton 1966) on a 256 x 256 grid over their extent, sorted by counting.

    And numbers.
    """
    west, south, east, north = math.inf, math.inf, -math.inf, -math.inf
    for i in range(len(lonlat)):
        west, east = min(west, lonlat[i, 0]), max(east, lonlat[i, 0])
        south, north = min(south, lonlat[i, 1]), max(north, lonlat[i, 1])
    keys, ends = np.empty(len(lonlat), np.uint16), np.zeros(1 << 16, np.int32)
    for i in range(len(lonlat)):
        key = _interleave(_cell(lonlat[i, 0], west, east)) | (
            _interleave(_cell(lonlat[i, 1], south, north)) << 1
        )
        keys[i] = key
        ends[key] += 1
    for key in range(1, len(ends)):
        ends[key] += ends[key - 1]
    ordered, order = np.empty_like(lonlat), np.empty(len(lonlat), np.int32)
    for i in range(len(lonlat) - 1, -1, -1):
        ends[keys[i]] -= 1
        place = ends[keys[i]]
        order[place] = i
        ordered[place, 0], ordered[place, 1] = lonlat[i, 0], lonlat[i, 1]
    return ordered, order


@kernel
def _put_back(order: Rows, found: Rows, reached_m: Floats, rows: Rows, metres: Floats) -> None:
    """Answers into the rows of their questions.

    Apart from asking: stores all over memory in between cost a third.
    """
    for step in range(len(order)):
        for j in range(found.shape[1]):
            rows[order[step], j] = found[step, j]
            metres[order[step], j] = reached_m[step, j]


def tree_order(lonlat: Floats) -> NDArray[np.int64]:
    """The order in which WGS-84 points, shape (n, 2), must be stored for `Index.build`: the same
    for the same input.
    """
    return cut(in_tangent(lonlat, tangent_plane(lonlat)))


def densify(line: Floats, step_m: float = LINE_STEP_M) -> Floats:
    """A polyline with vertices added along its straight lon/lat segments (RFC 7946, 3.1.1), at most
    `step_m` apart.
    """
    here, there = line[:-1], line[1:]
    chords_m = np.linalg.norm(ecef(there[:, 0], there[:, 1]) - ecef(here[:, 0], here[:, 1]), axis=1)
    pieces = np.maximum(1, np.ceil(chords_m / step_m).astype(int))
    parts = [
        a + (b - a) * (np.arange(n)[:, None] / n)
        for a, b, n in zip(here, there, pieces, strict=True)
    ]
    return np.concatenate([*parts, line[-1:]])


@dataclass(frozen=True, slots=True)
class Index:
    """The arrays of both trees, write-protected and memory-mappable.

    Build with `Index.build`, store by `to_arrays`.
    """

    tangent: Floats
    """(4, 3): origin and axes of the tangent plane, ECEF metres."""
    words: Words
    """(n, 2): offer and entry word of each row (traits.py)."""
    links: Rows
    """(n, 2): rank among ids, row of the hours table."""
    points: Floats
    """(n_points, 3): metres in the tangent plane."""
    point_boxes: Floats
    """(nodes, 4): west, south, east, north, metres in the tangent plane."""
    point_words: Words
    """(nodes, 2): OR of the words below."""
    vertices: Floats
    """(m, 3): densified vertices of all lines, metres in the tangent plane."""
    starts: Rows
    """(n_lines + 1,): first vertex of each line."""
    line_boxes: Floats
    line_words: Words
    _at: Words = field(init=False, repr=False, compare=False)

    @classmethod
    def build(cls, lonlat: Floats, lines: Sequence[Floats], words: Words, links: Rows) -> "Index":
        """Over points, shape (n_points, 2), and lines, each (m ≥ 2, 2), that stand in `tree_order`.

        WGS-84 degrees.

        `words` and `links`, shape (n_points + n_lines, 2), hold the points first.
        """
        if not len(words) == len(links) == len(lonlat) + len(lines):
            raise BadQuestion(
                "{count} points and {count2} lines need as many words and links",
                count=len(lonlat),
                count2=len(lines),
            )
        dense = [densify(np.asarray(line, np.float64)) for line in lines]
        tangent = tangent_plane(np.concatenate([lonlat, *dense]))
        points = in_tangent(lonlat, tangent)
        vertices = in_tangent(np.concatenate([np.empty((0, 2)), *dense]), tangent)
        starts = np.cumsum([0, *map(len, dense)]).astype(np.int32)
        spans = [vertices[a:b] for a, b in pairwise(starts)]
        line_extents = np.array(
            [[*s[:, :2].min(axis=0), *s[:, :2].max(axis=0)] for s in spans]
        ).reshape(-1, 4)
        point_boxes, point_words = summarise(points[:, [0, 1, 0, 1]], words[: len(lonlat)])
        line_boxes, line_words = summarise(line_extents, words[len(lonlat) :], LEAF_LINES)
        return cls(
            tangent,
            words,
            links,
            points,
            point_boxes,
            point_words,
            vertices,
            starts,
            line_boxes,
            line_words,
        )

    def __post_init__(self) -> None:
        arrays = self.to_arrays()
        for array in arrays.values():
            array.setflags(write=False)
        named = [arrays[item.name.lower()] for item in _Item]
        object.__setattr__(self, "_at", addresses(named))

    def changed(self, words: Words, links: Rows, added: int = 0) -> "Index":
        """The same places with other words and links, shape (n, 2) each.

        Bits that an entry word may have got are `added`: no branch is left out for want of them.
        """
        point_words, line_words = self.point_words.copy(), self.line_words.copy()
        point_words[:, 1] |= added
        line_words[:, 1] |= added
        return replace(
            self, words=words, links=links, point_words=point_words, line_words=line_words
        )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Name to array, for storing; `Index(**arrays)` is the way back."""
        return {part.name: getattr(self, part.name) for part in fields(self) if part.init}

    def __len__(self) -> int:
        return len(self.words)

    def nearest(
        self,
        lon: float,
        lat: float,
        k: int = 10,
        reach_m: float = MAX_REACH_M,
        mask: Mask | None = None,
        hours_ok: Flags | None = None,
        arrival: Arrival | None = None,
    ) -> tuple[Rows, Floats]:
        """The k nearest rows of a WGS-84 point, nearest first, ties by rank.

        Gives rows, shape (m,), and (m, 2): geodesic metres, and the bearing of the start in degrees
        clockwise from north; m < k where fewer match within `reach_m` (at most MAX_REACH_M). `mask`
        None lets every place pass; `hours_ok[hours row]` says which opening hours pass, None: all;
        `arrival` judges them at the time one gets there. Trusts its arguments: a door has checked
        them.
        """
        # A plain tuple: numba takes a NamedTuple apart name by name, at 1 µs a call (measured
        # 2026-11-21).
        plain = _ALL_PASS if mask is None else mask[:]
        open_rows = ALL_HOURS if hours_ok is None else hours_ok
        arrival_at, numbers = _NEVER if arrival is None else (arrival.at, arrival.numbers)
        return _ask_one(lon, lat, k, reach_m, plain, open_rows, arrival_at, numbers, self._at)

    def nearest_many(
        self,
        lonlat: ArrayLike,
        k: int = 1,
        reach_m: float = MAX_REACH_M,
        mask: Mask | None = None,
        hours_ok: Flags | None = None,
        arrival: Arrival | None = None,
        *,
        threads: int = 1,
    ) -> tuple[Rows, Floats]:
        """`nearest` for many WGS-84 points, shape (n, 2), on `threads` threads.

        Gives rows and metres, both (n, k); row -1 and nan where fewer match.
        """
        asked = np.ascontiguousarray(lonlat, np.float64).reshape(-1, 2)
        rows, metres = np.empty((len(asked), k), np.int32), np.empty((len(asked), k))
        ordered, order = _along_curve(asked)
        plain = _ALL_PASS if mask is None else mask[:]
        open_rows = ALL_HOURS if hours_ok is None else hours_ok
        arrival_at, numbers = _NEVER if arrival is None else (arrival.at, arrival.numbers)

        def ask(lo: int) -> None:
            here = ordered[lo : lo + CHUNK]
            found, reached = np.empty((len(here), k), np.int32), np.empty((len(here), k, 1))
            wanted = (plain, open_rows, arrival_at, numbers)
            _ask_many(here, reach_m, *wanted, self._at, found, reached)
            _put_back(order[lo : lo + CHUNK], found, reached[:, :, 0], rows, metres)

        chunks = range(0, len(asked), CHUNK)
        if len(chunks) < 2 or threads < 2:  # a thread costs more than a hundred questions
            for lo in chunks:
                ask(lo)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(ask, chunks))
        return rows, metres

    def least_detour(
        self,
        path: Floats,
        k: int,
        max_detour_m: float,
        mask: Mask,
        hours_ok: Flags,
        arrival: Arrival,
        *,
        judged: bool,
        path_min_per_m: float,
    ) -> tuple[Rows, Floats]:
        """The k rows of least detour from a WGS-84 path, shape (n ≥ 2, 2), least first, ties by
        rank (detour.py).

        Gives rows, shape (m,), and (m, 8): detour_m, metres of path before the leg, from the leg's
        start to the place, from the path's start to the spot of the leg nearest to the place, from
        there to the place, and the entry in the tangent plane. `judged`: whether opening hours are
        judged by `arrival`, which says when the path is begun, and `path_min_per_m` (detour.Start)
        how one goes along it. All within 1 mm as long as no leg is longer than 100 km. Trusts its
        arguments: a door has checked them.
        """
        rules = Rules(mask[:], hours_ok, arrival if judged else ANY_TIME)
        start = Start(arrival.at_min, path_min_per_m)
        return least(
            np.ascontiguousarray(path, np.float64), k, max_detour_m, rules, start, self.places
        )

    def detours(self, ends: Floats, max_detour_m: float, mask: Mask, hours_ok: Flags) -> Floats:
        """The detour over each row between two WGS-84 ends, shape (2, 2).

        Nan: longer than that, or does not pass.
        """
        return each(ends, max_detour_m, Rules(mask[:], hours_ok, ANY_TIME), self.places)

    def detours_told(self, ends: Floats, rows: Rows) -> Floats:
        """What `least_detour` tells of rows (int32) between two WGS-84 ends, shape (2, 2)."""
        return told_of(rows, ends, self.places)

    @property
    def places(self) -> Places:
        """The arrays as kernels read them that are not asked once per request."""
        points = Tree(
            0, len(self.points), self.point_boxes, self.point_words, self.points, _NO_STARTS
        )
        lines = Tree(
            len(self.points),
            len(self.starts) - 1,
            self.line_boxes,
            self.line_words,
            self.vertices,
            self.starts,
        )
        return Places(self.tangent, self.words, self.links, points, lines)

    def degrees(self, spot: Floats) -> tuple[float, float]:
        """A position in the tangent plane, shape (3,), as lon, lat."""
        return out_of_tangent(spot, self.tangent)

    def metres(self, rows: Rows, lon: float, lat: float) -> Floats:
        """Geodesic metres from a WGS-84 point to each of `rows` (int32).

        Of a line, to its nearest point.

        Within a millimetre up to MAX_REACH_M, a centimetre up to twice as far.
        """
        return _metres(lon, lat, rows, self._at)

    def foot(self, row: int, lon: float, lat: float) -> tuple[float, float]:
        """The point of a row nearest to a WGS-84 point, in degrees: the place itself, or a spot on
        its line.
        """
        return out_of_tangent(_foot(lon, lat, row, self._at), self.tangent)
