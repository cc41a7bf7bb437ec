"""A place as schema.org has it (JSON-LD), for programs that read its page: hours where they are
certain, services, position, address.

Guesses nothing: what is unknown is left out, and made-up places say that they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from app.pages.place import Facts, Sight
from app.words import Language, say
from geodata.snapshot.snapshot import Snapshot
from geodata.vocabulary import Kind, YesNo

#: schema.org's own type of a kind; of a kind that it has no word for a place.
_TYPES: Final[Mapping[Kind, str]] = {Kind.FRIENDLY_MERCHANT: "LocalBusiness"}
_WEEKDAYS: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
#: schema.org has no hour 24; this is how its vocabulary writes a day that is open throughout, and
#: a day that is closed.
_ALL_DAY: Final = ("00:00", "23:59")
_CLOSED: Final = ("00:00", "00:00")


def described(
    snapshot: Snapshot,
    row: int,
    seen: Sight,
    today: date,
    url: str,
    labels: Mapping[str, Mapping[str, str]],
    language: Language,
) -> dict[str, Any]:
    """The place in a row as a JSON-LD object; position in WGS-84 degrees, hours of the seven days
    from `today` on by the city's clock.
    """
    facts = seen.facts
    lon, lat = snapshot.lonlat[row].tolist()
    told = {
        "@context": "https://schema.org",
        "@type": _TYPES.get(facts.kind, "Place"),
        "@id": url,
        "url": url,
        "identifier": seen.entry.id,
        "name": facts.name,
        "alternateName": facts.name_en,
        "description": say(language, "Demo data: these places do not exist")
        if snapshot.about.synthetic
        else None,
        "geo": {"@type": "GeoCoordinates", "latitude": round(lat, 6), "longitude": round(lon, 6)},
        "address": _address(snapshot, facts),
        "telephone": list(seen.entry.phones) or None,
        "openingHoursSpecification": list(_hours(seen, today)) or None,
        "amenityFeature": [
            {
                "@type": "LocationFeatureSpecification",
                "name": labels["services"][service],
                "value": True,
            }
            for service in facts.services
        ]
        or None,
        "isAccessibleForFree": None if facts.fee is None else facts.fee is YesNo.NO,
    }
    return {name: value for name, value in told.items() if value is not None}


def _address(snapshot: Snapshot, facts: Facts) -> dict[str, str]:
    told = {
        "@type": "PostalAddress",
        "streetAddress": facts.address,
        "addressLocality": snapshot.about.city.name,
        "addressRegion": facts.district,
        "addressCountry": snapshot.about.city.country,
    }
    return {name: value for name, value in told.items() if value}


def _hours(seen: Sight, today: date) -> Iterator[dict[str, str]]:
    """Each certain span of the week on the day it begins; one past midnight closes before it
    opens.
    """
    for ahead, day in enumerate(seen.week):
        if day.unknown:
            continue
        on = today + timedelta(days=ahead)
        for opens, closes in _spans(day.spans):
            yield {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": f"https://schema.org/{_WEEKDAYS[on.weekday()]}",
                "opens": opens,
                "closes": closes,
                "validFrom": on.isoformat(),
                "validThrough": on.isoformat(),
            }


def _spans(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    if not texts:
        yield _CLOSED
    for text in texts:
        opens, _, closes = text.partition("-")
        if (opens, closes) == ("00:00", "24:00"):
            yield _ALL_DAY
        else:
            yield opens, "00:00" if closes == "24:00" else closes
