"""A city as plain values: its names, country, time zone, area codes, language and metric grid.

They stand in the manifest of every dataset. What has an outline (the service area, districts,
street offices) and the gazetteer are parts of the dataset beside it.
"""

from typing import Final, NewType

import msgspec

from geodata.errors import BadValue

#: The country whose maps are shifted (GCJ-02, BD-09) and whose map apps expect that.
MAINLAND: Final = "CN"
#: A metric grid as a PROJ string: metres east and north, x first (`space.coordinates.metric`).
MetricGrid = NewType("MetricGrid", str)


class CityAbout(msgspec.Struct, frozen=True):
    """What is true of the city of a dataset, whatever places stand in it."""

    name: str
    """In its own language; also the name of the service area."""
    name_en: str
    country: str
    """ISO 3166-1 alpha-2, such as CN; it decides the holidays, the datums and the map apps."""
    timezone: str
    """IANA name, such as Asia/Shanghai: one for the whole dataset (hours/zone.py)."""
    language: str
    """BCP 47 tag of the language of its names, such as zh-CN; pages speak it by default where
    they can.
    """
    grid: MetricGrid
    """What is measured and drawn in metres lies on it."""
    area_codes: tuple[str, ...] = ()
    """Of fixed telephone lines, such as 027; empty where a number is dialled as it is."""

    @property
    def shifted(self) -> bool:
        """Whether published maps of the country are shifted: GCJ-02 and BD-09 mean something."""
        return self.country == MAINLAND

    def require_datum(self, datum: str) -> None:
        """Raise BadValue for degrees in a datum that only maps of the mainland have."""
        if datum != "wgs84" and not self.shifted:
            raise BadValue(
                "maps are shifted to {datum} in mainland China alone, and {city} lies in {country};"
                " use wgs84",
                datum=datum,
                city=self.name,
                country=self.country,
            )


def own_grid(west: float, south: float, east: float, north: float) -> MetricGrid:
    """A transverse Mercator through the middle of a box in WGS-84 degrees.

    Lengths are too long by d²/2R² at d from its meridian (Snyder 1987, eq. 8-11): 1.3e-4 at 100 km,
    so of 1 km 13 cm; over a country 2,500 km to either side 8 %, and of 1 km 80 m. So what decides
    a fact (a distance that is told, an order, whether two places are one) is measured geodesically,
    and the grid draws outlines, margins and squares, for which that is near enough.
    """
    lat, lon = (south + north) / 2, (west + east) / 2
    return MetricGrid(
        f"+proj=tmerc +lat_0={lat:.1f} +lon_0={lon:.1f} +k=1 +x_0=0 +y_0=0"
        " +ellps=WGS84 +units=m +no_defs"
    )
