"""What the OGC side's query strings mean: boxes, days and the properties that can be asked for.

Holds no features.
"""

from datetime import date, datetime
from enum import StrEnum
from math import isfinite
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.request import spelling, types
from app.response.problems import BadParameters, Fault
from geodata.hours.zone import TimeZone
from geodata.search.filter import Filter, Register
from geodata.search.listing import DayRange, Selection
from geodata.space.boxes import Box

#: Features of a page by default and at most; the standard wants a larger limit answered as the
#: largest.
USUAL_LIMIT: Final = 100
MOST_LIMIT: Final = 1_000
_OPEN_END: Final = ("", "..")


class Format(StrEnum):
    """What a resource is sent as."""

    JSON = "json"
    HTML = "html"


AsFormat = Annotated[
    Format, Meta(description="json (GeoJSON for features) or html; else the Accept header decides.")
]
Limit = Annotated[
    int,
    Meta(
        ge=1,
        description=(
            f"Features of a page at most. More than {MOST_LIMIT:,} is answered as {MOST_LIMIT:,}."
        ),
    ),
]
Corners = Annotated[
    tuple[float, ...],
    Meta(
        min_length=4,
        max_length=6,
        description=(
            "Only features that share a point with this box: west, south, east, north in degrees"
            " (CRS84), or west, south, lowest, east, north, highest, whose heights are not looked"
            " at: nothing here has any. West > east crosses the antimeridian."
        ),
    ),
]
When = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=80,
        description=(
            "Only places last checked (verified_at) on the day, in the dataset's time zone, of this"
            " instant, or on a day of this interval: RFC 3339 instants or days, as in"
            " 2026-10-01T00:00:00Z,"
            " 2026-10-01/.. or ../2026-10-01. Places never checked are left out, and so is"
            " everything that has no date."
        ),
        examples=["2026-06-01T00:00:00+08:00/.."],
    ),
]
Cursor = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=80,
        description="Where a page begins: taken from a `next` link, never made up.",
    ),
]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
District = Annotated[Name, Meta(description="The district by its official name.")]
Street = Annotated[Name, Meta(description="The street office by its official name.")]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What every resource takes."""

    f: AsFormat | msgspec.UnsetType = msgspec.UNSET
    lang: types.InLanguage | msgspec.UnsetType = msgspec.UNSET


class Items(Shown, frozen=True, kw_only=True):
    """What every list of features takes."""

    bbox: Corners | msgspec.UnsetType = msgspec.UNSET
    datetime: When | msgspec.UnsetType = msgspec.UNSET
    limit: Limit = USUAL_LIMIT
    cursor: Cursor | msgspec.UnsetType = msgspec.UNSET

    def page_size(self) -> int:
        """How many features a page holds."""
        return min(self.limit, MOST_LIMIT)

    def box(self) -> Box | None:
        """The box asked for. Raises BadParameters."""
        return None if self.bbox is msgspec.UNSET else _box(self.bbox)

    def days(self, zone: TimeZone) -> DayRange | None:
        """The days asked for, in a time zone. Raises BadParameters."""
        return None if self.datetime is msgspec.UNSET else _days(self.datetime, zone)


class PlaceItems(Items, frozen=True, kw_only=True):
    """What the features of a kind of place can be asked for."""

    district: District | msgspec.UnsetType = msgspec.UNSET
    street: Street | msgspec.UnsetType = msgspec.UNSET
    needs: types.Needs | msgspec.UnsetType = msgspec.UNSET
    services: types.Services | msgspec.UnsetType = msgspec.UNSET
    audience: types.Who | msgspec.UnsetType = msgspec.UNSET
    door: types.Doors | msgspec.UnsetType = msgspec.UNSET
    register: types.Registering = Register.ANY

    def selection(self, zone: TimeZone) -> Selection:
        """Which places are listed, days in a time zone. Raises BadParameters."""
        asked = Filter(
            needs=self.needs or (),
            services=self.services or (),
            audience=self.audience or (),
            door=self.door or (),
            include_unknown=False,
            register=self.register,
        )
        return Selection(
            asked, self.box(), self.days(zone), self.district or None, self.street or None
        )


class AreaItems(Items, frozen=True, kw_only=True):
    """What areas can be asked for."""

    district: District | msgspec.UnsetType = msgspec.UNSET


#: What any list takes; what a list takes beside are properties of its features, the queryables.
OF_ANY_LIST: Final = frozenset(Items.__struct_fields__)


class Page(msgspec.Struct, frozen=True):
    """Where a page of features begins: behind an id, in one version of the data."""

    version: str
    after: str

    @property
    def text(self) -> str:
        """What a `next` link carries."""
        return f"{self.version}.{self.after}"


def page_of(query: Items) -> Page | None:
    """Where the asked page begins; None: at the beginning.

    Raises BadParameters for what no link ever carried.
    """
    if query.cursor is msgspec.UNSET:
        return None
    version, dot, after = query.cursor.partition(".")
    if not (version and dot and after):
        raise strange_cursor()
    return Page(version, after)


def strange_cursor() -> BadParameters:
    """A cursor that no link ever carried."""
    return BadParameters(
        [Fault("cursor", "This cursor is from no link of ours; begin without one.", {})]
    )


def _box(corners: tuple[float, ...]) -> Box:
    if len(corners) == 5 or not all(map(isfinite, corners)):
        raise _fault("bbox", "bbox takes 4 or 6 numbers.")
    if len(corners) == 6:
        west, south, lowest, east, north, highest = corners
        if lowest > highest:
            raise _fault("bbox", "The lowest height of bbox must not lie above the highest.")
    else:
        west, south, east, north = corners
    if not (
        -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= 90 and -90 <= north <= 90
    ):
        raise _fault(
            "bbox", "bbox takes longitudes within ±180 and latitudes within ±90, longitude first."
        )
    if south > north:
        raise _fault("bbox", "The south of bbox must not lie above its north.")
    return Box(west, south, east, north)


def _days(text: str, zone: TimeZone) -> DayRange:
    """RFC 3339 instant or day, or an interval of two; one end may be open ("" or "..")."""
    first, slash, last = text.partition("/")
    if not slash:
        return DayRange(_day(first, zone), _day(first, zone))
    if first in _OPEN_END and last in _OPEN_END:
        raise _fault("datetime", "One end of the interval must be a time.")
    days = DayRange(
        None if first in _OPEN_END else _day(first, zone),
        None if last in _OPEN_END else _day(last, zone),
    )
    if days.first and days.last and _instant(first, zone) > _instant(last, zone):
        raise _fault("datetime", "The interval ends before it begins.")
    return days


def _day(text: str, zone: TimeZone) -> date:
    return _instant(text, zone).date()


def _instant(text: str, zone: TimeZone) -> datetime:
    """In a time zone; of a day its beginning."""
    try:
        if len(text) == len("2026-10-01"):
            return zone.begins(msgspec.convert(text, date))
        stated = spelling.instant(text)
        return zone.local(msgspec.convert(stated, Annotated[datetime, Meta(tz=True)]))
    except (msgspec.ValidationError, OverflowError):
        raise _fault(
            "datetime",
            "A time is 2026-10-01T00:00:00Z, a day 2026-10-01; / joins two, and one end may be ..",
        ) from None


def _fault(parameter: str, message: str) -> BadParameters:
    return BadParameters([Fault(parameter, message, {})])
