"""Rules in OSM syntax; where two of them speak of one day, or none of some, nothing is written."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from geodata.hours.syntax import DAY_MIN, LONGEST_TEXT
from geodata.sources.hours_text.clock import Times
from geodata.sources.hours_text.days import EVERY_DAY, WEEKEND, WORKING, YEAR_DAYS, Days, Season
from geodata.sources.hours_text.letters import Unsure
from geodata.sources.hours_text.rules import Reading

_Open = tuple[Days, tuple[Times, ...]]
_NAMES: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def written(reading: Reading) -> str:
    """The expression.

    Raises Unsure for two rules of one day, seasons with a gap, and for what is too long.
    """
    seasons = list(dict.fromkeys(rule.season for rule in reading.rules))
    if seasons != [None]:
        _check_seasons(seasons)
    text = "; ".join(
        f"{season.text} {rule}" if season else rule
        for season in seasons
        for rule in _season_rules(reading, season)
    )
    if len(text) > LONGEST_TEXT:
        raise Unsure
    return text


def _check_seasons(seasons: Sequence[Season | None]) -> None:
    """They share no day and leave none out: else nobody knows what holds on the others."""
    days = [day for season in seasons if season for day in season.days]
    if None in seasons or len(days) != len(set(days)) or set(days) != YEAR_DAYS:
        raise Unsure


def _season_rules(reading: Reading, season: Season | None) -> list[str]:
    rules = [rule for rule in reading.rules if rule.season == season]
    opened = [(rule.days, rule.times) for rule in rules if rule.times]
    closed = [rule.days for rule in rules if not rule.times and rule.days]
    if reading.always and any(days and days.weekdays != EVERY_DAY for days, _ in opened):
        raise Unsure
    unsaid = any(days is None for days, _ in opened)
    named = _settled([(days or Days(EVERY_DAY), times) for days, times in opened], unsaid=unsaid)
    _check_closed(named, closed)
    exceptions = _exceptions(named, closed, reading.kept, unsaid=unsaid)
    if not _has_nights_apart(named):
        return [*_lines(named), *exceptions]
    # A rule after `;` puts in doubt whether a night before its days ends at midnight; after `, ` it
    # does not, and days of which nothing is said are closed without it.
    shut = f"{_days_text(Days(frozenset().union(*(days.weekdays for days in closed))))} off"
    return [", ".join(_lines(named)), *(line for line in exceptions if line != shut)]


def _has_nights_apart(named: Sequence[_Open]) -> bool:
    """Whether hours run past midnight, and no two rules speak of one day."""
    counts = [len(days.weekdays) for days, _ in named]
    apart = sum(counts) == len(frozenset().union(*(days.weekdays for days, _ in named)))
    return apart and any(each.end > DAY_MIN for _, times in named for each in times)


def _settled(opened: list[_Open], *, unsaid: bool) -> list[_Open]:
    """Every day first, then its exceptions; two rules for one weekday are else refused."""
    if not opened or (unsaid and any(days is None for days, _ in opened[1:])):
        raise Unsure
    ordered = sorted(opened, key=lambda each: each[0].holidays)
    for (earlier, _), (later, _) in (
        (a, b) for i, a in enumerate(ordered) for b in ordered[i + 1 :]
    ):
        overlap = earlier.weekdays & later.weekdays
        if overlap and not (earlier.weekdays == EVERY_DAY and later.weekdays < EVERY_DAY):
            raise Unsure
        if earlier.holidays and later.holidays:
            raise Unsure
    for _, times in ordered:
        if (
            any(a.end > b.start for a, b in pairwise(times))
            or times[-1].end - times[0].start > DAY_MIN
        ):
            raise Unsure
    return ordered


def _check_closed(named: Sequence[_Open], closed: Sequence[Days]) -> None:
    """Days closed must be open otherwise, or nothing at all: 周一至周五9-18 周三9-12 周三休息 is
    not read.
    """
    spoken = frozenset().union(*(days.weekdays for days, _ in named if days.weekdays != EVERY_DAY))
    explicit = [days for days in closed if days.weekdays & spoken]
    everything_else = any(days.weekdays == EVERY_DAY for days, _ in named)
    if explicit and everything_else:
        raise Unsure


def _lines(named: Sequence[_Open]) -> list[str]:
    return [f"{_days_text(days)} {','.join(map(_range_text, times))}" for days, times in named]


def _exceptions(
    named: Sequence[_Open], closed: Sequence[Days], kept: Sequence[Days], *, unsaid: bool
) -> list[str]:
    """What the days that are closed, kept or left open to doubt add."""
    weekdays_off = frozenset().union(*(days.weekdays for days in closed))
    holidays_off = any(days.holidays for days in closed)
    holidays_open = any(days.holidays for days, _ in named)
    covered = weekdays_off | frozenset().union(*(days.weekdays for days, _ in named))
    vague = any(days.vague for days in (*closed, *(days for days, _ in named)))
    keeps = frozenset().union(*(days.weekdays for days in kept))
    keeps_holidays = any(days.holidays for days in kept)
    if (
        (keeps - covered)
        or (keeps & weekdays_off)
        or (keeps_holidays and (holidays_off or holidays_open))
    ):
        raise Unsure
    if holidays_off and holidays_open:
        raise Unsure
    doubtful = vague and (
        not (covered >= WEEKEND) or (holidays_off and unsaid and not weekdays_off & WEEKEND)
    )
    lines = ["Sa-Su unknown"] if doubtful else []
    lines += [f"{_days_text(Days(weekdays_off))} off"] if weekdays_off else []
    working = any(days.working for days, _ in named)
    if holidays_off:
        lines.append("PH off")
    elif working and not holidays_open and not keeps_holidays:
        lines.append("PH unknown" if covered - WORKING else "PH off")
    elif keeps_holidays and not covered >= EVERY_DAY:
        raise Unsure
    return lines


def _days_text(days: Days) -> str:
    parts = [_run_text(run) for run in _runs(sorted(days.weekdays))]
    return ",".join([*parts, "PH"] if days.holidays else parts)


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _run_text(run: Sequence[int]) -> str:
    return _NAMES[run[0]] if len(run) == 1 else f"{_NAMES[run[0]]}-{_NAMES[run[-1]]}"


def _range_text(times: Times) -> str:
    return f"{_clock_text(times.start)}-{_clock_text(times.end)}"


def _clock_text(minutes: int) -> str:
    """Past midnight as OSM writes it: 02:00 the next morning, but 24:00, and 32:00 where the hours
    run a whole day.
    """
    return f"{minutes // 60:02}:{minutes % 60:02}"
