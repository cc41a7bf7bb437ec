"""`nuanfeng hours`: how a notice's opening hours are read, or which words stop it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from app import settings
from app.cli import terminal
from app.cli.calendar import COUNTRY, home_city, today
from app.cli.commands import Command
from app.words import Language, say
from geodata.errors import Said, UnreadableFile, why_of
from geodata.hours.zone import TimeZone

if TYPE_CHECKING:
    from geodata.hours.calendar import Calendar
    from geodata.hours.timeline import Timeline
    from geodata.sources.hours_text.reader import Reading

#: Days that are shown.
_DAYS: Final = 14
_DAY_MIN: Final = 1440
#: The latest date from which so many can be shown.
_LATEST: Final = date.max - timedelta(days=_DAYS)


@click.command(
    cls=Command,
    epilog=(
        'Examples:  nuanfeng hours "周一至周五 9:00-18:00"  |  nuanfeng hours --file texts.txt'
        " --json --from 2026-10-01"
    ),
)
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    help="A text file (UTF-8, GB 18030, UTF-16 …) with one text a line.",
)
@click.option(
    "--from",
    "first",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The first of the 14 days that are shown  [default: today]",
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON a text.")
@COUNTRY
@terminal.in_sentences
def hours(
    texts: Sequence[str],
    path: Path | None,
    first: datetime | None,
    country: str,
    *,
    as_json: bool,
) -> None:
    """Tell how opening hours in Chinese or in OSM syntax are read, on the next 14 days.

    A text of which a single word is not certain is not read: the answer says which.

    With --json each line is {"text", "read": OSM syntax or null, "why": what stopped it, "days":
    [{"date", "open": [["09:00", "18:00"]], "unknown": false}, …]}. `open` is what is certainly
    open from 00:00 to 24:00 of that date: a night from 22:00 to 06:00 is split at midnight,
    ["22:00", "24:00"] on its first date and ["00:00", "06:00"] on the next. `unknown` tells that
    the place may be open at other times of that date, too.
    """
    said = [*texts, *(_lines(path) if path else ())]
    if not said:
        raise click.UsageError(
            Said('Give a text, e.g. nuanfeng hours "周一至周五 9:00-18:00", or --file.')
        )
    begin = first.date() if first else _today()
    if begin > _LATEST:
        raise click.UsageError(
            Said(
                "--from {begin} is too late; give a date up to {latest}.",
                begin=begin,
                latest=_LATEST,
            )
        )
    show = _print_json if as_json else _print
    show(said, begin, country, terminal.language())


def _lines(path: Path) -> list[str]:
    from geodata.sources.decoding import decoded

    if path.is_dir():
        raise UnreadableFile("{file} is a folder; give a text file with one text a line", file=path)
    try:
        body = path.read_bytes()
    except OSError as fault:
        raise UnreadableFile("{file} cannot be read: {why}", file=path, why=why_of(fault)) from None
    lines = decoded(body, path.name).text.splitlines()
    if not lines:
        raise UnreadableFile("{file} is empty; write one text a line", file=path)
    return lines


def _read(
    said: Sequence[str], begin: date, calendar: "Calendar"
) -> "tuple[list[Reading], Timeline, list[int]]":
    """How each text is read, the timeline of all that was read, and the row of each in it."""
    from geodata.hours.timeline import compile_hours, timeline
    from geodata.sources.hours_text.reader import reading

    found = [reading(text) for text in said]
    table, rows, _ = compile_hours([each.osm for each in found])
    return found, timeline(table, calendar, begin, _DAYS), rows.tolist()


def _calendar(country: str) -> "Calendar":
    """The home's, which knows the years that were loaded."""
    from geodata.store.calendar import HomeCalendar

    return HomeCalendar(settings.read().home).calendar(country)


def _today() -> date:
    """Where the dataset lies, else here."""
    city = home_city()
    return today(TimeZone(city.timezone) if city else None)


def _days(line: "Timeline", row: int) -> Iterator[tuple[date, list[tuple[int, int]], bool]]:
    """Each date with its open minutes, in order, and whether others are unknown."""
    from geodata.hours.timeline import State

    each = slice(int(line.offsets[row]), int(line.offsets[row + 1]))
    spans = list(
        zip(
            line.starts[each].tolist(),
            line.ends[each].tolist(),
            line.states[each].tolist(),
            strict=True,
        )
    )
    for number in range(line.days):
        midnight = number * _DAY_MIN
        inside = [
            (max(start - midnight, 0), min(end - midnight, _DAY_MIN), state)
            for start, end, state in spans
            if start < midnight + _DAY_MIN and end > midnight
        ]
        opened = [(start, end) for start, end, state in inside if state == State.OPEN]
        unknown = any(state == State.UNKNOWN for _, _, state in inside)
        yield line.day + timedelta(days=number), opened, unknown


def _why(each: "Reading", language: Language) -> str:
    return say(language, each.why.template, **each.why.values) if each.why else ""


def _print_json(said: Sequence[str], begin: date, country: str, language: Language) -> None:
    found, line, rows = _read(said, begin, _calendar(country))
    for text, each, row in zip(said, found, rows, strict=True):
        answer: dict[str, Any] = {"text": text, "read": each.osm}
        if each.why:
            answer["why"] = _why(each, language)
        answer["days"] = [
            {
                "date": day.isoformat(),
                "open": [[_clock(start), _clock(end)] for start, end in opened],
                "unknown": unknown,
            }
            for day, opened, unknown in _days(line, row)
        ]
        click.echo(json.dumps(answer, ensure_ascii=False))


def _print(said: Sequence[str], begin: date, country: str, language: Language) -> None:
    calendar = _calendar(country)
    found, line, rows = _read(said, begin, calendar)
    for text, each, row in zip(said, found, rows, strict=True):
        terminal.out.print(text, markup=False, style="bold")
        if each.why:
            reason = say(language, "Not read, so unknown: {why}.", why=_why(each, language))
            terminal.tell(reason)
            continue
        known: Mapping[str, str] = {
            say(language, "read as"): each.osm or "",
            say(language, "in words"): each.told,
        }
        terminal.pairs({name: value for name, value in known.items() if value})
        terminal.rows("", _headings(language), list(_table(line, row, calendar, language)))


def _headings(language: Language) -> tuple[str, str, str]:
    return say(language, "date"), say(language, "day"), say(language, "hours")


def _table(
    line: "Timeline", row: int, calendar: "Calendar", language: Language
) -> Iterator[tuple[str, str, str]]:
    from babel.dates import format_date

    from geodata.hours.calendar import DayKind

    marks = {
        DayKind.PH: say(language, "public holiday"),
        DayKind.WORKDAY: say(language, "worked weekend"),
    }
    for day, opened, unknown in _days(line, row):
        name = format_date(day, "EEE", locale=language.replace("-", "_"))
        mark = marks.get(calendar.kind(day), "")
        if not calendar.is_known(day):
            mark = say(language, "holidays not known yet")
        yield day.isoformat(), f"{name} {mark}".strip(), _hours(opened, language, unknown=unknown)


def _hours(opened: Sequence[tuple[int, int]], language: Language, *, unknown: bool) -> str:
    parts = [f"{_clock(start)}-{_clock(end)}" for start, end in opened]
    if unknown:
        parts.append(say(language, "unknown"))
    return ", ".join(parts) or say(language, "closed")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
