"""The places of one kind in the order of their ids, and which of them a selection takes.

Ranks nothing by distance.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata.index.tree import Rows
from geodata.search.filter import Filter, mask_of
from geodata.search.scan import sweep
from geodata.snapshot.memo import memoized
from geodata.snapshot.snapshot import Snapshot
from geodata.space.boxes import Box, Shapes, around, shapes_in
from geodata.traits import EVERYTHING, Mask, kind_of, mask
from geodata.vocabulary import Kind

Positions = NDArray[np.int32]

#: A filter that takes all.
EVERY: Final = Filter()
#: Listings kept of a version: all its kinds.
_KEPT: Final = len(Kind)
#: Answers kept of a version, for who walks a list page by page: at 2,000,000 places up to 8 MB
#: each.
_WALKS: Final = 4


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days from `first` to `last`, both included; None: open on that side."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which places are listed; all that is stated must hold.

    A place whose day, district or street is unknown is in no selection that asks for one.
    """

    filter: Filter = EVERY
    box: Box | None = None
    checked: DayRange | None = None
    """Last checked on one of these days."""
    district: str | None = None
    street: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """One kind of one version.

    A position is where an id stands among all ids of the version, whatever their kind.
    """

    snapshot: Snapshot
    kind: Kind
    line_rows: Rows
    """The snapshot rows of the lines among them, ascending, and their shapes."""
    lines: Shapes

    def __len__(self) -> int:
        return self.snapshot.about.counts.get(str(self.kind), 0)

    def positions(self, wanted: Selection) -> Positions:
        """Positions that a selection takes, ascending."""
        return _positions(self.snapshot, self.kind, wanted)

    def row(self, position: int) -> int:
        """The snapshot row at a position."""
        return int(self.snapshot.by_id[position])

    def position(self, place_id: str) -> int | None:
        """The position of an id; None where the version has it in another kind.

        Raises NoSuchPlace.
        """
        row = self.snapshot.row_of(place_id)
        return (
            self.after(place_id) - 1
            if kind_of(int(self.snapshot.index.words[row, 1])) is self.kind
            else None
        )

    def after(self, place_id: str) -> int:
        """The first position behind an id that the version has in any kind. Raises NoSuchPlace."""
        return int(self.snapshot.index.links[self.snapshot.row_of(place_id), 0]) + 1

    def bounds(self) -> Box | None:
        """The smallest box around all of them; None of an empty kind."""
        return _bounds(self.snapshot, self.kind)

    def days(self) -> DayRange:
        """The first and the last day on which one of them was checked.

        None where no day is known.
        """
        return _days(self.snapshot, self.kind)

    def rows(self, wanted: Selection) -> Rows:
        """The snapshot rows that a selection takes, in no order that means anything."""
        asked = mask_of(replace(wanted.filter, kinds=(self.kind,)), None) or EVERYTHING
        rows = np.concatenate(
            [
                sweep(self.snapshot, wanted.box, asked, last=self.snapshot.first_line),
                self._streets(asked, wanted.box),
            ]
        )
        for name, labels in (
            (wanted.district, self.snapshot.districts),
            (wanted.street, self.snapshot.streets),
        ):
            if name is not None:
                rows = rows[labels.named(name, rows)]
        return rows if wanted.checked is None else rows[self._checked(wanted.checked, rows)]

    def _streets(self, asked: Mask, box: Box | None) -> Rows:
        """The lines that pass and share a point with a box."""
        touched = self.line_rows if box is None else self.line_rows[shapes_in(box, self.lines)]
        return np.intersect1d(
            touched, sweep(self.snapshot, None, asked, first=self.snapshot.first_line)
        )

    def _checked(self, days: DayRange, rows: Rows) -> NDArray[np.bool_]:
        on = self.snapshot.records.checked[rows]
        first = days.first.toordinal() if days.first else 1
        last = days.last.toordinal() if days.last else date.max.toordinal()
        return np.asarray((on >= first) & (on <= last))


@memoized(most=_KEPT)
def listing(snapshot: Snapshot, kind: Kind) -> Listing:
    """The listing of a kind, made once a version."""
    rows = sweep(snapshot, None, mask(kinds=(kind,)), first=snapshot.first_line)
    paths = [[_coordinates(snapshot, row)] for row in rows.tolist()]
    return Listing(snapshot, kind, rows, Shapes.of(paths, filled=False))


@memoized(most=_WALKS)
def _positions(snapshot: Snapshot, kind: Kind, wanted: Selection) -> Positions:
    taken = np.zeros(len(snapshot), np.bool_)
    taken[snapshot.index.links[listing(snapshot, kind).rows(wanted), 0]] = True
    return np.flatnonzero(taken).astype(np.int32)


@memoized(most=_KEPT)
def _bounds(snapshot: Snapshot, kind: Kind) -> Box | None:
    of = listing(snapshot, kind)
    rows = of.rows(Selection())
    points = around(snapshot.lonlat[rows[rows < snapshot.first_line]])
    boxes = [box for box in (points, of.lines.bounds) if box is not None]
    return around(np.array(boxes).reshape(-1, 2))


@memoized(most=_KEPT)
def _days(snapshot: Snapshot, kind: Kind) -> DayRange:
    known = snapshot.records.checked[listing(snapshot, kind).rows(Selection())]
    known = known[known > 0]
    if not len(known):
        return DayRange(None, None)
    return DayRange(date.fromordinal(int(known.min())), date.fromordinal(int(known.max())))


class _Geometry(msgspec.Struct):
    coordinates: list[Any]


class _Shaped(msgspec.Struct):
    geometry: _Geometry


_decode: Final = msgspec.json.Decoder(_Shaped).decode


def _coordinates(snapshot: Snapshot, row: int) -> list[Any]:
    """A line's vertices, as its record holds them."""
    return _decode(snapshot.records.plain(row)).geometry.coordinates
