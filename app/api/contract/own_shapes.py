"""The shapes of what the server says of itself, for the OpenAPI document. Nothing is made of
them.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.api.contract.shapes import NetworkUsed


class Alive(msgspec.Struct):
    """The process answers."""

    status: Literal["alive"]


class Heard(msgspec.Struct):
    """The database that this server's data comes from."""

    heardAgoS: Annotated[  # noqa: N815  # the contract's spelling
        float | None, Meta(description="Seconds since it last answered this server; null: never.")
    ]


class Part(msgspec.Struct):
    """One of the things that answers hang on."""

    status: Literal["ok", "degraded"]
    why: Annotated[
        str | None, Meta(description="What is wrong, or soon will be, in words; null: nothing.")
    ]


class Parts(msgspec.Struct):
    """Each thing that answers hang on. Degraded: questions are answered, and something of the
    answer is missing or old.
    """

    data: Part
    network: Part
    ground: Part
    shared: Part
    voice: Part
    calendar: Part
    kernels: Part
    disk: Part
    clock: Part


class Ready(msgspec.Struct):
    """What stands behind the answers."""

    status: Annotated[
        Literal["ready", "degraded"],
        Meta(
            description=(
                "degraded: something that was asked for is missing or old, as `parts` says, and"
                " questions are answered."
            )
        ),
    ]
    parts: Parts
    network: NetworkUsed | None
    shared: Heard | None
    compiling: Annotated[
        list[str],
        Meta(
            description=(
                "Kinds of questions whose code is still being compiled, after the first start of a"
                " version: the first of each may take some seconds."
            )
        ),
    ]
    dataset: str
    title: str
    synthetic: bool
    dataVersion: str  # noqa: N815  # the contract's spelling
    dataDate: str  # noqa: N815  # the contract's spelling
    dataAgeDays: int  # noqa: N815  # the contract's spelling
    places: int
    counts: dict[str, int]
    area: str
    licence: str
    source: str
    calendarKnownUntil: str  # noqa: N815  # the contract's spelling
    calendarWarning: Annotated[  # noqa: N815  # the contract's spelling
        str | None,
        Meta(
            description=(
                "From 1 November on, while the holidays of next year are not known: that they are"
                " not, and what to do. Null: nothing is missing."
            )
        ),
    ]
