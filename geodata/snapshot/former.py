"""Places that a dataset once had: what their printed plates still lead to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

#: Bytes of an id in a sorted table of ids.
ID_BYTES: Final = 40


class FormerPlace(NamedTuple):
    """A place that is no longer in the data: where it last stood (WGS-84 degrees), and the first
    day without it.
    """

    id: str
    name: str
    lon: float
    lat: float
    since: date


@dataclass(frozen=True, slots=True, eq=False)
class FormerPlaces:
    """A table of gone places, sorted by id."""

    ids: NDArray[np.bytes_]
    lonlat: NDArray[np.float64]
    """(n, 2)"""
    since: NDArray[np.int32]
    """Proleptic ordinals."""
    names: NDArray[np.uint8]
    """All names as UTF-8, one behind the other."""
    starts: NDArray[np.int64]
    """(n + 1,) where each name begins; the last says where the names end."""

    def __post_init__(self) -> None:
        for array in (self.ids, self.lonlat, self.since, self.names, self.starts):
            array.setflags(write=False)

    @classmethod
    def of(cls, places: Iterable[FormerPlace]) -> Self:
        """The table of these places, in any order; of one id the last counts."""
        ordered = [place for _, place in sorted({place.id: place for place in places}.items())]
        names = [place.name.encode() for place in ordered]
        return cls(
            np.array([place.id for place in ordered], f"S{ID_BYTES}"),
            np.array([(place.lon, place.lat) for place in ordered], np.float64).reshape(-1, 2),
            np.array([place.since.toordinal() for place in ordered], np.int32),
            np.frombuffer(b"".join(names), np.uint8),
            np.cumsum([0, *map(len, names)], dtype=np.int64),
        )

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The table that to_arrays() wrote; other keys are left alone."""
        return cls(**{name: arrays[f"gone_{name}"] for name in cls.__slots__})

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The table as arrays to store or hash."""
        return {f"gone_{name}": getattr(self, name) for name in self.__slots__}

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[FormerPlace]:
        return map(self._at, range(len(self)))

    def place(self, place_id: str) -> FormerPlace | None:
        """The gone place of an id; None where there never was one, or where it is still there."""
        key = place_id.encode(errors="replace")
        at = int(np.searchsorted(self.ids, key)) if len(key) <= ID_BYTES else len(self)
        return self._at(at) if at < len(self) and self.ids[at] == key else None

    def _at(self, row: int) -> FormerPlace:
        name = self.names[self.starts[row] : self.starts[row + 1]].tobytes().decode()
        lon, lat = self.lonlat[row].tolist()
        return FormerPlace(
            bytes(self.ids[row]).decode(), name, lon, lat, date.fromordinal(int(self.since[row]))
        )
