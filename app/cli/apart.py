"""What a command says of points that it left out: how many cannot be read, and which reading of
the others would put them inside.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from app.cli import terminal
from geodata.errors import Said

if TYPE_CHECKING:
    from geodata.analysis.left_out import Apart

#: By the reading under which points would lie inside (OutsideArea): as the API says it of one.
HINTS: Final[Mapping[str, Said]] = {
    "swapped": Said("with longitude and latitude exchanged: name their columns by --lon and --lat"),
    "gcj02": Said("read as GCJ-02: say --datum gcj02"),
    "bd09": Said("read as BD-09: say --datum bd09"),
}


def tell(apart: "Apart") -> None:
    """Warn of what is no matter of where the points lie."""
    if apart.unreadable:
        terminal.warn(
            "{count:,} points have no readable coordinates; they are in no share.",
            count=apart.unreadable,
        )
    if apart.hint:
        terminal.warn(
            "{count:,} of the {outside:,} points outside the service area would lie inside {hint}.",
            count=getattr(apart, apart.hint),
            outside=apart.outside,
            hint=HINTS[apart.hint],
        )
