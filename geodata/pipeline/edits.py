"""Edits by hand: what people changed in a published table, laid over every list that comes after.

An edit is (id, field, value, base): what a person says instead of what the list says. The edits of
a version stand beside its places, so that the list's own words can always be told from theirs. A
list that changed the same field contradicts the edit, and a person decides. A place made by hand
has an edit of its standing, and so has one that was closed; what the list says of a closed place is
kept, for the day on which it opens again. Publishes nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import msgspec
import pandas as pd
import shapely

from geodata.errors import BadTable, BadValue, PublishRefused
from geodata.places.table import (
    CATEGORY_COLUMNS,
    COLUMNS,
    DATE_COLUMN,
    DECIMALS,
    LIST_COLUMNS,
    NUMBER_COLUMNS,
    validate,
)
from geodata.space.coordinates import WGS84
from geodata.vocabulary import Position

#: Whether a place is there at all: NEW where a person added it, CLOSED where one took it away, None
#: where the list alone says so.
STANDING: Final = "standing"
NEW: Final = "new"
CLOSED: Final = "closed"
#: Where a place is: its point in WGS-84, "lon lat".
POINT: Final = "geometry"
#: What a person may change of a place.
EDITABLE: Final = (
    STANDING,
    POINT,
    *("kind", "name", "name_en", "address", "phones", "services", "audience", "door", "capacity"),
    *("opening_hours", "opening_hours_text", "operator", "offers", "entry", "fee", "wheelchair"),
    *(DATE_COLUMN, "verified_by"),
)
#: What a point that a person put says of itself: it is where the place stands.
_BY_HAND: Final[Mapping[str, str | None]] = {
    "position": str(Position.SURVEYED),
    "radius_m": None,
}
#: Between the words of a list.
BETWEEN: Final = ";"
#: The part of a version in which its edits stand.
EDITS: Final = "edits.json"
#: What follows from other columns, and is made anew.
_DERIVED: Final = frozenset({"service_bits", "pinyin", "initials"})


class Edit(msgspec.Struct, frozen=True):
    """What a person says of a field of a place; a text, None is unknown."""

    id: str
    field: str
    value: str | None
    base: str | None
    """What the list says instead."""


class Change(msgspec.Struct, frozen=True):
    """A change that somebody asks for."""

    id: str
    field: str
    value: str | None
    seen: str | None
    """What they saw in its place."""
    layer: str
    """Of the place; of a new one that which it is to join."""


class Contradiction(msgspec.Struct, frozen=True):
    """A field that a person and a list both changed."""

    id: str
    field: str
    value: str | None
    """By hand."""
    base: str | None
    """What both had in common."""
    listed: str | None
    """What the list says by now."""


class Contradicted(PublishRefused):
    """Fields that a person and a list both changed; nobody has said which of them holds."""

    def __init__(
        self, message: str, contradictions: Sequence[Contradiction], **values: object
    ) -> None:
        super().__init__(message, **values)
        self.contradictions = tuple(contradictions)


class LayerEdits(msgspec.Struct, frozen=True):
    """The edits of a layer, and what its list says of the places that were closed."""

    edits: tuple[Edit, ...] = ()
    closed: dict[str, dict[str, str | None]] = {}

    def by_field(self) -> dict[tuple[str, str], Edit]:
        """The edits by id and field."""
        return {(each.id, each.field): each for each in self.edits}


NO_EDITS: Final = LayerEdits()
#: Of a version the edits of each layer that has any.
Edits = Mapping[str, LayerEdits]
NONE_EDITED: Final[Edits] = MappingProxyType({})
Decide = Callable[[Contradiction], bool | None]
"""Whether the edit stays, or the list's word is taken; None: nobody has decided yet."""


def undecided(_contradiction: Contradiction) -> None:
    """Nobody has decided anything."""


@dataclass(frozen=True, slots=True)
class LaidOver:
    """A layer with edits laid over it."""

    places: gpd.GeoDataFrame
    edits: LayerEdits
    """Those that hold by now: what the list says, too, is no edit any more."""
    contradictions: tuple[Contradiction, ...] = ()
    """What nobody has decided; there the edit stays."""


def read_edits(body: bytes) -> dict[str, LayerEdits]:
    """The edits of a version, by layer; none of one that has no such part."""
    return msgspec.json.decode(body, type=dict[str, LayerEdits]) if body else {}


