"""The shapes of replies: OpenAPI is drawn from them, and tests decode every reply through them.

Never built.
"""

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from app.api.contract.place_shapes import (
    Access,
    Geometry,
    Navigate,
    PlaceProperties,
    Verified,
)
from app.api.contract.voice_shapes import ReportedOpening
from geodata.text.names import How
from geodata.travel.one_to_all import Direction
from geodata.vocabulary import (
    Door,
    Kind,
    Mode,
    Need,
    Position,
    Service,
    Wheelchair,
    YesNo,
    Zone,
)


class Hours(msgspec.Struct):
    """The state of opening at the instant asked about.

    Soon: within 30 minutes. Unknown is neither open nor closed.
    """

    state: Literal["open", "closing_soon", "opening_soon", "closed", "unknown"]
    until: Annotated[
        str | None, Meta(description="When that next changes, RFC 3339; null: not within 400 days.")
    ]
    at_arrival: Annotated[
        Literal["open", "closing_soon", "opening_soon", "closed", "unknown"] | None,
        Meta(
            description=(
                "With open=at_arrival: the state when one gets there; soon: the range straddles a"
                " change."
            )
        ),
    ] = None
    reason: Annotated[
        Literal["holiday", "adjusted_workday", "calendar", "notice"] | None,
        Meta(
            description=(
                "notice: a notice in force closes the place, whose id is `notice`. With state"
                " unknown, where it would be known on a day like any other: the day is a"
                " public holiday, or a worked Saturday or Sunday, of which the hours say nothing"
                " certain; or the holidays of its year are not known (calendar). Call first."
            )
        ),
    ] = None
    notice: Annotated[
        str | None, Meta(description="The id of the notice that closes the place: /n/{id}.")
    ] = None
    kind: Annotated[
        Literal["reported"] | None,
        Meta(description="Where the state is what riders say, not what the hours say."),
    ] = None
    reported: Annotated[
        ReportedOpening | None, Meta(description="What riders say, where the state is theirs.")
    ] = None


class HitProperties(PlaceProperties, kw_only=True):
    """A place as an answer: how far, which way, open or not."""

    distance_m: Annotated[
        float, Meta(description="WGS-84 geodesic, at most 1 mm off; to a street's nearest point.")
    ]
    distance_kind: Literal["geodesic"]
    eta_s: Annotated[int | None, Meta(description="Seconds by `mode`; null: no road leads there.")]
    eta_range_s: Annotated[
        list[int] | None, Meta(description="Least and most of an estimate; by network null.")
    ]
    eta_kind: Annotated[
        Literal["estimate", "network"],
        Meta(
            description=(
                "estimate: from the straight line; network: over the roads, both ends on foot."
            )
        ),
    ]
    bearing_deg: int
    open: Hours
    verified: Verified
    reports: Annotated[
        list[ReportedOpening] | None,
        Meta(description="All that riders say of it, if anything; one alone has no effect."),
    ] = None
    nearest_point: Annotated[
        list[float] | None, Meta(description="Of a street, where it is nearest.")
    ] = None
    eta_rank_s: Annotated[
        int | None,
        Meta(
            description=(
                "With by=time: what the order is by: seconds by network, or the most of an"
                " estimate; null: no road leads there, it comes last."
            )
        ),
    ] = None
    network_distance_m: Annotated[
        float | None, Meta(description="Of the fastest way, with eta_kind network.")
    ] = None
    snapped_m: Annotated[
        float | None, Meta(description="From the place to its nearest road, walked straight.")
    ] = None


class NetworkUsed(msgspec.Struct, kw_only=True):
    """The road network that times come from."""

    name: str
    engine: str
    dataTimestamp: Annotated[  # noqa: N815  # the contract's spelling
        str | None, Meta(description="Of the OpenStreetMap data; null: not stated.")
    ]
    licence: str
    calibration: Annotated[
        str | None,
        Meta(description="The trips that paces are fitted to, and the error; null: assumed."),
    ]
    snapped_m: Annotated[
        float | None, Meta(description="From the asked point to its nearest road.")
    ] = None
    version: str | None = None


