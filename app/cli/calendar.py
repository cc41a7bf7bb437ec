"""`nuanfeng calendar show | add | remove | publish`: the public holidays of a country, loaded by
whoever runs this as soon as they are announced (in China by the State Council's notice).
"""

import csv
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from app import settings
from app.cli import terminal
from app.cli.commands import Group
from geodata.errors import BadValue, NuanfengError, PublishRefused, Said, StoreError
from geodata.hours.zone import TimeZone

if TYPE_CHECKING:
    from geodata.city import CityAbout
    from geodata.hours.calendar import Calendars, HolidayYear
    from geodata.store.calendar import HomeCalendar, KeptYear

_DAY: Final = timedelta(days=1)
_publish_option = click.option(
    "--publish", is_flag=True, help="Also publish every dataset of the home anew, with it."
)
_COUNTRY_CODE: Final = re.compile("[A-Z]{2}")


def _country_read(_context: click.Context, _option: click.Parameter, said: str | None) -> str:
    """The country that is stated, else that of the dataset, else China."""
    from geodata.hours.calendar import CHINA

    if said is None:
        city = home_city()
        return city.country if city else CHINA
    if not _COUNTRY_CODE.fullmatch(said.upper()):
        raise click.BadParameter(
            Said("{said} is no country; give the two letters of ISO 3166, such as FI", said=said)
        )
    return said.upper()


COUNTRY: Final = click.option(
    "--country",
    metavar="CODE",
    callback=_country_read,
    help=(
        "Whose holidays, in two letters as CN or FI  [default: those of the dataset that"
        " NUANFENG_DATASET names, else CN]"
    ),
)


@click.group(cls=Group)
def calendar() -> None:
    """The public holidays and worked weekends that opening hours are judged by, by country.

    The program comes with the years that were announced when it was released, or that can be
    computed; a later year is loaded here from a table, without a new release, and stands before
    the program's own.
    """


