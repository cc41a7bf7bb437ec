"""What a parameter may be, and what is said of it: the types of all of them."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from app.words import Language
from geodata.coverage.published import By as AreasBy
from geodata.search.along import MOST_DETOUR_M, MOST_POINTS
from geodata.search.filter import Open, Order, Register
from geodata.space.coordinates import Datum
from geodata.text.matching import MOST_CODES
from geodata.travel.one_to_all import Direction
from geodata.vocabulary import Audience, Door, Kind, Mode, Need, Service

Lon = Annotated[
    float,
    Meta(ge=-180, le=180, description="Longitude in degrees, in `datum`."),
]
#: Up to ±180 here, so that swapped degrees reach the service area's own refusal, which says so; the
#: document says ±90.
Lat = Annotated[
    float,
    Meta(
        ge=-180,
        le=180,
        description="Latitude in degrees, in `datum`.",
        extra_json_schema={"minimum": -90, "maximum": 90},
    ),
]
Count = Annotated[int, Meta(ge=1, le=50, description="How many places at most.")]
Reach = Annotated[
    float,
    Meta(gt=0, le=50_000, description="No farther than this, metres along the WGS-84 geodesic."),
]
Instant = Annotated[
    datetime,
    Meta(
        tz=True,
        description=(
            "The instant that opening hours are judged at, RFC 3339 with offset; now by default."
        ),
        examples=["2026-11-21T02:00:00+08:00"],
    ),
]
Quarter = Annotated[
    datetime,
    Meta(
        tz=True,
        description="A full quarter of an hour, RFC 3339 with offset.",
        examples=["2026-11-21T02:15:00+08:00"],
    ),
]
Kinds = Annotated[
    tuple[Kind, ...], Meta(min_length=1, description="Any of these kinds, comma-separated.")
]
Needs = Annotated[
    tuple[Need, ...], Meta(min_length=1, description="All of these needs, comma-separated.")
]
Services = Annotated[
    tuple[Service, ...], Meta(min_length=1, description="All of these services, comma-separated.")
]
Who = Annotated[
    tuple[Audience, ...],
    Meta(min_length=1, description="Welcome to any of these, comma-separated."),
]
Doors = Annotated[
    tuple[Door, ...],
    Meta(min_length=1, description="Entered in any of these ways, comma-separated."),
]
Registering = Annotated[
    Register,
    Meta(
        description=(
            "no: leaves out places where one must register before the first visit (`access.entry`);"
            " those of which nobody says so stay."
        )
    ),
]
Opening = Annotated[
    Open,
    Meta(
        description=(
            "any: all; now: open at `at`; at_arrival: open when one gets there by `mode`, and for"
            " `stay_min` after; 24h: open round the clock, every day."
        )
    ),
]
Unknown = Annotated[
    bool,
    Meta(
        description=(
            "Whether places pass whose hours (or audience) are not known, where these are asked"
            " for."
        )
    ),
]
InDatum = Annotated[
    Datum, Meta(description="The datum that `lon` and `lat` are in. Replies are always WGS-84.")
]
InLanguage = Annotated[
    Language, Meta(description="The language of error texts; else Accept-Language decides.")
]

Typed = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MOST_CODES,
        description=(
            "What to look for: part of a name, an address, a street office, a district or a"
            " landmark; in Chinese, pinyin, initials (bsz for 白石洲), English or a mixture."
        ),
        examples=["白石洲"],
    ),
]


Sections = Annotated[
    int,
    Meta(
        ge=1,
        le=2,
        description=(
            "2: the best k whose hours are certain, and as many of those that pass only because"
            " unknown hours do; 1: the best k of all."
        ),
    ),
]
NoticesRevision = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=32,
        description=(
            "The revision of the notices in force, from `notices` of /api/v1/reports: places that"
            " they close are closed. Left out, nothing is known of notices."
        ),
        examples=["e4a6a0577479b2b4"],
    ),
]
Stay = Annotated[
    int, Meta(ge=0, le=480, description="With open=at_arrival: minutes that one wants to stay.")
]
Travel = Annotated[
    Mode, Meta(description="How one travels; decides the estimated time and so the arrival.")
]
By = Annotated[
    Order,
    Meta(
        description=(
            "distance: nearest first; time: reached first by `mode` over the road network, hours on"
            " arrival judged at that time. Without a network, or off its roads, both orders are the"
            " same and times are estimates."
        )
    ),
]
#: What a cell is told of times.
WithTimes = Annotated[
    Order,
    Meta(
        description=(
            "time: adds the seconds by `mode` over the road network, where there is one, from each"
            " square of the cell to each candidate (`squares`). Candidates and their order are the"
            " same either way."
        )
    ),
]
#: Between two points; a path's legs are asked straight.
ByDetour = Annotated[
    Order,
    Meta(
        description=(
            "distance: least geodesic detour first; time: least detour by `mode` over the road"
            " network, hours on arrival judged at that time, between `from` and `to` (with `path`"
            " it is refused). Without a network, or off its roads, both orders are the same and"
            " times are estimates."
        )
    ),
]
#: Of many points at once times are estimates, which grow with the distance.
ByEstimate = Annotated[
    Order,
    Meta(
        description=(
            "distance or time: both are the same order here, as the times of a batch are estimates."
        )
    ),
]
From = Annotated[
    tuple[Lon, Lat],
    Meta(
        description="Where one sets out: lon,lat in `datum`. Goes with `to`.",
    ),
]
To = Annotated[
    tuple[Lon, Lat],
    Meta(description="Where one is going: lon,lat in `datum`."),
]
Traced = Annotated[
    str,
    Meta(
        description=(
            "Instead of from and to: the road one takes, as an encoded polyline of precision 5 (of"
            f" WGS-84, or of `datum`), 2 to {MOST_POINTS:,} points."
        ),
        examples=["gxghCytyuT_@_gQ"],
    ),
]
Detour = Annotated[
    float,
    Meta(
        ge=0,
        le=MOST_DETOUR_M,
        description=(
            "No longer a detour than this, metres: to the place and on, less the way without it;"
            " geodesics, by time, too."
        ),
    ),
]
Widen = Annotated[
    bool,
    Meta(
        description=(
            "When fewer than k match: opening within 30 minutes will do, then unknown hours, then a"
            " wider radius; each step is listed in `relaxed`."
        )
    ),
]


Minutes = Annotated[
    tuple[Annotated[int, Meta(ge=1, le=60)], ...],
    Meta(
        min_length=1,
        max_length=4,
        description="Up to four whole numbers of minutes, comma-separated.",
    ),
]
Way = Annotated[
    Direction, Meta(description="from: where one gets to from here; to: where one gets here from.")
]


Nearby = Annotated[
    float,
    Meta(
        gt=0,
        le=20_000,
        description="A place serves that is no farther than this, metres of geodesic.",
    ),
]
MinutesAway = Annotated[
    float,
    Meta(
        gt=0,
        le=60,
        description=(
            "Instead of reach_m: a place serves that is no farther than this by `mode`, over the"
            " road network where there is one, else estimated from the straight line"
            " (`reach_kind`)."
        ),
    ),
]
Hourly = Annotated[
    bool,
    Meta(
        description=(
            "Whether all 24 hours of a typical day of each kind are told: Monday to Sunday, a"
            " public holiday, a worked weekend day; the next of each from `at` on, or else the last"
            " before."
        )
    ),
]
Areas = Annotated[AreasBy, Meta(description="The areas that shares are told by.")]
