"""What tags mean for each mode: facts one by one."""

import pytest

from geodata.travel import rules
from geodata.travel.limits import measure
from geodata.travel.rules import (
    CLOSED,
    RIDE_M_S,
    STEPS_M_S,
    WALK_M_S,
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
        ({"highway": "residential", "access": "unknown"}, [WALK, RIDE, DRIVE, TRUCK]),
        ({"highway": "residential", "motor_vehicle": "no", "goods": "yes"}, [WALK, RIDE]),
        ({"highway": "residential", "goods": "no"}, [WALK, RIDE, DRIVE, TRUCK]),
        ({"highway": "residential", "motor_vehicle": "no", "hgv": "yes"}, [WALK, RIDE, TRUCK]),
        ({"highway": "residential", "vehicle": "no"}, [WALK]),
        ({"highway": "residential", "vehicle": "no", "bicycle": "yes"}, [WALK, RIDE]),
        ({"highway": "residential", "motor_vehicle": "agricultural;destination"}, [*Mode]),
        ({"highway": "residential", "motor_vehicle": "agricultural;forestry"}, [WALK, RIDE]),
        ({"highway": "residential", "motor_vehicle": "permit"}, [WALK, RIDE]),
        ({"highway": "residential", "bicycle": "use_sidepath"}, [WALK, DRIVE, TRUCK]),
        ({"highway": "pedestrian"}, [WALK, RIDE]),
        ({"highway": "pedestrian", "access": "yes"}, [WALK, RIDE]),
        ({"highway": "pedestrian", "motor_vehicle": "delivery"}, [*Mode]),
        ({"highway": "path", "access": "yes", "motor_vehicle": "designated"}, [*Mode]),
        ({"highway": "path", "access": "yes"}, [WALK, RIDE]),
        ({"highway": "cycleway", "motorcar": "destination"}, [WALK, RIDE, DRIVE]),
        ({"highway": "footway", "motor_vehicle": "private"}, [WALK, RIDE]),
        ({"highway": "corridor", "motor_vehicle": "yes"}, [WALK]),
        ({"highway": "path", "sac_scale": "hiking"}, [WALK, RIDE]),
        ({"highway": "path", "sac_scale": "mountain_hiking"}, [WALK]),
        ({"highway": "path", "sac_scale": "mountain_hiking", "bicycle": "yes"}, [WALK, RIDE]),
        ({"highway": "path", "sac_scale": "demanding_mountain_hiking"}, [WALK]),
        ({"highway": "path", "sac_scale": "alpine_hiking"}, []),
        ({"highway": "path", "sac_scale": "hiking; alpine_hiking", "foot": "yes"}, []),
        ({"highway": "residential", "maxweight": "6t mgw"}, [WALK, RIDE, DRIVE]),
        ({"highway": "residential", "maxweight": "3ton"}, [WALK, RIDE, DRIVE]),
        ({"highway": "residential", "maxweight": "3,5"}, [WALK, RIDE, DRIVE]),
        ({"highway": "residential", "maxweight": "20 tonnes"}, [*Mode]),
        ({"highway": "residential", "maxweight": "7,500 kg"}, [WALK, RIDE, DRIVE]),
        ({"highway": "residential", "maxweight": "ask the guard"}, [WALK, RIDE, DRIVE]),
        ({"highway": "residential", "maxheight": "below_default"}, [WALK, RIDE, DRIVE]),
        ({"highway": "residential", "maxheight": "4,2 m;3,9 m"}, [WALK, RIDE, DRIVE]),
        ({"highway": "residential", "maxheight": "none"}, [*Mode]),
        ({"highway": "residential", "maxweightrating:hgv": "12"}, [WALK, RIDE, DRIVE]),
        ({"highway": "residential", "maxwidth": "1.5"}, [WALK, RIDE]),
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
        ({"foot:backward": "no"}, WALK, (True, False)),
        ({"oneway": "yes", "oneway:bicycle": "no"}, RIDE, (True, True)),
        ({"oneway": "yes", "oneway:bicycle": "no"}, DRIVE, (True, False)),
        ({"oneway": "yes", "cycleway": "opposite_lane"}, RIDE, (True, True)),
        ({"oneway": "yes", "cycleway": "lane"}, RIDE, (True, False)),
        (
            {"oneway": "yes", "cycleway:left": "lane", "cycleway:left:oneway": "-1"},
            RIDE,
            (True, True),
        ),
        (
            {"oneway": "yes", "cycleway:left": "no", "cycleway:left:oneway": "-1"},
            RIDE,
            (True, False),
        ),
        ({"oneway": "yes", "bicycle:backward": "yes"}, RIDE, (True, True)),
        ({"oneway": "yes", "bicycle:backward": "yes"}, DRIVE, (True, False)),
        ({"oneway": "yes", "bicycle": "yes"}, RIDE, (True, False)),
        ({"oneway": "yes", "oneway:bicycle": "no", "vehicle:backward": "no"}, RIDE, (True, True)),
        ({"vehicle:backward": "no", "bicycle": "yes"}, RIDE, (True, True)),
        ({"vehicle:backward": "no"}, RIDE, (True, False)),
        ({"vehicle:backward": "no"}, DRIVE, (True, False)),
        ({"vehicle:backward": "no"}, WALK, (True, True)),
        ({"vehicle:forward": "no"}, TRUCK, (False, True)),
        ({"motor_vehicle:forward": "no"}, DRIVE, (False, True)),
        ({"motor_vehicle:forward": "no"}, RIDE, (True, True)),
        ({"motor_vehicle:forward": "no", "hgv:forward": "yes"}, TRUCK, (True, True)),
        ({"oneway:motor_vehicle": "yes"}, DRIVE, (True, False)),
        ({"oneway:motor_vehicle": "yes"}, TRUCK, (True, False)),
        ({"oneway:motor_vehicle": "yes"}, RIDE, (True, True)),
        ({"oneway:vehicle": "-1"}, RIDE, (False, True)),
        ({"oneway": "yes", "oneway:hgv": "no"}, TRUCK, (True, True)),
        ({"oneway": "yes", "oneway:hgv": "no"}, DRIVE, (True, False)),
        ({"oneway": "yes", "oneway:bus": "no"}, DRIVE, (True, False)),
        ({"junction": "roundabout"}, RIDE, (True, False)),
        ({"junction": "roundabout"}, WALK, (True, True)),
        ({"highway": "motorway"}, DRIVE, (True, False)),
        ({"highway": "motorway", "oneway": "no"}, DRIVE, (True, True)),
        ({"highway": "residential"}, DRIVE, (True, True)),
        ({"highway": "steps", "conveying": "forward"}, WALK, (True, False)),
        ({"highway": "steps", "conveying": "backward"}, WALK, (False, True)),
        ({"highway": "steps", "conveying": "yes"}, WALK, (True, True)),
        ({"highway": "steps", "conveying": "yes", "oneway": "yes"}, WALK, (True, False)),
        ({"highway": "steps", "conveying": "reversible"}, WALK, (False, False)),
    ],
)  # fmt: skip
def test_which_way_round(tags: dict[str, str], mode: Mode, expected: tuple[bool, bool]) -> None:
    forward_m_s, backward_m_s, _ = pace({"highway": "residential", **tags}, mode)
    assert (forward_m_s > 0, backward_m_s > 0) == expected


