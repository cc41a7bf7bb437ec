"""What a reader of /coverage can choose, as rows of links: needs, kinds, how one travels, how far.

Asks nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from app.response.mount import root
from app.words import Language, say
from geodata.vocabulary import Mode

#: Straight reaches to choose among: six, ten and eighteen minutes on foot, by the estimate, and
#: more.
REACHES_M: Final = (300, 500, 1_000, 2_000)
MINUTES: Final = (5, 10, 15, 30)
#: What is offered to who changes from metres to minutes, and back.
_FIRST_MINUTES: Final = "10"

#: The address's parameters as texts, without those that are not stated.
Stated = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice: its words, where it leads, and whether it is made."""

    text: str
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """Choices of which one is made."""

    title: str
    chips: tuple[Chip, ...]


def rows(
    stated: Stated, labels: Mapping[str, Mapping[str, str]], language: Language
) -> tuple[ChoiceRow, ...]:
    """All rows; `stated` as `CoveragePageQuery.stated` gives it."""
    modes = {
        "": say(language, "Straight line"),
        str(Mode.WALK): say(language, "On foot"),
        str(Mode.RIDE): say(language, "By e-bike"),
        str(Mode.DRIVE): say(language, "By car"),
        str(Mode.TRUCK): say(language, "By truck"),
    }
    return (
        _row(
            stated,
            say(language, "Needs"),
            "needs",
            {"": say(language, "Any place"), **labels["needs"]},
        ),
        _row(
            stated,
            say(language, "Kind"),
            "kinds",
            {"": say(language, "Any kind"), **labels["kinds"]},
        ),
        ChoiceRow(
            say(language, "How one goes"),
            tuple(_mode(stated, mode, text) for mode, text in modes.items()),
        ),
        _how_far(stated, language),
    )


def _row(stated: Stated, title: str, name: str, choices: Mapping[str, str]) -> ChoiceRow:
    made = stated.get(name, "")
    return ChoiceRow(
        title,
        tuple(
            Chip(text, _href(stated, **{name: value}), made == value)
            for value, text in choices.items()
        ),
    )


def _mode(stated: Stated, mode: str, text: str) -> Chip:
    """From metres to minutes, from one mode to another, and back to metres."""
    if not mode:
        return Chip(text, _href(stated, minutes="", mode=""), "minutes" not in stated)
    minutes = stated.get("minutes", _FIRST_MINUTES)
    chosen = "minutes" in stated and stated["mode"] == mode
    return Chip(text, _href(stated, reach_m="", minutes=minutes, mode=mode), chosen)


def _how_far(stated: Stated, language: Language) -> ChoiceRow:
    title = say(language, "Within reach")
    if "minutes" in stated:
        return _row(
            stated, title, "minutes", {str(n): say(language, "{n} min", n=n) for n in MINUTES}
        )
    return _row(stated, title, "reach_m", {str(reach): f"{reach:,} m" for reach in REACHES_M})


def _href(stated: Stated, **changed: str) -> str:
    asked = {**stated, **changed}
    return f"{root()}/coverage?{urlencode({name: value for name, value in asked.items() if value})}"
