"""The tables of a report: cells that carry a value and the text that shows it, in one language.

The page and the workbook are written from the same cells, so their figures are equal. Measures
nothing.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from app.cli.whereabouts import either, where_text
from app.pages.labels import labels
from app.words import Language, say
from geodata.analysis.report import DRAWN, AreaFigures, Gap, NextSite, ServedShares
from geodata.analysis.whereabouts import Whereabouts
from geodata.coverage.served import Standing
from geodata.hours.calendar import DayKind

#: Number formats of a workbook.
SHARE_FORMAT: Final = "0.0%"
COUNT_FORMAT: Final = "#,##0"
DEGREES_FORMAT: Final = "0.00000"


@dataclass(frozen=True, slots=True)
class FigureCell:
    """A value as a workbook keeps it, rounded as it is shown, and its text."""

    value: float | str
    text: str
    format: str = ""
    """The workbook's number format; empty for a text."""


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of the report, and what its reader has to know of it."""

    sheet: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[FigureCell, ...], ...]
    note: str


def share(value: float) -> FigureCell:
    """A share of one, in per cent with one decimal; a dash where there is none."""
    if math.isnan(value):
        return words("–")
    return FigureCell(round(value, 3), f"{100 * round(value, 3):.1f}%", SHARE_FORMAT)


def count(value: float) -> FigureCell:
    """A whole number."""
    return FigureCell(round(value), f"{round(value):,}", COUNT_FORMAT)


def degrees(value: float) -> FigureCell:
    """Degrees with five decimals, about a metre."""
    return FigureCell(round(value, 5), f"{value:.5f}", DEGREES_FORMAT)


def words(text: str) -> FigureCell:
    """A text."""
    return FigureCell(text, text)


@dataclass(frozen=True, slots=True)
class Wording:
    """A report in a language."""

    report: AreaFigures
    language: Language

    @property
    def name(self) -> str:
        """Of the area."""
        area = self.report.area
        return self._either(area.name, area.name_en)

    @property
    def tables(self) -> tuple[FigureTable, ...]:
        """In the order of the page; those without rows too, as their note says why."""
        offices = (self.offices,) if self.report.offices else ()
        return (
            self.summary,
            self.needs,
            *offices,
            self.gaps,
            self.sites,
            self.intervals,
            self.curve,
        )

    @property
    def summary(self) -> FigureTable:
        """The figures that the report begins with."""
        language, report, served = self.language, self.report, self.report.served
        rows = (
            (say(language, "Demand in the area"), count(served.weight)),
            (say(language, "Served: a place known to be open within reach"), share(served.open)),
            (say(language, "Served at most, if unknown hours were open"), share(served.most_open)),
            (say(language, "Only places of unknown hours within reach"), share(served.unknown)),
            (say(language, "Only closed places within reach"), share(served.closed)),
            (say(language, "No place within reach"), share(served.none)),
            (say(language, "Places in the area"), count(report.places)),
            (say(language, "of these known to be open"), count(report.open_places)),
            (say(language, "of these of unknown hours"), count(report.unknown_places)),
            (say(language, "Points of the demand"), count(served.points)),
            (say(language, "Points left out of every share"), count(served.left_out)),
        )
        return FigureTable(
            say(language, "Summary"),
            say(language, "In figures"),
            (say(language, "Figure"), say(language, "Value")),
            tuple((words(name), cell) for name, cell in rows),
            say(
                language,
                "Shares are of the demand in the area and add up to 100%. Points are left out that"
                " lie outside the service area or, by road, on no road.",
            ),
        )

    @property
    def needs(self) -> FigureTable:
        """A row a need."""
        language = self.language
        rows = tuple(
            (
                words(labels(language)["needs"][line.need]),
                count(line.places),
                count(line.open_places),
                count(line.unknown_places),
                *self._shares(line.served),
            )
            for line in self.report.needs
        )
        headings = (
            say(language, "Need"),
            say(language, "Places"),
            say(language, "Places open"),
            say(language, "Places, hours unknown"),
            *self._share_headings(),
        )
        return FigureTable(
            say(language, "Needs"),
            say(language, "By need"),
            headings,
            rows,
            say(
                language,
                "Places are those in the area that serve the need; shares are of its demand, which"
                " places beyond its border serve too.",
            ),
        )

    @property
    def offices(self) -> FigureTable:
        """A row a street office."""
        language = self.language
        rows = tuple(
            (
                words(self._either(line.name, line.name_en)),
                count(line.served.weight),
                *self._shares(line.served),
            )
            for line in self.report.offices
        )
        headings = (
            say(language, "Street office"),
            say(language, "Demand"),
            *self._share_headings(),
        )
        return FigureTable(
            say(language, "Street offices"),
            say(language, "By street office"),
            headings,
            rows,
            say(language, "The worst served first."),
        )

    @property
    def curve(self) -> FigureTable:
        """A row an hour, two columns a day."""
        language, curves = self.language, self.report.curves
        days = [self.day_name(curve.kind) for curve in curves]
        headings = [say(language, "Hour")]
        for day in days:
            headings += [
                say(language, "{day}, served", day=day),
                say(language, "{day}, at most", day=day),
            ]
        rows = tuple(
            (
                words(f"{hour:02}:00"),
                *(share(values[hour]) for each in curves for values in (each.open, each.most_open)),
            )
            for hour in range(24)
        )
        dates = "；".join(
            f"{day} {curve.day.isoformat()}" for day, curve in zip(days, curves, strict=True)
        )
        return FigureTable(
            say(language, "Hours"),
            say(language, "The curve as a table"),
            tuple(headings),
            rows,
            say(language, "Judged at each full hour of these days: {dates}.", dates=dates),
        )

    @property
    def gaps(self) -> FigureTable:
        """A row a square."""
        language = self.language
        headings = (
            say(language, "Mark"),
            say(language, "Where"),
            say(language, "Longitude"),
            say(language, "Latitude"),
            say(language, "Unserved demand"),
            say(language, "Share of the area"),
            say(language, "Why"),
        )
        rows = tuple(
            (
                words(chr(ord("A") + number)),
                words(self.where(gap.where)),
                degrees(gap.lon),
                degrees(gap.lat),
                count(gap.weight),
                share(gap.share),
                words(self._why(gap)),
            )
            for number, gap in enumerate(self.report.gaps)
        )
        note = (
            say(
                language,
                "The largest {shown} of {all} squares of 500 m with unserved demand. The position"
                " is the middle of that demand, in WGS-84 degrees.",
                shown=len(rows),
                all=self.report.gap_squares,
            )
            if rows
            else say(language, "There is no unserved demand at this time.")
        )
        return FigureTable(
            say(language, "Gaps"), say(language, "Where demand is not served"), headings, rows, note
        )

    @property
    def sites(self) -> FigureTable:
        """A row a site."""
        language, report = self.language, self.report
        headings = (
            say(language, "Order"),
            say(language, "Where"),
            say(language, "Longitude"),
            say(language, "Latitude"),
            say(language, "Newly served"),
            say(language, "Share of the area"),
            say(language, "Served so far"),
            say(language, "Reason"),
        )
        rows = tuple(
            (
                words(str(site.order)),
                words(self.where(site.where)),
                degrees(site.lon),
                degrees(site.lat),
                count(site.gain),
                share(site.gain_share),
                share(site.reached_share),
                words(self._reason(site)),
            )
            for site in report.sites
        )
        return FigureTable(
            say(language, "Next sites"),
            say(language, "The best next sites"),
            headings,
            rows,
            self._proof() if rows else say(language, "No site would serve anyone newly."),
        )

    @property
    def intervals(self) -> FigureTable:
        """How sure the shares served are: of the area, each need and each street office."""
        language, report = self.language, self.report
        lines = [
            (self.name, report.served),
            *((labels(language)["needs"][line.need], line.served) for line in report.needs),
            *((self._either(line.name, line.name_en), line.served) for line in report.offices),
        ]
        rows = tuple(
            (words(name), share(served.open), *map(share, served.interval))
            for name, served in lines
            if served.interval is not None
        )
        headings = (
            say(language, "Of"),
            say(language, "Served"),
            say(language, "From"),
            say(language, "To"),
        )
        return FigureTable(
            say(language, "Intervals"),
            say(language, "How sure the shares are"),
            headings,
            rows,
            say(
                language,
                "In {level} of {draws} draws of as many points of the demand, with replacement"
                " (seed {seed}), the share served lies between both ends. They tell how far it"
                " hangs on which points were counted, not on hours that are unknown.",
                level=f"{DRAWN.level:.0%}",
                draws=f"{DRAWN.draws:,}",
                seed=DRAWN.seed,
            ),
        )

    def where(self, at: Whereabouts) -> str:
        """A street office and a landmark, as a resident says it."""
        return where_text(at, self.language)

    def moment(self, at: datetime) -> str:
        """A date, its weekday and the time."""
        between = "" if self.language is Language.CHINESE else " "
        return f"{self.day(at.date())}{between}{at:%H:%M}"

    def day(self, day: date) -> str:
        """A date and its weekday."""
        language = self.language
        weekday = (
            say(language, "Monday"),
            say(language, "Tuesday"),
            say(language, "Wednesday"),
            say(language, "Thursday"),
            say(language, "Friday"),
            say(language, "Saturday"),
            say(language, "Sunday"),
        )[day.weekday()]
        return say(
            language,
            "{weekday}, {year}-{month}-{day}",
            weekday=weekday,
            year=day.year,
            month=f"{day.month:02}",
            day=f"{day.day:02}",
        )

    def day_name(self, kind: DayKind) -> str:
        """What a kind of day is called."""
        match kind:
            case DayKind.SU:
                return say(self.language, "A Sunday")
            case DayKind.PH:
                return say(self.language, "A public holiday")
            case _:
                return say(self.language, "A Wednesday")

    def _either(self, chinese: str, english: str) -> str:
        return either(self.language, chinese, english)

    def _share_headings(self) -> Sequence[str]:
        language = self.language
        return (
            say(language, "Served"),
            say(language, "At most"),
            say(language, "Hours unknown"),
            say(language, "Closed"),
            say(language, "None near"),
        )

    def _shares(self, served: ServedShares) -> Iterator[FigureCell]:
        parts = (served.open, served.most_open, served.unknown, served.closed, served.none)
        return map(share, parts)

    def _why(self, gap: Gap) -> str:
        match gap.why:
            case Standing.CLOSED:
                return say(self.language, "places near, but closed")
            case Standing.UNKNOWN:
                return say(self.language, "places near, hours unknown")
            case _:
                return say(self.language, "no place within reach")

    def _reason(self, site: NextSite) -> str:
        return say(
            self.language,
            "Open round the clock, it serves demand of {gain} at {points} points that has nothing"
            " known to be open now.",
            gain=f"{round(site.gain):,}",
            points=f"{site.points:,}",
        )

    def _proof(self) -> str:
        language, report = self.language, self.report
        many = len(report.sites)
        how = (
            say(language, "No other choice of {n} serves more (proved).", n=many)
            if report.sites_proved
            else say(
                language,
                "No choice of {n} could serve more than {bound}.",
                n=many,
                bound=share(report.sites_bound).text,
            )
        )
        return how + say(
            language,
            " Positions are middles of squares over the demand, in WGS-84 degrees: whether a room"
            " can be had there has to be seen on the spot.",
        )
