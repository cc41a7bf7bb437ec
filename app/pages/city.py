"""What pages know of the version that answers: its ground and its places by street office. Made once a version."""

from dataclasses import dataclass
from functools import lru_cache

from app import ground
from app.ground import Ground, Spot
from app.live import Live
from app.pages import roll
from geodata.snapshot import Snapshot
from geodata.store.files import Dataset


@dataclass(frozen=True, slots=True)
class City:
    """One version: who asks it, what lies in it."""

    snapshot: Snapshot
    ground: Ground
    rows: dict[str, tuple[int, ...]]
    """Rows by name of street office, in the order of the list."""

    def office(self, code: str) -> Spot | None:
        """The street office of a code."""
        return next((office for office in self.ground.offices if office.code == code), None)

    def by_district(self) -> list[tuple[str, list[tuple[Spot, int]]]]:
        """Districts in the order of their codes, each with its street offices and how many places each has."""
        found: dict[str, list[tuple[Spot, int]]] = {}
        for office in sorted(self.ground.offices, key=lambda office: office.code):
            found.setdefault(office.district, []).append((office, self._count(office)))
        return list(found.items())

    def _count(self, office: Spot) -> int:
        return len(self.rows.get(office.name, ()))


def city(live: Live) -> City:
    """The version that answers now. Raises StoreError where there is none."""
    return _city(live.dataset, live.snapshot())


@lru_cache(maxsize=2)
def _city(dataset: Dataset, snapshot: Snapshot) -> City:
    blobs = (dataset.blob(snapshot.version, name) for name in ("drawn.geojson", "landmarks.json"))
    return City(snapshot, ground.read(*blobs), roll.by_street(snapshot))
