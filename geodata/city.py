"""A city as plain values: its names, country, time zone, area codes, language and metric grid.

They stand in the manifest of every dataset. What has an outline (the service area, districts,
street offices) and the gazetteer are parts of the dataset beside it.
"""

from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from geodata.errors import BadValue


class CityAbout(msgspec.Struct, frozen=True):
    """What is true of the city of a dataset, whatever places stand in it."""

    name: str
    """In its own language; also the name of the service area."""
    name_en: str
    country: str
    """ISO 3166-1 alpha-2, such as CN; it decides the holidays, the datums and the map apps."""
    timezone: str
    """IANA name, such as Asia/Shanghai: one for the whole dataset."""
    language: str
    """BCP 47 tag of the language of its names, such as zh-CN; pages speak it by default where
    they can.
    """
    grid: str
    """The metric grid as a PROJ string: metres east and north, x first."""
    area_codes: tuple[str, ...] = ()
    """Of fixed telephone lines, such as 0755; empty where a number is dialled as it is."""

    @property
    def zone(self) -> tzinfo:
        """The time zone. Raises BadValue where no such zone is known."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise BadValue(
                "no time zone is called {timezone!r}; name one such as Asia/Shanghai",
                timezone=self.timezone,
            ) from None


def own_grid(west: float, south: float, east: float, north: float) -> str:
    """A transverse Mercator through the middle of a box in WGS-84 degrees, as a PROJ string.

    Distances within 100 km of its meridian are right to 1.3e-4 (d²/2R²; Snyder 1987, eq. 8-11).
    """
    lat, lon = (south + north) / 2, (west + east) / 2
    return (
        f"+proj=tmerc +lat_0={lat:.1f} +lon_0={lon:.1f} +k=1 +x_0=0 +y_0=0"
        " +ellps=WGS84 +units=m +no_defs"
    )
