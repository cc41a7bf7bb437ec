"""What riders post, as values: the members of each post's JSON."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from geodata.snapshot.overlay import ReportType

_Type = Annotated[
    ReportType,
    Meta(
        description=(
            "closed, full, no_entry: nobody gets in; open; no_water, no_power; all_right; moved,"
            " wrong_hours, gone, other: for those who keep the list."
        )
    ),
]
_SeenAt = Annotated[
    datetime,
    Meta(
        tz=True,
        description=(
            "When it was seen, RFC 3339 with offset, if not now: within the last 24 hours."
        ),
        examples=["2026-11-30T02:00:00+08:00"],
    ),
]
_Note = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        description="For those who keep the list, and nobody else; kept encrypted.",
    ),
]
_Ticket = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=60,
        description="Proves that one stood there: from POST /api/v1/plates, up to 15 minutes ago.",
    ),
]
_Proof = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=120,
        description=(
            "`challenge:nonce`, where a challenge was sent: SHA-256 of it begins with as many zero"
            " bits as were asked for."
        ),
    ),
]
_Token = Annotated[
    str,
    Meta(min_length=1, max_length=60, description="What stands behind #k= on the plate at a door."),
]
_Place = Annotated[str, Meta(min_length=1, max_length=40, description="The id of a place.")]


class ReportPost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a rider says of a place."""

    type: _Type
    seen_at: _SeenAt | UnsetType = UNSET
    note: _Note | UnsetType = UNSET
    ticket: _Ticket | UnsetType = UNSET
    proof: _Proof | UnsetType = UNSET


class PlatePost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plate that was scanned."""

    place: _Place
    token: _Token
