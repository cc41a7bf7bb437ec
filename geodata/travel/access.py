"""Who may go along a way, in which direction, by OpenStreetMap's tags. Pure; reads no file.

Two hierarchies decide. Of the modes the narrower word wins: what is said of bicycles counts before
what is said of vehicles, and that before `access` (wiki, "Key:access", "Transport mode
restrictions"). Of directions `bicycle:backward` counts before `bicycle` (the same page, "Conditions
and direction"), and the one-way street of a mode (`oneway:bicycle`) before that of all
(`oneway`; wiki, "Key:oneway").
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, NamedTuple

from geodata.vocabulary import Mode

Tags = Mapping[str, str]

FORWARD: Final = "forward"
BACKWARD: Final = "backward"


class Permission(IntEnum):
    """What is said to one who asks to go: of several words the highest counts."""

    NO = 0
    DISMOUNT = 1
    DESTINATION = 2
    """To get to a door on it, not to drive through."""
    YES = 3


_FOUR_WHEELS: Final = "double_tracked_motor_vehicle"
#: Keys that grant or forbid, the narrowest first. `goods` is for vans up to 3.5 t, a sibling of
#: `hgv`, and says nothing to a truck of 18 t (wiki, "Key:goods").
KEYS: Final[Mapping[Mode, tuple[str, ...]]] = {
    Mode.WALK: ("foot", "access"),
    Mode.RIDE: ("electric_bicycle", "bicycle", "vehicle", "access"),
    Mode.DRIVE: ("motorcar", _FOUR_WHEELS, "motor_vehicle", "vehicle", "access"),
    Mode.TRUCK: ("hgv", _FOUR_WHEELS, "motor_vehicle", "vehicle", "access"),
}
#: Of these the keys that speak of no other mode.
OWN_KEYS: Final[Mapping[Mode, tuple[str, ...]]] = {
    Mode.WALK: ("foot",),
    Mode.RIDE: ("electric_bicycle", "bicycle"),
    Mode.DRIVE: ("motorcar",),
    Mode.TRUCK: ("hgv",),
}
#: All other words (private, agricultural, bus, military, …) forbid: an unknown one is no
#: permission. Source: wiki, "Key:access", "List of possible values".
WORDS: Final[Mapping[str, Permission]] = {
    "yes": Permission.YES,
    "designated": Permission.YES,
    "official": Permission.YES,
    "permissive": Permission.YES,
    "public": Permission.YES,
    "discouraged": Permission.YES,
    "limited": Permission.YES,
    "optional_sidepath": Permission.YES,
    "destination": Permission.DESTINATION,
    "customers": Permission.DESTINATION,
    "delivery": Permission.DESTINATION,
    "local": Permission.DESTINATION,
    "dismount": Permission.DISMOUNT,
}
#: The mapper does not know: as if nothing were said.
_NOT_KNOWN: Final = "unknown"

_LANES: Final = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
_NO_LANE: Final = frozenset({"", "no", "none", "separate"})


class Directions(NamedTuple):
    """Whether a way is open as drawn, and against it."""

    forward: bool
    backward: bool

    def holds(self, direction: str) -> bool:
        """Of FORWARD or BACKWARD."""
        return self.forward if direction == FORWARD else self.backward


_BOTH: Final = Directions(forward=True, backward=True)


def granted(tags: Tags, mode: Mode, keys: tuple[str, ...] | None = None) -> Permission | None:
    """What is said to a mode, whichever way it goes; None: nothing. `keys`: only these."""
    return _first_said(tags, keys or KEYS[mode])


def towards(
    tags: Tags, mode: Mode, direction: str, keys: tuple[str, ...] | None = None
) -> Permission | None:
    """What is said to a mode that goes along a way in one direction; None: nothing, so it may
    where its class of road is open to it. `keys`: only what these say, and the one-way street.
    """
    keys = keys or KEYS[mode]
    for narrower, key in enumerate(keys, start=1):
        said = _said(tags.get(f"{key}:{direction}"))
        if said not in (None, Permission.NO):
            break
        own = _one_way(tags, key)
        if own is None:
            continue
        if not own.holds(direction):
            return Permission.NO
        # It is open to this mode: what broader keys say of directions is said to others.
        return _first_said(tags, _directed(keys[:narrower], direction) + keys)
    else:
        if not _common(tags, mode).holds(direction):
            return Permission.NO
    return _first_said(tags, _directed(keys, direction))


def _directed(keys: tuple[str, ...], direction: str) -> tuple[str, ...]:
    return tuple(each for key in keys for each in (f"{key}:{direction}", key))


def _first_said(tags: Tags, keys: tuple[str, ...]) -> Permission | None:
    return next((said for key in keys if (said := _said(tags.get(key))) is not None), None)


def _said(text: str | None) -> Permission | None:
    """A value of an access key; of several (`destination;delivery`) the one that grants most."""
    words = {word.strip() for word in (text or "").lower().split(";")} - {"", _NOT_KNOWN}
    return max((WORDS.get(word, Permission.NO) for word in words), default=None)


def _one_way(tags: Tags, key: str) -> Directions | None:
    """What is said of direction to one group of modes; None: nothing."""
    if f"oneway:{key}" in tags:
        return _read(tags[f"oneway:{key}"])
    if key == "bicycle" and any(_runs_against(tags, lane) for lane in _LANES):
        return _BOTH
    return None


def _runs_against(tags: Tags, lane: str) -> bool:
    """Whether a lane for bicycles runs against a one-way street (wiki, "Key:cycleway")."""
    kind = tags.get(lane, "")
    if kind.startswith("opposite"):
        return True
    return kind not in _NO_LANE and tags.get(f"{lane}:oneway") in ("-1", "no")


def _common(tags: Tags, mode: Mode) -> Directions:
    """The direction of all traffic; feet heed only a stair or walkway that moves."""
    if mode is Mode.WALK:
        return _moving(tags)
    if "oneway" in tags:
        return _read(tags["oneway"])
    turns = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    return Directions(forward=True, backward=not turns)


def _moving(tags: Tags) -> Directions:
    """An escalator: `conveying` (wiki, "Key:conveying"); of one that merely moves the way it is
    drawn is known only with `oneway`.
    """
    moves = tags.get("conveying", "no")
    if moves in ("forward", "backward"):
        return Directions(moves == "forward", moves == "backward")
    if moves == "reversible":
        return _read(moves)
    return _read(tags.get("oneway", "no")) if moves == "yes" else _BOTH


def _read(oneway: str) -> Directions:
    """A value of `oneway`.

    Of a reversible way nobody knows the direction, so it is open in none; where it alternates
    (signals at a narrow place) one waits for it, and may go both ways.
    """
    said = oneway.strip().lower()
    if said in ("yes", "true", "1"):
        return Directions(forward=True, backward=False)
    if said in ("-1", "reverse"):
        return Directions(forward=False, backward=True)
    is_known = said != "reversible"
    return Directions(forward=is_known, backward=is_known)
