"""From the checked places table to frozen parts: the last room that sees a frame. Writes no files.

Rows are put into tree order, words and hours are compiled, and every place is written as GeoJSON
once.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import geopandas as gpd
import msgspec
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata import traits
from geodata.errors import BadTable
from geodata.hours.calendar import Calendar
from geodata.hours.sun import sun_times
from geodata.hours.timeline import UNKNOWN_BIT, compile_hours, hour_bits
from geodata.hours.zone import TimeZone
from geodata.index.spatial import Index, tree_order
from geodata.pipeline.edits import EDITS, Edits, edits_text
from geodata.places.entry import read_entry
from geodata.places.table import DECIMALS, LIST_COLUMNS
from geodata.search.lengths import cell_lengths
from geodata.snapshot.demand import Demand
from geodata.snapshot.former import ID_BYTES, FormerPlaces
from geodata.snapshot.map_links import links
from geodata.snapshot.records import Record, lay_out, record
from geodata.snapshot.snapshot import (
    FORMAT,
    DatasetAbout,
    Snapshot,
    cell_lengths_arrays,
    demand_arrays,
    index_arrays,
    names_arrays,
)
from geodata.space.coordinates import Datum, from_wgs84
from geodata.text.crossing import either_way
from geodata.text.gazetteer import Entry, Gazetteer, SpotKind
from geodata.text.names import Names
from geodata.text.pinyin import chinese
from geodata.vocabulary import Audience, Door, Kind, Service, YesNo

Progress = Callable[[int], None]
Positions = NDArray[np.int64]

#: Rows taken out of a frame at once: as plain values they weigh ten times as much as in it.
_AT_ONCE: Final = 10_000
#: Of an entry word the hours of which its place may be open, or unknown.
_HOUR_BITS: Final = ((1 << UNKNOWN_BIT + 1) - 1) << traits.HOUR_SHIFT


def unheard(_done: int) -> None:
    """Progress that nobody listens to."""


@dataclass(frozen=True, slots=True, eq=False)
class Frozen:
    """The parts of one version: what a store keeps and a snapshot is assembled from."""

    version: str
    about: DatasetAbout
    arrays: Mapping[str, NDArray[Any]]
    blobs: Mapping[str, bytes]
    """records.bin, places.parquet, areas.geojson, districts.geojson, zones.geojson, drawn.geojson,
    outline.geojson, offices.geojson, landmarks.json; where anything was edited, edits.json.
    """
    unread_hours: Mapping[str, str]
    """Opening hours that are now unknown because they could not be read, and why."""

    def snapshot(self) -> Snapshot:
        """The version, ready to be asked, without a store."""
        return Snapshot.assemble(self.version, self.about, self.arrays, self.blobs["records.bin"])


class Layers(NamedTuple):
    """What a city is divided into, each in WGS-84; None: nothing."""

    areas: gpd.GeoDataFrame | None = None
    """The street offices."""
    districts: gpd.GeoDataFrame | None = None
    """Those merged."""
    zones: gpd.GeoDataFrame | None = None
    """Whatever else there is."""
    drawn: gpd.GeoDataFrame | None = None
    """The street offices as maps without tiles draw them; None: as they are."""
    land: gpd.GeoDataFrame | None = None
    """The city's outline, without a margin; one row."""
    offices: gpd.GeoDataFrame | None = None
    """The street offices as points, where all are listed."""


NO_LAYERS: Final = Layers()


class Made(NamedTuple):
    """Layers that did not change since a version: records and words are taken from it."""

    before: Snapshot | None = None
    """That version."""
    anew: frozenset[str] = frozenset()
    """The layers that did change."""

    def rows(self, ids: NDArray[np.bytes_], layers: "pd.Series[str]") -> Positions:
        """The row there of each of these places, -1 where one is to be made anew."""
        rows = np.full(len(ids), -1, np.int64)
        if self.before is None:
            return rows
        by_id = self.before.by_id
        known = self.before.ids_of(by_id)
        at = np.minimum(np.searchsorted(known, ids), len(known) - 1)
        same = ~layers.isin(list(self.anew)).to_numpy(bool) & (known[at] == ids)
        rows[same] = by_id[at[same]]
        return rows


