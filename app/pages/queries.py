"""What the pages' addresses may say: one type of query a page."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from app.request import queries, types
from app.request.parsing import Unreadable, shown
from app.response.problems import BadParameters
from geodata.hours.zone import TimeZone
from geodata.search.filter import Open, Register
from geodata.vocabulary import Mode

Word = Annotated[str, Meta(description="A code or an id.")]


class PageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What `/` takes.

    Filters and place are for the page's script: a shared address opens as it was left.
    """

    lang: types.InLanguage | msgspec.UnsetType = msgspec.UNSET
    street: Word | msgspec.UnsetType = msgspec.UNSET
    needs: types.Needs | msgspec.UnsetType = msgspec.UNSET
    kinds: types.Kinds | msgspec.UnsetType = msgspec.UNSET
    services: types.Services | msgspec.UnsetType = msgspec.UNSET
    audience: types.Who | msgspec.UnsetType = msgspec.UNSET
    door: types.Doors | msgspec.UnsetType = msgspec.UNSET
    open: types.Opening = Open.NOW
    stay_min: types.Stay = 0
    max_distance_m: types.Reach | msgspec.UnsetType = msgspec.UNSET
    include_unknown: types.Unknown = True
    register: types.Registering = Register.ANY
    place: Word | msgspec.UnsetType = msgspec.UNSET
    near: Word | msgspec.UnsetType = msgspec.UNSET
    near_name: Word | msgspec.UnsetType = msgspec.UNSET
    part: Annotated[
        int, Meta(ge=1, le=10_000, description="Which part of a street's long list.")
    ] = 1


Confirmed = Annotated[
    bool, Meta(description="Whether the reader knows that the plate is of made-up data.")
]


class Paper(StrEnum):
    """What plates are printed on."""

    A4 = "a4"
    A5 = "a5"
    A6 = "a6"

    @property
    def plates(self) -> int:
        """How many stand on a page."""
        return 4 if self is Paper.A4 else 1

    @property
    def size(self) -> str:
        """Width and height as CSS has them (ISO 216); browsers know no A6 by name."""
        return {Paper.A4: "210mm 297mm", Paper.A5: "148mm 210mm", Paper.A6: "105mm 148mm"}[self]


PaperAsked = Annotated[Paper, Meta(description="The paper: four plates on A4, or one on A5 or A6.")]


class PlateQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What `/p/{id}/plate` takes."""

    paper: PaperAsked = Paper.A5
    lang: types.InLanguage | msgspec.UnsetType = msgspec.UNSET
    confirm: Confirmed = False


class PlatesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What `/plates` takes."""

    street: Word = ""
    part: Annotated[
        int, Meta(ge=1, le=10_000, description="Which part of a long list of plates.")
    ] = 1
    paper: PaperAsked = Paper.A4
    lang: types.InLanguage | msgspec.UnsetType = msgspec.UNSET
    confirm: Confirmed = False


class CoveragePageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What `/coverage` takes: a few of the questions that `/api/v1/coverage` answers."""

    needs: types.Needs | msgspec.UnsetType = msgspec.UNSET
    kinds: types.Kinds | msgspec.UnsetType = msgspec.UNSET
    reach_m: types.Nearby | msgspec.UnsetType = msgspec.UNSET
    minutes: types.MinutesAway | msgspec.UnsetType = msgspec.UNSET
    mode: types.Travel = Mode.WALK
    at: types.Instant | msgspec.UnsetType = msgspec.UNSET
    lang: types.InLanguage | msgspec.UnsetType = msgspec.UNSET

    def asked(self) -> queries.CoverageQuery:
        """The same as the API has it."""
        return queries.CoverageQuery(
            needs=self.needs,
            kinds=self.kinds,
            reach_m=self.reach_m,
            minutes=self.minutes,
            mode=self.mode,
            at=self.at,
        )

    def answerable(
        self, now: datetime, zone: TimeZone
    ) -> "tuple[CoveragePageQuery, tuple[Unreadable, ...]]":
        """The question without what cannot be asked of a city in a time zone, such as two
        reaches; and what that was.
        """
        try:
            self.asked().instant(now, zone)
            self.asked().within()
        except BadParameters as refused:
            names = [fault.parameter for fault in refused.faults]
            left_out = tuple(Unreadable(name, shown(getattr(self, name))) for name in names)
            mended = msgspec.structs.replace(self, **dict.fromkeys(names, msgspec.UNSET))
            query, more = mended.answerable(now, zone)
            return query, (*left_out, *more)
        return self, ()

    def stated(self) -> dict[str, str]:
        """What links from the page keep of it, as an address has it: metres or minutes by a mode
        always among it.
        """
        lists = {"needs": self.needs, "kinds": self.kinds}
        kept = {name: ",".join(values) for name, values in lists.items() if values}
        if self.minutes is msgspec.UNSET:
            kept["reach_m"] = (
                f"{queries.MODEST_REACH_M if self.reach_m is msgspec.UNSET else self.reach_m:g}"
            )
        else:
            kept |= {"minutes": f"{self.minutes:g}", "mode": str(self.mode)}
        return kept if self.at is msgspec.UNSET else {**kept, "at": self.at.isoformat()}
