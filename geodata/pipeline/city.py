"""A city out of an OpenStreetMap extract: outlines, landmarks and public places as layer `osm` of a
dataset. Lists that an owner imported lie beside it, and stay as they are.

Reads and tells; the store publishes. Roads and the base map are built apart, by geodata.travel and
geodata.ground.
"""

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import msgspec
import numpy as np
import shapely

from geodata import traits
from geodata.errors import BadTable, BadValue, Said
from geodata.extract import reading
from geodata.hours.calendar import Calendars
from geodata.pipeline import area_outlines, differences
from geodata.pipeline.area_outlines import Outlines
from geodata.pipeline.differences import Difference
from geodata.pipeline.freeze import Frozen, Progress, unheard
from geodata.pipeline.layers import LayerName, of_layer
from geodata.pipeline.published import StoredTables, real_places
from geodata.pipeline.recipes import Beside, Checked, as_layer, imported
from geodata.places.table import COLUMNS
from geodata.sources.city_facts import CityStated, described, restated
from geodata.sources.osm.gazetteer import OsmLandmark, landmarks_of
from geodata.sources.osm.outlines import OsmCity, city_of
from geodata.sources.osm.places import OSM_LICENCE, OSM_SOURCE, OsmRead, places_of
from geodata.space.coordinates import WGS84
from geodata.vocabulary import OSM_LAYER, Need, Service

#: The layer of such places.
OSM: Final = LayerName(OSM_LAYER, OSM_LAYER)
_CREDIT: Final = f"{OSM_SOURCE} ({OSM_LICENCE})"


@dataclass(frozen=True, slots=True, eq=False)
class CityRead:
    """What came of an extract, ready to be frozen as a layer."""

    city: OsmCity
    found: OsmRead
    checked: Checked
    told: tuple[Said, ...]
    """What was taken for granted or stays otherwise, in sentences."""
    day: date
    """Of the data: as the extract states it, else today."""

    @property
    def by_type(self) -> Mapping[str, int]:
        """How many places there are of each type."""
        return dict(sorted(Counter(self.checked.places["type"]).items()))

    @property
    def hours_known(self) -> int:
        """Of how many places the hours are known."""
        return int(self.checked.places["opening_hours"].notna().sum())

    @property
    def by_need(self) -> Mapping[Need, tuple[int, int]]:
        """How many places surely meet each need, and how many more perhaps."""
        sure, maybe = Counter[Need](), Counter[Need]()
        places = self.checked.places
        for services, likely in zip(places["services"], places["maybe"], strict=True):
            has = {*traits.needs_of(map(Service, services))}
            sure.update(has)
            maybe.update({*traits.needs_of(map(Service, likely))} - has)
        return {need: (sure[need], maybe[need]) for need in Need if sure[need] or maybe[need]}


def read_city(
    extract: Path,
    wanted: str | None,
    stated: CityStated,
    held: StoredTables | None,
    today: date,
    progress: reading.Progress = unheard,
) -> CityRead:
    """Read a city by name or number of its relation (None: what the extract is of), beside what is
    published of its dataset. `progress` hears how many things of the extract have come.

    Raises UnreadableFile for what is no extract, BadTable where it holds no public place, and
    BadValue for a city that it has not, for several time zones, and beside synthetic places.
    """
    if held is not None and held.about.synthetic:
        raise BadValue(
            "dataset {dataset} is synthetic as a whole, and real places are not put among made-up"
            " ones; give another --dataset",
            dataset=held.about.dataset,
        )
    city = city_of(extract, wanted)
    landmarks = landmarks_of(extract, city.outline)
    found = places_of(extract, city, today, landmarks, progress)
    if found.places.empty:
        raise BadTable(
            "{file} holds no public place in {city}, so there is nothing to publish; is it the"
            " right extract, and the right --city?",
            file=extract.name,
            city=city.name,
        )
    outlines, told = _outlines(city, found, landmarks, stated, held)
    inside, more = _inside(found, outlines)
    beside = Beside(real_places(held), outlines, OSM)
    wide, wider = _with_others(outlines, beside.elsewhere())
    checked = as_layer(inside, wide, beside)
    day = date.fromisoformat(found.timestamp[:10]) if found.timestamp else today
    return CityRead(city, found, checked, (*told, *more, *wider), day)


def frozen_city(
    read: CityRead,
    dataset: str,
    held: StoredTables | None,
    progress: Progress = unheard,
    calendar: Calendars | None = None,
) -> Frozen:
    """The version with the layer in it, on the calendar of its country (None: the library's)."""
    title = "" if held else read.city.name
    demand = held.demand(read.checked.outlines) if held else None
    terms = (OSM_LICENCE, OSM_SOURCE, read.day)
    return imported(read.checked, dataset, title, *terms, progress, demand, held, calendar)


