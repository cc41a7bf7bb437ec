"""What tags mean for each mode: facts one by one."""

import pytest

from geodata.travel import rules
from geodata.travel.rules import (
    CLOSED,
    RIDE_M_S,
    STEPS_M_S,
    WALK_M_S,
    directions,
    measure,
    pace,
    restriction,
    stops,
)
from geodata.vocabulary import Mode

WALK, RIDE, DRIVE, TRUCK = Mode
WHEELS = (RIDE, DRIVE, TRUCK)


def open_to(**tags: str) -> list[Mode]:
    said = {key.replace("__", ":"): value for key, value in tags.items()}
    return [mode for mode in Mode if pace(said, mode).is_open]


@pytest.mark.parametrize(
    ("tags", "modes"),
    [
        ({"highway": "residential"}, [WALK, RIDE, DRIVE, TRUCK]),
        ({"highway": "motorway"}, [DRIVE, TRUCK]),
        ({"highway": "trunk", "motorroad": "yes"}, [DRIVE, TRUCK]),
        ({"highway": "trunk", "motorroad": "yes", "foot": "yes"}, [WALK, DRIVE, TRUCK]),
        ({"highway": "footway"}, [WALK, RIDE]),
        ({"highway": "footway", "bicycle": "no"}, [WALK]),
        ({"highway": "steps"}, [WALK]),
        ({"highway": "corridor"}, [WALK]),
        ({"highway": "cycleway"}, [WALK, RIDE]),
        ({"highway": "service", "access": "private"}, []),
        ({"highway": "service", "access": "private", "foot": "yes"}, [WALK]),
        ({"highway": "service", "access": "no", "motor_vehicle": "destination"}, [DRIVE, TRUCK]),
        ({"highway": "residential", "motor_vehicle": "no"}, [WALK, RIDE]),
        ({"highway": "residential", "hgv": "no"}, [WALK, RIDE, DRIVE]),
        ({"highway": "residential", "maxheight": "3.5"}, [WALK, RIDE, DRIVE]),
        ({"highway": "residential", "maxweight": "5 t"}, [WALK, RIDE, DRIVE]),
        ({"highway": "residential", "maxheight": "default"}, [WALK, RIDE, DRIVE, TRUCK]),
        ({"highway": "residential", "access": "bus"}, []),
        ({"highway": "busway"}, []),
        ({"route": "ferry"}, []),
        ({"highway": "residential", "oneway": "reversible"}, [WALK]),
    ],
)
def test_where_each_mode_may_go(tags: dict[str, str], modes: list[Mode]) -> None:
    assert open_to(**tags) == modes


def test_an_e_bike_is_pushed_where_only_feet_may_go_and_ridden_where_bicycles_may() -> None:
    assert pace({"highway": "footway"}, RIDE).forward_m_s == WALK_M_S
    assert pace({"highway": "footway", "bicycle": "yes"}, RIDE).forward_m_s == RIDE_M_S
    assert pace({"highway": "residential", "bicycle": "dismount"}, RIDE).forward_m_s == WALK_M_S
    assert pace({"highway": "pedestrian", "foot": "no"}, RIDE) == CLOSED


def test_stairs_are_slow_and_a_tagged_limit_counts_before_the_laws() -> None:
    assert pace({"highway": "steps"}, WALK).forward_m_s == STEPS_M_S
    slow, plain = (
        pace({"highway": "primary", **more}, DRIVE).forward_m_s for more in ({"maxspeed": "30"}, {})
    )
    assert slow == plain / 2
    assert pace({"highway": "primary", "maxspeed": "CN:urban"}, DRIVE).forward_m_s == plain


def test_a_truck_is_slower_than_a_car_and_never_faster_than_its_limit() -> None:
    fast = {"highway": "motorway", "maxspeed": "120"}
    assert pace(fast, TRUCK).forward_m_s < pace({**fast, "maxspeed": "100"}, DRIVE).forward_m_s
    assert pace(fast, TRUCK) == pace({**fast, "maxspeed": "100"}, TRUCK)


@pytest.mark.parametrize(
    ("tags", "mode", "expected"),
    [
        ({"oneway": "yes"}, DRIVE, (True, False)),
        ({"oneway": "-1"}, DRIVE, (False, True)),
        ({"oneway": "yes"}, WALK, (True, True)),
        ({"oneway": "yes", "oneway:foot": "yes"}, WALK, (True, False)),
        ({"oneway": "yes", "oneway:bicycle": "no"}, RIDE, (True, True)),
        ({"oneway": "yes", "cycleway": "opposite_lane"}, RIDE, (True, True)),
        ({"oneway": "yes", "cycleway": "lane"}, RIDE, (True, False)),
        ({"junction": "roundabout"}, RIDE, (True, False)),
        ({"highway": "motorway"}, DRIVE, (True, False)),
        ({"highway": "motorway", "oneway": "no"}, DRIVE, (True, True)),
        ({"highway": "residential"}, DRIVE, (True, True)),
    ],
)
def test_which_way_round(tags: dict[str, str], mode: Mode, expected: tuple[bool, bool]) -> None:
    assert directions(tags, mode) == expected


@pytest.mark.parametrize(
    ("tags", "stopped"),
    [
        ({"barrier": "gate"}, []),
        ({"barrier": "gate", "access": "private"}, [WALK, RIDE, DRIVE, TRUCK]),
        ({"barrier": "bollard"}, [DRIVE, TRUCK]),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, []),
        ({"barrier": "turnstile"}, [RIDE, DRIVE, TRUCK]),
        ({"barrier": "border_control"}, [WALK, RIDE, DRIVE, TRUCK]),
        ({"barrier": "border_control", "access": "yes"}, [WALK, RIDE, DRIVE, TRUCK]),
        ({"barrier": "height_restrictor", "maxheight": "2.2"}, [TRUCK]),
        ({"highway": "crossing", "bicycle": "dismount"}, []),
    ],
)
def test_what_stops_each_mode(tags: dict[str, str], stopped: list[Mode]) -> None:
    assert [mode for mode in Mode if stops(tags, mode)] == stopped


def test_turns_are_restricted_for_motors_unless_they_are_excepted() -> None:
    said = {"type": "restriction", "restriction": "no_left_turn"}
    assert [restriction(said, mode) for mode in Mode] == [
        None,
        None,
        rules.Turn(only=False),
        rules.Turn(only=False),
    ]
    assert restriction({**said, "except": "bicycle;motorcar"}, DRIVE) is None
    assert restriction({"restriction:hgv": "only_straight_on"}, TRUCK) == rules.Turn(only=True)
    assert restriction({"restriction:hgv": "only_straight_on"}, DRIVE) is None
    assert restriction({"restriction": "give_way"}, DRIVE) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.5", 3.5),
        ("3.5 m", 3.5),
        ("12'6\"", 3.81),
        ("50 km/h", 50),
        ("30 mph", 48.28032),
        ("7500 kg", 7.5),
        ("none", None),
    ],
)
def test_measures_are_read_with_their_units(text: str, value: float | None) -> None:
    found = measure(text)
    assert found == pytest.approx(value) if value is not None else found is None
