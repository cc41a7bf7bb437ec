"""Which places lie within reach of many points, and what their opening hours say together.

Arrays only, no frames.

`Within` is what is asked. Without roads `Straight` answers it, by geodesics; over roads
near_road.ByRoad does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import borrowed, inlined_kernel, kernel
from geodata.coverage.links import Meet, Met, Near, ReachLinks
from geodata.coverage.near_road import NearByRoad
from geodata.errors import OUTSIDE_RANGE, BadQuestion
from geodata.estimate import radius
from geodata.index.spatial import Index
from geodata.index.tree import (
    NO_LEAF,
    ROWS_IN_ORDER,
    MaskWords,
    Path,
    Places,
    Rows,
    Tree,
    Words,
    box_distance2,
    first_branch,
    height_of,
    items_of,
    new_path,
    next_leaf,
    passes,
    spot_of,
)
from geodata.search.filter import Filter, Open, counted, mask_of
from geodata.search.on_roads import RoadAccess
from geodata.space.tangent import MAX_REACH_M, Asker, Floats, asker_in_tangent, geodesic_from
from geodata.traits import EVERYTHING, Mask
from geodata.travel.network import ENGINE, NetworkAbout
from geodata.vocabulary import Mode

#: A filter that lets every place through.
EVERY_PLACE: Final = Filter()

Into = TypeVar("Into")


@dataclass(frozen=True, slots=True)
class Within:
    """Which places serve, and how near: metres, or minutes by a mode.

    BadQuestion where none could be.
    """

    filter: Filter = EVERY_PLACE
    """Which places count; its `open` stays Open.ANY, as hours are judged apart."""
    reach_m: float = 500.0
    """Metres along the WGS-84 geodesic; not asked if `minutes` are given."""
    minutes: float | None = None
    """By `mode`, in place of `reach_m`: over the roads that are given, else estimated from the
    straight line (estimate.radius).
    """
    mode: Mode = Mode.WALK

    def __post_init__(self) -> None:
        if self.filter.open is not Open.ANY:
            raise BadQuestion(
                "Coverage judges opening hours itself; open = {open} cannot be asked of it.",
                open=self.filter.open,
            )
        if not 0 < self.straight_m <= MAX_REACH_M:
            raise BadQuestion(
                OUTSIDE_RANGE,
                name="reach_m",
                value=f"{self.straight_m:g}",
                least=0,
                most=f"{MAX_REACH_M:g}",
            )

    @property
    def straight_m(self) -> float:
        """The reach in geodesic metres; of minutes the estimate, which no answer over
        roads uses.
        """
        return (
            self.reach_m
            if self.minutes is None
            else radius(60.0 * self.minutes, self.mode).expected_m
        )

    def near(self, index: Index, roads: RoadAccess | None = None) -> Near:
        """Its places in an index; on the roads under it if they are given.

        BadQuestion for metres by road.
        """
        if roads is None:
            return Straight(index, self.straight_m, self.mask)
        return self.by_road(roads)

    def by_road(self, roads: RoadAccess) -> NearByRoad:
        """Its places on roads. BadQuestion where no minutes are asked."""
        if self.minutes is None:
            raise BadQuestion(
                "A reach of {reach} m is straight; over roads say how many minutes.",
                reach=f"{self.reach_m:g}",
            )
        return NearByRoad(roads.expansions[self.mode], 60.0 * self.minutes, self.mask)

    def described(self, network: NetworkAbout | None = None) -> dict[str, Any]:
        """What every result says of its reach.

        `network` is where the roads come from that answered, if any.

        reach_kind: geodesic, estimate (minutes from the straight line) or network; reach_m:
        straight metres, null by network; minutes and mode: null for metres; network, engine,
        data_timestamp: null without roads.
        """
        kind = "geodesic" if self.minutes is None else "estimate" if network is None else "network"
        return {
            "reach_kind": kind,
            "reach_m": None if kind == "network" else self.straight_m,
            "minutes": self.minutes,
            "mode": None if self.minutes is None else str(self.mode),
            "network": network and network.network,
            "engine": network and ENGINE,
            "data_timestamp": network and network.data_timestamp,
        }

    @property
    def mask(self) -> Mask:
        """The filter as the index tests it."""
        return mask_of(counted(self.filter), None) or EVERYTHING


@dataclass(frozen=True, slots=True)
class Straight:
    """Places that pass a mask within `reach_m` metres of geodesic, at most MAX_REACH_M."""

    index: Index
    reach_m: float
    mask: Mask = EVERYTHING

    def links(self, lonlat: Floats) -> ReachLinks:
        """Every place within reach of each point, by row, with geodesic metres (≤ 1 mm off)."""
        counts, asked = np.zeros(len(lonlat), np.int64), np.ascontiguousarray(lonlat, np.float64)
        wanted, places, path = _Asked(self.reach_m, self.mask[:]), self.index.places, new_path()
        nowhere = _Lists(np.empty(0, np.int32), np.empty(0))
        _list(asked, wanted, places, path, np.zeros_like(counts), counts, nowhere)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        lists = _Lists(np.empty(starts[-1], np.int32), np.empty(starts[-1]))
        _list(asked, wanted, places, path, starts, counts, lists)
        return ReachLinks(starts, lists.rows, lists.metres, np.ones(len(lonlat), np.bool_))

    def meeting(self, words: Words, enough: Words) -> Meet:
        """See Near; every point is judged."""

        def meet(lonlat: Floats) -> Met:
            return Met(self._met(lonlat, words, enough), np.ones(len(lonlat), np.bool_))

        return meet

    def _met(self, lonlat: Floats, words: Words, enough: Words) -> Words:
        met = np.zeros((len(lonlat), words.shape[1]), np.int64)
        _gather(
            np.ascontiguousarray(lonlat, np.float64),
            _Asked(self.reach_m, self.mask[:]),
            self.index.places,
            new_path(),
            np.ascontiguousarray(words),
            np.ascontiguousarray(enough),
            met,
        )
        return met


class _Asked(NamedTuple):
    """What is asked at every point."""

    reach_m: float
    mask: MaskWords


class _Lists(NamedTuple):
    """The lists of all points, one after another: room for them, or none if they are only
    counted.
    """

    rows: Rows
    metres: Floats


class _Bits(NamedTuple):
    """What the opening hours within reach of one point say together."""

    hours_words: Words
    """(h, w) the bits of each row of opening hours."""
    enough: Words
    """(w,) once these are had the rest is not looked at."""
    met: Words
    """(w,) what is had."""


#: What a visitor says when it has seen enough.
_ENOUGH: Final = -1
#: Takes a row within reach, its row of opening hours, its metres, and how many came before it;
#: gives how many there are now, or _ENOUGH.
_Visitor = Callable[[Into, int, int, float, int], int]


@inlined_kernel
def _note(into: _Lists, row: int, _hours_row: int, away_m: float, found: int) -> int:
    if len(into.rows) > 0:
        into.rows[found] = row
        into.metres[found] = away_m
    return found + 1


@inlined_kernel
def _unite(into: _Bits, _row: int, hours_row: int, _away_m: float, found: int) -> int:
    whole = True
    for word in range(len(into.met)):
        into.met[word] |= into.hours_words[hours_row, word]
        whole = whole and (into.met[word] & into.enough[word]) == into.enough[word]
    return _ENOUGH if whole else found + 1


@inlined_kernel
def _visit(
    visitor: _Visitor[Into],
    into: Into,
    asker: Asker,
    asked: _Asked,
    tree: Tree,
    places: Places,
    path: Path,
    found: int,
) -> int:
    """Show every match of one tree within reach to a visitor, in the order of rows.

    Gives what it said last. To be called with borrowed arrays.
    """
    # A chord is shorter than its arc: the arc's length as a bound loses nothing.
    most, height, here = asked.reach_m * asked.reach_m, height_of(tree), asker[0]
    left = first_branch(box_distance2, here, tree, asked.mask, path)
    while left > 0:
        leaf, left = next_leaf(
            box_distance2, here, tree, asked.mask, most, ROWS_IN_ORDER, path, left
        )
        if leaf == NO_LEAF:
            break
        first, after = items_of(leaf, tree, height)
        for item in range(first, after):
            row = tree.first_row + int(np.int64(item))
            if not passes(places.words[row, 0], places.words[row, 1], asked.mask):
                continue
            _, x, y, z = spot_of(tree, item, here)
            away_m = geodesic_from(asker, x, y, z)[0]
            if away_m > asked.reach_m:
                continue
            found = visitor(into, row, places.links[row, 1], away_m, found)
            if found == _ENOUGH:
                return found
    return found


@kernel
def _list(
    lonlat: Floats,
    asked: _Asked,
    places: Places,
    path: Path,
    starts: NDArray[np.int64],
    counts: NDArray[np.int64],
    into: _Lists,
) -> None:
    """Lists the places within reach of each point from `starts` on, and counts them."""
    places, path, into = borrowed((places, path, into))
    for i in range(len(lonlat)):
        asker, found = asker_in_tangent(lonlat[i, 0], lonlat[i, 1], places.tangent), starts[i]
        for tree in (places.points, places.lines):
            found = _visit(_note, into, asker, asked, tree, places, path, found)
        counts[i] = found - starts[i]


@kernel
def _gather(
    lonlat: Floats,
    asked: _Asked,
    places: Places,
    path: Path,
    hours_words: Words,
    enough: Words,
    met: Words,
) -> None:
    """ORs the words of opening hours of the places within reach of each point."""
    places, path = borrowed((places, path))
    hours_words, enough, met = borrowed((hours_words, enough, met))
    for i in range(len(lonlat)):
        asker = asker_in_tangent(lonlat[i, 0], lonlat[i, 1], places.tangent)
        for tree in (places.points, places.lines):
            into = _Bits(hours_words, enough, met[i])
            _visit(_unite, into, asker, asked, tree, places, path, 0)
