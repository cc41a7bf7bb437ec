"""Which places lie within reach of many points, and what their opening hours say together.

Arrays only, no frames.

`Within` is what is asked. Without roads `Straight` answers it, by geodesics; over roads
near_road.ByRoad does.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.compiled import inlined_kernel, kernel
from geodata.coverage.links import Links, Meet, Met, Near
from geodata.coverage.near_road import ByRoad
from geodata.errors import BadQuestion
from geodata.estimate import eta
from geodata.index.spatial import Index
from geodata.index.tree import (
    PATH_LENGTH,
    MaskWords,
    Nodes,
    Rows,
    Words,
    box_distance2,
    foot,
    passes,
)
from geodata.search.filter import Filter, Open, mask_of
from geodata.search.on_roads import Roads
from geodata.space.tangent import MAX_REACH_M, Asker, Floats, asker_in_frame, geodesic_from
from geodata.traits import EVERYTHING, Mask
from geodata.travel.network import ENGINE, About
from geodata.vocabulary import Mode

#: A filter that lets every place through.
EVERY_PLACE: Final = Filter()

_ONE: Final = np.uint64(1)


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
    straight line (travel.straight).
    """
    mode: Mode = Mode.WALK

    def __post_init__(self) -> None:
        if self.filter.open is not Open.ANY:
            raise BadQuestion(
                "coverage judges opening hours itself; open = {open} cannot be asked of it",
                open=self.filter.open,
            )
        if not 0 < self.straight_m <= MAX_REACH_M:
            raise BadQuestion(
                "a reach of {reach} m is outside 0–{most} m",
                reach=f"{self.straight_m:g}",
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
            else self.minutes * 60.0 / eta(1.0, self.mode).eta_s
        )

    def near(self, index: Index, roads: Roads | None = None) -> Near:
        """Its places in an index; on the roads under it if they are given.

        BadQuestion for metres by road.
        """
        if roads is None:
            return Straight(index, self.straight_m, self.mask)
        return self.by_road(roads)

    def by_road(self, roads: Roads) -> ByRoad:
        """Its places on roads. BadQuestion where no minutes are asked."""
        if self.minutes is None:
            raise BadQuestion(
                "a reach of {reach} m is straight; over roads say how many minutes",
                reach=f"{self.reach_m:g}",
            )
        return ByRoad(roads.expansions[self.mode], 60.0 * self.minutes, self.mask)

    def told(self, network: About | None = None) -> dict[str, Any]:
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
        return mask_of(self.filter, None) or EVERYTHING


@dataclass(frozen=True, slots=True)
class Straight:
    """Places that pass a mask within `reach_m` metres of geodesic, at most MAX_REACH_M."""

    index: Index
    reach_m: float
    mask: Mask = EVERYTHING

    def links(self, lonlat: Floats) -> Links:
        """Every place within reach of each point, by row, with geodesic metres (≤ 1 mm off)."""
        counts = np.zeros(len(lonlat), np.int64)
        self._visit(lonlat, None, counts, None, None)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        rows, metres = np.empty(starts[-1], np.int32), np.empty(starts[-1])
        self._visit(lonlat, starts, counts, rows, metres)
        return Links(starts, rows, metres, np.ones(len(lonlat), np.bool_))

    def meeting(self, words: Words, enough: Words) -> Meet:
        """See Near; every point is judged."""

        def meet(lonlat: Floats) -> Met:
            return Met(self._met(lonlat, words, enough), np.ones(len(lonlat), np.bool_))

        return meet

    def _met(self, lonlat: Floats, words: Words, enough: Words) -> Words:
        met = np.zeros((len(lonlat), words.shape[1]), np.int64)
        index, asked = self.index, np.ascontiguousarray(lonlat, np.float64)
        _gather(
            asked,
            self.reach_m,
            self.mask[:],
            index.frame,
            index.words,
            index.links,
            index.points,
            index.point_boxes,
            index.point_words,
            index.vertices,
            index.starts,
            index.line_boxes,
            index.line_words,
            np.ascontiguousarray(words),
            np.ascontiguousarray(enough),
            met,
        )
        return met

    def _visit(
        self,
        lonlat: Floats,
        starts: NDArray[np.int64] | None,
        counts: NDArray[np.int64],
        rows: Rows | None,
        metres: Floats | None,
    ) -> None:
        index, asked = self.index, np.ascontiguousarray(lonlat, np.float64)
        _list(
            asked,
            self.reach_m,
            self.mask[:],
            index.frame,
            index.words,
            index.links,
            index.points,
            index.point_boxes,
            index.point_words,
            index.vertices,
            index.starts,
            index.line_boxes,
            index.line_words,
            starts,
            counts,
            rows,
            metres,
        )


