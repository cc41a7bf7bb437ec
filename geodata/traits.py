"""What a place can be filtered by, packed into two 63-bit words; and the mask a filter becomes.

Holds no places.

    offer  bits  0–47 services (vocabulary order)   48–55 needs those services serve
           56 nobody says that one must register first
           57 listed where neither a kind nor a need nor a service is asked
    entry  bits  0–7 kind    8–14 audience, 15 audience not stated    16–23 door
           24–47 may be open in local hour h    48 hours may be unknown

Services and needs must ALL be there; kind, audience, door and hour each need ANY of the asked. The
same words, OR-ed over a subtree, let the search tree leave out whole branches: a node that lacks a
bit holds no place that has it. Bits stay below 63 so that a word is a non-negative int64 on every
side.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.vocabulary import LISTED_FOR, SERVES, Audience, Door, Kind, Need, Service

_SERVICE_BIT: Final = {service: 1 << i for i, service in enumerate(Service)}
_NEEDS_SHIFT: Final = 48
_NEED_BIT: Final = {need: 1 << (_NEEDS_SHIFT + i) for i, need in enumerate(Need)}
#: In the offer word, whose bits must ALL be there: a filter on it is no other test for the kernels.
_NO_REGISTER_BIT: Final = 1 << 56
_LISTED_BIT: Final = 1 << 57
_KIND_BIT: Final = {kind: 1 << i for i, kind in enumerate(Kind)}
_AUDIENCE_BIT: Final = {audience: 1 << (8 + i) for i, audience in enumerate(Audience)}
_DOOR_BIT: Final = {door: 1 << (16 + i) for i, door in enumerate(Door)}
_AUDIENCE_UNKNOWN_BIT: Final = 1 << 15
HOUR_SHIFT: Final = 24
UNKNOWN_HOURS_BIT: Final = 1 << (HOUR_SHIFT + 24)
#: Of an entry word: may be open at any hour.
EVERY_HOUR_BITS: Final = ((1 << 24) - 1) << HOUR_SHIFT


class Mask(NamedTuple):
    """A filter as five words; 0 means "not asked".

    `all_of` tests the offer word, the others the entry word.
    """

    all_of: int = 0
    any_kind: int = 0
    any_audience: int = 0
    any_door: int = 0
    any_hour: int = 0


#: Lets every place through.
EVERYTHING: Final = Mask()


def service_bits(services: Iterable[Service]) -> int:
    """The services alone, as the places table's `service_bits` column stores them."""
    return _or(_SERVICE_BIT[service] for service in services)


def offer(
    services: Iterable[Service],
    *,
    kind: Kind = Kind.WARM_BEE_STATION,
    register_first: bool = False,
) -> int:
    """The offer word of a place: its services, every need they serve, whether one may come without
    having registered, as far as anybody says, and whether it is listed unasked.
    """
    offered = tuple(services)
    needs = _or(_NEED_BIT[need] for service in offered for need in SERVES[service])
    return (
        service_bits(offered)
        | needs
        | (0 if register_first else _NO_REGISTER_BIT)
        | (_LISTED_BIT if listed_unasked(kind, offered) else 0)
    )


def listed_unasked(kind: Kind, services: Iterable[Service]) -> bool:
    """Whether a place is listed where neither a kind nor a need nor a service is asked: a public
    place only where it serves what riders mostly need.
    """
    return kind is not Kind.PUBLIC_PLACE or not {*LISTED_FOR}.isdisjoint(needs_of(services))


def entry(kind: Kind, audience: Iterable[Audience], door: Door) -> int:
    """The entry word of a place without its hours.

    Nobody stated is a value of its own: not everybody, not nobody.
    """
    welcome = _or(_AUDIENCE_BIT[who] for who in audience)
    return _KIND_BIT[kind] | (welcome or _AUDIENCE_UNKNOWN_BIT) | _DOOR_BIT[door]


def mask(
    *,
    kinds: Iterable[Kind] = (),
    needs: Iterable[Need] = (),
    services: Iterable[Service] = (),
    audience: Iterable[Audience] = (),
    door: Iterable[Door] = (),
    hours: Iterable[int] = (),
    include_unknown: bool = True,
    no_register: bool = False,
    every_place: bool = True,
) -> Mask:
    """The mask of a filter.

    Without `every_place` only what is listed unasked passes.

    `no_register` leaves out places where one must register first; it lets those pass of which
    nobody says so.

    In one of the local `hours` (0–23) a place must possibly be open; empty: at any time.

    `include_unknown` lets places pass of which the audience, or the hours, are not known.
    """
    unknown_hours = UNKNOWN_HOURS_BIT if include_unknown else 0
    unknown_audience = _AUDIENCE_UNKNOWN_BIT if include_unknown else 0
    welcome = _or(_AUDIENCE_BIT[who] for who in audience)
    open_hours = _or(1 << (HOUR_SHIFT + hour) for hour in hours)
    return Mask(
        all_of=service_bits(services)
        | _or(_NEED_BIT[need] for need in needs)
        | (_NO_REGISTER_BIT if no_register else 0)
        | (0 if every_place else _LISTED_BIT),
        any_kind=_or(_KIND_BIT[kind] for kind in kinds),
        any_audience=welcome | unknown_audience if welcome else 0,
        any_door=_or(_DOOR_BIT[way] for way in door),
        any_hour=open_hours | unknown_hours if open_hours else 0,
    )


def holds(wanted: Mask, words: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which offer and entry words, shape (n, 2), pass a mask: index.tree.passes for many."""
    offers, entries = words[:, 0], words[:, 1]
    passing: NDArray[np.bool_] = (offers & wanted.all_of) == wanted.all_of
    for any_of in wanted[1:]:
        if any_of:
            passing &= (entries & any_of) != 0
    return passing


def listed(words: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which offer and entry words, shape (n, 2), are of places that are listed unasked."""
    return np.asarray((words[:, 0] & _LISTED_BIT) != 0)


def kind_of(entry_word: int) -> Kind:
    """The kind in an entry word."""
    return next(kind for kind, bit in _KIND_BIT.items() if entry_word & bit)


def audience_of(entry_word: int) -> int:
    """Who is welcome in an entry word, as bits in vocabulary order; 0 where nobody is stated."""
    return entry_word >> 8 & (1 << len(Audience)) - 1


def register_first(offer_word: int) -> bool:
    """Whether an offer word says that one must register before one may come in."""
    return not offer_word & _NO_REGISTER_BIT


def services_of(offer_word: int) -> int:
    """The services in an offer word, as bits in vocabulary order."""
    return offer_word & ((1 << _NEEDS_SHIFT) - 1)


def lacking(offer_word: int, services: Iterable[Service], needs: Iterable[Need]) -> int:
    """An offer word without some services and needs."""
    return offer_word & ~(service_bits(services) | _or(_NEED_BIT[need] for need in needs))


def needs_of(services: Iterable[Service]) -> tuple[Need, ...]:
    """The needs that services serve, in vocabulary order, each once."""
    served = {need for service in services for need in SERVES[service]}
    return tuple(need for need in Need if need in served)


def _or(bits: Iterable[int]) -> int:
    word = 0
    for bit in bits:
        word |= bit
    return word
