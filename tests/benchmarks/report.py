"""The one table that `make bench` prints: a line is ours, the peer's, their ratio and the target.

Measures nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.table import Table

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. `met` is None where it is printed for comparison only."""

    row: str
    what: str
    ours: str
    peer: str
    ratio: str
    target: str
    met: bool | None


def seconds(duration_s: float) -> str:
    """A duration to three digits in the unit that suits it."""
    for size, unit in _UNITS:
        if duration_s >= size:
            return f"{duration_s / size:.3g} {unit}"
    return f"{duration_s * 1e9:.3g} ns"


def faster(
    row: str, what: str, ours_s: float, peer: str, peer_s: float, at_least: float | None = None
) -> Line:
    """How many times faster ours is than a peer; `at_least` None: printed only."""
    ratio = peer_s / ours_s
    target = "" if at_least is None else f"≥ {at_least:g}x"
    met = None if at_least is None else ratio >= at_least
    return Line(
        row, what, seconds(ours_s), f"{peer} {seconds(peer_s)}", f"{ratio:.3g}x", target, met
    )


def no_slower(
    row: str, what: str, ours_s: float, base: str, base_s: float, at_most: float | None
) -> Line:
    """How many times the base's time ours takes; `at_most` None: printed only."""
    ratio = ours_s / base_s
    target = "" if at_most is None else f"≤ {at_most:g}x"
    met = None if at_most is None else ratio <= at_most
    return Line(
        row, what, seconds(ours_s), f"{base} {seconds(base_s)}", f"{ratio:.3g}x", target, met
    )


def table(lines: Iterable[Line]) -> Table:
    """All figures; what is printed for comparison has no target."""
    drawn = Table("row", "what", "ours", "peer", "ratio", "target", "met?")
    last = ""
    for line in lines:
        if line.row != last and last:
            drawn.add_section()
        last = line.row
        drawn.add_row(
            line.row, line.what, line.ours, line.peer, line.ratio, line.target, _MET[line.met]
        )
    return drawn


_MET = {True: "[green]yes[/]", False: "[red]no[/]", None: ""}
