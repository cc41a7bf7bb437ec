"""The map and the day's curve as numbers that a template draws: units of an SVG.

Chooses no colour and says no word.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from geodata.analysis.report import AreaFigures, DayCurve, Ring
from geodata.coverage.served import Standing
from geodata.hours.timeline import State

#: Units across, and how high at least and at most, so that map and heading share a page.
MAP_WIDTH: Final = 1_000.0
_HEIGHTS: Final = (520.0, 780.0)
#: Of the longer side, left free around the area.
_MARGIN: Final = 0.06
_METRES_A_DEGREE: Final = 111_320.0
#: The curve's drawing area.
CURVE_WIDTH, CURVE_HEIGHT = 960.0, 300.0
#: Radius of the heaviest point of the demand; others by the root of their weight, so that areas
#: compare.
_LARGEST: Final = 15.0
_SMALLEST: Final = 2.5


@dataclass(frozen=True, slots=True)
class Spot:
    """A mark on the map: where, how large, which look, and its letters."""

    x: float
    y: float
    size: float
    look: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class MapDrawing:
    """All that the map shows."""

    height: float
    area: str
    """Paths as SVG has them."""
    neighbours: tuple[str, ...]
    names: tuple[Spot, ...]
    demand: tuple[Spot, ...]
    places: tuple[Spot, ...]
    gaps: tuple[Spot, ...]
    sites: tuple[Spot, ...]
    scale_m: int
    scale: float
    """The length of `scale_m` in units."""


@dataclass(frozen=True, slots=True)
class CurveLine:
    """One day: steps through 24 full hours, and the band up to what is served at most."""

    kind: str
    points: str
    band: str


_LOOKS: Final = {
    Standing.OPEN: "open",
    Standing.UNKNOWN: "unknown",
    Standing.CLOSED: "closed",
    Standing.NONE: "none",
}


def map_drawing(report: AreaFigures, names: Sequence[str]) -> MapDrawing:
    """The map of a report; `names` are those of its neighbours as they are to be written."""
    project, height, units_a_m = _projection(report)
    heaviest = max((point.weight for point in report.map_points), default=1.0)
    scale_m = _scale_m(units_a_m)
    labels = [
        Spot(*project(each.lon, each.lat), 0.0, "name", name)
        for each, name in zip(report.neighbours, names, strict=True)
    ]
    return MapDrawing(
        height=round(height, 1),
        area=_path(report.rings, project),
        neighbours=tuple(_path(each.rings, project) for each in report.neighbours),
        names=tuple(
            each for each in labels if 30 < each.x < MAP_WIDTH - 30 and 20 < each.y < height - 12
        ),
        demand=tuple(
            Spot(
                *project(point.lon, point.lat),
                round(max(_LARGEST * math.sqrt(point.weight / heaviest), _SMALLEST), 1),
                _LOOKS[point.standing],
            )
            for point in report.map_points
            if point.standing in _LOOKS
        ),
        places=tuple(
            Spot(*project(place.lon, place.lat), 5.0 if place.inside else 3.5, _look(place.state))
            for place in sorted(report.map_places, key=lambda each: _look(each.state) == "open")
        ),
        gaps=tuple(
            Spot(*project(gap.lon, gap.lat), round(250 * units_a_m, 1), "gap", chr(65 + number))
            for number, gap in enumerate(report.gaps)
        ),
        sites=tuple(
            Spot(*project(site.lon, site.lat), 13.0, "site", str(site.order))
            for site in report.sites
        ),
        scale_m=scale_m,
        scale=round(scale_m * units_a_m, 1),
    )


def curve_lines(curves: Sequence[DayCurve]) -> tuple[CurveLine, ...]:
    """Hour by hour from 0:00 to 24:00: what holds at a full hour is drawn until the next."""
    return tuple(
        CurveLine(
            each.kind.name,
            _steps(each.open),
            f"{_steps(each.most_open)} {_backwards(each.open)}",
        )
        for each in curves
    )


def _look(state: State) -> str:
    if state in (State.OPEN, State.CLOSING_SOON):
        return "open"
    return "unknown" if state is State.UNKNOWN else "closed"


def _corners(shares: Sequence[float]) -> list[str]:
    return [
        f"{CURVE_WIDTH * at / 24:.0f},{CURVE_HEIGHT * (1 - value):.1f}"
        for hour, value in enumerate(shares)
        for at in (hour, hour + 1)
    ]


def _steps(shares: Sequence[float]) -> str:
    return " ".join(_corners(shares))


def _backwards(shares: Sequence[float]) -> str:
    return " ".join(reversed(_corners(shares)))


def _projection(
    report: AreaFigures,
) -> tuple[Callable[[float, float], tuple[float, float]], float, float]:
    """Equirectangular on the middle parallel; the map's height, and units a metre."""
    corners = [corner for ring in report.rings for corner in ring]
    west, east = min(x for x, _ in corners), max(x for x, _ in corners)
    south, north = min(y for _, y in corners), max(y for _, y in corners)
    across = _METRES_A_DEGREE * math.cos(math.radians((south + north) / 2))
    wide_m, high_m = (east - west) * across, (north - south) * _METRES_A_DEGREE
    wide_m, high_m = (each + 2 * _MARGIN * max(wide_m, high_m) for each in (wide_m, high_m))
    least, most = _HEIGHTS
    height = min(max(MAP_WIDTH * high_m / wide_m, least), most)
    units_a_m = min(MAP_WIDTH / wide_m, height / high_m)
    middle = ((west + east) / 2, (south + north) / 2)

    def project(lon: float, lat: float) -> tuple[float, float]:
        x = MAP_WIDTH / 2 + (lon - middle[0]) * across * units_a_m
        y = height / 2 - (lat - middle[1]) * _METRES_A_DEGREE * units_a_m
        return round(x, 1), round(y, 1)

    return project, height, units_a_m


def _path(rings: Sequence[Ring], project: Callable[[float, float], tuple[float, float]]) -> str:
    return "".join(
        "M" + "L".join(f"{x},{y}" for x, y in (project(lon, lat) for lon, lat in ring)) + "Z"
        for ring in rings
    )


def _scale_m(units_a_m: float) -> int:
    """The longest round length of at most a fifth of the map."""
    lengths = [step * tens for tens in (10, 100, 1_000, 10_000) for step in (1, 2, 5)]
    return max(each for each in lengths if each * units_a_m <= MAP_WIDTH / 5)
