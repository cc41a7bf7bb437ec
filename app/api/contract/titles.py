"""What the OGC collections are called and hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from geodata.vocabulary import Kind

DISTRICTS: Final = "districts"
STREET_OFFICES: Final = "street_offices"
ZONES: Final = "zones"
_EXACT: Final = "`approximate` says of each whether its outline is drawn by us or was imported."


@dataclass(frozen=True, slots=True)
class Title:
    """What a collection is called, in both languages at once, and what it holds."""

    title: str
    description: str


TITLES: Final[Mapping[str, Title]] = {
    Kind.WARM_BEE_STATION: Title(
        "暖蜂驿站 · Warm-bee stations", "Rest stations for couriers and riders."
    ),
    Kind.DRIVER_HOME: Title(
        "司机之家 · Driver homes", "Homes for truck and ride-hailing drivers, with their zones."
    ),
    Kind.WARM_BEE_STREET: Title(
        "暖蜂一条街 · Warm-bee streets", "Streets of friendly merchants, as lines."
    ),
    Kind.FRIENDLY_MERCHANT: Title(
        "爱心商户 · Friendly merchants", "Merchants with an offer for those who deliver."
    ),
    Kind.PUBLIC_PLACE: Title(
        "公共场所 · Public places",
        "Toilets, drinking water, chargers, shelters, libraries and the like, from maps.",
    ),
    DISTRICTS: Title("区 · Districts", f"The ten districts; {_EXACT}"),
    STREET_OFFICES: Title("街道 · Street offices", f"The 74 street offices; {_EXACT}"),
    ZONES: Title(
        "片区 · Zones", "What else the city is divided into, where a layer of it was imported."
    ),
}
