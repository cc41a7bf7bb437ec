"""How often a network, or all together about a place, may post within an hour.

Counted in the database, so that all workers count together. What is counted is a sliding hour: that
of the clock, and of the one before the part that has not yet passed.
"""

import math
from datetime import datetime, timedelta
from typing import Final

from app.db import posts
from app.db.database import Connection
from app.response.refusals import Spent
from app.voice.networks import Poster

_HOUR: Final = timedelta(hours=1)
KEPT: Final = timedelta(days=1)


class Allowance:
    """What was counted of one thing up to now, and room for one more."""

    def __init__(self, connection: Connection, what: str, who: dict[datetime, str | None]) -> None:
        self._connection = connection
        self._what, self._who = what, who
        now, then = ((name or "", hour) for hour, name in who.items())
        times = posts.times(connection, what, now, then)
        self._times = {hour: times.get((name or "", hour), 0) for hour, name in who.items()}

    def used(self, now: datetime) -> float:
        """How many of the hour behind us count."""
        this, before = self._pair(now)
        return this + before * (1 - _part(now))

    def take(self, now: datetime, most: int) -> None:
        """Count one more; 0: any number may come. Raises Spent."""
        if most and self.used(now) + 1 > most:
            raise Spent(most, self.wait_s(now, most))
        hour = _hour(now)
        posts.count(self._connection, self._who[hour] or "", self._what, hour)
        self._times[hour] += 1

    def wait_s(self, now: datetime, most: int) -> int:
        """After how many seconds one more is taken."""
        this, before = self._pair(now)
        part = _part(now)
        if this + 1 <= most:
            return _seconds(1 - (most - 1 - this) / before - part)
        return _seconds(1 - part + max(0.0, 1 - (most - 1) / this))

    def _pair(self, now: datetime) -> tuple[int, int]:
        hour = _hour(now)
        return self._times[hour], self._times[hour - _HOUR]


def of_network(connection: Connection, poster: Poster, what: str, now: datetime) -> Allowance:
    """What a network has posted; of each hour under the salt of its own day."""
    hours = (_hour(now), _hour(now) - _HOUR)
    return Allowance(connection, what, {hour: poster.name(hour.date()) for hour in hours})


def of_all(connection: Connection, who: str, what: str, now: datetime) -> Allowance:
    """What all have posted about something that is no secret, such as a place."""
    hours = (_hour(now), _hour(now) - _HOUR)
    return Allowance(connection, what, dict.fromkeys(hours, who))


def forget(connection: Connection, now: datetime) -> None:
    """What was counted over a day ago."""
    posts.forget_counts(connection, now - KEPT)


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _part(now: datetime) -> float:
    return (now - _hour(now)) / _HOUR


def _seconds(hours: float) -> int:
    return max(1, math.ceil(hours * 3_600))
