"""The collections of a version: one for each kind of place, and those of areas.

Writes features; knows no URLs.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.api.contract.titles import DISTRICTS, STREET_OFFICES, ZONES
from app.api.ogc.terms import Terms, terms_of_kind, terms_of_outlines
from app.live.current import Live
from app.request.ogc_queries import AreaItems, Items, PlaceItems
from app.response.problems import NoSuchCollection
from geodata.errors import NoSuchPlace
from geodata.search.listing import DayRange, Listing, listing
from geodata.snapshot.memo import memoized
from geodata.snapshot.records import STORED_MODE
from geodata.snapshot.snapshot import Snapshot
from geodata.space.boxes import Box, Shapes, shapes_in
from geodata.store.files import Dataset
from geodata.vocabulary import PROGRAMME_KINDS, Kind

Positions = NDArray[np.integer[Any]]


class Features(Protocol):
    """The features of one collection in the order of their ids, in which their positions ascend."""

    @property
    def query(self) -> type[Items]:
        """What a list of them takes."""

    @property
    def are_places(self) -> bool:
        """Whether they are places, which have pages and files of their own."""

    @property
    def terms(self) -> Terms:
        """Whose they are, and under which licence."""

    def __len__(self) -> int: ...

    def positions(self, query: Any) -> Positions:
        """Positions that a query takes, ascending. Raises BadParameters."""

    def position(self, feature_id: str) -> int | None:
        """The position of an id; None where there is no such feature."""

    def after(self, feature_id: str) -> int | None:
        """The first position behind an id; None where no page could have ended there."""

    def feature_id(self, position: int) -> str:
        """The id at a position."""

    def feature(self, position: int) -> bytes:
        """GeoJSON without its last brace, so that members can follow."""

    def bounds(self) -> Box | None:
        """The smallest box around all of them; None of none."""

    def days(self) -> DayRange:
        """The first and the last day that they speak of."""


@dataclass(frozen=True, slots=True)
class PlaceFeatures:
    """The places of a kind."""

    snapshot: Snapshot
    kind: Kind
    query = PlaceItems
    are_places = True

    def __len__(self) -> int:
        return len(self._listing)

    @property
    def terms(self) -> Terms:
        """Whose they are, and under which licence."""
        return terms_of_kind(self.snapshot, self.kind)

    @property
    def _listing(self) -> Listing:
        return listing(self.snapshot, self.kind)

    def positions(self, query: PlaceItems) -> Positions:
        """Positions that a query takes."""
        return self._listing.positions(query.selection(self.snapshot.zone))

    def position(self, feature_id: str) -> int | None:
        """The position of an id."""
        try:
            return self._listing.position(feature_id)
        except NoSuchPlace:
            return None

    def after(self, feature_id: str) -> int | None:
        """The first position behind an id."""
        try:
            return self._listing.after(feature_id)
        except NoSuchPlace:
            return None

    def feature_id(self, position: int) -> str:
        """The id at a position."""
        return self.snapshot.id_of(self._listing.row(position))

    def feature(self, position: int) -> bytes:
        """The stored record, its links made for walking, and the day last checked."""
        row = self._listing.row(position)
        ((feature, _, day),) = self.snapshot.records.open_features([row], STORED_MODE)
        return feature + _checked(day)

    def bounds(self) -> Box | None:
        """The smallest box around all of them."""
        return self._listing.bounds()

    def days(self) -> DayRange:
        """The first and the last day on which one was checked."""
        return self._listing.days()


@lru_cache(maxsize=4096)
def _checked(day: int) -> bytes:
    return b',"verified_at":%s}' % (f'"{date.fromordinal(day)}"'.encode() if day else b"null")


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """Outlines, read from a version's GeoJSON. They carry no date."""

    ids: tuple[str, ...]
    districts: tuple[str, ...]
    features: tuple[bytes, ...]
    shapes: Shapes
    terms: Terms
    query = AreaItems
    are_places = False

    def __len__(self) -> int:
        return len(self.ids)

    def positions(self, query: AreaItems) -> Positions:
        """Positions that a query takes."""
        ok = np.full(len(self), query.datetime is msgspec.UNSET)
        if query.district is not msgspec.UNSET:
            ok &= np.array([district == query.district for district in self.districts], np.bool_)
        box = query.box()
        return np.flatnonzero(ok if box is None else ok & shapes_in(box, self.shapes))

    def position(self, feature_id: str) -> int | None:
        """The position of an id."""
        return self.ids.index(feature_id) if feature_id in self.ids else None

    def after(self, feature_id: str) -> int | None:
        """The first position behind an id."""
        at = self.position(feature_id)
        return None if at is None else at + 1

    def feature_id(self, position: int) -> str:
        """The id at a position."""
        return self.ids[position]

    def feature(self, position: int) -> bytes:
        """The outline with all that is said of it."""
        return self.features[position]

    def bounds(self) -> Box | None:
        """The smallest box around all of them."""
        return self.shapes.bounds

    def days(self) -> DayRange:
        """None: outlines carry no date."""
        return DayRange(None, None)


