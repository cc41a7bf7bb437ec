"""The page rows of the targets as lines of the table: ours beside a peer's, as a fraction of it.

Measures nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tests.benchmarks.cities import DEMO_PLACES
from tests.benchmarks.page.phone import Figures
from tests.benchmarks.report import Line, seconds

ROW: Final = "phone page"


def patience_s(size: int) -> float:
    """How long a peer's page is waited for.

    In the demo city it must finish, or there is nothing to compare with, even beside other work
    that makes it take ten times its 13 s; a larger one may take too long.
    """
    return 600.0 if size == DEMO_PLACES else 120.0


@dataclass(frozen=True, slots=True)
class Figure:
    """What of a visit is compared, under which name.

    Ours may be `at_most` of a peer's, by the peer's name.
    """

    name: str
    what: str
    at_most: Mapping[str, float]
    against: str | None = None
    """The peer's figure where it is another: who has no list is waited for until markers."""


FIGURES: Final = (
    Figure(
        "transfer_bytes", "transfer until markers", {"Marker": 1 / 14, "FastMarkerCluster": 1 / 4}
    ),
    Figure("paint_s", "first paint", {"Marker": 1 / 12}),
    Figure(
        "list_s", "first usable list", {"Marker": 1 / 10, "FastMarkerCluster": 1 / 2}, "markers_s"
    ),
    Figure("markers_s", "markers", {"Marker": 1 / 6}),
    Figure("blocked_s", "blocking time", {"Marker": 1 / 30}),
    Figure("heap_bytes", "JS heap", {"Marker": 1 / 20}),
)


def beside(size: int, ours: Figures, peer: str, theirs: Figures | None) -> Iterator[Line]:
    """Ours as a fraction of a peer's.

    The targets are for the demo city, other sizes are printed.
    """
    row = f"{ROW}, {size:,}"
    for figure in FIGURES:
        mine, at_most = (
            getattr(ours, figure.name),
            figure.at_most.get(peer) if size == DEMO_PLACES else None,
        )
        if theirs is None:
            peer_shown = f"{peer} did not finish in {patience_s(size):g} s"
            yield Line(row, figure.what, amount(figure.name, mine), peer_shown, "", "", None)
            continue
        other = getattr(theirs, figure.against or figure.name)
        yield Line(
            row,
            figure.what,
            amount(figure.name, mine),
            f"{peer} {amount(figure.name, other)}",
            fraction(mine, other),
            "" if at_most is None else f"≤ 1/{1 / at_most:g}",
            None if at_most is None else mine <= at_most * other,
        )


def flat(what: str, small: Figures, large: Figures) -> Line:
    """Whether a larger city costs a phone the same."""
    ratio = large.transfer_bytes / small.transfer_bytes
    mine, other = (amount("transfer_bytes", one.transfer_bytes) for one in (large, small))
    return Line(ROW, what, mine, other, f"{ratio - 1:+.1%}", "± 15%", abs(ratio - 1) <= 0.15)


def against_floor(figures: Figures, limit: float) -> Line:
    """The first list against what the network alone takes."""
    ratio = figures.list_s / figures.floor_s
    mine, floor = seconds(figures.list_s), f"network's floor {seconds(figures.floor_s)}"
    return Line(ROW, "first list", mine, floor, f"{ratio:.2f}x", f"≤ {limit:g}x", ratio <= limit)


def blocked(figures: Figures, limit_s: float) -> Line:
    """What a thumb waits at most, all long tasks together."""
    mine = figures.blocked_s
    limit = f"≤ {seconds(limit_s)}"
    return Line(ROW, "blocking time", amount("", mine), "", "", limit, mine <= limit_s)


def pan(figures: Figures, least: float) -> Line:
    """Frames a second while the map is drawn about."""
    fps = figures.pan_fps
    shown = f"{fps:.0f} frames/s"
    return Line(ROW, "a pan of the map", shown, "", "", f"≥ {least:g} frames/s", fps >= least)


def at_most(what: str, mine: float, limit: float) -> Line:
    """A number of bytes against a limit."""
    shown = amount("bytes", mine)
    return Line(ROW, what, shown, "", "", f"≤ {amount('bytes', limit)}", mine <= limit)


def none(what: str, found: frozenset[str]) -> Line:
    """What must not be there at all."""
    return Line(
        ROW,
        what,
        str(len(found)) if not found else ", ".join(sorted(found)),
        "",
        "",
        "0",
        not found,
    )


def amount(name: str, value: float) -> str:
    """A figure in the unit its name ends in."""
    if not name.endswith("bytes"):
        return seconds(value) if value else "0 s"
    return f"{value / 1e6:.3g} MB" if value >= 1e6 else f"{value / 1e3:.3g} kB"


def fraction(mine: float, other: float) -> str:
    """1/n where ours is less, else n times."""
    if not mine:
        return "0"
    return f"1/{other / mine:.3g}" if mine <= other else f"{mine / other:.3g}x"
