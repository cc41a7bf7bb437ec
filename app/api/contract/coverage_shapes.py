"""What /api/v1/coverage answers, as types."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.api.contract.shapes import NetworkUsed


class DemandAsked(msgspec.Struct):
    """What shares are taken of."""

    title: str
    title_en: str
    points: int
    weight: float


class TypicalDay(msgspec.Struct):
    """A day whose hours are told: its kind, and the date that stands for it."""

    kind: Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU", "PH", "WORKDAY"]
    date: str


Share = Annotated[
    float | list[list[float | None]] | None,
    Meta(
        description=(
            "Of the weight; null where there is none. With hourly=true a list of 24 for each of"
            " `days`."
        )
    ),
]


class CoveredArea(msgspec.Struct):
    """Shares of one area's weight that is judged, which add up to 1.

    Without names: points in no area.
    """

    code: str | None
    name: str | None
    name_en: str | None
    district: str | None
    points: int
    points_outside: Annotated[int, Meta(description="Not in the service area: part of no share.")]
    points_off_road: Annotated[
        int,
        Meta(
            description="With reach_kind network: on no road that leads anywhere, part of no share."
        ),
    ]
    weight: float
    share_open: Share
    share_unknown: Share
    share_closed: Share
    share_none: Share


class Coverage(msgspec.Struct):
    """Who is served."""

    dataVersion: str  # noqa: N815  # the contract's spelling
    synthetic: bool
    at: str
    reach_m: Annotated[
        float | None, Meta(description="Straight metres; of an estimate those of its minutes.")
    ]
    reach_kind: Annotated[
        Literal["geodesic", "estimate", "network"],
        Meta(
            description=(
                "estimate: minutes from the straight line; network: minutes of the way over the"
                " roads."
            )
        ),
    ]
    minutes: float | None
    mode: Annotated[
        str | None, Meta(description="How people travel; null: the reach is in metres.")
    ]
    network: Annotated[NetworkUsed | None, Meta(description="null: metres, or an estimate.")]
    demand: DemandAsked
    areas: list[CoveredArea]
    days: list[TypicalDay] = []