class StopProperties(PlaceProperties, kw_only=True):
    """A place as a stop on the way."""

    detour_m: Annotated[
        float,
        Meta(
            description=(
                "To the place and on, less the way without it, geodesics; of a path the least of"
                " its legs'. What `max_detour_m` limits."
            )
        ),
    ]
    detour_kind: Annotated[
        Literal["geodesic", "network", "estimate"],
        Meta(
            description=(
                "geodesic: ordered by `detour_m`; network: by `detour_rank_s`, over the roads;"
                " estimate: among those, where the extract does not reach the place."
            )
        ),
    ]
    along_m: Annotated[
        float,
        Meta(description="From the start to the spot of the way that is nearest to the place."),
    ]
    distance_m: Annotated[float, Meta(description="From that spot to the place, WGS-84 geodesic.")]
    distance_kind: Literal["geodesic"]
    eta_s: Annotated[
        int | None,
        Meta(
            description=(
                "Seconds from setting out to the place; estimated (a path's length counts as it"
                " is), or over the roads; null: no road leads there."
            )
        ),
    ]
    eta_range_s: Annotated[
        list[int] | None, Meta(description="Least and most of the estimate; by network null.")
    ]
    eta_kind: Literal["estimate", "network"]
    open: Hours
    verified: Verified
    reports: Annotated[
        list[ReportedOpening] | None,
        Meta(description="All that riders say of it, if anything; one alone has no effect."),
    ] = None
    nearest_point: Annotated[
        list[float] | None,
        Meta(description="Of a street, where it is entered with the least geodesic detour."),
    ] = None
    detour_s: Annotated[
        int | None,
        Meta(
            description=("With by=time: seconds later that one arrives; null: no road leads there.")
        ),
    ] = None
    detour_range_s: Annotated[
        list[int] | None,
        Meta(description="Least and most of an estimated `detour_s`; by network null."),
    ] = None
    detour_rank_s: Annotated[
        int | None,
        Meta(
            description=(
                "With by=time: what the order is by: `detour_s` by network, or the most of an"
                " estimate; null: no road leads there, it comes last."
            )
        ),
    ] = None


class Place(msgspec.Struct):
    """One place alone."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: PlaceProperties
    dataVersion: str  # noqa: N815  # the contract's spelling
    synthetic: bool


class PlaceHit(msgspec.Struct):
    """One place found."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: HitProperties


class RelaxedRule(msgspec.Struct, rename={"before": "from", "after": "to"}):
    """A rule that was relaxed, with widen=true, because fewer than k places matched."""

    rule: Literal["opening_within_min", "include_unknown", "max_distance_m"]
    before: float | bool
    after: float | bool


class NearestPlaces(msgspec.Struct):
    """Places, nearest first; equal distances by id."""

    type: Literal["FeatureCollection"]
    numberReturned: int  # noqa: N815  # the contract's spelling
    more: bool
    dataVersion: str  # noqa: N815  # the contract's spelling
    synthetic: bool
    timeStamp: str  # noqa: N815  # the contract's spelling
    query: dict[str, Any]
    features: list[PlaceHit]
    relaxed: list[RelaxedRule] = []
    network: Annotated[
        NetworkUsed | None,
        Meta(description="With by=time; null: times are estimates, the order is by distance."),
    ] = None


class Polygons(msgspec.Struct):
    """RFC 7946; WGS-84 degrees, lon before lat."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[tuple[float, float]]]]


class ReachProperties(msgspec.Struct):
    """What one polygon says."""

    minutes: int
    mode: Mode
    direction: Direction
    eta_kind: Literal["estimate", "network"]
    radius_range_m: Annotated[
        list[int] | None,
        Meta(description="Of an estimate, a circle: the least and the most its radius may be."),
    ] = None


class IsochroneFeature(msgspec.Struct):
    """Where one gets in so many minutes."""

    type: Literal["Feature"]
    geometry: Polygons
    properties: ReachProperties


class Isochrone(msgspec.Struct):
    """One polygon per limit, in the order asked."""

    type: Literal["FeatureCollection"]
    query: dict[str, Any]
    network: Annotated[
        NetworkUsed | None, Meta(description="null: circles, estimated from the straight line.")
    ]
    features: list[IsochroneFeature]


class AlongHit(msgspec.Struct):
    """One place on the way."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: StopProperties


class Along(msgspec.Struct):
    """Places on the way, least detour first.

    Equal detours by id; last, by time, what no road leads to.
    """

    type: Literal["FeatureCollection"]
    numberReturned: int  # noqa: N815  # the contract's spelling
    more: bool
    dataVersion: str  # noqa: N815  # the contract's spelling
    synthetic: bool
    timeStamp: str  # noqa: N815  # the contract's spelling
    query: dict[str, Any]
    features: list[AlongHit]
    network: Annotated[
        NetworkUsed | None,
        Meta(description="With by=time; null: times are estimates, detours are geodesics."),
    ] = None


class Batch(msgspec.Struct):
    """The nearest places of each point, column by column: row i belongs to point i, and is short
    where fewer match.
    """

    dataVersion: str  # noqa: N815  # the contract's spelling
    synthetic: bool
    timeStamp: str  # noqa: N815  # the contract's spelling
    outside: Annotated[
        list[int],
        Meta(description="Numbers, from 0, of points outside the service area: empty rows."),
    ]
    ids: list[list[str]]
    distance_m: list[list[float]]
    eta_s: list[list[int]]


