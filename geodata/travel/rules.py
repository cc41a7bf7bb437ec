"""What OpenStreetMap's tags mean for one who walks, rides an e-bike, drives a car or a truck.

Pure; reads no file.

One table a question: where a mode may go, how fast, which way round, and what stops it. The
sources:

- OpenStreetMap wiki, "Access" (hierarchies of keys), "Key:oneway", "Key:barrier",
  "Relation:restriction".
- 道路交通安全法实施条例 (State Council order 405, 2004), art. 45, 46, 58, 78: limits where none is
  tagged, 15 km/h for
  e-bikes in bicycle lanes, 100 km/h for trucks on motorways.
- GB 1589-2016: the largest two-axle truck, which is the truck meant here.

A limit is not a pace. PACE says which share of it is driven with junctions and traffic: an
assumption, set so that town streets give about the 6 m/s of `straight`; no measurement of Shenzhen
stands behind it. Not read, and so not heeded: conditional tags (`*:conditional`), lanes, gradients,
traffic of the hour.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from geodata.estimate import SPEED_M_S
from geodata.vocabulary import Mode

Tags = Mapping[str, str]

#: Pushing an e-bike, and walking: as in `straight`.
WALK_M_S: Final = SPEED_M_S[Mode.WALK]
#: The limit for e-bikes in bicycle lanes (art. 58), which `straight` rounds.
RIDE_M_S: Final = 15 / 3.6
#: Stairs: a third of the pace along them on the map.
STEPS_M_S: Final = WALK_M_S / 3
#: Unmade ground, of the pace on a made one (both for wheels and for feet on sand).
ROUGH_PACE: Final = 0.6

#: Limits in km/h where none is tagged (art. 45, 46), by class of road.
LIMIT_KM_H: Final[Mapping[str, float]] = {
    "motorway": 100, "motorway_link": 50, "trunk": 80, "trunk_link": 40, "primary": 60,
    "primary_link": 40,
    "secondary": 50, "secondary_link": 40, "tertiary": 40, "tertiary_link": 30, "unclassified": 40,
    "residential": 30, "living_street": 20, "service": 20, "road": 30, "track": 20,
}  # fmt: skip
#: The share of its limit that a road is driven at: roads without crossings, and all others.
PACE: Final[Mapping[str, float]] = {
    "motorway": 0.9,
    "motorway_link": 0.8,
    "trunk": 0.75,
    "trunk_link": 0.75,
}
PACE_ELSEWHERE: Final = 0.55
TRUCK_LIMIT_KM_H: Final = 100.0
#: A truck pulls away slowly: of a car's pace in town, as in `straight`.
TRUCK_PACE: Final = SPEED_M_S[Mode.TRUCK] / SPEED_M_S[Mode.DRIVE]

#: Ways without cars. Wheels are pushed along those for feet, at walking pace, unless `bicycle` says
#: that one may ride.
FOOTWAYS: Final = frozenset(
    {"footway", "pedestrian", "path", "bridleway", "corridor", "platform", "elevator"}
)
#: A rider pushes here, but not along a corridor, a platform or through a lift.
_PUSHED: Final = frozenset({"footway", "pedestrian", "path"})

#: Keys that grant or forbid, the nearest to the mode first: the first one that stands decides.
ACCESS_KEYS: Final[Mapping[Mode, tuple[str, ...]]] = {
    Mode.WALK: ("foot", "access"),
    Mode.RIDE: ("electric_bicycle", "bicycle", "vehicle", "access"),
    Mode.DRIVE: ("motorcar", "motor_vehicle", "vehicle", "access"),
    Mode.TRUCK: ("hgv", "goods", "motor_vehicle", "vehicle", "access"),
}
#: Everything else that stands (private, agricultural, bus, military, …) forbids; an unknown word is
#: no permission.
OPEN_WORDS: Final = frozenset(
    {
        "yes",
        "designated",
        "official",
        "permissive",
        "destination",
        "customers",
        "delivery",
        "public",
        "unknown",
        "limited",
    }
)
#: One gets off and pushes.
_DISMOUNT: Final = "dismount"

#: The truck meant: a loaded two-axle lorry at the limits of GB 1589-2016, in metres and tonnes.
TRUCK: Final[Mapping[str, float]] = {
    "maxheight": 4.0,
    "maxheight:physical": 4.0,
    "maxwidth": 2.55,
    "maxlength": 12.0,
    "maxweight": 18.0,
}

#: Barriers on a node that stop a mode where no access tag on them says otherwise. Gates are open by
#: themselves.
_POSTS: Final = frozenset({Mode.DRIVE, Mode.TRUCK})
_WHEELS: Final = frozenset({Mode.RIDE, *_POSTS})
BARRIERS: Final[Mapping[str, frozenset[Mode]]] = {
    "bollard": _POSTS, "block": _POSTS, "planter": _POSTS, "jersey_barrier": _POSTS,
    "cycle_barrier": _POSTS,
    "chain": _POSTS, "rope": _POSTS, "log": _POSTS, "debris": _POSTS, "motorcycle_barrier": _POSTS,
    "bus_trap": _POSTS, "sump_buster": _POSTS,
    "stile": _WHEELS, "turnstile": _WHEELS, "kissing_gate": _WHEELS,
    "full-height_turnstile": _WHEELS,
    "wall": frozenset(Mode), "fence": frozenset(Mode), "border_control": frozenset(Mode),
}  # fmt: skip
#: Controls of a border: no permission opens them, for the other side is not the city.
_BORDER: Final = "border_control"

#: What a restriction calls the modes that obey it. Feet do not, and a rider gets off and crosses on
#: foot.
_TURNING: Final[Mapping[Mode, tuple[str, ...]]] = {
    Mode.DRIVE: ("motorcar", "motor_vehicle"),
    Mode.TRUCK: ("hgv", "goods", "motor_vehicle"),
}

_FEET: Final = re.compile(r"(\d+)'(?:\s*(\d+)\")?")
_NUMBER: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z/]*)")
#: Units to metres, tonnes or km/h.
_UNITS: Final[Mapping[str, float]] = {
    "": 1.0,
    "m": 1.0,
    "t": 1.0,
    "km/h": 1.0,
    "kmh": 1.0,
    "kph": 1.0,
    "mph": 1.609344,
    "kg": 0.001,
    "ft": 0.3048,
}


class Pace(NamedTuple):
    """Metres per second along a way as drawn, and against it; 0 is closed."""

    forward_m_s: float
    backward_m_s: float

    @property
    def is_open(self) -> bool:
        """Whether the way can be used at all."""
        return self.forward_m_s > 0 or self.backward_m_s > 0


CLOSED: Final = Pace(0.0, 0.0)


class Turn(NamedTuple):
    """What a restriction says: whether it names the one turn that is allowed, or one
    that is not.
    """

    only: bool


def pace(tags: Tags, mode: Mode) -> Pace:
    """How fast a way is travelled in each direction; CLOSED where the mode may not or cannot go."""
    speed = _SPEEDS[mode](tags)
    if speed == 0.0 or not _fits(tags, mode):
        return CLOSED
    forward, backward = directions(tags, mode)
    return Pace(speed if forward else 0.0, speed if backward else 0.0)


def may(tags: Tags, mode: Mode) -> bool | None:
    """Whether tags grant or forbid access to a mode; None where none says anything."""
    for key in ACCESS_KEYS[mode]:
        if key in tags:
            return tags[key] in OPEN_WORDS
    return None


def stops(tags: Tags, mode: Mode) -> bool:
    """Whether a node ends the way for a mode: by its barrier, its access tags or, for a truck, its
    measures.
    """
    barrier = tags.get("barrier")
    if barrier == _BORDER or not _fits(tags, mode):
        return True
    granted = may(tags, mode)
    if granted is None:
        return mode in BARRIERS.get(barrier or "", frozenset())
    return not granted and not (mode is Mode.RIDE and tags.get("bicycle") == _DISMOUNT)


def directions(tags: Tags, mode: Mode) -> tuple[bool, bool]:
    """Whether a way is open as drawn, and against it. Feet heed only what is said to feet."""
    if mode is Mode.WALK:
        return _said(tags.get("oneway:foot", "no"))
    if mode is Mode.RIDE and (own := _contraflow(tags)) is not None:
        return own
    if "oneway" in tags:
        return _said(tags["oneway"])
    turns = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    return _said("yes" if turns else "no")


def restriction(tags: Tags, mode: Mode) -> Turn | None:
    """What a relation of type restriction says to a mode, or None."""
    words = _TURNING.get(mode, ())
    excepted = {word.strip() for word in tags.get("except", "").split(";")}
    if not words or excepted.intersection(words):
        return None
    for key in (*(f"restriction:{word}" for word in words), "restriction"):
        said = tags.get(key, "")
        if said.startswith(("no_", "only_")):
            return Turn(only=said.startswith("only_"))
    return None


def measure(text: str) -> float | None:
    """A tagged measure in metres, tonnes or km/h.

    None where it is none (`default`, `signals`, `CN:urban`).
    """
    said = text.strip().lower()
    if feet := _FEET.fullmatch(said):
        return 0.3048 * (int(feet[1]) + int(feet[2] or 0) / 12)
    found = _NUMBER.fullmatch(said)
    if found is None or found[2] not in _UNITS:
        return None
    return float(found[1]) * _UNITS[found[2]]


def _said(oneway: str) -> tuple[bool, bool]:
    """A value of `oneway`.

    Of a reversible way nobody knows the direction, so it is open in none.
    """
    if oneway in ("yes", "true", "1"):
        return True, False
    if oneway in ("-1", "reverse"):
        return False, True
    return (False, False) if oneway in ("reversible", "alternating") else (True, True)


def _contraflow(tags: Tags) -> tuple[bool, bool] | None:
    """What is said to bicycles about direction, where anything is."""
    if "oneway:bicycle" in tags:
        return _said(tags["oneway:bicycle"])
    lanes = (
        tags.get(key, "")
        for key in ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
    )
    return (True, True) if any(lane.startswith("opposite") for lane in lanes) else None


def _fits(tags: Tags, mode: Mode) -> bool:
    if mode is not Mode.TRUCK:
        return True
    limits = ((measure(tags[key]), size) for key, size in TRUCK.items() if key in tags)
    return all(limit is None or limit >= size for limit, size in limits)


def _rough(tags: Tags) -> float:
    return ROUGH_PACE if tags.get("surface") in _ROUGH else 1.0


_ROUGH: Final = frozenset(
    {
        "unpaved",
        "ground",
        "dirt",
        "earth",
        "grass",
        "gravel",
        "fine_gravel",
        "pebblestone",
        "mud",
        "sand",
        "rock",
    }
)


def _walking(tags: Tags) -> float:
    if not _open_to(tags, may(tags, Mode.WALK)):
        return 0.0
    road = tags.get("highway", "")
    if road == "steps":
        return STEPS_M_S
    return (
        WALK_M_S * _rough(tags)
        if road in LIMIT_KM_H or road in FOOTWAYS or road == "cycleway"
        else 0.0
    )


def _riding(tags: Tags) -> float:
    road, granted = tags.get("highway", ""), may(tags, Mode.RIDE)
    if road not in LIMIT_KM_H and road not in _PUSHED and road != "cycleway":
        return 0.0
    pushed = tags.get("bicycle") == _DISMOUNT or (granted is None and road in _PUSHED)
    if pushed:
        return WALK_M_S * _rough(tags) if may(tags, Mode.WALK) is not False else 0.0
    return RIDE_M_S * _rough(tags) if _open_to(tags, granted) else 0.0


def _driving(tags: Tags) -> float:
    return _motor(tags, Mode.DRIVE, 1e3) if tags.get("highway") in LIMIT_KM_H else 0.0


def _trucking(tags: Tags) -> float:
    return (
        TRUCK_PACE * _motor(tags, Mode.TRUCK, TRUCK_LIMIT_KM_H)
        if tags.get("highway") in LIMIT_KM_H
        else 0.0
    )


def _motor(tags: Tags, mode: Mode, most_km_h: float) -> float:
    if may(tags, mode) is False:
        return 0.0
    road = tags["highway"]
    limit = min(measure(tags.get("maxspeed", "")) or LIMIT_KM_H[road], most_km_h)
    return limit / 3.6 * PACE.get(road, PACE_ELSEWHERE) * _rough(tags)


def _open_to(tags: Tags, granted: bool | None) -> bool:  # noqa: FBT001  # what `may` says
    """Whether those without motors may go: as granted, and where nothing is said, off the roads for
    motors only.
    """
    motors_only = tags.get("motorroad") == "yes" or tags.get("highway") in (
        "motorway",
        "motorway_link",
    )
    return not motors_only if granted is None else granted


_SPEEDS: Final = {
    Mode.WALK: _walking,
    Mode.RIDE: _riding,
    Mode.DRIVE: _driving,
    Mode.TRUCK: _trucking,
}
