"""A mask lets through just the places that a filter means, and its words fit a
non-negative int64.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.index.tree import passes
from geodata.traits import (
    EVERYTHING,
    HOUR_SHIFT,
    UNKNOWN_HOURS_BIT,
    Mask,
    audience_of,
    entry,
    listed,
    listed_unasked,
    mask,
    needs_of,
    offer,
    register_first,
    service_bits,
)
from geodata.vocabulary import SERVES, Audience, Door, Kind, Need, Service

HIGHEST = 2**63

some_services = st.sets(st.sampled_from(Service))
some_people = st.sets(st.sampled_from(Audience))
all_hours = st.sets(st.integers(0, 23))


def place(
    kind: Kind = Kind.WARM_BEE_STATION,
    services: Any = (),
    audience: Any = (),
    door: Door = Door.OPEN,
    hours: Any = (),
    hours_unknown: bool = False,
    register: bool = False,
) -> tuple[int, int]:
    bits = sum(1 << (HOUR_SHIFT + hour) for hour in hours) + hours_unknown * UNKNOWN_HOURS_BIT
    return offer(services, kind=kind, register_first=register), entry(kind, audience, door) | bits


def lets(wanted: Mask, words: tuple[int, int]) -> bool:
    return bool(passes(*words, wanted))


@given(
    kind=st.sampled_from(Kind),
    services=some_services,
    audience=some_people,
    door=st.sampled_from(Door),
    hours=all_hours,
    hours_unknown=st.booleans(),
    register=st.booleans(),
    kinds=st.sets(st.sampled_from(Kind)),
    needs=st.sets(st.sampled_from(Need)),
    asked_services=st.sets(st.sampled_from(Service), max_size=2),
    people=some_people,
    doors=st.sets(st.sampled_from(Door)),
    asked_hours=st.sets(st.integers(0, 23), max_size=3),
    include_unknown=st.booleans(),
    no_register=st.booleans(),
)
def test_a_mask_passes_what_the_filter_says_in_words(
    kind,
    services,
    audience,
    door,
    hours,
    hours_unknown,
    register,
    kinds,
    needs,
    asked_services,
    people,
    doors,
    asked_hours,
    include_unknown,
    no_register,
) -> None:
    wanted = mask(
        kinds=kinds,
        needs=needs,
        services=asked_services,
        audience=people,
        door=doors,
        hours=asked_hours,
        include_unknown=include_unknown,
        no_register=no_register,
    )
    served = {need for service in services for need in SERVES[service]}
    expected = (
        asked_services <= services
        and not (no_register and register)
        and needs <= served
        and (not kinds or kind in kinds)
        and (not doors or door in doors)
        and (not people or bool(people & audience) or (include_unknown and not audience))
        and (
            not asked_hours or bool(asked_hours & set(hours)) or (include_unknown and hours_unknown)
        )
    )
    words = place(kind, services, audience, door, hours, hours_unknown, register)
    assert register_first(words[0]) == register
    assert lets(wanted, words) == expected
    assert all(0 <= word < HIGHEST for word in (*words, *wanted))


@given(
    st.lists(st.tuples(some_services, some_people, all_hours), min_size=1),
    some_services,
    st.integers(0, 23),
)
def test_a_branch_passes_if_any_place_in_it_does(places, services, hour) -> None:
    wanted = mask(services=services, hours=[hour])
    words = [place(services=has, audience=people, hours=hours) for has, people, hours in places]
    branch = [0, 0]
    for offered, entered in words:
        branch = [branch[0] | offered, branch[1] | entered]
    if any(lets(wanted, pair) for pair in words):
        assert lets(wanted, (branch[0], branch[1]))


def test_an_unasked_filter_lets_everything_through() -> None:
    assert mask() == mask(include_unknown=False) == EVERYTHING
    assert lets(EVERYTHING, place())


def test_who_is_not_stated_passes_only_if_unknown_is_included() -> None:
    silent = place(audience=())
    assert lets(mask(audience=[Audience.RIDER]), silent)
    assert not lets(mask(audience=[Audience.RIDER], include_unknown=False), silent)
    assert not lets(mask(audience=[Audience.RIDER]), place(audience=[Audience.COURIER]))


def test_unknown_hours_pass_only_if_unknown_is_included() -> None:
    silent = place(hours_unknown=True)
    assert lets(mask(hours=[2]), silent)
    assert not lets(mask(hours=[2], include_unknown=False), silent)
    assert not lets(mask(hours=[2]), place(hours=[3]))


def test_an_unknown_door_is_a_door_of_its_own_and_no_other() -> None:
    assert lets(mask(door=[Door.UNKNOWN]), place(door=Door.UNKNOWN))
    assert not lets(mask(door=[Door.OPEN], include_unknown=True), place(door=Door.UNKNOWN))


def test_the_fullest_words_stay_below_the_sign_bit() -> None:
    fullest = place(
        services=Service, audience=Audience, door=Door.UNKNOWN, hours=range(24), hours_unknown=True
    )
    widest = mask(
        kinds=Kind, needs=Need, services=Service, audience=Audience, door=Door, hours=[23]
    )
    assert max(*fullest, *widest) < HIGHEST
    assert lets(widest, fullest)


def test_services_needs_and_registering_share_no_bit() -> None:
    public = Kind.PUBLIC_PLACE
    listed_bit = offer(()) ^ offer((), kind=public)
    needs = offer(Service, register_first=True) ^ service_bits(Service) ^ listed_bit
    free = offer(Service) ^ offer(Service, register_first=True)
    assert needs & service_bits(Service) == needs & free == needs & listed_bit == 0
    assert service_bits(Service) < 1 << 48 <= needs < free < listed_bit
    assert needs.bit_count() == len(Need)


@pytest.mark.parametrize("service", Service)
def test_needs_come_in_vocabulary_order_each_once(service: Service) -> None:
    assert needs_of([service, service]) == SERVES[service]
    assert needs_of(Service) == tuple(Need)
    assert needs_of([]) == ()


@given(st.sampled_from(Kind), st.sets(st.sampled_from(Audience)), st.sampled_from(Door))
def test_who_is_welcome_is_read_back_in_vocabulary_order(
    kind: Kind, welcome: set[Audience], door: Door
) -> None:
    bits = audience_of(entry(kind, welcome, door))
    assert [who for at, who in enumerate(Audience) if bits >> at & 1] == [
        who for who in Audience if who in welcome
    ]
    assert bits < 1 << len(Audience)


@given(kind=st.sampled_from(Kind), services=some_services)
def test_unasked_a_public_place_is_listed_only_for_what_riders_mostly_need(
    kind: Kind, services: set[Service]
) -> None:
    mostly = {Need.REST, Need.WATER, Need.HEAT_FOOD, Need.RECHARGE}
    serves = any(mostly & {*SERVES[service]} for service in services)
    is_listed = kind is not Kind.PUBLIC_PLACE or serves
    words = place(kind, services)
    assert lets(mask(every_place=False), words) == is_listed == listed_unasked(kind, services)
    assert lets(mask(), words)
    assert listed(np.array([words])).tolist() == [is_listed]
