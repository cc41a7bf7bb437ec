"""Who is served, as a page without scripts: a map of street offices, the day's curve, a table.

Judges nothing.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.maps.outlines import CityOutlines, Ring
from app.pages.city_drawing import path, projection
from app.request.queries import CoverageQuery
from app.words import Language, say
from geodata.coverage.near import Within
from geodata.coverage.published import Area, By, Shares, shares
from geodata.coverage.served import Standing, hours_of, typical_days
from geodata.hours.calendar import DayKind
from geodata.search.on_roads import RoadAccess
from geodata.snapshot.snapshot import Snapshot
from geodata.travel.network import ENGINE, NetworkAbout
from geodata.vocabulary import Mode

#: Upper edges of the map's classes: a fifth of all people each.
CLASSES: Final = (0.2, 0.4, 0.6, 0.8, 1.0)
#: Days that the curve tells, in the order of its legend.
_TOLD_DAYS: Final = (DayKind.WE, DayKind.SU, DayKind.PH)
#: Units of the curve's drawing, which the template's axes share.
_CURVE: Final = (960.0, 320.0)
#: Views kept of a version: the links of the page lead to some fifty.
_VIEWS: Final = 64


@dataclass(frozen=True, slots=True)
class OfficeShape:
    """One street office on the map: its path, its class (None: nobody asks there), and what it
    says.
    """

    path: str
    shade: int | None
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """One day of the curve: its points as SVG wants them, and the share at each full hour."""

    kind: str
    points: str
    shares: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableLine:
    """One line of the table: a name and texts of shares."""

    name: str
    weight: str
    open: str
    unknown: str
    closed: str
    none: str
    widths: tuple[float, ...]
    """Per cent of open and of unknown, as the bar has them."""


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows."""

    whole: TableLine
    rows: tuple[TableLine, ...]
    pieces: tuple[OfficeShape, ...]
    height: int
    lines: tuple[Line, ...]
    demand: str
    reach: str
    left_out: str
    """The share of the demand that stands on no road of the network.

    Empty where there is none, or none is asked.
    """
    counted: str
    """How far and how people go, and what minutes come from."""


def view(
    snapshot: Snapshot,
    ground: CityOutlines,
    query: CoverageQuery,
    at: datetime,
    language: Language,
    roads: RoadAccess | None,
) -> View:
    """The page of one question, minutes over `roads` if there are any. Raises NoDemand.

    `ground` is that of the snapshot, and its places stand on `roads`. A view by road is kept with
    the roads, for another network may be published under the same places.
    """
    memo = roads.memo if roads else snapshot.memo
    key = (query, at, language)
    return memo.get(
        view, key, lambda: _view(snapshot, ground, query, at, language, roads), most=_VIEWS
    )


def _view(
    snapshot: Snapshot,
    ground: CityOutlines,
    query: CoverageQuery,
    at: datetime,
    language: Language,
    roads: RoadAccess | None,
) -> View:
    within = query.within()
    days = typical_days(snapshot.hours_by_minute.calendar, at.date(), snapshot.zone)
    told = [(kind, days[kind]) for kind in _TOLD_DAYS if kind in days]
    city = shares(
        snapshot, within, By.CITY, [at, *hours_of([day for _, day in told], snapshot.zone)], roads
    )
    by_district, by_street = (
        shares(snapshot, within, by, [at], roads) for by in (By.DISTRICT, By.STREET)
    )
    offices = {area.code: row for row, area in enumerate(by_street.areas)}
    names = {office.code: index for index, office in enumerate(ground.offices)}
    known = [
        (area, offices[area.code], names[area.code])
        for area in by_street.areas
        if area.code in names
    ]
    project, height = projection(ground)
    demand = snapshot.demand.summary
    return View(
        whole=_row(city, 0, language),
        rows=tuple(_row(by_district, row, language) for row in range(len(by_district.areas))),
        pieces=tuple(
            _piece(by_street, row, ground.outlines[at_], project, language) for _, row, at_ in known
        ),
        height=height,
        lines=tuple(_line(city, nth, kind) for nth, (kind, _) in enumerate(told)),
        demand=demand.title if language is Language.CHINESE else demand.title_en,
        reach=reach_text(within, language),
        left_out=_left_out(city),
        counted=counted_text(within, roads.network.about if roads else None, language),
    )


