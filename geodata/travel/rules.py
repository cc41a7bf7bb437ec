"""What OpenStreetMap's tags mean for one who walks, rides an e-bike, drives a car or a truck.

Pure; reads no file.

One table a question: how fast, what stops a mode, which turns are forbidden. Who may go where, and
which way round, stands in access.py; who fits, in limits.py. The sources:

- OpenStreetMap wiki, "Key:barrier", "Key:maxspeed", "Relation:restriction".
- 道路交通安全法实施条例 (State Council order 405, 2004), art. 45, 46, 58, 78: limits where none is
  tagged, 15 km/h for
  e-bikes in bicycle lanes, 100 km/h for trucks on motorways.
- GB 1589-2016: the largest two-axle truck, which is the truck meant here.

A limit is not a pace. PACE, PACE_ELSEWHERE and TRUCK_PACE say which share of it is driven with
junctions and traffic: assumptions, each told where it stands, for no measurement of a city stands
behind them. `nuanfeng network calibrate` (calibrate.py) fits them to an operator's own trips. What
is not read is listed in the room's README.
"""

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Final, NamedTuple

from geodata.estimate import SPEED_M_S
from geodata.travel.access import (
    BACKWARD,
    FORWARD,
    KEYS,
    OWN_KEYS,
    Permission,
    Tags,
    granted,
    towards,
)
from geodata.travel.conditions import settled
from geodata.travel.limits import fits, measure
from geodata.vocabulary import Mode

#: Pushing an e-bike, and walking: as in `estimate`.
WALK_M_S: Final = SPEED_M_S[Mode.WALK]
#: The limit for e-bikes in bicycle lanes (art. 58), which `estimate` rounds.
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
#: The share of its limit that a road is driven at.
PACE: Final[Mapping[str, float]] = {
    "motorway": 0.9,  # assumed: no crossings, flow near the limit outside the rush hours
    "motorway_link": 0.8,  # assumed: a bend, and a merge
    "trunk": 0.75,  # assumed: few crossings
    "trunk_link": 0.75,  # assumed: as the road it leads to
}
#: Assumed for all others: with signals and crossings, so that a street of 40 km/h is driven at the
#: 6 m/s that estimate.SPEED_M_S has for a car in town.
PACE_ELSEWHERE: Final = 0.55
TRUCK_LIMIT_KM_H: Final = 100.0
#: Assumed: a truck pulls away slowly. Of a car's pace, as estimate.SPEED_M_S has both in town.
TRUCK_PACE: Final = SPEED_M_S[Mode.TRUCK] / SPEED_M_S[Mode.DRIVE]

#: Ways without cars. Wheels are pushed along those for feet, at walking pace, unless `bicycle` says
#: that one may ride.
FOOTWAYS: Final = frozenset(
    {"footway", "pedestrian", "path", "bridleway", "corridor", "platform", "elevator"}
)
#: A rider pushes here, but along a corridor, a platform or through a lift only if it is said.
_PUSHED: Final = frozenset({"footway", "pedestrian", "path"})

_MOTORWAYS: Final = frozenset({"motorway", "motorway_link"})
#: Roads for others, open only to those of whom it is said by name.
_BY_NAME: Final = frozenset({"busway"})
#: Ways up stairs for wheels (wiki, "Key:ramp").
_RAMPS: Final = ("ramp", "ramp:bicycle", "ramp:wheelchair", "ramp:stroller")
#: What no wheel passes, and what is left to tractors (wiki, "Key:smoothness").
_IMPASSABLE: Final = "impassable"
_FOR_TRACTORS: Final = frozenset({"horrible", "very_horrible", _IMPASSABLE})
#: Stones to step on through water (wiki, "Key:ford").
_STEPPING_STONES: Final = "stepping_stones"
#: For engines of the fire brigade (wiki, "Tag:service=emergency_access").
_EMERGENCY: Final = "emergency_access"
#: `maxspeed=walk`, in km/h (wiki, "Key:maxspeed").
_AT_A_WALK_KM_H: Final = 6.0
#: Ways for feet or bicycles that motors may enter only where a key of theirs says so, at such a
#: limit (wiki, "Key:access": what is said of a mode goes before what its class of road implies).
_NOT_FOR_MOTORS: Final = frozenset({"pedestrian", "footway", "path", "cycleway", "bridleway"})
_FEET_FIRST_KM_H: Final = 10.0