class _Geometry(msgspec.Struct):
    type: str
    coordinates: list[Any]


class _Outline(msgspec.Struct):
    geometry: _Geometry
    properties: dict[str, Any]


class _Outlines(msgspec.Struct):
    features: list[_Outline] = []


def collections(live: Live, snapshot: Snapshot) -> Mapping[str, Features]:
    """Every collection of a version, by id."""
    return _collections(snapshot, live.dataset)


def collection(live: Live, snapshot: Snapshot, collection_id: str) -> Features:
    """One of them. Raises NoSuchCollection."""
    found = collections(live, snapshot)
    if collection_id not in found:
        raise NoSuchCollection(
            "No collection has the id “{collection}”; there are: {others}.",
            collection=collection_id[:40],
            others=", ".join(found),
        )
    return found[collection_id]


@memoized(most=1)
def _collections(snapshot: Snapshot, dataset: Dataset) -> Mapping[str, Features]:
    streets = _read(dataset.blob(snapshot.version, "areas.geojson"))
    districts = _read(dataset.blob(snapshot.version, "districts.geojson"))
    zones = _read(dataset.blob(snapshot.version, "zones.geojson"))
    terms = terms_of_outlines(snapshot)
    return {
        **{str(kind): PlaceFeatures(snapshot, kind) for kind in _kinds(snapshot)},
        DISTRICTS: _areas(districts, [_slug(area.properties) for area in districts], terms),
        STREET_OFFICES: _areas(streets, _codes(streets), terms),
        **({ZONES: _areas(zones, _codes(zones), terms)} if zones else {}),
    }


def _codes(areas: Sequence[_Outline]) -> list[str]:
    return [str(area.properties.get("code")) for area in areas]


def _kinds(snapshot: Snapshot) -> list[Kind]:
    """Those of the programme, and public places where there are any."""
    counts = snapshot.about.counts
    return [kind for kind in Kind if kind in PROGRAMME_KINDS or counts.get(str(kind))]


def _read(blob: bytes) -> Sequence[_Outline]:
    return msgspec.json.decode(blob, type=_Outlines).features if blob else ()


def _slug(words: Mapping[str, Any]) -> str:
    """A district's id: its English name as a URL has it."""
    return re.sub("[^a-z0-9]+", "-", str(words.get("name_en") or "").lower()).strip("-") or str(
        words.get("district")
    )


def _areas(outlines: Sequence[_Outline], names: Sequence[str], terms: Terms) -> Areas:
    order = sorted(range(len(names)), key=names.__getitem__)
    kept = [outlines[i] for i in order]
    ids = tuple(names[i] for i in order)
    return Areas(
        ids,
        tuple(str(area.properties.get("district")) for area in kept),
        tuple(_feature(name, area) for name, area in zip(ids, kept, strict=True)),
        Shapes.of([_rings(area.geometry) for area in kept], filled=True),
        terms,
    )


def _feature(feature_id: str, area: _Outline) -> bytes:
    words = {
        "type": "Feature",
        "id": feature_id,
        "geometry": area.geometry,
        "properties": area.properties,
    }
    return msgspec.json.encode(words)[:-1]


def _rings(geometry: _Geometry) -> list[Any]:
    parts = geometry.coordinates if geometry.type == "MultiPolygon" else [geometry.coordinates]
    return [ring for part in parts for ring in part]
