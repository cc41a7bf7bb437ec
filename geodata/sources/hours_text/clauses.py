"""What a notice says, sentence by sentence, before anything is made of it."""

from dataclasses import dataclass

from geodata.sources.hours_text.clock import ClockTimes
from geodata.sources.hours_text.days import DayNames, Season


@dataclass(frozen=True, slots=True)
class Opened:
    """Days (None: none named) with their clock times."""

    days: DayNames | None
    times: tuple[ClockTimes, ...]


@dataclass(frozen=True, slots=True)
class Attends:
    """Days that are open, with times that stand elsewhere: 周一至周六营业."""

    days: DayNames


@dataclass(frozen=True, slots=True)
class Shut:
    """Days that are closed: 周一闭馆."""

    days: DayNames


@dataclass(frozen=True, slots=True)
class Excepted:
    """Days for which what was just said does not hold: 法定节假日除外."""

    days: DayNames


@dataclass(frozen=True, slots=True)
class AsUsual:
    """Days on which it is as usual: 节假日照常."""

    days: DayNames


@dataclass(frozen=True, slots=True)
class Included:
    """Days to which what was just said extends: 含法定节假日."""

    days: DayNames


@dataclass(frozen=True, slots=True)
class Untold:
    """Days whose hours are told elsewhere: 节假日另行通知."""

    days: DayNames


@dataclass(frozen=True, slots=True)
class Others:
    """All other days: with times, as usual (None), or closed (no times)."""

    times: tuple[ClockTimes, ...] | None
    ordinary: str = ""
    """平日 or 平时, if that was the word: weekdays are among them for certain."""

    @property
    def closed(self) -> bool:
        """Whether they are closed."""
        return self.times == ()


@dataclass(frozen=True, slots=True)
class Always:
    """全年无休: no day is left out, holidays neither."""


@dataclass(frozen=True, slots=True)
class Paused:
    """A break within the hours: 午休12:00-14:00."""

    times: ClockTimes


@dataclass(frozen=True, slots=True)
class Unpaused:
    """中午不休息."""


@dataclass(frozen=True, slots=True)
class ClosedAtNoon:
    """中午休息, with the hours told as two halves."""


@dataclass(frozen=True, slots=True)
class ClosedInPart:
    """下午休息, behind hours that leave the afternoon out."""

    latest: int
    """The minute at which hours that leave it out have ended."""


@dataclass(frozen=True, slots=True)
class InSeason:
    """What follows holds between two dates."""

    season: Season


@dataclass(frozen=True, slots=True)
class OpenedInSeason:
    """Times whose season stands behind them: 8:00-20:00（5月-10月）."""

    times: tuple[ClockTimes, ...]
    season: Season


@dataclass(frozen=True, slots=True)
class Silent:
    """A label, or a note that changes nothing: 营业时间, 北京时间."""


@dataclass(frozen=True, slots=True)
class Doubted:
    """Known words that together say nothing certain."""

    said: str


Clause = (
    Opened
    | Attends
    | Shut
    | Excepted
    | AsUsual
    | Included
    | Untold
    | Others
    | Always
    | Paused
    | Unpaused
    | ClosedAtNoon
    | ClosedInPart
    | InSeason
    | OpenedInSeason
    | Silent
    | Doubted
)
#: A clause with the separators before it.
Item = tuple[str, Clause]
