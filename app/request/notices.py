"""A notice as an operator writes it: the model of CAP 1.2 (OASIS, 2010) with what it does here."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from app.request import parsing
from app.response.problems import BadParameters, Fault
from geodata.snapshot.zones import Ring, ZoneEffect

T = TypeVar("T", bound=msgspec.Struct)

#: Corners of a polygon, and polygons of a notice.
MOST_VERTICES: Final = 100
MOST_POLYGONS: Final = 50
#: A headline longer than this is cut by phones and radios (CAP 1.2, 3.2.2).
MOST_HEADLINE: Final = 160
MOST_TEXT: Final = 4_000
#: Of a headline alone: all other space is told as what it is.
_SPACE: Final = re.compile("[ \t\n]+")


class CapCategory(StrEnum):
    """CAP 1.2, 3.2.2, category."""

    GEO = "Geo"
    MET = "Met"
    SAFETY = "Safety"
    SECURITY = "Security"
    RESCUE = "Rescue"
    FIRE = "Fire"
    HEALTH = "Health"
    ENV = "Env"
    TRANSPORT = "Transport"
    INFRA = "Infra"
    CBRNE = "CBRNE"
    OTHER = "Other"


class CapUrgency(StrEnum):
    """CAP 1.2, 3.2.2, urgency."""

    IMMEDIATE = "Immediate"
    EXPECTED = "Expected"
    FUTURE = "Future"
    PAST = "Past"
    UNKNOWN = "Unknown"


class CapSeverity(StrEnum):
    """CAP 1.2, 3.2.2, severity."""

    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"


class CapCertainty(StrEnum):
    """CAP 1.2, 3.2.2, certainty."""

    OBSERVED = "Observed"
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNLIKELY = "Unlikely"
    UNKNOWN = "Unknown"


class ZoneLevel(StrEnum):
    """How strictly an area is controlled; from version to version it goes down, or up."""

    SEALED = "sealed"
    """封控"""
    CONTROLLED = "controlled"
    """管控"""
    PRECAUTION = "precaution"
    """防范"""


_Count = Annotated[int, Meta(ge=0, le=100_000_000, description="How many are inside.")]
NoticeId = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=40,
        description="The id of a notice: small letters, digits and hyphens.",
        examples=["n-20261130-3f9a2c"],
    ),
]
_ID: Final = re.compile("[a-z0-9][a-z0-9-]{2,39}")


class NoticeText(msgspec.Struct, frozen=True, kw_only=True):
    """What a notice says in one language."""

    headline: Annotated[str, Meta(min_length=1, max_length=MOST_HEADLINE)]
    description: Annotated[str, Meta(min_length=1, max_length=MOST_TEXT)]
    instruction: Annotated[str, Meta(min_length=1, max_length=MOST_TEXT)]
    area: Annotated[str, Meta(min_length=0, max_length=200)] = ""
    """What the area is called; empty: as the headline has it."""


class NoticeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a notice states beside its texts and polygons."""

    effect: Annotated[ZoneEffect, Meta(description="What it does to the places inside.")]
    expires: Annotated[datetime, Meta(tz=True)]
    onset: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    category: Annotated[CapCategory, Meta()] = CapCategory.OTHER
    severity: Annotated[CapSeverity, Meta()] = CapSeverity.UNKNOWN
    urgency: Annotated[CapUrgency, Meta()] = CapUrgency.UNKNOWN
    certainty: Annotated[CapCertainty, Meta()] = CapCertainty.UNKNOWN
    level: Annotated[ZoneLevel, Meta()] | UnsetType = UNSET
    people: _Count | UnsetType = UNSET
    buildings: _Count | UnsetType = UNSET
    estates: _Count | UnsetType = UNSET
    identifier: NoticeId | UnsetType = UNSET
    """Of a new notice: the id that it is to have; else one is made."""
    references: NoticeId | UnsetType = UNSET
    """Of an update: the id of the notice, or of the version that it takes the place of."""