class FoundProperties(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A place with all that is known of it, or a spot (landmark, street office, district).

    `kind` tells which.
    """

    kind: Literal[
        "warm_bee_station",
        "driver_home",
        "warm_bee_street",
        "friendly_merchant",
        "public_place",
        "district",
        "street_office",
        "landmark",
    ]
    name: str
    name_en: str | None
    district: str | None
    code: Annotated[
        str | msgspec.UnsetType | None, Meta(description="Of a spot: a street office's code.")
    ] = msgspec.UNSET
    sort: Annotated[
        str | msgspec.UnsetType | None,
        Meta(description="Of a spot: metro, village, hospital, road, junction, … for a landmark."),
    ] = msgspec.UNSET
    address: str | msgspec.UnsetType | None = msgspec.UNSET
    street: str | msgspec.UnsetType | None = msgspec.UNSET
    phone: str | msgspec.UnsetType | None = msgspec.UNSET
    phones: list[str] | msgspec.UnsetType = msgspec.UNSET
    opening_hours: str | msgspec.UnsetType | None = msgspec.UNSET
    opening_hours_text: str | msgspec.UnsetType | None = msgspec.UNSET
    needs: list[Need] | msgspec.UnsetType = msgspec.UNSET
    services: list[Service] | msgspec.UnsetType = msgspec.UNSET
    access: Access | msgspec.UnsetType = msgspec.UNSET
    zones: list[Zone] | msgspec.UnsetType = msgspec.UNSET
    capacity: int | msgspec.UnsetType | None = msgspec.UNSET
    operator: str | msgspec.UnsetType | None = msgspec.UNSET
    offers: str | msgspec.UnsetType | None = msgspec.UNSET
    parent_street_id: str | msgspec.UnsetType | None = msgspec.UNSET
    type: str | msgspec.UnsetType | None = msgspec.UNSET
    fee: YesNo | msgspec.UnsetType | None = msgspec.UNSET
    wheelchair: Wheelchair | msgspec.UnsetType | None = msgspec.UNSET
    level: str | msgspec.UnsetType | None = msgspec.UNSET
    maybe: list[Service] | msgspec.UnsetType = msgspec.UNSET
    position: Position | msgspec.UnsetType = msgspec.UNSET
    radius_m: float | msgspec.UnsetType | None = msgspec.UNSET
    layer: str | msgspec.UnsetType = msgspec.UNSET
    source: str | msgspec.UnsetType = msgspec.UNSET
    licence: str | msgspec.UnsetType = msgspec.UNSET
    navigate: Navigate | msgspec.UnsetType = msgspec.UNSET
    distance_m: Annotated[
        float | msgspec.UnsetType,
        Meta(description="With lon and lat: WGS-84 geodesic, to a street's nearest point."),
    ] = msgspec.UNSET
    distance_kind: Literal["geodesic"] | msgspec.UnsetType = msgspec.UNSET


class FoundPlace(msgspec.Struct):
    """Something found by name. Places have ids, spots do not."""

    type: Literal["Feature"]
    geometry: Geometry
    properties: FoundProperties
    id: str | msgspec.UnsetType = msgspec.UNSET


class FoundWaiting(msgspec.Struct):
    """A place whose address was found too coarsely to be drawn, or not at all."""

    name: str
    address: str
    district: str
    street: str


class FoundPlaces(msgspec.Struct):
    """What fits best; equal fits nearest first, or without a position the shortest first."""

    type: Literal["FeatureCollection"]
    numberMatched: Annotated[int, Meta(description="How many fit in this way.")]  # noqa: N815  # the contract's spelling
    numberReturned: int  # noqa: N815  # the contract's spelling
    dataVersion: str  # noqa: N815  # the contract's spelling
    synthetic: bool
    how: Annotated[
        How,
        Meta(
            description=(
                "typed: in one piece; short: by initials, in part, or by a character of the same"
                " sound; apart: each word somewhere; like: with the fewest slips. Only the first of"
                " these that anything fits is answered."
            )
        ),
    ]
    query: dict[str, Any]
    features: list[FoundPlace]
    waiting: Annotated[
        list[FoundWaiting],
        Meta(description="Places without a point, by name, its pinyin or initials, or address."),
    ]


class Squares(msgspec.Struct):
    """The times by road from a cell's squares."""

    perSide: Annotated[int, Meta(description="Squares along each side of the cell.")]  # noqa: N815  # the contract's spelling
    seconds: Annotated[
        list[list[int | None] | None],
        Meta(
            description=(
                "For each of `places` (null: not known), for each square, lines from the south,"
                " each from the west: seconds from the square's middle, each less the last one"
                " known before it. null: no road there."
            )
        ),
    ]
    beyond: Annotated[
        list[int],
        Meta(
            description=(
                "Those of `places`, by number, that the network's extract does not reach:"
                " estimated, and ranked by the most of the estimate."
            )
        ),
    ] = []
    offRoad: Annotated[  # noqa: N815  # the contract's spelling
        list[int],
        Meta(description="With `beyond`: squares in whose middle one stands on no road."),
    ] = []


class CellReply(msgspec.Struct):
    """The candidates of a cell as columns' rows.

    Minutes count from `at`, states: 1 open, 2 unknown.
    """

    dataVersion: str  # noqa: N815  # the contract's spelling
    synthetic: bool
    at: str
    horizon: Annotated[int, Meta(description="The minute up to which `hours` tells.")]
    cell: Annotated[list[float], Meta(description="west, south, east, north")]
    places: Annotated[
        list[
            tuple[
                str,
                list[Any],
                Kind,
                str,
                str | None,
                int,
                int,
                Door,
                int,
                str | None,
                int,
                str | None,
                float | None,
                int | None,
                YesNo | None,
            ]
        ],
        Meta(
            description=(
                "id, coordinates (a point's, or a line's list), kind, name, name_en, rank, service"
                " bits, door, index into hours, phone, audience bits (0: not stated), type (what a"
                " public place is), radius_m (of a position worked out from an address), day last"
                " checked since 1970, whether one must register first"
            )
        ),
    ]
    hours: Annotated[
        list[tuple[list[tuple[int, int, int]], int | None]],
        Meta(
            description=(
                "intervals of start, end, state; and the first change from the horizon on, null if"
                " none"
            )
        ),
    ]
    reasons: Annotated[
        list[tuple[int, int, int, Literal["holiday", "adjusted_workday", "calendar"]]],
        Meta(
            description=(
                "index into hours, start, end: why they are unknown then, where that is because of"
                " the day (the same words as in the reply to nearest)"
            )
        ),
    ]
    network: Annotated[
        NetworkUsed | None, Meta(description="With by=time; null: there is none.")
    ] = None
    squares: Annotated[Squares | None, Meta(description="With by=time and a network.")] = None
    notices: Annotated[
        list[tuple[int, str]],
        Meta(
            description=(
                "With `notices`: the number of a candidate that a notice closes, and the notice's"
                " id. It is closed at any hour here."
            )
        ),
    ] = []


class WaysTold(msgspec.Struct):
    """Ways that join on their way to one place; each piece of road stands here once."""

    perSide: Annotated[int, Meta(description="Squares along each side of the cell.")]  # noqa: N815  # the contract's spelling
    first: Annotated[
        list[int | None],
        Meta(
            description=(
                "For each square, lines from the south, each from the west: the part on which one"
                " sets out; null: no road there, or none leads to the place."
            )
        ),
    ]
    parts: Annotated[
        list[tuple[int, list[int]]],
        Meta(
            description=(
                "The number of the part that follows (-1: the place), and lon, lat, lon, lat, … in"
                " the direction of travel, in 1e-5 degrees, each less the one before."
            )
        ),
    ]


class WaysReply(msgspec.Struct):
    """The fastest ways from the middles of a cell's squares to one place."""

    dataVersion: str  # noqa: N815  # the contract's spelling
    synthetic: bool
    cell: Annotated[list[float], Meta(description="west, south, east, north")]
    mode: Mode
    network: Annotated[NetworkUsed | None, Meta(description="null: there is none, and so no ways.")]
    ways: WaysTold | None


class TileReply(msgspec.Struct):
    """Clusters and places of a map tile."""

    c: Annotated[
        list[tuple[float, float, int, int, int]],
        Meta(description="lon, lat, places, open, unknown"),
    ]
    p: Annotated[
        list[tuple[str, float, float, Kind, int, int]],
        Meta(description="id, lon, lat, kind, service bits, hours row"),
    ]


class ProblemItem(msgspec.Struct):
    """One fault."""

    parameter: str
    detail: str


class VanishedPlace(msgspec.Struct):
    """A place that is no longer there."""

    id: str
    name: str
    since: date
    """The first day without it."""


class NearestPlace(msgspec.Struct):
    """The place nearest to where a gone one stood."""

    id: str
    name: str
    distance_m: float
    open_now: bool
    """Open or of unknown hours; else none is."""
    url: str


class ProblemDetails(msgspec.Struct, omit_defaults=True):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[ProblemItem] = []
    gone: VanishedPlace | None = None
    """Only of a place that is no longer there, as is `nearest`."""
    nearest: NearestPlace | None = None
    synthetic: bool | None = None
    """Whether both are made up."""
