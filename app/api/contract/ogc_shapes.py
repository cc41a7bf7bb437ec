"""The shapes of replies of the OGC side, for the OpenAPI documents. Nothing is made of them."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from app.api.contract.place_shapes import Geometry, PlaceProperties


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

    district: str | None
    name_en: str | None
    approximate: Annotated[
        bool, Meta(description="Whether the outline is drawn by us, not imported.")
    ]


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
