"""The shapes of notices, for the OpenAPI document. Nothing is made of them."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.request.notices import (
    CapCategory,
    CapCertainty,
    CapSeverity,
    CapUrgency,
    ZoneLevel,
)
from geodata.snapshot.zones import ZoneEffect


class LevelSince(msgspec.Struct):
    """A level, and since when it holds."""

    level: ZoneLevel
    since: datetime


class NoticeArea(msgspec.Struct):
    """A GeoJSON MultiPolygon (RFC 7946, 3.1.7) without holes; empty where it has no area."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[tuple[float, float]]]]


class NoticeProperties(msgspec.Struct):
    """What a notice says, its texts in the language of the request."""

    id: str
    version: Annotated[str, Meta(description="The identifier of its latest version.")]
    category: CapCategory
    severity: CapSeverity
    urgency: CapUrgency
    certainty: CapCertainty
    effect: Annotated[
        ZoneEffect,
        Meta(description="closed: places inside are closed from `onset` until `expires`."),
    ]
    sent: datetime
    onset: datetime
    expires: datetime
    headline: str
    description: str
    instruction: str
    area: str
    level: ZoneLevel | None
    levels: list[LevelSince]
    people: int | None
    buildings: int | None
    estates: int | None
    href: Annotated[str, Meta(description="Its page.")]
    cap: Annotated[str, Meta(description="Its latest version as CAP 1.2.")]


class NoticeFeature(msgspec.Struct):
    """A notice."""

    type: Literal["Feature"]
    id: str
    geometry: NoticeArea
    properties: NoticeProperties


class NoticesTold(msgspec.Struct):
    """The notices in force and to come."""

    type: Literal["FeatureCollection"]
    revision: Annotated[str, Meta(description="Changes when anything does.")]
    synthetic: bool
    features: list[NoticeFeature]
