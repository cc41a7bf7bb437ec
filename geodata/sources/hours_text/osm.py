"""Schedules as OSM opening hours."""

from collections.abc import Iterator, Sequence
from typing import Final

from geodata.hours.syntax import DAY_MIN, LONGEST_TEXT
from geodata.sources.hours_text.days import WORKING
from geodata.sources.hours_text.letters import Unsure
from geodata.sources.hours_text.schedule import Ranges, Schedule

_NAMES: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
#: What makes a worked weekend follow a rule of Monday to Friday.
WORKDAY_COMMENT: Final = ' open "工作日"'


def written(found: Sequence[Schedule]) -> str:
    """The expression. Raises Unsure for what is longer than OSM stores."""
    text = "; ".join(rule for each in found for rule in _rules(each))
    if len(text) > LONGEST_TEXT:
        raise Unsure("the hours are too many to be written down")
    return text


def _rules(each: Schedule) -> Iterator[str]:
    season = f"{each.season.text} " if each.season else ""
    nights = any(end > DAY_MIN for ranges in each.week for _, end in ranges or ())
    open_rules, others = list(_open_rules(each, season)), list(_other_rules(each, season))
    if nights:
        # For evaluators a rule that replaces a day ends the night before it at midnight: days
        # without hours stand first, and those with hours are added to each other.
        yield from (*others, ", ".join(open_rules))
    else:
        yield from (*open_rules, *others)
    if not each.follows:
        yield f"{season}PH {_state(each.holidays)}"


def _open_rules(each: Schedule, season: str) -> Iterator[str]:
    for days, ranges in together(each):
        if ranges:
            comment = WORKDAY_COMMENT if each.working and frozenset(days) == WORKING else ""
            yield f"{season}{_days_text(days)} {_state(ranges)}{comment}"


def _other_rules(each: Schedule, season: str) -> Iterator[str]:
    """Days that are unknown, or closed in so many words."""
    for days, ranges in together(each):
        said = sorted(each.said_off & frozenset(days)) if ranges == () else days
        if said and not ranges:
            yield f"{season}{_days_text(said)} {_state(ranges)}"


def together(each: Schedule) -> list[tuple[list[int], Ranges]]:
    """Weekdays that have the same hours, in the order in which these first come."""
    groups: dict[Ranges, list[int]] = {}
    for day, ranges in enumerate(each.week):
        groups.setdefault(ranges, []).append(day)
    return [(days, ranges) for ranges, days in groups.items()]


def _state(ranges: Ranges) -> str:
    if ranges is None:
        return "unknown"
    return ",".join(f"{_clock(start)}-{_clock(end)}" for start, end in ranges) or "off"


def _days_text(days: Sequence[int]) -> str:
    return ",".join(_run_text(run) for run in _runs(days))


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


def _clock(minutes: int) -> str:
    """Past midnight as OSM writes it: 26:00 the next morning, 32:00 where the hours run a whole
    day.
    """
    return f"{minutes // 60:02}:{minutes % 60:02}"
