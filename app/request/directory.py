"""What can be asked of the directory, and what a wish may say."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from app.request.types import InDatum, InLanguage, Lat, Lon
from geodata.space.coordinates import Datum
from geodata.vocabulary import Help, Mode, Need

#: Letters of a wish's note.
MOST_NOTE: Final = 500
#: The finest position that is ever written: 1.2 km by 0.6 km.
CELL: Final = "^[0-9b-hjkmnp-z]{6}$"

HelpNeeds = Annotated[
    tuple[Help, ...], Meta(min_length=1, description="For any of these, comma-separated.")
]
District = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=80,
        description="Of this district, or of the whole city; its name as the dataset has it.",
    ),
]


class When(StrEnum):
    """Which events are asked for."""

    ANY = "any"
    TODAY = "today"


class DirectoryQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What `/api/v1/contacts` and `/api/v1/benefits` take, and their pages."""

    needs: HelpNeeds | UnsetType = UNSET
    district: District | UnsetType = UNSET
    lang: InLanguage | UnsetType = UNSET


class EventsQuery(DirectoryQuery, frozen=True, kw_only=True):
    """What `/api/v1/events` takes, and its page."""

    when: Annotated[When, Meta(description="today: by the city's clock.")] = When.ANY
    lon: Lon | UnsetType = UNSET
    lat: Lat | UnsetType = UNSET
    datum: InDatum = Datum.WGS84


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What one event's address takes."""

    lang: InLanguage | UnsetType = UNSET


class WishPageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of wishes takes: where a wish is to be, and for what."""

    cell: Annotated[str, Meta(pattern=CELL)] | UnsetType = UNSET
    needs: Annotated[tuple[Need, ...], Meta(min_length=1)] | UnsetType = UNSET
    lang: InLanguage | UnsetType = UNSET


class WishPost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wish for a place."""

    cell: Annotated[
        str,
        Meta(
            pattern=CELL,
            description="A geohash of 6 letters (1.2 km by 0.6 km): no finer position is taken.",
            examples=["ws105r"],
        ),
    ]
    needs: Annotated[
        tuple[Need, ...],
        Meta(min_length=1, max_length=len(Need), description="What one would find there."),
    ]
    mode: Annotated[Mode, Meta(description="How one would come.")]
    hour: (
        Annotated[int, Meta(ge=0, le=23, description="At what hour of the day, 0–23.")] | UnsetType
    ) = UNSET
    note: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=MOST_NOTE,
                description="For those who plan places, and nobody else; kept encrypted.",
            ),
        ]
        | UnsetType
    ) = UNSET


class WishTaken(msgspec.Struct):
    """A wish that was taken."""

    id: str
    cell: str
    needs: list[Need]
    mode: Mode
    hour: int | None
    received_at: datetime