def edits_text(edits: Edits) -> bytes:
    """Edits as a version keeps them: the same for the same edits; empty where there are none."""
    held = {name: _sorted(each) for name, each in sorted(edits.items()) if each != NO_EDITS}
    return msgspec.json.encode(held) if held else b""


def _sorted(edits: LayerEdits) -> LayerEdits:
    ordered = sorted(edits.edits, key=lambda each: (each.id, each.field))
    return LayerEdits(tuple(ordered), dict(sorted(edits.closed.items())))


def text_of(places: gpd.GeoDataFrame, column: str) -> list[str | None]:
    """A column of a places table as texts, None where unknown; lists are joined by BETWEEN."""
    if column == POINT:
        return [_point_text(shape) for shape in places.geometry]
    if column in LIST_COLUMNS:
        return [BETWEEN.join(words) or None for words in places[column]]
    values = places[column]
    if column == DATE_COLUMN:
        values = values.dt.strftime("%Y-%m-%d")
    return [None if pd.isna(value) else _plain(value) for value in values]


def _point_text(shape: Any) -> str:
    if isinstance(shape, shapely.Point):
        return f"{shape.x:.{DECIMALS}f} {shape.y:.{DECIMALS}f}"
    return str(shapely.to_wkt(shape, rounding_precision=DECIMALS))


