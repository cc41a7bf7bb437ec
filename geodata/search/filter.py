"""What is asked of a place, and how the index and the hours test it.

Pure: the instant is a parameter.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata import traits
from geodata.errors import OUTSIDE_RANGE, BadQuestion
from geodata.estimate import way_at
from geodata.hours.minute import MinuteHours
from geodata.index.tree import Arrival
from geodata.vocabulary import PROGRAMME_KINDS, Audience, Door, Kind, Mode, Need, Service

#: Most places one question may ask for.
MOST_HITS: Final = 50
#: A shift: nobody rests longer.
MOST_STAY_MIN: Final = 480


class Open(StrEnum):
    """What is asked of the opening hours."""

    ANY = "any"
    NOW = "now"
    AT_ARRIVAL = "at_arrival"
    ALWAYS = "24h"


class Register(StrEnum):
    """What is asked of places where one must register before the first visit."""

    ANY = "any"
    NO = "no"


class Order(StrEnum):
    """What a list is ordered by."""

    DISTANCE = "distance"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which places count.

    ALL of needs and services; ANY of kinds, audience and door; empty: not asked. Where neither
    kinds nor needs nor services are asked, public places pass only where they serve what riders
    mostly need (vocabulary.LISTED_FOR).
    """

    kinds: tuple[Kind, ...] = ()
    needs: tuple[Need, ...] = ()
    services: tuple[Service, ...] = ()
    audience: tuple[Audience, ...] = ()
    door: tuple[Door, ...] = ()
    open: Open = Open.ANY
    include_unknown: bool = True
    """Whether a place passes whose hours (with `open`) or audience (with `audience`)
    are not known.
    """
    register: Register = Register.ANY
    """NO leaves out places where one must register first, not those of which nobody says so."""


def counted(wanted: Filter) -> Filter:
    """The filter as coverage counts by it: public places only where their kind is named."""
    return wanted if wanted.kinds else replace(wanted, kinds=PROGRAMME_KINDS)


def require(k: int, stay_min: int, at: datetime) -> None:
    """What every question asks for in range. Raises BadQuestion."""
    if not 1 <= k <= MOST_HITS:
        raise BadQuestion(OUTSIDE_RANGE, name="k", value=k, least=1, most=MOST_HITS)
    if not 0 <= stay_min <= MOST_STAY_MIN:
        raise BadQuestion(
            OUTSIDE_RANGE, name="stay_min", value=stay_min, least=0, most=MOST_STAY_MIN
        )
    if at.utcoffset() is None:
        raise BadQuestion("at = {at} has no time zone.", at=at.isoformat())


def arrival_of(
    wanted: Filter,
    at: datetime,
    mode: Mode,
    stay_min: int,
    minute_hours: MinuteHours,
    grace_min: int = 0,
) -> Arrival:
    """The opening hours as the kernel judges them on arrival: now to the second, the way as
    estimate.eta has it.
    """
    line = minute_hours.line
    return Arrival(
        line.offsets,
        line.starts,
        line.ends,
        line.states,
        line.at,
        minute_hours.minute + (at - minute_hours.at).total_seconds() / 60.0,
        way_at(mode),
        float(stay_min),
        float(grace_min),
        wanted.include_unknown,
    )


def hours_asked(
    wanted: Filter, minute_hours: MinuteHours, last_min: int = 0
) -> tuple[int, int] | None:
    """The first and last local hour, up to `last_min` minutes ahead, in one of which a match must
    be open.

    The last may be past 23: hours go round. None: at any time, as where the clocks change till
    then.
    """
    if wanted.open not in (Open.NOW, Open.AT_ARRIVAL):
        return None
    return minute_hours.hours_until(last_min)


@lru_cache(maxsize=4096)
def mask_of(wanted: Filter, hours: tuple[int, int] | None) -> traits.Mask | None:
    """The filter as the index tests it, possibly open in one of the local hours.

    None where everything passes.
    """
    first, last = hours or (0, -1)
    mask = traits.mask(
        kinds=wanted.kinds,
        needs=wanted.needs,
        services=wanted.services,
        audience=wanted.audience,
        door=wanted.door,
        hours={hour % 24 for hour in range(first, min(last, first + 23) + 1)},
        include_unknown=wanted.include_unknown,
        no_register=wanted.register is Register.NO,
        every_place=bool(wanted.kinds or wanted.needs or wanted.services),
    )
    return mask if any(mask) else None


def hours_ok(
    wanted: Filter, minute_hours: MinuteHours, grace_min: int = 0
) -> NDArray[np.bool_] | None:
    """Which rows of opening hours pass at that minute.

    None where all do, or where arrival decides.
    """
    if wanted.open is Open.NOW:
        return minute_hours.passing(
            always=False, soon=grace_min > 0, include_unknown=wanted.include_unknown
        )
    if wanted.open is Open.ALWAYS:
        return minute_hours.passing(always=True, soon=False, include_unknown=wanted.include_unknown)
    return None
