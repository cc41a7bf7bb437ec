"""Conditions of tags that the vehicle itself decides: `hgv:conditional = no @ (weight>7.5)`. Pure.

Hours, seasons and permits are not decided here: a rule that hangs on one of them is as if it were
not said (wiki, "Conditional restrictions").
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Final

from geodata.travel.access import Tags
from geodata.travel.limits import measure
from geodata.vocabulary import Mode

_ENDING: Final = ":conditional"
#: What conditions ask about, in metres, tonnes and pieces, of the vehicles of `limits.SIZES`; what
#: no limit of a car speaks of is a family car's.
_VEHICLES: Final[Mapping[Mode, Mapping[str, float]]] = {
    Mode.WALK: {},
    Mode.RIDE: {},
    Mode.DRIVE: {
        "weight": 2.5,
        "maxweight": 2.5,
        "maxweightrating": 2.5,
        "axleload": 1.5,
        "height": 1.8,
        "width": 1.9,
        "length": 5.0,
        "axles": 2.0,
    },
    Mode.TRUCK: {
        "weight": 18.0,
        "maxweight": 18.0,
        "maxweightrating": 18.0,
        "axleload": 11.5,
        "height": 4.0,
        "width": 2.55,
        "length": 12.0,
        "axles": 2.0,
    },
}
_COMPARED: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}
#: One rule of several: what is said, and when.
_RULE: Final = re.compile(r"([^@;()]+)@\s*(?:\(([^()]*)\)|([^;()]+))")
_TERM: Final = re.compile(r"([a-z]+)\s*([<>]=?|=)\s*(.+)")


def settled(tags: Tags, mode: Mode) -> Tags:
    """The tags as they are said to the vehicle of a mode: of several rules that hold, the last."""
    rules = [key for key in tags if key.endswith(_ENDING)]
    if not rules:
        return tags
    said = dict(tags)
    for key in rules:
        for value, bracketed, bare in _RULE.findall(tags[key]):
            if _holds(bracketed or bare, _VEHICLES[mode]):
                said[key.removesuffix(_ENDING)] = value.strip()
    return said


def _holds(condition: str, vehicle: Mapping[str, float]) -> bool:
    """Whether all its terms are about the vehicle's size, and true."""
    terms = re.split(r"\s+and\s+", condition.strip().lower())
    return all(_is_true(term.strip(), vehicle) for term in terms)


def _is_true(term: str, vehicle: Mapping[str, float]) -> bool:
    found = _TERM.fullmatch(term)
    if found is None or found[1] not in vehicle:
        return False
    bound = measure(found[3])
    return bound is not None and _COMPARED[found[2]](vehicle[found[1]], bound)
