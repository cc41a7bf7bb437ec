"""A place as its fields' texts: what is published of it, and what somebody said since then."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from app.db import edits as stored
from app.db.database import Connection
from app.db.edits import StoredEdit
from app.desk.roles import Divisions, Location
from geodata.errors import NoSuchPlace
from geodata.snapshot.snapshot import LayerAbout, Snapshot
from geodata.vocabulary import MAIN_LAYER

#: As the pipeline's edits have it, which a worker does not load: frames come with it.
STANDING: Final = "standing"
NEW: Final = "new"
CLOSED: Final = "closed"
POINT: Final = "geometry"
BETWEEN: Final = ";"
_DECIMALS: Final = 7
_OPEN_STREET_MAP: Final = "ODbL"


class PublishedPlace(NamedTuple):
    """What is published of a place."""

    texts: Mapping[str, str | None]
    layer: str
    where: Location
    is_osm: bool
    """Whether it is OpenStreetMap's, and mended there."""
    file: str
    row: int | None


def published(snapshot: Snapshot, place_id: str) -> PublishedPlace | None:
    """What is published of a place; None: it is not there."""
    try:
        row = snapshot.row_of(place_id)
    except NoSuchPlace:
        return None
    feature: dict[str, Any] = msgspec.json.decode(snapshot.records.whole(row))
    said, shape = feature["properties"], feature["geometry"]
    source = said["provenance"]
    texts = {name: _text(said.get(name)) for name in _PLAIN}
    texts |= {name: _text(said["access"][name]) for name in ("door", "audience")}
    texts |= {name: _text(source[name]) for name in ("verified_at", "verified_by")}
    if shape["type"] == "Point":
        texts[POINT] = point_text(*shape["coordinates"])
    return PublishedPlace(
        texts,
        said["layer"],
        Location(said["district"] or "", said["street"] or ""),
        said["licence"].startswith(_OPEN_STREET_MAP),
        source["file"] or "",
        source["row"],
    )


_PLAIN: Final = (
    *("kind", "name", "name_en", "address", "phones", "services", "capacity", "opening_hours"),
    *("opening_hours_text", "operator", "offers", "fee", "wheelchair"),
)


def point_text(lon: float, lat: float) -> str:
    """A point as edits write it."""
    return f"{lon:.{_DECIMALS}f} {lat:.{_DECIMALS}f}"


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return BETWEEN.join(value) or None
    return None if value is None else str(value)


class Known(NamedTuple):
    """A place as somebody who edits it sees it."""

    id: str
    texts: dict[str, str | None]
    """By field: what was said last, else what is published."""
    layer: str
    where: Location
    is_osm: bool
    is_published: bool
    last: dict[str, StoredEdit]
    """By field the newest change by hand."""
    waiting: dict[str, StoredEdit]
    """Those that differ from what is published."""
    file: str
    row: int | None

    @property
    def is_closed(self) -> bool:
        """Whether somebody closed it."""
        return self.texts.get(STANDING) == CLOSED


def known(
    snapshot: Snapshot, divisions: Divisions, connection: Connection, place_id: str
) -> Known | None:
    """A place that is published, or that somebody made or closed; None: there is none."""
    there = published(snapshot, place_id)
    last = {each.field: each for each in stored.last_by_hand(connection, place_id)}
    if there is None and STANDING not in last:
        return None
    return folded(snapshot, divisions, place_id, there, last)


def folded(
    snapshot: Snapshot,
    divisions: Divisions,
    place_id: str,
    there: PublishedPlace | None,
    last: dict[str, StoredEdit],
) -> Known:
    """What is published of a place, with what somebody said since."""
    shown: Mapping[str, str | None] = there.texts if there else {}
    is_shut = there is None and STANDING in last and last[STANDING].value == CLOSED
    said = {name: each.value for name, each in last.items()}
    waiting = {
        name: each for name, each in last.items() if _waits(name, each, there, is_shut=is_shut)
    }
    layer = there.layer if there else last[STANDING].layer
    where = there.where if there else where_of_layer(snapshot, divisions, layer)
    return Known(
        place_id,
        {**shown, **said},
        layer,
        where,
        there.is_osm if there else False,
        there is not None,
        last,
        waiting,
        there.file if there else "",
        there.row if there else None,
    )


def _waits(field: str, said: StoredEdit, there: PublishedPlace | None, *, is_shut: bool) -> bool:
    """Whether what was said is not what is published."""
    if field == STANDING:
        return (there is not None) == (said.value == CLOSED)
    if there is None:
        return not is_shut
    return not same(said.value, there.texts.get(field))


def same(one: str | None, other: str | None) -> bool:
    """Whether two texts say the same: words of a list in any order, nothing and unknown alike."""
    return sorted((one or "").split(BETWEEN)) == sorted((other or "").split(BETWEEN))


def layers(snapshot: Snapshot) -> Sequence[LayerAbout]:
    """The layers of a version; a synthetic one has one."""
    about = snapshot.about
    return about.layers or (LayerAbout(MAIN_LAYER, MAIN_LAYER, 0, "", "", ""),)


def where_of_layer(snapshot: Snapshot, divisions: Divisions, layer: str) -> Location:
    """Whose a layer is: the street office's or the district's that it is called after."""
    label = next((each.label for each in layers(snapshot) if each.name == layer), layer)
    if label in divisions.streets:
        return divisions.of_street(label)
    return Location(label) if label in divisions.districts else Location()
