"""What tags say of a place: its type, the services that are sure, and those that are only likely.

One table. Each row names the page of wiki.openstreetmap.org that it follows, as read 2026-11-30.
A service is sure where the tag itself says it; what such places mostly have is `maybe`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from geodata.extract.entities import Tags
from geodata.vocabulary import PlaceType, Service

#: Words that a tag's value may be; empty: any value but "no".
Values = tuple[str, ...]
_YES: Final[Values] = ("yes", "designated", "only", "limited")
_ANY: Final[Values] = ()


class TagRow(NamedTuple):
    """All of `tags` make a place of a type, unless one of `unless` does not."""

    type: PlaceType
    tags: Mapping[str, Values]
    services: tuple[Service, ...]
    maybe: tuple[Service, ...]
    source: str
    """A page of wiki.openstreetmap.org."""
    unless: Mapping[str, Values] = {}


class AddedRow(NamedTuple):
    """A tag that says more of a place that some TagRow has found."""

    tags: Mapping[str, Values]
    services: tuple[Service, ...]
    maybe: tuple[Service, ...]
    source: str


_ROOM: Final = (Service.SEAT, Service.TOILET, Service.DRINKING_WATER)
_STATION: Final = (
    Service.SEAT,
    Service.DRINKING_WATER,
    Service.HOT_WATER,
    Service.MICROWAVE,
    Service.PHONE_CHARGE,
    Service.TOILET,
)

# fmt: off
#: The first row that fits says the type; the services of all that fit are joined.
ROWS: Final[tuple[TagRow, ...]] = (
    TagRow(PlaceType.TOILETS, {"amenity": ("toilets",)},
           (Service.TOILET,), (), "Tag:amenity=toilets"),
    TagRow(PlaceType.DRINKING_WATER, {"amenity": ("drinking_water",)},
           (Service.DRINKING_WATER,), (Service.WATER_REFILL,), "Tag:amenity=drinking_water",
           {"drinking_water": ("no",)}),
    TagRow(PlaceType.DRINKING_WATER, {"amenity": ("fountain",), "drinking_water": _YES},
           (Service.DRINKING_WATER,), (), "Tag:amenity=fountain"),
    TagRow(PlaceType.DRINKING_WATER,
           {"man_made": ("water_tap", "drinking_fountain"), "drinking_water": _YES},
           (Service.DRINKING_WATER,), (Service.WATER_REFILL,), "Tag:man_made=water_tap"),
    TagRow(PlaceType.WATER_POINT, {"amenity": ("water_point",)},
           (Service.DRINKING_WATER, Service.WATER_REFILL), (), "Tag:amenity=water_point",
           {"drinking_water": ("no",)}),
    TagRow(PlaceType.WATER_POINT, {"drinking_water:refill": _YES},
           (Service.WATER_REFILL,), (), "Key:drinking_water:refill"),
    TagRow(PlaceType.DEVICE_CHARGING, {"amenity": ("device_charging_station",)},
           (Service.PHONE_CHARGE,), (), "Tag:amenity=device_charging_station"),
    TagRow(PlaceType.BICYCLE_CHARGING, {"amenity": ("charging_station",), "bicycle": _YES},
           (Service.EBIKE_CHARGE,), (), "Tag:amenity=charging_station"),
    TagRow(PlaceType.BICYCLE_CHARGING, {"amenity": ("charging_station",), "scooter": _YES},
           (Service.EBIKE_CHARGE,), (), "Tag:amenity=charging_station"),
    TagRow(PlaceType.VEHICLE_CHARGING, {"amenity": ("charging_station",), "motorcar": _YES},
           (Service.EV_CHARGE,), (), "Tag:amenity=charging_station"),
    TagRow(PlaceType.VEHICLE_CHARGING, {"amenity": ("charging_station",), "hgv": _YES},
           (Service.EV_CHARGE,), (), "Tag:amenity=charging_station"),
    # Nobody says for what: by the page's first sentence for electric vehicles.
    TagRow(PlaceType.VEHICLE_CHARGING, {"amenity": ("charging_station",)},
           (Service.EV_CHARGE,), (), "Tag:amenity=charging_station",
           {"motorcar": ("no",), "bicycle": _ANY, "scooter": _ANY, "boat": _ANY}),
    TagRow(PlaceType.SHELTER, {"amenity": ("shelter",)},
           (Service.SHELTER,), (Service.SEAT,), "Tag:amenity=shelter",
           {"shelter_type": ("field_shelter", "changing_rooms", "wildlife_hide", "building")}),
    TagRow(PlaceType.BUS_SHELTER, {"highway": ("bus_stop",), "shelter": _YES},
           (Service.SHELTER,), (Service.SEAT,), "Key:shelter"),
    TagRow(PlaceType.BUS_SHELTER, {"public_transport": ("platform",), "shelter": _YES},
           (Service.SHELTER,), (Service.SEAT,), "Key:shelter"),
    TagRow(PlaceType.COVERED_BENCH, {"amenity": ("bench",), "covered": _YES},
           (Service.SEAT, Service.SHELTER), (), "Tag:amenity=bench"),
    TagRow(PlaceType.COVERED_BENCH, {"amenity": ("bench",), "shelter": _YES},
           (Service.SEAT, Service.SHELTER), (), "Key:shelter"),
    TagRow(PlaceType.LIBRARY, {"amenity": ("library",)},
           (Service.BOOKS,), (Service.SEAT, Service.TOILET, Service.WIFI), "Tag:amenity=library"),
    TagRow(PlaceType.COMMUNITY_CENTRE, {"amenity": ("community_centre",)},
           (), _ROOM, "Tag:amenity=community_centre"),
    TagRow(PlaceType.SOCIAL_CENTRE, {"amenity": ("social_centre",)},
           (), _ROOM, "Tag:amenity=social_centre"),
    TagRow(PlaceType.REST_AREA, {"highway": ("rest_area",)},
           (Service.REST_STOP,), (Service.TOILET, Service.SEAT), "Tag:highway=rest_area"),
    TagRow(PlaceType.REST_AREA, {"highway": ("services",)},
           (Service.REST_STOP,),
           (Service.TOILET, Service.SEAT, Service.FUEL, Service.SNACKS, Service.HOT_FOOD),
           "Tag:highway=services"),
    TagRow(PlaceType.TRUCK_PARKING, {"amenity": ("parking",), "hgv": _YES},
           (Service.TRUCK_PARKING,), (), "Tag:amenity=parking"),
    TagRow(PlaceType.TRUCK_PARKING, {"amenity": ("parking",), "capacity:hgv": _ANY},
           (Service.TRUCK_PARKING,), (), "Tag:amenity=parking",
           {"capacity:hgv": ("0",), "hgv": ("no",)}),
    TagRow(PlaceType.FUEL, {"amenity": ("fuel",)},
           (Service.FUEL,), (Service.TOILET, Service.SNACKS, Service.AIR_PUMP),
           "Tag:amenity=fuel"),
    TagRow(PlaceType.BICYCLE_REPAIR, {"amenity": ("bicycle_repair_station",)},
           (Service.BIKE_REPAIR,), (Service.AIR_PUMP,), "Tag:amenity=bicycle_repair_station"),
    TagRow(PlaceType.BICYCLE_REPAIR, {"shop": ("bicycle",), "service:bicycle:repair": _YES},
           (Service.BIKE_REPAIR,), (Service.AIR_PUMP,), "Key:service:bicycle:repair"),
    TagRow(PlaceType.AIR_PUMP, {"amenity": ("compressed_air",)},
           (Service.AIR_PUMP,), (), "Tag:amenity=compressed_air"),
    TagRow(PlaceType.DEFIBRILLATOR, {"emergency": ("defibrillator",)},
           (Service.AED,), (), "Tag:emergency=defibrillator"),
    TagRow(PlaceType.PHARMACY, {"amenity": ("pharmacy",)},
           (Service.MEDICINE,), (), "Tag:amenity=pharmacy"),
    TagRow(PlaceType.CONVENIENCE, {"shop": ("convenience",)},
           (Service.SNACKS,), (Service.HOT_WATER, Service.MICROWAVE), "Tag:shop=convenience"),
    TagRow(PlaceType.FAST_FOOD, {"amenity": ("fast_food",)},
           (Service.HOT_FOOD,), (Service.SEAT, Service.TOILET), "Tag:amenity=fast_food"),
)

#: What more there is at a place, whatever its type.
ADDED: Final[tuple[AddedRow, ...]] = (
    AddedRow({"toilets": _YES}, (Service.TOILET,), (), "Key:toilets"),
    AddedRow({"drinking_water": _YES}, (Service.DRINKING_WATER,), (), "Key:drinking_water"),
    AddedRow({"bottle": _YES}, (Service.WATER_REFILL,), (), "Key:bottle"),
    AddedRow({"shower": _YES}, (Service.SHOWER,), (), "Key:shower"),
    AddedRow({"shower": ("hot", "cold", "outdoor", "indoor")},
             (Service.SHOWER,), (), "Key:shower"),
    AddedRow({"changing_table": _YES}, (), (Service.NURSING_ROOM,), "Key:changing_table"),
    AddedRow({"internet_access": ("wlan",)}, (Service.WIFI,), (), "Key:internet_access"),
    AddedRow({"internet_access": ("yes",)}, (), (Service.WIFI,), "Key:internet_access"),
    AddedRow({"bench": _YES}, (Service.SEAT,), (), "Key:bench"),
    AddedRow({"indoor_seating": _YES}, (Service.SEAT,), (), "Key:indoor_seating"),
    AddedRow({"outdoor_seating": _YES}, (Service.SEAT,), (), "Key:outdoor_seating"),
    AddedRow({"air_conditioning": _YES}, (Service.AIR_CON,), (), "Key:air_conditioning"),
    AddedRow({"compressed_air": _YES}, (Service.AIR_PUMP,), (), "Key:compressed_air"),
    AddedRow({"service:bicycle:pump": _YES}, (Service.AIR_PUMP,), (), "Key:service:bicycle:pump"),
    AddedRow({"service:bicycle:repair": _YES},
             (Service.BIKE_REPAIR,), (), "Key:service:bicycle:repair"),
    AddedRow({"microwave": _YES}, (Service.MICROWAVE,), (), "Key:microwave"),
)
# fmt: on

#: Union and party-service centres are told by their names; keys of which one must be there, so
#: that no stop or road of that name is one.
_UNION: Final = re.compile(
    "工会(?:.{0,6}(?:驿站|服务|之家|中心|小屋))|职工(?:之家|服务中心|驿站)|户外劳动者|劳动者港湾"
    "|暖蜂驿站|爱心驿站|骑手驿站|小哥驿站"
)
_PARTY: Final = re.compile("党群(?:服务|活动)|党员(?:服务|活动)|党建(?:服务|活动)中心")
NAMED_KEYS: Final = ("office", "building", "club", "government", "social_facility", "amenity")
_HOUSES: Final = frozenset(
    {
        "community_centre",
        "social_centre",
        "public_building",
        "public_service",
        "social_facility",
        "townhall",
    }
)
NAME_SOURCE: Final = "Key:name"
#: A fast-food place is told only where it is known to be open at night.
NIGHT_ONLY: Final = frozenset({PlaceType.FAST_FOOD})

#: Life cycles of what is not there, or not yet: as a key of its own and before other keys.
GONE: Final = (
    "disused",
    "abandoned",
    "demolished",
    "removed",
    "razed",
    "destroyed",
    "was",
    "construction",
    "proposed",
    "planned",
    "closed",
    "vacant",
)
#: Every key whose value decides whether something is a place.
DECIDING: Final = tuple(sorted({next(iter(row.tags)) for row in ROWS}))
GONE_KEYS: Final = tuple(f"{state}:{key}" for state in GONE for key in DECIDING)


class TagMeaning(NamedTuple):
    """What a set of tags says."""

    type: PlaceType
    services: tuple[Service, ...]
    """Sure, in vocabulary order."""
    maybe: tuple[Service, ...]
    """Only likely; none of the sure ones."""


def meaning(tags: Tags) -> TagMeaning | None:
    """The place that tags describe; None where they describe none."""
    rows = [row for row in ROWS if _holds(row.tags, tags) and not _spoilt(row.unless, tags)]
    named = _by_name(tags)
    if not rows and named is None:
        return None
    told = [(row.services, row.maybe) for row in rows]
    told += [_as_far_as_let_in(row, tags) for row in ADDED if _holds(row.tags, tags)]
    sure = {service for services, _ in told for service in services}
    likely = {service for _, maybe in told for service in maybe}
    likely |= {*_STATION} if named else set()
    refused = {service for key, service in _REFUSED.items() if tags.get(key) == "no"}
    return TagMeaning(named or rows[0].type, _ordered(sure), _ordered(likely - sure - refused))


#: Who may use what a key adds, by `shower:access` and the like; of others nobody knows.
_EVERYBODY: Final = ("yes", "public", "permissive", "designated")
#: Conditions of toilets are shown with their place (details.py).
_SHOWN: Final = ("customers", "permit")
_NOBODY: Final = ("no", "private", "employees", "staff", "members", "residents")


def _as_far_as_let_in(row: AddedRow, tags: Tags) -> tuple[tuple[Service, ...], tuple[Service, ...]]:
    """What a row adds, sure and likely: a shower for staff is none, one for customers is likely."""
    said = {key: tags.get(f"{key}:access", "yes") for key in row.tags}
    if any(who in _NOBODY for who in said.values()):
        return (), ()
    if all(who in _EVERYBODY or (key == "toilets" and who in _SHOWN) for key, who in said.items()):
        return row.services, row.maybe
    return (), (*row.services, *row.maybe)


#: A tag that says "no" takes away what would be likely.
_REFUSED: Final[Mapping[str, Service]] = {
    "toilets": Service.TOILET,
    "drinking_water": Service.DRINKING_WATER,
    "bench": Service.SEAT,
    "indoor_seating": Service.SEAT,
    "bottle": Service.WATER_REFILL,
    "internet_access": Service.WIFI,
    "compressed_air": Service.AIR_PUMP,
    "service:bicycle:pump": Service.AIR_PUMP,
    "microwave": Service.MICROWAVE,
}


#: Values of `operational_status`, spaces and hyphens as one sign.
_OUT_OF_USE: Final = (
    *("closed", "temporarily_closed", "permanently_closed", "out_of_order", "out_of_service"),
    *("broken", "damaged", "defect", "defective", "non_operational", "not_operational"),
    *("nonoperational", "inoperative", "non_functional", "nonfunctional", "not_working"),
    *("not_in_use", "unused", "disused", "abandoned", "under_construction", "construction"),
)


def gone(tags: Tags) -> bool:
    """Whether the tags say that what they describe is not there, or not in use."""
    status = re.sub(r"[\s-]+", "_", tags.get("operational_status", "").strip().lower())
    return status in _OUT_OF_USE or any(
        tags.get(state, "no") not in ("no", "") for state in (*GONE, "out_of_order")
    )


def former(tags: Tags) -> TagMeaning | None:
    """What was, or will be, a place: disused:amenity=toilets."""
    past = {
        key.partition(":")[2]: value for key, value in tags.items() if key.partition(":")[0] in GONE
    }
    return meaning(past) if past else None


def _by_name(tags: Tags) -> PlaceType | None:
    name = tags.get("name", "")
    if not name or not any(key in tags for key in NAMED_KEYS):
        return None
    if tags.get("amenity", "social_facility") not in _HOUSES:
        return None
    if _UNION.search(name):
        return PlaceType.UNION_CENTRE
    return PlaceType.PARTY_SERVICE_CENTRE if _PARTY.search(name) else None


def _holds(wanted: Mapping[str, Values], tags: Tags) -> bool:
    return all(_fits(tags.get(key), values) for key, values in wanted.items())


def _spoilt(unless: Mapping[str, Values], tags: Tags) -> bool:
    return any(_fits(tags.get(key), values) for key, values in unless.items())


def _fits(value: str | None, values: Values) -> bool:
    """A value may be a list: amenity=toilets;drinking_water."""
    if value is None:
        return False
    parts = {part.strip() for part in value.split(";")}
    if "no" in parts and len(parts) > 1 and "no" not in values:
        return False  # toilets=yes;no
    return not parts.isdisjoint(values) if values else parts != {"no"}


def _ordered(services: Iterable[Service]) -> tuple[Service, ...]:
    found = {*services}
    return tuple(service for service in Service if service in found)
