"""The earliest and the latest minute of the year at which the sun rises, sets, and twilight begins
and ends, anywhere in an area: opening hours that hang on it are unknown in between.

The sun's place is that of the Astronomical Almanac's low-precision formulas (0.01° until 2050).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.hours.rules import DAY_MIN, SunEvent
from geodata.hours.zone import TimeZone


class MinuteRange(NamedTuple):
    """Minutes since local midnight, the first and the last at which something may happen."""

    first: int
    last: int


#: MinuteRange by event; without one it may be at any minute.
SunTimes = Mapping[SunEvent, MinuteRange]

ANY_TIME: Final = MinuteRange(0, DAY_MIN)
ANYWHERE: Final[SunTimes] = dict.fromkeys(SunEvent, ANY_TIME)

#: How far the middle of the sun stands above the horizon: refraction and half its disc; civil
#: twilight.
_ALTITUDES: Final = {
    SunEvent.DAWN: -6.0, SunEvent.SUNRISE: -0.833, SunEvent.SUNSET: -0.833, SunEvent.DUSK: -6.0,
}  # fmt: skip
_MORNING: Final = (SunEvent.DAWN, SunEvent.SUNRISE)
#: For hills, for evaluators that round, and for other formulas than ours.
_MARGIN_MIN: Final = 10
_DAYS: Final = np.arange(0.0, 4 * 365.25)  # four years: leap days shift the sun by a day
_J2000: Final = 9_131.0  # days from 2000-01-01 to 2025-01-01 less one
_FIRST_NOON: Final = datetime(2025, 1, 1, 12, tzinfo=UTC)


def sun_times(bounds: tuple[float, float, float, float], zone: TimeZone) -> SunTimes:
    """The ranges in an area (west, south, east, north; WGS-84 degrees) by the clocks of a time
    zone, daylight saving included.

    Where the sun does not rise or set on some day, its events may be at any minute.
    """
    west, south, east, north = bounds
    declination, equation_min = _sun()
    zone_min = np.array(
        [zone.ahead_min(_FIRST_NOON + timedelta(days=day)) for day in range(_DAYS.size)]
    )
    found: dict[SunEvent, MinuteRange] = {}
    for event, altitude in _ALTITUDES.items():
        half_days = np.stack(
            [_half_day_min(latitude, declination, altitude) for latitude in (south, north)]
        )
        if np.isnan(half_days).any():
            found[event] = ANY_TIME
            continue
        sign = -1.0 if event in _MORNING else 1.0
        noons = [DAY_MIN / 2 + zone_min - 4.0 * lon - equation_min for lon in (west, east)]
        minutes = np.stack([noon + sign * half_days for noon in noons])
        first, last = float(minutes.min()) - _MARGIN_MIN, float(minutes.max()) + _MARGIN_MIN
        whole_day = first < 0 or last > DAY_MIN
        found[event] = ANY_TIME if whole_day else MinuteRange(int(first), int(np.ceil(last)))
    return found


def _sun() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Declination (radians) and equation of time (minutes) at noon of each of _DAYS."""
    days = _DAYS + _J2000
    anomaly = np.radians(357.528 + 0.9856003 * days)
    mean = 280.460 + 0.9856474 * days
    longitude = np.radians(mean + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    tilt = np.radians(23.439 - 4e-7 * days)
    ascension = np.degrees(np.arctan2(np.cos(tilt) * np.sin(longitude), np.cos(longitude)))
    equation_deg = (mean - ascension + 180.0) % 360.0 - 180.0
    return np.arcsin(np.sin(tilt) * np.sin(longitude)), 4.0 * equation_deg


def _half_day_min(
    latitude: float, declination: NDArray[np.float64], altitude: float
) -> NDArray[np.float64]:
    """Minutes from the event to noon; nan where the sun does not reach the altitude."""
    phi = np.radians(latitude)
    cosine = (np.sin(np.radians(altitude)) - np.sin(phi) * np.sin(declination)) / (
        np.cos(phi) * np.cos(declination)
    )
    within = np.abs(cosine) <= 1.0
    angles = np.degrees(np.arccos(np.where(within, cosine, 0.0)))
    return np.where(within, 4.0 * angles, np.nan)