class NoticePost(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a notice as it was read: a new one, or all that an update says."""

    facts: NoticeFacts
    zh: NoticeText
    en: NoticeText
    polygons: tuple[Ring, ...]


class CancelFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Which notice is cancelled."""

    references: NoticeId


class CancelPost(msgspec.Struct, frozen=True, kw_only=True):
    """A cancellation: its texts are those of the notice, unless it has its own."""

    references: str
    zh: NoticeText | None
    en: NoticeText | None


def read_notice(sent: bytes) -> NoticePost:
    """A notice as JSON: the members of NoticeFacts, and of `zh`, `en`, `polygons`.

    Raises BadParameters with every fault.
    """
    found, faults = _object(sent), _Faults()
    texts = {name: faults.of(_text, name, found.pop(name, None)) for name in ("zh", "en")}
    polygons = faults.of(_polygons, found.pop("polygons", []))
    facts = faults.of(_facts, found, NoticeFacts)
    faults.raise_any()
    return NoticePost(facts=facts, **texts, polygons=polygons)


def read_cancel(sent: bytes) -> CancelPost:
    """A cancellation as JSON: `references`, and `zh` and `en` where it says something of its own.

    Raises BadParameters with every fault.
    """
    found, faults = _object(sent), _Faults()
    texts = {
        name: faults.of(_text, name, found.pop(name)) if name in found else None
        for name in ("zh", "en")
    }
    facts = faults.of(_facts, found, CancelFacts)
    faults.raise_any()
    return CancelPost(references=facts.references, **texts)


class _Faults(list[Fault]):
    """All that is wrong with one post."""

    def of(self, read: Any, *given: Any) -> Any:
        """What a reader gives; None where it finds faults, which are kept."""
        try:
            return read(*given)
        except BadParameters as bad:
            self.extend(bad.faults)
            return None

    def raise_any(self) -> None:
        """Raise BadParameters, if anything is wrong."""
        if self:
            raise BadParameters(self)


def _object(sent: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(sent, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadParameters([Fault("body", "This is not a JSON object.", {})]) from None


def _facts(found: Mapping[str, Any], into: type[T]) -> T:
    facts = parsing.of_json(msgspec.json.encode(found), into)
    named = [name for name in ("identifier", "references") if found.get(name) is not None]
    faults = [
        Fault(
            name,
            "{value} is not an id of small letters, digits and hyphens.",
            {"value": parsing.shown(found[name])},
        )
        for name in named
        if not _ID.fullmatch(found[name])
    ]
    if faults:
        raise BadParameters(faults)
    return facts


def _text(language: str, found: Any) -> NoticeText:
    """What is said in one language, its members named after it. Raises BadParameters."""
    if not isinstance(found, dict):
        raise BadParameters(
            [Fault(language, "Give headline, description and instruction in this language.", {})]
        )
    try:
        text = parsing.of_json(msgspec.json.encode(_tidied(found)), NoticeText)
    except BadParameters as bad:
        named = [
            Fault(f"{language}.{each.parameter}", each.message, each.values) for each in bad.faults
        ]
        raise BadParameters(named) from None
    return text


def _tidied(found: dict[str, Any]) -> dict[str, Any]:
    """Without space at the ends; a headline and the name of an area are one line."""
    tidy = {
        name: value.replace("\r\n", "\n").strip(" \t\n") if isinstance(value, str) else value
        for name, value in found.items()
    }
    one_line = {
        name: _SPACE.sub(" ", tidy[name])
        for name in ("headline", "area")
        if isinstance(tidy.get(name), str)
    }
    return tidy | one_line


def _polygons(found: Any) -> tuple[Ring, ...]:
    """Closed rings of lon, lat, counter-clockwise (RFC 7946, 3.1.6). Raises BadParameters."""
    if not isinstance(found, list) or len(found) > MOST_POLYGONS:
        raise BadParameters(
            [
                Fault(
                    "polygons",
                    "Give a list of up to {most} polygons, each a list of [lon, lat].",
                    {"most": MOST_POLYGONS},
                )
            ]
        )
    faults, rings = _Faults(), []
    for number, ring in enumerate(found):
        rings.append(faults.of(_ring, f"polygons[{number}]", ring))
    faults.raise_any()
    return tuple(rings)


def _ring(name: str, found: Any) -> Ring:
    if not isinstance(found, list) or not all(map(_is_position, found)):
        raise BadParameters(
            [Fault(name, "A polygon is a list of [lon, lat] in WGS-84 degrees.", {})]
        )
    ring = tuple((float(lon), float(lat)) for lon, lat in found)
    if not 4 <= len(ring) <= MOST_VERTICES + 1:
        values = {"count": len(ring), "most": MOST_VERTICES + 1}
        raise BadParameters(
            [
                Fault(
                    name,
                    "It has {count} positions; 4 to {most} are taken, the last the same as the"
                    " first.",
                    values,
                )
            ]
        )
    if ring[0] != ring[-1]:
        raise BadParameters(
            [Fault(name, "It is not closed: the last position must be the same as the first.", {})]
        )
    area = sum(
        x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring)
    )  # twice the area; counter-clockwise it is positive
    return ring if area >= 0 else ring[::-1]


def _is_position(found: Any) -> bool:
    return (
        isinstance(found, list)
        and len(found) == 2
        and all(isinstance(each, int | float) and not isinstance(each, bool) for each in found)
        and abs(found[0]) <= 180
        and abs(found[1]) <= 90
    )