#: Grades of mountain paths (wiki, "Key:sac_scale"): from T4 on hands are needed, and nobody is sent
#: there on foot; from T2 on nobody pushes a bicycle.
_CLIMBED: Final = frozenset({"alpine_hiking", "demanding_alpine_hiking", "difficult_alpine_hiking"})
_NOT_FOR_WHEELS: Final = _CLIMBED | {"mountain_hiking", "demanding_mountain_hiking"}

#: Barriers on a node that stop a mode where no access tag on them says otherwise (wiki,
#: "Key:barrier"). A word that is not here stops motors: an unknown one is no permission.
_POSTS: Final = frozenset({Mode.DRIVE, Mode.TRUCK})
_WHEELS: Final = frozenset({Mode.RIDE, *_POSTS})
BARRIERS: Final[Mapping[str, frozenset[Mode]]] = {
    "bollard": _POSTS, "block": _POSTS, "planter": _POSTS, "jersey_barrier": _POSTS,
    "cycle_barrier": _POSTS,
    "chain": _POSTS, "rope": _POSTS, "log": _POSTS, "debris": _POSTS, "motorcycle_barrier": _POSTS,
    "bus_trap": _POSTS, "sump_buster": _POSTS,
    "stile": _WHEELS, "turnstile": _WHEELS, "kissing_gate": _WHEELS,
    "full-height_turnstile": _WHEELS, "horse_stile": _WHEELS,
    "wicket_gate": _POSTS,
    **dict.fromkeys(
        ("wall", "fence", "hedge", "retaining_wall", "city_wall", "border_control"),
        frozenset(Mode),
    ),
    "height_restrictor": frozenset({Mode.TRUCK}),
    **dict.fromkeys((
        "gate", "lift_gate", "swing_gate", "sliding_gate", "hampshire_gate", "bump_gate",
        "sally_port", "entrance", "toll_booth", "kerb", "cattle_grid", "checkpoint", "security",
        "rumble_strip", "speed_bump", "arch", "no",
    ), frozenset[Mode]()),
}  # fmt: skip
#: Controls of a border: no permission opens them, for the other side is not the city.
_BORDER: Final = "border_control"

#: What a restriction calls the modes that obey it, the narrowest word first. Feet do not, and a
#: rider gets off and crosses on foot.
_TURNING: Final[Mapping[Mode, tuple[str, ...]]] = {
    Mode.DRIVE: KEYS[Mode.DRIVE][:-1],
    Mode.TRUCK: KEYS[Mode.TRUCK][:-1],
}
#: The turns that bind: value of `restriction` to whether it names the only turn allowed. Others
#: (`no_right_turn_on_red`, `give_way`, `stop`) are about signals and signs, not about ways.
RESTRICTIONS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(
        ("no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "no_entry", "no_exit"),
        False,
    ),
    **dict.fromkeys(("only_left_turn", "only_right_turn", "only_straight_on", "only_u_turn"), True),
}


class Pace(NamedTuple):
    """Metres per second along a way as drawn, and against it; 0 is closed."""

    forward_m_s: float
    backward_m_s: float
    to_doors_only: bool = False
    """On wheels one may go to a door on it or come from one, but not through."""

    @property
    def is_open(self) -> bool:
        """Whether the way can be used at all."""
        return self.forward_m_s > 0 or self.backward_m_s > 0


CLOSED: Final = Pace(0.0, 0.0)


class Snappable(IntEnum):
    """Whether points beside a way belong to it. The numbers are part of the stored format."""

    NEVER = 0
    """Nobody gets out, or comes onto it, there: a motorway."""
    ABOVE_OR_BELOW = 1
    """A bridge or a tunnel: what lies beside it on the map is on other ground, so a road on the
    ground comes first.
    """
    GROUND = 2