NOTHING_MADE: Final = Made()


def freeze(
    places: gpd.GeoDataFrame,
    about: DatasetAbout,
    calendar: Calendar,
    outline: BaseGeometry,
    *,
    layers: Layers = NO_LAYERS,
    landmarks: Sequence[Mapping[str, Any]] = (),
    demand: Demand | None = None,
    progress: Progress = unheard,
    made: Made = NOTHING_MADE,
    edits: Edits = MappingProxyType({}),
) -> Frozen:
    """Freeze a table that `places.validate` has passed.

    `outline` is the service area in WGS-84 (buffered already), `landmarks` name, kind, lon and lat
    of what people steer by, `demand` the demand that shares are taken of. `progress` hears how many
    places are written; `made` is what needs not be made anew: the version is the same with it and
    without. `edits` were laid over the places. Raises BadTable for a table without rows.
    """
    if places.empty:
        raise BadTable("a dataset needs at least one place")
    parquet = _parquet(places)  # first: writing it takes as much memory again as the table
    order, lonlat, lines = _in_tree_order(places)
    hours, hours_rows, unread = compile_hours(
        [_text(value) for value in places["opening_hours"].iloc[order]],
        calendar,
        sun_times(outline.bounds, TimeZone(about.city.timezone)),
    )
    bits = hour_bits(hours)[hours_rows].astype(np.int64) << traits.HOUR_SHIFT
    ids = places["id"].to_numpy().astype(f"S{ID_BYTES}")[order]
    made_rows = made.rows(ids, places["layer"].iloc[order])
    words = _words(places, order, made.before, made_rows)
    words[:, 1] |= bits
    by_id = np.argsort(ids, kind="stable")
    ranks = np.argsort(by_id, kind="stable")
    middles = np.concatenate([lonlat, *[_middle(line) for line in lines]])
    facts, records = lay_out(
        _records(places, about, order[made_rows < 0], middles[made_rows < 0], progress),
        hours_rows,
        _ordinals(places["verified_at"].iloc[order]),
        None if made.before is None else (made.before.records, made_rows),
        shifted=about.city.shifted,
    )
    progress(len(places))
    spots = _spots(layers.areas, landmarks)
    index = Index.build(
        lonlat, lines, words, np.stack([ranks, hours_rows], axis=1).astype(np.int32)
    )
    arrays = {
        **index_arrays(index),
        **cell_lengths_arrays(cell_lengths(index, middles)),
        **names_arrays(
            Names.build(chinese(), _texts(spots, places, order)), Gazetteer.build(spots)
        ),
        **hours.to_arrays(),
        **calendar.to_arrays(),
        **area_arrays(outline),
        **_labels("district", places["district"].iloc[order]),
        **_labels("street", places["street"].iloc[order]),
        **FormerPlaces.of(()).to_arrays(),  # the store knows what was there before
        **demand_arrays(demand or Demand.none()),
        "lonlat": middles,
        "ids": ids[by_id],
        "id_rows": by_id.astype(np.int32),
        "facts": facts,
    }
    blobs = {
        "records.bin": records,
        "places.parquet": parquet,
        "areas.geojson": _outlines(layers.areas),
        "districts.geojson": _outlines(layers.districts),
        "zones.geojson": _outlines(layers.zones),
        "drawn.geojson": _outlines(layers.areas if layers.drawn is None else layers.drawn),
        "outline.geojson": _outlines(layers.land),
        "offices.geojson": _points(layers.offices),
        "landmarks.json": msgspec.json.encode(list(landmarks)),
    }
    if edited := edits_text(edits):
        blobs[EDITS] = edited
    counted = msgspec.structs.replace(about, counts=_counts(places))
    return Frozen(_version(counted, arrays, blobs), counted, arrays, blobs, unread)


