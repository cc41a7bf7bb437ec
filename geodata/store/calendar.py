"""The holidays that an operator loaded, in the home folder: a file a country and year, replaced
whole.

    {home}/calendar/{country}/{year}.json   one line of JSON (`KeptYear`), and one of its SHA-256

Once the years of China lay in calendar/{year}.json: they are read there, too, and move when they
are next written.

Of one year the later word holds, on this machine or another: a year that was taken back stays as
an empty one, so that it does not come back from a machine that has not heard. The years of the
library stand in hours/calendar.py, behind these.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from geodata.errors import BadValue, DamagedDataset
from geodata.hours.calendar import (
    CHINA,
    Calendar,
    HolidayDate,
    HolidayYear,
    calendar_of,
    usable,
)
from geodata.store.disk import alone, refusing, sync_folder, write_synced
from geodata.store.history import Stamp

_UNFINISHED: Final = ".unfinished-"
_SECOND: Final = timedelta(seconds=1)


class KeptYear(msgspec.Struct, frozen=True):
    """A year as it was loaded, when (aware) and by whom; without days it was taken back."""

    year: int
    at: datetime
    by: str
    days: tuple[HolidayDate, ...]
    country: str = CHINA
    """ISO 3166-1 alpha-2; years that were kept before others could be are China's."""

    @property
    def loaded(self) -> HolidayYear | None:
        """The year; None where it was taken back."""
        return HolidayYear(self.year, self.days, self.country) if self.days else None


def written(kept: KeptYear) -> bytes:
    """A year as it is stored, on disk or in the shared database."""
    body = msgspec.json.encode(kept)
    return body + b"\n" + hashlib.sha256(body).hexdigest().encode() + b"\n"


def understood(stored: bytes, what: str) -> KeptYear:
    """The year that `written` wrote. Raises DamagedDataset where it is not whole, naming `what`."""
    body, _, rest = stored.partition(b"\n")
    try:
        if rest != hashlib.sha256(body).hexdigest().encode() + b"\n":
            raise msgspec.ValidationError  # as what cannot be read
        kept = msgspec.json.decode(body, type=KeptYear)
        HolidayYear(kept.year, kept.days, kept.country)
    except (msgspec.MsgspecError, BadValue):
        raise DamagedDataset(
            (
                "the holidays in {what} are damaged; load that year again (`nuanfeng "
                "calendar add`), or take it back (`nuanfeng calendar remove`)"
            ),
            what=what,
        ) from None
    return kept


