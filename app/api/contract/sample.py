"""Examples of questions that a dataset has an answer to: a point in it, a box, a place, an area."""

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from geodata.city import CityAbout
from geodata.search.cells import encode
from geodata.snapshot.memo import memoized
from geodata.snapshot.snapshot import Snapshot
from geodata.store.downloads import offered

#: Degrees of an example are good to 10 m.
_DECIMALS: Final = 4
_ZOOM: Final = 13
#: Half the width and height of a box in degrees.
_HALF_BOX: Final = (0.02, 0.015)


class Sample(NamedTuple):
    """What stands in the examples of the API's document."""

    city: str
    city_en: str
    lon: float
    lat: float
    """WGS-84 degrees in the midst of the places."""
    to_lon: float
    to_lat: float
    """Those of a place farther off."""
    place_id: str
    kind: str
    """Of that place."""
    district: str
    """Of that place; "" where it has none."""
    street: str
    files: tuple[str, ...]
    """Those for download."""

    @property
    def box(self) -> str:
        """West, south, east, north about the point."""
        half_lon, half_lat = _HALF_BOX
        west, south = self.lon - half_lon, self.lat - half_lat
        corners = (west, south, west + 2 * half_lon, south + 2 * half_lat)
        return ",".join(f"{degrees:.{_DECIMALS}f}" for degrees in corners)

    @property
    def in_paths(self) -> Mapping[str, str]:
        """What stands for the names in a path; the tile and the cells hold the point."""
        x, y = tile_of(self.lon, self.lat, _ZOOM)
        return {
            "{place_id}": self.place_id,
            "{revision}": "current",
            "{collection}": self.kind,
            "{kind}": self.kind,
            "{geohash}": encode(self.lon, self.lat, 6),
            "{zone}": encode(self.lon, self.lat, 5),
            "{feature}": self.place_id,
            "{notice_id}": "demo-control",
            "{z}": str(_ZOOM),
            "{x}": str(x),
            "{y}": str(y),
        }

    @property
    def pairs(self) -> list[list[float]]:
        """Both points."""
        return [[self.lon, self.lat], [self.to_lon, self.to_lat]]

    @property
    def values(self) -> Mapping[str, Any]:
        """Parameter -> its example; nothing where the dataset has none."""
        said = {
            "lon": self.lon,
            "lat": self.lat,
            "from": [self.lon, self.lat],
            "to": [self.to_lon, self.to_lat],
            "bbox": [float(degrees) for degrees in self.box.split(",")],
            "district": self.district or None,
            "street": self.street or None,
        }
        return {} if self is NOWHERE else said

    def filled(self, example: str) -> str:
        """The query of an operation's example in this dataset."""
        district = f"district={self.district}" if self.district else ""
        return example.format(**self._asdict(), box=self.box, district_query=district)


#: Where no dataset is published.
NOWHERE: Final = Sample("", "this city", 0.0, 0.0, 0.0, 0.0, "", "", "", "", ())


class _Properties(msgspec.Struct):
    kind: str


class _Feature(msgspec.Struct):
    properties: _Properties


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """The column and row of the map tile that holds a point: Web Mercator, from north-west."""
    many = 2**zoom
    turned = math.asinh(math.tan(math.radians(lat)))
    return int((lon + 180.0) / 360.0 * many), int((1.0 - turned / math.pi) / 2.0 * many)


@memoized(most=2)
def sample_of(snapshot: Snapshot) -> Sample:
    """Of a dataset: the place nearest to the middle of all, and one half-way to the edge."""
    about: CityAbout = snapshot.about.city
    middle = np.median(snapshot.lonlat, axis=0)
    away = np.hypot(*(snapshot.lonlat - middle).T)
    order = np.argsort(away, kind="stable")
    here, there = int(order[0]), int(order[len(order) // 2])
    lon, lat = snapshot.lonlat[here].round(_DECIMALS).tolist()
    to_lon, to_lat = snapshot.lonlat[there].round(_DECIMALS).tolist()
    return Sample(
        about.name,
        about.name_en,
        lon,
        lat,
        to_lon,
        to_lat,
        snapshot.id_of(here),
        msgspec.json.decode(snapshot.records.plain(here), type=_Feature).properties.kind,
        _label(snapshot.districts, here),
        _label(snapshot.streets, here),
        offered(snapshot.about),
    )


def _label(labels: Any, row: int) -> str:
    at = int(labels.of[row])
    return labels.names[at].decode() if at >= 0 else ""
