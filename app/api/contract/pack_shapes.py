"""The shapes of packs, for the OpenAPI document. Nothing is made of them."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from geodata.vocabulary import Audience, Need, Service


class PackPointer(msgspec.Struct):
    """Which version there is, and where its pack."""

    dataVersion: str  # noqa: N815  # the contract's spelling
    synthetic: bool
    dataDate: str  # noqa: N815  # the contract's spelling
    licence: str
    source: str
    outlines: Annotated[
        str, Meta(description="Whose imported outlines of areas; empty: all are drawn by us.")
    ]
    places: int
    url: Annotated[str, Meta(description="With {zone} in it: put a geohash of five letters there.")]


class Covers(msgspec.Struct):
    """Where a pack is complete: within so many metres of a point."""

    lon: float
    lat: float
    metres: float


class Shared(msgspec.Struct):
    """A column of few values: row i has values[rows[i]], or values[0] where `rows` is empty."""

    values: list[Any]
    rows: list[int]


class PackedHours(msgspec.Struct):
    """Opening hours; minutes since the midnight a day begins with, up to 2880.

    Days since 1970-01-01.
    """

    rows: Annotated[
        list[tuple[int, bool, list[tuple[int, int, bool, int]]]],
        Meta(
            description=(
                "week; whether it never closes; dated weeks as first, last, yearly, week (days, or"
                " month * 100 + day where yearly): the first that holds a date replaces the week"
            )
        ),
    ]
    weeks: Annotated[
        list[list[int]],
        Meta(
            description=(
                "28 plans: Monday to Sunday on plain days, public holidays, adjusted workdays, and"
                " days that the calendar does not know"
            )
        ),
    ]
    plans: Annotated[
        list[list[tuple[int, int, int]]],
        Meta(
            description=(
                "intervals that begin on a day: start, end, state (1 open, 2 unknown); open wins"
                " over unknown"
            )
        ),
    ]


class PackedCalendar(msgspec.Struct):
    """One digit a day from `first` (days since 1970-01-01) on: 0–6 Monday to Sunday, 7 holiday, 8
    adjusted workday.
    """

    first: int
    kinds: str


class PackedProperties(msgspec.Struct):
    """Columns of what /api/v1/places says, by the same names."""

    kind: Shared
    name: list[str]
    name_en: list[str | None]
    address: list[str | None]
    district: Shared
    street: Shared
    phones: list[list[str]]
    access: Shared
    zones: Shared
    capacity: list[int | None]
    operator: Shared
    offers: Shared
    type: Shared
    fee: Shared
    wheelchair: Shared
    level: Shared
    maybe: Shared
    position: Shared
    radius_m: Shared
    layer: Shared
    source: Shared
    licence: Shared


class PackedSpot(msgspec.Struct):
    """A district, street office or landmark that search finds, as `/api/v1/search` has it."""

    name: str
    kind: str
    lon: float
    lat: float
    name_en: str | None = None
    district: str | None = None
    code: str | None = None
    sort: str | None = None


class PackedWriting(msgspec.Struct):
    """How characters are written and read, so that a phone searches as the server does."""

    plain: Annotated[
        str, Meta(description="Pairs: a character written otherwise, and the plain one.")
    ]
    common: Annotated[
        dict[str, str], Meta(description="By syllable, the characters that are mostly read so.")
    ]
    rare: Annotated[dict[str, str], Meta(description="The same of rare readings.")]


class Pack(msgspec.Struct):
    """A dataset in columns: item i of each is the i-th place's."""

    dataVersion: str  # noqa: N815  # the contract's spelling
    synthetic: bool
    dataDate: str  # noqa: N815  # the contract's spelling
    licence: str
    source: str
    outlines: Annotated[
        str, Meta(description="Whose imported outlines of areas; empty: all are drawn by us.")
    ]
    calendarKnownUntil: str  # noqa: N815  # the contract's spelling
    timezone: Annotated[
        str, Meta(description="IANA name: whose wall clock opening hours speak of.")
    ]
    covers: Annotated[Covers | None, Meta(description="null: the whole dataset.")]
    ids: list[str]
    steps: Annotated[
        int, Meta(description="How many steps of `lon` and `lat` are a degree: 1e7, or 1e6.")
    ]
    lon: Annotated[
        list[int], Meta(description="In steps, each as the difference from the one before.")
    ]
    lat: list[int]
    lines: Annotated[dict[str, list[Any]], Meta(description="Coordinates of streets, by row.")]
    properties: PackedProperties
    services: Annotated[list[int], Meta(description="Bit i is the i-th of `serves`.")]
    audiences: Annotated[
        list[Audience], Meta(description="Every audience, in the order of a cell's bits.")
    ]
    serves: Annotated[
        list[tuple[Service, list[Need]]],
        Meta(description="Every service, and the needs it serves."),
    ]
    verified: Annotated[
        list[int], Meta(description="Day last checked, since 1970-01-01; 0: unknown.")
    ]
    hours: Annotated[Shared, Meta(description="row of `table`, and the hours in words")]
    table: PackedHours
    calendar: PackedCalendar
    spots: list[PackedSpot]
    writing: PackedWriting
    ground: Annotated[
        dict[str, Any],
        Meta(description="Outlines, borders, districts, street offices and landmarks."),
    ]
