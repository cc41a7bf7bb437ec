"""The words are complete and unambiguous, and their bits are where stored data expects them."""

from enum import StrEnum
from itertools import chain

import pytest

from geodata import vocabulary
from geodata.traits import entry, offer, service_bits
from geodata.vocabulary import (
    AUDIENCE_WORDS,
    DOOR_WORDS,
    KIND_WORDS,
    NEED_WORDS,
    PLACE_TYPE_WORDS,
    SERVES,
    SERVICE_WORDS,
    ZONE_WORDS,
    Audience,
    Door,
    Help,
    Kind,
    Mode,
    Need,
    PlaceType,
    Position,
    Service,
    Wheelchair,
    YesNo,
    Zone,
)

WORDS = {
    Kind: KIND_WORDS,
    Need: NEED_WORDS,
    Service: SERVICE_WORDS,
    Audience: AUDIENCE_WORDS,
    Zone: ZONE_WORDS,
    Door: DOOR_WORDS,
    PlaceType: PLACE_TYPE_WORDS,
}


def _words(text: str) -> list[str]:
    return text.split()


#: As stored since format 1. A new service goes to the end; this list grows, and never changes.
PINNED_SERVICES = _words(
    "seat nap_space air_con toilet shower women_room nursing_room drinking_water hot_water"
    " microwave fridge counsellor hotline legal_aid phone_charge ebike_charge battery_swap"
    " ev_charge books courses first_aid aed wifi umbrella air_pump truck_parking bike_parking"
    " sticker_desk laundry haircut meals water_refill shelter fuel bike_repair medicine snacks"
    " hot_food rest_stop"
)
PINNED = {
    Kind: _words("warm_bee_station driver_home warm_bee_street friendly_merchant public_place"),
    Need: _words("rest water heat_food talk recharge learn"),
    Audience: _words("courier rider truck_driver ride_hailing_driver"),
    Door: _words("open staffed code qr face unknown"),
    Help: _words(
        "rest water heat_food talk recharge learn emergency health legal pay insurance vehicle"
        " family housing office"
    ),
    Zone: _words("red_guidance orange_enterprise green_passage special_care"),
    Mode: _words("walk ride drive truck"),
    YesNo: _words("yes no"),
    Wheelchair: _words("yes limited no"),
    Position: _words("surveyed stated located"),
    Service: PINNED_SERVICES,
    PlaceType: _words(
        "toilets drinking_water water_point device_charging bicycle_charging vehicle_charging"
        " shelter bus_shelter covered_bench library community_centre social_centre union_centre"
        " party_service_centre rest_area truck_parking fuel bicycle_repair air_pump defibrillator"
        " pharmacy convenience fast_food"
    ),
}


@pytest.mark.parametrize("words", PINNED, ids=lambda words: words.__name__)
def test_members_stand_in_the_order_that_stored_bits_were_given(words: type[StrEnum]) -> None:
    assert [str(word) for word in words] == PINNED[words]


def test_every_vocabulary_is_pinned() -> None:
    enums = {
        thing
        for thing in vars(vocabulary).values()
        if isinstance(thing, type) and issubclass(thing, StrEnum)
    }
    assert enums - {StrEnum} == set(PINNED)


@pytest.mark.parametrize(("number", "service"), list(enumerate(PINNED_SERVICES)))
def test_a_service_keeps_its_bit(number: int, service: str) -> None:
    assert service_bits([Service(service)]) == 1 << number


@pytest.mark.parametrize(("number", "need"), list(enumerate(PINNED[Need])))
def test_a_need_keeps_its_bit(number: int, need: str) -> None:
    serving = [service for service in Service if Need(need) in SERVES[service]]
    assert serving
    assert all(offer([service]) & 1 << (48 + number) for service in serving)
    assert not any(offer([service]) & 1 << (48 + number) for service in set(Service) - set(serving))


def test_kinds_audiences_and_doors_keep_their_bits() -> None:
    for number, kind in enumerate(Kind):
        assert entry(kind, [], Door.OPEN) == 1 << number | 1 << 15 | 1 << 16
    for number, who in enumerate(Audience):
        assert entry(Kind.WARM_BEE_STATION, [who], Door.OPEN) == 1 | 1 << (8 + number) | 1 << 16
    for number, door in enumerate(Door):
        assert entry(Kind.WARM_BEE_STATION, [], door) == 1 | 1 << 15 | 1 << (16 + number)


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
def test_every_member_has_published_words(words: type[StrEnum]) -> None:
    assert list(WORDS[words]) == list(words)
    assert all(word.official for word in WORDS[words].values())


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
def test_no_official_word_means_two_members(words: type[StrEnum]) -> None:
    official = [word.official for word in WORDS[words].values()]
    assert len(set(official)) == len(official)


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
def test_no_published_word_of_any_sort_means_two_members(words: type[StrEnum]) -> None:
    every = list(chain.from_iterable((word.official, *word.also) for word in WORDS[words].values()))
    assert len(set(every)) == len(every)


def test_every_service_says_which_needs_it_serves_and_every_need_is_served() -> None:
    assert list(SERVES) == list(Service)
    assert set(chain.from_iterable(SERVES.values())) == set(Need)


def test_power_and_learning_are_two_needs() -> None:
    serving = {need: [s for s in Service if need in SERVES[s]] for need in Need}
    assert serving[Need.RECHARGE] == [
        Service.PHONE_CHARGE,
        Service.EBIKE_CHARGE,
        Service.BATTERY_SWAP,
        Service.EV_CHARGE,
    ]
    assert serving[Need.LEARN] == [Service.BOOKS, Service.COURSES]
