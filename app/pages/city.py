"""What pages know of the version that answers: its ground and its places by street office.

Made once a version.

Of the places it holds how many there are: which they are is asked of the snapshot, street by
street.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.live.current import Live
from app.maps import outlines
from app.maps.outlines import CityOutlines, NamedPoint
from app.pages import street_list
from geodata.snapshot.memo import memoized
from geodata.snapshot.snapshot import Snapshot, WaitingPlace
from geodata.store.files import Dataset
from geodata.vocabulary import Need


@dataclass(frozen=True, slots=True)
class City:
    """One version: who asks it, what lies in it."""

    snapshot: Snapshot
    ground: CityOutlines
    offices: Sequence[NamedPoint]
    """The street offices that are drawn, and those that only places name."""
    counts: Mapping[str, int]
    """Places by name of street office."""

    def office(self, code: str) -> NamedPoint | None:
        """The street office of a code."""
        return next((office for office in self.offices if office.code == code), None)

    def rows(self, office: NamedPoint, needs: Iterable[Need] = ()) -> Sequence[int]:
        """The places of a street office that serve all of these needs, by kind, then name."""
        asked = {*needs}
        each_once = tuple(need for need in Need if need in asked)
        return street_list.of_street(self.snapshot, office.name, each_once)

    def waiting(self, office: NamedPoint) -> list[WaitingPlace]:
        """The places of a street office that have no point yet, by name."""
        held = (each for layer in self.snapshot.about.layers for each in layer.waiting)
        mine = (each for each in held if each.street == office.name)
        return sorted(mine, key=lambda each: each.name)

    def by_district(self) -> list[tuple[str, list[tuple[NamedPoint, int]]]]:
        """Districts in the order of their codes, each with its street offices and how many places
        each has.
        """
        found: dict[str, list[tuple[NamedPoint, int]]] = {}
        for office in sorted(self.offices, key=lambda office: office.code):
            found.setdefault(office.district, []).append((office, self.counts.get(office.name, 0)))
        return list(found.items())


def city(live: Live) -> City:
    """The version that answers now. Raises StoreError where there is none."""
    return _city(live.snapshot(), live.dataset)


@memoized(most=1)
def _city(snapshot: Snapshot, dataset: Dataset) -> City:
    blobs = (dataset.blob(snapshot.version, name) for name in ("drawn.geojson", "landmarks.json"))
    ground = outlines.read(*blobs)
    drawn = {office.name for office in ground.offices}
    named = [office for office in _stated(snapshot) if office.name not in drawn]
    return City(snapshot, ground, (*ground.offices, *named), street_list.counts(snapshot))


def _stated(snapshot: Snapshot) -> Iterator[NamedPoint]:
    """Street offices as places name them: in the midst of these, in the district of most."""
    streets, districts = snapshot.streets, snapshot.districts
    for at, name in enumerate(streets.names.tolist()):
        rows = np.flatnonzero(streets.of == at)
        lon, lat = np.median(snapshot.lonlat[rows], axis=0).tolist()
        among = districts.of[rows]
        most = np.bincount(among[among >= 0], minlength=1).argmax()
        district = districts.names[most].decode() if (among >= 0).any() else ""
        code = hashlib.sha256(name).hexdigest()[:10]
        yield NamedPoint(name.decode(), "", lon, lat, code=code, district=district)
