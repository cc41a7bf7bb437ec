"""Measures on roads: what OpenStreetMap's limits say, and whether a vehicle fits. Pure.

A limit that cannot be read is a limit all the same: a truck does not go where nobody knows whether
it fits.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from geodata.travel.access import Tags
from geodata.vocabulary import Mode

#: Sizes of vehicles in metres and tonnes, by the key that limits them (wiki, "Key:maxheight",
#: "Key:maxweight", "Key:maxweightrating", "Key:maxaxleload"). The truck meant is a loaded two-axle
#: lorry at the limits of GB 1589-2016; the car a family's with a roof box and mirrors folded.
SIZES: Final[Mapping[Mode, Mapping[str, float]]] = {
    Mode.WALK: {},
    Mode.RIDE: {},
    Mode.DRIVE: {
        "maxheight": 1.8,
        "maxheight:physical": 1.8,
        "maxwidth": 1.9,
        "maxwidth:physical": 1.9,
    },
    Mode.TRUCK: {
        f"{key}{whom}": size
        for key, size in {
            "maxheight": 4.0,
            "maxheight:physical": 4.0,
            "maxwidth": 2.55,
            "maxwidth:physical": 2.55,
            "maxlength": 12.0,
            "maxweight": 18.0,
            "maxweightrating": 18.0,
            "maxaxleload": 11.5,
        }.items()
        for whom in ("", ":hgv")
    },
}
#: Every key that may be about a vehicle's size.
KEYS: Final = tuple(sorted({key for sizes in SIZES.values() for key in sizes}))

#: Words that say that there is no limit beyond the law's. `below_default` is none of them.
_NO_LIMIT: Final = frozenset(
    {"", "none", "no", "default", "unsigned", "no_sign", "no_indications", "unlimited"}
)
_FEET: Final = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:'|ft|feet|foot)\s*(?:-?\s*(\d+(?:\.\d+)?)\s*(?:\"|in|inch|inches)?)?"
)
_NUMBER: Final = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+[.,]\d+|\d+|[.,]\d+)\s*([a-z/\" ]*)")
#: What is typed for a unit or its sign, and the words of Chinese signs.
_TYPED: Final = str.maketrans("′’‘`´″”“", "'''''\"\"\"")
_HAN_UNITS: Final = (
    ("公斤", "kg"),
    ("千克", "kg"),
    ("公分", "cm"),
    ("厘米", "cm"),
    ("公尺", "m"),
    ("毫米", "mm"),
    ("米", "m"),
    ("公吨", "t"),
    ("吨", "t"),
)
_HAN_ASIDE: Final = re.compile(r"^(?:限[高重宽长载]|轴重)[::]?\s*")
#: Units to metres, tonnes or km/h.
_UNITS: Final[Mapping[str, float]] = {
    "": 1.0,
    "m": 1.0, "meter": 1.0, "metre": 1.0, "meters": 1.0, "metres": 1.0,
    "cm": 0.01, "mm": 0.001, "in": 0.0254, "inch": 0.0254, "inches": 0.0254, '"': 0.0254,
    "t": 1.0, "to": 1.0, "ton": 1.0, "tons": 1.0, "tonne": 1.0, "tonnes": 1.0, "mt": 1.0,
    "metric ton": 1.0, "metric tons": 1.0,
    "kg": 0.001, "lbs": 0.00045359237, "lb": 0.00045359237, "kn": 1 / 9.80665,
    "st": 0.90718474, "short ton": 0.90718474, "short tons": 0.90718474,
    "lt": 1.0160469088, "long ton": 1.0160469088, "long tons": 1.0160469088,
    "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344,
}  # fmt: skip
#: Words behind a number that change nothing of it: maximum gross weight.
_ASIDE: Final = re.compile(r"\s*\b(?:mgw|mgv|gvw|gvm|max|maximum|gross|weight)\b\.?")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+")
#: In these units a comma before three digits parts thousands; in others it is a decimal comma.
_SMALL_UNITS: Final = frozenset({"kg", "lbs", "lb", "mm", "cm"})


def fits(tags: Tags, mode: Mode, direction: str = "") -> bool:
    """Whether a vehicle fits everywhere along a way, or through a thing on it. Of a way that is
    gone along in one direction, what is said of that one (`maxheight:forward`) goes first.

    Of a limit that cannot be read a car takes no notice (they are made for larger ones); a truck
    does not fit.
    """
    stated = (
        (tags.get(f"{key}:{direction}", tags.get(key, "")), size)
        for key, size in SIZES[mode].items()
    )
    return all(_admits(text, size, mode) for text, size in stated if text)


def _admits(text: str, size: float, mode: Mode) -> bool:
    parts = [part.strip().lower() for part in text.split(";")]
    limits = [measure(part) for part in parts if part not in _NO_LIMIT]
    if any(limit is None for limit in limits) and mode is Mode.TRUCK:
        return False
    return all(limit >= size for limit in limits if limit is not None)


def measure(text: str) -> float | None:
    """A tagged measure in metres, tonnes or km/h: `3.5`, `3,5 m`, `12'6"`, `7500 kg`, `6t mgw`,
    `4.5米`.

    None where it is none (`default`, `signals`, `CN:urban`) or cannot be read.
    """
    said = unicodedata.normalize("NFKC", text.translate(_TYPED)).replace("''", '"')
    said = _HAN_ASIDE.sub("", _ASIDE.sub("", said.strip().lower()).strip())
    for han, unit in _HAN_UNITS:
        said = said.replace(han, unit)
    if feet := _FEET.fullmatch(said):
        return 0.3048 * (float(feet[1]) + float(feet[2] or 0) / 12)
    found = _NUMBER.fullmatch(said)
    unit = found[2].strip() if found else ""
    if found is None or unit not in _UNITS:
        return None
    digits = found[1]
    grouped = unit in _SMALL_UNITS and _THOUSANDS.fullmatch(digits)
    if digits.count(",") > 1 and not grouped:
        return None
    return float(digits.replace(",", "" if grouped else ".")) * _UNITS[unit]
