"""What speaks for and against a point that somebody puts: how far it lies from where the place was,
and whether it lies in the areas that the place and its address name.
"""

from typing import Final, NamedTuple

import numpy as np

from app.desk.charts import drawn_ground
from app.desk.views import DeskRequest
from app.words import Language, say
from geodata.space.coordinates import geodesic_m
from geodata.space.service_area import Outline

#: Who mends a pin moves it by less; more may be another datum, or the wrong place.
FAR_M: Final = 500.0
#: What the full name of a street office or a district ends with; other words name roads, too.
_ENDINGS: Final = ("街道", "区", "镇", "县", "市")


class PointEvidence(NamedTuple):
    """What is known of a point."""

    old: str
    """Where it was, "lon lat"; empty: it was nowhere."""
    moved_m: int | None
    """Metres from there; None: it was nowhere, or is there still."""
    district: str
    street: str
    """In whose outlines it lies; empty: in none."""
    against: tuple[str, ...]
    """Sentences; somebody must say that it is right all the same."""


class NamedAreas(NamedTuple):
    """Where a place should be by what is said of it."""

    district: str = ""
    street: str = ""
    address: str = ""
    coarse: str = ""
    """Where its address was found, "lon lat"; empty: nowhere."""
    within_m: float | None = None


def evidence(asked: DeskRequest, point: str, old: str, named: NamedAreas) -> PointEvidence:
    """Of a point, "lon lat" in WGS-84 as edits write it."""
    lon, lat = spot(point)
    district, street = _areas(asked, lon, lat)
    moved = apart_m(point, old) if old and old != point else None
    return PointEvidence(
        old,
        moved,
        district,
        street,
        tuple(_against(asked, (district, street), moved, _too_far(point, named), named)),
    )


def _against(
    asked: DeskRequest,
    found: tuple[str, str],
    moved: int | None,
    off: int | None,
    named: NamedAreas,
) -> list[str]:
    language: Language = asked.language
    district, street = found
    told: list[str] = []
    if moved is not None and moved > FAR_M:
        told.append(
            say(
                language,
                "It moves by {metres} m: is it another datum, or another place?",
                metres=moved,
            )
        )
    if off is not None:
        told.append(
            say(
                language,
                "The address was found {metres} m away from here, and within {within} m.",
                metres=off,
                within=round(named.within_m or 0),
            )
        )
    if street and named.street and street != named.street:
        told.append(
            say(
                language,
                "It lies in {found}, and the place counts to {named}.",
                found=street,
                named=named.street,
            )
        )
    elif district and named.district and district != named.district:
        told.append(
            say(
                language,
                "It lies in {found}, and the place counts to {named}.",
                found=district,
                named=named.district,
            )
        )
    if street:
        told += [
            say(
                language, "The address names {named}, and it lies in {found}.", named=each, found=at
            )
            for each, at in _other_names(asked, named.address, district, street)
        ]
    return told


def _other_names(
    asked: DeskRequest, address: str, district: str, street: str
) -> list[tuple[str, str]]:
    """The areas that an address names, written out, and in which the point does not lie."""
    divisions = asked.desk.divisions()
    names = [(each, street) for each in divisions.streets]
    names += [(each, district) for each in divisions.districts]
    return [
        (name, found)
        for name, found in names
        if name and name in address and name != found and name.endswith(_ENDINGS)
    ]


def _too_far(point: str, named: NamedAreas) -> int | None:
    if not named.coarse or named.within_m is None:
        return None
    away = apart_m(point, named.coarse)
    return away if away is not None and away > named.within_m else None


def _areas(asked: DeskRequest, lon: float, lat: float) -> tuple[str, str]:
    """The district and the street office in whose outlines a point lies; empty: in none."""
    ground, here = drawn_ground(asked), np.array([[lon, lat]])
    for office, rings in zip(ground.offices, ground.outlines, strict=True):
        xy = np.array([corner for ring in rings for corner in ring], np.float64)
        low, high = xy.min(axis=0), xy.max(axis=0)
        if not ((here[0] >= low) & (here[0] <= high)).all():
            continue
        starts = np.cumsum([0, *(len(ring) for ring in rings)]).astype(np.int32)
        if Outline(office.name, xy, starts).holds_each(here)[0]:
            return office.district, office.name
    return "", ""


def apart_m(one: str | None, other: str | None) -> int | None:
    """Metres between two points as edits write them; None where either is none."""
    if not one or not other:
        return None
    (x, y), (u, v) = spot(one), spot(other)
    return round(float(geodesic_m(x, y, np.array([u]), np.array([v]))[0]))


def spot(point: str) -> tuple[float, float]:
    """The longitude and latitude of a point as edits write it."""
    lon, lat = map(float, point.split())
    return lon, lat