@pytest.mark.parametrize(
    ("tags", "modes"),
    [
        ({"motor_vehicle": "destination"}, [DRIVE, TRUCK]),
        ({"vehicle": "customers"}, [RIDE, DRIVE, TRUCK]),
        ({"access": "delivery"}, [RIDE, DRIVE, TRUCK]),
        ({"access": "destination", "motorcar": "yes"}, [RIDE, TRUCK]),
        ({"hgv": "local"}, [TRUCK]),
        ({"motor_vehicle": "yes;destination"}, []),
        ({"access": "private"}, []),
        ({}, []),
    ],
)
def test_who_may_go_to_a_door_but_not_through(tags: dict[str, str], modes: list[Mode]) -> None:
    said = {"highway": "residential", **tags}
    assert [mode for mode in Mode if pace(said, mode).to_doors_only] == modes


@pytest.mark.parametrize(
    ("tags", "stopped"),
    [
        ({"barrier": "gate"}, []),
        ({"barrier": "gate", "access": "private"}, [WALK, RIDE, DRIVE, TRUCK]),
        ({"barrier": "bollard"}, [DRIVE, TRUCK]),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, []),
        ({"barrier": "bollard", "bicycle": "yes"}, [DRIVE, TRUCK]),
        ({"barrier": "gate", "locked": "yes"}, [WALK, RIDE, DRIVE, TRUCK]),
        ({"barrier": "gate", "locked": "yes", "access": "yes"}, []),
        ({"barrier": "something new"}, [DRIVE, TRUCK]),
        ({"barrier": "height_restrictor"}, [TRUCK]),
        ({"barrier": "height_restrictor", "maxheight": "4.5"}, []),
        ({"barrier": "height_restrictor", "maxheight": "two"}, [TRUCK]),
        ({"highway": "crossing", "bicycle": "no"}, []),
        ({"highway": "bus_stop", "access": "no"}, []),
        ({"highway": "traffic_signals", "motor_vehicle": "no"}, []),
        ({"barrier": "gate", "bicycle": "dismount"}, []),
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
    ("tags", "bound"),
    [
        ({"restriction": "no_u_turn"}, [DRIVE, TRUCK]),
        ({"restriction": "no_right_turn_on_red"}, []),
        ({"restriction": "no_left_turn_on_red"}, []),
        ({"restriction": "only_for_buses"}, []),
        ({"restriction:bus": "no_left_turn"}, []),
        ({"restriction:motorcar": "no_left_turn"}, [DRIVE]),
        ({"restriction:vehicle": "no_left_turn"}, [DRIVE, TRUCK]),
        ({"restriction:hgv": "no_left_turn"}, [TRUCK]),
        ({"restriction:goods": "no_left_turn"}, []),
        ({"type": "restriction:hgv", "restriction": "no_left_turn"}, [TRUCK]),
        ({"type": "restriction:bus", "restriction": "no_left_turn"}, []),
        ({"restriction": "no_entry", "except": "psv;hgv"}, [DRIVE]),
        ({"restriction": "no_exit", "except": "motor_vehicle"}, []),
        ({"restriction": "no_left_turn", "except": "goods"}, [DRIVE, TRUCK]),
        ({"restriction": "no_left_turn", "restriction:hgv": "none"}, [DRIVE]),
    ],
)
def test_whom_a_restriction_binds(tags: dict[str, str], bound: list[Mode]) -> None:
    said = {"type": "restriction", **tags}
    assert [mode for mode in Mode if restriction(said, mode)] == bound


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.5", 3.5),
        ("3.5 m", 3.5),
        ("12'6\"", 3.81),
        ("50 km/h", 50),
        ("30 mph", 48.28032),
        ("7500 kg", 7.5),
        ("7,500 kg", 7.5),
        ("3,5", 3.5),
        ("3ton", 3),
        ("3 tons", 3),
        ("6t mgw", 6),
        ("12 t max. gross weight", 12),
        ("10 ft 6 in", 3.2004),
        ("350 cm", 3.5),
        (" 2.50 M ", 2.5),
        ("none", None),
        ("3.5 and a bit", None),
        ("about 3", None),
        ("1,2,3", None),
    ],
)
def test_measures_are_read_with_their_units(text: str, value: float | None) -> None:
    found = measure(text)
    assert found == pytest.approx(value) if value is not None else found is None
