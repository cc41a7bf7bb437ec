"""QR plates: what hangs at a place's door, in both languages and black on white.

Holds no state of opening.

A plate hangs for years, so nothing on it changes with the hour: the code leads to the page that
knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import segno
from markupsafe import Markup

from app.pages import place
from app.pages.labels import labels
from app.words import Language, say
from geodata.snapshot.snapshot import Snapshot
from geodata.vocabulary import Need

#: A quarter of the code may be scratched, wet or stuck over, and it still reads (ISO/IEC 18004,
#: level Q).
_LEVEL: Final = "q"
#: The margin that ISO/IEC 18004 asks for, in modules.
_QUIET: Final = 4
#: Codes kept, 2 kB each: choosing the mask takes 10 ms (measured 2026-11), and a sheet is often
#: printed again.
_KEPT: Final = 1_024


@dataclass(frozen=True, slots=True)
class PlateTexts:
    """What a plate says in one language."""

    language: Language
    name: str
    """Empty where the place has no name in this language."""
    kind: str
    scan: str
    hours_title: str
    hours: str
    needs: tuple[str, ...]
    """In the order of Plate.needs."""
    services: str
    sample: str
    brand: str


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate: Chinese first, English beneath."""

    id: str
    kind: str
    """The vocabulary's word, which names the icon."""
    qr: Markup
    """An SVG of `url`."""
    url: str
    address: str
    """The same without its scheme, to be typed by hand."""
    needs: tuple[Need, ...]
    chinese: PlateTexts
    english: PlateTexts


def plate(snapshot: Snapshot, row: int, origin: str, token: str = "") -> Plate:
    """The plate of the place in a row. `origin` is the site's own address and ends in a slash;
    `token` signs it, and stands in the code only.
    """
    facts, place_id = place.read(snapshot, row), snapshot.id_of(row)
    url = f"{origin}p/{place_id}"
    return Plate(
        id=place_id,
        kind=facts.kind,
        qr=qr(f"{url}#k={token}" if token else url),
        url=url,
        address=url.partition("://")[2],
        needs=tuple(place.offered(facts.services)),
        chinese=_said(facts, facts.name, Language.CHINESE),
        english=_said(facts, facts.name_en or "", Language.ENGLISH),
    )


def plates(snapshot: Snapshot, rows: Sequence[int], origin: str) -> tuple[Plate, ...]:
    """The plates of rows, in their order."""
    return tuple(plate(snapshot, row, origin) for row in rows)


@lru_cache(maxsize=_KEPT)
def qr(text: str) -> Markup:
    """A QR code as an SVG of two colours, one unit a module, with its quiet zone."""
    code = segno.make_qr(text, error=_LEVEL)
    drawn = code.svg_inline(
        border=_QUIET, omitsize=True, svgclass="qr", lineclass=None, light="#fff"
    )
    return Markup(drawn)  # noqa: S704  # numbers and colours; the text stands in it as modules only


def _said(facts: place.Facts, name: str, language: Language) -> PlateTexts:
    words = labels(language)
    return PlateTexts(
        language=language,
        name=name,
        kind=words["kinds"][facts.kind],
        scan=say(language, "Scan for opening hours, navigation and feedback"),
        hours_title=say(language, "Opening hours"),
        hours=_hours(facts, language),
        needs=tuple(words["needs"][need] for need in place.offered(facts.services)),
        services=say(language, ", ").join(words["services"][service] for service in facts.services),
        sample=say(language, "SAMPLE"),
        brand=say(language, "Nuanfeng"),
    )


def _hours(facts: place.Facts, language: Language) -> str:
    """As published, for Chinese readers; in OSM's short English days for others."""
    published = facts.opening_hours_text if language is Language.CHINESE else None
    return published or facts.opening_hours or say(language, "Unknown")