def _row(found: Shares, row: int, language: Language) -> TableLine:
    parts = found.tally.parts(row)
    open_, unknown, closed, none = (
        parts[f"share_{name}"] for name in ("open", "unknown", "closed", "none")
    )
    return TableLine(
        _named(found.areas[row], language),
        f"{parts['weight']:,.0f}",
        percent(open_),
        percent(unknown),
        percent(closed),
        percent(none),
        (_width(open_), _width(unknown)),
    )


def _width(share: float) -> float:
    return 0.0 if math.isnan(share) else round(100 * share, 2)


def _named(area: Area, language: Language) -> str:
    return (area.name if language is Language.CHINESE else area.name_en) or area.name or ""


def percent(share: float) -> str:
    """A share as a text; a dash where there is none."""
    if math.isnan(share):
        return "–"
    return f"{100 * share:.1f}%" if 0 < share < 0.1 else f"{100 * share:.0f}%"


def reach_text(within: Within, language: Language) -> str:
    """How far, as a text."""
    if within.minutes is None:
        return f"{within.reach_m:,.0f} m"
    minutes = f"{within.minutes:g}"
    match within.mode:
        case Mode.WALK:
            return say(language, "{n} min on foot", n=minutes)
        case Mode.RIDE:
            return say(language, "{n} min by e-bike", n=minutes)
        case Mode.DRIVE:
            return say(language, "{n} min by car", n=minutes)
        case Mode.TRUCK:
            return say(language, "{n} min by truck", n=minutes)


def _left_out(city: Shares) -> str:
    weight = city.tally.weight[:, 0].sum(axis=0)
    off, asked = float(weight[Standing.OFF_ROAD]), float(weight[Standing.OFF_ROAD :].sum())
    return percent(off / asked) if off else ""


def counted_text(within: Within, network: NetworkAbout | None, language: Language) -> str:
    """How far and how people go, and what minutes come from, as a sentence."""
    if within.minutes is None:
        return say(language, "Reach is the straight line.")
    if network is None:
        return say(
            language, "Minutes are estimated from the straight line: no road network answers here."
        )
    told = {"name": network.network, "engine": ENGINE, "licence": network.licence}
    dated = (network.data_timestamp or "–")[: len("2026-11-01")]
    return say(
        language,
        "Minutes are those of the way over the roads, both ends on foot: network {name}, {engine},"
        " data of {date}, {licence}.",
        **told,
        date=dated,
    )


def _piece(
    found: Shares, row: int, rings: Sequence[Ring], project: Mapping[str, float], language: Language
) -> OfficeShape:
    share = float(found.tally.share(Standing.OPEN)[row, 0])
    outline = "".join(path(ring, project) for ring in rings)
    shade = (
        None
        if math.isnan(share)
        else next(n for n, edge in enumerate(CLASSES) if share <= edge + 1e-9)
    )
    return OfficeShape(outline, shade, f"{_named(found.areas[row], language)} {percent(share)}")


def _line(city: Shares, nth: int, kind: DayKind) -> Line:
    first = 1 + 24 * nth
    hourly: list[float] = city.tally.share(Standing.OPEN)[0, first : first + 24].tolist()
    width, height = _CURVE
    closed = [0.0 if math.isnan(value) else value for value in [*hourly, hourly[-1]]]
    points = " ".join(
        f"{width * hour / 24:.0f},{height * (1 - value):.1f}" for hour, value in enumerate(closed)
    )
    return Line(kind.name, points, tuple(map(percent, hourly)))


def day_names(language: Language) -> dict[str, Any]:
    """What the curve's days are called."""
    return {
        "WE": say(language, "A Wednesday"),
        "SU": say(language, "A Sunday"),
        "PH": say(language, "A public holiday"),
    }
