"""The shapes of what riders are told of what they say, for the OpenAPI document. Nothing is made
of them.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from app.request.letters import Category, HoldersWord
from geodata.places.directory import Benefit, Contact, Event
from geodata.snapshot.overlay import ReportType
from geodata.vocabulary import Need


class ReportsNow(msgspec.Struct):
    """What is said of places at this moment."""

    revision: Annotated[str, Meta(description="The same for the same reports.")]
    notices: Annotated[
        str, Meta(description="The revision of the notices: cells and tiles are asked with it.")
    ]
    dataVersion: str  # noqa: N815  # the contract's spelling
    places: Annotated[
        dict[str, dict[str, Any]],
        Meta(
            description=(
                "By place, of each type [how many say so, since when, until when]: two or more, and"
                " it has an effect; one whose ticket proves presence counts as two. `verified`: the"
                " last day on which one who was there found all in order."
            )
        ),
    ]


class ReportKept(msgspec.Struct):
    """A report that was kept."""

    id: str
    place: str
    type: ReportType
    seen_at: Annotated[str, Meta(description="RFC 3339, UTC.")]
    expires: Annotated[
        str, Meta(description="When it ends, if nobody says the contrary; RFC 3339, UTC.")
    ]
    present: Annotated[bool, Meta(description="Whether a ticket proved presence.")]
    withdraw_until: Annotated[
        str, Meta(description="Until when it can be taken back; RFC 3339, UTC.")
    ]


class TicketGiven(msgspec.Struct):
    """What a scanned plate is worth."""

    place: str
    ticket: Annotated[
        str | None,
        Meta(description="Goes with reports of this place; null: this plate proves nothing."),
    ]
    expires: Annotated[str | None, Meta(description="When the ticket ends; RFC 3339, UTC.")]


class ReportedOpening(msgspec.Struct):
    """What riders say that decides whether one gets in."""

    type: ReportType
    count: Annotated[int, Meta(description="How many say so; with a ticket each counts as two.")]
    since: Annotated[str, Meta(description="RFC 3339, UTC.")]
    expires: Annotated[str, Meta(description="RFC 3339, UTC.")]


class LetterTaken(msgspec.Struct):
    """A letter that was taken."""

    id: str
    category: Category
    street: Annotated[str, Meta(description="Who is to answer; empty: the city's answerers.")]
    received_at: datetime
    due_on: Annotated[date, Meta(description="By which day an answer is due: 5 working days, 1.")]
    synthetic: bool


class LetterStep(msgspec.Struct):
    """Something that happened to a letter."""

    kind: Literal[
        "assigned", "answered", "refused", "handed_over", "solved", "not_solved", "withdrawn"
    ]
    at: datetime
    by: Annotated[str, Meta(description="Of an answer: who gave it.")]
    to: Annotated[str, Meta(description="Who is to answer.")]
    until: Annotated[str, Meta(description="By which day.")]
    text: str | None
    elsewhere: Annotated[
        str | None, Meta(description="Who else can help; of a hand-over the reference.")
    ]


class OwnLetter(LetterTaken):
    """A letter as who holds its receipt reads it."""

    place: str
    state: Literal[
        "received",
        "assigned",
        "answered",
        "reopened",
        "solved",
        "no_reaction",
        "refused",
        "handed_over",
        "withdrawn",
    ]
    since: datetime
    urgency: Literal["in_time", "due", "late"] | None
    silent_at: Annotated[
        datetime | None, Meta(description="When it ends unless its holder says something.")
    ]
    reopened: int
    text: Annotated[str | None, Meta(description="null: it is gone.")]
    where: str | None
    pin: Annotated[str | None, Meta(description="`lon,lat`, as it was put on a map; or empty.")]
    may: Annotated[list[HoldersWord], Meta(description="What its holder may say now.")]
    told: list[LetterStep]


class LetterEnded(msgspec.Struct):
    """Where a letter stands after its holder's word."""

    state: str
    since: datetime


class WaitQuantile(msgspec.Struct):
    """By when a share has come to its end."""

    value: float
    reached: Annotated[bool, Meta(description="false: it takes longer than the longest, `value`.")]


class WaitQuantiles(msgspec.Struct):
    """The median, and by when nine in ten."""

    median: WaitQuantile | None
    p90: WaitQuantile | None


class LetterFigures(msgspec.Struct):
    """What is told of some letters."""

    received: int | None
    answered: int | None
    solved: int | None
    reopened: int | None
    waiting: int | None
    longest_days: int | None
    answer_hours: WaitQuantiles
    solved_days: WaitQuantiles


class CategoryFigures(LetterFigures):
    """Of a category; null: of several that are too small."""

    category: Category | None


class StreetFigures(LetterFigures):
    """Of a street office (empty: the city's answerers); null: of several that are too small."""

    street: str | None


class LetterClock(msgspec.Struct):
    """The public clock of letters."""

    days: int
    fewest: int
    whole: LetterFigures
    categories: list[CategoryFigures]
    streets: list[StreetFigures]


class Contacts(msgspec.Struct):
    """Whom to call."""

    revision: Annotated[str, Meta(description="The same for the same directory.")]
    items: list[Contact]


class EventNear(Event, frozen=True, kw_only=True):
    """An event; `distance_m` where a point was asked from (null: nobody says where it is)."""

    distance_m: int | None = None


class Events(msgspec.Struct):
    """What takes place."""

    revision: str
    items: list[EventNear]


class Benefits(msgspec.Struct):
    """What one is entitled to."""

    revision: str
    items: list[Benefit]


class Directory(msgspec.Struct):
    """The directory as a phone keeps it: what is empty is left out."""

    contacts: list[dict[str, Any]]
    events: list[dict[str, Any]]
    benefits: list[dict[str, Any]]
    left_out: Annotated[
        dict[str, int] | UnsetType, Meta(description="How many of each found no room.")
    ] = UNSET


class WishedCell(msgspec.Struct):
    """Where three or more wish for a place."""

    cell: Annotated[str, Meta(description="A geohash of 6 letters.")]
    lon: Annotated[float, Meta(description="Of its middle, WGS-84.")]
    lat: Annotated[float, Meta(description="Of its middle, WGS-84.")]
    count: int
    needs: Annotated[dict[Need, int], Meta(description="How many for what, from three on.")]
    state: Literal["open", "kept", "built", "refused"]
    reason: str
    since: Annotated[str | None, Meta(description="When that was said; RFC 3339, UTC.")]
    synthetic: bool


class WishedFor(msgspec.Struct):
    """Where riders wish for places."""

    revision: str
    fewest: int
    cells: list[WishedCell]
