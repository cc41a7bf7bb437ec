"""What people steer by, no place itself: landmarks, street offices, districts.

GeoJSON once; ranks nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import accumulate
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

_DECIMALS: Final = 6


class SpotKind(StrEnum):
    """The sorts of spots, in the order in which they are listed."""

    DISTRICT = "district"
    STREET_OFFICE = "street_office"
    LANDMARK = "landmark"


@dataclass(frozen=True, slots=True)
class Entry:
    """One spot: its names, a WGS-84 point in it, and what else is said of it."""

    kind: SpotKind
    name: str
    name_en: str
    lon: float
    lat: float
    district: str = ""
    """A street office's district."""
    code: str = ""
    """A street office's official code."""
    sort: str = ""
    """A landmark's: metro, port, village, …"""


@dataclass(frozen=True, slots=True, eq=False)
class Gazetteer:
    """The spots of one dataset as arrays, which may be memory-mapped."""

    lonlat: NDArray[np.float64]
    """(n, 2) WGS-84 degrees."""
    features: NDArray[np.uint8]
    """GeoJSON, one after another, each up to the end of its properties, as records are
    (records.py).
    """
    cuts: NDArray[np.int64]
    """(n + 1,) where each begins."""

    @classmethod
    def build(cls, spots: Sequence[Entry]) -> "Gazetteer":
        """From spots in their order."""
        written = [_feature(spot) for spot in spots]
        return cls(
            np.array([(spot.lon, spot.lat) for spot in spots], np.float64).reshape(-1, 2),
            np.frombuffer(bytearray(b"".join(written)), np.uint8),
            np.array([0, *accumulate(map(len, written))], np.int64),
        )

    def __post_init__(self) -> None:
        for array in self.to_arrays().values():
            array.setflags(write=False)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The stored arrays by field name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def __len__(self) -> int:
        return len(self.lonlat)

    def feature(self, row: int) -> bytes:
        """A spot as a GeoJSON Feature without the two braces that end it."""
        first, last = self.cuts[row : row + 2].tolist()
        return self.features[first:last].tobytes()


def _feature(spot: Entry) -> bytes:
    properties = {
        "kind": spot.kind,
        "name": spot.name,
        "name_en": spot.name_en or None,
        "district": spot.district or None,
        "code": spot.code or None,
        "sort": spot.sort or None,
    }
    point = {
        "type": "Point",
        "coordinates": [round(spot.lon, _DECIMALS), round(spot.lat, _DECIMALS)],
    }
    return msgspec.json.encode({"type": "Feature", "geometry": point, "properties": properties})[
        :-2
    ]
