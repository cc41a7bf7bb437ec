"""Maps of the desk: what a script draws, and a sketch for who has none."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from app.desk.place_edits import example_point
from app.desk.sketch import Sketch, sketch
from app.desk.views import DeskRequest
from app.maps.outlines import CityOutlines
from app.pages.assets import GROUND_ALONE, assets
from app.pages.city import city
from app.pages.own_ground import own_ground
from app.response.mount import root

#: Marks that a map shows; more hide each other, and a phone draws them slowly.
_MOST: Final = 1_000


class Mark(NamedTuple):
    """A point of a map, WGS-84 degrees."""

    lon: float
    lat: float
    how: str
    """What happens there: added, removed or changed."""
    name: str
    was: tuple[float, float] | None = None
    """Where it was before."""
    row: str = ""
    """The id of its row on the page."""


class DeskChart(NamedTuple):
    """What the template of a map is given; addresses begin with the path that all is mounted
    under.
    """

    bounds: str
    areas: str
    roads: str
    ground: str
    script: str
    marks: str
    rings: str
    sketch: Sketch | None
    example: str
    """How a point is written."""


def drawn_ground(asked: DeskRequest) -> CityOutlines:
    """The outlines of the version that answers."""
    return city(asked.desk.live).ground


def chart(
    asked: DeskRequest, marks: Sequence[Mark] = (), rings: Sequence[object] = ()
) -> DeskChart:
    """A map of the city, or of these marks and areas."""
    snapshot, live, at = asked.desk.snapshot(), asked.desk.live, root()
    network, beneath = live.roads.network(), own_ground(live, asked.desk.approval)
    told = [each._asdict() for each in marks[:_MOST]]
    under: dict[str, Any] = {}
    if beneath:
        under = {"ground": at + beneath.url, "bounds": beneath.bounds, "zooms": beneath.zooms}
    return DeskChart(
        _json(snapshot.outline.bounds),
        f"{at}/areas/{snapshot.version}.json",
        f"{at}/roads/{network.version}.json" if network else "",
        _json(under) if under else "",
        at + assets().url(GROUND_ALONE),
        _json(told) if told else "",
        _json(rings) if rings else "",
        sketch(drawn_ground(asked), marks),
        example_point(snapshot),
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
