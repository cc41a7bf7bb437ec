"""Where a point is, as a resident says it: its street office, and a landmark nearby."""

import math
from typing import TYPE_CHECKING, Final

from app.words import Language, say

if TYPE_CHECKING:
    from geodata.analysis.whereabouts import Whereabouts

#: A point this near a landmark is at it.
_AT_M: Final = 50.0


def where_text(at: "Whereabouts", language: Language) -> str:
    """A street office and a landmark in a language; empty where neither is known."""
    street = either(language, at.street, at.street_en)
    if math.isnan(at.metres):
        return street
    landmark = either(language, at.landmark, at.landmark_en)
    near = (
        say(language, "at {landmark}", landmark=landmark)
        if at.metres < _AT_M
        else say(
            language,
            "about {metres} m {direction} of {landmark}",
            metres=f"{10 * round(at.metres / 10):,}",
            direction=_direction(language, at.direction),
            landmark=landmark,
        )
    )
    return " · ".join(filter(None, (street, near)))


def either(language: Language, chinese: str, english: str) -> str:
    """A name in a language; the Chinese one where there is no other."""
    return (chinese if language is Language.CHINESE else english) or chinese


def _direction(language: Language, direction: str) -> str:
    return {
        "N": say(language, "north"),
        "NE": say(language, "north-east"),
        "E": say(language, "east"),
        "SE": say(language, "south-east"),
        "S": say(language, "south"),
        "SW": say(language, "south-west"),
        "W": say(language, "west"),
        "NW": say(language, "north-west"),
    }[direction]
