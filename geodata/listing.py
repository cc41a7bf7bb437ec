"""The places of one kind in the order of their ids, and which of them a selection takes. Ranks nothing by distance."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from geodata import traits
from geodata.boxes import Box, Shapes, around, points_in, shapes_in
from geodata.search import Filter, mask_of
from geodata.snapshot import Snapshot
from geodata.tiles import matching
from geodata.vocabulary import Kind

Rows = NDArray[np.int64]

#: A filter that takes all.
EVERY: Final = Filter()
#: Listings kept: the kinds of two versions.
_KEPT: Final = 2 * len(Kind)


@dataclass(frozen=True, slots=True)
class Days:
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
    checked: Days | None = None
    """Last checked on one of these days."""
    district: str | None = None
    street: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """One kind of one version. `rows` are snapshot rows in the order of ids; a position counts along them."""

    snapshot: Snapshot
    kind: Kind
    rows: Rows
    lines: Shapes
    """The lines among them, in the order of positions."""

    def positions(self, wanted: Selection) -> Rows:
        """Positions that a selection takes, ascending."""
        ok = matching(self.snapshot, self.rows, mask_of(wanted.filter, None), None)
        for name, labels in ((wanted.district, self.snapshot.districts), (wanted.street, self.snapshot.streets)):
            if name is not None:
                ok &= labels.named(name, self.rows)
        if wanted.checked is not None:
            ok &= self._checked(wanted.checked)
        if wanted.box is not None:
            ok &= self._in(wanted.box)
        return np.flatnonzero(ok)

    def position(self, place_id: str) -> int | None:
        """The position of an id; None where the version has it in another kind. Raises NoSuchPlace."""
        row = self.snapshot.row_of(place_id)
        at = self.after(place_id) - 1
        return at if at >= 0 and self.rows[at] == row else None

    def after(self, place_id: str) -> int:
        """The first position behind an id that the version has in any kind. Raises NoSuchPlace."""
        links = self.snapshot.index.links
        rank = links[self.snapshot.row_of(place_id), 0]
        return int(np.searchsorted(links[self.rows, 0], rank, side="right"))

    def bounds(self) -> Box | None:
        """The smallest box around all of them; None of an empty kind."""
        points = self.snapshot.lonlat[self.rows[self.rows < self.snapshot.first_line]]
        boxes = [box for box in (around(points), self.lines.bounds) if box is not None]
        corners = np.array(boxes).reshape(-1, 2)
        return around(corners)

    def days(self) -> Days:
        """The first and the last day on which one of them was checked; None where no day is known."""
        known = self.snapshot.checked[self.rows]
        known = known[known > 0]
        if not len(known):
            return Days(None, None)
        return Days(date.fromordinal(int(known.min())), date.fromordinal(int(known.max())))

    def _checked(self, days: Days) -> NDArray[np.bool_]:
        on = self.snapshot.checked[self.rows]
        first = days.first.toordinal() if days.first else 1
        last = days.last.toordinal() if days.last else date.max.toordinal()
        return np.asarray((on >= first) & (on <= last))

    def _in(self, box: Box) -> NDArray[np.bool_]:
        # All rows as they lie, then those of the kind: gathering scattered positions costs more than the test.
        ok = points_in(box, self.snapshot.lonlat)[self.rows]
        ok[self.rows >= self.snapshot.first_line] = shapes_in(box, self.lines)
        return ok


@lru_cache(maxsize=_KEPT)
def listing(snapshot: Snapshot, kind: Kind) -> Listing:
    """The listing of a kind, made once a version."""
    in_order = snapshot.by_id
    of_kind = (snapshot.index.words[in_order, 1] & traits.mask(kinds=(kind,)).any_kind) != 0
    rows = in_order[of_kind].astype(np.int64)
    paths = [[_coordinates(snapshot, int(row))] for row in rows[rows >= snapshot.first_line]]
    return Listing(snapshot, kind, rows, Shapes.of(paths, filled=False))


class _Geometry(msgspec.Struct):
    coordinates: list[Any]


class _Shaped(msgspec.Struct):
    geometry: _Geometry


def _coordinates(snapshot: Snapshot, row: int) -> list[Any]:
    """A line's vertices, as its record holds them."""
    return msgspec.json.decode(snapshot.record(row).head + b"}}", type=_Shaped).geometry.coordinates