class Turn(NamedTuple):
    """What a restriction says: whether it names the one turn that is allowed, or one
    that is not.
    """

    only: bool


def pace(tags: Tags, mode: Mode) -> Pace:
    """How fast a way is travelled in each direction; CLOSED where the mode may not or cannot go."""
    if mode is not Mode.WALK and tags.get("ford") == _STEPPING_STONES:
        return CLOSED
    said = settled(tags, mode)
    there, back = (_towards(said, mode, direction) for direction in (FORWARD, BACKWARD))
    speeds = there.forward_m_s, back.backward_m_s
    return Pace(*speeds, there.to_doors_only or back.to_doors_only) if any(speeds) else CLOSED


def _towards(tags: Tags, mode: Mode, direction: str) -> Pace:
    said = towards(tags, mode, direction)
    if said is Permission.NO or not fits(tags, mode, direction):
        return CLOSED
    speed = _SPEEDS[mode](tags, direction, said)
    on_wheels = speed > 0.0 and mode is not Mode.WALK
    return Pace(speed, speed, on_wheels and said is Permission.DESTINATION)


def snappable(tags: Tags) -> Snappable:
    """Whether points beside a way belong to it, by its class and by what it lies on."""
    if tags.get("highway") in _MOTORWAYS or tags.get("motorroad") == "yes":
        return Snappable.NEVER
    bridged = tags.get("bridge", "no") != "no"
    dug = tags.get("tunnel", "no") not in ("no", "building_passage")
    level = tags.get("layer", "0").strip() not in ("", "0")
    return Snappable.ABOVE_OR_BELOW if bridged or dug or level else Snappable.GROUND


def stops(tags: Tags, mode: Mode) -> bool:
    """Whether a node ends the way for a mode: by its barrier, that barrier's access tags, or the
    measures of what stands there.

    Access tags on a node without a barrier are about the thing on it (a crossing, a bus stop), not
    about the road.
    """
    if mode is not Mode.WALK and tags.get("ford") == _STEPPING_STONES:
        return True
    tags = settled(tags, mode)
    barrier = tags.get("barrier")
    if barrier == _BORDER or not fits(tags, mode):
        return True
    if barrier is None:
        return False
    said = granted(tags, mode)
    if said is not None:
        return said is Permission.NO
    measured = barrier == "height_restrictor" and "maxheight" in tags
    return not measured and (mode in BARRIERS.get(barrier, _POSTS) or tags.get("locked") == "yes")


def restriction(tags: Tags, mode: Mode) -> Turn | None:
    """What a relation of type restriction says to a mode, or None."""
    words = _TURNING.get(mode, ())
    excepted = {word.strip() for word in re.split("[;,]", tags.get("except", "").lower())}
    _, _, only_for = tags.get("type", "").partition(":")
    if not words or excepted.intersection(words) or (only_for and only_for not in words):
        return None
    for key in (*(f"restriction:{word}" for word in words), "restriction"):
        if key in tags:
            each = (word.strip() for word in tags[key].lower().split(";"))
            known = [RESTRICTIONS[word] for word in each if word in RESTRICTIONS]
            return Turn(known[0]) if known else None
    return None


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


def _graded(tags: Tags, grades: frozenset[str]) -> bool:
    """Whether a mountain path has one of these grades; of a run of several the hardest counts."""
    return not grades.isdisjoint(map(str.strip, tags.get("sac_scale", "").split(";")))


def _walking(tags: Tags, direction: str, _: Permission | None) -> float:
    if not _is_open(tags, Mode.WALK, direction) or _graded(tags, _CLIMBED):
        return 0.0
    road = tags.get("highway", "")
    if road == "steps":
        return STEPS_M_S
    is_walked = road in LIMIT_KM_H or road in FOOTWAYS or road in _BY_NAME or road == "cycleway"
    return WALK_M_S * _rough(tags) if is_walked else 0.0


