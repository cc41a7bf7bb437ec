"""The shapes of replies: OpenAPI is drawn from them, and tests decode every reply through them. Never built."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from geodata.vocabulary import Audience, Door, Kind, Need, Service, Zone


class Geometry(msgspec.Struct):
    """A point, or a street's line (RFC 7946); WGS-84 degrees, lon before lat."""

    type: Literal["Point", "LineString"]
    coordinates: list[Any]


class Hours(msgspec.Struct):
    """The state of opening at the instant asked about. Soon: within 30 minutes. Unknown is neither open nor closed."""

    state: Literal["open", "closing_soon", "opening_soon", "closed", "unknown"]
    until: Annotated[str | None, Meta(description="When that next changes, RFC 3339; null: not within 400 days.")]
    at_arrival: Annotated[
        Literal["open", "closing_soon", "opening_soon", "closed", "unknown"] | None,
        Meta(description="With open=at_arrival: the state when one gets there; soon: the range straddles a change."),
    ] = None


class Access(msgspec.Struct):
    """How one gets in, and who is welcome; an empty audience is not known."""

    door: Door
    audience: list[Audience]


class Verified(msgspec.Struct):
    """When the place was last checked."""

    at: str | None
    age_days: int | None


class Navigate(msgspec.Struct):
    """Links into map apps, each in the datum that app expects."""

    amap: str
    baidu: str
    tencent: str
    apple: str
    geo: str


class Provenance(msgspec.Struct):
    """Where a place's facts come from, as read."""

    verified_at: str | None
    verified_by: str | None
    file: str | None
    sheet: str | None
    row: int | None
    id: str | None
    datum: str | None
    lon: float | None
    lat: float | None


class PlaceProperties(msgspec.Struct, kw_only=True):
    """What is known of a place; null is unknown."""

    kind: Kind
    name: str
    name_en: str | None
    address: str | None
    district: str | None
    street: str | None
    phone: str | None
    phones: list[str]
    opening_hours: Annotated[str | None, Meta(description="OpenStreetMap syntax, as understood.")]
    opening_hours_text: Annotated[str | None, Meta(description="As published.")]
    needs: list[Need]
    services: list[Service]
    access: Access
    zones: list[Zone]
    capacity: int | None
    operator: str | None
    offers: str | None
    parent_street_id: str | None
    navigate: Navigate | None = None
    provenance: Provenance | None = None


class HitProperties(PlaceProperties, kw_only=True):
    """A place as an answer: how far, which way, open or not."""

    distance_m: Annotated[float, Meta(description="WGS-84 geodesic, at most 1 mm off; to a street's nearest point.")]
    distance_kind: Literal["geodesic"]
    eta_s: Annotated[int, Meta(description="Seconds by `mode`, estimated from the straight line.")]
    eta_range_s: Annotated[list[int], Meta(description="Least and most of the estimate.")]
    eta_kind: Literal["estimate"]
    bearing_deg: int
    open: Hours
    verified: Verified
    nearest_point: Annotated[list[float] | None, Meta(description="Of a street, where it is nearest.")] = None


class Place(msgspec.Struct):
    """One place alone."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: PlaceProperties
    dataVersion: str  # noqa: N815  # the contract's spelling
    synthetic: bool


class Hit(msgspec.Struct):
    """One place found."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: HitProperties


class Relaxed(msgspec.Struct, rename={"before": "from", "after": "to"}):
    """A rule that was relaxed, with widen=true, because fewer than k places matched."""

    rule: Literal["opening_within_min", "include_unknown", "max_distance_m"]
    before: float | bool
    after: float | bool


class Nearest(msgspec.Struct):
    """Places, nearest first; equal distances by id."""

    type: Literal["FeatureCollection"]
    numberReturned: int  # noqa: N815  # the contract's spelling
    more: bool
    dataVersion: str  # noqa: N815  # the contract's spelling
    synthetic: bool
    timeStamp: str  # noqa: N815  # the contract's spelling
    query: dict[str, Any]
    features: list[Hit]
    relaxed: list[Relaxed] = []


class CellReply(msgspec.Struct):
    """The candidates of a cell as columns' rows; minutes count from `at`, states: 1 open, 2 unknown."""

    dataVersion: str  # noqa: N815  # the contract's spelling
    synthetic: bool
    at: str
    horizon: Annotated[int, Meta(description="The minute up to which `hours` tells.")]
    cell: Annotated[list[float], Meta(description="west, south, east, north")]
    places: Annotated[
        list[tuple[str, list[Any], Kind, str, str | None, int, int, Door, int, str | None, int]],
        Meta(
            description="id, coordinates (a point's, or a line's list), kind, name, name_en, rank, service bits, door, "
            "index into hours, phone, audience bits (0: not stated)"
        ),
    ]
    hours: Annotated[
        list[tuple[list[tuple[int, int, int]], int | None]],
        Meta(description="intervals of start, end, state; and the first change from the horizon on, null if none"),
    ]