@dataclass(frozen=True, slots=True)
class CityChanges:
    """What an update changes: places of the layer, and names of areas that are new or gone."""

    places: tuple[Difference, ...]
    areas_added: tuple[str, ...]
    areas_gone: tuple[str, ...]

    def count(self, how: str) -> int:
        """How many places are differences.ADDED, REMOVED or CHANGED."""
        return sum(each.how == how for each in self.places)


def changes(read: CityRead, frozen: Frozen, held: StoredTables) -> CityChanges:
    """What differs between what is published and what would be."""
    body: Any = io.BytesIO(frozen.blobs["places.parquet"])
    tables = (held.places(), gpd.read_parquet(body))
    was, now = (of_layer(table[list(COLUMNS)], OSM_LAYER) for table in tables)
    before, after = _area_names(held.outlines()), _area_names(read.checked.outlines)
    return CityChanges(
        differences.compare(was, now),
        tuple(sorted(after - before)),
        tuple(sorted(before - after)),
    )


def _area_names(outlines: Outlines) -> set[str]:
    return {*outlines.districts["district"], *outlines.streets["street"]}


def _outlines(
    city: OsmCity,
    found: OsmRead,
    landmarks: Sequence[OsmLandmark],
    stated: CityStated,
    held: StoredTables | None,
) -> tuple[Outlines, tuple[Said, ...]]:
    """The city in the extract's outlines; in the owner's where those were imported."""
    spots = _landmarks(landmarks)
    told: tuple[Said, ...] = ()
    known = held.outlines() if held else None
    if known is not None and {*known.credit.split("; ")} - {"", _CREDIT}:
        stays = Said("the outlines stay as they were imported: {credit}", credit=known.credit)
        return replace(known, landmarks=spots, city=restated(known.city, stated)), (stays,)
    if held is not None and known is not None and _is_built(held):
        about = restated(known.city, replace(stated, name=city.name))
    else:
        lonlat = shapely.get_coordinates(found.places.geometry.to_numpy())
        country = stated.country or city.country
        about, told = described(replace(stated, name=city.name, country=country), city.name, lonlat)
    named = msgspec.structs.replace(about, name_en=city.name_en)
    outlines = area_outlines.listed(
        named, city.outline, city.districts, city.streets, spots, _CREDIT
    )
    return (outlines if known is None else replace(outlines, zones=known.zones)), told


def _is_built(held: StoredTables) -> bool:
    """Whether it has a layer out of an extract already: its city is known, and may be named so."""
    return OSM_LAYER in {each.name for each in held.about.layers}


def _inside(found: OsmRead, outlines: Outlines) -> tuple[gpd.GeoDataFrame, tuple[Said, ...]]:
    """The places that questions can be asked about: outlines of an owner may be narrower."""
    area = area_outlines.service_area(outlines)
    lonlat = shapely.get_coordinates(found.places.geometry.to_numpy())
    is_in = np.asarray(shapely.contains_xy(area, lonlat[:, 0], lonlat[:, 1]), dtype=bool)
    kept = gpd.GeoDataFrame(found.places[is_in].reset_index(drop=True))
    if kept.empty:
        raise BadTable(
            "no place of the extract lies in the outlines of {city}; is it the right extract?",
            city=outlines.city.name,
        )
    if is_in.all():
        return kept, ()
    out = Said("{count:,} places lie outside the outlines, and are left out", count=sum(~is_in))
    return kept, (out,)


def _with_others(
    outlines: Outlines, others: gpd.GeoDataFrame | None
) -> tuple[Outlines, tuple[Said, ...]]:
    """Outlines that hold the places of other layers, too: those stay, wherever they are."""
    if others is None or others.empty:
        return outlines, ()
    middles = others.geometry.representative_point()
    area = area_outlines.service_area(outlines)
    outside = ~np.asarray(shapely.contains_xy(area, middles.x, middles.y), dtype=bool)
    if not outside.any():
        return outlines, ()
    lonlat = shapely.get_coordinates(middles.to_numpy()[outside])
    land = shapely.union(outlines.land, area_outlines.around(outlines.city, lonlat).land)
    grown = Said(
        "{count:,} places of other layers lie outside the extract's outline: the city is drawn"
        " around them, too",
        count=int(outside.sum()),
    )
    return replace(outlines, land=land), (grown,)


def _landmarks(found: Sequence[OsmLandmark]) -> gpd.GeoDataFrame:
    if not found:
        return area_outlines.no_landmarks()
    columns = {
        name: [getattr(each, name) for each in found] for name in ("name", "name_en", "kind")
    }
    points = gpd.points_from_xy([each.lon for each in found], [each.lat for each in found])
    return gpd.GeoDataFrame(columns, geometry=points, crs=WGS84)