def _in_tree_order(
    places: gpd.GeoDataFrame,
) -> tuple[Positions, NDArray[np.float64], list[NDArray[np.float64]]]:
    """Positions of points in tree order, then of lines in theirs.

    The coordinates of both, WGS-84 degrees.

    The table itself stays as it is: another one in this order would be gigabytes in a large city.
    """
    is_line = (places.geom_type == "LineString").to_numpy()
    points, streets = np.flatnonzero(~is_line), np.flatnonzero(is_line)
    lonlat = shapely.get_coordinates(places.geometry.to_numpy()[points])
    order = tree_order(lonlat)
    lines = [shapely.get_coordinates(line) for line in places.geometry.to_numpy()[streets]]
    along = tree_order(np.array([_middle(line)[0] for line in lines]).reshape(-1, 2))
    return (
        np.concatenate([points[order], streets[along]]),
        np.ascontiguousarray(lonlat[order]),
        [lines[at] for at in along],
    )


def _middle(line: NDArray[np.float64]) -> NDArray[np.float64]:
    half = len(line) // 2
    return (line[half - 1 : half] + line[half : half + 1]) / 2


def _words(
    places: gpd.GeoDataFrame, order: Positions, before: Snapshot | None, made_rows: Positions
) -> NDArray[np.int64]:
    """Offer and entry word of each place without its hours."""
    words = np.empty((len(places), 2), np.int64)
    anew = made_rows < 0
    words[anew] = _new_words(places, order[anew])
    if before is not None:
        words[~anew] = before.index.words[made_rows[~anew]]
        words[~anew, 1] &= ~_HOUR_BITS
    return words


def _new_words(places: gpd.GeoDataFrame, order: Positions) -> NDArray[np.int64]:
    offers: dict[tuple[tuple[str, ...], str, bool], int] = {}
    entries: dict[tuple[str, tuple[str, ...], str], int] = {}
    registers = {text: _entry(text).register is YesNo.YES for text in places["entry"].dropna()}
    words = np.empty((len(order), 2), np.int64)
    columns = places[["services", "kind", "audience", "door", "entry"]]
    for row, (services, kind, audience, door, entry) in enumerate(_rows(columns, order)):
        register_first = registers.get(entry, False)
        offer_key = (tuple(services), kind, register_first)
        entry_key = (kind, tuple(audience), door)
        if offer_key not in offers:
            offers[offer_key] = traits.offer(
                map(Service, services), kind=Kind(kind), register_first=register_first
            )
        if entry_key not in entries:
            entries[entry_key] = traits.entry(Kind(kind), map(Audience, audience), Door(door))
        words[row] = offers[offer_key], entries[entry_key]
    return words


def _records(
    places: gpd.GeoDataFrame,
    about: DatasetAbout,
    order: Positions,
    middles: NDArray[np.float64],
    progress: Progress,
) -> Iterator[Record]:
    gcj02 = np.stack(from_wgs84(middles[:, 0], middles[:, 1], Datum.GCJ02), axis=1).tolist()
    each = zip(_rows(places, order), middles.tolist(), gcj02, strict=True)
    for done, (place, lonlat, shifted) in enumerate(each):
        yield _record(place, about, lonlat, shifted)
        if done % 1000 == 0:
            progress(done)


def _rows(places: pd.DataFrame, order: Positions) -> Iterator[Any]:
    """The rows as plain values, null as None: a frame's own columns give one value at a time
    slowly.
    """
    for first in range(0, len(order), _AT_ONCE):
        part = places.iloc[order[first : first + _AT_ONCE]]
        yield from pd.DataFrame({name: _plain(part[name]) for name in part}).itertuples(index=False)


