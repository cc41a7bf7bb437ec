"""The vocabulary in the reader's language: official Chinese words, or English ones.

Adds no word to the vocabulary.
"""

from collections.abc import Mapping
from typing import Any, Final

from app.words import Language, say
from geodata import vocabulary
from geodata.vocabulary import (
    Audience,
    Door,
    Help,
    Kind,
    Mode,
    Need,
    Service,
    Wheelchair,
    Word,
    YesNo,
    Zone,
)

KINDS: Final[Mapping[Kind, str]] = {
    Kind.WARM_BEE_STATION: "Warm-bee station",
    Kind.DRIVER_HOME: "Driver home",
    Kind.WARM_BEE_STREET: "Warm-bee street",
    Kind.FRIENDLY_MERCHANT: "Friendly merchant",
    Kind.PUBLIC_PLACE: "Public place",
}
NEEDS: Final[Mapping[Need, str]] = {
    Need.REST: "Rest",
    Need.WATER: "Water",
    Need.HEAT_FOOD: "Heat food",
    Need.TALK: "Talk",
    Need.RECHARGE: "Power",
    Need.LEARN: "Learn",
}
HELPS: Final[Mapping[Help, str]] = {
    **{Help(need): word for need, word in NEEDS.items()},
    Help.EMERGENCY: "Emergency",
    Help.HEALTH: "Health",
    Help.LEGAL: "Law",
    Help.PAY: "Pay and contract",
    Help.INSURANCE: "Insurance",
    Help.VEHICLE: "Vehicle",
    Help.FAMILY: "Family",
    Help.HOUSING: "Housing",
    Help.OFFICE: "Public offices",
}
MAP_APPS: Final[Mapping[str, str]] = {
    "amap": "Amap",
    "baidu": "Baidu Maps",
    "tencent": "Tencent Maps",
    "google": "Google Maps",
    "apple": "Apple Maps",
    "osmand": "OsmAnd",
    "geo": "Other app",
}
SERVICES: Final[Mapping[Service, str]] = {
    Service.SEAT: "Seats",
    Service.NAP_SPACE: "Place to nap",
    Service.AIR_CON: "Air conditioning",
    Service.TOILET: "Toilet",
    Service.SHOWER: "Shower",
    Service.WOMEN_ROOM: "Women's room",
    Service.NURSING_ROOM: "Nursing room",
    Service.DRINKING_WATER: "Drinking water",
    Service.HOT_WATER: "Hot water",
    Service.MICROWAVE: "Microwave",
    Service.FRIDGE: "Fridge",
    Service.COUNSELLOR: "Counsellor",
    Service.HOTLINE: "Hotline",
    Service.LEGAL_AID: "Legal aid",
    Service.PHONE_CHARGE: "Phone charging",
    Service.EBIKE_CHARGE: "E-bike charging",
    Service.BATTERY_SWAP: "Battery swap",
    Service.EV_CHARGE: "Car charging",
    Service.BOOKS: "Books",
    Service.COURSES: "Courses",
    Service.FIRST_AID: "First-aid kit",
    Service.AED: "AED",
    Service.WIFI: "Wi-Fi",
    Service.UMBRELLA: "Umbrellas",
    Service.AIR_PUMP: "Air pump",
    Service.TRUCK_PARKING: "Truck parking",
    Service.BIKE_PARKING: "Bike parking",
    Service.STICKER_DESK: "Rider card desk",
    Service.LAUNDRY: "Laundry",
    Service.HAIRCUT: "Haircuts",
    Service.MEALS: "Meals",
    Service.WATER_REFILL: "Water refill",
    Service.SHELTER: "Shelter",
    Service.FUEL: "Fuel",
    Service.BIKE_REPAIR: "Bike repair",
    Service.MEDICINE: "Medicine",
    Service.SNACKS: "Snacks",
    Service.HOT_FOOD: "Hot food",
    Service.REST_STOP: "Stop to rest",
}
AUDIENCES: Final[Mapping[Audience, str]] = {
    Audience.COURIER: "Couriers",
    Audience.RIDER: "Food-delivery riders",
    Audience.TRUCK_DRIVER: "Truck drivers",
    Audience.RIDE_HAILING_DRIVER: "Ride-hailing drivers",
}
ZONES: Final[Mapping[Zone, str]] = {
    Zone.RED_GUIDANCE: "Red guidance",
    Zone.ORANGE_ENTERPRISE: "Orange enterprise",
    Zone.GREEN_PASSAGE: "Green passage",
    Zone.SPECIAL_CARE: "Special care",
}
DOORS: Final[Mapping[Door, str]] = {
    Door.OPEN: "Walk in",
    Door.STAFFED: "Staffed",
    Door.CODE: "Door code",
    Door.QR: "Scan QR",
    Door.FACE: "Face check",
    Door.UNKNOWN: "Entry unknown",
}
FEES: Final[Mapping[YesNo, str]] = {YesNo.YES: "Costs money", YesNo.NO: "Free of charge"}
WHEELCHAIRS: Final[Mapping[Wheelchair, str]] = {
    Wheelchair.YES: "Step-free",
    Wheelchair.LIMITED: "Partly step-free",
    Wheelchair.NO: "Not step-free",
}
MODES: Final[Mapping[Mode, str]] = {
    Mode.WALK: "Walk",
    Mode.RIDE: "E-bike",
    Mode.DRIVE: "Car",
    Mode.TRUCK: "Truck",
}
REGISTERS: Final[Mapping[YesNo, str]] = {
    YesNo.YES: "Register before you first come",
    YesNo.NO: "No registering",
}

_TABLES: Final[Mapping[str, tuple[Mapping[Any, str], Mapping[Any, Word]]]] = {
    "kinds": (KINDS, vocabulary.KIND_WORDS),
    "needs": (NEEDS, vocabulary.NEED_WORDS),
    "services": (SERVICES, vocabulary.SERVICE_WORDS),
    "audiences": (AUDIENCES, vocabulary.AUDIENCE_WORDS),
    "zones": (ZONES, vocabulary.ZONE_WORDS),
    "types": (vocabulary.PLACE_TYPE_ENGLISH, vocabulary.PLACE_TYPE_WORDS),
}

#: Words that no source publishes, or not so that they can stand alone.
_SAID: Final[Mapping[str, Mapping[Any, str]]] = {
    "doors": DOORS,
    "fees": FEES,
    "wheelchairs": WHEELCHAIRS,
    "registers": REGISTERS,
    "modes": MODES,
}


def labels(language: Language) -> dict[str, dict[str, str]]:
    """Every word of the vocabulary: table -> member value -> label, in vocabulary order."""
    # Doors are translated: beside a state of opening, the official 开放 and 未知 would be read as
    # that.
    said = {name: _said(language, table) for name, table in _SAID.items()}
    return {name: _table(language, *both) for name, both in _TABLES.items()} | said


def help_labels(language: Language) -> dict[str, str]:
    """What contacts, events and benefits are for: member value -> label."""
    return _table(language, HELPS, vocabulary.HELP_WORDS)


def _said(language: Language, table: Mapping[Any, str]) -> dict[str, str]:
    return {str(member): say(language, label) for member, label in table.items()}


def _table(
    language: Language, english: Mapping[Any, str], chinese: Mapping[Any, Word]
) -> dict[str, str]:
    if language is Language.ENGLISH:
        return {str(member): label for member, label in english.items()}
    return {str(member): word.official for member, word in chinese.items()}