class Tile(msgspec.Struct):
    """Clusters and places of a map tile."""

    c: Annotated[list[tuple[float, float, int, int, int]], Meta(description="lon, lat, places, open, unknown")]
    p: Annotated[
        list[tuple[str, float, float, Kind, int, int]],
        Meta(description="id, lon, lat, kind, service bits, hours row"),
    ]


class OgcLink(msgspec.Struct):
    """A link, absolute."""

    href: str
    rel: str
    type: str
    title: str


class _Nature(msgspec.Struct, kw_only=True):
    """What everybody must know of the data."""

    dataVersion: str  # noqa: N815  # the contract's spelling
    dataDate: str  # noqa: N815  # the contract's spelling
    synthetic: bool
    attribution: str
    licence: str
    links: list[OgcLink]


class OgcLanding(_Nature, kw_only=True):
    """Where one begins."""

    title: str
    description: str


class OgcConformance(msgspec.Struct):
    """What of the standard is kept."""

    conformsTo: list[str]  # noqa: N815  # the standard's spelling


class OgcSpatial(msgspec.Struct):
    """The smallest boxes around all: west, south, east, north."""

    bbox: list[list[float]]
    crs: str


class OgcTemporal(msgspec.Struct):
    """The days that features speak of, as instants."""

    interval: list[list[str]]
    trs: str


class OgcExtent(msgspec.Struct, omit_defaults=True):
    """Where and when; what is not known is left out."""

    spatial: OgcSpatial | msgspec.UnsetType = msgspec.UNSET
    temporal: OgcTemporal | msgspec.UnsetType = msgspec.UNSET


class OgcCollection(_Nature, kw_only=True):
    """One collection."""

    id: str
    title: str
    description: str
    itemType: Literal["feature"]  # noqa: N815  # the standard's spelling
    extent: OgcExtent
    crs: list[str]


class OgcCollections(_Nature, kw_only=True):
    """All of them."""

    collections: list[OgcCollection]


class OgcQueryables(msgspec.Struct, rename={"schema": "$schema", "url": "$id"}):
    """The properties that a list can be asked for, as JSON Schema."""

    schema: str
    url: str
    type: Literal["object"]
    title: str
    description: str
    properties: dict[str, dict[str, Any]]
    additionalProperties: bool  # noqa: N815  # JSON Schema's spelling


class ListedProperties(PlaceProperties, kw_only=True):
    """A place as a feature."""

    verified_at: Annotated[str | None, Meta(description="The day last checked; null: not known.")]


class OgcPlace(msgspec.Struct):
    """A place as a feature."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry
    properties: ListedProperties


class OgcPlaces(_Nature, kw_only=True):
    """A page of places."""

    type: Literal["FeatureCollection"]
    numberMatched: int  # noqa: N815  # the standard's spelling
    numberReturned: int  # noqa: N815  # the standard's spelling
    features: list[OgcPlace]


class AreaGeometry(msgspec.Struct):
    """An outline (RFC 7946), WGS-84 degrees."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


class AreaProperties(msgspec.Struct):
    """What is known of an area."""

    district: str
    name_en: str | None
    approximate: Annotated[bool, Meta(description="Whether the outline is drawn, not surveyed.")]


class OgcArea(msgspec.Struct):
    """An area as a feature."""

    type: Literal["Feature"]
    id: str
    geometry: AreaGeometry
    properties: AreaProperties


class OgcAreas(_Nature, kw_only=True):
    """A page of areas."""

    type: Literal["FeatureCollection"]
    numberMatched: int  # noqa: N815  # the standard's spelling
    numberReturned: int  # noqa: N815  # the standard's spelling
    features: list[OgcArea]


class OgcFeature(_Nature, kw_only=True):
    """One feature: a place or an area."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any]
    properties: dict[str, Any]


class ProblemItem(msgspec.Struct):
    """One fault."""

    parameter: str
    detail: str


class Problem(msgspec.Struct):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[ProblemItem] = []


class Alive(msgspec.Struct):
    """The process answers."""

    status: Literal["alive"]


class Ready(msgspec.Struct):
    """What stands behind the answers."""

    status: Literal["ready"]
    dataset: str
    title: str
    synthetic: bool
    dataVersion: str  # noqa: N815  # the contract's spelling
    dataDate: str  # noqa: N815  # the contract's spelling
    dataAgeDays: int  # noqa: N815  # the contract's spelling
    places: int
    counts: dict[str, int]
    area: str
    licence: str
    source: str
    calendarKnownUntil: str  # noqa: N815  # the contract's spelling
