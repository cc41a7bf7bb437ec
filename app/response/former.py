"""Places that are no longer there: where to send those who scan an old plate."""

from dataclasses import dataclass
from datetime import datetime

from geodata.errors import NuanfengError, OutsideArea, PlaceGone
from geodata.search.filter import Filter, Open
from geodata.search.nearest import Question, nearest
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
    """Open or of unknown hours; else none is, and this one is the nearest of all."""


class Vanished(NuanfengError):
    """A place that the data once had; `nearest` is None where none is within reach.

    `synthetic`: both are made up.
    """

    def __init__(self, place: PlaceGone, nearest: Replacement | None, *, synthetic: bool) -> None:
        super().__init__(place.message, **place.values)
        self.place, self.nearest, self.synthetic = place, nearest, synthetic


def row_of(snapshot: Snapshot, place_id: str, at: datetime) -> int:
    """The row of an id. Raises NoSuchPlace, and Vanished with the nearest place at an instant."""
    try:
        return snapshot.row_of(place_id)
    except PlaceGone as gone:
        raise Vanished(
            gone, _nearest(snapshot, gone, at), synthetic=snapshot.about.synthetic
        ) from None


def _nearest(snapshot: Snapshot, gone: PlaceGone, at: datetime) -> Replacement | None:
    for opening in (Open.NOW, Open.ANY):
        asked = Question(gone.lon, gone.lat, at, 1, MAX_REACH_M, Filter(open=opening))
        try:
            hits = nearest(snapshot, asked).hits
        except OutsideArea:
            return None
        for hit in hits:
            return Replacement(
                snapshot.id_of(hit.row),
                snapshot.name_of(hit.row),
                hit.distance_m,
                opening is Open.NOW,
            )
    return None