@calendar.command(
    epilog=(
        "Examples:  nuanfeng calendar show  |  nuanfeng calendar show 2026  |  nuanfeng calendar"
        " show 2026 --csv > 2026.csv  |  nuanfeng calendar show --country FI"
    )
)
@click.argument("year", required=False, type=click.IntRange(1, 9999))
@click.option("--csv", "as_csv", is_flag=True, help="As the table that `calendar add` reads.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@COUNTRY
@terminal.in_sentences
def show(year: int | None, country: str, *, as_csv: bool, as_json: bool) -> None:
    """Say which years are known and from where, or every day of one YEAR."""
    home = _home()
    if year is None and as_csv:
        raise click.UsageError(Said("--csv writes one year: name it."))
    if year is None:
        _show_years(home, country, as_json=as_json)
    else:
        _show_year(_year(home, country, year), as_csv=as_csv, as_json=as_json)
    _warn_of_home(home, country)


@calendar.command(
    epilog=(
        "Examples:  nuanfeng calendar add 2027.csv --dry-run  |  nuanfeng calendar add 2027.csv"
        " --publish  |  nuanfeng calendar add 2027.xlsx --source 国办发明电〔2026〕7号"
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", default="", help="The notice, for rows that name none.")
@click.option("--dry-run", is_flag=True, help="Only say what it would do.")
@click.option("--force", is_flag=True, help="Also if holidays by law are missing, or it has many.")
@COUNTRY
@_publish_option
@terminal.in_sentences
def add(
    file: Path, source: str, country: str, *, dry_run: bool, force: bool, publish: bool
) -> None:
    """Load a year's holidays from a table (csv or xlsx): date, off or work, name, source.

    A row for every day of each break, and for every Saturday or Sunday that is worked; in China
    free weekend days that touch a break count as off by themselves. The headings may be Chinese
    (日期, 放假/上班, 名称, 来源), or be missing. The year replaces what was known of it.
    """
    from geodata.sources.holidays import read_holidays
    from geodata.sources.measure import measure
    from geodata.store.history import Stamp

    measure(file)
    home = _home()
    found = read_holidays(file, source, country)
    _print_differences(home, found.year)
    for text in found.left_out:
        terminal.tell("left out: {text}", text=text)
    if found.doubts and not force:
        raise NuanfengError(
            "{file} is hardly the whole year {year}: {doubts}. Nothing was kept; mend the table, or"
            " add --force if the notice says so",
            file=file.name,
            year=found.year.year,
            doubts=found.doubts,
        )
    if dry_run:
        terminal.tell("Nothing was kept: this is what it would do.")
        return
    home.add(found.year, Stamp.now())
    terminal.tell(
        "The holidays of {year} are kept in {folder}.",
        year=found.year.year,
        folder=home.folder / country,
    )
    _published_or_told(home, country, publish=publish)


@calendar.command(epilog="Examples:  nuanfeng calendar remove 2027 --publish")
@click.argument("year", type=click.IntRange(1, 9999))
@COUNTRY
@_publish_option
@terminal.in_sentences
def remove(year: int, country: str, *, publish: bool) -> None:
    """Take back a YEAR that was loaded: what the program came with holds again, or nothing."""
    from geodata.hours.calendar import library_years
    from geodata.store.history import Stamp

    home = _home()
    home.remove(country, year, Stamp.now())
    then = (
        Said("those of the program hold again")
        if year in {each.year for each in library_years(country)}
        else Said("that year is not known now")
    )
    terminal.tell("The holidays of {year} were taken back: {then}.", year=year, then=then)
    _published_or_told(home, country, publish=publish)


@calendar.command(
    "publish",
    epilog="Examples:  nuanfeng calendar publish  |  nuanfeng calendar publish --dataset mine",
)
@click.option("--dataset", metavar="NAME", help="Only this one  [default: all of the home]")
@terminal.in_sentences
def publish_calendar(dataset: str | None) -> None:
    """Publish datasets anew with the calendar as it is now: the same places, in a new version.

    Running servers follow by themselves. What has this calendar already stays as it is.
    """
    home = _home()
    _publish_all(home, (dataset,) if dataset else _datasets(home))
    city = home_city()
    if city:
        _warn_of_home(home, city.country)


def warn_of_holidays(home: Path, dataset: str, city: "CityAbout", known_until: date) -> None:
    """Say where holidays that should be known by now are not, and what to do."""
    from app.live.holidays import warning

    day = today(TimeZone(city.timezone))
    text = warning(home, dataset, city.country, known_until, day, terminal.language())
    if text:
        terminal.warn("Warning: {text}", text=text)


def warn_after(home: Path, dataset: str, city: "CityAbout") -> None:
    """The same of a dataset that was just published with what the home knows."""
    from geodata.store.calendar import HomeCalendar

    known_until = HomeCalendar(home).calendar(city.country).known_until
    warn_of_holidays(home, dataset, city, known_until)


def today(zone: TimeZone | None = None) -> date:
    """The date in a time zone, by default in this machine's."""
    now = datetime.now(UTC)
    return (zone.local(now) if zone else now.astimezone()).date()


def home_city() -> "CityAbout | None":
    """The city of the dataset that is asked by default; None where there is none."""
    from geodata.store.files import Dataset

    chosen = settings.read()
    try:
        return Dataset(chosen.home, chosen.dataset).load().about.city
    except StoreError:
        return None


def _home() -> "HomeCalendar":
    from geodata.store.calendar import HomeCalendar

    return HomeCalendar(settings.read().home)


def _warn_of_home(home: "HomeCalendar", country: str) -> None:
    from app.live.holidays import warning

    known_until = home.calendar(country).known_until
    text = warning(home.home, "", country, known_until, today(), terminal.language())
    if text:
        terminal.warn("Warning: {text}", text=text)


def _known(home: "HomeCalendar", country: str) -> dict[int, "HolidayYear"]:
    """The years that are known, those that were loaded before the program's."""
    from geodata.hours.calendar import library_years

    return {each.year: each for each in (*library_years(country), *home.years(country))}


def _year(home: "HomeCalendar", country: str, year: int) -> "HolidayYear":
    known = _known(home, country)
    if not known:
        raise BadValue(
            "no holidays of {country} are known; `nuanfeng calendar add {year}.csv --country"
            " {country}` loads them",
            country=country,
            year=year,
        )
    if year not in known:
        raise BadValue(
            (
                "the holidays of {year} are not known; known are {first}–{last}. `nuanfeng "
                "calendar add {year}.csv` loads them"
            ),
            year=year,
            first=min(known),
            last=max(known),
        )
    return known[year]


def _show_years(home: "HomeCalendar", country: str, *, as_json: bool) -> None:
    loaded = {each.year: each for each in home.kept() if each.loaded and each.country == country}
    years = _known(home, country)
    told = [_described(years[year], loaded.get(year)) for year in sorted(years)]
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    if not told:
        terminal.tell(
            "No holidays of {country} are known: hours that hang on them are unknown.",
            country=country,
        )
        return
    headings = (
        Said("year"),
        Said("from"),
        Said("days off"),
        Said("worked weekend days"),
        Said("source"),
    )
    lines = [
        (
            str(each["year"]),
            Said("loaded {day} by {by}", day=each["at"][:10], by=each["by"])
            if each["at"]
            else Said("the program"),
            str(each["off"]),
            str(each["worked"]),
            each["source"],
        )
        for each in told
    ]
    terminal.rows(Said("public holidays of {country}", country=country), headings, lines)
    terminal.tell("Days are known up to {day}.", day=home.calendar(country).known_until)


def _described(year: "HolidayYear", kept: "KeptYear | None") -> dict[str, Any]:
    return {
        "country": year.country,
        "year": year.year,
        "loaded": kept is not None,
        "at": kept.at.isoformat() if kept else None,
        "by": kept.by if kept else None,
        "off": len(year.all_off()),
        "worked": len(year.worked),
        "source": ", ".join(dict.fromkeys(each.source for each in year.days)),
    }


def _show_year(year: "HolidayYear", *, as_csv: bool, as_json: bool) -> None:
    from geodata.sources.holidays import as_rows

    headings, *rows = as_rows(year)
    if as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([headings, *rows])
    elif as_json:
        days = [dict(zip(("date", "kind", "name", "source"), row, strict=True)) for row in rows]
        click.echo(json.dumps(days, ensure_ascii=False, indent=1))
    else:
        for each in year.days:
            said = Said("off") if each.off else Said("work")
            terminal.tell(
                "{day} {weekday}  {said}  {name}",
                day=each.day,
                weekday=_weekday(each.day),
                said=said,
                name=each.name,
            )
        for source in dict.fromkeys(each.source for each in year.days):
            terminal.tell("source: {source}", source=source)


def _weekday(day: date) -> str:
    from babel.dates import format_date

    return format_date(day, "EEE", locale=terminal.language().replace("-", "_"))


def _print_differences(home: "HomeCalendar", year: "HolidayYear") -> None:
    """What the year holds, and what differs from what was known of it."""
    known = _known(home, year.country).get(year.year)
    off = year.all_off()
    terminal.tell(
        "{year}: {count} days off, {worked} worked weekend days.",
        year=year.year,
        count=len(off),
        worked=len(year.worked),
    )
    beside = sorted(off - year.off)
    if beside:
        terminal.tell("Off as weekend beside a break: {beside}.", beside=[*map(str, beside)])
    breaks = [
        (f"{first} – {last}", str((last - first).days + 1), _names(year, first, last))
        for first, last in _runs(sorted(off))
    ]
    terminal.rows(Said("breaks"), (Said("from, to"), Said("days"), Said("name")), breaks)
    if known is None:
        terminal.tell("Nothing was known of {year} before.", year=year.year)
        return
    changes = _changes(known, year)
    terminal.rows(
        Said("differs from what was known of {year}", year=year.year),
        (Said("date"), Said("was"), Said("is")),
        changes,
    )
    if not changes:
        terminal.tell("It is what was known of {year} already.", year=year.year)


def _runs(days: list[date]) -> Iterator[tuple[date, date]]:
    """First and last day of each unbroken run of sorted days."""
    first = last = None
    for day in days:
        if last is None or first is None or day != last + _DAY:
            if first and last:
                yield first, last
            first = day
        last = day
    if first and last:
        yield first, last


def _names(year: "HolidayYear", first: date, last: date) -> str:
    within = [each.name for each in year.days if first <= each.day <= last and each.name]
    return ", ".join(dict.fromkeys(within))


def _changes(known: "HolidayYear", year: "HolidayYear") -> list[tuple[str, str, str]]:
    def word(of: "HolidayYear", day: date) -> Said:
        if day in of.all_off():
            return Said("off")
        return Said("worked") if day in of.worked else Said("as its weekday")

    days = known.all_off() | known.worked | year.all_off() | year.worked
    told = [(str(day), word(known, day), word(year, day)) for day in sorted(days)]
    return [(day, was, now) for day, was, now in told if was != now]


def _datasets(home: "HomeCalendar") -> tuple[str, ...]:
    from geodata.store.files import datasets

    return datasets(home.home)


def _published_or_told(home: "HomeCalendar", country: str, *, publish: bool) -> None:
    """Publish what lacks the calendar, or say what does and how."""
    if publish:
        _publish_all(home, _datasets(home))
    else:
        lacking = [name for name in _datasets(home) if _lacks(home, name)]
        if lacking:
            terminal.tell(
                ("Published without it so far: {lacking}. Publish anew: nuanfeng calendar publish"),
                lacking=[*lacking],
            )
    if settings.read().database_url:
        terminal.tell("Share it with the other machines: nuanfeng push --dataset NAME")
    _warn_of_home(home, country)


def _lacks(home: "HomeCalendar", name: str) -> bool:
    from geodata.store.files import Dataset

    try:
        snapshot = Dataset(home.home, name).load()
    except StoreError:  # publishing it says why
        return True
    wanted = home.calendar(snapshot.about.city.country)
    return not snapshot.hours_by_minute.calendar.same_as(wanted)


def _publish_all(home: "HomeCalendar", names: tuple[str, ...]) -> None:
    """Publish each with the calendar as it is now. Raises PublishRefused where one could not be."""
    faults = []
    for name in names:
        try:
            _publish_one(home.home, name, home.calendar)
        except StoreError as fault:
            faults.append(Said("{name}: {why}", name=name, why=fault))
    if faults:
        raise PublishRefused("not published anew: {faults}", faults=faults)
    if not names:
        terminal.tell("There is no dataset yet; what is published from now on has it.")


def _publish_one(home: Path, name: str, calendars: "Calendars") -> None:
    from geodata.errors import NoDataset
    from geodata.pipeline import published, recipes
    from geodata.store.files import Seen

    held = published.stored(home, name)
    if held is None:
        raise NoDataset("there is no dataset {name!r}", name=name)
    with terminal.progress(Said("freezing {name}", name=name), None) as heard:
        frozen = recipes.with_calendar(held, calendars, heard)
    if frozen is None:
        terminal.tell("Dataset {name} has this calendar already.", name=name)
        return
    pointer = held.dataset.publish(
        frozen.version, frozen.about, frozen.arrays, frozen.blobs, seen=Seen(held.pointer)
    )
    terminal.tell(
        "Published dataset {name} with it, as version {version}.",
        name=name,
        version=pointer.version,
    )
