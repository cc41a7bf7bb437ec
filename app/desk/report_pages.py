"""Reports that ask for work: places that moved or closed, hours that are wrong, and the rest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Response, request

from app.db import reports as stored
from app.db.database import Connection
from app.desk.desk import Desk
from app.desk.page import page, refused
from app.desk.roles import Location, Verb
from app.desk.views import DeskRequest, ViewReach, Views, sent_on
from app.response.refusals import DeskRefusal
from app.voice import sealing
from app.voice.keys import NoKey
from app.voice.reports import TO_INBOX
from app.words import Language, say
from geodata.errors import BadValue, NoSuchPlace, NuanfengError
from geodata.snapshot.overlay import ReportType

#: Of what was done, as it is written down.
_MOST_DID: Final = 200
_PAGE: Final = 50


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


def visible(asked: DeskRequest) -> list[ListedReport]:
    """The reports that wait in the operator's part of the city, the oldest first."""
    types = sorted(str(each) for each in TO_INBOX)
    with asked.desk.database.reading() as connection:
        rows = stored.waiting(connection, types, asked.now)
    listed = (_listed(asked, dict(row)) for row in rows)
    return [each for each in listed if asked.sees(each.where)]


def type_texts(language: Language) -> dict[str, str]:
    """What riders report that asks for work, in words."""
    return {
        ReportType.MOVED: say(language, "It is somewhere else"),
        ReportType.WRONG_HOURS: say(language, "The opening hours are wrong"),
        ReportType.GONE: say(language, "It is not there any more"),
        ReportType.OTHER: say(language, "Something else"),
    }


def _listed(asked: DeskRequest, row: dict[str, Any]) -> ListedReport:
    snapshot = asked.desk.snapshot()
    try:
        name = snapshot.name_of(snapshot.row_of(row["place"]))
    except NoSuchPlace:
        name = ""
    note = _note(asked, row) if asked.may(Verb.HANDLE) and row["note"] else None
    where = asked.desk.where_of_place(row["place"])
    kind, at = ReportType(row["type"]), row["received_at"]
    return ListedReport(row["id"], row["place"], name, where, kind, at, row["has_ticket"], note)


def _note(asked: DeskRequest, row: dict[str, Any]) -> str | None:
    try:
        return sealing.unseal(asked.desk.keys, row["note"], row["received_at"])
    except NoKey:
        return None


def _values(asked: DeskRequest) -> dict[str, Any]:
    street, kind = request.args.get("street", ""), request.args.get("type", "")
    mine = visible(asked)
    found = [
        each for each in mine if street in ("", each.where.street) and kind in ("", str(each.type))
    ]
    return {
        "reports": found[:_PAGE],
        "count": len(found),
        "types": type_texts(asked.language),
        "streets": sorted({each.where.street for each in mine if each.where.street}),
        "chosen": {"street": street, "type": kind},
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
