"""Places that are no longer there: where to send those who scan an old plate."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from geodata.errors import NuanfengError, OutsideArea, PlaceGone
from geodata.hours.zone import TimeZone
from geodata.search import reported
from geodata.search.filter import Filter, Open
from geodata.search.nearest import Question
from geodata.snapshot.overlay import Laid, Overlay
from geodata.snapshot.snapshot import Snapshot
from geodata.space.tangent import MAX_REACH_M


@dataclass(frozen=True, slots=True)
class Replacement:
    """The place that is nearest to where the gone one stood."""

    id: str
    name: str
    distance_m: float
    """Geodesic."""
    open_now: bool
    """Open or of unknown hours; else none is, and this one is the nearest that no notice closes."""


class Vanished(NuanfengError):
    """A place that the data once had; `nearest` is None where none is within reach.

    `synthetic`: both are made up.
    """

    def __init__(self, place: PlaceGone, nearest: Replacement | None, *, synthetic: bool) -> None:
        super().__init__(place.message, **place.values)
        self.place, self.nearest, self.synthetic = place, nearest, synthetic


class SaidOfPlaces(Protocol):
    """What riders say and what notices close, kept up by another room."""

    def overlay(self, now: datetime, zone: TimeZone) -> Overlay:
        """All that is said at this moment."""


def row_of(snapshot: Snapshot, place_id: str, at: datetime, said: SaidOfPlaces) -> int:
    """The row of an id. Raises NoSuchPlace, and Vanished with the nearest place at an instant."""
    try:
        return snapshot.row_of(place_id)
    except PlaceGone as gone:
        laid = said.overlay(at, snapshot.zone).over(snapshot, at)
        near = _nearest(snapshot, laid, gone, at)
        raise Vanished(gone, near, synthetic=snapshot.about.synthetic) from None


def _nearest(
    snapshot: Snapshot, laid: Laid | None, gone: PlaceGone, at: datetime
) -> Replacement | None:
    """The nearest place that is open, else the nearest that one may go to: never one that a notice
    closes, and one that riders found shut only where there is no other.
    """
    closed = laid.closed_by if laid else {}
    for opening, most in ((Open.NOW, 1), (Open.ANY, _LOOKED_AT)):
        asked = Question(gone.lon, gone.lat, at, most, MAX_REACH_M, Filter(open=opening))
        try:
            hits = reported.nearest(snapshot, laid, asked).hits
        except OutsideArea:
            return None
        for hit in hits:
            if hit.row not in closed:
                return Replacement(
                    snapshot.id_of(hit.row),
                    snapshot.name_of(hit.row),
                    hit.distance_m,
                    opening is Open.NOW,
                )
    return None


#: Among so many the nearest that no notice closes is looked for, where none is open.
_LOOKED_AT: Final = 50