def _plain(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Lists that were read from a stored table are arrays."""
    if column.name in LIST_COLUMNS:
        return column.map(list)
    return column.astype("object").where(column.notna(), None)


def _record(
    place: Any, about: DatasetAbout, lonlat: Sequence[float], gcj02: Sequence[float]
) -> Record:
    line = place.geometry.geom_type == "LineString"
    where = (
        None
        if line
        else links(
            lonlat[0],
            lonlat[1],
            place.name,
            place.address or "",
            shifted=about.city.shifted,
            gcj02=(gcj02[0], gcj02[1]),
        )
    )
    shape = _line(place.geometry) if line else {"type": "Point", "coordinates": _rounded(lonlat)}
    return record(place.id, shape, _properties(place, about), _provenance(place), where)


def _line(shape: BaseGeometry) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [_rounded(spot) for spot in shape.coords]}


def _rounded(spot: Sequence[float]) -> list[float]:
    return [round(degrees, DECIMALS) for degrees in spot]


def _properties(place: Any, about: DatasetAbout) -> dict[str, Any]:
    """All that no question changes. A null stays null: unknown is not absent.

    Only source and licence are always known: a place that has none of its own has the dataset's.
    """
    return {
        "kind": place.kind,
        "name": place.name,
        "name_en": place.name_en,
        "address": place.address,
        "district": place.district,
        "street": place.street,
        "phone": next(iter(place.phones), None),
        "phones": place.phones,
        "opening_hours": place.opening_hours,
        "opening_hours_text": place.opening_hours_text,
        "needs": _needs(tuple(place.services)),
        "services": place.services,
        "access": {
            "door": place.door,
            "audience": place.audience,
            "entry": None if place.entry is None else _entry(place.entry),
        },
        "zones": place.zones,
        "capacity": place.capacity,
        "operator": place.operator,
        "offers": place.offers,
        "parent_street_id": place.parent_street_id,
        "type": place.type,
        "fee": place.fee,
        "wheelchair": place.wheelchair,
        "level": place.level,
        "maybe": place.maybe,
        "position": place.position,
        "radius_m": place.radius_m,
        "layer": place.layer,
        "source": place.source or about.source,
        "licence": place.licence or about.licence,
    }


#: Few entries are those of many places.
_entry: Final = lru_cache(maxsize=4096)(read_entry)


@lru_cache(maxsize=4096)
def _needs(services: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(str, traits.needs_of(map(Service, services))))


def _provenance(place: Any) -> dict[str, Any]:
    return {
        "verified_at": place.verified_at and place.verified_at.date().isoformat(),
        "verified_by": place.verified_by,
        "file": place.src_file,
        "sheet": place.src_sheet,
        "row": place.src_row,
        "id": place.src_id,
        "datum": place.src_datum,
        "lon": place.src_lon,
        "lat": place.src_lat,
        "guessed": place.src_guessed and place.src_guessed.split(),
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _spots(areas: gpd.GeoDataFrame | None, landmarks: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Districts, street offices and landmarks, each at a point within it."""
    drawn = gpd.GeoDataFrame() if areas is None else areas[~areas.geometry.is_empty]
    return [
        *(
            _areas_of(drawn, SpotKind.DISTRICT, "district", "district_en")
            if "district" in drawn
            else ()
        ),
        *(
            _areas_of(drawn, SpotKind.STREET_OFFICE, "street", "name_en")
            if "street" in drawn
            else ()
        ),
        *(
            Entry(
                SpotKind.LANDMARK,
                spot["name"],
                spot.get("name_en") or "",
                spot["lon"],
                spot["lat"],
                sort=spot["kind"],
            )
            for spot in landmarks
        ),
    ]


def _areas_of(areas: gpd.GeoDataFrame, kind: SpotKind, name: str, name_en: str) -> Iterator[Entry]:
    for (called, _), rows in areas.groupby(
        [name, "district"] if "district" in areas else [name, name], sort=False
    ):
        inside = shapely.point_on_surface(shapely.union_all(rows.geometry.to_numpy()))
        said = {
            column: _text(rows[column].iloc[0]) or ""
            for column in (name_en, "district", "code")
            if column in rows
        }
        own = (
            {"district": said.get("district", ""), "code": said.get("code", "")}
            if name == "street"
            else {}
        )
        lon, lat = _rounded([inside.x, inside.y])
        yield Entry(kind, str(called), said.get(name_en, ""), lon, lat, **own)


def _texts(
    spots: Sequence[Entry], places: gpd.GeoDataFrame, order: Positions
) -> Iterator[tuple[str, str, str]]:
    """What names.py searches: a name, its English, and the whereabouts, with what the address
    leaves out. A junction is no more than the whereabouts of both its roads, so that one of them
    finds places first.
    """
    yield from (
        ("", "", either_way(spot.name, spot.name_en))
        if spot.sort == "junction"
        else (spot.name, spot.name_en, spot.district)
        for spot in spots
    )
    for place in _rows(places[["name", "name_en", "address", "district", "street"]], order):
        yield (
            place.name,
            place.name_en or "",
            _whereabouts(place.address, place.district, place.street),
        )


def _whereabouts(address: str | None, district: str | None, street: str | None) -> str:
    written = address or ""
    return " ".join(
        [written, *(area for area in (district, street) if area and area not in written)]
    )


def _ordinals(days: "pd.Series[Any]") -> NDArray[np.int32]:
    """Proleptic ordinals, 0 for null."""
    since_1970 = days.to_numpy().astype("datetime64[D]").astype(np.int64)
    epoch = np.int64(719_163)  # date(1970, 1, 1).toordinal()
    return np.where(days.isna().to_numpy(), 0, since_1970 + epoch).astype(np.int32)


def area_arrays(outline: BaseGeometry) -> dict[str, NDArray[Any]]:
    """The rings of a polygon as space.service_area.Outline has them: area_xy and area_starts."""
    rings = [
        shapely.get_coordinates(ring) for ring in shapely.get_rings(shapely.get_parts(outline))
    ]
    return {
        "area_xy": np.concatenate(rings),
        "area_starts": np.cumsum([0, *map(len, rings)]).astype(np.int32),
    }


def _labels(name: str, column: "pd.Series[Any]") -> dict[str, NDArray[Any]]:
    """The arrays of snapshot.Labels."""
    codes, names = pd.factorize(column, sort=True)
    texts = [str(text).encode() for text in names]
    return {f"{name}_names": np.array(texts, np.bytes_), f"{name}_of": codes.astype(np.int32)}


def _outlines(areas: gpd.GeoDataFrame | None) -> bytes:
    """Areas as GeoJSON whose outer rings run counterclockwise (RFC 7946, 3.1.6).

    Nothing of none, or without ground.
    """
    if areas is None or areas.empty:
        return b""
    held = areas[~areas.geometry.is_empty]
    turned = held.set_geometry(shapely.orient_polygons(held.geometry.to_numpy()), crs=areas.crs)
    return turned.to_json(drop_id=True, ensure_ascii=False).encode()


def _points(offices: gpd.GeoDataFrame | None) -> bytes:
    """Points as GeoJSON; nothing of none."""
    if offices is None or offices.empty:
        return b""
    return offices.to_json(drop_id=True, ensure_ascii=False).encode()


def _counts(places: gpd.GeoDataFrame) -> dict[str, int]:
    counted = places["kind"].value_counts()
    return {str(kind): int(counted.get(str(kind), 0)) for kind in Kind}


def _parquet(places: gpd.GeoDataFrame) -> bytes:
    buffer = io.BytesIO()
    places.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _version(
    about: DatasetAbout, arrays: Mapping[str, NDArray[Any]], blobs: Mapping[str, bytes]
) -> str:
    """16 hex digits over the data, the format number and the calendar.

    Not over the Parquet copy, whose bytes carry the version of their writer.
    """
    digest = hashlib.sha256(
        json.dumps([FORMAT, msgspec.to_builtins(about)], sort_keys=True).encode()
    )
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.reshape(-1).view(np.uint8).data)
    for name in sorted(blobs):
        if name != "places.parquet":
            digest.update(name.encode())
            digest.update(blobs[name])  # not joined: the records of 200,000 places are 460 MB
    return digest.hexdigest()[:16]
