"""Which things of OpenStreetMap a base map draws: in which layer, as what, and from which zoom on.

The tables are read in their order: the first line that fits decides. No border of a state or a
province is in them, whatever the extract holds. Values are those of the OpenStreetMap wiki, "Map
features", read 2026-11-30.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

#: Zooms of the tiles, of 512 pixels each: a screen of Leaflet's zoom n shows those of n - 1.
FIRST_ZOOM: Final = 8
LAST_ZOOM: Final = 15

LAND: Final = "land"
WATER: Final = "water"
GREEN: Final = "green"
BUILDING: Final = "building"
ROAD: Final = "road"
RAIL: Final = "rail"
PLACE: Final = "place"
#: In the order in which they are drawn, the lowest first.
LAYERS: Final = (LAND, GREEN, WATER, BUILDING, RAIL, ROAD, PLACE)


class Drawn(NamedTuple):
    """How a thing is drawn."""

    layer: str
    kind: str
    zoom: int
    """The first whose tiles hold it."""


_ANY: Final = "*"
Table = tuple[tuple[str, str, Drawn], ...]


def _lines(layer: str, kind: str, zoom: int, key: str, values: str) -> Table:
    return tuple((key, value, Drawn(layer, kind, zoom)) for value in values.split())


_AREAS: Final[Table] = (
    *_lines(WATER, "water", 8, "natural", "water"),
    *_lines(WATER, "water", 8, "waterway", "riverbank dock"),
    *_lines(WATER, "water", 9, "landuse", "reservoir basin"),
    *_lines(WATER, "water", 15, "leisure", "swimming_pool"),
    *_lines(WATER, "water", 15, "amenity", "fountain"),
    *_lines(LAND, "sand", 11, "natural", "beach sand"),
    *_lines(GREEN, "wood", 8, "landuse", "forest"),
    *_lines(GREEN, "wood", 8, "natural", "wood scrub"),
    *_lines(GREEN, "park", 9, "leisure", "park nature_reserve golf_course garden dog_park"),
    *_lines(GREEN, "park", 10, "landuse", "cemetery recreation_ground village_green"),
    *_lines(GREEN, "pitch", 14, "leisure", "pitch track"),
    *_lines(GREEN, "grass", 10, "natural", "grassland heath wetland"),
    *_lines(GREEN, "grass", 12, "landuse", "grass meadow orchard vineyard allotments"),
    *_lines(GREEN, "grass", 12, "landuse", "plant_nursery greenfield flowerbed"),
    *_lines(LAND, "plaza", 14, "highway", "pedestrian footway"),
    *_lines(LAND, "plaza", 14, "place", "square"),
    *_lines(BUILDING, "building", 14, "building", _ANY),
)
_COURSES: Final[Table] = (
    *_lines(ROAD, "motorway", 8, "highway", "motorway"),
    *_lines(ROAD, "trunk", 8, "highway", "trunk"),
    *_lines(ROAD, "primary", 9, "highway", "primary"),
    *_lines(ROAD, "secondary", 10, "highway", "secondary"),
    *_lines(ROAD, "tertiary", 11, "highway", "tertiary"),
    *_lines(ROAD, "link", 12, "highway", "motorway_link trunk_link primary_link"),
    *_lines(ROAD, "link", 13, "highway", "secondary_link tertiary_link"),
    *_lines(ROAD, "street", 12, "highway", "residential unclassified living_street road"),
    *_lines(ROAD, "street", 13, "highway", "pedestrian busway"),
    *_lines(ROAD, "service", 14, "highway", "service"),
    *_lines(ROAD, "path", 15, "highway", "cycleway track"),
    *_lines(ROAD, "path", 15, "highway", "footway path steps bridleway corridor"),
    *_lines(RAIL, "metro", 11, "railway", "subway light_rail monorail"),
    *_lines(RAIL, "rail", 9, "railway", "rail narrow_gauge"),
    *_lines(RAIL, "tram", 13, "railway", "tram funicular"),
    *_lines(WATER, "river", 9, "waterway", "river"),
    *_lines(WATER, "canal", 11, "waterway", "canal"),
    *_lines(WATER, "stream", 13, "waterway", "stream"),
)
_NAMED: Final[Table] = (
    *_lines(PLACE, "city", 8, "place", "city"),
    *_lines(PLACE, "town", 9, "place", "town borough district"),
    *_lines(PLACE, "town", 11, "place", "suburb quarter"),
    *_lines(PLACE, "quarter", 12, "place", "village island"),
    *_lines(PLACE, "quarter", 13, "place", "neighbourhood hamlet locality square islet"),
    *_lines(PLACE, "metro", 11, "station", "subway light_rail monorail"),
    *_lines(PLACE, "station", 11, "railway", "station"),
    *_lines(PLACE, "station", 12, "railway", "halt"),
    *_lines(PLACE, "metro", 12, "railway", "stop"),
    *_lines(PLACE, "station", 14, "railway", "tram_stop"),
    *_lines(PLACE, "exit", 15, "railway", "subway_entrance"),
    *_lines(PLACE, "station", 10, "aeroway", "aerodrome"),
    *_lines(PLACE, "station", 14, "amenity", "bus_station ferry_terminal"),
    *_lines(PLACE, "spot", 13, "amenity", "university hospital"),
    *_lines(PLACE, "spot", 14, "amenity", "college school townhall library theatre marketplace"),
    *_lines(PLACE, "spot", 14, "amenity", "cinema police courthouse community_centre clinic"),
    *_lines(PLACE, "spot", 13, "tourism", "attraction museum theme_park zoo aquarium"),
    *_lines(PLACE, "spot", 14, "tourism", "hotel viewpoint gallery"),
    *_lines(PLACE, "spot", 13, "shop", "mall department_store"),
    *_lines(PLACE, "spot", 14, "leisure", "stadium sports_centre"),
    *_lines(PLACE, "park", 13, "leisure", "park nature_reserve golf_course"),
    *_lines(PLACE, "park", 14, "leisure", "garden"),
    *_lines(PLACE, "park", 12, "natural", "peak"),
    *_lines(PLACE, "water", 12, "natural", "water bay"),
    *_lines(PLACE, "water", 12, "landuse", "reservoir"),
    *_lines(PLACE, "spot", 14, "landuse", "residential commercial industrial retail"),
    *_lines(PLACE, "spot", 15, "amenity", _ANY),
    *_lines(PLACE, "spot", 15, "tourism", _ANY),
    *_lines(PLACE, "spot", 15, "shop", _ANY),
    *_lines(PLACE, "spot", 15, "office", _ANY),
    *_lines(PLACE, "spot", 15, "leisure", _ANY),
    *_lines(PLACE, "spot", 15, "building", _ANY),
)
COASTLINE: Final = ("natural", "coastline")
#: The keys of what is drawn: others of an extract are not looked at.
KEYS: Final = tuple(
    sorted({key for table in (_AREAS, _COURSES, _NAMED) for key, *_ in table} - {"station"})
)
#: A footpath beside a road, or over it, says nothing that the road does not.
_BESIDE_A_ROAD: Final = frozenset({"sidewalk", "crossing", "link", "traffic_island"})
_NOT_THERE: Final = frozenset(
    {"no", "construction", "proposed", "abandoned", "razed", "demolished"}
)
_DOOR_ROADS: Final = frozenset({"parking_aisle", "driveway", "drive-through", "emergency_access"})
_YARD_RAILS: Final = frozenset({"yard", "siding", "spur", "crossover"})


@lru_cache(maxsize=64)
def first_zoom(layer: str, kind: str) -> int:
    """The first zoom whose tiles hold a thing of this kind."""
    found = [
        drawn.zoom
        for lines in (_AREAS, _COURSES, _NAMED)
        for _, _, drawn in lines
        if (drawn.layer, drawn.kind) == (layer, kind)
    ]
    return min(found, default=FIRST_ZOOM)


def area(tags: Mapping[str, str]) -> Drawn | None:
    """How an area of these tags is drawn; None: not at all."""
    if "highway" in tags and tags.get("area") != "yes":
        return None
    return _first(_AREAS, tags)


def course(tags: Mapping[str, str]) -> Drawn | None:
    """How a way of these tags is drawn that is no area; None: not at all."""
    if tags.get("area") == "yes" or tags.get("footway") in _BESIDE_A_ROAD:
        return None
    found = _first(_COURSES, tags)
    service = tags.get("service")
    if found and (service in _DOOR_ROADS or (found.layer == RAIL and service in _YARD_RAILS)):
        return found._replace(zoom=LAST_ZOOM)
    return found


def name(tags: Mapping[str, str]) -> Drawn | None:
    """As what the name of a thing of these tags stands on the map; None: it does not."""
    return _first(_NAMED, tags)


def _first(table: Table, tags: Mapping[str, str]) -> Drawn | None:
    for key, value, drawn in table:
        stated = tags.get(key)
        if stated and stated not in _NOT_THERE and value in (_ANY, stated):
            return drawn
    return None


class MapNames(NamedTuple):
    """A thing's name as it is written there, and in two languages where they differ from that."""

    name: str
    zh: str | None
    en: str | None


def names(tags: Mapping[str, str]) -> MapNames | None:
    """The names of a thing; None: it has none."""
    chinese = next(
        (tags[key] for key in ("name:zh-Hans", "name:zh-CN", "name:zh") if key in tags), None
    )
    english = tags.get("name:en")
    own = tags.get("name") or chinese or english
    if not own:
        return None
    return MapNames(own, _other(chinese, own), _other(english, own))


def _other(stated: str | None, own: str) -> str | None:
    return stated if stated and stated != own else None
