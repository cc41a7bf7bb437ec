"""How fast a body must move: a byte in 30 seconds, 1 kB/s over a minute."""

import pytest

from app.response.pace import TransferPace


def slow(seen: list[tuple[float, int]]) -> bool:
    (at, moved), *later = seen
    pace = TransferPace(at, moved)
    for instant, count in later:
        pace.saw(instant, count)
    return pace.too_slow


def steady(bytes_per_s: int, seconds: int, every_s: int = 1) -> list[tuple[float, int]]:
    return [(second, second * bytes_per_s) for second in range(0, seconds + 1, every_s)]


@pytest.mark.parametrize(
    ("seen", "too_slow"),
    [
        ([(0, 0)], False),
        ([(0, 0), (29, 0)], False),
        ([(0, 0), (30, 0)], True),
        ([(0, 7), (10, 8), (39, 8)], False),
        ([(0, 7), (10, 8), (40, 8)], True),
        (steady(1, 59), False),
        (steady(1, 60), True),
        (steady(999, 60), True),
        (steady(1_000, 60), False),
        (steady(1_000, 600, every_s=5), False),
        ([(0, 0), (5, 1_000_000), (30, 1_000_001), (59, 1_000_002), (64, 1_000_003)], False),
        ([(0, 0), (5, 1_000_000), (30, 1_000_001), (59, 1_000_002), (66, 1_000_003)], True),
        ([*steady(10_000, 100), (131, 1_000_000)], True),
    ],
)
def test_a_body_is_too_slow_when_still_or_when_a_minute_brought_too_little(
    seen: list[tuple[float, int]], too_slow: bool
) -> None:
    assert slow(seen) == too_slow


def test_a_pace_remembers_no_more_than_a_minute_of_looks() -> None:
    pace = TransferPace(0.0, 0)
    for second in range(10_000):
        pace.saw(float(second), second)
    assert len(pace._seen) <= 62