def _riding(tags: Tags, direction: str, said: Permission | None) -> float:
    road, smooth = tags.get("highway", ""), tags.get("smoothness")
    if smooth == _IMPASSABLE or not _is_open(tags, Mode.RIDE, direction):
        return 0.0
    if road in FOOTWAYS or road == "steps":
        said = towards(tags, Mode.RIDE, direction, KEYS[Mode.RIDE][:-1])
        if said is None and not (road in _PUSHED or _has_ramp(tags)):
            return 0.0
    elif road not in LIMIT_KM_H and road not in _BY_NAME and road != "cycleway":
        return 0.0
    is_on_foot = said is None and road in (*FOOTWAYS, "steps")
    if is_on_foot or said is Permission.DISMOUNT or road in _NEVER_RIDDEN:
        return _pushing(tags, direction)
    limit = min(RIDE_M_S, _stated_m_s(tags, direction, "bicycle") or RIDE_M_S)
    return WALK_M_S if smooth in _FOR_TRACTORS else limit * _rough(tags)


#: Here a rider gets off, whatever is said.
_NEVER_RIDDEN: Final = frozenset({"steps", "elevator"})


def _pushing(tags: Tags, direction: str) -> float:
    """A bicycle goes where its rider may walk, up stairs as slowly."""
    may_walk = towards(tags, Mode.WALK, direction) is not Permission.NO
    if not may_walk or _graded(tags, _NOT_FOR_WHEELS) or tags.get("conveying", "no") != "no":
        return 0.0
    return STEPS_M_S if tags.get("highway") == "steps" else WALK_M_S * _rough(tags)


def _has_ramp(tags: Tags) -> bool:
    stairs = tags.get("highway") == "steps"
    return stairs and any(tags.get(key, "no") not in ("no", "separate") for key in _RAMPS)


def _driving(tags: Tags, direction: str, _: Permission | None) -> float:
    return _motor(tags, Mode.DRIVE, direction, 1e3)


def _trucking(tags: Tags, direction: str, _: Permission | None) -> float:
    return TRUCK_PACE * _motor(tags, Mode.TRUCK, direction, TRUCK_LIMIT_KM_H)


def _motor(tags: Tags, mode: Mode, direction: str, most_km_h: float) -> float:
    road = tags.get("highway", "")
    is_told = bool(granted(tags, mode, KEYS[mode][:-1]))
    if road in _NOT_FOR_MOTORS and is_told:
        return _FEET_FIRST_KM_H / 3.6 * PACE_ELSEWHERE
    is_kept_free = tags.get("service") == _EMERGENCY and not is_told
    if road not in LIMIT_KM_H or is_kept_free or tags.get("smoothness") in _FOR_TRACTORS:
        return 0.0
    limit_m_s = _stated_m_s(tags, direction, OWN_KEYS[mode][0]) or LIMIT_KM_H[road] / 3.6
    return min(limit_m_s, most_km_h / 3.6) * PACE.get(road, PACE_ELSEWHERE) * _rough(tags)


def _stated_m_s(tags: Tags, direction: str, whose: str) -> float | None:
    """The limit that a sign states, to all or to one mode (`maxspeed:hgv`); None: it states
    none.
    """
    keys = (f"maxspeed:{whose}:{direction}", f"maxspeed:{whose}", f"maxspeed:{direction}")
    for key in (*keys, "maxspeed"):
        text = tags.get(key, "")
        km_h = _AT_A_WALK_KM_H if text.endswith("walk") else measure(text)
        if km_h:
            return km_h / 3.6
    return None


def _is_open(tags: Tags, mode: Mode, direction: str) -> bool:
    """Whether those without motors may go by the class of road: onto roads for motors only, and for
    buses, where they are named. `access=yes` there is said to motors.
    """
    road = tags.get("highway", "")
    if tags.get("motorroad") != "yes" and road not in _MOTORWAYS and road not in _BY_NAME:
        return True
    return bool(towards(tags, mode, direction, OWN_KEYS[mode]))


_SPEEDS: Final = {
    Mode.WALK: _walking,
    Mode.RIDE: _riding,
    Mode.DRIVE: _driving,
    Mode.TRUCK: _trucking,
}
