"""Reports that ask for work: places that moved or closed, hours that are wrong, and the rest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Response, request

from app.db import reports as stored
from app.db.database import Connection
from app.db.reports import WaitingReport
from app.desk.desk import Desk
from app.desk.page import page, refused
from app.desk.paging import paged
from app.desk.roles import Location, Verb
from app.desk.views import DeskRequest, ViewReach, Views, sent_on
from app.desk.waiting_reports import PlacedReport
from app.response.refusals import DeskRefusal
from app.voice import sealing
from app.voice.keys import NoKey
from app.words import Language, say
from geodata.errors import BadValue, NoSuchPlace, NuanfengError
from geodata.snapshot.overlay import ReportType

#: Of what was done, as it is written down.
_MOST_DID: Final = 200
#: How the list is sorted that is not sorted by age.
_NEWEST: Final = "newest"


@dataclass(frozen=True, slots=True)
class ListedReport:
    """A report that asks for work."""

    id: str
    place: str
    name: str
    """Empty where the place is no longer there."""
    where: Location
    type: ReportType
    received_at: datetime
    has_ticket: bool
    note: str | None
    """None: there is none, or it is not for this operator, or its key is gone."""


def add(views: Views) -> None:
    """Add the reports' views."""

    @views.add("/desk/reports", Verb.SEE, ViewReach.LIST)
    def reports(asked: DeskRequest) -> Response:
        return page(asked, "reports.html", **_values(asked))

    @views.add("/desk/reports/done", Verb.HANDLE, ViewReach.LIST, post=True)
    def all_done(asked: DeskRequest) -> Response:
        return _handled(asked, asked.fields.getlist("report"))

    @views.add(
        "/desk/reports/<report_id>/done", Verb.HANDLE, ViewReach.THING, post=True, where=where_of
    )
    def done(asked: DeskRequest, report_id: str) -> Response:
        return _handled(asked, [report_id])


def where_of(desk: Desk, connection: Connection, report_id: str) -> Location | None:
    """Whose a report is: that of the place that it is about."""
    row = stored.with_id(connection, report_id)
    return None if row is None else desk.where_of_place(row["place"])


def visible(asked: DeskRequest) -> list[PlacedReport]:
    """The reports that wait in the operator's part of the city, the oldest first."""
    with asked.desk.database.reading() as connection:
        found = asked.desk.reports(connection, asked.now)
    return [each for each in found if asked.sees(each.where)]


def type_texts(language: Language) -> dict[str, str]:
    """What riders report that asks for work, in words."""
    return {
        ReportType.MOVED: say(language, "It is somewhere else"),
        ReportType.WRONG_HOURS: say(language, "The opening hours are wrong"),
        ReportType.GONE: say(language, "It is not there any more"),
        ReportType.OTHER: say(language, "Something else"),
    }


def _listed(asked: DeskRequest, held: PlacedReport, sealed: bytes | None) -> ListedReport:
    """With its name and its note, which only a page's are opened of."""
    snapshot, row = asked.desk.snapshot(), held.row
    try:
        name = snapshot.name_of(snapshot.row_of(row.place))
    except NoSuchPlace:
        name = ""
    note = _note(asked, row, sealed) if sealed else None
    told = (row.received_at, row.has_ticket, note)
    return ListedReport(row.id, row.place, name, held.where, ReportType(row.type), *told)


def _note(asked: DeskRequest, row: WaitingReport, sealed: bytes) -> str | None:
    try:
        return sealing.unseal(asked.desk.keys, sealed, row.received_at)
    except NoKey:
        return None


def _notes(asked: DeskRequest, ids: list[str]) -> dict[str, bytes]:
    """What riders wrote with reports, sealed, for who may read it."""
    if not asked.may(Verb.HANDLE):
        return {}
    with asked.desk.database.reading() as connection:
        return stored.notes(connection, ids)


def _values(asked: DeskRequest) -> dict[str, Any]:
    street, kind = request.args.get("street", ""), request.args.get("type", "")
    newest = request.args.get("sort", "") == _NEWEST
    mine = visible(asked)
    found = [
        each for each in mine if street in ("", each.where.street) and kind in ("", each.row.type)
    ]
    here = paged(found[::-1] if newest else found)
    notes = _notes(asked, [each.row.id for each in here.shown])
    return {
        "reports": [_listed(asked, each, notes.get(each.row.id)) for each in here.shown],
        "paged": here,
        "types": type_texts(asked.language),
        "streets": sorted({each.where.street for each in mine if each.where.street}),
        "chosen": {"street": street, "type": kind, "sort": _NEWEST if newest else ""},
        "most": _MOST_DID,
    }


def _handled(asked: DeskRequest, ids: list[str]) -> Response:
    try:
        _handle(asked, ids)
    except NuanfengError as fault:
        return refused(asked, "reports.html", fault, **_values(asked))
    asked.desk.hurry()
    return sent_on("/desk/reports")


def _handle(asked: DeskRequest, ids: list[str]) -> None:
    """Write that reports were dealt with, all or none.

    Raises BadValue, NoSuchThing, DeskRefusal.
    """
    did = asked.field("did")
    if not ids or len(did) > _MOST_DID:
        raise BadValue(
            "Tick at least one report; what was done is said in at most {most} characters.",
            most=_MOST_DID,
        )

    def unit(connection: Connection) -> None:
        for report_id in ids:
            asked.require(where_of(asked.desk, connection, report_id))
            by = asked.operator.name
            if not stored.handle(connection, report_id, asked.now, by, did):
                raise DeskRefusal("Somebody else has dealt with this report, or it was withdrawn.")
            asked.note(connection, "handled", f"report {report_id}", "did", "", did)

    asked.desk.database.write(unit)