@inlined_kernel
def _walk(  # noqa: C901, PLR0912  # one loop, as tree.walk is one
    asker: Asker,
    reach_m: float,
    mask: MaskWords,
    first_row: int,
    boxes: Floats,
    branch_words: Words,
    shapes: Floats,
    starts: Rows | None,
    words: Words,
    links: Rows,
    stack: Nodes,
    hours_words: Words | None,
    enough: Words | None,
    met: Words | None,
    rows: Rows | None,
    metres: Floats | None,
    found: int,
) -> int:
    """Every match of one tree (tree.py) within reach, in the order of rows.

    Gives how many there are, and `found`.

    They are OR-ed into `met`, or listed from `found` on, or only counted: what is None costs
    nothing.
    """
    x, y, z = asker[0]
    reach2 = reach_m * reach_m
    count = np.uint64(len(shapes) if starts is None else len(starts) - 1)
    leaves = np.uint64((len(boxes) + 1) // 2)
    first_leaf = leaves - _ONE
    height = np.uint64(0)
    while _ONE << height < leaves:
        height += _ONE
    top = _ONE
    stack[0] = 0
    while top > 0:
        top -= _ONE
        node = stack[top]
        # A chord is shorter than its arc: the arc's length as a bound loses nothing.
        if box_distance2(boxes, node, x, y) > reach2:
            continue
        if not passes(branch_words[node, 0], branch_words[node, 1], mask):
            continue
        if node < first_leaf:
            stack[top] = node + node + _ONE + _ONE
            stack[top + _ONE] = node + node + _ONE
            top += _ONE + _ONE
            continue
        leaf = node - first_leaf
        for item in range((leaf * count) >> height, ((leaf + _ONE) * count) >> height):
            row = first_row + np.int64(item)
            if not passes(words[row, 0], words[row, 1], mask):
                continue
            if starts is None:
                px, py, pz = shapes[item, 0], shapes[item, 1], shapes[item, 2]
            else:
                _, px, py, pz = foot(shapes, starts[item], starts[item + _ONE], x, y, z)
            away_m = geodesic_from(asker, px, py, pz)[0]
            if away_m > reach_m:
                continue
            if rows is not None and metres is not None:
                rows[found] = row
                metres[found] = away_m
            found += 1
            if met is not None and hours_words is not None and enough is not None:
                whole = True
                for word in range(len(met)):
                    met[word] |= hours_words[links[row, 1], word]
                    whole = whole and (met[word] & enough[word]) == enough[word]
                if whole:
                    return found
    return found


@kernel
def _list(
    lonlat: Floats,
    reach_m: float,
    mask: MaskWords,
    frame: Floats,
    words: Words,
    links: Rows,
    points: Floats,
    point_boxes: Floats,
    point_words: Words,
    vertices: Floats,
    line_starts: Rows,
    line_boxes: Floats,
    line_words: Words,
    starts: NDArray[np.int64] | None,
    counts: NDArray[np.int64],
    rows: Rows | None,
    metres: Floats | None,
) -> None:
    """Counts the places within reach of each point, or, with `starts`, lists them."""
    stack = np.empty(PATH_LENGTH, np.uint64)
    for i in range(len(lonlat)):
        asker = asker_in_frame(lonlat[i, 0], lonlat[i, 1], frame)
        first = starts[i] if starts is not None else 0
        found = first
        if len(points) > 0:
            found = _walk(
                asker,
                reach_m,
                mask,
                0,
                point_boxes,
                point_words,
                points,
                None,
                words,
                links,
                stack,
                None,
                None,
                None,
                rows,
                metres,
                found,
            )
        if len(line_starts) > 1:
            found = _walk(
                asker,
                reach_m,
                mask,
                len(points),
                line_boxes,
                line_words,
                vertices,
                line_starts,
                words,
                links,
                stack,
                None,
                None,
                None,
                rows,
                metres,
                found,
            )
        counts[i] = found - first


@kernel
def _gather(
    lonlat: Floats,
    reach_m: float,
    mask: MaskWords,
    frame: Floats,
    words: Words,
    links: Rows,
    points: Floats,
    point_boxes: Floats,
    point_words: Words,
    vertices: Floats,
    line_starts: Rows,
    line_boxes: Floats,
    line_words: Words,
    hours_words: Words,
    enough: Words,
    met: Words,
) -> None:
    """ORs the words of opening hours of the places within reach of each point."""
    stack = np.empty(PATH_LENGTH, np.uint64)
    for i in range(len(lonlat)):
        asker = asker_in_frame(lonlat[i, 0], lonlat[i, 1], frame)
        if len(points) > 0:
            _walk(
                asker,
                reach_m,
                mask,
                0,
                point_boxes,
                point_words,
                points,
                None,
                words,
                links,
                stack,
                hours_words,
                enough,
                met[i],
                None,
                None,
                0,
            )
        if len(line_starts) > 1:
            _walk(
                asker,
                reach_m,
                mask,
                len(points),
                line_boxes,
                line_words,
                vertices,
                line_starts,
                words,
                links,
                stack,
                hours_words,
                enough,
                met[i],
                None,
                None,
                0,
            )