@dataclass(frozen=True, slots=True)
class HomeCalendar:
    """The years that were loaded in a home folder, which need not exist."""

    home: Path

    @property
    def folder(self) -> Path:
        """Where the years lie."""
        return self.home / "calendar"

    def kept(self) -> tuple[KeptYear, ...]:
        """Every year that was loaded or taken back, by country and year. Raises DamagedDataset."""
        found = (understood(path.read_bytes(), self._called(path)) for path in self._paths())
        return tuple(sorted(found, key=lambda each: (each.country, each.year)))

    def years(self, country: str, but: int | None = None) -> tuple[HolidayYear, ...]:
        """A country's years that were loaded and not taken back, `but` one.

        Raises DamagedDataset.
        """
        known = (
            understood(path.read_bytes(), self._called(path))
            for path in self._paths(country)
            if path.stem != str(but)
        )
        return tuple(year for each in known if (year := each.loaded))

    def before(self, country: str, year: int) -> HolidayYear | None:
        """What is loaded of a year; None where nothing is, or nothing whole."""
        kept = self._read(country, year)
        return kept.loaded if kept else None

    def calendar(self, country: str) -> Calendar:
        """The calendar to publish a country's datasets with: these years before the library's.

        Raises DamagedDataset.
        """
        return calendar_of(country, self.years(country))

    def add(self, year: HolidayYear, stamp: Stamp) -> None:
        """Keep a year, whole or not at all, in place of what was kept of it.

        Raises BadValue for a year without days, or after a gap; PublishRefused where another
        process is at it or the disk refuses.
        """
        if not year.days:
            raise BadValue(
                "{year} has no days; `nuanfeng calendar remove` takes a year back", year=year.year
            )
        others = {each.year for each in self.years(year.country, but=year.year)}
        if year.year not in usable(year.country, {*others, year.year}):
            known = sorted(usable(year.country, others))
            raise BadValue(
                (
                    "{year} does not follow the years that are known ({first}–{last}); load "
                    "the years between first"
                ),
                year=year.year,
                first=known[0],
                last=known[-1],
            )
        self._keep(year, stamp)

    def remove(self, country: str, year: int, stamp: Stamp) -> None:
        """Take a year back: the library's holds again, or none.

        Raises BadValue where it was not loaded or a later one would stand after a gap, and
        PublishRefused as `add` does.
        """
        others = {each.year for each in self.years(country, but=year)}
        damaged = any(path.exists() for path in self._places(country, year)) and (
            self._read(country, year) is None
        )
        if not damaged and self.before(country, year) is None:
            there = ", ".join(map(str, sorted(others))) or "none"
            raise BadValue(
                "the holidays of {year} were not loaded here; loaded are: {there}",
                year=year,
                there=there,
            )
        stranded = sorted(others - usable(country, others))
        if stranded:
            raise BadValue(
                "without {year} nobody could use {stranded}; take those back first",
                year=year,
                stranded=[*map(str, stranded)],
            )
        self._keep(HolidayYear(year, (), country), stamp)

    def take(self, kept: KeptYear) -> bool:
        """Keep a year as another machine has it, unless a later word is here; whether it was kept.

        Raises PublishRefused as `add` does.
        """
        with self._alone():
            here = self._read(kept.country, kept.year)
            if here is not None and here.at >= kept.at:
                return False
            self._replace(kept)
            return True

    def _keep(self, year: HolidayYear, stamp: Stamp) -> None:
        with self._alone():
            here = self._read(year.country, year.year)
            # A clock may be set back; the later word is later all the same.
            at = max(stamp.at, here.at + _SECOND) if here else stamp.at
            self._replace(KeptYear(year.year, at, stamp.by, year.days, year.country))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with refusing("the holidays were not kept: {why}; what was known before stays"):
            self.folder.mkdir(parents=True, exist_ok=True)
            with alone(self.folder, "the calendar"):
                yield

    def _places(self, country: str, year: int) -> tuple[Path, ...]:
        """Where a year may lie, the newest first."""
        own = self.folder / country / f"{year}.json"
        return (own, self.folder / own.name) if country == CHINA else (own,)

    def _paths(self, country: str = "[A-Z][A-Z]") -> list[Path]:
        """The files of a country's years, or of all countries'."""
        found = sorted(self.folder.glob(f"{country}/[0-9]*.json"))
        if country not in (CHINA, "[A-Z][A-Z]"):
            return found
        moved = {path.name for path in found if path.parent.name == CHINA}
        before = sorted(self.folder.glob("[0-9]*.json"))
        return [*found, *(path for path in before if path.name not in moved)]

    def _called(self, path: Path) -> str:
        return path.relative_to(self.home).as_posix()

    def _read(self, country: str, year: int) -> KeptYear | None:
        """What is kept of a year; None where there is nothing, or nothing whole."""
        for path in self._places(country, year):
            try:
                return understood(path.read_bytes(), self._called(path))
            except FileNotFoundError:
                continue
            except DamagedDataset:
                return None
        return None

    def _replace(self, kept: KeptYear) -> None:
        path, *former = self._places(kept.country, kept.year)
        path.parent.mkdir(exist_ok=True)
        aside = path.parent / f"{_UNFINISHED}{kept.year}"
        try:
            write_synced(aside, written(kept))
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
        for each in former:
            each.unlink(missing_ok=True)
        sync_folder(path.parent)
        sync_folder(self.folder)