def _plain(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def value_of(column: str, text: str | None) -> Any:
    """A text as a places table holds it. Raises BadValue where it is none of that column."""
    if column == POINT:
        return _shape(text or "")
    if column in LIST_COLUMNS:
        return [word for word in (text or "").split(BETWEEN) if word]
    if text is None or column not in NUMBER_COLUMNS:
        return text
    try:
        return float(text) if NUMBER_COLUMNS[column] == "float64" else int(text)
    except ValueError:
        raise BadValue(
            "{column} is {text!r}; it takes a number", column=column, text=text
        ) from None


def _shape(text: str) -> Any:
    try:
        if text[:1].isalpha():
            return shapely.from_wkt(text)
        lon, lat = map(float, text.split())
        return shapely.Point(lon, lat)
    except (ValueError, shapely.errors.GEOSException):
        raise BadValue(
            "a point is {text!r}; it takes lon and lat in WGS-84",
            text=text[:60],
        ) from None


def listed(places: gpd.GeoDataFrame, edits: LayerEdits) -> gpd.GeoDataFrame:
    """The places of a layer as its list says, without what was edited by hand.

    Of a place that was made by hand, which the list does not know, nothing is left.
    """
    made = {each.id for each in edits.edits if each.field == STANDING and each.value == NEW}
    kept = gpd.GeoDataFrame(places[~places["id"].isin(made)])
    return _with_closed(_changed(kept, _bases(edits, made)), edits.closed)


def known_as(places: gpd.GeoDataFrame, edits: LayerEdits) -> gpd.GeoDataFrame:
    """The places of a layer by the names and points under which its next list may tell of them:
    as `listed`, and those that were made by hand as they are.
    """
    made = {each.id for each in edits.edits if each.field == STANDING and each.value == NEW}
    return _with_closed(_changed(places, _bases(edits, made)), edits.closed)


def _bases(edits: LayerEdits, made: Collection[str]) -> dict[tuple[str, str], str | None]:
    return {
        (each.id, each.field): each.base
        for each in edits.edits
        if each.field != STANDING and each.id not in made
    }


def lay_over(places: gpd.GeoDataFrame, edits: LayerEdits, decide: Decide = undecided) -> LaidOver:
    """A layer's list with edits laid over it.

    `places` have passed `places.validate`, and hold what the list says. Raises BadTable where what
    was edited makes a place that cannot be published.
    """
    if edits == NO_EDITS:
        return LaidOver(places, edits)
    says = _Listed(places)
    held: list[Edit] = []
    open_: list[Contradiction] = []
    for edit in edits.edits:
        if edit.field in _BY_HAND:
            continue
        kept, contradiction = _held(edit, says, decide)
        held += [kept, *_with_it(kept, says)] if kept else []
        open_ += [contradiction] if contradiction else []
    return LaidOver(*_laid(places, tuple(held), edits.closed), tuple(open_))


def changed_by(
    places: gpd.GeoDataFrame,
    edits: LayerEdits,
    changes: Iterable[Change],
    decide: Decide = undecided,
) -> LaidOver:
    """A published layer, over which `edits` are laid already, with more changes.

    What somebody saw and is there no more contradicts their change. Raises BadTable where they make
    a place that cannot be published.
    """
    plain = listed(places, edits)
    says, seen = _Listed(plain), _Listed(places, edits)
    held, open_ = edits.by_field(), list[Contradiction]()
    for change in changes:
        key, shown = (change.id, change.field), seen.text(change.id, change.field)
        if shown not in (change.seen, change.value):
            found = Contradiction(change.id, change.field, change.value, change.seen, shown)
            decided = decide(found)
            if decided is None:
                open_.append(found)
            if not decided:
                continue
        base = says.text(*key)
        for field in (change.field, *(_BY_HAND if change.field == POINT else ())):
            held.pop((change.id, field), None)
        if change.value != base:
            made = Edit(*key, change.value, base)
            held |= {(each.id, each.field): each for each in (made, *_with_it(made, says))}
    # What the list says of a place that opens again stands in `plain` by now.
    return LaidOver(*_laid(plain, tuple(held.values()), edits.closed), tuple(open_))


def shown(places: gpd.GeoDataFrame, edits: LayerEdits) -> Callable[[str, str], str | None]:
    """What a published layer says of a field of a place: by id and field."""
    return _Listed(places, edits).text


class _Listed:
    """What a table says of a field of a place."""

    def __init__(self, places: gpd.GeoDataFrame, edits: LayerEdits = NO_EDITS) -> None:
        self._places = places
        self._row = {place_id: row for row, place_id in enumerate(places["id"])}
        self._standing = {each.id: each.value for each in edits.edits if each.field == STANDING}
        self._columns: dict[str, list[str | None]] = {}

    def __contains__(self, place_id: str) -> bool:
        return place_id in self._row

    def text(self, place_id: str, field: str) -> str | None:
        """None where it is unknown, and of a place that is not there."""
        if field == STANDING:
            return self._standing.get(place_id)
        row = self._row.get(place_id)
        if row is None:
            return None
        if field not in self._columns:
            self._columns[field] = text_of(self._places, field)
        return self._columns[field][row]


def _held(edit: Edit, says: _Listed, decide: Decide) -> tuple[Edit | None, Contradiction | None]:
    """What is left of an edit beside a list, and whether the list contradicts it."""
    if edit.field == STANDING:
        found = edit.id in says
        return (None, None) if edit.value == NEW and found else (edit, None)
    if edit.id not in says:
        return edit, None
    now = says.text(edit.id, edit.field)
    if same(edit.field, now, edit.value):
        return None, None
    if same(edit.field, now, edit.base):
        return msgspec.structs.replace(edit, base=now), None
    told = Contradiction(edit.id, edit.field, edit.value, edit.base, now)
    decided = decide(told)
    if decided is None:
        return edit, told
    return (msgspec.structs.replace(edit, base=now) if decided else None), None


def _with_it(edit: Edit, says: _Listed) -> list[Edit]:
    """What a point that a person put brings along."""
    if edit.field != POINT:
        return []
    return [
        Edit(edit.id, field, value, says.text(edit.id, field)) for field, value in _BY_HAND.items()
    ]


def same(field: str, one: str | None, other: str | None) -> bool:
    """Whether two texts of a field say the same: the words of a list in any order."""
    if field in LIST_COLUMNS:
        return {*(one or "").split(BETWEEN)} == {*(other or "").split(BETWEEN)}
    return one == other


def _laid(
    places: gpd.GeoDataFrame, edits: Sequence[Edit], closed: Mapping[str, Mapping[str, str | None]]
) -> tuple[gpd.GeoDataFrame, LayerEdits]:
    """A list with edits, and the edits with what the list says of closed places."""
    standing = {each.id: each.value for each in edits if each.field == STANDING}
    texts = {(each.id, each.field): each.value for each in edits if each.field != STANDING}
    shut = {place_id for place_id, value in standing.items() if value == CLOSED}
    there = places["id"].isin(shut)
    kept = {each: dict(row) for each, row in closed.items() if each in shut}
    kept |= _rows(gpd.GeoDataFrame(places[there]))
    made = {
        place_id: {field: text for (whose, field), text in texts.items() if whose == place_id}
        for place_id, value in standing.items()
        if value == NEW and place_id not in {*places["id"]}
    }
    rest = _changed(gpd.GeoDataFrame(places[~there]), texts)
    laid = union_of(rest, {each: {"id": each, **row} for each, row in made.items()})
    return laid, LayerEdits(tuple(edits), kept)


def _with_closed(
    places: gpd.GeoDataFrame, closed: Mapping[str, Mapping[str, str | None]]
) -> gpd.GeoDataFrame:
    known = {*places["id"]}
    return union_of(places, {each: row for each, row in closed.items() if each not in known})


def _rows(places: gpd.GeoDataFrame) -> dict[str, dict[str, str | None]]:
    """All that is known of some places, as texts by column."""
    columns = [name for name in COLUMNS if name not in _DERIVED]
    texts = {name: text_of(places, name) for name in columns}
    return {
        place_id: {name: texts[name][row] for name in columns if texts[name][row] is not None}
        for row, place_id in enumerate(places["id"])
    }


def _changed(
    places: gpd.GeoDataFrame, texts: Mapping[tuple[str, str], str | None]
) -> gpd.GeoDataFrame:
    """Places with other texts in some fields, checked anew; the others as they are."""
    known = {*places["id"]}
    ids = {place_id for place_id, _ in texts if place_id in known}
    if not ids:
        return places
    touched = places["id"].isin(ids)
    rows = _rows(gpd.GeoDataFrame(places[touched]))
    for (place_id, field), text in texts.items():
        if place_id in rows:
            rows[place_id][field] = text
    return union_of(gpd.GeoDataFrame(places[~touched]), rows)


def union_of(
    places: gpd.GeoDataFrame, rows: Mapping[str, Mapping[str, str | None]]
) -> gpd.GeoDataFrame:
    """Places and rows of texts as one table in its final shape, by id.

    Raises BadTable where a row cannot be published.
    """
    if not rows:
        return places
    columns = [name for name in COLUMNS if name not in _DERIVED and name != POINT]
    made = {name: [value_of(name, row.get(name)) for row in rows.values()] for name in columns}
    shapes = [value_of(POINT, row.get(POINT)) for row in rows.values()]
    raw = gpd.GeoDataFrame(pd.DataFrame(made, dtype="object"), geometry=shapes, crs=WGS84)
    good, rejects = validate(raw)
    if rejects:
        raise BadTable(
            "{count} places that were edited by hand cannot be published: {why}",
            rejects,
            count=len(rejects),
            why=rejects[0].reason,
        )
    joined = pd.concat([places, good], ignore_index=True) if len(places) else good
    ordered = joined.sort_values("id", kind="stable", ignore_index=True)
    for name in CATEGORY_COLUMNS:
        ordered[name] = pd.Categorical(ordered[name], categories=good[name].cat.categories)
    return gpd.GeoDataFrame(ordered[list(COLUMNS)], geometry="geometry", crs=WGS84)


def without(edits: Edits, layer: str) -> dict[str, LayerEdits]:
    """The edits of all other layers."""
    return {name: each for name, each in edits.items() if name != layer}


def joined(edits: Sequence[LayerEdits]) -> LayerEdits:
    """Edits of several layers as those of one."""
    every = tuple(each for one in edits for each in one.edits)
    return LayerEdits(every, {key: row for one in edits for key, row in one.closed.items()})


def of_places(edits: LayerEdits, ids: Collection[str], *, others: bool = False) -> LayerEdits:
    """The edits of some places; or those of all `others`."""
    return LayerEdits(
        tuple(each for each in edits.edits if (each.id in ids) != others),
        {place_id: row for place_id, row in edits.closed.items() if (place_id in ids) != others},
    )


def require_decided(contradictions: Sequence[Contradiction]) -> None:
    """Raises Contradicted where a person and a list both changed a field, and nobody decided."""
    if not contradictions:
        return
    first = contradictions[0]
    raise Contradicted(
        "{count} fields were edited by hand, and are others in the list now, such as {field} of"
        " {id}: by hand {value!r}, in the list {listed!r}. Nothing was published; keep what was"
        " edited with --edited keep, or take the list's with --edited list",
        contradictions,
        count=len(contradictions),
        field=first.field,
        id=first.id,
        value=first.value,
        listed=first.listed,
    )
