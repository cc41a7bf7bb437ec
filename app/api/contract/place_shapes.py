"""The shapes of one place as it is stored, for every reply that has places. Nothing is made of
them.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from geodata.places.entry import PlaceEntry
from geodata.vocabulary import (
    Audience,
    Door,
    Kind,
    Need,
    Position,
    Service,
    Wheelchair,
    YesNo,
    Zone,
)


class Geometry(msgspec.Struct):
    """A point, or a street's line (RFC 7946); WGS-84 degrees, lon before lat."""

    type: Literal["Point", "LineString"]
    coordinates: list[Any]


class Access(msgspec.Struct):
    """How one gets in, and who is welcome; an empty audience is not known, and neither is an entry
    that is null.
    """

    door: Door
    audience: list[Audience]
    entry: Annotated[
        PlaceEntry | None,
        Meta(
            description=(
                "Whether one must register before the first visit, how one gets in, and where one"
                " registers (https)."
            )
        ),
    ]


class Verified(msgspec.Struct):
    """When the place was last checked."""

    at: str | None
    age_days: int | None


class Navigate(msgspec.Struct):
    """Links into the map apps of the country, each in the datum that app expects: amap, baidu and
    tencent in mainland China, google and osmand elsewhere.
    """

    apple: str
    geo: str
    amap: str | msgspec.UnsetType = msgspec.UNSET
    baidu: str | msgspec.UnsetType = msgspec.UNSET
    tencent: str | msgspec.UnsetType = msgspec.UNSET
    google: str | msgspec.UnsetType = msgspec.UNSET
    osmand: str | msgspec.UnsetType = msgspec.UNSET


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
    guessed: list[str] | None
    """Of district and street those that the source did not say: they follow from the position,
    approximately.
    """


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
    type: Annotated[
        str | None, Meta(description="What it is, where the kind does not say: toilets, library.")
    ]
    fee: Annotated[YesNo | None, Meta(description="Whether it costs money.")]
    wheelchair: Annotated[Wheelchair | None, Meta(description="Whether a wheelchair gets in.")]
    level: Annotated[str | None, Meta(description="The floor, as published.")]
    maybe: Annotated[
        list[Service], Meta(description="Services that are only likely; no filter counts them.")
    ]
    position: Annotated[
        Position,
        Meta(
            description=(
                "surveyed: somebody stood there; stated: the source gives the coordinates; located:"
                " worked out from an address, within radius_m."
            )
        ),
    ]
    radius_m: float | None
    layer: Annotated[str, Meta(description="Whose list the place stands in.")]
    source: Annotated[str, Meta(description="Whose fact it is: its own source or the dataset's.")]
    licence: str
    navigate: Navigate | None = None
    provenance: Provenance | None = None
